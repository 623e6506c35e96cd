from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.utils import timezone

from assessments.models.framework import ProblemArea
from assessments.models.identifiers import uuid7
from assessments.models.people import Organisation, Role, User

# What a programme can ask for: so many of something, or that something is so.
NUMBERS = ["cases", "recordings_per_case", "problem_areas", "assessments"]
CONDITIONS = ["has_all_phases", "is_core_observed", "is_focus_observed", "has_no_open_concern", "is_all_signed_off"]


def name_key(name: str) -> str:
    """What two ways of writing the name of one programme have in common: letters count in either case."""
    return " ".join(name.split()).casefold()


def _asks_for_something() -> Q:
    asked = Q()
    for name in NUMBERS:
        asked |= Q(**{f"{name}__isnull": False})
    for name in CONDITIONS:
        asked |= Q(**{name: True})
    return asked


def _starts_at_one() -> Q:
    condition = Q()
    for name in NUMBERS:
        condition &= Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 1})
    return condition


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def visible_to(self, user: User) -> ProgrammeQuerySet:
        """Those of the organisations that `user` administers; to anybody else they are not there."""
        return self.filter(organisation__in=user.organisations_as(Role.ADMIN))

    def offered(self) -> ProgrammeQuerySet:
        return self.filter(retired_at__isnull=True)


class Programme(models.Model):
    """What a training or a review of one organisation asks for. Memberships belong to it by its name.

    A number that is null, and a condition that is false, are not asked for.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="programmes")
    name = models.CharField(max_length=150)
    cases = models.PositiveSmallIntegerField(null=True)
    recordings_per_case = models.PositiveSmallIntegerField(null=True)
    problem_areas = models.PositiveSmallIntegerField(null=True)
    assessments = models.PositiveSmallIntegerField(null=True)
    has_all_phases = models.BooleanField(default=False)
    is_core_observed = models.BooleanField(default=False)
    is_focus_observed = models.BooleanField(default=False)
    has_no_open_concern = models.BooleanField(default=False)
    is_all_signed_off = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    retired_at = models.DateTimeField(null=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            UniqueConstraint(
                "organisation",
                Lower("name"),
                condition=Q(retired_at__isnull=True),
                name="programme_name_is_unique_while_offered",
            ),
            CheckConstraint(name="programme_has_a_name", condition=~Q(name="")),
            CheckConstraint(name="programme_asks_for_something", condition=_asks_for_something()),
            CheckConstraint(name="programme_numbers_start_at_one", condition=_starts_at_one()),
            CheckConstraint(
                name="programme_counts_recordings_in_cases",
                condition=Q(recordings_per_case__isnull=True) | Q(cases__isnull=False),
            ),
            CheckConstraint(
                name="programme_asks_for_problem_areas_there_are",
                condition=Q(problem_areas__isnull=True) | Q(problem_areas__lte=len(ProblemArea)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        return name_key(self.name)

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None
