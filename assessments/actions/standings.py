"""The projection of where people stand, kept with every change of what counts.

Each function leaves the rows as the profile would compute them. Nothing here is an act of somebody, so nothing here
writes an event: the callers do.
"""

import datetime
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from assessments import profiles
from assessments.actions import quarters
from assessments.models import (
    Activity,
    ActivityStanding,
    Assessment,
    FrameworkRevision,
    Outcome,
    QuarterStanding,
    User,
)
from assessments.models.assessment import AssessmentQuerySet
from assessments.models.self_assessment import NOT_WAITING
from assessments.profiles import Profile, Standing
from assessments.scoring import NOT_RATED

Pair = tuple[Any, Any]
COLUMNS = ["activity_id", "outcome", "position", "rated", "total", "last_rated_on"]


def refresh(therapist: UUID, organisation: UUID, *, since: datetime.date | None = None) -> None:
    """Write a therapist's rows anew. The caller holds the transaction.

    The person's row is held, so that of two assessments shared at once the later one sees the other. `since` is the
    day of the session in question, where only one is: quarters before it are left as they are.
    """
    person = User.objects.select_for_update().get(pk=therapist)
    assessments = _counting(person, organisation)
    now = _profiles(person, assessments)
    rows = list(_computed(person, organisation, now))
    ActivityStanding.objects.filter(therapist=person, organisation=organisation).delete()
    ActivityStanding.objects.bulk_create(rows)
    quarters.write(person, organisation, assessments, now, since=since)


def refresh_framework(framework: int) -> None:
    """After another revision came into use, or carries ratings over, or does so no longer."""
    for therapist, organisation in _pairs(revision__framework=framework):
        refresh(therapist, organisation)


def rebuild(*, is_missing_only: bool = False) -> int:
    """Write everybody's rows anew, or only those of people who have none; how many people that were."""
    pairs = _pairs()
    if is_missing_only:
        complete = _pairs_in(ActivityStanding) & _pairs_in(QuarterStanding)
        pairs = [pair for pair in pairs if pair not in complete]
    for therapist, organisation in pairs:
        with transaction.atomic():
            refresh(therapist, organisation)
    return len(pairs)


def drifted() -> Iterator[str]:
    """Sentences about people whose rows are not what their ratings say."""
    pairs = _pairs()
    stored = _pairs_in(ActivityStanding) | _pairs_in(QuarterStanding)
    yield from (f"{pk} has rows without a shared assessment." for pk, _ in stored - set(pairs))
    for therapist, organisation in pairs:
        person = User.objects.get(pk=therapist)
        assessments = _counting(person, organisation)
        now = _profiles(person, assessments)
        kept = ActivityStanding.objects.filter(therapist=person, organisation=organisation)
        if set(kept.values_list(*COLUMNS)) != set(map(_values, _computed(person, organisation, now))):
            yield f"The rows of {therapist} differ from the ratings."
        by_quarter = QuarterStanding.objects.filter(therapist=person, organisation=organisation)
        expected = quarters.computed(person, organisation, assessments, now)
        if set(by_quarter.values_list(*quarters.COLUMNS)) != set(map(quarters.values, expected)):
            yield f"The quarters of {therapist} differ from the ratings."


def _pairs(**of: Any) -> list[Pair]:
    """Therapists and organisations in which something of theirs counts."""
    counting = _open().filter(**of)
    return list(counting.order_by("therapist", "organisation").values_list("therapist", "organisation").distinct())


def _pairs_in(model: type[ActivityStanding] | type[QuarterStanding]) -> set[Pair]:
    return set(model.objects.values_list("therapist", "organisation").distinct())


def _counting(person: User, organisation: UUID) -> list[Assessment]:
    return list(_open().filter(therapist=person, organisation=organisation).select_related("revision"))


def _open() -> AssessmentQuerySet:
    """What waits for a self-assessment stays out: a lead who is in training looks at the cohort, too."""
    return Assessment.objects.counting().filter(NOT_WAITING)


def _profiles(person: User, assessments: list[Assessment]) -> list[Profile]:
    """As of today, one for each framework."""
    today = timezone.localdate()
    return [profiles.build(person, revision, today, assessments) for revision in _in_use(assessments)]


def _computed(person: User, organisation: UUID, now: list[Profile]) -> Iterator[ActivityStanding]:
    for profile in now:
        for standing in profile.standings:
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
