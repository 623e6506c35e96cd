from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.scoring import (
    NOT_APPLICABLE,
    NOT_OBSERVED,
    NOT_RATED,
    Distribution,
    Moved,
    at_the_upper_end,
    distribution,
    median_low,
    moved,
    ramp_step,
    same_down_the_page,
)

MARKS = st.lists(st.integers(1, 9) | st.sampled_from([NOT_OBSERVED, NOT_APPLICABLE, NOT_RATED]))


@pytest.mark.parametrize(
    ("positions", "middle"),
    [([], None), ([4], 4), ([1, 2], 1), ([3, 1, 2], 2), ([5, 4, 2, 1], 2), ([1, 1, 1, 5], 1)],
)
def test_median_is_the_lower_middle_level(positions, middle):
    assert median_low(positions) == middle


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1))
def test_median_is_always_a_given_level(positions):
    assert median_low(positions) in positions


def test_distribution_counts_each_kind_apart():
    found = distribution([4, 4, 1, NOT_OBSERVED, NOT_APPLICABLE, NOT_APPLICABLE, NOT_RATED])

    assert found == Distribution(Counter({4: 2, 1: 1}), not_observed=1, not_applicable=2, not_rated=1)


def test_distribution_of_nothing_is_empty():
    assert distribution([]) == Distribution()


def test_rated_counts_levels_only():
    assert distribution([1, 5, NOT_OBSERVED, NOT_APPLICABLE, NOT_RATED]).rated == 2


@settings(deadline=None)
@given(MARKS)
def test_total_counts_everything(marks):
    assert distribution(marks).total == len(marks)


def test_expected_leaves_out_what_is_not_applicable():
    assert distribution([1, NOT_OBSERVED, NOT_APPLICABLE, NOT_RATED]).expected == 3


@settings(deadline=None)
@given(MARKS)
def test_median_is_of_the_levels_alone(marks):
    levels = [mark for mark in marks if isinstance(mark, int)]

    assert distribution(marks).median == median_low(levels)


def test_lowest_level_is_not_a_blank():
    lowest, blank = distribution([1]), distribution([NOT_RATED])

    assert (lowest.rated, lowest.not_rated, blank.rated, blank.not_rated) == (1, 0, 0, 1)


def test_at_or_beyond_includes_the_threshold():
    assert distribution([1, 3, 4, 4, 5, NOT_OBSERVED]).at_or_beyond(4) == 3


def test_at_or_beyond_runs_down_on_a_descending_scale():
    assert distribution([1, 2, 3, 5, NOT_RATED]).at_or_beyond(2, descending=True) == 2


@pytest.mark.parametrize(
    ("marks", "overall"),
    [
        ([], NOT_RATED),
        ([NOT_RATED], NOT_RATED),
        ([NOT_RATED, NOT_APPLICABLE], NOT_RATED),
        ([NOT_APPLICABLE, NOT_APPLICABLE], NOT_APPLICABLE),
        ([NOT_RATED, NOT_OBSERVED, NOT_APPLICABLE], NOT_OBSERVED),
        ([NOT_RATED, NOT_OBSERVED, NOT_APPLICABLE, 2], 2),
    ],
)
def test_overall_is_the_median_else_the_least_empty(marks, overall):
    assert distribution(marks).overall == overall


@pytest.mark.parametrize(
    ("size", "tints"),
    [(1, [5]), (2, [1, 5]), (3, [1, 3, 5]), (4, [1, 2, 4, 5]), (5, [1, 2, 3, 4, 5]), (9, [1, 1, 2, 3, 3, 3, 4, 5, 5])],
)
def test_ramp_step_spreads_the_tints(size, tints):
    assert [ramp_step(position, size) for position in range(1, size + 1)] == tints


@settings(deadline=None)
@given(st.integers(1, 9))
def test_ramp_step_turns_round_on_a_descending_scale(size):
    downwards = [ramp_step(position, size, descending=True) for position in range(1, size + 1)]

    assert downwards == [ramp_step(position, size) for position in range(size, 0, -1)]


@pytest.mark.parametrize(
    ("marks", "is_same"),
    [
        ([3, 3, 3, 3, 3], True),
        ([3, 3, 3, 3], False),
        ([3, 3, 3, 3, 4], False),
        ([NOT_OBSERVED] * 5, False),
        ([3, 3, 3, 3, NOT_OBSERVED], False),
        ([], False),
    ],
)
def test_same_down_the_page_needs_five_equal_levels(marks, is_same):
    assert same_down_the_page(marks) is is_same


def test_same_down_the_page_takes_another_least_number():
    assert same_down_the_page([2, 2], at_least=2) is True


@pytest.mark.parametrize(
    ("size", "upper"),
    [(1, []), (2, [2]), (3, [3]), (4, [3, 4]), (5, [4, 5]), (9, [6, 7, 8, 9])],
)
def test_upper_end_is_the_further_half_without_the_middle(size, upper):
    assert [place for place in range(1, size + 1) if at_the_upper_end([place] * 10, size)] == upper


def test_upper_end_of_a_descending_scale_is_its_beginning():
    assert [place for place in range(1, 6) if at_the_upper_end([place] * 10, 5, descending=True)] == [1, 2]


@pytest.mark.parametrize(
    ("marks", "is_so"),
    [([4, 5] * 5, True), ([4] * 9, False), ([5] * 10 + [3], False), ([5] * 10 + [NOT_OBSERVED], False), ([], False)],
)
def test_upper_end_needs_ten_levels_and_no_other(marks, is_so):
    assert at_the_upper_end(marks, 5) is is_so


def test_moved_takes_what_has_a_level_both_times():
    pairs = [(1, 3), (2, 2), (4, 5), (None, 5), (3, None), (None, None)]

    assert moved(pairs) == Moved(competences=3, then=2, now=3)


def test_moved_of_an_even_number_takes_the_lower_of_the_two_middle_ones():
    assert moved([(1, 2), (2, 3)]) == Moved(competences=2, then=1, now=2)


@pytest.mark.parametrize("pairs", [[], [(None, 3)], [(3, None)]])
def test_moved_says_nothing_without_a_pair(pairs):
    assert moved(pairs) is None
