"""The charts of pages and reports as plain data: numbers in, lengths and words out. Templates draw them.

Across, a drawing is measured in per cent, so that one drawing fits a phone and a wide screen with its text at the same
size; down, in pixels. Every number is text that is ready to print, so that no locale can put a comma into a drawing.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from assessments.scoring import NOT_APPLICABLE, NOT_OBSERVED
from assessments.scoring import Mark as Judged

# Units of the drawing. Two digits need this much room.
WIDTH, GAP, ROOM = 640.0, 1.5, 17.0


@dataclass(frozen=True)
class Paint:
    """A page's style sheet does not reach into a drawing, so a drawing brings its own. Hatches are in its template."""

    fill: str
    edge: str
    ink: str
    plate: str
    dashes: str = "none"


PAINTS = {
    "l1": Paint("#f4ead0", "#8f7f4f", "#1f2a30", "#f4ead0"),
    "l2": Paint("url(#b2)", "#71835a", "#1f2a30", "#c4d4a8"),
    "l3": Paint("url(#b3)", "#4f836a", "#1f2a30", "#80b097"),
    "l4": Paint("url(#b4)", "#2e666e", "#ffffff", "#3a7a83"),
    "l5": Paint("#1a3c54", "#1a3c54", "#ffffff", "#1a3c54"),
    "lo": Paint("url(#bo)", "#a39d90", "#4e5a62", "#ffffff"),
    "la": Paint("#e6e2d9", "#a39d90", "#4e5a62", "#e6e2d9"),
    "ln": Paint("#ffffff", "#a39d90", "#4e5a62", "#ffffff", dashes="2 3"),
}


@dataclass(frozen=True)
class Part:
    """So many competences of one kind: a level or one of the three ways of having none."""

    css: str
    label: str
    count: int


@dataclass(frozen=True)
class Segment:
    """Lengths are ready to print, so that no locale can put a comma into a drawing."""

    paint: Paint
    count: str
    x: str
    width: str
    middle: str
    plate: str


@dataclass(frozen=True)
class Bar:
    """One group; its length is its number of competences, on one measure for all bars of a chart."""

    title: str
    note: str
    alternative: str
    segments: list[Segment]


def stacked_bars(groups: Sequence[tuple[str, str, Sequence[Part]]]) -> list[Bar]:
    """A bar for each group of (title, note, parts). Empty parts take no room."""
    longest = max((sum(part.count for part in parts) for _, _, parts in groups), default=0)
    unit = WIDTH / longest if longest else 0
    return [_bar(title, note, [part for part in parts if part.count], unit) for title, note, parts in groups]


def _bar(title: str, note: str, parts: Sequence[Part], unit: float) -> Bar:
    segments, x = [], 0.0
    for part in parts:
        segments.append(_segment(part, x, part.count * unit))
        x += part.count * unit
    words = ", ".join(f"{part.count} {part.label}" for part in parts)
    return Bar(title, note, f"{title}: {words}", segments)


def _segment(part: Part, x: float, length: float) -> Segment:
    width = max(length - GAP, 1.0)
    count = str(part.count) if width >= ROOM else ""
    middle = x + width / 2 + 0.5
    return Segment(
        paint=PAINTS[part.css],
        count=count,
        x=f"{x + 0.5:.1f}",
        width=f"{width:.1f}",
        middle=f"{middle:.1f}",
        plate=f"{middle - 12:.1f}",
    )


# How far from the edges, in per cent, the first and the last place across lie: a sign and its number need the room.
LEFT, RIGHT = 4.0, 96.0


def _across(step: float, steps: float, left: float = LEFT, right: float = RIGHT) -> str:
    """The place of a step, of which there are so many, from left to right; a single one lies in the middle."""
    return f"{left + step * (right - left) / steps if steps else (left + right) / 2:.1f}%"


def _step(position: int, size: int, *, descending: bool) -> int:
    """How many levels lie before this one; further on is always further to the right, or further up."""
    return size - position if descending else position - 1


