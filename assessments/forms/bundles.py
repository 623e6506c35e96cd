import datetime
from typing import Any

from django import forms
from django.utils import timezone

from assessments.forms.fields import Date, Form
from assessments.models import User

ASSESSMENTS, PROFILES = "assessments", "profiles"


class BundleForm(Form):
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
    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="It confirms that it is you who takes everybody\u2019s reports.",
    )

    def __init__(self, *args: Any, user: User, may_try: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.may_try = may_try

    def clean_on(self) -> datetime.date:
        on: datetime.date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError("This day is still to come. Choose today or an earlier one.")
        return on

    def clean_password(self) -> str:
        if not self.may_try:  # and nothing says whether this one was right
            raise forms.ValidationError("Too many tries. Wait five minutes, then try again. Nothing was asked for.")
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError("This is not your password. Nothing was asked for.")
        return password

    @property
    def asked(self) -> dict[str, Any]:
        kinds = self.cleaned_data["kinds"]
        return {
            "on": self.cleaned_data["on"],
            "has_assessments": ASSESSMENTS in kinds,
            "has_profiles": PROFILES in kinds,
        }
