"""Who may call a view. Every view carries its rule, and the URLs do not load when one is missing."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver

from assessments import permissions
from assessments.exceptions import NotAllowed, Refused
from assessments.models import User
from assessments.views import errors

P = ParamSpec("P")
RULE = "access_rule"  # the attribute by which a view carries its rule
AnyView = Callable[Concatenate[Any, P], HttpResponse]


class SignedInRequest(HttpRequest):
    """A request past the access rule: somebody is signed in."""

    user: User


def anyone(why: str) -> Callable[[AnyView[P]], AnyView[P]]:
    """Open to people who are not signed in, for the reason given."""

    def decorate(view: AnyView[P]) -> AnyView[P]:
        return _guarded(view, rule=f"anyone: {why}", check=None)

    return decorate


def signed_in(view: AnyView[P]) -> AnyView[P]:
    """For everybody with an account; what they see is limited by the querysets and checks inside."""
    return _guarded(view, rule="signed in", check=lambda user: None)


def requires(*roles: str) -> Callable[[AnyView[P]], AnyView[P]]:
    """For people who have one of the roles at present."""

    def decorate(view: AnyView[P]) -> AnyView[P]:
        return _guarded(view, rule=" or ".join(roles), check=lambda user: permissions.check_has_role(user, *roles))

    return decorate


def _guarded(view: AnyView[P], *, rule: str, check: Callable[[User], None] | None) -> AnyView[P]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if check is not None and not isinstance(request.user, User):
            return errors.sign_in_again(request) if errors.wants_json(request) else _to_sign_in(request)
        if any("\x00" in str(part) for part in kwargs.values()):
            raise Http404  # nothing has such a code, and PostgreSQL does not even look for it
        try:
            if check is not None and isinstance(request.user, User):
                check(request.user)
            return view(request, *args, **kwargs)
        except NotAllowed as refusal:
            return errors.not_allowed(request, refusal)
        except Refused as refusal:
            return errors.refused(request, refusal)
        except ObjectDoesNotExist as missing:
            raise Http404 from missing

    setattr(guarded, RULE, rule)
    return cast("AnyView[P]", guarded)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """After signing in people return to the page, and to the page with the form if they sent one."""
    return redirect_to_login(request.get_full_path() if request.method == "GET" else _page_of_form(request))


def _page_of_form(request: HttpRequest) -> str:
    """Where the form stood, which may be elsewhere: many an address only takes what is sent to it."""
    came_from, here = request.headers.get("referer", ""), request.build_absolute_uri("/")
    return f"/{came_from.removeprefix(here)}" if came_from.startswith(here) else request.path


def assert_declared(patterns: Iterable[URLPattern | URLResolver], *, foreign: dict[str, str]) -> None:
    """Raise ImproperlyConfigured if a view has no rule. `foreign` names libraries' views and their rules."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            assert_declared(pattern.url_patterns, foreign=foreign)
        elif not hasattr(pattern.callback, RULE) and pattern.name not in foreign:
            raise ImproperlyConfigured(f"{pattern.pattern} has no access rule. Decorate its view (views/access.py).")
