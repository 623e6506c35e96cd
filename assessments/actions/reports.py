"""Issuing reports: rendered once from the signed record, kept with their checksum, one of each kind.

A profile report is kept nowhere; here is what it is made from.
"""

import datetime
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments import permissions, profiles, queries
from assessments.actions import audit
from assessments.models import Assessment, AuditEvent, FrameworkRevision, Report, SignedRecord, User
from assessments.models.audit import ReportKind
from assessments.reports import certificate, pdf, profile


def issue(*, by: User, assessment: Assessment, kind: str = ReportKind.FULL) -> Report:
    """Issue a report of a signed assessment. The first call renders it; every later one returns the same bytes."""
    permissions.check_can_read(by, assessment)
    record = SignedRecord.objects.get(assessment=assessment)
    existing = Report.objects.filter(record=record, kind=kind).first()
    if existing:
        return existing
    # Rendering takes seconds, so it happens before the transaction; whoever stores first has issued it.
    now = timezone.now()
    content = rendered(record, kind=kind)
    with transaction.atomic():
        digest = hashlib.sha256(content).hexdigest()
        report, is_new = Report.objects.get_or_create(
            record=record,
            kind=kind,
            defaults={"sha256": digest, "content": content, "issued_at": now, "issued_by": by},
        )
        if is_new:
            audit.record(
                AuditEvent.Type.REPORT_ISSUED,
                by=by,
                assessment=assessment,
                sha256=report.sha256,
                kind=report.kind,
            )
    return report


def profile_content(
    seen: list[Any],
    *,
    by: User,
    therapist: User,
    revision: FrameworkRevision,
    on: datetime.date,
    admits: Callable[[Any], bool] = lambda row: True,
    **drawn: Any,
) -> profile.Content:
    """What a profile report prints of somebody on a day, from the assessments that `by` has seen of them.

    `admits` chooses among those that count; `drawn` is how the profile is built from these.
    """
    counted = queries.counting(seen)
    rows = [row for row in counted if row.session_on <= on and admits(row)]
    return profile.Content(
        profile=profiles.build(therapist, revision, on, rows, **drawn),
        assessments=rows,
        goals=queries.open_goals(seen),
        statements=queries.statements_of([pair for _, pairs in profiles.tree(revision) for pair in pairs]),
        programmes=queries.programme_reports(by, therapist, revision, on, counted),
    )


def rendered(record: SignedRecord, *, kind: str = ReportKind.FULL, patience: float = pdf.PATIENCE) -> bytes:
    """The report of a record, dated the day it was signed off: the same bytes whether it was issued before or not.

    Signed by this service where it has a certificate. One that cannot sign is found before the pages are set.
    """
    document = json.loads(record.content)
    issued_on = timezone.localdate(record.created_at)
    signing = certificate.current()
    content = pdf.render(document, sha256=record.sha256, issued_on=issued_on, kind=kind, patience=patience)
    if signing is None:
        return content
    from assessments.reports import pades  # noqa: PLC0415  pyHanko takes 40 MB, and few services sign

    return pades.sign(content, signing, signed_at=record.created_at, place=document["organisation"]["name"])
