"""One activity of a therapist over time: a small panel for each competence, and every rating in a table."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from assessments import charts, permissions, queries, wording
from assessments.actions import accesses
from assessments.models import RecordAccess
from assessments.queries import Judgement
from assessments.views.access import SignedInRequest, signed_in
from assessments.views.choices import Choices, filters
from assessments.views.levels import Levels, Swatch

PER_PAGE = 100


@dataclass(frozen=True)
class Rater:
    """`shape` tells the signs of one rater from those of another."""

    name: str
    shape: str


@dataclass(frozen=True)
class CompetencePanel:
    code: str
    text: str
    told: str
    panel: charts.Panel | None


@dataclass(frozen=True)
class JudgementRow:
    judgement: Judgement
    swatch: Swatch
    rater: Rater


@signed_in
def therapist_activity(request: SignedInRequest, pk: UUID, code: str) -> HttpResponse:
    """Every rating of one activity that the reader may see, up to any day."""
    person = queries.therapist_known_to(request.user, pk)
    permissions.check_can_view_profile(request.user, person)
    accesses.note_opening(by=request.user, therapist=person, opened=RecordAccess.Opened.PROFILE)
    choices = Choices.of(request.GET)
    revision = queries.current_revision(request.user, choices.framework)
    activity, competences = queries.activity_of(revision, code)
    counted = queries.counting(queries.assessments_seen(request.user, person))
    chosen = [row for row in counted if choices.admits(row) and row.session_on <= choices.on]
    judged = queries.competences_over_time(revision, competences, chosen)
    levels = Levels(revision.scale)
    raters = _raters(judged)
    page = Paginator(judged[::-1], PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "therapist": person,
        "revision": revision,
        "activity": activity,
        "choices": choices,
        "filters": filters(choices, counted),
        "counted": len(counted),
        "chosen": len(chosen),
        "headline": headline(activity.code, judged, levels),
        "raters": list(raters.values()),
        "panels": _panels(competences, judged, levels, raters),
        "page": page,
        "rows": [JudgementRow(row, levels.swatch(row.mark), raters[row.rater_id]) for row in page],
        "has_carried": any(row.carried for row in judged),
        "is_own": person == request.user,
    }
    return render(request, "therapists/therapist_activity.html", context)


def headline(code: str, judged: list[Judgement], levels: Levels) -> str:
    """`S2: 6 ratings on 4 occasions by 2 supervisors, from Emerging to Competent.`"""
    given = [row for row in judged if isinstance(row.mark, int)]
    without = wording.count(len(judged) - len(given), "judgement")
    if not given:
        return f"{code}: no level was given yet{f'; {without} without a level' if judged else ''}."
    occasions = wording.count(len({row.assessment.pk for row in given}), "occasion")
    raters = wording.count(len({row.rater_id for row in given}), "supervisor")
    more = f"; {without} without a level" if len(judged) > len(given) else ""
    return f"{code}: {wording.count(len(given), 'rating')} on {occasions} by {raters}, {_range(given, levels)}{more}."


def _range(given: Iterable[Judgement], levels: Levels) -> str:
    """From the level that is least far to the one furthest on."""
    in_order = [swatch for swatch in reversed(levels.legend) if swatch in {levels.swatch(row.mark) for row in given}]
    first, last = in_order[0].name, in_order[-1].name
    return f"all {first}" if first == last else f"from {first} to {last}"


def _raters(judged: Iterable[Judgement]) -> dict[UUID, Rater]:
    found: dict[UUID, Rater] = {}
    for row in judged:
        if row.rater_id not in found:
            found[row.rater_id] = Rater(row.rater, charts.SHAPES[len(found) % len(charts.SHAPES)])
    return found


def _panels(
    competences: list[tuple[int, str]], judged: list[Judgement], levels: Levels, raters: dict[UUID, Rater]
) -> list[CompetencePanel]:
    texts = queries.statements_of(competences)
    days = [row.assessment.session_on for row in judged]
    span = (min(days), max(days)) if days else None
    series = {pk: number for number, pk in enumerate(raters)}
    found = []
    for _, code in competences:
        rows = [row for row in judged if row.code == code]
        panel = _drawn(rows, levels, span, series) if rows and span else None
        found.append(CompetencePanel(code, texts[code], _told(rows, levels), panel))
    return found


def _drawn(
    rows: list[Judgement], levels: Levels, span: tuple[datetime.date, datetime.date], series: dict[UUID, int]
) -> charts.Panel:
    dots = [
        charts.Dot(
            row.assessment.session_on,
            row.mark,
            series[row.rater_id],
            row.carried is not None,
        )
        for row in rows
    ]
    return charts.panel(dots, [level.value for level in levels.rows], span, descending=levels.is_descending)


def _told(rows: list[Judgement], levels: Levels) -> str:
    """The latest in words, and the spread where several supervisors gave a level."""
    given = [row for row in rows if isinstance(row.mark, int)]
    if not given:
        return f"{levels.swatch(rows[-1].mark).name}." if rows else "Not rated."
    latest = {row.rater_id: row for row in given}
    last = given[-1]
    words = f"{levels.swatch(last.mark).name} on {last.assessment.session_on:%-d %B %Y}"
    if len(latest) == 1:
        return f"{words}, {wording.count(len(given), 'rating')}."
    return f"{words}. Latest of {len(latest)} supervisors: {_range(latest.values(), levels)}."
