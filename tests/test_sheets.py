import datetime

import openpyxl
import pytest

from assessments.exceptions import ImportRejected
from assessments.importers import sheets, trees
from assessments.importers.reading import Answers, Notice
from tests import books
from tests.books import book

LIST = [["code", "statement"], ["A", "One"], ["B", "Two"]]
TREE = [["depth", "statement"], ["1", "One"], ["2", "Two"]]


def read(content, **answers):
    return sheets.read("list.xlsx", content, Answers(**answers))


def refusal(name, content, **answers):
    with pytest.raises(ImportRejected) as raised:
        sheets.read(name, content, Answers(**answers))
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("name", "content", "is_table"),
    [
        ("List.CSV", b"a", True),
        ("list.tsv", b"a", True),
        ("list.xlsx", b"", True),
        ("list", book(Items=LIST), True),
        ("list.xls", b"\xd0\xcf\x11\xe0", True),
        ("list.txt", b"a", False),
        ("", b"a,b", False),
    ],
)
def test_table_is_recognised_by_name_or_beginning(name, content, is_table):
    assert sheets.recognises(name, content) is is_table


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.csv", book(Items=LIST), "The file is named as CSV and holds a workbook. Name it .xlsx, or save it as CSV."),
        ("a.xlsx", b"a,b", "The file is named as a workbook and is none. Save it as .xlsx, or name it .csv."),
        ("a.csv", b",,\n,,\n", "It has no rows. Choose another."),
    ],
    ids=["book as csv", "csv as book", "no rows"],
)
def test_file_that_is_no_table_is_refused(name, content, what):
    assert refusal(name, content) == [f"file: {what}"]


def test_csv_file_is_read_with_what_was_tolerated():
    reading = sheets.read("a.csv", "code;statement\nA;client\u2019s\n".encode("cp1252"), Answers())

    assert (reading.format, [node.text for node in reading.nodes]) == ("csv", ["client\u2019s"])
    assert [notice.what.split(".")[0] for notice in reading.notices] == [
        "The file is not UTF-8 and was read as Windows-1252",
        "The cells are separated by semicolons",
    ]


def test_problems_of_text_table_and_tree_come_together():
    text = 'id,parent,statement\na,,One\nb,missing,Two\nc,,"\x01"\nd,,x,y\ne,,"open\n'

    reading = sheets.read("a.csv", text.encode(), Answers())

    assert [(problem.place, problem.what.split(" ")[0]) for problem in reading.problems] == [
        ("line 6", "A"),
        ('row 4, column "statement"', "It"),
        ("row 5", "The"),
        ("row 3", "Its"),
    ]


def test_rows_above_the_heading_are_left_out_with_a_warning():
    text = "Our framework,\n,\nVersion 2,\ncode,statement\nA,One\n"

    reading = sheets.read("a.csv", text.encode(), Answers())

    what = "The heading was found in row 4; what stands above it is left out."
    assert [(node.code, node.text) for node in reading.nodes] == [("A", "One")]
    assert reading.notices == [Notice("row 1", what, is_warning=True)]


def test_remarks_are_left_out_with_a_notice():
    reading = sheets.read("a.csv", b"# ours,\ncode,statement\nA,One\n# end\n", Answers())

    what = "2 rows that begin with # are taken for remarks and left out."
    assert ([node.text for node in reading.nodes], reading.notices) == (["One"], [Notice("file", what)])


def test_workbook_is_read_with_cells_as_places():
    reading = read(book(Items=[["code", "statement"], ["A", ""]]))

    assert (reading.format, reading.table.sheet, reading.table.sheets) == ("xlsx", "Items", ["Items"])
    assert [(node.place, node.code) for node in reading.nodes] == [('sheet "Items", row 2', "A")]
    assert [problem.place for problem in reading.problems] == ['sheet "Items", row 2']


def test_sheet_with_a_tree_is_read_before_others():
    reading = read(book(About=[["Read me"]], Glossary=LIST, Items=TREE))

    what = "The sheet 'Items' was read as the framework, and not 'About', 'Glossary'."
    assert trees.depths(reading.nodes) == [1, 1]
    assert reading.notices == [Notice("file", what)]


def test_first_of_sheets_alike_is_read():
    parents = [["Domain", "Statement"], ["A", "One"], ["A", "Two"]]

    assert read(book(One=LIST, Two=parents, Three=parents)).table.sheet == "Two"


def test_chosen_sheet_is_read():
    reading = read(book(Glossary=LIST, Items=TREE), sheet="Glossary")

    assert [node.code for node in reading.nodes] == ["A", "B"]


def hidden():
    made = openpyxl.Workbook()
    made.active.append(["statement"])
    made.active.append(["shown"])
    away = made.create_sheet("Away")
    away.append(["depth", "statement"])
    away.append(["1", "away"])
    away.sheet_state = "hidden"
    return books.saved(made)


def test_hidden_sheet_is_ignored_with_a_notice():
    reading = read(hidden())

    assert [node.text for node in reading.nodes] == ["shown"]
    assert reading.notices == [Notice("file", "Hidden sheets are ignored: 'Away'.")]


