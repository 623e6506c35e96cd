"""A short form as an administrator fills it in."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import QuerySet

from assessments.forms.assessments import ActivityChoices
from assessments.forms.fields import Form, Line
from assessments.models import Activity, Domain
from assessments.models.short_form import ShortFormPurpose


@dataclass(frozen=True)
class Column:
    """A domain's checkboxes, each with the number of competences behind it."""

    domain: Domain
    boxes: list[tuple[Any, int]]


class ShortFormForm(Form):
    """A name, what it is for, and the activities."""

    name = Line(
        label="Name",
        max_length=100,
        help_text="It prints on every report of an assessment that starts from it.",
    )
    purpose = forms.ChoiceField(label="What it is for", choices=ShortFormPurpose.choices, widget=forms.RadioSelect)
    activities = ActivityChoices(
        label="Activities",
        queryset=Activity.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(
            ["invalid_choice", "invalid_pk_value"], "This is not one of the choices. Choose one that is shown."
        ),
    )

    def __init__(self, *args: Any, activities: QuerySet[Activity], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("activities", activities)
        self.fields["activities"].error_messages["required"] = "Tick at least one activity."

    @property
    def columns(self) -> list[Column]:
        """The checkboxes laid out like the map."""
        rows = [(box, box.data["value"].instance) for box in self["activities"]]
        return [
            Column(domain, [(box, activity.competence_count) for box, activity in group])
            for domain, group in groupby(rows, key=lambda row: row[1].domain)
        ]
