"""A call of each action about occasional raters, for test_audit.py: by way of call, and the events it records."""

import datetime

from django.core import mail
from django.utils import timezone

from assessments.actions import rater_links
from assessments.models import RaterLink
from tests import factories


def link_of(cast):
    return factories.make_rater_link(cast.supervisor, cast.therapist, cast.revision)


def token_of(cast):
    link_of(cast)
    return mail.outbox[-1].body.partition("/rate/")[2].partition("/")[0]


def invite(cast):
    by, therapist, revision = cast.supervisor, cast.therapist, cast.revision
    activities = revision.activities.filter(code="S2")
    return lambda: rater_links.invite(
        by=by,
        therapist=therapist,
        email="ruth@example.org",
        name="Dr Ruth Okello",
        profession="Consultant",
        days=14,
        revision=revision,
        activities=activities,
        context=factories.make_context(),
    )


def renew(cast):
    link = link_of(cast)
    return lambda: rater_links.renew(by=cast.supervisor, link=link)


def deliver(cast):
    link = link_of(cast)
    return lambda: rater_links.deliver(by=cast.supervisor, link=link, address="http://testserver/rate/x/")


def extend(cast):
    link = link_of(cast)
    return lambda: rater_links.extend(by=cast.supervisor, link=link, days=30)


def end(cast):
    link = link_of(cast)
    return lambda: rater_links.end(by=cast.supervisor, link=link, reason="Another session was meant.")


def new_code(cast):
    token = token_of(cast)
    return lambda: rater_links.new_code(token=token)


def deliver_code(cast):
    link, code = rater_links.new_code(token=token_of(cast))
    return lambda: rater_links.deliver_code(link=link, code=code)


def deliver_code_in_vain(cast):
    link, code = rater_links.new_code(token=token_of(cast))
    cast.settings.EMAIL_BACKEND = "tests.test_rater_links.Down"
    return lambda: rater_links.deliver_code(link=link, code=code)


def enter_code(cast):
    token = token_of(cast)
    _, code = rater_links.new_code(token=token)
    return lambda: rater_links.enter_code(token=token, code=code)


def enter_wrong_code(cast):
    token = token_of(cast)
    rater_links.new_code(token=token)
    return lambda: rater_links.enter_code(token=token, code="none")


def remind(cast):
    link = link_of(cast)
    long_ago = timezone.now() - datetime.timedelta(days=5)
    RaterLink.objects.filter(pk=link.pk).update(ends_on=timezone.localdate(), sent_at=long_ago)
    return lambda: rater_links.remind_due(timezone.now())


CALLS = [
    ("rater_links.invite", invite, ["rater_invited"]),
    ("rater_links.renew", renew, ["rater_link_renewed"]),
    ("rater_links.deliver", deliver, ["rater_link_sent"]),
    ("rater_links.extend", extend, ["rater_link_extended"]),
    ("rater_links.end", end, ["rater_link_ended"]),
    ("rater_links.new_code", new_code, ["rater_code_asked"]),
    ("rater_links.deliver_code", deliver_code, ["rater_code_sent"]),
    ("rater_links.deliver_code", deliver_code_in_vain, ["rater_mail_failed"]),
    ("rater_links.enter_code", enter_code, ["rater_confirmed"]),
    ("rater_links.enter_code", enter_wrong_code, ["rater_code_refused"]),
    ("rater_links.remind_due", remind, ["rater_reminded"]),
]
