"""The three colours of a profile's map: the latest levels, the median of all, and change in three neutral kinds."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from django.utils.html import format_html

from assessments import courses, scoring, wording
from assessments.profiles import Profile, Standing
from assessments.views import cards
from assessments.views.choices import CHANGE, MEDIAN, Choices
from assessments.views.levels import Levels, Swatch, cells, strip

CHANGES = {
    courses.FURTHER: Swatch("cu", "+", "Further on"),
    courses.SAME: Swatch("cs", "=", "The same"),
    courses.LESS_FAR: Swatch("cd", "\u2212", "Less far"),
    "": Swatch("cn", "\u00b7", "No earlier level"),
}


def coloured_card(standing: Standing, levels: Levels, profile: Profile, choices: Choices) -> str:
    if choices.colour == CHANGE:
        return _change(standing, profile, choices)
    if choices.colour == MEDIAN:
        standing = of_medians(standing)
    swatch = levels.swatch(standing.distribution.overall)
    told = cards.rated(standing, swatch)
    return cards.profile_card(standing, swatch, strip(levels, standing.marks), told=told, query=choices.query)


def of_medians(standing: Standing) -> Standing:
    """The standing with the median of all levels of each competence in place of the latest."""
    marks = [
        (code, standing.courses[code].median if code in standing.courses else mark) for code, mark in standing.marks
    ]
    # What is carried over stands where there is nothing but `not observed`.
    marks = [
        (code, latest if median == scoring.NOT_OBSERVED else median)
        for (code, median), (_, latest) in zip(marks, standing.marks, strict=True)
    ]
    return replace(standing, marks=marks, distribution=scoring.distribution(mark for _, mark in marks))


def changes_of(standing: Standing, profile: Profile) -> list[str]:
    """What became of each competence between its last two levels."""
    found = standing.courses
    return [found[code].change(descending=profile.is_descending) if code in found else "" for code, _ in standing.marks]


def _change(standing: Standing, profile: Profile, choices: Choices) -> str:
    changes = changes_of(standing, profile)
    drawn = cells(CHANGES[kind].cls for kind in changes)
    told = format_html("<span>{}</span>", in_words(changes))
    return cards.profile_card(standing, CHANGES[overall(changes)], drawn, told=told, query=choices.query)


def overall(changes: Iterable[str]) -> str:
    """Where more went: further on, less far, or neither."""
    counted = Counter(changes)
    further, less = counted[courses.FURTHER], counted[courses.LESS_FAR]
    if not further + less + counted[courses.SAME]:
        return ""
    if further == less:
        return courses.SAME
    return courses.FURTHER if further > less else courses.LESS_FAR


def in_words(changes: Iterable[str]) -> str:
    """`3 further on, 2 the same and 1 less far`; what there is none of is left out."""
    counted = Counter(changes)
    parts = [f"{counted[kind]} {swatch.name.lower()}" for kind, swatch in CHANGES.items() if kind and counted[kind]]
    return wording.listed(parts) or CHANGES[""].name


def legend(profile: Profile) -> list[tuple[Swatch, int]]:
    """How many competences there are of each kind."""
    counted = Counter(kind for standing in profile.standings for kind in changes_of(standing, profile))
    return [(swatch, counted[kind]) for kind, swatch in CHANGES.items()]
