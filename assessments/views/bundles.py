"""All reports of a cohort as one file: asking for it, watching it being made, taking it."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from assessments import policies
from assessments.actions import bundles as actions
from assessments.exceptions import Refused
from assessments.exporters import bundle as exporter
from assessments.forms.bundles import ASSESSMENTS, PROFILES, BundleForm
from assessments.models import ReportBundle, Role
from assessments.queries import bundles as reads
from assessments.views import errors
from assessments.views.access import SignedInRequest, requires
from assessments.views.cohort import Asked, asked_for
from assessments.views.signing import confirmed

PER_PAGE = 10


@requires(Role.LEAD)
def report_bundles(request: SignedInRequest) -> HttpResponse:
    """What one asked for, with the form to ask for more; of the organisation and programme of the cohort page."""
    asked = asked_for(request)
    initial = {"on": timezone.localdate(), "kinds": [ASSESSMENTS, PROFILES]}
    form = confirmed(BundleForm, request, initial=initial)
    if form.is_valid():
        try:
            _ask(request, asked, form)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The reports are being put together. You can leave this page and come back.")
            return redirect(f"{reverse('report-bundles')}?{asked.query}")
    page = Paginator(reads.bundles_of(request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "asked": asked, "page": page, "most": actions.MOST_THERAPISTS}
    return render(request, "cohort/report_bundles.html", context, status=200 if form.may_try else 429)


def _ask(request: SignedInRequest, asked: Asked, form: BundleForm) -> ReportBundle:
    return actions.ask(
        by=request.user,
        organisation=asked.organisation,
        programme=asked.programme,
        revision=asked.revision,
        **form.asked,
    )


@requires(Role.LEAD)
@require_safe
def report_bundle(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How far one has come: part of the page, which asks for it every other second."""
    return render(request, "cohort/_bundle.html", {"bundle": reads.bundle(request.user, pk)})


@requires(Role.LEAD)
@require_POST
def report_bundle_cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    actions.cancel(by=request.user, bundle=reads.bundle(request.user, pk))
    messages.success(request, "Cancelled. Nothing more is made.")
    return redirect("report-bundles")


@requires(Role.LEAD)
@require_POST
def report_bundle_again(request: SignedInRequest, pk: UUID) -> HttpResponse:
    try:
        actions.try_again(by=request.user, bundle=reads.bundle(request.user, pk))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("report-bundles")


@requires(Role.LEAD)
@require_POST
def report_bundle_download(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The file, read and sent part by part. Asked for by a form, because that becomes part of the history."""
    bundle = reads.bundle(request.user, pk)
    if bundle.is_done and bundle.is_expired:
        return errors.gone(request, policies.BUNDLE_GONE)
    bundle = actions.take(by=request.user, bundle=bundle)
    sent = exporter.pieces(bundle, reads.bundle_files(bundle), reads.bundle_content)
    answer = StreamingHttpResponse(sent, content_type="application/zip", headers=_headers(bundle))
    return cast("HttpResponse", answer)  # what the access rule hands on without looking at it


def _headers(bundle: ReportBundle) -> dict[str, Any]:
    name = f"reports-{slugify(bundle.organisation.name)}-{bundle.stands_on.isoformat()}.zip"
    return {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "",
        "Content-Length": str(bundle.size),
        # It is packed; packing it once more would cost time, and nobody could say any more how long it is.
        "Content-Encoding": "identity",
    }
