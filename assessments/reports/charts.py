"""The drawn parts of a report as data: numbers in, lengths and words out. Templates draw them."""

from collections.abc import Sequence
from dataclasses import dataclass

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
