"""The way of a file to a draft revision: upload, columns, what it is, preview, difference, load."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_POST

from assessments import importers, queries
from assessments.actions import imports as actions
from assessments.exceptions import ImportRejected, Problem, Refused
from assessments.forms.frameworks import AboutForm, ColumnsForm, LoadForm, UploadForm
from assessments.importers import assembly
from assessments.importers.reading import Answers
from assessments.models import FrameworkImport, FrameworkRevision, Role
from assessments.queries import Looked
from assessments.reports import telling
from assessments.revisions import difference, lineage
from assessments.views.access import SignedInRequest, requires
from assessments.views.compare import PER_PAGE, change_row
from assessments.views.files import attachment

STEPS = {"columns": "Columns", "lines": "Cleaning", "about": "About", "preview": "Preview", "difference": "Difference"}


@requires(Role.ADMIN)
def manage_frameworks(request: SignedInRequest) -> HttpResponse:
    """Every framework with its revisions, the files that lie open, and the form for another one."""
    form = UploadForm(*_sent(request))
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        name, content = form.upload
        try:
            kept = _upload(request, name, content)
        except ImportRejected as rejection:
            problems = rejection.problems
        else:
            return redirect(kept)
    context = {
        "form": form,
        "frameworks": queries.frameworks_managed(),
        "imports": queries.open_imports(),
        "problems": problems,
    }
    return render(request, "manage/frameworks.html", context, status=422 if problems or form.errors else 200)


def _sent(request: SignedInRequest) -> tuple[Any, ...]:
    """What a form is bound to. A form of which nothing is filled in was sent all the same."""
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _upload(request: SignedInRequest, name: str, content: bytes) -> FrameworkImport:
    """Keep what can be read at all; a sheet that looks like an earlier one is read as that one was."""
    reading = importers.read(name, content, Answers())
    answers = queries.remembered(reading)
    return actions.upload(
        by=request.user, file_name=name, content=content, format=importers.label(reading.format), answers=answers
    )


@requires(Role.ADMIN)
def framework_import(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One uploaded file, step by step; nothing but the file is stored until it is loaded."""
    kept = queries.framework_import(pk)
    if kept.status != FrameworkImport.Status.OPEN:
        return render(request, "manage/import_closed.html", {"kept": kept})
    looked = queries.look(kept)
    step = request.GET.get("step", "")
    step = step if step in _steps(looked) else next(iter(_steps(looked)))
    page = {"columns": _columns, "about": _about, "preview": _preview, "difference": _difference, "lines": _lines}[step]
    answer = page(request, looked)
    if isinstance(answer, HttpResponse):
        return answer
    context = {
        "kept": kept,
        "looked": looked,
        "step": step,
        "steps": [(name, label, name == step) for name, label in _steps(looked).items()],
        "counts": looked.assembled.depths,
        "problems": [problem for problem in looked.assembled.problems if problem.place not in assembly.METADATA],
        **answer,
    }
    return render(request, f"manage/import_{step}.html", context)


def _steps(looked: Looked) -> dict[str, str]:
    """The steps that this file needs, in order."""
    left_out = set()
    if looked.reading.table is None:
        left_out.add("columns")
    if not looked.is_list:
        left_out.add("lines")
    if looked.assembled.revision is None:
        left_out.add("preview")
    if looked.previous is None:
        left_out.add("difference")
    return {name: label for name, label in STEPS.items() if name not in left_out}


def _saved(request: SignedInRequest, looked: Looked, answers: Answers, *, then: str) -> HttpResponse:
    try:
        actions.answer(by=request.user, kept=looked.kept, answers=answers)
    except Refused:  # somebody closed it this moment, and its page says who and how
        return redirect(looked.kept)
    return redirect(f"{looked.kept.get_absolute_url()}?step={then}")


def _columns(request: SignedInRequest, looked: Looked) -> HttpResponse | dict[str, Any]:
    assert looked.reading.table is not None  # noqa: S101  told to the type checker: the step exists only with a table
    initial = {"fill_down": looked.answers.fill_down}
    form = ColumnsForm(*_sent(request), table=looked.reading.table, initial=initial)
    if request.method == "POST" and form.is_valid():
        is_other_sheet = form.cleaned_data.get("sheet", "") not in {"", looked.reading.table.sheet}
        return _saved(request, looked, form.answers(looked.answers), then="columns" if is_other_sheet else "about")
    return {"form": form}


def _lines(request: SignedInRequest, looked: Looked) -> HttpResponse | dict[str, Any]:
    return {"lines": importers.cleaned_lines(bytes(looked.kept.content), looked.answers)}


def _about(request: SignedInRequest, looked: Looked) -> HttpResponse | dict[str, Any]:
    assembled, answers = looked.assembled, looked.answers
    initial = assembled.stated | {
        "previous": _followed(looked),
        "is_redistributable": assembled.is_redistributable,
        "scale": answers.scale,
        "shape": answers.shape or next(iter(assembled.shapes), ""),
        "level": answers.level,
        "kind": answers.kind,
        "keep_retired": answers.keep_retired,
    }
    form = AboutForm(
        *_sent(request),
        initial=initial,
        assembled=assembled,
        follows=queries.revisions_to_follow(),
        scales=list(queries.scales_offered()),
        has_own_scale=bool(looked.reading.scale or looked.reading.revision),
    )
    if request.method == "POST" and form.is_valid():
        return _saved(request, looked, form.answers(answers), then="preview")
    return {"form": form}


def _followed(looked: Looked) -> str:
    """The revision that this one follows, as the form names it."""
    number = looked.answers.metadata.get("previous") or getattr(looked.reading.revision, "previous", "")
    return f"{looked.assembled.stated['framework']}/{number}" if number else ""


def _preview(request: SignedInRequest, looked: Looked) -> HttpResponse | dict[str, Any]:
    form = LoadForm(*_sent(request), warnings=looked.warnings)
    revision = looked.assembled.revision
    if request.method == "POST" and revision and form.is_valid():
        try:
            draft = actions.load(by=request.user, kept=looked.kept, data=revision)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _loaded(draft))
            return redirect("revision-manage", draft.framework.slug, draft.number)
    return {"form": form, "revision": revision, "size": queries.size_of(revision) if revision else None}


def _loaded(revision: FrameworkRevision) -> str:
    if revision.is_draft:
        return f"{revision} is a draft now. Only administrators see it until it is published."
    return f"{revision} is stored with the same content already. Nothing was changed."


def _difference(request: SignedInRequest, looked: Looked) -> HttpResponse | dict[str, Any]:
    older, newer = queries.previous_data(looked), looked.assembled.revision
    assert older is not None and newer is not None  # noqa: S101, PT018  the step exists only with both
    found = difference.compare(older, newer, lineage.propose(older, newer))
    page = Paginator(found.changed, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "counted": [(telling.LABELS[group], number) for group, number in found.counts.items()],
        "page": page,
        "rows": [change_row(change) for change in page],
        "previous": looked.previous,
        "revision": newer,
    }


@requires(Role.ADMIN)
@require_POST
def framework_import_discard(request: SignedInRequest, pk: UUID) -> HttpResponse:
    kept = queries.framework_import(pk)
    try:
        actions.discard(by=request.user, kept=kept)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"{kept.file_name} is discarded. Nothing of it was stored.")
    return redirect("manage-frameworks")


@requires(Role.ADMIN)
def framework_import_file(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The uploaded bytes as they came."""
    kept = queries.framework_import(pk)
    name = get_valid_filename(f"_{kept.file_name}")[1:].strip(".") or "file"
    return attachment(bytes(kept.content), "application/octet-stream", name)
