"""Occasional raters: asked by a supervisor, let in by a link and a code, confined to one assessment."""

import datetime
import io
import logging
import re
import smtplib
import zipfile

import pytest
import time_machine
from django.conf import settings as configured
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from assessments import permissions, records
from assessments.actions import assessments, people, rater_links, ratings
from assessments.exceptions import NotAllowed, Refused
from assessments.models import (
    Activity,
    ActivityStanding,
    Assessment,
    AuditEvent,
    LinkState,
    Membership,
    RaterLink,
    Role,
    User,
)
from assessments.models.rater_link import hashed
from assessments.queries import rater_links as links
from assessments.queries.saving import draft_to_rate
from assessments.reports import cover
from assessments.urls import urlpatterns
from assessments.views import confined
from ipt.middleware import TokenFilter
from tests import factories
from tests.conftest import signed_in, told, words
from tests.test_access_matrix import names

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

EMAIL = "consultant@example.org"
NAME = "Dr Ruth Okello"


class Down(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected


@pytest.fixture
def asked(supervisor, therapist, revision):
    """A link, and the token that went out with it."""
    link = factories.make_rater_link(supervisor, therapist, revision)
    return link, token_of(mail.outbox[-1])


def token_of(message):
    return re.search(r"/rate/([\w-]{22})/", message.body)[1]


def code_of(message):
    return re.search(r"Your code is (\d{6})", message.body)[1]


def enter(token, client=None):
    """A browser that came in by the link and the code."""
    client = client or Client()
    client.post(reverse("rater-code", args=[token]))
    client.post(reverse("rater-link", args=[token]), {"code": code_of(mail.outbox[-1])})
    return client


def rated(link):
    factories.rate(link.assessment, "S2.1", 4)
    return link.assessment


def handed_in(link):
    return assessments.share(by=link.assessment.supervisor, assessment=rated(link))


def end(link, supervisor):
    return rater_links.end(by=supervisor, link=link, reason="Another session was meant.")


def later(**by):
    return time_machine.travel(timezone.now() + datetime.timedelta(**by), tick=False)


def posted(revision, **changes):
    return {
        "name": NAME,
        "email": EMAIL,
        "profession": "Consultant psychiatrist",
        "days": "14",
        **{name: value for name, value in factories.make_context().items() if value is not None},
        "extent": "chosen",
        "activities": Activity.objects.get(revision=revision, code="S2").pk,
        **changes,
    }


# Asking


def test_invitation_makes_a_draft_by_somebody_without_an_account(asked):
    link, token = asked

    rater = link.assessment.supervisor
    assert (link.assessment.role, link.assessment.status) == ("occasional", "draft")
    assert (rater.name, rater.is_occasional, rater.memberships.count()) == (NAME, True, 0)
    assert (link.ends_on, link.token_sha256) == (timezone.localdate() + datetime.timedelta(days=14), hashed(token))


def test_invitation_tells_nothing_about_the_therapist_or_the_case(asked):
    [message] = mail.outbox

    assert message.to == [EMAIL]
    assert "Amara" not in message.body
    assert "case" not in message.body
    assert "Dr Helen Marsh of Northfield" in message.body


def test_token_is_stored_nowhere(asked):
    _, token = asked

    held = [str(value) for row in RaterLink.objects.values() for value in row.values()]
    told = [str(event.data) for event in AuditEvent.objects.all()]
    assert [text for text in [*held, *told] if token in text] == []


def test_page_to_ask_sends_the_link_and_shows_it_to_nobody(supervisor, therapist, revision):
    client = signed_in(supervisor)

    response = client.post(reverse("rater-ask", args=[therapist.pk]), posted(revision))

    assert response.url == reverse("rater-links", args=[therapist.pk])
    [message] = told(response)
    assert message.startswith(f"The link is on its way to {NAME}.")
    assert token_of(mail.outbox[0]) not in client.get(response.url).content.decode()


def test_page_to_ask_begins_with_fourteen_days(supervisor, therapist):
    response = signed_in(supervisor).get(reverse("rater-ask", args=[therapist.pk]))

    assert response.context["form"]["days"].value() == 14


@pytest.mark.parametrize("days", ["0", "61", "a week"])
def test_page_to_ask_takes_one_to_sixty_days(supervisor, therapist, revision, days):
    response = signed_in(supervisor).post(reverse("rater-ask", args=[therapist.pk]), posted(revision, days=days))

    assert "Give a whole number from 1 to 60." in words(response)
    assert not RaterLink.objects.exists()


@pytest.mark.parametrize("days", [0, 61])
def test_action_takes_one_to_sixty_days(supervisor, therapist, revision, days):
    with pytest.raises(Refused, match="Choose between 1 and 60 days"):
        factories.make_rater_link(supervisor, therapist, revision, days=days)


@pytest.mark.parametrize("who", ["other_supervisor", "lead", "therapist"])
def test_whoever_has_an_account_is_not_asked(request, supervisor, therapist, revision, who):
    email = request.getfixturevalue(who).email.upper()

    response = signed_in(supervisor).post(reverse("rater-ask", args=[therapist.pk]), posted(revision, email=email))

    assert "has an account here" in words(response)
    assert not RaterLink.objects.exists()


def test_whoever_had_a_role_once_is_not_asked(supervisor, therapist, revision, lead):
    factories.end_membership(lead)
    User.objects.filter(pk=lead.pk).update(is_active=False, password="!")

    with pytest.raises(Refused, match="has an account here"):
        factories.make_rater_link(supervisor, therapist, revision, email=lead.email)


def test_rater_of_an_earlier_occasion_is_the_same_person(asked, supervisor, therapist, revision):
    first, _ = asked

    second = factories.make_rater_link(supervisor, therapist, revision, name="R. Okello")

    assert second.assessment.supervisor == first.assessment.supervisor
    assert second.assessment.supervisor.name == NAME


def test_rater_may_get_an_account_later(asked, northfield, admin):
    link, token = asked
    client = enter(token)
    rater = link.assessment.supervisor

    person = people.create_person(
        by=admin, email=EMAIL, name="Ruth Okello", organisation=northfield, role=Role.LEAD, starts_on=factories.LONG_AGO
    )

    assert (person.pk, User.objects.get(pk=rater.pk).is_active) == (rater.pk, True)
    assert client.get(reverse("assessment", args=[link.assessment_id])).status_code == 302
    assert Client().get(reverse("rater-link", args=[token])).status_code == 404


def test_nobody_asks_about_a_therapist_of_others(other_supervisor, therapist, revision):
    with pytest.raises(NotAllowed, match="You do not supervise Amara Okafor at present"):
        factories.make_rater_link(other_supervisor, therapist, revision)


def test_invitation_that_could_not_be_sent_is_told_and_can_be_sent_anew(settings, supervisor, therapist, revision):
    settings.EMAIL_BACKEND = "tests.test_rater_links.Down"
    client = signed_in(supervisor)

    response = client.post(reverse("rater-ask", args=[therapist.pk]), posted(revision))

    link = RaterLink.objects.get()
    assert told(response) == [f"The e-mail to {NAME} could not be sent just now. Send the link anew later."]
    assert factories.event_types(assessment=link.assessment) == ["rater_invited", "rater_mail_failed"]
    assert "Not sent" in words(client.get(response.url))
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post(reverse("rater-send", args=[therapist.pk, link.pk]))
    assert [message.to for message in mail.outbox] == [[EMAIL]]


def test_twenty_links_a_day_are_sent(settings, asked, supervisor, therapist, revision):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "rater_link": "1/d/user"}
    client = signed_in(supervisor)
    client.post(reverse("rater-send", args=[therapist.pk, asked[0].pk]))

    again = client.post(reverse("rater-send", args=[therapist.pk, asked[0].pk]))
    another = client.post(reverse("rater-ask", args=[therapist.pk]), posted(revision))

    assert told(again)[-1] == "You have sent twenty links today. Go on tomorrow."
    assert "You have sent twenty links today" in words(another)
    assert RaterLink.objects.count() == 1