def test_hidden_sheet_is_read_when_chosen():
    assert [node.text for node in read(hidden(), sheet="Away").nodes] == ["away"]


def test_unknown_sheet_is_refused():
    assert refusal("a.xlsx", book(Items=LIST), sheet="Else") == [
        "file: The workbook has no sheet 'Else'. Choose one of 'Items'."
    ]


def test_workbook_without_rows_is_refused():
    assert refusal("a.xlsx", book(Items=[[]])) == [
        "file: It has no rows on a visible sheet. Show the sheet, or choose another."
    ]


def test_chosen_sheet_without_rows_is_refused_with_its_problems():
    content = books.sheet('<row><c r="A1"><f>1</f></c></row>')

    assert [line.partition(". ")[0] for line in refusal("a.xlsx", content, sheet="Items")] == [
        'sheet "Items", cell A1: The cell holds a formula without a stored value',
        'sheet "Items": It has no rows on a visible sheet',
    ]


def test_numbers_that_are_one_code_for_two_entries_are_a_problem():
    reading = read(book(Items=[["code", "statement"], [1.1, "One"], [1.10, "Ten"]]))

    assert [str(problem) for problem in reading.problems] == [
        'sheet "Items", row 3: The code \'1.1\' already stands at sheet "Items", row 2, as a number: '
        "1.1 and 1.10 are one number. Give each entry a code of its own, as text."
    ]


def test_number_format_keeps_codes_apart():
    reading = read(book(Items=[["code", "statement"], [(1.1, "0.0"), "One"], [(1.10, "0.00"), "Ten"]]))

    assert ([node.code for node in reading.nodes], reading.problems) == (["1.1", "1.10"], [])


def test_number_that_is_one_code_for_two_ancestors_is_a_problem():
    rows = [["area id", "area name", "statement"], [1.1, "Search", "One"], [1.10, "Safety", "Two"]]

    assert [str(problem) for problem in read(book(Items=rows)).problems] == [
        "sheet \"Items\", cell B3: '1.1' has two titles: 'Search' at sheet \"Items\", row 2, and 'Safety'. "
        "The code is a number in the sheet, where 1.1 and 1.10 are one. "
        "Keep one of the two, or give each a code of its own, as text."
    ]


def test_code_that_became_a_date_is_a_problem():
    reading = read(book(Items=[["code", "statement"], [datetime.date(2026, 10, 1), "One"]]))

    assert [str(problem) for problem in reading.problems] == [
        'sheet "Items", cell A2: The cell holds the date 2026-10-01, not a code. '
        "Format the column as text and type the code again."
    ]


def test_fields_of_the_document_come_from_a_sheet_of_one_row():
    document = [["title", "creator", "version", "adoptionStatus"], ["Ours", "We", "2", "Draft"]]

    assert read(book(CF_Doc=document, CF_Item=TREE)).metadata == {"title": "Ours", "authors": "We", "number": "2"}


def test_fields_of_the_document_come_from_a_sheet_of_two_columns():
    library = [["type", "library"], ["name", "Ours"], ["locale", "en"], ["version", None]]
    answers = [["type", "answers"], ["name", "Not this"]]

    assert read(book(answers=answers, library=library, content=TREE)).metadata == {"title": "Ours", "language": "en"}


ITEMS = [["identifier", "fullStatement"], ["item-number-one", "One"], ["item-number-two", "Two"], [], [None, "Three"]]
LINKS = [
    ["originNodeIdentifier", "associationType", "destinationNodeIdentifier", "note"],
    ["item-number-one", "Is Child Of", "the-document", None],
    ["item-number-two", "Is Child Of", "item-number-one", None],
    ["item-number-two", "Replaced By", "elsewhere", None],
]


def test_parents_come_from_a_sheet_of_links():
    reading = read(book(CF_Item=ITEMS, CF_Association=LINKS))

    assert (trees.depths(reading.nodes), reading.problems) == ([2, 1], [])
    assert reading.kept == {
        "associations": [
            {
                "originNodeIdentifier": "item-number-two",
                "associationType": "Replaced By",
                "destinationNodeIdentifier": "elsewhere",
            }
        ]
    }


def test_numbers_too_long_for_a_computer_are_put_in_order():
    listed = [f"{digit * 5_000},Entry {digit}" for digit in "21"]

    reading = sheets.read("a.csv", "\n".join(["position,title", *listed]).encode(), Answers())

    assert [node.title for node in reading.nodes] == ["Entry 1", "Entry 2"]


def test_position_in_the_table_counts_before_a_sheet_of_links():
    items = [["identifier", "fullStatement", "smartLevel"], ["a", "One", "1"], ["b", "Two", "2"]]

    reading = read(book(CF_Item=items, CF_Association=LINKS[:3]))

    assert (trees.depths(reading.nodes), reading.kept) == ([2], {})


def test_links_alone_are_no_framework():
    assert read(book(CF_Association=LINKS)).nodes == []
