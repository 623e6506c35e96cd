"""Therapists: the list for supervisors and leads, the profile, and who opened it."""

from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from assessments import permissions, profiles, queries
from assessments.actions import accesses
from assessments.models import Assessment, RecordAccess, Role, User
from assessments.profiles import Profile
from assessments.queries import TherapistRow
from assessments.views import figures
from assessments.views.access import SignedInRequest, requires, signed_in
from assessments.views.choices import CHANGE, COLOURS, LATEST, Choices, filters
from assessments.views.colours import coloured_card, legend
from assessments.views.levels import Levels, Segment, Swatch

RECENT = 10


@dataclass(frozen=True)
class TherapistLine:
    row: TherapistRow
    segments: list[Segment]
    sentence: str


@requires(Role.SUPERVISOR, Role.LEAD)
def therapist_list(request: SignedInRequest) -> HttpResponse:
    """A supervisor's home: what waits, drafts in progress, and everybody at a glance."""
    revision = queries.current_revision(request.user)
    levels = Levels(revision.scale)
    waiting = queries.waiting_for_supervisor(request.user)
    drafts, seconds = queries.drafts_by(request.user)
    context = {
        "rows": [_line(row, levels) for row in queries.therapist_rows(request.user, revision)],
        "waiting": waiting,
        "drafts": drafts,
        "seconds": seconds,
        "offered": queries.waiting_for_a_second_view(request.user),
        "for_lead": queries.waiting_for_lead(request.user) if Role.LEAD in request.user.roles else [],
        "legend": levels.legend,
        "is_supervisor": Role.SUPERVISOR in request.user.roles,
    }
    return render(request, "therapists/therapist_list.html", context)


def _line(row: TherapistRow, levels: Levels) -> TherapistLine:
    if row.distribution is None:
        return TherapistLine(row, [], "Nothing rated yet")
    return TherapistLine(row, levels.segments(row.distribution), levels.sentence(row.distribution))


@dataclass(frozen=True)
class ProfileGroup:
    """Activities under one heading, each as a card."""

    heading: str
    cards: list[str]


@dataclass(frozen=True)
class ProfileColumn:
    domain: profiles.DomainStanding
    median: Swatch | None
    groups: list[ProfileGroup]
    segments: list[Segment]
    sentence: str
    numbers: list[int]


@signed_in
def therapist(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The profile of one therapist in one framework, as of any day."""
    person = queries.therapist_known_to(request.user, pk)
    permissions.check_can_view_profile(request.user, person)
    accesses.note_opening(by=request.user, therapist=person, opened=RecordAccess.Opened.PROFILE)
    choices = Choices.of(request.GET)
    seen = queries.assessments_seen(request.user, person)
    revision = queries.current_revision(request.user, choices.framework)
    counted = queries.counting(seen)
    chosen = [row for row in counted if choices.admits(row)]
    profile = profiles.build(
        person,
        revision,
        choices.on,
        chosen,
        in_full=choices.colour != LATEST,
        is_part=choices.is_part,
        stale_months=choices.stale,
    )
    levels = Levels(profile.revision.scale)
    is_own = person == request.user
    context = {
        "therapist": person,
        "profile": profile,
        "choices": choices,
        "colours": [(choices.but(colour=key) or "?", words, key == choices.colour) for key, words in COLOURS.items()],
        "colour_legend": legend(profile) if choices.colour == CHANGE else [],
        "filters": filters(choices, counted),
        "counted": len(counted),
        "other_frameworks": queries.other_frameworks(counted, revision),
        "columns": _columns(profile, levels, choices),
        "segments": levels.segments(profile.distribution) if profile.distribution.total else [],
        "counts": levels.counts(profile.distribution),
        "legend": levels.legend,
        "gaps": profile.gaps,
        "carried": [(code, was, levels.swatch(was.mark)) for code, was in profile.carried],
        "goals": queries.open_goals(seen),
        "recent": seen[:RECENT],
        "waiting": list(queries.waiting_for_therapist(person)) if is_own else [],
        "self_drafts": _self_drafts(person, seen) if is_own else [],
        "can_rate_oneself": is_own and Role.THERAPIST in request.user.roles,
        "opened_pairs": queries.opened_pairs(seen),
        "is_own": is_own,
        "can_start": person.is_supervised,
        **figures.of_profile(profile, levels, [row for row in chosen if row.session_on <= choices.on]),
    }
    return render(request, "therapists/therapist.html", context)


def _self_drafts(person: User, seen: list[Assessment]) -> list[Assessment]:
    """How far each has come is asked only where there is one."""
    return list(queries.self_drafts_of(person)) if any(row.is_self and row.is_draft for row in seen) else []


def _columns(profile: Profile, levels: Levels, choices: Choices) -> list[ProfileColumn]:
    longest = max((domain.distribution.total for domain in profile.domains), default=1) or 1
    columns = []
    for domain in profile.domains:
        median = domain.distribution.median
        counted = dict(levels.counts(domain.distribution))
        columns.append(
            ProfileColumn(
                domain=domain,
                median=levels.swatch(median) if median is not None else None,
                groups=_groups(domain, levels, profile, choices),
                segments=levels.segments(domain.distribution, whole=longest),
                sentence=levels.sentence(domain.distribution),
                numbers=[counted.get(swatch, 0) for swatch in levels.legend],
            )
        )
    return columns


def _groups(domain: profiles.DomainStanding, levels: Levels, profile: Profile, choices: Choices) -> list[ProfileGroup]:
    by_heading = groupby(domain.activities, key=lambda standing: standing.activity.group_heading)
    return [
        ProfileGroup(heading, [coloured_card(standing, levels, profile, choices) for standing in standings])
        for heading, standings in by_heading
    ]


@signed_in
def therapist_accesses(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Who opened my record, and when."""
    person = queries.therapist_known_to(request.user, pk)
    permissions.check_can_see_accesses(request.user, person)
    page = Paginator(queries.accesses(person), 50).get_page(request.GET.get("page"))
    return render(request, "therapists/therapist_accesses.html", {"therapist": person, "page": page})
