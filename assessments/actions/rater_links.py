"""Occasional raters: asked by a supervisor, let in by a link and a code, reminded once.

What is to be e-mailed is made in one transaction and sent after it. Where the mail server does not take it, that is
written down, and it can be sent anew.
"""

import datetime
import secrets
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from assessments import permissions
from assessments.actions import audit, rater_mail
from assessments.actions.assessments import begin
from assessments.exceptions import Refused
from assessments.models import (
    Activity,
    AssessmentRole,
    AuditEvent,
    FrameworkRevision,
    RaterLink,
    ShortForm,
    Supervision,
    User,
)
from assessments.models.rater_link import CODES_A_DAY, LONGEST_DAYS, hashed, new_token
from assessments.queries import rater_links as links

HAS_AN_ACCOUNT = "Somebody with this e-mail address has an account here. Ask for a second rating instead."
NO_MORE_CODES = f"{CODES_A_DAY} codes were sent today. For another one come back tomorrow."


class Invitation(NamedTuple):
    """A link with its token, which is e-mailed, kept nowhere and shown to nobody else."""

    link: RaterLink
    token: str


@transaction.atomic
def invite(
    *,
    by: User,
    therapist: User,
    email: str,
    name: str,
    profession: str,
    days: int,
    revision: FrameworkRevision,
    context: dict[str, Any],
    activities: Iterable[Activity] = (),
    short_form: ShortForm | None = None,
) -> Invitation:
    """Ask somebody without an account to rate one session of a therapist whom `by` supervises now."""
    permissions.check_can_start(by, therapist)
    running = Supervision.objects.current().filter(supervisor=by, therapist=therapist)
    assessment, told = begin(
        by=_rater(email, name, profession),
        therapist=therapist,
        organisation=running.latest("starts_on").organisation_id,
        revision=revision,
        context=context,
        activities=activities,
        short_form=short_form,
        role=AssessmentRole.OCCASIONAL,
    )
    token = new_token()
    link = RaterLink.objects.create(
        assessment=assessment, asked_by=by, token_sha256=hashed(token), ends_on=_last_day(days)
    )
    last_day = link.ends_on.isoformat()
    audit.record(AuditEvent.Type.RATER_INVITED, by=by, assessment=assessment, ends_on=last_day, **told)
    return Invitation(link, token)


@transaction.atomic
def renew(*, by: User, link: RaterLink) -> Invitation:
    """Put another token in place of the one before, which leads nowhere from now on."""
    link, token = _locked(link), new_token()
    permissions.check_can_manage_link(by, link)
    if link.ends_on < timezone.localdate():
        raise Refused("Its time is over. Give more time first.")
    link.token_sha256, link.sent_at = hashed(token), None
    link.code_sha256, link.code_sent_at = "", None
    link.save(update_fields=["token_sha256", "sent_at", "code_sha256", "code_sent_at"])
    audit.record(AuditEvent.Type.RATER_LINK_RENEWED, by=by, assessment=link.assessment)
    return Invitation(link, token)


def deliver(*, by: User, link: RaterLink, address: str) -> bool:
    """E-mail the address of a link, and note whether the mail server took it."""
    is_sent = rater_mail.send_invitation(link, address)
    with transaction.atomic():
        link = _locked(link)
        if is_sent:
            link.sent_at = timezone.now()
            link.save(update_fields=["sent_at"])
        _note(link, AuditEvent.Type.RATER_LINK_SENT if is_sent else AuditEvent.Type.RATER_MAIL_FAILED, by=by)
    return is_sent


def _note(link: RaterLink, event: str, *, by: User | None) -> None:
    audit.record(event, by=by, assessment=link.assessment)


def _rater(email: str, name: str, profession: str) -> User:
    """Somebody who cannot sign in: a new row, or that of an earlier occasion, whose name and profession stand."""
    person = User(email=email.lower(), name=name, profession=profession, is_active=False)
    known = User.objects.select_for_update().filter(email=person.email).first()
    if known is None:
        person.set_unusable_password()
        person.save()
        return person
    if not known.is_occasional:
        raise Refused(HAS_AN_ACCOUNT)
    return known


def _last_day(days: int) -> datetime.date:
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(f"Choose between 1 and {LONGEST_DAYS} days.")
    return timezone.localdate() + datetime.timedelta(days=days)


def _locked(link: RaterLink) -> RaterLink:
    people = ["asked_by", "assessment__therapist", "assessment__supervisor", "assessment__organisation"]
    return RaterLink.objects.select_for_update(of=("self",)).select_related(*people).get(pk=link.pk)


