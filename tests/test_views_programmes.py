"""The pages on which an administrator defines programmes."""

import pytest
from django.urls import reverse

from assessments.actions import people, programmes
from assessments.models import Programme
from assessments.queries import programme_content, programme_fingerprint
from tests import factories
from tests.conftest import signed_in, told, words
from tests.factories import make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


@pytest.fixture
def client(admin):
    return signed_in(admin)


@pytest.fixture
def programme(admin, northfield):
    """Robert's, of the name that Amara's role has."""
    return make_programme(admin, northfield)


@pytest.fixture
def both(admin, southbank):
    """Robert administers Southbank, too."""
    people.start_membership(by=None, person=admin, organisation=southbank, role="admin", starts_on=factories.LONG_AGO)


def editing(programme, **values):
    return {"name": "Year 1", "cases": "4", "seen": programme_fingerprint(programme_content(programme)), **values}


def page(programme):
    return reverse("programme", args=[programme.pk])


def test_list_tells_what_is_asked_for_and_of_how_many(client, programme, therapist):
    assert "Year 1 Four cases 1 Offered" in words(client.get(reverse("programmes")))


def test_list_tells_that_there_is_none(client):
    assert "Northfield None yet. Until there is one" in words(client.get(reverse("programmes"))).replace(
        "Define a programme of Northfield ", ""
    )


def test_list_puts_retired_programmes_last(client, admin, programme, northfield):
    programmes.retire(by=admin, programme=programme)
    make_programme(admin, northfield, name="Year 2")

    text = words(client.get(reverse("programmes")))

    assert "Year 2 Four cases 0 Offered Year 1 Four cases 0 Retired" in text


def test_list_counts_present_therapists_whatever_the_case_of_letters(client, programme, therapist, northfield):
    factories.make_person("Nadia Stone", "therapist", northfield, programme="YEAR 1")
    factories.end_membership(factories.make_person("Omar Lind", "therapist", northfield, programme="Year 1"))

    assert "Year 1 Four cases 2 Offered" in words(client.get(reverse("programmes")))


def test_list_names_what_roles_name_and_nobody_defined(client, therapist):
    response = client.get(reverse("programmes"))

    assert "not defined: Year 1 1 therapist" in words(response)
    assert "&amp;name=Year%201" in response.text


def test_list_keeps_organisations_apart(client, programme, both, outside_admin, southbank):
    make_programme(outside_admin, southbank, name="Theirs")
    factories.make_person("Nadia Stone", "therapist", southbank, programme="Year 1")

    northfield, _, southbank = words(client.get(reverse("programmes"))).partition("Southbank Define")

    assert "Year 1 Four cases 0 Offered" in northfield
    assert "Theirs Four cases 0 Offered Named in roles of therapists, but not defined: Year 1 1 therapist" in southbank
    assert "Theirs" not in northfield


def test_list_shows_nothing_of_other_organisations(client, outside_admin, southbank):
    make_programme(outside_admin, southbank, name="Theirs")

    assert "Theirs" not in words(client.get(reverse("programmes")))


def test_programme_is_defined(client, northfield):
    typed = {"name": "IPT practitioner 2025", "cases": "4", "recordings_per_case": "3", "is_core_observed": "on"}

    response = client.post(reverse("programme-new"), typed)

    stored = Programme.objects.get()
    assert (stored.organisation, stored.cases, stored.recordings_per_case) == (northfield, 4, 3)
    assert (stored.is_core_observed, stored.is_focus_observed, stored.problem_areas) == (True, False, None)
    assert (response.url, told(response)) == (
        reverse("programmes"),
        ["The programme IPT practitioner 2025 is saved."],
    )


def test_programme_is_defined_for_the_organisation_chosen(client, both, southbank):
    client.post(reverse("programme-new"), {"organisation": southbank.pk, "name": "Year 1", "cases": "4"})

    assert Programme.objects.get().organisation == southbank


def test_organisation_of_others_is_no_choice(client, both, db):
    westfield = people.create_organisation(by=None, name="Westfield")

    response = client.post(reverse("programme-new"), {"organisation": westfield.pk, "name": "Year 1", "cases": "4"})

    assert "This is not one of the choices." in words(response)
    assert not Programme.objects.exists()


