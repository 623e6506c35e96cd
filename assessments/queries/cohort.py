"""The therapists of an organisation together: who they are, where each stands, and where they stand as a group."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncQuarter
from django.utils import timezone

from assessments import profiles, scoring
from assessments.models import (
    Activity,
    ActivityStanding,
    Assessment,
    FrameworkRevision,
    Membership,
    Organisation,
    Outcome,
    Role,
    User,
)
from assessments.models.self_assessment import NOT_WITHDRAWN
from assessments.queries.groups import Grouped, Ranked
from assessments.scoring import NOT_RATED, Distribution, Mark

# After how long without an assessment somebody is named, and after how long a signature is asked after.
QUIET_AFTER, UNSIGNED_AFTER = datetime.timedelta(days=91), datetime.timedelta(days=14)
QUARTERS = 8


class Member(NamedTuple):
    """A therapist of the cohort, and the day of the last session assessed."""

    pk: UUID
    name: str
    programme: str
    last_on: datetime.date | None


@dataclass(frozen=True)
class ActivityRow(Grouped):
    """One activity, and how the whole cohort stands on it."""

    activity: Activity
    everybody: Distribution


@dataclass(frozen=True)
class Cohort(Ranked[ActivityRow]):
    organisation: Organisation
    revision: FrameworkRevision
    programme: str
    programmes: list[str]
    members: list[Member]
    rows: list[ActivityRow]

    @property
    def never_assessed(self) -> list[Member]:
        return [member for member in self.members if member.last_on is None]

    def quiet(self, on: datetime.date) -> list[Member]:
        """Those whose last assessed session lies long back, the longest first."""
        long_ago = [row for row in self.members if row.last_on and on - row.last_on > QUIET_AFTER]
        return sorted(long_ago, key=lambda row: (row.last_on or on, row.name))


def organisations_overseen(user: User) -> list[Organisation]:
    """Those that the person leads; failing these, those that they administer."""
    held = user.current_memberships
    led = [row.organisation for row in held if row.role == Role.LEAD]
    return led or [row.organisation for row in held if row.role == Role.ADMIN]


def rated_again_by(user: User, organisation: Organisation) -> list[User]:
    """Therapists of whom the user still rates a session that is shared already, without seeing that.

    Where these stand would tell of it, so that pages of the cohort are asked without them.
    """
    awaited = Assessment.objects.second().filter(
        NOT_WITHDRAWN,
        supervisor=user,
        organisation=organisation,
        opened_at__isnull=True,
        second_of__shared_at__isnull=False,
    )
    return list(User.objects.filter(pk__in=awaited.values("therapist")).order_by("name", "pk"))


def members(organisation: Organisation, without: Iterable[UUID] = ()) -> list[Member]:
    """Everybody in training there now, by name; a second membership of the same person is the same person."""
    last = (
        Assessment.objects.counting()
        .filter(therapist=OuterRef("user"), organisation=organisation)
        .order_by("-session_on")
        .values("session_on")[:1]
    )
    rows = (
        Membership.objects.current()
        .filter(organisation=organisation, role=Role.THERAPIST)
        .exclude(user__in=list(without))
        .annotate(last_on=Subquery(last))
        .order_by("user__name", "user", "-starts_on")
        .values_list("user", "user__name", "programme", "last_on")
    )
    return list({row[0]: Member(*row) for row in reversed(rows)}.values())[::-1]


def cohort(
    organisation: Organisation, revision: FrameworkRevision, *, programme: str = "", without: Iterable[UUID] = ()
) -> Cohort:
    """The cohort of a programme, or of all, as a group."""
    everybody = members(organisation, without)
    chosen = [row for row in everybody if not programme or row.programme == programme]
    standings = ActivityStanding.objects.filter(organisation=organisation, activity__revision=revision)
    groups = _groups(standings.filter(therapist__in=in_training(organisation, programme, without)))
    rows = [ActivityRow(each, of_all(groups[each.pk], len(chosen))) for each, _ in profiles.tree(revision)]
    programmes = sorted({row.programme for row in everybody if row.programme})
    return Cohort(organisation, revision, programme, programmes, chosen, rows)


def in_training(organisation: Organisation, programme: str, without: Iterable[UUID] = ()) -> QuerySet[Any]:
    """The ids of those in training there now; the same person may come twice."""
    held = Membership.objects.current().filter(organisation=organisation, role=Role.THERAPIST)
    held = held.exclude(user__in=list(without))
    return (held.filter(programme=programme) if programme else held).values("user")


def _groups(standings: QuerySet[ActivityStanding]) -> dict[int, Counter[Mark]]:
    """How many people stand at each mark, by activity; counted in the database."""
    found: dict[int, Counter[Mark]] = defaultdict(Counter)
    rows = standings.order_by().values_list("activity", "outcome", "position").annotate(number=Count("pk"))
    for activity, outcome, position, number in rows:
        found[activity][mark_of(outcome, position)] += number
    return found


def marks_within(cohort: Cohort, named: Iterable[Member]) -> list[list[Mark]]:
    """For each activity of the cohort, in order, the marks of these members."""
    people = [member.pk for member in named]
    rows = ActivityStanding.objects.filter(
        organisation=cohort.organisation, activity__revision=cohort.revision, therapist__in=people
    ).values_list("activity", "therapist", "outcome", "position")
    marks = {(activity, therapist): mark_of(outcome, position) for activity, therapist, outcome, position in rows}
    return [[marks.get((row.activity.pk, pk), NOT_RATED) for pk in people] for row in cohort.rows]


def mark_of(outcome: str, position: int | None) -> Mark:
    return position if outcome == Outcome.LEVEL and position else outcome


def of_all(counts: Counter[Mark], number: int) -> Distribution:
    """Whoever has no row is not rated."""
    return scoring.distribution(Counter({**counts, NOT_RATED: number - counts.total()}).elements())


@dataclass(frozen=True)
class Waiting:
    """Shared assessments that have waited long for a signature."""

    number: int
    since: datetime.date | None


def waiting_for_signatures(organisation: Organisation) -> Waiting:
    before = timezone.now() - UNSIGNED_AFTER
    found = (
        Assessment.objects.shared()
        .filter(organisation=organisation, shared_at__lt=before)
        .aggregate(number=Count("pk"), since=Min("shared_at"))
    )
    return Waiting(found["number"], timezone.localdate(found["since"]) if found["since"] else None)


class SupervisorRow(NamedTuple):
    """Who has assessed whom in the last twelve months, in numbers of work done."""

    name: str
    assessments: int
    therapists: int
    unsigned: int
    last_on: datetime.date | None


def supervisors_of(organisation: Organisation, on: datetime.date) -> list[SupervisorRow]:
    since = on - datetime.timedelta(days=365)
    rows = (
        Assessment.objects.counting()
        .filter(organisation=organisation, session_on__gte=since)
        .order_by("supervisor__name", "supervisor")
        .values("supervisor__name", "supervisor")
        .annotate(
            number=Count("pk"),
            people=Count("therapist", distinct=True),
            unsigned=Count("pk", filter=Q(status=Assessment.Status.SHARED)),
            last_on=Max("session_on"),
        )
    )
    return [
        SupervisorRow(row["supervisor__name"], row["number"], row["people"], row["unsigned"], row["last_on"])
        for row in rows
    ]


class Quarter(NamedTuple):
    begins_on: datetime.date
    assessments: int
    therapists: int

    @property
    def name(self) -> str:
        """`July to September 2026`."""
        ends_on = self.begins_on.replace(month=self.begins_on.month + 2)
        return f"{self.begins_on:%B} to {ends_on:%B %Y}"


def quarters(organisation: Organisation) -> list[Quarter]:
    """How much was assessed in the latest quarters, the newest first."""
    rows = (
        Assessment.objects.counting()
        .filter(organisation=organisation)
        .annotate(quarter=TruncQuarter("session_on"))
        .order_by("-quarter")
        .values_list("quarter")
        .annotate(number=Count("pk"), people=Count("therapist", distinct=True))
    )
    return [Quarter(*row) for row in rows[:QUARTERS]]
