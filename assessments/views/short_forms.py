"""Short forms, as an administrator makes them."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from assessments import queries
from assessments.actions import short_forms as actions
from assessments.exceptions import Conflict, Refused
from assessments.forms.short_forms import ShortFormForm
from assessments.models import FrameworkRevision, Role, ShortForm
from assessments.views.access import SignedInRequest, requires


@requires(Role.ADMIN)
def short_form_list(request: SignedInRequest) -> HttpResponse:
    return render(request, "manage/short_forms.html", {"revisions": queries.revisions_with_forms()})


@requires(Role.ADMIN)
def short_form_new(request: SignedInRequest) -> HttpResponse:
    """A blank form, or a copy of another one, by key where that belongs to another revision."""
    copied = _asked(request, "copy")
    source = queries.short_form_managed(copied) if copied is not None else None
    published = FrameworkRevision.objects.published().select_related("framework").newest_first()
    wanted = _asked(request, "revision")
    revision = published.first() if wanted is None else get_object_or_404(published, pk=wanted)
    if revision is None:
        messages.error(request, "A short form is made for a published revision. Publish one first.")
        return redirect("short-forms")
    return _edit(request, revision, initial=_copy(source, revision) if source else {})


def _asked(request: SignedInRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None  # noqa: PLR2004  no database has more


def _copy(source: ShortForm, revision: FrameworkRevision) -> dict[str, Any]:
    name = source.name if source.is_retired or source.revision_id != revision.pk else f"Copy of {source.name}"[:100]
    return {"name": name, "purpose": source.purpose, "activities": queries.same_activities(source, revision)}


@requires(Role.ADMIN)
def short_form(request: SignedInRequest, pk: int) -> HttpResponse:
    """The editor while no assessment started from the form; then the form to read, to retire and to copy."""
    form = queries.short_form_managed(pk)
    if request.method == "POST" or not (form.assessment_count or form.is_retired):
        initial = {"name": form.name, "purpose": form.purpose, "activities": form.activities.all()}
        return _edit(request, form.revision, form, initial=initial)
    context = {"short_form": form, "activities": queries.activities_within(form)}
    return render(request, "manage/short_form.html", context)


def _edit(
    request: SignedInRequest,
    revision: FrameworkRevision,
    stored: ShortForm | None = None,
    *,
    initial: dict[str, Any],
) -> HttpResponse:
    activities = queries.activities_to_choose(revision)
    form = ShortFormForm(request.POST or None, activities=activities, initial=initial)
    seen = request.POST.get("seen", "") if request.method == "POST" else _fingerprint(stored)
    clash = None
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save(by=request.user, revision=revision, short_form=stored, seen=seen, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        except Conflict as conflict:
            # Whoever presses Save once more has seen what stands.
            clash = cast("dict[str, Any]", conflict.current)
            seen = queries.short_form_fingerprint(clash)
        else:
            messages.success(request, f"The short form {saved} is saved.")
            return redirect("short-forms")
    context = {"form": form, "revision": revision, "short_form": stored, "seen": seen, "clash": clash}
    return render(request, "manage/short_form_edit.html", context, status=409 if clash else 200)


def _fingerprint(stored: ShortForm | None) -> str:
    return queries.short_form_fingerprint(queries.short_form_content(stored)) if stored else ""


@requires(Role.ADMIN)
@require_POST
def short_form_retire(request: SignedInRequest, pk: int) -> HttpResponse:
    form = actions.retire(by=request.user, short_form=ShortForm.objects.get(pk=pk))
    messages.success(request, f"{form.name} is no longer offered. What was started from it keeps its name.")
    return redirect("short-forms")
