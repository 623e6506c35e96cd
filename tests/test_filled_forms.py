"""Filled templates: what is understood of them, and every problem with its place."""

import datetime
import time

import openpyxl
import pytest

from assessments.exceptions import ImportRejected
from assessments.importers import filled_forms
from assessments.importers.filled_forms import MAX_BYTES, FilledRating
from assessments.importers.form_layout import MAX_NOTE, answers, choices
from assessments.models.assessment import Source
from assessments.queries import FORM_WORDS
from assessments.revisions import LevelData
from assessments.scoring import NOT_APPLICABLE, NOT_OBSERVED, NOT_RATED
from tests import books, factories
from tests.filled import fill, filled, saved, template
from tests.pace import allowed

DATA = factories.make_revision_data()
TODAY = datetime.date(2026, 11, 27)
MOST_SECONDS = allowed(5)


def read(content):
    return filled_forms.read(content, DATA, FORM_WORDS, today=TODAY)


def of(ratings=None, **about):
    return read(filled(DATA, {"A1.1": "2"} if ratings is None else ratings, **about))


def told(form):
    return [str(problem) for problem in form.problems]


def noticed(form):
    return [f"{notice.place}: {notice.what}" for notice in form.notices]


def changed(change, ratings=None):
    """The form of a template that somebody changed by hand."""
    book = fill(template(DATA), {"session_on": "31/10/2025", "source": "Role play"}, ratings or {"A1.1": "2"})
    change(book)
    return read(saved(book))


def at(sheet, cell, value):
    return lambda book: book[sheet].__setitem__(cell, value)


# what is understood


def test_form_is_understood_as_filled():
    form = of(
        {
            "A1.1": {"Level": "2 Partly met", "Note": "Named it.\nTwice.", "Time": "14:20"},
            "A1.2": {"Level": "not observed", "Priority": "yes"},
            "A1a.1": {"Level": "1", "Note": "Alarmed.", "Concern": "yes"},
        },
        session_on="2 November 2025",
        source="Recorded session",
        is_consent_confirmed="yes",
        session_number=7,
        phase="middle",
        problem_area="Role dispute",
        summary="Steady.",
    )

    assert told(form) == noticed(form) == []
    assert form.context == {
        "session_on": datetime.date(2025, 11, 2),
        "source": "recorded",
        "is_consent_confirmed": True,
        "case_number": 2,
        "session_number": 7,
        "phase": "middle",
        "problem_area": "dispute",
    }
    assert form.texts == {"summary": "Steady.", "strengths": "", "needs": ""}
    assert form.ratings == [
        FilledRating("A1.1", 2, "Named it.\nTwice.", time_mark=860),
        FilledRating("A1.2", NOT_OBSERVED, is_priority=True),
        FilledRating("A1a.1", 1, "Alarmed.", is_concern=True),
    ]


@pytest.mark.parametrize(
    ("written", "mark"),
    [
        ("2", 2),
        (2, 2),
        (2.0, 2),
        ("Partly met", 2),
        ("PARTLY  MET", 2),
        ("2 partly met", 2),
        ("not observed", NOT_OBSERVED),
        ("O", NOT_OBSERVED),
        ("Not applicable", NOT_APPLICABLE),
        ("n/a", NOT_APPLICABLE),
    ],
)
def test_level_is_read_in_every_way_to_write_it(written, mark):
    assert [rating.mark for rating in of({"A1.1": written}).ratings] == [mark]


def test_blank_rows_are_not_rated():
    assert [rating.code for rating in of({"A1.2": "1"}).ratings] == ["A1.2"]


@pytest.mark.parametrize(
    "written",
    [
        "31/10/2025",
        "2025-10-31",
        "31.10.2025",
        "31 October 2025",
        "31 Oct 2025",
        datetime.datetime(2025, 10, 31, 14, 30),
    ],
)
def test_date_is_read_in_every_way_to_write_it(written):
    assert of(session_on=written).context["session_on"] == datetime.date(2025, 10, 31)


def test_form_of_today_is_read():
    assert told(of(session_on="27/11/2026")) == []


def test_every_word_of_a_field_is_known():
    others = [label for label in Source.labels if label not in {"Recorded session", "Self-reflection"}]

    assert [of(source=label).context["source"] for label in others] == [
        "live",
        "role_play",
        "case_report",
        "discussion",
    ]


