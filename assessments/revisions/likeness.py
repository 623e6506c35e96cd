"""Which statements say nearly the same, by the words they share. A suggestion for a person, never a rule."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

# Cosine of the weighted words. Tried on the ASVS pair of benchmarks/lineage.py, where a lower one proposes wrong pairs.
THRESHOLD = 0.15
# A pair must stand out: the next best partner of either side comes to at most this part of it.
STANDS_OUT = 0.95
# Forms of a word mostly share their first letters, in any language with endings.
STEM = 6
# What stands in one statement of so many tells none apart and costs the most time; the two bounds are for small and
# large frameworks.
COMMON, FEWEST, MOST = 10, 20, 200

_WORD = re.compile(r"[^\W_]+")
# Quotes, dashes, and the hyphen that shows only at the end of a line.
_TYPOGRAPHY = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014\u2011", "''\"\"---", "\u00ad")


def normalised(text: str) -> str:
    """The text without what a retyped copy may differ in: composition, spaces, case, quotes and dashes."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_TYPOGRAPHY).casefold().split())


def words(text: str) -> list[str]:
    return _WORD.findall(normalised(text))


def per_cent(before: str, after: str) -> int:
    """How much of the two texts is the same words in the same order. Less than 100 where anything differs."""
    earlier, later = words(before), words(after)
    if earlier == later:
        return 100
    return min(99, round(100 * SequenceMatcher(None, earlier, later, autojunk=False).ratio()))


def pairs(
    older: Mapping[str, str], newer: Mapping[str, str], *, among: Iterable[str], threshold: float = THRESHOLD
) -> list[tuple[str, str]]:
    """Keys of statements that are each other's nearest, and clearly so. A word weighs more the rarer it is `among` all.

    `older` and `newer` are texts by key.
    """
    weights = _weights(among)
    posted = defaultdict(list)
    for key, text in newer.items():
        for feature, weight in _vector(text, weights).items():
            posted[feature].append((key, weight))
    backward: dict[str, _Nearest] = defaultdict(_Nearest)
    forward: dict[str, _Nearest] = defaultdict(_Nearest)
    for key, text in older.items():
        scores: dict[str, float] = defaultdict(float)
        for feature, weight in _vector(text, weights).items():
            for other, its in posted[feature]:
                scores[other] += weight * its
        for other, score in scores.items():
            # What is below it can neither be proposed nor stand in the way of what is.
            if score >= threshold * STANDS_OUT:
                forward[key].offer(other, score)
                backward[other].offer(key, score)
    return [
        (key, nearest.key)
        for key, nearest in forward.items()
        if nearest.score >= threshold and nearest.stands_out and backward[nearest.key].is_clearly(key)
    ]


@dataclass
class _Nearest:
    """The best partner met so far, and how good the next best one is."""

    key: str = ""
    score: float = 0.0
    next_best: float = 0.0

    def offer(self, key: str, score: float) -> None:
        if score > self.score:
            self.key, self.score, self.next_best = key, score, self.score
        else:
            self.next_best = max(self.next_best, score)

    @property
    def stands_out(self) -> bool:
        return self.next_best <= STANDS_OUT * self.score

    def is_clearly(self, key: str) -> bool:
        return self.key == key and self.stands_out


def _features(text: str) -> set[str]:
    """Words and pairs of neighbouring words: the pairs keep texts apart that use the same words for another matter."""
    stems = [word[:STEM] for word in words(text)]
    return {*stems, *(f"{one} {two}" for one, two in pairwise(stems))}


def _weights(texts: Iterable[str]) -> dict[str, float]:
    sets = [_features(text) for text in texts]
    counts = Counter(feature for features in sets for feature in features)
    most = max(FEWEST, min(MOST, len(sets) // COMMON))
    return {feature: math.log((1 + len(sets)) / count) for feature, count in counts.items() if count <= most}


def _vector(text: str, weights: Mapping[str, float]) -> dict[str, float]:
    """The features of a text with their weights, to the length of one."""
    found = {feature: weights[feature] for feature in _features(text) if feature in weights}
    length = math.hypot(*found.values())
    return {feature: weight / length for feature, weight in found.items()}
