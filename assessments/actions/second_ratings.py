"""Second ratings: another supervisor is asked to rate the session of an assessment, unseen."""

from django.db import transaction

from assessments import permissions
from assessments.actions import audit, notices
from assessments.actions.assessments import begin_like, end
from assessments.exceptions import Refused
from assessments.models import Assessment, AssessmentRole, AuditEvent, FrameworkRevision, NoticeKind, User


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
    second, told = begin_like(assessment, supervisor=rater, role=AssessmentRole.SECOND, second_of=assessment)
    audit.record(AuditEvent.Type.SECOND_RATING_ASKED, by=by, assessment=second, **told)
    notices.tell(NoticeKind.SECOND_ASKED, by=by, assessment=second, to=[second.supervisor_id])
    return second


@transaction.atomic
def call_off(*, by: User, second: Assessment) -> Assessment:
    """End a second rating of which nothing is there yet, so that somebody else can be asked."""
    second = Assessment.objects.select_for_update().get(pk=second.pk)
    permissions.check_can_call_off(by, second)
    end(second, by=by, reason=f"Called off by {by.name}.")
    return second
