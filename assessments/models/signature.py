from django.db import models
from django.db.models import Q, UniqueConstraint

from assessments.models.assessment import Assessment
from assessments.models.constraints import chosen
from assessments.models.people import Role, User


class Signature(models.Model):
    """One person's signature under a shared assessment. Taking the assessment back voids it; nothing deletes it."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="signatures")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=20, choices=Role)
    signed_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["signed_at", "id"]
        constraints = [
            chosen("signature", "role", Role),
            UniqueConstraint(
                fields=["assessment", "role"],
                condition=Q(voided_at__isnull=True),
                name="signature_stands_once_per_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} on {self.signed_at:%d %B %Y}"
