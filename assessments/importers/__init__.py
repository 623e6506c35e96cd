"""One module a format: a file's bytes to plain data, or every problem in it with its place. No database here."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import NoReturn

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import case, lists, mahara, moodle, own_csv, own_yaml, sheets
from assessments.importers.delimited import decoded
from assessments.importers.findings import capped
from assessments.importers.reading import MAX_BYTES, Answers, Reading

__all__ = ["FORMATS", "Format", "cleaned_lines", "label", "read"]


@dataclass(frozen=True)
class Format:
    """What a module reads, in words, and the ends that a file's name may have. Without any, all names will do."""

    label: str
    recognises: Callable[[str, bytes], bool]
    read: Callable[[str, bytes, Answers], Reading]
    suffixes: tuple[str, ...] = ()


def _is_named_yaml(name: str, content: bytes) -> bool:
    return name.lower().endswith((".yaml", ".yml"))


def _refuse_yaml(name: str, content: bytes, answers: Answers) -> NoReturn:
    what = "This YAML is not in this product's format."
    raise _refused(what, f"Begin with format: {own_yaml.FORMAT}, as docs/framework-format.md describes.")


# In the order in which they are asked: each looks for signs of its own, so the general ones come last.
FORMATS = (
    Format("CASE package", case.recognises, case.read, (".json",)),
    Format("SmartEvidence matrix of Mahara", mahara.recognises, mahara.read, (".matrix", ".json")),
    Format("framework in this product's YAML", own_yaml.recognises, own_yaml.read_file, (".yaml", ".yml")),
    Format("framework in this product's CSV", own_csv.recognises, own_csv.read, (".csv", ".tsv")),
    Format("framework exported from Moodle", moodle.recognises, moodle.read, (".csv", ".tsv")),
    Format("table", sheets.recognises, sheets.read, (".csv", ".tsv", ".xlsx")),
    Format("plain list", lists.recognises, lists.read),
    Format("YAML of another kind", _is_named_yaml, _refuse_yaml),
)

# What a file begins with that nothing here reads, whatever it is named, and how it is called.
_BINARY = {
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a packed file",
    b"\x89PNG": "a picture",
    b"GIF8": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_YAML = re.compile(rb"[\w-]+:(?:\s|\Z)")
_KNOWN = "a table, a CASE package, a Mahara matrix, a framework exported from Moodle or this product's own YAML or CSV"


def read(name: str, content: bytes, answers: Answers | None = None) -> Reading:
    """Read a file of any format, which is told by its content. Raises ImportRejected where nothing can be read."""
    if not content.strip():
        raise _refused("The file is empty.", "Choose a file with a framework.")
    if len(content) > MAX_BYTES:
        raise _refused(f"It is larger than {MAX_BYTES // 1024**2} MB.", "Split it.")
    for start, what in _BINARY.items():
        if content.startswith(start):
            raise _refused(f"The file is {what}.", f"Copy the text of its list and paste it, or choose {_KNOWN}.")
    found = next((each for each in FORMATS if each.recognises(name, content)), None)
    if found is None:
        raise _unknown(name, content)
    _check_name(name, found)
    try:
        return found.read(name, content, answers or Answers())
    except ImportRejected as rejected:
        raise ImportRejected(capped(rejected.problems)) from rejected


def _check_name(name: str, found: Format) -> None:
    """A name that promises another format is a slip of the hand: the wrong file, or a wrong name."""
    suffix = PurePath(name.lower()).suffix
    known = {each for format in FORMATS for each in format.suffixes}
    if suffix in known and found.suffixes and suffix not in found.suffixes:
        what = f"The name ends in {suffix}, but the file is a {found.label}."
        raise _refused(what, f"Choose another file, or let its name end in {found.suffixes[0]}.")


def _unknown(name: str, content: bytes) -> ImportRejected:
    """Say what the file is instead, as far as that can be told."""
    if content.startswith(_UTF_16):
        return _refused("The file is UTF-16 text.", "Save it as UTF-8.")
    if b"\x00" in content:
        return _refused("The file is not text: it holds a NUL byte.", f"Choose {_KNOWN}.")
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in {b"{", b"["}:
        return _refused("This JSON is no framework of a format known here.", f"Choose {_KNOWN}.")
    if _YAML.match(start):
        _refuse_yaml(name, content, Answers())
    return _refused("The format of the file is not known.", f"Choose {_KNOWN}.")


def _refused(what: str, mend: str) -> ImportRejected:
    return ImportRejected([Problem("file", what, mend)])


# How a reading's format is called on screen.
LABELS = {
    "case": "CASE package",
    "mahara": "Mahara matrix",
    "moodle": "Moodle framework",
    "yaml": "This product's own YAML",
    "own csv": "This product's own CSV",
    "csv": "CSV table",
    "xlsx": "Excel workbook",
    "list": "Plain list",
}


def label(format: str) -> str:
    return LABELS.get(format, format)


def cleaned_lines(content: bytes, answers: Answers) -> list[lists.Line]:
    """What was made of each line of a plain list."""
    return lists.cleaning(decoded(content, answers.encoding)[0])
