"""Events in plain words, for the history page of an assessment and for what a person takes away."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from assessments import wording
from assessments.models import Assessment, AssessmentRole, AuditEvent, Outcome, RatingLevel, Role, User
from assessments.models.assessment import Agreement
from assessments.models.audit import ReportKind
from assessments.models.goal import GoalOwner, GoalStatus
from assessments.models.judgement import Fitness
from assessments.models.succession import ClosedAs

Data = dict[str, Any]


@dataclass(frozen=True)
class Changed:
    """One thing that was one way and is another."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    at: datetime.datetime
    by: str
    title: str
    changes: list[Changed] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)


class Presenter:
    """Puts events into words; `people` names those whom an event knows only by id."""

    def __init__(self, levels: Iterable[RatingLevel], people: Iterable[User]) -> None:
        self._labels = {level.position: f"{level.value} {level.label}" for level in levels}
        self._names = {str(person.pk): person.name for person in people}

    def entry(self, event: AuditEvent) -> Entry:
        return self.told(event.at, event.by.name if event.by else None, event.type, event.data)

    def told(self, at: datetime.datetime, by: str | None, event: str, data: Data) -> Entry:
        """The entry of an event known by its columns: whoever reads thousands does without the rest of each."""
        return Entry(
            at=at,
            by=by or "The system",
            title=_title(event, data),
            changes=self._changes(event, data),
            texts=[(label, text) for label, text in self._texts(event, data) if text],
        )

    def _changes(self, event: str, data: Data) -> list[Changed]:
        kinds = AuditEvent.Type
        if event in {kinds.RATING_SAVED, kinds.RATING_CLEARED}:
            return [Changed(data["code"], self._answer(data["before"]), self._answer(data.get("after")))]
        if event == kinds.CONTEXT_CHANGED:
            return [_context(name, before, after) for name, (before, after) in data["changed"].items()]
        if event == kinds.ASSESSMENT_HANDED_OVER or (event == kinds.ASSESSMENT_REOPENED and "supervisor" in data):
            before, after = (self._names.get(pk, "Somebody") for pk in data["supervisor"])
            return [Changed("Supervisor", before, after)]
        if event == kinds.ASSESSMENT_REPLIED:
            before, after = (_agreement(answer) for answer, _ in [data["before"], data["after"]])
            return [Changed("Answer", before, after)]
        if event == kinds.UNSENT_REPORTED:
            return [Changed("Not yet sent", str(data.get("left_behind", "")), str(data["unsent"]))]
        return []

    def _texts(self, event: str, data: Data) -> list[tuple[str, str]]:
        kinds = AuditEvent.Type
        if event in {kinds.RATING_SAVED, kinds.RATING_CLEARED}:
            before, after = ((data.get(side) or {}).get("note", "") for side in ["before", "after"])
            return [("Note before", before), ("Note", after)] if before != after else []
        if event == kinds.TEXTS_SAVED:
            sides = [(wording.FIELDS[name], _said(name, texts)) for name, texts in data["changed"].items()]
            return [pair for label, (old, new) in sides for pair in [(f"{label} before", old), (label, new)]]
        if event == kinds.ASSESSMENT_REPLIED:
            return [("Reply before", data["before"][1]), ("Reply", data["after"][1]), *_facts(data)]
        if event in {kinds.SUPERVISION_STARTED, kinds.SUPERVISION_ENDED}:
            return [("Supervisor", self._names.get(data["supervisor"], "Somebody")), *_facts(data)]
        return _facts(data)

    def _answer(self, answer: Data | None) -> str:
        if not answer:
            return "Not rated"
        words = [self._labels.get(answer["position"], "") or Outcome(answer["outcome"]).label]
        words += ["concern"] if answer["is_concern"] else []
        words += ["priority for development"] if answer["is_priority"] else []
        # Events from before there were time marks and ticks lack both.
        words += [f"points {points.replace(' ', ' and ')}"] if (points := answer.get("points_seen")) else []
        words += [f"at {wording.time_mark(at)}"] if (at := answer.get("time_mark")) is not None else []
        return ", ".join(words)


