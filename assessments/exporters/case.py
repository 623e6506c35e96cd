"""A revision as a CASE 1.1 package (1EdTech): JSON with a document, a flat list of items, and links that make the tree.

Entries that only stand in for a level which the source does not have are left out: what lies in them lies in what is
above. Links that a package came with are handed on as far as the schema of 1.1 allows.
"""

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from assessments.exporters import case_kept, case_lineage
from assessments.exporters.case_links import Addresses, Entry, Item, Object
from assessments.revisions import (
    ActivityData,
    CompetenceData,
    DomainData,
    LevelData,
    PointData,
    RevisionData,
)

# What the levels are called where the framework does not say it, and how deep they lie.
TYPES = {
    DomainData: ("Domain", "1"),
    ActivityData: ("Activity", "1.1"),
    CompetenceData: ("Competence", "1.1.1"),
    PointData: ("Sub-point", "1.1.1.1"),
}
STATUSES = {"draft": "Draft", "published": "Adopted", "retired": "Deprecated"}


@dataclass(frozen=True)
class Edition:
    """What the revision's data does not say: the site's address, when it was published and what has become of it."""

    base: str
    changed_at: datetime.datetime
    status: str
    retired_on: datetime.date | None = None
    previous: RevisionData | None = None


def write(data: RevisionData, edition: Edition) -> bytes:
    """The package. The same data and edition give the same bytes."""
    return json.dumps(_Package(data, edition).package(), ensure_ascii=False, separators=(",", ":")).encode()


