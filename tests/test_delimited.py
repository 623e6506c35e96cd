import pytest

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import delimited
from assessments.importers.reading import Notice


def refused(content, encoding=""):
    with pytest.raises(ImportRejected) as raised:
        delimited.decoded(content, encoding)
    return [str(problem) for problem in raised.value.problems]


def test_utf_8_is_read_with_and_without_a_mark():
    assert delimited.decoded("\ufeffé".encode()) == delimited.decoded("é".encode()) == ("é", [])


def test_utf_16_is_read_by_its_mark():
    assert delimited.decoded("é\t1".encode("utf-16")) == ("é\t1", [])


def test_windows_text_is_read_with_a_notice():
    text, notices = delimited.decoded(b"name\nclient\x92s view")

    what = "The file is not UTF-8 and was read as Windows-1252. Check its accents and quotation marks, such as"
    assert text == "name\nclient\u2019s view"
    assert notices == [Notice("line 2", f"{what} 'client\u2019s'.")]


def test_chosen_encoding_is_used():
    assert delimited.decoded(b"caf\x8e", "macintosh") == ("café", [])


def test_text_that_is_not_in_the_chosen_encoding_is_refused():
    assert refused(b"a\nb\x92", "utf-8") == [
        "line 2: It is not utf-8 text: byte 3 cannot be read. Save the file as UTF-8."
    ]


def test_bytes_that_no_encoding_has_are_refused():
    assert refused(b"a\x81\x92") == ["line 1: It is not utf-8 text: byte 1 cannot be read. Save the file as UTF-8."]


def test_unknown_encoding_is_refused():
    assert refused(b"a", "ebcdic")[0].startswith("file: The encoding 'ebcdic' is not known. Choose one of utf-8,")


@pytest.mark.parametrize("content", [b"a\n\x00", b"\xff\n\x00"])
def test_nul_is_refused(content):
    assert refused(content)[0].startswith(("line 2: It holds a NUL", "line 1: It is not utf-8 text"))


@pytest.mark.parametrize("mark", [",", ";", ":", "\t", "|"])
def test_separator_is_found(mark):
    assert delimited.separator(f"code{mark}statement\nA{mark}one\nB{mark}two\n") == mark


@pytest.mark.parametrize("text", ["statement\none, two: three\n", "Statement: its text\na\nb\n", "", "\n", '"'])
def test_separator_is_a_comma_where_nothing_else_fits(text):
    assert delimited.separator(text) == ","


def test_rows_know_their_number_and_line():
    rows, problems, notices = delimited.rows('a,b\n"one\ntwo",x\n\nlast,y\n')

    assert [(row.number, row.line, row.cells) for row in rows] == [
        (1, 1, ["a", "b"]),
        (2, 2, ["one\ntwo", "x"]),
        (3, 4, []),
        (4, 5, ["last", "y"]),
    ]
    assert (problems, notices) == ([], [])


def test_separator_other_than_a_comma_is_told():
    _, _, notices = delimited.rows("a;b\n1;2\n")

    assert notices == [Notice("file", "The cells are separated by semicolons.")]


def test_hint_of_the_separator_is_no_row():
    rows, _, notices = delimited.rows("sep=~\na~b\n1~2\n")

    assert [(row.number, row.line, row.cells) for row in rows] == [(2, 2, ["a", "b"]), (3, 3, ["1", "2"])]
    assert notices == [Notice("file", "The cells are separated by ~.")]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('a,b\n1,2\n"open,3\n', "A quotation mark is opened and never closed."),
        (
            'a,b\n1,2\n"x"y,3\n',
            "The quotation marks of this row cannot be read (',' expected after '\"').",
        ),
        (
            'a,b\n1,2\n"' + "x" * 131_073 + '",3\n',
            "A cell has more than 131,072 characters: a quotation mark may not be closed.",
        ),
    ],
    ids=["open", "stray", "huge"],
)
def test_broken_quotation_is_named_with_its_line(text, what):
    rows, problems, _ = delimited.rows(text)

    assert len(rows) == 2
    assert problems == [Problem("line 3", what, 'Close each quotation mark; write one inside a text twice ("").')]


def test_too_many_rows_are_a_problem():
    rows, problems, _ = delimited.rows("a\n" * 20_002)

    assert len(rows) == 20_001
    assert [str(each) for each in problems] == [
        "line 20002: It has more than 20,000 rows. Split it into several files."
    ]
