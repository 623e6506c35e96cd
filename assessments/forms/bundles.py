import datetime
from typing import Any

from django import forms
from django.utils import timezone

from assessments.forms.confirmed import ConfirmedForm
from assessments.forms.fields import Date

ASSESSMENTS, PROFILES = "assessments", "profiles"


class BundleForm(ConfirmedForm):
    """What goes into the file. Taking so much away asks for the password again."""

    on = Date(label="Up to and including", help_text="Profiles stand as on this day; later assessments are left out.")
    kinds = forms.MultipleChoiceField(
        label="Which reports",
        choices=[
            (ASSESSMENTS, "The report of every signed assessment"),
            (PROFILES, "One profile report of each therapist"),
        ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "This is not one of the choices. Choose one that is shown."},
    )
    field_order = ["on", "kinds", "password"]
    confirms = "It confirms that it is you who takes everybody\u2019s reports."
    nothing_done = "Nothing was asked for."

    def clean_on(self) -> datetime.date:
        on: datetime.date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError("This day is still to come. Choose today or an earlier one.")
        return on

    @property
    def asked(self) -> dict[str, Any]:
        kinds = self.cleaned_data["kinds"]
        return {
            "on": self.cleaned_data["on"],
            "has_assessments": ASSESSMENTS in kinds,
            "has_profiles": PROFILES in kinds,
        }
