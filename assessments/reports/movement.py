"""What moved since the signed assessment before, from the record alone: counts and medians, no verdict."""

from collections import Counter
from dataclasses import dataclass

from assessments import charts, courses
from assessments.records import Document
from assessments.reports import words
from assessments.reports.levels import Scale, Swatch

KINDS = {courses.FURTHER: "further on", courses.SAME: "the same", courses.LESS_FAR: "less far"}


@dataclass(frozen=True)
class Move:
    code: str
    title: str
    then: Swatch
    now: Swatch
    competences: int


@dataclass(frozen=True)
class Drawing:
    title: str
    told: str
    chart: charts.Dumbbells


@dataclass(frozen=True)
class Section:
    """`sha256` is that of the signed record looked back at."""

    told: str
    drawings: list[Drawing]
    rows: list[Move]
    sha256: str


def section(document: Document, scale: Scale) -> Section | None:
    """Nothing where no activity was rated both times: the summary says so."""
    moves = rows(document, scale)
    if not moves:
        return None
    return Section(told(document), drawings(document, scale), moves, words.grouped(document["previous"]["sha256"]))


def told(document: Document) -> str:
    """`Since 3 May 2026: of 5 activities rated both times, 3 are further on and 2 are the same.` Blank without one."""
    previous = document.get("previous")
    if not previous:
        return ""
    since = words.date(previous["session_on"])
    if not previous["activities"]:
        return f"No competence was rated both on {since} and now."
    return f"Since {since}: {_sentence(document, previous['activities'])}"


def _sentence(document: Document, moves: list[Document]) -> str:
    descending = document["scale"]["direction"] == "descending"
    counts = Counter(courses.compared(each["then"], each["now"], descending=descending) for each in moves)
    parts = [
        f"{counts[kind]} {'is' if counts[kind] == 1 else 'are'} {name}" for kind, name in KINDS.items() if counts[kind]
    ]
    things = "1 activity" if len(moves) == 1 else f"{len(moves)} activities"
    return f"of {things} rated both times, {words.joined(parts)}."


def rows(document: Document, scale: Scale) -> list[Move]:
    """In printed order."""
    moves = _moves(document)
    return [
        Move(
            activity["code"],
            activity["short_title"],
            scale.swatch(move["then"]),
            scale.swatch(move["now"]),
            move["competences"],
        )
        for domain in document["domains"]
        for activity in domain["activities"]
        if (move := moves.get(activity["code"]))
    ]


def drawings(document: Document, scale: Scale) -> list[Drawing]:
    """One for each domain in which something was rated both times."""
    return [
        Drawing(domain["short_title"], _sentence(document, moves).capitalize(), _drawn(domain, scale, _moves(document)))
        for domain in document["domains"]
        if (moves := _within(domain, _moves(document)))
    ]


def _moves(document: Document) -> dict[str, Document]:
    previous = document.get("previous") or {"activities": []}
    return {each["code"]: each for each in previous["activities"]}


def _within(domain: Document, moves: dict[str, Document]) -> list[Document]:
    return [moves[activity["code"]] for activity in domain["activities"] if activity["code"] in moves]


def _drawn(domain: Document, scale: Scale, moves: dict[str, Document]) -> charts.Dumbbells:
    pairs = [
        charts.Pair(
            activity["code"], activity["short_title"], moves[activity["code"]]["then"], moves[activity["code"]]["now"]
        )
        for activity in domain["activities"]
        if activity["code"] in moves
    ]
    return charts.dumbbells(pairs, [level["value"] for level in scale.levels], descending=scale.is_descending)
