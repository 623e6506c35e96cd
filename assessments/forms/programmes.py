"""A programme as an administrator fills it in."""

from collections.abc import Sequence
from typing import Any

from django import forms

from assessments.forms.fields import Form, Line, Number, OneOf
from assessments.models import Organisation
from assessments.models.framework import ProblemArea
from assessments.models.programme import CONDITIONS, NUMBERS

MOST_CASES, MOST_RECORDINGS, MOST_ASSESSMENTS = 99, 99, 999


def _number(label: str, most: int, hint: str) -> Number:
    return Number(label=label, max_value=most, required=False, help_text=hint)


def _condition(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


class ProgrammeForm(Form):
    """A name and what is asked for. With one organisation to choose from, that is not asked."""

    organisation = OneOf(label="Organisation")
    name = Line(
        label="Name",
        max_length=150,
        help_text="Written as in the roles of its therapists; capital letters make no difference.",
    )
    cases = _number("Cases", MOST_CASES, "Different case numbers in shared assessments.")
    recordings_per_case = _number(
        "Recordings in each case", MOST_RECORDINGS, "Shared assessments of a recorded session."
    )
    problem_areas = _number("Problem areas", len(ProblemArea), f"Different ones, of {len(ProblemArea)}.")
    assessments = _number("Shared assessments", MOST_ASSESSMENTS, "In all, whatever they rest on.")
    has_all_phases = _condition("Initial, middle and ending phase")
    is_core_observed = _condition("Every core activity observed")
    is_focus_observed = _condition("Every focus activity observed whose problem area has come up")
    has_no_open_concern = _condition("No open concern")
    is_all_signed_off = _condition("Every assessment signed off")

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(organisations) > 1:
            self.offer_read("organisation", organisations)
        else:
            del self.fields["organisation"]
        self.organisations = organisations

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if not self.errors and not any(asked.get(name) for name in [*NUMBERS, *CONDITIONS]):
            self.add_error("cases", "Ask for at least one thing: a number here or below, or one of the conditions.")
        if asked.get("recordings_per_case") and "cases" not in self.errors and not asked.get("cases"):
            self.add_error("cases", "Say in how many cases the recordings are asked for.")
        return asked

    @property
    def numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in NUMBERS]

    @property
    def conditions(self) -> list[forms.BoundField]:
        return [self[name] for name in CONDITIONS]

    @property
    def organisation_chosen(self) -> Organisation:
        """The organisation of a form that is valid."""
        chosen: Organisation = self.cleaned_data.get("organisation") or self.organisations[0]
        return chosen

    @property
    def asks(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in [*NUMBERS, *CONDITIONS]}
