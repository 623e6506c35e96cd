"""The end of an assessment that the therapist does not sign: a training lead signs in their place and says why."""

from django.db import transaction
from django.utils import timezone

from assessments import permissions, policies
from assessments.actions import assessments, audit, notices
from assessments.exceptions import Refused
from assessments.models import Assessment, AuditEvent, Membership, NoticeKind, Role, Signature, User
from assessments.models.succession import ClosedAs


@transaction.atomic
def close(*, by: User, assessment: Assessment, closed_as: str, reason: str) -> Assessment:
    """Sign as the training lead, and freeze what the supervisor has signed and the therapist does not sign."""
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    permissions.check_can_close(by, assessment)
    _check_ground(assessment, closed_as)
    if not reason.strip():
        raise Refused("Say why it is closed without the therapist\u2019s signature.")
    signature = Signature.objects.create(assessment=assessment, person=by, role=Role.LEAD, signed_at=timezone.now())
    audit.record(AuditEvent.Type.ASSESSMENT_CLOSED, by=by, assessment=assessment, closed_as=closed_as, reason=reason)
    assessments.freeze(by=by, assessment=assessment, at=signature.signed_at, closed_as=closed_as, closed_reason=reason)
    parties = [assessment.therapist_id, assessment.supervisor_id]
    notices.tell(NoticeKind.SIGNED_OFF, by=by, assessment=assessment, to=parties)
    return assessment


def _check_ground(assessment: Assessment, closed_as: str) -> None:
    """Raise Refused unless the ground given is so, as far as that is known here."""
    name = assessment.therapist.name
    until = policies.last_day_to_sign(assessment)
    if closed_as == ClosedAs.NO_ANSWER and until and timezone.localdate() <= until:
        raise Refused(f"{name} has until {until:%-d %B %Y} to sign. Close it after that, or give another ground.")
    if closed_as == ClosedAs.LEFT and _is_present(assessment):
        raise Refused(
            f"{name} is still in training at {assessment.organisation.name}. An administrator has to end that role"
            " first, or give another ground."
        )


def _is_present(assessment: Assessment) -> bool:
    held = Membership.objects.current().filter(
        user=assessment.therapist_id, organisation=assessment.organisation_id, role=Role.THERAPIST
    )
    return assessment.therapist.is_active and held.exists()
