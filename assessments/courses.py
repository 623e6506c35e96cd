"""How each competence was judged over time: marks in the order of their occasions.

Levels are ordinal: they are compared and ranked, never subtracted. Not observed replaces nothing.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast

from assessments import scoring
from assessments.models import Assessment, Rating
from assessments.models.composed import composed
from assessments.scoring import Mark

# What became of a competence between the last two levels that it was given.
FURTHER, SAME, LESS_FAR = "further", "same", "less_far"

# The profile of somebody who is assessed in full is settled by this many assessments: the oldest and the newest.
READ_FIRST = 5


class Entry(NamedTuple):
    mark: Mark
    on: datetime.date
    by: UUID


@dataclass(frozen=True)
class Course:
    """The marks of one competence, oldest first; at least one."""

    entries: list[Entry]

    @property
    def latest(self) -> tuple[Mark, datetime.date]:
        """The latest level or `not applicable`; failing both, the latest `not observed`."""
        told = [entry for entry in self.entries if entry.mark != scoring.NOT_OBSERVED]
        mark, on, _ = (told or self.entries)[-1]
        return mark, on

    @cached_property
    def levels(self) -> list[tuple[datetime.date, int]]:
        return [(entry.on, entry.mark) for entry in self.entries if isinstance(entry.mark, int)]

    @property
    def median(self) -> Mark:
        """The median of all levels, the lower of two in the middle; without a level the mark that stands."""
        middle = scoring.median_low(level for _, level in self.levels)
        stands, _ = self.latest
        return stands if middle is None or stands == scoring.NOT_APPLICABLE else middle

    @cached_property
    def by_rater(self) -> list[int]:
        """The latest level that each rater gave, lowest first."""
        return sorted({entry.by: entry.mark for entry in self.entries if isinstance(entry.mark, int)}.values())

    def change(self, *, descending: bool = False) -> str:
        """What became of it between the last two levels; nothing where there are not two."""
        levels = [level for _, level in self.levels]
        if len(levels) < 2:  # noqa: PLR2004  a change needs two
            return ""
        return compared(*levels[-2:], descending=descending)


def compared(before: int, after: int, *, descending: bool = False) -> str:
    if before == after:
        return SAME
    return FURTHER if (after > before) != descending else LESS_FAR


def of(assessments: list[Assessment], competences: set[int], *, in_full: bool) -> dict[int, Course]:
    """How each competence was judged; what lies in the middle is read only where both ends leave something open."""
    in_order = sorted(assessments, key=lambda row: (row.session_on, row.shared_at))
    ends = in_order if in_full else _ends(in_order)
    # SQLite writes an id without dashes, PostgreSQL with them.
    place = {text: number for number, row in enumerate(in_order) for text in (row.pk.hex, str(row.pk))}
    rows = _ratings(ends, place)
    if len(ends) < len(in_order) and not competences <= _settled(rows, in_order):
        rows += _ratings([row for row in in_order if row not in ends], place)
    occasions = [(row.session_on, row.supervisor_id) for row in in_order]
    found: dict[int, list[Entry]] = defaultdict(list)
    for competence, mark, number in sorted(rows, key=itemgetter(2)):
        found[competence].append(Entry(mark, *occasions[number]))
    return {pk: Course(entries) for pk, entries in found.items()}


def _ends(in_order: list[Assessment]) -> list[Assessment]:
    """The oldest, the newest, and the newest of each supervisor: a last word by one hides what another said."""
    if len(in_order) <= READ_FIRST:
        return in_order
    last_by = {row.supervisor_id: row for row in in_order}
    wanted = {in_order[0].pk, *(row.pk for row in [*in_order[1 - READ_FIRST :], *last_by.values()])}
    return [row for row in in_order if row.pk in wanted]


Row = tuple[int, Mark, int]


def _ratings(assessments: list[Assessment], place: dict[str, int]) -> list[Row]:
    """Each with the place of its assessment in the order of all.

    Ids come as text: making objects of thousands of them would take longer than reading them.
    """
    rows = _given_in([row.pk for row in assessments])
    return [(competence, position or outcome, place[text]) for competence, outcome, position, text in rows]


@composed
def _given_in(assessments: list[UUID]) -> QuerySet[Rating, tuple[Any, ...]]:
    given = Rating.objects.given().filter(assessment__in=assessments)
    return given.values_list("competence", "outcome", "level__position", Cast("assessment", CharField()))


def _settled(rows: list[Row], in_order: list[Assessment]) -> set[int]:
    """The competences whose first and last marks are known: rated in the oldest assessment, and since by everybody."""
    begun: set[int] = set()
    since: dict[UUID, set[int]] = {row.supervisor_id: set() for row in in_order[1:]}
    for competence, mark, number in rows:
        if number == 0 and isinstance(mark, int):
            begun.add(competence)
        elif number and mark != scoring.NOT_OBSERVED:
            since[in_order[number].supervisor_id].add(competence)
    return begun.intersection(*since.values())
