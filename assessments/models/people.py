from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, BaseUserManager
from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from assessments.models.constraints import chosen, ends_after_start
from assessments.models.identifiers import uuid7


class Role(models.TextChoices):
    """What a person does in an organisation, for the dates of the membership."""

    THERAPIST = "therapist", "Therapist"
    SUPERVISOR = "supervisor", "Supervisor"
    LEAD = "lead", "Training lead"
    ADMIN = "admin", "Administrator"


class Organisation(models.Model):
    """A course or service. Its people, assessments and chain of signed records belong together."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200, unique=True)
    # Whether a training lead signs as well, last of the three.
    has_lead_signature = models.BooleanField(default=False)
    # So many days after sharing a training lead may close what the therapist has not signed.
    reply_days = models.PositiveSmallIntegerField(default=14)

    class Meta:
        constraints = [
            CheckConstraint(
                name="organisation_waits_one_to_ninety_days", condition=Q(reply_days__gte=1, reply_days__lte=90)
            )
        ]

    def __str__(self) -> str:
        return self.name


class UserQuerySet(models.QuerySet["User"]):
    def therapists(self) -> UserQuerySet:
        return self.filter(Exists(Membership.objects.filter(user=OuterRef("pk"), role=Role.THERAPIST)))

    def therapists_known_to(self, user: User | AnonymousUser) -> UserQuerySet:
        """Therapists whose existence `user` may know: outsiders find nothing here.

        Each carries how they stand to `user` (is_supervised, was_supervised, is_led), from which
        `permissions.check_can_view_profile` decides whether the profile may be read.
        """
        if not isinstance(user, User):
            return self.none()
        supervisions = Supervision.objects.filter(therapist=OuterRef("pk"), supervisor=user)
        training = Membership.objects.filter(user=OuterRef("pk"), role=Role.THERAPIST)
        overseen = training.filter(organisation__in=user.overseen_organisations)
        return (
            self.therapists()
            .annotate(
                is_supervised=Exists(supervisions.current()),
                was_supervised=Exists(supervisions),
                is_led=Exists(training.filter(organisation__in=user.organisations_as(Role.LEAD))),
            )
            .filter(Q(pk=user.pk) | Q(was_supervised=True) | Exists(overseen))
        )

    def in_organisations_of(self, user: User) -> UserQuerySet:
        """Everybody who has belonged to an organisation that `user` administers, and people of none yet."""
        mine = Membership.objects.filter(organisation__in=user.organisations_as(Role.ADMIN)).order_by()
        return self.filter(pk__in=mine.values("user"))


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address. What they may do follows from memberships and supervisions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField("e-mail address", max_length=254, unique=True)
    name = models.CharField(max_length=150)
    profession = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    has_page_keys = models.BooleanField(default=False)
    has_digest = models.BooleanField(default=True)
    # When last it was looked what waits for this person.
    due_checked_on = models.DateField(default=datetime.date.min, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(
                fields=["due_checked_on"],
                condition=Q(is_active=True, has_digest=True),
                name="user_to_remind",
            )
        ]
        constraints = [
            CheckConstraint(name="user_email_is_in_lower_case", condition=Q(email=Lower("email"))),
            CheckConstraint(name="user_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("therapist", args=[self.pk])

    @property
    def first_name(self) -> str:
        """The name to greet by: the first word that is not a title."""
        words = [word for word in self.name.split() if word.rstrip(".") not in {"Dr", "Prof", "Mr", "Mrs", "Ms", "Mx"}]
        return words[0] if words else self.name

    @cached_property
    def current_memberships(self) -> list[Membership]:
        """Read once a request; a new request sees a change at once."""
        return list(self.memberships.current().select_related("organisation"))

    @property
    def is_occasional(self) -> bool:
        """Somebody who was asked to rate a single session, has no account and cannot sign in."""
        return not (self.is_active or self.has_usable_password() or self.memberships.exists())

    @property
    def roles(self) -> set[str]:
        return {membership.role for membership in self.current_memberships}

    def organisations_as(self, *roles: str) -> list[Any]:
        return [membership.organisation_id for membership in self.current_memberships if membership.role in roles]

    @property
    def overseen_organisations(self) -> list[Any]:
        return self.organisations_as(Role.LEAD, Role.ADMIN)


class Dated(models.Model):
    """A row that holds between two dates, both included; without an end it still runs."""

    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_current(self) -> bool:
        today = timezone.localdate()
        return self.starts_on <= today and (self.ends_on is None or self.ends_on >= today)


class DatedQuerySet(models.QuerySet[Any]):
    def on(self, day: datetime.date) -> DatedQuerySet:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def current(self) -> DatedQuerySet:
        return self.on(timezone.localdate())


class Membership(Dated):
    """A person's role in an organisation between two dates, both included."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    programme = models.CharField(max_length=150, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "id"]
        constraints = [
            chosen("membership", "role", Role),
            ends_after_start("membership"),
            UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(ends_on__isnull=True),
                name="membership_is_open_once_per_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} since {self.starts_on}"


class Supervision(Dated):
    """The dated relation between a therapist and a supervisor: the source of access."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    therapist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="supervisions")
    supervisor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="supervisions_given")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="supervisions")

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "id"]
        constraints = [
            ends_after_start("supervision"),
            CheckConstraint(name="supervision_joins_two_people", condition=~Q(therapist=F("supervisor"))),
            UniqueConstraint(
                fields=["therapist", "supervisor", "organisation"],
                condition=Q(ends_on__isnull=True),
                name="supervision_is_open_once_per_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.therapist_id} with {self.supervisor_id} since {self.starts_on}"
