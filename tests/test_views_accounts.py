import re

import pytest
from django.core import mail
from django.test import Client, RequestFactory
from django.utils import timezone

from assessments.models import Membership, User
from assessments.views.accounts import AccountAdapter, Backend
from tests import factories
from tests.conftest import signed_in, told, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

LOGIN, LOGOUT, RESET = "/accounts/login/", "/accounts/logout/", "/accounts/password/reset/"
CHANGE, KEYS = "/accounts/password/change/", "/accounts/keys/"
NEW_PASSWORD = "meadow-harvest-lantern"
WRONG = "The email address and/or password you specified are not correct."
TRIES = 10
OFF_SITE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    "\thttps://evil.example",
    " https://evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "//evil.example/%2f..",
    "https://testserver@evil.example",
    "https://testserver.evil.example",
    "//evil.example\\@testserver",
    "data:text/html,x",
]


def sign_in(client, person, password=factories.PASSWORD, **extra):
    return client.post(LOGIN, {"login": person.email, "password": password, **extra})


def is_signed_in(client):
    return client.get("/assessments/").status_code == 200


def reset_link():
    """The address in the last mail, without its host."""
    return re.search(r"http://[^/]+(\S+)", mail.outbox[-1].body)[1]


def form_behind(client, link):
    return client.get(link, follow=True).request["PATH_INFO"]


def choose(client, link, first=NEW_PASSWORD, second=NEW_PASSWORD):
    return client.post(form_behind(client, link), {"password1": first, "password2": second})


# signing in


def test_sign_in_leads_home(client, supervisor):
    response = sign_in(client, supervisor)

    assert (response.status_code, response.url, is_signed_in(client)) == (302, "/", True)


def test_sign_in_takes_the_address_in_any_case(client, supervisor):
    client.post(LOGIN, {"login": supervisor.email.upper(), "password": factories.PASSWORD})

    assert is_signed_in(client) is True


def test_sign_in_returns_to_the_page_that_was_asked_for(client, supervisor):
    response = sign_in(client, supervisor, next="/assessments/?page=2")

    assert response.url == "/assessments/?page=2"


@pytest.mark.parametrize("target", OFF_SITE)
def test_sign_in_leads_to_no_other_site(client, supervisor, target):
    response = sign_in(client, supervisor, next=target)

    assert response.url == "/"


@pytest.mark.parametrize("target", OFF_SITE)
def test_sign_in_page_links_no_other_site(client, target):
    html = client.get(LOGIN, {"next": target}).text

    assert re.findall(r'(?:href|action|src)="[^"]*evil[^"]*"', html) == []


@pytest.mark.parametrize(
    ("came_from", "returns_to"),
    [
        ("http://testserver/assessments/?page=2", "/assessments/%3Fpage%3D2"),
        ("http://testserver/", "/"),
        ("https://testserver/help/", "/accounts/keys/"),
        ("http://testserver.evil.example/", "/accounts/keys/"),
        ("/help/", "/accounts/keys/"),
    ],
)
def test_form_sent_signed_out_is_found_again_on_its_page(client, came_from, returns_to):
    """The address it was sent to only takes what is sent."""
    response = client.post("/accounts/keys/", headers={"referer": came_from})

    assert response.url == f"{LOGIN}?next={returns_to}"


def test_sign_in_changes_the_session(client, supervisor):
    client.get(LOGIN)
    client.session.save()
    before = client.session.session_key

    sign_in(client, supervisor)

    assert client.session.session_key != before


def test_sign_in_is_forgotten_when_the_session_ends(client, supervisor):
    sign_in(client, supervisor)

    assert client.session.get_expire_at_browser_close() is True


def test_sign_in_with_a_wrong_password_says_so(client, supervisor):
    response = sign_in(client, supervisor, "wrong")

    assert (response.status_code, is_signed_in(client)) == (200, False)
    assert WRONG in words(response)


def test_sign_in_says_the_same_of_an_unknown_address(client, supervisor):
    known = words(sign_in(client, supervisor, "wrong")).replace(supervisor.email, "")

    unknown = words(client.post(LOGIN, {"login": "nobody@example.org", "password": "wrong"}))

    assert unknown == known


def test_sign_in_asks_for_both_fields(client):
    response = client.post(LOGIN, {"login": ""})

    assert sorted(response.context["form"].errors) == ["login", "password"]
    assert "There is a problem" in words(response)


def test_sign_in_keeps_no_password_in_the_page(client, supervisor):
    response = sign_in(client, supervisor, "a-secret-typed-wrong")

    assert "a-secret-typed-wrong" not in response.text


def test_sign_in_of_a_switched_off_account_says_so(client, supervisor):
    User.objects.filter(pk=supervisor.pk).update(is_active=False)

    response = sign_in(client, supervisor)

    assert (response.url, is_signed_in(client)) == ("/accounts/inactive/", False)


