"""The profile of a therapist on paper."""

import io
import re
import subprocess

import pikepdf
import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.actions import assessments, lineage
from assessments.models import Outcome, RecordAccess, Supervision
from assessments.reports import pdf
from tests import factories
from tests.conftest import signed_in
from tests.factories import days_ago, make_programme, make_rated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


@pytest.fixture
def small(db):
    """Stands in for the home framework: activities A1 with two competences and A1a with one."""
    return factories.make_revision(framework="ipt", number="9.0")


@pytest.fixture
def twice(supervisor, therapist, small):
    """Shared and provisional a while ago, and signed by both of late."""
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1.2": 2}, days=40, case_number=1)
    later = make_rated(supervisor, therapist, small, {"A1.1": 3, "A1.2": Outcome.NOT_OBSERVED}, days=2, case_number=2)
    for person in [therapist, supervisor]:
        assessments.sign_off(by=person, assessment=later)
    return later


def report_of(person, reader, **query):
    return signed_in(reader).get(reverse("therapist-report", args=[person.pk]), query)


def text_of(response):
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=response.content, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def day(value):
    return f"{value:%-d %B %Y}"


@pytest.mark.usefixtures("twice")
def test_report_is_a_tagged_pdf_named_without_the_person(supervisor, therapist):
    response = report_of(therapist, supervisor)

    today = timezone.localdate().isoformat()
    name = f'attachment; filename="profile-{str(therapist.pk)[-8:]}-{today}.pdf"'
    assert (response["Content-Type"], response["Content-Disposition"]) == ("application/pdf", name)
    with pikepdf.open(io.BytesIO(response.content)) as opened:
        assert (str(opened.Root.Lang), bool(opened.Root.MarkInfo.Marked)) == ("en-GB", True)


@pytest.mark.usefixtures("twice")
def test_report_says_what_it_rests_on(supervisor, therapist):
    text = text_of(report_of(therapist, supervisor))

    assert f"2 assessments by 1 supervisor, from {day(days_ago(40))} to {day(days_ago(2))}" in text
    assert "1 signed off and 1 shared and not yet signed" in text
    assert "Made for Dr Helen Marsh" in text


@pytest.mark.usefixtures("twice")
def test_report_says_what_the_programme_asks_for(admin, northfield, supervisor, therapist):
    make_programme(admin, northfield, cases=3, is_core_observed=True)

    text = text_of(report_of(therapist, supervisor))

    told = text[text.index("Year 1") : text.index("Coverage")]
    assert told == (
        "Year 1: all 2 requirements are open. Asked for State What there is What is open"
        " Three cases Open 2 covered, 1 open One more case"
        " Every core activity observed Open 1 covered, 1 open Never rated: A1a"
        " It rests on 2 shared assessments at Northfield. Whether it is enough is for people to judge. "
    )


@pytest.mark.usefixtures("twice")
def test_report_of_one_without_a_programme_says_nothing_of_requirements(supervisor, therapist):
    assert "Requirements" not in text_of(report_of(therapist, supervisor))


@pytest.mark.usefixtures("twice")
def test_report_holds_every_level_with_its_day(supervisor, therapist):
    text = text_of(report_of(therapist, supervisor))

    assert f"Met · {day(days_ago(2))}" in text
    assert f"Partly met · {day(days_ago(40))}" in text  # not observed replaces nothing
    assert "Nothing rated so far: A1a" in text


@pytest.mark.usefixtures("twice")
def test_report_tells_growth_and_what_is_missing(supervisor, therapist):
    text = text_of(report_of(therapist, supervisor))

    assert "Of 1 activity rated at least twice: 1 further on." in text
    assert "Of 3 competences, 1 was never observed, 1 was observed once only, and 0 were last observed" in text
    assert "2 cases cover role dispute; phases seen: middle." in text
    assert "No goal is open." in text


def test_report_lists_open_goals(supervisor, therapist, revision):
    factories.make_agreed(supervisor, therapist, revision, text="Name the dispute.")

    assert "Name the dispute." in text_of(report_of(therapist, therapist))


