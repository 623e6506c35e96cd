"""What is told of therapists as a group: medians, spreads, and which of several things stand out."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from assessments import scoring
from assessments.models import FrameworkRevision
from assessments.scoring import Distribution

# Fewer than this many people are not told about as a group: each could be recognised.
SMALLEST_GROUP = 5


class Grouped:
    """One thing, and how everybody stands on it."""

    everybody: Distribution

    @property
    def is_told(self) -> bool:
        """Whether enough people are rated to speak of the group."""
        return self.everybody.rated >= SMALLEST_GROUP

    @property
    def median(self) -> int | None:
        return self.everybody.median if self.is_told else None

    @property
    def spread(self) -> tuple[int, int] | None:
        return scoring.middle_half(self.everybody.levels.elements()) if self.is_told else None

    @property
    def width(self) -> int:
        """How many levels the middle half of the therapists lies apart."""
        low, high = self.spread or (0, 0)
        return high - low


Row = TypeVar("Row", bound=Grouped)


class Ranked(Generic[Row]):
    """Several things of one revision, ranked by how the group stands on them."""

    revision: FrameworkRevision
    rows: list[Row]

    def behind(self) -> list[Row]:
        """Those with the lowest medians first; of equal ones that with fewer at the expected level."""
        told = [row for row in self.rows if row.median is not None]
        return sorted(told, key=self.standing_of)

    def apart(self) -> list[Row]:
        """Those in which the therapists differ by more than one level, the ones that differ most first."""
        return sorted((row for row in self.rows if row.width > 1), key=lambda row: -row.width)

    def standing_of(self, row: Grouped) -> tuple[int, float]:
        """By what they are ranked: the median, then the share of therapists at the expected level or beyond."""
        median = row.median or 0
        return (-median if self.revision.scale.is_descending else median, self.reached(row) / row.everybody.rated)

    def reached(self, row: Grouped) -> int:
        """How many therapists are at the expected level or beyond."""
        scale = self.revision.scale
        return row.everybody.at_or_beyond(scale.threshold, descending=scale.is_descending)


def leading(rows: list[Row], rank: Callable[[Row], Any], number: int) -> list[Row]:
    """The first so many of what is in order, with all that stand equal to the last of them: no tie is cut."""
    return [row for row in rows if row in rows[:number] or rank(row) == rank(rows[number - 1])]
