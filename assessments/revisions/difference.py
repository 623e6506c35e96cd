"""How two revisions of a framework differ: one change for each decision of their lineage."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from assessments.revisions import likeness, lineage, spans
from assessments.revisions.data import ActivityData, DomainData, RevisionData
from assessments.revisions.likeness import normalised
from assessments.revisions.lineage import Assessable, Link
from assessments.revisions.spans import Span

# An unchanged competence may have moved or have another code. With these two each change has one group.
MOVED, RECODED = "moved", "recoded"
GROUPS = [
    lineage.UNCHANGED,
    lineage.REWORDED,
    lineage.EDITORIAL,
    MOVED,
    RECODED,
    lineage.SPLIT,
    lineage.MERGED,
    lineage.COVERED,
    lineage.REMOVED,
    lineage.ADDED,
]
RETITLED = "retitled"

Titled = DomainData | ActivityData


@dataclass(frozen=True)
class Statement:
    """A rateable competence or sub-point where it stands. `guidance` is what explains it and is not judged."""

    key: str
    code: str
    text: str
    place: int
    activity: ActivityData
    domain: DomainData
    guidance: str = ""

    def stands_with(self, other: "Statement") -> bool:
        """In the same activity: by its key or, where a format gives none that last, by its title."""
        mine, its = self.activity, other.activity
        titles = [(normalised(each.domain.title), normalised(each.activity.title)) for each in (self, other)]
        return mine.key == its.key or titles[0] == titles[1]


@dataclass(frozen=True)
class Change:
    """One decision: what the older statements became. An added one has no older, a removed one no newer."""

    kind: str
    older: list[Statement]
    newer: list[Statement]
    links: list[Link]

    @property
    def is_one_to_one(self) -> bool:
        return self.kind in lineage.IDENTITY

    @property
    def is_moved(self) -> bool:
        return self.is_one_to_one and not self.older[0].stands_with(self.newer[0])

    @property
    def is_recoded(self) -> bool:
        return self.is_one_to_one and self.older[0].code != self.newer[0].code

    @property
    def has_other_guidance(self) -> bool:
        return self.is_one_to_one and normalised(self.older[0].guidance) != normalised(self.newer[0].guidance)

    @cached_property
    def group(self) -> str:
        if self.kind != lineage.UNCHANGED:
            return self.kind
        return MOVED if self.is_moved else RECODED if self.is_recoded else lineage.UNCHANGED

    @property
    def statement(self) -> Statement:
        """Under whose activity the change is listed."""
        return (self.older if self.kind in {lineage.COVERED, lineage.REMOVED} else self.newer)[0]

    @property
    def basis(self) -> str:
        return self.links[0].basis

    @property
    def note(self) -> str:
        return next((link.note for link in self.links if link.note), "")

    @property
    def likeness(self) -> int | None:
        """Per cent of words kept, where one statement became one other with other words."""
        if self.kind not in {lineage.EDITORIAL, lineage.REWORDED}:
            return None
        stored = self.links[0].likeness
        return likeness.per_cent(self.older[0].text, self.newer[0].text) if stored is None else stored

    @cached_property
    def spans(self) -> tuple[list[list[Span]], list[list[Span]]]:
        """The words of each older and each newer statement. Made when asked for: it costs the most by far."""
        before, after = ([each.text for each in side] for side in (self.older, self.newer))
        if self.kind in {lineage.UNCHANGED, lineage.COVERED, lineage.REMOVED}:
            return _whole(before), _whole(after)
        return spans.compared(before, after)


def _whole(texts: list[str]) -> list[list[Span]]:
    return [[Span(spans.KEPT, text)] for text in texts]


@dataclass(frozen=True)
class Heading:
    """A domain or activity that was added, removed or given another title; the side it is not on is None."""

    kind: str
    level: str
    older: Titled | None
    newer: Titled | None


@dataclass(frozen=True)
class Difference:
    """Changes in printed order of the newer revision, what was removed or covered where it stood."""

    changes: list[Change]
    headings: list[Heading]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many changes each group has, in the order in which they are told; groups without any are left out."""
        counted = Counter(change.group for change in self.changes)
        return {group: counted[group] for group in GROUPS if counted[group]}

    @property
    def changed(self) -> list[Change]:
        return [change for change in self.changes if change.group != lineage.UNCHANGED]

    def in_group(self, group: str) -> list[Change]:
        return [change for change in self.changes if change.group == group]


