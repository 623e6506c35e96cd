from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from assessments.models.constraints import chosen


class Direction(models.TextChoices):
    ASCENDING = "ascending", "The highest position is furthest on"
    DESCENDING = "descending", "The first position is furthest on"


class RatingScale(models.Model):
    """An ordered set of levels. Frozen once a published revision or an assessment uses it."""

    Direction = Direction

    key = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=200)
    direction = models.CharField(max_length=20, choices=Direction, default=Direction.ASCENDING)
    threshold = models.PositiveSmallIntegerField(
        help_text="Position of the level expected of an independent practitioner."
    )
    not_observed = models.TextField(blank=True, help_text="What `not observed` means on this scale.")
    not_applicable = models.TextField(blank=True, help_text="What `not applicable` means on this scale.")
    has_not_applicable = models.BooleanField(default=True)

    class Meta:
        ordering = ["key", "version"]
        constraints = [
            chosen("scale", "direction", Direction),
            UniqueConstraint(fields=["key", "version"], name="scale_version_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    @property
    def is_descending(self) -> bool:
        """Whether the first level is the furthest on."""
        return self.direction == Direction.DESCENDING


class RatingLevel(models.Model):
    """One step of a scale, with what it means for a skill, for knowledge and for an attitude.

    `position` runs 1, 2, 3 … in printed order and is the key a supervisor presses; `value` is what is printed.
    """

    scale = models.ForeignKey(RatingScale, on_delete=models.CASCADE, related_name="levels")
    position = models.PositiveSmallIntegerField()
    value = models.CharField(max_length=10)
    label = models.CharField(max_length=60)
    skill = models.TextField(blank=True)
    knowledge = models.TextField(blank=True)
    attitude = models.TextField(blank=True)
    supervision = models.TextField(blank=True, help_text="How much supervision the level calls for.")

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(fields=["scale", "position"], name="level_position_is_unique_in_its_scale"),
            UniqueConstraint(fields=["scale", "label"], name="level_label_is_unique_in_its_scale"),
            CheckConstraint(name="level_position_is_a_key", condition=Q(position__gte=1, position__lte=9)),
            CheckConstraint(name="level_has_a_label", condition=~Q(label="") & ~Q(value="")),
        ]

    def __str__(self) -> str:
        return f"{self.value} {self.label}"

    def anchor(self, kind: str) -> str:
        """What the level means for a competence of this kind."""
        return {"skill": self.skill, "knowledge": self.knowledge, "attitude": self.attitude}[kind]