@dataclass(frozen=True)
class Tick:
    place: str
    label: str


@dataclass(frozen=True)
class Pair:
    """Two levels of one thing, as positions."""

    code: str
    label: str
    then: int
    now: int


@dataclass(frozen=True)
class PairRow:
    """A ring for then and a square for now, side by side where they are equal; `gap` in words or a signed number."""

    code: str
    label: str
    gap: str
    then: str
    now: str
    shift: str
    words: str
    line: str


@dataclass(frozen=True)
class Dumbbells:
    ticks: list[Tick]
    rows: list[PairRow]
    top: str
    bottom: str
    height: str


ROW, HEAD = 46, 22  # pixels of one row, and of the levels above the first


def dumbbells(pairs: Sequence[Pair], levels: Sequence[str], *, descending: bool = False) -> Dumbbells:
    """Then and now of several things on one scale; `levels` are the printed values in order of position."""
    size = len(levels)
    steps = [_step(number, size, descending=descending) for number in range(1, size + 1)]
    ticks = [Tick(_across(step, size - 1), label) for step, label in zip(steps, levels, strict=True)]
    rows = [_pair(pair, number, size, descending=descending) for number, pair in enumerate(pairs)]
    bottom = HEAD + ROW * len(pairs)
    return Dumbbells(ticks, rows, str(HEAD - 4), str(bottom), str(bottom + 2))


def _pair(pair: Pair, number: int, size: int, *, descending: bool) -> PairRow:
    then, now = (_step(position, size, descending=descending) for position in (pair.then, pair.now))
    top = HEAD + ROW * number
    return PairRow(
        code=pair.code,
        label=pair.label,
        gap=signed(now - then),
        then=_across(then, size - 1),
        now=_across(now, size - 1),
        shift="7" if then == now else "0",
        words=str(top + 15),
        line=str(top + 32),
    )


@dataclass(frozen=True)
class Spot:
    """Where one thing stands: a position and the ends of what lies around it; neither where too little is known."""

    code: str
    label: str
    note: str
    at: int | None
    ends: tuple[int, int] | None


@dataclass(frozen=True)
class DotRow:
    """A dot on the scale, a line from end to end below it, and a tick at the expected level; `at` may be empty.

    `plate` is the top of what keeps the lines of the levels away from the words, on paper.
    """

    code: str
    label: str
    note: str
    at: str
    low: str
    high: str
    words: str
    plate: str
    line: str
    tick_top: str
    tick_bottom: str


@dataclass(frozen=True)
class Dots:
    ticks: list[Tick]
    expected: str
    rows: list[DotRow]
    top: str
    bottom: str
    height: str


TICK = 9  # pixels that the tick of the expected level reaches above and below a row's line


def dots(spots: Sequence[Spot], levels: Sequence[str], expected: int, *, descending: bool = False) -> Dots:
    """Several things on one scale; `levels` are the printed values in order of position."""
    size = len(levels)
    places = {
        position: _across(_step(position, size, descending=descending), size - 1) for position in range(1, size + 1)
    }
    bottom = HEAD + ROW * len(spots)
    return Dots(
        ticks=[Tick(places[position], label) for position, label in enumerate(levels, start=1)],
        expected=places[expected],
        rows=[_dot(spot, number, places) for number, spot in enumerate(spots)],
        top=str(HEAD - 4),
        bottom=str(bottom),
        height=str(bottom + 2),
    )


def _dot(spot: Spot, number: int, places: dict[int, str]) -> DotRow:
    top = HEAD + ROW * number
    low, high = (places[end] for end in spot.ends) if spot.ends else ("", "")
    return DotRow(
        code=spot.code,
        label=spot.label,
        note=spot.note,
        at=places[spot.at] if spot.at is not None else "",
        low=low,
        high=high,
        words=str(top + 15),
        plate=str(top + 2),
        line=str(top + 32),
        tick_top=str(top + 32 - TICK),
        tick_bottom=str(top + 32 + TICK),
    )


