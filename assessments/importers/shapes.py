"""Rows to nodes, one function for each way in which a sheet tells its tree."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from assessments.exceptions import Problem
from assessments.importers import trees
from assessments.importers.columns import (
    ASIDE,
    CODE,
    DEPTH,
    GUIDANCE,
    ID,
    KIND,
    LEFT_OUT,
    LEVEL,
    MOST_LEVELS,
    ORDER,
    PARENT,
    POSITION,
    PROFICIENCY,
    TEXT,
    TITLE,
    above,
    step,
)
from assessments.importers.grids import DATE, Grid, Row
from assessments.importers.reading import KINDS, MAX_DEPTH, Node, Notice

# What every shape makes use of; a level of proficiency is kept in a place of its own.
_USED = [CODE, TITLE, TEXT, GUIDANCE, LEVEL, KIND, ID, LEFT_OUT, PROFICIENCY]


@dataclass
class Marked:
    """A grid whose columns have their roles."""

    grid: Grid
    roles: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.heads = {role: head for head, role in self.roles.items() if role != ASIDE}
        self.levels = [
            level
            for level in range(1, MOST_LEVELS + 1)
            if any(above(role, level) in self.heads for role in [CODE, TITLE])
        ]
        self._numbers = {head: number for number, head in enumerate(self.grid.heads)}

    def cell(self, row: Row, role: str) -> str:
        head = self.heads.get(role)
        return row.cells[self._numbers[head]] if head else ""

    def place(self, row: Row, role: str = "") -> str:
        return self.grid.place(row, self.heads.get(role, ""))

    def problem(self, row: Row, role: str, what: str, mend: str) -> None:
        self.problems.append(Problem(self.place(row, role), what, mend))

    def notice(self, row: Row, role: str, what: str, *, is_warning: bool = False) -> None:
        self.notices.append(Notice(self.place(row, role), what, is_warning=is_warning))

    def is_number(self, row: Row, role: str) -> bool:
        return role in self.heads and self._numbers[self.heads[role]] in row.numbers

    def kept(self, row: Row, uses: list[str]) -> dict[str, Any]:
        """What the row says besides: columns without a role, roles without a use here, and levels of proficiency."""
        cells = {head: cell for head, cell in zip(self.grid.heads, row.cells, strict=True) if cell}
        found: dict[str, Any] = {head: cell for head, cell in cells.items() if self.roles[head] not in [*_USED, *uses]}
        levels = {head: cell for head, cell in cells.items() if self.roles[head] == PROFICIENCY}
        return found | ({PROFICIENCY: levels} if levels else {})


def node(marked: Marked, row: Row, *, id: str = "", parent: str = "", uses: list[str]) -> Node:
    """A row's own entry. Roles that are not in `uses` are kept with it."""
    kind = marked.cell(row, KIND)
    known = kind.casefold() if kind.casefold() in KINDS else ""
    kept = marked.kept(row, uses)
    if kind and not known:
        kept[marked.heads[KIND]] = kind
    return Node(
        id=id or marked.cell(row, ID) or f"row {row.number}",
        parent=parent,
        place=marked.place(row),
        code=marked.cell(row, CODE),
        title=marked.cell(row, TITLE),
        text=marked.cell(row, TEXT),
        guidance=marked.cell(row, GUIDANCE),
        level=marked.cell(row, LEVEL),
        kind=known,
        source_id=marked.cell(row, ID),
        kept=kept,
    )


def flat(marked: Marked) -> list[Node]:
    """A list without a tree."""
    return _ordered(marked, [(row, node(marked, row, uses=[ORDER])) for row in marked.grid.rows])


def by_parent(marked: Marked) -> list[Node]:
    """C: each row names its parent, by identifier or by code."""
    rows = marked.grid.rows
    role = ID if ID in marked.heads else CODE
    ids = {marked.cell(row, role) or f"row {row.number}" for row in rows}
    by_code: dict[str, list[str]] = {}
    for row in rows:
        if code := marked.cell(row, CODE):
            by_code.setdefault(code, []).append(marked.cell(row, role) or f"row {row.number}")
    found = []
    for row in rows:
        parent = marked.cell(row, PARENT)
        owners = set(by_code.get(parent, []))
        if parent not in ids and len(owners) > 1:
            marked.problem(
                row, PARENT, f"The code {parent!r} belongs to several rows.", "Name the parent's identifier."
            )
        if parent not in ids and owners:
            parent = by_code[parent][0]
        found.append((row, node(marked, row, id=marked.cell(row, role), parent=parent, uses=[PARENT, ORDER])))
    return _ordered(marked, found)


