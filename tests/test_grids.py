import pytest

from assessments.exceptions import Problem
from assessments.importers import grids
from assessments.importers.grids import Row
from assessments.importers.reading import Notice


def rows(*lines):
    return [Row(number=number, line=number, cells=cells) for number, cells in enumerate(lines, start=1)]


def problems(*lines):
    return grids.grid(rows(*lines), 0)[1]


@pytest.mark.parametrize(("raw", "text"), [("  a  ", "a"), ("'=1+1", "=1+1"), ("''=1+1", "'=1+1"), ("'tis", "'tis")])
def test_cell_is_tidied_and_its_guard_taken_away(raw, text):
    assert grids.grid(rows(["name"], [raw]), 0)[0].rows[0].cells == [text]


def test_cell_with_a_fault_is_a_problem():
    what = "It holds a control character (U+0000)."
    assert problems(["name"], ["a\x00b"]) == [Problem('row 2, column "name"', what, "Remove it.")]


@pytest.mark.parametrize("text", ["plain", "two\nlines", "caf\u00e9", "tab\there"])
def test_ordinary_text_has_no_fault(text):
    assert grids.grid(rows(["name"], [text]), 0)[1:] == ([], [])


def test_long_text_is_confirmed():
    notices = grids.grid(rows(["name"], ["x" * 2_001]), 0)[2]

    what = "A text of 2,001 characters is long for a statement."
    assert notices == [Notice('row 2, column "name"', what, is_warning=True)]


def test_ghost_of_an_old_encoding_is_confirmed():
    notices = grids.grid(rows(["name"], ["Mus\x8ee"]), 0)[2]

    what = "After 'Mus' stands an invisible character (U+008E), perhaps in place of a letter."
    assert notices == [Notice('row 2, column "name"', what, is_warning=True)]


def test_blank_rows_and_trailing_cells_are_passed_over():
    grid, faults, _ = grids.grid(rows(["a", "b", ""], [], ["1"], ["2", "3", "", ""]), 0)

    assert ([row.cells for row in grid.rows], faults) == ([["1", ""], ["2", "3"]], [])


def test_row_wider_than_the_heading_is_a_problem():
    what = "The row has 3 cells, but the heading 2; the first beyond it is 'c'."
    mend = "Put quotation marks around a text that holds the separator."

    assert problems(["x", "y"], ["a", "b", "c"]) == [Problem("row 2", what, mend)]


def test_two_columns_of_one_name_are_a_problem():
    grid, faults, _ = grids.grid(rows(["Name", "name"], ["a", "b"]), 0)

    assert grid.heads == ["Name", "name (column B)"]
    assert [str(problem) for problem in faults] == [
        "row 1, column B: Two columns are named 'name'. Give each column a name of its own."
    ]


def test_column_without_a_name_gets_its_letter():
    grid, _, _ = grids.grid(rows(["a", "", "c"], ["1", "2", "3"]), 0)

    assert grid.heads == ["a", "(column B)", "c"]


def test_column_of_a_workbook_without_a_head_is_read():
    grid, _, _ = grids.grid([Row(1, ["a"]), Row(2, ["1", "2"])], 0)

    assert [row.cells for row in grid.rows] == [["1", "2"]]


def test_too_many_columns_are_a_problem():
    assert [problem.what for problem in problems(["x" + str(n) for n in range(201)])] == [
        "It has 201 columns; at most 200 are read."
    ]


def test_place_names_row_and_line_where_they_differ():
    row = Row(number=14, line=37, cells=["x"])

    assert grids.place(row, column=0, head="req_id") == 'row 14 (line 37), column "req_id"'


def test_place_in_a_workbook_is_a_cell():
    assert grids.place(Row(14, []), sheet="CF Item", column=2) == 'sheet "CF Item", cell C14'
