"""Two ratings of one session side by side, as the pages that compare them show it; `_two_views.html` prints it."""

from typing import Any, NamedTuple

from django.template.loader import render_to_string

from assessments import charts, comparison
from assessments.comparison import ActivityPair, Comparison, Row
from assessments.views.levels import Levels, Swatch


class Rater(NamedTuple):
    """What one of the two is called: in a sentence, over a column of theirs, and in the key of the drawing."""

    name: str
    heading: str
    whose: str


def two_views(found: Comparison, levels: Levels, first: Rater, second: Rater) -> dict[str, Any]:
    """What was found of the two, the first on the left of every table and a ring in the drawing."""
    chart = _chart(found, levels)
    return {
        "first_rater": first,
        "second_rater": second,
        "headline": comparison.told(found, first=first.whose, second=second.whose),
        "rows": [_shown(row, levels) for row in found.both],
        "groups": [group for group in _groups(found, levels, first, second) if group[1]],
        "chart": chart,
        "drawn": [render_to_string("charts/_dumbbell.html", {"row": row}) for row in chart.rows],
        "activities": [_activity_shown(pair, levels) for pair in found.activities],
        "chart_told": _told(found),
    }


def _chart(found: Comparison, levels: Levels) -> charts.Dumbbells:
    pairs = [charts.Pair(each.code, each.title, each.first, each.second) for each in found.activities]
    return charts.dumbbells(pairs, [level.value for level in levels.rows], descending=levels.is_descending)


def _groups(
    found: Comparison, levels: Levels, first: Rater, second: Rater
) -> list[tuple[str, list[tuple[Row, Swatch, Swatch]]]]:
    """What cannot be set beside each other, each kind under its own heading."""
    kinds = [
        ("One of the two gave no level", found.without_level),
        (f"Rated by {first.name} only", found.only_first),
        (f"Rated by {second.name} only", found.only_second),
    ]
    return [(heading, [_shown(row, levels) for row in rows]) for heading, rows in kinds]


def _shown(row: Row, levels: Levels) -> tuple[Row, Swatch, Swatch]:
    return row, levels.swatch(row.first), levels.swatch(row.second)


def _activity_shown(pair: ActivityPair, levels: Levels) -> tuple[ActivityPair, Swatch, Swatch]:
    return pair, levels.swatch(pair.first), levels.swatch(pair.second)


def _told(found: Comparison) -> str:
    """The drawing in a sentence."""
    apart = sum(1 for each in found.activities if each.steps)
    return f"Medians of {len(found.activities)} activities, {apart} of them apart."
