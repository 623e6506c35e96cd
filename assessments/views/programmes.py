"""Programmes, as an administrator defines them."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from assessments import queries, requirements
from assessments.actions import programmes as actions
from assessments.exceptions import Conflict, Refused
from assessments.forms.programmes import ProgrammeForm
from assessments.models import Organisation, Programme, Role, User
from assessments.views.access import SignedInRequest, requires


def _organisations(user: User) -> list[Organisation]:
    rows = [row.organisation for row in user.current_memberships if row.role == Role.ADMIN]
    return sorted(rows, key=lambda organisation: organisation.name)


@requires(Role.ADMIN)
def programme_list(request: SignedInRequest) -> HttpResponse:
    context = {"organisations": queries.programmes_managed(_organisations(request.user))}
    return render(request, "manage/programmes.html", context)


@requires(Role.ADMIN)
def programme_new(request: SignedInRequest) -> HttpResponse:
    """A blank form, with the name and the organisation that the address brings along."""
    initial = {name: request.GET.get(name, "").replace("\x00", "") for name in ["name", "organisation"]}
    return _edit(request, _organisations(request.user), initial=initial)


@requires(Role.ADMIN)
def programme(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The editor while the programme is offered, then the programme to read."""
    stored = queries.programme_managed(request.user, pk)
    if request.method == "POST" or not stored.is_retired:
        return _edit(request, [stored.organisation], stored, initial=queries.programme_content(stored))
    asks = requirements.asked(stored).values()
    return render(request, "manage/programme.html", {"programme": stored, "asks": asks})


def _edit(
    request: SignedInRequest,
    organisations: list[Organisation],
    stored: Programme | None = None,
    *,
    initial: dict[str, Any],
) -> HttpResponse:
    form = ProgrammeForm(request.POST or None, organisations=organisations, initial=initial)
    seen = request.POST.get("seen", "") if request.method == "POST" else _fingerprint(stored)
    clash = None
    if request.method == "POST" and form.is_valid():
        name, asks, organisation = form.cleaned_data["name"], form.asks, form.organisation_chosen
        try:
            saved = actions.save(
                by=request.user, organisation=organisation, name=name, asks=asks, programme=stored, seen=seen
            )
        except Refused as refusal:
            form.add_error("name", str(refusal))
        except Conflict as conflict:
            # Whoever presses Save once more has seen what stands.
            clash = cast("dict[str, Any]", conflict.current)
            seen = queries.programme_fingerprint(clash)
        else:
            messages.success(request, f"The programme {saved} is saved.")
            return redirect("programmes")
    context = {
        "form": form,
        "programme": stored,
        "seen": seen,
        "clash": clash,
        "clash_asks": list(requirements.asked(Programme(**clash)).values()) if clash else [],
    }
    return render(request, "manage/programme_edit.html", context, status=409 if clash else 200)


def _fingerprint(stored: Programme | None) -> str:
    return queries.programme_fingerprint(queries.programme_content(stored)) if stored else ""


@requires(Role.ADMIN)
@require_POST
def programme_retire(request: SignedInRequest, pk: UUID) -> HttpResponse:
    retired = actions.retire(by=request.user, programme=queries.programme_managed(request.user, pk))
    messages.success(request, f"{retired} is no longer offered. Who is in it keeps its requirements.")
    return redirect("programmes")
