"""The framework, open to anyone: map, lists, background, search."""

from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from assessments import queries
from assessments.models import Domain, FrameworkRevision
from assessments.queries import StatementList
from assessments.views.access import anyone
from assessments.views.cards import framework_card

OPEN_ACCESS = "the framework is open access"
MAX_WORDS, SUGGESTED = 200, 20


@dataclass(frozen=True)
class MapGroup:
    """Activities under one heading, each as a card; the heading is blank where there is none."""

    heading: str
    cards: list[str]


@dataclass(frozen=True)
class MapColumn:
    domain: Domain
    groups: list[MapGroup]
    activities: int
    competences: int

    @property
    def first_heading(self) -> str:
        return self.groups[0].heading if self.groups else ""


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
    words = _words(request)
    if words:
        found = queries.search(revision, words)
        return render(request, "frameworks/search.html", {"revision": revision, "words": words, "found": found})
    columns = map_columns(revision) if revision.published_at else fresh_columns(revision)
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
def revision_search(request: HttpRequest, slug: str, number: str) -> JsonResponse:
    """What the search field suggests while somebody types."""
    revision = queries.revision(request.user, slug, number)
    words = _words(request)
    found = queries.search(revision, words, limit=SUGGESTED) if words else []
    hits = [
        {
            "code": competence.code,
            "text": competence.text,
            "activity": f"{competence.activity.code} {competence.activity.title}",
            "url": f"{reverse('activity', args=[slug, number, competence.activity.code])}#{competence.code}",
        }
        for competence in found[:SUGGESTED]
    ]
    return JsonResponse({"hits": hits, "is_more": len(found) > SUGGESTED})


def _words(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:MAX_WORDS].replace("\x00", "")


@lru_cache(maxsize=16)
def map_columns(revision: FrameworkRevision) -> list[MapColumn]:
    """Of a published revision, made once a process: it never changes, and whoever sees the map sees the same."""
    return fresh_columns(revision)


def fresh_columns(revision: FrameworkRevision) -> list[MapColumn]:
    return [_column(column, revision) for column in queries.columns(revision)]


def _column(column: queries.Column, revision: FrameworkRevision) -> MapColumn:
    groups = [
        MapGroup(group.heading, [framework_card(activity, revision) for activity in group.activities])
        for group in column.groups
    ]
    return MapColumn(column.domain, groups, column.activities, column.competences)


@anyone(OPEN_ACCESS)
def domain(request: HttpRequest, slug: str, number: str, code: str) -> HttpResponse:
    revision = queries.revision(request.user, slug, number)
    domain = get_object_or_404(revision.domains, code=code)
    lists = domain_lists(domain) if revision.published_at else queries.statement_lists(domain.activities.all())
    context = {"revision": revision, "domain": domain, "lists": lists}
    return render(request, "frameworks/domain.html", context)


@lru_cache(maxsize=64)
def domain_lists(domain: Domain) -> list[StatementList]:
    """Of a published domain, read once a process, as the map is."""
    return queries.statement_lists(domain.activities.all())


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