# The account that is none


def test_rater_signs_in_by_no_password(asked, rf):
    for password in ["", "!", factories.PASSWORD]:
        assert authenticate(rf.post("/"), email=EMAIL, username=EMAIL, password=password) is None


def test_rater_sets_no_password(asked):
    mail.outbox.clear()

    Client().post(reverse("account_reset_password"), {"email": EMAIL})

    assert mail.outbox == []


# Opening


def test_link_says_who_asks_and_not_about_whom(asked):
    _, token = asked

    response = Client().get(reverse("rater-link", args=[token]))

    assert "Dr Helen Marsh of Northfield asks Dr Ruth Okello" in words(response)
    assert "Send me the code" in words(response)
    assert "Amara" not in words(response)
    assert (response["Referrer-Policy"], response["Cache-Control"]) == ("strict-origin", "no-store, private")


def test_code_goes_to_the_rater_and_lets_in(asked):
    link, token = asked

    client = enter(token)

    assert mail.outbox[-1].to == [EMAIL]
    assert client.get(reverse("rater-home")).url == link.assessment.get_absolute_url()
    assert "Amara Okafor" in words(client.get(link.assessment.get_absolute_url()))
    assert factories.event_types(assessment=link.assessment) == [
        "rater_invited",
        "rater_link_sent",
        "rater_code_asked",
        "rater_code_sent",
        "rater_confirmed",
    ]


def test_code_may_be_typed_with_spaces(asked):
    _, token = asked
    client = Client()
    client.post(reverse("rater-code", args=[token]))
    code = code_of(mail.outbox[-1])

    response = client.post(reverse("rater-link", args=[token]), {"code": f" {code[:3]} {code[3:]} "})

    assert response.url == reverse("rater-home")


def test_entering_begins_a_session_under_a_new_key(asked, supervisor):
    _, token = asked
    client = signed_in(supervisor)
    before = client.session.session_key

    enter(token, client)

    assert client.session.session_key != before
    assert client.session[confined.ONLY] == str(RaterLink.objects.get().assessment_id)


def test_code_works_once(asked):
    _, token = asked
    enter(token)

    response = Client().post(reverse("rater-link", args=[token]), {"code": code_of(mail.outbox[-1])})

    assert "This is not the code" in words(response)


