"""What a file of any format says, before anybody has chosen what its levels mean here."""

from dataclasses import dataclass, field

from assessments.exceptions import Problem
from assessments.revisions import Kept, LineageData, RevisionData, ScaleData

# Limits of every format. The largest real framework met so far: 3.8 MB, 4,243 nodes.
MAX_BYTES, MAX_NODES, MAX_DEPTH, MAX_TEXT, MAX_COLUMNS = 20 * 1024**2, 20_000, 32, 20_000, 200


# Of a competence, as a file names them.
KINDS = ["knowledge", "skill", "attitude"]


@dataclass(frozen=True)
class Notice:
    """Something tolerated. A warning changes what is stored and is confirmed; a note is only good to know."""

    place: str
    what: str
    is_warning: bool = False


@dataclass(frozen=True)
class Node:
    """One entry of the file's own tree.

    `id` and `parent` are unique within the file (`parent` is blank at the top), `place` says where it stands in words
    a person can follow, `level` is the file's own name for its level. A node has a title, a text, or both.
    """

    id: str
    parent: str
    place: str
    code: str = ""
    title: str = ""
    text: str = ""
    guidance: str = ""
    level: str = ""
    kind: str = ""
    source_id: str = ""
    kept: Kept = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its head, some of what stands below, and the role guessed or chosen for it."""

    head: str
    samples: list[str]
    role: str


@dataclass(frozen=True)
class Table:
    """The sheet that was read, for a person to correct which column is what. `sheets` names all there are."""

    columns: list[Column]
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """What a file says. A format of our own gives a whole `revision`; any other gives `nodes` in printed order.

    `metadata` holds fields of RevisionData by name, as far as the file has them. `nodes` stand in printed order,
    parents first, checked: no cycles, no orphans, no two with one id.
    """

    format: str
    nodes: list[Node] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    scale: ScaleData | None = None
    revision: RevisionData | None = None
    lineage: list[LineageData] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    table: Table | None = None
    kept: Kept = field(default_factory=dict)


@dataclass(frozen=True)
class Answers:
    """What a person chose about a file. Everything may be left blank: then the guess stands.

    `columns` maps a column's head to its role (importers/columns.py), `metadata` overrides what the file says,
    `shape` is one of importers/shaping.py, `fill_down` repeats a blank ancestor cell from the row above, `scale`
    names a stored one as `key/version`; blank keeps the file's own.
    """

    columns: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    sheet: str = ""
    encoding: str = ""
    shape: str = ""
    level: str = ""
    kind: str = "skill"
    scale: str = ""
    fill_down: bool = False
    keep_retired: bool = False
