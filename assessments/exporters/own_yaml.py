"""Writes the project's own format canonically: one revision has one sequence of bytes. See docs/framework-format.md."""

import re
from collections.abc import Iterable, Iterator

from assessments.exporters import own_fields
from assessments.exporters.own_fields import Fields
from assessments.revisions import ActivityData, CompetenceData, DomainData, RevisionData

WIDTH, INDENT = 116, "  "

# Whoever edits the file must not turn these into numbers, dates or truth values.
QUOTED = {"revision", "previous", "code", "version", "threshold", "value", "issued_on"}
ANSWERS = {"yes", "no"}

# What YAML cannot hold as it stands, or takes for a line break or a byte order mark.
_ESCAPED = re.compile("[^\\x20-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]")
# Text that needs no quotes: it begins with a letter or digit, and nothing in it looks like YAML's own signs.
_PLAIN = re.compile(r"[^\W_](?:[^:#]|:(?=\S)|(?<=\S)#)*")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\b[A-Z]\.) (?=\S)")  # not after an initial
_FOLDS = re.compile(r"\S(?:.*\S)?")
_NAMES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def write(data: RevisionData) -> bytes:
    """The file of a revision. Reading it gives equal data, whatever the texts hold."""
    return "".join(f"{line}\n" for line in _document(data)).encode()


def _document(data: RevisionData) -> Iterator[str]:
    yield from _fields(own_fields.about(data))
    yield from _mapping("source", own_fields.source(data))
    yield from _mapping("rights", own_fields.rights(data))
    yield from _fields(own_fields.small_print(data))
    yield from _mapping("scale", own_fields.scale(data.scale))
    yield from _indented(_list("levels", (_fields(own_fields.level(level)) for level in data.scale.levels)))
    yield from _list("pages", (_fields(own_fields.page(page)) for page in data.pages))
    yield from _list("domains", map(_domain, data.domains))
    yield from _list("lineage", (_lineage(*own_fields.lineage(entry)) for entry in data.lineage))


def _domain(domain: DomainData) -> Iterator[str]:
    yield from _fields(own_fields.domain(domain))
    yield from _list("activities", map(_activity, domain.activities))


def _activity(activity: ActivityData) -> Iterator[str]:
    yield from _fields(own_fields.activity(activity))
    yield from _list("competences", map(_competence, activity.competences))
    yield from _list("activities", map(_activity, activity.activities))


def _competence(competence: CompetenceData) -> Iterator[str]:
    yield from _fields(own_fields.competence(competence))
    yield from _list("points", (_fields(own_fields.point(point)) for point in competence.points))


def _lineage(kind: str, older: list[str], newer: list[str], note: str) -> Iterator[str]:
    yield from _fields([("kind", kind)])
    yield from (f"{name}: [{', '.join(map(_quoted, keys))}]" for name, keys in [("from", older), ("to", newer)] if keys)
    yield from _fields([("note", note)])


def _list(name: str, entries: Iterable[Iterable[str]]) -> Iterator[str]:
    """A list of entries; nothing where there is none."""
    head = f"{name}:"
    for entry in entries:
        if head:
            yield head
            head = ""
        mark = "- "
        for line in entry:
            yield f"{INDENT}{mark}{line}" if line else ""
            mark = INDENT


def _mapping(name: str, fields: Fields) -> Iterator[str]:
    lines = list(_indented(_fields(fields)))
    yield from [f"{name}:", *lines] if lines else [f"{name}: {{}}"]


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"{INDENT}{line}" if line else "" for line in lines)


def _fields(fields: Fields) -> Iterator[str]:
    for name, text in fields:
        if text:
            yield from _field(name, text)


def _field(name: str, text: str) -> Iterator[str]:
    """One text in the quietest style that holds it."""
    if name in QUOTED or text in ANSWERS or _ESCAPED.search(text.replace("\n", "")):
        yield f"{name}: {_quoted(text)}"
    elif "\n" in text:
        yield f"{name}: |-"
        yield from (f"{INDENT}{line}" if line else "" for line in text.split("\n"))
    elif len(text) > WIDTH - len(name) and _FOLDS.fullmatch(text):
        yield f"{name}: >-"
        yield from (f"{INDENT}{line}" for line in _folded(text))
    else:
        yield f"{name}: {text if _PLAIN.fullmatch(text) else _quoted(text)}"


def _folded(text: str) -> Iterator[str]:
    """Lines of a sentence each, so that a changed sentence is one changed line; long ones are broken again.

    A line ends only at a single space between two words, because a folded text turns exactly that back into a space.
    """
    for sentence in _SENTENCE_END.split(text):
        yield from _wrapped(sentence)


def _wrapped(sentence: str) -> Iterator[str]:
    line = ""
    for word in re.split(r"(?<=\S) (?=\S)", sentence):
        if line and len(line) + len(word) >= WIDTH:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _quoted(text: str) -> str:
    escaped = re.sub(r'["\\\n\t\r]', lambda found: _NAMES[found[0]], text)
    return f'"{_ESCAPED.sub(_code_point, escaped)}"'


def _code_point(found: "re.Match[str]") -> str:
    return f"\\u{ord(found[0]):04X}"
