"""The text that lies on top of a person's archive: what each file is, and what the words in it mean."""

import datetime
from collections.abc import Iterator

from django.utils import timezone

from assessments import wording
from assessments.holdings import HeldAssessment, Holdings
from assessments.models import AssessmentRole
from assessments.records import Document
from assessments.revisions import RevisionData

FILES = """\
person.json
  Your account, your roles, your supervisions, and a list of the assessments in this file.
ratings.csv
  Every rating in those assessments, one on each line. What was not rated has no line.
goals.csv
  The development goals agreed in them.
replies-and-signatures.csv
  Your replies, all signatures under assessments of you, and all that you gave.
accesses.csv
  Who opened your record, when, and what. Each person is noted once a day for each thing opened.
  Not listed: your own visits, and a supervisor opening an assessment that is their own.
e-mails.csv
  The messages that were sent to you, without those that set a password.
history.csv
  What was changed in the assessments and in your account, by whom and when.
frameworks/
  The full wording of each framework revision that you were rated on.
assessments/<date of the session>-<end of its identifier>/
  record.json: the whole assessment with the wording it was rated on. Of a signed one it is byte for byte what
  was signed: its SHA-256 is the checksum printed on the report.
  report.pdf and report-short.pdf: the full report and its short version, if the assessment is signed off and they
  were issued. For any other report, sign in, open the assessment and choose "Report (PDF)".

The .csv files open in any spreadsheet. They are in UTF-8. An apostrophe before = + - or @ keeps a spreadsheet
from taking a text for a formula. Times are UK time; in the .json files they are in UTC.
"""

WORDS = """\
These four are different things, and none of them stands for another:
  Not rated: nobody has judged it. No line in ratings.csv, null in record.json.
  Not observed: there was no opportunity to see it on this occasion.
  Not applicable: it lies outside the programme or does not apply.
  The lowest level: it was seen, and this is the level that was given.
Levels have an order and nothing else. They are not amounts, so adding them up or taking a mean says nothing.
A concern is a safety flag on a rating. A priority is what was picked out for development.
States: shared (you can read it and reply), signed off (it never changes), withdrawn (it counts nowhere).
Replaced by a new version: it was reopened with a reason, and the new version counts in its place.
"""

LEFT_OUT = """\
Your password, of which only a hash is kept; keys that seal unsent answers in a browser; what you wrote about others.
"""


def readme(holdings: Holdings, made_at: datetime.datetime) -> str:
    parts = [
        f"Everything held about {holdings.name}\n\nMade on {_moment(made_at)} for {holdings.name}, {holdings.email}.\n",
        _titled("Assessments in this file", _assessments(holdings)),
        _titled("Drafts", _drafts(holdings)),
        _titled("Files", FILES),
        _titled("Frameworks", "\n".join(_frameworks(holdings.revisions)) or "You have not been rated on any."),
        _titled("Words", WORDS),
        *(_titled(f"Scale: {scale['name']}", _scale(scale)) for scale in _scales(holdings)),
        _titled("Not in this file", LEFT_OUT),
    ]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _moment(at: datetime.datetime) -> str:
    return f"{timezone.localtime(at):%-d %B %Y, %H:%M %Z}"


def _titled(title: str, text: str) -> str:
    return f"{title.upper()}\n\n{text}"


def _assessments(holdings: Holdings) -> str:
    lines = [f"{each.folder}  {each.state}, {_by(each)}" for each in holdings.assessments]
    return "\n".join([f"{wording.count(len(lines), 'assessment')} of you.", *lines])


def _by(held: HeldAssessment) -> str:
    role, by = held.document["assessment"].get("role"), held.document["supervisor"]
    if role == AssessmentRole.SELF:
        return "self-assessment"
    if role == AssessmentRole.OCCASIONAL:
        return f"occasional rater\u2019s assessment, by {by['name']}, {by['profession']}"
    return f"{'second rating by' if role == AssessmentRole.SECOND else 'by'} {by['name']}"


def _drafts(holdings: Holdings) -> str:
    if holdings.has_drafts:
        return (
            "Included, in progress or withdrawn before they were shared, because a request for access covers them.\n"
            "A note that still waits for its level stands in history.csv only."
        )
    lines = [f"In progress since {day:%-d %B %Y}." for day in holdings.drafts_since] or ["None is in progress."]
    return "\n".join(
        [
            *lines,
            *_kept_back(holdings.kept_back),
            "Nothing written in a supervisor's draft is in this file, neither while it is in progress nor if it was",
            "withdrawn before it was shared with you. The data protection contact of your organisation can give you a",
            "copy.",
        ]
    )


def _kept_back(number: int) -> list[str]:
    if not number:
        return []
    return [f"{wording.count(number, 'assessment')} shared, and kept back until your own of the same session is, too."]


def _frameworks(revisions: list[RevisionData]) -> Iterator[str]:
    for data in revisions:
        yield f"{data.title} {data.number}: frameworks/{data.framework}-{data.number}.csv"
        if not data.is_redistributable:
            yield "  Its licence does not allow passing it on. It is here because you were rated on this wording."
        if data.attribution:
            yield f"  {data.attribution}"


def _scales(holdings: Holdings) -> list[Document]:
    """Each scale that was used, once."""
    scales = [each.document["scale"] for each in holdings.assessments]
    return list({(scale["key"], scale["version"]): scale for scale in scales}.values())


def _scale(scale: Document) -> str:
    lines = [f"{level['value']} {level['label']}" for level in scale["levels"]]
    lines += [f"Not observed: {scale['not_observed']}"] if "not_observed" in scale else []
    lines += [f"Not applicable: {scale['not_applicable']}"] if "not_applicable" in scale else []
    return "\n".join(lines)
