"""The editor of a scale: every button of the page comes here with the whole form, and nothing typed is lost."""

import re
from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import slugify

from assessments.forms.fields import Form, Line, Text
from assessments.models.scale import Direction
from assessments.queries.revisions import LEVEL
from assessments.revisions import LevelData, ScaleData
from assessments.revisions.scales import Fault, Ladder, faults, fingerprint

MAX_TEXT, MAX_KEY = 20_000, 60
FIRST_LEVELS = 3
TEXTS = ["name", "key", "direction", "not_observed", "not_applicable"]

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class HeadForm(Form):
    """What is said of a scale as a whole. Which level is the threshold is chosen among the levels."""

    name = Line(label="Name", max_length=200)
    key = forms.CharField(
        label="Key",
        required=False,
        max_length=MAX_KEY,
        help_text="Names the scale through all its versions and never changes. Left blank, it is made from the name.",
    )
    direction = forms.ChoiceField(
        label="Which way it runs", choices=Direction.choices, widget=forms.RadioSelect, initial=Direction.ASCENDING
    )
    not_observed = Text(
        label="What “not observed” means on this scale",
        required=False,
        rows=2,
        max_length=MAX_TEXT,
        help_text="Left blank: “No opportunity in this evidence.”",
    )
    has_not_applicable = forms.BooleanField(label="“Not applicable” is an answer on this scale", required=False)
    not_applicable = Text(
        label="What “not applicable” means on this scale",
        required=False,
        rows=2,
        max_length=MAX_TEXT,
        help_text="Left blank: “Outside this therapist’s programme.” It needs a reason in any case.",
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["key"]

    def clean_key(self) -> str:
        made = slugify(self.cleaned_data.get("name", "")).replace("_", "-")[:MAX_KEY].strip("-")
        key: str = self.cleaned_data["key"] or made
        if not key and "name" in self.cleaned_data:
            raise forms.ValidationError("No key can be made from this name. Write one, such as four-steps.")
        if key and not _KEY.fullmatch(key):
            raise forms.ValidationError("Write the key with small letters, digits and hyphens, such as four-steps.")
        return key


class LevelForm(Form):
    """One level. What is missing is told by the rules of the whole scale, which know its place."""

    value = Line(
        label="Value",
        required=False,
        max_length=10,
    )
    label = Line(
        label="Label",
        required=False,
        max_length=60,
    )
    skill = Text(label="For a skill", required=False, rows=2, max_length=MAX_TEXT)
    knowledge = Text(label="For knowledge", required=False, rows=2, max_length=MAX_TEXT)
    attitude = Text(label="For an attitude", required=False, rows=2, max_length=MAX_TEXT)
    supervision = Text(label="Supervision it calls for", required=False, rows=2, max_length=MAX_TEXT)


class ScaleEditor:
    """A scale as it stands in the form, complete or not, with what is wrong once it was to be saved."""

    def __init__(self, typed: ScaleData, ladder: Ladder, *, seen: str = "", is_new: bool = False) -> None:
        self.typed, self.ladder, self.seen, self.is_new = typed, ladder, seen, is_new
        self.others: list[tuple[str, str]] = []
        self.threshold_error = ""
        self._show(is_bound=False)

    def _show(self, *, is_bound: bool) -> None:
        """Make the fields: bound ones are checked, the others only show what was typed."""
        way = "data" if is_bound else "initial"
        head = {name: getattr(self.typed, name) for name in [*TEXTS, "has_not_applicable"]}
        self.head = HeadForm(is_new=self.is_new, **{way: head})
        self.level_forms = []
        for place, level in enumerate(self.ladder.levels):
            prefix = f"level-{place}"
            values = {f"{prefix}-{name}" if is_bound else name: getattr(level, name) for name in LEVEL}
            self.level_forms.append(LevelForm(prefix=prefix, **{way: values}))

    @classmethod
    def blank(cls) -> "ScaleEditor":
        typed = ScaleData("", 1, "", Direction.ASCENDING.value, "", [])
        return cls(typed, Ladder([LevelData("", "")] * FIRST_LEVELS), is_new=True)

    @classmethod
    def of(cls, scale: ScaleData) -> "ScaleEditor":
        threshold = next(place for place, level in enumerate(scale.levels) if level.value == scale.threshold)
        return cls(scale, Ladder(scale.levels, threshold), seen=fingerprint(scale))

    @classmethod
    def posted(cls, post: QueryDict, *, stored: ScaleData | None) -> "ScaleEditor":
        """What was sent, however wrong. The key of a stored scale is not asked for again."""
        texts = {name: post.get(name, "") for name in TEXTS} | ({"key": stored.key} if stored else {})
        levels: list[LevelData] = []
        while f"level-{len(levels)}-value" in post:
            levels.append(LevelData(**{name: post.get(f"level-{len(levels)}-{name}", "") for name in LEVEL}))
        chosen = post.get("threshold", "")
        threshold = next((place for place in range(len(levels)) if chosen == str(place)), None)
        typed = ScaleData(
            version=stored.version if stored else 1,
            threshold="",
            levels=[],
            has_not_applicable="has_not_applicable" in post,
            **texts,
        )
        return cls(typed, Ladder(levels, threshold), seen=post.get("seen", ""), is_new=stored is None)

    def turned(self, command: str) -> "ScaleEditor":
        """The editor after one of the buttons for levels; anything unknown only shows the form again."""
        name, _, place = command.partition("-")
        return ScaleEditor(self.typed, _turned(self.ladder, name, place), seen=self.seen, is_new=self.is_new)

    def checked(self) -> ScaleData | None:
        """The scale as it would be saved, or none where something is wrong, which `errors` then tells."""
        self._show(is_bound=True)
        if not all([self.head.is_valid(), *(form.is_valid() for form in self.level_forms)]):
            return None
        levels = [LevelData(**form.cleaned_data) for form in self.level_forms]
        threshold = levels[self.ladder.threshold].value if self.ladder.threshold is not None else ""
        data = replace(self.typed, levels=levels, threshold=threshold, **self.head.cleaned_data)
        for fault in faults(data):
            self._tell(fault)
        return None if self.errors else data

    def _tell(self, fault: Fault) -> None:
        if fault.level is not None:
            self.level_forms[fault.level].add_error(fault.field, fault.sentence)
        elif fault.field == "threshold":
            self.threshold_error = fault.sentence
            self.others.append(("threshold-0", fault.sentence))
        else:
            self.others.append(("levels", fault.sentence))

    def refuse(self, sentence: str) -> None:
        """What only saving could find out."""
        self.others.append(("id_key" if self.is_new else "levels", sentence))

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Every sentence with the place on the page that it is about."""
        told = [(_target(self.head[name]), str(error)) for name, errors in self.head.errors.items() for error in errors]
        for number, form in enumerate(self.level_forms, start=1):
            for name, errors in form.errors.items():
                told += [(_target(form[name]), _placed(str(error), number, str(form[name].label))) for error in errors]
        return told + self.others


def _placed(sentence: str, number: int, label: str) -> str:
    return sentence if sentence.startswith("Level ") else f"Level {number}, {label.lower()}: {sentence}"


def _target(field: forms.BoundField) -> str:
    return f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label


def _turned(ladder: Ladder, name: str, place: str) -> Ladder:
    at = int(place) if place.isascii() and place.isdigit() and len(place) == 1 else len(ladder.levels)
    match name:
        case "add":
            return ladder.with_another()
        case "half":
            return ladder.with_half_steps()
        case "remove":
            return ladder.without(at)
        case "up":
            return ladder.with_moved(at, by=-1)
        case "down":
            return ladder.with_moved(at, by=1)
    return ladder
