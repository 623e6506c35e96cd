from __future__ import annotations

import datetime

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from assessments.models.constraints import chosen
from assessments.models.framework import Activity, Domain
from assessments.models.people import Organisation, User
from assessments.models.rating import Outcome


class ActivityStanding(models.Model):
    """Where a therapist stands on one activity, from what one organisation's shared assessments say.

    A projection of the profile for pages that look at many people at once: written with every change of what counts,
    never by hand, and compared with the ratings by `manage.py rebuild_standings --check`. No row means not rated.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="activity_standings")
    therapist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="activity_standings")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="standings")
    # One mark for the whole activity: the median of the latest levels, or in which way there is none.
    outcome = models.CharField(max_length=20, choices=Outcome)
    position = models.PositiveSmallIntegerField(null=True, blank=True)
    rated = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    last_rated_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["activity", "organisation"], name="standing_of_activity")]
        constraints = [
            chosen("standing", "outcome", Outcome),
            UniqueConstraint(fields=["organisation", "therapist", "activity"], name="standing_is_one_per_activity"),
            CheckConstraint(
                name="standing_has_a_position_only_as_level",
                condition=Q(outcome="level", position__isnull=False, last_rated_on__isnull=False)
                | Q(outcome__in=["not_observed", "not_applicable"], position__isnull=True),
            ),
            CheckConstraint(name="standing_counts_within_its_activity", condition=Q(rated__lte=F("total"))),
        ]


def quarter_of(day: datetime.date) -> datetime.date:
    """The first day of the quarter of the year in which a day lies."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def end_of_quarter(begins_on: datetime.date) -> datetime.date:
    """The last day of the quarter that begins on a day."""
    within_the_next = begins_on + datetime.timedelta(days=100)
    return quarter_of(within_the_next) - datetime.timedelta(days=1)


class QuarterStanding(models.Model):
    """Where a therapist stood on one domain at the end of a quarter, and of those after it until something changed.

    A projection like the one above, of sessions by their dates: what is shared late, taken back or withdrawn changes
    the quarter of its session and those after it. Days are first days of quarters; `ends_on` is the first day on which
    something else stands, or nothing. No row means not rated.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="quarter_standings")
    therapist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="quarter_standings")
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="quarter_standings")
    outcome = models.CharField(max_length=20, choices=Outcome)
    position = models.PositiveSmallIntegerField(null=True, blank=True)
    begins_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["domain", "organisation"], name="quarter_of_domain")]
        constraints = [
            chosen("quarter", "outcome", Outcome),
            UniqueConstraint(
                fields=["organisation", "therapist", "domain", "begins_on"], name="quarter_begins_once_per_domain"
            ),
            UniqueConstraint(
                fields=["organisation", "therapist", "domain"],
                condition=Q(ends_on__isnull=True),
                name="quarter_is_open_once_per_domain",
            ),
            CheckConstraint(
                name="quarter_has_a_position_only_as_level",
                condition=Q(outcome="level", position__isnull=False)
                | Q(outcome__in=["not_observed", "not_applicable"], position__isnull=True),
            ),
            CheckConstraint(
                name="quarter_ends_after_its_start", condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("begins_on"))
            ),
        ]