def test_codes_without_statements_are_enough():
    assert [rating.code for rating in changed(at("Ratings", "C2", None)).ratings] == ["A1.1"]


def test_sheets_and_fields_are_found_whatever_their_case():
    def shout(book):
        sheet = book["About"]
        sheet["A7"] = "what it rests ON"
        for title in ["Another", "ABOUT"]:
            sheet.title = title

    assert told(changed(shout)) == []


def test_value_that_two_levels_share_means_neither():
    scale = factories.make_scale_data(levels=[LevelData("A", "Early"), LevelData("A", "Late")])

    assert (answers(scale).get("a"), answers(scale)["late"], answers(scale)["a late"]) == (None, 2, 2)


def test_word_of_the_scale_comes_before_ours():
    scale = factories.make_scale_data(levels=[LevelData("O", "Open"), LevelData("N", "Not observed")])

    assert (answers(scale)["o"], answers(scale)["not observed"]) == (1, 2)


def test_scale_without_not_applicable_offers_none():
    scale = factories.make_scale_data(has_not_applicable=False)

    assert choices(scale)[3:] == ["not observed"]
    assert "n/a" not in answers(scale)


# what is only told


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            {"Level": "1", "Concern": "yes"},
            "Sheet Ratings, row 2, column Note: A concern needs a note before the assessment can be shared.",
        ),
        (
            {"Level": "n/a"},
            "Sheet Ratings, row 2, column Note: “Not applicable” needs its reason as a note before the assessment can"
            " be shared.",
        ),
        (
            {"Note": "Later."},
            "Sheet Ratings, row 2, column Level: There is something beside it and no level. It comes in as not rated,"
            " and waits for its level.",
        ),
    ],
)
def test_what_a_draft_may_lack_is_told(answer, expected):
    form = of({"A1.1": answer})

    assert (told(form), noticed(form)) == ([], [expected])


def test_note_without_level_is_not_rated():
    assert of({"A1.1": {"Note": "Later."}}).ratings == [FilledRating("A1.1", NOT_RATED, "Later.")]


# problems


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"session_on": None}, "row 6, Date of the session or document: This is missing. Write it as 30/11/2025."),
        (
            {"session_on": "last May"},
            "row 6, Date of the session or document: 'last May' is not a date. Write it as 30/11/2025.",
        ),
        (
            {"session_on": "28/11/2026"},
            "row 6, Date of the session or document: '28/11/2026' lies in the future. Give the day the session took"
            " place.",
        ),
        (
            {"session_on": "31/10/0025"},
            "row 6, Date of the session or document: '31/10/0025' is too far away. Check the year.",
        ),
        (
            {"source": None},
            "row 7, What it rests on: This is missing. Write Recorded session, Live session, Role play, Case report or"
            " Supervision discussion.",
        ),
        (
            {"phase": "Late"},
            "row 11, Phase: 'Late' is none of the words for this. Write Initial, Middle, Ending or Maintenance.",
        ),
        (
            {"source": "Recorded session"},
            "row 8, Consent to the recording: A recorded session needs the client's consent to recording. Write yes if"
            " it was given, or say what else the form rests on.",
        ),
        (
            {"is_consent_confirmed": "perhaps"},
            "row 8, Consent to the recording: 'perhaps' is neither yes nor blank. Write yes, or leave it blank.",
        ),
        (
            {"case_number": "two"},
            "row 9, Case number: 'two' is no such number. Write a number from 1 to 99, or leave it blank.",
        ),
        (
            {"session_number": 0},
            "row 10, Session number: '0' is no such number. Write a number from 1 to 99, or leave it blank.",
        ),
        (
            {"needs": "x" * 10_001},
            "row 15, Needs: It has 10,001 characters; at most 10,000 are read. Shorten it.",
        ),
    ],
)
def test_problem_of_the_session_is_located(about, expected):
    assert told(of(**about)) == [f"Sheet About, {expected}"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            "good",
            "column Level: 'good' is no level. Write 1 to 3, not observed or not applicable, or leave it blank.",
        ),
        (
            {"Level": "1", "Note": "x" * (MAX_NOTE + 1)},
            "column Note: The note has 5,001 characters; at most 5,000 are kept. Shorten it.",
        ),
        (
            {"Level": "1", "Concern": "maybe"},
            "column Concern: 'maybe' is neither yes nor blank. Write yes, or leave it blank.",
        ),
        (
            {"Level": "1", "Priority": "1"},
            "column Priority: '1' is neither yes nor blank. Write yes, or leave it blank.",
        ),
        (
            {"Level": "1", "Time": "soon"},
            "column Time: 'soon' is no time in a recording. Write minutes and seconds as text, as in 14:20.",
        ),
        (
            {"Level": "1", "Time": datetime.time(14, 20)},
            "column Time: '14:20:00' is no time in a recording. Write minutes and seconds as text, as in 14:20.",
        ),
        (
            "x" * 90,
            f"column Level: '{'x' * 40}…' is no level."
            " Write 1 to 3, not observed or not applicable, or leave it blank.",
        ),
    ],
)
def test_problem_of_a_rating_is_located(answer, expected):
    assert told(of({"A1.2": answer})) == [f"Sheet Ratings, row 3, {expected}"]