def _ordered(marked: Marked, found: list[tuple[Row, Node]]) -> list[Node]:
    """By the column of order where there is one; equal and missing numbers keep the order of the rows."""
    if ORDER not in marked.heads:
        return [node for _, node in found]
    taken: set[tuple[str, str]] = set()
    for row, each in found:
        order = marked.cell(row, ORDER)
        if order and (each.parent, order) in taken:
            what = f"Another entry beside it also has the order {order!r}; the rows decide."
            marked.notice(row, ORDER, what, is_warning=True)
        taken.add((each.parent, order))
    ranked = sorted(found, key=lambda pair: _ranked(marked.cell(pair[0], ORDER)))
    return [node for _, node in ranked]


def _ranked(order: str) -> list[tuple[int, int, str]]:
    return trees.natural(order) or [(2, 0, "")]


def by_position(marked: Marked) -> list[Node]:
    """E: each row tells its place as a path, 3.6.2.1 below 3.6.2; pairs of digits make a path too (c0101 below c01)."""
    cells = [marked.cell(row, POSITION) for row in marked.grid.rows]
    parts_of = _pairs if all(re.fullmatch(r"[^\W\d_]+(\d\d)+", cell) for cell in cells) else _parts
    found = []
    for row, cell in zip(marked.grid.rows, cells, strict=True):
        parts = parts_of(cell)
        if not parts:
            marked.problem(row, POSITION, "The row has no position.", "Write one, such as 1.2.3.")
        elif len(parts) > MAX_DEPTH:
            what = f"The position has {len(parts)} steps; at most {MAX_DEPTH} are read."
            marked.problem(row, POSITION, what, "Flatten the tree.")
        else:
            found.append(node(marked, row, id=".".join(parts), parent=".".join(parts[:-1]), uses=[POSITION]))
    ordered = sorted(found, key=lambda each: trees.natural(each.id))
    if ordered != found:
        marked.notices.append(Notice("file", "The order was taken from the positions; the rows have another."))
    return ordered


def _parts(position: str) -> list[str]:
    return re.findall(r"[^\W_]+", position)


def _pairs(position: str) -> list[str]:
    letters = position.rstrip("0123456789")
    digits = position[len(letters) :]
    return [letters + digits[:2], *(digits[start : start + 2] for start in range(2, len(digits), 2))]


def by_depth(marked: Marked) -> list[Node]:
    """D: each row tells its depth, and belongs to the nearest row above it that is one step higher."""
    depth_of = _depths(marked)
    known = [depth for row in marked.grid.rows if (depth := depth_of(row)) is not None]
    top = min(known, default=1)
    found: list[Node] = []
    open_ids: list[str] = []
    for row in marked.grid.rows:
        depth = depth_of(row)
        if depth is None:
            what = f"{marked.cell(row, DEPTH)!r} is not a depth."
            marked.problem(row, DEPTH, what, "Write 1 for an entry at the top, 2 for one below it, and so on.")
            continue
        level = depth - top
        if level > len(open_ids):
            what = f"The depth jumps to {depth}; after the row above it can be at most {len(open_ids) + top}."
            marked.problem(row, DEPTH, what, "Add the row between, or lower the depth.")
        del open_ids[level:]
        parent = open_ids[-1] if open_ids else ""
        found.append(node(marked, row, parent=parent, uses=[DEPTH]))
        open_ids.append(found[-1].id)
    return found


def _depths(marked: Marked) -> Callable[[Row], int | None]:
    """How to read the depth of a row: a number, or the words of the column in the order in which they appear."""
    cells = dict.fromkeys(marked.cell(row, DEPTH).casefold() for row in marked.grid.rows)
    if cells and not any(re.search(r"\d", word) for word in cells):
        words = {word: number for number, word in enumerate(cells, start=1) if word}
        return lambda row: words.get(marked.cell(row, DEPTH).casefold())
    return lambda row: int(found[1]) if (found := re.fullmatch(r"\D*(\d{1,2})", marked.cell(row, DEPTH))) else None


def by_ancestors(marked: Marked) -> list[Node]:
    """A and B: each row repeats its ancestors, known by their codes, or by their labels where they have none."""
    ladder = _Ladder(marked)
    found: list[Node] = []
    uses = [above(role, level) for level in marked.levels for role in [CODE, TITLE, TEXT]]
    for row in marked.grid.rows:
        parent = ""
        for level in marked.levels:
            parent = ladder.climb(row, level, parent, found)
        entry = node(marked, row, parent=parent, uses=uses)
        if entry.code or entry.title or entry.text or not parent:
            found.append(entry)
    return [ladder.steps.get(each.id, each) for each in found]


def folded(text: str) -> str:
    return " ".join(text.split()).casefold()


