"""Lineage over several revisions, or backwards, from the lineage of single steps that is stored."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import chain

from assessments.revisions.lineage import (
    ADDED,
    COVERED,
    EDITORIAL,
    IDENTITY,
    MERGED,
    REMOVED,
    REWORDED,
    SPLIT,
    UNCHANGED,
    Link,
)

# Over two steps the weaker word holds: a split that was tidied afterwards is a split.
WEAKER = [UNCHANGED, EDITORIAL, REWORDED, SPLIT, MERGED, COVERED]


def composed(first: Iterable[Link], second: Iterable[Link]) -> list[Link]:
    """What became of the competences of the first step's older revision by the end of the second step."""
    onward: dict[str, list[Link]] = defaultdict(list)
    steps, later = list(first), list(second)
    for link in later:
        onward[link.older].append(link)
    joined = [
        Link(max(one.kind, other.kind, key=WEAKER.index), one.older, other.newer, note=_both(one.note, other.note))
        for one in steps
        if one.older and one.newer
        for other in onward[one.newer]
        if other.newer
    ]
    return settled((link.older for link in steps), (link.newer for link in later), joined)


def turned(links: Iterable[Link]) -> list[Link]:
    """The same steps from the newer revision to the older one. Who is covered by others was not there before."""
    given = list(links)
    back = [
        Link(link.kind, link.newer, link.older, likeness=link.likeness, note=link.note)
        for link in given
        if link.older and link.newer and link.kind != COVERED
    ]
    return settled((link.newer for link in given), (link.older for link in given), back)


def _both(one: str, other: str) -> str:
    return " ".join(dict.fromkeys(note for note in (one, other) if note))


def settled(older: Iterable[str], newer: Iterable[str], joined: Iterable[Link]) -> list[Link]:
    """A whole lineage from the pairs that are joined: each gets the kind that the number of its partners allows."""
    pairs: dict[tuple[str, str], Link] = {}
    for link in sorted(joined, key=lambda each: WEAKER.index(each.kind)):
        pairs.setdefault((link.older, link.newer), link)
    firm = [link for link in pairs.values() if link.kind != COVERED]
    parts, sources = Counter(link.older for link in firm), Counter(link.newer for link in firm)
    covered = [link for link in pairs.values() if link.kind == COVERED and not parts[link.older]]
    identities = Counter(link.newer for link in firm if link.kind in IDENTITY and parts[link.older] == 1)
    kinds = (_kind(link, parts[link.older], sources[link.newer], identities[link.newer]) for link in firm)
    handed_on = [_as(link, kind) for link, kind in zip(firm, kinds, strict=True)]
    placed = {link.older for link in chain(handed_on, covered)}
    return [
        *handed_on,
        *covered,
        *(Link(ADDED, "", key) for key in dict.fromkeys(newer) if key and not sources[key]),
        *(Link(REMOVED, key, "") for key in dict.fromkeys(older) if key and key not in placed),
    ]


def _as(link: Link, kind: str) -> Link:
    return Link(kind, link.older, link.newer, likeness=link.likeness if kind in IDENTITY else None, note=link.note)


def _kind(link: Link, parts: int, sources: int, identities: int) -> str:
    if parts > 1:
        return SPLIT
    if sources > 1:
        return link.kind if link.kind in IDENTITY and identities == 1 else MERGED
    return link.kind if link.kind in IDENTITY else REWORDED
