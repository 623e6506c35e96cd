from collections.abc import Sequence
from typing import Any

from django import forms

from assessments.forms.fields import Form, OneOf
from assessments.models import FrameworkRevision


class ComparisonForm(Form):
    """Two revisions of one framework; which of them is the newer is for the reader to say."""

    older = OneOf(label="From revision")
    newer = OneOf(label="To revision")

    def __init__(self, *args: Any, revisions: Sequence[FrameworkRevision], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_read("older", revisions)
        self.offer_read("newer", revisions)

    def clean(self) -> dict[str, Any]:
        chosen: dict[str, Any] = super().clean() or {}
        if chosen.get("older") and chosen.get("older") == chosen.get("newer"):
            raise forms.ValidationError("This is the same revision twice. Choose two different ones.")
        return chosen
