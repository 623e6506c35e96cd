"""Which words of two texts are the same: for showing a change, never for deciding one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, pairwise

KEPT, REMOVED, ADDED = "kept", "removed", "added"

# A word, or a sign that stands alone, with the space that follows it.
_PIECE = re.compile(r"(\w+|[^\w\s])(\s*)")


@dataclass(frozen=True)
class Span:
    """A stretch of a text. All spans of a text together are the text, to the last space."""

    kind: str
    text: str


def words(before: str, after: str) -> tuple[list[Span], list[Span]]:
    """The earlier text as what was kept and removed, the later one as what was kept and added."""
    earlier, later = compared([before], [after])
    return earlier[0], later[0]


def compared(before: Sequence[str], after: Sequence[str]) -> tuple[list[list[Span]], list[list[Span]]]:
    """Each text against all of the other side: a word counts as kept where any of them has it."""
    earlier, later = ([_pieces(text) for text in texts] for texts in (before, after))
    kept_earlier, kept_later = ([[False] * len(pieces) for pieces in side] for side in (earlier, later))
    for one, was_kept in zip(earlier, kept_earlier, strict=True):
        for other, is_kept in zip(later, kept_later, strict=True):
            for at_one, at_other, length in _common([word for word, _ in one], [word for word, _ in other]):
                was_kept[at_one : at_one + length] = is_kept[at_other : at_other + length] = [True] * length
    return (
        [_spans(*side, REMOVED) for side in zip(before, earlier, kept_earlier, strict=True)],
        [_spans(*side, ADDED) for side in zip(after, later, kept_later, strict=True)],
    )


def _pieces(text: str) -> list[tuple[str, str]]:
    return _PIECE.findall(text)


def _common(before: list[str], after: list[str]) -> Iterator[tuple[int, int, int]]:
    """Runs that both have, as places and length. What both begin and end with needs no search."""
    shorter = min(len(before), len(after))
    head = next((place for place in range(shorter) if before[place] != after[place]), shorter)
    left = shorter - head
    tail = next((place for place in range(left) if before[-1 - place] != after[-1 - place]), left)
    yield 0, 0, head
    yield len(before) - tail, len(after) - tail, tail
    yield from _runs(before[head : len(before) - tail], after[head : len(after) - tail], head)


def _runs(before: list[str], after: list[str], head: int) -> Iterator[tuple[int, int, int]]:
    end_one = end_other = 0
    found = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    for (one, other, length), (next_one, next_other, _) in pairwise(found):
        # One word alone, where everything round it changed on both sides, is chance and breaks sentences into crumbs.
        is_torn = one > end_one and other > end_other and next_one > one + length and next_other > other + length
        if length > 1 or not is_torn:
            yield head + one, head + other, length
        end_one, end_other = one + length, other + length


def _spans(text: str, pieces: list[tuple[str, str]], kept: list[bool], otherwise: str) -> list[Span]:
    """The space after the last changed word belongs to what follows, so that it is neither struck nor underlined."""
    parts = [(KEPT, text[: len(text) - len(text.lstrip())])]
    for (word, space), is_kept, next_is_kept in zip(pieces, kept, [*kept[1:], True], strict=False):
        kind = KEPT if is_kept else otherwise
        parts += [(kind, word), (KEPT if is_kept or next_is_kept else kind, space)]
    filled = [part for part in parts if part[1]]
    return [Span(kind, "".join(text for _, text in group)) for kind, group in groupby(filled, key=lambda part: part[0])]
