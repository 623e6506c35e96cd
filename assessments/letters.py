"""What an e-mail says: that something happened or waits, of which day, and where to read it.

Never what was rated or written, never of which case, and no name of anybody: mail is read on many screens.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from assessments import wording
from assessments.models import Notice, NoticeKind, Status

PRODUCT = "Competence assessment"
NOT_TOUCHED_FOR, NOT_ANSWERED_FOR = datetime.timedelta(days=14), datetime.timedelta(days=7)


@dataclass(frozen=True)
class Telling:
    """A kind of notice in words, told only while the assessment is in one of the states."""

    words: str
    states: frozenset[str]
    is_of_what_is_seen: bool = True


_STANDING = frozenset({Status.SHARED, Status.SIGNED_OFF})
_DRAFT, _SHARED = frozenset({Status.DRAFT}), frozenset({Status.SHARED})
TELLINGS: dict[str, Telling] = {
    NoticeKind.SHARED: Telling("Your supervisor shared an assessment of {day} with you.", _STANDING),
    NoticeKind.SELF_SHARED: Telling(
        "The therapist shared the self-assessment that belongs to your assessment of {day}.", _STANDING
    ),
    NoticeKind.SECOND_SHARED: Telling("The second rating of the session of {day} was shared.", _STANDING),
    NoticeKind.OCCASIONAL_SHARED: Telling("An occasional rater handed in an assessment of {day}.", _STANDING),
    NoticeKind.REPLIED: Telling("The therapist replied to your assessment of {day}.", _SHARED),
    NoticeKind.SIGNED: Telling("An assessment of {day} has a signature and waits for yours.", _SHARED),
    NoticeKind.SIGNED_OFF: Telling("An assessment of {day} is signed off.", frozenset({Status.SIGNED_OFF})),
    NoticeKind.ASKED: Telling("Your supervisor asked you to rate yourself on the session of {day}.", _DRAFT),
    NoticeKind.SECOND_ASKED: Telling("You are asked for a second rating of a session of {day}.", _DRAFT),
    NoticeKind.REOPENED: Telling("An assessment of {day} was reopened. Its new version is a draft of yours.", _DRAFT),
    NoticeKind.HANDED_OVER: Telling("A draft of {day} was handed over to you.", _DRAFT),
    # Whoever was told of the sharing no longer sees the draft that it became.
    NoticeKind.TAKEN_BACK: Telling("An assessment of {day} was taken back by its author.", _DRAFT, False),
}
_NOT_OPEN_YET = " It opens once both assessments of the session are shared."


@dataclass(frozen=True)
class Due:
    """How many things wait for a person."""

    drafts: int = 0
    replies: int = 0
    signatures: int = 0
    goals: int = 0

    @property
    def total(self) -> int:
        return sum(getattr(self, each.name) for each in fields(self))

    @property
    def words(self) -> list[str]:
        days = NOT_ANSWERED_FOR.days
        said = [
            (self.drafts, "draft", f"not touched for {NOT_TOUCHED_FOR.days} days or more."),
            (self.replies, "shared assessment", f"waiting for your reply or signature for more than {days} days."),
            (self.signatures, "shared assessment", f"waiting for your signature for more than {days} days."),
            (self.goals, "development goal", "past the date to look at it again."),
        ]
        return [f"{wording.count(number, what)} {rest}" for number, what, rest in said if number]


class Letter(NamedTuple):
    subject: str
    body: str


@dataclass
class News:
    """What happened, sorted into what is told and what no longer holds for its reader."""

    told: list[Notice] = field(default_factory=list)
    lapsed: list[Notice] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def news(notices: Iterable[Notice], seen: dict[UUID, bool]) -> News:
    """Of one person. `seen` are the assessments they may know of, with whether they may read them."""
    found, said = News(), set()
    for notice in notices:
        line = _line(notice, seen)
        (found.told if line and line not in said else found.lapsed).append(notice)
        said.add(line)
        found.lines = list(dict.fromkeys([*found.lines, *([line] if line else [])]))
    return found


def _line(notice: Notice, seen: dict[UUID, bool]) -> str:
    """A sentence with the place to read on, or nothing if it no longer holds."""
    telling, assessment = TELLINGS[notice.kind], notice.assessment
    if assessment.status not in telling.states:
        return ""
    sentence = telling.words.format(day=f"{assessment.session_on:%-d %B %Y}")
    if not telling.is_of_what_is_seen:
        return sentence
    if assessment.pk not in seen:
        return ""
    sentence += "" if seen[assessment.pk] else _NOT_OPEN_YET
    return f"{sentence}\n  {address(assessment.get_absolute_url())}"


def write(news: News, due: Due) -> Letter:
    number = len(news.lines) + due.total
    parts = [_part("What happened", news.lines), _part("What waits for you", _waiting(due)), _foot()]
    return Letter(
        subject=f"{PRODUCT}: {wording.count(number, 'thing')} to look at",
        body="\n\n".join(part for part in parts if part),
    )


def _waiting(due: Due) -> list[str]:
    """All of it is found by way of the home page."""
    *first, last = due.words or [""]
    return [*first, f"{last}\n  {address(reverse('home'))}"] if last else []


def _part(title: str, lines: list[str]) -> str:
    return "\n\n".join([title, *(f"- {line}" for line in lines)]) if lines else ""


def _foot() -> str:
    return (
        "Messages never say what was rated or written. Sign in to read it.\n\n"
        f"{PRODUCT}\n"
        f"One message a day at most. To stop them: {address(reverse('notices'))}\n"
    )


def address(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