def test_code_lasts_fifteen_minutes(asked):
    _, token = asked
    factories.send_code(token)

    with later(minutes=15):
        assert rater_links.enter_code(token=token, code=code_of(mail.outbox[-1])) is None


def test_sixth_try_is_wrong_even_with_the_right_code(asked):
    link, token = asked
    factories.send_code(token)
    code = code_of(mail.outbox[-1])
    wrong = "000000" if code != "000000" else "000001"

    answers = [rater_links.enter_code(token=token, code=wrong) for _ in range(5)]

    assert [*answers, rater_links.enter_code(token=token, code=code)] == [None] * 6
    assert factories.event_types(assessment=link.assessment)[4:] == ["rater_code_refused"] * 5


def test_new_code_brings_new_tries(asked):
    _, token = asked
    factories.send_code(token)
    for _ in range(5):
        rater_links.enter_code(token=token, code="x")

    enter(token)

    assert RaterLink.objects.get().opened_at is not None


def test_five_codes_a_day_are_sent(asked):
    _, token = asked
    for _ in range(5):
        factories.send_code(token)

    response = Client().post(reverse("rater-code", args=[token]))

    assert told(response) == ["5 codes were sent today. For another one come back tomorrow."]
    assert len(mail.outbox) == 6
    with later(days=1):
        assert factories.send_code(token)


def test_code_that_could_not_be_sent_counts_for_nothing(settings, asked):
    link, token = asked
    settings.EMAIL_BACKEND = "tests.test_rater_links.Down"

    response = Client().post(reverse("rater-code", args=[token]))

    assert told(response) == ["The e-mail could not be sent just now. Try again in a few minutes."]
    link.refresh_from_db()
    assert (link.code_sha256, link.codes_sent) == ("", 0)
    assert factories.event_types(assessment=link.assessment)[2:] == ["rater_code_asked", "rater_mail_failed"]


def wrong(link, supervisor):
    return "wrong-token-of-any-len"


def replaced(link, supervisor):
    rater_links.renew(by=supervisor, link=link)


def ended(link, supervisor):
    end(link, supervisor)


def declined(link, supervisor):
    assessments.withdraw(by=link.assessment.supervisor, assessment=link.assessment, reason="I was not there.")


def expired(link, supervisor):
    RaterLink.objects.update(ends_on=factories.days_ago(1))


@pytest.mark.parametrize("why", [wrong, replaced, ended, declined, expired])
@pytest.mark.parametrize("method", ["get", "post"])
def test_link_that_leads_nowhere_always_answers_the_same(asked, supervisor, why, method):
    link, token = asked
    nowhere = Client().get(reverse("rater-link", args=["AAAAAAAAAAAAAAAAAAAAAA"]))
    token = why(link, supervisor) or token

    for page in ["rater-link", "rater-code"][: 1 if method == "get" else 2]:
        response = getattr(Client(), method)(reverse(page, args=[token]), {"code": "123456"})
        assert (response.status_code, response.content) == (404, nowhere.content)


def test_link_thanks_once_it_is_handed_in(asked):
    link, token = asked
    handed_in(link)

    response = Client().get(reverse("rater-link", args=[token]))

    assert response.status_code == 200
    assert f"This was handed in on {timezone.localdate():%-d %B %Y}" in words(response)
    assert "Amara" not in words(response)


def test_browser_finds_back_to_its_link(asked):
    _, token = asked
    client = enter(token)
    del client.cookies[configured.SESSION_COOKIE_NAME]

    response = client.get(reverse("rater-again"))

    assert response.url == reverse("rater-link", args=[token])
    assert client.get(response.url).status_code == 200


def test_way_back_is_for_that_browser_alone(asked):
    assert Client().get(reverse("rater-again")).status_code == 404


def test_cookie_of_the_way_back_is_kept_from_scripts_and_other_pages(asked):
    _, token = asked

    cookie = enter(token).cookies["rater-link"]

    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/rate/", True, "Lax")


def test_coming_back_is_told(asked):
    _, token = asked
    client = enter(token)

    factories.send_code(token)
    response = client.post(reverse("rater-link", args=[token]), {"code": code_of(mail.outbox[-1])})

    assert told(response)[-1] == "You are back. A page that you left open goes on by itself."


def test_link_leads_on_at_once_in_its_own_session(asked):
    _, token = asked

    response = enter(token).get(reverse("rater-link", args=[token]))

    assert response.url == reverse("rater-home")


def test_secrets_stay_out_of_the_log(asked, caplog):
    _, token = asked
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(TokenFilter())

    enter(token)
    client = Client(enforce_csrf_checks=True)
    client.post(reverse("rater-link", args=[token]), {"code": "1"})
    client.get(reverse("rater-code", args=[token]))

    code = code_of(mail.outbox[-1])
    assert "/rate/…/" in caplog.text
    assert [line for line in caplog.text.splitlines() if token in line or code in line] == []


def test_log_leaves_tokens_out_wherever_they_are(asked):
    assert [handler["filters"] for handler in configured.LOGGING["handlers"].values()] == [["request_id", "no_tokens"]]


# Nothing else


