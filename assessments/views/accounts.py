from typing import Any

from allauth.account import views as account
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from assessments import queries
from assessments.actions import people
from assessments.models import User
from assessments.queries.notices import digests_sent
from assessments.views.access import SignedInRequest, signed_in

LAST_SENT = 10


def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out; where the page says that nobody's answers wait in this browser, have it forget the whole site."""
    response: HttpResponse = account.logout(request)
    if "wipe" in request.POST:
        response["Clear-Site-Data"] = '"cache", "storage"'
    return response


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class Backend(AuthenticationBackend):
    """Reads a person and their roles in one statement, because every page needs both."""

    def get_user(self, user_id: Any) -> User | None:
        person = queries.person_with_roles(user_id)
        return person if person and self.user_can_authenticate(person) else None


@signed_in
@require_POST
def page_keys(request: SignedInRequest) -> HttpResponse:
    """Switch the page-wide keys of the rating page on or off, and return to where that was asked."""
    people.set_page_keys(by=request.user, has_page_keys=request.POST.get("has_page_keys") == "on")
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if is_ours else "home")


@signed_in
def notices(request: SignedInRequest) -> HttpResponse:
    """What is sent by e-mail, and the switch for it."""
    if request.method == "POST":
        has_digest = request.POST.get("has_digest") == "on"
        people.set_digest(by=request.user, has_digest=has_digest)
        messages.success(request, f"E-mails are switched {'on' if has_digest else 'off'}.")
        return redirect("notices")
    return render(request, "account/notices.html", {"sent": digests_sent(request.user)[:LAST_SENT]})
