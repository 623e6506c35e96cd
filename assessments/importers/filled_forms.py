"""A filled template of an earlier form: what it says about the session and each competence, and all that is wrong."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from assessments import wording
from assessments.exceptions import ImportRejected, Problem
from assessments.importers import form_about, workbooks
from assessments.importers.findings import Findings, capped
from assessments.importers.form_layout import (
    ABOUT,
    CODE,
    CONCERN,
    FILLED,
    LEVEL,
    MAX_NOTE,
    NOTE,
    PRIORITY,
    RATINGS,
    STATEMENT,
    TIME,
    YES,
    Words,
    answers,
    folded,
    rateable,
)
from assessments.importers.grids import DATE, Grid, Row, grid
from assessments.importers.reading import Notice
from assessments.importers.workbooks import Sheet
from assessments.revisions import RevisionData
from assessments.scoring import NOT_APPLICABLE, NOT_RATED, Mark

# A form is words and a few hundred rows; the template of a large framework has 100 kB.
MAX_BYTES = 5 * 1024**2
MOST_ABOVE = 20


@dataclass(frozen=True)
class FilledRating:
    """One row that says something. Its mark is a level's position or a way of having none; not rated: a note waits."""

    code: str
    mark: Mark
    note: str = ""
    is_concern: bool = False
    is_priority: bool = False
    time_mark: int | None = None


@dataclass(frozen=True)
class FilledForm:
    """What a form says, as far as it could be read. Only without problems can it become an assessment."""

    context: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    ratings: list[FilledRating] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(content: bytes, data: RevisionData, words: Words, *, today: datetime.date) -> FilledForm:
    """Read a filled template of this revision. Raises ImportRejected where the file is no workbook at all."""
    sheets = opened(content)
    found = Findings()
    about, ratings = (_sheet(sheets, name, found) for name in [ABOUT, RATINGS])
    context: dict[str, Any] = {}
    texts: dict[str, str] = {}
    filled: list[FilledRating] = []
    is_fitting = True
    if about:
        read_about = form_about.About(about, found)
        is_fitting = read_about.fits(data)
        context, texts = read_about.context(words, today), read_about.texts()
    if ratings and is_fitting:
        filled = _Ratings(ratings, data, found).read()
    return FilledForm(context, texts, filled, found.notices, capped(found.problems))


def opened(content: bytes) -> list[Sheet]:
    """The sheets of the workbook. Raises ImportRejected where the file is none, or too large to be opened."""
    if len(content) > MAX_BYTES:
        raise _rejected(f"It is larger than {MAX_BYTES // 1024**2} MB.", "Upload the filled template and nothing else.")
    if not content.startswith((workbooks.ZIP, workbooks.OLE)):
        raise _rejected("This is not an Excel workbook (.xlsx).", "Fill in the template, and save it as .xlsx.")
    return workbooks.sheets(content)


def _rejected(what: str, mend: str) -> ImportRejected:
    return ImportRejected([Problem("File", what, mend)])


def _sheet(sheets: list[Sheet], name: str, found: Findings) -> Sheet | None:
    sheet = next((each for each in sheets if folded(each.name) == folded(name)), None)
    if sheet is None:
        mend = "Download the template again, and copy what was filled in into it."
        found.problem("File", f"It has no sheet {name}.", mend)
        return None
    found.problems += sheet.problems
    return sheet


