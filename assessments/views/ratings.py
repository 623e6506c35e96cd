"""The rating page: one activity on one screen, saved answer by answer, or as an ordinary form."""

import datetime
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessments import privacy, queries, wording
from assessments.actions import ratings
from assessments.exceptions import Conflict, Refused
from assessments.forms.ratings import RatingForm, posted_answers
from assessments.models import Activity, Assessment, Competence, Rating
from assessments.models.assessment import Source
from assessments.views import errors, navigator
from assessments.views.access import SignedInRequest, signed_in
from assessments.views.levels import Choice, Levels, Swatch
from assessments.views.options import options
from assessments.views.rating_filter import filtered

CLEARED_MEANWHILE = "This rating was cleared meanwhile. Yours stands here and is not saved: press Save to keep it."


@dataclass(frozen=True)
class Unsaved:
    """What a posted form held that could not be saved, by code, so that it is still on the page."""

    answers: dict[str, RatingForm] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, Any] = field(default_factory=dict)

    def typed(self, code: str) -> RatingForm | None:
        return self.answers[code] if code in {*self.refused, *self.conflicts} else None


@dataclass(frozen=True)
class Point:
    """What a statement covers, to tick as seen."""

    code: str
    text: str
    is_seen: bool


@dataclass(frozen=True)
class Item:
    """One competence on the rating page: what is asked, what stands, what was typed but not saved."""

    competence: Competence
    points: list[Point]
    options: str
    answer: str
    version: int
    note: str
    is_concern: bool
    is_priority: bool
    time_mark: str
    is_answered: bool
    previous: Rating | None
    previous_swatch: Swatch | None
    error: str
    conflict: Rating | None
    conflict_swatch: Swatch | None
    warning: str

    @property
    def is_changed(self) -> bool:
        """The answer is another one than last time."""
        return self.previous is not None and _stored(self.previous)["answer"] != self.answer

    @property
    def needs_text(self) -> bool:
        """A concern, or a `not applicable`, whose compulsory text is missing."""
        return not self.note and (self.is_concern or self.answer == Rating.Outcome.NOT_APPLICABLE)


@signed_in
def rate(request: SignedInRequest, pk: UUID, code: str) -> HttpResponse:
    assessment = queries.assessment_for_editing(request.user, pk)
    activity = get_object_or_404(assessment.activities.select_related("domain"), code=code)
    if request.method != "POST":
        return _page(request, assessment, activity)
    answers = posted_answers(request.POST, activity.competences.rateable())
    changes = [form.change(name) for name, form in answers.items() if form.is_valid()]
    refused = {name: _first_error(form) for name, form in answers.items() if form.errors}
    conflicts: dict[str, Any] = {}
    try:
        conflicts = ratings.save_all(by=request.user, assessment_id=pk, changes=changes)
    except Refused as refusal:  # nothing of the form was saved
        refused = dict.fromkeys(answers, str(refusal)) | refused
    refused |= {name: CLEARED_MEANWHILE for name, current in conflicts.items() if current is None}
    if conflicts or refused:
        return _page(request, assessment, activity, Unsaved(answers, refused, conflicts), status=409)
    messages.success(request, f"Saved at {timezone.localtime():%H:%M}.")
    return _onward(request, assessment, activity)


def _onward(request: SignedInRequest, assessment: Assessment, activity: Activity) -> HttpResponse:
    """Where the button that was pressed leads: the check, a neighbour, or back to the same place."""
    target = request.POST.get("go", "")
    if target == "check":
        return redirect("assessment-check", assessment.pk)
    if target in assessment.activities.values_list("code", flat=True):
        return redirect("assessment-rate", assessment.pk, target)
    cleared = request.POST.get("clear", "").replace("\x00", "")
    here = redirect("assessment-rate", assessment.pk, activity.code)
    if cleared and activity.competences.coded(cleared).exists():
        here["Location"] += f"#item-{cleared}"
    return here


def _first_error(form: Form) -> str:
    return str(next(iter(form.errors.values()))[0])