def test_wrong_passwords_are_throttled(client, supervisor):
    for _ in range(TRIES):
        sign_in(client, supervisor, "wrong")

    response = sign_in(client, supervisor)

    assert "Too many failed login attempts. Try again later." in words(response)
    assert is_signed_in(client) is False


def test_ninth_wrong_password_does_not_close_the_door(client, supervisor):
    for _ in range(TRIES - 1):
        sign_in(client, supervisor, "wrong")

    sign_in(client, supervisor)

    assert is_signed_in(client) is True


def test_wrong_passwords_are_throttled_for_the_account_from_anywhere(supervisor):
    for number in range(TRIES):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), supervisor, "wrong")
    client = Client(REMOTE_ADDR="192.0.2.99")

    sign_in(client, supervisor)

    assert is_signed_in(client) is False


def test_wrong_passwords_of_one_leave_another_alone(client, supervisor, lead):
    for number in range(TRIES):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), supervisor, "wrong")

    sign_in(client, lead)

    assert is_signed_in(client) is True


def guess_from(address):
    """Wrong passwords for many accounts through one proxy; what a client writes before its address is invented."""
    for number in range(TRIES):
        client = Client(REMOTE_ADDR="10.0.0.2", headers={"x-forwarded-for": f"192.0.2.{number}, {address}"})
        client.post(LOGIN, {"login": f"guess{number}@example.org", "password": "wrong"})


@pytest.mark.parametrize(("address", "is_let_in"), [("198.51.100.7", False), ("198.51.100.8", True)])
def test_wrong_passwords_through_a_proxy_are_throttled_for_their_client(settings, supervisor, address, is_let_in):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    guess_from("198.51.100.7")
    client = Client(REMOTE_ADDR="10.0.0.2", headers={"x-forwarded-for": address})

    sign_in(client, supervisor)

    assert is_signed_in(client) is is_let_in


def test_address_that_a_client_claims_counts_for_nothing_without_a_proxy(supervisor):
    guess_from("198.51.100.7")
    client = Client(REMOTE_ADDR="10.0.0.2", headers={"x-forwarded-for": "198.51.100.8"})

    sign_in(client, supervisor)

    assert is_signed_in(client) is False


def test_nobody_can_sign_up(client):
    assert AccountAdapter().is_open_for_signup(RequestFactory().get("/")) is False
    assert client.get("/accounts/signup/").status_code == 404


# signing out


def test_sign_out_asks_first(client, supervisor):
    client.force_login(supervisor)

    client.get(LOGOUT)

    assert is_signed_in(client) is True


def test_sign_out_leads_home(client, supervisor):
    client.force_login(supervisor)

    response = client.post(LOGOUT)

    assert (response.url, is_signed_in(client)) == ("/", False)


def test_sign_out_kills_the_session(client, supervisor):
    client.force_login(supervisor)
    cookie = client.cookies["sessionid"].value
    client.post(LOGOUT)
    client.cookies["sessionid"] = cookie

    assert is_signed_in(client) is False


# a forgotten password


def test_reset_sends_a_link(client, supervisor):
    response = client.post(RESET, {"email": supervisor.email})

    (message,) = mail.outbox
    assert response.url == "/accounts/password/reset/done/"
    assert message.to == [supervisor.email]
    assert message.subject == "[testserver] Set your password for Competence assessment"


def test_reset_sends_a_link_to_somebody_who_never_set_a_password(client, supervisor):
    supervisor.set_unusable_password()
    supervisor.save()
    client.post(RESET, {"email": supervisor.email})

    choose(client, reset_link())

    supervisor.refresh_from_db()
    assert supervisor.check_password(NEW_PASSWORD) is True


def test_reset_answers_the_same_for_an_unknown_address(client, supervisor):
    known = client.post(RESET, {"email": supervisor.email})

    unknown = client.post(RESET, {"email": "nobody@example.org"})

    assert (unknown.status_code, unknown.url, told(unknown)) == (known.status_code, known.url, told(known))


def test_reset_sends_no_link_to_an_unknown_address(client):
    client.post(RESET, {"email": "nobody@example.org"})

    assert [re.findall(r"/key/", message.body) for message in mail.outbox] in ([], [[]])


def test_reset_sends_no_link_to_a_switched_off_account(client, supervisor):
    User.objects.filter(pk=supervisor.pk).update(is_active=False)

    client.post(RESET, {"email": supervisor.email})

    assert [re.findall(r"/key/", message.body) for message in mail.outbox] in ([], [[]])


