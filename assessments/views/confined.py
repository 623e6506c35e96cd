"""Somebody who came in by a link has the pages of one assessment, and no other page that is not public."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, login
from django.contrib.auth.backends import BaseBackend
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from assessments import queries
from assessments.models import User

BACKEND = "assessments.views.confined.RaterBackend"
ONLY = "only_assessment"

# The pages that its author needs, about the assessment of the link.
OWN = {
    "assessment",
    "assessment-check",
    "assessment-rate",
    "assessment-share",
    "assessment-withdraw",
    "outbox",
    "rating-save",
}
# What anybody reads, and what is about nobody else.
OPEN = {
    "accessibility",
    "account_logout",
    "activity",
    "activity-download",
    "background",
    "difference",
    "difference-csv",
    "difference-pdf",
    "domain",
    "domain-download",
    "framework",
    "framework-compare",
    "framework-download",
    "frameworks",
    "healthz",
    "help",
    "page-keys",
    "privacy",
    "rater-again",
    "rater-code",
    "rater-home",
    "rater-link",
    "readyz",
    "revision",
    "revision-download",
    "revision-search",
    "verify",
}


class RaterBackend(BaseBackend):
    """Knows whoever came in by a link. Nobody signs in by it, and whoever has an account by now is not known here."""

    def get_user(self, user_id: Any) -> User | None:
        person = queries.person_with_roles(user_id)
        return person if person and not (person.is_active or person.current_memberships) else None


def let_in(request: HttpRequest, rater: User, assessment: UUID) -> None:
    """A session of its own, under a new key, that leads to this assessment alone."""
    login(request, rater, backend=BACKEND)
    request.session[ONLY] = str(assessment)


def is_confined(request: HttpRequest) -> bool:
    session = getattr(request, "session", None)
    return session is not None and session.get(BACKEND_SESSION_KEY) == BACKEND


def only_assessment(request: HttpRequest) -> UUID:
    """Of a session that is confined."""
    return UUID(request.session[ONLY])


class OneAssessment:
    """Middleware: in a session that came in by a link every other page is missing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        # Who brings no session is nobody, and a page that is the same for all of them stays so.
        if match is None or settings.SESSION_COOKIE_NAME not in request.COOKIES or not is_confined(request):
            return None
        if match.url_name == "home":
            return redirect("rater-home")
        is_own = match.url_name in OWN and kwargs["pk"] == only_assessment(request)
        if is_own or match.url_name in OPEN:
            return None
        raise Http404
