"""CSV files and Excel workbooks: the way from a file's bytes to nodes."""

import re
from dataclasses import replace

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import columns, delimited, tables, workbooks
from assessments.importers.columns import DEPTH, PARENT, POSITION, TEXT, TITLE
from assessments.importers.grids import Grid, Row, grid
from assessments.importers.reading import Answers, Notice, Reading

TEXTS, BOOKS = (".csv", ".tsv", ".tab"), (".xlsx", ".xlsm", ".xls")
# Titles and remarks above the heading; a heading further down than this is not looked for.
MOST_ABOVE = 20

# A document's own fields, as sheets beside the table name them, and the fields of RevisionData.
METADATA = {
    "title": "title",
    "name": "title",
    "version": "number",
    "description": "summary",
    "language": "language",
    "locale": "language",
    "creator": "authors",
    "publisher": "rights_holder",
    "copyright": "rights_holder",
    "officialsourceurl": "source_url",
    "license": "licence",
    "licensetitle": "licence",
    "identifier": "source_id",
    "urn": "source_id",
}
_LINKS = {"originnodeidentifier", "associationtype", "destinationnodeidentifier"}


def recognises(name: str, content: bytes) -> bool:
    """Whether this is a table: by its name, or by what a workbook begins with."""
    return name.lower().endswith((*TEXTS, *BOOKS)) or content.startswith((workbooks.ZIP, workbooks.OLE))


def read(name: str, content: bytes, answers: Answers) -> Reading:
    """Read a table. Raises ImportRejected where no row could be read at all."""
    _check(name, content)
    if content.startswith((workbooks.ZIP, workbooks.OLE)):
        return _workbook(content, answers)
    text, notices = delimited.decoded(content, answers.encoding)
    rows, problems, more = delimited.rows(text)
    reading = _table(rows, answers, format="csv")
    return replace(reading, notices=[*notices, *more, *reading.notices], problems=[*problems, *reading.problems])


def _check(name: str, content: bytes) -> None:
    is_book = content.startswith((workbooks.ZIP, workbooks.OLE))
    if is_book and name.lower().endswith(TEXTS):
        what, mend = "The file is named as CSV and holds a workbook.", "Name it .xlsx, or save it as CSV."
    elif not is_book and name.lower().endswith(BOOKS):
        what, mend = "The file is named as a workbook and is none.", "Save it as .xlsx, or name it .csv."
    else:
        return
    raise ImportRejected([Problem("file", what, mend)])


def _table(
    rows: list[Row], answers: Answers, *, format: str, sheet: str = "", sheets: list[str] | None = None
) -> Reading:
    rows, notices = _without_remarks(rows, sheet)
    top = _heading(rows)
    if top is None:
        raise ImportRejected([Problem(f'sheet "{sheet}"' if sheet else "file", "It has no rows.", "Choose another.")])
    found, problems, more = grid(rows, top, sheet=sheet)
    reading = tables.read(found, answers, format=format, sheets=sheets or [])
    above = [row for row in rows[:top] if not row.is_blank]
    if above:
        what = f"The heading was found in row {found.heading.number}; what stands above it is left out."
        notices.append(Notice(found.place(above[0]), what, is_warning=True))
    return replace(reading, notices=[*notices, *more, *reading.notices], problems=[*problems, *reading.problems])


def _without_remarks(rows: list[Row], sheet: str) -> tuple[list[Row], list[Notice]]:
    """Rows that say nothing but `# a remark` are no entries."""
    remarks = [row for row in rows if any(row.cells) and row.cells[0].startswith("#") and not any(row.cells[1:])]
    if not remarks:
        return rows, []
    numbers = {row.number for row in remarks}
    where = f'sheet "{sheet}"' if sheet else "file"
    notice = Notice(where, f"{len(remarks)} rows that begin with # are taken for remarks and left out.")
    return [row for row in rows if row.number not in numbers], [notice]


def _heading(rows: list[Row]) -> int | None:
    """The first row with cells, unless it says nothing and one of the next is plainly a heading."""
    filled = [number for number, row in enumerate(rows) if not row.is_blank][:MOST_ABOVE]
    if not filled:
        return None
    known = {number: columns.recognised(rows[number].cells) for number in filled}
    best = max(filled, key=lambda number: (known[number], -number))
    return best if known[filled[0]] == 0 and known[best] > 1 else filled[0]


