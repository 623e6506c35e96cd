"""How the product puts things into words: pure text, no decisions."""

import datetime
import re
from collections.abc import Collection
from typing import NamedTuple

_LEAD = re.compile(
    r"(Knowledge and understanding of|Knowledge of, and ability to|Knowledge of|Ability to|Capacity to)\s+"
)
# Minutes go beyond sixty where no hours are written.
_TIME_MARK = re.compile(r"(?:([0-9]):(?=[0-5][0-9]:))?([0-9]{1,2}|[1-5][0-9]{2}):([0-5][0-9])", re.ASCII)
_REST = re.compile(r"\s\(|, and (?:the ability )?to ")
# What XML 1.0 cannot hold (section 2.2), and so neither a workbook nor the pages of a report.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


# What an assessment's columns are called, on its forms as in its history.
FIELDS = {
    "source": "What it rests on",
    "session_on": "Date of the session or document",
    "is_consent_confirmed": "The client has consented to the recording and to its use in training",
    "case_number": "Case number",
    "session_number": "Session number",
    "planned_total": "Planned sessions in all",
    "phase": "Phase",
    "problem_area": "Problem area",
    "format": "Format",
    "minutes_reviewed": "Minutes reviewed",
    "selected_by": "Picked by",
    "difficulty": "Difficulty of the session",
    "strengths": "Strengths",
    "needs": "Needs",
    "summary": "Overall summary",
    "concerns_handled": "How the concerns are handled",
    "fitness": "Statement of fitness",
}


class Title(NamedTuple):
    """A title in three parts: the opening that many share, what it is about, and the afterthought."""

    lead: str
    key: str
    rest: str


def split_title(title: str) -> Title:
    """Say the important words louder: 45 long titles become 45 short ones without changing a word."""
    opening = _LEAD.match(title)
    lead = opening.group(1) if opening else ""
    remainder = title[opening.end() :] if opening else title
    afterthought = _REST.search(remainder)
    if afterthought is None:
        return Title(lead, remainder, "")
    return Title(lead, remainder[: afterthought.start()], remainder[afterthought.start() :])


def count(number: int, singular: str, plural: str = "") -> str:
    """`1 competence`, `2 competences`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def still_unsent(number: int, at: datetime.datetime) -> str:
    """That answers wait in another browser, and what to do; `at` is when it said so, in local time."""
    have, them = ("has", "it") if number == 1 else ("have", "them")
    return (
        f"{count(number, 'answer')} of yours {have} not reached the server. A browser of yours still kept {them} at"
        f" {at:%H:%M} on {at:%-d %B}. Open the assessment there to send {them}, or go on without {them}."
    )


_SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def in_words(number: int, singular: str, plural: str = "") -> str:
    """`one thing`, `three things`, `12 things`: small numbers as words."""
    word = _SMALL[number] if number < len(_SMALL) else str(number)
    return f"{word} {singular if number == 1 else plural or singular + 's'}"


def time_mark(seconds: int | None) -> str:
    """A place in a recording as minutes and seconds: `14:20`, `75:00`; nothing for none."""
    return "" if seconds is None else f"{seconds // 60}:{seconds % 60:02}"


def seconds(text: str) -> int | None:
    """A place in a recording as it is written, `14:20` or `1:05:30`, in seconds; nothing for anything else."""
    found = _TIME_MARK.fullmatch(text)
    if not found:
        return None
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + rest


def points(texts: dict[str, str], seen: Collection[str]) -> str:
    """Sub-points by code in one run of text, with what was ticked marked in words."""
    return " ".join(f"{text} (seen)" if code in seen else text for code, text in texts.items())


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def sentence(text: str) -> str:
    """Text with a full stop, unless it ends as a sentence already."""
    text = text.rstrip()
    return text if text.endswith((".", "!", "?", "”")) else f"{text}."


def printable(text: str) -> str:
    """Text without what XML cannot hold, most of which forms and imports refuse to take in."""
    return _UNPRINTABLE.sub("", text)
