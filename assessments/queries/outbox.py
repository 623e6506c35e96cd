"""What a person's devices keep and have not sent, as far as they have told."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from assessments import wording
from assessments.models import Assessment, AuditEvent, OutboxKey, User

# A browser throws away after this time what it could not send; a device that was lost stands in the way no longer.
KEPT_FOR = datetime.timedelta(days=7)


@dataclass(frozen=True)
class Unsent:
    """Answers that one device said it still kept, and when it said so."""

    device: str
    number: int
    at: datetime.datetime


def outbox_key(user: User, assessment_id: UUID) -> str:
    """The key, or nothing where this person has none."""
    return OutboxKey.objects.filter(assessment=assessment_id, person=user).values_list("key", flat=True).first() or ""


def unsent(user: User, assessment: Assessment) -> list[Unsent]:
    """What each of the person's devices said last, of those that still keep something."""
    told = AuditEvent.objects.filter(
        assessment=assessment,
        by=user,
        type=AuditEvent.Type.UNSENT_REPORTED,
        at__gte=timezone.now() - KEPT_FOR,
    ).order_by("id")
    latest = {event.data["device"]: Unsent(event.data["device"], event.data["unsent"], event.at) for event in told}
    return [report for report in latest.values() if report.number]


def unsent_told(user: User, assessment: Assessment) -> str:
    """The same in a sentence, or nothing."""
    found = unsent(user, assessment)
    if not found:
        return ""
    latest = timezone.localtime(max(report.at for report in found))
    return wording.still_unsent(sum(report.number for report in found), latest)
