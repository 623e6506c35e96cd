"""Development goals of a draft: agreed, changed, removed, and what became of those from before."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from assessments import permissions, privacy, profiles, proposals, queries
from assessments.actions import goals as actions
from assessments.forms.assessments import GoalForm, GoalResultForm
from assessments.models import Assessment, Goal, Rating, User
from assessments.models.goal import GoalStatus
from assessments.profiles import Standing
from assessments.queries import GoalLine
from assessments.views.access import SignedInRequest, signed_in


@dataclass(frozen=True)
class Before:
    """A goal from before, as the author of a draft sees it."""

    goal: GoalLine
    is_overdue: bool
    is_closed: bool


def before_lines(user: User, draft: Assessment) -> list[Before]:
    """Goals from before, of a supervisor's draft. What another draft says of one is no matter of this one."""
    if not draft.is_by_supervisor:
        return []
    today = timezone.localdate()
    return [
        Before(goal, is_overdue=goal.is_overdue(today), is_closed=goal.closed_in == draft.pk)
        for goal in queries.carried_goals(user, draft)
    ]


@signed_in
def goal_edit(request: SignedInRequest, pk: UUID, goal_pk: UUID | None = None) -> HttpResponse:
    """A goal of a draft. A new one may begin with a proposal, which `competences` names by its codes."""
    assessment = queries.assessment_for_editing(request.user, pk)
    permissions.check_takes_goals(request.user, assessment)
    goal = get_object_or_404(assessment.goals, pk=goal_pk) if goal_pk else None
    offered = Offered() if goal else _offered(request.user, assessment)
    initial = _initial(goal) if goal else offered.initial(request.GET.get("competences", ""))
    form = GoalForm(request.POST or None, revision=assessment.revision, initial=initial)
    if goal and "remove" in request.POST:
        actions.remove(by=request.user, goal=goal)
        messages.success(request, "The goal is removed. The history keeps it.")
        return redirect("assessment-check", pk)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        competences = answers.pop("codes")
        actions.save(by=request.user, assessment=assessment, goal=goal, competences=competences, **answers)
        _warn(request, answers["text"], answers["judged_by"])
        messages.success(request, "The goal is saved.")
        return redirect("assessment-check", pk)
    context = {"form": form, "assessment": assessment, "goal": goal, "offered": offered}
    return render(request, "assessments/goal_edit.html", context)


@signed_in
def goal_result(request: SignedInRequest, pk: UUID, goal_pk: UUID) -> HttpResponse:
    """What became of a goal from before: closed within this draft, or let go on."""
    assessment = queries.assessment_for_editing(request.user, pk)
    permissions.check_takes_goals(request.user, assessment)
    line = queries.carried_goal(request.user, assessment, goal_pk)
    is_closed = line.closed_in == assessment.pk
    initial = {"status": line.status, "result": line.result} if is_closed else {"status": GoalStatus.OPEN}
    form = GoalResultForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        goal = get_object_or_404(Goal, pk=goal_pk)
        answers = form.cleaned_data
        if answers["status"] != GoalStatus.OPEN:
            actions.close(by=request.user, assessment=assessment, goal=goal, **answers)
            _warn(request, answers["result"])
            messages.success(request, "The result is saved. It is shown once this assessment is shared.")
        elif is_closed:
            actions.reopen(by=request.user, assessment=assessment, goal=goal)
            messages.success(request, "The goal is open again.")
        return redirect(assessment) if "draft" in request.GET else redirect("assessment-check", pk)
    context = {"form": form, "assessment": assessment, "goal": line}
    return render(request, "assessments/goal_result.html", context)


def _warn(request: SignedInRequest, *texts: str) -> None:
    if warning := privacy.warning(*texts):
        messages.warning(request, warning)


def _initial(goal: Goal) -> dict[str, Any]:
    agreed = {name: getattr(goal, name) for name in ["text", "due_on", "owner", "judged_by"]}
    return {**agreed, "codes": goal.codes}


@dataclass(frozen=True)
class Offered:
    """First wordings for a new goal: from this draft's ratings, and from what was never observed."""

    rated: tuple[proposals.GoalProposal, ...] = ()
    unobserved: tuple[proposals.GoalProposal, ...] = ()

    def initial(self, codes: str) -> dict[str, str] | None:
        """The form begun with the proposal for these codes. An address holds codes only, never what was noted."""
        for proposal in [*self.rated, *self.unobserved]:
            if proposal.codes == codes:
                return {"text": proposal.text, "codes": proposal.codes}
        return None


def _offered(user: User, assessment: Assessment) -> Offered:
    ratings = queries.ratings_given(assessment)
    seen = queries.assessments_seen(user, assessment.therapist)
    profile = profiles.build(assessment.therapist, assessment.revision, timezone.localdate(), queries.counting(seen))
    free = [rating for rating in ratings if not rating.has_goal]
    rated_here = {rating.competence.activity_id for rating in ratings if rating.outcome == Rating.Outcome.LEVEL}
    unobserved = [
        _for_gap(standing, reason)
        for standing, reason in profile.gaps
        if standing.last_rated_on is None and standing.activity.pk not in rated_here
    ]
    return Offered(tuple(proposals.goals(assessment, free)), tuple(unobserved))


def _for_gap(standing: Standing, reason: str) -> proposals.GoalProposal:
    codes = ", ".join(code for code, _ in standing.marks)
    title = f"{standing.activity.code} {standing.activity.short_title}"
    text = f"Find an occasion for {title}, and bring it to supervision."
    return proposals.GoalProposal(title, codes, text, reason)
