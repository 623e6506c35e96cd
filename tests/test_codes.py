"""Codes that are given and fit are kept, others are made fit or made up; no two of a kind are alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.importers.codes import CODE, CODE_LENGTH, Coder

GIVEN = st.one_of(st.text(max_size=60), st.sampled_from(["", "A1", "a1", "A 1", "A-1", "1.1", "1.1-1", "x" * 60]))


def code(coder, given, made="1.1", word="competence"):
    return coder.code(word, given, made, "row 1")


def test_given_code_that_fits_is_kept_without_a_word():
    coder = Coder(["A1.1"])

    assert (code(coder, "A1.1"), coder.notices) == ("A1.1", [])


@pytest.mark.parametrize(
    ("given", "expected"),
    [("A 1", "A-1"), ("(A1)", "A1"), ("A/1:b", "A-1-b"), ("ä1", "1"), ("x" * 50, "x" * 40)],
)
def test_given_code_that_does_not_fit_is_rewritten_and_told(given, expected):
    coder = Coder([given])

    assert code(coder, given) == expected
    assert [str(notice.what) for notice in coder.notices] == [
        f"The code {given!r} does not fit an address and is written {expected}."
    ]


def test_code_is_made_where_none_is_given_and_told_once():
    coder = Coder([])

    assert [code(coder, "", "1.1"), code(coder, "", "1.2")] == ["1.1", "1.2"]
    assert [notice.what for notice in coder.notices] == ["Codes that the file does not give are made."]


def test_code_of_signs_only_is_made():
    assert code(Coder(["§"]), "§", "1.1") == "1.1"


def test_made_code_leaves_given_ones_alone():
    coder = Coder(["1.1", "1.1-1"])

    assert code(coder, "", "1.1") == "1.1-2"


def test_rewritten_codes_are_kept_apart():
    coder = Coder(["A 1", "A/1", "a:1"])

    assert [code(coder, given) for given in ["A 1", "A/1", "a:1"]] == ["A-1", "A-1-2", "a-1-3"]


def test_rewritten_code_leaves_given_ones_alone():
    coder = Coder(["A 1", "A-1"])

    assert [code(coder, given) for given in ["A 1", "A-1"]] == ["A-1-2", "A-1"]


def test_given_code_that_stands_twice_is_numbered_with_a_warning():
    coder = Coder(["A1", "A1"])

    assert [code(coder, "A1"), code(coder, "A1")] == ["A1", "A1-2"]
    assert [(notice.what, notice.is_warning) for notice in coder.notices] == [
        ("The code 'A1' stands here for the second time and is written A1-2.", True)
    ]


def test_kinds_do_not_mind_each_other():
    coder = Coder([])

    assert [code(coder, "", "1", "domain"), code(coder, "", "1", "activity")] == ["1", "1"]


def test_long_made_code_is_cut():
    coder = Coder([])

    made = [code(coder, "", "1." * 30 + end) for end in ["1", "2"]]

    assert (made[0] != made[1], [len(each) <= CODE_LENGTH for each in made]) == (True, [True, True])


@given(st.lists(GIVEN, max_size=8))
def test_every_code_fits_an_address_and_its_column(given):
    coder = Coder(given)

    made = [code(coder, each, f"1.{place}") for place, each in enumerate(given)]

    assert [each for each in made if not CODE.fullmatch(each) or len(each) > CODE_LENGTH] == []


@given(st.lists(GIVEN, max_size=8))
def test_codes_are_unique(given):
    coder = Coder(given)

    made = [code(coder, each, f"1.{place}").casefold() for place, each in enumerate(given)]

    assert len(set(made)) == len(made)
