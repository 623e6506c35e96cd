import hashlib
import io

import pikepdf
import pytest
from django.urls import reverse

from assessments.actions import reports
from assessments.models import RecordAccess, Report
from assessments.reports import pdf
from tests import factories
from tests.conftest import signed_in, words

pytestmark = pytest.mark.django_db


def report_of(assessment, person, **asked):
    return signed_in(person).get(reverse("assessment-report", args=[assessment.pk]), asked)


def opened(response):
    return pikepdf.open(io.BytesIO(response.content))


def test_report_is_a_pdf_to_keep(supervisor, signed):
    response = report_of(signed, supervisor)

    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response["Content-Disposition"] == (
        f'attachment; filename="assessment-{str(signed.pk)[-8:]}-signed-off.pdf"'
    )
    assert len(opened(response).pages) > 1


def test_report_is_named_without_anybody_s_name(therapist, signed):
    disposition = report_of(signed, therapist)["Content-Disposition"]

    assert [name for name in ["Amara", "Okafor", "Marsh", "Northfield"] if name in disposition] == []


def test_report_is_kept_in_no_cache(supervisor, draft):
    assert report_of(draft, supervisor)["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(("state", "name"), [("draft", "draft"), ("shared", "shared")])
def test_report_before_signing_is_rendered_and_not_stored(request, supervisor, state, name):
    assessment = request.getfixturevalue(state)

    response = report_of(assessment, supervisor)

    assert response["Content-Disposition"].endswith(f'-{name}.pdf"')
    assert (len(opened(response).pages) > 0, Report.objects.count()) == (True, 0)


def test_report_of_a_withdrawn_one_is_rendered(supervisor, therapist, revision):
    withdrawn = factories.make_withdrawn(supervisor, therapist, revision)

    response = report_of(withdrawn, supervisor)

    assert (response.status_code, Report.objects.count()) == (200, 0)


def test_report_of_a_signed_one_is_the_file_that_was_issued(supervisor, therapist, lead, signed):
    report = reports.issue(by=supervisor, assessment=signed)

    answers = [report_of(signed, person).content for person in [supervisor, therapist, lead]]

    assert answers == [bytes(report.content)] * 3
    assert hashlib.sha256(answers[0]).hexdigest() == report.sha256


def test_report_that_was_issued_is_not_rendered_again(supervisor, signed, monkeypatch, tmp_path):
    reports.issue(by=supervisor, assessment=signed)
    monkeypatch.setattr(pdf, "CHILD", tmp_path / "gone.py")

    assert report_of(signed, supervisor).status_code == 200


def test_report_that_was_not_issued_is_made_without_being_kept(supervisor, therapist, signed):
    answers = [report_of(signed, person).content for person in [supervisor, therapist]]

    assert (answers[0] == answers[1], Report.objects.count()) == (True, 0)


def test_report_that_was_not_issued_is_the_one_that_would_be(supervisor, signed):
    before = report_of(signed, supervisor).content

    assert bytes(reports.issue(by=supervisor, assessment=signed).content) == before


def test_opening_a_report_is_noted_unless_by_those_named(supervisor, therapist, lead, shared):
    for person in [supervisor, therapist, lead]:
        report_of(shared, person)

    assert list(RecordAccess.objects.values_list("by__name", "opened", "assessment")) == [
        ("Margaret Ellison", "report", shared.pk)
    ]


@pytest.mark.parametrize(
    ("name", "status"), [("therapist", 404), ("lead", 403), ("admin", 403), ("outside_supervisor", 404)]
)
def test_report_of_a_draft_is_its_author_s(request, draft, name, status):
    response = report_of(draft, request.getfixturevalue(name))

    assert (response.status_code, RecordAccess.objects.count()) == (status, 0)


def test_report_that_cannot_be_made_says_so(supervisor, shared, monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "CHILD", tmp_path / "gone.py")

    response = report_of(shared, supervisor)

    assert (response.status_code, RecordAccess.objects.count()) == (503, 0)
    assert "Not available just now The report could not be made." in words(response)


def test_report_of_a_signed_one_that_cannot_be_made_says_so(supervisor, signed, monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "CHILD", tmp_path / "gone.py")

    assert report_of(signed, supervisor).status_code == 503


# the two kinds


def test_short_report_says_so_in_its_name(supervisor, signed):
    response = report_of(signed, supervisor, kind="short")

    assert response["Content-Disposition"].endswith(f'assessment-{str(signed.pk)[-8:]}-short-signed-off.pdf"')


def test_full_report_is_what_is_sent_unasked(supervisor, shared):
    assert report_of(shared, supervisor, kind="full").content == report_of(shared, supervisor).content


def test_short_report_is_shorter(supervisor, shared):
    full, short = (len(opened(report_of(shared, supervisor, kind=kind)).pages) for kind in ["full", "short"])

    assert short < full


@pytest.mark.parametrize("kind", ["", "long", "Full", "short\x00"])
def test_any_other_kind_is_not_found(supervisor, shared, kind):
    assert report_of(shared, supervisor, kind=kind).status_code == 404


def test_each_kind_is_the_file_that_was_issued(supervisor, therapist, signed):
    issued = {kind: reports.issue(by=supervisor, assessment=signed, kind=kind) for kind in ["full", "short"]}

    for kind, report in issued.items():
        assert report_of(signed, therapist, kind=kind).content == bytes(report.content)


def test_page_says_how_much_each_kind_holds(supervisor, shared):
    text = words(signed_in(supervisor).get(shared.get_absolute_url()))

    assert (
        "lists every competence of this assessment, 18 in all; the short version only the 3 that were answered." in text
    )
