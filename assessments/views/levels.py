"""Levels and the three ways of having none, as they are shown: number, tint and name, never colour alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html

from assessments import scoring, wording
from assessments.models import Rating, RatingLevel, RatingScale
from assessments.models.framework import Kind
from assessments.scoring import Distribution, Mark


@dataclass(frozen=True)
class Swatch:
    """`cls` is the style, `sign` what is printed (blank: a ring is drawn), `name` what it is called."""

    cls: str
    sign: str
    name: str


@dataclass(frozen=True)
class Choice:
    """One option of a rating group."""

    value: str
    swatch: Swatch
    anchor: str


@dataclass(frozen=True)
class Segment:
    """A part of a distribution bar: `x` and `width` in per cent of the bar, `n` how many it stands for."""

    cls: str
    sign: str
    name: str
    n: int
    x: float
    width: float


NOT_OBSERVED = Swatch("lo", "", "Not observed")
NOT_APPLICABLE = Swatch("la", "n/a", "Not applicable")
NOT_RATED = Swatch("ln", "–", "Not rated")
WITHOUT_LEVEL = {
    scoring.NOT_OBSERVED: NOT_OBSERVED,
    scoring.NOT_APPLICABLE: NOT_APPLICABLE,
    scoring.NOT_RATED: NOT_RATED,
}
NO_OPPORTUNITY, OUTSIDE = "No opportunity in this evidence.", "Outside this therapist's programme."
NEEDS_A_REASON = "Needs a reason."


class Levels:
    """A scale's levels, read once and shown many times."""

    def __init__(self, scale: RatingScale, rows: Iterable[RatingLevel] | None = None) -> None:
        """`rows` are the levels of a scale that is not stored yet."""
        self.scale = scale
        self.rows: list[RatingLevel] = list(scale.levels.all() if rows is None else rows)
        self.is_descending = is_descending = scale.is_descending
        self._by_position = {
            row.position: Swatch(
                f"l{scoring.ramp_step(row.position, len(self.rows), descending=is_descending)}", row.value, row.label
            )
            for row in self.rows
        }
        furthest_first = self.rows if is_descending else list(reversed(self.rows))
        self._order: list[Mark] = [row.position for row in furthest_first]

    def swatch(self, mark: Mark) -> Swatch:
        return self._by_position[mark] if isinstance(mark, int) else WITHOUT_LEVEL[mark]

    def swatch_of(self, rating: Rating) -> Swatch:
        if rating.outcome == Rating.Outcome.PENDING:
            return NOT_RATED
        return self.swatch(rating.level.position if rating.level else rating.outcome)

    @property
    def legend(self) -> list[Swatch]:
        """Furthest on first, then the ways of having no level that the scale knows."""
        return [self.swatch(mark) for mark in [*self._order, *self.meanings, scoring.NOT_RATED]]

    @property
    def meanings(self) -> dict[str, str]:
        """What each answer without a level means on this scale; only those that it offers."""
        meanings = {scoring.NOT_OBSERVED: self.scale.not_observed or NO_OPPORTUNITY}
        if self.scale.has_not_applicable:
            outside = wording.sentence(self.scale.not_applicable or OUTSIDE)
            meanings[scoring.NOT_APPLICABLE] = f"{outside} {NEEDS_A_REASON}"
        return meanings

    def choices(self, kind: str) -> list[Choice]:
        """What can be answered, with what each means for this kind of competence; nothing is preselected."""
        levels = [Choice(str(row.position), self.swatch(row.position), row.anchor(kind)) for row in self.rows]
        return [*levels, *self.answers_without_level]

    @property
    def answers_without_level(self) -> list[Choice]:
        return [Choice(outcome, WITHOUT_LEVEL[outcome], meaning) for outcome, meaning in self.meanings.items()]

    @property
    def answers(self) -> list[Choice]:
        """What can be answered, for a preview."""
        return self.choices(Kind.SKILL)

    @property
    def layout(self) -> str:
        """The style of a row of options: by how many levels there are, and whether one or two stand beside them."""
        return f"items--{len(self.rows)}" + ("" if self.scale.has_not_applicable else " items--alone")

    def counts(self, distribution: Distribution) -> list[tuple[Swatch, int]]:
        """How many at each, furthest on first; what is empty is left out."""
        counted: list[tuple[Mark, int]] = [
            *((mark, distribution.levels[mark]) for mark in self._order if isinstance(mark, int)),
            (scoring.NOT_OBSERVED, distribution.not_observed),
            (scoring.NOT_RATED, distribution.not_rated),
            (scoring.NOT_APPLICABLE, distribution.not_applicable),
        ]
        return [(self.swatch(mark), count) for mark, count in counted if count]

    def segments(self, distribution: Distribution, *, whole: int | None = None) -> list[Segment]:
        """The parts of a bar. `whole` is how many a full bar stands for, so that bars can be compared by length."""
        whole = whole or distribution.total
        segments: list[Segment] = []
        x = 0.0
        for swatch, number in self.counts(distribution):
            width = round(number * 100 / whole, 2)
            segments.append(Segment(swatch.cls, swatch.sign, swatch.name, number, round(x, 2), width))
            x += width
        return segments

    def sentence(self, distribution: Distribution) -> str:
        """The bar in words."""
        return wording.listed([f"{number} {swatch.name}" for swatch, number in self.counts(distribution)])


@lru_cache(maxsize=256)
def sign(swatch: Swatch, *, name: str = "") -> str:
    """The tint and sign in a small box; `name` is read aloud where no name stands beside it."""
    said = format_html('<span class="vh"> {}</span>', name) if name else ""
    return format_html('<span class="sw {}">{}{}</span>', swatch.cls, DRAWN.get(swatch.cls, swatch.sign), said)


DRAWN = {
    NOT_OBSERVED.cls: format_html('<span class="{}" aria-hidden="true"></span>', "ring"),
    **{each.cls: format_html('<span aria-hidden="true">{}</span>', each.sign) for each in [NOT_APPLICABLE, NOT_RATED]},
}


def strip(levels: Levels, marks: Iterable[tuple[str, Mark]]) -> str:
    """The cells of a card's strip, one competence each; hundreds a page, so not through a template."""
    return cells(levels.swatch(mark).cls for _, mark in marks)


def cells(classes: Iterable[str]) -> str:
    return _row(tuple(classes))


@lru_cache(maxsize=4096)
def _row(classes: tuple[str, ...]) -> str:
    return format_html("{}" * len(classes), *map(_cell, classes))


@lru_cache(maxsize=64)
def _cell(cls: str) -> str:
    return format_html('<i class="{}"></i>', cls)
