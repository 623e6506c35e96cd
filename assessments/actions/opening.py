"""The assessments of one session: locked together, and opened to the other side once both are shared."""

import datetime

from django.db.models import Q

from assessments.models import Assessment, Status


def locked(assessment: Assessment) -> tuple[Assessment, list[Assessment]]:
    """The row and those that it opens, or that open it, held until the transaction ends.

    From a supervisor's: the therapist's own and the second rating; from one of these: the supervisor's. They are held
    in one order, so that of two that are shared at the same moment the later one sees that the other is.
    """
    beside = Q(pair=assessment.pk) | Q(self_assessment=assessment.pk)
    second = Q(second_of=assessment.pk) | Q(second_ratings=assessment.pk)
    rows = Assessment.objects.select_for_update(of=("self",)).filter(Q(pk=assessment.pk) | beside | second)
    found = {row.pk: row for row in rows.order_by("pk")}
    return found.pop(assessment.pk), list(found.values())


def open_both(assessment: Assessment, others: list[Assessment], *, at: datetime.datetime) -> bool:
    """Open what is rated beside a supervisor's assessment if both are shared; whether anything was opened."""
    pairs = [(assessment, other) if other.is_by_supervisor else (other, assessment) for other in others]
    opened = [own for own, theirs in pairs if own.shared_at and theirs.shared_at and _is_closed(own)]
    for own in opened:
        own.opened_at = at
        own.save(update_fields=["opened_at"])
    return bool(opened)


def _is_closed(own: Assessment) -> bool:
    return own.opened_at is None and own.status != Status.WITHDRAWN
