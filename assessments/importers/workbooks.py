"""Rows out of an Excel workbook. Its size is checked before any of it is parsed, and nothing in it is calculated."""

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from openpyxl.utils import column_index_from_string

from assessments.exceptions import ImportRejected, Problem
from assessments.importers.grids import DATE, MAX_ROWS, NUMBER, Row, place
from assessments.importers.reading import MAX_COLUMNS, Notice

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MAX_MEMBERS, MAX_UNPACKED, MAX_RATIO = 200, 50 * 1024**2, 100
# Parsing costs time by the tag, not by the byte. A cell with its text has up to ten.
MAX_TAGS, MAX_PLAIN_TAGS = 1_200_000, 50_000
MAX_CELLS_TOUCHED = MAX_ROWS * MAX_COLUMNS
# Small parts compress beyond any ratio and harm nobody.
SMALL = 1024**2
EXCEL_ROWS = 1_048_576

_DTD = [mark for text in ["<!DOCTYPE", "<!ENTITY"] for mark in [text.encode(), text.encode("utf-16-le")]]
_FORMULAS = re.compile(r'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:\w+:)?f\b')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LITERAL = r'((?:"[^"]*"|\\.)*)'
_PICTURE = re.compile(rf"{_LITERAL}(#,##)?(0+)(?:\.(0+))?(%?){_LITERAL}")


@dataclass
class Sheet:
    name: str
    rows: list[Row]
    is_hidden: bool = False
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def sheets(content: bytes) -> list[Sheet]:
    """Every sheet with its rows. Raises ImportRejected where the file is no workbook, or too large to be opened."""
    _check_package(content)
    try:
        return list(_sheets(content))
    except ImportRejected:
        raise
    except Exception as error:  # whatever a library meets in a damaged file
        raise _rejected("The workbook is damaged and cannot be read.", "Open it and save it again.") from error


def _rejected(what: str, mend: str) -> ImportRejected:
    return ImportRejected([Problem("file", what, mend)])


