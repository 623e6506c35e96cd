"""The few messages to occasional raters: no ratings, no therapist, no case. A server that is down raises nothing."""

import logging

from django.core.mail import send_mail

from assessments.models import RaterLink
from assessments.models.rater_link import CODE_LASTS

logger = logging.getLogger(__name__)

SUBJECT = "Your rating of one session"
_INVITATION = """\
Dear {rater},

{asker} of {organisation} asks for your view of the session of {session}. Rating it takes no account: this link leads to
this one rating and to nothing else.

{link}

It works until {last_day} and is meant for you alone, so do not pass it on. When you open it, a six-digit code is
sent to this address, by which we know that it is you.

If you did not expect this, ignore it. Nothing happens then.
"""
_CODE = """\
Your code is {code}

It confirms that it is you who rates. It works once, within {minutes} minutes, on the page on which you asked for it.

If you did not ask for it, ignore this message and tell {asker}.
"""
_REMINDER = """\
Dear {rater},

{asker} of {organisation} asked for your view of the session of {session}. It is not handed in yet, and your link works
until {last_day}.

The link is in our message "{subject}". If you no longer have that message, or need more time, ask {asker}.
"""


def send_invitation(link: RaterLink, address: str) -> bool:
    return _sent(link, SUBJECT, _INVITATION.format(link=address, **_facts(link)))


def send_code(link: RaterLink, code: str) -> bool:
    minutes = CODE_LASTS.seconds // 60
    return _sent(link, "Your code", _CODE.format(code=code, minutes=minutes, **_facts(link)))


def send_reminder(link: RaterLink) -> bool:
    text = _REMINDER.format(subject=SUBJECT, **_facts(link))
    return _sent(link, f"{SUBJECT}: until {link.ends_on:%-d %B}", text)


def _facts(link: RaterLink) -> dict[str, str]:
    assessment = link.assessment
    return {
        "rater": assessment.supervisor.name,
        "asker": link.asked_by.name,
        "organisation": assessment.organisation.name,
        "session": f"{assessment.session_on:%-d %B %Y}",
        "last_day": f"{link.ends_on:%-d %B %Y}",
    }


def _sent(link: RaterLink, subject: str, text: str) -> bool:
    """Whether the mail server took it. `SMTPException` is an `OSError`."""
    try:
        send_mail(subject, text, None, [link.assessment.supervisor.email])
    except OSError as failure:
        logger.warning("A message about link %s was not sent: %s", link.pk, type(failure).__name__)
        return False
    return True
