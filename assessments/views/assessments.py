"""An assessment's life on screen: start, correct, check, share, reply, sign off, and its ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render

from assessments import permissions, policies, privacy, proposals, queries, wording
from assessments.actions import accesses, contexts, outbox
from assessments.actions import assessments as actions
from assessments.exceptions import Refused
from assessments.forms.assessments import (
    HandOverForm,
    ReasonForm,
    ReplyForm,
    SignOffForm,
    StartForm,
    TextsForm,
    context_of,
    next_session_of,
    session_of,
)
from assessments.forms.self_assessments import form_to_correct, same_session_as
from assessments.history import Presenter, people_named
from assessments.models import Assessment, RecordAccess, Role, User
from assessments.queries.framework import HOME_FRAMEWORK
from assessments.views.access import SignedInRequest, requires, signed_in
from assessments.views.closing import versions
from assessments.views.goals import before_lines
from assessments.views.levels import Levels
from assessments.views.reading import reading
from assessments.views.second_ratings import beside_second
from assessments.views.self_assessments import beside
from assessments.views.signing import confirmed, issue_report

PER_PAGE, PER_HISTORY_PAGE = 25, 100
STANDS_ALONE = "This assessment stands alone: the self-assessment no longer waits for one."


@dataclass(frozen=True)
class Row:
    """A line of the list; a draft of somebody else may be handed over by the training lead."""

    assessment: Assessment
    may_hand_over: bool


@signed_in
def assessment_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(queries.assessments_listed(request.user), PER_PAGE).get_page(request.GET.get("page"))
    rows = [_row(request.user, assessment) for assessment in page]
    can_import = Role.SUPERVISOR in request.user.roles
    context = {"page": page, "rows": rows, "can_import": can_import}
    return render(request, "assessments/assessment_list.html", context)


def _row(user: User, assessment: Assessment) -> Row:
    is_own = user.pk == assessment.supervisor_id
    return Row(assessment, not is_own and permissions.allows(permissions.check_can_hand_over, user, assessment))


@requires(Role.SUPERVISOR)
def assessment_start(request: SignedInRequest) -> HttpResponse:
    """Begin a draft on the revision in use of one framework.

    `from` names an assessment to take the session from, or with `next` the case, for its next session; `self` a
    self-assessment of the session to assess as well.
    """
    earlier = queries.assessment_begun(request.user, request.GET.get("from", ""))
    own = queries.self_assessment_to_pair(request.user, request.GET.get("self", ""))
    given = earlier or own
    slug = given.revision.framework.slug if given else request.GET.get("framework", "").replace("\x00", "")
    revision = queries.current_revision(request.user, slug or HOME_FRAMEWORK)
    therapists = queries.supervised_now(request.user)
    is_next = "next" in request.GET
    initial: dict[str, Any] = {"therapist": request.GET.get("therapist")}
    if earlier:
        initial = next_session_of(earlier) if is_next else session_of(earlier)
    elif own:
        initial = same_session_as(own)
    can_pair = own is not None and own.revision_id == revision.pk
    short_forms = queries.short_forms_offered(revision)
    form = StartForm(
        request.POST or None, revision=revision, therapists=therapists, short_forms=short_forms, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            assessment = actions.start(
                by=request.user,
                therapist=form.cleaned_data["therapist"],
                revision=revision,
                activities=form.chosen_activities,
                short_form=form.short_form,
                context=form.context,
                self_assessment=own if can_pair else None,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _begun(request, assessment, own)
    context = {
        "form": form,
        "revision": revision,
        "others": queries.frameworks_to_rate(revision),
        # Not beside what was typed: following one would lose it.
        "cases": [] if form.is_bound else queries.recent_cases(request.user, str(initial["therapist"])),
        "continued": earlier if is_next else None,
        "own": own,
        "can_pair": can_pair,
        "offered": _offered(request.user, is_asked_for=form.is_bound or bool(own or initial["therapist"])),
    }
    return render(request, "assessments/assessment_start.html", context)


def _begun(request: SignedInRequest, assessment: Assessment, own: Assessment | None) -> HttpResponse:
    if request.GET.get("self") and own is None:
        messages.warning(request, STANDS_ALONE)
    return redirect("assessment-rate", assessment.pk, assessment.activities.order_by("position")[0].code)


def _offered(user: User, *, is_asked_for: bool) -> Iterable[Assessment]:
    """Self-assessments of which to assess the session as well, unless something else is asked for; home has them."""
    return [] if is_asked_for else queries.waiting_for_a_second_view(user)


@signed_in
def assessment(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A draft for its author: where to go on. Shared or later: the whole of it, to read."""
    assessment = queries.assessment_for_reading(request.user, pk)
    if assessment.is_draft:
        context = {
            "assessment": assessment,
            "progress": queries.progress(assessment),
            "newer": queries.newer_revision(assessment),
            "draft": queries.resumption(assessment),
            "before": before_lines(request.user, assessment),
            **_options(request.user, assessment),
        }
        return render(request, "assessments/assessment_draft.html", context)
    accesses.note_opening(
        by=request.user,
        therapist=assessment.therapist,
        opened=RecordAccess.Opened.ASSESSMENT,
        assessment=assessment,
    )
    context = {"assessment": assessment, **reading(assessment), **_options(request.user, assessment)}
    return render(request, "assessments/assessment_read.html", context)


