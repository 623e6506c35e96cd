"""The computed picture of one therapist at a date."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Case, F, When, Window
from django.db.models.functions import RowNumber

from assessments import scoring, wording
from assessments.models import (
    Activity,
    Assessment,
    Competence,
    Domain,
    FrameworkRevision,
    Outcome,
    Rating,
    RatingLevel,
    User,
)
from assessments.models.assessment import AssessmentQuerySet, Status
from assessments.models.framework import Scope
from assessments.scoring import Distribution, Mark

# After how long a rating of an activity is called out of date.
STALE_AFTER = datetime.timedelta(days=182)

# The profile of somebody who is assessed in full is settled by this many assessments.
READ_FIRST = 5

Found = dict[int, tuple[Mark, datetime.date]]


@dataclass(frozen=True)
class Standing:
    """Where a therapist stands on one activity."""

    activity: Activity
    marks: list[tuple[str, Mark]]
    distribution: Distribution
    last_rated_on: datetime.date | None

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

    @property
    def standings(self) -> list[Standing]:
        return [standing for domain in self.domains for standing in domain.activities]

    @property
    def headline(self) -> str:
        """The finding in a sentence: counts, never a verdict."""
        if not self.distribution.rated:
            return f"Nothing is rated yet for {self.therapist.first_name}."
        scale = self.revision.scale
        is_descending = scale.direction == scale.Direction.DESCENDING
        beyond = self.distribution.at_or_beyond(scale.threshold, descending=is_descending)
        ahead = self.levels[: scale.threshold] if is_descending else self.levels[scale.threshold - 1 :]
        names = " or ".join(level.label for level in ahead)
        rated = wording.count(self.distribution.rated, "competence")
        return f"Of {rated} rated so far, {beyond} {'is' if beyond == 1 else 'are'} at {names}.{self._unmet()}"

    def _unmet(self) -> str:
        """Which problem areas no rating has touched."""
        unmet = [
            standing.activity.get_problem_area_display().lower()
            for standing in self.standings
            if standing.activity.problem_area and not standing.distribution.rated
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
        return "Older than six months" if self.on - standing.last_rated_on > STALE_AFTER else ""


def marks_of(assessments: AssessmentQuerySet | list[UUID]) -> dict[UUID, Found]:
    """For each therapist and competence the latest level or `not applicable`; failing both, `not observed`.

    Not observed replaces nothing. One statement, however many people and assessments.
    """
    replaces_nothing = Case(When(outcome=Outcome.NOT_OBSERVED, then=1), default=0)
    latest = (
        Rating.objects.given()
        .filter(assessment__in=assessments)
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
    visible = Assessment.objects.counting().visible_to(seen_by)
    assessments = visible.filter(therapist__in=list(therapists), revision=revision, session_on__lte=on)
    rows = list(
        Competence.objects.rateable().filter(revision=revision).values_list("pk", "activity", "activity__scope")
    )
    found = {}
    for therapist, marks in marks_of(assessments).items():
        begun = {activity for pk, activity, _ in rows if pk in marks and marks[pk][0] != scoring.NOT_APPLICABLE}
        found[therapist] = scoring.distribution(
            marks[pk][0] if pk in marks else scoring.NOT_RATED
            for pk, activity, scope in rows
            if scope != Scope.OPTIONAL or activity in begun
        )
    return found


def build(
    therapist: User, revision: FrameworkRevision, on: datetime.date, assessments: Iterable[Assessment]
) -> Profile:
    """The profile of one therapist in one revision at the end of a day, from the assessments its reader may see.

    Shared ones count as provisional; drafts, withdrawn ones, later ones and other revisions are left out.
    """
    counted = [
        row
        for row in assessments
        if row.status in {Status.SHARED, Status.SIGNED_OFF} and row.revision_id == revision.pk and row.session_on <= on
    ]
    activities = tree(revision)
    marks = _latest(therapist, counted, {pk for _, competences in activities for pk, _ in competences})
    standings = [_standing(activity, competences, marks) for activity, competences in activities]
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
    )


def _latest(therapist: User, assessments: list[Assessment], competences: set[int]) -> Found:
    """What stands for each competence; old assessments are read only where the newest leave something open."""
    newest_first = sorted(assessments, key=lambda row: (row.session_on, row.shared_at), reverse=True)
    recent, older = newest_first[:READ_FIRST], newest_first[READ_FIRST:]
    found = marks_of([row.pk for row in recent])[therapist.pk]
    settled = {pk for pk, (mark, _) in found.items() if mark != scoring.NOT_OBSERVED}
    if older and not competences <= settled:
        before = marks_of([row.pk for row in older])[therapist.pk]
        found = before | found | {pk: before[pk] for pk in before.keys() - settled}
    return found


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


def _standing(activity: Activity, competences: list[tuple[int, str]], found: Found) -> Standing:
    marks = [(code, found[pk][0] if pk in found else scoring.NOT_RATED) for pk, code in competences]
    days = [found[pk][1] for pk, _ in competences if pk in found and isinstance(found[pk][0], int)]
    return Standing(
        activity=activity,
        marks=marks,
        distribution=scoring.distribution(mark for _, mark in marks),
        last_rated_on=max(days, default=None),
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