def _workbook(content: bytes, answers: Answers) -> Reading:
    books = workbooks.sheets(content)
    names = [book.name for book in books]
    found = {book.name: _grid(book) for book in books if not book.is_hidden or book.name == answers.sheet}
    filled = {name: each for name, each in found.items() if each}
    if answers.sheet and answers.sheet not in names:
        what = f"The workbook has no sheet {answers.sheet!r}."
        raise ImportRejected([Problem("file", what, f"Choose one of {', '.join(map(repr, names))}.")])
    sheet = answers.sheet or max(filled, key=lambda name: _promise(filled[name]), default="")
    book = next((each for each in books if each.name == sheet), None)
    if book is None or sheet not in filled:
        problems = [problem for each in books for problem in each.problems if sheet in ("", each.name)]
        where = f'sheet "{sheet}"' if sheet else "file"
        none = Problem(where, "It has no rows on a visible sheet.", "Show the sheet, or choose another.")
        raise ImportRejected([*problems, none])
    links = next((each for each in filled.values() if {_plain(head) for head in each.heads} >= _LINKS), None)
    rows, kept = _linked(book.rows, filled.get(sheet), links)
    reading = _table(rows, answers, format="xlsx", sheet=sheet, sheets=names)
    return replace(
        reading,
        metadata=_metadata([each for name, each in filled.items() if name != sheet]),
        notices=[*_other_sheets(books, sheet), *book.notices, *reading.notices],
        problems=[*book.problems, *reading.problems],
        kept=kept,
    )


def _grid(book: workbooks.Sheet) -> Grid | None:
    top = _heading(book.rows)
    return None if top is None else grid(book.rows, top, sheet=book.name)[0]


def _promise(found: Grid) -> int:
    """How likely a sheet is the framework's: one with a tree before a list, a list before anything else."""
    roles = set(columns.guess(found.heads, [row.cells for row in found.rows]).values())
    if not roles & {TITLE, TEXT} or not found.rows:
        return 0
    if roles & {PARENT, POSITION, DEPTH}:
        return columns.MOST_LEVELS + 1
    return 1 + sum(
        1 for level in range(1, columns.MOST_LEVELS + 1) if any(role.endswith(f" {level}") for role in roles)
    )


def _other_sheets(books: list[workbooks.Sheet], sheet: str) -> list[Notice]:
    visible = [book.name for book in books if not book.is_hidden and book.name != sheet]
    hidden = [book.name for book in books if book.is_hidden and book.name != sheet]
    notices = []
    if visible:
        names = ", ".join(repr(name) for name in visible)
        notices.append(Notice("file", f"The sheet {sheet!r} was read as the framework, and not {names}."))
    if hidden:
        notices.append(Notice("file", f"Hidden sheets are ignored: {', '.join(repr(name) for name in hidden)}."))
    return notices


def _plain(head: str) -> str:
    return re.sub(r"[\W_]+", "", head.casefold())


def _metadata(grids: list[Grid]) -> dict[str, str]:
    """The document's own fields, from a sheet of one row or of two columns that describes a framework."""
    found: dict[str, str] = {}
    for each in grids:
        for name, value in _fields(each).items():
            if value and name in METADATA:
                found.setdefault(METADATA[name], value)
    return found


def _fields(found: Grid) -> dict[str, str]:
    heads = [_plain(head) for head in found.heads]
    if len(found.rows) == 1 and {"title", "creator"} <= set(heads):
        return dict(zip(heads, found.rows[0].cells, strict=True))
    if heads[0] == "type" and heads[1:] in (["library"], ["framework"]):
        return {_plain(row.cells[0]): row.cells[1] for row in found.rows}
    return {}


def _linked(rows: list[Row], items: Grid | None, links: Grid | None) -> tuple[list[Row], dict[str, object]]:
    """Links on a sheet of their own: parents where the table itself names none; all others are kept."""
    if not items or not links or items is links:
        return rows, {}
    heads = {_plain(head): head for head in links.heads}
    origin, kind, end = (
        heads[name] for name in ["originnodeidentifier", "associationtype", "destinationnodeidentifier"]
    )
    told = [{head: cell for head, cell in zip(links.heads, row.cells, strict=True) if cell} for row in links.rows]
    other = [link for link in told if _plain(link.get(kind, "")) != "ischildof"]
    kept: dict[str, object] = {"associations": other} if other else {}
    roles = columns.guess(items.heads, [row.cells for row in items.rows])
    own = {role: head for head, role in roles.items()}
    if columns.ID not in own or any(role in own for role in [PARENT, POSITION, DEPTH]):
        return rows, kept
    ids = set(items.column(own[columns.ID]))
    parents = {
        link.get(origin, ""): link.get(end, "") for link in told if link not in other and link.get(end, "") in ids
    }
    return _with_parents(rows, items, own[columns.ID], parents), kept


def _with_parents(rows: list[Row], items: Grid, head: str, parents: dict[str, str]) -> list[Row]:
    column, width = items.heads.index(head), len(items.heads)
    top = next(number for number, row in enumerate(rows) if row.number == items.heading.number)
    wider = []
    for row in rows[top:]:
        cells = [*row.cells, *[""] * (width - len(row.cells))]
        parent = "Is Child Of" if row.number == items.heading.number else parents.get(cells[column].strip(), "")
        wider.append(replace(row, cells=[*cells, parent] if any(cells) else []))
    return [*rows[:top], *wider]
