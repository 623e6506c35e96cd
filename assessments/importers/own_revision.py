"""A revision from the fields of a file in the project's own format, in whichever of its two faces."""

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from assessments.exceptions import Problem
from assessments.importers import codes
from assessments.importers.codes import CODE, KEY
from assessments.importers.own_fields import FORMAT, Document, Fields
from assessments.importers.reading import KINDS, MAX_NODES
from assessments.revisions import (
    ActivityData,
    CompetenceData,
    DomainData,
    LevelData,
    LineageData,
    PageData,
    PointData,
    RevisionData,
    ScaleData,
)

SCOPES = ["core", "focus", "optional"]
PHASES = ["all", "initial", "middle", "ending", "maintenance"]
PROBLEM_AREAS = ["grief", "dispute", "transition", "sensitivity"]
TITLE_STATUSES = ["published", "sister", "own"]
DIRECTIONS = ["ascending", "descending"]
# What became of a competence, with the ends that each word asks for: older ones, newer ones.
LINEAGE = {
    "unchanged": (True, True),
    "editorial": (True, True),
    "reworded": (True, True),
    "split": (True, True),
    "merged": (True, True),
    "covered": (True, True),
    "removed": (True, False),
    "added": (False, True),
}


def revision(document: Document) -> RevisionData:
    """The whole revision. What is wrong is added to the document's problems; then the result is not to be used."""
    if document.text("format") not in {"", FORMAT}:
        document.problem("format", "This format is not known.", f"Write format: {FORMAT}.")
    rights, source = document.mapping("rights"), document.mapping("source")
    data = RevisionData(
        framework=document.text("framework", pattern=KEY, most=60),
        framework_title=document.text("framework_title", most=200),
        number=document.text("revision", pattern=CODE, most=40),
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
        scale=scale(document.mapping("scale")),
        pages=[_page(page) for page in document.items("pages")],
        domains=[_domain(domain) for domain in document.items("domains", at_least=1)],
        previous=document.text("previous", default="", pattern=CODE, most=40),
        source_id=_source_id(document),
        kept=document.kept(),
    )
    data = replace(data, lineage=_lineages(document, data))
    for fields in [document, rights, source]:
        fields.done()
    if not any(data.all_competences()):
        document.problem("domains", "There is nothing to assess.", "Add at least one competence.")
    document.problems += [*_repeated(data), *_too_many(data)]
    return data


def _date(document: Document, name: str) -> str:
    value = document.text(name, default="")
    try:
        return datetime.date.fromisoformat(value).isoformat() if value else ""
    except ValueError:
        document.problem(name, f"{value!r} is not a date.", "Write it as 2026-11-30.")
        return ""


def _source_id(fields: Fields) -> str:
    return fields.text("source_id", default="", most=300)


def scale(fields: Fields) -> ScaleData:
    levels = [_level(level) for level in fields.items("levels", at_least=2)]
    data = ScaleData(
        key=fields.text("key", pattern=KEY, most=60),
        version=fields.number("version"),
        name=fields.text("name", most=200),
        direction=fields.choice("direction", DIRECTIONS, default="ascending"),
        threshold=fields.text("threshold"),
        levels=levels,
        not_observed=fields.text("not_observed", default=""),
        not_applicable=fields.text("not_applicable", default=""),
        has_not_applicable=fields.yes("has_not_applicable", default="yes"),
    )
    if len(levels) > 9:
        fields.problem("levels", "A scale has at most nine levels.", "Remove some.")
    if data.threshold and data.threshold not in [level.value for level in levels]:
        fields.problem("threshold", f"No level has the value {data.threshold}.", "Name one of the levels.")
    fields.done()
    return data


def _level(fields: Fields) -> LevelData:
    data = LevelData(
        value=fields.text("value", most=10),
        label=fields.text("label", most=60),
        skill=fields.text("skill", default=""),
        knowledge=fields.text("knowledge", default=""),
        attitude=fields.text("attitude", default=""),
        supervision=fields.text("supervision", default=""),
    )
    fields.done()
    return data


def _page(fields: Fields) -> PageData:
    data = PageData(
        key=fields.text("key", pattern=KEY, most=60),
        title=fields.text("title", most=200),
        summary=fields.text("summary"),
        text=fields.text("text"),
    )
    fields.done()
    return data


def _node(fields: Fields) -> dict[str, Any]:
    """What every entry of the tree has."""
    return {
        "key": fields.text("key", pattern=KEY, most=100),
        "code": fields.text("code", pattern=CODE, most=40),
        "source_id": _source_id(fields),
        "kept": fields.kept(),
    }


