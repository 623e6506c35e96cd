"""E-mails as they are written and sent: one a day at most, tried again while the mail server is down."""

import datetime
import re

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from assessments.actions import assessments, digests, second_ratings
from assessments.models import Digest, Membership, Notice, Supervision, User
from tests import factories

pytestmark = pytest.mark.django_db

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
# A Thursday; the UK is on Greenwich time.
NINE = datetime.datetime(2026, 11, 26, 9, 0, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NINE, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = "https://ipt.example.org"


@pytest.fixture
def pair(supervisor, therapist):
    return {"supervisor": supervisor, "therapist": therapist}


def send():
    return digests.send_due(timezone.now())


def lines(person=None):
    """What the last e-mail tells, or the last one to this person, without links."""
    body = [message.body for message in mail.outbox if person is None or message.to == [person.email]][-1]
    return re.findall(r"^- (.+)$", body, re.MULTILINE)


# what is told


def test_shared_assessment_is_told_with_its_day_and_a_link(clock, therapist, shared):
    clock.shift(HOUR)

    assert send() == 1
    [message] = mail.outbox
    assert message.to == [therapist.email]
    assert message.subject == "Competence assessment: 1 thing to look at"
    assert message.body == (
        "What happened\n\n"
        "- Your supervisor shared an assessment of 24 November 2026 with you.\n"
        f"  https://ipt.example.org/assessments/{shared.pk}/\n\n"
        "Messages never say what was rated or written. Sign in to read it.\n\n"
        "Competence assessment\n"
        "One message a day at most. To stop them: https://ipt.example.org/accounts/notices/\n"
    )


def test_nothing_to_tell_sends_nothing(therapist, supervisor):
    assert (send(), mail.outbox) == (0, [])


def test_shared_assessment_is_not_told_while_it_can_be_taken_back_unheard(clock, shared):
    clock.shift(datetime.timedelta(minutes=9))

    assert send() == 0


def test_taken_back_within_that_time_is_never_told(clock, supervisor, shared):
    assessments.take_back(by=supervisor, assessment=shared, reason="A wrong level.")
    clock.shift(DAY)

    assert send() == 0


def test_taken_back_after_that_is_told_without_a_link(clock, supervisor, shared):
    clock.shift(HOUR)
    send()
    assessments.take_back(by=supervisor, assessment=shared, reason="A wrong level.")
    clock.shift(DAY)
    send()

    assert lines() == ["An assessment of 24 November 2026 was taken back by its author."]
    assert str(shared.pk) not in mail.outbox[-1].body


def test_taken_back_and_shared_again_is_told_as_shared(clock, supervisor, shared):
    clock.shift(HOUR)
    send()
    assessments.take_back(by=supervisor, assessment=shared, reason="A wrong level.")
    assessments.share(by=supervisor, assessment=shared)
    clock.shift(DAY)
    send()

    assert lines() == ["Your supervisor shared an assessment of 24 November 2026 with you."]


def test_reply_and_signature_are_told_in_one_message(clock, therapist, supervisor, shared):
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")
    assessments.sign_off(by=therapist, assessment=shared)

    assert send() == 1
    assert mail.outbox[0].to == [supervisor.email]
    assert lines() == [
        "The therapist replied to your assessment of 24 November 2026.",
        "An assessment of 24 November 2026 has a signature and waits for yours.",
    ]


def test_what_was_signed_off_since_is_told_as_that(clock, therapist, signed):
    clock.shift(HOUR)
    send()

    assert mail.outbox[0].to == [therapist.email]
    assert lines() == [
        "Your supervisor shared an assessment of 24 November 2026 with you.",
        "An assessment of 24 November 2026 is signed off.",
    ]


def test_asked_and_handed_over_are_told(supervisor, therapist, revision, northfield):
    _, draft = factories.make_asked(supervisor, therapist, revision)
    to = factories.make_person("Dr Ines Duarte", "supervisor", northfield)
    factories.make_supervision(therapist, to, northfield)
    assessments.hand_over(by=supervisor, assessment=draft, to=to, reason="I am leaving.")

    assert send() == 2
    told = {message.to[0]: re.findall(r"^- (.+)$", message.body, re.MULTILINE) for message in mail.outbox}
    assert told == {
        therapist.email: ["Your supervisor asked you to rate yourself on the session of 24 November 2026."],
        to.email: ["A draft of 24 November 2026 was handed over to you."],
    }


def test_side_that_is_not_open_yet_is_told_as_that(clock, supervisor, therapist, revision):
    _, draft = factories.make_asked(supervisor, therapist, revision)
    assessments.share(by=supervisor, assessment=draft)
    clock.shift(HOUR)
    send()

    assert lines()[1] == (
        "Your supervisor shared an assessment of 24 November 2026 with you."
        " It opens once both assessments of the session are shared."
    )


def test_self_assessment_is_told_to_who_assesses_the_same_session(clock, supervisor, therapist, revision):
    own, _ = factories.make_asked(supervisor, therapist, revision)
    send()
    factories.share_self(own)
    clock.shift(HOUR)

    assert send() == 1
    assert mail.outbox[-1].to == [supervisor.email]
    assert lines() == [
        "The therapist shared the self-assessment that belongs to your assessment of 24 November 2026."
        " It opens once both assessments of the session are shared."
    ]


def test_withdrawn_assessment_is_not_told(clock, supervisor, shared):
    assessments.withdraw(by=supervisor, assessment=shared, reason="The wrong session.")
    clock.shift(HOUR)

    assert send() == 0
    assert Notice.objects.get(assessment=shared).dropped_at == timezone.now()


def test_who_lost_access_meanwhile_is_told_nothing_of_it(clock, supervisor, therapist, revision, northfield):
    """The first of two to whom a draft was handed, before it was handed on."""
    first, second = (factories.make_person(name, "supervisor", northfield) for name in ["Ines", "Noor"])
    draft = factories.make_draft(supervisor, therapist, revision)
    for by, to in [(supervisor, first), (first, second)]:
        factories.make_supervision(therapist, to, northfield)
        assessments.hand_over(by=by, assessment=draft, to=to, reason="I am leaving.")
    Membership.objects.filter(user=first).update(ends_on=factories.days_ago(1))

    send()

    assert [message.to for message in mail.outbox] == [[second.email]]


@pytest.mark.parametrize("changes", [{"is_active": False}, {"has_digest": False}])
def test_who_gets_no_e_mails_any_more_gets_none(clock, therapist, shared, changes):
    User.objects.filter(pk=therapist.pk).update(**changes)
    clock.shift(HOUR)

    assert send() == 0
    assert Notice.objects.waiting().count() == 0


# what waits


def test_draft_that_nobody_touched_is_due(clock, supervisor, draft):
    clock.shift(14 * DAY + HOUR)

    assert send() == 1
    assert (mail.outbox[0].to, lines()) == ([supervisor.email], ["1 draft not touched for 14 days or more."])
    assert "What waits for you\n\n- 1 draft" in mail.outbox[0].body
    assert "or more.\n  https://ipt.example.org/\n" in mail.outbox[0].body


def test_draft_that_was_touched_is_not_due(clock, draft):
    clock.shift(10 * DAY)
    factories.rate(draft, "S2.1")
    clock.shift(5 * DAY)

    assert send() == 0


@pytest.mark.parametrize(("days", "expected"), [(20, 1), (31, 0)])
def test_draft_is_due_while_it_may_be_finished(clock, draft, days, expected):
    clock.shift(60 * DAY)
    Supervision.objects.update(ends_on=factories.days_ago(days))

    assert send() == expected


@pytest.mark.parametrize(("works_there", "expected"), [(True, 1), (False, 0)])
def test_second_draft_is_due_while_its_rater_supervises_there(clock, draft, works_there, expected):
    rater = factories.make_person("Dr Ines Duarte", "supervisor", draft.organisation)
    second_ratings.ask(by=draft.supervisor, assessment=draft, rater=rater)
    clock.shift(HOUR)
    send()
    clock.shift(15 * DAY)
    if not works_there:
        factories.end_membership(rater)
    send()

    assert [letter.to for letter in mail.outbox].count([rater.email]) == 1 + expected


def test_own_draft_is_due_to_the_therapist(clock, therapist, revision):
    factories.make_self_draft(therapist, revision)
    clock.shift(15 * DAY)

    assert send() == 1
    assert mail.outbox[0].to == [therapist.email]


def test_answer_is_due_after_a_week(clock, therapist, supervisor, shared):
    clock.shift(HOUR)
    send()
    clock.shift(7 * DAY)

    assert send() == 1
    assert lines() == ["1 shared assessment waiting for your reply or signature for more than 7 days."]


def test_answer_is_not_due_before_that(clock, therapist, shared):
    clock.shift(HOUR)
    send()
    clock.shift(6 * DAY)

    assert send() == 0


def test_signature_is_due_a_week_after_the_reply(clock, therapist, supervisor, shared):
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")
    send()
    clock.shift(7 * DAY + HOUR)
    send()

    assert lines(supervisor) == ["1 shared assessment waiting for your signature for more than 7 days."]


@pytest.mark.parametrize(
    ("owner", "whose"),
    [("therapist", ["therapist"]), ("supervisor", ["supervisor"]), ("both", ["supervisor", "therapist"])],
)
def test_goal_past_its_day_is_due_to_who_works_on_it(clock, pair, revision, owner, whose):
    factories.make_agreed(pair["supervisor"], pair["therapist"], revision, due_on=NINE.date(), owner=owner)
    Notice.objects.update(dropped_at=NINE)
    clock.shift(DAY)

    send()

    assert {message.to[0] for message in mail.outbox} == {pair[name].email for name in whose}
    assert lines() == ["1 development goal past the date to look at it again."]


@pytest.mark.parametrize("why", ["its day", "closed", "supervision ended", "not read yet"])
def test_goal_is_not_due(clock, supervisor, therapist, revision, why):
    if why == "not read yet":
        _, draft = factories.make_asked(supervisor, therapist, revision)
        factories.make_goal(draft, due_on=NINE.date())
        assessments.share(by=supervisor, assessment=draft)
    else:
        goal = factories.make_agreed(supervisor, therapist, revision, due_on=NINE.date())
    if why == "closed":
        factories.close_goal(goal)
    if why == "supervision ended":
        Supervision.objects.update(ends_on=factories.days_ago(1))
    Notice.objects.update(dropped_at=NINE)
    clock.shift(HOUR if why == "its day" else DAY)

    assert send() == 0


def test_what_only_waits_is_said_once_a_week(clock, supervisor, draft):
    sent = []
    clock.shift(14 * DAY)
    for _ in range(15):
        clock.shift(DAY)
        sent.append(send())

    assert sent == [1, 0, 0, 0, 0, 0, 0] * 2 + [1]


def test_what_waits_is_said_beside_what_happened(clock, supervisor, therapist, revision, draft):
    clock.shift(15 * DAY)
    send()
    shared = factories.make_shared(supervisor, therapist, revision)
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")
    clock.shift(DAY)
    send()

    assert lines(supervisor) == [
        "The therapist replied to your assessment of 9 December 2026.",
        "1 draft not touched for 14 days or more.",
    ]
    [subject] = [message.subject for message in mail.outbox[1:] if message.to == [supervisor.email]]
    assert subject == "Competence assessment: 2 things to look at"


# once a day


def test_second_thing_of_a_day_waits_for_the_next(clock, supervisor, therapist, revision, shared):
    clock.shift(HOUR)
    send()
    factories.make_shared(supervisor, therapist, revision)
    clock.shift(HOUR)
    same_day = send()
    clock.shift(DAY)

    assert (same_day, send()) == (0, 1)
    assert [digest.on.day for digest in Digest.objects.all()] == [26, 27]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-27 06:59+00:00", 0),
        ("2026-11-27 07:00+00:00", 1),
        ("2027-06-01 05:59+00:00", 0),
        ("2027-06-01 06:00+00:00", 1),  # in summer seven o'clock comes an hour earlier
    ],
)
def test_day_begins_at_seven_in_the_uk(clock, shared, moment, expected):
    clock.move_to(datetime.datetime.fromisoformat(moment))

    assert send() == expected


def test_message_is_kept_as_it_was_sent(clock, therapist, shared):
    clock.shift(HOUR)
    send()

    digest = Digest.objects.get()
    assert (digest.person, digest.address, digest.attempts) == (therapist, therapist.email, 1)
    assert (digest.subject, digest.body) == (mail.outbox[0].subject, mail.outbox[0].body)
    assert (digest.sent_at, digest.last_error) == (timezone.now(), "")
    assert str(digest) == f"E-mail of 2026-11-26 to {therapist.pk}"


def test_message_says_that_a_machine_wrote_it(settings, clock, shared):
    settings.DEFAULT_FROM_EMAIL = "Competence assessment <noreply@ipt.example.org>"
    clock.shift(HOUR)
    send()

    headers = mail.outbox[0].message()
    assert headers["Message-ID"] == f"<{Digest.objects.get().pk}@ipt.example.org>"
    assert (headers["Auto-Submitted"], headers["From"]) == ("auto-generated", settings.DEFAULT_FROM_EMAIL)
    assert headers.get_content_type() == "text/plain"
