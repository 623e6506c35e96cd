"""Self-assessment: begun by therapists, asked for by supervisors, shown, and set beside the supervisor's view."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from assessments import permissions, policies, queries
from assessments.actions import accesses
from assessments.actions import self_assessments as actions
from assessments.exceptions import Refused
from assessments.forms.self_assessments import SelfStartForm
from assessments.models import Assessment, Organisation, RecordAccess, Role, User
from assessments.queries import OpenedPair
from assessments.queries.framework import HOME_FRAMEWORK
from assessments.views.access import SignedInRequest, requires, signed_in
from assessments.views.levels import Levels
from assessments.views.two_views import Rater, two_views


@requires(Role.THERAPIST)
def self_assessment_start(request: SignedInRequest) -> HttpResponse:
    """Begin to rate oneself on the revision in use of one framework."""
    slug = request.GET.get("framework", "").replace("\x00", "")
    revision = queries.current_revision(request.user, slug or HOME_FRAMEWORK)
    form = SelfStartForm(
        request.POST or None,
        revision=revision,
        organisations=_in_training(request.user),
        short_forms=queries.short_forms_offered(revision),
    )
    if request.method == "POST" and form.is_valid():
        try:
            assessment = actions.start(
                by=request.user,
                organisation=form.cleaned_data["organisation"],
                revision=revision,
                activities=form.chosen_activities,
                short_form=form.short_form,
                context=form.context,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("assessment-rate", assessment.pk, assessment.activities.order_by("position")[0].code)
    context = {"form": form, "revision": revision, "others": queries.frameworks_to_rate(revision)}
    return render(request, "assessments/self_assessment_start.html", context)


def _in_training(user: User) -> list[Organisation]:
    held = {row.organisation_id: row.organisation for row in user.current_memberships if row.role == Role.THERAPIST}
    return sorted(held.values(), key=lambda organisation: organisation.name)


@signed_in
@require_POST
def self_assessment_ask(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ask the therapist to rate themselves on the session of a draft."""
    assessment = queries.assessment_for_editing(request.user, pk)
    actions.ask(by=request.user, assessment=assessment)
    messages.success(request, f"{assessment.therapist.name} is asked to rate the same session, unseen by you.")
    return redirect(assessment)


@signed_in
@require_POST
def self_assessment_show(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Open a shared self-assessment to supervisors although no second view of the session is awaited."""
    assessment = queries.assessment_for_reading(request.user, pk)
    actions.show(by=request.user, assessment=assessment)
    messages.success(request, "Your supervisors can read it now.")
    return redirect(assessment)


def beside(user: User, assessment: Assessment) -> dict[str, Any]:
    """What the page of an assessment says of the other one of the session; it was read `with_pair`."""
    own = assessment if assessment.is_self else getattr(assessment, "self_assessment", None)
    theirs = assessment.pair if assessment.is_self else assessment
    return {
        "own": own,
        "theirs": theirs,
        "waits_for_own": policies.waits_for_self_assessment(assessment),
        "can_ask": permissions.allows(permissions.check_can_ask, user, assessment),
        "can_show": permissions.allows(permissions.check_can_show, user, assessment),
        "can_compare": bool(own and theirs) and permissions.allows(permissions.check_can_compare, user, theirs, own),
    }


@signed_in
def assessment_comparison(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The supervisor's assessment and the therapist's own of one session side by side, furthest apart first."""
    pair = queries.pair_to_compare(request.user, pk)
    therapist = pair.own.therapist
    for each in (pair.theirs, pair.own):
        accesses.note_opening(
            by=request.user, therapist=therapist, opened=RecordAccess.Opened.ASSESSMENT, assessment=each
        )
    return render(request, "assessments/assessment_comparison.html", _compared(pair))


def _compared(pair: OpenedPair) -> dict[str, Any]:
    theirs, own = pair.theirs.supervisor.first_name, pair.own.therapist.first_name
    return {
        "theirs": pair.theirs,
        "own": pair.own,
        "is_blind": pair.is_blind,
        **two_views(
            queries.compared(pair),
            Levels(pair.theirs.scale),
            Rater(own, own, f"{own}\u2019s own rating"),
            Rater(theirs, theirs, f"{theirs}\u2019s"),
        ),
    }
