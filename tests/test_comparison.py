import pytest

from assessments import comparison
from assessments.comparison import Stated
from assessments.scoring import NOT_APPLICABLE, NOT_OBSERVED, NOT_RATED


def side(**marks):
    """A side in the order given: `S2_1` is competence S2.1 of activity S2, with a note where it is a level."""
    return [
        Stated(
            name.partition("_")[0],
            f"About {name.partition('_')[0]}",
            name.replace("_", "."),
            f"Text {name}",
            mark,
            f"Note {mark}" if isinstance(mark, int) else "",
        )
        for name, mark in marks.items()
    ]


def codes(rows):
    return [row.code for row in rows]


FIRST = side(S2_1=4, S2_2=3, S2_3=2, S2_4=NOT_OBSERVED, S2_5=NOT_RATED, S7_1=5, S7_2=NOT_RATED)
SECOND = side(S2_1=4, S2_2=5, S2_3=1, S2_4=3, S2_5=2, S7_1=2, S7_2=NOT_RATED)


def test_counts_who_is_further_on():
    found = comparison.of(FIRST, SECOND)

    assert (found.same, found.first_further, found.second_further) == (1, 2, 1)


def test_on_a_descending_scale_less_is_further_on():
    found = comparison.of(FIRST, SECOND, descending=True)

    assert (found.same, found.first_further, found.second_further) == (1, 1, 2)


def test_furthest_apart_comes_first_then_printed_order():
    found = comparison.of(side(S2_1=1, S2_2=3, S2_3=4, S2_4=2), side(S2_1=2, S2_2=3, S2_3=1, S2_4=1))

    assert [(row.code, row.steps, row.apart) for row in found.both] == [
        ("S2.3", 3, "3 levels apart"),
        ("S2.1", 1, "1 level apart"),
        ("S2.4", 1, "1 level apart"),
        ("S2.2", 0, "same level"),
    ]


def test_row_holds_both_marks_and_notes():
    [row] = comparison.of(side(S2_1=4), side(S2_1=2)).both

    assert row == comparison.Row("S2", "About S2", "S2.1", "Text S2_1", 4, 2, "Note 4", "Note 2")


def test_what_one_gave_no_level_stands_apart():
    found = comparison.of(
        side(S2_1=NOT_OBSERVED, S2_2=3, S2_3=NOT_APPLICABLE, S2_4=NOT_OBSERVED),
        side(S2_1=3, S2_2=NOT_APPLICABLE, S2_3=NOT_OBSERVED, S2_4=NOT_RATED),
    )

    assert codes(found.without_level) == ["S2.1", "S2.2", "S2.3"]
    assert [row.steps for row in found.without_level] == [0, 0, 0]
    assert (found.both, codes(found.only_first), found.only_second) == ([], ["S2.4"], [])


def test_what_only_one_of_them_rated_is_told_apart_from_what_neither_did():
    found = comparison.of(FIRST, SECOND)

    assert (codes(found.only_first), codes(found.only_second)) == ([], ["S2.5"])
    assert "S7.2" not in codes([*found.both, *found.without_level, *found.only_first, *found.only_second])


def test_extents_may_differ():
    found = comparison.of(side(S2_1=4, S7_1=3), side(S2_1=4, S5_1=2, S7_1=3, S8_1=1))

    assert codes(found.both) == ["S2.1", "S7.1"]
    assert codes(found.only_second) == ["S5.1", "S8.1"]


def test_printed_order_of_what_only_the_second_has():
    assert comparison._in_order(["b", "d"], ["a", "b", "c", "d", "e"]) == ["a", "b", "c", "d", "e"]


def test_activities_by_the_lower_median_of_what_both_rated():
    found = comparison.of(
        side(S2_1=1, S2_2=4, S7_1=2, S7_2=2, S8_1=NOT_OBSERVED),
        side(S2_1=2, S2_2=5, S7_1=5, S7_2=3, S8_1=2),
    )

    assert found.activities == [
        comparison.ActivityPair("S2", "About S2", 1, 2, 2),
        comparison.ActivityPair("S7", "About S7", 2, 3, 2),
    ]


def test_activities_furthest_apart_come_first():
    found = comparison.of(side(S2_1=3, S7_1=1), side(S2_1=3, S7_1=3))

    assert [(pair.code, pair.steps) for pair in found.activities] == [("S7", 2), ("S2", 0)]


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (
            side(S2_1=4, S2_2=3, S2_3=2, S2_4=2),
            side(S2_1=4, S2_2=5, S2_3=1, S2_4=2),
            "Of 4 competences both rated, 2 stand at the same level, 1 further on in Ada's own rating, 1 further on in"
            " Sam's.",
        ),
        (side(S2_1=4), side(S2_1=4), "Of 1 competence both rated, 1 stands at the same level."),
        (
            side(S2_1=1),
            side(S2_1=4),
            "Of 1 competence both rated, 0 stand at the same level, 1 further on in Sam's.",
        ),
        (side(S2_1=4), side(S2_1=NOT_OBSERVED), "No competence was given a level by both."),
        ([], [], "No competence was given a level by both."),
    ],
)
def test_told_in_a_sentence(first, second, sentence):
    found = comparison.of(first, second)

    assert comparison.told(found, first="Ada's own rating", second="Sam's") == sentence
