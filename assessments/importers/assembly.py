"""A file's reading and a person's answers about it, put together as a whole revision."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from assessments.exceptions import Problem
from assessments.importers import codes, shaping, trees
from assessments.importers.findings import capped
from assessments.importers.reading import KINDS, MAX_TEXT, Answers, Notice, Reading
from assessments.importers.texts import fault
from assessments.revisions import ActivityData, CompetenceData, DomainData, PointData, RevisionData, ScaleData

# Fields of a revision that a person may state or correct, with the most characters each may have.
METADATA = {
    "framework": 60,
    "framework_title": 200,
    "number": 40,
    "title": 200,
    "language": 20,
    "summary": MAX_TEXT,
    "authors": MAX_TEXT,
    "commissioner": MAX_TEXT,
    "issued_on": 10,
    "source_name": 300,
    "source_url": 500,
    "rights_holder": 300,
    "licence": 300,
    "attribution": MAX_TEXT,
    "notice": MAX_TEXT,
}
COMPULSORY = ["framework", "framework_title", "number", "title"]
MAX_IDENTIFIER = 300


@dataclass(frozen=True)
class Assembled:
    """The revision, unless something stands in the way; `stated` is what a form about it begins with."""

    revision: RevisionData | None
    stated: dict[str, str]
    is_redistributable: bool
    problems: list[Problem]
    notices: list[Notice]
    depths: list[int] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)


def assemble(reading: Reading, answers: Answers, *, scale: ScaleData | None) -> Assembled:
    """All problems at once. `scale` is the one chosen; None leaves the file's own."""
    stated = _stated(reading, answers)
    problems = [*reading.problems, *_metadata_problems(stated)]
    depths = trees.depths(reading.nodes)
    own = reading.revision
    if own is None:
        revision, found, notices = _shaped(reading, answers, stated, scale)
        problems += found
    else:
        revision, notices = _own(own, stated, answers, scale), []
    if revision and not problems:
        problems += list(content_problems(revision))
    return Assembled(
        revision=None if problems else revision,
        stated=stated,
        is_redistributable=_may_be_passed_on(reading, answers),
        problems=capped(problems),
        notices=[*reading.notices, *notices],
        depths=depths,
        shapes=[] if own else shaping.fitting(depths),
        levels=list(dict.fromkeys(node.level for node in reading.nodes if node.level and node.level != shaping.POINT)),
    )


def _stated(reading: Reading, answers: Answers) -> dict[str, str]:
    own = reading.revision
    in_file = {name: str(getattr(own, name)) for name in METADATA} if own else reading.metadata
    found = {name: answers.metadata.get(name, in_file.get(name, "")).strip() for name in METADATA}
    found["language"] = found["language"] or "en-GB"
    return found


def _may_be_passed_on(reading: Reading, answers: Answers) -> bool:
    """Not unless somebody says so."""
    if "is_redistributable" in answers.metadata:
        return answers.metadata["is_redistributable"] == "yes"
    return bool(reading.revision and reading.revision.is_redistributable)


