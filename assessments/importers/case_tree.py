"""The tree of a CASE package: items, which of the links join them, and in which order siblings stand."""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from assessments.importers import trees
from assessments.importers.members import Members
from assessments.importers.reading import Node
from assessments.revisions import Kept

CHILD, NOWHERE = "ischildof", "?"
LONGEST_NUMBER = 9

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
# Of the standard, letters only. Whatever else occurs is kept like these.
_TYPES = {
    *["ischildof", "ispeerof", "ispartof", "exactmatchof", "precedes", "isrelatedto", "replacedby", "exemplar"],
    *["hasskilllevel", "istranslationof"],
}


@dataclass(frozen=True)
class Ends:
    """Finds what an end of a link points at: by identifier, by address, or by the identifier inside an address."""

    items: set[str]
    top: set[str]
    addresses: dict[str, str]

    def find(self, end: Any) -> str:
        """The identifier of an item, or blank for the document; any other identifier lies outside the package."""
        written = [end.get("identifier"), end.get("uri")] if isinstance(end, dict) else [end]
        names = [str(each).strip().lower() for each in written if each]
        if names and names[0] in self.items:
            return names[0]
        names += [_last(each) for each in names]
        for name in names:
            if name in self.items or name in self.addresses:
                return self.addresses.get(name, name)
        return "" if not self.top.isdisjoint(names) else next(iter(names), NOWHERE)


def _last(address: str) -> str:
    uuid = _UUID.search(address)
    return uuid[0] if uuid else address.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True)
class Link:
    """An association. `type` has letters only, so that `Is Child Of` is one too."""

    members: Members
    type: str
    origin: str
    destination: str

    @property
    def note(self) -> str:
        return str(self.members.value.get("notes") or "")


@dataclass(frozen=True)
class Tree:
    nodes: list[Node]
    links: list[Link]
    ends: Ends
    kept: Kept


@dataclass
class _Item:
    members: Members
    id: str
    number: int
    enumeration: str
    is_retired: bool
    # The links that name a parent inside the package.
    parents: list[Link] = field(default_factory=list)

    @property
    def parent(self) -> str:
        return self.parents[0].destination if self.parents else ""


def day(members: Members, name: str) -> str:
    """The day of a date or an instant; blank, with a note, when it is none."""
    written = members.raw(name)
    try:
        return datetime.date.fromisoformat(written[:10]).isoformat() if written else ""
    except ValueError:
        members.findings.note(members.place(name), f"{written[:40]!r} is not a date. It is kept aside.")
        members.used.discard(name)
        return ""


def read(package: Members, about: Members, *, keep_retired: bool) -> Tree:
    items = [_item(each, number) for number, each in enumerate(package.objects("CFItems")) if _has_id(each)]
    ends = _ends(items, about)
    links = [_link(each, ends) for each in package.objects("CFAssociations")]
    _tell_oddities(links, ends)
    used = _join(items, links, ends)
    placed, orphans = _without_orphans(items, links, package)
    retired = set() if keep_retired else _retired(placed)
    left_out = orphans | retired
    kept: Kept = {
        "associations": [link.members.value for link in links if id(link) not in used],
        "child_links": {item.id: _besides(item.parents[0]) for item in placed if item.parents},
        "left_out": [item.members.value for item in items if item.id in left_out],
    }
    nodes = [_node(item) for item in _in_order(item for item in placed if item.id not in retired)]
    return Tree(nodes, links, ends, {name: value for name, value in kept.items() if value})


def _has_id(members: Members) -> bool:
    has_id = bool(members.raw("identifier"))
    if not has_id:
        members.findings.problem(members.place("identifier"), "It has no identifier.", "Give it a UUID of its own.")
    return has_id


def _item(members: Members, number: int) -> _Item:
    members.code = members.text("humanCodingScheme")
    ends_on = day(members, "statusEndDate")
    members.used.discard("statusEndDate")
    today = datetime.date.today().isoformat()
    enumeration = str(members.value.get("listEnumeration") or "")
    return _Item(members, members.raw("identifier").lower(), number, enumeration, bool(ends_on) and ends_on < today)


def _ends(items: list[_Item], about: Members) -> Ends:
    package = about.value.get("CFPackageURI")
    named = [package.get("identifier"), package.get("uri")] if isinstance(package, dict) else [package]
    top = {str(each).lower() for each in [about.value.get("identifier"), about.value.get("uri"), *named] if each}
    addresses = {str(item.members.value.get("uri")).lower(): item.id for item in items if item.members.value.get("uri")}
    return Ends({item.id for item in items}, top | {_last(each) for each in top}, addresses)


def _link(members: Members, ends: Ends) -> Link:
    kind = re.sub(r"\W", "", members.raw("associationType")).lower()
    origin, destination = (ends.find(members.value.get(name)) for name in ["originNodeURI", "destinationNodeURI"])
    return Link(members, kind, origin, destination)


def _tell_oddities(links: list[Link], ends: Ends) -> None:
    known: set[str] = set()
    for link in links:
        findings = link.members.findings
        identifier = link.members.raw("identifier").lower()
        if identifier and identifier in known:
            findings.note(link.members.place(), "Its identifier stands on another association too.")
        known.add(identifier)
        if link.type not in _TYPES and not link.type.startswith("ext"):
            kind = link.members.raw("associationType")[:40]
            findings.note(link.members.place(), f"Associations of the type {kind!r} are kept, not used.")
        if any(end and end not in ends.items for end in [link.origin, link.destination]):
            findings.note(link.members.place(), "An end lies outside the package. The association is kept.")


