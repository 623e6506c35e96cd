"""The upload of an earlier form."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from assessments.forms.fields import Form, OneOf
from assessments.importers.filled_forms import MAX_BYTES
from assessments.models import FrameworkRevision, User


class TemplateForm(Form):
    """Which revision's codes the template is to have."""

    revision = OneOf(label="Framework and revision")

    def __init__(self, *args: Any, revisions: Sequence[FrameworkRevision], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_read("revision", revisions)


class FormUploadForm(TemplateForm):
    """A filled template, and whom it is about."""

    therapist = forms.ModelChoiceField(
        label="Therapist", queryset=User.objects.none(), empty_label="Choose a therapist"
    )
    file = forms.FileField(label="Filled template (.xlsx)")
    field_order = ["therapist", "revision", "file"]

    def __init__(self, *args: Any, therapists: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("therapist", therapists)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(f"This file is larger than {MAX_BYTES // 1024**2} MB. Upload the filled template.")
        return file
