"""The agenda of the next supervision: what is open between a therapist and a supervisor, on one page to print."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from assessments import permissions, profiles, queries
from assessments.actions import accesses
from assessments.models import Rating, RecordAccess
from assessments.queries import GoalLine
from assessments.queries.framework import HOME_FRAMEWORK
from assessments.views.access import SignedInRequest, signed_in

LAST_ASSESSMENTS = 3
LINES_TO_WRITE_ON = range(5)


@dataclass(frozen=True)
class GoalItem:
    goal: GoalLine
    is_overdue: bool


@dataclass(frozen=True)
class Flagged:
    """A concern or priority that no goal names, with the level in words: its scale may be an older one."""

    rating: Rating
    why: str
    level: str


@signed_in
def therapist_agenda(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """For those who may see the profile. It says nothing of drafts."""
    person = queries.therapist_known_to(request.user, pk)
    permissions.check_can_view_profile(request.user, person)
    accesses.note_opening(by=request.user, therapist=person, opened=RecordAccess.Opened.PROFILE)
    today = timezone.localdate()
    seen = queries.assessments_seen(request.user, person)
    shared = queries.counting(seen)
    slug = request.GET.get("framework", "").replace("\x00", "") or HOME_FRAMEWORK
    revision = queries.current_revision(request.user, slug)
    last = [row.pk for row in shared[:LAST_ASSESSMENTS]]
    flagged = queries.flagged_without_goal(last, unread=queries.unread(seen))
    context = {
        "therapist": person,
        "is_own": person == request.user,
        "today": today,
        "goals": [GoalItem(goal, goal.is_overdue(today)) for goal in queries.open_goals(seen)],
        "waiting": queries.waiting_between(request.user, person),
        "flagged": [_flagged(rating) for rating in flagged],
        "profile": profiles.build(person, revision, today, shared),
        "other_frameworks": queries.other_frameworks(shared, revision),
        "lines": LINES_TO_WRITE_ON,
    }
    return render(request, "therapists/therapist_agenda.html", context)


def _flagged(rating: Rating) -> Flagged:
    level = rating.level.label if rating.level else rating.get_outcome_display()
    return Flagged(rating, "Concern" if rating.is_concern else "Priority for development", level)
