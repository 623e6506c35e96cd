"""What a therapist's programme asks for: covered or open, with what that rests on."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from assessments import permissions, queries
from assessments.actions import accesses
from assessments.models import RecordAccess
from assessments.views.access import SignedInRequest, signed_in
from assessments.views.choices import Choices


@signed_in
def therapist_requirements(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """For those who may see the profile, as of any day. It counts; people judge."""
    person: Any = queries.therapist_known_to(request.user, pk)
    permissions.check_can_view_profile(request.user, person)
    accesses.note_opening(by=request.user, therapist=person, opened=RecordAccess.Opened.PROFILE)
    choices = Choices.of(request.GET)
    revision = queries.current_revision(request.user, choices.framework)
    known = queries.counting(queries.assessments_seen(request.user, person))
    context = {
        "therapist": person,
        "is_own": person == request.user,
        "choices": choices,
        "revision": revision,
        "reports": queries.programme_reports(request.user, person, revision, choices.on, known),
    }
    return render(request, "therapists/therapist_requirements.html", context)
