"""One e-mail a day at most to each person: written in one transaction, sent after it, tried again while it fails.

Never called while a page is waiting. Any number of processes may do it at the same time.
"""

import datetime
import logging
import time
from collections.abc import Iterable
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any, NamedTuple

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from assessments import wording
from assessments.models import Digest, Notice, User
from assessments.queries import notices as reads
from assessments.queries.notices import Mail

FROM_HOUR = 7  # in the UK
BATCH = 100
# How long one call goes on, and how long what it is sending is left alone by others, even if it is killed.
LONGEST_RUN, LEASE = 5 * 60, datetime.timedelta(minutes=15)
FIRST_WAIT, LONGEST_WAIT = datetime.timedelta(minutes=5), datetime.timedelta(hours=4)
GIVEN_UP_AFTER = datetime.timedelta(days=2)
# What says nothing about the next e-mail. After any other failure the mail server is left alone for a while.
ONLY_THIS = (SMTPRecipientsRefused, SMTPDataError, ValueError)

logger = logging.getLogger(__name__)


class Tally(NamedTuple):
    sent: int = 0
    failed: int = 0


def send_due(now: datetime.datetime | None = None) -> int:
    """Send what is to be sent by now; how many e-mails the mail server took."""
    return attempt(now or timezone.now()).sent


def attempt(now: datetime.datetime) -> Tally:
    """The same, with how many it did not take."""
    if timezone.localtime(now).hour < FROM_HOUR:
        return Tally()
    until = time.monotonic() + LONGEST_RUN
    for people in [reads.people_with_news(now), reads.people_to_remind(now)]:
        while time.monotonic() < until and _write_some(people, now):
            pass
    return _deliver(now, until)


@transaction.atomic
def _write_some(people: QuerySet[User], now: datetime.datetime) -> bool:
    """Write to some of these people, if there are any whom no other process writes to at this moment."""
    held = people.select_for_update(of=("self",), no_key=True, skip_locked=True)
    chosen = list(held.values_list("pk", flat=True)[:BATCH])
    # Asked once they are held: somebody may have written to one just before.
    still = people.filter(pk__in=chosen).values_list("pk", flat=True)
    mails = reads.mails(reads.people_to_write_to(still, now), now)
    digests = {each.person.pk: _digest(each, now) for each in mails if each.letter}
    Digest.objects.bulk_create(digests.values())
    _settle(mails, digests, now)
    User.objects.filter(pk__in=chosen).update(due_checked_on=timezone.localdate(now))
    return bool(chosen)


def _digest(written: Mail, now: datetime.datetime) -> Digest:
    digest = Digest(person=written.person, created_at=now)
    _fill(digest, written, now)
    return digest


def _fill(digest: Digest, written: Mail, now: datetime.datetime) -> None:
    """What it says, and to which address, as of now."""
    digest.on, digest.address, digest.next_try_at = timezone.localdate(now), written.person.email, now
    if written.letter:
        digest.subject, digest.body = written.letter


def _settle(written: Iterable[Mail], digests: dict[Any, Digest], now: datetime.datetime) -> None:
    """Say of each notice in which e-mail it is told, or that it never is."""
    notices = []
    for each in written:
        for notice in each.news.told:
            notice.digest = digests[each.person.pk]
        for notice in each.news.lapsed:
            notice.digest, notice.dropped_at = None, now
        notices += [*each.news.told, *each.news.lapsed]
    Notice.objects.bulk_update(notices, ["digest", "dropped_at"])


def _deliver(now: datetime.datetime, until: float) -> Tally:
    """Send one after the other. While the mail server does not answer, the rest waits with the first."""
    sent = failed = 0
    connection = mail.get_connection()
    try:
        while time.monotonic() < until and (digest := _claim(now)):
            if digest.dropped_at:
                continue
            try:
                connection.open()
                connection.send_messages([_message(digest)])
            except ONLY_THIS as error:
                failed += 1
                _put_off(Digest.objects.filter(pk=digest.pk), digest, error, now)
            except OSError as error:
                failed += 1
                _leave_alone(digest, error, now)
                break
            else:
                sent += 1
                Digest.objects.open().filter(pk=digest.pk).update(sent_at=now, last_error="")
    finally:
        connection.close()
    return Tally(sent, failed)


@transaction.atomic
def _claim(now: datetime.datetime) -> Digest | None:
    """The next one to send, which nobody else sends meanwhile; dropped, if nothing is left of what it said."""
    due = Digest.objects.open().filter(next_try_at__lte=now).order_by("next_try_at", "pk")
    digest = due.select_for_update(of=("self",), skip_locked=True).first()
    if digest is None:
        return None
    if digest.created_at < now:  # else it was written by this very call
        _write_anew(digest, now)
    digest.attempts += 1
    digest.next_try_at = now + LEASE
    digest.save()
    return digest


def _write_anew(digest: Digest, now: datetime.datetime) -> None:
    """As of now: more may have happened, and some of it may be over or no longer for this person."""
    written = reads.mails(reads.people_to_write_to([digest.person_id], now), now)
    [only] = written
    _fill(digest, only, now)
    _settle(written, {digest.person_id: digest}, now)
    if only.letter is None:
        digest.dropped_at = now


def _message(digest: Digest) -> mail.EmailMessage:
    """The same identifier each time it is tried, so that one taken twice is shown once."""
    _, _, host = settings.DEFAULT_FROM_EMAIL.rstrip(">").rpartition("@")
    headers = {"Message-ID": f"<{digest.pk}@{host}>", "Auto-Submitted": "auto-generated"}
    return mail.EmailMessage(digest.subject, digest.body, to=[digest.address], headers=headers)


@transaction.atomic
def _leave_alone(tried: Digest, error: OSError, now: datetime.datetime) -> None:
    """The mail server was asked on behalf of all that are due."""
    others = Digest.objects.open().filter(next_try_at__lte=now)
    others.update(attempts=F("attempts") + 1)
    _put_off(Digest.objects.open().filter(Q(pk=tried.pk) | Q(next_try_at__lte=now)), tried, error, now)


def _put_off(those: QuerySet[Digest], tried: Digest, error: Exception, now: datetime.datetime) -> None:
    """Try them again later, each time later than before, and give up what nobody took for two days."""
    reason = f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()
    given_up = those.filter(created_at__lte=now - GIVEN_UP_AFTER).update(dropped_at=now, last_error=reason)
    wait = min(FIRST_WAIT * 2 ** (tried.attempts - 1), LONGEST_WAIT)
    those.filter(dropped_at=None).update(next_try_at=now + wait, last_error=reason)
    logger.warning("The mail server took no e-mail (%s). It is asked again in %s.", reason, wait)
    if given_up:
        logger.error("Given up after two days: %s.", wording.count(given_up, "e-mail"))
