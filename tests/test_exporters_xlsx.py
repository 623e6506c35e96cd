import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from assessments.exporters import xlsx
from assessments.importers import own_yaml
from assessments.revisions import ActivityData, CompetenceData, DomainData, PageData
from tests import factories

SMALL = own_yaml.read((Path(__file__).parent / "files" / "small.yaml").read_bytes())


def book(data):
    return openpyxl.load_workbook(io.BytesIO(xlsx.write(data)))


def rows(sheet):
    return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]


def with_statement(text):
    competence = CompetenceData("c", "C1", "skill", text)
    return factories.make_revision_data(
        domains=[
            DomainData(
                "a", "A", "First", "First", activities=[ActivityData("b", "B", "T", "T", competences=[competence])]
            )
        ]
    )


def test_competences_stand_one_a_row():
    assert rows(book(SMALL)["Competences"]) == [
        [
            "Domain",
            "Activity",
            "Code",
            "Kind",
            "Competence",
            "What to look for",
            "Guidance",
            "Under",
            "Safety-critical",
        ],
        [
            "A First domain",
            "A1 Ability to listen",
            "A1.1",
            "Knowledge",
            "Knowledge of what listening asks for.",
            "A1.1.a Attention.\nA1.1.b Time.",
            "Ask for an example.\nWait for it.",
            "Basics",
            "Yes",
        ],
        [
            "A First domain",
            "A1a Ability to bear silences",
            "A1a.1",
            "Attitude",
            "A stance of patience.",
            "",
            "",
            "",
            "",
        ],
    ]


def test_columns_in_which_nothing_stands_are_left_out():
    sheet = book(with_statement("An ability."))["Competences"]

    assert rows(sheet)[0] == ["Domain", "Activity", "Code", "Kind", "Competence"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:E2")


def test_list_without_competences_keeps_its_head():
    data = factories.make_revision_data(domains=[DomainData("a", "A", "First", "First")])

    assert rows(book(data)["Competences"]) == [["Domain", "Activity"]]


def test_scale_says_what_each_answer_means():
    assert rows(book(SMALL)["Scale"]) == [
        ["Value", "Label", "For a skill", "For knowledge", "For an attitude", "Supervision"],
        ["yes", "Met", "Done.", "Known.", "Held.", "None."],
        ["no", "Not met", "", "", "", ""],
        ["", "Not observed", "Nothing called for it.", "", "", ""],
    ]


def test_scale_with_not_applicable_says_what_it_means():
    scale = factories.make_scale_data(not_applicable="Outside the programme.")

    assert rows(book(factories.make_revision_data(scale=scale))["Scale"])[-1][1:] == [
        "Not applicable",
        "Outside the programme.",
    ]


def test_about_names_rights_and_notice():
    about = rows(book(SMALL)["About"])

    assert about[0][0] == "Small list 1.10"
    assert ["Licence", "CC0"] in about
    assert ["Notice", "Only a test."] in about
    assert ["About", "In short.\n\nAt length."] in about
    assert "Commissioner" not in [row[0] for row in about]


@pytest.mark.parametrize(
    "text", ["=1+1", "+44", "-1", "@SUM(A1)", "\tx", "1.10", "12:30", "2026-11-30", "TRUE", "#REF!"]
)
def test_every_cell_is_text(text):
    sheet = book(with_statement(text))["Competences"]

    cell = sheet["E2"]

    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", text[0] in "=+-@\t")


def test_workbook_holds_no_formula():
    with zipfile.ZipFile(io.BytesIO(xlsx.write(with_statement('=HYPERLINK("https://example.org")')))) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/" in name]

    assert [sheet for sheet in sheets if re.search(rb"<f[ >]", sheet)] == []


def test_what_xml_cannot_hold_is_left_out():
    assert book(with_statement("a\x00b\x0bc\uffffd"))["Competences"]["E2"].value == "abcd"


def test_footer_carries_the_notice():
    data = factories.make_revision_data(notice="Read & rate.", pages=[PageData("p", "P", "S", "T")])

    sheet = book(data)["Competences"]

    assert (sheet.oddFooter.left.text, sheet.oddFooter.right.text) == ("Read && rate.", "Page &P of &N")


def test_same_revision_gives_the_same_bytes():
    assert xlsx.write(SMALL) == xlsx.write(SMALL)


def test_time_of_packing_is_not_told():
    with zipfile.ZipFile(io.BytesIO(xlsx.write(SMALL))) as archive:
        core = archive.read("docProps/core.xml").decode()

    assert re.findall(r"\d{4}-\d\d-\d\dT", core) == ["2000-01-01T"] * 2
    assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
