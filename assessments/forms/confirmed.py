from typing import Any, ClassVar

from django import forms

from assessments.forms.fields import Form
from assessments.models import User


class ConfirmedForm(Form):
    """One that asks for the password again, for what nobody is to do from a screen that was left open."""

    confirms: ClassVar[str]
    nothing_done: ClassVar[str]

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, may_try: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.may_try = may_try
        self.fields["password"].help_text = self.confirms

    def clean_password(self) -> str:
        if not self.may_try:  # and nothing says whether this one was right
            raise forms.ValidationError(f"Too many tries. Wait five minutes, then try again. {self.nothing_done}")
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(f"This is not your password. {self.nothing_done}")
        return password
