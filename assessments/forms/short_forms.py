"""A short form as an administrator fills it in."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import QuerySet

from assessments import wording
from assessments.forms.fields import Form, Several, no_control_characters
from assessments.models import Activity, Domain
from assessments.models.short_form import ShortFormPurpose


class CountedActivities(Several):
    def label_from_instance(self, activity: Any) -> str:
        return f"{activity.code} {activity.short_title} ({wording.count(activity.competence_count, 'competence')})"


@dataclass(frozen=True)
class Column:
    """A domain's checkboxes."""

    domain: Domain
    boxes: list[Any]


class ShortFormForm(Form):
    """A name, what it is for, and the activities."""

    name = forms.CharField(
        label="Name",
        max_length=100,
        validators=[no_control_characters],
        help_text="It prints on every report of an assessment that starts from it.",
    )
    purpose = forms.ChoiceField(label="What it is for", choices=ShortFormPurpose.choices, widget=forms.RadioSelect)
    activities = CountedActivities(
        label="Activities",
        queryset=Activity.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_pk_value": "This is not one of the activities. Tick those that are shown."},
    )

    def __init__(self, *args: Any, activities: QuerySet[Activity], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("activities", activities)
        self.fields["activities"].error_messages["required"] = "Tick at least one activity."

    @property
    def columns(self) -> list[Column]:
        """The checkboxes laid out like the map."""
        groups = groupby(self["activities"], key=lambda box: box.data["value"].instance.domain)
        return [Column(domain, list(boxes)) for domain, boxes in groups]