def all_urls(link):
    """Every address of the product, about the rater's own assessment where it is about one."""
    assessment = link.assessment
    kwargs = {
        "pk": assessment.pk,
        "goal_pk": assessment.pk,
        "link_pk": link.pk,
        "supervision_pk": assessment.pk,
        "membership_pk": 1,
        "code": "S2",
        "slug": "ipt",
        "number": "1.0",
        "older": "1.0",
        "newer": "1.0",
        "extension": "csv",
        "key": "about-ipt",
        "name": "quarters",
        "kind": "domain",
        "step": "publish",
        "token": "AAAAAAAAAAAAAAAAAAAAAA",
        "uidb36": "0",
    }
    by_number = {"node-edit", "node-move", "scale", "scale-version", "short-form", "short-form-retire"}
    return {
        name: reverse(
            name, kwargs={key: 1 if name in by_number and key == "pk" else kwargs[key] for key in asked_by(name)}
        )
        for name in names(urlpatterns)
    }


def asked_by(name):
    """The parts of an address."""
    [possibility, *_] = get_resolver().reverse_dict.getlist(name)
    [(_, parts), *_] = possibility[0]
    return parts


def test_rater_reaches_nothing_but_the_assessment_and_what_is_public(asked):
    link, token = asked
    client = enter(token)
    open_to_rater = confined.OWN | confined.OPEN | {"home"}

    answers = {name: client.get(url).status_code for name, url in all_urls(link).items()}

    assert {name for name, status in answers.items() if status == 404} - open_to_rater == set(answers) - open_to_rater


def test_rater_reaches_the_pages_of_the_assessment(asked):
    link, token = asked
    client = enter(token)
    urls = all_urls(link)

    answers = {name: client.get(urls[name]).status_code for name in confined.OWN}

    assert answers == dict.fromkeys(confined.OWN, 200) | {"outbox": 405, "rating-save": 405}


def test_rater_reaches_no_other_assessment_of_theirs(asked, supervisor, therapist, revision):
    _, token = asked
    other = factories.make_rater_link(supervisor, therapist, revision).assessment
    client = enter(token)

    answers = [client.get(reverse(name, args=[other.pk])) for name in ["assessment", "assessment-check"]]

    assert [response.status_code for response in answers] == [404, 404]


def test_rater_meets_refusals_without_the_mark_of_the_session_too(asked):
    link, _ = asked
    rater = link.assessment.supervisor

    client = Client()
    client.force_login(rater, backend=confined.BACKEND)
    client.get("/")

    assert rater.roles == set()
    assert client.get(reverse("assessments")).status_code == 404


@pytest.mark.parametrize("url", ["therapists", "assessment-start", "cohort", "people", "manage-frameworks"])
def test_rater_has_no_role_for_any_page(asked, url):
    link, _ = asked
    with pytest.raises(NotAllowed):
        permissions.check_has_role(link.assessment.supervisor, *Role.values)
    User.objects.filter(pk=link.assessment.supervisor_id).update(is_active=True)

    response = signed_in(link.assessment.supervisor).get(reverse(url))

    assert response.status_code == 403


def test_head_of_the_page_leads_nowhere_else(asked):
    link, token = asked

    page = enter(token).get(link.assessment.get_absolute_url()).content.decode()

    head = page[page.index("<header") : page.index("</header>")]
    assert set(re.findall(r'(?:href|action)="([^"]+)"', head)) == {"/", "/rate/", "/accounts/logout/"}


@pytest.mark.parametrize(
    "page",
    [
        *sorted(confined.OWN - {"outbox", "rating-save"}),
        *["help", "privacy", "accessibility", "verify", "frameworks", "revision", "activity", "background"],
    ],
)
def test_pages_link_to_nothing_that_is_missing(asked, page):
    link, token = asked
    rated(link)
    client = enter(token)

    response = client.get(all_urls(link)[page])

    found = set(re.findall(r'<(?:a|form) [^>]*(?:href|action)="(/[^"]*)"', response.content.decode()))
    assert response.status_code == 200
    assert {address for address in found if client.get(address).status_code == 404} == set()


def test_start_page_of_a_rater_is_the_assessment(asked):
    _, token = asked

    assert enter(token).get("/").url == reverse("rater-home")


def test_start_page_of_raters_is_nothing_for_others(supervisor):
    assert signed_in(supervisor).get(reverse("rater-home")).url == reverse("home")


def test_rater_signs_out(asked):
    _, token = asked
    client = enter(token)

    client.post(reverse("account_logout"))

    assert client.get(reverse("rater-home")).url.startswith("/accounts/login/")


def test_session_of_a_rater_ends_after_twelve_hours(asked):
    link, token = asked
    client = enter(token)
    client.get(link.assessment.get_absolute_url())

    with later(hours=12, seconds=1):
        response = client.get(link.assessment.get_absolute_url())

    assert response.url.startswith("/accounts/login/")


# Rating


def test_rater_rates_and_hands_in(asked):
    link, token = asked
    client = enter(token)
    save = reverse("rating-save", args=[link.assessment_id, "S2.1"])

    saved = client.post(save, {"key": "0" * 32, "version": "0", "answer": "4"}, headers={"accept": "application/json"})
    response = client.post(reverse("assessment-share", args=[link.assessment_id]))

    assert saved.status_code == 200
    assert response.url == reverse("rater-home")
    assert "Thank you" in words(client.get(response.url))
    assert Assessment.objects.get(pk=link.assessment_id).status == "shared"


