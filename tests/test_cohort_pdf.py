"""The cohort on paper: what its pages say of the group, and nobody's name."""

import io
import re
import subprocess

import pikepdf
import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.exceptions import RenderingFailed
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


@pytest.fixture
def html(monkeypatch):
    """html(client, query) is what would be set."""
    seen = []

    def keep(markup, **_):
        seen.append(markup)
        return b"%PDF"

    monkeypatch.setattr(pdf, "set_pages", keep)

    def ask(person, **choices):
        response = signed_in(person).post(REPORT, query_params=choices)
        assert response.status_code == 200
        return " ".join(re.sub(r"<[^>]+>", " ", seen[-1]).split())

    return ask


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
    printed = text(response.content)
    assert "Role play has the lowest median, Emerging." in printed
    assert "S7 Communication" in printed
    assert f"{name_of(0)} 5 4 Competent 5 of 5" in printed


def test_report_says_what_the_pages_say(lead, group, html):
    printed = html(lead)

    assert "Role play has the lowest median, Emerging. Grief has been seen with 0 of 5 therapists." in printed
    assert "the median is further on in one domain." in printed
    assert "2 S9 Role play: median of 5 therapists, 2 at Competent or beyond" in printed
    assert "2 to 4 S9 Role play: the middle half of 5 therapists" in printed
    assert f"{name_of(0)} 5 4 Competent 5 of 5" in printed
    assert "S9 Role play 5 rated, median Emerging, 2 at Competent or beyond" in printed
    assert "S9 Role play: 1 Advanced, 1 Competent, 2 Emerging, 1 Not yet demonstrated" in printed


def test_small_groups_have_no_median_and_nobody_is_named(lead, group, html):
    printed = html(lead)

    assert "S7 Communication 4 rated, median left out" in printed
    assert "Person" not in printed


def test_report_of_nothing_says_so(lead, html):
    printed = html(lead)

    assert printed.count("Nothing is rated yet in this cohort.") == 3
    assert "Too few therapists are rated to speak of the group." in printed
    assert "In no activity does the middle half differ by more than one level." in printed
    assert "Nothing is shared yet." in printed


def test_report_keeps_the_choices_and_tells_what_was_assessed(lead, shared, html):
    printed = html(lead, programme="Year 1")

    assert "1 therapist in training, Year 1" in printed
    assert "What was assessed Quarter Assessments Therapists" in printed


def test_report_becomes_part_of_the_history(lead, northfield, group, html):
    html(lead)

    event = AuditEvent.objects.latest("id")
    assert (event.type, event.by, event.organisation, event.data) == (
        "cohort_exported",
        lead,
        northfield,
        {"people": 5},
    )


def test_report_that_cannot_be_made_leaves_no_event(lead, group, monkeypatch):
    def fail(*_, **__):
        raise RenderingFailed(pdf.BUSY)

    monkeypatch.setattr(pdf, "set_pages", fail)
    before = AuditEvent.objects.count()

    response = signed_in(lead).post(REPORT)

    assert response.status_code == 503
    assert "Try again in a minute" in words(response)
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
