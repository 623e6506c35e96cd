"""The cohort: everybody in training in an organisation at a glance, for those who lead or administer it."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST

from assessments import queries, wording
from assessments.actions import accesses
from assessments.exporters import cohort_sheet
from assessments.models import Domain, FrameworkRevision, Organisation, Role, User
from assessments.models.framework import Scope
from assessments.queries.cohort import ActivityRow, Cohort, Member
from assessments.queries.cohort_activity import CohortActivity
from assessments.queries.cohort_progress import CohortProgress
from assessments.queries.framework import HOME_FRAMEWORK
from assessments.queries.groups import SMALLEST_GROUP
from assessments.scoring import Mark
from assessments.views.access import SignedInRequest, requires
from assessments.views.files import attachment
from assessments.views.levels import DRAWN, Levels, Swatch

PER_PAGE = 40
# So many activities are listed as standing out, and so many named in the headline.
TOLD, NAMED = 5, 2
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what it names and nobody knows is as if it were not there."""

    organisation: Organisation
    organisations: list[Organisation]
    revision: FrameworkRevision
    programme: str
    is_led: bool
    left_out: list[User]

    @property
    def query(self) -> str:
        """What keeps the choice on the next page."""
        chosen = {
            "organisation": self.organisation.pk,
            "programme": self.programme,
            "framework": self.revision.framework.slug,
        }
        return urlencode(chosen)

    def cohort(self) -> Cohort:
        return queries.cohort(self.organisation, self.revision, **self._who)

    def activity(self, code: str) -> CohortActivity:
        """Raises DoesNotExist for a code that the revision does not have."""
        return queries.cohort_activity(self.organisation, self.revision, code, **self._who)

    def progress(self) -> CohortProgress:
        return queries.cohort_progress(self.organisation, self.revision, **self._who)

    @property
    def _who(self) -> dict[str, Any]:
        return {"programme": self.programme, "without": [person.pk for person in self.left_out]}


@dataclass(frozen=True)
class Line:
    """A row of the heat table; `cells` is rendered."""

    row: ActivityRow
    cells: str
    median: Swatch | None


@dataclass(frozen=True)
class Block:
    domain: Domain
    lines: list[Line]


@dataclass(frozen=True)
class Told:
    """An activity that stands out, with the words that say how."""

    row: ActivityRow
    signs: list[Swatch]
    words: str


@requires(Role.LEAD, Role.ADMIN)
def cohort(request: SignedInRequest) -> HttpResponse:
    """The heat table with what stands out. Administrators see the group alone, and nobody's name."""
    asked = asked_for(request)
    found = asked.cohort()
    page = Paginator(found.members if asked.is_led else [], PER_PAGE).get_page(request.GET.get("page"))
    levels = Levels(asked.revision.scale)
    today = timezone.localdate()
    context = {
        "asked": asked,
        "cohort": found,
        "today": today,
        "headline": headline(found, levels, is_led=asked.is_led),
        "blocks": _blocks(found, queries.marks_within(found, page), levels),
        "legend": levels.legend,
        "page": page,
        "behind": told_behind(found, levels),
        "apart": told_apart(found, levels),
        "smallest": SMALLEST_GROUP,
    }
    if asked.is_led:
        context |= _work(found, today)
    return render(request, "cohort/cohort.html", context)


@requires(Role.LEAD)
@require_POST
def cohort_download(request: SignedInRequest, extension: str) -> HttpResponse:
    """Everybody with the median of each activity; asked for by a form, because it becomes part of the history."""
    if extension not in TYPES:
        raise Http404
    asked = asked_for(request)
    found = asked.cohort()
    rows = list(_sheet(found, Levels(asked.revision.scale)))
    accesses.note_export(by=request.user, organisation=asked.organisation, people=len(found.members))
    content = cohort_sheet.as_csv(rows) if extension == "csv" else cohort_sheet.as_xlsx(rows)
    return attachment(content, TYPES[extension], f"cohort-{timezone.localdate():%Y-%m-%d}.{extension}")


def asked_for(request: SignedInRequest) -> Asked:
    organisations = queries.organisations_overseen(request.user)
    wanted = request.GET.get("organisation", "")
    organisation = next((row for row in organisations if str(row.pk) == wanted), organisations[0])
    is_led = organisation.pk in request.user.organisations_as(Role.LEAD)
    # PostgreSQL looks for nothing that holds a NUL.
    slug, programme = (request.GET.get(name, "").replace("\x00", "") for name in ["framework", "programme"])
    revision = queries.current_revision(request.user, slug or HOME_FRAMEWORK)
    left_out = queries.rated_again_by(request.user, organisation)
    return Asked(organisation, organisations, revision, programme, is_led, left_out)