class _Package:
    def __init__(self, data: RevisionData, edition: Edition) -> None:
        self.data, self.edition = data, edition
        self.addresses = Addresses(edition.base, data)
        self.moment = edition.changed_at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.items: list[Object] = []
        self.links: list[Object] = []
        self.types: dict[str, Object] = {}

    def package(self) -> Object:
        whole = self.addresses.whole()
        self._add_all(self.data.domains, whole, {})
        groupings = self._add_lineage()
        self.links += case_kept.links(self.data, self.items, self.links, self._dated)
        definitions = {
            "CFItemTypes": list(self.types.values()),
            "CFLicenses": self._licences(),
            "CFAssociationGroupings": groupings,
        }
        return {
            "CFDocument": self._document(),
            "CFItems": self.items,
            "CFAssociations": self.links,
            "CFDefinitions": {name: found for name, found in definitions.items() if found},
            "CFRubrics": [self._rubric()],
        }

    def _dated(self, members: Object) -> Object:
        """Without what is blank, and with the moment that everything in CASE has."""
        return {**{name: value for name, value in members.items() if value}, "lastChangeDateTime": self.moment}

    def _document(self) -> Object:
        data, whole = self.data, self.addresses.whole()
        members = {
            "identifier": whole["identifier"],
            "uri": whole["uri"],
            "caseVersion": "1.1",
            "creator": data.authors or data.rights_holder or data.framework_title,
            "title": data.title,
            "officialSourceURL": data.source_url,
            "publisher": data.rights_holder,
            "description": data.summary,
            "language": data.language,
            "version": data.number,
            "adoptionStatus": STATUSES[self.edition.status],
            "statusStartDate": data.issued_on or self.moment[:10],
            "statusEndDate": self.edition.retired_on.isoformat() if self.edition.retired_on else "",
            "licenseURI": next((_link(each) for each in self._licences()), None),
            "notes": data.notice,
        }
        return case_kept.about(data) | self._dated(members)

    def _licences(self) -> list[Object]:
        if not self.data.licence:
            return []
        text = self.data.attribution or self.data.licence
        members = {**self.addresses.part("licence"), "title": self.data.licence, "licenseText": text}
        return [self._dated(members)]

    # The tree

    def _add_all(self, entries: list[DomainData], above: Object, numbers: dict[str, "count[int]"]) -> None:
        for domain in entries:
            inside = self._add(domain, above, numbers)
            for activity in domain.activities:
                self._add_activity(activity, inside, numbers)

    def _add_activity(self, activity: ActivityData, above: Object, numbers: dict[str, "count[int]"]) -> None:
        inside = self._add(activity, above, numbers)
        for competence in activity.competences:
            statement = self._add(competence, inside, numbers)
            homes = {statement["identifier"]: statement}
            for point in competence.points:
                home = homes.get(str(point.kept.get("parent", "")).lower(), statement)
                added = self._add(point, home, numbers)
                homes[added["identifier"]] = added
        for part in activity.activities:
            self._add_activity(part, inside, numbers)

    def _add(self, entry: Entry, above: Object, numbers: dict[str, "count[int]"]) -> Object:
        """Add an item and its place. Returns the link to what lies in it: to itself unless it is left out."""
        if isinstance(entry, DomainData | ActivityData) and entry.is_synthetic:
            return above
        item = self.addresses.of(entry)
        self.items.append(self._item(entry, item))
        number = next(numbers.setdefault(above["identifier"], count(1)))
        self._associate("isChildOf", item.link(), above, number=number)
        return item.link()

    def _item(self, entry: Entry, item: Item) -> Object:
        type = self._type(entry)
        own = {
            "identifier": item.identifier,
            "uri": item.uri,
            "humanCodingScheme": entry.code,
            **_words(entry),
            "CFItemType": type["title"],
            "CFItemTypeURI": _link(type),
        }
        return case_kept.item(entry.kept) | self._dated(own)

    def _type(self, entry: Entry) -> Object:
        standard, code = TYPES[type(entry)]
        own = entry.kept.get("level")
        title = own if isinstance(own, str) and own else standard
        if title not in self.types:
            members = {"title": title, "description": f"{standard} of the framework", "hierarchyCode": code}
            self.types[title] = self._dated({**self.addresses.part(f"types/{title}"), **members})
        return self.types[title]

    def _associate(
        self,
        type: str,
        origin: Object,
        destination: Object,
        *,
        number: int = 0,
        group: Object | None = None,
        note: str = "",
    ) -> None:
        members = {
            **self.addresses.part(f"links/{type}/{origin['identifier']}/{destination['identifier']}"),
            "associationType": type,
            "sequenceNumber": number,
            "originNodeURI": {**origin, "targetType": "CASE"},
            "destinationNodeURI": {**destination, "targetType": "CASE"},
            "CFAssociationGroupingURI": group,
            "notes": note,
        }
        self.links.append(self._dated(members))

    # What became of the previous revision's competences

    def _add_lineage(self) -> list[Object]:
        previous = self.edition.previous
        if previous is None:
            return []
        older = Addresses(self.edition.base, previous)
        title = f"Changes from {previous.number}"
        grouping = self._dated({**self.addresses.part(f"lineage/{previous.number}"), "title": title})
        self._associate("replacedBy", older.whole(), self.addresses.whole(), group=_link(grouping))
        for type, origin, destination, note in case_lineage.links(previous, self.data, older, self.addresses):
            self._associate(type, origin, destination, group=_link(grouping), note=note)
        return [grouping]

    # The scale

    def _rubric(self) -> Object:
        scale = self.data.scale
        own = self.addresses.part(f"scales/{scale.key}/{scale.version}")
        criteria = [
            self._criterion(competence, position) for position, competence in enumerate(self.data.all_competences(), 1)
        ]
        return {**self._dated({**own, "title": scale.name}), "CFRubricCriteria": criteria}

    def _criterion(self, competence: CompetenceData, position: int) -> Object:
        name = f"criteria/{competence.key}"
        members = {
            **self.addresses.part(name),
            "category": competence.kind.capitalize(),
            "CFItemURI": self.addresses.of(competence).link(),
            "position": position,
            "CFRubricCriterionLevels": list(self._levels(competence, name)),
        }
        return self._dated(members)

    def _levels(self, competence: CompetenceData, name: str) -> Iterator[Object]:
        levels = self.data.scale.levels
        is_numbered = all(_is_number(level.value) for level in levels)
        for position, level in enumerate(levels, 1):
            members = {
                **self.addresses.part(f"{name}/{position}"),
                "quality": level.label,
                "description": _anchor(level, competence.kind),
                "position": position,
            }
            # Zero is a score, not a blank.
            yield self._dated(members) | {"score": float(level.value) if is_numbered else position}


def _words(entry: Entry) -> Object:
    if isinstance(entry, DomainData):
        return _heading(entry.title, "\n\n".join(filter(None, [entry.summary, entry.introduction])))
    if isinstance(entry, ActivityData):
        return _heading(entry.title, entry.introduction)
    if isinstance(entry, CompetenceData):
        words = {"abbreviatedStatement": str(entry.kept.get("title", "")), "notes": entry.guidance}
        return {"fullStatement": entry.text, **words, "conceptKeywords": case_kept.keywords(entry)}
    return {"fullStatement": entry.text}


def _heading(title: str, introduction: str) -> Object:
    """An introduction that begins like the title is the statement of which the title was made."""
    is_cut = introduction.startswith(title.removesuffix("…"))
    statement, notes = (introduction, "") if is_cut else (title, introduction)
    return {"fullStatement": statement, "abbreviatedStatement": title, "notes": notes}


def _link(definition: Object) -> Object:
    return {name: definition[name] for name in ["title", "identifier", "uri"]}


def _anchor(level: LevelData, kind: str) -> str:
    return {"skill": level.skill, "knowledge": level.knowledge, "attitude": level.attitude}[kind]


def _is_number(value: str) -> bool:
    """Whether reading the number back gives the same value: so is a half step, and 01 is not."""
    return re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) is not None and f"{float(value):g}" == value