def test_not_applicable_is_no_answer_where_the_scale_has_none():
    data = factories.make_revision_data(scale=factories.make_scale_data(has_not_applicable=False))

    form = filled_forms.read(filled(data, {"A1.1": "n/a"}), data, FORM_WORDS, today=TODAY)

    assert told(form) == [
        "Sheet Ratings, row 2, column Level: 'n/a' is no level. Write 1 to 3, or not observed, or leave it blank."
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            at("Ratings", "B3", "A9.9"),
            "row 3, column Code: 'A9.9' is no code of this revision. Take the codes as the template has them.",
        ),
        (
            at("Ratings", "B3", "a1.1"),
            "row 3, column Code: A1.1 stands in row 2 already. Keep one row for each competence.",
        ),
        (
            at("Ratings", "B2", None),
            "row 2, column Code: The row has an answer and no code. Write the code of the competence.",
        ),
        (
            at("Ratings", "C2", "An ability to listen."),
            "row 2, column Statement: This is not the statement of A1.1, so it is not certain which of the two was"
            " rated. Put code and statement together as the template has them.",
        ),
    ],
)
def test_problem_of_a_code_is_located(change, expected):
    assert told(changed(change)) == [f"Sheet Ratings, {expected}"]


def test_row_without_code_and_answer_is_left_out():
    assert told(changed(at("Ratings", "B3", None))) == []


def test_every_problem_is_told_at_once():
    form = of({"A1.1": "good", "A1.2": "7"}, session_on=None, phase="Late")

    assert [problem.place for problem in form.problems] == [
        "Sheet About, row 6, Date of the session or document",
        "Sheet About, row 11, Phase",
        "Sheet Ratings, row 2, column Level",
        "Sheet Ratings, row 3, column Level",
    ]


def test_problems_are_told_up_to_a_hundred():
    rows = [["Code", "Level", "Note", "Concern", "Priority", "Time"], *([f"X{number}", "1"] for number in range(200))]

    def replace(book):
        book.remove(book["Ratings"])
        sheet = book.create_sheet("Ratings")
        for row in rows:
            sheet.append(row)

    form = changed(replace, {})

    assert len(form.problems) == 101
    assert form.problems[-1].what == "There are 100 more problems like these."


def test_nothing_filled_in_is_told():
    assert told(of({})) == ["Sheet Ratings: Nothing is filled in. Write a level beside what was rated."]


def test_template_of_another_revision_is_told_once():
    other = factories.make_revision_data(number="2.0")

    form = read(filled(other, {"A1.1": "good"}))

    assert told(form) == [
        "Sheet About, row 5, Revision: This template is for framework small, revision 2.0, and you chose small,"
        " revision 1.0. Choose the revision of the template, or copy what was filled in into the template of this one."
    ]


def test_template_that_names_no_revision_is_told():
    form = changed(at("About", "A5", "Something else"))

    assert "Sheet About, Revision: This template is for no revision that it names" in told(form)[0]


def test_row_that_stands_twice_is_told():
    form = changed(at("About", "A16", "Phase"))

    assert told(form) == ["Sheet About, row 16, Phase: This row stands here twice. Keep one of them."]


def test_field_that_is_missing_is_taken_as_blank():
    form = changed(at("About", "A11", "Stage"))

    assert (told(form), form.context["phase"]) == ([], "")