def _check_package(content: bytes) -> None:
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise _rejected("The workbook is locked with a password.", "Save a copy without one.")
        raise _rejected("This is a workbook of the old kind (.xls).", "Save it as .xlsx or as CSV.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_sizes(package.infolist())
            _check_parts(package)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _rejected("The workbook is damaged and cannot be opened.", "Open it and save it again.") from error


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    small = "Save the table alone as a new workbook, or as CSV."
    if len(members) > MAX_MEMBERS:
        raise _rejected(f"The workbook has {len(members)} parts; at most {MAX_MEMBERS} are read.", small)
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED:
        what = f"Unpacked, the workbook has {unpacked // 1024**2} MB; at most {MAX_UNPACKED // 1024**2} are read."
        raise _rejected(what, small)
    for member in members:
        if member.flag_bits & 1:
            raise _rejected("The workbook is locked with a password.", "Save a copy without one.")
        if member.file_size > max(SMALL, MAX_RATIO * member.compress_size):
            what = f"Its part {member.filename!r} grows more than {MAX_RATIO}-fold when it is unpacked."
            raise _rejected(what, small)
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise _rejected("This is not an Excel workbook (.xlsx).", "Save the table as .xlsx or as CSV.")


def _check_parts(package: zipfile.ZipFile) -> None:
    """No DTD, and no more tags than can be parsed in seconds."""
    tags = plain = 0
    for name in package.namelist():
        if not name.endswith((".xml", ".rels", ".vml")):
            continue
        part = package.read(name)
        if any(mark in part for mark in _DTD):
            raise _rejected(f"Its part {name!r} declares a document type.", "Save it with a spreadsheet program.")
        count = part.count(b"<")
        tags += count
        plain += 0 if name.startswith(("xl/worksheets/", "xl/sharedStrings")) else count
    if tags > MAX_TAGS or plain > MAX_PLAIN_TAGS:
        raise _rejected("The workbook holds too many cells or styles.", "Save the table alone as CSV.")


def _sheets(content: bytes) -> Iterator[Sheet]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of features that do not touch the cells
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        package = zipfile.ZipFile(io.BytesIO(content))
        for sheet in book.worksheets:
            found = Sheet(name=sheet.title, rows=[], is_hidden=sheet.sheet_state != "visible")
            _read(sheet, found)
            _check_formulas(package.read(sheet._worksheet_path), found)
            yield found
        book.close()


def _check_formulas(part: bytes, found: Sheet) -> None:
    """Formulas are never calculated: the value that was stored with one counts, and one without is a problem."""
    cells = [(int(number), column_index_from_string(name) - 1) for name, number in _FORMULAS.findall(part.decode())]
    by_number = {row.number: row for row in found.rows}
    for number, column in cells:
        row = by_number.get(number, Row(number=number, cells=[]))
        if column >= len(row.cells) or not row.cells[column]:
            where = place(row, sheet=found.name, column=column)
            what = "The cell holds a formula without a stored value."
            found.problems.append(
                Problem(where, what, "Save the workbook in a spreadsheet program, or write the value.")
            )
    if cells:
        where = f'sheet "{found.name}"'
        found.notices.append(Notice(where, f"{len(cells)} cells hold formulas; the values stored with them are read."))


def _read(sheet: Any, found: Sheet) -> None:
    """The rows as far as the limits allow, whatever size the sheet itself claims to have."""
    sheet.reset_dimensions()
    touched = filled = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        touched += len(cells)
        row = _row(number, cells, found)
        filled += not row.is_blank
        if filled > MAX_ROWS + 1 or touched > MAX_CELLS_TOUCHED or number > EXCEL_ROWS:
            what = f"The sheet has more than {MAX_ROWS:,} rows, or too many columns."
            found.problems.append(
                Problem(place(row, sheet=found.name), what, "Split it, or delete what is not needed.")
            )
            return
        found.rows.append(row)
    while found.rows and found.rows[-1].is_blank:
        found.rows.pop()


def _row(number: int, cells: tuple[Any, ...], found: Sheet) -> Row:
    row = Row(number=number, cells=[])
    for column, cell in enumerate(cells):
        text, kind = _text(cell)
        row.cells.append(text)
        if kind:
            row.numbers[column] = kind
        if cell.data_type == "e":
            what = f"The cell shows the error {text}."
            where = place(row, sheet=found.name, column=column)
            found.problems.append(Problem(where, what, "Mend its formula, or write the value."))
    while row.cells and not row.cells[-1].strip():
        row.cells.pop()
    return row


def _text(cell: Any) -> tuple[str, str]:
    """A cell as the sheet shows it, and whether it is in truth a number or a date."""
    value = cell.value
    if value is None:
        return "", ""
    if isinstance(value, bool):
        return str(value).upper(), ""
    if isinstance(value, int | float):
        return shown(value, cell.number_format), NUMBER
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return str(value).removesuffix(" 00:00:00"), DATE
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(value)), ""


def shown(value: float, picture: str) -> str:
    """A number by its number format where that has digits to show, else the shortest text that means the number."""
    shape = _PICTURE.fullmatch(picture.split(";", maxsplit=1)[0])
    if not shape:
        return str(int(value)) if float(value).is_integer() else f"{value:.15g}"
    before, grouping, whole, decimals, percent, after = shape.groups()
    places = len(decimals or "")
    width = len(whole) + (places + 1 if places else 0)
    number = f"{value * (100 if percent else 1):{'' if grouping else '0'}{width}{',' if grouping else ''}.{places}f}"
    return _unquoted(before) + number.strip() + percent + _unquoted(after)


def _unquoted(literal: str) -> str:
    return re.sub(r'"([^"]*)"|\\(.)', lambda found: found[1] if found[1] is not None else found[2], literal)
