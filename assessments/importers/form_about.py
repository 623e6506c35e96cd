"""The first sheet of a filled form: what the assessment rests on, and what was said of it as a whole."""

import datetime
import re
from dataclasses import dataclass
from typing import Any

from assessments.importers import texts
from assessments.importers.cells import unguarded
from assessments.importers.findings import Findings
from assessments.importers.form_layout import (
    ABOUT,
    FIELDS,
    FIXED,
    MAX_NUMBER,
    MAX_TEXT,
    NUMBERS,
    TEXTS,
    YES,
    Words,
    folded,
)
from assessments.importers.grids import DATE, Row
from assessments.importers.workbooks import Sheet
from assessments.revisions import RevisionData

YES_OR_NO = {"": False, "no": False, "n": False, "false": False, "yes": True, "y": True, "true": True, "x": True}
RECORDED = "recorded"
EARLIEST = datetime.date(1900, 1, 1)
_DATES = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y"]
_NUMBER = re.compile(r"[1-9][0-9]?")
_QUOTED = 40


@dataclass(frozen=True)
class _Answer:
    text: str
    place: str
    is_date: bool = False


class About:
    """The answers by field. What is wrong with them goes to `found`."""

    def __init__(self, sheet: Sheet, found: Findings) -> None:
        self._found = found
        self._answers: dict[str, _Answer] = {}
        names = {folded(label): name for name, label in (FIXED | FIELDS).items()}
        for row in sheet.rows:
            name = names.get(folded(row.cells[0])) if row.cells else None
            if name in self._answers:
                self._found.problem(_place(row, row.cells[0]), "This row stands here twice.", "Keep one of them.")
            elif name:
                self._answers[name] = self._answer(row, (FIXED | FIELDS)[name])

    def _answer(self, row: Row, label: str) -> _Answer:
        text = unguarded(texts.tidied(row.cells[1])) if len(row.cells) > 1 else ""
        place = _place(row, label)
        if fault := texts.fault(text, MAX_TEXT):
            self._found.problem(place, *fault)
            text = ""
        return _Answer(text, place, row.numbers.get(1) == DATE)

    def _of(self, name: str) -> _Answer:
        return self._answers.get(name, _Answer("", f"Sheet {ABOUT}, {(FIXED | FIELDS)[name]}"))

    def fits(self, data: RevisionData) -> bool:
        """Whether the template is that of the revision; its codes mean nothing in another one."""
        said = [self._of(name).text for name in FIXED]
        if said == [data.framework, data.number]:
            return True
        of_which = f"framework {said[0]}, revision {said[1]}" if all(said) else "no revision that it names"
        what = f"This template is for {of_which}, and you chose {data.framework}, revision {data.number}."
        mend = "Choose the revision of the template, or copy what was filled in into the template of this one."
        self._found.problem(self._of("number").place, what, mend)
        return False

    def texts(self) -> dict[str, str]:
        return {name: self._of(name).text for name in TEXTS}

    def context(self, words: Words, today: datetime.date) -> dict[str, Any]:
        """What the assessment rests on, as far as it is known, in stored values."""
        context: dict[str, Any] = {
            "session_on": self._session_on(today),
            "is_consent_confirmed": self._is_yes("is_consent_confirmed"),
            **{name: self._number(name) for name in NUMBERS},
            **{name: self._word(name, words[name]) for name in words},
        }
        if not self._of("source").text:
            self._found.problem(self._of("source").place, "This is missing.", f"Write {_either(words['source'])}.")
        if context["source"] == RECORDED and not context["is_consent_confirmed"]:
            what = "A recorded session needs the client's consent to recording."
            mend = f"Write {YES} if it was given, or say what else the form rests on."
            self._found.problem(self._of("is_consent_confirmed").place, what, mend)
        return context

    def _session_on(self, today: datetime.date) -> datetime.date | None:
        answer = self._of("session_on")
        mend = "Write it as 30/11/2025."
        if not answer.text:
            self._found.problem(answer.place, "This is missing.", mend)
            return None
        day = _day(answer)
        if day is None:
            self._found.problem(answer.place, f"{quoted(answer.text)} is not a date.", mend)
        elif day > today:
            what = f"{quoted(answer.text)} lies in the future."
            self._found.problem(answer.place, what, "Give the day the session took place.")
        elif day < EARLIEST:
            self._found.problem(answer.place, f"{quoted(answer.text)} is too far away.", "Check the year.")
        return day

    def _number(self, name: str) -> int | None:
        answer = self._of(name)
        if not answer.text:
            return None
        if not _NUMBER.fullmatch(answer.text):
            mend = f"Write a number from 1 to {MAX_NUMBER}, or leave it blank."
            self._found.problem(answer.place, f"{quoted(answer.text)} is no such number.", mend)
            return None
        return int(answer.text)

    def _word(self, name: str, words: dict[str, str]) -> str:
        answer = self._of(name)
        known = {folded(way): value for value, label in words.items() for way in [value, label]}
        if answer.text and folded(answer.text) not in known:
            mend = f"Write {_either(words)}."
            self._found.problem(answer.place, f"{quoted(answer.text)} is none of the words for this.", mend)
        return known.get(folded(answer.text), "")

    def _is_yes(self, name: str) -> bool:
        answer = self._of(name)
        said = YES_OR_NO.get(folded(answer.text))
        if said is None:
            mend = f"Write {YES}, or leave it blank."
            self._found.problem(answer.place, f"{quoted(answer.text)} is neither yes nor blank.", mend)
        return bool(said)


def _place(row: Row, label: str) -> str:
    return f"Sheet {ABOUT}, row {row.number}, {label}"


def _either(words: dict[str, str]) -> str:
    *others, last = words.values()
    return f"{', '.join(others)} or {last}"


def _day(answer: _Answer) -> datetime.date | None:
    """A date as the workbook holds it, which may have a time of day, or as it is written in this country."""
    text = answer.text.partition(" ")[0] if answer.is_date else answer.text
    for form in _DATES:
        try:
            return datetime.datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def quoted(text: str) -> str:
    return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…")
