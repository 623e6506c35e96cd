"""What a supervisor concludes from the whole assessment, and which earlier one it is read beside."""

from django.db import models
from django.db.models import CheckConstraint, F, Q

from assessments.models.constraints import chosen


class Fitness(models.TextChoices):
    """The supervisor's own judgement, never computed; blank where none is stated."""

    REACHED = "reached", "Satisfactory standard reached"
    REACHED_WITH_CPD = "reached_with_cpd", "Reached, with recommendations for further development"
    NOT_YET = "not_yet", "Not yet reached"
    UNABLE = "unable", "Unable to judge"


JUDGEMENT_CONSTRAINTS = [
    chosen("assessment", "fitness", Fitness, blank=True),
    CheckConstraint(
        name="assessment_states_fitness_only_by_a_supervisor", condition=Q(fitness="") | Q(role="supervisor")
    ),
    CheckConstraint(
        name="assessment_has_a_previous_only_once_shared", condition=Q(previous__isnull=True) | ~Q(status="draft")
    ),
    CheckConstraint(
        name="assessment_has_a_previous_only_by_a_supervisor",
        condition=Q(previous__isnull=True) | Q(role="supervisor"),
    ),
    CheckConstraint(name="assessment_is_not_its_own_previous", condition=~Q(previous=F("id"))),
]
