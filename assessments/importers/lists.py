"""Pasted or uploaded text: headings, statements and points out of numbers, bullets, indents and wording."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import lines, trees
from assessments.importers.delimited import decoded
from assessments.importers.lines import HEAD, JOINED, LEFT_OUT, PAGE, Piece
from assessments.importers.outlines import HEADING, INTRODUCTION, POINT, STATEMENT, Entry, outline
from assessments.importers.reading import MAX_TEXT, Answers, Node, Notice, Reading
from assessments.importers.texts import fault, oddity

BLANK = "blank"
# A framework of 20,000 statements has some 2 MB of text; no more than that needs looking at line by line.
MAX_LIST_BYTES = 4 * 1024**2
ENDINGS = (".txt", ".text", ".md", ".markdown")

_KNOWING = re.compile(
    r"(an?\s+)?(\w+\s)?(knowledge|understanding|awareness)\b|(an?\s+)?ability to draw on (\w+\s)?knowledge\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Line:
    """One line of the text and what became of it: `cleaned` is what is read, `did` what was mended on the way."""

    number: int
    raw: str
    cleaned: str
    what: str
    did: tuple[str, ...] = ()
    depth: int = 0


def recognises(name: str, content: bytes) -> bool:
    """Whether this is a plain text: by its name, or pasted without one."""
    return name.lower().endswith(ENDINGS) or (not name and b"\x00" not in content)


def cleaning(text: str) -> list[Line]:
    """Every line of the text in order, with what it is taken for."""
    found = lines.pieces(text)
    entries = {entry.piece.number: entry for entry in outline(found)}
    told = []
    for piece, raw in zip(found, lines.split(text), strict=True):
        entry = entries.get(piece.number)
        if entry:
            did = tuple(dict.fromkeys(piece.did))
            told.append(Line(piece.number, raw, _said(entry), entry.what, did, entry.depth))
        else:
            told.append(Line(piece.number, raw, "", piece.fate or BLANK))
    return told


def read(name: str, content: bytes, answers: Answers) -> Reading:
    """Read a list. Raises ImportRejected where there is nothing to read."""
    if len(content) > MAX_LIST_BYTES:
        raise ImportRejected([Problem("text", f"It is larger than {MAX_LIST_BYTES // 1024**2} MB.", "Split it.")])
    text, notices = decoded(content, answers.encoding)
    found = lines.pieces(text)
    entries = outline(found)
    codes, repeated = _codes(entries)
    nodes, problems, more = trees.checked([_node(entry, codes) for entry in entries if entry.what != INTRODUCTION])
    faults = [Problem(_place(entry), *wrong) for entry in entries if (wrong := _fault(entry.piece))]
    if not any(entry.what == STATEMENT for entry in entries):
        mend = "Write each statement on a line of its own."
        problems.append(Problem("text", "There is nothing to assess in it.", mend))
    return Reading(
        format="list",
        nodes=nodes,
        problems=[*faults, *problems],
        notices=[*notices, *_cleaned(found), *_doubtful(entries), *repeated, *more],
    )


def _place(entry: Entry) -> str:
    return f"line {entry.piece.number}"


def _fault(piece: Piece) -> tuple[str, str] | None:
    if piece.is_cut:
        return f"The line has more than {MAX_TEXT:,} characters.", "Put each statement on a line of its own."
    return fault(piece.text)


def _said(entry: Entry) -> str:
    return entry.piece.text.rstrip(": ") if entry.what == HEADING else entry.piece.text


def _node(entry: Entry, codes: dict[int, str]) -> Node:
    """A heading has a title, and what introduces it as its text; all else has a text."""
    is_heading = entry.what == HEADING
    introduction = "\n".join(each.piece.text for each in entry.children if each.what == INTRODUCTION)
    return Node(
        id=_place(entry),
        parent=_place(entry.parent) if entry.parent else "",
        place=_place(entry),
        code=codes.get(entry.piece.number, ""),
        title=_said(entry) if is_heading else "",
        text=introduction if is_heading else _said(entry),
        level=POINT if entry.what == POINT else "",
        kind=_kind(entry) if entry.what == STATEMENT else "",
    )


def _kind(entry: Entry) -> str:
    """Knowledge where the statement opens so, or the heading over it does; else it is not told."""
    is_under = entry.parent is not None and _KNOWING.match(entry.parent.piece.text)
    return "knowledge" if is_under or _KNOWING.match(entry.piece.text) else ""


def _codes(entries: list[Entry]) -> tuple[dict[int, str], list[Notice]]:
    """The numbers of the entries, where each has its own: numbering that begins anew under each heading is no code."""
    counts = Counter(entry.piece.code.casefold() for entry in entries)
    own = {entry.piece.number: entry.piece.code for entry in entries if counts[entry.piece.code.casefold()] == 1}
    repeated = [entry for entry in entries if entry.piece.code and entry.piece.number not in own]
    if not repeated:
        return own, []
    what = f"The number {repeated[0].piece.code!r} stands more than once. Numbers that repeat are not kept as codes."
    return own, [Notice(_place(repeated[0]), what, is_warning=True)]


def _cleaned(found: list[Piece]) -> Iterator[Notice]:
    """What was left out or joined, counted; all of it can be seen line by line."""
    fates: dict[str, list[Piece]] = {}
    for piece in found:
        if piece.fate:
            fates.setdefault(JOINED if piece.fate.startswith(JOINED) else piece.fate, []).append(piece)
    for fate, told in fates.items():
        is_plain = fate in (JOINED, LEFT_OUT + PAGE, LEFT_OUT + HEAD)
        verb = "joined to the line before" if fate == JOINED else fate.replace(LEFT_OUT, "left out as ")
        yield Notice(f"line {told[0].number}", f"Lines {verb}: {len(told)}.", is_warning=not is_plain)


def _doubtful(entries: list[Entry]) -> Iterator[Notice]:
    for entry in entries:
        if odd := oddity(entry.piece.text):
            yield Notice(_place(entry), odd, is_warning=True)
        if entry.what == INTRODUCTION:
            yield Notice(_place(entry), "It is taken for the introduction of its heading.", is_warning=True)
