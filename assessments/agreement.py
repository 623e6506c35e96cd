"""How far two raters agree on a ranked scale: counts, and weighted kappa. It says how much, never whether that is good.

Weighted kappa (Cohen, J. Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial
credit. Psychological Bulletin 70, 1968, 213-220) is one less the disagreement seen over that to be expected if each
rater gave the levels as often as they did, but to competences at random:

    1 - sum(n_ij d_ij) n / sum(r_i c_j d_ij)

n_ij competences were given level i by the one and level j by the other, r_i and c_j are the sums of rows and columns,
n is the sum of all, d_ij is how much the two differ. Here d_ij is the number of levels between them (linear weights):
two levels apart count twice one level, as a reader takes it, and no level is held to be further from its neighbour than
another. Squared differences, the other usual choice, are ruled by the few widest gaps, and then kappa depends on the
number of levels more (Brenner & Kliebsch 1996, Epidemiology 7).

Limits. Only competences count that both gave a level; what one of them did not observe says nothing here. Kappa falls
where nearly everything stands at one level, however well two agree (Feinstein & Cicchetti 1990, Journal of Clinical
Epidemiology 43), so the counts stand beside it and values of different groups do not compare. It cannot be worked out
where both gave one and the same level throughout. Competences of one session are not independent of each other, so an
interval from the usual formula would be too narrow, and none is given. Of few competences it moves much by chance.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

# Fewer competences than this are no more than a hint.
FEW = 50

# How many competences were given the one level by the first rater and the other by the second.
Counts = Mapping[tuple[int, int], int]


def levels_apart(one: int, other: int) -> int:
    return abs(one - other)


@dataclass(frozen=True)
class Agreement:
    """Of `number` competences that both gave a level. Without `kappa` both used one and the same level only."""

    number: int
    exact: int
    within_one: int
    kappa: Fraction | None

    @property
    def is_few(self) -> bool:
        return self.number < FEW


def of(pairs: Iterable[tuple[int, int]]) -> Agreement:
    """Of the levels that two raters gave to the same competences."""
    return of_counts(Counter(pairs))


def of_counts(counts: Counts) -> Agreement:
    apart: Counter[int] = Counter()
    for (one, other), number in counts.items():
        apart[levels_apart(one, other)] += number
    return Agreement(apart.total(), apart[0], apart[0] + apart[1], weighted_kappa(counts))


def weighted_kappa(counts: Counts, weight: Callable[[int, int], int] = levels_apart) -> Fraction | None:
    """`weight` says how much two levels differ: nothing for the same one."""
    rows: Counter[int] = Counter()
    columns: Counter[int] = Counter()
    for (one, other), number in counts.items():
        rows[one] += number
        columns[other] += number
    seen = sum(number * weight(*levels) for levels, number in counts.items())
    expected = sum(rows[one] * columns[other] * weight(one, other) for one in rows for other in columns)
    return 1 - Fraction(seen * rows.total(), expected) if expected else None
