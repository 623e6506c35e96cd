"""The CSV face of the project's own format, written and read."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.exporters import own_csv as exporter
from assessments.importers import own_csv, own_yaml
from assessments.importers.cells import guarded, unguarded
from assessments.importers.reading import Answers, Notice
from tests import factories
from tests.revision_strategies import AWKWARD, revisions

FILES = Path(__file__).parent / "files"
IPT = own_yaml.read((FILES.parent.parent / "fixtures" / "ipt-1.0.yaml").read_bytes())
SMALL = own_yaml.read((FILES / "small.yaml").read_bytes())
SHEET = (FILES / "small.csv").read_bytes().decode("utf-8-sig")


def read(content, **answers):
    content = content if isinstance(content, bytes) else content.encode()
    return own_csv.read("small.csv", content, Answers(**answers))


def problems(content, **answers):
    """What is said about a file that gives no revision, one line each."""
    reading = read(content, **answers)
    assert reading.revision is None
    return [str(problem) for problem in reading.problems]


def mended(old, new):
    assert SHEET.count(old) == 1
    return SHEET.replace(old, new)


def separated(separator):
    """The sheet as a spreadsheet program of another country saves it."""
    sheet = io.StringIO()
    csv.writer(sheet, delimiter=separator).writerows(csv.reader(io.StringIO(SHEET, newline="")))
    return sheet.getvalue()


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(revisions())
def test_any_revision_is_read_back_as_it_was(data):
    assert read(exporter.write(data)).revision == data


def test_ipt_framework_is_read_back_as_it_was():
    assert read(exporter.write(IPT)).revision == IPT


def test_file_is_written_as_it_was_read():
    content = (FILES / "small.csv").read_bytes()

    assert exporter.write(read(content).revision) == content


def test_both_faces_say_the_same():
    assert read(SHEET).revision == SMALL


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_is_read_back_as_it_was(text):
    data = factories.make_revision_data(summary=text.strip())

    assert read(exporter.write(data)).revision.summary == text.strip()


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+44", "'+44"),
        ("-", "'-"),
        ("@home", "'@home"),
        ("\ttab", "'\ttab"),
        ("\rreturn", "'\rreturn"),
        ("'=1+1", "''=1+1"),
        ("'tis", "'tis"),
        ("1=1", "1=1"),
        ("", ""),
    ],
)
def test_cell_never_begins_like_a_formula(text, cell):
    assert (guarded(text), unguarded(cell)) == (cell, text)


@given(st.text(st.sampled_from("'=+-@\t\ra"), max_size=6))
def test_guard_is_always_taken_away_again(text):
    assert unguarded(guarded(text)) == text


def test_sheet_begins_with_the_tree_and_leaves_unused_columns_out():
    head = exporter.write(factories.make_revision_data()).decode("utf-8-sig").split("\r\n")[0]

    assert head == (
        "level,code,key,parent_key,title,text,guidance,parent_level,short_title,kind,safety_critical,scope,"
    ).removesuffix(",")


@pytest.mark.parametrize(
    "content",
    [
        SHEET,
        SHEET.replace("\r\n", "\n"),
        separated(";"),
        separated("\t"),
        SHEET + "\r\n\r\n,,,\r\n",
        SHEET.replace("domain,A", " Domain ,A"),
        "\r\n".join([*SHEET.split("\r\n")[:1], *reversed(SHEET.split("\r\n")[1:-1])]),
    ],
    ids=["as written", "LF", "semicolon", "tab", "blank rows", "space and case", "upside down"],
)
def test_sheet_is_read_however_a_spreadsheet_saves_it(content):
    assert read(content.encode("utf-8-sig")).problems == []


def test_parent_may_stand_below_its_children():
    head, *rows = SHEET.splitlines(keepends=True)
    tree = next(number for number, row in enumerate(rows) if row.startswith("domain"))
    moved = [head, *rows[:tree], *rows[tree + 1 :], rows[tree]]

    assert read("".join(moved)).revision == SMALL


def test_columns_may_stand_in_any_order_beside_others():
    sheet = io.StringIO()
    for row in csv.reader(io.StringIO(SHEET, newline="")):
        csv.writer(sheet).writerow([*reversed(row), "Remarks" if row[0] == "level" else "x"])

    reading = read(sheet.getvalue())

    assert reading.revision == SMALL
    assert reading.notices == [Notice("row 1", "The column 'remarks' is not read.", is_warning=True)]


def test_encoding_is_taken_from_the_answer():
    content = mended("A report", "Café report").encode("cp1252")

    assert read(content, encoding="cp1252").revision.source_name == "Café report"


@pytest.mark.parametrize(
    ("content", "is_own"),
    [
        (SHEET.encode("utf-8-sig"), True),
        (SHEET.replace(",", ";").encode(), True),
        (b'"level","code","key","parent_key","title","text","guidance"\n', True),
        (b"level,code,title\n", False),
        (b"", False),
        (b"PK\x03\x04", False),
    ],
)
def test_sheet_is_recognised_by_its_head(content, is_own):
    assert own_csv.recognises("any.name", content) is is_own


UNKNOWN = "This field is not known here. Remove it, or mend its name."
IN_A_LEVEL = f"is not one of {', '.join(own_csv.LEVELS)}. Choose one of them."
NOT_CSV = "Look for a quotation mark that is not closed."
CELLS = "Put quotation marks around text that holds the separator."


@pytest.mark.parametrize(
    ("old", "new", "place", "what"),
    [
        ("level,code", "level,kode", "row 1", "There is no column 'code'. Add it to the head."),
        (",from,to,", ",from,from,", "row 1", "There are two columns 'from'. Remove one of them."),
        ("work/1", "work/2", "row 2, format", "This format is not known. Write format: competence-framework/1."),
        (",title,,,Small list", ",title,,,", "row 7, title", "It is missing or empty. Add title."),
        (",title,,,Small list", ",titel,,,Small", "row 7, titel", UNKNOWN),
        (
            ",title,,,Small list",
            ",framework,,,x",
            'row 7, column "key"',
            "'framework' stands twice. Keep one of the two.",
        ),
        ("about,,title,,,", "about,T1,title,,,", 'row 7, column "code"', UNKNOWN),
        ("rights.holder", "rights.owner", "row 13, rights.owner", UNKNOWN),
        ("version,,,3", "version,,,three", "row 20, scale.version", "'three' is not a whole number. Write 1, 2, 3 …"),
        ("level,no,,,Not met", "level,no,,,", 'row 28, column "label"', "It is missing or empty. Add label."),
        ("domain,A,a,,", "domain,A,a,b,", 'row 30, column "parent_key"', UNKNOWN),
        ("domain,A,a,,", "domein,A,a,,", 'row 30, column "level"', f"'domein' {IN_A_LEVEL}"),
        (",A1,a1,a,", ",A1,a1,,", 'row 31, column "parent_key"', "It is missing or empty. Add parent_key."),
        (
            ",A1,a1,a,",
            ",A1,a1,b,",
            'row 31, column "parent_key"',
            "No domain or activity has the key 'b'. Name the domain or activity it belongs to.",
        ),
        (
            "point,A1.1.a,a1-1-a,a1-1",
            "point,A1.1.a,a1-1-a,a1",
            'row 33 (line 34), column "parent_key"',
            "No competence has the key 'a1'. Name the competence it belongs to.",
        ),
        (
            ",activity,Ability",
            ",domain,Ability",
            'row 35 (line 36), column "parent_key"',
            "No domain has the key 'a1'. Name the domain it belongs to.",
        ),
        (
            ",activity,Ability",
            ",point,Ability",
            'row 35 (line 36), column "parent_level"',
            "'point' is not one of domain, activity. Choose one of them.",
        ),
        (
            ",A1a,a1a,a1,",
            ",A1a,a1a,a1a,",
            'row 35 (line 36), column "parent_key"',
            "It lies inside itself. Give it a parent outside the circle.",
        ),
        (
            ",attitude,,",
            ",virtue,,",
            'row 36 (line 37), column "kind"',
            "'virtue' is not one of knowledge, skill, attitude. Choose one of them.",
        ),
        (
            "Attention." + "," * 24,
            "Attention." + "," * 25 + "x",
            "row 33 (line 34)",
            f"It has 31 cells, and the head has 30. {CELLS}",
        ),
        (
            "a1-1 a1a-1",
            "a1-1 a9",
            'row 37 (line 38), column "to"',
            "'a9' is no competence of this revision. Mend the key.",
        ),
        (",A1.1.a,", ',"A1.1.a,', "line 39", f"This is not CSV: unexpected end of data. {NOT_CSV}"),
        ('for it."', 'for" it."', "line 33", f"This is not CSV: ',' expected after '\"'. {NOT_CSV}"),
    ],
)
def test_mistake_is_told_with_its_place(old, new, place, what):
    assert f"{place}: {what}" in problems(mended(old, new))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"caf\xe9", 'file: It is not UTF-8 text. Save it as "CSV UTF-8", or choose its encoding.'),
        ("level\n" + "about\n" * 40_201, "row 40202: The file has more than 40,200 rows. Split it."),
        (",".join(["level", *["x"] * 200]), "row 1: There are more than 200 columns. Remove some."),
    ],
    ids=["cp1252", "long", "wide"],
)
def test_file_that_cannot_be_read_is_refused(content, problem):
    assert problem in problems(content)


def test_encoding_that_is_none_is_refused():
    assert problems(b"caf\xe9", encoding="klingon") == [
        'file: It is not UTF-8 text. Save it as "CSV UTF-8", or choose its encoding.'
    ]


def test_circle_is_told_of_everything_in_it():
    rows = ["activity,X1,x1,x3,X", "activity,X2,x2,x1,X", "activity,X3,x3,x2,X", "competence,X3.1,x3-1,x3,,Below"]

    found = problems(SHEET + "\r\n".join(rows))

    assert [line.split(":")[1][:38] for line in found] == [
        *[" It lies inside itself. Give it a parent"[:38]] * 3,
        " It lies deeper than 32 levels, or below a circle"[:38],
    ]


def test_deep_tree_is_refused():
    rows = [f"activity,X{number},x{number},{f'x{number - 1}' if number else 'a'},X" for number in range(5_000)]

    assert problems(SHEET + "\r\n".join(rows))[0].endswith(
        "It lies deeper than 32 levels, or below a circle. Flatten the tree."
    )


def is_read_or_refused(content):
    reading = read(content)
    return (reading.revision is None) == bool(reading.problems)


@settings(deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused(content):
    assert is_read_or_refused(content)


@settings(deadline=None)
@given(st.integers(0, len(SHEET)), st.integers(0, 9), st.text(max_size=5))
def test_any_change_of_a_sheet_is_read_or_refused(place, length, text):
    assert is_read_or_refused(SHEET[:place] + text.encode(errors="ignore").decode() + SHEET[place + length :])
