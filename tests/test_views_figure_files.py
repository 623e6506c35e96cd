"""The tables of a therapist's drawings as files: what the page says, to whom it says it."""

import csv
import io

import pytest
from django.urls import reverse

from assessments.actions import assessments, lineage
from assessments.models import AuditEvent, RecordAccess
from tests import factories
from tests.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]
NAMES = ["by-domain", "then-and-now", "several-supervisors", "coverage", "cases"]


def rows(response):
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def figure(person, name, reader=None, **choices):
    return signed_in(reader or person).get(reverse("therapist-figure", args=[person.pk, name]), choices)


def every_rating(person, code="S2", reader=None, **choices):
    return signed_in(reader or person).get(reverse("therapist-activity-figure", args=[person.pk, code]), choices)


@pytest.fixture
def twice(supervisor, therapist, revision):
    """S2.1 went from 2 to 4; S2.2 was not observed."""
    first = factories.make_rated(supervisor, therapist, revision, {"S2.1": 2}, days=30)
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 4, "S2.2": "not_observed"}, days=3, case_number=3)
    return first


def test_levels_by_domain(therapist, twice):
    found = rows(figure(therapist, "by-domain"))

    assert found[0][:7] == ["Code", "Domain", "Advanced", "Competent", "Developing", "Emerging", "Not yet demonstrated"]
    (techniques,) = [row for row in found if row[0] == "3"]
    assert techniques[2:8] == ["0", "1", "0", "0", "0", "1"]


def test_then_and_now(therapist, twice):
    assert rows(figure(therapist, "then-and-now")) == [
        ["Code", "Activity", "First", "Latest", "Competences", "Since"],
        [
            "S2",
            "Ability to work with interpersonal role disputes",
            "2 Emerging",
            "4 Competent",
            "1",
            factories.days_ago(30).isoformat(),
        ],
    ]


def test_several_supervisors_where_they_differ(therapist, other_supervisor, northfield, revision, twice):
    factories.make_supervision(therapist, other_supervisor, northfield)
    factories.make_rated(other_supervisor, therapist, revision, {"S2.1": 3}, days=2)

    found = rows(figure(therapist, "several-supervisors"))

    assert [[row[0], *row[2:]] for row in found] == [
        ["Competence", "Lowest", "Highest", "Supervisors"],
        ["S2.1", "3 Developing", "4 Competent", "2"],
    ]


def test_supervisors_who_agree_stand_not_in_it(therapist, other_supervisor, northfield, revision, twice):
    factories.make_supervision(therapist, other_supervisor, northfield)
    factories.make_rated(other_supervisor, therapist, revision, {"S2.1": 4}, days=2)

    assert len(rows(figure(therapist, "several-supervisors"))) == 1


def test_coverage(therapist, twice):
    found = {row[0]: row[2:] for row in rows(figure(therapist, "coverage"))}

    assert found["Code"] == ["Expected", "Never observed", "Observed once only", "Out of date"]
    assert found["S2"] == ["10", ", ".join(f"S2.{number}" for number in range(2, 11)), "", ""]


def test_cases(therapist, twice):
    found = rows(figure(therapist, "cases"))

    assert (found[0][:2], found[0][-1]) == (["Case", "Problem areas"], "Assessments")
    assert [(row[0], row[1], row[-1]) for row in found[1:]] == [
        ("Case 2", "Role dispute", "1"),
        ("Case 3", "Role dispute", "1"),
    ]


def test_nothing_rated_leaves_the_heads(therapist):
    assert rows(figure(therapist, "cases")) == [["Case", "Problem areas", "Assessments"]]


def test_every_rating_of_an_activity_newest_first(therapist, supervisor, twice):
    assert rows(every_rating(therapist)) == [
        ["Session", "Competence", "Level", "Rated by", "Source", "Case", "Note", "Carried over from"],
        *[
            [factories.days_ago(days).isoformat(), code, level, "Dr Helen Marsh", "Recorded session", case, "", ""]
            for days, code, level, case in [
                (3, "S2.2", "Not observed", "case 3, session 7 of 16, middle phase, role dispute"),
                (3, "S2.1", "4 Competent", "case 3, session 7 of 16, middle phase, role dispute"),
                (30, "S2.1", "2 Emerging", "case 2, session 7 of 16, middle phase, role dispute"),
            ]
        ],
    ]


def test_every_rating_says_what_was_noted(therapist, supervisor, draft):
    factories.rate(draft, "S2.1", 1, note="Left out.", is_concern=True)
    factories.rate(draft, "S2.2", 3, note="Asked twice.")
    assessments.share(by=supervisor, assessment=draft)

    assert [row[6] for row in rows(every_rating(therapist))[1:]] == ["Note", "Concern"]


def test_every_rating_says_what_was_carried_over(admin, supervisor, therapist):
    older = factories.make_revision()
    factories.make_rated(supervisor, therapist, older, {"A1.1": 2})
    lineage.carry_over(by=admin, revision=factories.make_next(is_published=True))

    assert rows(every_rating(therapist, "A1", framework="small"))[1][-1] == "1.0"


@pytest.mark.parametrize("name", ["by-domain", "then-and-now", "coverage", "cases"])
def test_choices_of_the_page_hold_for_the_file(therapist, twice, name):
    before = factories.days_ago(40).isoformat()

    assert rows(figure(therapist, name, on=before)) != rows(figure(therapist, name))
    assert len(rows(every_rating(therapist, on=before))) == 1


def test_draft_leaves_no_trace(therapist, supervisor, draft):
    factories.rate(draft, "S2.1", 5)

    assert len(rows(every_rating(therapist, reader=supervisor))) == 1
    assert len(rows(figure(therapist, "cases", reader=supervisor))) == 1


def test_reading_a_file_is_noted_like_opening_the_profile(therapist, lead, shared):
    events = AuditEvent.objects.count()

    figure(therapist, "coverage", reader=lead)
    every_rating(therapist, reader=lead)

    opened = RecordAccess.objects.filter(therapist=therapist, by=lead)
    assert list(opened.values_list("opened", flat=True)) == ["profile"]
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize("path", ["figures/none.csv", "activities/none/figure.csv"])
def test_unknown_figure_is_not_found(therapist, path):
    assert signed_in(therapist).get(f"/therapists/{therapist.pk}/{path}").status_code == 404


def test_pages_lead_to_their_files_with_their_choices(therapist, other_supervisor, northfield, revision, twice):
    factories.make_supervision(therapist, other_supervisor, northfield)
    factories.make_rated(other_supervisor, therapist, revision, {"S2.1": 3}, days=2)
    client, page = signed_in(therapist), f"/therapists/{therapist.pk}/"

    profile = client.get(page, {"source": "recorded"}).text
    activity = client.get(f"{page}activities/S2/", {"source": "recorded"}).text

    for name in NAMES:
        assert f'href="{page}figures/{name}.csv?source=recorded"' in profile
    assert f'href="{page}activities/S2/figure.csv?source=recorded"' in activity