@dataclass
class _Ladder:
    """The ancestors met so far, as their first rows tell them, and what else was told of each."""

    marked: Marked
    steps: dict[str, Node] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)

    def climb(self, row: Row, level: int, parent: str, found: list[Node]) -> str:
        """The id of the row's ancestor at a level; a blank one is passed over, a new one added to what was found."""
        code, title, text = (self.marked.cell(row, above(role, level)) for role in [CODE, TITLE, TEXT])
        if not code and not title:
            self._check_gap(row, level)
            return parent
        key = f"level {level}: {folded(code)}" if code else f"{parent} > {folded(title)}"
        if key in self.steps:
            self._compare(row, level, parent, key)
            return key
        head = self.marked.heads.get(above(TITLE, level)) or self.marked.heads[above(CODE, level)]
        place = self.marked.place(row)
        self.steps[key] = Node(key, parent, place, code=code, title=title, text=text, level=step(head))
        found.append(self.steps[key])
        return key

    def _check_gap(self, row: Row, level: int) -> None:
        role = above(TITLE if above(TITLE, level) in self.marked.heads else CODE, level)
        if level == self.marked.levels[0]:
            what = "The cell is blank, so the row belongs nowhere."
            mend = "Write it in every row, or choose that a blank cell repeats the one above."
            self.marked.problem(row, role, what, mend)
        else:
            what = "The cell is blank, so the row stands directly under the level above."
            self.marked.notice(row, role, what, is_warning=True)

    def _compare(self, row: Row, level: int, parent: str, key: str) -> None:
        """One code has one parent, one title and one description. What differs is told once, not in every row."""
        first = self.steps[key]
        if first.parent != parent and self._is_news(key, parent):
            what = f"The code {first.code!r} stands under another heading at {first.place}."
            mend = "Give each a code of its own, or mend the heading."
            self.marked.problem(row, above(CODE, level), what, mend)
        for role, before in [(TITLE, first.title), (TEXT, first.text)]:
            now = self.marked.cell(row, above(role, level))
            if now and not before:
                filled: dict[str, Any] = {role: now}
                self.steps[key] = replace(self.steps[key], **filled)
            elif now not in ("", before) and self._is_news(key, now):
                self._differs(row, above(role, level), now, key)

    def _is_news(self, key: str, what: str) -> bool:
        is_news = (key, what) not in self.told
        self.told.add((key, what))
        return is_news

    def _differs(self, row: Row, role: str, now: str, key: str) -> None:
        """Another label under one code is another entry; a description may differ, and so may space and case."""
        first = self.steps[key]
        before = first.title if role.startswith(TITLE) else first.text
        if folded(now) == folded(before):
            what = f"It differs from {first.place} in space or case only; that one counts."
            self.marked.notice(row, role, what)
        elif role.startswith(TEXT):
            what = f"The description of {first.code or first.title!r} differs from {first.place}; that one counts."
            self.marked.notice(row, role, what, is_warning=True)
        else:
            what = f"{first.code!r} has two titles: {before[:60]!r} at {first.place}, and {now[:60]!r}."
            if self.marked.is_number(row, role.replace(TITLE, CODE)):
                what += " The code is a number in the sheet, where 1.1 and 1.10 are one."
            self.marked.problem(row, role, what, "Keep one of the two, or give each a code of its own, as text.")


def filled_down(marked: Marked) -> Grid:
    """Blank ancestors repeat the row above, as far as no higher ancestor changed."""
    grid, previous, rows = marked.grid, [""] * len(marked.grid.heads), []
    for row in grid.rows:
        cells, is_new = list(row.cells), False
        for level in marked.levels:
            heads = [marked.heads.get(above(role, level)) for role in [CODE, TITLE, TEXT]]
            numbers = [grid.heads.index(head) for head in heads if head]
            if any(cells[number] for number in numbers):
                is_new = is_new or any(cells[number] != previous[number] for number in numbers)
            elif not is_new:
                for number in numbers:
                    cells[number] = previous[number]
        rows.append(replace(row, cells=cells))
        previous = cells
    return replace(grid, rows=rows)


def dated(marked: Marked) -> Iterator[Problem]:
    """Codes that a spreadsheet program took for dates."""
    for role in [CODE, ID, PARENT, POSITION, DEPTH, *(above(CODE, level) for level in marked.levels)]:
        head = marked.heads.get(role)
        for row in marked.grid.rows:
            if head and row.numbers.get(marked.grid.heads.index(head)) == DATE:
                what = f"The cell holds the date {marked.cell(row, role)}, not a code."
                yield Problem(marked.place(row, role), what, "Format the column as text and type the code again.")


def shape(marked: Marked) -> Callable[[Marked], list[Node]]:
    """The function that reads this table."""
    if PARENT in marked.heads and any(marked.cell(row, PARENT) for row in marked.grid.rows):
        return by_parent
    if POSITION in marked.heads:
        return by_position
    if DEPTH in marked.heads:
        return by_depth
    return by_ancestors if marked.levels else flat