def test_reset_sets_the_password(client, supervisor):
    client.post(RESET, {"email": supervisor.email})

    response = choose(client, reset_link())

    supervisor.refresh_from_db()
    assert response.url == "/accounts/password/reset/key/done/"
    assert supervisor.check_password(NEW_PASSWORD) is True


def test_reset_takes_the_key_out_of_the_address(client, supervisor):
    client.post(RESET, {"email": supervisor.email})
    link = reset_link()

    assert form_behind(client, link).endswith("-set-password/")


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("short", "short", "This password is too short."),
        ("password1234", "password1234", "This password is too common."),
        (NEW_PASSWORD, "another-one-entirely", "You must type the same password each time."),
    ],
)
def test_reset_refuses_a_poor_password(client, supervisor, first, second, message):
    client.post(RESET, {"email": supervisor.email})

    response = choose(client, reset_link(), first, second)

    supervisor.refresh_from_db()
    assert message in words(response)
    assert supervisor.check_password(factories.PASSWORD) is True


def test_reset_link_works_once(client, supervisor):
    client.post(RESET, {"email": supervisor.email})
    link = reset_link()
    choose(client, link)

    response = Client().get(link)

    assert "password1" not in response.text


def test_reset_link_of_somebody_else_does_not_fit(client, supervisor, lead):
    client.post(RESET, {"email": supervisor.email})
    link = reset_link().replace(supervisor.pk.hex, lead.pk.hex)

    response = client.get(link)

    assert (response.status_code, "password1" in response.text) == (200, False)


def test_reset_ends_the_sessions_of_before(client, supervisor):
    before = signed_in(supervisor)
    client.post(RESET, {"email": supervisor.email})

    choose(client, reset_link())

    assert is_signed_in(before) is False


# one's own password


def test_password_is_changed(client, supervisor):
    client.force_login(supervisor)
    data = {"oldpassword": factories.PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    client.post(CHANGE, data)

    supervisor.refresh_from_db()
    assert supervisor.check_password(NEW_PASSWORD) is True


def test_password_is_not_changed_without_the_old_one(client, supervisor):
    client.force_login(supervisor)
    data = {"oldpassword": "wrong", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    response = client.post(CHANGE, data)

    supervisor.refresh_from_db()
    assert "Please type your current password." in words(response)
    assert supervisor.check_password(factories.PASSWORD) is True


# page-wide keys


@pytest.mark.parametrize(("sent", "expected"), [("on", True), ("off", False), ("", False), ("true", False)])
def test_page_keys_are_on_only_by_that_word(therapist, sent, expected):
    signed_in(therapist).post(KEYS, {"has_page_keys": sent})

    therapist.refresh_from_db()
    assert therapist.has_page_keys is expected


def test_page_keys_are_switched_off_by_an_empty_box(supervisor):
    User.objects.filter(pk=supervisor.pk).update(has_page_keys=True)

    signed_in(supervisor).post(KEYS)

    supervisor.refresh_from_db()
    assert supervisor.has_page_keys is False


def test_page_keys_return_to_the_page(supervisor):
    response = signed_in(supervisor).post(KEYS, {"has_page_keys": "on", "next": "/assessments/?page=2#S2.1"})

    assert response.url == "/assessments/?page=2#S2.1"


@pytest.mark.parametrize("target", ["", *OFF_SITE])
def test_page_keys_lead_to_no_other_site(supervisor, target):
    response = signed_in(supervisor).post(KEYS, {"has_page_keys": "on", "next": target})

    assert response.url == "/"


# who asks


def test_backend_reads_person_and_roles_at_once(supervisor, django_assert_num_queries):
    with django_assert_num_queries(1):
        person = Backend().get_user(supervisor.pk)

        assert (person, person.roles) == (supervisor, {"supervisor"})


def test_backend_leaves_out_roles_that_ended(supervisor):
    factories.end_membership(supervisor)

    assert Backend().get_user(supervisor.pk).roles == set()


def test_backend_leaves_out_roles_that_begin_tomorrow(supervisor):
    tomorrow = timezone.localdate() + timezone.timedelta(days=1)
    Membership.objects.filter(user=supervisor).update(starts_on=tomorrow)

    assert Backend().get_user(supervisor.pk).roles == set()


def test_backend_knows_people_without_a_role():
    person = User.objects.create(email="nadia@example.org", name="Nadia Stone")

    assert Backend().get_user(person.pk) == person


def test_backend_knows_nobody_by_an_unknown_id(supervisor):
    assert Backend().get_user("01900000-0000-7000-8000-000000000000") is None


@pytest.mark.parametrize("has_role", [True, False])
def test_backend_turns_the_switched_off_away(supervisor, has_role):
    User.objects.filter(pk=supervisor.pk).update(is_active=False)
    if not has_role:
        Membership.objects.filter(user=supervisor).delete()

    assert Backend().get_user(supervisor.pk) is None
