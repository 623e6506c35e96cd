"""Where a cohort stood at the end of each of the latest quarters, domain by domain; counted in the database."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from assessments import profiles
from assessments.models import Domain, FrameworkRevision, Organisation, QuarterStanding
from assessments.models.standing import end_of_quarter, quarter_of
from assessments.queries.cohort import QUARTERS, in_training, mark_of, of_all
from assessments.queries.groups import Grouped
from assessments.scoring import Distribution, Mark


@dataclass(frozen=True)
class QuarterGroup(Grouped):
    """The group at the end of a quarter, or today where it still runs."""

    begins_on: datetime.date
    on: datetime.date
    is_running: bool
    everybody: Distribution


@dataclass(frozen=True)
class DomainProgress:
    domain: Domain
    quarters: list[QuarterGroup]

    @property
    def told(self) -> list[QuarterGroup]:
        return [row for row in self.quarters if row.is_told]


@dataclass(frozen=True)
class CohortProgress:
    revision: FrameworkRevision
    people: int
    domains: list[DomainProgress]


def cohort_progress(
    organisation: Organisation, revision: FrameworkRevision, *, programme: str = "", without: Iterable[UUID] = ()
) -> CohortProgress:
    """Those in training now, followed back; quarters before anybody was rated are left out."""
    people = in_training(organisation, programme, without)
    number = people.distinct().count()
    today = timezone.localdate()
    begin = list(_latest_quarters(today))
    columns = {f"at_{place}": _standing_at(day) for place, day in enumerate(begin)}
    found: dict[tuple[int, int], Counter[Mark]] = defaultdict(Counter)
    rows = QuarterStanding.objects.filter(
        organisation=organisation, domain__revision=revision, therapist__in=people
    ).order_by()
    for domain, outcome, position, *counts in rows.values_list("domain", "outcome", "position").annotate(**columns):
        for place, count in enumerate(counts):
            found[domain, place][mark_of(outcome, position)] += count
    first = min((place for (_, place), counts in found.items() if counts.total()), default=len(begin))
    domains = [
        DomainProgress(
            domain,
            [_group(day, today, found[domain.pk, place], number) for place, day in enumerate(begin) if place >= first],
        )
        for domain in _domains(revision)
    ]
    return CohortProgress(revision, number, domains)


def _latest_quarters(today: datetime.date) -> Iterator[datetime.date]:
    """Their first days, the oldest first; the last one still runs."""
    days = [quarter_of(today)]
    while len(days) < QUARTERS:
        days.append(quarter_of(days[-1] - datetime.timedelta(days=1)))
    return reversed(days)


def _standing_at(begins_on: datetime.date) -> Count:
    stood = Q(begins_on__lte=begins_on) & (Q(ends_on__isnull=True) | Q(ends_on__gt=begins_on))
    return Count("pk", filter=stood)


def _group(begins_on: datetime.date, today: datetime.date, counts: Counter[Mark], number: int) -> QuarterGroup:
    ends_on = end_of_quarter(begins_on)
    return QuarterGroup(begins_on, min(ends_on, today), ends_on > today, of_all(counts, number))


def _domains(revision: FrameworkRevision) -> list[Domain]:
    by_domain = groupby((activity for activity, _ in profiles.tree(revision)), key=lambda row: row.domain_id)
    return [next(rows).domain for _, rows in by_domain]
