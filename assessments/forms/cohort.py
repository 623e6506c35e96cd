import datetime
from typing import Any

from django.utils import timezone

from assessments.forms.fields import Date, Form

YEAR = datetime.timedelta(days=365)


class SpanForm(Form):
    """Sessions between two days, both included; at first those of a year up to today."""

    since = Date(label="From")
    until = Date(label="To")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "since" in cleaned and "until" in cleaned and cleaned["since"] > cleaned["until"]:
            self.add_error("until", "This day lies before the first one.")
        return cleaned

    @property
    def span(self) -> tuple[datetime.date, datetime.date]:
        """The days asked for; those of the last year where the answers name none."""
        if self.is_valid():
            return self.cleaned_data["since"], self.cleaned_data["until"]
        return last_year()


def last_year() -> tuple[datetime.date, datetime.date]:
    today = timezone.localdate()
    return today - YEAR, today


def span_form(asked: Any) -> SpanForm:
    """From what an address asks for."""
    since, until = last_year()
    given = asked if "since" in asked or "until" in asked else {"since": since, "until": until}
    return SpanForm(given)
