"""The project's own format: a strict subset of YAML, one file a revision. See docs/framework-format.md."""

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from assessments.exceptions import ImportRejected, Problem
from assessments.importers.reading import MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_TEXT, Answers, Reading
from assessments.revisions import (
    ActivityData,
    CompetenceData,
    DomainData,
    LevelData,
    PageData,
    PointData,
    RevisionData,
    ScaleData,
)

FORMAT = "competence-framework/1"
FIELDS = 20  # names and values; on average no entry has more
DIGITS = 5
MOST_PROBLEMS = 1_000  # more than anybody reads
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_SIGN = re.compile(rb"""(?:^|[{,])[ "']*+format["']? *+:[ "']*+competence-framework/""", re.MULTILINE)
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]*")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")

SCOPES = ["core", "focus", "optional"]
PHASES = ["all", "initial", "middle", "ending", "maintenance"]
PROBLEM_AREAS = ["grief", "dispute", "transition", "sensitivity"]
TITLE_STATUSES = ["published", "sister", "own"]
KINDS = ["knowledge", "skill", "attitude"]
DIRECTIONS = ["ascending", "descending"]


def recognises(name: str, content: bytes) -> bool:
    """Whether a file says that it is in this format, of whatever version."""
    return bool(_SIGN.search(content))


def read_file(name: str, content: bytes, answers: Answers) -> Reading:
    """The same as `read`, as every other format gives it. There is nothing to answer."""
    return Reading(format="yaml", revision=read(content))


def read(content: bytes) -> RevisionData:
    """Read a revision from a file's bytes. Raises ImportRejected with every problem found, each with its place."""
    root = _compose(content)
    problems: list[Problem] = []
    document = _Mapping(root, "", problems)
    revision = _revision(document)
    problems += _repeated(revision)
    if problems:
        raise ImportRejected(problems)
    return revision