def _join(items: list[_Item], links: list[Link], ends: Ends) -> set[int]:
    """Give each item its parents. Returns the links, by id, that the tree is made of."""
    by_id = {item.id: item for item in reversed(items)}
    outside: dict[str, Link] = {}
    used, known = set(), set()
    for link in links:
        if link.type != CHILD or not link.origin or link.origin not in by_id:
            continue
        if link.destination and link.destination not in ends.items:
            outside.setdefault(link.origin, link)
            continue
        used.add(id(link))
        if (link.origin, link.destination) in known:
            link.members.findings.note(link.members.place(), "It says again what another association says.")
            continue
        known.add((link.origin, link.destination))
        by_id[link.origin].parents.append(link)
    for item in items:
        item.parents = by_id[item.id].parents
        if by_id[item.id] is item:
            _check_parents(item, outside.get(item.id))
    return used


def _check_parents(item: _Item, outside: Link | None) -> None:
    findings = item.members.findings
    if outside and not item.parents:
        what = f"The parent of {item.members.code or item.id!r}, {outside.destination!r}, is not in the package."
        findings.problem(outside.members.place("destinationNodeURI"), what, "Name the document or an item.")
    if len(item.parents) > 1:
        parents = " and ".join(
            f"{each.destination or 'the document'!r} ({each.members.place()})" for each in item.parents[:5]
        )
        findings.problem(item.members.place(), f"It has {len(item.parents)} parents: {parents}.", "Keep one of them.")


def _without_orphans(items: list[_Item], links: list[Link], package: Members) -> tuple[list[_Item], set[str]]:
    """The items that take part in the tree, and the identifiers of those that do not."""
    joined = [link for link in links if link.type == CHILD]
    if items and not joined:
        package.findings.warn("/CFAssociations", "No isChildOf joins the items. All of them stand at the top.")
        return items, set()
    parents, children = {link.destination for link in joined}, {link.origin for link in joined}
    orphans = set()
    for item in items:
        if item.id in children:
            continue
        if item.id in parents:
            what = "Other items lie in it, but nothing says in what it lies itself."
            item.members.findings.problem(item.members.place(), what, "Join it to the document by isChildOf.")
        else:
            orphans.add(item.id)
            item.members.findings.warn(item.members.place(), "No isChildOf tells where it belongs. It is left out.")
    return [item for item in items if item.id not in orphans], orphans


def _retired(items: list[_Item]) -> set[str]:
    """Items whose last day has passed, unless something below them goes on."""
    by_id = {item.id: item for item in items}
    going_on: set[str] = set()
    for item in items:
        step = None if item.is_retired else item
        while step and step.id not in going_on:
            going_on.add(step.id)
            step = by_id.get(step.parent)
    for item in items:
        if item.is_retired:
            stays = "It stays, because entries below it go on." if item.id in going_on else "It is left out."
            item.members.findings.warn(item.members.place("statusEndDate"), f"Its last day has passed. {stays}")
    return {item.id for item in items} - going_on


def _besides(link: Link) -> Kept:
    """What a link of the tree says besides the two ends, which the tree itself tells."""
    told = {"associationType", "originNodeURI", "destinationNodeURI", "sequenceNumber"}
    return {name: value for name, value in link.members.value.items() if name not in told}


def _in_order(items: Iterable[_Item]) -> list[_Item]:
    groups: dict[str, list[_Item]] = {}
    for item in items:
        groups.setdefault(item.parent, []).append(item)
    return [item for group in groups.values() for item in _sorted(group)]


def _sorted(siblings: list[_Item]) -> list[_Item]:
    """By sequenceNumber; those without one behind the others by listEnumeration, if all have it, or as they stand."""
    numbers = {item.id: _sequence(item) for item in siblings}
    if len(siblings) > 1:
        _tell_order(siblings, [number for number in numbers.values() if number is not None])
    has_enumeration = all(item.enumeration for item in siblings)

    def key(item: _Item) -> tuple[bool, int, list[tuple[int, int, str]], int]:
        number = numbers[item.id]
        enumeration = trees.natural(item.enumeration) if has_enumeration else []
        return number is None, number or 0, enumeration, item.number

    return sorted(siblings, key=key)


def _tell_order(siblings: list[_Item], numbers: list[int]) -> None:
    first = siblings[0].members
    if len(numbers) < len(siblings):
        first.findings.note(first.place(), "Siblings lack a sequenceNumber. The order is that of the file's own lists.")
    if len(set(numbers)) < len(numbers):
        first.findings.warn(first.place(), "Siblings have equal sequenceNumbers. Check their order.")


def _sequence(item: _Item) -> int | None:
    link = item.parents[0].members if item.parents else None
    written = link.raw("sequenceNumber") if link else ""
    if not link or not written:
        return None
    if re.fullmatch(rf"-?[0-9]{{1,{LONGEST_NUMBER}}}(?:\.0)?", written):
        return int(written.removesuffix(".0"))
    link.findings.problem(link.place("sequenceNumber"), f"{written[:40]!r} is not a whole number.", "Write 1, 2, 3 …")
    return None


def _node(item: _Item) -> Node:
    members = item.members
    text, (title, name) = members.text("fullStatement"), members.first("abbreviatedStatement", "alternativeLabel")
    place = members.place("fullStatement")
    if title and not text:
        members.findings.note(place, f"The statement is missing and taken from {name}.")
    elif not text:
        members.findings.problem(place, "The statement is missing or empty.", "Write the statement.")
    return Node(
        id=item.id,
        parent=item.parent,
        place=members.place(),
        code=members.code,
        title=title,
        text=text or title,
        guidance=members.text("notes"),
        level=_level(members),
        source_id=item.id,
        kept=members.rest(),
    )


def _level(members: Members) -> str:
    return members.text("CFItemType") or members.text("Type") or members.peek("CFItemTypeURI").text("title")
