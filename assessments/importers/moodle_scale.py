"""The scale of a Moodle framework: a list of values, and which of them count as proficient."""

from typing import Any

from assessments.exceptions import ImportRejected
from assessments.importers import scales, texts
from assessments.importers.findings import Findings
from assessments.importers.strict_json import parsed
from assessments.revisions import ScaleData

YES = {1, "1"}


def scale(name: str, values: tuple[str, str], configuration: tuple[str, str], findings: Findings) -> ScaleData | None:
    """The scale of two cells, each given with its place; the values stand lowest first."""
    place, written = values
    labels = [texts.tidied(label) for label in written.split(",")] if written.strip() else []
    if not labels:
        findings.note(place, "The framework names no scale.")
        return None
    levels = [scales.level(str(number), label) for number, label in enumerate(labels, start=1)]
    is_sound = scales.check(levels, place, findings)
    proficient = _proficient(configuration, len(labels), findings)
    if not is_sound or not proficient:
        return None
    if proficient != set(range(min(proficient), len(labels) + 1)):
        findings.warn(configuration[0], "Not every value above the lowest proficient one counts as proficient.")
    return scales.scale(f"{name} scale".strip(), levels, threshold=str(min(proficient)))


def _proficient(configuration: tuple[str, str], count: int, findings: Findings) -> set[int]:
    """The positions, from 1, of the values that count as proficient."""
    place, written = configuration
    found: dict[str, set[int]] = {"scaledefault": set(), "proficient": set()}
    for entry in _entries(place, written, findings):
        position = _position(entry.get("id"))
        if not 1 <= position <= count:
            what = f"It tells of value {entry.get('id')!r}, but there are {count}. This is left out."
            findings.warn(place, what)
            continue
        for word, positions in found.items():
            if entry.get(word) in YES:
                positions.add(position)
    for word, meaning in {"scaledefault": "default", "proficient": "proficient"}.items():
        if not found[word]:
            findings.problem(place, f"No value of the scale is {meaning}.", f'Give one "{word}": 1.')
    return found["proficient"]


def _entries(place: str, written: str, findings: Findings) -> list[dict[str, Any]]:
    """The entries that tell of a value; the first tells of the scale itself."""
    mend = 'Write it as Moodle does: [{"scaleid":"2"},{"id":1,"scaledefault":1,"proficient":1}].'
    try:
        entries, problems = parsed(written.encode())
    except ImportRejected as rejected:
        entries, problems = None, rejected.problems
    if problems:
        findings.problem(place, f"The configuration cannot be read ({problems[0].what.rstrip('.')}).", mend)
        return []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        findings.problem(place, "The configuration is not a list of values.", mend)
        return []
    return [entry for entry in entries if "scaleid" not in entry]


def _position(value: object) -> int:
    digits = str(value)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else 0
