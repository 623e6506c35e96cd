"""What every response carries, whoever answers."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

Handler = Callable[[HttpRequest], HttpResponse]

_request_id: ContextVar[str] = ContextVar("request_id", default="-")
_TOKEN = re.compile(r"(/rate/)[^/\s]+")
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdFilter(logging.Filter):
    """Puts the current request's id on each log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _request_id.get()
        return True


class TokenFilter(logging.Filter):
    """Leaves out of each log line what is secret in an address: the token of an occasional rater's link."""

    def filter(self, record: logging.LogRecord) -> bool:
        told = record.getMessage()
        if _TOKEN.search(told):
            record.msg, record.args = _TOKEN.sub(r"\1…", told), ()
        return True


def request_id(get_response: Handler) -> Handler:
    """Take the proxy's request id where it is harmless, else make one; log it, answer with it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        offered = request.headers.get("X-Request-ID", "")
        current = offered if _ACCEPTABLE_ID.fullmatch(offered) else uuid.uuid4().hex
        _request_id.set(current)  # left standing, for what the server logs after the answer
        response = get_response(request)
        response["X-Request-ID"] = current
        return response

    return middleware


def private_pages(get_response: Handler) -> Handler:
    """Keep pages of signed-in people, and everything that sets a cookie, out of every cache and of Back."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        # A page that never looked at the session is the same for everybody.
        session = getattr(request, "session", None)
        if response.cookies or (session is not None and session.accessed and request.user.is_authenticated):
            response["Cache-Control"] = "no-store, private"
        return response

    return middleware


# The largest framework file that is read has 20 MB; deploy/Caddyfile says the same.
LARGEST_BODY = 25 * 1024**2
_LENGTH = re.compile(r"[0-9]{1,18}")


def body_limit(get_response: Handler) -> Handler:
    """Answer a request that announces too large a body without reading it, or the session, or anything else.

    A body that announces no length reaches nobody: Django takes it as empty.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        announced = request.headers.get("Content-Length", "")
        if _LENGTH.fullmatch(announced) and int(announced) > LARGEST_BODY:
            return render(request, "413.html", {"megabytes": LARGEST_BODY // 1024**2}, status=413)
        return get_response(request)

    return middleware


AWAY = "The database file was moved or replaced while the service was running. The service has to be restarted."


def storage_in_place(get_response: Handler) -> Handler:
    """Answer nothing once the file of a SQLite database is no longer the one that was there at the start.

    Open connections would go on writing to the old file and acknowledge what nobody finds again.
    """
    began = _file_identity()

    def middleware(request: HttpRequest) -> HttpResponse:
        if began and _file_identity() != began:
            return HttpResponse(render_to_string("503_storage.html", {"reason": AWAY}), status=503)
        return get_response(request)

    return middleware


def _file_identity() -> tuple[int, int] | None:
    """None where the database is no file."""
    with suppress(OSError):
        found = Path(settings.DATABASES["default"]["NAME"]).stat() if settings.IS_SQLITE else None
        return (found.st_dev, found.st_ino) if found else None
    return None


LONGEST_SESSION = 12 * 60 * 60
RENEWED_AFTER = 10 * 60


def session_limits(get_response: Handler) -> Handler:
    """Renew a session that is used, now and then rather than with each request, and end it after twelve hours."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = int(time.time())
            began = request.session.setdefault("began", now)
            if now - began > LONGEST_SESSION:
                logout(request)
            elif now - request.session.get("renewed", began) > RENEWED_AFTER:
                request.session["renewed"] = now
        return get_response(request)

    return middleware
