"""The tables beside the drawings of a therapist's pages, as files.

They say what the page says, to whom it says it, with the choices of its address. So they are read like the page, by
GET, and reading one is noted as opening the record.
"""

from collections.abc import Callable, Iterator
from uuid import UUID

from django.http import Http404, HttpResponse

from assessments import growth, permissions, profiles, queries
from assessments.actions import accesses
from assessments.exporters import cohort_sheet
from assessments.models import Assessment, FrameworkRevision, RecordAccess, User
from assessments.profiles import Profile
from assessments.queries import Judgement
from assessments.views.access import SignedInRequest, signed_in
from assessments.views.choices import Choices
from assessments.views.files import attachment
from assessments.views.levels import Levels, Swatch

CSV = "text/csv; charset=utf-8"
Rows = Iterator[list[str]]


@signed_in
def therapist_figure(request: SignedInRequest, pk: UUID, name: str) -> HttpResponse:
    """A table of the profile."""
    if name not in FIGURES:
        raise Http404
    person, choices, revision, chosen = _looked(request, pk)
    profile = profiles.build(person, revision, choices.on, chosen, is_part=choices.is_part, stale_months=choices.stale)
    return _file(FIGURES[name](profile, [row for row in chosen if row.session_on <= choices.on]), name, choices)


@signed_in
def therapist_activity_figure(request: SignedInRequest, pk: UUID, code: str) -> HttpResponse:
    """Every rating of an activity."""
    _, choices, revision, chosen = _looked(request, pk)
    activity, competences = queries.activity_of(revision, code)
    known = [row for row in chosen if row.session_on <= choices.on]
    judged = queries.competences_over_time(revision, competences, known)
    return _file(_judgements(judged[::-1], Levels(revision.scale)), f"activity-{activity.code}", choices)


def _looked(request: SignedInRequest, pk: UUID) -> tuple[User, Choices, FrameworkRevision, list[Assessment]]:
    """Whose, which choice, in which revision, and the assessments that count: as on the page."""
    person = queries.therapist_known_to(request.user, pk)
    permissions.check_can_view_profile(request.user, person)
    accesses.note_opening(by=request.user, therapist=person, opened=RecordAccess.Opened.PROFILE)
    choices = Choices.of(request.GET)
    revision = queries.current_revision(request.user, choices.framework)
    counted = queries.counting(queries.assessments_seen(request.user, person))
    return person, choices, revision, [row for row in counted if choices.admits(row)]


def _file(rows: Rows, name: str, choices: Choices) -> HttpResponse:
    return attachment(cohort_sheet.as_csv(rows), CSV, f"{name}-{choices.on:%Y-%m-%d}.csv")


def _by_domain(profile: Profile, _: list[Assessment]) -> Rows:
    levels = Levels(profile.revision.scale)
    yield ["Code", "Domain", *(swatch.name for swatch in levels.legend)]
    for domain in profile.domains:
        counted = dict(levels.counts(domain.distribution))
        yield [domain.code, domain.title, *(str(counted.get(swatch, 0)) for swatch in levels.legend)]


def _then_and_now(profile: Profile, _: list[Assessment]) -> Rows:
    levels = Levels(profile.revision.scale)
    yield ["Code", "Activity", "First", "Latest", "Competences", "Since"]
    for domain in profile.domains:
        for pair in growth.then_and_now(domain):
            ends = (_written(levels.swatch(mark)) for mark in (pair.then, pair.now))
            facts = [str(pair.competences), pair.since.isoformat()]
            yield [pair.activity.code, pair.activity.title, *ends, *facts]


def _spreads(profile: Profile, _: list[Assessment]) -> Rows:
    levels = Levels(profile.revision.scale)
    yield ["Competence", "Activity", "Lowest", "Highest", "Supervisors"]
    for standing in profile.standings:
        for row in growth.spreads(standing):
            if row.lowest != row.highest:
                ends = (_written(levels.swatch(mark)) for mark in (row.lowest, row.highest))
                yield [row.code, row.activity.title, *ends, str(row.raters)]


def _coverage(profile: Profile, _: list[Assessment]) -> Rows:
    yield ["Code", "Activity", "Expected", "Never observed", "Observed once only", "Out of date"]
    for row in growth.coverage(profile):
        lacks = (", ".join(codes) for codes in (row.never, row.once, row.stale))
        yield [row.activity.code, row.activity.title, str(row.expected), *lacks]


def _cases(_: Profile, known: list[Assessment]) -> Rows:
    rows = growth.cases(known)
    yield ["Case", "Problem areas", *(name for name, _ in (rows[0].phases if rows else [])), "Assessments"]
    for row in rows:
        phases = (str(number) for _, number in row.phases)
        yield [row.name, ", ".join(row.areas), *phases, str(row.assessments)]


FIGURES: dict[str, Callable[[Profile, list[Assessment]], Rows]] = {
    "by-domain": _by_domain,
    "then-and-now": _then_and_now,
    "several-supervisors": _spreads,
    "coverage": _coverage,
    "cases": _cases,
}


def _judgements(judged: list[Judgement], levels: Levels) -> Rows:
    yield ["Session", "Competence", "Level", "Rated by", "Source", "Case", "Note", "Carried over from"]
    for row in judged:
        seen = row.assessment
        note = "Concern" if row.is_concern else "Note" if row.has_note else ""
        facts = [row.rater, seen.get_source_display(), seen.case, note, row.carried.number if row.carried else ""]
        yield [seen.session_on.isoformat(), row.code, _written(levels.swatch(row.mark)), *facts]


def _written(swatch: Swatch) -> str:
    """`4 Competent`; what has no level has a name alone."""
    return f"{swatch.sign} {swatch.name}" if swatch.cls not in {"lo", "la"} else swatch.name
