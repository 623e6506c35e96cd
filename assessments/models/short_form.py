from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils import timezone

from assessments.models.constraints import chosen
from assessments.models.framework import Activity, FrameworkRevision


class ShortFormPurpose(models.TextChoices):
    SESSION = "session_review", "Session review"
    MID_CASE = "mid_case", "Mid-case review"
    END_OF_CASE = "end_of_case", "End-of-case review"
    OTHER = "other", "Another purpose"


class ShortForm(models.Model):
    """A named choice of activities of one revision, to start an assessment from. Frozen once used."""

    Purpose = ShortFormPurpose

    revision = models.ForeignKey(FrameworkRevision, on_delete=models.PROTECT, related_name="short_forms")
    name = models.CharField(max_length=100)
    purpose = models.CharField(max_length=20, choices=ShortFormPurpose)
    activities = models.ManyToManyField(Activity, related_name="short_forms")
    is_retired = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            chosen("short_form", "purpose", ShortFormPurpose),
            UniqueConstraint(
                fields=["revision", "name"],
                condition=Q(is_retired=False),
                name="short_form_name_is_unique_while_offered",
            ),
            CheckConstraint(name="short_form_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
