"""Moodle's framework CSV: columns by position, whatever language their heads are in.

Read without Moodle's own faults: ids are compared as text (1.1 is not 1.10), and nothing vanishes without a word.
"""

import contextlib
import itertools
import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import grids, moodle_scale, php_csv, prose, texts
from assessments.importers.delimited import decoded
from assessments.importers.findings import Findings
from assessments.importers.grids import Row
from assessments.importers.reading import MAX_NODES, MAX_TEXT, Answers, Node, Reading
from assessments.importers.strict_json import parsed
from assessments.revisions import Kept, ScaleData

FORMAT = "moodle"
SEPARATORS = {",": "commas", ";": "semicolons", ":": "colons", "\t": "tabs"}
PARENT, ID, NAME, DESCRIPTION, KIND, VALUES, CONFIGURATION = range(7)
FRAMEWORK, TAXONOMY = -2, -1
# What this product has no place for, under Moodle's own names. The layout before cross references lacks the last two.
ASIDE = {7: "ruletype", 8: "ruleoutcome", 9: "ruleconfig", 10: "relatedidnumbers", 11: "exportid"}
RULE_TYPE = 7
WIDTHS = {14: range(7, 12), 12: range(7, 10)}
HTML, MARKDOWN, UNTOLD = "1", "4", {"0", ""}
KINDS = {HTML, MARKDOWN, "2", *UNTOLD}
SAYS_NOTHING, NO = {"", "0", "null"}, {"", "0"}
SAMPLE, SAMPLE_LENGTH, MOST_WIDE = 20, 500_000, 100

# The heads of Moodle 5.1; those of other versions and languages are told in a note.
HEADS = [
    *["Parent ID number", "ID number", "Short name", "Description", "Description format", "Scale values"],
    *["Scale configuration", "Rule type (optional)", "Rule outcome (optional)", "Rule config (optional)"],
    *["Cross-referenced competency ID numbers", "Exported ID (optional)", "Is framework", "Taxonomy"],
]


@dataclass(frozen=True)
class _Sheet:
    """How the file writes its rows: the separator, and a head for each column."""

    mark: str
    heads: list[str]
    findings: Findings

    @property
    def width(self) -> int:
        return len(self.heads)

    def place(self, row: Row, column: int) -> str:
        number = column % self.width
        return grids.place(row, column=number, head=self.heads[number])

    def text(self, row: Row, column: int) -> str:
        raw = row.cells[column]
        return self.findings.text(self.place(row, column), raw) if raw else ""

    def maybe_html(self, row: Row, column: int) -> str:
        raw = row.cells[column]
        return self.findings.maybe_html(self.place(row, column), raw) if raw else ""


def recognises(name: str, content: bytes) -> bool:
    """Whether it is Moodle's layout, by its heads or, where they are translated, by what stands below them."""
    try:
        text, _ = decoded(content)
        return _sheet(text, Findings()) is not None
    except ImportRejected:
        return False


def read(name: str, content: bytes, answers: Answers) -> Reading:
    """Read a framework. Raises ImportRejected when the rows cannot be told apart."""
    findings = Findings()
    text, notices = decoded(content, answers.encoding)
    for notice in notices:
        findings.note(notice.place, notice.what)
    sheet = _sheet(text, findings)
    if sheet is None:
        what = "It does not have Moodle's 14 columns, nor the 12 of older versions."
        raise ImportRejected([Problem("row 1", what, "Export the framework from Moodle again.")])
    return _reading(sheet, _rows(text, sheet))


def _sheet(text: str, findings: Findings) -> _Sheet | None:
    for mark in SEPARATORS:
        sample = _sample(text, mark)
        heads = [texts.tidied(cell) for cell in sample[0].cells] if sample else []
        while heads and not heads[-1]:
            heads.pop()
        if len(heads) in WIDTHS and (_is_english(heads[:VALUES]) or _looks_right(sample[1:], len(heads))):
            return _Sheet(mark, heads, findings)
    return None


def _sample(text: str, mark: str) -> list[Row]:
    """The first rows, as far as they can be read: the last one may be cut off."""
    sample: list[Row] = []
    with contextlib.suppress(ImportRejected):
        for row in itertools.islice(php_csv.rows(text[:SAMPLE_LENGTH], mark), SAMPLE):
            sample += [row] if row.cells else []
    return sample


def _is_english(heads: list[str]) -> bool:
    return [re.sub(r"\W", "", head).casefold() for head in heads] == [
        re.sub(r"\W", "", head).casefold() for head in HEADS[: len(heads)]
    ]


