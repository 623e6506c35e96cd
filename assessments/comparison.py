"""Two raters' judgements of one session side by side: where they stand level, and how far apart. No verdicts.

It knows neither who the two are nor which of them is right. Levels are ranked: what is counted is steps of the scale.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from assessments import courses, scoring, wording
from assessments.scoring import NOT_RATED, Mark


class Stated(NamedTuple):
    """A competence within the extent of one assessment, and what it was given there."""

    activity: str
    activity_title: str
    code: str
    text: str
    mark: Mark
    note: str


Side = Sequence[Stated]


@dataclass(frozen=True)
class Row:
    """A competence with what both said of it."""

    activity: str
    activity_title: str
    code: str
    text: str
    first: Mark
    second: Mark
    first_note: str
    second_note: str

    @property
    def steps(self) -> int:
        """How many levels apart; none where one of the two gave no level."""
        return abs(self.first - self.second) if isinstance(self.first, int) and isinstance(self.second, int) else 0

    @property
    def has_both_levels(self) -> bool:
        return isinstance(self.first, int) and isinstance(self.second, int)

    @property
    def apart(self) -> str:
        """`same level`, `1 level apart`."""
        return f"{wording.count(self.steps, 'level')} apart" if self.steps else "same level"


@dataclass(frozen=True)
class ActivityPair:
    """An activity by the medians of those of its competences that both gave a level."""

    code: str
    title: str
    first: int
    second: int
    competences: int

    @property
    def steps(self) -> int:
        return abs(self.first - self.second)


@dataclass(frozen=True)
class Comparison:
    """`both` is furthest apart first; the other groups and the activities' equals are in printed order.

    `without_level` is what both looked at and at least one of them gave no level: not observed or not applicable.
    """

    both: list[Row]
    without_level: list[Row]
    only_first: list[Row]
    only_second: list[Row]
    activities: list[ActivityPair]
    same: int
    first_further: int
    second_further: int


def of(first: Side, second: Side, *, descending: bool = False) -> Comparison:
    """Set two assessments on the same revision and scale side by side; what neither rated is left out."""
    rows = list(_joined(first, second))
    both = [row for row in rows if row.has_both_levels]
    counts = Counter(_compared(row, descending=descending) for row in both)
    judged_by_both = [row for row in rows if NOT_RATED not in {row.first, row.second}]
    return Comparison(
        both=sorted(both, key=lambda row: -row.steps),
        without_level=[row for row in judged_by_both if not row.has_both_levels],
        only_first=[row for row in rows if row.second == NOT_RATED],
        only_second=[row for row in rows if row.first == NOT_RATED],
        activities=sorted(_activities(both), key=lambda pair: -pair.steps),
        same=counts[courses.SAME],
        first_further=counts[courses.LESS_FAR],
        second_further=counts[courses.FURTHER],
    )


def _compared(row: Row, *, descending: bool) -> str:
    """The second beside the first."""
    return courses.compared(int(row.first), int(row.second), descending=descending)


def _joined(first: Side, second: Side) -> Iterable[Row]:
    """What at least one of the two judged, in printed order. Extents may differ; each side is in printed order."""
    one, other = ({each.code: each for each in side} for side in (first, second))
    for code in _in_order([each.code for each in first], [each.code for each in second]):
        here, there = one.get(code), other.get(code)
        known = here or there
        marks = here.mark if here else NOT_RATED, there.mark if there else NOT_RATED
        if known and set(marks) != {NOT_RATED}:
            notes = here.note if here else "", there.note if there else ""
            yield Row(known.activity, known.activity_title, code, known.text, *marks, *notes)


def _in_order(one: list[str], other: list[str]) -> list[str]:
    """Both lists as one: what only the other has follows what stands before it there."""
    merged = list(one)
    known = set(one)
    before = -1
    for code in other:
        if code in known:
            before = merged.index(code)
        else:
            before += 1
            merged.insert(before, code)
    return merged


def _activities(rows: Iterable[Row]) -> Iterable[ActivityPair]:
    for (code, title), group in groupby(rows, key=lambda row: (row.activity, row.activity_title)):
        here = list(group)
        first = scoring.median_low(int(row.first) for row in here)
        second = scoring.median_low(int(row.second) for row in here)
        if first is not None and second is not None:  # pragma: no branch  a group holds a row
            yield ActivityPair(code, title, first, second, len(here))


def told(comparison: Comparison, *, first: str, second: str) -> str:
    """The finding in a sentence; `first` and `second` say whose rating, like `Ada's own`.

    `Of 40 competences both rated, 25 stand at the same level, 9 further on in Ada's own rating, 6 further on in Sam's.`
    """
    total = len(comparison.both)
    if not total:
        return "No competence was given a level by both."
    parts = [f"{comparison.same} {'stands' if comparison.same == 1 else 'stand'} at the same level"]
    parts += [f"{comparison.first_further} further on in {first}"] if comparison.first_further else []
    parts += [f"{comparison.second_further} further on in {second}"] if comparison.second_further else []
    return f"Of {wording.count(total, 'competence')} both rated, {', '.join(parts)}."