def signed(steps: int) -> str:
    """A number of levels with its sign, or `same`."""
    return f"+{steps}" if steps > 0 else f"\u2212{-steps}" if steps else "same"


@dataclass(frozen=True)
class Dot:
    """One judgement on a day: a position, or one of the ways of having none. `series` tells raters apart."""

    on: datetime.date
    mark: Judged
    series: int = 0
    is_hollow: bool = False


@dataclass(frozen=True)
class Sign:
    """A sign in a panel. `look` is how it is filled; `shift` moves it aside where another lies at the same place."""

    x: str
    y: str
    shape: str
    look: str
    shift: str


@dataclass(frozen=True)
class Stroke:
    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True)
class Panel:
    """One thing over time: a line for each level, below them a band for what was given none."""

    grid: list[Tick]
    band: str
    strokes: list[Stroke]
    signs: list[Sign]
    begins: str
    ends: str
    foot: str
    height: str
    expected: str = ""


SHAPES = ["circle", "square", "triangle", "diamond"]
# Without a level: not observed and not applicable, which lie below all levels and are none of them.
WITHOUT = {NOT_OBSERVED: "ring", NOT_APPLICABLE: "cross"}
UP, OVER, BAND, FOOT = 18, 12, 20, 22  # pixels between levels, above them, of the band, of the dates
START, END = 14.0, 94.0  # per cent across; the levels' numbers stand before the first day


def panel(
    dots: Sequence[Dot],
    levels: Sequence[str],
    span: tuple[datetime.date, datetime.date],
    *,
    descending: bool = False,
    expected: int | None = None,
) -> Panel:
    """A small panel of a row of equal ones: all have the same levels and the same span of days.

    With an expected level it shows medians, which are always levels, and needs no band. A line joins the levels that
    one rater gave one after the other; what was given none is a gap.
    """
    size = len(levels)
    places: dict[Judged, int] = {number: _up(number, size, descending=descending) for number in range(1, size + 1)}
    bottom = OVER + UP * (size - 1)
    in_order = sorted(dots, key=lambda dot: (dot.series, dot.on))
    drawn = [(dot, _over_time(dot.on, span), str(places.get(dot.mark, bottom + BAND))) for dot in in_order]
    strokes = [
        Stroke(x1, y1, x2, y2)
        for _, run in groupby(drawn, key=lambda row: row[0].series)
        for (one, x1, y1), (other, x2, y2) in pairwise(run)
        if one.mark in places and other.mark in places
    ]
    has_band = expected is None
    foot = bottom + BAND + FOOT if has_band else bottom + FOOT + OVER
    return Panel(
        grid=[Tick(str(places[number]), label) for number, label in enumerate(levels, start=1)],
        band=str(bottom + BAND) if has_band else "",
        strokes=strokes,
        signs=_signs(drawn),
        begins=f"{span[0]:%b %Y}",
        ends=f"{span[1]:%b %Y}" if span[0] != span[1] else "",
        foot=str(foot),
        height=str(foot + 6),
        expected=str(places[expected]) if expected is not None else "",
    )


def _up(position: int, size: int, *, descending: bool) -> int:
    return OVER + UP * (size - 1 - _step(position, size, descending=descending))


def _over_time(day: datetime.date, span: tuple[datetime.date, datetime.date]) -> str:
    return _across((day - span[0]).days, (span[1] - span[0]).days, START, END)


def _signs(drawn: Sequence[tuple[Dot, str, str]]) -> list[Sign]:
    taken: dict[tuple[str, str], int] = {}
    signs = []
    for dot, x, y in drawn:
        number = taken[x, y] = taken.get((x, y), -1) + 1
        shape = WITHOUT.get(str(dot.mark), SHAPES[dot.series % len(SHAPES)])
        look = shape if shape in WITHOUT.values() else "open" if dot.is_hollow else "full"
        signs.append(Sign(x, y, shape, look, str(11 * number) if number else ""))
    return signs
