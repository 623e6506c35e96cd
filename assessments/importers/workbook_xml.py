"""What the XML inside a workbook says: its sheets, its texts, its number formats and its cells.

Only the parts and tags that say something about a table are looked at, one tag at a time and without building a tree:
a library that reads everything spends minutes on a file made to be slow.
"""

import datetime
import io
import re
from dataclasses import dataclass, field
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import defusedxml.sax
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from assessments.exceptions import Problem
from assessments.importers.grids import DATE, MAX_ROWS, NUMBER, Row, place
from assessments.importers.reading import MAX_COLUMNS, MAX_TEXT

# A cell's text is cut where it is far beyond what is read, so that nothing later has to carry it.
CUT, SHOWN = MAX_TEXT + 1, 60
EXCEL_ROWS, EXCEL_COLUMNS = 1_048_576, 16_384

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LITERAL = r'((?:"[^"]*"|\\.)*)'
_PICTURE = re.compile(rf"{_LITERAL}(#,##)?(0+)(?:\.(0+))?(%?){_LITERAL}")


class _Stopped(Exception):
    """Enough was read to know that the rest need not be."""


class _Handler(ContentHandler):
    """Tags by their own names, whatever prefix a producer gives them; `text` holds what stood since it was emptied."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.length = 0

    def characters(self, content: str) -> None:
        if self.length < CUT:
            self.text.append(content)
            self.length += len(content)

    def taken(self) -> str:
        text = "".join(self.text)[:CUT]
        self.text, self.length = [], 0
        return text

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  the library's name
        self.begin(name.rpartition(":")[2], attrs)

    def endElement(self, name: str) -> None:  # noqa: N802  the library's name
        self.end(name.rpartition(":")[2])

    def begin(self, tag: str, attrs: AttributesImpl) -> None:
        """A tag opens."""

    def end(self, tag: str) -> None:
        """A tag closes."""


def parse(part: bytes, handler: ContentHandler) -> None:
    """Raises what the parser raises: a damaged part, or one with a document type or entities of its own."""
    try:
        defusedxml.sax.parse(io.BytesIO(part), handler, forbid_dtd=True)
    except _Stopped:
        return


class Relations(_Handler):
    """The targets of a part's relations by id, and by the last word of their kind; and which ids are of sheets."""

    def __init__(self, part: bytes) -> None:
        super().__init__()
        self.by_id: dict[str, str] = {}
        self.by_kind: dict[str, str] = {}
        self.sheets: set[str] = set()
        parse(part, self)

    def begin(self, tag: str, attrs: AttributesImpl) -> None:
        if tag == "Relationship":
            self.by_id[attrs["Id"]] = attrs["Target"]
            kind = attrs["Type"].rpartition("/")[2]
            self.by_kind[kind] = attrs["Target"]
            if kind == "worksheet":
                self.sheets.add(attrs["Id"])


class Outline(_Handler):
    """The sheets in order: name, id of the relation, and whether it is hidden."""

    def __init__(self, part: bytes) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, bool]] = []
        self.epoch = CALENDAR_WINDOWS_1900
        parse(part, self)

    def begin(self, tag: str, attrs: AttributesImpl) -> None:
        if tag == "sheet":
            relation = next(value for name, value in attrs.items() if name.endswith(":id"))
            self.sheets.append((attrs["name"], relation, attrs.get("state", "visible") != "visible"))
        elif tag == "workbookPr" and attrs.get("date1904") in ("1", "true"):
            self.epoch = CALENDAR_MAC_1904


class Texts(_Handler):
    """The shared texts, without the readings that some languages print above a word."""

    def __init__(self, part: bytes) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._is_reading = False
        parse(part, self)

    def begin(self, tag: str, attrs: AttributesImpl) -> None:
        if tag == "rPh":
            self._is_reading = True
        self.taken()

    def end(self, tag: str) -> None:
        if tag == "t" and not self._is_reading:
            self._parts.append(self.taken())
        elif tag == "rPh":
            self._is_reading = False
        elif tag == "si":
            self.texts.append("".join(self._parts)[:CUT])
            self._parts = []


class Formats(_Handler):
    """The number format of each style of a cell."""

    def __init__(self, part: bytes) -> None:
        super().__init__()
        self.formats: list[str] = []
        self._codes: dict[int, str] = dict(BUILTIN_FORMATS)
        self._is_inside = False
        parse(part, self)

    def begin(self, tag: str, attrs: AttributesImpl) -> None:
        if tag == "numFmt":
            self._codes[int(attrs["numFmtId"])] = attrs["formatCode"]
        elif tag == "cellXfs":
            self._is_inside = True
        elif tag == "xf" and self._is_inside:
            self.formats.append(self._codes.get(int(attrs.get("numFmtId", "0")), "General"))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._is_inside = False


