"""A table to checked nodes: the roles of its columns, the shape of its tree, and what holds for every table."""

import re
from collections import Counter
from dataclasses import replace

from assessments.exceptions import Problem
from assessments.importers import columns, shapes, trees
from assessments.importers.columns import ASIDE, CODE, ID, LEFT_OUT, PROFICIENCY, ROLES, TEXT, TITLE
from assessments.importers.grids import Grid
from assessments.importers.reading import Answers, Column, Node, Notice, Reading, Table
from assessments.importers.shapes import Marked

SAMPLES, SAMPLE_LENGTH = 3, 200
MOST_REPEATS = 5
MANY = [ASIDE, LEFT_OUT, PROFICIENCY]


def read(grid: Grid, answers: Answers, *, format: str, sheets: list[str]) -> Reading:
    """The nodes of a table. Whatever is wrong, the columns come back so that a person can say what they are."""
    roles, problems = chosen(grid, answers)
    table = Table(columns=_columns(grid, roles), sheet=grid.sheet, sheets=sheets)
    marked = Marked(grid, roles, problems=problems)
    if not {TITLE, TEXT} & set(marked.heads):
        where = grid.place(grid.heading)
        what = "No column is known to hold the titles or statements."
        problems.append(Problem(where, what, "Name the columns in the first row, or choose what each of them is."))
        return Reading(format=format, problems=problems, table=table)
    if answers.fill_down:
        marked.grid = shapes.filled_down(marked)
    nodes = _nodes(marked)
    checked, faults, repeats = trees.checked(nodes)
    if not nodes and not problems:
        problems.append(Problem("file", "There is nothing to assess below the heading.", "Add the rows."))
    return Reading(
        format=format,
        nodes=checked,
        problems=[*problems, *faults],
        notices=[*_guessed(marked, answers), *marked.notices, *repeats],
        table=table,
    )


def _nodes(marked: Marked) -> list[Node]:
    shape = shapes.shape(marked)
    if shape is not shapes.by_depth:
        marked.grid = _distinct(marked)
    marked.problems += shapes.dated(marked)
    nodes = shape(marked)
    _check_texts(marked, nodes)
    _check_statements(marked, nodes)
    return _with_own_codes(marked, nodes)


def chosen(grid: Grid, answers: Answers) -> tuple[dict[str, str], list[Problem]]:
    """The guessed roles, corrected by the answers; what a person chose takes a role from a guessed column."""
    where = grid.place(grid.heading)
    problems = []
    for head, role in answers.columns.items():
        if head not in grid.heads:
            problems.append(Problem(where, f"There is no column {head!r}.", "Choose among the columns of the file."))
        if role not in ROLES:
            problems.append(Problem(where, f"There is no role {role!r}.", "Choose one of the roles offered."))
    own = {head: role for head, role in answers.columns.items() if head in grid.heads and role in ROLES}
    for role, count in Counter(own.values()).items():
        if count > 1 and role not in MANY:
            heads = " and ".join(repr(head) for head in own if own[head] == role)
            what = f"{heads} are both chosen as {ROLES[role]!r}."
            problems.append(Problem(where, what, "Choose one of them and keep the other aside."))
    guessed = columns.guess(grid.heads, [row.cells for row in grid.rows])
    taken = set(own.values()) - set(MANY)
    return {head: own.get(head, ASIDE if role in taken else role) for head, role in guessed.items()}, problems


def _columns(grid: Grid, roles: dict[str, str]) -> list[Column]:
    return [
        Column(
            head=head,
            samples=list(dict.fromkeys(cell[:SAMPLE_LENGTH] for cell in grid.column(head) if cell))[:SAMPLES],
            role=roles[head],
        )
        for head in grid.heads
    ]


def _guessed(marked: Marked, answers: Answers) -> list[Notice]:
    """What was made of columns whose heads say nothing, and which columns are not shown."""
    place = marked.grid.place(marked.grid.heading)
    if not answers.columns and not columns.recognised(marked.grid.heads):
        what = "No head is known; the columns were taken for levels from left to right. Check what each of them is."
        return [Notice(place, what, is_warning=True)]
    heads = [head for head, role in marked.roles.items() if role == ASIDE and any(marked.grid.column(head))]
    if not heads:
        return []
    names = ", ".join(repr(head) for head in heads)
    return [Notice(place, f"These columns are kept aside with their rows and not shown: {names}.")]


def _distinct(marked: Marked) -> Grid:
    """The rows without exact repeats, each of them named."""
    first: dict[tuple[str, ...], str] = {}
    rows = []
    for row in marked.grid.rows:
        place = marked.grid.place(row)
        known = first.setdefault(tuple(row.cells), place)
        if known == place:
            rows.append(row)
        else:
            marked.notice(row, "", f"It repeats {known} in every cell and is left out.", is_warning=True)
    return replace(marked.grid, rows=rows)


def _check_texts(marked: Marked, nodes: list[Node]) -> None:
    """Each entry has more than tags and spaces for a title or statement."""
    for node in nodes:
        if not any(re.sub(r"<[^>]*>|&nbsp;", "", text).strip() for text in [node.title, node.text]):
            name = f" {node.code!r}" if node.code else ""
            what = f"The entry{name} has neither a title nor a statement."
            marked.problems.append(Problem(node.place, what, "Write one, or delete the row."))


def _check_statements(marked: Marked, nodes: list[Node]) -> None:
    """The same statement twice is suspicious and may be meant."""
    parents = {node.parent for node in nodes}
    first: dict[str, Node] = {}
    repeats = []
    for node in nodes:
        said = shapes.folded(node.text or node.title)
        if said and node.id not in parents and first.setdefault(said, node) is not node:
            repeats.append(Notice(node.place, f"The same statement stands at {first[said].place}.", is_warning=True))
    if len(repeats) > MOST_REPEATS:
        what = f"{len(repeats)} statements repeat an earlier one. The first: {repeats[0].what}"
        repeats = [Notice(repeats[0].place, what, is_warning=True)]
    marked.notices += repeats


def _with_own_codes(marked: Marked, nodes: list[Node]) -> list[Node]:
    """Each code once among the entries that are assessed, and once on each level above them.

    Where the rows have identifiers of their own, the later entry is read without its code, for then the code is no
    more than a label; else two rows claim to be one entry.
    """
    parents = {node.parent for node in nodes}
    by_place = {marked.grid.place(row): row for row in marked.grid.rows}
    first: dict[tuple[str, str], Node] = {}
    found = []
    for node in nodes:
        tier = node.level if node.id in parents else "entry"
        key = (tier, node.code.casefold())
        known = first.setdefault(key, node) if node.code else node
        if known is node or known.id == node.id:
            found.append(node)
            continue
        what = f"The code {node.code!r} already stands at {known.place}"
        if node.source_id and ID in marked.heads:
            marked.notices.append(Notice(node.place, f"{what}; here it is left out.", is_warning=True))
            found.append(replace(node, code="", kept=node.kept | {marked.heads[CODE]: node.code}))
            continue
        row = by_place.get(node.place)
        if row and marked.is_number(row, CODE):
            what += ", as a number: 1.1 and 1.10 are one number"
        marked.problems.append(Problem(node.place, f"{what}.", "Give each entry a code of its own, as text."))
        found.append(node)
    return found
