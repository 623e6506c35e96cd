"""The CSV face of the project's own format: one row an entry. See docs/framework-format.md."""

import codecs
import csv
import io

from assessments.exceptions import Problem
from assessments.importers import own_revision
from assessments.importers.cells import unguarded
from assessments.importers.findings import capped
from assessments.importers.own_fields import Document, Fields
from assessments.importers.reading import MAX_BYTES, MAX_COLUMNS, MAX_DEPTH, MAX_NODES, Answers, Notice, Reading

NAME = "own csv"
FIRST = ["level", "code", "key", "parent_key", "title", "text", "guidance"]
FURTHER = [
    "parent_level",
    "short_title",
    "title_status",
    "kind",
    "subheading",
    "safety_critical",
    "rateable",
    "scope",
    "phase",
    "problem_area",
    "group",
    "summary",
    "introduction",
    "synthetic",
    "source_id",
    "kept",
    "skill",
    "knowledge",
    "attitude",
    "supervision",
    "from",
    "to",
    "note",
]
# Fields that have another column's place in a row of that level.
RENAMED = {"scale level": {"code": "value", "title": "label"}}
# The levels of the tree: under which list of which levels their rows belong.
PARENTS = {
    "activity": ("activities", ["domain", "activity"]),
    "competence": ("competences", ["activity"]),
    "point": ("points", ["competence"]),
}
LISTS = {"scale level": "levels", "page": "pages", "domain": "domains", "lineage": "lineage"}
LEVELS = ["about", *LISTS, *PARENTS]
SEPARATORS = ",;\t"
ROWS = 2 * MAX_NODES + 200  # a tree, what became of each of its competences, and what there is to say about them


class _Row(Fields):
    """A row of the sheet, with the rows that belong inside it."""

    def __init__(self, place: str, cells: dict[str, str], problems: list[Problem]) -> None:
        super().__init__("", problems)
        self.place = place
        self.cells = cells
        self.inside: dict[str, list[_Row]] = {}
        self.parent: _Row | None = None

    def problem(self, name: str, what: str, mend: str) -> None:
        self.problems.append(Problem(f'{self.place}, column "{name}"', what, mend))

    def names(self) -> list[str]:
        return list(self.cells)

    def written(self, name: str) -> str:
        return self.cells.get(name, "")

    def entries(self, name: str) -> list[Fields]:
        return list(self.inside.get(name, []))

    def words(self, name: str) -> list[str]:
        return self.written(name).split()


class _About(_Row, Document):
    """The rows that say something about the whole: one a field, named in the column `key`."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("file", {}, problems)
        self.places: dict[str, str] = {}

    def problem(self, name: str, what: str, mend: str) -> None:
        path = f"{self.path}{name}"
        self.problems.append(Problem(f"{self.places.get(path, self.place)}, {path}", what, mend))

    def mapping(self, name: str) -> Fields:
        part = _About(self.problems)
        part.path, part.places, part.inside = f"{name}.", self.places, self.inside
        for other, text in self.cells.items():
            if other.startswith(part.path):
                self.used.add(other)
                part.cells[other.removeprefix(part.path)] = text
        return part


def recognises(name: str, content: bytes) -> bool:
    """Whether the first row has this format's columns, whatever the file is called."""
    head = content[:4000].decode("utf-8-sig", errors="ignore").splitlines()[:1]
    heads = {cell.strip().strip('"').casefold() for line in head for cell in line.split(_separator(line))}
    return heads >= set(FIRST)


def read(name: str, content: bytes, answers: Answers) -> Reading:
    """What the sheet says, with every problem found. It gives a whole revision, or problems."""
    problems: list[Problem] = []
    notices: list[Notice] = []
    # A text may be longer than the library's own limit; the file as a whole is limited before it is parsed.
    usual = csv.field_size_limit(MAX_BYTES)
    try:
        rows = _rows(content, answers, problems, notices)
    finally:
        csv.field_size_limit(usual)
    about, is_a_tree = _placed(rows, problems)
    if not rows or not is_a_tree:
        return Reading(NAME, notices=notices, problems=capped(problems))
    revision = own_revision.revision(about)
    return Reading(NAME, revision=None if problems else revision, notices=notices, problems=capped(problems))


def _separator(line: str) -> str:
    return max(SEPARATORS, key=line.count)


