"""Issuing reports: rendered once from the signed record, kept with their checksum."""

import hashlib
import json

from django.db import transaction
from django.utils import timezone

from assessments import permissions
from assessments.actions import audit
from assessments.models import Assessment, AuditEvent, Report, SignedRecord, User
from assessments.reports import certificate, pdf


def issue(*, by: User, assessment: Assessment) -> Report:
    """Issue the report of a signed assessment. The first call renders it; every later one returns the same bytes."""
    permissions.check_can_read(by, assessment)
    record = SignedRecord.objects.get(assessment=assessment)
    existing = Report.objects.filter(record=record).first()
    if existing:
        return existing
    # Rendering takes seconds, so it happens before the transaction; whoever stores first has issued it.
    now = timezone.now()
    content = rendered(record)
    with transaction.atomic():
        digest = hashlib.sha256(content).hexdigest()
        report, is_new = Report.objects.get_or_create(
            record=record,
            defaults={"sha256": digest, "content": content, "issued_at": now, "issued_by": by},
        )
        if is_new:
            audit.record(AuditEvent.Type.REPORT_ISSUED, by=by, assessment=assessment, sha256=report.sha256)
    return report


def rendered(record: SignedRecord, *, patience: float = pdf.PATIENCE) -> bytes:
    """The report of a record, dated the day it was signed off: the same bytes whether it was issued before or not.

    Signed by this service where it has a certificate. One that cannot sign is found before the pages are set.
    """
    document = json.loads(record.content)
    issued_on = timezone.localdate(record.created_at)
    signing = certificate.current()
    content = pdf.render(document, sha256=record.sha256, issued_on=issued_on, patience=patience)
    if signing is None:
        return content
    from assessments.reports import pades  # noqa: PLC0415  pyHanko takes 40 MB, and few services sign

    return pades.sign(content, signing, signed_at=record.created_at, place=document["organisation"]["name"])