def _domain(fields: Fields) -> DomainData:
    title = fields.text("title", most=300)
    data = DomainData(
        **_node(fields),
        title=title,
        short_title=fields.text("short_title", default=title[:40].strip(), most=40),
        summary=fields.text("summary", default=""),
        introduction=fields.text("introduction", default=""),
        is_synthetic=fields.yes("synthetic"),
        activities=[_activity(activity) for activity in fields.items("activities")],
    )
    fields.done()
    return data


def _activity(fields: Fields) -> ActivityData:
    title = fields.text("title", most=300)
    phase = fields.choice("phase", PHASES, default="all")
    data = ActivityData(
        **_node(fields),
        title=title,
        short_title=fields.text("short_title", default=title[:60].strip(), most=60),
        introduction=fields.text("introduction", default=""),
        scope=fields.choice("scope", SCOPES, default="core"),
        phase="" if phase == "all" else phase,
        problem_area=fields.choice("problem_area", PROBLEM_AREAS, default=""),
        title_status=fields.choice("title_status", TITLE_STATUSES, default="published"),
        group_heading=fields.text("group", default="", most=200),
        is_synthetic=fields.yes("synthetic"),
        competences=[_competence(competence) for competence in fields.items("competences")],
        activities=[_activity(part) for part in fields.items("activities")],
    )
    fields.done()
    return data


def _competence(fields: Fields) -> CompetenceData:
    data = CompetenceData(
        **_node(fields),
        kind=fields.choice("kind", KINDS),
        text=fields.text("text"),
        guidance=fields.text("guidance", default=""),
        subheading=fields.text("subheading", default="", most=200),
        is_safety_critical=fields.yes("safety_critical"),
        points=[_point(point) for point in fields.items("points")],
    )
    fields.done()
    return data


def _point(fields: Fields) -> PointData:
    data = PointData(**_node(fields), text=fields.text("text"), is_rateable=fields.yes("rateable"))
    fields.done()
    return data


def _lineages(document: Document, data: RevisionData) -> list[LineageData]:
    known = {key for competence in data.all_competences() for key in _keys(competence)}
    found = [_lineage(entry, known) for entry in document.items("lineage")]
    if found and not data.previous:
        document.problem("lineage", "It does not say which revision came before.", "Add previous.")
    return found


def _lineage(fields: Fields, known: set[str]) -> LineageData:
    data = LineageData(
        kind=fields.choice("kind", list(LINEAGE)),
        older=fields.keys("from"),
        newer=fields.keys("to"),
        note=fields.text("note", default=""),
    )
    for name, keys, is_due in zip(["from", "to"], [data.older, data.newer], LINEAGE.get(data.kind, ()), strict=False):
        if keys and not is_due:
            fields.problem(name, f"{data.kind.capitalize()} has nothing here.", f"Remove {name}.")
        elif is_due and not keys:
            fields.problem(name, f"{data.kind.capitalize()} needs a key here.", f"Name competences in {name}.")
    for key in [key for key in data.newer if key not in known]:
        fields.problem("to", f"{key!r} is no competence of this revision.", "Mend the key.")
    fields.done()
    return data


def _keys(competence: CompetenceData) -> list[str]:
    return [competence.key, *(point.key for point in competence.points)]


def _repeated(data: RevisionData) -> Iterator[Problem]:
    """Keys and codes of entries, and names of levels, that stand more than once."""
    competences = list(data.all_competences())
    points = [point for competence in competences for point in competence.points]
    yield from codes.repeated("domain", data.domains)
    yield from codes.repeated("activity", data.all_activities())
    yield from codes.repeated("competence", [*competences, *points])
    yield from codes.repeated("page", data.pages)
    for attribute in ["value", "label"]:
        for value, count in Counter(getattr(level, attribute) for level in data.scale.levels).items():
            if value and count > 1:
                yield Problem("scale", f"The {attribute} {value!r} stands {count} times.", "Give each level its own.")


def _too_many(data: RevisionData) -> Iterator[Problem]:
    points = sum(len(competence.points) for competence in data.all_competences())
    entries = len(data.domains) + len(list(data.all_activities())) + len(list(data.all_competences())) + points
    if entries > MAX_NODES:
        yield Problem("domains", f"It has {entries:,} entries; at most {MAX_NODES:,} are read.", "Split it.")