def _metadata_problems(stated: dict[str, str]) -> Iterator[Problem]:
    for name, most in METADATA.items():
        value = stated[name]
        if name in COMPULSORY and not value:
            yield Problem(name, "It is missing.", f"State the {name.replace('_', ' ')}.")
        if wrong := fault(value, most):
            yield Problem(name, *wrong)
    if stated["framework"] and not codes.KEY.fullmatch(stated["framework"]):
        yield Problem("framework", f"{stated['framework']!r} does not fit an address.", "Use a-z, 0-9, . _ -")
    if stated["number"] and not codes.CODE.fullmatch(stated["number"]):
        yield Problem("number", f"{stated['number']!r} does not fit an address.", "Use letters, digits, . _ -")
    if stated["source_url"] and not re.match(r"https?://", stated["source_url"]):
        yield Problem("source_url", "It is no address of a page.", "Begin it with https://.")
    if stated["issued_on"] and not _is_day(stated["issued_on"]):
        yield Problem("issued_on", f"{stated['issued_on']!r} is not a date.", "Write it as 2026-11-30.")


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _shaped(
    reading: Reading, answers: Answers, stated: dict[str, str], scale: ScaleData | None
) -> tuple[RevisionData | None, list[Problem], list[Notice]]:
    problems: list[Problem] = []
    if not reading.nodes and not reading.problems:
        problems.append(Problem("file", "There is nothing to assess in it.", "Add at least one competence."))
    levels = scale or reading.scale
    if levels is None:
        problems.append(Problem("scale", "The file has no rating scale.", "Choose one."))
    if problems or levels is None or reading.problems or not reading.nodes:
        return None, problems, []
    shaped = shaping.shape(
        reading.nodes,
        answers.shape or shaping.fitting(trees.depths(reading.nodes))[0],
        scope=f"{stated['framework']}/{stated['number']}",
        title=stated["framework_title"] or stated["title"],
        kind=answers.kind,
        level=answers.level,
    )
    revision = RevisionData(
        scale=levels,
        domains=shaped.domains,
        lineage=reading.lineage,
        source_id=reading.metadata.get("source_id", ""),
        kept=reading.kept,
        is_redistributable=_may_be_passed_on(reading, answers),
        previous=answers.metadata.get("previous", ""),
        **_fields(stated),
    )
    return revision, problems, shaped.notices


def _fields(stated: dict[str, str]) -> dict[str, Any]:
    return {name: stated[name] for name in METADATA}


def _own(own: RevisionData, stated: dict[str, str], answers: Answers, scale: ScaleData | None) -> RevisionData:
    changed: dict[str, Any] = _fields(stated)
    if "is_redistributable" in answers.metadata:
        changed["is_redistributable"] = answers.metadata["is_redistributable"] == "yes"
    if "previous" in answers.metadata:
        changed["previous"] = answers.metadata["previous"]
    return replace(own, scale=scale or own.scale, **changed)


def content_problems(revision: RevisionData) -> Iterator[Problem]:
    """What no revision may have, whatever file it came from: texts that are missing, keys and codes that repeat."""
    activities, competences = list(revision.all_activities()), list(revision.all_competences())
    points = [point for competence in competences for point in competence.points]
    if not competences:
        yield Problem(
            "file", "There is nothing to assess in it.", "Add at least one competence, or choose another shape."
        )
    headings: list[DomainData | ActivityData] = [*revision.domains, *activities]
    statements: list[CompetenceData | PointData] = [*competences, *points]
    if len(revision.source_id) > MAX_IDENTIFIER:
        yield Problem("file", f"Its identifier is longer than {MAX_IDENTIFIER} characters.", "Shorten it.")
    for entry in headings:
        yield from _text_problems(f"{entry.code} {entry.title}", entry, entry.title, entry.introduction)
    for statement in statements:
        yield from _text_problems(statement.code, statement, statement.text, getattr(statement, "guidance", ""))
    yield from codes.repeated("domain", revision.domains)
    yield from codes.repeated("activity", activities)
    yield from codes.repeated("competence", statements)
    yield from _kinds(revision)


def _text_problems(place: str, entry: Any, text: str, more: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(place, "It has no text.", "Write what it says.")
    for wrong in filter(None, map(fault, [text, more, entry.source_id])):
        yield Problem(place, *wrong)
    if len(entry.source_id) > MAX_IDENTIFIER:
        yield Problem(place, f"Its identifier is longer than {MAX_IDENTIFIER} characters.", "Shorten it.")


def _kinds(revision: RevisionData) -> Iterator[Problem]:
    for competence in revision.all_competences():
        if competence.kind not in KINDS:
            what = f"{competence.kind!r} is not a kind of competence."
            yield Problem(competence.code, what, f"Choose one of {', '.join(KINDS)}.")
