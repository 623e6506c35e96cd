from __future__ import annotations

import datetime
import hashlib
import secrets

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import CheckConstraint, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from assessments.models.assessment import Assessment, Status
from assessments.models.identifiers import uuid7
from assessments.models.people import Supervision, User

LONGEST_DAYS = 60
CODE_LASTS = datetime.timedelta(minutes=15)
TRIES, CODES_A_DAY = 5, 5


def new_token() -> str:
    """128 random bits, as they stand in the address that is e-mailed."""
    return secrets.token_urlsafe(16)


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class LinkState(models.TextChoices):
    """How far it has come, which is all that others learn before it is handed in."""

    NOT_SENT = "not_sent", "Not sent"
    SENT = "sent", "Sent"
    OPENED = "opened", "Opened"
    IN_PROGRESS = "in_progress", "In progress"
    HANDED_IN = "handed_in", "Handed in"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"
    ENDED = "ended", "Ended"


class RaterLinkQuerySet(models.QuerySet["RaterLink"]):
    def visible_to(self, user: User | AnonymousUser) -> RaterLinkQuerySet:
        """Those about therapists whom `user` supervises now, whoever of the supervisors asked."""
        if not isinstance(user, User):
            return self.none()
        running = Supervision.objects.current().filter(
            supervisor=user,
            therapist=OuterRef("assessment__therapist"),
            organisation=OuterRef("assessment__organisation"),
        )
        return self.filter(Exists(running))

    def running(self) -> RaterLinkQuerySet:
        """Those by which somebody may rate. Somebody who has an account by now signs in to it instead."""
        return self.filter(
            ended_at__isnull=True,
            ends_on__gte=timezone.localdate(),
            assessment__status=Status.DRAFT,
            assessment__supervisor__is_active=False,
        )


class RaterLink(models.Model):
    """The way in for somebody without an account, to one assessment and to nothing else.

    Neither the token of the address nor the code of the e-mail is kept, only a hash of each.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="rater_link")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="rater_links_asked")
    token_sha256 = models.CharField(max_length=64, unique=True)
    code_sha256 = models.CharField(max_length=64, blank=True)
    code_sent_at = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    codes_on = models.DateField(null=True)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    ends_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = RaterLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            CheckConstraint(name="rater_link_takes_few_tries", condition=Q(code_tries__lte=TRIES)),
            CheckConstraint(name="rater_link_sends_few_codes_a_day", condition=Q(codes_sent__lte=CODES_A_DAY)),
            CheckConstraint(
                name="rater_link_code_has_a_time",
                condition=Q(code_sha256="", code_sent_at__isnull=True)
                | (~Q(code_sha256="") & Q(code_sent_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"Link to {self.assessment_id}"

    def state(self, *, is_begun: bool) -> LinkState:
        """`is_begun` says whether an answer was given."""
        if self.assessment.is_handed_in:
            return LinkState.WITHDRAWN if self.assessment.withdrawn_at else LinkState.HANDED_IN
        if self.assessment.withdrawn_at:
            return LinkState.DECLINED
        if self.ended_at:
            return LinkState.ENDED
        if self.ends_on < timezone.localdate():
            return LinkState.EXPIRED
        if self.opened_at:
            return LinkState.IN_PROGRESS if is_begun else LinkState.OPENED
        return LinkState.SENT if self.sent_at else LinkState.NOT_SENT

    def hash_of(self, code: str) -> str:
        """Of six figures a plain hash would be none, so it takes the service's own secret."""
        return salted_hmac(f"rater code {self.pk}", code, algorithm="sha256").hexdigest()

    def awaits_code(self, now: datetime.datetime) -> bool:
        is_fresh = self.code_sent_at is not None and now - self.code_sent_at < CODE_LASTS
        return is_fresh and self.code_tries < TRIES

    def is_code(self, code: str) -> bool:
        return constant_time_compare(self.code_sha256, self.hash_of(code))
