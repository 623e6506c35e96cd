import hashlib

import pytest
from django.db import connection
from django.utils import timezone

from assessments.actions import reports
from assessments.exceptions import NotAllowed
from assessments.models import Report, SignedRecord
from tests import factories

pytestmark = pytest.mark.django_db


def rival_stores_first(record, person):
    """A statement wrapper: somebody else stores the report while ours is being rendered."""
    looks = []

    def wrapper(execute, sql, params, many, context):
        if sql.startswith("SELECT") and 'FROM "assessments_report"' in sql:
            looks.append(sql)
            if len(looks) == 2:
                store(record, person)
        return execute(sql, params, many, context)

    return wrapper


def store(record, person):
    digest = hashlib.sha256(b"%PDF rival").hexdigest()
    return Report.objects.create(
        record=record, sha256=digest, content=b"%PDF rival", issued_at=timezone.now(), issued_by=person
    )


def test_issue_keeps_what_it_rendered(signed, therapist):
    report = reports.issue(by=therapist, assessment=signed)

    stored = Report.objects.get(record=signed.signed_record)
    assert (stored, bytes(stored.content), stored.issued_by) == (report, bytes(report.content), therapist)
    assert bytes(stored.content).startswith(b"%PDF-")
    assert hashlib.sha256(stored.content).hexdigest() == stored.sha256
    assert factories.event_types(assessment=signed, by=therapist)[-1] == "report_issued"


def test_issue_returns_what_was_issued_before(signed, therapist, supervisor):
    first = store(signed.signed_record, therapist)
    count = len(factories.event_types(assessment=signed))

    assert reports.issue(by=supervisor, assessment=signed) == first
    assert len(factories.event_types(assessment=signed)) == count


def test_issue_returns_what_a_rival_stored_meanwhile(signed, therapist, supervisor):
    with connection.execute_wrapper(rival_stores_first(signed.signed_record, therapist)):
        report = reports.issue(by=supervisor, assessment=signed)

    assert (report.issued_by, bytes(report.content)) == (therapist, b"%PDF rival")
    assert factories.event_types(assessment=signed, type="report_issued") == []


def test_issue_finds_nothing_unsigned(shared, therapist):
    with pytest.raises(SignedRecord.DoesNotExist):
        reports.issue(by=therapist, assessment=shared)


def test_issue_refused_to_somebody_who_may_not_read(signed, outside_supervisor):
    store(signed.signed_record, signed.therapist)

    with pytest.raises(NotAllowed):
        reports.issue(by=outside_supervisor, assessment=signed)


def test_each_kind_is_issued_once(signed, therapist):
    kinds = ["full", "short", "full", "short"]

    issued = [reports.issue(by=therapist, assessment=signed, kind=kind) for kind in kinds]

    assert issued[:2] == issued[2:]
    assert [report.kind for report in Report.objects.order_by("pk")] == ["full", "short"]
    assert len({report.sha256 for report in issued}) == 2
    assert factories.event_types(assessment=signed, type="report_issued") == ["report_issued"] * 2
