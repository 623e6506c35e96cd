"""Everything held about one person as one ZIP file. The same holdings give the same bytes but for the day in README."""

import csv
import datetime
import io
import json
import zipfile
from collections.abc import Iterable, Iterator

from django.db.models import TextChoices
from django.utils import timezone

from assessments import wording
from assessments.exporters import own_csv
from assessments.exporters.archive_readme import readme
from assessments.holdings import HeldAssessment, HeldEvent, Holdings
from assessments.importers.cells import guarded
from assessments.models import Outcome
from assessments.models.assessment import Agreement, Source
from assessments.models.audit import ReportKind
from assessments.models.judgement import Fitness
from assessments.records import Document
from assessments.revisions import RevisionData

Cells = list[str]
# An archive holds the moment of each part; the same holdings shall give the same bytes.
_EPOCH = (2000, 1, 1, 0, 0, 0)

RATINGS = [
    "Assessment",
    "Date",
    "Source",
    "Case",
    "Session",
    "Assessor",
    "Framework",
    "Revision",
    "Activity code",
    "Activity",
    "Competence code",
    "Competence",
    "Outcome",
    "Level value",
    "Level",
    "Note",
    "Concern",
    "Priority",
    "Points seen",
    "Time in the recording",
    "Rated by",
    "Rated at",
    "State",
]
GOALS = [
    "Assessment",
    "Development goal",
    "Competences",
    "Worked on by",
    "How it is judged",
    "To be looked at again by",
    "State",
    "Result",
    "Closed in",
    "Written at",
]
ANSWERS = ["Assessment", "About", "What", "By", "As", "When", "Answer", "Reply", "Void since"]
ACCESSES = ["When", "Who", "Profession", "What was opened", "Date of the assessment", "Assessment"]
REPORTS = {ReportKind.FULL: "report.pdf", ReportKind.SHORT: "report-short.pdf"}
MESSAGES = ["Sent", "To", "Subject", "Text"]
HISTORY = ["When", "Assessment", "What happened", "By", "Changes", "Texts"]


def write(holdings: Holdings, *, made_at: datetime.datetime) -> bytes:
    """The file. No name in it tells anything of a client."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _parts(holdings, made_at):
            # A PDF is packed already.
            method = zipfile.ZIP_STORED if name.endswith(".pdf") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, method, compresslevel=4)
    return packed.getvalue()


def revision_name(data: RevisionData) -> str:
    return f"frameworks/{data.framework}-{data.number}.csv"


def _parts(holdings: Holdings, made_at: datetime.datetime) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", readme(holdings, made_at).encode()
    yield "person.json", json.dumps(holdings.person, indent=2, ensure_ascii=False).encode()
    yield "ratings.csv", _sheet(RATINGS, _ratings(holdings.assessments))
    yield "goals.csv", _sheet(GOALS, _goals(holdings))
    yield "replies-and-signatures.csv", _sheet(ANSWERS, [*_replies(holdings.assessments), *_signatures(holdings)])
    yield "accesses.csv", _sheet(ACCESSES, _accesses(holdings))
    yield "e-mails.csv", _sheet(MESSAGES, _messages(holdings))
    yield "history.csv", _sheet(HISTORY, (_event(each) for each in holdings.history))
    for data in holdings.revisions:
        yield revision_name(data), own_csv.write(data)
    for held in holdings.assessments:
        yield f"assessments/{held.folder}/record.json", held.content.encode()
        for kind, name in REPORTS.items():
            if kind in held.reports:
                yield f"assessments/{held.folder}/{name}", held.reports[kind]


def _sheet(columns: Cells, rows: Iterable[Cells]) -> bytes:
    """A table for spreadsheets, in which no text is a formula; the mark at its beginning is for Excel."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([guarded(text) for text in row] for row in rows)
    return sheet.getvalue().encode("utf-8-sig")


def _ratings(assessments: list[HeldAssessment]) -> Iterator[Cells]:
    """One row a rating; what was not rated has none."""
    for held in assessments:
        before, after = _about(held)
        levels = {level["position"]: [level["value"], level["label"]] for level in held.document["scale"]["levels"]}
        for domain in held.document["domains"]:
            for activity in domain["activities"]:
                for competence in activity["competences"]:
                    if competence["rating"]:
                        place = [activity["code"], activity["title"], competence["code"], competence["text"]]
                        yield [*before, *place, *_rating(competence["rating"], levels), *after]