def test_address_brings_the_name_along(client):
    response = client.get(f"{reverse('programme-new')}?name=Year%201%00")

    assert 'name="name" value="Year 1"' in response.text


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": ""}, "Name: this is missing."),
        ({"name": "a\x07b"}, "This holds a control character that cannot be kept."),
        ({"name": "x" * 151}, "This is longer than 150 characters."),
        ({"cases": ""}, "Ask for at least one thing: a number here or below, or one of the conditions."),
        ({"cases": "", "recordings_per_case": "3"}, "Say in how many cases the recordings are asked for."),
        ({"cases": "0"}, "Give a whole number from 1 to 99, or leave it empty."),
        ({"cases": "four", "recordings_per_case": "3"}, "Give a whole number from 1 to 99"),
        ({"recordings_per_case": "-1"}, "Give a whole number from 1 to 99"),
        ({"problem_areas": "5"}, "Give a whole number from 1 to 4"),
        ({"assessments": "9" * 30}, "Give a whole number from 1 to 999"),
    ],
)
def test_fault_is_told_in_a_sentence(client, values, expected):
    response = client.post(reverse("programme-new"), {"name": "Year 1", "cases": "4", **values})

    text = words(response)
    assert text.count(expected) == 2  # in the summary and at the field
    assert not Programme.objects.exists()


def test_name_that_is_taken_is_refused_with_what_was_typed(client, programme):
    response = client.post(reverse("programme-new"), {"name": "year 1", "cases": "7"})

    assert "Northfield has a programme called year 1. Choose another name, or retire that one." in words(response)
    assert 'value="7"' in response.text


def test_programme_opens_in_the_editor(client, programme):
    response = client.get(page(programme))

    assert 'name="cases" value="4"' in response.text
    assert "Of Northfield. A change counts at once" in words(response)


def test_programme_changes(client, programme):
    response = client.post(page(programme), editing(programme, cases="5", has_all_phases="on"))

    stored = Programme.objects.get()
    assert (response.url, stored.cases, stored.has_all_phases) == (reverse("programmes"), 5, True)


def test_second_editor_is_told_and_chooses(client, programme):
    mine = editing(programme, cases="6")
    client.post(page(programme), editing(programme, cases="5"))

    response = client.post(page(programme), mine)

    assert (response.status_code, Programme.objects.get().cases) == (409, 5)
    assert "It is now called Year 1 and asks for this: Five cases Yours stands below" in words(response)
    client.post(page(programme), mine | {"seen": response.context["seen"]})
    assert Programme.objects.get().cases == 6


def test_form_sent_without_what_was_seen_overwrites_nothing(client, programme):
    response = client.post(page(programme), {"name": "Year 1", "cases": "9"})

    assert (response.status_code, Programme.objects.get().cases) == (409, 4)


def test_programme_is_retired_and_then_read(client, programme):
    response = client.post(reverse("programme-retire", args=[programme.pk]))

    assert told(response) == ["Year 1 is no longer offered. Who is in it keeps its requirements."]
    text = words(client.get(page(programme)))
    assert "Retired It is no longer offered and never changes. Year 1 Of Northfield, retired on" in text
    assert "Asks for Four cases" in text
    assert "Save" not in text


def test_retired_programme_is_not_changed_by_a_form_that_was_open(client, admin, programme):
    open_form = editing(programme, cases="5")
    programmes.retire(by=admin, programme=programme)

    response = client.post(page(programme), open_form)

    assert "This programme was retired by now and never changes." in words(response)
    assert Programme.objects.get().cases == 4


def test_role_offers_the_programmes(client, admin, programme, therapist, northfield):
    retired = make_programme(admin, northfield, name="Year 0")
    programmes.retire(by=admin, programme=retired)

    for address in [reverse("person-new"), reverse("person", args=[therapist.pk])]:
        text = client.get(address).text
        assert '<datalist id="programmes"><option value="Year 1"></option></datalist>' in text
        assert 'list="programmes"' in text
