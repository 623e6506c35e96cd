import logging
import os
import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from assessments.actions import duties

logger = logging.getLogger(__name__)

# Whoever saves a rating goes before.
NICE = 10
IDLE_SECONDS, LOOK_EVERY = 2.0, 0.2


class Command(BaseCommand):
    help = (
        "Do what waits in the database: the reports of a cohort as one file, clearing them away, and e-mails. It runs"
        " beside the web server until it is told to end (SIGTERM), and finishes the piece that it is at; should it be"
        " killed, another one goes on. Several may run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is due any more")
        parser.add_argument(
            "--with-parent",
            type=int,
            metavar="PID",
            help="end when this process, which started the worker, has ended, however it ended",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
        # Told and not looked up: it may have ended before this line.
        self._parent = options["with_parent"]
        self._is_told = False
        before = {number: signal.signal(number, self._told) for number in [signal.SIGTERM, signal.SIGINT]}
        logger.info("worker begins")
        try:
            while not self._ends():
                if not _round() and not self._idle(is_last=options["once"]):
                    break
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        logger.info("worker ends")

    def _told(self, number: int, frame: FrameType | None) -> None:
        self._is_told = True

    def _ends(self) -> bool:
        return self._is_told or (self._parent is not None and os.getppid() != self._parent)

    def _idle(self, *, is_last: bool) -> bool:
        """Wait for something to do. Returns whether to look again."""
        until = time.monotonic() + (0 if is_last else IDLE_SECONDS)
        while time.monotonic() < until and not self._ends():
            time.sleep(LOOK_EVERY)
        return not is_last


def _round() -> bool:
    """One piece of each duty. Returns whether there was anything to do."""
    close_old_connections()
    done = [_done(duty) for duty in duties.DUTIES]
    return any(done)


def _done(duty: duties.Duty) -> bool:
    """A duty that breaks leaves the others to be done; what it was at waits until its lease is over."""
    try:
        return duty()
    except Exception:
        logger.exception("%s broke", duty)
        return False
