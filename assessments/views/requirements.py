"""What a therapist's programme asks for: covered or open, with what that rests on."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from assessments import permissions, profiles, queries, requirements
from assessments.actions import accesses
from assessments.models import Assessment, FrameworkRevision, RecordAccess, User
from assessments.queries import HeldProgramme
from assessments.requirements import Requirement
from assessments.views.access import SignedInRequest, signed_in
from assessments.views.choices import Choices, counting


@dataclass(frozen=True)
class Report:
    """One programme of a therapist: a finding in a sentence, and each requirement; neither where none is defined."""

    held: HeldProgramme
    headline: str
    requirements: list[Requirement]
    assessments: int


@signed_in
def therapist_requirements(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """For those who may see the profile, as of any day. It counts; people judge."""
    person: Any = queries.therapist_known_to(request.user, pk)
    permissions.check_can_view_profile(request.user, person)
    accesses.note_opening(by=request.user, therapist=person, opened=RecordAccess.Opened.PROFILE)
    choices = Choices.of(request.GET)
    revision = queries.current_revision(request.user, choices.framework)
    known = counting(queries.assessments_seen(request.user, person))
    counted = [row for row in queries.of_framework(known, revision) if row.session_on <= choices.on]
    held = queries.programmes_held(request.user, person, choices.on)
    context = {
        "therapist": person,
        "is_own": person == request.user,
        "choices": choices,
        "revision": revision,
        "reports": [_report(each, person, revision, choices, counted) for each in held],
    }
    return render(request, "therapists/therapist_requirements.html", context)


def _report(
    held: HeldProgramme, person: User, revision: FrameworkRevision, choices: Choices, counted: list[Assessment]
) -> Report:
    here = [row for row in counted if row.organisation_id == held.organisation.pk]
    if held.programme is None:
        return Report(held, "", [], len(here))
    profile = profiles.build(person, revision, choices.on, here)
    rows = requirements.requirements(held.programme, profile, here, queries.judged_with_concerns(here))
    return Report(held, requirements.headline(held.programme, rows), rows, len(here))
