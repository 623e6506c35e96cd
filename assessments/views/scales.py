"""Scales, as an administrator makes them."""

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from assessments import queries
from assessments.actions import scales as actions
from assessments.exceptions import Conflict, Refused
from assessments.forms.scales import ScaleEditor
from assessments.models import RatingLevel, RatingScale, Role
from assessments.queries.revisions import scale_data
from assessments.revisions import ScaleData
from assessments.revisions.scales import Difference, differences, fingerprint
from assessments.views.access import SignedInRequest, requires
from assessments.views.levels import Levels

PER_PAGE = 50


@requires(Role.ADMIN)
def scale_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(queries.scales_managed(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "manage/scales.html", {"page": page})


@requires(Role.ADMIN)
def scale_new(request: SignedInRequest) -> HttpResponse:
    return _edit(request, None)


@requires(Role.ADMIN)
def scale(request: SignedInRequest, pk: int) -> HttpResponse:
    """The editor while nothing rests on the scale; then the scale to read, and a button for its next version."""
    scale = queries.scales_managed().prefetch_related("levels").get(pk=pk)
    if not scale.is_frozen or request.method == "POST":
        return _edit(request, scale)
    levels = Levels(scale)
    context = {"scale": scale, "levels": levels, "rows": [(row, levels.swatch(row.position)) for row in levels.rows]}
    return render(request, "manage/scale.html", context)


def _edit(request: SignedInRequest, stored: RatingScale | None) -> HttpResponse:
    data = scale_data(stored) if stored else None
    if request.method != "POST":
        return _page(request, ScaleEditor.of(data) if data else ScaleEditor.blank(), stored)
    editor = ScaleEditor.posted(request.POST, stored=data)
    if "turn" in request.POST:
        return _page(request, editor.turned(request.POST["turn"]), stored)
    typed = editor.checked()
    return _save(request, editor, typed, stored) if typed else _page(request, editor, stored)


def _save(request: SignedInRequest, editor: ScaleEditor, typed: ScaleData, stored: RatingScale | None) -> HttpResponse:
    try:
        saved = actions.save_scale(by=request.user, data=typed, scale=stored, seen=editor.seen)
    except Refused as refusal:
        editor.refuse(str(refusal))
        return _page(request, editor, stored)
    except Conflict as conflict:
        # Whoever presses Save once more has seen what stands.
        current = cast("ScaleData", conflict.current)
        editor.seen = fingerprint(current)
        return _page(request, editor, stored, differences(current, typed))
    messages.success(request, f"{saved} is saved.")
    return redirect("scale", saved.pk)


def _page(
    request: SignedInRequest,
    editor: ScaleEditor,
    stored: RatingScale | None,
    clashes: list[Difference] | None = None,
) -> HttpResponse:
    context = {
        "scale": stored,
        "form": editor,
        "rows": list(enumerate(editor.level_forms)),
        "preview": _preview(editor),
        "clashes": clashes or [],
    }
    return render(request, "manage/scale_edit.html", context, status=409 if clashes else 200)


def _preview(editor: ScaleEditor) -> Levels | None:
    """What was typed as the rating page would show it; nothing before the first label."""
    typed = editor.typed
    if not any(level.label for level in editor.ladder.levels):
        return None
    rows = [
        RatingLevel(position=position, value=level.value, label=level.label)
        for position, level in enumerate(editor.ladder.levels, start=1)
    ]
    return Levels(RatingScale(direction=typed.direction, has_not_applicable=typed.has_not_applicable), rows)


@requires(Role.ADMIN)
@require_POST
def scale_version(request: SignedInRequest, pk: int) -> HttpResponse:
    scale = RatingScale.objects.get(pk=pk)
    try:
        copied = actions.new_version(by=request.user, scale=scale)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("scale", pk)
    messages.success(request, f"{copied} is open for changes. It is a copy so far.")
    return redirect("scale", copied.pk)
