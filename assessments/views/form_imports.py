"""The way of an earlier form to a draft: template, upload, preview, confirm."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateformat import format as formatted
from django.views.decorators.http import require_POST

from assessments import privacy, queries, wording
from assessments.actions import form_imports as actions
from assessments.exceptions import ImportRejected, Problem, Refused
from assessments.exporters import form_template
from assessments.forms.form_imports import FormUploadForm, TemplateForm
from assessments.importers import filled_forms
from assessments.importers.filled_forms import FilledForm
from assessments.importers.form_layout import FIELDS, TEXTS
from assessments.models import FormImport, Role
from assessments.queries import FORM_WORDS, FilledActivity, PreviewedForm
from assessments.views.access import SignedInRequest, requires
from assessments.views.files import attachment
from assessments.views.levels import Levels, Swatch

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Line:
    """An activity of the preview with its counts, in the order of the legend."""

    activity: FilledActivity
    numbers: list[int]


@requires(Role.SUPERVISOR)
def assessment_import(request: SignedInRequest) -> HttpResponse:
    """The template to take, the form to upload, and what lies open."""
    revisions = queries.revisions_to_rate_on(request.user)
    form = FormUploadForm(
        *((request.POST, request.FILES) if request.method == "POST" else ()),
        revisions=revisions,
        therapists=queries.supervised_now(request.user),
        initial={"therapist": request.GET.get("therapist")},
    )
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read()
        problems = _unreadable(content)
        if not problems:
            return redirect(_kept(request, form, content))
    context = {
        "form": form,
        "template_form": TemplateForm(revisions=revisions, auto_id="template-%s"),
        "imports": queries.open_form_imports(request.user),
        "problems": problems,
    }
    return render(request, "assessments/assessment_import.html", context, status=422 if problems else 200)


def _unreadable(content: bytes) -> list[Problem]:
    """Why a file cannot even be kept to be looked at."""
    try:
        filled_forms.opened(content)
    except ImportRejected as rejected:
        return rejected.problems
    return []


def _kept(request: SignedInRequest, form: FormUploadForm, content: bytes) -> FormImport:
    return actions.upload(
        by=request.user,
        therapist=form.cleaned_data["therapist"],
        revision=form.cleaned_data["revision"],
        file_name=form.cleaned_data["file"].name,
        content=content,
    )


@requires(Role.SUPERVISOR)
def form_template_download(request: SignedInRequest) -> HttpResponse:
    revision = queries.revision_of_template(request.user, request.GET.get("revision", ""))
    content = form_template.write(queries.form_data(revision), FORM_WORDS)
    return attachment(content, XLSX, f"earlier-form-{revision.framework.slug}-{revision.number}.xlsx")


@requires(Role.SUPERVISOR)
def assessment_import_preview(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What was understood of the form, and what to mend; confirming makes the draft."""
    kept = queries.form_import(request.user, pk)
    if kept.assessment_id:
        return redirect("assessment-check", kept.assessment_id)
    if not kept.is_open:
        messages.info(request, "This form was discarded. Upload it again to start afresh.")
        return redirect("assessment-import")
    preview = queries.previewed_form(kept.revision, bytes(kept.content or b""))
    refusal = ""
    if request.method == "POST":
        try:
            assessment = actions.enter(by=request.user, kept=kept)
        except Refused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _entered(preview))
            return redirect("assessment-check", assessment.pk)
    context = {"kept": kept, "preview": preview, "refusal": refusal, **_understood(kept, preview)}
    return render(request, "assessments/assessment_import_preview.html", context)


def _understood(kept: FormImport, preview: PreviewedForm) -> dict[str, Any]:
    form, levels = preview.form, Levels(kept.revision.scale)
    return {
        "facts": _facts(form),
        "texts": [(FIELDS[name], form.texts[name]) for name in TEXTS if form.texts.get(name)],
        "legend": levels.legend,
        "lines": [Line(row, _numbers(row, levels)) for row in preview.activities],
        "warnings": [f"{notice.place}: {notice.what}" for notice in form.notices],
        "identifying": privacy.warning(*form.texts.values(), *(rating.note for rating in form.ratings)),
        "before": queries.loaded_before(kept),
    }


def _numbers(row: FilledActivity, levels: Levels) -> list[int]:
    counted: dict[Swatch, int] = dict(levels.counts(row.distribution))
    return [counted.get(swatch, 0) for swatch in levels.legend]


def _facts(form: FilledForm) -> list[tuple[str, str]]:
    """What the first sheet says, in the words of the page; what was left blank is said to be."""
    return [(label, _fact(name, form.context.get(name))) for name, label in FIELDS.items() if name not in TEXTS]


def _fact(name: str, value: Any) -> str:
    if name == "session_on":
        return formatted(value, "j F Y") if value else "Not stated"
    if name == "is_consent_confirmed":
        return "Confirmed" if value else "Not confirmed"
    return FORM_WORDS.get(name, {}).get(value) or str(value or "Not stated")


def _entered(preview: PreviewedForm) -> str:
    """What came in, for the page after."""
    found = preview.distribution
    told = [wording.count(found.rated, "level"), f"{found.not_observed} not observed"]
    told += [f"{found.not_applicable} not applicable", wording.count(preview.notes, "note")]
    where = wording.count(len(preview.activities), "activity", "activities")
    return f"The form is entered as a draft: {wording.listed(told)}, in {where}. Look it over before you share it."


@requires(Role.SUPERVISOR)
@require_POST
def assessment_import_discard(request: SignedInRequest, pk: UUID) -> HttpResponse:
    kept = queries.form_import(request.user, pk)
    try:
        actions.discard(by=request.user, kept=kept)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"{kept.file_name} is discarded. Nothing of it was kept.")
    return redirect(f"{reverse('assessment-import')}?therapist={kept.therapist_id}")
