from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from assessments.models.assessment import Outcome
from assessments.models.constraints import chosen
from assessments.models.framework import Activity
from assessments.models.people import Organisation, User


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