def compare(older: RevisionData, newer: RevisionData, links: Iterable[Link]) -> Difference:
    """Every change that the links tell. An end that names no rateable competence of its side is left out."""
    earlier, later = _statements(older), _statements(newer)
    grouped: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in links:
        if (link.older in earlier or not link.older) and (link.newer in later or not link.newer):
            grouped[lineage.decision(link)].append(link)
    changes = [_change(group, earlier, later) for group in grouped.values()]
    return Difference(_in_order(changes), [*_headings("domain", older, newer), *_headings("activity", older, newer)])


def _change(links: list[Link], earlier: dict[str, Statement], later: dict[str, Statement]) -> Change:
    older = dict.fromkeys(link.older for link in links if link.older)
    newer = dict.fromkeys(link.newer for link in links if link.newer)
    return Change(links[0].kind, [earlier[key] for key in older], [later[key] for key in newer], links)


def _statements(revision: RevisionData) -> dict[str, Statement]:
    listed = (
        (node, guidance, activity, domain)
        for domain in revision.domains
        for activity in domain.all_activities()
        for node, guidance in _with_guidance(activity)
    )
    return {
        node.key: Statement(node.key, node.code, node.text, place, activity, domain, guidance)
        for place, (node, guidance, activity, domain) in enumerate(listed)
    }


def _with_guidance(activity: ActivityData) -> Iterator[tuple[Assessable, str]]:
    for competence in activity.competences:
        explaining = [point.text for point in competence.points if not point.is_rateable]
        yield competence, " ".join([competence.guidance, *explaining])
        yield from ((point, "") for point in competence.points if point.is_rateable)


def _in_order(changes: list[Change]) -> list[Change]:
    """What leads nowhere stands after the statement before it in the older revision, unless that one moved away."""
    places: dict[int, tuple[int, int]] = {}
    after = -1
    for change in sorted((each for each in changes if each.older), key=lambda each: each.older[0].place):
        if change.kind in {lineage.COVERED, lineage.REMOVED}:
            places[id(change)] = after, 1 + change.older[0].place
        elif not change.is_moved:
            after = min(statement.place for statement in change.newer)
    return sorted(changes, key=lambda each: places.get(id(each)) or (min(s.place for s in each.newer), 0))


def _headings(level: str, older: RevisionData, newer: RevisionData) -> Iterator[Heading]:
    """Matched by key, else by a title that stands once. What stands in for a missing level is nobody's heading."""
    earlier, later = ([each for each in _nodes(level, side) if not each.is_synthetic] for side in (older, newer))
    keys, titles = {each.key: each for each in earlier}, _by_title(earlier)
    later_titles = _by_title(later)
    met = set()
    for each in later:
        title = normalised(each.title)
        before = keys.get(each.key) or (titles.get(title) if title in later_titles else None)
        if before is None:
            yield Heading(lineage.ADDED, level, None, each)
            continue
        met.add(before.key)
        if normalised(before.title) != title:
            yield Heading(RETITLED, level, before, each)
    yield from (Heading(lineage.REMOVED, level, each, None) for each in earlier if each.key not in met)


def _nodes(level: str, revision: RevisionData) -> Iterable[Titled]:
    return revision.domains if level == "domain" else revision.all_activities()


def _by_title(nodes: list[Titled]) -> dict[str, Titled]:
    counted = Counter(normalised(node.title) for node in nodes)
    return {normalised(node.title): node for node in nodes if counted[normalised(node.title)] == 1}