def _rows(content: bytes, answers: Answers, problems: list[Problem], notices: list[Notice]) -> list[_Row]:
    """The rows below the head that hold something."""
    text = _text(content, answers, problems)
    if text is None:
        return []
    head = "".join(text.splitlines()[:1])
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(head), strict=True)
    found: list[_Row] = []
    line = 1
    try:
        heads = _heads(next(table, []), problems, notices)
        for number, cells in enumerate(table, 2):
            place = f"row {number}" if line + 1 == number else f"row {number} (line {line + 1})"
            line = table.line_num
            found += _row(place, heads, cells, problems)
            if len(found) > ROWS:
                problems.append(Problem(place, f"The file has more than {ROWS:,} rows.", "Split it."))
                return []
    except csv.Error as error:
        what = f"This is not CSV: {error}."
        problems.append(Problem(f"line {table.line_num}", what, "Look for a quotation mark that is not closed."))
        return []
    return found


def _text(content: bytes, answers: Answers, problems: list[Problem]) -> str | None:
    encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else answers.encoding or "utf-8"
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        problems.append(Problem("file", "It is not UTF-8 text.", 'Save it as "CSV UTF-8", or choose its encoding.'))
        return None


def _heads(cells: list[str], problems: list[Problem], notices: list[Notice]) -> list[str]:
    """The name of each column, blank for those that are not read."""
    heads = [cell.strip().casefold() for cell in cells]
    for name in [name for name in FIRST if name not in heads]:
        problems.append(Problem("row 1", f"There is no column {name!r}.", "Add it to the head."))
    for name in dict.fromkeys(name for name in heads if name and heads.count(name) > 1):
        problems.append(Problem("row 1", f"There are two columns {name!r}.", "Remove one of them."))
    if len(heads) > MAX_COLUMNS:
        problems.append(Problem("row 1", f"There are more than {MAX_COLUMNS} columns.", "Remove some."))
    unknown = [name for name in heads if name and name not in [*FIRST, *FURTHER]]
    notices += [Notice("row 1", f"The column {name!r} is not read.", is_warning=True) for name in unknown]
    return [name if name not in unknown else "" for name in heads]


def _row(place: str, heads: list[str], cells: list[str], problems: list[Problem]) -> list[_Row]:
    if any(cell.strip() for cell in cells[len(heads) :]):
        what = f"It has {len(cells)} cells, and the head has {len(heads)}."
        problems.append(Problem(place, what, "Put quotation marks around text that holds the separator."))
    texts = {head: unguarded(cell) for head, cell in zip(heads, cells, strict=False) if head and cell.strip()}
    return [_Row(place, texts, problems)] if texts else []


def _placed(rows: list[_Row], problems: list[Problem]) -> tuple[_About, bool]:
    """Everything in its place, and whether that is a tree whose every part can be reached.

    Parents may stand below their children; siblings keep the order of their rows.
    """
    about = _About(problems)
    known: dict[tuple[str, str], _Row] = {}
    for row in rows:
        row.cells["level"] = row.written("level").strip().casefold()
        level = row.choice("level", LEVELS)
        row.cells = {RENAMED.get(level, {}).get(name, name): text for name, text in row.cells.items()}
        known.setdefault((level, row.written("key").strip()), row)
        if level == "about":
            _tell(about, row)
        elif level in LISTS:
            about.inside.setdefault(LISTS[level], []).append(row)
    for row in rows:
        if row.cells["level"] in PARENTS:
            _place(row, known)
    reached = [_is_reached(row) for row in rows]  # each tells what is wrong with it
    return about, all(reached)


def _tell(about: _About, row: _Row) -> None:
    name = row.text("key")
    if name in about.cells:
        row.problem("key", f"{name!r} stands twice.", "Keep one of the two.")
    about.cells[name] = row.written("text")
    about.places[name] = row.place
    row.used.add("text")
    row.done()


def _place(row: _Row, known: dict[tuple[str, str], _Row]) -> None:
    """Put a row inside its parent's."""
    name, levels = PARENTS[row.cells["level"]]
    chosen = row.choice("parent_level", levels, default="")
    levels = [chosen] if chosen else levels
    parent_key = row.text("parent_key")
    row.parent = next(filter(None, (known.get((level, parent_key)) for level in levels)), None)
    if row.parent:
        row.parent.inside.setdefault(name, []).append(row)
    elif parent_key:
        words = " or ".join(levels)
        row.problem("parent_key", f"No {words} has the key {parent_key!r}.", f"Name the {words} it belongs to.")


def _is_reached(row: _Row) -> bool:
    """Whether the way up ends. Rows that lie in one another in a circle would vanish without a word."""
    step = row.parent
    for _ in range(MAX_DEPTH):
        if step is None:
            return True
        if step is row:
            row.problem("parent_key", "It lies inside itself.", "Give it a parent outside the circle.")
            return False
        step = step.parent
    row.problem("parent_key", f"It lies deeper than {MAX_DEPTH} levels, or below a circle.", "Flatten the tree.")
    return False
