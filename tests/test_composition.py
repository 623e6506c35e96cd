"""Lineage over several steps and backwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.revisions import lineage
from assessments.revisions.composition import composed, turned
from assessments.revisions.lineage import Link
from tests.test_lineage import ENTRIES, KEYS, TEXTS, competence, revision


def links(*lines):
    """Links written as `kind older newer`, with - for no end."""
    return [Link(kind, *(end.strip("-") for end in ends)) for kind, *ends in map(str.split, lines)]


def lines(found):
    return sorted(f"{link.kind} {link.older or '-'} {link.newer or '-'}" for link in found)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (["unchanged a b"], ["unchanged b c"], ["unchanged a c"]),
        (["unchanged a b"], ["editorial b c"], ["editorial a c"]),
        (["reworded a b"], ["editorial b c"], ["reworded a c"]),
        (["removed a -"], ["added - c"], ["added - c", "removed a -"]),
        (["added - b"], ["reworded b c"], ["added - c"]),
        (["unchanged a b"], ["removed b -"], ["removed a -"]),
        (["added - b"], ["removed b -"], []),
        (["split a b", "split a x"], ["reworded b c", "unchanged x y"], ["split a c", "split a y"]),
        (["split a b", "split a x"], ["reworded b c", "removed x -"], ["reworded a c"]),
        (["split a b", "split a x"], ["merged b c", "merged x c"], ["reworded a c"]),
        (["reworded a b", "reworded x y"], ["merged b c", "merged y c"], ["merged a c", "merged x c"]),
        (["unchanged a b", "unchanged x y"], ["unchanged b c", "merged y c"], ["merged x c", "unchanged a c"]),
        (["covered a b", "added - b"], ["reworded b c"], ["added - c", "covered a c"]),
        (["covered a b", "added - b"], ["removed b -"], ["removed a -"]),
        (["unchanged a b"], ["covered b c", "added - c"], ["added - c", "covered a c"]),
    ],
)
def test_weakest_meaning_of_the_steps_holds(first, second, expected):
    assert lines(composed(links(*first), links(*second))) == expected


def test_notes_of_the_steps_are_kept():
    (link,) = composed([Link("reworded", "a", "b", note="Shorter.")], [Link("reworded", "b", "c", note="Plainer.")])

    assert link.note == "Shorter. Plainer."


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (["unchanged a b"], ["unchanged b a"]),
        (["added - b"], ["removed b -"]),
        (["removed a -"], ["added - a"]),
        (["split a b", "split a c"], ["merged b a", "merged c a"]),
        (["merged a c", "merged b c"], ["split c a", "split c b"]),
        (["unchanged a c", "merged b c"], ["split c a", "split c b"]),
        (["covered a b", "unchanged c b"], ["added - a", "unchanged b c"]),
    ],
)
def test_turned_round_each_kind_says_the_opposite(given_, expected):
    assert lines(turned(links(*given_))) == expected


def test_turned_round_a_rewording_keeps_as_many_words():
    assert turned([Link("reworded", "a", "b", likeness=82)]) == [Link("reworded", "b", "a", likeness=82)]


ROWS = st.dictionaries(KEYS, TEXTS, max_size=6)
STATED = st.lists(ENTRIES, max_size=4)


def data(rows, stated=()):
    return revision(*(competence(key, text) for key, text in rows.items()), lineage=list(stated))


@given(rows=st.tuples(ROWS, ROWS, ROWS), stated=st.tuples(STATED, STATED))
def test_composition_loses_nobody_and_contradicts_nothing(rows, stated):
    a, b, c = data(rows[0]), data(rows[1], stated[0]), data(rows[2], stated[1])

    found = composed(lineage.propose(a, b), lineage.propose(b, c))

    assert lineage.problems(rows[0], rows[2], found) == []


@given(older=ROWS, newer=ROWS, stated=STATED)
def test_turning_round_loses_nobody_and_contradicts_nothing(older, newer, stated):
    found = turned(lineage.propose(data(older), data(newer, stated)))

    assert lineage.problems(newer, older, found) == []