@pytest.mark.parametrize("name", ["About", "Ratings"])
def test_missing_sheet_is_told(name):
    form = changed(lambda book: book.remove(book[name]))

    assert told(form) == [
        f"File: It has no sheet {name}. Download the template again, and copy what was filled in into it."
    ]


@pytest.mark.parametrize(("cell", "head"), [("B1", "Code"), ("D1", "Level"), ("H1", "Time")])
def test_missing_column_is_told(cell, head):
    form = changed(at("Ratings", cell, "Another"))

    assert told(form) == [f"Sheet Ratings: The column {head} is missing. Keep the columns of the template as they are."]


def test_formula_without_a_value_is_told():
    form = of({"A1.1": {"Level": "1", "Note": "=1+1"}})

    assert told(form) == [
        'sheet "Ratings", cell E2: The cell holds a formula without a stored value. Save the workbook in a spreadsheet'
        " program, or write the value."
    ]


def test_text_that_looks_like_a_formula_comes_in_as_written():
    book = fill(template(DATA), {"session_on": "31/10/2025", "source": "Role play"}, {"A1.1": "1"})
    book["Ratings"]["E2"].value, book["Ratings"]["E2"].data_type = "=HYPERLINK(x)", "s"

    assert read(saved(book)).ratings == [FilledRating("A1.1", 1, "=HYPERLINK(x)")]


def test_control_character_is_told():
    book = fill(template(DATA), {"session_on": "31/10/2025", "source": "Role play"}, {"A1.1": "1"})
    book["Ratings"]["E2"] = "A_x0007_B"

    assert "It holds a control character (U+0007)." in told(read(saved(book)))[0]


def test_control_character_in_a_text_of_the_session_is_told():
    form = of(summary="A_x0007_B")

    assert told(form) == ["Sheet About, row 13, Summary: It holds a control character (U+0007). Remove it."]


# what is no form at all


def bomb():
    return books.spoilt({"xl/worksheets/sheet1.xml": b"<a>" + b" " * 60_000_000 + b"</a>"})


HOSTILE = {
    "text": lambda: b"Code,Level\nA1.1,2\n",
    "picture": lambda: b"\x89PNG" + bytes(range(256)) * 100,
    "old workbook": lambda: b"\xd0\xcf\x11\xe0" + b"\x00" * 1_000,
    "cut short": lambda: filled(DATA, {"A1.1": "2"})[:3_000],
    "no zip": lambda: b"PK\x03\x04" + b"\x00" * 1_000,
    "too large": lambda: b"PK\x03\x04" + b"\x00" * MAX_BYTES,
    "bomb": bomb,
    "entities": lambda: books.spoilt(
        {"xl/worksheets/sheet1.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'}
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_in_seconds(name):
    content, begun = HOSTILE[name](), time.process_time()

    with pytest.raises(ImportRejected) as refusal:
        read(content)

    assert time.process_time() - begun < MOST_SECONDS
    assert all(problem.what.endswith(".") and problem.mend.endswith(".") for problem in refusal.value.problems)


def long_sheet():
    book = template(DATA)
    for number in range(19_000):
        book["Ratings"].append(["", f"X{number}", "", "1"])
    return saved(book)


def other_workbook():
    return books.book(Sheet1=[["a", "b"], ["c", 1]])


@pytest.mark.parametrize("make", [long_sheet, other_workbook, lambda: books.book(About=[[]], Ratings=[[]])])
def test_odd_workbook_is_told_in_seconds(make):
    content, begun = make(), time.process_time()

    form = read(content)

    assert time.process_time() - begun < MOST_SECONDS
    assert 0 < len(form.problems) <= 101


def test_workbook_of_a_spreadsheet_program_is_read():
    """A program that knows nothing of our styles writes the same cells."""
    old, new = template(DATA), openpyxl.Workbook()
    new.remove(new.active)
    for sheet in fill(old, {"session_on": "31/10/2025", "source": "Role play"}, {"A1.1": "2"}).worksheets:
        copy = new.create_sheet(sheet.title)
        for row in sheet.iter_rows(values_only=True):
            copy.append(row)

    assert (told(read(saved(new))), read(saved(new)).ratings) == ([], [FilledRating("A1.1", 2)])
