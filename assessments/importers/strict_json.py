"""JSON within limits and without surprises: what Python's own parser would take silently is told with its place."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from assessments.exceptions import ImportRejected, Problem
from assessments.importers.reading import MAX_DEPTH
from assessments.importers.texts import UNPRINTABLE

MAX_CONTAINERS, MAX_VALUES = 500_000, 1_000_000  # the largest real package has some 30,000 and 100,000
MOST_FAULTS = 100
LONGEST_NUMBER = 15  # digits that a computer's number holds exactly

# Possessive, and content with a missing end: no file makes them look at a byte twice.
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_NO_NUMBER = re.compile(rb"-?Infinity|NaN")
_SUSPICIOUS = re.compile(r"[\x7f\ufffd]|\\(?:[bf]|u00[01]|u007f|ud[89a-f]|ufffd)", re.IGNORECASE)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ALIKE = bytes.maketrans(b"{}", b"[]")


def parsed(content: bytes) -> tuple[Any, list[Problem]]:
    """The document, and what is wrong inside it: members that stand twice, characters that cannot be kept.

    Numbers that a computer would write differently (1.10, or of more than 15 digits) are given as text.
    Raises ImportRejected for what is not JSON or beyond the limits.
    """
    text = _decoded(content)
    _check_size(content)
    repeated: dict[int, tuple[dict[str, Any], str]] = {}

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            repeated[id(found)] = found, _first_repeated(pairs)
        return found

    try:
        document = json.loads(text, object_pairs_hook=mapping, parse_int=_whole, parse_float=_decimal)
    except json.JSONDecodeError as error:
        raise ImportRejected([_syntax(error)]) from error
    if not repeated and not _SUSPICIOUS.search(text):
        return document, []
    return document, _faults(document, {key: name for key, (_, name) in repeated.items()})


def _first_repeated(pairs: list[tuple[str, Any]]) -> str:
    return next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)


def pointer(*steps: object) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        place = f"byte {error.start} (line {line})"
        raise ImportRejected([Problem(place, "It is not UTF-8 text.", "Save the file as UTF-8.")]) from error


def _check_size(content: bytes) -> None:
    """Count brackets before anything is built: deep nesting would exhaust the parser's stack."""
    bare = _TEXT.sub(b"", content)
    if _NO_NUMBER.search(bare):
        raise ImportRejected([_no_number(content)])
    brackets = bare.translate(_ALIKE, delete=_NOT_BRACKETS)
    if len(brackets) > 2 * MAX_CONTAINERS or bare.count(b",") > MAX_VALUES:
        what = f"It holds more than {MAX_CONTAINERS:,} lists and objects, or {MAX_VALUES:,} values."
        raise ImportRejected([Problem("file", what, "Split the framework into several files.")])
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    if b"[" * MAX_DEPTH in brackets or b"[]" in brackets:
        raise ImportRejected([Problem("file", f"It nests deeper than {MAX_DEPTH} levels.", "Flatten it.")])


def _no_number(content: bytes) -> Problem:
    blanked = _TEXT.sub(lambda text: re.sub(rb"[^\n]", b" ", text[0]), content)
    found = next(_NO_NUMBER.finditer(blanked))
    line = blanked.count(b"\n", 0, found.start()) + 1
    column = found.start() - blanked.rfind(b"\n", 0, found.start())
    return Problem(f"line {line}, column {column}", f"{found[0].decode()} is not a number.", "Write a number or null.")


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else digits


def _decimal(digits: str) -> float | str:
    return float(digits) if str(float(digits)) == digits else digits


def _syntax(error: json.JSONDecodeError) -> Problem:
    place = f"line {error.lineno}, column {error.colno}"
    if error.msg.startswith("Invalid control character"):
        what = "This is not JSON: a line break or control character stands inside a text."
        return Problem(place, what, r"Write a line break inside a text as \n.")
    what = error.msg.removesuffix(" at").removesuffix(" starting")
    return Problem(place, f"This is not JSON: {what}.", "Mend the line.")


def _faults(document: Any, repeated: dict[int, str]) -> list[Problem]:
    problems = []
    for steps, value in _walk(document):
        if isinstance(value, dict) and id(value) in repeated:
            where = pointer(*steps, repeated[id(value)])
            problems.append(Problem(where, "It stands twice.", "Keep one of the two."))
        if any(UNPRINTABLE.search(text) for text in _texts(value)):
            what = "It holds a control or replacement character."
            problems.append(Problem(pointer(*steps), what, "Retype the text."))
        if len(problems) > MOST_FAULTS:
            break
    return problems


def _walk(document: Any) -> Iterator[tuple[tuple[object, ...], Any]]:
    """Every value with the steps that lead to it, in the file's order."""
    waiting: list[tuple[tuple[object, ...], Any]] = [((), document)]
    while waiting:
        steps, value = waiting.pop()
        yield steps, value
        inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        waiting += [((*steps, name), part) for name, part in reversed(list(inside))]


def _texts(value: Any) -> list[str]:
    """The text that a value is, or the names that an object has."""
    return [value] if isinstance(value, str) else list(value) if isinstance(value, dict) else []
