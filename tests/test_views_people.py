import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from assessments.models import Membership, Role, Supervision, User
from tests import factories
from tests.conftest import signed_in, told, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

PEOPLE = "/manage/people/"
NEW = "/manage/people/new/"


@pytest.fixture
def client(admin):
    return signed_in(admin)


@pytest.fixture
def nadia(northfield):
    return {
        "name": "Nadia Stone",
        "email": "Nadia@Example.org",
        "profession": "Nurse",
        "organisation": str(northfield.pk),
        "role": "therapist",
        "programme": "Year 1",
        "starts_on": "2026-01-05",
    }


def page(person):
    return reverse("person", args=[person.pk])


def account(**changes):
    return {"name": "Amara Okafor", "profession": "", "is_active": "on", **changes}


def role(organisation, name="lead", **changes):
    values = {"organisation": organisation.pk, "role": name, "starts_on": "2026-01-05", "programme": "", **changes}
    return {f"membership-{key}": value for key, value in values.items()}


def supervision(organisation, supervisor, **changes):
    values = {"organisation": organisation.pk, "supervisor": supervisor.pk, "starts_on": "2026-01-05", **changes}
    return {f"supervision-{key}": value for key, value in values.items()}


# the list


def test_list_shows_everybody_of_the_organisation_by_name(client, therapist, outside_therapist):
    response = client.get(PEOPLE)

    assert [person.name for person in response.context["page"]] == ["Amara Okafor", "Dr Helen Marsh", "Robert Quayle"]


def test_list_shows_roles_with_their_end(client, admin, therapist, supervisor, lead):
    Membership.objects.filter(user=supervisor).update(ends_on=factories.days_ago(1))
    Membership.objects.filter(user=lead).update(ends_on=factories.days_ago(-1))

    text = words(client.get(PEOPLE))

    assert "Therapist, Northfield May sign in" in text
    assert f"Supervisor, Northfield, ended {factories.days_ago(1):%-d %B %Y}" in text.replace(" ,", ",")
    assert f"Training lead, Northfield, until {factories.days_ago(-1):%-d %B %Y}" in text.replace(" ,", ",")


def test_list_shows_whose_account_is_switched_off(client, therapist):
    User.objects.filter(pk=therapist.pk).update(is_active=False, profession="Nurse")

    text = words(client.get(PEOPLE))

    assert "Amara Okafor Nurse" in text
    assert "Switched off" in text


def test_list_is_paged(client, northfield):
    for number in range(51):
        factories.make_person(f"Person {number}", Role.THERAPIST, northfield)

    response = client.get(PEOPLE, {"page": 2})

    assert (len(response.context["page"]), "51 to 52 of 52" in words(response)) == (2, True)


# a new person


def test_new_person_gets_account_role_and_link(client, nadia):
    response = client.post(NEW, nadia)

    person = User.objects.get(email="nadia@example.org")
    membership = person.memberships.get()
    assert response.url == page(person)
    assert (person.name, person.profession, person.has_usable_password()) == ("Nadia Stone", "Nurse", False)
    assert (membership.role, membership.programme, f"{membership.starts_on}") == ("therapist", "Year 1", "2026-01-05")
    assert told(response) == ["Nadia Stone has an account. A link to set a password is on its way."]


def test_invitation_goes_to_the_new_person_alone(client, nadia):
    client.post(NEW, nadia)

    (message,) = mail.outbox
    assert message.to == ["nadia@example.org"]
    assert re.search(r"http://\S+/accounts/password/reset/key/\S+", message.body)


