"""The content of an assessment as plain rows: model instances would cost more than the rest of the page."""

from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.db.models import FilteredRelation, Q

from assessments import scoring
from assessments.models import Assessment, Competence, Outcome
from assessments.scoring import Mark

_COLUMNS = {
    "activity_code": "activity__code",
    "activity_title": "activity__title",
    "pk": "pk",
    "parent_id": "parent_id",
    "is_rateable": "is_rateable",
    "code": "code",
    "text": "text",
    "kind": "kind",
    "outcome": "given__outcome",
    "position": "given__level__position",
    "note": "given__note",
    "is_concern": "given__is_concern",
    "is_priority": "given__is_priority",
    "points_seen": "given__points_seen",
    "time_mark": "given__time_mark",
    "rated_by_id": "given__rated_by",
    "rated_by_name": "given__rated_by__name",
}


class ReadStatement(NamedTuple):
    """A competence, or a point that guides the reading of its parent, with the rating where there is one."""

    activity_code: str
    activity_title: str
    pk: int
    parent_id: int | None
    is_rateable: bool
    code: str
    text: str
    kind: str
    outcome: str | None
    position: int | None
    note: str | None
    is_concern: bool | None
    is_priority: bool | None
    points_seen: str | None
    time_mark: int | None
    rated_by_id: UUID | None
    rated_by_name: str | None

    @property
    def mark(self) -> Mark:
        if self.outcome is None or self.outcome == Outcome.PENDING:
            return scoring.NOT_RATED
        return self.position or self.outcome


class ReadActivity(NamedTuple):
    """An activity with its competences in printed order, and the texts of the points below each by code."""

    code: str
    title: str
    statements: list[ReadStatement]
    points: dict[int | None, dict[str, str]]


def activities_to_read(assessment: Assessment) -> list[ReadActivity]:
    """Everything within the extent of an assessment, in one statement."""
    rows = (
        Competence.objects.filter(activity__assessments=assessment)
        .annotate(given=FilteredRelation("ratings", condition=Q(ratings__assessment=assessment)))
        .order_by("activity__position", "position")
        .values_list(*_COLUMNS.values())
    )
    by_activity = groupby(map(ReadStatement._make, rows), key=lambda row: (row.activity_code, row.activity_title))
    return [_activity(code, title, list(group)) for (code, title), group in by_activity]


def _activity(code: str, title: str, rows: list[ReadStatement]) -> ReadActivity:
    points: dict[int | None, dict[str, str]] = {}
    for row in rows:
        if not row.is_rateable:
            points.setdefault(row.parent_id, {})[row.code] = row.text
    return ReadActivity(code, title, [row for row in rows if row.is_rateable], points)
