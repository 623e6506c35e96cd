"""What every format checks about its tree: ids, parents, cycles and size; and the printed order."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from assessments.exceptions import Problem
from assessments.importers.reading import MAX_DEPTH, MAX_NODES, Node, Notice

TOP = ""
# Looking for a near id costs time: a hostile file has thousands of them, and a person reads a few.
MOST_GUESSES, LONGEST_GUESS, MOST_CANDIDATES = 5, 60, 500
MOST_TYPED_MORE = 3
# Digits that count as a number when siblings are put in order, and the parts of a printed order that are looked at.
LONGEST_NUMBER = 15
MOST_PARTS = 30


def checked(nodes: list[Node]) -> tuple[list[Node], list[Problem], list[Notice]]:
    """The nodes that have their place in the tree, parents first, siblings in the order given; and what was wrong.

    Of two nodes alike in all but their place the first is kept, with a notice. A node below a missing parent or a
    cycle is left out, and the cause is named once.
    """
    if len(nodes) > MAX_NODES:
        what = f"It holds {len(nodes):,} entries; at most {MAX_NODES:,} are read."
        return [], [Problem("file", what, "Split the framework into several files.")], []
    kept, problems, notices = _without_repeats(nodes)
    by_id = {node.id: node for node in kept}
    problems += [*_orphans(kept, by_id), *_cycles(kept, by_id)]
    placed = _in_printed_order(kept)
    return [node for node, _ in placed], [*problems, *_too_deep(placed)], notices


def children(nodes: list[Node]) -> dict[str, list[Node]]:
    """The nodes by the id of their parent, in order; those at the top stand under a blank id."""
    found: dict[str, list[Node]] = {}
    for node in nodes:
        found.setdefault(node.parent, []).append(node)
    return found


def depths(nodes: list[Node]) -> list[int]:
    """The number of nodes on each level, from the top."""
    counts: list[int] = []
    for _, depth in _in_printed_order(nodes):
        counts += [0] * (depth - len(counts))
        counts[depth - 1] += 1
    return counts


def natural(position: str) -> list[tuple[int, int, str]]:
    """A key that sorts 1.10 after 1.9, and letters after numbers. A number too long for a computer sorts as letters."""
    parts = (found[0] for found in islice(re.finditer(r"\d+|[^\W\d_]+", position), MOST_PARTS))
    return [
        (0, int(part), "") if part.isdecimal() and len(part) <= LONGEST_NUMBER else (1, 0, part.casefold())
        for part in parts
    ]


def _in_printed_order(nodes: list[Node]) -> list[tuple[Node, int]]:
    """Every node that can be reached from the top, with its depth, a parent before its children."""
    below = children(nodes)
    waiting = [(node, 1) for node in reversed(below.get(TOP, []))]
    ordered = []
    while waiting:
        node, depth = waiting.pop()
        ordered.append((node, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(node.id, []))]
    return ordered


def _without_repeats(nodes: list[Node]) -> tuple[list[Node], list[Problem], list[Notice]]:
    first: dict[str, Node] = {}
    problems, notices = [], []
    for node in nodes:
        known = first.setdefault(node.id, node)
        if node.id == TOP:
            problems.append(Problem(node.place, "It has no id.", "Give each entry an id of its own."))
        elif known is node:
            continue
        elif replace(node, place=known.place) == known:
            notices.append(Notice(node.place, f"It repeats {known.place} and is left out.", is_warning=True))
        else:
            problems.append(_clash(known, node))
    first.pop(TOP, None)
    return list(first.values()), problems, notices


def _clash(known: Node, node: Node) -> Problem:
    """One id with two contents; where only the parent differs, one entry with two parents."""
    if replace(node, place=known.place, parent=known.parent) == known:
        parents = f"{known.parent or 'the top'!r} ({known.place}) and {node.parent or 'the top'!r}"
        return Problem(node.place, f"{node.id!r} has two parents, {parents}.", "Keep one of the two.")
    what = f"The id {node.id!r} already stands with other content at {known.place}."
    return Problem(node.place, what, "Give each entry an id of its own.")


def _orphans(nodes: list[Node], by_id: dict[str, Node]) -> Iterator[Problem]:
    orphans = [node for node in nodes if node.parent != TOP and node.parent not in by_id]
    for number, node in enumerate(orphans):
        near = _nearest(node, by_id) if number < MOST_GUESSES else ""
        mend = "Name an entry of the file."
        mend = f"Did you mean {near!r}? {mend}" if near else mend
        yield Problem(node.place, f"Its parent {node.parent!r} is not in the file.", mend)


def _nearest(node: Node, by_id: dict[str, Node]) -> str:
    if len(node.parent) > LONGEST_GUESS:
        return ""
    alike = (each for each in by_id if each != node.id and abs(len(each) - len(node.parent)) <= MOST_TYPED_MORE)
    return next(iter(difflib.get_close_matches(node.parent, islice(alike, MOST_CANDIDATES), n=1)), "")


def _cycles(nodes: list[Node], by_id: dict[str, Node]) -> Iterator[Problem]:
    """Each cycle once, with all its members, each in the next."""
    done: set[str] = set()
    for node in nodes:
        path: dict[str, Node] = {}
        step: Node | None = node
        while step and step.id not in done and step.id not in path:
            path[step.id] = step
            step = by_id.get(step.parent)
        if step and step.id in path:
            members = list(path)[list(path).index(step.id) :]
            yield _cycle([by_id[each] for each in members])
        done |= set(path)


def _cycle(members: list[Node]) -> Problem:
    mend = "Give one of them a parent outside the circle, or none."
    if len(members) == 1:
        return Problem(members[0].place, f"{members[0].id!r} is its own parent.", mend)
    chain = " in ".join(repr(node.id) for node in [*members, members[0]])
    return Problem(members[0].place, f"These entries lie in a circle: {chain}.", mend)


def _too_deep(placed: list[tuple[Node, int]]) -> Iterator[Problem]:
    deep = [(node, depth) for node, depth in placed if depth > MAX_DEPTH]
    if deep:
        node = deep[0][0]
        deepest = max(depth for _, depth in deep)
        what = f"It lies deeper than {MAX_DEPTH} levels, and the deepest entry on level {deepest}."
        yield Problem(node.place, what, "Flatten the tree.")
