"""Signing: the password that confirms it, and what follows a last signature, whoever gives it."""

from contextlib import suppress
from typing import Any, TypeVar

from allauth.core import ratelimit

from assessments.actions import reports
from assessments.exceptions import RenderingFailed
from assessments.forms.confirmed import ConfirmedForm
from assessments.models import Assessment, User
from assessments.models.audit import ReportKind
from assessments.views.access import SignedInRequest

Confirmed = TypeVar("Confirmed", bound=ConfirmedForm)


def confirmed(form: type[Confirmed], request: SignedInRequest, **kwargs: Any) -> Confirmed:
    """A form that asks for the password: whoever sends it has tried, and may try only so often."""
    is_try = request.method == "POST"
    may_try = not is_try or bool(ratelimit.consume(request, action="reauthenticate", user=request.user))
    return form(request.POST if is_try else None, user=request.user, may_try=may_try, **kwargs)


def issue_report(user: User, assessment: Assessment) -> None:
    """Make the files that everybody downloads. Should one fail, the signature stands and a download makes it again."""
    for kind in ReportKind:
        with suppress(RenderingFailed):
            reports.issue(by=user, assessment=assessment, kind=kind)