def _looks_right(sample: list[Row], width: int) -> bool:
    """Whether each row tells the kind of its description, and whether it is the framework, by one figure."""
    rows = [_padded(row, width).cells for row in sample]
    kinds = {row[KIND].strip() for row in rows}
    flags = {row[FRAMEWORK].strip() for row in rows}
    return bool(kinds - {""}) and kinds <= KINDS and flags <= {"", "0", "1"}


def _padded(row: Row, width: int) -> Row:
    return replace(row, cells=[*row.cells[:width], *[""] * (width - len(row.cells))])


def _rows(text: str, sheet: _Sheet) -> list[Row]:
    """The rows below the heads, a cell for each head."""
    if sheet.mark != ",":
        sheet.findings.note("file", f"The cells are separated by {SEPARATORS[sheet.mark]}.")
    if sheet.heads != HEADS:
        what = "The heads are of another language or version of Moodle. Its columns are read by their position."
        sheet.findings.note("row 1", what)
    rows, wide = _best(text, sheet)
    for row in wide:
        what = f"The row has {len(row.cells)} cells, but the heading {sheet.width}."
        mend = "Put quotation marks around a text that holds the separator."
        sheet.findings.problem(grids.place(row), what, mend)
    return [_padded(row, sheet.width) for row in rows]


def _best(text: str, sheet: _Sheet) -> tuple[list[Row], list[Row]]:
    """As PHP writes them, unless more rows come out whole when a backslash is a letter like any other."""
    if '\\"' not in text:
        return _dialect(text, sheet, escapes=True)
    plain = None
    with contextlib.suppress(ImportRejected):
        plain = _dialect(text, sheet, escapes=False)
    try:
        php = _dialect(text, sheet, escapes=True)
    except ImportRejected:
        if plain is None:
            raise
        return plain
    return plain if plain and _whole(plain[0], sheet) > _whole(php[0], sheet) else php


def _whole(rows: list[Row], sheet: _Sheet) -> int:
    return sum(len(row.cells) == sheet.width for row in rows)


def _dialect(text: str, sheet: _Sheet, *, escapes: bool) -> tuple[list[Row], list[Row]]:
    """The rows, and those with more cells than there are heads."""
    rows, wide = [], []
    for row in php_csv.rows(text, sheet.mark, escapes=escapes):
        if row.cells:
            rows.append(row)
        if any(row.cells[sheet.width :]):
            wide.append(row)
        if len(wide) > MOST_WIDE:
            break
    return rows[1:], wide


def _reading(sheet: _Sheet, rows: list[Row]) -> Reading:
    own = [row for row in rows if row.cells[FRAMEWORK].strip() not in NO]
    others = [row for row in rows if row.cells[FRAMEWORK].strip() in NO]
    if len(others) > MAX_NODES:
        what = f"It holds more than {MAX_NODES:,} entries."
        raise ImportRejected([Problem("file", what, "Split the framework into several files.")])
    if len(own) != 1:
        _tell_not_one(sheet, own)
    framework = own[0] if own else Row(number=1, cells=[""] * sheet.width)
    code = sheet.text(framework, ID)
    nodes = _below_framework(sheet, [_node(sheet, row) for row in others if _has_id(sheet, row)], code)
    _check_references(sheet, nodes)
    metadata = _metadata(sheet, framework, code) if own else {}
    reading = Reading(
        format=FORMAT,
        nodes=nodes,
        metadata=metadata,
        scale=_scale(sheet, framework, metadata["title"]) if own else None,
        kept=_kept_of_framework(sheet, framework, code),
    )
    reading = sheet.findings.checked(reading)
    return replace(reading, nodes=_levelled(reading.nodes, _words(sheet.text(framework, TAXONOMY)[:MAX_TEXT])))


def _tell_not_one(sheet: _Sheet, own: list[Row]) -> None:
    if not own:
        what, mend = "No row is the framework itself.", "Give one row the title and a 1 in this column."
        sheet.findings.problem(f'column "{sheet.heads[FRAMEWORK]}"', what, mend)
    for row in own[1:]:
        what = f"It is a second framework; the first stands in {grids.place(own[0])}."
        sheet.findings.problem(sheet.place(row, FRAMEWORK), what, "Keep one framework in a file.")


def _has_id(sheet: _Sheet, row: Row) -> bool:
    has_id = bool(texts.tidied(row.cells[ID]))
    if not has_id:
        sheet.findings.problem(sheet.place(row, ID), "It has no id.", "Give each entry an id of its own.")
    return has_id


