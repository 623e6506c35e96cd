from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from assessments.forms.fields import Date, no_control_characters, offer
from assessments.models import Organisation, Role, User


class PersonForm(forms.Form):
    """An account and its first role."""

    name = forms.CharField(label="Name", max_length=150, validators=[no_control_characters])
    email = forms.EmailField(label="E-mail address", max_length=254)
    profession = forms.CharField(label="Profession", max_length=150, required=False, validators=[no_control_characters])
    organisation = forms.ModelChoiceField(queryset=Organisation.objects.none(), empty_label=None)
    role = forms.ChoiceField(label="Role", choices=Role.choices, widget=forms.RadioSelect)
    programme = forms.CharField(
        label="Programme",
        max_length=150,
        required=False,
        help_text="For a therapist: the training or review it is for.",
    )
    starts_on = Date(label="From", initial=timezone.localdate)

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "organisation", organisations)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError("Somebody with this e-mail address has an account already.")
        return email


class ChangePersonForm(forms.Form):
    name = forms.CharField(label="Name", max_length=150, validators=[no_control_characters])
    profession = forms.CharField(label="Profession", max_length=150, required=False, validators=[no_control_characters])
    is_active = forms.BooleanField(
        label="May sign in", required=False, help_text="Switched off, the person cannot sign in; records stay."
    )


class MembershipForm(forms.Form):
    organisation = forms.ModelChoiceField(queryset=Organisation.objects.none(), empty_label=None)
    role = forms.ChoiceField(label="Role", choices=Role.choices)
    programme = forms.CharField(label="Programme", max_length=150, required=False)
    starts_on = Date(label="From", initial=timezone.localdate)

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "organisation", organisations)


class SupervisionForm(forms.Form):
    """Who supervises a therapist, where, from when."""

    supervisor = forms.ModelChoiceField(queryset=User.objects.none(), empty_label="Choose a supervisor")
    organisation = forms.ModelChoiceField(queryset=Organisation.objects.none(), empty_label=None)
    starts_on = Date(label="From", initial=timezone.localdate)

    def __init__(
        self, *args: Any, organisations: QuerySet[Organisation], supervisors: QuerySet[User], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "organisation", organisations)
        offer(self, "supervisor", supervisors)


class EndForm(forms.Form):
    ends_on = Date(label="Last day", initial=timezone.localdate)
