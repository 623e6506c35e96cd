"""Second ratings: asked for on the page of an assessment, and set beside the first with how far the two agree."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from assessments import permissions, queries
from assessments.actions import accesses
from assessments.actions import second_ratings as actions
from assessments.agreement import FEW, Agreement
from assessments.exceptions import Refused
from assessments.forms.second_ratings import AskSecondForm
from assessments.models import Assessment, RecordAccess, Status, User
from assessments.queries import TwoRatings
from assessments.views.access import SignedInRequest, signed_in
from assessments.views.levels import Levels
from assessments.views.two_views import Rater, two_views


@signed_in
def second_rating_ask(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ask another supervisor to rate the session of an assessment, without reading it, as the author or a lead may."""
    assessment = queries.assessment_to_rate_again(request.user, pk)
    raters = queries.second_raters(assessment)
    form = AskSecondForm(request.POST or None, raters=raters)
    if request.method == "POST" and form.is_valid():
        rater = form.cleaned_data["rater"]
        try:
            actions.ask(by=request.user, assessment=assessment, rater=rater)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{rater.name} is asked to rate the same session, without seeing this one.")
            return redirect(_back_to(request.user, assessment))
    context = {
        "form": form,
        "assessment": assessment,
        "has_raters": raters.exists(),
        "back": _back_to(request.user, assessment),
    }
    return render(request, "assessments/second_rating_ask.html", context)


@signed_in
@require_POST
def second_rating_call_off(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """End a second rating that was asked for and not begun."""
    second = queries.second_rating_to_call_off(request.user, pk)
    actions.call_off(by=request.user, second=second)
    messages.success(request, "Called off. You can ask somebody else.")
    return redirect(_back_to(request.user, second.second_of))


def _back_to(user: User, assessment: Assessment) -> str:
    """A lead asks about drafts, too, which only their author reads."""
    may_read = permissions.allows(permissions.check_can_read, user, assessment)
    return assessment.get_absolute_url() if may_read else reverse("assessments")


def beside_second(user: User, assessment: Assessment) -> dict[str, Any]:
    """What the page of an assessment says of the second rating, to those who may know of it."""
    second = queries.second_rating_of(user, assessment) if assessment.is_by_supervisor else None
    is_free = second is None or second.status == Status.WITHDRAWN
    return {
        "second": second,
        "can_compare_ratings": _can_compare(user, assessment, second),
        "can_call_off": second is not None and permissions.allows(permissions.check_can_call_off, user, second),
        "can_ask_second": is_free and permissions.allows(permissions.check_asks_for_seconds, user, assessment),
    }


def _can_compare(user: User, assessment: Assessment, second: Assessment | None) -> bool:
    first, other = (assessment.second_of, assessment) if assessment.is_second else (assessment, second)
    if first is None or other is None:
        return False
    return permissions.allows(permissions.check_can_compare, user, first, other)


@signed_in
def second_rating_comparison(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Both ratings of one session side by side, furthest apart first, with how far they agree."""
    ratings = queries.ratings_to_compare(request.user, pk)
    for each in (ratings.first, ratings.second):
        accesses.note_opening(
            by=request.user, therapist=each.therapist, opened=RecordAccess.Opened.ASSESSMENT, assessment=each
        )
    return render(request, "assessments/second_rating_comparison.html", _compared(ratings))


def _compared(ratings: TwoRatings) -> dict[str, Any]:
    agreed = queries.agreed(ratings)
    first, second = ratings.first.supervisor.name, ratings.second.supervisor.name
    return {
        "ratings": ratings,
        "whole": told(agreed.whole),
        "domains": [(domain, told(each)) for domain, each in agreed.domains],
        "few": FEW,
        **two_views(
            agreed.found,
            Levels(ratings.first.scale),
            Rater(first, f"First rating, {first}", f"{first}\u2019s"),
            Rater(second, f"Second rating, {second}", f"{second}\u2019s"),
        ),
    }


def told(agreement: Agreement) -> dict[str, Any]:
    """The figures as they are printed, with the minus of typesetting."""
    return {
        "number": agreement.number,
        "exact": agreement.exact,
        "within_one": agreement.within_one,
        "kappa": _kappa(agreement),
        "is_few": agreement.is_few,
    }


def _kappa(agreement: Agreement) -> str:
    if not agreement.number:
        return "nothing was given a level by both"
    if agreement.kappa is None:
        return "cannot be worked out: both used one level only"
    # Rounded as a fraction: a negative zero would be printed with its minus.
    return f"{float(round(agreement.kappa, 2)):.2f}".replace("-", "\u2212")
