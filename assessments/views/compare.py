"""Two revisions of a framework side by side, open to whoever may read both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from assessments import queries
from assessments.exceptions import RenderingFailed
from assessments.forms.comparison import ComparisonForm
from assessments.queries import Comparison
from assessments.reports import difference as documents
from assessments.reports import telling
from assessments.reports.words import counted
from assessments.revisions.difference import Change, Difference, Statement
from assessments.revisions.spans import Span
from assessments.views import errors
from assessments.views.access import anyone
from assessments.views.files import attachment

OPEN_ACCESS = "the framework is open access"
PER_PAGE = 50
CHANGED, ALL = "changed", "all"
CONFIRMED = "What became of each was confirmed by a person."
PROPOSED = "What became of each is proposed from identity and similar words. Nobody has confirmed it."


@dataclass(frozen=True)
class Cell:
    """One statement on its side. The code is printed where the row's own code is not this one's."""

    statement: Statement
    spans: list[Span]
    shows_code: bool


@dataclass(frozen=True)
class ChangeRow:
    """A change as `frameworks/_change.html` shows it; `older` or `newer` is empty where there is none."""

    change: Change
    code: str
    older: list[Cell]
    newer: list[Cell]

    @property
    def title(self) -> str:
        return telling.title(self.change)

    @property
    def details(self) -> list[str]:
        return telling.details(self.change)

    @property
    def activity(self) -> str:
        return telling.place(self.change.statement)


def change_row(change: Change) -> ChangeRow:
    code = (change.older if len(change.older) == 1 else change.newer)[0].code
    earlier, later = change.spans
    return ChangeRow(change, code, _cells(change.older, earlier, code), _cells(change.newer, later, code))


def _cells(statements: list[Statement], spans: list[list[Span]], code: str) -> list[Cell]:
    pairs = zip(statements, spans, strict=True)
    return [Cell(statement, its, shows_code=statement.code != code) for statement, its in pairs]


@dataclass(frozen=True)
class Choice:
    """A part of the changes to show, with its address."""

    value: str
    label: str
    number: int
    is_current: bool


@anyone(OPEN_ACCESS)
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    revisions = queries.readable_revisions(request.user, slug)
    latest = {"newer": revisions[0].pk, "older": revisions[min(1, len(revisions) - 1)].pk}
    form = ComparisonForm(request.GET or None, revisions=revisions, initial=latest)
    if request.GET and form.is_valid():
        older, newer = form.cleaned_data["older"], form.cleaned_data["newer"]
        return redirect("difference", slug=slug, older=older.number, newer=newer.number)
    context = {"framework": revisions[0].framework, "revisions": revisions, "form": form}
    return render(request, "frameworks/compare.html", context)


@anyone(OPEN_ACCESS)
def difference(request: HttpRequest, slug: str, older: str, newer: str) -> HttpResponse:
    comparison = queries.comparison(*queries.revision_pair(request.user, slug, older, newer))
    shown = _shown(request, comparison.difference)
    page = Paginator(_changes(comparison.difference, shown), PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "comparison": comparison,
        "framework": comparison.newer.framework,
        "sentence": _sentence(comparison.difference),
        "basis": _basis(comparison),
        "headings": telling.headings(comparison.difference.headings),
        "counts": _counts(comparison.difference, shown),
        "choices": _choices(comparison.difference, shown),
        "shown": shown,
        "page": page,
        "rows": [change_row(change) for change in page],
    }
    return render(request, "frameworks/difference.html", context)


@anyone(OPEN_ACCESS)
def difference_csv(request: HttpRequest, slug: str, older: str, newer: str) -> HttpResponse:
    comparison = queries.comparison(*queries.revision_pair(request.user, slug, older, newer))
    changes = _changes(comparison.difference, _shown(request, comparison.difference))
    # With a byte order mark, or Excel takes it for another encoding.
    content = documents.sheet(changes).encode("utf-8-sig")
    return _download(content, "text/csv; charset=utf-8", comparison, "csv")


@anyone(OPEN_ACCESS)
def difference_pdf(request: HttpRequest, slug: str, older: str, newer: str) -> HttpResponse:
    comparison = queries.comparison(*queries.revision_pair(request.user, slug, older, newer))
    shown = _shown(request, comparison.difference)
    try:
        content = documents.printed(
            comparison.older,
            comparison.newer,
            comparison.difference,
            _changes(comparison.difference, shown),
            shown=f"{_sentence(comparison.difference)} {_said(shown)}",
            basis=_basis(comparison),
            printed_on=timezone.localdate(),
        )
    except RenderingFailed as failure:
        return errors.unavailable(request, failure)
    return _download(content, "application/pdf", comparison, "pdf")


def _download(content: bytes, content_type: str, comparison: Comparison, ending: str) -> HttpResponse:
    older, newer = comparison.older, comparison.newer
    return attachment(content, content_type, f"{newer.framework.slug}-{older.number}-to-{newer.number}.{ending}")


def _shown(request: HttpRequest, difference: Difference) -> str:
    """Which changes the address asks for; the changed ones unless it names a kind that there is."""
    asked = request.GET.get("show", CHANGED)
    return asked if asked == ALL or asked in difference.counts else CHANGED


def _changes(difference: Difference, shown: str) -> Sequence[Change]:
    if shown == ALL:
        return difference.changes
    return difference.changed if shown == CHANGED else difference.in_group(shown)


def _said(shown: str) -> str:
    if shown == ALL:
        return "All are listed."
    return "Those are listed." if shown == CHANGED else f"Listed here: {telling.LABELS[shown].lower()}."


def _counts(difference: Difference, shown: str) -> list[Choice]:
    return [Choice(group, telling.LABELS[group], number, group == shown) for group, number in difference.counts.items()]


def _choices(difference: Difference, shown: str) -> list[Choice]:
    return [
        Choice(CHANGED, "Changed", len(difference.changed), shown == CHANGED),
        Choice(ALL, "All", len(difference.changes), shown == ALL),
    ]


def _sentence(difference: Difference) -> str:
    changed, total = len(difference.changed), counted(len(difference.changes), "competence")
    return f"{changed} of {total} changed." if changed else f"None of {total} changed."


def _basis(comparison: Comparison) -> str:
    return CONFIRMED if comparison.is_confirmed else PROPOSED
