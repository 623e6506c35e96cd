"""Keys and codes that may stand in an address: checked where a file gives them, made where it does not."""

import re
from collections import Counter
from collections.abc import Iterable

from assessments.importers.reading import Notice

KEY = re.compile(r"[a-z0-9][a-z0-9._-]*")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
KEY_LENGTH, CODE_LENGTH = 100, 40
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class Coder:
    """Gives each node a code that is unique among its kind and fits an address; says what it had to change."""

    def __init__(self, given: Iterable[str]) -> None:
        self.notices: list[Notice] = []
        self._given = Counter(code.casefold() for code in given if code)
        self._used: set[tuple[str, str]] = set()
        self._has_made_one = False

    def code(self, word: str, given: str, made: str, place: str) -> str:
        """`given` as far as it fits, else one made from the position."""
        fitting = _UNFIT.sub("-", given).strip("-._")[:CODE_LENGTH]
        if given and fitting and fitting != given:
            self.notices.append(Notice(place, f"The code {given!r} does not fit an address and is written {fitting}."))
        elif not given and not self._has_made_one:
            self._has_made_one = True
            self.notices.append(Notice(place, "Codes that the file does not give are made.", is_warning=True))
        return self._unique(word, fitting or self._free(made), is_given=bool(given and fitting == given))

    def _free(self, made: str) -> str:
        """A made code never takes one that the file gives to another node."""
        return f"{made}-1" if made.casefold() in self._given else made

    def _unique(self, word: str, code: str, *, is_given: bool) -> str:
        """Two nodes with one given code are a mistake that the caller finds; made ones are kept apart here."""
        candidate, number = code, 1
        while not is_given and (word, candidate.casefold()) in self._used:
            number += 1
            candidate = f"{code[: CODE_LENGTH - 4]}-{number}"
        self._used.add((word, candidate.casefold()))
        return candidate
