"""The two assessments of one session: locked together, and opened to both sides once both are shared."""

import datetime

from django.db.models import Q

from assessments.models import Assessment, Status


def locked(assessment: Assessment) -> tuple[Assessment, Assessment | None]:
    """The row and that of its pair, if it has one, held until the transaction ends.

    Of two that are shared at the same moment the later one so sees that the other is.
    """
    either = Q(pk=assessment.pk) | Q(pair=assessment.pk) | Q(self_assessment=assessment.pk)
    rows = Assessment.objects.select_for_update(of=("self",)).filter(either).order_by("pk")
    found = {row.pk: row for row in rows}
    return found.pop(assessment.pk), next(iter(found.values()), None)


def open_both(assessment: Assessment, other: Assessment | None, *, at: datetime.datetime) -> bool:
    """Open the self-assessment of the two if `other` is shared as well; whether that was done."""
    if other is None or other.shared_at is None:
        return False
    own = assessment if assessment.is_self else other
    if own.opened_at or own.status == Status.WITHDRAWN:
        return False
    own.opened_at = at
    own.save(update_fields=["opened_at"])
    return True
