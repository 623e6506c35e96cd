"""Text in the cell of a sheet: spreadsheet programs run what begins like a formula."""

import re

_RISKY = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"''*[=+\-@\t\r]")


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def unguarded(cell: str) -> str:
    """The text that was guarded. An apostrophe that somebody wrote stays, whatever follows it."""
    return cell[1:] if _GUARDED.match(cell) else cell
