"""Reads of one activity over time: every judgement of its competences, with what it rests on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q

from assessments import profiles
from assessments.models import Activity, Assessment, Competence, FrameworkRevision, Rating
from assessments.profiles import Way
from assessments.scoring import Mark


@dataclass(frozen=True)
class Judgement:
    """One judgement; `carried` is how it came from an earlier revision. The assessment carries what was annotated."""

    code: str
    mark: Mark
    assessment: Any
    rater_id: UUID
    rater: str
    has_note: bool
    is_concern: bool
    carried: Way | None


def activity_of(revision: FrameworkRevision, code: str) -> tuple[Activity, list[tuple[int, str]]]:
    """An activity with the ids and codes of its competences. Raises DoesNotExist."""
    for activity, competences in profiles.tree(revision):
        if activity.code == code:
            return activity, competences
    raise Activity.DoesNotExist


def competences_over_time(
    revision: FrameworkRevision, competences: list[tuple[int, str]], assessments: Iterable[Assessment]
) -> list[Judgement]:
    """The judgements of some competences, oldest first; earlier revisions count where their ratings are carried over.

    `assessments` are those that count and that the reader may read.
    """
    ways = ways_to(revision, competences)
    codes = dict(competences)
    rows = {row.pk: row for row in assessments if row.scale_id == revision.scale_id}
    given = (
        Rating.objects.given()
        .filter(assessment__in=list(rows), competence__in=[*codes, *ways])
        .annotate(has_note=ExpressionWrapper(~Q(note=""), output_field=BooleanField()))
        .values_list(
            "competence",
            "outcome",
            "level__position",
            "assessment",
            "rated_by",
            "rated_by__name",
            "has_note",
            "is_concern",
        )
    )
    found = []
    for competence, outcome, position, assessment, rater_id, rater, has_note, is_concern in given:
        leads = [(competence, None)] if competence in codes else [(way.newer, way) for way in ways[competence]]
        for newer, way in leads:
            facts = (rows[assessment], rater_id, rater, has_note, is_concern, way)
            found.append(Judgement(codes[newer], position or outcome, *facts))
    order = {code: number for number, (_, code) in enumerate(competences)}
    return sorted(found, key=lambda row: (row.assessment.session_on, row.assessment.shared_at, order[row.code]))


def ways_to(revision: FrameworkRevision, competences: list[tuple[int, str]]) -> dict[int, list[Way]]:
    """By competence of an earlier revision: where it leads among these."""
    if not revision.previous_id:
        return {}
    wanted = {pk for pk, _ in competences}
    leads = [each for part in profiles.ways_into(revision).values() for each in part.items()]
    return {older: here for older, ways in leads if (here := [way for way in ways if way.newer in wanted])}


def statements_of(competences: list[tuple[int, str]]) -> dict[str, str]:
    """The statements by code."""
    return dict(Competence.objects.filter(pk__in=[pk for pk, _ in competences]).values_list("code", "text"))
