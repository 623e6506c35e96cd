"""Reads of what comes after signing: the versions of a reopened assessment, and what waits for a training lead."""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from assessments.models import Assessment, AuditEvent, Organisation, Role, Signature, Status, User
from assessments.models.assessment import STANDING
from assessments.queries.assessments import other_supervisors


@dataclass(frozen=True)
class Reopening:
    """When, by whom and why a signed assessment was reopened, and the other version of the two."""

    at: datetime.datetime
    by: str
    reason: str
    other: Any
    checksum: str


def replaced_by(user: User, assessment: Assessment) -> Reopening | None:
    """The living version that was made of a signed assessment. Whether there is one is told to all who read this."""
    if not assessment.is_signed_off:
        return None
    # Few are reopened, so whether the reader may open the version is asked only where there is one.
    version = assessment.successors.exclude(status=Status.WITHDRAWN).values_list("pk", flat=True).first()
    if version is None:
        return None
    return _reopening(version, Assessment.objects.with_may_read(user).get(pk=version))


def replaces(user: User, assessment: Assessment) -> Reopening | None:
    """The signed assessment of which this one is a new version."""
    if assessment.predecessor_id is None:
        return None
    signed = Assessment.objects.with_may_read(user).get(pk=assessment.predecessor_id)
    return _reopening(assessment.pk, signed)


def _reopening(version: UUID, other: Assessment) -> Reopening:
    event = AuditEvent.objects.select_related("by").get(assessment=version, type=AuditEvent.Type.ASSESSMENT_REOPENED)
    by = event.by.name if event.by else "The system"
    return Reopening(event.at, by, event.data["reason"], other, event.data["predecessor_sha256"])


def replaced_since(assessment: UUID) -> datetime.datetime | None:
    """Since when another version counts in place of a signed one."""
    living = Assessment.objects.filter(predecessor=assessment, status__in=STANDING)
    return living.values_list("shared_at", flat=True).first()


def closed_by(assessment: Assessment) -> Signature | None:
    """The signature of the training lead who closed it."""
    if not assessment.closed_as:
        return None
    return assessment.signatures.select_related("person").get(role=Role.LEAD, voided_at__isnull=True)


def successors_to_choose(user: User, assessment: Assessment) -> QuerySet[User]:
    """Who may go on where the supervisor of a signed assessment does not."""
    return other_supervisors(assessment).exclude(pk=user.pk)


def waiting_for_lead(user: User) -> QuerySet[Assessment]:
    """Shared assessments on which a training lead has the next move: both have signed, or the therapist is late."""
    signed = Signature.objects.filter(assessment=OuterRef("pk"), voided_at__isnull=True)
    led = list(Organisation.objects.filter(pk__in=user.organisations_as(Role.LEAD)))
    late = Q(pk=None)
    for organisation in led:
        since = timezone.now() - datetime.timedelta(days=organisation.reply_days + 1)
        late |= Q(organisation=organisation, shared_at__lt=since)
    return (
        Assessment.objects.shared()
        .with_people()
        .filter(
            ~Q(therapist=user) & ~Q(supervisor=user),
            Exists(signed.filter(role=Role.SUPERVISOR)),
            organisation__in=led,
        )
        .annotate(therapist_signed=Exists(signed.filter(role=Role.THERAPIST)))
        .filter(Q(therapist_signed=True) | late)
        .order_by("shared_at")
    )
