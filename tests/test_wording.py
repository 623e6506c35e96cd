from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.importers import own_yaml
from assessments.wording import Title, count, in_words, listed, printable, sentence, split_title

IPT = own_yaml.read((Path(__file__).parent.parent / "fixtures" / "ipt-1.0.yaml").read_bytes())


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("Knowledge of depression", ("Knowledge of", "depression", "")),
        ("Ability to engage client", ("Ability to", "engage client", "")),
        ("Capacity to use and respond to humour", ("Capacity to", "use and respond to humour", "")),
        ("Maintenance IPT", ("", "Maintenance IPT", "")),
        (
            "Knowledge and understanding of mental health problems",
            ("Knowledge and understanding of", "mental health problems", ""),
        ),
        (
            "Knowledge of, and ability to operate within, professional and ethical guidelines",
            ("Knowledge of, and ability to", "operate within, professional and ethical guidelines", ""),
        ),
        (
            "Ability to work with difference (cultural competence)",
            ("Ability to", "work with difference", " (cultural competence)"),
        ),
        (
            "Knowledge of a model of therapy, and the ability to understand it",
            ("Knowledge of", "a model of therapy", ", and the ability to understand it"),
        ),
        ("Ability to foster an alliance, and to grasp it", ("Ability to", "foster an alliance", ", and to grasp it")),
        ("", ("", "", "")),
    ],
)
def test_title_is_split_in_three(title, parts):
    assert split_title(title) == Title(*parts)


def test_title_keeps_every_word():
    titles = [activity.title for activity in IPT.all_activities()]

    joined = [f"{title.lead} {title.key}{title.rest}".strip() for title in map(split_title, titles)]

    assert joined == titles


@settings(deadline=None)
@given(st.text())
def test_title_of_any_text_ends_as_it_did(title):
    parts = split_title(title)

    assert title.endswith(parts.key + parts.rest)


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 competences"), (1, "1 competence"), (2, "2 competences"), (348, "348 competences")]
)
def test_count_agrees_with_its_number(number, words):
    assert count(number, "competence") == words


def test_count_takes_an_irregular_plural():
    assert [count(number, "activity", "activities") for number in [1, 2]] == ["1 activity", "2 activities"]


@pytest.mark.parametrize(
    ("number", "words"), [(0, "no days"), (1, "one day"), (3, "three days"), (10, "ten days"), (11, "11 days")]
)
def test_small_number_is_a_word(number, words):
    assert in_words(number, "day") == words


def test_small_number_takes_an_irregular_plural():
    assert [in_words(number, "person", "people") for number in [1, 2]] == ["one person", "two people"]


@pytest.mark.parametrize(
    ("words", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_words_are_listed(words, text):
    assert listed(words) == text


@pytest.mark.parametrize(
    ("text", "expected"), [("Not seen", "Not seen."), ("Not seen. ", "Not seen."), ("Why?", "Why?"), ("“No.”", "“No.”")]
)
def test_sentence_ends_with_a_stop(text, expected):
    assert sentence(text) == expected


def test_printable_text_keeps_its_lines_and_loses_what_cannot_be_printed():
    assert printable("One\ttwo\r\nthree\x00\x0b\x0c\x1f\uffff é \U0001f600") == "One\ttwo\r\nthree é \U0001f600"
