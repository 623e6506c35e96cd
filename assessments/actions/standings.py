"""The projection of where people stand, kept with every change of what counts.

Each function leaves the rows as the profile would compute them. Nothing here is an act of somebody, so nothing here
writes an event: the callers do.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from assessments import profiles
from assessments.models import Activity, ActivityStanding, Assessment, FrameworkRevision, Outcome, User
from assessments.profiles import Standing
from assessments.scoring import NOT_RATED

Pair = tuple[Any, Any]
COLUMNS = ["activity_id", "outcome", "position", "rated", "total", "last_rated_on"]


def refresh(therapist: UUID, organisation: UUID) -> None:
    """Write a therapist's rows anew. The caller holds the transaction.

    The person's row is held, so that of two assessments shared at once the later one sees the other.
    """
    person = User.objects.select_for_update().get(pk=therapist)
    rows = list(_computed(person, organisation))
    ActivityStanding.objects.filter(therapist=person, organisation=organisation).delete()
    ActivityStanding.objects.bulk_create(rows)


def refresh_framework(framework: int) -> None:
    """After another revision came into use, or carries ratings over, or does so no longer."""
    for therapist, organisation in _pairs(revision__framework=framework):
        refresh(therapist, organisation)


def rebuild(*, is_missing_only: bool = False) -> int:
    """Write everybody's rows anew, or only those of people who have none; how many people that were."""
    pairs = _pairs()
    if is_missing_only:
        stored = _stored_pairs()
        pairs = [pair for pair in pairs if pair not in stored]
    for therapist, organisation in pairs:
        with transaction.atomic():
            refresh(therapist, organisation)
    return len(pairs)


def drifted() -> Iterator[str]:
    """Sentences about people whose rows are not what their ratings say."""
    pairs = _pairs()
    yield from (f"{pk} has rows without a shared assessment." for pk, _ in _stored_pairs() - set(pairs))
    for therapist, organisation in pairs:
        person = User.objects.get(pk=therapist)
        kept = ActivityStanding.objects.filter(therapist=person, organisation=organisation)
        if set(kept.values_list(*COLUMNS)) != set(map(_values, _computed(person, organisation))):
            yield f"The rows of {therapist} differ from the ratings."


def _pairs(**of: Any) -> list[Pair]:
    """Therapists and organisations in which something of theirs counts."""
    counting = Assessment.objects.counting().filter(**of)
    return list(counting.order_by("therapist", "organisation").values_list("therapist", "organisation").distinct())


def _stored_pairs() -> set[Pair]:
    return set(ActivityStanding.objects.values_list("therapist", "organisation").distinct())


def _computed(person: User, organisation: UUID) -> Iterator[ActivityStanding]:
    assessments = list(Assessment.objects.counting().filter(therapist=person, organisation=organisation))
    today = timezone.localdate()
    for revision in _in_use(assessments):
        for standing in profiles.build(person, revision, today, assessments).standings:
            if standing.distribution.overall != NOT_RATED:
                yield _row(person, organisation, standing)


def _in_use(assessments: Iterable[Assessment]) -> list[FrameworkRevision]:
    """The newest published revision of each framework that these assessments were made on."""
    rated = {row.revision_id for row in assessments}
    published = FrameworkRevision.objects.published().filter(framework__revisions__in=rated).distinct()
    ordered = published.select_related("framework", "scale").prefetch_related("scale__levels").newest_first()
    newest: dict[int, FrameworkRevision] = {}
    for revision in ordered:
        newest.setdefault(revision.framework_id, revision)
    return list(newest.values())


def _row(person: User, organisation: UUID, standing: Standing) -> ActivityStanding:
    overall = standing.distribution.overall
    is_level = isinstance(overall, int)
    return ActivityStanding(
        organisation_id=organisation,
        therapist=person,
        activity=Activity(pk=standing.activity.pk),
        outcome=Outcome.LEVEL if is_level else overall,
        position=overall if is_level else None,
        rated=standing.distribution.rated,
        total=standing.distribution.total,
        last_rated_on=standing.last_rated_on,
    )


def _values(row: ActivityStanding) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in COLUMNS)
