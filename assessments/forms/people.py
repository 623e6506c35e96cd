from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from assessments.forms.fields import Date, Form, OneOf, no_control_characters
from assessments.models import Organisation, Role, User


class PersonForm(Form):
    """An account and its first role."""

    name = forms.CharField(label="Name", max_length=150, validators=[no_control_characters])
    email = forms.EmailField(label="E-mail address", max_length=254)
    profession = forms.CharField(label="Profession", max_length=150, required=False, validators=[no_control_characters])
    organisation = OneOf(label="Organisation")
    role = forms.ChoiceField(label="Role", choices=Role.choices, widget=forms.RadioSelect)
    programme = forms.CharField(
        label="Programme",
        max_length=150,
        required=False,
        validators=[no_control_characters],
        help_text="For a therapist: the training or review it is for.",
    )
    starts_on = Date(label="From", initial=timezone.localdate)

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_read("organisation", organisations)


class ChangePersonForm(Form):
    name = forms.CharField(label="Name", max_length=150, validators=[no_control_characters])
    profession = forms.CharField(label="Profession", max_length=150, required=False, validators=[no_control_characters])
    is_active = forms.BooleanField(
        label="May sign in", required=False, help_text="Switched off, the person cannot sign in; records stay."
    )


class MembershipForm(Form):
    organisation = OneOf(label="Organisation")
    role = forms.ChoiceField(label="Role", choices=Role.choices)
    programme = forms.CharField(label="Programme", max_length=150, required=False, validators=[no_control_characters])
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
