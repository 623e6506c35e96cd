"""What became of each competence from one revision to the next: proposed here, decided by a person.

Printed codes carry no identity: between ASVS 4.0.3 and 5.0.0 151 codes stand in both, and none means the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from assessments.revisions import likeness
from assessments.revisions.data import CompetenceData, LineageData, PointData, RevisionData
from assessments.revisions.likeness import THRESHOLD, normalised

# Kinds and bases as they are stored; models/lineage.py has their printed words.
UNCHANGED, EDITORIAL, REWORDED = "unchanged", "editorial", "reworded"
SPLIT, MERGED, COVERED = "split", "merged", "covered"
REMOVED, ADDED = "removed", "added"
KINDS = [UNCHANGED, EDITORIAL, REWORDED, SPLIT, MERGED, COVERED, REMOVED, ADDED]
FILE, KEY, TEXT, LIKENESS, REST, PERSON = "file", "key", "text", "likeness", "rest", "person"
BASES = [FILE, KEY, TEXT, LIKENESS, REST, PERSON]

# Kinds that hand one competence on to one other.
IDENTITY = [UNCHANGED, EDITORIAL, REWORDED]

Assessable = CompetenceData | PointData


@dataclass(frozen=True)
class Link:
    """One step of one competence, by keys. `older` is blank for an added one, `newer` for a removed one."""

    kind: str
    older: str
    newer: str
    basis: str = ""
    likeness: int | None = None
    note: str = ""


def rateable(revision: RevisionData) -> Iterator[Assessable]:
    """What can be rated, in printed order: competences and the sub-points that the revision marks rateable."""
    for competence in revision.all_competences():
        yield competence
        yield from (point for point in competence.points if point.is_rateable)


def propose(older: RevisionData, newer: RevisionData, *, threshold: float = THRESHOLD) -> list[Link]:
    """A link for every rateable competence of both revisions, in printed order of the newer, removed ones last.

    What the newer revision states about its lineage goes first, then the same identity, then the same words where
    nothing else has them, then similar words. `problems` finds nothing in a proposal.
    """
    proposal = _Proposal(_by_key(older), _by_key(newer))
    for entry in newer.lineage:
        proposal.take_stated(entry)
    proposal.join_same_identity()
    proposal.join_same_text()
    proposal.join_alike(threshold)
    return proposal.completed()


def _by_key(revision: RevisionData) -> dict[str, Assessable]:
    return {node.key: node for node in rateable(revision)}


@dataclass
class _Proposal:
    """Links found so far. An older competence is placed once; a newer one may be led to by several."""

    older: dict[str, Assessable]
    newer: dict[str, Assessable]
    found: list[Link] = field(default_factory=list)
    placed: set[str] = field(default_factory=set)
    origins: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, *found: Link) -> None:
        for link in found:
            self.found.append(link)
            self.placed.add(link.older)
            # Whatever covers an older competence has an origin of its own besides.
            if link.kind != COVERED:
                self.origins[link.newer].append(link.kind)

    def take_stated(self, entry: LineageData) -> None:
        """An entry of the file, unless it names what is not there or contradicts an earlier one."""
        edges = links([entry])
        is_known = set(entry.older) <= self.older.keys() and set(entry.newer) <= self.newer.keys()
        is_free = not self.placed & set(entry.older) and all(self._may_lead_to(entry.kind, key) for key in entry.newer)
        if is_known and is_free and edges and _fits(entry):
            self.add(*edges)

    def _may_lead_to(self, kind: str, key: str) -> bool:
        if kind == COVERED:
            return True
        if kind == ADDED or ADDED in self.origins[key]:
            return not self.origins[key]
        return kind not in IDENTITY or not set(IDENTITY) & set(self.origins[key])

    def join_same_identity(self) -> None:
        sources = _once({key: node.source_id for key, node in self.newer.items() if node.source_id})
        twice = _repeated(node.source_id for node in self.older.values())
        for key, node in self.older.items():
            to = key if key in self.newer else sources.get(node.source_id) if node.source_id not in twice else None
            if key not in self.placed and to and self._may_lead_to(UNCHANGED, to):
                self.add(self._same(key, to))

    def _same(self, older: str, newer: str) -> Link:
        before, after = self.older[older].text, self.newer[newer].text
        if normalised(before) == normalised(after):
            return Link(UNCHANGED, older, newer, basis=KEY)
        return Link(REWORDED, older, newer, basis=KEY, likeness=likeness.per_cent(before, after))

    def join_same_text(self) -> None:
        """Statements that stand once on either side; one that recurs proves nothing."""
        earlier, later = (_once(_normalised(nodes)) for nodes in (self.older, self.newer))
        for text, key in earlier.items():
            to = later.get(text)
            if to and key not in self.placed and not self.origins[to]:
                self.add(Link(UNCHANGED, key, to, basis=TEXT))

    def join_alike(self, threshold: float) -> None:
        earlier, later = _normalised(self.older), _normalised(self.newer)
        waiting = {key: text for text, key in _once(earlier).items() if key not in self.placed}
        offered = {key: text for text, key in _once(later).items() if not self.origins[key]}
        among = [*earlier.values(), *later.values()]
        for key, to in likeness.pairs(waiting, offered, among=among, threshold=threshold):
            kept = likeness.per_cent(self.older[key].text, self.newer[to].text)
            self.add(Link(REWORDED, key, to, basis=LIKENESS, likeness=kept))

    def completed(self) -> list[Link]:
        """With whatever nothing was found for, and in order."""
        added = [Link(ADDED, "", key, basis=REST) for key in self.newer if not self.origins[key]]
        removed = [Link(REMOVED, key, "", basis=REST) for key in self.older if key not in self.placed]
        whole = [self._unless_alone(link) for link in [*self.found, *added, *removed]]
        later, earlier = (_places(nodes) for nodes in (self.newer, self.older))
        return sorted(whole, key=lambda link: (later.get(link.newer, len(later)), earlier.get(link.older, 0)))

    def _unless_alone(self, link: Link) -> Link:
        """A merger needs somebody to merge with; alone it is a rewording."""
        is_alone = link.kind == MERGED and len(self.origins[link.newer]) == 1
        return replace(link, kind=REWORDED) if is_alone else link


def _places(keys: Iterable[str]) -> dict[str, int]:
    return {key: place for place, key in enumerate(keys)}


def _normalised(nodes: Mapping[str, Assessable]) -> dict[str, str]:
    return {key: normalised(node.text) for key, node in nodes.items()}


def _repeated(values: Iterable[str]) -> set[str]:
    return {value for value, count in Counter(values).items() if count > 1}


def _once(values: Mapping[str, str]) -> dict[str, str]:
    """Keys by value, where a value has one key."""
    twice = _repeated(values.values())
    return {value: key for key, value in values.items() if value not in twice}


def _fits(entry: LineageData) -> bool:
    """Whether it joins as many competences as its kind does."""
    older, newer = len(set(entry.older)), len(set(entry.newer))
    fitting = {
        SPLIT: older == 1 < newer,
        MERGED: newer == 1 <= older,
        COVERED: older == 1 <= newer,
        REMOVED: newer == 0 < older,
        ADDED: older == 0 < newer,
    }
    return fitting.get(entry.kind, entry.kind in IDENTITY and older == newer == 1)


def links(entries: Iterable[LineageData]) -> list[Link]:
    """One link for each pair that an entry joins; each end that joins nothing has its own."""
    return [
        Link(entry.kind, older, newer, basis=FILE, note=entry.note)
        for entry in entries
        for older in dict.fromkeys(entry.older or [""])
        for newer in dict.fromkeys(entry.newer or [""])
        if older or newer
    ]


def entries(links: Iterable[Link]) -> list[LineageData]:
    """One entry for each decision: a merger for the competence it leads to, any other for the one it starts from."""
    grouped: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in links:
        grouped[decision(link)].append(link)
    return [
        LineageData(
            kind,
            older=list(dict.fromkeys(link.older for link in group if link.older)),
            newer=list(dict.fromkeys(link.newer for link in group if link.newer)),
            note=next((link.note for link in group if link.note), ""),
        )
        for (kind, _), group in grouped.items()
    ]


def decision(link: Link) -> tuple[str, str]:
    """Links with the same value belong to one decision."""
    return link.kind, link.newer if link.kind in {MERGED, ADDED} else link.older


def problems(older_keys: Iterable[str], newer_keys: Iterable[str], links: Iterable[Link]) -> list[str]:
    """What keeps a lineage from being whole and free of contradiction, as sentences; none where it is.

    Every older competence ends once: handed on, split, merged, covered or removed. Every newer one has an origin.
    """
    given = list(links)
    onward, back = defaultdict(list), defaultdict(list)
    for link in given:
        onward[link.older].append(link)
        back[link.newer].append(link)
    earlier, later = dict.fromkeys(older_keys), dict.fromkeys(newer_keys)
    return [
        *_ends(given, earlier, later),
        *(sentence for key in earlier for sentence in _onward(key, onward[key])),
        *(sentence for key in later for sentence in _back(key, back[key])),
    ]


def _ends(links: list[Link], older: Mapping[str, None], newer: Mapping[str, None]) -> Iterator[str]:
    for ends, times in Counter((link.older, link.newer) for link in links).items():
        if times > 1:
            yield f"{' and '.join(filter(None, ends))}: linked {times} times. Keep one link."
    for link in links:
        if (bool(link.older), bool(link.newer)) != (link.kind != ADDED, link.kind != REMOVED):
            yield f"{link.older or link.newer or 'Nothing'} is {link.kind} with the wrong ends. Choose its kind again."
        if link.older and link.older not in older:
            yield f"{link.older} is no competence of the older revision. Take the link away."
        if link.newer and link.newer not in newer:
            yield f"{link.newer} is no competence of the newer revision. Take the link away."


def _onward(key: str, links: list[Link]) -> Iterator[str]:
    kinds = sorted({link.kind for link in links})
    if not kinds:
        yield f"Nothing says what became of {key}. Link it, or mark it as removed."
    elif len(kinds) > 1:
        yield f"{key} is {' and '.join(kinds)} at once. Keep one of them."
    elif kinds == [SPLIT] and len(links) == 1:
        yield f"{key} is split into one part. Name the others, or choose reworded."
    elif kinds[0] not in {SPLIT, COVERED} and len(links) > 1:
        yield f"{key} is {kinds[0]} {len(links)} times. Keep one link, or choose split."


def _back(key: str, links: list[Link]) -> Iterator[str]:
    kinds = [link.kind for link in links if link.kind != COVERED]
    handed_on = [kind for kind in kinds if kind in IDENTITY]
    if not links:
        yield f"Nothing says where {key} comes from. Link it, or mark it as added."
    elif ADDED in kinds and len(kinds) > 1:
        yield f"{key} is marked as added and linked as well. Keep one of them."
    elif len(handed_on) > 1:
        yield f"{key} continues {len(handed_on)} competences at once. Choose merged for all but one."
    elif kinds == [MERGED]:
        yield f"{key} is merged from one. Name the others, or choose reworded."
