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
        "rows": [_row(request, decision) for decision in page],
        "show": show,
        "filters": _filters(revision, show),
        "certain": revision.links.open().certain().count(),
        "refusal": refusal,
    }
    return render(request, "manage/mapping.html", context, status=422 if refusal else 200)


def _row(request: SignedInRequest, decision: Decision) -> dict[str, Any]:
    """A decision with its fields as they were sent, so that a refusal takes nothing from what was typed."""
    typed = _typed(request, decision)
    return {
        "decision": decision,
        "kinds": queries.kinds_to_choose(decision),
        "typed": typed,
        "is_changed": typed != _shown(decision),
        "is_ticked": decision.key in request.POST.getlist("confirm"),
    }


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
    if not rows:
        raise Refused("Nothing is ticked. Tick what you have looked at, or confirm the whole page.")
    changed = [row for row in rows if _typed(request, row) != _shown(row)]
    lineage.settle(
        by=request.user,
        revision=revision,
        links=[link.pk for row in rows if row not in changed for link in row.links],
        # One after the other, because what comes from where depends on the choices before.
        choices=(_choice(request, revision, row) for row in changed),
    )
    return f"Confirmed: {len(rows)}."


def _shown(row: Decision) -> dict[str, str]:
    """What the fields of a row say before anybody changes them."""
    return {"kind": row.first.kind, "codes": row.codes if row.older else "", "note": row.first.note}


def _typed(request: SignedInRequest, row: Decision) -> dict[str, str]:
    return {name: request.POST.get(f"{name}-{row.key}", value) for name, value in _shown(row).items()}


def _choice(request: SignedInRequest, revision: FrameworkRevision, row: Decision) -> lineage.Choice:
    form = DecisionForm(_typed(request, row))
    try:
        if not form.is_valid():
            raise Refused(str(next(iter(form.errors.values()))[0]))
        older, newer = queries.ends_of_decision(revision, row.key, form.cleaned_data["codes"])
    except Refused as refusal:
        raise Refused(f"{row.code}: {refusal}") from refusal
    return lineage.Choice(older, form.cleaned_data["kind"], newer, form.cleaned_data["note"])