def _compose(content: bytes) -> yaml.MappingNode:
    """Parse within limits: size, depth, number of nodes, no aliases, no tags."""
    if len(content) > MAX_BYTES:
        raise ImportRejected([Problem("file", f"It is larger than {MAX_BYTES // 1024**2} MB.", "Split it.")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
        raise ImportRejected([Problem(place, "It is not UTF-8 text.", "Save the file as UTF-8.")]) from error
    try:
        _check_events(text)
        root = yaml.compose(text, Loader=LOADER)
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "file"
        what = getattr(error, "problem", None) or "It holds a character that YAML does not allow"
        raise ImportRejected([Problem(place, f"This is not YAML: {what}.", "Mend the line.")]) from error
    if not isinstance(root, yaml.MappingNode):
        raise ImportRejected([Problem("file", "It is not a framework.", f"Begin with format: {FORMAT}.")])
    return root


def _line(part: yaml.Event | yaml.Node) -> int:
    """The line, from 1, on which a part of the file begins."""
    mark = part.start_mark
    return mark.line + 1 if mark else 1


def _check_events(text: str) -> None:
    depth = nodes = scalars = 0
    for event in yaml.parse(text, Loader=LOADER):
        place = f"line {_line(event)}"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ImportRejected([Problem(place, "Anchors and aliases are not read.", "Write the text out.")])
        if getattr(event, "tag", None):
            raise ImportRejected([Problem(place, "Tags are not read.", "Remove the tag.")])
        nodes += isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
        scalars += isinstance(event, yaml.ScalarEvent)
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ImportRejected([Problem(place, f"It nests deeper than {MAX_DEPTH} levels.", "Flatten it.")])
        if nodes > MAX_NODES or scalars > MAX_NODES * FIELDS:
            raise ImportRejected([Problem(place, f"It has more than {MAX_NODES} entries.", "Split it.")])


@dataclass
class _Mapping:
    """Reads one mapping field by field, collecting problems instead of stopping at the first."""

    node: yaml.Node
    path: str
    problems: list[Problem]
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.fields: dict[str, yaml.Node] = {}
        if not isinstance(self.node, yaml.MappingNode):
            self.problem("", "A set of named fields is expected here.", "Write `name: value` lines.")
            return
        for key, value in self.node.value:
            name = str(key.value)
            if name in self.fields:
                self.problem(name, "It stands twice.", "Keep one of the two.", node=key)
            self.fields[name] = value

    def problem(self, name: str, what: str, mend: str, *, node: yaml.Node | None = None) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            return
        line = _line(node or self.fields.get(name) or self.node)
        path = ".".join(part for part in [self.path, name] if part)
        self.problems.append(Problem(f"line {line}" + (f", {path}" if path else ""), what, mend))

    def text(
        self,
        name: str,
        *,
        default: str | None = None,
        pattern: re.Pattern[str] | None = None,
        most: int = MAX_TEXT,
    ) -> str:
        """A scalar as trimmed text. Compulsory without a default."""
        self.used.add(name)
        node = self.fields.get(name)
        if node is None or (isinstance(node, yaml.ScalarNode) and not node.value.strip()):
            if default is None:
                self.problem(name, "It is missing or empty.", f"Add {name}.")
            return default or ""
        if not isinstance(node, yaml.ScalarNode):
            self.problem(name, "A single text is expected here.", "Write it on one line or as a folded text.")
            return ""
        value = str(node.value).strip()
        if len(value) > most:
            self.problem(name, f"It is longer than {most} characters.", "Shorten it.")
        if _UNPRINTABLE.search(value):
            self.problem(name, "It holds a control or replacement character.", "Retype the text.")
        if pattern and not pattern.fullmatch(value):
            self.problem(name, f"{value!r} holds a character that does not fit an address.", "Use a-z, 0-9, . _ -")
        return value

    def choice(self, name: str, choices: list[str], *, default: str | None = None) -> str:
        value = self.text(name, default=default)
        if value and value not in choices:
            self.problem(name, f"{value!r} is not one of {', '.join(choices)}.", "Choose one of them.")
        return value

    def yes(self, name: str) -> bool:
        return self.choice(name, ["yes", "no"], default="no") == "yes"

    def number(self, name: str) -> int:
        value = self.text(name)
        if value and not (value.isdecimal() and len(value) <= DIGITS):
            self.problem(name, f"{value!r} is not a whole number.", "Write 1, 2, 3 …")
            return 0
        return int(value or 0)

    def mapping(self, name: str) -> "_Mapping":
        self.used.add(name)
        node = self.fields.get(name)
        if node is None:
            self.problem(name, "It is missing.", f"Add {name}.")
            node = yaml.MappingNode("", [], start_mark=self.node.start_mark)
        return _Mapping(node, ".".join(part for part in [self.path, name] if part), self.problems)

    def items(self, name: str, *, at_least: int = 0) -> Iterator["_Mapping"]:
        self.used.add(name)
        node = self.fields.get(name)
        if node is not None and not isinstance(node, yaml.SequenceNode):
            self.problem(name, "A list is expected here.", "Begin each entry with a hyphen.")
            return
        entries: list[Any] = node.value if node is not None else []
        if len(entries) < at_least:
            self.problem(name, f"It needs {at_least} entries or more.", "Add what is missing.")
        for index, entry in enumerate(entries):
            yield _Mapping(entry, f"{self.path + '.' if self.path else ''}{name}[{index}]", self.problems)

    def done(self) -> None:
        for name in self.fields:
            if name not in self.used:
                self.problem(name, "This field is not known here.", "Remove it, or mend its name.")


def _revision(document: _Mapping) -> RevisionData:
    if document.text("format") not in {"", FORMAT}:
        document.problem("format", "This format is not known.", f"Write format: {FORMAT}.")
    rights, source = document.mapping("rights"), document.mapping("source")
    revision = RevisionData(
        framework=document.text("framework", pattern=_KEY, most=60),
        framework_title=document.text("framework_title", most=200),
        number=document.text("revision", pattern=_CODE, most=40),
        title=document.text("title", most=200),
        language=document.text("language", default="en-GB", most=20),
        summary=document.text("summary", default=""),
        authors=document.text("authors", default=""),
        commissioner=document.text("commissioner", default=""),
        issued_on=_date(document, "issued_on"),
        source_name=source.text("name", default="", most=300),
        source_url=source.text("url", default="", most=500),
        rights_holder=rights.text("holder", default="", most=300),
        licence=rights.text("licence", default="", most=300),
        attribution=rights.text("attribution", default=""),
        is_redistributable=rights.yes("redistributable"),
        notice=document.text("notice", default=""),
        scale=_scale(document.mapping("scale")),
        pages=[_page(page) for page in document.items("pages")],
        domains=[_domain(domain) for domain in document.items("domains", at_least=1)],
    )
    for mapping in [document, rights, source]:
        mapping.done()
    if not any(revision.all_competences()):
        document.problem("domains", "There is nothing to assess.", "Add at least one competence.")
    return revision


def _date(document: _Mapping, name: str) -> str:
    value = document.text(name, default="")
    try:
        return datetime.date.fromisoformat(value).isoformat() if value else ""
    except ValueError:
        document.problem(name, f"{value!r} is not a date.", "Write it as 2026-11-30.")
        return ""


def _scale(scale: _Mapping) -> ScaleData:
    levels = [_level(level) for level in scale.items("levels", at_least=2)]
    data = ScaleData(
        key=scale.text("key", pattern=_KEY, most=60),
        version=scale.number("version"),
        name=scale.text("name", most=200),
        direction=scale.choice("direction", DIRECTIONS, default="ascending"),
        threshold=scale.text("threshold"),
        levels=levels,
    )
    if len(levels) > 9:  # noqa: PLR2004  one key of the keyboard each
        scale.problem("levels", "A scale has at most nine levels.", "Remove some.")
    if data.threshold and data.threshold not in [level.value for level in levels]:
        scale.problem("threshold", f"No level has the value {data.threshold}.", "Name one of the levels.")
    scale.done()
    return data


def _level(level: _Mapping) -> LevelData:
    data = LevelData(
        value=level.text("value", most=10),
        label=level.text("label", most=60),
        skill=level.text("skill", default=""),
        knowledge=level.text("knowledge", default=""),
        attitude=level.text("attitude", default=""),
        supervision=level.text("supervision", default=""),
    )
    level.done()
    return data


def _page(page: _Mapping) -> PageData:
    data = PageData(
        key=page.text("key", pattern=_KEY, most=60),
        title=page.text("title", most=200),
        summary=page.text("summary"),
        text=page.text("text"),
    )
    page.done()
    return data


def _domain(domain: _Mapping) -> DomainData:
    title = domain.text("title", most=300)
    data = DomainData(
        key=domain.text("key", pattern=_KEY, most=100),
        code=domain.text("code", pattern=_CODE, most=40),
        title=title,
        short_title=domain.text("short_title", default=title[:40], most=40),
        summary=domain.text("summary", default=""),
        introduction=domain.text("introduction", default=""),
        activities=[_activity(activity) for activity in domain.items("activities")],
    )
    domain.done()
    return data


def _activity(activity: _Mapping) -> ActivityData:
    title = activity.text("title", most=300)
    phase = activity.choice("phase", PHASES, default="all")
    data = ActivityData(
        key=activity.text("key", pattern=_KEY, most=100),
        code=activity.text("code", pattern=_CODE, most=40),
        title=title,
        short_title=activity.text("short_title", default=title[:60], most=60),
        introduction=activity.text("introduction", default=""),
        scope=activity.choice("scope", SCOPES, default="core"),
        phase="" if phase == "all" else phase,
        problem_area=activity.choice("problem_area", PROBLEM_AREAS, default=""),
        title_status=activity.choice("title_status", TITLE_STATUSES, default="published"),
        group_heading=activity.text("group", default="", most=200),
        competences=[_competence(competence) for competence in activity.items("competences")],
        activities=[_activity(part) for part in activity.items("activities")],
    )
    activity.done()
    return data


def _competence(competence: _Mapping) -> CompetenceData:
    data = CompetenceData(
        key=competence.text("key", pattern=_KEY, most=100),
        code=competence.text("code", pattern=_CODE, most=40),
        kind=competence.choice("kind", KINDS),
        text=competence.text("text"),
        subheading=competence.text("subheading", default="", most=200),
        is_safety_critical=competence.yes("safety_critical"),
        points=[_point(point) for point in competence.items("points")],
    )
    competence.done()
    return data


def _point(point: _Mapping) -> PointData:
    data = PointData(
        key=point.text("key", pattern=_KEY, most=100),
        code=point.text("code", pattern=_CODE, most=40),
        text=point.text("text"),
        is_rateable=point.yes("rateable"),
    )
    point.done()
    return data


def _repeated(revision: RevisionData) -> Iterator[Problem]:
    """Keys and codes that stand more than once; codes are compared without regard to case."""
    competences = list(revision.all_competences())
    points = [point for competence in competences for point in competence.points]
    groups: list[tuple[str, list[Any]]] = [
        ("domain", revision.domains),
        ("activity", list(revision.all_activities())),
        ("competence", [*competences, *points]),
        ("page", revision.pages),
    ]
    for word, entries in groups:
        for attribute in ["key", "code"]:
            values = [getattr(entry, attribute, "").casefold() for entry in entries]
            for value, count in Counter(values).items():
                if value and count > 1:
                    what = f"The {attribute} {value!r} stands {count} times."
                    yield Problem(f"{word} {value}", what, f"Give each {word} a {attribute} of its own.")
    for attribute in ["value", "label"]:
        for value, count in Counter(getattr(level, attribute) for level in revision.scale.levels).items():
            if value and count > 1:
                yield Problem("scale", f"The {attribute} {value!r} stands {count} times.", "Give each level its own.")
