"""One activity of the cohort, competence by competence: which are weakest, and on which people lie furthest apart."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from assessments import charts, queries, wording
from assessments.models import Role
from assessments.queries.cohort_activity import CohortActivity, CompetenceRow
from assessments.queries.groups import SMALLEST_GROUP, Grouped
from assessments.views.access import SignedInRequest, requires
from assessments.views.cohort import NAMED, Asked, asked_for
from assessments.views.levels import Levels, Segment, Swatch


@dataclass(frozen=True)
class Line:
    """A row of the table. Who may not know everybody by name reads nothing of a group that is too small."""

    code: str
    text: str
    is_shown: bool
    rated: str
    segments: list[Segment]
    sentence: str
    numbers: list[tuple[str, int]]
    median: Swatch | None
    spread: list[Swatch]


@requires(Role.LEAD, Role.ADMIN)
def cohort_activity(request: SignedInRequest, code: str) -> HttpResponse:
    """The group on each competence; nobody's name stands here, and administrators see no group under five."""
    asked = asked_for(request)
    found = asked.activity(code)
    levels = Levels(asked.revision.scale)
    context = {
        "asked": asked,
        "found": found,
        "headline": headline(found, levels),
        "legend": levels.legend,
        "expected": levels.swatch(asked.revision.scale.threshold),
        # Without a single median there is nothing to draw.
        "chart": drawing(found, levels, asked) if any(row.is_told for row in found.rows) else None,
        "lines": lines(found, levels, asked),
        "smallest": SMALLEST_GROUP,
    }
    return render(request, "cohort/cohort_activity.html", context)


def headline(found: CohortActivity, levels: Levels) -> str:
    """`S9.2 has the lowest median, Emerging. Therapists lie furthest apart on S9.4, from Emerging to Advanced.`"""
    if not any(row.everybody.rated for row in found.rows):
        return "Nothing in this activity is rated yet in this cohort."
    behind = found.behind()
    if not behind or behind[0].median is None:
        return f"Fewer than {wording.in_words(SMALLEST_GROUP, 'therapist')} are rated in each competence so far."
    least = [row.code for row in behind if row.median == behind[0].median]
    which = _told_behind(least, len(behind), levels.swatch(behind[0].median).name)
    return f"{which} {_apart(found, levels)}"


def _told_behind(codes: list[str], told: int, median: str) -> str:
    """`told` is how many competences have a median at all."""
    if len(codes) == told > 1:
        return (
            f"All {wording.in_words(told, 'competence')} that enough therapists are rated on have one median, {median}."
        )
    if len(codes) > NAMED:
        return f"{wording.in_words(len(codes), 'competence').capitalize()} have the lowest median, {median}."
    return f"{wording.listed(codes)} {'has' if len(codes) == 1 else 'have'} the lowest median, {median}."


def _apart(found: CohortActivity, levels: Levels) -> str:
    apart = found.apart()
    if not apart or apart[0].spread is None:
        return "On none does the middle half of the therapists differ by more than one level."
    furthest = [row for row in apart if row.width == apart[0].width]
    if len(furthest) > NAMED:
        levels_apart = wording.in_words(apart[0].width, "level")
        return f"On {wording.in_words(len(furthest), 'competence')} the middle half lies {levels_apart} apart."
    ends = [_range(row, levels) for row in furthest]
    return f"Therapists lie furthest apart on {wording.listed(ends)}."


def _range(row: CompetenceRow, levels: Levels) -> str:
    low, high = (levels.swatch(end).name for end in row.spread or ())
    return f"{row.code}, from {low} to {high}"


def lines(found: CohortActivity, levels: Levels, asked: Asked) -> list[Line]:
    texts = queries.statements_of(found.competences)
    return [_line(row, texts[row.code], levels, is_shown=asked.is_led or row.is_told) for row in found.rows]


def _line(row: CompetenceRow, text: str, levels: Levels, *, is_shown: bool) -> Line:
    counted = dict(levels.counts(row.everybody)) if is_shown else {}
    return Line(
        code=row.code,
        text=text,
        is_shown=is_shown,
        rated=rated_told(row, is_shown=is_shown),
        segments=levels.segments(row.everybody) if is_shown and row.everybody.total else [],
        sentence=levels.sentence(row.everybody) if is_shown else "",
        numbers=[(swatch.name, counted.get(swatch, 0)) for swatch in levels.legend] if is_shown else [],
        median=levels.swatch(row.median) if row.median is not None else None,
        spread=[levels.swatch(end) for end in row.spread or ()],
    )


def rated_told(row: Grouped, *, is_shown: bool) -> str:
    """How many are rated; of a group that is too small only that it is."""
    return str(row.everybody.rated) if is_shown or not row.everybody.rated else f"under {SMALLEST_GROUP}"


def drawing(found: CohortActivity, levels: Levels, asked: Asked) -> charts.Dots:
    """Median and middle half of each competence on one scale, beside the level that is expected."""
    spots = [
        charts.Spot(
            code=row.code,
            label="",
            note=f"{rated_told(row, is_shown=asked.is_led or row.is_told)} rated",
            at=row.median,
            ends=row.spread,
        )
        for row in found.rows
    ]
    values = [level.value for level in levels.rows]
    return charts.dots(spots, values, asked.revision.scale.threshold, descending=levels.is_descending)
