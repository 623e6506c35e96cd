"""A table as rows of text, each cell with the place where a person finds it in the file."""

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import groupby

from assessments.exceptions import Problem
from assessments.importers.reading import MAX_COLUMNS, MAX_NODES, MAX_TEXT, Notice

MAX_ROWS = MAX_NODES
LONG_TEXT = 2_000
MOST_MARKS = 30
NUMBER, DATE = "number", "date"

_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_BREAKS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u2007\u202f]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# What is left where a letter of an old encoding was taken for the next one's.
_GHOST = re.compile("[\x80-\x9f]")
# How exporters, ours among them, keep a spreadsheet from taking a text for a formula.
_GUARDED = re.compile(r"'[=+\-@\t]")


@dataclass(frozen=True)
class Row:
    """`number` counts as a spreadsheet does, `line` is the line of a text file (0 in a workbook).

    `numbers` tells of the cells, by column, which the file holds as a number or a date instead of text.
    """

    number: int
    cells: list[str]
    line: int = 0
    numbers: dict[int, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        return not any(self.cells)


@dataclass(frozen=True)
class Grid:
    """A table with its heading found. Every row has as many cells as there are heads."""

    heads: list[str]
    rows: list[Row]
    heading: Row
    sheet: str = ""

    def place(self, row: Row, head: str = "") -> str:
        return place(row, sheet=self.sheet, column=self.heads.index(head) if head else None, head=head)

    def column(self, head: str) -> list[str]:
        number = self.heads.index(head)
        return [row.cells[number] for row in self.rows]


def letter(column: int) -> str:
    """The name that a spreadsheet gives a column, counted from 0."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def place(row: Row, *, sheet: str = "", column: int | None = None, head: str = "") -> str:
    """`row 14 (line 37), column "req_id"` in a text file; `sheet "CF Item", cell C14` in a workbook."""
    if sheet:
        where = f"row {row.number}" if column is None else f"cell {letter(column)}{row.number}"
        return f'sheet "{sheet}", {where}'
    where = f"row {row.number}" + (f" (line {row.line})" if row.line not in (0, row.number) else "")
    if column is None:
        return where
    return f'{where}, column "{head}"' if head else f"{where}, column {letter(column)}"


def tidied(text: str) -> str:
    """Text as it is kept: composed, with plain spaces and line breaks and without invisible characters."""
    if not text.isascii():
        text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
        text = text if _piles(text) else unicodedata.normalize("NFC", text)
    text = text.strip() if text.isprintable() else _BREAKS.sub("\n", text).strip()
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text


def _piles(text: str) -> bool:
    """Whether a letter carries more marks than any language gives it. Composing such a pile would take for ever."""
    runs = (sum(1 for _ in run) for is_mark, run in groupby(map(unicodedata.combining, text), key=bool) if is_mark)
    return any(run > MOST_MARKS for run in runs)


def fault(text: str) -> tuple[str, str] | None:
    """What is wrong with a tidied text, and how to mend it."""
    if len(text) > MAX_TEXT:
        return f"It has {len(text):,} characters; at most {MAX_TEXT:,} are read.", "Shorten it."
    if text.isascii() and text.isprintable():
        return None
    if "\ufffd" in text:
        return "It holds a character that an earlier program could not read (U+FFFD).", "Type the right one."
    if found := _FORBIDDEN.search(text):
        return f"It holds a control character (U+{ord(found[0]):04X}).", "Remove it."
    if not text.isascii() and _piles(text):
        return f"It piles more than {MOST_MARKS} marks on one letter.", "Remove them."
    return None


def oddity(text: str) -> str:
    """What is taken as it is, but only when a person has seen it."""
    if len(text) > LONG_TEXT:
        return f"A text of {len(text):,} characters is long for a statement."
    if not text.isascii() and (found := _GHOST.search(text)):
        around = text[max(0, found.start() - 10) : found.start()]
        return f"After {around!r} stands an invisible character (U+{ord(found[0]):04X}), perhaps in place of a letter."
    return ""


def grid(rows: list[Row], heading: int, *, sheet: str = "") -> tuple[Grid, list[Problem], list[Notice]]:
    """The table below the row at `heading`, its cells tidied and checked; blank rows are left out."""
    top = rows[heading]
    problems: list[Problem] = []
    width = _width(rows[heading:])
    heads, known = [], set()
    for number in range(min(width, MAX_COLUMNS)):
        head = tidied(top.cells[number]) if number < len(top.cells) else ""
        head = re.sub(r"\s+", " ", head) or f"(column {letter(number)})"
        if head.casefold() in known:
            what, where = f"Two columns are named {head!r}.", place(top, sheet=sheet, column=number)
            problems.append(Problem(where, what, "Give each column a name of its own."))
            head = f"{head} (column {letter(number)})"
        known.add(head.casefold())
        heads.append(head)
    if width > MAX_COLUMNS:
        what = f"It has {width} columns; at most {MAX_COLUMNS} are read."
        problems.append(Problem(place(top, sheet=sheet), what, "Remove the columns that are not needed."))
    found = Grid(heads=heads, rows=[], heading=top, sheet=sheet)
    notices: list[Notice] = []
    for row in rows[heading + 1 :]:
        if not row.is_blank:
            found.rows.append(_row(found, row, problems, notices))
    return found, problems, notices


def _width(rows: list[Row]) -> int:
    """The columns that have a head, and those before them. A workbook's rows may be wider than its heading."""
    filled = [number for number, cell in enumerate(rows[0].cells) if cell]
    if rows[0].line:
        return max(filled, default=-1) + 1
    return max((number for row in rows for number, cell in enumerate(row.cells) if cell), default=-1) + 1


def _row(grid: Grid, row: Row, problems: list[Problem], notices: list[Notice]) -> Row:
    width = len(grid.heads)
    beyond = [cell for cell in row.cells[width:] if cell]
    if beyond and row.line:
        what = (
            f"The row has {len(row.cells)} cells, but the heading {width}; the first beyond it is {beyond[0][:40]!r}."
        )
        problems.append(Problem(grid.place(row), what, "Put quotation marks around a text that holds the separator."))
    cells = [tidied(cell) for cell in row.cells[:width]]
    cells += [""] * (width - len(cells))
    for number, cell in enumerate(cells):
        if len(cell) <= LONG_TEXT and cell.isascii() and cell.isprintable():
            continue
        if wrong := fault(cell):
            problems.append(Problem(grid.place(row, grid.heads[number]), *wrong))
        elif odd := oddity(cell):
            notices.append(Notice(grid.place(row, grid.heads[number]), odd, is_warning=True))
    return Row(number=row.number, line=row.line, cells=cells, numbers=row.numbers)
