from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from assessments.models import Membership, User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class Backend(AuthenticationBackend):
    """Reads a person and their roles in one statement, because every page needs both."""

    def get_user(self, user_id: Any) -> User | None:
        rows = list(Membership.objects.filter(user=user_id).select_related("user", "organisation"))
        if not rows:
            person: User | None = super().get_user(user_id)
            return person
        person = rows[0].user
        person.current_memberships = [row for row in rows if row.is_current]
        return person if self.user_can_authenticate(person) else None
