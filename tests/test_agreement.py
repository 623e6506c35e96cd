"""Agreement of two raters: examples from the literature, and the definition written out once more."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments import agreement
from assessments.agreement import Agreement


def table(*rows):
    """Counts from a table: rows are the levels of the one rater, columns those of the other."""
    return {(i, j): number for i, row in enumerate(rows, 1) for j, number in enumerate(row, 1)}


# Two dermatologists on the skin of 88 patients: the example of PROC FREQ in the SAS/STAT user's guide, whose default
# weights are linear.
SKIN = table((10, 4, 1, 0), (5, 10, 12, 2), (2, 4, 12, 5), (0, 2, 6, 13))
# Two radiologists on 85 xeromammograms: Boyd et al. 1982 in the Stata manual under `kappa`, weights `w`.
X_RAYS = table((21, 12, 0, 0), (4, 17, 1, 0), (3, 9, 15, 2), (0, 0, 0, 1))


@pytest.mark.parametrize(("counts", "printed"), [(SKIN, "0.5082"), (X_RAYS, "0.5684")])
def test_linear_kappa_of_published_examples(counts, printed):
    assert f"{float(agreement.weighted_kappa(counts)):.4f}" == printed


@pytest.mark.parametrize(("counts", "printed"), [(SKIN, "0.3449"), (X_RAYS, "0.4728")])
def test_plain_kappa_of_published_examples(counts, printed):
    plain = agreement.weighted_kappa(counts, weight=lambda one, other: int(one != other))

    assert f"{float(plain):.4f}" == printed


def test_weights_of_cohen_s_own_example():
    """Cohen 1968, table 1: two hundred patients, three diagnoses, and weights that he chose."""
    counts = table((88, 10, 2), (14, 40, 6), (18, 10, 12))
    weights = {(1, 2): 1, (1, 3): 3, (2, 3): 6}

    kappa = agreement.weighted_kappa(counts, weight=lambda *pair: weights.get(tuple(sorted(pair)), 0))

    assert f"{float(kappa):.3f}" == "0.348"


def test_counts_beside_kappa():
    found = agreement.of([(1, 1), (2, 2), (2, 3), (4, 2), (3, 3)])

    assert (found.number, found.exact, found.within_one) == (5, 3, 4)


def test_one_level_only_has_no_kappa():
    assert agreement.of([(3, 3), (3, 3)]) == Agreement(2, 2, 2, None)


def test_nothing_rated_by_both_has_no_kappa():
    assert agreement.of([]) == Agreement(0, 0, 0, None)


def test_two_levels_never_met_are_no_agreement_beyond_chance():
    assert agreement.of([(2, 4), (2, 4)]).kappa == 0


@pytest.mark.parametrize(("number", "is_few"), [(49, True), (50, False)])
def test_under_fifty_is_few(number, is_few):
    assert agreement.of([(1, 1)] * number).is_few is is_few


LEVELS = st.integers(1, 9)


@given(st.lists(st.tuples(LEVELS, LEVELS), min_size=1, max_size=40))
def test_kappa_by_its_definition(pairs):
    """Disagreement seen over that of every rating of the one with every rating of the other."""
    number = len(pairs)
    seen = Fraction(sum(abs(one - other) for one, other in pairs), number)
    expected = Fraction(sum(abs(one - other) for one, _ in pairs for _, other in pairs), number**2)

    assert agreement.of(pairs).kappa == (1 - seen / expected if expected else None)


@given(st.lists(st.tuples(LEVELS, LEVELS), min_size=1, max_size=40))
def test_kappa_is_the_same_from_either_side_and_in_either_direction(pairs):
    kappa = agreement.of(pairs).kappa

    assert agreement.of((other, one) for one, other in pairs).kappa == kappa
    assert agreement.of((10 - one, 10 - other) for one, other in pairs).kappa == kappa


@given(st.lists(LEVELS, min_size=1))
def test_full_agreement_is_one(levels):
    assert agreement.of((level, level) for level in levels).kappa == (1 if len(set(levels)) > 1 else None)
