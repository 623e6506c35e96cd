"""The page that holds a programme against what was assessed."""

import pytest
from django.urls import reverse

from assessments.actions import people, programmes
from assessments.models import Membership, RecordAccess
from tests import factories
from tests.conftest import signed_in, words
from tests.factories import make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


@pytest.fixture
def programme(admin, northfield):
    return make_programme(admin, northfield, cases=2, problem_areas=1)


def opened(reader, therapist, query=""):
    return signed_in(reader).get(reverse("therapist-requirements", args=[therapist.pk]) + query)


def page(reader, therapist, query=""):
    return words(opened(reader, therapist, query))


def day(on):
    return f"{on:%-d %B %Y}"


def test_page_tells_what_is_covered_and_what_is_open(programme, supervisor, therapist, shared):
    text = page(supervisor, therapist)

    assert "Year 1: of 2 requirements, 1 is covered and 1 open." in text
    assert "Open Two cases: 1 covered, 1 open One more case What it rests on" in text
    assert f"Case 2: 1 assessment, on {day(shared.session_on)} (" in text
    assert "Covered At least one problem area: 1 covered What it rests on" in text


def test_page_says_that_people_judge_and_what_it_rests_on(programme, therapist, shared):
    text = page(therapist, therapist)

    assert "whether it is enough is for people to judge" in text
    assert "It rests on one shared assessment at Northfield, up to" in text


def test_page_leads_to_the_assessments(programme, therapist, shared):
    text = opened(therapist, therapist).text

    assert f'<a class="nb" href="{reverse("assessment", args=[shared.pk])}"' in text


def test_page_leads_to_the_activities_as_of_the_same_day(admin, northfield, therapist, shared):
    make_programme(admin, northfield, is_core_observed=True)

    address = reverse("therapist-activity", args=[therapist.pk, "S7"])
    yesterday = f"?on={factories.days_ago(1)}"
    assert f'<a href="{address}{yesterday}">' in opened(therapist, therapist, yesterday).text


def test_page_of_somebody_with_nothing_assessed_is_all_open(programme, therapist):
    text = page(therapist, therapist)

    assert "Year 1: all 2 requirements are open." in text
    assert "It rests on no shared assessments at Northfield" in text


def test_page_as_of_a_day_leaves_out_later_sessions(programme, supervisor, therapist, revision):
    for days, case in [(30, 1), (5, 2)]:
        factories.make_shared(supervisor, therapist, revision, session_on=factories.days_ago(days), case_number=case)

    text = page(therapist, therapist, f"?on={factories.days_ago(10)}")

    assert "Two cases: 1 covered, 1 open" in text
    assert f"It rests on one shared assessment at Northfield, up to {day(factories.days_ago(10))}." in text


def test_page_counts_no_draft_and_nothing_withdrawn(programme, supervisor, therapist, revision, draft):
    factories.rate(draft, "S2.1", 3)
    factories.make_withdrawn(supervisor, therapist, revision)

    assert "all 2 requirements are open" in page(supervisor, therapist)


def test_page_counts_one_framework_at_a_time(programme, supervisor, therapist, shared):
    small = factories.make_revision()
    factories.make_rated(supervisor, therapist, small, {"A1.1": 2}, case_number=9, problem_area="")

    assert "Case 9" not in page(therapist, therapist)
    text = page(therapist, therapist, "?framework=small")
    assert "Small list 1.0" in text
    assert "Case 9: 1 assessment" in text
    assert "Case 2:" not in text


def test_page_keeps_the_framework_when_the_day_is_changed(programme, therapist, db):
    factories.make_revision()

    assert 'name="framework" value="small"' in opened(therapist, therapist, "?framework=small").text


def test_programme_is_found_whatever_the_case_of_letters(admin, northfield, therapist):
    make_programme(admin, northfield, name="YEAR 1")

    assert "YEAR 1: the one requirement is open." in page(therapist, therapist)


def test_programme_of_another_organisation_is_not_meant(outside_admin, southbank, therapist):
    make_programme(outside_admin, southbank)

    text = page(therapist, therapist)

    assert "Year 1 Northfield has not defined what this programme asks for." in text


