from __future__ import annotations

import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.urls import reverse
from django.utils import timezone

from assessments.models.assessment import Assessment
from assessments.models.constraints import chosen
from assessments.models.framework import FrameworkRevision
from assessments.models.identifiers import uuid7
from assessments.models.people import Organisation, User


class BundleStatus(models.TextChoices):
    """Where the work on a bundle stands."""

    WAITING = "waiting", "Waiting for its turn"
    RUNNING = "running", "Being made"
    DONE = "done", "Ready"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Stopped"


OPEN = [BundleStatus.WAITING, BundleStatus.RUNNING]


class ReportBundleQuerySet(models.QuerySet["ReportBundle"]):
    def visible_to(self, user: User | AnonymousUser) -> ReportBundleQuerySet:
        """Only one's own: what somebody else asked for is nobody's business."""
        return self.filter(asked_by=user) if isinstance(user, User) else self.none()

    def open(self) -> ReportBundleQuerySet:
        return self.filter(status__in=OPEN)

    def due(self, now: datetime.datetime) -> ReportBundleQuerySet:
        """Those that wait for a worker, also because the one that had them is gone; the oldest comes first."""
        free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
        return self.open().filter(free).order_by("asked_at", "pk")

    def spent(self, now: datetime.datetime) -> ReportBundleQuerySet:
        """Those whose files are still kept although their time is over."""
        return self.filter(expires_at__lte=now, emptied_at__isnull=True).order_by("expires_at")


class ReportBundle(models.Model):
    """All reports of a cohort, asked for by a training lead and made by a worker, file by file.

    `total` is not known before the work began. A worker holds the row until `leased_until`; `attempts` counts how often
    the next file was begun.
    """

    Status = BundleStatus

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="report_bundles")
    programme = models.CharField(max_length=150, blank=True)
    revision = models.ForeignKey(FrameworkRevision, on_delete=models.PROTECT, related_name="report_bundles")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="report_bundles")
    asked_at = models.DateTimeField(default=timezone.now)
    stands_on = models.DateField()
    has_assessments = models.BooleanField()
    has_profiles = models.BooleanField()
    status = models.CharField(max_length=20, choices=BundleStatus, default=BundleStatus.WAITING)
    total = models.PositiveIntegerField(null=True)
    finished = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    emptied_at = models.DateTimeField(null=True)
    size = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    objects = ReportBundleQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        indexes = [
            models.Index(fields=["status", "asked_at"], name="bundle_by_status"),
            models.Index(fields=["expires_at"], name="bundle_by_expiry", condition=Q(emptied_at__isnull=True)),
        ]
        constraints = [
            chosen("bundle", "status", BundleStatus),
            CheckConstraint(name="bundle_asks_for_something", condition=Q(has_assessments=True) | Q(has_profiles=True)),
            CheckConstraint(
                name="bundle_counts_within_its_total",
                condition=Q(total__isnull=True, finished=0)
                | Q(total__isnull=False, total__gte=1, finished__lte=F("total")),
            ),
            CheckConstraint(
                name="bundle_is_leased_only_while_running",
                condition=Q(leased_until__isnull=True) | Q(status="running"),
            ),
            CheckConstraint(
                name="bundle_has_a_time_once_ended",
                condition=Q(status__in=["waiting", "running"], ended_at__isnull=True, expires_at__isnull=True)
                | (
                    ~Q(status__in=["waiting", "running"])
                    & Q(ended_at__isnull=False, expires_at__isnull=False, expires_at__gte=F("ended_at"))
                ),
            ),
            CheckConstraint(
                name="bundle_is_whole_once_done",
                condition=(
                    Q(status="done", size__isnull=False, total__isnull=False, finished=F("total")) & ~Q(sha256="")
                )
                | (~Q(status="done") & Q(size__isnull=True, sha256="")),
            ),
            CheckConstraint(
                name="bundle_has_a_reason_once_failed",
                condition=(Q(status="failed") & ~Q(reason="")) | (~Q(status="failed") & Q(reason="")),
            ),
            CheckConstraint(
                name="bundle_is_emptied_once_expired",
                condition=Q(emptied_at__isnull=True) | Q(expires_at__isnull=False, emptied_at__gte=F("expires_at")),
            ),
            UniqueConstraint(
                fields=["asked_by"], condition=Q(status__in=["waiting", "running"]), name="bundle_is_open_once_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"Reports asked for at {self.asked_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("report-bundle", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_done(self) -> bool:
        return self.status == BundleStatus.DONE

    @property
    def is_failed(self) -> bool:
        return self.status == BundleStatus.FAILED

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class BundleFile(models.Model):
    """A file of a bundle. The report of an assessment is kept where it was issued; a profile's is kept here.

    Without a checksum it is still to be made.
    """

    bundle = models.ForeignKey(ReportBundle, on_delete=models.PROTECT, related_name="files")
    therapist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="bundle_files")
    assessment = models.ForeignKey(Assessment, null=True, on_delete=models.PROTECT, related_name="bundle_files")
    name = models.CharField(max_length=250)
    stands_on = models.DateField()
    sha256 = models.CharField(max_length=64, blank=True)
    content = models.BinaryField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            UniqueConstraint(fields=["bundle", "name"], name="bundle_file_has_a_name_of_its_own"),
            UniqueConstraint(
                fields=["bundle", "assessment"],
                condition=Q(assessment__isnull=False),
                name="bundle_file_is_one_per_assessment",
            ),
            UniqueConstraint(
                fields=["bundle", "therapist"],
                condition=Q(assessment__isnull=True),
                name="bundle_file_is_one_profile_per_therapist",
            ),
            CheckConstraint(
                name="bundle_file_keeps_profiles_alone",
                condition=Q(content__isnull=True) | (Q(assessment__isnull=True) & ~Q(sha256="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_profile(self) -> bool:
        return self.assessment_id is None