@dataclass
class Meaning:
    """What a sheet's cells refer to: the workbook's texts, formats and first day."""

    texts: list[str]
    formats: list[str]
    epoch: datetime.datetime

    def of(self, value: str, kind: str, style: int) -> tuple[str, str]:
        """A cell as the sheet shows it, and whether it is in truth a number or a date."""
        if kind == "s":
            return unescaped(self.texts[int(value)]), ""
        if kind == "b":
            return ("TRUE" if value == "1" else "FALSE"), ""
        if kind == "d":
            return value, DATE
        if kind != "n":
            return unescaped(value), ""
        picture = self.formats[style] if style < len(self.formats) else "General"
        if is_date_format(picture):
            return str(from_excel(float(value), self.epoch)).removesuffix(" 00:00:00"), DATE
        return shown(float(value), picture), NUMBER


@dataclass
class Found:
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    formulas: int = 0


class Cells(_Handler):
    """The cells of one sheet that hold something. What the sheet claims of its own size is not asked."""

    def __init__(self, part: bytes, meaning: Meaning, sheet: str) -> None:
        super().__init__()
        self.found = Found()
        self._meaning, self._sheet = meaning, sheet
        self._row, self._column = Row(number=0, cells=[]), -1
        self._kind, self._style, self._value = "n", 0, ""
        self._has_formula = False
        parse(part, self)
        if self.found.rows and self.found.rows[-1].is_blank:
            self.found.rows.pop()

    def begin(self, tag: str, attrs: AttributesImpl) -> None:
        if tag == "row":
            self._open_row(int(float(attrs.get("r", str(self._row.number + 1)))))
        elif tag == "c":
            reference = _REFERENCE.fullmatch(attrs.get("r", ""))
            self._column = column_index_from_string(reference[1]) - 1 if reference else self._column + 1
            if self._column >= EXCEL_COLUMNS:
                raise ValueError("no such column")
            self._kind, self._style = attrs.get("t", "n"), int(attrs.get("s", "0"))
            self._value, self._has_formula = "", False
        elif tag == "f":
            self._has_formula = True
        self.taken()

    def end(self, tag: str) -> None:
        if tag == "v" or (tag == "t" and self._kind == "inlineStr"):
            self._value += self.taken()
        elif tag == "c":
            self._close_cell()

    def _open_row(self, number: int) -> None:
        if self.found.rows and self.found.rows[-1].is_blank:
            self.found.rows.pop()
        if number <= self._row.number or number > EXCEL_ROWS:
            raise ValueError("rows out of order")
        self._row, self._column = Row(number=number, cells=[]), -1
        self.found.rows.append(self._row)
        if len(self.found.rows) > MAX_ROWS + 1:
            self._problem(None, f"The sheet has more than {MAX_ROWS:,} rows.", "Split it into several.")
            raise _Stopped

    def _problem(self, column: int | None, what: str, mend: str) -> None:
        self.found.problems.append(Problem(place(self._row, sheet=self._sheet, column=column), what, mend))

    def _close_cell(self) -> None:
        self.found.formulas += self._has_formula
        if not self._value:
            if self._has_formula:
                mend = "Save the workbook in a spreadsheet program, or write the value."
                self._problem(self._column, "The cell holds a formula without a stored value.", mend)
            return
        text, kind = self._meaning.of(self._value, self._kind, self._style)
        if len(text) >= CUT:
            self._problem(self._column, f"The cell has more than {MAX_TEXT:,} characters.", "Shorten it.")
            text = text[:SHOWN]
        if self._column >= MAX_COLUMNS:
            what = f"The sheet has more than {MAX_COLUMNS} columns."
            self._problem(self._column, what, "Remove the columns that are not needed.")
            raise _Stopped
        if self._kind == "e":
            self._problem(self._column, f"The cell shows the error {text}.", "Mend its formula, or write the value.")
        self._row.cells.extend([""] * (self._column + 1 - len(self._row.cells)))
        self._row.cells[self._column] = text
        if kind:
            self._row.numbers[self._column] = kind


def unescaped(text: str) -> str:
    """Excel writes characters that XML does not allow, and line ends, as `_x000D_`."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def shown(value: float, picture: str) -> str:
    """A number by its number format where that has digits to show, else the shortest text that means the number."""
    shape = _PICTURE.fullmatch(picture.split(";", maxsplit=1)[0])
    if not shape:
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    before, grouping, whole, decimals, percent, after = shape.groups()
    places = len(decimals or "")
    width = len(whole) + (places + 1 if places else 0)
    number = f"{value * (100 if percent else 1):0{width}{',' if grouping else ''}.{places}f}"
    return _unquoted(before) + number + percent + _unquoted(after)


def _unquoted(literal: str) -> str:
    return re.sub(r'"([^"]*)"|\\(.)', lambda found: found[1] if found[1] is not None else found[2], literal)
