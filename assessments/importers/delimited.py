"""Rows out of a CSV file, whatever its encoding, its separator and its line ends."""

import csv
import io
import itertools
import re
from typing import Any

from assessments.exceptions import ImportRejected, Problem
from assessments.importers.grids import MAX_ROWS, Row
from assessments.importers.reading import Notice

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright bars", ":": "colons"}
# What a person may choose, as the screen names it, and Python's name.
ENCODINGS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252", "utf-16": "utf-16", "macintosh": "mac-roman"}
SAMPLE = 20

_HINT = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def decoded(content: bytes, encoding: str = "") -> tuple[str, list[Notice]]:
    """The file as text: UTF-8, or else Windows-1252 with a notice, or what was chosen. Never with replacements."""
    if encoding:
        return _strictly(content, encoding), []
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(content, "utf-16"), []
    try:
        return _strictly(content, "utf-8"), []
    except ImportRejected as rejected:
        if b"\x00" in content:
            raise
        try:
            text = _strictly(content, "windows-1252")
        except ImportRejected:
            raise rejected from None
    what = "The file is not UTF-8 and was read as Windows-1252. Check its accents and quotation marks"
    sample = next(word for word in re.split(r"\s+", text, flags=re.ASCII) if not word.isascii())
    line = 1 + text[: text.index(sample)].count("\n")
    return text, [Notice(f"line {line}", f"{what}, such as {sample[:40]!r}.")]


def _strictly(content: bytes, encoding: str) -> str:
    if encoding not in ENCODINGS:
        what = f"The encoding {encoding!r} is not known."
        raise ImportRejected([Problem("file", what, f"Choose one of {', '.join(ENCODINGS)}.")])
    try:
        text = content.decode(ENCODINGS[encoding])
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        what = f"It is not {encoding} text: byte {error.start} cannot be read."
        raise ImportRejected([Problem(f"line {line}", what, "Save the file as UTF-8.")]) from error
    if "\x00" in text:
        place = f"line {1 + text.count(chr(10), 0, text.index(chr(0)))}"
        what = "It holds a NUL: this is not a text file."
        raise ImportRejected([Problem(place, what, "Save the table as CSV in UTF-8, or as an Excel workbook.")])
    return text


def separator(text: str) -> str:
    """The separator by which the heading has most cells and the next rows about as many as the heading."""
    found = {mark: _agreement(text, mark) for mark in SEPARATORS}
    best = max(found, key=lambda mark: found[mark])
    return best if found[best][1] > 1 else ","


def _agreement(text: str, mark: str) -> tuple[bool, int]:
    try:
        rows = [row for row in itertools.islice(_parser(text, mark), SAMPLE) if any(row)]
    except csv.Error:
        return False, 0
    if not rows:
        return False, 0
    width = len(rows[0])
    alike = sum(1 for row in rows[1:] if len(row) == width)
    return alike * 2 >= len(rows) - 1, width


def _parser(text: str, mark: str, *, strict: bool = False) -> Any:  # the class has no name outside its module
    return csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=strict)


def rows(text: str) -> tuple[list[Row], list[Problem], list[Notice]]:
    """All rows, blank ones too. Reading stops at a fault of the quoting, for what follows it cannot be trusted."""
    hint = _HINT.match(text)
    mark = hint[1] if hint else separator(text)
    parser = _parser(text[hint.end() :] if hint else text, mark, strict=True)
    skipped = 1 if hint else 0
    found: list[Row] = []
    problems: list[Problem] = []
    line = 1 + skipped
    try:
        for cells in parser:
            if len(found) > MAX_ROWS:
                what = f"It has more than {MAX_ROWS:,} rows."
                problems.append(Problem(f"line {line}", what, "Split it into several files."))
                break
            found.append(Row(number=len(found) + 1 + skipped, line=line, cells=cells))
            line = parser.line_num + 1 + skipped
    except csv.Error as error:
        problems.append(_fault(f"line {line}", str(error)))
    notices = [] if mark == "," else [Notice("file", f"The cells are separated by {SEPARATORS.get(mark, mark)}.")]
    return found, problems, notices


def _fault(place: str, error: str) -> Problem:
    if "field limit" in error:
        what = f"A cell has more than {csv.field_size_limit():,} characters: a quotation mark may not be closed."
    elif "unexpected end" in error:
        what = "A quotation mark is opened and never closed."
    else:
        what = f"The quotation marks of this row cannot be read ({error})."
    return Problem(place, what, 'Close each quotation mark; write one inside a text twice ("").')