def _options(user: User, assessment: Assessment) -> dict[str, Any]:
    """What this person may do now, so that templates need not know why."""
    return {
        "can_reply": permissions.allows(permissions.check_can_reply, user, assessment),
        "can_sign": permissions.allows(permissions.check_can_sign, user, assessment),
        "can_take_back": permissions.allows(permissions.check_can_take_back, user, assessment),
        "can_withdraw": permissions.allows(permissions.check_can_withdraw, user, assessment),
        "can_hand_over": permissions.allows(permissions.check_can_hand_over, user, assessment),
        **beside(user, assessment),
        **versions(user, assessment),
        **beside_second(user, assessment),
    }


@signed_in
def assessment_context(request: SignedInRequest, pk: UUID) -> HttpResponse:
    assessment = queries.assessment_for_editing(request.user, pk)
    policies.check_has_own_context(assessment)
    initial = None if request.method == "POST" else context_of(assessment)
    form = form_to_correct(assessment)(request.POST or None, revision=assessment.revision, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            contexts.correct_context(
                by=request.user, assessment=assessment, activities=form.chosen_activities, context=form.context
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The context is corrected.")
            return redirect(assessment)
    context = {"form": form, "assessment": assessment}
    return render(request, "assessments/assessment_context.html", context)


@signed_in
def assessment_check(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What stands before sharing; the texts are saved here, and shared by the second button."""
    assessment = queries.assessment_for_editing(request.user, pk)
    ratings = list(assessment.ratings.select_related("competence__activity", "level").order_by("competence__position"))
    has_concerns = bool(assessment.concerns_handled) or any(rating.is_concern for rating in ratings)
    form = TextsForm(
        request.POST or None,
        initial=_proposed_texts(assessment, ratings),
        has_concerns=has_concerns,
        has_fitness=assessment.is_by_supervisor,
    )
    if request.method == "POST" and form.is_valid():
        actions.save_texts(by=request.user, assessment=assessment, **form.cleaned_data)
        if warning := privacy.warning(*form.cleaned_data.values()):
            messages.warning(request, warning)
        if "share" in request.POST:
            return redirect("assessment-share", pk)
        if "goal" in request.POST:
            return redirect("goal-new", pk)
        if before := request.POST.get("before"):
            return redirect("goal-result", pk, queries.carried_goal(request.user, assessment, before).pk)
        messages.success(request, "Saved. It is still a draft.")
        return redirect("assessment-check", pk)
    levels = Levels(assessment.scale)
    context = {
        "assessment": assessment,
        "form": form,
        "progress": queries.progress(assessment),
        "concerns": [(rating, levels.swatch_of(rating)) for rating in ratings if rating.is_concern],
        "obstacles": proposals.obstacles(ratings),
        "goals": queries.goal_lines(assessment.goals.all()),
        "before": before_lines(request.user, assessment),
        "hints": proposals.hints(assessment, ratings, queries.previous_positions(assessment)),
    }
    return render(request, "assessments/assessment_check.html", context)


def _proposed_texts(assessment: Assessment, ratings: list[Any]) -> dict[str, str]:
    """What was saved, else what the ratings suggest."""
    return {
        "summary": assessment.summary,
        "strengths": assessment.strengths or proposals.strengths(assessment, ratings),
        "needs": assessment.needs or proposals.needs(assessment, ratings),
        "concerns_handled": assessment.concerns_handled,
        "fitness": assessment.fitness,
    }


@signed_in
def assessment_share(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A last look at exactly what the therapist will see."""
    assessment = queries.assessment_for_editing(request.user, pk)
    refusal = ""
    if request.method == "POST":
        if "leave" in request.POST:
            outbox.leave_behind(by=request.user, assessment=assessment)
        try:
            shared = actions.share(by=request.user, assessment=assessment)
        except Refused as refused:
            refusal = str(refused)
        else:
            if shared.is_occasional:
                return redirect("rater-home")
            messages.success(request, _told_shared(shared))
            return redirect(assessment)
    ratings = assessment.ratings.select_related("competence").order_by("competence__position")
    context = {
        "assessment": assessment,
        "obstacles": proposals.obstacles(list(ratings)),
        "unsent": queries.unsent_told(request.user, assessment),
        "refusal": refusal,
        **reading(assessment),
    }
    return render(request, "assessments/assessment_share.html", context)


def _told_shared(assessment: Assessment) -> str:
    if assessment.is_by_supervisor:
        return f"Shared with {assessment.therapist.name}."
    return "Shared. Both assessments of the session are open now." if assessment.opened_at else "Shared and locked."


@signed_in
def assessment_take_back(request: SignedInRequest, pk: UUID) -> HttpResponse:
    assessment = queries.assessment_for_reading(request.user, pk)
    permissions.check_can_take_back(request.user, assessment)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.take_back(by=request.user, assessment=assessment, reason=form.cleaned_data["reason"])
        void = ", and signatures given so far are void" if assessment.is_by_supervisor else ""
        messages.success(request, f"Taken back. It is a draft again{void}.")
        return redirect(assessment)
    return render(request, "assessments/assessment_take_back.html", {"form": form, "assessment": assessment})


@signed_in
def assessment_withdraw(request: SignedInRequest, pk: UUID) -> HttpResponse:
    assessment = queries.assessment_for_reading(request.user, pk)
    permissions.check_can_withdraw(request.user, assessment)
    declines = assessment.is_occasional and not assessment.is_handed_in
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.withdraw(by=request.user, assessment=assessment, reason=form.cleaned_data["reason"])
        if declines:
            return redirect("rater-home")
        messages.success(request, "Withdrawn. It counts nowhere and stays in the history.")
        return redirect("assessments")
    template = "raters/decline.html" if declines else "assessments/assessment_withdraw.html"
    return render(request, template, {"form": form, "assessment": assessment})


@signed_in
def assessment_hand_over(request: SignedInRequest, pk: UUID) -> HttpResponse:
    assessment = queries.assessment_for_handing_over(request.user, pk)
    supervisors = queries.other_supervisors(assessment)
    form = HandOverForm(request.POST or None, supervisors=supervisors)
    if request.method == "POST" and form.is_valid():
        actions.hand_over(by=request.user, assessment=assessment, **form.cleaned_data)
        messages.success(request, f"Handed over to {form.cleaned_data['to'].name}.")
        return redirect("assessments")
    context = {"form": form, "assessment": assessment, "has_supervisors": supervisors.exists()}
    return render(request, "assessments/assessment_hand_over.html", context)


@signed_in
def assessment_reply(request: SignedInRequest, pk: UUID) -> HttpResponse:
    assessment = queries.assessment_for_reading(request.user, pk)
    permissions.check_can_reply(request.user, assessment)
    initial = {"agreement": assessment.reply_agreement, "text": assessment.reply}
    form = ReplyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reply(by=request.user, assessment=assessment, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            if warning := privacy.warning(form.cleaned_data["text"]):
                messages.warning(request, warning)
            messages.success(request, "Your reply is saved and part of the record.")
            return redirect(assessment)
    return render(request, "assessments/assessment_reply.html", {"form": form, "assessment": assessment})


@signed_in
def assessment_sign_off(request: SignedInRequest, pk: UUID) -> HttpResponse:
    assessment = queries.assessment_for_reading(request.user, pk)
    role = permissions.check_can_sign(request.user, assessment)
    form = confirmed(SignOffForm, request)
    if form.is_valid():
        if "leave" in request.POST:
            outbox.leave_behind(by=request.user, assessment=assessment)
        try:
            assessment = actions.sign_off(by=request.user, assessment=assessment)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _signed(request, assessment)
    context = {
        "form": form,
        "assessment": assessment,
        **_told_signing(role, assessment),
        "unsent": queries.unsent_told(request.user, assessment),
        **reading(assessment),
    }
    return render(request, "assessments/assessment_sign_off.html", context)


def _told_signing(role: str, assessment: Assessment) -> dict[str, Any]:
    """Which of the signatures this one is, and whose are still to come."""
    standing = policies.roles_signed(assessment)
    required = policies.roles_to_sign(assessment.organisation)
    names = {
        Role.SUPERVISOR: assessment.supervisor.name,
        Role.THERAPIST: assessment.therapist.name,
        Role.LEAD: "a training lead",
    }
    awaited = [name for each, name in names.items() if each in required - standing - {role}]
    return {"role": role, "place": ["first", "second", "third"][len(standing)], "awaited": wording.listed(awaited)}


def _signed(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    if assessment.is_signed_off:
        issue_report(request.user, assessment)
        who = "all three" if Role.LEAD in policies.roles_signed(assessment) else "both"
        messages.success(request, f"Signed off by {who}. The record is frozen.")
    else:
        messages.success(request, "Your signature is recorded.")
    return redirect(assessment)


@signed_in
def assessment_history(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Everything that happened to the assessment, latest first, in plain words."""
    assessment = queries.assessment_for_reading(request.user, pk)
    page = Paginator(queries.history(assessment), PER_HISTORY_PAGE).get_page(request.GET.get("page"))
    named = User.objects.in_bulk(people_named(event.data for event in page))
    presenter = Presenter(assessment.scale.levels.all(), named.values())
    context = {"assessment": assessment, "page": page, "entries": [presenter.entry(event) for event in page]}
    return render(request, "assessments/assessment_history.html", context)
