"""Several supervisors who rate at once, at a steady pace all together, while something is broken."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.browser.stage import Server
from tests.faults.rater import Change, Rater

DRAIN_WITHIN = 90.0


class Crowd:
    """Each person has a browser, an assessment of their own, and an answer due now and then."""

    def __init__(self, server: Server, *, people: int, rate: float, seed: int, port: int | None = None):
        facts = server.facts["raters"][:people]
        self.raters = [Rater(port or server.port, each, seed=seed) for each in facts]
        self.began = 0.0
        self.codes: list[list[str]] = []
        self._pause = people / rate
        self._activities = [code for code, _ in server.facts["activities"]]
        self._over = threading.Event()
        self._ended = self._give_up_at = float("inf")
        self._threads = [
            threading.Thread(target=self._rate, args=(rater, number), daemon=True)
            for number, rater in enumerate(self.raters)
        ]

    @property
    def journal(self) -> list[Change]:
        return [change for rater in self.raters for change in rater.journal]

    def start(self) -> None:
        self.codes = [
            rater.open(self._activities[number % len(self._activities)]) for number, rater in enumerate(self.raters)
        ]
        self.began = time.monotonic()
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Nobody answers anything more; what was answered is sent."""
        self._ended = time.monotonic()
        self._give_up_at = self._ended + DRAIN_WITHIN
        self._over.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        for rater in self.raters:
            rater.close()

    def _rate(self, rater: Rater, number: int) -> None:
        codes = self.codes[number]
        due = self.began + rater.chance.uniform(0, self._pause)
        while self._is_due(due):
            rater.answer(rater.chance.choice(codes), due=due, give_up_at=self._give_up_by(due))
            due += self._pause * rater.chance.uniform(0.5, 1.5)

    def _is_due(self, due: float) -> bool:
        """Waits for the moment; what was due before the end is still sent after it."""
        self._over.wait(max(0.0, due - time.monotonic()))
        return due <= self._ended

    def _give_up_by(self, due: float) -> float:
        # Not known before the end is; none of the faults lasts so long.
        return min(self._give_up_at, due + 2 * DRAIN_WITHIN)


@contextmanager
def rating(server: Server, *, people: int, rate: float, seed: int, port: int | None = None) -> Iterator[Crowd]:
    """So many people give `rate` answers a second all together while the block runs; then everything is sent."""
    crowd = Crowd(server, people=people, rate=rate, seed=seed, port=port)
    try:
        crowd.start()
        yield crowd
    finally:
        crowd.finish()


def wait_until(is_true: Callable[[], bool], *, within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