def test_report_of_nobody_s_assessments_says_so(supervisor, therapist):
    text = text_of(report_of(therapist, supervisor))

    assert "Nothing is rated yet for Amara." in text
    assert "Rests on No assessment" in text


def test_report_holds_no_draft(supervisor, therapist, draft):
    factories.rate(draft, "S2.2", 5)

    assert "Rests on No assessment" in text_of(report_of(therapist, supervisor))


@pytest.mark.usefixtures("twice")
def test_report_follows_the_choices_of_the_page(supervisor, therapist):
    chosen = report_of(therapist, supervisor, case="1", source="recorded", phase="", rater=str(supervisor.pk))

    text = text_of(chosen)
    assert "Counting only recorded session, case 1, by Dr Helen Marsh" in text
    assert "1 assessment by 1 supervisor, of" in text
    assert "Of 2 competences rated in what you chose, 0 are at Met." in text


@pytest.mark.usefixtures("twice")
def test_report_of_an_earlier_day_leaves_out_what_came_later(supervisor, therapist):
    text = text_of(report_of(therapist, supervisor, on=days_ago(20).isoformat(), phase="middle"))

    assert f"Standing on {day(days_ago(20))}" in text
    assert "Counting only middle phase" in text


def test_report_tells_where_supervisors_differ(supervisor, other_supervisor, therapist, small, northfield):
    factories.make_supervision(therapist, other_supervisor, northfield)
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1.2": 2}, days=9)
    make_rated(other_supervisor, therapist, small, {"A1.1": 3, "A1.2": 2}, days=8)

    text = text_of(report_of(therapist, supervisor))

    assert "Of 2 competences rated by more than one supervisor, 1 has a spread." in text
    assert re.search(r"A1\.1 \S.* Not met .*Met 2", text)


def test_report_marks_what_was_carried_over(supervisor, therapist, admin):
    older = factories.make_revision()
    make_rated(supervisor, therapist, older, {"A1.1": 2, "A1.2": 2}, days=9)
    newer = factories.make_next(is_published=True)
    lineage.carry_over(by=admin, revision=newer)

    text = text_of(report_of(therapist, supervisor, framework="small"))

    assert f"Partly met in revision 1.0, {day(days_ago(9))}, carried over" in text
    assert "carried over – wording changed" in text


@pytest.mark.usefixtures("twice")
def test_report_of_the_same_standing_is_the_same_file(supervisor, therapist):
    assert report_of(therapist, supervisor).content == report_of(therapist, supervisor).content


@pytest.mark.usefixtures("twice")
def test_report_is_noted_for_the_therapist(supervisor, therapist):
    report_of(therapist, supervisor)
    report_of(therapist, therapist)

    assert list(RecordAccess.objects.values_list("by", "opened")) == [(supervisor.pk, "profile")]


def test_report_is_refused_once_the_supervision_has_ended(supervisor, therapist):
    Supervision.objects.update(ends_on=days_ago(1))

    response = report_of(therapist, supervisor)

    assert (response.status_code, "supervision of this therapist has ended" in response.text) == (403, True)


def test_report_that_cannot_be_made_is_told_and_not_noted(supervisor, therapist, monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "CHILD", tmp_path / "gone.py")

    response = report_of(therapist, supervisor)

    assert (response.status_code, RecordAccess.objects.count()) == (503, 0)


def test_checksum_is_that_of_all_that_the_report_says(supervisor, therapist, twice):
    """An earlier level moves where somebody began, and no mark of the present."""
    before = checksum(report_of(therapist, supervisor))
    first = therapist.assessments.earliest("session_on")
    assessments.take_back(by=supervisor, assessment=first, reason="One level was wrong.")
    factories.rate(first, "A1.1", 2)
    assessments.share(by=supervisor, assessment=first)

    after = checksum(report_of(therapist, supervisor))

    assert (len(before), before == after) == (79, False)


def checksum(response):
    """All of it, in fours."""
    return re.search(r"This report SHA-256 ((?:[0-9a-f]{4} ?){16})", text_of(response))[1].strip()