def _blocks(cohort: Cohort, marks: list[list[Mark]], levels: Levels) -> list[Block]:
    lines = [_line(row, theirs, levels) for row, theirs in zip(cohort.rows, marks, strict=True)]
    by_domain = groupby(lines, key=lambda line: line.row.activity.domain_id)
    return [Block(group[0].row.activity.domain, group) for group in (list(lines) for _, lines in by_domain)]


def _line(row: ActivityRow, marks: list[Mark], levels: Levels) -> Line:
    cells = [_cell(levels.swatch(mark)) for mark in marks]
    median = levels.swatch(row.median) if row.median is not None else None
    return Line(row, format_html_join("", "{}", ((cell,) for cell in cells)), median)


@lru_cache(maxsize=64)
def _cell(swatch: Swatch) -> str:
    """A cell of the table, thousands a page, so not through a template: the sign, and the name for who listens."""
    said = format_html('<span class="vh"> {}</span>', swatch.name)
    return format_html('<td class="{}">{}{}</td>', swatch.cls, DRAWN.get(swatch.cls, swatch.sign), said)


def headline(cohort: Cohort, levels: Levels, *, is_led: bool) -> str:
    """The finding in a sentence; about the group, never about one person."""
    if not any(row.everybody.rated for row in cohort.rows):
        return "Nothing is rated yet in this cohort."
    behind = [row for row in cohort.behind() if row.activity.scope != Scope.OPTIONAL]
    if not behind or behind[0].median is None:
        return f"Fewer than {wording.in_words(SMALLEST_GROUP, 'therapist')} are rated in each activity so far."
    least = [row for row in behind if row.median == behind[0].median]
    median = levels.swatch(behind[0].median).name
    if len(least) > NAMED:
        which = (
            f"{wording.in_words(len(least), 'activity', 'activities').capitalize()} have the lowest median, {median}."
        )
    else:
        names = wording.listed([row.activity.short_title for row in least])
        which = f"{names} {'has' if len(least) == 1 else 'have'} the lowest median, {median}."
    return f"{which}{_seen(cohort, is_led=is_led)}"


def _seen(cohort: Cohort, *, is_led: bool) -> str:
    """The problem area that the fewest have met; how few is for those who know everybody by name."""
    areas = [row for row in cohort.rows if row.activity.problem_area]
    if not areas:
        return ""
    rarest = min(areas, key=lambda row: row.everybody.rated)
    name = rarest.activity.get_problem_area_display()
    number = rarest.everybody.rated
    seen = str(number) if is_led or rarest.is_told or not number else f"fewer than {SMALLEST_GROUP}"
    return f" {name} has been seen with {seen} of {wording.count(len(cohort.members), 'therapist')}."


def told_behind(cohort: Cohort, levels: Levels) -> list[Told]:
    expected = levels.swatch(cohort.revision.scale.threshold).name
    return [
        Told(
            row,
            [levels.swatch(row.median)],
            f"median of {row.everybody.rated} therapists, {cohort.reached(row)} at {expected} or beyond",
        )
        for row in queries.leading(cohort.behind(), cohort.standing_of, TOLD)
        if row.median is not None
    ]


def told_apart(cohort: Cohort, levels: Levels) -> list[Told]:
    rows = queries.leading(cohort.apart(), lambda row: row.width, TOLD)
    return [
        Told(row, [levels.swatch(end) for end in row.spread], f"the middle half of {row.everybody.rated} therapists")
        for row in rows
        if row.spread
    ]


def _work(cohort: Cohort, today: datetime.date) -> dict[str, object]:
    """What may be overdue, and who has done what: for those who know everybody by name."""
    return {
        "never": cohort.never_assessed,
        "quiet": cohort.quiet(today),
        "waiting": queries.waiting_for_signatures(cohort.organisation),
        "supervisors": queries.supervisors_of(cohort.organisation, today),
        "quarters": queries.quarters(cohort.organisation),
    }


def _sheet(cohort: Cohort, levels: Levels) -> Iterator[list[str]]:
    heads = (f"{row.activity.code} {row.activity.short_title}" for row in cohort.rows)
    yield ["Therapist", "Programme", "Last session assessed", *heads]
    by_activity = queries.marks_within(cohort, cohort.members)
    for number, member in enumerate(cohort.members):
        yield [*_facts(member), *(_written(levels.swatch(marks[number])) for marks in by_activity)]


def _facts(member: Member) -> list[str]:
    return [member.name, member.programme, member.last_on.isoformat() if member.last_on else ""]


def _written(swatch: Swatch) -> str:
    """`4 Competent`, `Not observed`, or nothing for not rated."""
    if swatch.cls == "ln":
        return ""
    return swatch.name if swatch.cls in {"lo", "la"} else f"{swatch.sign} {swatch.name}"
