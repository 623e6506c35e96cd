from typing import Any

from django import forms

from assessments.forms.assessments import BeginForm
from assessments.forms.fields import MAX_NOTE, Email, Form, Line, Number, Text
from assessments.models.rater_link import LONGEST_DAYS

DEFAULT_DAYS = 14


def _days(label: str) -> Number:
    return Number(label=label, max_value=LONGEST_DAYS, initial=DEFAULT_DAYS, help_text=f"From 1 to {LONGEST_DAYS}.")


class AskRaterForm(BeginForm):
    """Who is asked, for how long, and the session with its extent."""

    name = Line(label="Name", max_length=150)
    email = Email(label="E-mail address", help_text="The link and the codes go here, so it must be theirs alone.")
    profession = Line(
        label="Profession", max_length=150, help_text="It stands beside the name wherever the ratings do."
    )
    days = _days("Days to rate")
    field_order = ["name", "email", "profession", "days"]

    @property
    def asked(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ["name", "email", "profession", "days"]}


class ExtendForm(Form):
    days = _days("Days from today")


class EndLinkForm(Form):
    reason = Text(label="Reason", max_length=MAX_NOTE, rows=3, help_text="It stays in the history of this assessment.")


class CodeForm(Form):
    """Six figures, with or without a space between."""

    code = Line(
        label="Code",
        max_length=20,
        help_text="Six figures, from the e-mail that was just sent.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())
