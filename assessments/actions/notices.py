"""What the next e-mail tells people, noted with the change itself. Nobody hears of what they did themselves."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from assessments.models import Assessment, AssessmentRole, Notice, NoticeKind, User
from assessments.models.notice import SHARING


def tell(kind: str, *, by: User, assessment: Assessment, to: Iterable[UUID]) -> None:
    """Note it for these people, once while it waits. The caller holds the transaction and the assessment's row."""
    known = Notice.objects.waiting().filter(person=OuterRef("pk"), kind=kind, assessment=assessment)
    people = User.objects.filter(~Exists(known), pk__in=set(to) - {by.pk}, is_active=True, has_digest=True)
    Notice.objects.bulk_create([Notice(person=person, kind=kind, assessment=assessment) for person in people])


_SHARED_AS: dict[str, NoticeKind] = {
    AssessmentRole.SUPERVISOR: NoticeKind.SHARED,
    AssessmentRole.SELF: NoticeKind.SELF_SHARED,
    AssessmentRole.SECOND: NoticeKind.SECOND_SHARED,
    AssessmentRole.OCCASIONAL: NoticeKind.OCCASIONAL_SHARED,
}


def tell_shared(*, by: User, assessment: Assessment, others: Iterable[Assessment]) -> None:
    """The therapist; of what is rated beside an assessment its author; of an occasional rater whoever asked, too.

    No other supervisor waits for it.
    """
    match assessment.role:
        case AssessmentRole.SUPERVISOR:
            to = [assessment.therapist_id]
        case AssessmentRole.OCCASIONAL:
            to = [assessment.therapist_id, assessment.rater_link.asked_by_id]
        case _:
            to = [other.supervisor_id for other in others if other.is_by_supervisor]
    tell(_SHARED_AS[assessment.role], by=by, assessment=assessment, to=to)


def tell_taken_back(*, by: User, assessment: Assessment) -> None:
    """Whom an e-mail has told that it was shared. Who has not heard of it yet does not hear of it."""
    sharing = Notice.objects.filter(kind__in=SHARING, assessment=assessment)
    unheard = set(sharing.waiting().values_list("person", flat=True))
    sharing.waiting().update(dropped_at=timezone.now())
    heard = set(sharing.filter(digest__isnull=False).values_list("person", flat=True))
    tell(NoticeKind.TAKEN_BACK, by=by, assessment=assessment, to=heard - unheard)


def drop_signatures(assessment: Assessment) -> None:
    """Tell nobody of signatures that are void now."""
    _drop(kind=NoticeKind.SIGNED, assessment=assessment)


def drop(person: User) -> None:
    """Tell somebody nothing of what waits to be told."""
    _drop(person=person)


def _drop(**of: Any) -> None:
    Notice.objects.waiting().filter(**of).update(dropped_at=timezone.now())