def test_invitation_lets_the_new_person_set_a_password_and_sign_in(client, nadia):
    client.post(NEW, nadia)
    client.logout()
    link = re.search(r"http://[^/]+(\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True).request["PATH_INFO"]

    client.post(form, {"password1": factories.PASSWORD, "password2": factories.PASSWORD})

    assert User.objects.get(email="nadia@example.org").check_password(factories.PASSWORD) is True


def test_invitation_works_once(client, nadia):
    client.post(NEW, nadia)
    client.logout()
    link = re.search(r"http://[^/]+(\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True).request["PATH_INFO"]
    client.post(form, {"password1": factories.PASSWORD, "password2": factories.PASSWORD})
    client.logout()

    response = client.get(link)

    assert (response.status_code, "password1" in response.text) == (200, False)


def test_new_person_with_a_known_address_is_refused(client, nadia, therapist):
    response = client.post(NEW, nadia | {"email": therapist.email.upper()})

    assert (response.status_code, mail.outbox) == (200, [])
    assert response.context["form"].errors == {
        "email": ["Somebody with this e-mail address has an account already. Give that person the role instead."]
    }


def test_new_person_of_a_foreign_organisation_is_refused(client, nadia, southbank):
    response = client.post(NEW, nadia | {"organisation": str(southbank.pk)})

    assert response.context["form"].errors == {
        "organisation": ["This is not one of the choices. Choose one that is shown."]
    }
    assert not User.objects.filter(email="nadia@example.org").exists()


def test_new_person_is_asked_for_what_is_missing(client):
    response = client.post(NEW, {"name": " "})

    assert sorted(response.context["form"].errors) == ["email", "name", "organisation", "role", "starts_on"]
    assert "<title>Error: Add a person" in response.text


def test_new_person_keeps_what_was_typed_when_refused(client, nadia):
    response = client.post(NEW, nadia | {"email": "nonsense"})

    assert 'value="Nadia Stone"' in response.text
    assert "This is not an e-mail address. Write it as name@example.org." in response.text


# an account


def test_account_is_changed(client, therapist):
    response = client.post(page(therapist), account(name="Amara Obi", profession="Nurse"))

    therapist.refresh_from_db()
    assert (response.url, told(response)) == (page(therapist), ["Saved."])
    assert (therapist.name, therapist.profession, therapist.is_active) == ("Amara Obi", "Nurse", True)


def test_account_is_switched_off(client, therapist):
    client.post(page(therapist), {"name": "Amara Okafor"})

    therapist.refresh_from_db()
    assert therapist.is_active is False


def test_own_account_cannot_be_switched_off(client, admin):
    response = client.post(page(admin), {"name": "Robert Quayle"})

    admin.refresh_from_db()
    assert (response.status_code, admin.is_active) == (200, True)
    assert "You cannot switch off your own account. Ask another administrator." in words(response)


def test_account_without_a_name_is_refused(client, therapist):
    response = client.post(page(therapist), account(name=""))

    assert "Name: this is missing." in words(response)
    assert "<title>Error: " in response.text


def test_page_shows_account_roles_and_supervisions(client, therapist):
    text = words(client.get(page(therapist)))

    assert "Therapist Year 1 Northfield 6 January 2025 Last day of Therapist, Northfield" in text
    assert "Dr Helen Marsh Northfield 6 January 2025 Last day of supervision by Dr Helen Marsh" in text


def test_page_of_a_supervisor_shows_whom_they_supervise(client, supervisor, therapist):
    text = words(client.get(page(supervisor)))

    assert "Supervises Amara Okafor Northfield, from 6 January 2025" in text
    assert "Supervised by" not in text


def test_page_of_a_therapist_without_supervisor_says_so(client, therapist):
    Supervision.objects.all().delete()

    text = words(client.get(page(therapist)))

    assert "By nobody yet. Assessments can start once a supervisor is recorded." in text


def test_page_of_somebody_who_is_neither_shows_no_supervisions(client, lead):
    assert "Supervis" not in words(client.get(page(lead))).replace("Supervisor", "")


def test_page_shows_when_things_ended(client, supervisor, therapist):
    Supervision.objects.update(ends_on="2026-02-01")
    Membership.objects.filter(user=therapist).update(ends_on="2026-03-01")

    text = words(client.get(page(therapist)))

    assert "Northfield 6 January 2025 1 March 2026" in text
    assert "Northfield 6 January 2025 1 February 2026" in text


# roles


def test_role_is_given(client, therapist, northfield):
    response = client.post(reverse("membership-start", args=[therapist.pk]), role(northfield))

    assert (response.url, told(response)) == (page(therapist), ["Saved."])
    assert [row.role for row in therapist.memberships.all()] == ["therapist", "lead"]


def test_role_that_stands_is_refused(client, therapist, northfield):
    response = client.post(reverse("membership-start", args=[therapist.pk]), role(northfield, "therapist"))

    assert "Amara Okafor has this role already." in words(response)
    assert '<details class="more" open>' in response.text


def test_role_of_a_foreign_organisation_is_refused(client, therapist, southbank):
    response = client.post(reverse("membership-start", args=[therapist.pk]), role(southbank))

    assert "This is not one of the choices. Choose one that is shown." in words(response)
    assert therapist.memberships.count() == 1


def test_role_is_ended(client, therapist):
    membership = therapist.memberships.get()
    url = reverse("membership-end", args=[therapist.pk, membership.pk])

    response = client.post(url, {"ends_on": "2026-02-01"})

    membership.refresh_from_db()
    assert (response.url, f"{membership.ends_on}") == (page(therapist), "2026-02-01")


@pytest.mark.parametrize(
    ("ends_on", "message"),
    [
        ("2024-12-31", "It began on 6 January 2025 and cannot end before that."),
        ("31/02/2026", "This is not a date. Write it as 30/11/2026."),
        ("", "Last day: this is missing."),
    ],
)
def test_role_ended_at_the_wrong_day_is_refused(client, therapist, ends_on, message):
    url = reverse("membership-end", args=[therapist.pk, therapist.memberships.get().pk])

    response = client.post(url, {"ends_on": ends_on})

    assert message in words(response)
    assert therapist.memberships.get().ends_on is None


def test_role_that_ended_is_not_ended_again(client, therapist):
    Membership.objects.filter(user=therapist).update(ends_on="2026-02-01")
    url = reverse("membership-end", args=[therapist.pk, therapist.memberships.get().pk])

    response = client.post(url, {"ends_on": "2026-03-01"})

    assert "This ended on 1 February 2026 already." in words(response)


def test_own_administrator_role_cannot_be_ended(client, admin):
    url = reverse("membership-end", args=[admin.pk, admin.memberships.get().pk])

    response = client.post(url, {"ends_on": timezone.localdate()})

    assert "You cannot end your own administrator role. Ask another administrator." in words(response)


def test_role_in_a_foreign_organisation_cannot_be_ended(client, therapist, southbank):
    foreign = Membership.objects.create(user=therapist, organisation=southbank, role="lead", starts_on="2026-01-05")

    response = client.post(reverse("membership-end", args=[therapist.pk, foreign.pk]), {"ends_on": "2026-02-01"})

    foreign.refresh_from_db()
    assert (response.status_code, foreign.ends_on) == (403, None)
    assert "You do not administer Southbank." in words(response)


# supervisions


def test_supervision_is_recorded(client, therapist, other_supervisor, northfield):
    url = reverse("supervision-start", args=[therapist.pk])

    response = client.post(url, supervision(northfield, other_supervisor))

    assert (response.url, told(response)) == (page(therapist), ["Saved."])
    assert Supervision.objects.filter(therapist=therapist, supervisor=other_supervisor).count() == 1


def test_supervision_that_runs_is_refused(client, therapist, supervisor, northfield):
    response = client.post(reverse("supervision-start", args=[therapist.pk]), supervision(northfield, supervisor))

    assert "Dr Helen Marsh supervises Amara Okafor already." in words(response)


def test_supervision_of_somebody_who_is_no_therapist_is_refused(client, lead, supervisor, northfield):
    response = client.post(reverse("supervision-start", args=[lead.pk]), supervision(northfield, supervisor))

    assert response.context["supervision"].non_field_errors() == [
        "Margaret Ellison is not a therapist of Northfield at present."
    ]


def test_supervision_by_somebody_of_elsewhere_is_refused(client, therapist, outside_supervisor, northfield):
    url = reverse("supervision-start", args=[therapist.pk])

    response = client.post(url, supervision(northfield, outside_supervisor))

    assert response.context["supervision"].errors == {
        "supervisor": ["This is not one of the choices. Choose one that is shown."]
    }


def test_supervision_of_oneself_is_refused(client, therapist, northfield):
    Membership.objects.create(user=therapist, organisation=northfield, role="supervisor", starts_on="2026-01-05")
    url = reverse("supervision-start", args=[therapist.pk])

    response = client.post(url, supervision(northfield, therapist))

    assert (response.status_code, Supervision.objects.filter(supervisor=therapist).count()) == (200, 0)
    assert list(response.context["supervision"].errors) == ["supervisor"]


def test_supervision_is_ended(client, therapist):
    row = Supervision.objects.get()

    response = client.post(reverse("supervision-end", args=[therapist.pk, row.pk]), {"ends_on": "2026-02-01"})

    row.refresh_from_db()
    assert (response.url, f"{row.ends_on}") == (page(therapist), "2026-02-01")


def test_supervision_ended_before_it_began_is_refused(client, therapist):
    url = reverse("supervision-end", args=[therapist.pk, Supervision.objects.get().pk])

    response = client.post(url, {"ends_on": "2024-02-01"})

    assert "It began on 6 January 2025 and cannot end before that." in words(response)


def test_supervision_in_a_foreign_organisation_cannot_be_ended(client, therapist, outside_supervisor, southbank):
    foreign = factories.make_supervision(therapist, outside_supervisor, southbank)

    response = client.post(reverse("supervision-end", args=[therapist.pk, foreign.pk]), {"ends_on": "2026-02-01"})

    foreign.refresh_from_db()
    assert (response.status_code, foreign.ends_on) == (403, None)
    assert "You do not administer Southbank." in words(response)
