"""Everything held about one person, as plain data: what the queries read and the archive writes."""

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from assessments.history import Entry
from assessments.models import Status
from assessments.records import Document
from assessments.revisions import RevisionData


def folder(pk: UUID, session_on: datetime.date) -> str:
    """The name of an assessment inside the archive; it tells nothing of a client."""
    return f"{session_on.isoformat()}-{str(pk)[-8:]}"


@dataclass(frozen=True)
class HeldAssessment:
    """One assessment of the person: its record as it is stored or stands, and the reports issued of it, by kind."""

    pk: UUID
    session_on: datetime.date
    status: str
    content: str
    document: Document
    reports: dict[str, bytes]
    is_superseded: bool = False

    @cached_property
    def folder(self) -> str:
        return folder(self.pk, self.session_on)

    @property
    def state(self) -> str:
        label = Status(self.status).label
        return f"{label}, replaced by a new version" if self.is_superseded else label


class HeldGoal(NamedTuple):
    """A development goal; what became of it is told only from an assessment that is part of the archive."""

    folder: str
    text: str
    codes: list[str]
    owner: str
    judged_by: str
    due_on: datetime.date | None
    status: str
    result: str
    closed_in: str
    created_at: datetime.datetime


class HeldSignature(NamedTuple):
    """A signature under an assessment of the person, or given by the person; the folder is blank if it is not here."""

    folder: str
    is_about_person: bool
    by: str
    role: str
    signed_at: datetime.datetime
    voided_at: datetime.datetime | None


class HeldAccess(NamedTuple):
    at: datetime.datetime
    by: str
    profession: str
    opened: str
    folder: str
    session_on: datetime.date | None


class HeldMessage(NamedTuple):
    """An e-mail that was sent to the person."""

    sent_at: datetime.datetime | None
    address: str
    subject: str
    body: str


class HeldEvent(NamedTuple):
    """What happened, to one of the assessments or (where the folder is blank) to the account."""

    folder: str
    entry: Entry


@dataclass(frozen=True)
class Holdings:
    name: str
    email: str
    person: Document
    assessments: list[HeldAssessment]
    drafts_since: list[datetime.date]
    goals: list[HeldGoal]
    signatures: list[HeldSignature]
    accesses: list[HeldAccess]
    history: list[HeldEvent]
    messages: list[HeldMessage]
    revisions: list[RevisionData]
    has_drafts: bool
    kept_back: int = 0
