"""The cohort as a PDF, for a meeting: what its pages say of the group.

Paper is passed on, so it says no more than the pages say to somebody who may not know everybody by name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessments import charts, queries
from assessments.actions import accesses
from assessments.exceptions import RenderingFailed
from assessments.models import Domain, Role
from assessments.queries.cohort import ActivityRow, Cohort
from assessments.queries.groups import SMALLEST_GROUP
from assessments.reports import cohort as document
from assessments.views import cohort_activity, cohort_progress, errors
from assessments.views.access import SignedInRequest, requires
from assessments.views.cohort import Asked, asked_for, headline, told_apart, told_behind
from assessments.views.files import attachment
from assessments.views.levels import Levels


@dataclass(frozen=True)
class Block:
    """A domain: a dot for the median of each activity, and a bar for how everybody stands on it.

    `left_out` names the activities without a bar, because too few are rated.
    """

    domain: Domain
    dots: charts.Dots
    bars: list[charts.Bar]
    left_out: str


@requires(Role.LEAD)
@require_POST
def cohort_report(request: SignedInRequest) -> HttpResponse:
    """Asked for by a form like the other files of the whole cohort, because it becomes part of the history."""
    asked = asked_for(request)
    found = asked.cohort()
    today = timezone.localdate()
    try:
        content = document.printed(_facts(asked, found), printed_on=today)
    except RenderingFailed as failure:
        return errors.unavailable(request, failure)
    accesses.note_export(by=request.user, organisation=asked.organisation, people=len(found.members))
    return attachment(content, "application/pdf", f"cohort-{today:%Y-%m-%d}.pdf")


def _facts(asked: Asked, found: Cohort) -> dict[str, Any]:
    """Everything `reports/cohort.html` prints."""
    levels = Levels(asked.revision.scale)
    progress = asked.progress()
    return {
        "asked": asked,
        "people": len(found.members),
        "headline": headline(found, levels, is_led=False),
        "legend": levels.legend,
        "expected": levels.swatch(asked.revision.scale.threshold),
        "blocks": list(_blocks(found, levels)),
        "behind": told_behind(found, levels),
        "apart": told_apart(found, levels),
        "progress_told": cohort_progress.headline(progress, levels),
        "figures": cohort_progress.figures(progress, levels, replace(asked, is_led=False)),
        "quarters": queries.quarters(asked.organisation),
        "smallest": SMALLEST_GROUP,
    }


def _blocks(found: Cohort, levels: Levels) -> Iterator[Block]:
    values, scale = [level.value for level in levels.rows], found.revision.scale
    for _, group in groupby(found.rows, key=lambda row: row.activity.domain_id):
        rows = list(group)
        spots = [
            charts.Spot(row.activity.code, row.activity.short_title, _rated(row), row.median, row.spread)
            for row in rows
        ]
        dots = charts.dots(spots, values, scale.threshold, descending=levels.is_descending)
        bars = charts.stacked_bars([_bar(row, found, levels) for row in rows if row.is_told])
        left_out = ", ".join(row.activity.code for row in rows if not row.is_told)
        yield Block(rows[0].activity.domain, dots, bars, left_out)


def _rated(row: ActivityRow) -> str:
    return f"{cohort_activity.rated_told(row, is_shown=row.is_told)} rated"


def _bar(row: ActivityRow, found: Cohort, levels: Levels) -> tuple[str, str, list[charts.Part]]:
    parts = [charts.Part(swatch.cls, swatch.name, number) for swatch, number in levels.counts(row.everybody)]
    expected = levels.swatch(found.revision.scale.threshold).name
    median = levels.swatch(row.median or 0).name
    told = f"{row.everybody.rated} rated, median {median}, {found.reached(row)} at {expected} or beyond"
    return f"{row.activity.code} {row.activity.short_title}", told, parts
