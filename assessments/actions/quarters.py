"""The projection of where people stood at the ends of quarters, written with the one of where they stand."""

import datetime
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from assessments import profiles
from assessments.models import Assessment, FrameworkRevision, Outcome, QuarterStanding, User
from assessments.models.standing import end_of_quarter, quarter_of
from assessments.profiles import Profile
from assessments.scoring import NOT_RATED, Mark

COLUMNS = ["domain_id", "outcome", "position", "begins_on", "ends_on"]


def write(
    person: User,
    organisation: UUID,
    assessments: list[Assessment],
    now: Iterable[Profile],
    *,
    since: datetime.date | None = None,
) -> None:
    """Write a therapist's rows anew; of quarters before that of `since` nothing has changed, so they stay."""
    start = quarter_of(since) if since else datetime.date.min
    rows = QuarterStanding.objects.filter(therapist=person, organisation=organisation)
    earlier = list(rows.filter(begins_on__lt=start))
    runs = computed(person, organisation, assessments, now, start=start, earlier=earlier)
    rows.delete()
    QuarterStanding.objects.bulk_create(runs)


def computed(
    person: User,
    organisation: UUID,
    assessments: list[Assessment],
    now: Iterable[Profile],
    *,
    start: datetime.date = datetime.date.min,
    earlier: Iterable[QuarterStanding] = (),
) -> list[QuarterStanding]:
    """The rows as the profiles of each quarter's end would have them; `now` are the profiles of today."""
    runs: list[QuarterStanding] = []
    for row in earlier:
        row.pk = None
        row.ends_on = row.ends_on if row.ends_on and row.ends_on < start else None
        runs.append(row)
    standing = {row.domain_id: row for row in runs if row.ends_on is None}
    for profile in now:
        for begins_on, marks in _marks(profile, assessments, start):
            for domain, mark in marks.items():
                _go_on(runs, standing, _row(person, organisation, domain, mark, begins_on), mark)
    return runs


def _go_on(runs: list[QuarterStanding], standing: dict[int, QuarterStanding], row: QuarterStanding, mark: Mark) -> None:
    """End what stood before, and begin what stands now, where these differ."""
    before = standing.get(row.domain_id)
    if before and (before.outcome, before.position) == (row.outcome, row.position):
        return
    if before:
        before.ends_on = row.begins_on
    if mark != NOT_RATED:
        standing[row.domain_id] = row
        runs.append(row)


def _marks(
    now: Profile, assessments: list[Assessment], start: datetime.date
) -> Iterable[tuple[datetime.date, dict[int, Mark]]]:
    """For each quarter with a session, oldest first: the mark of each domain at its end.

    Nothing changes after the last session, so its quarter is read from the profile of today.
    """
    if all(domain.distribution.overall == NOT_RATED for domain in now.domains):
        return
    days = [row.session_on for row in assessments if row.session_on <= now.on and _bears_on(row, now.revision)]
    quarters = sorted({quarter_of(day) for day in days})
    for begins_on in quarters:
        if begins_on >= start:
            is_last = begins_on == quarters[-1]
            yield begins_on, _domains(now if is_last else _as_of(end_of_quarter(begins_on), now, assessments))


def _bears_on(assessment: Assessment, revision: FrameworkRevision) -> bool:
    return assessment.revision.framework_id == revision.framework_id


def _as_of(day: datetime.date, now: Profile, assessments: list[Assessment]) -> Profile:
    return profiles.build(now.therapist, now.revision, day, assessments)


def _domains(profile: Profile) -> dict[int, Mark]:
    return {row.activities[0].activity.domain_id: row.distribution.overall for row in profile.domains}


def _row(person: User, organisation: UUID, domain: int, mark: Mark, begins_on: datetime.date) -> QuarterStanding:
    is_level = isinstance(mark, int)
    return QuarterStanding(
        organisation_id=organisation,
        therapist=person,
        domain_id=domain,
        outcome=Outcome.LEVEL if is_level else mark,
        position=mark if is_level else None,
        begins_on=begins_on,
    )


def values(row: QuarterStanding) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in COLUMNS)
