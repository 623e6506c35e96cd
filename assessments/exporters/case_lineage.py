"""What became of a competence, in CASE's words. CASE has none for split or merged: several links show it."""

from collections.abc import Iterator

from assessments.exporters.case_links import Addresses, Object
from assessments.revisions import CompetenceData, LineageData, PointData, RevisionData
from assessments.revisions.likeness import normalised
from assessments.revisions.lineage import COVERED, EDITORIAL, MERGED, REWORDED, SPLIT, UNCHANGED

Link = tuple[str, Object, Object, str]
# The type of the link, and whether it runs from the older competence to the newer one.
TYPES = {
    UNCHANGED: ("exactMatchOf", False),
    EDITORIAL: ("exactMatchOf", False),
    REWORDED: ("replacedBy", True),
    SPLIT: ("replacedBy", True),
    MERGED: ("replacedBy", True),
    COVERED: ("isRelatedTo", False),
}


def links(previous: RevisionData, data: RevisionData, older: Addresses, newer: Addresses) -> Iterator[Link]:
    """What the revision states, and what the keys say of the rest. Nothing tells of what was removed or added."""
    for entry in [*data.lineage, *_by_key(previous, data)]:
        if entry.kind in TYPES:
            type, runs_on = TYPES[entry.kind]
            for first in filter(None, map(older.competence, entry.older)):
                for second in filter(None, map(newer.competence, entry.newer)):
                    ends = [first.link(), second.link()]
                    origin, destination = ends if runs_on else reversed(ends)
                    yield type, origin, destination, _note(entry, first.code, second.code)


def _by_key(previous: RevisionData, data: RevisionData) -> Iterator[LineageData]:
    """The same key hands on, unless something else is stated about either end."""
    before = _entries(previous)
    stated_older = {key for entry in data.lineage for key in entry.older}
    stated_newer = {key for entry in data.lineage if entry.kind != COVERED for key in entry.newer}
    for key, entry in _entries(data).items():
        if key in before and key not in stated_older and key not in stated_newer:
            is_same = normalised(before[key].text) == normalised(entry.text)
            yield LineageData(UNCHANGED if is_same else REWORDED, [key], [key])


def _entries(data: RevisionData) -> dict[str, CompetenceData | PointData]:
    entries: dict[str, CompetenceData | PointData] = {}
    for row in data.all_competences():
        entries[row.key] = row
        entries |= {point.key: point for point in row.points}
    return entries


def _note(entry: LineageData, older: str, newer: str) -> str:
    """An importer of ours knows an editorial change by its first word."""
    kind = "" if entry.kind in {UNCHANGED, REWORDED} else entry.kind
    recoded = f"code {older} → {newer}" if older != newer and entry.kind in {UNCHANGED, EDITORIAL} else ""
    return "; ".join(filter(None, [kind, recoded, entry.note]))
