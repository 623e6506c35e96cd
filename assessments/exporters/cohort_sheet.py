"""A cohort as a sheet: a row a therapist, a column an activity. Values of levels stay text, so nothing is summed."""

import csv
import io
from collections.abc import Iterable

from openpyxl import Workbook

from assessments.exporters.xlsx import packed, text_cell
from assessments.importers.cells import guarded

Row = list[str]


def as_csv(rows: Iterable[Row]) -> bytes:
    """With a byte order mark, or Excel takes it for another encoding."""
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\r\n").writerows([guarded(text) for text in row] for row in rows)
    return sheet.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Iterable[Row]) -> bytes:
    """Every cell is text: nothing in it is a number, a date or a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Cohort")
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = 28
    for row in rows:
        sheet.append([text_cell(sheet, text) for text in row])
    return packed(book)
