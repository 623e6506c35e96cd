"""How a record ends without the therapist's signature, and how a signed one is followed by a new version."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from assessments.models.constraints import chosen


class ClosedAs(models.TextChoices):
    """Why the training lead signed in place of the therapist."""

    DECLINED = "declined", "The therapist declines to sign"
    LEFT = "left", "The therapist has left"
    NO_ANSWER = "no_answer", "The therapist has not signed in time"


SUCCESSION_CONSTRAINTS = [
    chosen("assessment", "closed_as", ClosedAs, blank=True),
    CheckConstraint(
        name="assessment_has_a_reason_once_closed",
        condition=Q(closed_as="", closed_reason="") | (~Q(closed_as="") & ~Q(closed_reason="")),
    ),
    CheckConstraint(
        name="assessment_is_closed_only_by_signing_off", condition=Q(closed_as="") | Q(status="signed_off")
    ),
    UniqueConstraint(
        fields=["predecessor"],
        condition=Q(predecessor__isnull=False) & ~Q(status="withdrawn"),
        name="assessment_has_one_living_successor",
    ),
]
