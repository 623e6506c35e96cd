"""The content of an assessment as a page to read: the same for the preview, the reader and the signer."""

from dataclasses import dataclass
from typing import Any

from assessments import queries, scoring
from assessments.models import Activity, Assessment, Competence, Rating
from assessments.views.levels import Levels, Swatch


@dataclass(frozen=True)
class ReadRow:
    competence: Competence
    points: list[Competence]
    rating: Rating
    swatch: Swatch


@dataclass(frozen=True)
class ReadActivity:
    """An activity with what was judged in it; what was left unrated is counted, not listed."""

    activity: Activity
    rows: list[ReadRow]
    overall: Swatch
    rated: int
    not_observed: int
    unrated: int


def reading(assessment: Assessment) -> dict[str, Any]:
    levels = Levels(assessment.scale)
    rows = list(assessment.ratings.select_related("competence", "level", "rated_by").order_by("competence__position"))
    ratings = {row.competence_id: row for row in rows if row.outcome != Rating.Outcome.PENDING}
    lists = queries.statement_lists(assessment.activities.all())
    activities = [_activity(each, ratings, levels) for each in lists]
    marks = [_mark(ratings.get(row.competence.pk)) for each in lists for row in each.statements]
    distribution = scoring.distribution(marks)
    return {
        "ratings": rows,
        "activities": [each for each in activities if each.rows],
        "untouched": [each.activity for each in activities if not each.rows],
        "distribution": distribution,
        "segments": levels.segments(distribution) if distribution.total else [],
        "counts": levels.counts(distribution),
        "concerns": [row for each in activities for row in each.rows if row.rating.is_concern],
        "goals": queries.goal_lines(assessment.goals.all()),
        "signatures": [row for row in assessment.signatures.select_related("person") if row.voided_at is None],
    }


def _mark(rating: Rating | None) -> scoring.Mark:
    if rating is None:
        return scoring.NOT_RATED
    return rating.level.position if rating.level else rating.outcome


def _activity(each: queries.StatementList, ratings: dict[int, Rating], levels: Levels) -> ReadActivity:
    rows = [
        ReadRow(row.competence, row.points, rating, levels.swatch_of(rating))
        for row in each.statements
        if (rating := ratings.get(row.competence.pk))
    ]
    distribution = scoring.distribution(_mark(ratings.get(row.competence.pk)) for row in each.statements)
    return ReadActivity(
        activity=each.activity,
        rows=rows,
        overall=levels.swatch(distribution.overall),
        rated=distribution.rated,
        not_observed=distribution.not_observed,
        unrated=distribution.not_rated,
    )
