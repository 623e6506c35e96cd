"""The ends of an assessment that a training lead decides: closing it, and reopening it as a new version."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from assessments.forms.assessments import SignOffForm
from assessments.forms.fields import MAX_NOTE, PRIVACY_HINT, Form, Text
from assessments.models import User
from assessments.models.succession import ClosedAs


class CloseForm(SignOffForm):
    """Why there is no signature of the therapist, confirmed like a signature of one's own."""

    closed_as = forms.ChoiceField(
        label="Why the therapist\u2019s signature is missing", choices=ClosedAs.choices, widget=forms.RadioSelect
    )
    reason = Text(
        label="Reason",
        max_length=MAX_NOTE,
        rows=3,
        help_text=f"What was tried, and when. It becomes part of the record and prints with it. {PRIVACY_HINT}",
    )
    field_order = ["closed_as", "reason", "password"]


class ReopenForm(Form):
    """A reason, and who goes on where the supervisor may not any more."""

    to = forms.ModelChoiceField(
        label="Who goes on with it", queryset=User.objects.none(), empty_label="Choose a supervisor"
    )
    reason = Text(
        label="Reason",
        max_length=MAX_NOTE,
        rows=3,
        help_text=f"It becomes part of the new record and prints with it. {PRIVACY_HINT}",
    )

    def __init__(self, *args: Any, supervisors: QuerySet[User], goes_on: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if goes_on:
            del self.fields["to"]
        else:
            self.offer("to", supervisors)
