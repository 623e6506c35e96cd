import datetime
import re
from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxValueValidator, MinValueValidator
from django.db.models import QuerySet

from assessments import wording

MAX_NOTE, MAX_TEXT = 5_000, 10_000
EARLIEST, LATEST = datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)
PRIVACY_HINT = "Write nothing that could identify the client."

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def no_control_characters(value: str) -> None:
    if _CONTROL.search(value):
        raise ValidationError(
            "This holds a control character that cannot be kept. Type the text again, or paste it plain."
        )


def no_turned_text(value: str) -> None:
    """A name that turns the direction of what follows it would make another sentence of it."""
    if _TURNS.search(value):
        raise ValidationError("This holds a hidden character that turns the direction of text. Type it again.")


class Form(forms.Form):
    """A form whose every field says by name what is missing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            label = field.label or name.replace("_", " ").capitalize()
            field.error_messages["required"] = f"{label}: this is missing."

    def offer(self, name: str, rows: QuerySet[Any]) -> None:
        """Limit a field's choices to these rows."""
        cast("forms.ModelChoiceField[Any]", self.fields[name]).queryset = rows

    def offer_read(self, name: str, rows: Sequence[Any]) -> None:
        """Limit a OneOf field's choices to these rows, which were read already."""
        cast("OneOf", self.fields[name]).offer(rows)


class OneOf(forms.TypedChoiceField):
    """One of a few rows that were read already; the cleaned value is the row itself."""

    def __init__(self, *, empty_label: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.empty_label = empty_label
        self.error_messages["invalid_choice"] = "This is not one of the choices. Choose one that is shown."

    def offer(self, rows: Sequence[Any]) -> None:
        by_key = {str(row.pk): row for row in rows}
        first = [("", self.empty_label)] if self.empty_label else []
        self.choices = [*first, *((key, str(row)) for key, row in by_key.items())]
        self.coerce = by_key.get


class Several(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic for the checker only
    """Several rows; a number that no database can hold is not one of them."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:
            raise ValidationError("This is not one of the choices. Choose one that is shown.") from error


class Line(forms.CharField):
    """Text without control characters; what is too long is refused in plain words."""

    default_validators = [no_control_characters, no_turned_text]

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        what = f"This is longer than {max_length:,} characters. Shorten it; nothing was saved."
        self.error_messages["max_length"] = what


class Text(Line):
    """Free text over several lines, with one kind of line break."""

    widget = forms.Textarea
    default_validators = [no_control_characters]

    def __init__(self, *, rows: int = 4, max_length: int = MAX_TEXT, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        self.widget.attrs["rows"] = rows

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class Email(Line):
    """An e-mail address."""

    widget = forms.EmailInput
    default_validators = [EmailValidator("This is not an e-mail address. Write it as name@example.org.")]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)


class Date(forms.DateField):
    """A day, picked or typed as 2026-11-30 or 30/11/2026."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {}).setdefault("invalid", "This is not a date. Write it as 30/11/2026.")
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            **kwargs,
        )
        far = "This day is too far away. Check the year."
        self.validators += [MinValueValidator(EARLIEST, far), MaxValueValidator(LATEST, far)]


class TimeMark(Line):
    """A place in a recording, typed as 14:20 or 1:05:30; the cleaned value is in seconds, or None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        seconds = wording.seconds(typed)
        if seconds is None:
            raise ValidationError("This is not a time in the recording. Write minutes and seconds, as in 14:20.")
        return seconds


class Number(forms.IntegerField):
    """A small whole number from one up."""

    def __init__(self, *, max_value: int, required: bool = True, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=max_value, required=required, **kwargs)
        wrong = f"Give a whole number from 1 to {max_value}{'' if required else ', or leave it empty'}."
        self.error_messages |= dict.fromkeys(["invalid", "min_value", "max_value"], wrong)
        self.widget.attrs["inputmode"] = "numeric"
