"""A framework revision as plain data: what every importer reads and every exporter writes."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field


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
    """`threshold` is the value of the level expected of an independent practitioner."""

    key: str
    version: int
    name: str
    direction: str
    threshold: str
    levels: list[LevelData]


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


@dataclass(frozen=True)
class CompetenceData:
    key: str
    code: str
    kind: str
    text: str
    subheading: str = ""
    is_safety_critical: bool = False
    points: list[PointData] = field(default_factory=list)


@dataclass(frozen=True)
class ActivityData:
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

    def all_activities(self) -> Iterator[ActivityData]:
        for activity in self.activities:
            yield from activity.with_parts()


@dataclass(frozen=True)
class RevisionData:
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

    @property
    def sha256(self) -> str:
        """A hash of the content, whatever file it came in: two files that say the same have the same hash."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def all_activities(self) -> Iterator[ActivityData]:
        for domain in self.domains:
            yield from domain.all_activities()

    def all_competences(self) -> Iterator[CompetenceData]:
        for activity in self.all_activities():
            yield from activity.competences