def _about(held: HeldAssessment) -> tuple[Cells, Cells]:
    """What all ratings of an assessment have in common, before and after what each has of its own."""
    facts, revision = held.document["assessment"], held.document["revision"]
    before = [
        held.folder,
        facts["session_on"],
        _word(Source, facts["source"]),
        _number(facts["case_number"]),
        _number(facts["session_number"]),
        held.document["supervisor"]["name"],
        revision["framework"],
        revision["number"],
    ]
    return before, [held.state]


def _rating(rating: Document, levels: dict[int, Cells]) -> Cells:
    return [
        _word(Outcome, rating["outcome"]),
        *levels.get(rating["position"], ["", ""]),
        rating["note"],
        _yes(rating["is_concern"]),
        _yes(rating["is_priority"]),
        " ".join(rating.get("points_seen", [])),
        wording.time_mark(rating.get("time_mark")),
        rating["rated_by"]["name"],
        _moment(rating["rated_at"]),
    ]


def _goals(holdings: Holdings) -> Iterator[Cells]:
    for goal in holdings.goals:
        agreed = [goal.folder, goal.text, ", ".join(goal.codes), goal.owner, goal.judged_by, _day(goal.due_on)]
        yield [*agreed, goal.status, goal.result, goal.closed_in, _at(goal.created_at)]


def _replies(assessments: list[HeldAssessment]) -> Iterator[Cells]:
    """What was said of the whole: the supervisor's statement, the therapist's answer."""
    for held in assessments:
        if fitness := held.document["assessment"].get("fitness"):
            by = held.document["supervisor"]["name"]
            at = _moment(held.document["assessment"]["shared_at"])
            yield [held.folder, "Me", "Statement of fitness", by, "Supervisor", at, _word(Fitness, fitness), "", ""]
        if reply := held.document["reply"]:
            by, answer = held.document["therapist"]["name"], _word(Agreement, reply["agreement"])
            yield [
                *[held.folder, "Me", "Reply", by, "Therapist", _moment(reply["replied_at"])],
                *[answer, reply["text"], ""],
            ]


def _signatures(holdings: Holdings) -> Iterator[Cells]:
    for signature in holdings.signatures:
        about = "Me" if signature.is_about_person else "Somebody else"
        when, void = _at(signature.signed_at), _at(signature.voided_at)
        yield [signature.folder, about, "Signature", signature.by, signature.role, when, "", "", void]


def _accesses(holdings: Holdings) -> Iterator[Cells]:
    for access in holdings.accesses:
        yield [
            *[_at(access.at), access.by, access.profession],
            *[access.opened, _day(access.session_on), access.folder],
        ]


def _messages(holdings: Holdings) -> Iterator[Cells]:
    for message in holdings.messages:
        yield [_at(message.sent_at), message.address, message.subject, message.body]


def _event(held: HeldEvent) -> Cells:
    entry = held.entry
    changes = "; ".join(f"{each.what}: {each.before or 'none'} → {each.after or 'none'}" for each in entry.changes)
    texts = "\n".join(f"{label}: {text}" for label, text in entry.texts)
    return [_at(entry.at), held.folder, entry.title, entry.by, changes, texts]


def _word(choices: type[TextChoices], value: str) -> str:
    """The word on screen. A record may be older than today's list of values."""
    return choices(value).label if value in choices.values else value


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _yes(value: bool) -> str:
    return "Yes" if value else ""


def _day(on: datetime.date | None) -> str:
    return on.isoformat() if on else ""


def _at(at: datetime.datetime | None) -> str:
    """UK time with its zone, so that what happened twice in an October night can be told apart."""
    if at is None:
        return ""
    local = at.astimezone(timezone.get_default_timezone())
    return f"{local.replace(tzinfo=None).isoformat(' ', 'seconds')} {local.tzname()}"


def _moment(iso: str) -> str:
    return _at(datetime.datetime.fromisoformat(iso))
