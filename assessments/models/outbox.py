from __future__ import annotations

import secrets

from django.db import models
from django.db.models import UniqueConstraint
from django.utils import timezone

from assessments.models.assessment import Assessment
from assessments.models.people import User

# 32 random bytes as secrets.token_urlsafe writes them.
KEY_LENGTH = 43


class OutboxKey(models.Model):
    """What seals a person's answers of one assessment while a browser keeps them unsent. Others never get it."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="outbox_keys")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="outbox_keys")
    key = models.CharField(max_length=KEY_LENGTH, default=secrets.token_urlsafe)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["assessment", "person"], name="outbox_key_is_one_per_person_and_assessment")
        ]

    def __str__(self) -> str:
        return f"Outbox of {self.person_id} for {self.assessment_id}"
