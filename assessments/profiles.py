"""The computed picture of one therapist at a date."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Case, F, When, Window
from django.db.models.functions import RowNumber

from assessments import courses, scoring, wording
from assessments.courses import Course
from assessments.models import (
    Activity,
    Assessment,
    CarryOver,
    Competence,
    CompetenceLink,
    Domain,
    FrameworkRevision,
    LinkKind,
    Outcome,
    Rating,
    RatingLevel,
    User,
)
from assessments.models.assessment import AssessmentQuerySet, Status
from assessments.models.framework import Scope
from assessments.models.lineage import SAME_MEANING
from assessments.scoring import Distribution, Mark

# After how many months a rating is called out of date, unless somebody asks for another number.
STALE_MONTHS = 6

Found = dict[int, tuple[Mark, datetime.date]]

# Kinds of link along which a rating is shown in the newer revision; of these only the same meaning counts there.
CARRYING = [*SAME_MEANING, LinkKind.REWORDED, LinkKind.SPLIT, LinkKind.MERGED]


@dataclass(frozen=True)
class Carried:
    """A rating of an earlier revision, shown until the competence is rated again. Only the same meaning counts."""

    mark: Mark
    on: datetime.date
    number: str
    is_same: bool

    @property
    def words(self) -> str:
        return "carried over" if self.is_same else "carried over – wording changed"


@dataclass(frozen=True)
class Way:
    """Where a competence of an earlier revision leads: to a competence of the newer one, with what meaning."""

    newer: int
    number: str
    is_same: bool


@dataclass(frozen=True)
class Standing:
    """Where a therapist stands on one activity.

    `carried` tells by code which marks come from an earlier revision, `courses` how a mark came about. Unless the
    profile is built `in_full`, a course may lack what lies between its first and its last marks.
    """

    activity: Activity
    marks: list[tuple[str, Mark]]
    distribution: Distribution
    last_rated_on: datetime.date | None
    carried: dict[str, Carried] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)

    @property
    def counts_towards_coverage(self) -> bool:
        """Optional activities count only once something in them was judged."""
        is_begun = self.distribution.rated or self.distribution.not_observed
        return self.activity.scope != Scope.OPTIONAL or bool(is_begun)


@dataclass(frozen=True)
class DomainStanding:
    code: str
    title: str
    short_title: str
    activities: list[Standing]
    distribution: Distribution


@dataclass(frozen=True)
class Profile:
    therapist: User
    revision: FrameworkRevision
    levels: list[RatingLevel]
    on: datetime.date
    domains: list[DomainStanding]
    distribution: Distribution
    assessments: int
    supervisors: int
    stale_months: int = STALE_MONTHS
    is_part: bool = False

    @property
    def is_descending(self) -> bool:
        return self.revision.scale.is_descending

    @property
    def stale_before(self) -> datetime.date:
        """A rating of an earlier day is out of date."""
        days = self.stale_months * 365 // 12
        return self.on - datetime.timedelta(days=min(days, (self.on - datetime.date.min).days))

    @property
    def standings(self) -> list[Standing]:
        return [standing for domain in self.domains for standing in domain.activities]

    @property
    def carried(self) -> list[tuple[str, Carried]]:
        """What is shown from earlier revisions, in printed order."""
        return [pair for standing in self.standings for pair in standing.carried.items()]

    @property
    def headline(self) -> str:
        """The finding in a sentence: counts, never a verdict."""
        if not self.distribution.rated:
            where = "in what you chose" if self.is_part else f"yet for {self.therapist.first_name}"
            return f"Nothing is rated {where}."
        scale = self.revision.scale
        beyond = self.distribution.at_or_beyond(scale.threshold, descending=self.is_descending)
        ahead = self.levels[: scale.threshold] if self.is_descending else self.levels[scale.threshold - 1 :]
        names = " or ".join(level.label for level in ahead)
        rated = wording.count(self.distribution.rated, "competence")
        where = "in what you chose" if self.is_part else "so far"
        return f"Of {rated} rated {where}, {beyond} {'is' if beyond == 1 else 'are'} at {names}.{self._unmet()}"

    def _unmet(self) -> str:
        """Which problem areas no rating has touched; a part of the assessments cannot tell."""
        unmet = [
            standing.activity.get_problem_area_display().lower()
            for standing in self.standings
            if standing.activity.problem_area and not standing.distribution.rated and not self.is_part
        ]
        if not unmet:
            return ""
        verb = "has" if len(unmet) == 1 else "have"
        return f" {wording.listed(unmet).capitalize()} {verb} not come up in a case yet."

    @property
    def gaps(self) -> list[tuple[Standing, str]]:
        """Core and focus activities that are missing or out of date, each with its reason."""
        found = []
        for standing in self.standings:
            if standing.activity.scope != Scope.OPTIONAL and (reason := self._gap(standing)):
                found.append((standing, reason))
        return found

    def _gap(self, standing: Standing) -> str:
        if standing.distribution.overall == scoring.NOT_APPLICABLE:
            return ""
        if standing.last_rated_on is None:
            if standing.distribution.not_observed:
                return "Looked for, not observed"
            return "No case with this problem area" if standing.activity.problem_area else "Never rated"
        months = wording.in_words(self.stale_months, "month")
        return f"Older than {months}" if standing.last_rated_on < self.stale_before else ""


def marks_of(assessments: AssessmentQuerySet | list[UUID], **narrowed: Any) -> dict[UUID, Found]:
    """For each therapist and competence the latest level or `not applicable`; failing both, `not observed`.

    Not observed replaces nothing. One statement, however many people and assessments; `narrowed` to some ratings.
    """
    replaces_nothing = Case(When(outcome=Outcome.NOT_OBSERVED, then=1), default=0)
    latest = (
        Rating.objects.given()
        .filter(assessment__in=assessments, **narrowed)
        .annotate(
            place=Window(
                RowNumber(),
                partition_by=[F("assessment__therapist"), F("competence")],
                order_by=[
                    replaces_nothing.asc(),
                    F("assessment__session_on").desc(),
                    F("assessment__shared_at").desc(),
                ],
            )
        )
        .filter(place=1)
    )
    found: dict[UUID, Found] = defaultdict(dict)
    for therapist, competence, outcome, position, day in latest.values_list(
        "assessment__therapist", "competence", "outcome", "level__position", "assessment__session_on"
    ):
        found[therapist][competence] = (position or outcome, day)
    return found


def distributions(
    therapists: Iterable[UUID], revision: FrameworkRevision, on: datetime.date, *, seen_by: User
) -> dict[UUID, Distribution]:
    """How each of several people stands, in one line each; optional activities count once begun."""
    earlier = ways_into(revision)
    visible = Assessment.objects.counting().readable_by(seen_by).filter(revision__in=[revision.pk, *earlier])
    assessments = visible.filter(therapist__in=list(therapists), scale=revision.scale_id, session_on__lte=on)
    rows = list(
        Competence.objects.rateable().filter(revision=revision).values_list("pk", "activity", "activity__scope")
    )
    ways = _joined_ways(earlier)
    found = {}
    for therapist, seen in marks_of(assessments).items():
        marks = seen | {pk: (was.mark, was.on) for pk, was in carried_along(seen, ways).items() if was.is_same}
        begun = {activity for pk, activity, _ in rows if pk in marks and marks[pk][0] != scoring.NOT_APPLICABLE}
        found[therapist] = scoring.distribution(
            marks[pk][0] if pk in marks else scoring.NOT_RATED
            for pk, activity, scope in rows
            if scope != Scope.OPTIONAL or activity in begun
        )
    return found


def build(
    therapist: User,
    revision: FrameworkRevision,
    on: datetime.date,
    assessments: Iterable[Assessment],
    *,
    in_full: bool = False,
    is_part: bool = False,
    stale_months: int = STALE_MONTHS,
) -> Profile:
    """The profile of one therapist in one revision at the end of a day, from the assessments its reader may see.

    Shared ones count as provisional; drafts, withdrawn ones and later ones are left out. Earlier revisions count along
    confirmed links where their ratings are carried over. `is_part` says that the assessments are a choice.
    """
    known = [row for row in assessments if row.status in {Status.SHARED, Status.SIGNED_OFF} and row.session_on <= on]
    counted = [row for row in known if row.revision_id == revision.pk]
    activities = tree(revision)
    competences = {pk for _, rows in activities for pk, _ in rows}
    judged = courses.of(counted, competences, in_full=in_full)
    marks: Found = {pk: course.latest for pk, course in judged.items()}
    carried = _carried_over(therapist, revision, known, marks)
    standings = [_standing(activity, rows, marks, carried, judged) for activity, rows in activities]
    return Profile(
        therapist=therapist,
        revision=revision,
        levels=list(revision.scale.levels.all()),
        on=on,
        domains=[
            _domain(list(group)) for _, group in groupby(standings, key=lambda standing: standing.activity.domain_id)
        ],
        distribution=_joined(standings),
        assessments=len(counted),
        supervisors=len({row.supervisor_id for row in counted}),
        stale_months=stale_months,
        is_part=is_part,
    )


def ways_into(revision: FrameworkRevision) -> dict[int, dict[int, list[Way]]]:
    """For each earlier revision that carries over into this one: where its competences lead, by competence.

    Follows the chain of revisions for as long as a carry-over stands and the scale is the same.
    """
    found: dict[int, dict[int, list[Way]]] = {}
    onward: dict[int, list[Way]] | None = None
    step: FrameworkRevision | None = revision
    while step and step.previous_id and _carries(step):
        links = CompetenceLink.objects.confirmed().filter(revision=step, kind__in=CARRYING)
        ways: dict[int, list[Way]] = defaultdict(list)
        for older, newer, kind, number in links.values_list("older", "newer", "kind", "older__revision__number"):
            is_same = kind in SAME_MEANING
            further = [Way(newer, number, True)] if onward is None else onward.get(newer, [])
            ways[older] += [Way(way.newer, number, is_same and way.is_same) for way in further]
        found[step.previous_id] = onward = dict(ways)
        step = FrameworkRevision.objects.filter(pk=step.previous_id).first()
    return found


def _carries(revision: FrameworkRevision) -> bool:
    return CarryOver.objects.filter(revision=revision, undone_at__isnull=True).exists()


def _joined_ways(by_revision: dict[int, dict[int, list[Way]]]) -> dict[int, list[Way]]:
    return {pk: ways for part in by_revision.values() for pk, ways in part.items()}


def _carried_over(
    therapist: User, revision: FrameworkRevision, known: list[Assessment], marks: Found
) -> dict[int, Carried]:
    """By competence of this revision: the latest rating of an earlier one, where nothing newer stands."""
    if not revision.previous_id:
        return {}
    earlier = ways_into(revision)
    before = [row.pk for row in known if row.revision_id in earlier and row.scale_id == revision.scale_id]
    return carried_along(marks | marks_of(before)[therapist.pk], _joined_ways(earlier)) if before else {}


def carried_along(seen: Found, ways: dict[int, list[Way]]) -> dict[int, Carried]:
    """`seen` holds marks of all revisions. Not observed carries nothing, and replaces nothing either."""
    found: dict[int, Carried] = {}
    for older, leads in ways.items():
        mark, day = seen.get(older, (scoring.NOT_OBSERVED, datetime.date.min))
        if mark == scoring.NOT_OBSERVED:
            continue
        for way in leads:
            is_settled = way.newer in seen and seen[way.newer][0] != scoring.NOT_OBSERVED
            candidate = Carried(mark, day, way.number, way.is_same)
            standing = found.get(way.newer)
            if not is_settled and (standing is None or _outranks(candidate, standing)):
                found[way.newer] = candidate
    return found


def _outranks(candidate: Carried, standing: Carried) -> bool:
    """The same meaning before a changed wording, then the later day."""
    return (candidate.is_same, candidate.on) > (standing.is_same, standing.on)


@lru_cache(maxsize=16)
def tree(revision: FrameworkRevision) -> list[tuple[Activity, list[tuple[int, str]]]]:
    """Each activity with the ids and codes of its competences. Read once a process: published content never changes.

    Plain tuples, because a thousand model instances would cost more than the rest of the page.
    """
    rows = (
        Competence.objects.rateable()
        .filter(revision=revision)
        .order_by("activity__position", "position")
        .values_list(
            *(f"activity__domain__{name}" for name in _DOMAIN),
            *(f"activity__{name}" for name in _ACTIVITY),
            "pk",
            "code",
        )
    )
    end = len(_DOMAIN) + len(_ACTIVITY)
    return [
        (_activity(facts), [row[end:] for row in group]) for facts, group in groupby(rows, key=lambda row: row[:end])
    ]


def _activity(facts: tuple[Any, ...]) -> Activity:
    domain = Domain(**dict(zip(_DOMAIN, facts, strict=False)))
    return Activity(domain=domain, **dict(zip(_ACTIVITY, facts[len(_DOMAIN) :], strict=True)))


_DOMAIN = ["id", "code", "title", "short_title"]
_ACTIVITY = ["id", "code", "title", "short_title", "scope", "phase", "problem_area", "group_heading"]


def _standing(
    activity: Activity,
    competences: list[tuple[int, str]],
    rated: Found,
    carried: dict[int, Carried],
    judged: dict[int, Course],
) -> Standing:
    here = {pk: carried[pk] for pk, _ in competences if pk in carried}
    found = rated | {pk: (was.mark, was.on) for pk, was in here.items() if was.is_same}
    marks = [(code, found[pk][0] if pk in found else scoring.NOT_RATED) for pk, code in competences]
    days = [found[pk][1] for pk, _ in competences if pk in found and isinstance(found[pk][0], int)]
    return Standing(
        activity=activity,
        marks=marks,
        distribution=scoring.distribution(mark for _, mark in marks),
        last_rated_on=max(days, default=None),
        carried={code: here[pk] for pk, code in competences if pk in here},
        courses={code: judged[pk] for pk, code in competences if pk in judged},
    )


def _domain(standings: list[Standing]) -> DomainStanding:
    domain = standings[0].activity.domain
    return DomainStanding(
        code=domain.code,
        title=domain.title,
        short_title=domain.short_title,
        activities=standings,
        distribution=_joined(standings),
    )


def _joined(standings: list[Standing]) -> Distribution:
    return scoring.distribution(
        mark for standing in standings if standing.counts_towards_coverage for _, mark in standing.marks
    )
