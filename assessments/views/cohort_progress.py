"""The cohort over time: where the group stood at the end of each quarter, domain by domain."""

import datetime
from collections import Counter
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from assessments import charts, courses, wording
from assessments.growth import MOVES
from assessments.models import Domain, RatingScale, Role
from assessments.queries.cohort_progress import CohortProgress, DomainProgress, QuarterGroup
from assessments.queries.groups import SMALLEST_GROUP
from assessments.views.access import SignedInRequest, requires
from assessments.views.cohort import Asked, asked_for
from assessments.views.levels import Levels, Swatch


@dataclass(frozen=True)
class Line:
    """One quarter in the table; who may not know everybody by name is not told how few a small group holds."""

    name: str
    rated: str
    median: Swatch | None
    reached: str


@dataclass(frozen=True)
class Figure:
    domain: Domain
    told: str
    panel: charts.Panel | None
    lines: list[Line]


@requires(Role.LEAD, Role.ADMIN)
def cohort_progress(request: SignedInRequest) -> HttpResponse:
    """Medians by quarter; about the group alone, so nobody's name stands here."""
    asked = asked_for(request)
    found = asked.progress()
    levels = Levels(asked.revision.scale)
    context = {
        "asked": asked,
        "found": found,
        "headline": headline(found, levels),
        "expected": levels.swatch(asked.revision.scale.threshold),
        "figures": figures(found, levels, asked),
        "smallest": SMALLEST_GROUP,
    }
    return render(request, "cohort/cohort_progress.html", context)


def headline(found: CohortProgress, levels: Levels) -> str:
    """`Since the end of March 2026 the median is further on in three domains and the same in two.`"""
    if not any(row.everybody.rated for domain in found.domains for row in domain.quarters):
        return "Nothing is rated yet in this cohort."
    pairs = [(row.told[0], row.told[-1]) for row in found.domains if len(row.told) > 1]
    if not pairs:
        return (
            f"In no domain were {wording.in_words(SMALLEST_GROUP, 'therapist')} rated at the ends of two quarters yet."
        )
    moved: Counter[str] = Counter(
        courses.compared(first.median or 0, last.median or 0, descending=levels.is_descending) for first, last in pairs
    )
    parts = [f"{words} in {wording.in_words(moved[kind], 'domain')}" for kind, words in MOVES.items() if moved[kind]]
    since = min(first.on for first, _ in pairs)
    return f"Since the end of {since:%B %Y} the median is {wording.listed(parts)}."


def figures(found: CohortProgress, levels: Levels, asked: Asked) -> list[Figure]:
    days = [row.on for domain in found.domains for row in domain.quarters]
    return [
        Figure(
            each.domain,
            told(each, levels),
            _panel(each, levels, (min(days), max(days))) if each.told else None,
            [_line(row, levels, is_led=asked.is_led) for row in reversed(each.quarters)],
        )
        for each in found.domains
    ]


def _panel(progress: DomainProgress, levels: Levels, span: tuple[datetime.date, datetime.date]) -> charts.Panel:
    dots = [charts.Dot(row.on, row.median) for row in progress.told if row.median is not None]
    return charts.panel(
        dots,
        [level.value for level in levels.rows],
        span,
        descending=levels.is_descending,
        expected=levels.scale.threshold,
    )


def told(progress: DomainProgress, levels: Levels) -> str:
    """`Median Emerging at the end of March 2026, Developing now; at Competent or beyond 2 of 12, then 9 of 30.`"""
    if not progress.told:
        return f"Fewer than {wording.in_words(SMALLEST_GROUP, 'therapist')} are rated."
    first, last = progress.told[0], progress.told[-1]
    expected = levels.swatch(levels.scale.threshold).name
    before, after = (reached(row, levels.scale) for row in (first, last))
    if first is last:
        return f"Median {_median(last, levels)} {_when(last)}; at {expected} or beyond {after}."
    medians = f"Median {_median(first, levels)} {_when(first)}, {_median(last, levels)} {_when(last)}"
    return f"{medians}; at {expected} or beyond {before}, then {after}."


def _median(row: QuarterGroup, levels: Levels) -> str:
    return levels.swatch(row.median or 0).name


def _when(row: QuarterGroup) -> str:
    return "now" if row.is_running else f"at the end of {row.on:%B %Y}"


def reached(row: QuarterGroup, scale: RatingScale) -> str:
    """How many of those rated are at the expected level or beyond: `9 of 30`."""
    number = row.everybody.at_or_beyond(scale.threshold, descending=scale.is_descending)
    return f"{number} of {row.everybody.rated}"


def _line(row: QuarterGroup, levels: Levels, *, is_led: bool) -> Line:
    rated = row.everybody.rated
    return Line(
        name=f"{row.on:%b %Y}, so far" if row.is_running else f"{row.on:%b %Y}",
        rated=str(rated) if is_led or row.is_told or not rated else f"under {SMALLEST_GROUP}",
        median=levels.swatch(row.median) if row.median is not None else None,
        reached=reached(row, levels.scale) if row.is_told else "",
    )
