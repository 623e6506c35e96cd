"""Compares what people were told with what the database holds, without the product's own code."""

import datetime
import json
import sqlite3
import subprocess
import sys
import uuid
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.browser.stage import ROOT, Template, environment
from tests.faults.rater import Change

EVENTS = """
    SELECT id, change_key, assessment_id, data FROM assessments_auditevent WHERE type = 'rating_saved' ORDER BY id
"""
STANDING = """
    SELECT r.assessment_id, c.code, r.version, l.position, r.note
    FROM assessments_rating r
    JOIN assessments_competence c ON c.id = r.competence_id
    LEFT JOIN assessments_ratinglevel l ON l.id = r.level_id
"""


@dataclass(frozen=True)
class Event:
    """One save in the history."""

    id: int
    key: str
    assessment: str
    data: dict[str, Any]

    @property
    def item(self) -> tuple[str, str]:
        return self.assessment, self.data["code"]

    @property
    def told(self) -> tuple[int | None, str]:
        return self.data["after"]["position"], self.data["after"]["note"]


@dataclass(frozen=True)
class Books:
    """The database's side: the history of saves in order, and what stands of each item."""

    events: list[Event]
    standing: dict[tuple[str, str], tuple[int, int | None, str]]


@dataclass
class Findings:
    """What should all be empty, in words."""

    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    overwrites: list[str] = field(default_factory=list)
    breaks: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {name: len(found) for name, found in vars(self).items()}


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Whatever a query answers, from either database."""
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(statement).fetchall()
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def read_books(url: str, journal: list[Change]) -> Books:
    """Of the assessments in the journal, with ids written alike whatever the database makes of them."""
    ours = {change.assessment for change in journal}
    events = [
        Event(number, _id(key), _id(assessment), _json(data))
        for number, key, assessment, data in rows(url, EVENTS)
        if _id(assessment) in ours
    ]
    standing = {
        (_id(assessment), code): (version, position, note)
        for assessment, code, version, position, note in rows(url, STANDING)
        if _id(assessment) in ours
    }
    return Books(events, standing)


def _id(value: Any) -> str:
    return str(uuid.UUID(str(value))) if value else ""


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def seconds_ago(at: Any) -> float:
    """Of an instant as either database answers it; SQLite writes it in UTC without saying so."""
    instant = datetime.datetime.fromisoformat(at) if isinstance(at, str) else at
    zone = instant.tzinfo or datetime.UTC
    return (datetime.datetime.now(datetime.UTC) - instant.replace(tzinfo=zone)).total_seconds()


def compare(journal: list[Change], books: Books) -> Findings:
    """Each acknowledged answer stands in the history once, as it was given, and on what its person had seen."""
    findings = Findings()
    by_key = defaultdict(list)
    for event in books.events:
        by_key[event.key].append(event)
    for change in journal:
        if change.is_acknowledged and not _is_stored(change, by_key[change.key]):
            findings.lost.append(f"{change.code}: version {change.version}, key {change.key}")
    _find_duplicates(journal, books, by_key, findings)
    _follow_items(journal, books, findings)
    return findings


def _is_stored(change: Change, events: list[Event]) -> bool:
    return any(
        event.id == change.version
        and event.item == (change.assessment, change.code)
        and event.told == (change.position, change.note)
        for event in events
    )


def _find_duplicates(journal: list[Change], books: Books, by_key: dict[str, list[Event]], findings: Findings) -> None:
    """Twice the same key, or under another key the words of an answer that was given once."""
    offered = {change.key for change in journal}
    repeated = [key for key in offered for _ in by_key[key][1:]]
    words = Counter((*event.item, event.told[1]) for event in books.events if event.key not in offered)
    copied = [change for change in journal if words[(change.assessment, change.code, change.note)]]
    findings.duplicates += [f"key {key}" for key in repeated]
    findings.duplicates += [f"{change.code}: “{change.note}” under another key" for change in copied]


def _follow_items(journal: list[Change], books: Books, findings: Findings) -> None:
    """Item by item through the history, to what stands."""
    bases = {change.key: change.base for change in journal}
    last: dict[tuple[str, str], Event] = {}
    for event in books.events:
        before = last.get(event.item)
        if event.key in bases and bases[event.key] != (before.id if before else 0):
            findings.overwrites.append(f"{event.item[1]}: event {event.id} rests on version {bases[event.key]}")
        if event.data["before"] != (before.data["after"] if before else None):
            findings.breaks.append(f"{event.item[1]}: event {event.id} does not continue the one before")
        last[event.item] = event
    for item, event in last.items():
        if books.standing.get(item) != (event.id, *event.told):
            findings.overwrites.append(f"{item[1]}: {books.standing.get(item)} stands in place of event {event.id}")
    findings.overwrites += [f"{code}: stands without an event" for _, code in books.standing.keys() - last.keys()]
    findings.breaks += _disordered(journal)


def _disordered(journal: list[Change]) -> list[str]:
    """Answers of one browser that were acknowledged in another order than they were given in."""
    newest: dict[int, int] = {}
    found = []
    for change in journal:
        if change.version is not None:
            if change.version <= newest.get(change.client, 0):
                found.append(f"{change.code}: version {change.version} came late")
            newest[change.client] = change.version
    return found


def verify_records(template: Template, url: str) -> list[str]:
    """The signed records, recomputed by the command that operators have."""
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_records"],
        cwd=ROOT,
        env=environment(template.directory, url),
        capture_output=True,
        text=True,
        check=False,
    )
    return [done.stderr] if done.returncode else []