def _node(sheet: _Sheet, row: Row) -> Node:
    code = sheet.text(row, ID)
    name, description = sheet.maybe_html(row, NAME), _description(sheet, row)
    title, text, guidance = sheet.findings.titled(sheet.place(row, NAME), name, description, code)
    return Node(
        id=code,
        parent=sheet.text(row, PARENT),
        place=grids.place(row),
        code=code,
        title=title,
        text=text,
        guidance=guidance,
        kept=_kept(sheet, row),
    )


def _description(sheet: _Sheet, row: Row) -> str:
    kind, place = row.cells[KIND].strip(), sheet.place(row, DESCRIPTION)
    if kind == HTML:
        return sheet.findings.html(place, row.cells[DESCRIPTION])
    if kind in UNTOLD:
        return sheet.maybe_html(row, DESCRIPTION)
    if kind == MARKDOWN:
        sheet.findings.note(place, "The description is Markdown and is kept as it is written.")
    return sheet.text(row, DESCRIPTION)


def _kept(sheet: _Sheet, row: Row) -> Kept:
    """What has no place here, under Moodle's own names."""
    kept = {name: sheet.text(row, column) for column, name in ASIDE.items() if column in WIDTHS[sheet.width]}
    if kept["ruletype"] not in SAYS_NOTHING:
        sheet.findings.note(sheet.place(row, RULE_TYPE), "A rule for completing an entry is kept aside and not used.")
    if values := sheet.text(row, VALUES):
        kept |= {"scalevalues": values, "scaleconfiguration": sheet.text(row, CONFIGURATION)}
        sheet.findings.warn(sheet.place(row, VALUES), "A scale of its own is kept aside; the framework's is used.")
    return {name: value for name, value in kept.items() if value not in SAYS_NOTHING}


def _below_framework(sheet: _Sheet, nodes: list[Node], code: str) -> list[Node]:
    """Entries that name the framework as their parent stand at the top, unless an entry has its id."""
    if not code or any(node.id == code for node in nodes):
        return nodes
    for node in nodes:
        if node.parent == code:
            sheet.findings.note(node.place, "It names the framework as its parent and stands at the top.")
    return [replace(node, parent="") if node.parent == code else node for node in nodes]


def _check_references(sheet: _Sheet, nodes: list[Node]) -> None:
    ids = {node.id for node in nodes}
    for node in nodes:
        named = node.kept.get("relatedidnumbers", "").split(",")
        if any(unquote(each).strip() not in ids for each in named if each.strip()):
            sheet.findings.note(node.place, "It has a cross reference to what is not in the file. It is kept.")


def _metadata(sheet: _Sheet, framework: Row, code: str) -> dict[str, str]:
    title = sheet.maybe_html(framework, NAME)
    if not title:
        sheet.findings.problem(sheet.place(framework, NAME), "The framework has no name.", "Give it one.")
    summary = _description(sheet, framework)
    return {"title": title, "framework_title": title, "summary": summary, "framework": prose.slug(code)}


def _kept_of_framework(sheet: _Sheet, framework: Row, code: str) -> Kept:
    columns = {"scaleconfiguration": CONFIGURATION, "taxonomies": TAXONOMY}
    kept = {"idnumber": code, **{name: sheet.text(framework, column) for name, column in columns.items()}}
    return {name: value for name, value in kept.items() if value}


def _scale(sheet: _Sheet, framework: Row, title: str) -> ScaleData | None:
    values, configuration = (
        (sheet.place(framework, column), sheet.text(framework, column)[:MAX_TEXT]) for column in [VALUES, CONFIGURATION]
    )
    return moodle_scale.scale(title, values, configuration, sheet.findings)


def _words(taxonomy: str) -> list[str]:
    """The name of each depth: separated by commas, or in the older layout an object with the depths as names."""
    try:
        named, _ = parsed(taxonomy.encode())
    except ImportRejected:
        named = None
    if isinstance(named, dict):
        return [str(named[depth]) for depth in sorted(named, key=lambda depth: (len(depth), depth))]
    return [word.strip() for word in taxonomy.split(",")]


def _levelled(nodes: list[Node], words: list[str]) -> list[Node]:
    depths = {"": -1}
    levelled = []
    for node in nodes:
        depth = depths[node.id] = depths[node.parent] + 1
        levelled.append(replace(node, level=words[depth] if depth < len(words) else ""))
    return levelled
