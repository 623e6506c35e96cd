"""Reads JSON objects member by member; what nobody asked for is kept as it stood."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from assessments.importers.findings import Findings
from assessments.importers.strict_json import pointer
from assessments.revisions import Kept


@dataclass
class Members:
    """The members of one object. `place` is its JSON Pointer and, once known, the code of what it describes."""

    value: dict[str, Any]
    steps: tuple[object, ...]
    findings: Findings
    code: str = ""
    used: set[str] = field(default_factory=set)

    def place(self, *names: object) -> str:
        return pointer(*self.steps, *names) + (f" (code {self.code})" if self.code else "")

    def raw(self, name: str) -> str:
        """A text or a number as text; blank when it is absent, null, false or, with a problem, something else."""
        self.used.add(name)
        value = self.value.get(name)
        if isinstance(value, list | dict) or value is True:
            self.findings.problem(self.place(name), "A text is expected here.", "Write it in quotation marks.")
            return ""
        return "" if value is None or value is False else str(value).strip()

    def text(self, name: str) -> str:
        """A text that may be HTML, as plain text."""
        raw = self.raw(name)
        return self.findings.maybe_html(self.place(name), raw) if raw else ""

    def first(self, *names: str) -> tuple[str, str]:
        """The first of these that says something, and its name. The others stay to be kept."""
        for name in names:
            if text := self.text(name):
                return text, name
        return "", ""

    def has(self, name: str) -> bool:
        return self.value.get(name) is not None

    def entries(self, name: str) -> list[Any]:
        """The entries of a list; none when it is absent or, with a problem, no list."""
        self.used.add(name)
        value = self.value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.findings.problem(self.place(name), "A list is expected here.", "Write it in square brackets.")
            return []
        return value

    def objects(self, name: str) -> Iterator["Members"]:
        for number, entry in enumerate(self.entries(name)):
            if isinstance(entry, dict):
                yield Members(entry, (*self.steps, name, number), self.findings)
            else:
                place = self.place(name, number)
                self.findings.problem(place, "An object is expected here.", "Write it in curly brackets.")

    def inside(self, name: str) -> "Members":
        """The object of this name, empty when it is absent or something else, which is then kept."""
        found = self.peek(name)
        if found.value:
            self.used.add(name)
        return found

    def peek(self, name: str) -> "Members":
        """The object of this name, which is kept all the same."""
        value = self.value.get(name)
        return Members(value if isinstance(value, dict) else {}, (*self.steps, name), self.findings)

    def rest(self) -> Kept:
        return {name: value for name, value in self.value.items() if name not in self.used}
