"""Home, the short texts in the page foot, and the two health checks."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from assessments import guards, queries
from assessments.models import FrameworkRevision, Role, User
from assessments.views.access import anyone
from assessments.views.frameworks import framework_map


@anyone("people who are not signed in see the map")
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        return _welcome(request)
    if user.roles & {Role.SUPERVISOR, Role.LEAD}:
        return redirect("therapists")
    if Role.THERAPIST in user.roles:
        return redirect(user)
    return redirect("people") if Role.ADMIN in user.roles else _welcome(request)


def _welcome(request: HttpRequest) -> HttpResponse:
    try:
        return framework_map(request, queries.current_revision(request.user))
    except FrameworkRevision.DoesNotExist:
        return redirect("frameworks")


@anyone("help is read before signing in, too")
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/help.html")


@anyone("the privacy notice is public")
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


@anyone("the accessibility statement is public")
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@anyone("asked by the machine that restarts the process")
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up."""
    return HttpResponse("ok", content_type="text/plain")


@anyone("asked by the machine that sends people here")
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers, is migrated, its guards stand, and its file can be written."""
    try:
        executor = MigrationExecutor(connection)
        is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        lacking = [] if is_migrated else ["migrations"]
        lacking += guards.missing() if is_migrated else []
    except DatabaseError:
        lacking = ["database"]
    lacking += ["storage"] if queries.storage_fault() else []
    return JsonResponse({"ready": not lacking, "lacking": lacking}, status=503 if lacking else 200)
