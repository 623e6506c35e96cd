from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from assessments import queries
from assessments.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class Backend(AuthenticationBackend):
    """Reads a person and their roles in one statement, because every page needs both."""

    def get_user(self, user_id: Any) -> User | None:
        person = queries.person_with_roles(user_id)
        return person if person and self.user_can_authenticate(person) else None
