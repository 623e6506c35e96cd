from collections.abc import Sequence
from typing import Any

from django import forms

from assessments.forms.assessments import CHOSEN, BeginForm, ContextForm, context_of
from assessments.forms.fields import OneOf
from assessments.models import Assessment, Organisation
from assessments.models.assessment import Source
from assessments.wording import FIELDS


class SelfContextForm(ContextForm):
    """What a self-assessment rests on, which may be reflection alone."""

    source = forms.ChoiceField(
        label=FIELDS["source"], choices=Source.choices, widget=forms.RadioSelect, initial=Source.REFLECTION
    )


class SelfStartForm(SelfContextForm, BeginForm):
    """With the organisation in which the therapist is in training, to be chosen where there are several."""

    organisation = OneOf(label="In training at", empty_label="Choose where")
    field_order = ["organisation"]

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_read("organisation", organisations)
        if len(organisations) == 1:
            self.initial["organisation"] = organisations[0].pk
            self.fields["organisation"].widget = forms.HiddenInput()


def form_to_correct(assessment: Assessment) -> type[ContextForm]:
    return SelfContextForm if assessment.is_self else ContextForm


def same_session_as(own: Assessment) -> dict[str, Any]:
    """What a supervisor's assessment begins with that is to stand beside a self-assessment."""
    values = {"therapist": own.therapist_id, **context_of(own), "extent": CHOSEN}
    if own.source == Source.REFLECTION:
        del values["source"]  # theirs rests on something else
    return values
