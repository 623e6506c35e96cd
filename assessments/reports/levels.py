"""Levels and the three ways of having none, as they are printed: sign, tint and words, from the record's own scale."""

from dataclasses import dataclass, field

from assessments import wording
from assessments.records import Document
from assessments.reports import words
from assessments.scoring import NOT_APPLICABLE, NOT_OBSERVED, NOT_RATED, Mark, ramp_step

NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


@dataclass(frozen=True)
class Swatch:
    """How a level, or one of the three ways of having none, is shown. A ring is drawn, not written."""

    css: str
    sign: str
    label: str

    @property
    def is_ring(self) -> bool:
        return self.css == "lo"

    @property
    def value(self) -> str:
        """The sign of a level, and nothing where there is none."""
        return "" if self in NO_LEVEL.values() else self.sign


NO_LEVEL = {
    NOT_OBSERVED: Swatch("lo", "", "Not observed"),
    NOT_APPLICABLE: Swatch("la", "n/a", "Not applicable"),
    NOT_RATED: Swatch("ln", "\u2013", "Not rated"),
}
MEANINGS = {
    NOT_OBSERVED: "The session or the material called for no such thing, or gave no chance to see it.",
    NOT_APPLICABLE: "It lies outside this therapist’s programme.",
    NOT_RATED: "Nothing was entered.",
}


@dataclass(frozen=True)
class Scale:
    """The scale as the record holds it."""

    name: str
    version: int
    threshold: int
    is_descending: bool
    levels: list[Document]
    has_not_applicable: bool = True
    meanings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document) -> "Scale":
        scale = document["scale"]
        return cls(
            scale["name"],
            scale["version"],
            scale["threshold"],
            is_descending=scale["direction"] == "descending",
            levels=scale["levels"],
            # Records name these only where the scale says something of its own.
            has_not_applicable=scale.get("has_not_applicable", True),
            meanings={name: scale.get(name, "") for name in [NOT_OBSERVED, NOT_APPLICABLE]},
        )

    def swatch(self, mark: Mark) -> Swatch:
        if isinstance(mark, str):
            return NO_LEVEL[mark]
        level = next(level for level in self.levels if level["position"] == mark)
        step = ramp_step(mark, len(self.levels), descending=self.is_descending)
        return Swatch(f"l{step}", level["value"], level["label"])

    @property
    def furthest_first(self) -> list[int]:
        return sorted((level["position"] for level in self.levels), reverse=not self.is_descending)

    @property
    def expected(self) -> str:
        """The labels at the threshold and beyond: `Competent or Advanced`."""
        levels = [
            level
            for level in self.levels
            if (level["position"] <= self.threshold if self.is_descending else level["position"] >= self.threshold)
        ]
        return words.joined([level["label"] for level in levels], "or")

    @property
    def anchors(self) -> list[tuple[Swatch, Document]]:
        return [(self.swatch(level["position"]), level) for level in self.levels]

    @property
    def key(self) -> list[Swatch]:
        return [*(self.swatch(level["position"]) for level in self.levels), *map(self.swatch, self._offered)]

    @property
    def _offered(self) -> list[str]:
        return [mark for mark in NO_LEVEL if mark != NOT_APPLICABLE or self.has_not_applicable]

    @property
    def without_level(self) -> list[tuple[str, str]]:
        """What it means to have no level, in the scale's own words where it has some."""
        told = {mark: self.meanings.get(mark) or MEANINGS[mark] for mark in self._offered}
        return [(NO_LEVEL[mark].label, wording.sentence(text)) for mark, text in told.items()]

    def __str__(self) -> str:
        return f"{self.name}, {NUMBERS[len(self.levels)]} levels, version {self.version}"
