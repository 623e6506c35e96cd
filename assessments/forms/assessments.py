from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.db.models import QuerySet, TextChoices
from django.db.models.functions import Upper
from django.utils import timezone

from assessments import wording
from assessments.forms.confirmed import ConfirmedForm
from assessments.forms.fields import MAX_NOTE, PRIVACY_HINT, Date, Form, Number, Several, Text
from assessments.models import Activity, Assessment, Competence, Domain, FrameworkRevision, ShortForm, User
from assessments.models.assessment import CONTEXT, Agreement, Difficulty, Format, SelectedBy, Source
from assessments.models.framework import Phase, ProblemArea, Scope
from assessments.models.goal import GoalOwner, GoalStatus
from assessments.models.judgement import Fitness
from assessments.wording import FIELDS

WHOLE, CHOSEN = "whole", "chosen"
EXTENTS = [
    (WHOLE, "Whole framework: every core and focus activity"),
    (CHOSEN, "Only the domains and activities ticked below"),
]


# Reflection is what a therapist's own view may rest on.
_OF_SUPERVISORS = [each for each in Source.choices if each[0] != Source.REFLECTION]


def _optional(label: str, choices: type[TextChoices]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", "Not stated"), *choices.choices], required=False)


class ActivityChoices(Several):
    def label_from_instance(self, activity: Activity) -> str:
        return f"{activity.code} {activity.short_title}"


@dataclass(frozen=True)
class ExtentColumn:
    """A domain's checkboxes: one for all of it, one for each of its activities."""

    domain: Domain
    whole: Any
    activities: list[Any]


class ContextForm(Form):
    """What an assessment rests on, and how much of the framework it covers."""

    source = forms.ChoiceField(label=FIELDS["source"], choices=_OF_SUPERVISORS, widget=forms.RadioSelect)
    session_on = Date(label=FIELDS["session_on"])
    is_consent_confirmed = forms.BooleanField(
        label=FIELDS["is_consent_confirmed"],
        required=False,
        help_text="Compulsory for a recorded session.",
    )
    case_number = Number(
        label=FIELDS["case_number"], max_value=99, required=False, help_text="A case is only ever a number."
    )
    session_number = Number(label=FIELDS["session_number"], max_value=99, required=False)
    planned_total = Number(label=FIELDS["planned_total"], max_value=99, required=False)
    phase = _optional(FIELDS["phase"], Phase)
    problem_area = _optional(FIELDS["problem_area"], ProblemArea)
    format = _optional(FIELDS["format"], Format)
    minutes_reviewed = Number(label=FIELDS["minutes_reviewed"], max_value=600, required=False)
    selected_by = _optional(FIELDS["selected_by"], SelectedBy)
    difficulty = _optional(FIELDS["difficulty"], Difficulty)
    extent = forms.ChoiceField(
        label="Extent",
        choices=EXTENTS,
        widget=forms.RadioSelect,
        initial=WHOLE,
        error_messages={"invalid_choice": "This is no longer offered. Choose one that is shown."},
    )
    domains = Several(
        label="Whole domains", queryset=Domain.objects.none(), widget=forms.CheckboxSelectMultiple, required=False
    )
    activities = ActivityChoices(
        label="Single activities",
        queryset=Activity.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, revision: FrameworkRevision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.revision = revision
        self.offer("domains", revision.domains.all())
        self.offer("activities", Activity.objects.rateable().filter(revision=revision))

    def clean_session_on(self) -> Any:
        day = self.cleaned_data["session_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("This day lies in the future. Give the day the session took place.")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("source") == Source.RECORDED and not cleaned.get("is_consent_confirmed"):
            self.add_error(
                "is_consent_confirmed",
                "Confirm the client's consent, or choose another source than a recorded session.",
            )
        if cleaned.get("extent") == CHOSEN and not (cleaned.get("domains") or cleaned.get("activities")):
            self.add_error("activities", "Tick at least one domain or activity to rate.")
        return cleaned

    @property
    def extent_columns(self) -> list[ExtentColumn]:
        """Both fields' checkboxes laid out like the map."""
        boxes = defaultdict(list)
        for box in self["activities"]:
            boxes[box.data["value"].instance.domain_id].append(box)
        return [
            ExtentColumn(box.data["value"].instance, box, boxes[box.data["value"].value]) for box in self["domains"]
        ]

    @property
    def context(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in CONTEXT}

    @property
    def chosen_activities(self) -> list[Activity]:
        activities = Activity.objects.rateable().filter(revision=self.revision).order_by("position")
        if self.cleaned_data["extent"] == WHOLE:
            return list(activities.exclude(scope=Scope.OPTIONAL))
        chosen = set(self.cleaned_data["activities"])
        domains = {domain.pk for domain in self.cleaned_data["domains"]}
        return [activity for activity in activities if activity in chosen or activity.domain_id in domains]


class BeginForm(ContextForm):
    """The extent may be that of a short form."""

    def __init__(self, *args: Any, short_forms: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.short_forms = {f"form-{form.pk}": form for form in short_forms}
        extent = cast("forms.ChoiceField", self.fields["extent"])
        whole, *others = EXTENTS
        extent.choices = [whole, *((key, _described(form)) for key, form in self.short_forms.items()), *others]

    @property
    def short_form(self) -> ShortForm | None:
        return self.short_forms.get(self.cleaned_data["extent"])


class StartForm(BeginForm):
    """Context with the therapist it is about."""

    therapist = forms.ModelChoiceField(
        label="Therapist", queryset=User.objects.none(), empty_label="Choose a therapist"
    )
    field_order = ["therapist"]

    def __init__(self, *args: Any, therapists: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("therapist", therapists)


def _described(form: Any) -> str:
    """`Short form: Session review (5 activities, 40 competences)`; the counts are those of the query."""
    activities = wording.count(len(form.activities.all()), "activity", "activities")
    return f"Short form: {form.name} ({activities}, {wording.count(form.competence_count, 'competence')})"


def session_of(assessment: Assessment) -> dict[str, Any]:
    """Whom and what an assessment is about, to start another one on the same session with an extent of its own."""
    return {"therapist": assessment.therapist_id} | {name: getattr(assessment, name) for name in CONTEXT}


def next_session_of(assessment: Assessment) -> dict[str, Any]:
    """What the next session of the same case has in common with this one. Date and consent are given anew."""
    same = ["source", "case_number", "planned_total", "phase", "problem_area", "format"]
    number = assessment.session_number
    return {
        "therapist": assessment.therapist_id,
        "session_number": number + 1 if number else None,
        **{name: getattr(assessment, name) for name in same},
    }


def context_of(assessment: Assessment) -> dict[str, Any]:
    """A draft's context as the form's initial values."""
    values = {name: getattr(assessment, name) for name in CONTEXT}
    return {**values, "extent": CHOSEN, "activities": list(assessment.activities.all())}


OWN_JUDGEMENT = (
    "Your own judgement of the whole, shown to the therapist and in the report. Nothing computes it, and it is not an"
    " accreditation by IPT-UK or UCL. It can be left out."
)


class TextsForm(Form):
    """What the rater says of the whole. Fitness is stated by supervisors, in an assessment that counts."""

    strengths = Text(
        label=FIELDS["strengths"], required=False, rows=6, help_text="Drawn from your ratings. Edit freely."
    )
    needs = Text(
        label=FIELDS["needs"], required=False, rows=6, help_text="Drawn from your ratings and flags. Edit freely."
    )
    summary = Text(label=FIELDS["summary"], required=False, rows=5, help_text=PRIVACY_HINT)
    concerns_handled = Text(
        label=FIELDS["concerns_handled"],
        required=False,
        rows=4,
        help_text=f"What was agreed or done about them. It prints with the concerns. {PRIVACY_HINT}",
    )
    fitness = forms.ChoiceField(
        label=FIELDS["fitness"],
        required=False,
        choices=[*Fitness.choices, ("", "No statement")],
        widget=forms.RadioSelect,
        help_text=OWN_JUDGEMENT,
    )

    def __init__(self, *args: Any, has_concerns: bool = True, has_fitness: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_concerns:
            del self.fields["concerns_handled"]
        if not has_fitness:
            del self.fields["fitness"]


class GoalForm(Form):
    text = Text(
        label="What to work on",
        max_length=MAX_NOTE,
        rows=3,
        help_text="One thing, so that both can tell when it is done.",
    )
    codes = forms.CharField(
        label="Competences it is tied to",
        required=False,
        max_length=500,
        help_text="Their codes, separated by commas, such as S2.8, S7.3.",
    )
    owner = forms.ChoiceField(
        label="Who works on it",
        required=False,
        choices=GoalOwner.choices,
        initial=GoalOwner.THERAPIST,
        widget=forms.RadioSelect,
    )
    due_on = Date(label="To be looked at again by", required=False)
    judged_by = Text(
        label="How it is judged",
        required=False,
        max_length=MAX_NOTE,
        rows=2,
        help_text="What both will look at to tell whether it is met, such as a recording of the next session.",
    )

    def __init__(self, *args: Any, revision: FrameworkRevision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.revision = revision

    def clean_owner(self) -> str:
        return self.cleaned_data["owner"] or GoalOwner.THERAPIST

    def clean_codes(self) -> list[Competence]:
        codes = [
            code.strip().upper() for code in self.cleaned_data["codes"].replace(";", ",").split(",") if code.strip()
        ]
        rows = Competence.objects.rateable().filter(revision=self.revision)
        rows = rows.annotate(printed=Upper("code")).filter(printed__in=codes)
        found = {row.code.upper(): row for row in rows}
        if unknown := [code for code in codes if code not in found]:
            raise forms.ValidationError(f"{', '.join(unknown)}: no competence of this revision has this code.")
        return [found[code] for code in dict.fromkeys(codes)]


class GoalResultForm(Form):
    """What became of a goal from before; `open` lets it go on."""

    status = forms.ChoiceField(
        label="What became of it",
        choices=[(GoalStatus.MET, "Met"), (GoalStatus.DROPPED, "No longer pursued"), (GoalStatus.OPEN, "It goes on")],
        widget=forms.RadioSelect,
    )
    result = Text(
        label="In one sentence",
        required=False,
        max_length=MAX_NOTE,
        rows=2,
        help_text=f"What was seen, or why it is no longer pursued. {PRIVACY_HINT}",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("status") == GoalStatus.DROPPED and not cleaned.get("result"):
            self.add_error("result", "Say why it is no longer pursued.")
        return cleaned


class ReasonForm(Form):
    reason = Text(label="Reason", max_length=MAX_NOTE, rows=3, help_text="It stays in the history of this assessment.")


class HandOverForm(ReasonForm):
    to = forms.ModelChoiceField(label="New supervisor", queryset=User.objects.none(), empty_label="Choose a supervisor")
    field_order = ["to", "reason"]

    def __init__(self, *args: Any, supervisors: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("to", supervisors)


class ReplyForm(Form):
    agreement = forms.ChoiceField(label="Your answer", choices=Agreement.choices, widget=forms.RadioSelect)
    text = Text(
        label="Your reply",
        required=False,
        rows=6,
        help_text=f"It becomes part of the record and prints with it. {PRIVACY_HINT}",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("agreement") in {Agreement.IN_PART, Agreement.DISAGREE} and not cleaned.get("text"):
            self.add_error("text", "Say what you see differently.")
        return cleaned


class SignOffForm(ConfirmedForm):
    """Signing asks for the password again, and for nothing else."""

    confirms = "It confirms that it is you who signs."
    nothing_done = "Nothing was signed."
