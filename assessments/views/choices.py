"""What a reader of a profile chooses in its address: the day, the colour of the map, and which assessments count."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils import timezone

from assessments import profiles
from assessments.models import Assessment
from assessments.models.assessment import Source
from assessments.models.framework import Phase
from assessments.queries.framework import HOME_FRAMEWORK

LATEST, MEDIAN, CHANGE = "latest", "median", "change"
COLOURS = {LATEST: "Latest", MEDIAN: "Median of all", CHANGE: "Change"}
MOST_MONTHS = 120


@dataclass(frozen=True)
class Choices:
    """Nonsense in the address means what is usual. None and blank mean: every one."""

    on: datetime.date
    framework: str = HOME_FRAMEWORK
    colour: str = LATEST
    source: str = ""
    case: int | None = None
    phase: str = ""
    rater: UUID | None = None
    stale: int = profiles.STALE_MONTHS

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Choices":
        return cls(
            on=_day(asked.get("on", "")),
            # An address part as the database can look it up.
            framework=asked.get("framework", "").replace("\x00", "") or HOME_FRAMEWORK,
            colour=_one_of(asked.get("colour", ""), COLOURS) or LATEST,
            source=_one_of(asked.get("source", ""), Source.values),
            case=_number(asked.get("case", ""), most=32_767),
            phase=_one_of(asked.get("phase", ""), Phase.values),
            rater=_id(asked.get("rater", "")),
            stale=_number(asked.get("stale", ""), most=MOST_MONTHS) or profiles.STALE_MONTHS,
        )

    @property
    def is_part(self) -> bool:
        """Whether some assessments are left out."""
        return bool(self.source or self.case or self.phase or self.rater)

    @property
    def query(self) -> str:
        """The choices as part of an address, with its question mark; what is usual is left out."""
        usual = Choices(on=timezone.localdate())
        values = {name: value for name, value in vars(self).items() if value != getattr(usual, name)}
        return f"?{urlencode(values)}" if values else ""

    def but(self, **changes: Any) -> str:
        return replace(self, **changes).query

    @property
    def without_limits(self) -> str:
        return self.but(source="", case=None, phase="", rater=None)

    def told(self, counted: Iterable[Any]) -> str:
        """The limits in words: `recorded session, case 2, by Dr Helen Marsh`; blank without any."""
        by = {row.supervisor_id: row.supervisor_name for row in counted}
        words = [
            Source(self.source).label.lower() if self.source else "",
            f"case {self.case}" if self.case else "",
            f"{Phase(self.phase).label.lower()} phase" if self.phase else "",
            f"by {by[self.rater]}" if self.rater in by else "",
        ]
        return ", ".join(filter(None, words))

    def admits(self, row: Assessment) -> bool:
        return (
            self.source in {"", row.source}
            and self.case in {None, row.case_number}
            and self.phase in {"", row.phase}
            and self.rater in {None, row.supervisor_id}
        )


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Filter:
    """A list to choose from, made of what there is; with a single entry there is nothing to choose."""

    name: str
    label: str
    every: str
    options: list[Option]


def filters(choices: Choices, counted: Iterable[Any]) -> list[Filter]:
    rows = list(counted)
    sources, phases = {row.source for row in rows}, {row.phase for row in rows}
    cases = sorted({row.case_number for row in rows if row.case_number})
    raters = sorted({(row.supervisor_name, row.supervisor_id) for row in rows})
    found = [
        _filter(
            choices,
            "source",
            "Source",
            "Every source",
            [(each.value, each.label) for each in Source if each in sources],
        ),
        _filter(choices, "case", "Case", "Every case", [(number, f"Case {number}") for number in cases]),
        _filter(
            choices, "phase", "Phase", "Every phase", [(each.value, each.label) for each in Phase if each in phases]
        ),
        _filter(choices, "rater", "Supervisor", "Every supervisor", [(pk, name) for name, pk in raters]),
    ]
    return [each for each in found if each.options]


def _filter(choices: Choices, name: str, label: str, every: str, pairs: list[tuple[Any, str]]) -> Filter:
    chosen = getattr(choices, name)
    return Filter(name, label, every, [Option(str(value), words, value == chosen) for value, words in pairs])


def _day(value: str) -> datetime.date:
    """The day asked for; nonsense and the future both mean today."""
    today = timezone.localdate()
    try:
        return min(datetime.date.fromisoformat(value), today)
    except ValueError:
        return today


def _one_of(value: str, known: Iterable[str]) -> str:
    return value if value in known else ""


def _number(value: str, *, most: int) -> int | None:
    is_number = value.isascii() and value.isdecimal() and len(value) <= len(str(most))
    return int(value) if is_number and 0 < int(value) <= most else None


def _id(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