def _title(event: str, data: Data) -> str:
    """The words of an event; its own where the usual ones speak of a supervisor."""
    return IN_ROLE.get((str(data.get("role")), event)) or AuditEvent.Type(event).label


IN_ROLE: dict[tuple[str, str], str] = {
    (AssessmentRole.SELF, AuditEvent.Type.ASSESSMENT_STARTED): "Self-assessment started",
    (AssessmentRole.SELF, AuditEvent.Type.ASSESSMENT_SHARED): "Self-assessment shared",
    (AssessmentRole.SECOND, AuditEvent.Type.ASSESSMENT_SHARED): "Second rating shared",
}


def _signed_as(data: Data) -> str:
    """The role of a person; an assessment has one, too."""
    role = data.get("role")
    return Role(role).label if role in Role.values else ""


def _beside(data: Data) -> str:
    """What an event says of another assessment of the session: the therapist's own, or a second rating."""
    if data.get("opened"):
        return "Both assessments of the session opened to each other"
    if data.get("stays_open"):
        return "Both have seen each other\u2019s ratings; what was rated beside it stays open"
    return "Begun beside a self-assessment of the same session" if "self_assessment" in data else ""


def _facts(data: Data) -> list[tuple[str, str]]:
    """What most events tell: goals, extent, reasons, places in the chain, checksums."""
    return [
        ("Development goal", data.get("text", "")),
        ("Worked on by", GoalOwner(data["owner"]).label if data.get("owner") else ""),
        ("How it is judged", data.get("judged_by", "")),
        ("Outcome", GoalStatus(data["status"]).label if "status" in data else ""),
        ("Result", data.get("result", "")),
        ("Result before", data["before"] if isinstance(data.get("before"), str) else ""),
        ("Competences", ", ".join(data.get("competences", []))),
        ("To rate", ", ".join(data.get("extent", []))),
        ("Short form", data.get("short_form", "")),
        ("As", _signed_as(data)),
        ("Rated beside it", _beside(data)),
        ("First day", _day(data.get("starts_on", ""))),
        ("Last day", _day(data.get("ends_on", ""))),
        ("Record of the organisation", str(data.get("sequence", ""))),
        ("Came in", _came_in(data.get("ratings", {}))),
        ("Kind", ReportKind(data["kind"]).label if data.get("kind") in set(ReportKind) else ""),
        ("Checksum", data.get("sha256", "")),
        ("Checksum of the version that it replaces", data.get("predecessor_sha256", "")),
        ("Ground", ClosedAs(data["closed_as"]).label if "closed_as" in data else ""),
        ("Reason", data.get("reason", "")),
        ("Drafts", "Included" if data.get("with_drafts") else ""),
        ("Signatures that became void", str(data.get("signatures_voided") or "")),
    ]


def _day(iso: str) -> str:
    return f"{datetime.date.fromisoformat(iso):%-d %B %Y}" if iso else ""


def _came_in(counts: dict[str, int]) -> str:
    """What an earlier form held: `12 level, 2 not observed, 3 notes`."""
    return ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in counts.items() if number)


def _context(name: str, before: str, after: str) -> Changed:
    """A corrected field in the words of its form."""
    if name == "activities":
        return Changed("To rate", before, after)
    if name == "short_form":
        return Changed("Short form", before, after or "None")
    return Changed(wording.FIELDS[name], _value(name, before), _value(name, after))


def _value(name: str, value: str) -> str:
    column = Assessment._meta.get_field(name)
    choices = dict(getattr(column, "flatchoices", []))
    if value in {"", "None"}:
        return "Not stated"
    return str(choices.get(value) or {"True": "Yes", "False": "No"}.get(value, value))


def _said(name: str, texts: list[str]) -> list[str]:
    """What was said before and is said now; a statement of fitness that was taken back is worth a word."""
    return [Fitness(text).label if text else "None" for text in texts] if name == "fitness" else texts


def _agreement(value: str) -> str:
    return Agreement(value).label if value else "None"


def people_named(told: Iterable[Data]) -> set[str]:
    """The ids of people whom the data of events mention without naming them."""
    named = [data.get("supervisor", []) for data in told]
    return {pk for pks in named for pk in ([pks] if isinstance(pks, str) else pks)}