def test_role_without_a_programme_is_told(therapist, supervisor):
    Membership.objects.filter(user=therapist).update(programme="")

    assert "Your role at Northfield names no programme, so nothing is asked for." in page(therapist, therapist)
    assert "The role of Amara Okafor at Northfield names no programme" in page(supervisor, therapist)


def test_retired_programme_still_holds(admin, programme, therapist, shared):
    programmes.retire(by=admin, programme=programme)

    text = page(therapist, therapist)

    assert "Year 1: of 2 requirements, 1 is covered and 1 open." in text
    assert "The programme was retired on" in text


def test_programme_on_offer_comes_before_a_retired_one_of_its_name(admin, programme, northfield, therapist):
    programmes.retire(by=admin, programme=programme)
    make_programme(admin, northfield, cases=7)

    assert "Open Seven cases: 0 covered, 7 open" in page(therapist, therapist)


@pytest.fixture
def moved(therapist, northfield):
    """Amara's first year ended a month ago; since then she is in her second."""
    first = Membership.objects.get(user=therapist)
    Membership.objects.filter(pk=first.pk).update(ends_on=factories.days_ago(31))
    people.start_membership(
        by=None,
        person=therapist,
        organisation=northfield,
        role="therapist",
        programme="Year 2",
        starts_on=factories.days_ago(30),
    )


def test_page_is_about_the_programme_of_the_day(admin, programme, northfield, therapist, moved):
    make_programme(admin, northfield, name="Year 2", cases=7)

    assert "Year 2: the one requirement is open." in page(therapist, therapist)
    assert "Year 1: all 2 requirements are open." in page(therapist, therapist, f"?on={factories.days_ago(60)}")


def test_after_the_last_role_its_programme_still_holds(programme, therapist, lead):
    factories.end_membership(therapist)

    assert "Year 1: all 2 requirements are open." in page(lead, therapist)


@pytest.fixture
def case_eight(therapist, southbank, outside_supervisor, outside_admin, revision):
    """Amara is in a programme of Southbank, too, supervised there by Grace, who assessed case 8."""
    people.start_membership(
        by=None,
        person=therapist,
        organisation=southbank,
        role="therapist",
        programme="Perinatal",
        starts_on=factories.LONG_AGO,
    )
    factories.make_supervision(therapist, outside_supervisor, southbank)
    make_programme(outside_admin, southbank, name="Perinatal", cases=1)
    return factories.make_shared(outside_supervisor, therapist, revision, case_number=8)


def test_therapist_of_two_organisations_sees_both_programmes_apart(programme, therapist, shared, case_eight):
    text = page(therapist, therapist)

    first, second = text.split("Perinatal: the one requirement is covered.")
    assert ("Case 2" in first, "Case 8" in first) == (True, False)
    assert ("Case 2" in second, "Case 8" in second) == (False, True)


def test_supervisor_sees_the_programme_of_the_organisation_of_the_supervision(programme, therapist, shared, case_eight):
    for supervisor, hidden in [(shared.supervisor, "Perinatal"), (case_eight.supervisor, "Year 1")]:
        assert hidden not in page(supervisor, therapist)


def test_lead_sees_the_page(programme, lead, therapist, shared):
    assert "Year 1: of 2 requirements" in page(lead, therapist)


def test_opening_is_noted_as_that_of_the_profile(programme, supervisor, therapist):
    page(supervisor, therapist)

    access = RecordAccess.objects.get()
    assert (access.by, access.therapist, access.opened) == (supervisor, therapist, "profile")


def test_own_page_is_not_noted(programme, therapist):
    page(therapist, therapist)

    assert not RecordAccess.objects.exists()


def test_profile_and_agenda_lead_to_the_page(therapist):
    address = reverse("therapist-requirements", args=[therapist.pk])

    for name in ["therapist", "therapist-agenda"]:
        text = signed_in(therapist).get(reverse(name, args=[therapist.pk])).text
        assert f'href="{address}"' in text
