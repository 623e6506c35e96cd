from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import CheckConstraint, Q
from django.urls import reverse
from django.utils import timezone

from assessments.models.assessment import Assessment
from assessments.models.framework import FrameworkRevision
from assessments.models.identifiers import uuid7
from assessments.models.people import User


class FormImportQuerySet(models.QuerySet["FormImport"]):
    def visible_to(self, user: User | AnonymousUser) -> FormImportQuerySet:
        """Only one's own: a filled form is read by whoever uploaded it, and by nobody else."""
        return self.filter(uploaded_by=user) if isinstance(user, User) else self.none()

    def open(self) -> FormImportQuerySet:
        return self.filter(closed_at__isnull=True)


class FormImport(models.Model):
    """A filled form on its way to a draft. Its bytes are kept only while it lies open."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="form_imports")
    uploaded_at = models.DateTimeField(default=timezone.now)
    therapist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="form_imports_about")
    revision = models.ForeignKey(FrameworkRevision, on_delete=models.PROTECT, related_name="form_imports")
    file_name = models.CharField(max_length=200)
    content = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64)
    closed_at = models.DateTimeField(null=True)
    assessment = models.OneToOneField(
        Assessment, null=True, on_delete=models.PROTECT, related_name="form_import", help_text="What it became."
    )

    objects = FormImportQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            CheckConstraint(
                name="form_import_keeps_its_file_while_open",
                condition=Q(closed_at__isnull=True, content__isnull=False, assessment__isnull=True)
                | Q(closed_at__isnull=False, content__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("assessment-import-preview", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.closed_at is None