def test_rater_writes_of_the_whole_and_states_no_fitness(asked):
    link, token = asked
    client, check = enter(token), reverse("assessment-check", args=[link.assessment_id])

    fields = list(client.get(check).context["form"].fields)
    response = client.post(check, {"strengths": "Warmth.", "fitness": "reached", "share": ""})

    saved = Assessment.objects.get(pk=link.assessment_id)
    assert fields == ["strengths", "needs", "summary"]
    assert response.url == reverse("assessment-share", args=[link.assessment_id])
    assert (saved.strengths, saved.fitness) == ("Warmth.", "")


def test_rater_gets_the_key_of_the_outbox(asked):
    link, token = asked

    response = enter(token).post(reverse("outbox", args=[link.assessment_id]))

    assert response.json()["person"] == str(link.assessment.supervisor_id)


def test_rater_reads_nothing_once_it_is_handed_in(asked):
    link, token = asked
    client = enter(token)
    handed_in(link)

    response = client.get(link.assessment.get_absolute_url())

    assert response.status_code == 403
    day = f"{timezone.localdate():%-d %B %Y}"
    assert f"Thank you. You handed this in on {day}, and your part is done." in words(response)


def test_rater_takes_nothing_back(asked):
    link, _ = asked
    shared = handed_in(link)

    with pytest.raises(NotAllowed, match="your part is done"):
        assessments.take_back(by=shared.supervisor, assessment=shared, reason="An afterthought.")


def test_rater_declines_with_a_reason_that_the_supervisor_reads(asked, supervisor, therapist):
    link, token = asked
    client = enter(token)

    response = client.post(reverse("assessment-withdraw", args=[link.assessment_id]), {"reason": "I left early."})

    assert "You declined" in words(client.get(response.url))
    page = words(signed_in(supervisor).get(reverse("rater-links", args=[therapist.pk])))
    assert "Declined" in page
    assert "Reason: I left early." in page


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        (ended, "Dr Helen Marsh ended this on"),
        (expired, "What you gave is kept. Ask Dr Helen Marsh for more time."),
    ],
)
def test_editing_ends_with_the_link_and_says_why(asked, supervisor, why, reason):
    link, token = asked
    client = enter(token)
    rated(link)
    key = client.post(reverse("outbox", args=[link.assessment_id])).json()["key"]
    why(link, supervisor)

    save = reverse("rating-save", args=[link.assessment_id, "S2.2"])
    saved = client.post(save, {"key": "0" * 32, "version": "0", "answer": "4"}, headers={"accept": "application/json"})
    pages = [client.get(reverse(f"assessment{page}", args=[link.assessment_id])) for page in ["", "-check", "-share"]]

    assert (saved.status_code, reason in saved.json()["message"]) == (403, True)
    assert [(page.status_code, reason in words(page)) for page in pages] == [(403, True)] * 3
    assert link.assessment.ratings.count() == 1
    # What a page still holds can be read and copied.
    assert client.post(reverse("outbox", args=[link.assessment_id])).json()["key"] == key


@pytest.mark.parametrize(("days", "may"), [(0, True), (1, False)])
def test_last_day_is_included(asked, days, may):
    link, _ = asked
    RaterLink.objects.update(ends_on=factories.days_ago(days))
    rater = link.assessment.supervisor

    assert bool(draft_to_rate(rater, link.assessment_id)) is may
    assert Assessment.objects.editable_by(rater).filter(pk=link.assessment_id).exists() is may
    assert permissions.allows(permissions.check_can_edit, rater, Assessment.objects.get(pk=link.assessment_id)) is may


def test_ended_link_leaves_nothing_to_edit(asked, supervisor):
    link, _ = asked
    end(link, supervisor)
    rater = link.assessment.supervisor

    assert draft_to_rate(rater, link.assessment_id) is None
    assert not Assessment.objects.editable_by(rater).exists()


def test_rater_sees_no_earlier_rating(asked, supervisor, therapist, revision):
    factories.make_shared(supervisor, therapist, revision, session_on=factories.days_ago(30))
    earlier = factories.make_rater_link(supervisor, therapist, revision, email="other@example.org")
    handed_in(earlier)
    link, token = asked
    rated(link)

    saved = ratings.save(
        by=link.assessment.supervisor, assessment_id=link.assessment_id, change=factories.make_change("S2.2")
    )
    page = enter(token).get(reverse("assessment-rate", args=[link.assessment_id, "S2"]))

    assert saved.previous is None
    assert [item.previous for item in page.context["filter"].items if item.previous] == []
    assert "Not rated before" not in page.text


def test_rater_sees_no_goal(supervisor, therapist, revision):
    factories.make_agreed(supervisor, therapist, revision, text="Say less.")
    link = factories.make_rater_link(supervisor, therapist, revision)
    client = enter(token_of(mail.outbox[-1]))

    pages = [client.get(reverse(name, args=[link.assessment_id])) for name in ["assessment", "assessment-check"]]

    assert [("Say less" in words(page), "Development goals" in words(page)) for page in pages] == [(False, False)] * 2


