"""The charts and tables below the map of a profile, each with its headline sentence."""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string

from assessments import charts, growth
from assessments.models import Assessment
from assessments.profiles import Profile
from assessments.views.levels import Levels, Swatch


@dataclass(frozen=True)
class PairFigure:
    """The activities of one domain, then and now: the drawing, and the same as rows of a table, both rendered."""

    title: str
    code: str
    headline: str
    chart: charts.Dumbbells
    drawn: list[str]
    rows: list[str]


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
        "covered": [_covered(row) for row in covered],
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
            chart = growth.drawn(found, profile)
            drawn, rows = [_dumbbell(row) for row in chart.rows], [_listed(pair, levels) for pair in found]
            figures.append(PairFigure(domain.short_title, domain.code, told, chart, drawn, rows))
    return moved, figures


def _listed(pair: growth.ThenNow, levels: Levels) -> str:
    ends = levels.swatch(pair.then), levels.swatch(pair.now)
    return _pair_row(pair.activity.code, pair.activity.short_title, ends, pair.competences, pair.since)


def _covered(row: growth.Coverage) -> str:
    return _coverage_row(row.activity.code, row.activity.short_title, *row.told)


# Rows are remembered by what they say: dozens a page, and drawing them anew took a quarter of it.
REMEMBERED = 4096


@lru_cache(REMEMBERED)
def _dumbbell(row: charts.PairRow) -> str:
    return render_to_string("charts/_dumbbell.html", {"row": row})


@lru_cache(REMEMBERED)
def _pair_row(code: str, title: str, ends: tuple[Swatch, Swatch], competences: int, since: datetime.date) -> str:
    facts = {"code": code, "title": title, "then": ends[0], "now": ends[1], "competences": competences, "since": since}
    return render_to_string("therapists/_pair.html", facts)


@lru_cache(REMEMBERED)
def _coverage_row(code: str, title: str, never: str, once: str, stale: str) -> str:
    facts = {"code": code, "title": title, "never": never, "once": once, "stale": stale}
    return render_to_string("therapists/_covered.html", facts)
