"""A framework revision as plain data: what every importer reads and every exporter writes."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

# What a format says about a node and this product has no place for, verbatim, so that exporting loses nothing.
Kept = dict[str, Any]


def fingerprint(content: object) -> str:
    """The SHA-256 of plain data: the same for the same content, whatever order its names stand in."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class LevelData:
    value: str
    label: str
    skill: str = ""
    knowledge: str = ""
    attitude: str = ""
    supervision: str = ""


@dataclass(frozen=True)
class ScaleData:
    """`threshold` is the value of the level expected of an independent practitioner.

    The last three say what the answers beside the levels mean on this scale, and whether `not applicable` is one.
    """

    key: str
    version: int
    name: str
    direction: str
    threshold: str
    levels: list[LevelData]
    not_observed: str = ""
    not_applicable: str = ""
    has_not_applicable: bool = True


@dataclass(frozen=True)
class PageData:
    key: str
    title: str
    summary: str
    text: str


@dataclass(frozen=True)
class PointData:
    """A sub-point: guidance under its competence unless the revision marks it rateable."""

    key: str
    code: str
    text: str
    is_rateable: bool = False
    source_id: str = ""
    kept: Kept = field(default_factory=dict)


@dataclass(frozen=True)
class CompetenceData:
    """`source_id` is the identifier that the file's own format gave; `guidance` explains the statement."""

    key: str
    code: str
    kind: str
    text: str
    subheading: str = ""
    is_safety_critical: bool = False
    points: list[PointData] = field(default_factory=list)
    guidance: str = ""
    source_id: str = ""
    kept: Kept = field(default_factory=dict)


@dataclass(frozen=True)
class ActivityData:
    """A synthetic activity stands in where the source has no such level; exports leave it out."""

    key: str
    code: str
    title: str
    short_title: str
    introduction: str = ""
    scope: str = "core"
    phase: str = ""
    problem_area: str = ""
    title_status: str = "published"
    group_heading: str = ""
    competences: list[CompetenceData] = field(default_factory=list)
    activities: list["ActivityData"] = field(default_factory=list)
    is_synthetic: bool = False
    source_id: str = ""
    kept: Kept = field(default_factory=dict)

    def with_parts(self) -> Iterator["ActivityData"]:
        """This activity and every one inside it, in printed order."""
        yield self
        for part in self.activities:
            yield from part.with_parts()


@dataclass(frozen=True)
class DomainData:
    key: str
    code: str
    title: str
    short_title: str
    summary: str = ""
    introduction: str = ""
    activities: list[ActivityData] = field(default_factory=list)
    is_synthetic: bool = False
    source_id: str = ""
    kept: Kept = field(default_factory=dict)

    def all_activities(self) -> Iterator[ActivityData]:
        for activity in self.activities:
            yield from activity.with_parts()


@dataclass(frozen=True)
class LineageData:
    """What became of competences of the previous revision, by key; `kind` is one of `lineage.Kind`."""

    kind: str
    older: list[str]
    newer: list[str]
    note: str = ""


@dataclass(frozen=True)
class RevisionData:
    """`previous` is the number of the revision that this one follows, `lineage` what became of its competences."""

    framework: str
    framework_title: str
    number: str
    title: str
    scale: ScaleData
    domains: list[DomainData]
    language: str = "en-GB"
    summary: str = ""
    authors: str = ""
    commissioner: str = ""
    issued_on: str = ""
    source_name: str = ""
    source_url: str = ""
    rights_holder: str = ""
    licence: str = ""
    attribution: str = ""
    notice: str = ""
    is_redistributable: bool = False
    pages: list[PageData] = field(default_factory=list)
    previous: str = ""
    lineage: list[LineageData] = field(default_factory=list)
    source_id: str = ""
    kept: Kept = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """A hash of the content, whatever file it came in: two files that say the same have the same hash."""
        return fingerprint(asdict(self, dict_factory=_hashed))

    def all_activities(self) -> Iterator[ActivityData]:
        for domain in self.domains:
            yield from domain.all_activities()

    def all_competences(self) -> Iterator[CompetenceData]:
        for activity in self.all_activities():
            yield from activity.competences


# Fields added after the first revisions were published. Left out while they say nothing, they change no hash.
_ADDED: dict[str, Any] = {
    "not_observed": "",
    "not_applicable": "",
    "has_not_applicable": True,
    "guidance": "",
    "is_synthetic": False,
    "source_id": "",
    "kept": {},
    "previous": "",
    "lineage": [],
}


def _hashed(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in fields if name not in _ADDED or value != _ADDED[name]}