def test_dialog_of_a_rater_asks_for_no_password(asked):
    link, token = asked

    page = enter(token).get(reverse("assessment-rate", args=[link.assessment_id, "S2"])).content.decode()

    assert 'href="/rate/again/"' in page
    assert 'type="password"' not in page


# Reading


@pytest.mark.parametrize(
    ("who", "status"),
    [("supervisor", 404), ("therapist", 404), ("lead", 404), ("admin", 404), ("other_supervisor", 404)],
)
def test_draft_of_a_rater_is_nobody_elses_business(request, asked, who, status):
    link, _ = asked
    rated(link)

    response = signed_in(request.getfixturevalue(who)).get(link.assessment.get_absolute_url())

    assert response.status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [("supervisor", 200), ("therapist", 200), ("lead", 200), ("admin", 403), ("other_supervisor", 404)],
)
def test_handed_in_is_read_like_what_a_supervisor_shared(request, asked, who, status):
    shared = handed_in(asked[0])

    response = signed_in(request.getfixturevalue(who)).get(shared.get_absolute_url())

    assert response.status_code == status


def test_lead_withdraws_what_was_handed_in_by_mistake(asked, supervisor, therapist, lead):
    shared = handed_in(asked[0])
    client, url = signed_in(lead), reverse("assessment-withdraw", args=[shared.pk])
    assert url in client.get(shared.get_absolute_url()).content.decode()
    assert "For what Dr Ruth Okello should not have handed in" in words(client.get(url))

    response = client.post(url, {"reason": "It is of another session."})

    assert (response.url, told(response)) == (
        reverse("assessments"),
        ["Withdrawn. It counts nowhere and stays in the history."],
    )
    page = words(signed_in(therapist).get(shared.get_absolute_url()))
    assert "Withdrawn It counts nowhere." in page
    assert ": It is of another session." in page
    assert "Withdrawn" in words(signed_in(therapist).get(reverse("assessments")))
    listed = words(signed_in(supervisor).get(reverse("rater-links", args=[therapist.pk])))
    assert "Reason: It is of another session. Read it" in listed


@pytest.mark.parametrize("who", ["supervisor", "therapist", "rater"])
def test_nobody_but_a_lead_withdraws_what_was_handed_in(request, asked, who):
    shared = handed_in(asked[0])
    user = shared.supervisor if who == "rater" else request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        permissions.check_can_withdraw(user, shared)


def test_lead_withdraws_nothing_about_themselves_or_twice(asked, therapist, lead):
    shared = handed_in(asked[0])
    Membership.objects.create(
        user=therapist, organisation=shared.organisation, role=Role.LEAD, starts_on=factories.LONG_AGO
    )
    with pytest.raises(NotAllowed, match="Only Dr Ruth Okello"):
        permissions.check_can_withdraw(therapist, shared)

    withdrawn = assessments.withdraw(by=lead, assessment=shared, reason="It is of another session.")

    with pytest.raises(NotAllowed, match="It was withdrawn"):
        permissions.check_can_withdraw(lead, withdrawn)


@pytest.mark.parametrize("who", ["supervisor", "therapist", "lead", "rater"])
@pytest.mark.parametrize("is_shared", [True, False])
def test_readable_rows_are_those_whose_page_may_be_read(request, asked, who, is_shared):
    link, _ = asked
    assessment = handed_in(link) if is_shared else link.assessment
    user = assessment.supervisor if who == "rater" else request.getfixturevalue(who)

    is_known = Assessment.objects.visible_to(user).filter(pk=assessment.pk).exists()
    may = is_known and permissions.allows(permissions.check_can_read, user, assessment)

    assert Assessment.objects.readable_by(user).filter(pk=assessment.pk).exists() is may


def test_page_and_lists_name_the_rater_with_profession(asked, therapist):
    shared = handed_in(asked[0])
    client = signed_in(therapist)
    label = "by Dr Ruth Okello, Consultant psychiatrist"

    pages = [words(client.get(url)) for url in [shared.get_absolute_url(), therapist.get_absolute_url()]]
    listed = words(client.get(reverse("assessments")))

    assert [label in page for page in pages] == [True, True]
    assert "Occasional rater’s assessment" in listed
    assert "Dr Ruth Okello, Consultant psychiatrist" in listed
    assert "Is not signed" in listed


@pytest.mark.parametrize("page", ["assessment-reply", "assessment-sign-off"])
def test_handed_in_is_neither_replied_to_nor_signed(asked, therapist, page):
    shared = handed_in(asked[0])

    response = signed_in(therapist).get(reverse(page, args=[shared.pk]))

    assert response.status_code == 403
    assert "an occasional rater’s assessment. It is one view from outside and stays that." in words(response)


def test_handed_in_counts_in_no_profile(asked, supervisor, therapist):
    handed_in(asked[0])
    client = signed_in(supervisor)

    page = client.get(therapist.get_absolute_url())

    assert (page.context["profile"].assessments, page.context["counted"]) == (0, 0)
    assert Assessment.objects.counting().count() == 0
    assert not ActivityStanding.objects.filter(therapist=therapist).exists()


