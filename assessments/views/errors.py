"""Domain exceptions, and faults of the storage, as answers in one place."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.defaults import server_error

from assessments.exceptions import NotAllowed, Refused

STORAGE_FULL = "The storage is full. Nothing can be saved until there is room again; what is stored can be read."
STORAGE_AWAY = "The storage does not answer just now, so nothing can be saved."
FULL = ("disk is full", "No space left")  # as SQLite and PostgreSQL say it


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def not_allowed(request: HttpRequest, refusal: NotAllowed) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"error": "not allowed", "message": refusal.reason}, status=403)
    return render(request, "403.html", {"reason": refusal.reason}, status=403)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """What the page offered can no longer be taken, because of what somebody else did meanwhile."""
    return render(request, "409.html", {"reason": str(refusal)}, status=409)


def sign_in_again(request: HttpRequest) -> HttpResponse:
    message = "Your session has ended. Sign in again; what you typed is still on this page."
    return JsonResponse({"error": "signed out", "message": message, "sign_in": reverse("account_login")}, status=401)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's proof of origin is missing or stale, for example after signing in again in another tab."""
    if wants_json(request):
        message = "This page is out of date. Sign in again in another tab and come back; what you typed is kept."
        return JsonResponse({"error": "stale form", "message": message}, status=403)
    return render(request, "403_csrf.html", status=403)


def unavailable(request: HttpRequest, failure: Exception) -> HttpResponse:
    """Something needs a moment; nothing was changed."""
    return render(request, "503.html", {"reason": str(failure)}, status=503)


def gone(request: HttpRequest, reason: str) -> HttpResponse:
    """Something was here for a while, and is no longer."""
    return render(request, "410.html", {"reason": reason}, status=410)


def failed(request: HttpRequest) -> HttpResponse:
    """A request that ended in an exception. One of the storage passes, so it says so and may be tried again."""
    failure = sys.exc_info()[1]
    if not isinstance(failure, OperationalError | InterfaceError):
        return server_error(request)
    message = STORAGE_FULL if any(words in str(failure) for words in FULL) else STORAGE_AWAY
    if wants_json(request):
        return JsonResponse({"error": "storage", "message": message}, status=503)
    # Without the request: its head would ask the database who is signed in.
    return HttpResponse(render_to_string("503_storage.html", {"reason": message}), status=503)