class _Ratings:
    """The sheet with one row for each competence."""

    def __init__(self, sheet: Sheet, data: RevisionData, found: Findings) -> None:
        self._sheet, self._found = sheet, found
        self._statements = {node.code: node.text for _, node in rateable(data)}
        self._by_folded = {folded(code): code for code in self._statements}
        self._answers = answers(data.scale)
        first, last = data.scale.levels[0].value, data.scale.levels[-1].value
        without = "not observed or not applicable" if data.scale.has_not_applicable else "or not observed"
        self._mend = f"Write {first} to {last}, {without}, or leave it blank."
        self._known: dict[str, int] = {}

    def read(self) -> list[FilledRating]:
        table = self._table()
        if table is None:
            return []
        rows = [self._row(table, row) for row in table.rows]
        if not any(rows) and not self._found.problems:
            self._found.problem(f"Sheet {RATINGS}", "Nothing is filled in.", "Write a level beside what was rated.")
        return [row for row in rows if row]

    def _table(self) -> Grid | None:
        """The table below the row that names the columns."""
        above = self._sheet.rows[:MOST_ABOVE]
        heading = next((number for number, row in enumerate(above) if CODE in row.cells), None)
        if heading is None:
            self._lacks(CODE)
            return None
        table, problems, _ = grid(self._sheet.rows, heading, sheet=RATINGS)
        self._found.problems += problems
        missing = [head for head in FILLED if head not in table.heads]
        for head in missing:
            self._lacks(head)
        return None if missing else table

    def _lacks(self, head: str) -> None:
        what = f"The column {head} is missing."
        self._found.problem(f"Sheet {RATINGS}", what, "Keep the columns of the template as they are.")

    def _row(self, table: Grid, row: Row) -> FilledRating | None:
        cells = dict(zip(table.heads, row.cells, strict=True))
        is_filled = any(cells[head] for head in FILLED)
        code = self._code(row, cells, is_filled=is_filled)
        if not code or not is_filled:
            return None
        rating = FilledRating(
            code=code,
            mark=self._mark(row, cells[LEVEL]),
            note=self._note(row, cells[NOTE]),
            is_concern=self._is_yes(row, CONCERN, cells[CONCERN]),
            is_priority=self._is_yes(row, PRIORITY, cells[PRIORITY]),
            time_mark=self._time(row, cells[TIME], row.numbers.get(table.heads.index(TIME))),
        )
        self._warn(row, rating, is_level_blank=not cells[LEVEL])
        return rating

    def _code(self, row: Row, cells: dict[str, str], *, is_filled: bool) -> str:
        """The competence that the row is about, or nothing where that is not certain."""
        written = cells[CODE]
        if not written:
            if is_filled:
                self._problem(row, CODE, "The row has an answer and no code.", "Write the code of the competence.")
            return ""
        code = self._by_folded.get(folded(written), "")
        if not code:
            mend = "Take the codes as the template has them."
            self._problem(row, CODE, f"{_quoted(written)} is no code of this revision.", mend)
        elif first := self._known.get(code):
            self._problem(row, CODE, f"{code} stands in row {first} already.", "Keep one row for each competence.")
        elif (said := cells.get(STATEMENT, "")) and folded(said) != folded(self._statements[code]):
            what = f"This is not the statement of {code}, so it is not certain which of the two was rated."
            self._problem(row, STATEMENT, what, "Put code and statement together as the template has them.")
        else:
            self._known[code] = row.number
            return code
        return ""

    def _mark(self, row: Row, written: str) -> Mark:
        if not written:
            return NOT_RATED
        mark = self._answers.get(folded(written))
        if mark is None:
            self._problem(row, LEVEL, f"{_quoted(written)} is no level.", self._mend)
        return NOT_RATED if mark is None else mark

    def _note(self, row: Row, written: str) -> str:
        if len(written) > MAX_NOTE:
            what = f"The note has {len(written):,} characters; at most {MAX_NOTE:,} are kept."
            self._problem(row, NOTE, what, "Shorten it.")
        return written

    def _is_yes(self, row: Row, head: str, written: str) -> bool:
        answer = form_about.YES_OR_NO.get(folded(written))
        if answer is None:
            self._problem(
                row, head, f"{_quoted(written)} is neither yes nor blank.", f"Write {YES}, or leave it blank."
            )
        return bool(answer)

    def _time(self, row: Row, written: str, kind: str | None) -> int | None:
        seconds = None if kind == DATE else wording.seconds(written)
        if written and seconds is None:
            mend = "Write minutes and seconds as text, as in 14:20."
            self._problem(row, TIME, f"{_quoted(written)} is no time in a recording.", mend)
        return seconds

    def _warn(self, row: Row, rating: FilledRating, *, is_level_blank: bool) -> None:
        """What a draft may lack, and has to be given before it is shared."""
        place = self._place(row, NOTE)
        if rating.is_concern and not rating.note:
            self._found.warn(place, "A concern needs a note before the assessment can be shared.")
        if rating.mark == NOT_APPLICABLE and not rating.note:
            self._found.warn(place, "“Not applicable” needs its reason as a note before the assessment can be shared.")
        if is_level_blank:
            what = "There is something beside it and no level. It comes in as not rated, and waits for its level."
            self._found.warn(self._place(row, LEVEL), what)

    def _place(self, row: Row, head: str) -> str:
        return f"Sheet {RATINGS}, row {row.number}, column {head}"

    def _problem(self, row: Row, head: str, what: str, mend: str) -> None:
        self._found.problem(self._place(row, head), what, mend)


def _quoted(text: str) -> str:
    return form_about.quoted(text)
