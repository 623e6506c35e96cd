"""What a CASE package says about the package before it: links from its items to items outside."""

from collections import defaultdict
from collections.abc import Iterator

from assessments.importers.case_tree import NOWHERE, Link, Tree
from assessments.revisions import LineageData

SAME, AFTER = "exactmatchof", "replacedby"
UNCHANGED, EDITORIAL, REWORDED, SPLIT, MERGED = "unchanged", "editorial", "reworded", "split", "merged"


def read(tree: Tree) -> list[LineageData]:
    """`exactMatchOf` has no direction in practice; `replacedBy` runs from the older item to the newer one.

    Where an item of this package is the older one, the link tells of a revision to come and is no lineage of this one.
    """
    here = {node.id for node in tree.nodes}
    same = [_same(link, here) for link in tree.links if link.type == SAME and _crosses(link, tree, here)]
    after = [link for link in tree.links if link.type == AFTER and _crosses(link, tree, here)]
    return [*same, *_replaced([link for link in after if link.destination in here])]


def _crosses(link: Link, tree: Tree, here: set[str]) -> bool:
    """Whether one end is an entry that was read and the other lies outside the package; the document does not."""
    ends = {link.origin, link.destination}
    return len(ends & here) == 1 and ends.isdisjoint({"", NOWHERE}) and len(ends & tree.ends.items) == 1


def _same(link: Link, here: set[str]) -> LineageData:
    older, newer = sorted([link.origin, link.destination], key=lambda end: end in here)
    kind = EDITORIAL if link.note.casefold().startswith(EDITORIAL) else UNCHANGED
    return LineageData(kind, older=[older], newer=[newer], note=link.note)


def _replaced(links: list[Link]) -> Iterator[LineageData]:
    """One old item with several successors was split; several old ones with one successor were merged."""
    newer: dict[str, dict[str, None]] = defaultdict(dict)
    notes: dict[str, str] = {}
    for link in links:
        newer[link.origin][link.destination] = None
        notes[link.origin] = notes.get(link.origin) or link.note
    split = {old: list(several) for old, several in newer.items() if len(several) > 1}
    for old, several in split.items():
        yield LineageData(SPLIT, older=[old], newer=several, note=notes[old])
    older: dict[str, list[str]] = defaultdict(list)
    for old, successors in newer.items():
        if old not in split:
            older[next(iter(successors))].append(old)
    shared = {new for several in split.values() for new in several}
    for new, several in older.items():
        kind = MERGED if len(several) > 1 or new in shared else REWORDED
        yield LineageData(kind, older=several, newer=[new], note=notes[several[0]])
