import pytest

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import strict_json


def refusal(content):
    with pytest.raises(ImportRejected) as refused:
        strict_json.parsed(content)
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'\xef\xbb\xbf{"a": [1, true, null]}', {"a": [1, True, None]}),
        (b"123456789012345", 123456789012345),
        (b"1234567890123456", "1234567890123456"),
        (b"[1.1, 1.10, 1e999]", [1.1, "1.10", "1e999"]),
        (b'"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["', "[" * 36),
        (b'"a\\"NaN\\n"', 'a"NaN\n'),
        (b'"\\\\b"', "\\b"),
        (b"[" * 32 + b"]" * 32, None),
    ],
)
def test_json_is_read(content, value):
    document, problems = strict_json.parsed(content)

    assert problems == []
    assert value in (document, None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": "\xff"}', "byte 7 (line 1): It is not UTF-8 text. Save the file as UTF-8."),
        ('{"ä": 1}'.encode("utf-16"), "byte 0 (line 1): It is not UTF-8 text. Save the file as UTF-8."),
        (b'{\n"a": }', "line 2, column 6: This is not JSON: Expecting value. Mend the line."),
        (b'{"a": "b', "line 1, column 7: This is not JSON: Unterminated string. Mend the line."),
        (
            b'{"a": "b\nc"}',
            "line 1, column 9: This is not JSON: a line break or control character stands inside a text. "
            "Write a line break inside a text as \\n.",
        ),
        (b'["NaN",\n  -Infinity]', "line 2, column 3: -Infinity is not a number. Write a number or null."),
        (b"[" * 33 + b"]" * 33, "file: It nests deeper than 32 levels. Flatten it."),
        (b"[" * 10_000, "file: It nests deeper than 32 levels. Flatten it."),
        (
            b"[" + b"1," * 1_000_001 + b"1]",
            "file: It holds more than 500,000 lists and objects, or 1,000,000 values. "
            "Split the framework into several files.",
        ),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_not_json_is_refused(content, said):
    assert refusal(content) == said


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'{"a": {"b/c": 1, "b/c": 2}}', "/a/b~1c"),
        (b'[{"x": 1}, {"a": 1, "b": 2, "b": 3, "a": 4}]', "/1/a"),
    ],
)
def test_member_that_stands_twice_is_a_problem(content, place):
    _, problems = strict_json.parsed(content)

    assert problems == [Problem(place, "It stands twice.", "Keep one of the two.")]


@pytest.mark.parametrize("written", ["\\u0000", "\\b", "\\ud800", "\\uFFFD", "\u007f", "\ufffd"])
def test_character_that_cannot_be_kept_is_a_problem(written):
    _, problems = strict_json.parsed(f'{{"a": ["ok", "x{written}"], "n": 1}}'.encode())

    assert problems == [Problem("/a/1", "It holds a control or replacement character.", "Retype the text.")]


def test_name_with_a_character_that_cannot_be_kept_is_a_problem():
    _, problems = strict_json.parsed(b'{"a": {"x\\u0001": 1}}')

    assert [problem.place for problem in problems] == ["/a"]


def test_characters_are_told_up_to_a_limit():
    _, problems = strict_json.parsed(b"[" + b'"\\u0000",' * 5_000 + b"1]")

    assert len(problems) == strict_json.MOST_FAULTS + 1


def test_pair_of_surrogates_is_one_letter():
    assert strict_json.parsed(b'"\\ud835\\udc51"') == ("\U0001d451", [])