def test_record_and_report_say_whose_it_is(asked):
    document = records.build(handed_in(asked[0]), link=records.FIRST)

    assert document["assessment"]["role"] == "occasional"
    assert document["supervisor"]["profession"] == "Consultant psychiatrist"
    facts = cover.facts(document, "", cover.state(document["assessment"]), timezone.localdate())
    assert ("Occasional rater", "Dr Ruth Okello, Consultant psychiatrist") in facts
    assert cover.heading(document) == "Occasional rater’s assessment"
    assert cover.signatures(document) == []


def test_report_is_rendered(asked, therapist):
    shared = handed_in(asked[0])

    response = signed_in(therapist).get(reverse("assessment-report", args=[shared.pk]))

    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")


def test_archive_says_whose_it_is(asked, therapist):
    handed_in(asked[0])
    response = signed_in(therapist).post(reverse("therapist-archive", args=[therapist.pk]))

    content = io.BytesIO(b"".join(response) if response.streaming else response.content)
    with zipfile.ZipFile(content) as archive:
        [readme] = [name for name in archive.namelist() if name.lower().endswith(".txt")]
        text = archive.read(readme).decode()
    assert "occasional rater’s assessment, by Dr Ruth Okello, Consultant psychiatrist" in text


# Looking after it


def unsent(link):
    RaterLink.objects.update(sent_at=None)


def confirmed(link):
    RaterLink.objects.update(opened_at=timezone.now())


def begun(link):
    confirmed(link)
    rated(link)


def over(link):
    RaterLink.objects.update(ends_on=factories.days_ago(1))


def stopped(link):
    end(link, link.asked_by)


def refused(link):
    declined(link, None)


def voided(link):
    lead = factories.make_person("Margaret Ellison", Role.LEAD, link.assessment.organisation)
    assessments.withdraw(by=lead, assessment=handed_in(link), reason="It is of another session.")


@pytest.mark.parametrize(
    ("happens", "state", "has_day"),
    [
        (unsent, LinkState.NOT_SENT, False),
        (lambda link: None, LinkState.SENT, True),
        (confirmed, LinkState.OPENED, True),
        (begun, LinkState.IN_PROGRESS, True),
        (handed_in, LinkState.HANDED_IN, True),
        (refused, LinkState.DECLINED, True),
        (voided, LinkState.WITHDRAWN, True),
        (over, LinkState.EXPIRED, False),
        (stopped, LinkState.ENDED, True),
    ],
)
def test_supervisor_sees_how_far_it_has_come(asked, happens, state, has_day):
    supervisor, therapist = asked[0].asked_by, asked[0].assessment.therapist
    happens(asked[0])

    [row] = links.rater_links(supervisor, therapist)

    assert (row.state, row.since) == (state, timezone.localdate() if has_day else None)
    assert state.label in words(signed_in(supervisor).get(reverse("rater-links", args=[therapist.pk])))


def test_supervisor_sees_nothing_of_what_is_being_rated(asked, supervisor, therapist):
    link, _ = asked
    factories.rate(link.assessment, "S2.1", 4, note="Rushed the ending.")
    client = signed_in(supervisor)

    pages = [client.get(url) for url in [reverse("rater-links", args=[therapist.pk]), therapist.get_absolute_url()]]

    assert ["Rushed" in words(page) for page in pages] == [False, False]
    assert not Assessment.objects.visible_to(supervisor).filter(pk=link.assessment_id).exists()


def test_empty_page_says_so(supervisor, therapist):
    assert "Nobody was asked yet" in words(signed_in(supervisor).get(reverse("rater-links", args=[therapist.pk])))


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_links_takes_the_same_number_of_queries(supervisor, therapist, revision, number):
    for _ in range(number):
        rated(factories.make_rater_link(supervisor, therapist, revision))
    client = signed_in(supervisor)

    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("rater-links", args=[therapist.pk]))

    assert len(captured) == 8


def test_supervisor_gives_more_time(asked, supervisor, therapist):
    link, _ = asked
    over(link)
    RaterLink.objects.update(reminded_at=timezone.now())

    response = signed_in(supervisor).post(reverse("rater-extend", args=[therapist.pk, link.pk]), {"days": "30"})

    link.refresh_from_db()
    assert link.ends_on == timezone.localdate() + datetime.timedelta(days=30)
    assert link.reminded_at is None
    assert told(response) == [f"It works until {link.ends_on:%-d %B %Y}."]


@pytest.mark.parametrize(
    ("days", "message"), [("7", "It runs until"), ("61", "Give a whole number from 1 to 60."), ("", "days from today")]
)
def test_time_that_cannot_be_given_is_told(asked, supervisor, days, message):
    link, _ = asked
    therapist = link.assessment.therapist

    response = signed_in(supervisor).post(reverse("rater-extend", args=[therapist.pk, link.pk]), {"days": days})

    [warning] = told(response)
    assert message.lower() in warning.lower()
    assert RaterLink.objects.get().ends_on == link.ends_on


