"""The report of an assessment as a PDF: of a signed one always the same bytes, of any other one as it stands."""

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone

from assessments import queries, records
from assessments.actions import accesses
from assessments.actions import reports as actions
from assessments.exceptions import RenderingFailed
from assessments.models import Assessment, RecordAccess
from assessments.reports import pdf
from assessments.views import errors
from assessments.views.access import SignedInRequest, signed_in
from assessments.views.files import attachment


@signed_in
def assessment_report(request: SignedInRequest, pk: UUID) -> HttpResponse:
    assessment = queries.assessment_for_reading(request.user, pk)
    try:
        content = _signed(assessment) if assessment.is_signed_off else _as_it_stands(assessment)
    except RenderingFailed as failure:
        return errors.unavailable(request, failure)
    accesses.note_opening(
        by=request.user, therapist=assessment.therapist, opened=RecordAccess.Opened.REPORT, assessment=assessment
    )
    name = f"assessment-{str(assessment.pk)[-8:]}-{assessment.status.replace('_', '-')}.pdf"
    return attachment(content, "application/pdf", name)


def _signed(assessment: Assessment) -> bytes:
    """The issued file. Where issuing failed at sign-off it is made again and not kept: reading writes nothing."""
    record = queries.signed_record(assessment)
    return bytes(record.report.content) if hasattr(record, "report") else actions.rendered(record)


def _as_it_stands(assessment: Assessment) -> bytes:
    document = records.build(assessment)
    digest = records.sha256(records.canonical(document))
    return pdf.render(document, sha256=digest, issued_on=timezone.localdate())
