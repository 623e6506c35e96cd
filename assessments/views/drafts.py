"""Editing a draft revision on screen."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from assessments import queries
from assessments.actions import drafts as actions
from assessments.exceptions import Refused
from assessments.forms.frameworks import PutIntoForm, fitting_form, values_of
from assessments.models import Activity, Competence, Role
from assessments.views.access import SignedInRequest, requires


@requires(Role.ADMIN)
def draft_edit(request: SignedInRequest, slug: str, number: str) -> HttpResponse:
    """All domains and activities of a draft, to open, change and order."""
    revision = queries.draft(slug, number)
    return render(request, "manage/draft.html", {"revision": revision, "columns": queries.columns(revision)})


@requires(Role.ADMIN)
def node_edit(request: SignedInRequest, slug: str, number: str, kind: str, pk: int) -> HttpResponse:
    """Change one domain, activity or competence of a draft."""
    revision = queries.draft(slug, number)
    node = queries.draft_node(revision, kind, pk)
    form_class = fitting_form(node)
    form = form_class(request.POST if request.method == "POST" else None, initial=values_of(form_class, node))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(by=request.user, node=node, seen=_seen(request), fields=form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{form.cleaned_data['code']} is saved.")
            return redirect(_place(slug, number, node))
    context = {
        "revision": revision,
        "node": node,
        "kind": kind,
        "form": form,
        "seen": request.POST.get("seen") or json.dumps(values_of(form_class, node)),
        "competences": queries.competences_in(node) if isinstance(node, Activity) else [],
        "put_into": PutIntoForm(activities=queries.other_activities(node)) if _may_go(node) else None,
    }
    return render(request, "manage/node.html", context, status=422 if form.errors else 200)


def _may_go(node: Any) -> bool:
    """A competence goes into another activity, and its sub-points with it."""
    return isinstance(node, Competence) and node.parent_id is None


def _seen(request: SignedInRequest) -> dict[str, Any]:
    """The values that the form began with, as the page sent them along."""
    try:
        seen = json.loads(request.POST.get("seen", ""))
    except (ValueError, RecursionError):  # the latter from brackets by the thousand
        seen = None
    return seen if isinstance(seen, dict) else {}


def _place(slug: str, number: str, node: Any) -> str:
    """Where to go on: the activity of a competence, else the whole draft."""
    if isinstance(node, Competence):
        return queries.node_url(slug, number, "activity", node.activity_id)
    return queries.node_url(slug, number)


@requires(Role.ADMIN)
@require_POST
def node_move(request: SignedInRequest, slug: str, number: str, kind: str, pk: int) -> HttpResponse:
    """One place up or down among its siblings, or, for a competence, into another activity."""
    revision = queries.draft(slug, number)
    node = queries.draft_node(revision, kind, pk)
    try:
        if "activity" in request.POST and isinstance(node, Competence):
            _put_into(request, node)
        else:
            actions.move(by=request.user, node=node, direction=request.POST.get("direction", ""))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect(_place(slug, number, node))


def _put_into(request: SignedInRequest, competence: Competence) -> None:
    form = PutIntoForm(request.POST, activities=queries.other_activities(competence))
    if not form.is_valid():
        raise Refused("This is not one of the choices. Choose one that is shown.")
    target = queries.activity_coded(competence.revision, form.cleaned_data["activity"])
    actions.put_into(by=request.user, competence=competence, activity=target)
