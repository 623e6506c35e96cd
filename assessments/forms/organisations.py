from django import forms

from assessments.forms.fields import Form, Number

MOST_DAYS = 90


class OrganisationForm(Form):
    """What an organisation decides about signing."""

    has_lead_signature = forms.BooleanField(label="A training lead signs as well, last", required=False)
    reply_days = Number(
        label="Days a therapist has to sign",
        max_value=MOST_DAYS,
        help_text="Counted from the day of sharing. After that a training lead may close the assessment with a reason.",
    )
