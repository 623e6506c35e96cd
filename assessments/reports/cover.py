"""The cover and the small print of an assessment report: who, what it rests on, in which state, signed by whom."""

import datetime
from dataclasses import dataclass
from typing import Any

from assessments.models import Assessment, AssessmentOrigin, AssessmentRole, Role, Status
from assessments.models.framework import Phase, ProblemArea
from assessments.models.succession import ClosedAs
from assessments.records import Document
from assessments.reports import words


@dataclass(frozen=True)
class State:
    """What the report may be taken for. `watermark` is blank once the record is signed off."""

    css: str
    word: str
    sentence: str
    watermark: str


def is_of_oneself(document: Document) -> bool:
    return bool(document["assessment"].get("role") == AssessmentRole.SELF)


def is_second(document: Document) -> bool:
    return bool(document["assessment"].get("role") == AssessmentRole.SECOND)


def is_occasional(document: Document) -> bool:
    """By somebody who rated a single session."""
    return bool(document["assessment"].get("role") == AssessmentRole.OCCASIONAL)


def is_signed(document: Document) -> bool:
    """Whether it is of the kind that is replied to and signed: only the records of others name a role."""
    return "role" not in document["assessment"]


def occasion(assessment: Document) -> str:
    """What the ratings rest on: `Recorded session, case 2, session 7 of 16`."""
    parts = [words.word(Assessment.Source, assessment["source"])]
    if assessment["case_number"]:
        parts.append(f"case {assessment['case_number']}")
    if assessment["session_number"]:
        total = f" of {assessment['planned_total']}" if assessment["planned_total"] else ""
        parts.append(f"session {assessment['session_number']}{total}")
    return ", ".join(parts)


def state(assessment: Document) -> State:
    """What no supervisor gave for a profile is never signed, so that nothing is lacking once it is shared."""
    is_beside = "role" in assessment
    match assessment["status"]:
        case Status.DRAFT:
            sentence = "Draft. Not shared" if is_beside else "Draft. Not shared, not signed"
            return State("draft", "draft", sentence, sentence)
        case Status.SHARED:
            if is_beside:
                return State("signed", "shared", f"Shared on {words.moment(assessment['shared_at'])}", "")
            sentence = "Shared, not yet signed"
            return State("shared", "shared", sentence, sentence)
        case Status.WITHDRAWN:
            sentence = f"Withdrawn on {words.moment(assessment['withdrawn_at'])}. {assessment['withdrawn_reason']}"
            return State("withdrawn", "withdrawn", sentence, "Withdrawn")
    return State("signed", "signed off", f"Signed off on {words.moment(assessment['signed_off_at'])}", "")


def facts(document: Document, scale: str, state: State, issued_on: datetime.date) -> list[tuple[str, str]]:
    """The rows of the cover; what is not known has no row."""
    assessment, revision = document["assessment"], document["revision"]
    rows = [
        ("Therapist", words.person(document["therapist"])),
        ("Programme", document["therapist"]["programme"]),
        (_rater(document), "" if is_of_oneself(document) else words.person(document["supervisor"])),
        ("Rests on", ", ".join([occasion(assessment), words.date(assessment["session_on"])])),
        ("Session", _session(assessment)),
        ("Short form", assessment.get("short_form", "")),
        ("Origin", _origin(assessment)),
        ("Framework", f"{revision['title']}, revision {revision['number']}"),
        ("Scale", scale),
        ("State", state.sentence),
        ("Closed", _closed(document)),
        ("Replaces", _replaces(document)),
        ("Issued", words.day(issued_on)),
    ]
    return [(term, text) for term, text in rows if text]


def _rater(document: Document) -> str:
    if is_occasional(document):
        return "Occasional rater"
    return "Second rater" if is_second(document) else "Supervisor"


def _origin(assessment: Document) -> str:
    """Nothing where it was given here: `From an earlier form, entered on 27 November 2026 by Dr Helen Marsh`."""
    if "entered_by" not in assessment:
        return ""
    origin = words.word(AssessmentOrigin, assessment["origin"])
    return f"{origin}, entered on {words.day_of(assessment['created_at'])} by {assessment['entered_by']['name']}"


def _closed(document: Document) -> str:
    """Nothing unless the training lead signed in place of the therapist."""
    closed = document["assessment"].get("closed")
    if not closed:
        return ""
    lead = next(each for each in document["signatures"] if each["role"] == Role.LEAD)
    who = f"{lead['person']['name']}, training lead, on {words.day_of(lead['signed_at'])}"
    ground = words.word(ClosedAs, closed["ground"])
    return f"Without the therapist\u2019s signature by {who}. {ground}: {closed['reason']}"


def _replaces(document: Document) -> str:
    """Nothing unless it was made by reopening a signed one."""
    before = document.get("predecessor")
    if not before:
        return ""
    on, checksum = words.day_of(before["signed_off_at"]), words.grouped(before["sha256"])
    reopened = f"{before['reopened_by']['name']} on {words.day_of(before['reopened_at'])}: {before['reason']}"
    return f"The assessment signed off on {on}, SHA-256 {checksum}. Reopened by {reopened}"


