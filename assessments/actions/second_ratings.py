"""Second ratings: another supervisor is asked to rate the session of an assessment, unseen."""

from django.db import transaction
from django.utils import timezone

from assessments import permissions
from assessments.actions import audit, notices
from assessments.exceptions import Refused
from assessments.models import Assessment, AssessmentRole, AuditEvent, FrameworkRevision, NoticeKind, User
from assessments.models.assessment import CONTEXT, Status


@transaction.atomic
def ask(*, by: User, assessment: Assessment, rater: User) -> Assessment:
    """Begin the second rater's draft on the session of an assessment; it says nothing of any rating."""
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    permissions.check_can_ask_second(by, assessment)
    permissions.check_can_rate_second(rater, assessment)
    revision = assessment.revision
    if revision.status != FrameworkRevision.Status.PUBLISHED:
        raise Refused(
            f"Revision {revision.number} is no longer in use, and a second rating would begin on it. It can be asked"
            " for only while the revision is."
        )
    second = Assessment.objects.create(
        organisation_id=assessment.organisation_id,
        therapist_id=assessment.therapist_id,
        supervisor=rater,
        revision=revision,
        scale_id=assessment.scale_id,
        short_form_id=assessment.short_form_id,
        role=AssessmentRole.SECOND,
        second_of=assessment,
        **{name: getattr(assessment, name) for name in CONTEXT},
    )
    extent = list(assessment.activities.order_by("position"))
    second.activities.set(extent)
    codes = [activity.code for activity in extent]
    audit.record(AuditEvent.Type.SECOND_RATING_ASKED, by=by, assessment=second, extent=codes)
    notices.tell(NoticeKind.SECOND_ASKED, by=by, assessment=second, to=[second.supervisor_id])
    return second


@transaction.atomic
def call_off(*, by: User, second: Assessment) -> Assessment:
    """End a second rating of which nothing is there yet, so that somebody else can be asked."""
    second = Assessment.objects.select_for_update().get(pk=second.pk)
    permissions.check_can_call_off(by, second)
    reason = f"Called off by {by.name}."
    second.status, second.withdrawn_at, second.withdrawn_reason = Status.WITHDRAWN, timezone.now(), reason
    second.save(update_fields=["status", "withdrawn_at", "withdrawn_reason"])
    audit.record(AuditEvent.Type.ASSESSMENT_WITHDRAWN, by=by, assessment=second, reason=reason)
    return second
