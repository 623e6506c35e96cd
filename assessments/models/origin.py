"""Where an assessment comes from: given here, or entered from a form that was kept before."""

from django.db import models
from django.db.models import CheckConstraint, Q

from assessments.models.constraints import chosen


class AssessmentOrigin(models.TextChoices):
    HERE = "here", "Given here"
    FORM = "form", "From an earlier form"


ORIGIN_CONSTRAINTS = [
    chosen("assessment", "origin", AssessmentOrigin),
    CheckConstraint(
        name="assessment_from_a_form_names_who_entered_it",
        # Only of known origins, so that an unknown one breaks a single rule.
        condition=~Q(origin="form") & Q(entered_by__isnull=True) | ~Q(origin="here") & Q(entered_by__isnull=False),
    ),
]