def _session(assessment: Document) -> str:
    """Phase, problem area and how it was heard, as far as they are known."""
    phase, minutes, chosen, difficulty = (
        assessment[name] for name in ["phase", "minutes_reviewed", "selected_by", "difficulty"]
    )
    parts = [
        f"{words.word(Phase, phase)} phase" if phase else "",
        words.word(ProblemArea, assessment["problem_area"]),
        words.word(Assessment.Format, assessment["format"]),
        f"{words.counted(minutes, 'minute')} reviewed" if minutes else "",
        f"chosen by {_chooser(chosen)}" if chosen else "",
        f"{words.word(Assessment.Difficulty, difficulty)} session" if difficulty else "",
    ]
    return ", ".join(filter(None, parts)).capitalize()


def _chooser(value: str) -> str:
    return "chance" if value == Assessment.SelectedBy.RANDOM else f"the {value}"


def signatures(document: Document) -> list[dict[str, str]]:
    """Therapist and supervisor always, whether they signed or not; anybody else who signed."""
    if not is_signed(document):
        return []
    given = {signature["role"]: signature for signature in document["signatures"]}
    rows = [
        _signature(role, document[role]["name"], given.pop(role, None))
        for role in [Role.SUPERVISOR.value, Role.THERAPIST.value]
    ]
    return rows + [_signature(role, signature["person"]["name"], signature) for role, signature in given.items()]


def _signature(role: str, name: str, signature: Document | None) -> dict[str, str]:
    when = f"Signed {words.moment(signature['signed_at'])}" if signature else "Not signed"
    return {"role": words.word(Role, role), "name": signature["person"]["name"] if signature else name, "when": when}


def reply(document: Document) -> dict[str, Any]:
    reply = document["reply"]
    if reply is None:
        is_draft = document["assessment"]["status"] == Status.DRAFT
        why = "None: a draft is not shown to the therapist." if is_draft else "None has been given."
        return {"line": why, "lines": []}
    agreement = words.word(Assessment.Agreement, reply["agreement"])
    line = f"{agreement}. {document['therapist']['name']}, {words.moment(reply['replied_at'])}"
    return {"line": line, "lines": words.lines(reply["text"])}


def about(document: Document, sha256: str) -> list[tuple[str, str]]:
    revision, chain = document["revision"], document["chain"]
    rows = [
        ("Framework", f"{revision['title']}, revision {revision['number']}"),
        ("Authors", revision["authors"]),
        ("Attribution", revision["attribution"]),
        ("Licence", revision["licence"]),
        ("Notice", revision["notice"]),
        ("Framework file", f"SHA-256 {words.grouped(revision['content_sha256'])}"),
        ("This record", f"SHA-256 {words.grouped(sha256)}"),
    ]
    if chain:
        rows.append(("Signed record", f"Number {chain['sequence']} of {document['organisation']['name']}"))
    if chain and chain["previous_sha256"]:
        rows.append(("Record before it", f"SHA-256 {words.grouped(chain['previous_sha256'])}"))
    return [(term, text) for term, text in rows if text]


def heading(document: Document) -> str:
    if is_signed(document):
        return "Assessment report"
    return AssessmentRole(document["assessment"]["role"]).label


def footer(document: Document, number: str, state: State) -> str:
    return f"{heading(document)} {number}, {state.word}\u2003{document['therapist']['name']}\u2003"


def fingerprint(document: Document, sha256: str) -> str:
    """The record's hash as each page tells it. Only what is signed can be checked, so only there it says where."""
    where = " Check it at /verify/." if document["chain"] else ""
    return f"SHA-256 {words.grouped(sha256[:16])} \u2026 {words.grouped(sha256[-8:])}.{where}"


def signed_off_on(document: Document) -> str:
    return words.day_of(document["assessment"]["signed_off_at"])


def proof(document: Document, sha256: str) -> list[tuple[str, str]]:
    """What a signed record says to somebody who holds it and asks whether it is genuine."""
    assessment, revision, chain = document["assessment"], document["revision"], document["chain"]
    signed = [f"{each['role']}: {each['name']}, {each['when']}" for each in signatures(document)]
    return [
        ("Therapist", words.person(document["therapist"])),
        ("Supervisor", words.person(document["supervisor"])),
        ("Organisation", document["organisation"]["name"]),
        ("Report number", number(document)),
        ("Rests on", ", ".join([occasion(assessment), words.date(assessment["session_on"])])),
        ("Framework", f"{revision['title']}, revision {revision['number']}"),
        ("State", state(assessment).sentence),
        ("Signatures", ". ".join(signed)),
        *[(term, text) for term, text in [("Closed", _closed(document)), ("Replaces", _replaces(document))] if text],
        ("Signed record", f"Number {chain['sequence']} of {document['organisation']['name']}"),
        ("Its hash", f"SHA-256 {words.grouped(sha256)}"),
        (
            "Later",
            "A signed record is never changed or withdrawn here. A new version, where one was made, has its own.",
        ),
    ]


def number(document: Document) -> str:
    """As the report is called: of the id the first half is only the time."""
    return str(document["assessment"]["id"])[-8:].upper()
