"""Addresses and identifiers of a CASE package, and the objects that point with them."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from assessments.revisions import ActivityData, CompetenceData, DomainData, PointData, RevisionData

Object = dict[str, Any]
Entry = DomainData | ActivityData | CompetenceData | PointData

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Keys are unique among their kind only, so the kind is part of what an identifier is made from.
_KINDS = {DomainData: "domains", ActivityData: "activities", CompetenceData: "competences", PointData: "competences"}


def identifier(address: str) -> str:
    return str(uuid5(NAMESPACE_URL, address))


def named(source_id: str) -> str:
    """The identifier that a node came with, if CASE can hold it."""
    return source_id.lower() if _UUID.fullmatch(source_id.lower()) else ""


@dataclass(frozen=True)
class Item:
    """Where an entry of the tree is found and how it is called."""

    identifier: str
    uri: str
    code: str

    def link(self) -> Object:
        return {"title": self.code, "identifier": self.identifier, "uri": self.uri}


@dataclass
class Addresses:
    """Of one revision. The same entry of two revisions has two identifiers, because its wording may differ."""

    base: str
    data: RevisionData
    items: dict[tuple[str, str], Item] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.document = f"{self.base.rstrip('/')}/frameworks/{self.data.framework}/{self.data.number}/"
        self._used: set[str] = {self.identifier}
        for domain in self.data.domains:
            self._add(domain, f"domains/{domain.code}/")
        for activity in self.data.all_activities():
            page = f"activities/{activity.code}/"
            self._add(activity, page)
            for competence in activity.competences:
                entries: list[CompetenceData | PointData] = [competence, *competence.points]
                for entry in entries:
                    self._add(entry, f"{page}#{entry.code}")

    @property
    def identifier(self) -> str:
        return named(self.data.source_id) or identifier(self.document)

    def _add(self, entry: Entry, page: str) -> None:
        kind = _KINDS[type(entry)]
        made = identifier(f"{self.document}items/{kind}/{entry.key}")
        given = named(entry.source_id)
        own = given if given and given not in self._used else made
        self._used.add(own)
        self.items[kind, entry.key] = Item(own, f"{self.document}{page}", entry.code)

    def of(self, entry: Entry) -> Item:
        return self.items[_KINDS[type(entry)], entry.key]

    def competence(self, key: str) -> Item | None:
        return self.items.get(("competences", key))

    def whole(self) -> Object:
        return {"title": self.data.title, "identifier": self.identifier, "uri": self.document}

    def part(self, name: str) -> Object:
        """Identifier and address of something that has no page: a link, a level, a kind of entry."""
        own = identifier(f"{self.document}{name}")
        return {"identifier": own, "uri": f"{self.document}#{own}"}
