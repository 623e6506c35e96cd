"""Managing one revision: what it is, its mapping, publishing, retiring, carry-over."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from assessments import queries
from assessments.actions import frameworks as actions
from assessments.actions import lineage
from assessments.exceptions import Refused
from assessments.forms.frameworks import DecisionForm
from assessments.models import FrameworkRevision, LinkKind, Role
from assessments.queries import Decision
from assessments.queries.mapping import PER_PAGE
from assessments.views.access import SignedInRequest, requires


@requires(Role.ADMIN)
def revision_manage(request: SignedInRequest, slug: str, number: str) -> HttpResponse:
    revision = queries.revision_managed(slug, number)
    context = {
        "revision": revision,
        "kept": queries.import_of(revision),
        "carry_over": queries.standing_carry_over(revision),
        "can_carry_over": bool(
            revision.is_published and revision.previous and revision.previous.scale_id == revision.scale_id
        ),
        "certain": revision.links.open().certain().count() if revision.is_draft else 0,
    }
    return render(request, "manage/revision.html", context)


STEPS: dict[str, tuple[Any, str]] = {
    "publish": (actions.publish, "Published. From now on it never changes."),
    "retire": (actions.retire, "Retired. Nothing new begins on it; what was rated on it stays."),
    "discard": (actions.discard, "The draft is discarded. Its number is free again."),
    "carry-over": (lineage.carry_over, "Earlier ratings are shown in this revision now, marked as carried over."),
    "undo-carry-over": (lineage.undo_carry_over, "The carry-over is undone."),
    "confirm-certain": (lineage.confirm_certain, "Confirmed what needed no judgement."),
}


@requires(Role.ADMIN)
@require_POST
def revision_step(request: SignedInRequest, slug: str, number: str, step: str) -> HttpResponse:
    """One of the steps that need nothing but a button."""
    revision = queries.revision_managed(slug, number)
    if step not in STEPS:
        raise FrameworkRevision.DoesNotExist
    action, told = STEPS[step]
    try:
        action(by=request.user, revision=revision)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, told)
        if step == "discard":
            return redirect("manage-frameworks")
    if step == "confirm-certain":
        return redirect("revision-mapping", slug, number)
    return redirect("revision-manage", slug, number)


@requires(Role.ADMIN)
def revision_mapping(request: SignedInRequest, slug: str, number: str) -> HttpResponse:
    """What became of each competence: proposals to confirm, and decisions to correct."""
    revision = queries.revision_managed(slug, number)
    if revision.previous is None:
        return redirect("revision-manage", slug, number)
    refusal = ""
    if request.method == "POST":
        try:
            told = _saved(request, revision)
        except Refused as refused:
            refusal = str(refused)
        else:
            messages.success(request, told)
            return redirect(request.get_full_path())
    show = request.GET.get("show", "open")
    page = queries.mapping_page(revision, show=show, number=request.GET.get("page"))
    context = {
        "revision": revision,
        "page": page,
        "rows": [(decision, queries.kinds_to_choose(decision)) for decision in page],
        "show": show,
        "filters": _filters(revision, show),
        "certain": revision.links.open().certain().count(),
        "refusal": refusal,
    }
    return render(request, "manage/mapping.html", context, status=422 if refusal else 200)


def _filters(revision: Any, show: str) -> list[dict[str, Any]]:
    """The segments of the page: what is open, each kind with its number, and all."""
    counts = queries.mapping_counts(revision)
    rows = [("open", "To confirm", counts["open"])]
    rows += [(kind, label, counts[kind]) for kind, label in LinkKind.choices if counts[kind]]
    rows.append(("all", "All", counts["all"]))
    return [{"value": value, "label": label, "n": n, "is_current": value == show} for value, label, n in rows]


def _saved(request: SignedInRequest, revision: FrameworkRevision) -> str:
    """Confirm the rows that were ticked, or the one whose button was pressed, as they stand in the form."""
    pressed = request.POST.get("decide", "")
    keys = [pressed] if pressed else request.POST.getlist("shown" if "all" in request.POST else "confirm")
    rows = queries.decisions(revision, keys[:PER_PAGE])
    as_proposed = [row for row in rows if _is_as_shown(request, row)]
    lineage.confirm(by=request.user, revision=revision, links=[link.pk for row in as_proposed for link in row.links])
    for row in rows:
        if row not in as_proposed:
            _decide(request, revision, row.key)
    return f"Confirmed: {len(rows)}."


def _is_as_shown(request: SignedInRequest, row: Decision) -> bool:
    """Whether the row's fields still say what was proposed or decided before."""
    shown = {"kind": row.first.kind, "codes": row.codes if row.older else "", "note": row.first.note}
    return all(request.POST.get(f"{name}-{row.key}", value) == value for name, value in shown.items())


def _decide(request: SignedInRequest, revision: FrameworkRevision, key: str) -> None:
    form = DecisionForm({name: request.POST.get(f"{name}-{key}", "") for name in DecisionForm.base_fields})
    if not form.is_valid():
        raise Refused(str(next(iter(form.errors.values()))[0]))
    older, newer = queries.ends_of_decision(revision, key, form.cleaned_data["codes"])
    lineage.decide(
        by=request.user,
        revision=revision,
        older=older,
        kind=form.cleaned_data["kind"],
        newer=newer,
        note=form.cleaned_data["note"],
    )
