import datetime
import io
import time
import zipfile

import openpyxl
import pytest

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import workbooks
from assessments.importers.grids import DATE, NUMBER
from assessments.importers.reading import Notice
from tests import books
from tests.books import SHEET, book, spoilt, xml
from tests.pace import allowed

TOO_MANY = "The workbook holds too many cells."
DAMAGED = "The workbook is damaged and cannot be read."
BROKEN = "The workbook is damaged and cannot be opened."
NO_BOOK = "This is not an Excel workbook (.xlsx)."
DTD = "The workbook declares a document type or entities of its own."


def first(content):
    return workbooks.sheets(content)[0]


def lines(content):
    return [(row.number, row.cells) for row in first(content).rows]


def refusal(content):
    with pytest.raises(ImportRejected) as raised:
        workbooks.sheets(content)
    return raised.value.problems[0].what


def test_cells_are_read_as_text_in_their_places():
    content = book(Items=[["code", "statement"], [], ["A", None, "remark"]])

    assert lines(content) == [(1, ["code", "statement"]), (3, ["A", "", "remark"])]


def test_sheets_come_in_order_with_the_hidden_ones_marked():
    made = openpyxl.Workbook()
    made.active.title = "Shown"
    made.create_sheet("Put away").sheet_state = "veryHidden"

    assert [(sheet.name, sheet.is_hidden) for sheet in workbooks.sheets(books.saved(made))] == [
        ("Shown", False),
        ("Put away", True),
    ]


@pytest.mark.parametrize(
    ("value", "picture", "shown"),
    [
        (1.1000000000000001, "General", "1.1"),
        (0.1 + 0.2, "General", "0.3"),
        (7, "General", "7"),
        (1e20, "General", "100000000000000000000"),
        (1.1, "0.00", "1.10"),
        (7, "000", "007"),
        (1234.5, "#,##0.00", "1,234.50"),
        (0.25, "0%", "25%"),
        (1.1, '"V"0.0', "V1.1"),
        (1.1, "\\V0.0;-0.0", "V1.1"),
        (3, "@", "3"),
    ],
)
def test_number_is_shown_as_the_sheet_shows_it(value, picture, shown):
    row = first(book(Items=[[(value, picture)]])).rows[0]

    assert (row.cells, row.numbers) == ([shown], {0: NUMBER})


def test_date_is_told_as_a_date():
    row = first(book(Items=[[datetime.date(2026, 10, 1)], [datetime.datetime(2026, 10, 1, 9, 30)]])).rows

    assert [each.cells for each in row] == [["2026-10-01"], ["2026-10-01 09:30:00"]]
    assert row[0].numbers == {0: DATE}


def test_date_counts_from_the_workbooks_first_day():
    made = openpyxl.Workbook()
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    made.active["A1"] = datetime.date(2026, 10, 1)

    assert lines(books.saved(made)) == [(1, ["2026-10-01"])]


def test_cells_of_every_kind_are_read():
    row = (
        '<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="inlineStr"><is><t>in </t><r><t>line</t></r></is></c>'
        '<c t="d"><v>2026-10-01</v></c><c t="str"><f>A1</f><v>stored</v></c><c s="9999"><v>1.5</v></c><c><v>2</v></c>'
        "</row>"
    )

    assert lines(books.sheet(row)) == [(1, ["TRUE", "FALSE", "in line", "2026-10-01", "stored", "1.5", "2"])]


def test_shared_text_is_read_without_its_reading_aids():
    texts = f'<sst xmlns="{books.NAMESPACE}"><si><r><t>a</t></r><r><t>b</t></r><rPh><t>x</t></rPh></si></sst>'
    links = (
        '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="rId2" Type="x/sharedStrings" Target="/xl/texts.xml"/></Relationships>'
    )
    row = xml('<row><c t="s"><v>0</v></c></row>')

    content = spoilt({SHEET: row, "xl/texts.xml": texts, "xl/_rels/workbook.xml.rels": links})

    assert lines(content) == [(1, ["ab"])]


def test_escaped_line_end_is_one():
    assert lines(books.sheet('<row><c t="str"><v>a_x000A_b</v></c></row>')) == [(1, ["a\nb"])]


def test_workbook_without_styles_is_read():
    content = spoilt({SHEET: xml("<row><c><v>1.50</v></c></row>")}, drop=["xl/styles.xml"])

    assert lines(content) == [(1, ["1.5"])]


def test_size_that_a_sheet_claims_is_not_believed():
    claimed = xml("<row><c><v>1</v></c></row>").replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')

    assert lines(spoilt({SHEET: claimed})) == [(1, ["1"])]


def test_rows_without_values_are_no_rows():
    blank = '<row r="1"><c r="A1" s="1"/></row><row r="2"><c r="A2"><v>1</v></c></row><row r="9"><c r="XFD9"/></row>'

    assert lines(books.sheet(blank)) == [(2, ["1"])]


def test_formula_is_read_by_its_stored_value():
    sheet = first(books.sheet("<row><c><f>1+1</f><v>3</v></c></row>"))

    what = "1 cells hold formulas; the values stored with them are read, and nothing is calculated."
    assert sheet.rows[0].cells == ["3"]
    assert (sheet.notices, sheet.problems) == ([Notice('sheet "Items"', what)], [])


