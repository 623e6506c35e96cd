"""A table as rows of text, each cell with the place where a person finds it in the file."""

import re
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from assessments.exceptions import Problem
from assessments.importers import texts
from assessments.importers.cells import unguarded
from assessments.importers.reading import MAX_COLUMNS, MAX_NODES, Notice

MAX_ROWS = MAX_NODES
NUMBER, DATE = "number", "date"


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


def place(row: Row, *, sheet: str = "", column: int | None = None, head: str = "") -> str:
    """`row 14 (line 37), column "req_id"` in a text file; `sheet "CF Item", cell C14` in a workbook."""
    if sheet:
        where = f"row {row.number}" if column is None else f"cell {get_column_letter(column + 1)}{row.number}"
        return f'sheet "{sheet}", {where}'
    where = f"row {row.number}" + (f" (line {row.line})" if row.line not in (0, row.number) else "")
    if column is None:
        return where
    return f'{where}, column "{head}"' if head else f"{where}, column {get_column_letter(column + 1)}"


def grid(rows: list[Row], heading: int, *, sheet: str = "") -> tuple[Grid, list[Problem], list[Notice]]:
    """The table below the row at `heading`, its cells tidied and checked; blank rows are left out."""
    top = rows[heading]
    problems: list[Problem] = []
    width = _width(rows[heading:])
    heads, known = [], set()
    for number in range(min(width, MAX_COLUMNS)):
        head = texts.tidied(top.cells[number]) if number < len(top.cells) else ""
        head = re.sub(r"\s+", " ", head) or f"(column {get_column_letter(number + 1)})"
        if head.casefold() in known:
            what, where = f"Two columns are named {head!r}.", place(top, sheet=sheet, column=number)
            problems.append(Problem(where, what, "Give each column a name of its own."))
            head = f"{head} (column {get_column_letter(number + 1)})"
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
    cells = [unguarded(texts.tidied(cell)) for cell in row.cells[:width]]
    cells += [""] * (width - len(cells))
    for number, cell in enumerate(cells):
        if len(cell) <= texts.LONG_TEXT and cell.isascii() and cell.isprintable():
            continue
        if wrong := texts.fault(cell):
            problems.append(Problem(grid.place(row, grid.heads[number]), *wrong))
        elif odd := texts.oddity(cell):
            notices.append(Notice(grid.place(row, grid.heads[number]), odd, is_warning=True))
    return Row(number=row.number, line=row.line, cells=cells, numbers=row.numbers)
