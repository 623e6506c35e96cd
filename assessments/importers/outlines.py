"""Lines to a tree: what is a heading, what a statement, and what belongs under what."""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from assessments.importers.lines import OPENER, Piece

HEADING, STATEMENT, POINT, INTRODUCTION = "heading", "statement", "point", "introduction"
LONGEST_HEADING, FEWEST_WORDS, LONG_TEXT = 120, 6, 200
SAME = 1  # columns by which lines of one level may be set off from each other

_NUMBERED = re.compile(r"A?1(\.1)*")
_KNOWLEDGE = re.compile(r"knowledge\b", re.IGNORECASE)
_ARTICLE = re.compile(r"an?\s", re.IGNORECASE)


@dataclass(eq=False)
class Entry:
    """A piece in its place in the tree."""

    piece: Piece
    what: str = ""
    parent: "Entry | None" = None
    children: list["Entry"] = field(default_factory=list)
    depth: int = 1

    def put(self, parent: "Entry | None") -> None:
        self.parent = parent
        if parent:
            self.depth = parent.depth + 1
            parent.children.append(self)


def outline(found: list[Piece]) -> list[Entry]:
    """The entries in order, each under its parent, and what each of them is."""
    entries = [Entry(piece) for piece in found if piece.text and not piece.fate]
    headings = _headings([entry.piece for entry in entries])
    path: list[tuple[int, Entry]] = []
    items: list[Entry] = []
    for is_heading, run in groupby(entries, key=lambda entry: entry.piece.number in headings):
        if is_heading:
            _hang_headings(list(run), path)
            items = []
            continue
        for entry in run:
            _hang(entry, items, path[-1][1] if path else None)
    leaves = Counter(entry.piece.style for entry in entries if not entry.children)
    branches = Counter(entry.piece.style for entry in entries if entry.children)
    listed = {style for style in branches if style and leaves[style] >= branches[style]}
    for entry in entries:
        entry.what = _what(entry, listed)
    return entries


def _headings(real: list[Piece]) -> set[int]:
    """The numbers of the lines that are headings by their wording, mark or setting. Indents decide for themselves."""
    marked = {piece.number for piece in real if piece.style.startswith("#")}
    plain = [piece for piece in real if not piece.style]
    if len({piece.indent for piece in plain}) > 1 and not any(OPENER.match(piece.text) for piece in plain):
        return marked
    if not any(piece.style or OPENER.match(piece.text) for piece in real):
        return _first_of_blocks(real)
    # "Knowledge of …" begins headings and statements alike, so only abilities tell whether statements have an article.
    abilities = [piece for piece in real if OPENER.match(piece.text) and not _KNOWLEDGE.match(piece.text)]
    has_articles = sum(1 for piece in abilities if _ARTICLE.match(piece.text)) * 2 > len(abilities)
    found = set(marked)
    for piece, after in reversed(list(pairwise(real))):
        leads = after.number in found or bool(after.style) or bool(OPENER.match(after.text))
        if OPENER.match(piece.text):
            stands_alone = piece.is_after_blank and after.is_after_blank
            is_told_apart = stands_alone or not _KNOWLEDGE.match(piece.text)
            leads = (has_articles and is_told_apart) or bool(after.style)
        if leads and _may_head(piece):
            found.add(piece.number)
    return found


def _may_head(piece: Piece) -> bool:
    """Whether a line has the form of a heading: short, a capital first, no stop at the end, not a statement."""
    text = piece.text
    if piece.style or len(text) > LONGEST_HEADING or text[-1] in ".;,!?" or not text[0].isupper():
        return False
    if text[-1] == ":" and (len(text.split()) >= FEWEST_WORDS or OPENER.match(text)):
        return False
    # "Ability to engage the client" may head "An ability to …".
    return not (OPENER.match(text) and _ARTICLE.match(text))


def _first_of_blocks(real: list[Piece]) -> set[int]:
    """In a text without any marks, lines that stand alone before a block, or else the first line of every block."""
    blocks: list[list[Piece]] = []
    for piece in real:
        if piece.is_after_blank or not blocks:
            blocks.append([])
        blocks[-1].append(piece)
    if len(blocks) == 1 or any(piece.indent != real[0].indent for piece in real):
        return set()
    alone: set[int] = set()
    for block, after in reversed(list(pairwise(blocks))):
        if len(block) == 1 and (len(after) > 1 or after[0].number in alone):
            alone.add(block[0].number)
    if alone or any(len(block) == 1 for block in blocks):
        return alone
    return {block[0].number for block in blocks}


def _hang_headings(run: list[Entry], path: list[tuple[int, Entry]]) -> None:
    """Headings in a row go down step by step; the last of them stands as deep as the last heading before."""
    first = max(len(path) - len(run), 0)
    for step, entry in enumerate(run):
        entry.what = HEADING
        marks = entry.piece.style.count("#")
        level = marks or first + step + 1
        while path and path[-1][0] >= level:
            path.pop()
        entry.put(path[-1][1] if path else None)
        path.append((level, entry))


def _hang(entry: Entry, items: list[Entry], heading: Entry | None) -> None:
    """Find the entry's parent among the open items of this heading, by number, mark and indent."""
    while items:
        move = _move(items[-1], entry.piece, {item.piece.style for item in items[:-1]})
        if move > 0:
            break
        items.pop()
        if move == 0:
            break
    entry.put(items[-1] if items else heading)
    items.append(entry)


def _move(top: Entry, piece: Piece, styles: set[str]) -> int:
    """1 where the piece belongs below the open item, 0 where beside it, -1 where further out."""
    above, indent = top.piece, piece.indent - top.piece.indent
    if _NUMBERED.fullmatch(above.style) and _NUMBERED.fullmatch(piece.style) and above.style != piece.style:
        return 1 if len(piece.style) > len(above.style) else -1
    if abs(indent) > SAME:
        return 1 if indent > 0 else -1
    if above.style == piece.style:
        return 0 if piece.style else _plain_move(top, piece)
    return -1 if piece.style in styles or not piece.style else 1


def _plain_move(top: Entry, piece: Piece) -> int:
    """Between two lines without marks the wording decides: a colon opens a list, the next opening words close it."""
    is_opener = bool(OPENER.match(piece.text))
    if top.piece.text.endswith(":") and not is_opener:
        return 1
    in_list = top.parent is not None and top.parent.piece.text.endswith(":") and top.parent.what != HEADING
    return -1 if in_list and is_opener else 0


def _what(entry: Entry, listed: set[str]) -> str:
    """What an entry is, its parents being known. Most entries with a mark in `listed` stand at the end of a branch."""
    parent = entry.parent
    if entry.what == HEADING:
        return HEADING
    if parent and parent.what in (STATEMENT, POINT):
        return POINT
    text = entry.piece.text
    if entry.children:
        is_short = text.endswith(":") and len(text.split()) < FEWEST_WORDS and text[0].isupper()
        leads = text.endswith(":") and not is_short
        return STATEMENT if leads or OPENER.match(text) or entry.piece.style in listed else HEADING
    is_prose = len(text) > LONG_TEXT or re.search(r"[.!?]\s+[A-Z]", text)
    if parent and not entry.piece.style and is_prose and not OPENER.match(text) and len(parent.children) > 1:
        return INTRODUCTION
    return STATEMENT
