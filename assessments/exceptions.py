"""What can go wrong in this product's own terms. The views turn each into an answer in one place."""

from dataclasses import dataclass


class NotAllowed(Exception):
    """Somebody inside lacks the right, or the state forbids it. The reason is a sentence for that person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(Exception):
    """The input cannot be taken. The message says what is wrong and how to mend it."""


class Conflict(Exception):
    """The stored value is newer than the one the writer saw. Nothing was written."""

    def __init__(self, current: object) -> None:
        super().__init__("The stored value is newer.")
        self.current = current


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file: where it stands, what is wrong, how to mend it."""

    place: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.mend}"


class ImportRejected(Exception):
    """A file was read as far as possible and refused as a whole. Nothing was written."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class RenderingFailed(Exception):
    """A report could not be made. The message is a sentence for the person who asked for it."""
