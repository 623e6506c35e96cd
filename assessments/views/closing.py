"""What a training lead decides about an assessment: to close it for a therapist who does not sign, and to reopen it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from assessments import permissions, policies, privacy, queries
from assessments.actions import closing, reopening
from assessments.exceptions import Refused
from assessments.forms.closing import CloseForm, ReopenForm
from assessments.models import Assessment, User
from assessments.views.access import SignedInRequest, signed_in
from assessments.views.signing import confirmed, issue_report


def versions(user: User, assessment: Assessment) -> dict[str, Any]:
    """What the page of an assessment says of its other versions and of how it was closed."""
    return {
        "replaced_by": queries.replaced_by(user, assessment),
        "replaces": queries.replaces(user, assessment),
        "closed_by": queries.closed_by(assessment),
        "can_close": permissions.allows(permissions.check_can_close, user, assessment),
        "can_reopen": permissions.allows(permissions.check_can_reopen, user, assessment),
    }


@signed_in
def assessment_close(request: SignedInRequest, pk: UUID) -> HttpResponse:
    assessment = queries.assessment_for_reading(request.user, pk)
    permissions.check_can_close(request.user, assessment)
    form = confirmed(CloseForm, request)
    if form.is_valid():
        closed_as, reason = form.cleaned_data["closed_as"], form.cleaned_data["reason"]
        try:
            closed = closing.close(by=request.user, assessment=assessment, closed_as=closed_as, reason=reason)
        except Refused as refusal:
            form.add_error("closed_as", str(refusal))
        else:
            issue_report(request.user, closed)
            _warn(request, reason)
            messages.success(request, "Closed and signed off. The record is frozen.")
            return redirect(closed)
    context = {"form": form, "assessment": assessment, "until": policies.last_day_to_sign(assessment)}
    return render(request, "assessments/assessment_close.html", context)


@signed_in
def assessment_reopen(request: SignedInRequest, pk: UUID) -> HttpResponse:
    assessment = queries.assessment_for_reading(request.user, pk)
    permissions.check_can_reopen(request.user, assessment)
    goes_on = permissions.allows(permissions.check_may_finish, assessment.supervisor, assessment)
    supervisors = queries.successors_to_choose(request.user, assessment)
    form = ReopenForm(request.POST or None, supervisors=supervisors, goes_on=goes_on)
    if request.method == "POST" and form.is_valid():
        successor = reopening.reopen(by=request.user, assessment=assessment, **form.cleaned_data)
        _warn(request, form.cleaned_data["reason"])
        messages.success(request, f"Reopened. {successor.supervisor.name} has the new version as a draft.")
        return redirect(assessment)
    context = {"form": form, "assessment": assessment, "goes_on": goes_on, "can": goes_on or supervisors.exists()}
    return render(request, "assessments/assessment_reopen.html", context)


def _warn(request: SignedInRequest, reason: str) -> None:
    if warning := privacy.warning(reason):
        messages.warning(request, warning)
