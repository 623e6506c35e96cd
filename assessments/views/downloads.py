"""A revision, a domain or an activity as a file, open to whoever may read it on the page."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response

from assessments import queries
from assessments.exceptions import RenderingFailed
from assessments.exporters import case, own_csv, own_yaml, xlsx
from assessments.models import FrameworkRevision
from assessments.reports import booklet
from assessments.revisions import RevisionData
from assessments.revisions.parts import activity_part, domain_part
from assessments.views import errors
from assessments.views.access import anyone
from assessments.views.files import attachment
from assessments.views.frameworks import OPEN_ACCESS


@dataclass(frozen=True)
class Wanted:
    """What is asked for: a revision, or that part of it which the code names."""

    request: HttpRequest
    revision: FrameworkRevision
    data: RevisionData
    part: str = booklet.WHOLE
    code: str = ""

    @property
    def file_name(self) -> str:
        return "-".join(filter(None, [self.data.framework, self.data.number, self.code]))


@dataclass(frozen=True)
class Format:
    content_type: str
    write: Callable[[Wanted], bytes]


def _case(wanted: Wanted) -> bytes:
    revision = wanted.revision
    edition = case.Edition(
        base=wanted.request.build_absolute_uri("/"),
        changed_at=revision.published_at or timezone.now(),
        status=revision.status,
        retired_on=timezone.localdate(revision.retired_at) if revision.retired_at else None,
        previous=queries.data_before(wanted.request.user, revision),
    )
    return case.write(wanted.data, edition)


def _booklet(wanted: Wanted) -> bytes:
    published_at = wanted.revision.published_at
    published_on = timezone.localdate(published_at) if published_at else None
    return booklet.render(wanted.data, booklet.Issue(published_on, wanted.part))


FORMATS = {
    "pdf": Format("application/pdf", _booklet),
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", lambda wanted: xlsx.write(wanted.data)
    ),
    "csv": Format("text/csv; charset=utf-8", lambda wanted: own_csv.write(wanted.data)),
    "json": Format("application/json", _case),
    "yaml": Format("application/yaml; charset=utf-8", lambda wanted: own_yaml.write(wanted.data)),
}


@anyone(OPEN_ACCESS)
def framework_download(request: HttpRequest, slug: str, extension: str) -> HttpResponse:
    revision = queries.current_revision(request.user, slug)
    return _file(Wanted(request, revision, queries.revision_data(revision)), extension)


@anyone(OPEN_ACCESS)
def revision_download(request: HttpRequest, slug: str, number: str, extension: str) -> HttpResponse:
    revision = queries.revision(request.user, slug, number)
    return _file(Wanted(request, revision, queries.revision_data(revision)), extension)


@anyone(OPEN_ACCESS)
def domain_download(request: HttpRequest, slug: str, number: str, code: str, extension: str) -> HttpResponse:
    revision = queries.revision(request.user, slug, number)
    return _part(
        Wanted(request, revision, domain_part(queries.revision_data(revision), code), booklet.DOMAIN, code), extension
    )


@anyone(OPEN_ACCESS)
def activity_download(request: HttpRequest, slug: str, number: str, code: str, extension: str) -> HttpResponse:
    revision = queries.revision(request.user, slug, number)
    return _part(
        Wanted(request, revision, activity_part(queries.revision_data(revision), code), booklet.ACTIVITY, code),
        extension,
    )


def _part(wanted: Wanted, extension: str) -> HttpResponse:
    if not wanted.data.domains:
        raise Http404
    return _file(wanted, extension)


def _file(wanted: Wanted, extension: str) -> HttpResponse:
    """The file, or the answer that the reader has it already: the tag is a hash of its bytes."""
    format = FORMATS[extension]
    try:
        content = format.write(wanted)
    except RenderingFailed as failure:
        return errors.unavailable(wanted.request, failure)
    response = attachment(content, format.content_type, f"{wanted.file_name}.{extension}")
    response["ETag"] = f'"{hashlib.sha256(content).hexdigest()}"'
    answer = get_conditional_response(wanted.request, etag=response["ETag"], response=response)
    return answer if isinstance(answer, HttpResponse) else response
