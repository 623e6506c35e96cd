from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from assessments.forms.fields import Date, Email, Form, Line, OneOf
from assessments.models import Organisation, Role, User


def _programme(hint: str = "") -> Line:
    """Free text, with the organisations' programmes to pick from: the page lists them under this id."""
    return Line(
        label="Programme",
        max_length=150,
        required=False,
        help_text=hint,
        widget=forms.TextInput(attrs={"list": "programmes"}),
    )


class PersonForm(Form):
    """An account and its first role."""

    name = Line(label="Name", max_length=150)
    email = Email(label="E-mail address")
    profession = Line(label="Profession", max_length=150, required=False)
    organisation = OneOf(label="Organisation")
    role = forms.ChoiceField(label="Role", choices=Role.choices, widget=forms.RadioSelect)
    programme = _programme("For a therapist: the training or review it is for.")
    starts_on = Date(label="From", initial=timezone.localdate)

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_read("organisation", organisations)


class ChangePersonForm(Form):
    name = Line(label="Name", max_length=150)
    profession = Line(label="Profession", max_length=150, required=False)
    is_active = forms.BooleanField(
        label="May sign in", required=False, help_text="Switched off, the person cannot sign in; records stay."
    )


class MembershipForm(Form):
    organisation = OneOf(label="Organisation")
    role = forms.ChoiceField(label="Role", choices=Role.choices)
    programme = _programme()
    starts_on = Date(label="From", initial=timezone.localdate)

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_read("organisation", organisations)


class SupervisionForm(Form):
    """Who supervises a therapist, where, from when."""

    supervisor = OneOf(label="Supervisor", empty_label="Choose a supervisor")
    organisation = OneOf(label="Organisation")
    starts_on = Date(label="From", initial=timezone.localdate)

    def __init__(
        self, *args: Any, organisations: Sequence[Organisation], supervisors: Sequence[User], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer_read("organisation", organisations)
        self.offer_read("supervisor", supervisors)


class EndForm(Form):
    ends_on = Date(label="Last day", initial=timezone.localdate)
