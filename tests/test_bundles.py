"""All reports of a cohort as one file: what goes in, how the work goes on, who takes it."""

import hashlib

import pytest

from assessments.actions import bundle_work
from assessments.models import ReportBundle
from assessments.reports import pdf
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

PAGE = "/cohort/reports/"
PDF = b"%PDF-1.7 pages"


@pytest.fixture(autouse=True)
def typeset(monkeypatch):
    """Pages are set at once, and the same pages are the same bytes; returns the number of times."""
    made = []

    def pages(html, **_):
        made.append(html)
        return PDF + hashlib.sha256(html.encode()).digest()

    monkeypatch.setattr(pdf, "set_pages", pages)
    return made


@pytest.fixture
def bundle(lead, northfield, revision, therapist):
    return factories.make_bundle(lead, northfield, revision)


def work():
    """All that is due, piece by piece; returns the number of pieces."""
    pieces = 0
    while bundle_work.step():
        pieces += 1
    return pieces


def again(bundle):
    return ReportBundle.objects.get(pk=bundle.pk)


def test_work_makes_one_profile_of_each_therapist(bundle, other_therapist):
    work()

    done = again(bundle)
    assert (done.status, done.finished, done.total) == ("done", 2, 2)
    assert [file.therapist.name for file in done.files.all()] == ["Amara Okafor", "Daniel Reyes"]
