from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q
from django.utils import timezone

from assessments.models.assessment import Assessment
from assessments.models.constraints import chosen
from assessments.models.framework import Competence
from assessments.models.identifiers import uuid7
from assessments.models.people import User


class GoalStatus(models.TextChoices):
    OPEN = "open", "In progress"
    MET = "met", "Met"
    DROPPED = "dropped", "No longer pursued"


class Goal(models.Model):
    """Something agreed to work on, tied to competences, carried forward to the next assessment."""

    Status = GoalStatus

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    therapist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="goals")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="goals")
    competences = models.ManyToManyField(Competence, related_name="goals", blank=True)
    text = models.TextField()
    due_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=GoalStatus, default=GoalStatus.OPEN)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            chosen("goal", "status", GoalStatus),
            CheckConstraint(name="goal_says_what", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def codes(self) -> str:
        return ", ".join(competence.code for competence in self.competences.all())