def _page(
    request: SignedInRequest,
    assessment: Assessment,
    activity: Activity,
    unsaved: Unsaved | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    levels = Levels(assessment.scale)
    items = _items(assessment, activity, levels, unsaved or Unsaved())
    progress = queries.progress(assessment)
    context = {
        "assessment": assessment,
        "newer": queries.newer_revision(assessment),
        "activity": activity,
        "filter": filtered(items, request.GET),
        "here": next(row for row in progress.activities if row.activity == activity),
        "progress": progress,
        "navigator": navigator.sections(progress, activity),
        "bar": navigator.bar(progress),
        "neighbours": navigator.neighbours(progress, activity),
        "anchors": {kind.label: levels.choices(kind) for kind in Competence.Kind},
        "kind": items[0].competence.kind if items else Competence.Kind.SKILL,
        "levels": levels,
    }
    return render(request, "assessments/assessment_rate.html", context, status=status)


def _items(assessment: Assessment, activity: Activity, levels: Levels, unsaved: Unsaved) -> list[Item]:
    given = {
        rating.competence_id: rating for rating in assessment.ratings.in_activity(activity).select_related("level")
    }
    # The last rating stays hidden until this one is given, so only answered competences are looked up.
    answered = [pk for pk, rating in given.items() if rating.outcome != Rating.Outcome.PENDING]
    previous = queries.previous_ratings(assessment, answered)
    choices = {kind: tuple(levels.choices(kind)) for kind in Competence.Kind.values}
    return [
        _item(
            statement,
            choices[statement.competence.kind],
            given.get(statement.competence.pk),
            previous.get(statement.competence.pk),
            levels,
            unsaved,
        )
        for statement in queries.statements(activity.competences.all())
    ]


def _item(  # noqa: PLR0917  each argument is one thing the item shows
    statement: queries.Statement,
    choices: tuple[Choice, ...],
    rating: Rating | None,
    previous: Rating | None,
    levels: Levels,
    unsaved: Unsaved,
) -> Item:
    code = statement.competence.code
    typed, conflict = unsaved.typed(code), unsaved.conflicts.get(code)
    shown = _typed(typed) if typed else _stored(rating)
    seen = shown.pop("points").split()
    return Item(
        competence=statement.competence,
        points=[Point(point.code, point.text, point.code in seen) for point in statement.points],
        options=options(code, choices, str(shown["answer"])),
        version=rating.version if rating else 0,
        is_answered=rating is not None and rating.outcome != Rating.Outcome.PENDING,
        previous=previous,
        previous_swatch=levels.swatch_of(previous) if previous else None,
        error=unsaved.refused.get(code, ""),
        conflict=conflict,
        conflict_swatch=levels.swatch_of(conflict) if conflict else None,
        warning=privacy.warning(str(shown["note"])),
        **shown,
    )


def _stored(rating: Rating | None) -> dict[str, Any]:
    if rating is None:
        return {"answer": "", "note": "", "is_concern": False, "is_priority": False, "points": "", "time_mark": ""}
    return {
        "answer": str(rating.level.position) if rating.level else rating.outcome,
        "note": rating.note,
        "is_concern": rating.is_concern,
        "is_priority": rating.is_priority,
        "points": rating.points_seen,
        "time_mark": wording.time_mark(rating.time_mark),
    }


def _typed(form: RatingForm) -> dict[str, Any]:
    """What was typed and could not be saved, so that it is still on the page."""
    return {
        "answer": form.data.get("answer", ""),
        "note": form.data.get("note", ""),
        "is_concern": bool(form.data.get("concern")),
        "is_priority": bool(form.data.get("priority")),
        "points": form.data.get("points", ""),
        "time_mark": form.data.get("time_mark", ""),
    }


@signed_in
@require_POST
def rating_save(request: SignedInRequest, pk: UUID, code: str) -> HttpResponse:
    """Save one answer as given. The page's script speaks JSON; the answer says what stands now.

    A page that was opened by somebody else who has signed out since sends nothing in the name of whoever came after.
    """
    if request.POST.get("person", str(request.user.pk)) != str(request.user.pk):
        return errors.sign_in_again(request)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": "invalid", "message": _first_error(form)}, status=422)
    try:
        saved = ratings.save(by=request.user, assessment_id=pk, change=form.change(code))
    except Refused as refusal:
        return JsonResponse({"error": "refused", "message": str(refusal)}, status=422)
    except Conflict as conflict:
        return JsonResponse(_conflict(conflict.current), status=409)
    at = timezone.localtime(saved.at)
    return JsonResponse(
        {
            "version": saved.version,
            "saved_at": f"{at:%H:%M}",
            "warning": privacy.warning(form.cleaned_data["note"]),
            "previous": _told(saved.previous),
        }
    )


def _told(previous: dict[str, Any] | None) -> dict[str, str]:
    """The last rating in words, for the page to reveal once this one is given."""
    if previous is None:
        return {"mark": "", "told": "Not rated before"}
    day = datetime.date.fromisoformat(previous["on"])
    source = Source(previous["source"]).label.lower()
    return {"mark": str(previous["position"] or previous["outcome"]), "told": f"on {day:%-d %B %Y}, {source}"}


def _conflict(current: Any) -> dict[str, Any]:
    """What stands instead, who gave it and when, so that the second writer can choose."""
    if current is None:
        return {"error": "conflict", "version": 0, "answer": "", "label": "Not rated", "who": "", "at": "", "note": ""}
    stored = _stored(current)
    return {
        "error": "conflict",
        "version": current.version,
        "answer": "" if stored["answer"] == Rating.Outcome.PENDING else stored["answer"],
        "label": current.level.label if current.level else current.get_outcome_display(),
        "note": current.note,
        "concern": current.is_concern,
        "priority": current.is_priority,
        "points": stored["points"],
        "time_mark": stored["time_mark"],
        "who": current.rated_by.name,
        "at": f"{timezone.localtime(current.rated_at):%-d %B, %H:%M}",
    }
