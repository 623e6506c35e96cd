"""The demo's development goals: agreed in one assessment, and closed in a later one of the same therapist."""

import datetime
from collections import defaultdict
from uuid import UUID

from assessments.importers.demo import DemoAssessment, DemoGoal
from assessments.models import Assessment, Competence, Goal, Status
from assessments.models.goal import GoalStatus

# A goal this long past its date is closed; a younger one is still open and shows as overdue.
SETTLED_AFTER = datetime.timedelta(days=28)


class Ledger:
    """The goals agreed so far, by therapist. Assessments come in the order of their sessions, each still a draft."""

    def __init__(self, competences: dict[str, Competence], today: datetime.date) -> None:
        self._competences = competences
        self._settled_before = today - SETTLED_AFTER
        self._open: dict[UUID, list[tuple[Goal, DemoGoal]]] = defaultdict(list)

    def agree(self, demo: DemoAssessment, assessment: Assessment, *, at: datetime.datetime) -> None:
        for number, each in enumerate(demo.goals, start=1):
            goal = Goal.objects.create(
                therapist=assessment.therapist,
                assessment=assessment,
                text=each.text,
                due_on=assessment.session_on + datetime.timedelta(days=each.due_in_days),
                owner=each.owner,
                judged_by=each.judged_by,
                created_at=at + datetime.timedelta(minutes=number),
            )
            goal.competences.set([self._competences[code] for code in each.competences])
            self._open[assessment.therapist_id].append((goal, each))

    def close_due(self, demo: DemoAssessment, assessment: Assessment, *, at: datetime.datetime) -> None:
        """Close what is due by this session, and long past its date today, in an assessment that will be shared."""
        if demo.state not in {Status.SHARED, Status.SIGNED_OFF}:
            return
        waiting = self._open[assessment.therapist_id]
        due = [pair for pair in waiting if self._is_due(pair[0], assessment)]
        self._open[assessment.therapist_id] = [pair for pair in waiting if pair not in due]
        for goal, each in due:
            goal.status = GoalStatus.DROPPED if each.is_dropped else GoalStatus.MET
            goal.result, goal.closed_in = each.result, assessment
            goal.closed_at, goal.closed_by = at, assessment.supervisor
            goal.save(update_fields=["status", "result", "closed_in", "closed_at", "closed_by"])

    def _is_due(self, goal: Goal, assessment: Assessment) -> bool:
        on = goal.due_on
        return on is not None and on <= assessment.session_on and on < self._settled_before
