"""E-mails on their way: the mail server down, refusing, hanging up, back again; many at once; never twice."""

import datetime
import logging

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.actions import assessments, digests
from assessments.actions.digests import Tally
from assessments.models import Digest, User
from tests import factories
from tests.mail_server import MailServer, closed_port
from tests.test_plans import GROWING, scanned

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = (datetime.timedelta(**{unit: 1}) for unit in ["minutes", "hours", "days"])
NINE = datetime.datetime(2026, 11, 26, 9, 0, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NINE, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def smtp(settings):
    """Have mail sent by a server at this port."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = "127.0.0.1", False, 5

    def at(port):
        settings.EMAIL_PORT = port

    return at


@pytest.fixture
def told(clock, shared):
    """An assessment that is to be told of."""
    clock.shift(HOUR)
    return shared


def attempt():
    return digests.attempt(timezone.now())


def state():
    digest = Digest.objects.get()
    return digest.attempts, digest.next_try_at - timezone.now(), digest.last_error


def subjects(server):
    return [message["Subject"] for message in server.messages]


def test_server_takes_the_message(smtp, told, therapist):
    with MailServer() as server:
        smtp(server.port)

        assert attempt() == Tally(sent=1)
        assert attempt() == Tally()

    [message] = server.messages
    assert (message["To"], message["Subject"]) == (therapist.email, "Competence assessment: 1 thing to look at")
    assert f"/assessments/{told.pk}/" in message.get_content()


def test_server_that_is_down_is_asked_again_and_the_message_sent_once(clock, smtp, told):
    with closed_port() as port:
        smtp(port)
        assert attempt() == Tally(failed=1)
    assert state() == (1, 5 * MINUTE, "ConnectionRefusedError")
    assert Digest.objects.get().sent_at is None

    with MailServer() as server:
        smtp(server.port)
        clock.shift(4 * MINUTE)
        early = attempt()
        clock.shift(MINUTE)

        assert [early, attempt(), attempt()] == [Tally(), Tally(sent=1), Tally()]
    assert subjects(server) == ["Competence assessment: 1 thing to look at"]


def test_server_that_stays_down_is_asked_ever_less_and_given_up_after_two_days(clock, smtp, told, caplog):
    waits = []
    with closed_port() as port:
        smtp(port)
        while not Digest.objects.filter(dropped_at__isnull=False).exists():
            tally = attempt()
            waits += [state()[1] // MINUTE] if tally.failed else []
            clock.shift(state()[1] if tally.failed else HOUR)

    # Nobody is written to before seven in the morning, so a try of the night is made then.
    assert waits[:8] == [5, 10, 20, 40, 80, 160, 240, 240]
    digest = Digest.objects.get()
    assert 2 * DAY <= digest.dropped_at - digest.created_at < 2 * DAY + 4 * HOUR
    assert (logging.ERROR, "Given up after two days: 1 e-mail.") in [
        (record.levelno, record.getMessage()) for record in caplog.records
    ]


def test_log_names_nobody(smtp, told, therapist, caplog):
    with closed_port() as port:
        smtp(port)
        attempt()

    assert caplog.messages == ["The mail server took no e-mail (ConnectionRefusedError). It is asked again in 0:05:00."]


def test_all_wait_with_the_first_while_the_server_is_down(smtp, told, therapist, supervisor):
    assessments.reply(by=therapist, assessment=told, agreement="agree", text="")
    with closed_port() as port:
        smtp(port)

        assert [attempt(), attempt()] == [Tally(failed=1), Tally()]

    assert (
        list(Digest.objects.values_list("attempts", "next_try_at", "last_error"))
        == [(1, timezone.now() + 5 * MINUTE, "ConnectionRefusedError")] * 2
    )


@pytest.mark.parametrize(
    ("refusals", "error"),
    [({"RCPT": "550 nobody here"}, "SMTPRecipientsRefused"), ({"TEXT": "554 no"}, "SMTPDataError 554")],
)
def test_message_that_is_refused_does_not_stop_the_next(smtp, told, therapist, refusals, error):
    assessments.reply(by=therapist, assessment=told, agreement="agree", text="")
    with MailServer(**refusals) as server:
        smtp(server.port)

        assert attempt() == Tally(failed=2)

    assert list(Digest.objects.values_list("attempts", "last_error")) == [(1, error)] * 2


@pytest.mark.parametrize("refusals", [{"TEXT": "hang up"}, {"MAIL": "hang up"}, {"MAIL": "451 not now"}])
def test_server_that_breaks_off_is_left_alone(smtp, told, therapist, refusals):
    assessments.reply(by=therapist, assessment=told, agreement="agree", text="")
    with MailServer(**refusals) as server:
        smtp(server.port)

        assert attempt() == Tally(failed=1)

    assert set(Digest.objects.values_list("attempts", flat=True)) == {1}


def test_message_tried_again_keeps_its_identifier(clock, smtp, told):
    """A server that hangs up may have taken the message; who gets it twice sees it once."""
    with MailServer(QUIT="hang up") as first, MailServer() as second:
        smtp(first.port)
        attempt()
        connection.cursor().execute("DROP TRIGGER guard_digest_is_kept_as_it_was_sent_update" + on_table())
        Digest.objects.update(sent_at=None)  # killed before it was noted
        clock.shift(15 * MINUTE)
        smtp(second.port)
        attempt()

    identifier = f"<{Digest.objects.get().pk}@localhost>"
    assert [server.messages[0]["Message-ID"] for server in [first, second]] == [identifier, identifier]


def on_table():
    return " ON assessments_digest" if connection.vendor == "postgresql" else ""


def test_message_is_left_alone_while_another_process_sends_it(smtp, told):
    with closed_port() as port:
        smtp(port)
        attempt()
    Digest.objects.update(next_try_at=timezone.now())

    claimed = digests._claim(timezone.now() + MINUTE)

    assert claimed == Digest.objects.get()
    assert digests._claim(timezone.now() + 2 * MINUTE) is None
    assert digests._claim(timezone.now() + 20 * MINUTE) == claimed


def test_what_happened_while_the_server_was_down_is_told_in_one_message(clock, smtp, told, supervisor, therapist):
    with closed_port() as port:
        smtp(port)
        attempt()
    assessments.sign_off(by=supervisor, assessment=told)
    clock.shift(DAY)
    with MailServer() as server:
        smtp(server.port)

        assert [attempt(), attempt()] == [Tally(sent=1), Tally()]

    digest = Digest.objects.get()
    assert subjects(server) == ["Competence assessment: 2 things to look at"]
    assert (digest.on, digest.notices.count()) == (datetime.date(2026, 11, 27), 2)


def test_what_is_over_when_the_server_is_back_is_not_told(clock, smtp, told, supervisor):
    with closed_port() as port:
        smtp(port)
        attempt()
    assessments.withdraw(by=supervisor, assessment=told, reason="The wrong session.")
    clock.shift(HOUR)
    with MailServer() as server:
        smtp(server.port)

        assert (attempt(), server.messages) == (Tally(), [])

    assert Digest.objects.get().dropped_at == timezone.now()


def test_address_of_today_is_written_to(clock, smtp, told, therapist):
    with closed_port() as port:
        smtp(port)
        attempt()
    User.objects.filter(pk=therapist.pk).update(email="amara@example.com")
    clock.shift(HOUR)
    with MailServer() as server:
        smtp(server.port)
        attempt()

    assert server.messages[0]["To"] == "amara@example.com"


def test_run_ends_in_time_and_the_next_goes_on(smtp, told, monkeypatch):
    with MailServer() as server:
        smtp(server.port)
        with monkeypatch.context() as hurried:
            hurried.setattr(digests, "LONGEST_RUN", 0)
            first = attempt()

        assert [first, attempt()] == [Tally(), Tally(sent=1)]


# the command


def test_command_says_how_many_were_sent(smtp, told, capsys):
    with MailServer() as server:
        smtp(server.port)
        call_command("send_digests")

    assert capsys.readouterr().out == "Sent 1 e-mail.\n"


def test_command_fails_while_the_server_is_down(smtp, told, capsys):
    with closed_port() as port:
        smtp(port)
        with pytest.raises(CommandError, match=r"^The mail server did not take 1 e-mail\. It is asked again later\.$"):
            call_command("send_digests")

    assert capsys.readouterr().out == "Sent 0 e-mails.\n"


# statements


def several(northfield, supervisor, revision, number):
    """So many therapists, each with something to be told."""
    for place in range(number):
        therapist = factories.make_person(f"Therapist {place}", "therapist", northfield)
        factories.make_supervision(therapist, supervisor, northfield)
        factories.make_shared(supervisor, therapist, revision)


def statements(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with CaptureQueriesContext(connection) as captured:
        sent = digests.send_due(timezone.now())
    return sent, len([query for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))])


def test_each_message_takes_four_statements_beyond_those_for_all(clock, settings, northfield, supervisor, revision):
    """Which assessments the person may know of, the claim in two, and that it was sent."""
    several(northfield, supervisor, revision, 1)
    clock.shift(HOUR)
    statements(settings)
    several(northfield, supervisor, revision, 1)
    clock.shift(DAY)
    one = statements(settings)
    several(northfield, supervisor, revision, 3)
    clock.shift(DAY)
    three = statements(settings)

    assert (one, three) == ((1, one[1]), (3, one[1] + 2 * 4))
    assert one[1] <= 30


def test_nothing_to_do_takes_three_statements(settings, therapist, supervisor):
    statements(settings)

    assert statements(settings) == (0, 3)


@pytest.mark.parametrize("is_down", [False, True])
def test_sending_reads_nobody_elses_rows(clock, smtp, settings, told, is_down):
    """What is asked of the tables that grow is found by index, whoever else is in them."""
    if is_down:
        with closed_port() as port:
            smtp(port)
            attempt()
        clock.shift(HOUR)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with CaptureQueriesContext(connection) as captured:
        assert attempt() == Tally(sent=1)

    asked = [query["sql"].strip() for query in captured.captured_queries if query["sql"].startswith("SELECT")]
    growing = GROWING | {"assessments_digest", "assessments_notice"}
    assert {table for sql in asked for table in scanned(sql)} & growing == set()
