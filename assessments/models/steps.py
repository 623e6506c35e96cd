"""What an assessment holds in each of its states."""

from django.db.models import CheckConstraint, Q

STEP_CONSTRAINTS = [
    CheckConstraint(
        name="assessment_has_a_time_once_shared",
        condition=Q(status="draft", shared_at__isnull=True)
        | Q(status__in=["shared", "signed_off"], shared_at__isnull=False)
        | Q(status="withdrawn"),
    ),
    CheckConstraint(
        name="assessment_has_a_time_once_signed_off",
        condition=Q(status="signed_off", signed_off_at__isnull=False)
        | (~Q(status="signed_off") & Q(signed_off_at__isnull=True)),
    ),
    CheckConstraint(
        name="assessment_has_a_reason_once_withdrawn",
        condition=(Q(status="withdrawn", withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""))
        | (~Q(status="withdrawn") & Q(withdrawn_at__isnull=True, withdrawn_reason="")),
    ),
]
