"""How a report puts values into words: names, counts, dates and times."""

import datetime
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import TextChoices

LONDON = ZoneInfo("Europe/London")


def word(choices: type[TextChoices], value: str) -> str:
    """The printed word for a stored value. A record may be older than today's list of values; blank stays blank."""
    return dict(choices.choices).get(value) or value.replace("_", " ").capitalize()


def person(facts: dict[str, Any]) -> str:
    return ", ".join(filter(None, [facts["name"], facts["profession"]]))


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def joined(parts: Sequence[str], last: str = "and") -> str:
    return f" {last} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def date(iso: str) -> str:
    return day(datetime.date.fromisoformat(iso))


def day(on: datetime.date) -> str:
    return f"{on.day} {on:%B %Y}"


def moment(iso: str) -> str:
    """In UK time, as `14 November 2026, 10:42 GMT`."""
    at = datetime.datetime.fromisoformat(iso).astimezone(LONDON)
    return f"{day(at.date())}, {at:%H:%M %Z}"


def day_of(iso: str) -> str:
    """The day of a moment, in UK time."""
    return day(datetime.datetime.fromisoformat(iso).astimezone(LONDON).date())


def grouped(digits: str) -> str:
    """In fours, so that a person can compare it."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
