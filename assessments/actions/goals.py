"""Development goals: agreed while the assessment is a draft, worded for good once it is shared."""

import datetime
from collections.abc import Iterable

from django.db import transaction

from assessments import permissions
from assessments.actions import audit
from assessments.exceptions import Refused
from assessments.models import Assessment, AuditEvent, Competence, Goal, User


@transaction.atomic
def save(
    *,
    by: User,
    assessment: Assessment,
    goal: Goal | None = None,
    text: str,
    due_on: datetime.date | None,
    competences: Iterable[Competence],
) -> Goal:
    """Add a goal to a draft, or change one of its goals."""
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    permissions.check_can_edit(by, assessment)
    chosen = list(competences)
    if any(competence.revision_id != assessment.revision_id for competence in chosen):
        raise Refused("A goal is tied to competences of the assessment's own revision.")
    if goal is not None and goal.assessment_id != assessment.pk:
        raise Refused("This goal belongs to another assessment.")
    if goal is None:
        goal = Goal.objects.create(therapist=assessment.therapist, assessment=assessment, text=text, due_on=due_on)
    else:
        goal.text, goal.due_on = text, due_on
        goal.save(update_fields=["text", "due_on"])
    goal.competences.set(chosen)
    audit.record(
        AuditEvent.Type.GOAL_SAVED,
        by=by,
        assessment=assessment,
        goal=str(goal.pk),
        text=text,
        due_on=due_on.isoformat() if due_on else None,
        competences=[competence.code for competence in chosen],
    )
    return goal


@transaction.atomic
def remove(*, by: User, goal: Goal) -> None:
    """Take a goal out of a draft; the history keeps what it said."""
    assessment = Assessment.objects.select_for_update().get(pk=goal.assessment_id)
    permissions.check_can_edit(by, assessment)
    audit.record(AuditEvent.Type.GOAL_REMOVED, by=by, assessment=assessment, goal=str(goal.pk), text=goal.text)
    goal.delete()
