"""The worker: `manage.py work`."""

import logging
import os
import re
import signal

import pytest
from django.core.management import call_command

from assessments.actions import duties
from assessments.management.commands import work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_nice_as_before(monkeypatch):
    """Nobody takes back having been nice, so the tests do not begin with it."""
    monkeypatch.setattr(os, "setpriority", lambda *of: None)


def duty(*answers, does=lambda: None):
    """One that has so many pieces to do, and what it does at each."""
    left = list(answers)

    def piece():
        does()
        return left.pop(0) if left else False

    piece.left = left
    return piece


def test_work_once_ends_when_nothing_is_due(monkeypatch):
    first, second = duty(True, True), duty(True)
    monkeypatch.setattr(duties, "DUTIES", [first, second])

    call_command("work", once=True)

    assert (first.left, second.left) == ([], [])


def test_work_goes_on_until_it_is_told_to_end(monkeypatch):
    monkeypatch.setattr(duties, "DUTIES", [duty(True, True, True, does=lambda: os.kill(os.getpid(), signal.SIGTERM))])
    before = signal.getsignal(signal.SIGTERM)

    call_command("work")

    assert duties.DUTIES[0].left == [True, True]  # the piece it was at is finished
    assert signal.getsignal(signal.SIGTERM) is before


def test_work_looks_again_after_a_while(monkeypatch):
    monkeypatch.setattr(work, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(work, "LOOK_EVERY", 0.01)
    rounds = []

    def idle():
        rounds.append(1)
        if len(rounds) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return False

    monkeypatch.setattr(duties, "DUTIES", [idle])

    call_command("work")

    assert len(rounds) == 3


def test_work_ends_with_its_parent(monkeypatch):
    monkeypatch.setattr(
        duties, "DUTIES", [duty(True, True, does=lambda: monkeypatch.setattr(os, "getppid", lambda: 1))]
    )

    call_command("work", with_parent=os.getppid())

    assert duties.DUTIES[0].left == [True]


def test_work_does_not_begin_without_its_parent(monkeypatch):
    monkeypatch.setattr(duties, "DUTIES", [duty(True)])

    call_command("work", with_parent=os.getpid())

    assert duties.DUTIES[0].left == [True]


def test_duty_that_breaks_leaves_the_others_to_be_done(monkeypatch, caplog):
    def broken():
        raise ValueError("No disk.")

    other = duty(True)
    monkeypatch.setattr(duties, "DUTIES", [broken, other])

    with caplog.at_level(logging.ERROR):
        call_command("work", once=True)

    assert other.left == []
    assert re.search(r"<function \S+broken at \w+> broke", caplog.text)


def test_duty_that_goes_through_all_at_once_rests_before_the_next_time():
    calls = []

    def work_on(now):
        calls.append(now)
        return 1

    mails = duties.NowAndThen(work_on, seconds=60)

    assert (mails(), mails(), len(calls)) == (True, False, 1)