def test_short_extension_brings_no_second_reminder(asked, supervisor):
    link, _ = asked
    over(link)
    RaterLink.objects.update(reminded_at=timezone.now())

    rater_links.extend(by=supervisor, link=link, days=3)

    assert RaterLink.objects.get().reminded_at is not None


def test_link_that_is_over_is_not_sent_anew(asked, supervisor, therapist):
    link, _ = asked
    over(link)

    response = signed_in(supervisor).post(reverse("rater-send", args=[therapist.pk, link.pk]))

    assert told(response) == ["Its time is over. Give more time first."]
    assert len(mail.outbox) == 1


def test_link_is_sent_anew_with_another_token(asked, supervisor, therapist):
    link, token = asked

    signed_in(supervisor).post(reverse("rater-send", args=[therapist.pk, link.pk]))

    anew = token_of(mail.outbox[-1])
    assert [Client().get(reverse("rater-link", args=[each])).status_code for each in [token, anew]] == [404, 200]


def test_supervisor_ends_a_link_with_a_reason(asked, supervisor, therapist):
    link, _ = asked
    client = signed_in(supervisor)
    url = reverse("rater-end", args=[therapist.pk, link.pk])

    assert "End the link" in words(client.get(url))
    assert "Reason: this is missing." in words(client.post(url, {"reason": ""}))
    response = client.post(url, {"reason": "Another session was meant."})

    assert told(response) == ["Ended. The link leads nowhere now."]
    event = link.assessment.events.get(type="rater_link_ended")
    assert event.data == {"reason": "Another session was meant."}


def test_link_ends_with_a_reason_alone(asked, supervisor):
    with pytest.raises(Refused, match="Say why you end it"):
        rater_links.end(by=supervisor, link=asked[0], reason=" ")


@pytest.mark.parametrize(("happens", "why"), [(stopped, "It was ended"), (handed_in, "handed in or declined")])
def test_link_that_is_done_with_does_not_change(asked, supervisor, therapist, happens, why):
    link, _ = asked
    happens(link)

    response = signed_in(supervisor).post(reverse("rater-extend", args=[therapist.pk, link.pk]), {"days": "60"})

    assert response.status_code == 403
    assert why in words(response)


def test_another_present_supervisor_looks_after_it_too(asked, therapist, northfield):
    colleague = factories.make_person("Dr Iris Novak", Role.SUPERVISOR, northfield)
    factories.make_supervision(therapist, colleague, northfield)

    rater_links.extend(by=colleague, link=links.rater_link(colleague, therapist, asked[0].pk), days=30)

    assert factories.event_types(by=colleague) == ["rater_link_extended"]


def test_link_is_unknown_to_whoever_supervises_somebody_else(asked, other_supervisor, therapist):
    assert links.rater_links(other_supervisor, therapist) == []


def test_link_is_unknown_to_nobody_in_particular(asked):
    assert not RaterLink.objects.visible_to(AnonymousUser()).exists()


def test_history_tells_of_the_link_once_it_is_handed_in(asked, therapist):
    shared = handed_in(asked[0])

    page = words(signed_in(therapist).get(reverse("assessment-history", args=[shared.pk])))

    assert "Occasional rater invited" in page


# Reminding


def soon(link, *, days=3, sent_days_ago=5):
    sent_at = timezone.now() - datetime.timedelta(days=sent_days_ago)
    RaterLink.objects.filter(pk=link.pk).update(
        ends_on=timezone.localdate() + datetime.timedelta(days=days), sent_at=sent_at
    )


def test_reminder_goes_out_three_days_before_the_end_and_once(asked, therapist):
    soon(asked[0])

    numbers = [rater_links.remind_due(timezone.now()) for _ in range(2)]

    assert numbers == [1, 0]
    message = mail.outbox[-1]
    assert (len(mail.outbox), message.to) == (2, [EMAIL])
    assert therapist.first_name not in message.body
    assert "/rate/" not in message.body


def too_early(link):
    soon(link, days=4)


def just_asked(link):
    soon(link, sent_days_ago=0)


def given(link):
    soon(link)
    handed_in(link)


def stopped_soon(link):
    soon(link)
    stopped(link)


@pytest.mark.parametrize("happens", [too_early, just_asked, given, stopped_soon, over])
def test_reminder_goes_out_only_where_it_helps(asked, happens):
    happens(asked[0])

    assert rater_links.remind_due(timezone.now()) == 0


def test_reminder_waits_for_the_mail_server(settings, asked):
    soon(asked[0])
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.test_rater_links.Down"

    down = rater_links.remind_due(timezone.now())

    settings.EMAIL_BACKEND = backend
    assert (down, rater_links.remind_due(timezone.now())) == (0, 1)


def test_command_reminds(asked, capsys):
    soon(asked[0])

    call_command("remind_raters")

    assert capsys.readouterr().out == "Reminded 1 rater.\n"


def test_link_is_named_by_its_assessment(asked):
    link, _ = asked

    assert str(link) == f"Link to {link.assessment_id}"


# The database


def test_rater_has_one_link_to_an_assessment(asked):
    link, _ = asked

    with pytest.raises(IntegrityError):
        RaterLink.objects.create(
            assessment=link.assessment, asked_by=link.asked_by, token_sha256="0" * 64, ends_on=link.ends_on
        )
