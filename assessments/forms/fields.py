import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

MAX_NOTE, MAX_TEXT = 5_000, 10_000
PRIVACY_HINT = "Write nothing that could identify the client."

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def no_control_characters(value: str) -> None:
    if _CONTROL.search(value):
        raise ValidationError(
            "This holds a control character that cannot be kept. Type the text again, or paste it plain."
        )


def offer(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    """Limit a field's choices to these rows."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(f"{name} offers no rows")
    field.queryset = rows


class Text(forms.CharField):
    """Free text over several lines: trimmed, one kind of line break, no control characters."""

    widget = forms.Textarea

    def __init__(self, *, rows: int = 4, max_length: int = MAX_TEXT, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        self.widget.attrs["rows"] = rows
        self.validators.append(no_control_characters)
        what = f"This is longer than {max_length:,} characters. Shorten it; nothing was saved."
        self.error_messages["max_length"] = what

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class Date(forms.DateField):
    """A day, picked or typed as 2026-11-30 or 30/11/2026."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {}).setdefault("invalid", "This is not a date. Write it as 30/11/2026.")
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            **kwargs,
        )


class Number(forms.IntegerField):
    """A small whole number from one up."""

    def __init__(self, *, max_value: int, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=max_value, **kwargs)
        self.widget.attrs["inputmode"] = "numeric"
