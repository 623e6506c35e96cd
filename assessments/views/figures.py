"""The charts and tables below the map of a profile, each with its headline sentence."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from assessments import charts, growth
from assessments.models import Assessment
from assessments.profiles import Profile
from assessments.views.levels import Levels, Swatch


@dataclass(frozen=True)
class PairFigure:
    """The activities of one domain, then and now: the drawing, and the same as rows of a table."""

    title: str
    code: str
    headline: str
    chart: charts.Dumbbells
    rows: list[tuple[growth.ThenNow, Swatch, Swatch]]


@dataclass(frozen=True)
class SpreadRow:
    spread: growth.Spread
    lowest: Swatch
    highest: Swatch


def of_profile(profile: Profile, levels: Levels, counted: Iterable[Assessment]) -> dict[str, Any]:
    covered = growth.coverage(profile)
    by_case = growth.cases(counted)
    moved, pairs = _pairs(profile, levels)
    spreads = [each for standing in profile.standings for each in growth.spreads(standing)]
    return {
        "by_domain_told": growth.told_domains(profile),
        "pair_figures": pairs,
        "pairs_told": growth.told_moves(moved, "activity", "activities"),
        "covered": covered,
        "coverage_told": growth.told_coverage(covered, profile),
        "cases": by_case,
        "cases_told": growth.told_cases(by_case),
        "spreads_told": growth.told_spreads(spreads) if spreads else "",
        "spreads": [
            SpreadRow(each, levels.swatch(each.lowest), levels.swatch(each.highest))
            for each in spreads
            if each.lowest != each.highest
        ],
    }


def _pairs(profile: Profile, levels: Levels) -> tuple[Counter[str], list[PairFigure]]:
    moved: Counter[str] = Counter()
    figures = []
    for domain in profile.domains:
        found = growth.then_and_now(domain)
        counted = growth.moves(found, descending=profile.is_descending)
        moved += counted
        if found:
            told = growth.told_moves(counted, "activity", "activities")
            rows = [(pair, levels.swatch(pair.then), levels.swatch(pair.now)) for pair in found]
            figures.append(PairFigure(domain.short_title, domain.code, told, _drawn(found, profile), rows))
    return moved, figures


def _drawn(found: list[growth.ThenNow], profile: Profile) -> charts.Dumbbells:
    pairs = [charts.Pair(each.activity.code, each.activity.short_title, each.then, each.now) for each in found]
    return charts.dumbbells(pairs, [level.value for level in profile.levels], descending=profile.is_descending)
