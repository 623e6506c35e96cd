"""How far two raters of one session agree, over a whole organisation; counted in the database."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from assessments import agreement, profiles
from assessments.agreement import Agreement
from assessments.models import Assessment, Domain, FrameworkRevision, Organisation, Outcome, Rating, Status, User
from assessments.models.assessment import AssessmentQuerySet
from assessments.models.self_assessment import OPENED
from assessments.queries.groups import SMALLEST_GROUP

Counted = Counter[tuple[int, int]]


@dataclass(frozen=True)
class GroupAgreement:
    """Agreement on competences of so many therapists."""

    agreement: Agreement
    therapists: int

    @property
    def is_told(self) -> bool:
        """Whether enough therapists are rated to speak of the group to those who do not know everybody by name."""
        return self.therapists >= SMALLEST_GROUP


@dataclass(frozen=True)
class CohortAgreement:
    """`given_again` are pairs of which the first was shared anew after both had been open: these are not counted."""

    pairs: int
    given_again: int
    whole: GroupAgreement
    domains: list[tuple[Domain, GroupAgreement]]


Span = tuple[datetime.date, datetime.date]


def cohort_agreement(organisation: Organisation, revision: FrameworkRevision, span: Span) -> CohortAgreement:
    """Over sessions within the days, both included, rated twice on this framework and the scale in use."""
    opened = _opened(organisation, revision, span)
    blind = _blind(opened)
    facts = opened.aggregate(
        every=Count("pk"),
        number=Count("pk", filter=_IS_BLIND),
        people=Count("therapist", distinct=True, filter=_IS_BLIND),
    )
    domain = F("competence__activity__domain__code")
    rows = _rated_twice(blind.values("pk")).values_list(domain, *_LEVELS).annotate(number=Count("pk"))
    counts: dict[str, Counted] = defaultdict(Counter)
    for code, first, second, number in rows.order_by():
        counts[code][first, second] += number
    people = _rated_twice(blind.values("pk")).values_list(domain).order_by()
    therapists = dict(people.annotate(people=Count("assessment__therapist", distinct=True)))
    return CohortAgreement(
        pairs=facts["number"],
        given_again=facts["every"] - facts["number"],
        whole=GroupAgreement(agreement.of_counts(sum(counts.values(), Counter())), facts["people"]),
        domains=[
            (each, GroupAgreement(agreement.of_counts(counts[each.code]), therapists[each.code]))
            for each in _domains(revision)
            if each.code in counts
        ],
    )


def pairs_rated_twice(user: User, organisation: Organisation, revision: FrameworkRevision, span: Span) -> QuerySet[Any]:
    """The second ratings that count there, newest first, each with its first and whether this person may read it."""
    blind = _blind(_opened(organisation, revision, span))
    people = blind.select_related("therapist", "supervisor", "second_of__supervisor")
    return people.with_may_read(user).newest_first()


def agreement_within(seconds: Iterable[UUID]) -> dict[UUID, Agreement]:
    """Agreement within each of these pairs, in one statement."""
    pks = list(seconds)
    rows = _rated_twice(pks).values_list("assessment", *_LEVELS).annotate(number=Count("pk")).order_by()
    counts: dict[UUID, Counted] = {pk: Counter() for pk in pks}
    for pk, first, second, number in rows:
        counts[pk][first, second] += number
    return {pk: agreement.of_counts(each) for pk, each in counts.items()}


_IS_BLIND = Q(second_of__shared_at__lte=F("opened_at"))
_LEVELS = ("assessment__second_of__ratings__level__position", "level__position")


def _opened(organisation: Organisation, revision: FrameworkRevision, span: Span) -> AssessmentQuerySet:
    return Assessment.objects.second().filter(
        OPENED,
        organisation=organisation,
        status=Status.SHARED,
        revision__framework=revision.framework_id,
        scale=revision.scale_id,
        session_on__range=span,
        second_of__status__in=[Status.SHARED, Status.SIGNED_OFF],
    )


def _blind(opened: AssessmentQuerySet) -> AssessmentQuerySet:
    return opened.filter(_IS_BLIND)


def _rated_twice(seconds: Any) -> QuerySet[Rating]:
    """The second ratings of competences that both gave a level, each joined with the first."""
    return Rating.objects.filter(
        assessment__in=seconds,
        outcome=Outcome.LEVEL,
        assessment__second_of__ratings__competence=F("competence"),
        assessment__second_of__ratings__outcome=Outcome.LEVEL,
    )


def _domains(revision: FrameworkRevision) -> list[Domain]:
    return list(dict.fromkeys(activity.domain for activity, _ in profiles.tree(revision)))
