r"""CSV as PHP writes and reads it: a quotation mark after a backslash is not doubled and does not end the cell."""

import re
from collections.abc import Iterator

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import grids
from assessments.importers.grids import Row
from assessments.importers.reading import MAX_NODES

MAX_ROWS = 2 * MAX_NODES  # blank ones too
MAX_CELLS = 30  # in a row; Moodle has 14 columns

# As PHP does it, and as everybody else does: there a backslash is a letter like any other.
_PHP = re.compile(r'"((?:[^"\\]++|\\.|"")*+)("?)', re.DOTALL)
_PLAIN = re.compile(r'"((?:[^"]++|"")*+)("?)')


def rows(text: str, mark: str, *, escapes: bool = True) -> Iterator[Row]:
    """Every row, blank ones too, with its number and its line. Raises ImportRejected at an unclosed mark."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    bare = re.compile(f"[^{re.escape(mark)}\n]*+")
    start, number, line = 0, 0, 1
    while start < len(text):
        number += 1
        row = Row(number=number, cells=[], line=line)
        if number > MAX_ROWS:
            raise _refused(row, f"The file has more than {MAX_ROWS:,} rows.", "Split it into several files.")
        newline = text.find("\n", start)
        end = len(text) if newline < 0 else newline
        if '"' not in text[start:end]:
            cells = _split(text[start:end], mark, row)
        else:
            cells, end = _cells(text, start, _PHP if escapes else _PLAIN, bare, row)
        yield Row(number=number, cells=cells if any(cells) else [], line=line)
        line += text.count("\n", start, end) + 1
        start = end + 1


def _split(line: str, mark: str, row: Row) -> list[str]:
    if line.count(mark) >= MAX_CELLS:
        raise _too_wide(row)
    return line.split(mark)


def _cells(text: str, start: int, quoted: re.Pattern[str], bare: re.Pattern[str], row: Row) -> tuple[list[str], int]:
    """The cells of one row and where it ends."""
    cells: list[str] = []
    while len(cells) < MAX_CELLS:
        cell = ""
        if found := quoted.match(text, start):
            if not found[2]:
                what = "A quotation mark is opened in this row and never closed."
                raise _refused(row, what, 'Close it; write one inside a text twice ("").')
            cell, start = found[1].replace('""', '"'), found.end()
        # What stands behind a closing mark belongs to the cell, as in PHP.
        end = next(bare.finditer(text, start)).end()
        cells.append(cell + text[start:end])
        if end >= len(text) or text[end] == "\n":
            return cells, end
        start = end + 1
    raise _too_wide(row)


def _too_wide(row: Row) -> ImportRejected:
    mend = "Put quotation marks around a text that holds the separator."
    return _refused(row, f"The row has more than {MAX_CELLS} cells.", mend)


def _refused(row: Row, what: str, mend: str) -> ImportRejected:
    return ImportRejected([Problem(grids.place(row), what, mend)])