def test_formula_without_a_stored_value_is_a_problem():
    what = "The cell holds a formula without a stored value."
    mend = "Save the workbook in a spreadsheet program, or write the value."

    assert first(book(Items=[["=1+1"]])).problems == [Problem('sheet "Items", cell A1', what, mend)]


def test_error_in_a_cell_is_a_problem():
    sheet = first(books.sheet('<row><c t="e"><v>#REF!</v></c></row>'))

    assert [str(problem) for problem in sheet.problems] == [
        'sheet "Items", cell A1: The cell shows the error #REF!. Mend its formula, or write the value.'
    ]


def test_too_many_rows_end_the_reading():
    rows = "".join(f'<row r="{number}"><c><v>1</v></c></row>' for number in range(1, 20_100))

    sheet = first(books.sheet(rows))

    assert [problem.what for problem in sheet.problems] == ["The sheet has more than 20,000 rows."]


def test_too_many_columns_end_the_reading():
    sheet = first(books.sheet('<row><c r="GR1"><v>1</v></c><c r="GS1"><v>1</v></c></row>'))

    assert [str(problem) for problem in sheet.problems] == [
        'sheet "Items", cell GS1: The sheet has more than 200 columns. Remove the columns that are not needed.'
    ]


def test_chart_sheet_is_passed_over():
    made = openpyxl.Workbook()
    made.active.append(["statement"])
    made.create_chartsheet("Picture")

    assert [sheet.name for sheet in workbooks.sheets(books.saved(made))] == ["Sheet"]


def package(*parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts:
            made.writestr(name, content)
    return file.getvalue()


def root(target):
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    return ("_rels/.rels", f'<Relationships><Relationship Id="r" Type="{kind}" Target="{target}"/></Relationships>')


REFUSED = {
    "old": (workbooks.OLE + b"Workbook", "This is a workbook of the old kind (.xls)."),
    "locked": (
        workbooks.OLE + "EncryptedPackage".encode("utf-16-le"),
        "The workbook is locked with a password.",
    ),
    "truncated": (book(Items=[["a"]])[:2_000], BROKEN),
    "no zip": (workbooks.ZIP + b"nothing", BROKEN),
    "no book": (package(("a.xml", "<a/>")), NO_BOOK),
    "no part": (package(root("xl/workbook.xml")), NO_BOOK),
    "no sheets": (
        package(root("xl/workbook.xml"), ("xl/workbook.xml", "<a/>"), ("xl/_rels/workbook.xml.rels", "<a/>")),
        NO_BOOK,
    ),
    "word": (package(root("word/document.xml")), "This is a Word document."),
    "parts": (package(*((str(n), "") for n in range(201))), "The workbook has 201 parts; at most 200 are read."),
    "ratio": (
        books.sheet("<row/>" + " " * 2_000_000),
        "Its part 'xl/worksheets/sheet1.xml' grows more than 100-fold when it is unpacked.",
    ),
    "dtd": (spoilt({SHEET: "<!DOCTYPE a><a/>"}), DTD),
    "entity": (spoilt({SHEET: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), DTD),
    "no xml": (spoilt({SHEET: "<worksheet><row>"}), DAMAGED),
    "far row": (books.sheet('<row r="1048577"/>'), DAMAGED),
    "row twice": (books.sheet('<row r="2"/><row r="2"/>'), DAMAGED),
    "far column": (books.sheet('<row><c r="ZZZ1"/></row>'), DAMAGED),
    "no text": (books.sheet('<row><c t="s"><v>9</v></c></row>'), DAMAGED),
}


@pytest.mark.parametrize(("content", "what"), REFUSED.values(), ids=REFUSED)
def test_workbook_is_refused_within_seconds(content, what):
    began = time.process_time()

    assert refusal(content) == what

    assert time.process_time() - began < allowed(5)


def test_more_cells_than_can_be_read_in_seconds_are_refused():
    assert refusal(books.sheet("".join(f"<row><c><v>{n * n}</v></c></row>" for n in range(170_000)))) == TOO_MANY


def test_more_attributes_than_can_be_read_in_seconds_are_refused():
    assert refusal(books.sheet("<row " + " ".join(f'a{n * n}="{n}"' for n in range(1_000_001)) + "/>")) == TOO_MANY


def test_locked_part_is_refused():
    content = bytearray(book(Items=[["a"]]))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1

    assert refusal(bytes(content)) == "The workbook is locked with a password."


def test_unpacked_size_is_limited():
    parts = {f"xl/{number}.bin": bytes(1024**2) for number in range(51)}

    assert refusal(spoilt(parts)) == "Unpacked, the workbook has 51 MB; at most 50 are read."


def test_text_far_too_long_is_a_problem():
    sheet = first(books.sheet('<row><c t="str"><v>' + "ab" * 10_000 + "  and more" * 20_000 + "</v></c></row>"))

    assert [str(problem) for problem in sheet.problems] == [
        'sheet "Items", cell A1: The cell has more than 20,000 characters. Shorten it.'
    ]


def test_damaged_relations_are_refused():
    assert refusal(spoilt({}, drop=["xl/_rels/workbook.xml.rels"])) == DAMAGED
