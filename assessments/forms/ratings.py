"""Answers as they come from the rating page: one as JSON, or a whole activity as an ordinary form."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict

from assessments.actions.ratings import CLEAR, Change
from assessments.forms.fields import MAX_NOTE, Line, Text, TimeMark
from assessments.models import Competence, Outcome

_OUTCOMES = [value for value in Outcome.values if value != Outcome.LEVEL]
# What a person gives for each competence, besides ticking its points.
TYPED = ["answer", "note", "concern", "priority", "time_mark"]


class RatingForm(forms.Form):
    """One answer. `answer` is a level's position, an outcome without level, `pending` or `clear`."""

    key = forms.UUIDField(required=False)
    version = forms.IntegerField(min_value=0)
    answer = forms.CharField(max_length=20)
    note = Text(required=False, max_length=MAX_NOTE)
    concern = forms.BooleanField(required=False)
    priority = forms.BooleanField(required=False)
    points = Line(required=False, max_length=MAX_NOTE)
    time_mark = TimeMark(required=False)

    def clean_answer(self) -> str:
        answer: str = self.cleaned_data["answer"]
        if answer not in {*_OUTCOMES, CLEAR} and not (answer.isascii() and answer.isdigit() and len(answer) == 1):
            raise forms.ValidationError("This is not an answer. Choose one of the levels shown.")
        return answer

    def change(self, code: str) -> Change:
        """The validated answer as a change. Without a device's key it gets one here."""
        data = self.cleaned_data
        is_level = data["answer"].isdigit()
        return Change(
            code=code,
            key=data["key"] or uuid.uuid4(),
            base_version=data["version"],
            outcome=Outcome.LEVEL if is_level else data["answer"],
            position=int(data["answer"]) if is_level else None,
            note=data["note"],
            is_concern=data["concern"],
            is_priority=data["priority"],
            points_seen=" ".join(sorted(set(data["points"].split()))),
            time_mark=data["time_mark"],
        )


def posted_answers(post: QueryDict, competences: Iterable[Competence]) -> dict[str, RatingForm]:
    """The bound form of every competence of an activity that the page posted; names carry the code.

    An item without a chosen level is pending when something was typed, and otherwise left alone, or cleared by name.
    """
    forms_by_code = {}
    for competence in competences:
        code = competence.code
        if f"version-{code}" not in post:
            continue
        data: dict[str, Any] = {name: post.get(f"{name}-{code}", "") for name in ["version", *TYPED]}
        data["points"] = " ".join(post.getlist(f"points-{code}"))
        is_empty = not any(data[name] for name in [*TYPED, "points"])
        if post.get("clear") == code or (is_empty and data["version"] != "0"):
            data = {"version": data["version"], "answer": CLEAR}
        elif is_empty:
            continue
        data["answer"] = data["answer"] or Outcome.PENDING
        forms_by_code[code] = RatingForm(data)
    return forms_by_code
