import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assessments.forms.fields import Form

# No report is larger.
MAX_BYTES = 20 * 1024**2
_CHECKSUM = re.compile(r"(?:sha256)?([0-9a-f]{64}|[0-9a-f]{24})")


class VerifyForm(Form):
    """A file, or a checksum as a person reads it off a page."""

    file = forms.FileField(
        label="The report",
        required=False,
        help_text="Choose the PDF as you were given it, or drop it here. It is read once and not kept.",
    )
    checksum = forms.CharField(
        label="Or a checksum",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        help_text="The SHA-256 at the foot of each page, or that of the whole file. Spaces and capitals do not matter.",
    )

    def __init__(self, *args: Any, may_try: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_try = may_try

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MAX_BYTES:
            raise ValidationError(f"This file is larger than {MAX_BYTES // 1024**2} MB. No report is as large as that.")
        return file

    def clean_checksum(self) -> str:
        typed = re.sub(r"[\s.\u2026:-]", "", self.cleaned_data["checksum"]).lower()
        found = _CHECKSUM.fullmatch(typed)
        if typed and not found:
            raise ValidationError(
                "This is not a whole checksum. Type all 64 figures and letters, or the 24 at the foot of a page."
            )
        return found[1] if found else ""

    def clean(self) -> dict[str, Any]:
        if not self.may_try:
            self.errors.clear()
            raise ValidationError("Too many tries from your network. Wait five minutes, then try again.")
        if not self.errors and bool(self.cleaned_data.get("file")) == bool(self.cleaned_data.get("checksum")):
            raise ValidationError("Choose a file, or type a checksum: one of the two.")
        return self.cleaned_data
