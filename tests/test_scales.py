"""The rules of a scale, and what can be done to its levels while it is edited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.revisions import LevelData
from assessments.revisions.scales import Difference, Ladder, differences, faults, fingerprint
from tests.factories import make_scale_data

NAMES = st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=9, unique=True)


def ladder(*values, threshold=None):
    return Ladder([LevelData(value, f"Level {value}") for value in values], threshold)


def values(rungs):
    return [level.value for level in rungs.levels]


def test_sound_scale_has_no_faults():
    assert faults(make_scale_data()) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": ""}, ["Name: this is missing."]),
        ({"levels": [LevelData("3", "Met")]}, ["A scale needs at least two levels. Add another one."]),
        (
            {"levels": [LevelData(str(number), f"L{number}") for number in range(10)]},
            ["A scale has at most nine levels, one for each key. Remove some."],
        ),
        (
            {"levels": [LevelData("", "Not met"), LevelData("3", "")]},
            ["Level 1: give it a value, or remove it.", "Level 2: give it a label, or remove it."],
        ),
        (
            {"levels": [LevelData("3", "Met"), LevelData("3", "Not met")]},
            ["Level 2: the value “3” is that of level 1, too. Give each its own."],
        ),
        (
            {"levels": [LevelData("2", "Met"), LevelData("3", "MET")]},
            ["Level 2: the label “MET” is that of level 1, too. Give each its own."],
        ),
        (
            {"levels": [LevelData("2", "Not observed"), LevelData("3", "Met")]},
            ["Level 1: “Not observed” is the name of an answer without a level. Choose another label."],
        ),
        ({"threshold": ""}, ["Choose the level that is expected of an independent practitioner."]),
        ({"threshold": "7"}, ["Choose the level that is expected of an independent practitioner."]),
    ],
)
def test_fault_of_a_scale_is_a_sentence(changes, expected):
    assert [fault.sentence for fault in faults(make_scale_data(**changes))] == expected


def test_fault_of_a_level_knows_its_place():
    found = faults(make_scale_data(levels=[LevelData("2", "Met"), LevelData("3", "")]))

    assert [(fault.level, fault.field) for fault in found] == [(1, "label")]


def test_another_level_is_blank_and_last():
    assert ladder("1", "2").with_another().levels[-1] == LevelData("", "")


def test_tenth_level_is_not_added():
    nine = ladder(*"123456789")

    assert nine.with_another() == nine


@pytest.mark.parametrize(("place", "expected"), [(0, ["2", "3"]), (2, ["1", "2"]), (7, ["1", "2", "3"])])
def test_level_is_taken_out(place, expected):
    assert values(ladder("1", "2", "3").without(place)) == expected


@pytest.mark.parametrize(("place", "threshold"), [(0, 1), (2, None), (3, 2)])
def test_threshold_stays_with_its_level_when_one_is_taken_out(place, threshold):
    assert ladder("1", "2", "3", "4", threshold=2).without(place).threshold == threshold


@pytest.mark.parametrize(
    ("place", "by", "expected"),
    [(1, -1, ["2", "1", "3"]), (1, 1, ["1", "3", "2"]), (0, -1, ["1", "2", "3"]), (2, 1, ["1", "2", "3"])],
)
def test_level_changes_places_with_its_neighbour(place, by, expected):
    assert values(ladder("1", "2", "3").with_moved(place, by=by)) == expected


def test_threshold_moves_with_its_level():
    assert ladder("1", "2", "3", threshold=1).with_moved(1, by=1).threshold == 2


def test_level_that_is_not_there_does_not_move():
    assert values(ladder("1", "2").with_moved(-5, by=1)) == ["1", "2"]


def test_half_step_stands_between_two_levels():
    halved = ladder("1", "2").with_half_steps()

    assert halved.levels[1] == LevelData("1.5", "Between Level 1 and Level 2")


@pytest.mark.parametrize(
    ("pair", "expected"),
    [(("1", "2"), "1.5"), (("10", "20"), "15"), (("1.5", "2"), "1.75"), (("A", "B"), "A–B"), (("", "2"), "")],
)
def test_value_of_a_half_step(pair, expected):
    assert ladder(*pair).with_half_steps().levels[1].value == expected


def test_half_step_beside_a_level_without_label_has_none():
    blank = Ladder([LevelData("1", ""), LevelData("2", "Met")])

    assert blank.with_half_steps().levels[1] == LevelData("1.5", "")


def test_threshold_stays_with_its_level_between_half_steps():
    halved = ladder("1", "2", "3", threshold=1).with_half_steps()

    assert (values(halved), halved.threshold) == (["1", "1.5", "2", "2.5", "3"], 2)


@pytest.mark.parametrize("number", [1, 6])
def test_half_steps_that_do_not_fit_change_nothing(number):
    rungs = ladder(*map(str, range(number)))

    assert rungs.with_half_steps() == rungs


@given(NAMES, st.data())
def test_moving_there_and_back_changes_nothing(names, data):
    rungs = ladder(*names, threshold=data.draw(st.integers(0, len(names) - 1)))
    place = data.draw(st.integers(0, len(names) - 1))
    is_last = place == len(names) - 1

    there = rungs.with_moved(place, by=1)

    assert there.with_moved(place if is_last else place + 1, by=1 if is_last else -1) == rungs


def test_fingerprint_changes_with_any_text():
    scale = make_scale_data()

    assert fingerprint(scale) == fingerprint(make_scale_data())
    assert fingerprint(scale) != fingerprint(make_scale_data(not_observed="Not seen."))


def test_differences_name_each_place():
    stored = make_scale_data()
    typed = make_scale_data(name="Steps", has_not_applicable=False, levels=[*stored.levels[:2], LevelData("3", "Done")])

    assert differences(stored, typed) == [
        Difference("Name", "Three steps", "Steps"),
        Difference("“Not applicable” is an answer", "Yes", "No"),
        Difference("Level 3, label", "Met", "Done"),
    ]


def test_differences_of_lengths_name_the_level_that_one_lacks():
    stored = make_scale_data()
    typed = make_scale_data(levels=stored.levels[:2])

    assert differences(stored, typed) == [
        Difference("Level 3, value", "3", ""),
        Difference("Level 3, label", "Met", ""),
    ]
