"""The tables beside the drawings of the cohort pages, as files.

They say of the group what the pages say, left out where the pages leave out, and name nobody. So they are read like
pages, by GET, and are no event; the file that names everybody is asked for by a form.
"""

from collections.abc import Callable, Iterator

from django.http import Http404, HttpResponse
from django.utils import timezone

from assessments import queries
from assessments.exceptions import NotAllowed
from assessments.exporters import cohort_sheet
from assessments.models import Role
from assessments.views import cohort_activity, cohort_progress
from assessments.views.access import SignedInRequest, requires
from assessments.views.cohort import TYPES, Asked, asked_for
from assessments.views.files import attachment
from assessments.views.levels import Levels, Swatch

LEFT_OUT = "Left out"
Rows = Iterator[list[str]]


@requires(Role.LEAD, Role.ADMIN)
def cohort_figure(request: SignedInRequest, name: str) -> HttpResponse:
    if name not in FIGURES:
        raise Http404
    return _file(FIGURES[name](asked_for(request)), name)


@requires(Role.LEAD, Role.ADMIN)
def cohort_activity_figure(request: SignedInRequest, code: str) -> HttpResponse:
    """How many therapists stand at each level of each competence."""
    asked = asked_for(request)
    found = asked.activity(code)
    levels = Levels(asked.revision.scale)
    lines = cohort_activity.lines(found, levels, asked)
    return _file(_competences(lines, levels), f"activity-{found.activity.code}")


def _file(rows: Rows, name: str) -> HttpResponse:
    return attachment(cohort_sheet.as_csv(rows), TYPES["csv"], f"cohort-{name}-{timezone.localdate():%Y-%m-%d}.csv")


def _competences(lines: list[cohort_activity.Line], levels: Levels) -> Rows:
    names = [swatch.name for swatch in levels.legend]
    yield ["Code", "Competence", *names, "Rated", "Median", "Middle half from", "Middle half to"]
    for line in lines:
        numbers = [str(number) for _, number in line.numbers] or [LEFT_OUT] * len(names)
        yield [line.code, line.text, *numbers, line.rated, _written(line.median), *_ends(line.spread)]


def _activities(asked: Asked) -> Rows:
    found = asked.cohort()
    levels = Levels(asked.revision.scale)
    expected = levels.swatch(asked.revision.scale.threshold).name
    yield ["Code", "Activity", "Rated", "Median", "Middle half from", "Middle half to", f"{expected} or beyond"]
    for row in found.rows:
        rated = cohort_activity.rated_told(row, is_shown=asked.is_led or row.is_told)
        median = levels.swatch(row.median) if row.median is not None else None
        ends = _ends([levels.swatch(end) for end in row.spread or ()])
        reached = str(found.reached(row)) if row.is_told else LEFT_OUT
        yield [row.activity.code, row.activity.title, rated, _written(median), *ends, reached]


def _progress(asked: Asked) -> Rows:
    found = asked.progress()
    levels = Levels(asked.revision.scale)
    expected = levels.swatch(asked.revision.scale.threshold).name
    yield ["Domain", "Title", "At the end of", "Rated", "Median", f"{expected} or beyond"]
    for figure in cohort_progress.figures(found, levels, asked):
        for line in figure.lines:
            reached = line.reached or LEFT_OUT
            yield [figure.domain.code, figure.domain.title, line.name, line.rated, _written(line.median), reached]


def _quarters(asked: Asked) -> Rows:
    """What was assessed, which only a training lead is shown."""
    if not asked.is_led:
        raise NotAllowed("Only a training lead sees what was assessed.")
    yield ["Quarter", "Assessments", "Therapists"]
    for row in queries.quarters(asked.organisation):
        yield [row.name, str(row.assessments), str(row.therapists)]


FIGURES: dict[str, Callable[[Asked], Rows]] = {
    "activities": _activities,
    "progress": _progress,
    "quarters": _quarters,
}


def _written(swatch: Swatch | None) -> str:
    return f"{swatch.sign} {swatch.name}" if swatch else LEFT_OUT


def _ends(spread: list[Swatch]) -> list[str]:
    return [_written(end) for end in spread] or [LEFT_OUT, LEFT_OUT]
