"""The template of an earlier form: what it offers, what it keeps fixed, and that it comes back as it was filled."""

import datetime
import io

import openpyxl
import pytest

from assessments.exporters import form_template
from assessments.importers import filled_forms, own_yaml
from assessments.importers.filled_forms import FilledRating
from assessments.importers.form_layout import answers, choices, rateable
from assessments.queries import FORM_WORDS
from assessments.revisions import PointData
from assessments.scoring import NOT_APPLICABLE, NOT_OBSERVED
from tests import factories
from tests.conftest import FIXTURES
from tests.filled import ABOUT, fill, saved, template

TODAY = datetime.date(2026, 11, 27)
DATA = factories.make_revision_data()


@pytest.fixture(scope="module")
def ipt():
    return own_yaml.read((FIXTURES / "ipt-1.0.yaml").read_bytes())


def rows(sheet):
    return [["" if value is None else value for value in row] for row in sheet.iter_rows(values_only=True)]


def test_template_has_a_row_for_each_rateable_competence():
    assert rows(template(DATA)["Ratings"]) == [
        ["Activity", "Code", "Statement", "Level", "Note", "Concern", "Priority", "Time"],
        ["A1 Ability to listen", "A1.1", "Knowledge of what listening asks for.", *[""] * 5],
        ["A1 Ability to listen", "A1.2", "An ability to listen.", *[""] * 5],
        ["A1a Ability to listen for silences", "A1a.1", "A stance of patience with silence.", *[""] * 5],
    ]


def test_template_has_a_row_for_a_sub_point_that_is_rateable():
    data = factories.make_revision_data()
    points = data.domains[0].activities[0].competences[0].points
    points.append(PointData("a1-1-b", "A1.1.b", "Patience.", is_rateable=True))

    assert [node.code for _, node in rateable(data)] == ["A1.1", "A1.1.b", "A1.2", "A1a.1"]


def test_template_says_which_revision_it_is_for():
    assert [row[:2] for row in rows(template(DATA)["About"])[3:5]] == [["Framework", "small"], ["Revision", "1.0"]]


def test_template_says_what_may_stand_in_each_field():
    hints = {row[0]: row[2] for row in rows(template(DATA)["About"])}

    assert hints["What it rests on"].startswith("Recorded session, Live session, Role play, Case report or Super")
    assert hints["Phase"] == "Initial, Middle, Ending or Maintenance, or blank."
    assert [label for label, hint in hints.items() if label and not hint] == ["Earlier form"]


def test_levels_are_listed_with_their_anchors(ipt):
    listed = rows(template(ipt)["Levels"])

    assert [row[0] for row in listed] == ["Level", *choices(ipt.scale)]
    assert listed[1][1:] == [ipt.scale.levels[0].skill, ipt.scale.levels[0].knowledge, ipt.scale.levels[0].attitude]


def test_every_choice_that_the_template_offers_is_an_answer(ipt):
    assert {choice.casefold() for choice in choices(ipt.scale)} <= set(answers(ipt.scale))


def test_lists_to_choose_from_cover_every_row():
    book = template(DATA)

    offered = {
        str(rule.sqref): rule.formula1
        for sheet in [book["About"], book["Ratings"]]
        for rule in sheet.data_validations.dataValidation
    }

    assert offered == {
        "B7": '"Recorded session,Live session,Role play,Case report,Supervision discussion"',
        "B8": '"yes"',
        "B11": '"Initial,Middle,Ending,Maintenance"',
        "B12": '"Grief,Role dispute,Role transition,Interpersonal sensitivity"',
        "D2:D4": "Levels!$A$2:$A$6",
        "F2:G4": '"yes"',
    }


def test_lists_refuse_no_other_way_to_write_it():
    rules = template(DATA)["Ratings"].data_validations.dataValidation

    assert [rule.showErrorMessage for rule in rules] == [False, False]


def test_only_what_is_filled_in_is_open_to_change():
    book = template(DATA)

    opened = {
        f"{sheet.title} {cell.coordinate}"
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }

    assert [sheet.protection.sheet for sheet in book.worksheets] == [True, True, True]
    assert opened == {f"About B{row}" for row in range(6, 16)} | {
        f"Ratings {column}{row}" for column in "DEFGH" for row in range(2, 5)
    }


def test_no_cell_is_a_formula():
    data = factories.make_revision_data(title="=1+1", number="=2")
    data.domains[0].activities[0].competences[1] = factories.CompetenceData(
        "a1-2", "A1.2", "skill", "=cmd|' /C calc'!A0"
    )

    cells = [cell for sheet in template(data).worksheets for row in sheet.iter_rows() for cell in row]

    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert [cell.quotePrefix for cell in cells if str(cell.value).startswith("=cmd")] == [True]


def test_template_has_the_same_bytes_each_time():
    assert form_template.write(DATA, FORM_WORDS) == form_template.write(DATA, FORM_WORDS)


def test_template_names_its_framework_where_nobody_holds_the_rights():
    assert template(DATA).properties.creator == "Small framework"


def test_whole_template_comes_back_as_it_was_filled(ipt):
    marks = [*range(1, len(ipt.scale.levels) + 1), NOT_OBSERVED, NOT_APPLICABLE]
    written = choices(ipt.scale)
    given, expected = {}, []
    for number, (_, node) in enumerate(rateable(ipt)):
        place = number % len(marks)
        note, is_yes = f"Note {number}, “quoted” & <b>\nsecond line", number % 3 == 0
        given[node.code] = {
            "Level": written[place],
            "Note": note,
            "Concern": "yes" if is_yes else None,
            "Priority": None if is_yes else "yes",
            "Time": f"{number}:07",
        }
        expected.append(FilledRating(node.code, marks[place], note, is_yes, not is_yes, number * 60 + 7))

    content = saved(fill(template(ipt), ABOUT, given))
    form = filled_forms.read(content, ipt, FORM_WORDS, today=TODAY)

    assert (form.problems, form.notices, form.ratings) == ([], [], expected)


def test_template_opens_in_a_reader_of_values():
    content = form_template.write(DATA, FORM_WORDS)

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)

    assert book.sheetnames == ["About", "Ratings", "Levels"]
