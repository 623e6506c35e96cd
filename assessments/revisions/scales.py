"""The rules of a scale, and what can be done to its levels while somebody edits it."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from decimal import Decimal

from assessments.revisions import data
from assessments.revisions.data import LevelData, ScaleData

# The most is one key of the keyboard each.
LEAST, MOST = 2, 9
# A level by one of these names would look like having none.
RESERVED = ["not observed", "not applicable", "not rated"]

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a scale, in a sentence. `level` is the place of the level it is about, counted from 0."""

    sentence: str
    field: str
    level: int | None = None


def faults(scale: ScaleData) -> list[Fault]:
    """Everything that hinders a scale from being used."""
    found = [] if scale.name else [Fault("Name: this is missing.", "name")]
    if len(scale.levels) < LEAST:
        found.append(Fault("A scale needs at least two levels. Add another one.", "levels"))
    if len(scale.levels) > MOST:
        found.append(Fault("A scale has at most nine levels, one for each key. Remove some.", "levels"))
    found += [fault for place, level in enumerate(scale.levels) for fault in _of_level(level, place)]
    found += [*_repeated(scale.levels, "value"), *_repeated(scale.levels, "label")]
    if not scale.threshold or scale.threshold not in [level.value for level in scale.levels]:
        found.append(Fault("Choose the level that is expected of an independent practitioner.", "threshold"))
    return found


def _of_level(level: LevelData, place: int) -> Iterator[Fault]:
    for name in ["value", "label"]:
        if not getattr(level, name):
            yield Fault(f"Level {place + 1}: give it a {name}, or remove it.", name, place)
    if level.label.casefold() in RESERVED:
        told = f"Level {place + 1}: “{level.label}” is the name of an answer without a level. Choose another label."
        yield Fault(told, "label", place)


def _repeated(levels: list[LevelData], name: str) -> Iterator[Fault]:
    """Levels that say the same as one before them, whatever the case of their letters."""
    first: dict[str, int] = {}
    for place, level in enumerate(levels):
        text = getattr(level, name)
        before = first.setdefault(text.casefold(), place)
        if text and before != place:
            told = f"Level {place + 1}: the {name} “{text}” is that of level {before + 1}, too. Give each its own."
            yield Fault(told, name, place)


@dataclass(frozen=True)
class Ladder:
    """Levels while they are edited, complete or not. `threshold` is the place of the one chosen, if any."""

    levels: list[LevelData]
    threshold: int | None = None

    @property
    def has_room(self) -> bool:
        return len(self.levels) < MOST

    @property
    def has_room_for_half_steps(self) -> bool:
        return LEAST <= len(self.levels) <= (MOST + 1) // 2

    def with_another(self) -> "Ladder":
        return replace(self, levels=[*self.levels, LevelData("", "")]) if self.has_room else self

    def without(self, place: int) -> "Ladder":
        order = [each for each in range(len(self.levels)) if each != place]
        return self._ordered(order)

    def with_moved(self, place: int, *, by: int) -> "Ladder":
        """A level changes places with a neighbour; at either end nothing happens."""
        order = list(range(len(self.levels)))
        if place in order and place + by in order:
            order[place], order[place + by] = order[place + by], order[place]
        return self._ordered(order)

    def _ordered(self, order: list[int]) -> "Ladder":
        threshold = order.index(self.threshold) if self.threshold in order else None
        return Ladder([self.levels[each] for each in order], threshold)

    def with_half_steps(self) -> "Ladder":
        """A level between each two, as long as nine are enough."""
        if not self.has_room_for_half_steps:
            return self
        levels = self.levels[:1]
        for lower, upper in zip(self.levels, self.levels[1:], strict=False):
            levels += [_between(lower, upper), upper]
        return Ladder(levels, None if self.threshold is None else self.threshold * 2)


def _between(lower: LevelData, upper: LevelData) -> LevelData:
    label = f"Between {lower.label} and {upper.label}" if lower.label and upper.label else ""
    return LevelData(_middle(lower.value, upper.value), label)


def _middle(lower: str, upper: str) -> str:
    """`1.5` between 1 and 2; values that are no numbers stand side by side."""
    if _NUMBER.fullmatch(lower) and _NUMBER.fullmatch(upper):
        return f"{((Decimal(lower) + Decimal(upper)) / 2).normalize():f}"
    return f"{lower}–{upper}" if lower and upper else ""


def fingerprint(scale: ScaleData) -> str:
    """The same for the same content: by it an editor says what was on screen."""
    return data.fingerprint(asdict(scale))


@dataclass(frozen=True)
class Difference:
    """A place of a scale where two editors wrote something else."""

    where: str
    stored: str
    typed: str


WORDS = {
    "name": "Name",
    "direction": "Direction",
    "threshold": "Level expected of an independent practitioner",
    "not_observed": "What “not observed” means",
    "not_applicable": "What “not applicable” means",
    "has_not_applicable": "“Not applicable” is an answer",
}


def differences(stored: ScaleData, typed: ScaleData) -> list[Difference]:
    pairs = [(told, getattr(stored, name), getattr(typed, name)) for name, told in WORDS.items()]
    most = max(len(stored.levels), len(typed.levels))
    for place in range(most):
        mine, yours = (_fields(scale, place) for scale in [stored, typed])
        pairs += [(f"Level {place + 1}, {name}", mine[name], yours[name]) for name in mine]
    return [Difference(where, _said(old), _said(new)) for where, old, new in pairs if old != new]


def _fields(scale: ScaleData, place: int) -> dict[str, str]:
    return asdict(scale.levels[place] if place < len(scale.levels) else LevelData("", ""))


def _said(value: object) -> str:
    return {True: "Yes", False: "No"}[value] if isinstance(value, bool) else str(value)
