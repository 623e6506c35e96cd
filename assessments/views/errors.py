"""Domain exceptions as answers, in one place."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from assessments.exceptions import NotAllowed


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def not_allowed(request: HttpRequest, refusal: NotAllowed) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"error": "not allowed", "message": refusal.reason}, status=403)
    return render(request, "403.html", {"reason": refusal.reason}, status=403)


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
