"""Text that looks as if it identified a client. Warns, never blocks, and is sent nowhere."""

import re

_LOOKS_LIKE = {
    "an NHS number": re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)"),
    "a phone number": re.compile(r"(?<![\d])(?:\+44\s?|0)(?:\d[ -]?){9,10}(?!\d)"),
    "an e-mail address": re.compile(r"(?<![^\s@])[^\s@]+@[^\s@]+\.[A-Za-z]{2,}"),
    "a date of birth": re.compile(
        r"\b(?:born|d\.?o\.?b\.?|date of birth)\b|\b\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d{2}\b", re.IGNORECASE
    ),
}


def identifying(text: str) -> list[str]:
    """The kinds of client-identifying data that a text seems to hold, in words."""
    return [kind for kind, pattern in _LOOKS_LIKE.items() if pattern.search(text)]


def warning(*texts: str) -> str:
    """One sentence that names what was seen, or nothing."""
    kinds = list(dict.fromkeys(kind for text in texts for kind in identifying(text)))
    if not kinds:
        return ""
    seen = kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} and {kinds[-1]}"
    return f"This looks as if it holds {seen}. Nothing here may identify the client; please look again."