@transaction.atomic
def extend(*, by: User, link: RaterLink, days: int) -> RaterLink:
    """Let it run for so many days from today. Where that leaves time for it, it is reminded of once more."""
    link = _locked(link)
    permissions.check_can_manage_link(by, link)
    ends_on = _last_day(days)
    if ends_on <= link.ends_on:
        raise Refused(f"It runs until {link.ends_on:%-d %B %Y} already. Choose a later day.")
    link.ends_on = ends_on
    if ends_on > timezone.localdate() + links.REMINDED_BEFORE:
        link.reminded_at = None
    link.save(update_fields=["ends_on", "reminded_at"])
    audit.record(
        AuditEvent.Type.RATER_LINK_EXTENDED, by=by, assessment=link.assessment, ends_on=link.ends_on.isoformat()
    )
    return link


@transaction.atomic
def end(*, by: User, link: RaterLink, reason: str) -> RaterLink:
    """Let nobody in by it any more. What was given so far stays a draft that nobody reads."""
    link = _locked(link)
    permissions.check_can_manage_link(by, link)
    if not reason.strip():
        raise Refused("Say why you end it.")
    link.ended_at = timezone.now()
    link.save(update_fields=["ended_at"])
    audit.record(AuditEvent.Type.RATER_LINK_ENDED, by=by, assessment=link.assessment, reason=reason)
    return link


@transaction.atomic
def new_code(*, token: str) -> tuple[RaterLink, str]:
    """Make a code, which is e-mailed and not kept either.

    Raises DoesNotExist for a token that leads nowhere, Refused after too many codes on one day.
    """
    link, today = _running(token), timezone.localdate()
    before = link.codes_sent if link.codes_on == today else 0
    if before >= CODES_A_DAY:
        raise Refused(NO_MORE_CODES)
    code = f"{secrets.randbelow(10**6):06}"
    link.code_sha256, link.code_sent_at, link.code_tries = link.hash_of(code), timezone.now(), 0
    link.codes_on, link.codes_sent = today, before + 1
    link.save(update_fields=["code_sha256", "code_sent_at", "code_tries", "codes_on", "codes_sent"])
    _note(link, AuditEvent.Type.RATER_CODE_ASKED, by=None)
    return link, code


def deliver_code(*, link: RaterLink, code: str) -> bool:
    """E-mail a code to whom the link was sent. One that the mail server does not take counts for nothing."""
    is_sent = rater_mail.send_code(link, code)
    with transaction.atomic():
        link = _locked(link)
        if not is_sent:
            link.code_sha256, link.code_sent_at, link.codes_sent = "", None, max(link.codes_sent - 1, 0)
            link.save(update_fields=["code_sha256", "code_sent_at", "codes_sent"])
        _note(link, AuditEvent.Type.RATER_CODE_SENT if is_sent else AuditEvent.Type.RATER_MAIL_FAILED, by=None)
    return is_sent


def _running(token: str) -> RaterLink:
    """The running link, held, with the people it names."""
    found = links.running_link(token)
    RaterLink.objects.select_for_update().get(pk=found.pk)
    return links.running_link(token)


@transaction.atomic
def enter_code(*, token: str, code: str) -> RaterLink | None:
    """Use up the code if it is the right one; a wrong one is counted, and after five of them none is right."""
    link = _running(token)
    if not link.awaits_code(timezone.now()):
        return None
    if not link.is_code(code):
        link.code_tries += 1
        link.save(update_fields=["code_tries"])
        _note(link, AuditEvent.Type.RATER_CODE_REFUSED, by=None)
        return None
    link.code_sha256, link.code_sent_at = "", None
    link.opened_at = link.opened_at or timezone.now()
    link.save(update_fields=["code_sha256", "code_sent_at", "opened_at"])
    _note(link, AuditEvent.Type.RATER_CONFIRMED, by=link.assessment.supervisor)
    return link


def remind_due(now: datetime.datetime) -> int:
    """Remind whoever has not handed in three days before the end; how many were.

    A mail server that takes nothing is left alone until the next run.
    """
    reminded = 0
    for link in links.links_to_remind(now):
        if not rater_mail.send_reminder(link):
            break
        _note_reminder(link, now)
        reminded += 1
    return reminded


@transaction.atomic
def _note_reminder(link: RaterLink, at: datetime.datetime) -> None:
    link.reminded_at = at
    link.save(update_fields=["reminded_at"])
    audit.record(AuditEvent.Type.RATER_REMINDED, by=None, assessment=link.assessment, at=at)
