"""The cohort on paper: what its pages say of the group, and nobody's name."""

import io
import re
import subprocess

import pikepdf
import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import AuditEvent, Domain
from assessments.reports import pdf
from tests.conftest import signed_in, words
from tests.test_views_cohort import five, give  # noqa: F401  five is a fixture
from tests.test_views_cohort_progress import name_of, stood

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]
REPORT = reverse("cohort-report")


def text(content):
    found = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(found.stdout.decode().split())


def printed(person, **choices):
    """The report as text."""
    response = signed_in(person).post(REPORT, query_params=choices)
    assert response.status_code == 200
    return text(response.content)


@pytest.fixture
def group(five, northfield, revision):  # noqa: F811  the fixture from there
    """Four of the five have S7 at 2; all five stand in the third domain since last quarter."""
    for person in five[:4]:
        give(person, northfield, revision, {"S7": 2})
    for person in five:
        stood(person, northfield, Domain.objects.get(revision=revision, code="3"), [(2, 1, 0), (4, 0, None)])
    return five


def test_report_is_a_tagged_pdf_with_bookmarks(lead, group):
    response = signed_in(lead).post(REPORT)

    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(response.content)) as document, document.open_outline() as outline:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "en-GB"
        (top,) = outline.root
        assert [row.title for row in top.children][:2] == ["What stands out", "Progress by quarter"]
        assert len(top.children) == 2 + 5


def test_report_says_what_the_pages_say(lead, group):
    told = printed(lead)

    assert "Role play has the lowest median, Emerging. Grief has been seen with 0 of 5 therapists." in told
    assert "the median is further on in one domain." in told
    assert "2 S9 Role play: median of 5 therapists, 2 at Competent or beyond" in told
    assert "4 S9 Role play: the middle half of 5 therapists" in told
    assert f"{name_of(0)} 5 4 Competent 5 of 5" in told
    assert "S9 Role play 5 rated, median Emerging, 2 at Competent or beyond" in told


def test_small_groups_are_left_out_and_nobody_is_named(lead, group):
    told = printed(lead)

    assert re.search(r"S7 Communication( analysis)? under 5 rated", told)
    assert "Left out, as fewer than five therapists are rated: S1, S3, S4, S5, S6, S7, S8, S10, S11." in told
    assert "4 rated" not in told
    assert "Person" not in told


def test_report_of_nothing_says_so(lead):
    told = printed(lead)

    assert told.count("Nothing is rated yet in this cohort.") == 3
    assert "Too few therapists are rated to speak of the group." in told
    assert "In no activity does the middle half differ by more than one level." in told
    assert "Nothing is shared yet." in told


def test_report_keeps_the_choices_and_tells_what_was_assessed(lead, shared):
    told = printed(lead, programme="Year 1")

    assert "1 therapist in training, Year 1" in told
    assert "What was assessed Quarter Assessments Therapists" in told


def test_report_becomes_part_of_the_history(lead, northfield, group):
    printed(lead)

    event = AuditEvent.objects.latest("id")
    assert (event.type, event.by, event.organisation, event.data) == (
        "cohort_exported",
        lead,
        northfield,
        {"people": 5},
    )


def test_report_that_cannot_be_made_leaves_no_event(lead, group, monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "CHILD", tmp_path / "gone.py")
    before = AuditEvent.objects.count()

    response = signed_in(lead).post(REPORT)

    assert response.status_code == 503
    assert "The report could not be made." in words(response)
    assert AuditEvent.objects.count() == before


def test_same_facts_give_the_same_bytes(lead, shared):
    client = signed_in(lead)

    first, second = (client.post(REPORT) for _ in range(2))

    assert first.content == second.content
    assert first["Content-Disposition"] == f'attachment; filename="cohort-{timezone.localdate():%Y-%m-%d}.pdf"'


def test_administrator_takes_no_report_away(admin, group):
    assert signed_in(admin).post(REPORT).status_code == 403


def test_report_is_asked_for_by_a_form(lead):
    assert signed_in(lead).get(REPORT).status_code == 405
