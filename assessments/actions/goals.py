"""Development goals: agreed in a draft, worded for good once that is shared, closed in a later one."""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from assessments import permissions, policies
from assessments.actions import audit
from assessments.exceptions import Refused
from assessments.models import Assessment, AuditEvent, Competence, Goal, User
from assessments.models.goal import GoalOwner, GoalStatus

RESULT = ["status", "result", "closed_in", "closed_at", "closed_by"]


@transaction.atomic
def save(
    *,
    by: User,
    assessment: Assessment,
    goal: Goal | None = None,
    text: str,
    due_on: datetime.date | None,
    competences: Iterable[Competence],
    owner: str = GoalOwner.THERAPIST,
    judged_by: str = "",
) -> Goal:
    """Add a goal to a draft, or change one of its goals."""
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    permissions.check_takes_goals(by, assessment)
    chosen = list(competences)
    if any(competence.revision_id != assessment.revision_id for competence in chosen):
        raise Refused("A goal is tied to competences of the assessment's own revision.")
    if goal is not None and goal.assessment_id != assessment.pk:
        raise Refused("This goal belongs to another assessment.")
    agreed = {"text": text, "due_on": due_on, "owner": owner, "judged_by": judged_by}
    if goal is None:
        goal = Goal.objects.create(therapist=assessment.therapist, assessment=assessment, **agreed)
    else:
        goal = _locked(goal)
        policies.check_goal_is_not_settled(goal)
        for name, value in agreed.items():
            setattr(goal, name, value)
        goal.save(update_fields=list(agreed))
    goal.competences.set(chosen)
    audit.record(
        AuditEvent.Type.GOAL_SAVED,
        by=by,
        assessment=assessment,
        goal=str(goal.pk),
        text=text,
        due_on=due_on.isoformat() if due_on else None,
        owner=owner,
        judged_by=judged_by,
        competences=[competence.code for competence in chosen],
    )
    return goal


@transaction.atomic
def remove(*, by: User, goal: Goal) -> None:
    """Take a goal out of a draft; the history keeps what it said."""
    assessment = Assessment.objects.select_for_update().get(pk=goal.assessment_id)
    permissions.check_takes_goals(by, assessment)
    goal = _locked(goal)
    policies.check_goal_is_not_settled(goal)
    audit.record(AuditEvent.Type.GOAL_REMOVED, by=by, assessment=assessment, goal=str(goal.pk), text=goal.text)
    goal.delete()


@transaction.atomic
def close(*, by: User, assessment: Assessment, goal: Goal, status: str, result: str) -> Goal:
    """Say within a draft what became of an earlier goal. It is the draft's content until that is shared."""
    assessment, goal = _both(by, assessment, goal)
    if status == GoalStatus.OPEN:
        raise Refused("A goal is closed as met or as no longer pursued.")
    goal.status, goal.result = status, result
    goal.closed_in, goal.closed_at, goal.closed_by = assessment, timezone.now(), by
    goal.save(update_fields=RESULT)
    audit.record(
        AuditEvent.Type.GOAL_CLOSED,
        by=by,
        assessment=assessment,
        goal=str(goal.pk),
        text=goal.text,
        status=status,
        result=result,
    )
    return goal


@transaction.atomic
def reopen(*, by: User, assessment: Assessment, goal: Goal) -> Goal:
    """Undo the closing while the assessment in which it was done is still a draft."""
    assessment, goal = _both(by, assessment, goal)
    if goal.closed_in_id != assessment.pk:
        raise Refused("This goal was not closed in this assessment.")
    before, goal.status, goal.result = goal.result, GoalStatus.OPEN, ""
    goal.closed_in, goal.closed_at, goal.closed_by = None, None, None
    goal.save(update_fields=RESULT)
    audit.record(
        AuditEvent.Type.GOAL_REOPENED, by=by, assessment=assessment, goal=str(goal.pk), text=goal.text, before=before
    )
    return goal


def _locked(goal: Goal) -> Goal:
    return Goal.objects.select_for_update(of=("self",)).select_related("closed_in").get(pk=goal.pk)


def _both(by: User, assessment: Assessment, goal: Goal) -> tuple[Assessment, Goal]:
    """The draft and the earlier goal, once it is sure that the one may close the other."""
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    permissions.check_takes_goals(by, assessment)
    goal = _locked(goal)
    agreed_in = goal.assessment
    if (agreed_in.therapist_id, agreed_in.organisation_id) != (assessment.therapist_id, assessment.organisation_id):
        raise Refused("This goal was agreed with somebody else.")
    permissions.check_can_read(by, agreed_in)
    policies.check_goal_can_be_closed(goal, assessment)
    return assessment, goal
