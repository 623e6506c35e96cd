"""Texts as they are kept: what nobody sees is made regular, and what cannot be kept is named."""

import re
import unicodedata
from functools import cache

from assessments.importers.reading import MAX_TEXT

# The longest statement of a real framework has 3,165 characters.
LONG_TEXT = 2_000
# No language gives a letter so many. Composing a long pile of them takes the square of its length.
MOST_MARKS = 10

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ud800-\udfff]")

_BREAKS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_SPACES = re.compile("[\u00a0\u2007\u202f]")
# What is left where a letter of an old encoding was taken for the next one's.
_GHOST = re.compile("[\x80-\x9f]")


def tidied(text: str) -> str:
    """The text composed, with plain spaces, line breaks of one kind and without invisible characters."""
    if "\r" in text or not text.isascii():
        text = _BREAKS.sub("\n", text)
    if not text.isascii():
        text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
        text = text if _pile().search(text) else unicodedata.normalize("NFC", text)
    return text.strip()


@cache
def _pile() -> re.Pattern[str]:
    """More marks on one letter than are kept."""
    marks = "".join(re.escape(chr(code)) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code)))
    return re.compile(f"[{marks}]{{{MOST_MARKS + 1},}}")


def fault(text: str, most: int = MAX_TEXT) -> tuple[str, str] | None:
    """What forbids keeping a text, and how to mend it."""
    if len(text) > most:
        return f"It has {len(text):,} characters; at most {most:,} are read.", "Shorten it."
    if text.isascii() and text.isprintable():
        return None
    if "\ufffd" in text:
        return "It holds a character that an earlier program could not read (U+FFFD).", "Type the right one."
    if found := UNPRINTABLE.search(text):
        return f"It holds a control character (U+{ord(found[0]):04X}).", "Remove it."
    if not text.isascii() and _pile().search(text):
        return f"It piles more than {MOST_MARKS} marks on one letter.", "Remove them."
    return None


def oddity(text: str) -> str:
    """What is taken as it is, but only when a person has seen it."""
    if len(text) > LONG_TEXT:
        return f"A text of {len(text):,} characters is long for a statement."
    if not text.isascii() and (found := _GHOST.search(text)):
        around = text[max(0, found.start() - 10) : found.start()]
        return f"After {around!r} stands an invisible character (U+{ord(found[0]):04X}), perhaps in place of a letter."
    return ""
