from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q
from django.utils import timezone

from assessments.models.assessment import Assessment, Status
from assessments.models.constraints import chosen
from assessments.models.framework import Competence
from assessments.models.identifiers import uuid7
from assessments.models.people import User


class GoalStatus(models.TextChoices):
    OPEN = "open", "In progress"
    MET = "met", "Met"
    DROPPED = "dropped", "No longer pursued"


class GoalOwner(models.TextChoices):
    """Who is to do something about it."""

    THERAPIST = "therapist", "The therapist"
    SUPERVISOR = "supervisor", "The supervisor"
    BOTH = "both", "Both"


# Closing counts once the assessment in which it was done is shared; one that was withdrawn counts nowhere.
CLOSING_COUNTS_NOT = [Status.DRAFT, Status.WITHDRAWN]
# As everybody sees it: what is closed in a draft is that draft's content, and open until it is shared.
STILL_OPEN = Q(status=GoalStatus.OPEN) | Q(closed_in__status__in=CLOSING_COUNTS_NOT)


class GoalQuerySet(models.QuerySet["Goal"]):
    def still_open(self) -> GoalQuerySet:
        return self.filter(STILL_OPEN)


class Goal(models.Model):
    """Something agreed to work on, tied to competences, carried forward to the next assessment."""

    Status, Owner = GoalStatus, GoalOwner

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    therapist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="goals")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="goals")
    competences = models.ManyToManyField(Competence, related_name="goals", blank=True)
    text = models.TextField()
    due_on = models.DateField(null=True, blank=True)
    # Blank for the oldest goals: nobody wrote down whose they were.
    owner = models.CharField(max_length=20, choices=GoalOwner, default=GoalOwner.THERAPIST, blank=True)
    judged_by = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=GoalStatus, default=GoalStatus.OPEN)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # The oldest goals were closed before anybody wrote down where and by whom.
    closed_in = models.ForeignKey(
        Assessment, null=True, blank=True, on_delete=models.PROTECT, related_name="closed_goals"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="goals_closed")
    result = models.TextField(blank=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            chosen("goal", "status", GoalStatus),
            chosen("goal", "owner", GoalOwner, blank=True),
            CheckConstraint(name="goal_says_what", condition=~Q(text="")),
            CheckConstraint(
                name="goal_has_a_time_once_closed",
                condition=Q(status="open", closed_at__isnull=True) | (~Q(status="open") & Q(closed_at__isnull=False)),
            ),
            CheckConstraint(
                name="goal_has_no_result_while_open",
                condition=~Q(status="open") | Q(result="", closed_in__isnull=True),
            ),
            CheckConstraint(
                name="goal_closed_somewhere_is_closed_by_somebody",
                condition=Q(closed_in__isnull=True, closed_by__isnull=True)
                | Q(closed_in__isnull=False, closed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def codes(self) -> str:
        return ", ".join(competence.code for competence in self.competences.all())
