"""The framework, open to anyone: map, lists, background, search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from assessments import queries
from assessments.models import FrameworkRevision
from assessments.views.access import anyone

OPEN_ACCESS = "the framework is open access"
MAX_WORDS = 200


@anyone(OPEN_ACCESS)
def framework_list(request: HttpRequest) -> HttpResponse:
    return render(request, "frameworks/framework_list.html", {"frameworks": queries.frameworks(request.user)})


@anyone(OPEN_ACCESS)
def framework(request: HttpRequest, slug: str) -> HttpResponse:
    return framework_map(request, queries.current_revision(request.user, slug))


@anyone(OPEN_ACCESS)
def revision(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    return framework_map(request, queries.revision(request.user, slug, number))


def framework_map(request: HttpRequest, revision: FrameworkRevision) -> HttpResponse:
    """The map, or what a search found in it."""
    words = request.GET.get("q", "").strip()[:MAX_WORDS].replace("\x00", "")
    if words:
        found = queries.search(revision, words)
        return render(request, "frameworks/search.html", {"revision": revision, "words": words, "found": found})
    columns = queries.columns(revision)
    context = {
        "revision": revision,
        "columns": columns,
        "activities": sum(column.activities for column in columns),
        "competences": sum(column.competences for column in columns),
        "pages": revision.pages.defer("text"),
        "has_others": queries.has_other_revisions(request.user, revision),
    }
    return render(request, "frameworks/map.html", context)


@anyone(OPEN_ACCESS)
def domain(request: HttpRequest, slug: str, number: str, code: str) -> HttpResponse:
    revision = queries.revision(request.user, slug, number)
    domain = get_object_or_404(revision.domains, code=code)
    lists = queries.statement_lists(domain.activities.all())
    return render(request, "frameworks/domain.html", {"revision": revision, "domain": domain, "lists": lists})


@anyone(OPEN_ACCESS)
def activity(request: HttpRequest, slug: str, number: str, code: str) -> HttpResponse:
    revision = queries.revision(request.user, slug, number)
    activity = get_object_or_404(revision.activities.select_related("domain"), code=code)
    context = {
        "revision": revision,
        "activity": activity,
        "statements": queries.statements(activity.competences.all()),
        "neighbours": queries.neighbours(activity),
    }
    return render(request, "frameworks/activity.html", context)


@anyone(OPEN_ACCESS)
def background(request: HttpRequest, slug: str, number: str, key: str) -> HttpResponse:
    revision = queries.revision(request.user, slug, number)
    pages = list(revision.pages.all())
    page = next((page for page in pages if page.key == key), None)
    if page is None:
        return redirect(revision)
    return render(request, "frameworks/background.html", {"revision": revision, "page": page, "pages": pages})
