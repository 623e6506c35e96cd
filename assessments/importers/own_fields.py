"""What the project's own format holds, field by field, in whichever of its two faces: see docs/framework-format.md."""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from assessments.exceptions import Problem
from assessments.importers.codes import KEY
from assessments.importers.reading import MAX_BYTES, MAX_TEXT
from assessments.importers.texts import UNPRINTABLE, fault
from assessments.revisions import Kept

FORMAT = "competence-framework/1"
DIGITS = 5

# A NUL in a JSON text, which PostgreSQL cannot store: an odd number of backslashes before `u0000`.
_NUL = re.compile(r"(?<!\\)(\\\\)*\\u0000")


class Fields(ABC):
    """One entry of a file, read field by field. It collects problems instead of stopping at the first."""

    def __init__(self, path: str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self.used: set[str] = set()

    @abstractmethod
    def written(self, name: str) -> str | None:
        """The text that stands there, blank where there is none; None if it is no text, which is told already."""

    @abstractmethod
    def names(self) -> list[str]:
        """The fields that the file gives here."""

    @abstractmethod
    def problem(self, name: str, what: str, mend: str) -> None: ...

    @abstractmethod
    def entries(self, name: str) -> list["Fields"] | None:
        """A list of entries inside this one; it may be missing. None if it is no list, which is told already."""

    @abstractmethod
    def words(self, name: str) -> list[str]:
        """A list of single words; it may be missing."""

    def text(
        self,
        name: str,
        *,
        default: str | None = None,
        pattern: re.Pattern[str] | None = None,
        most: int = MAX_TEXT,
    ) -> str:
        """A text without the space around it. Compulsory without a default."""
        self.used.add(name)
        value = self.written(name)
        if value is None:
            return ""
        if not value.strip():
            if default is None:
                self.problem(name, "It is missing or empty.", f"Add {name}.")
            return default or ""
        value = value.strip()
        if wrong := fault(value, most):
            self.problem(name, *wrong)
        self._check_pattern(name, value, pattern)
        return value

    def _check_pattern(self, name: str, value: str, pattern: re.Pattern[str] | None) -> None:
        if pattern and not pattern.fullmatch(value):
            self.problem(name, f"{value!r} holds a character that does not fit an address.", "Use a-z, 0-9, . _ -")

    def choice(self, name: str, choices: list[str], *, default: str | None = None) -> str:
        value = self.text(name, default=default)
        if value and value not in choices:
            self.problem(name, f"{value!r} is not one of {', '.join(choices)}.", "Choose one of them.")
        return value

    def yes(self, name: str, *, default: str = "no") -> bool:
        return self.choice(name, ["yes", "no"], default=default) == "yes"

    def number(self, name: str) -> int:
        value = self.text(name)
        if value and not (value.isdecimal() and len(value) <= DIGITS):
            self.problem(name, f"{value!r} is not a whole number.", "Write 1, 2, 3 …")
            return 0
        return int(value or 0)

    def keys(self, name: str) -> list[str]:
        self.used.add(name)
        found = self.words(name)
        for key in found:
            self._check_pattern(name, key, KEY)
        return found

    def kept(self, name: str = "kept") -> Kept:
        """What another format says besides, as one JSON object."""
        value = self.text(name, default="", most=MAX_BYTES)
        try:
            found: Any = json.loads(value or "{}", parse_constant=_refused)
            whole = json.dumps(found, ensure_ascii=False)
        except (ValueError, RecursionError):
            found, whole = None, ""
        if not isinstance(found, dict) or _NUL.search(whole) or UNPRINTABLE.search(whole):
            self.problem(name, "It is not a JSON object of plain text.", 'Write it as {"name": "value"}, or remove it.')
            return {}
        return found

    def items(self, name: str, *, at_least: int = 0) -> Iterator["Fields"]:
        self.used.add(name)
        entries = self.entries(name)
        if entries is not None and len(entries) < at_least:
            self.problem(name, f"It needs {at_least} entries or more.", "Add what is missing.")
        yield from entries or []

    def done(self) -> None:
        for name in self.names():
            if name not in self.used:
                self.problem(name, "This field is not known here.", "Remove it, or mend its name.")


class Document(Fields):
    """The file as a whole, which groups some of its fields under a name."""

    @abstractmethod
    def mapping(self, name: str) -> Fields:
        """A compulsory group of fields."""


def _refused(constant: str) -> None:
    """NaN and Infinity are no JSON, and no database stores them."""
    raise ValueError(constant)
