from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from assessments.models.assessment import STANDING, Assessment, superseded
from assessments.models.constraints import chosen
from assessments.models.framework import Activity, Competence
from assessments.models.people import User
from assessments.models.scale import RatingLevel
from assessments.models.self_assessment import NOT_WITHDRAWN


class Outcome(models.TextChoices):
    """What was judged. No row, and a row that is still pending, both mean not rated."""

    PENDING = "pending", "Not rated"
    LEVEL = "level", "Level"
    NOT_OBSERVED = "not_observed", "Not observed"
    NOT_APPLICABLE = "not_applicable", "Not applicable"


class RatingQuerySet(models.QuerySet["Rating"]):
    def given(self) -> RatingQuerySet:
        """Rows that are ratings: a note that still waits for its level is not."""
        return self.exclude(outcome=Outcome.PENDING)

    def in_activity(self, activity: Activity) -> RatingQuerySet:
        return self.filter(competence__activity=activity)

    def earlier_than(self, assessment: Assessment) -> RatingQuerySet:
        """Of the same therapist on the same scale: what a supervisor, or they themselves, gave earlier and shared.

        Not the version that this one replaces; nor, to whoever rates a session a second time, the first rating of it.
        An occasional rater sees nothing of other occasions.
        """
        if not assessment.looks_back:
            return self.none()
        asked = Assessment.objects.second().filter(NOT_WITHDRAWN, supervisor=assessment.supervisor_id)
        withheld = asked.filter(opened_at__isnull=True).values("second_of")
        replaced = [pk for pk in [assessment.pk, assessment.predecessor_id] if pk]
        return self.filter(
            ~superseded("assessment"),
            assessment__therapist=assessment.therapist_id,
            assessment__scale=assessment.scale_id,
            assessment__role=assessment.role,
            assessment__status__in=STANDING,
            assessment__session_on__lte=assessment.session_on,
        ).exclude(Q(assessment__in=replaced) | Q(assessment__in=withheld))


class Rating(models.Model):
    """One judgement of one competence on one occasion. No row means not rated.

    While the assessment is a draft a row may be pending: a note, flag or tick that came before the level. `version` is
    the id of the audit event that wrote the row, so it only grows and is never used twice.
    """

    Outcome = Outcome

    # Its index is the one below.
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, db_index=False, related_name="ratings")
    competence = models.ForeignKey(Competence, on_delete=models.PROTECT, related_name="ratings")
    outcome = models.CharField(max_length=20, choices=Outcome)
    level = models.ForeignKey(RatingLevel, null=True, blank=True, on_delete=models.PROTECT, related_name="ratings")
    note = models.TextField(blank=True)
    is_concern = models.BooleanField(default=False)
    is_priority = models.BooleanField(default=False)
    # Codes of sub-points of the competence, in order, with single spaces; no code holds one.
    points_seen = models.CharField(max_length=5_000, blank=True)
    # Seconds from the start of the recording.
    time_mark = models.PositiveIntegerField(null=True, blank=True)
    version = models.BigIntegerField()
    rated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="ratings_given")
    rated_at = models.DateTimeField()

    objects = RatingQuerySet.as_manager()

    class Meta:
        # Holds all that profiles and lists read: in a large database the ratings of one assessment lie far apart.
        indexes = [models.Index(fields=["assessment", "competence", "outcome", "level"], name="rating_of_assessment")]
        constraints = [
            chosen("rating", "outcome", Outcome),
            UniqueConstraint(fields=["assessment", "competence"], name="rating_is_one_per_competence"),
            CheckConstraint(
                name="rating_has_a_level_only_as_outcome",
                condition=Q(outcome="level", level__isnull=False) | (~Q(outcome="level") & Q(level__isnull=True)),
            ),
            CheckConstraint(
                name="rating_pending_holds_something",
                condition=~Q(outcome="pending")
                | ~Q(note="")
                | Q(is_concern=True)
                | Q(is_priority=True)
                | ~Q(points_seen="")
                | Q(time_mark__isnull=False),
            ),
            CheckConstraint(
                name="rating_time_mark_is_within_ten_hours",
                condition=Q(time_mark__isnull=True) | Q(time_mark__lt=36_000),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.competence_id}: {self.outcome}"
