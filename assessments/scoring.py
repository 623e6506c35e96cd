"""Numbers about levels. Levels are ordinal: they are counted and ranked, never averaged.

Not rated, not observed and not applicable are not levels and never enter a median; each is counted apart.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

NOT_OBSERVED, NOT_APPLICABLE, NOT_RATED = "not_observed", "not_applicable", "not_rated"

# One judgement as numbers see it: a level's position on its scale, or one of the three ways of having none.
Mark = int | str


def median_low(positions: Iterable[int]) -> int | None:
    """The middle position; of an even number the lower of the two middle ones, so always a real level."""
    ordered = sorted(positions)
    return ordered[(len(ordered) - 1) // 2] if ordered else None


@dataclass(frozen=True)
class Moved:
    """Two medians of the same competences, of which each has a level at both times."""

    competences: int
    then: int
    now: int


def moved(pairs: Iterable[tuple[int | None, int | None]]) -> Moved | None:
    """From pairs of levels, of which either may be lacking; nothing where no pair has both."""
    both = [(then, now) for then, now in pairs if then is not None and now is not None]
    then, now = median_low(then for then, _ in both), median_low(now for _, now in both)
    return None if then is None or now is None else Moved(len(both), then, now)


@dataclass(frozen=True)
class Distribution:
    """How many judgements stand at each level, and how many have none, in three kinds."""

    levels: Counter[int] = field(default_factory=Counter)
    not_observed: int = 0
    not_applicable: int = 0
    not_rated: int = 0

    @property
    def rated(self) -> int:
        return self.levels.total()

    @property
    def total(self) -> int:
        return self.rated + self.not_observed + self.not_applicable + self.not_rated

    @property
    def expected(self) -> int:
        """What could be rated at all: everything but what is outside the therapist's programme."""
        return self.total - self.not_applicable

    @property
    def median(self) -> int | None:
        return median_low(self.levels.elements())

    def at_or_beyond(self, threshold: int, *, descending: bool = False) -> int:
        """How many stand at the threshold or further on."""
        return sum(
            count
            for position, count in self.levels.items()
            if (position <= threshold if descending else position >= threshold)
        )

    @property
    def overall(self) -> Mark:
        """One mark for the group: the median where anything is rated, else the least empty of the three."""
        if self.median is not None:
            return self.median
        if self.total and self.not_applicable == self.total:
            return NOT_APPLICABLE
        return NOT_OBSERVED if self.not_observed else NOT_RATED


def distribution(marks: Iterable[Mark]) -> Distribution:
    counts = Counter(marks)
    return Distribution(
        levels=Counter({mark: count for mark, count in counts.items() if isinstance(mark, int)}),
        not_observed=counts[NOT_OBSERVED],
        not_applicable=counts[NOT_APPLICABLE],
        not_rated=counts[NOT_RATED],
    )


def middle_half(positions: Iterable[int]) -> tuple[int, int] | None:
    """The lowest and the highest position once a quarter is left out at either end, both real levels."""
    ordered = sorted(positions)
    left_out = len(ordered) // 4
    return (ordered[left_out], ordered[-1 - left_out]) if ordered else None


def ramp_step(position: int, size: int, *, descending: bool = False) -> int:
    """The tint, 1 to 5, that a position takes on a scale of `size` levels: evenly spaced, dark always further on."""
    if size < 2:  # noqa: PLR2004  a scale of one level has one tint
        return 5
    place = size - position if descending else position - 1
    return 1 + round(place * 4 / (size - 1))


def same_down_the_page(marks: Sequence[Mark], *, at_least: int = 5) -> bool:
    """Whether a rater gave one and the same level to every one of several competences."""
    return len(marks) >= at_least and len(set(marks)) == 1 and isinstance(marks[0], int)


def at_the_upper_end(marks: Sequence[Mark], size: int, *, descending: bool = False, at_least: int = 10) -> bool:
    """Whether everything stands in the further half of a scale of `size` levels, its middle left out."""
    upper = range(1, size // 2 + 1) if descending else range(size - size // 2 + 1, size + 1)
    return len(marks) >= at_least and all(mark in upper for mark in marks)
