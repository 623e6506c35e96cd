"""One activity of a cohort, competence by competence: from the ratings, in a number of statements that never grows."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from assessments import profiles
from assessments.models import Activity, Assessment, FrameworkRevision, Organisation
from assessments.models.self_assessment import NOT_WAITING
from assessments.profiles import Found, Way
from assessments.queries.cohort import in_training, of_all
from assessments.queries.groups import Grouped, Ranked
from assessments.queries.growth import activity_of, ways_to
from assessments.scoring import Distribution, Mark


@dataclass(frozen=True)
class CompetenceRow(Grouped):
    """One competence, and how the whole cohort stands on it."""

    code: str
    everybody: Distribution


@dataclass(frozen=True)
class CohortActivity(Ranked[CompetenceRow]):
    revision: FrameworkRevision
    activity: Activity
    competences: list[tuple[int, str]]
    people: int
    rows: list[CompetenceRow]


def cohort_activity(
    organisation: Organisation,
    revision: FrameworkRevision,
    code: str,
    *,
    programme: str = "",
    without: Iterable[UUID] = (),
) -> CohortActivity:
    """Where those in training now stand on each competence of an activity, as their profiles would say today."""
    activity, competences = activity_of(revision, code)
    people = in_training(organisation, programme, without)
    ways = ways_to(revision, competences)
    assessments = Assessment.objects.counting().filter(
        NOT_WAITING,
        organisation=organisation,
        therapist__in=people,
        scale=revision.scale_id,
        session_on__lte=timezone.localdate(),
    )
    marks = profiles.marks_of(assessments, competence__in=[*dict(competences), *ways])
    number = people.distinct().count()
    counts: dict[int, Counter[Mark]] = defaultdict(Counter)
    for seen in marks.values():
        stands = _with_carried(seen, ways)
        for pk, _ in competences:
            if pk in stands:
                counts[pk][stands[pk][0]] += 1
    rows = [CompetenceRow(code, of_all(counts[pk], number)) for pk, code in competences]
    return CohortActivity(revision, activity, competences, number, rows)


def _with_carried(seen: Found, ways: dict[int, list[Way]]) -> Found:
    """Ratings of an earlier revision count where the meaning is the same."""
    if not ways:
        return seen
    carried = profiles.carried_along(seen, ways)
    return seen | {pk: (was.mark, was.on) for pk, was in carried.items() if was.is_same}
