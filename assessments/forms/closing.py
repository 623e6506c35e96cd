"""The ends of an assessment that a training lead decides: closing it, and reopening it as a new version."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from assessments.forms.assessments import HandOverForm, SignOffForm
from assessments.forms.fields import MAX_NOTE, PRIVACY_HINT, Text
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


class ReopenForm(HandOverForm):
    """A reason, and who goes on where the supervisor may not any more."""

    def __init__(self, *args: Any, supervisors: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, supervisors=supervisors, **kwargs)
        self.fields["reason"].help_text = f"It becomes part of the new record and prints with it. {PRIVACY_HINT}"
        self.fields["to"].label = "Who goes on with it"

    def without_choice(self) -> "ReopenForm":
        """For an assessment whose supervisor goes on."""
        del self.fields["to"]
        return self
