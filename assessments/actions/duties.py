"""What `manage.py work` does beside the web server, in this order, round after round.

A duty does one piece of what is due, holds no transaction while it waits for anything, and returns whether there was a
piece. Several workers may run: a duty takes what it works on by a row that it locks or leases.
"""

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from assessments.actions import bundle_work, digests, rater_links

Duty = Callable[[], bool]


@dataclass
class NowAndThen:
    """Work that goes through all that is due, and is not asked again at once: the mail server may be down."""

    work: Callable[[datetime.datetime], int]
    seconds: float
    _done_at: float | None = None

    def __call__(self) -> bool:
        now = time.monotonic()
        if self._done_at is not None and now - self._done_at < self.seconds:
            return False
        self._done_at = now
        return bool(self.work(timezone.now()))


DUTIES: list[Duty] = [
    bundle_work.step,
    bundle_work.empty,
    NowAndThen(digests.send_due, seconds=60),
    NowAndThen(rater_links.remind_due, seconds=300),
]
