import datetime
from uuid import UUID

import pytest

from assessments.courses import FURTHER, LESS_FAR, SAME, Course, Entry
from assessments.scoring import NOT_APPLICABLE, NOT_OBSERVED

HELEN, SAMUEL = UUID(int=1), UUID(int=2)


def course(*marks, by=HELEN):
    return Course([Entry(mark, datetime.date(2026, 3, number), by) for number, mark in enumerate(marks, start=1)])


@pytest.mark.parametrize(
    ("marks", "latest"),
    [
        ([1, 3], 3),
        ([1, NOT_OBSERVED], 1),
        ([3, NOT_APPLICABLE], NOT_APPLICABLE),
        ([NOT_APPLICABLE, 2], 2),
        ([NOT_OBSERVED], NOT_OBSERVED),
    ],
)
def test_latest_is_a_level_or_not_applicable_before_not_observed(marks, latest):
    mark, on = course(*marks).latest

    assert mark == latest
    assert on == datetime.date(2026, 3, marks.index(latest) + 1)


@pytest.mark.parametrize(
    ("marks", "median"),
    [
        ([1, 3, 5], 3),
        ([2, 4], 2),
        ([2, NOT_OBSERVED, 4, 4], 4),
        ([3, NOT_APPLICABLE], NOT_APPLICABLE),
        ([NOT_OBSERVED], NOT_OBSERVED),
    ],
)
def test_median_is_of_levels_alone(marks, median):
    assert course(*marks).median == median


@pytest.mark.parametrize(
    ("marks", "change"),
    [
        ([], ""),
        ([3], ""),
        ([1, NOT_OBSERVED], ""),
        ([3, 4], FURTHER),
        ([1, 3, 3], SAME),
        ([4, NOT_OBSERVED, 2], LESS_FAR),
    ],
)
def test_change_compares_the_last_two_levels(marks, change):
    assert course(*marks).change() == change


def test_change_on_a_reversed_scale_is_the_other_way_round():
    assert [course(4, 2).change(descending=True), course(2, 4).change(descending=True)] == [FURTHER, LESS_FAR]


def test_latest_of_each_rater_counts_once():
    both = Course([*course(1, 4).entries, *course(2, NOT_OBSERVED, by=SAMUEL).entries])

    assert both.by_rater == [2, 4]
