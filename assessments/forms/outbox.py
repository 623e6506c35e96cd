"""What a browser says of its outbox."""

from django import forms

MOST_UNSENT = 10_000


class OutboxForm(forms.Form):
    """Both or neither: the device, named by itself, and how many answers of the assessment it keeps."""

    device = forms.UUIDField(required=False)
    unsent = forms.IntegerField(required=False, min_value=0, max_value=MOST_UNSENT)
