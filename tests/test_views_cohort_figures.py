"""The tables of the cohort's drawings as files: what the page says of the group, and no more."""

import csv
import io

import pytest
from django.urls import reverse

from assessments.models import AuditEvent, Domain
from tests import factories
from tests.conftest import signed_in, words
from tests.test_quarters import quarter
from tests.test_views_cohort import five, give  # noqa: F401  five is a fixture
from tests.test_views_cohort_progress import name_of, stood

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


def rows(response):
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def figure(person, name, **choices):
    return signed_in(person).get(reverse("cohort-figure", args=[name]), choices)


def of_activity(person, code, **choices):
    return signed_in(person).get(reverse("cohort-activity-figure", args=[code]), choices)


@pytest.fixture
def few(five, northfield, revision):  # noqa: F811  the fixture from there
    """Four of the five have S7 at 2."""
    for person in five[:4]:
        give(person, northfield, revision, {"S7": 2})
    return five


def test_activities_stand_with_what_is_told_of_the_group(lead, few):
    found = {row[0]: row[2:] for row in rows(figure(lead, "activities"))}

    assert found["Code"] == ["Rated", "Median", "Middle half from", "Middle half to", "Competent or beyond"]
    assert found["S9"] == ["5", "2 Emerging", "2 Emerging", "4 Competent", "2"]
    assert found["S7"] == ["4", "Left out", "Left out", "Left out", "Left out"]


def test_activities_for_administrators_hold_no_small_number(admin, few):
    found = {row[0]: row[2:] for row in rows(figure(admin, "activities"))}

    assert found["S7"] == ["under 5", "Left out", "Left out", "Left out", "Left out"]
    assert found["S9"] == ["5", "2 Emerging", "2 Emerging", "4 Competent", "2"]
    assert found["S1"][0] == "0"


def test_filters_of_the_page_hold_for_the_file(lead, few):
    found = {row[0]: row[2] for row in rows(figure(lead, "activities", programme="Year 2"))}

    assert found["S9"] == "0"


@pytest.mark.parametrize(("who", "told"), [("lead", "4"), ("admin", "under 5")])
def test_progress_has_a_row_for_each_domain_and_quarter(request, northfield, few, who, told):
    domain = Domain.objects.get(revision__framework__slug="ipt", code="3")
    for person in few[:4]:
        stood(person, northfield, domain, [(2, 1, None)])
    stood(few[4], northfield, domain, [(4, 0, None)])

    found = rows(figure(request.getfixturevalue(who), "progress"))

    assert found[0] == ["Domain", "Title", "At the end of", "Rated", "Median", "Competent or beyond"]
    assert [row for row in found if row[0] == "3"] == [
        ["3", domain.title, name_of(0), "5", "2 Emerging", "1 of 5"],
        ["3", domain.title, name_of(1), told, "Left out", "Left out"],
    ]


def test_quarters_tell_how_much_was_assessed(lead, shared):
    found = rows(figure(lead, "quarters"))

    assert found[0] == ["Quarter", "Assessments", "Therapists"]
    assert [row[1:] for row in found[1:]] == [["1", "1"]]
    assert found[1][0].endswith(str(quarter().year) if shared.session_on >= quarter() else str(quarter(1).year))


def test_quarters_are_for_leads_alone(admin, shared):
    response = figure(admin, "quarters")

    assert response.status_code == 403
    assert "Only a training lead sees what was assessed." in words(response)


def test_competences_of_an_activity_stand_as_on_its_page(lead, admin, supervisor, northfield, revision):
    people = [factories.make_person(f"Person {letter}", "therapist", northfield) for letter in "ABCDE"]
    for person, level in zip(people, [1, 2, 2, 4, 5], strict=True):
        factories.make_supervision(person, supervisor, northfield)
        answers = {"S9.1": level} if level == 5 else {"S9.1": level, "S9.2": 3}
        factories.make_rated(supervisor, person, revision, answers)

    for_lead, for_admin = (rows(of_activity(person, "S9")) for person in (lead, admin))

    assert for_lead[0][2:] == [
        *["Advanced", "Competent", "Developing", "Emerging", "Not yet demonstrated"],
        *["Not observed", "Not applicable", "Not rated", "Rated", "Median", "Middle half from", "Middle half to"],
    ]
    first = ["1", "1", "0", "2", "1", "0", "0", "0", "5", "2 Emerging", "2 Emerging", "4 Competent"]
    assert for_lead[1][2:] == for_admin[1][2:] == first
    assert for_lead[2][2:] == ["0", "0", "4", "0", "0", "0", "0", "1", "4", "Left out", "Left out", "Left out"]
    assert for_admin[2][2:] == [*["Left out"] * 8, "under 5", "Left out", "Left out", "Left out"]


def test_files_about_the_group_are_no_event(lead, few):
    before = AuditEvent.objects.count()

    figure(lead, "activities")

    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("url", ["/cohort/figures/none.csv", "/cohort/activities/none/figure.csv"])
def test_unknown_figure_is_not_found(lead, url):
    assert signed_in(lead).get(url).status_code == 404


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("/cohort/", "/cohort/figures/activities.csv?"),
        ("/cohort/", "/cohort/figures/quarters.csv?"),
        ("/cohort/progress/", "/cohort/figures/progress.csv?"),
        ("/cohort/activities/S2/", "/cohort/activities/S2/figure.csv?"),
    ],
)
def test_pages_lead_to_their_files_with_their_choices(lead, shared, northfield, page, link):
    text = signed_in(lead).get(page, {"programme": "Year 1"}).text

    assert f'href="{link}organisation={northfield.pk}&amp;programme=Year+1&amp;framework=ipt"' in text
