"""Keys and codes that may stand in an address: checked where a file gives them, made where it does not."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from assessments.exceptions import Problem
from assessments.importers.reading import Notice

KEY = re.compile(r"[a-z0-9][a-z0-9._-]*")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
KEY_LENGTH, CODE_LENGTH = 100, 40
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class Coder:
    """Gives each node a code that is unique among its kind and fits an address; says what it had to change."""

    def __init__(self, given: Iterable[str]) -> None:
        self.notices: list[Notice] = []
        self._given = {code.casefold() for code in given if code}
        self._used: set[tuple[str, str]] = set()
        self._numbers: dict[tuple[str, str], int] = {}
        self._has_made_one = False

    def code(self, word: str, given: str, made: str, place: str) -> str:
        """`given` as far as it fits, else one made from the position."""
        fitting = _UNFIT.sub("-", given).strip("-._")[:CODE_LENGTH]
        if given and fitting and fitting != given:
            self.notices.append(Notice(place, f"The code {given!r} does not fit an address and is written {fitting}."))
        elif not given and not self._has_made_one:
            self._has_made_one = True
            self.notices.append(Notice(place, "Codes that the file does not give are made.", is_warning=True))
        is_kept = bool(given) and fitting == given and (word, given.casefold()) not in self._used
        code = given if is_kept else self._free(word, (fitting or made)[:CODE_LENGTH])
        if given and fitting == given and not is_kept:
            what = f"The code {given!r} stands here for the second time and is written {code}."
            self.notices.append(Notice(place, what, is_warning=True))
        self._used.add((word, code.casefold()))
        return code

    def _free(self, word: str, code: str) -> str:
        """A made or rewritten code, numbered where another node has it or the file gives it to one."""
        candidate, start = code, (word, code.casefold())
        while candidate.casefold() in self._given or (word, candidate.casefold()) in self._used:
            self._numbers[start] = self._numbers.get(start, 1) + 1
            end = f"-{self._numbers[start]}"
            candidate = code[: CODE_LENGTH - len(end)] + end
        return candidate


def repeated(word: str, entries: Iterable[Any]) -> Iterator[Problem]:
    """Keys and codes that stand more than once, without regard to case; some entries have no code."""
    listed = list(entries)
    for attribute in ["key", "code"]:
        for value, count in Counter(getattr(entry, attribute, "").casefold() for entry in listed).items():
            if value and count > 1:
                what = f"The {attribute} {value!r} stands {count} times."
                yield Problem(f"{word} {value}", what, f"Give each {word} a {attribute} of its own.")
