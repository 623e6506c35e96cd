"""Workbooks for tests: made in memory, and spoilt part by part."""

import io
import zipfile

import openpyxl

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


def book(**sheets):
    """A workbook of named sheets, each a list of rows; a row's cell may be a pair of value and number format."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name.replace("_", " "))
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(number, column)
                if isinstance(value, tuple):
                    cell.value, cell.number_format = value
                else:
                    cell.value = value
    return saved(made)


def saved(made):
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def spoilt(parts, content=None, drop=()):
    """The workbook with some of its parts replaced or added by their names, and some left out."""
    old = zipfile.ZipFile(io.BytesIO(content or book(Items=[["statement"], ["one"]])))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in ({name: old.read(name) for name in old.namelist()} | parts).items():
            if name not in drop:
                new.writestr(name, part)
    return file.getvalue()


def sheet(rows):
    """A workbook whose only sheet has this XML for its rows."""
    return spoilt({SHEET: xml(rows)})


def xml(rows):
    """A sheet's XML around its rows."""
    return f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'
