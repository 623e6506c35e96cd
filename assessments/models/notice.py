"""What people are told by e-mail: what happened, and the one message a day that says so."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils import timezone

from assessments.models.assessment import Assessment
from assessments.models.constraints import chosen
from assessments.models.identifiers import uuid7
from assessments.models.people import User

# Who shares can take it back at once; before this is over nobody hears of it.
COOLING = datetime.timedelta(minutes=10)


class NoticeKind(models.TextChoices):
    """What happened. How it is put into words, and while what is the case, stands in letters.py."""

    SHARED = "shared", "Shared with you"
    SELF_SHARED = "self_shared", "Self-assessment shared"
    SECOND_SHARED = "second_shared", "Second rating shared"
    OCCASIONAL_SHARED = "occasional_shared", "Occasional rater’s assessment handed in"
    REPLIED = "replied", "Reply given"
    SIGNED = "signed", "Signed by somebody else"
    SIGNED_OFF = "signed_off", "Signed off"
    ASKED = "asked", "Self-assessment asked for"
    SECOND_ASKED = "second_asked", "Second rating asked for"
    REOPENED = "reopened", "Reopened for you to go on with"
    HANDED_OVER = "handed_over", "Handed over to you"
    TAKEN_BACK = "taken_back", "Taken back"


SHARING = [NoticeKind.SHARED, NoticeKind.SELF_SHARED, NoticeKind.SECOND_SHARED]
_NOT_CLOSED = Q(sent_at__isnull=True, dropped_at__isnull=True)
_WAITING = Q(digest__isnull=True, dropped_at__isnull=True)


class DigestQuerySet(models.QuerySet["Digest"]):
    def open(self) -> DigestQuerySet:
        return self.filter(_NOT_CLOSED)


class Digest(models.Model):
    """One e-mail to one person: written first, sent afterwards, and kept as it was sent.

    `on` is the UK day it was composed for. While the mail server is down it is tried again, composed anew each time.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="digests")
    on = models.DateField()
    address = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    last_error = models.CharField(max_length=100, blank=True)
    sent_at = models.DateTimeField(null=True)
    # Given up, or nothing of it was to be told any more.
    dropped_at = models.DateTimeField(null=True)

    objects = DigestQuerySet.as_manager()

    class Meta:
        ordering = ["on"]
        constraints = [
            UniqueConstraint(fields=["person", "on"], name="digest_is_one_a_day"),
            UniqueConstraint(fields=["person"], condition=_NOT_CLOSED, name="digest_is_open_once_per_person"),
            CheckConstraint(
                name="digest_is_sent_or_dropped", condition=Q(sent_at__isnull=True) | Q(dropped_at__isnull=True)
            ),
            CheckConstraint(name="digest_is_sent_by_a_try", condition=Q(sent_at__isnull=True) | Q(attempts__gte=1)),
        ]

    def __str__(self) -> str:
        return f"E-mail of {self.on} to {self.person_id}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def waiting(self) -> NoticeQuerySet:
        """Told in no e-mail yet."""
        return self.filter(_WAITING)

    def unsent(self) -> NoticeQuerySet:
        """Waiting, or told in an e-mail that the mail server has not taken yet."""
        is_open = Q(digest__sent_at__isnull=True, digest__dropped_at__isnull=True)
        return self.filter(is_open, dropped_at__isnull=True)

    def ready(self, now: datetime.datetime) -> NoticeQuerySet:
        return self.filter(~Q(kind__in=SHARING) | Q(created_at__lte=now - COOLING))


class Notice(models.Model):
    """One thing that happened to an assessment, for one person who did not do it."""

    Kind = NoticeKind

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=20, choices=NoticeKind)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="notices")
    created_at = models.DateTimeField(default=timezone.now)
    # The e-mail in which it is told.
    digest = models.ForeignKey(Digest, null=True, on_delete=models.PROTECT, related_name="notices")
    dropped_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            chosen("notice", "kind", NoticeKind),
            CheckConstraint(
                name="notice_is_told_or_dropped", condition=Q(digest__isnull=True) | Q(dropped_at__isnull=True)
            ),
            UniqueConstraint(
                fields=["person", "kind", "assessment"], condition=_WAITING, name="notice_waits_once_per_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, for {self.person_id}"
