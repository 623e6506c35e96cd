"""Reports as PDF: of a signed assessment always the same bytes, of any other one and of a profile as it stands."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone

from assessments import permissions, queries, records
from assessments.actions import accesses
from assessments.actions import reports as actions
from assessments.exceptions import RenderingFailed
from assessments.models import Assessment, RecordAccess
from assessments.models.audit import ReportKind
from assessments.reports import pdf, profile
from assessments.views import errors
from assessments.views.access import SignedInRequest, signed_in
from assessments.views.choices import Choices
from assessments.views.files import attachment


@signed_in
def assessment_report(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """`kind` is full, unless short is asked for: only what was rated."""
    assessment = queries.assessment_for_reading(request.user, pk)
    kind = request.GET.get("kind", ReportKind.FULL)
    if kind not in set(ReportKind):
        raise Http404
    try:
        content = _signed(assessment, kind) if assessment.is_signed_off else _as_it_stands(assessment, kind)
    except RenderingFailed as failure:
        return errors.unavailable(request, failure)
    accesses.note_opening(
        by=request.user, therapist=assessment.therapist, opened=RecordAccess.Opened.REPORT, assessment=assessment
    )
    short = "-short" if kind == ReportKind.SHORT else ""
    name = f"assessment-{str(assessment.pk)[-8:]}{short}-{assessment.status.replace('_', '-')}.pdf"
    return attachment(content, "application/pdf", name)


@signed_in
def therapist_report(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The profile as a file, with the same choices in its address as the page."""
    person = queries.therapist_known_to(request.user, pk)
    permissions.check_can_view_profile(request.user, person)
    choices = Choices.of(request.GET)
    revision = queries.current_revision(request.user, choices.framework)
    seen = queries.assessments_seen(request.user, person)
    content = actions.profile_content(
        seen,
        by=request.user,
        therapist=person,
        revision=revision,
        on=choices.on,
        admits=choices.admits,
        is_part=choices.is_part,
        stale_months=choices.stale,
    )
    asked = profile.Request(request.user, choices.told(queries.counting(seen)), timezone.localdate())
    try:
        made = profile.render(content, asked)
    except RenderingFailed as failure:
        return errors.unavailable(request, failure)
    accesses.note_opening(by=request.user, therapist=person, opened=RecordAccess.Opened.PROFILE)
    return attachment(made, "application/pdf", f"profile-{str(person.pk)[-8:]}-{choices.on.isoformat()}.pdf")


def _signed(assessment: Assessment, kind: str) -> bytes:
    """The issued file. Where issuing failed at sign-off it is made again and not kept: reading writes nothing."""
    report = queries.issued_report(assessment, kind)
    return bytes(report.content) if report else actions.rendered(queries.signed_record(assessment), kind=kind)


def _as_it_stands(assessment: Assessment, kind: str) -> bytes:
    document = records.build(assessment)
    digest = records.sha256(records.canonical(document))
    return pdf.render(document, sha256=digest, issued_on=timezone.localdate(), kind=kind)
