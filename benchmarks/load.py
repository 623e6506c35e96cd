"""Requests and their times. Each has a connection of its own, as from another browser."""

import http.client
import multiprocessing
import statistics
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

OK, FOUND = 200, 302
CSRF = "benchmark" * 3 + "token"  # 32 characters of our own choice are a valid token
WARM_UP = 6


@dataclass(frozen=True)
class Answer:
    seconds: float
    body: bytes
    headers: dict[str, str]
    header_bytes: int


@dataclass(frozen=True)
class Visitor:
    """A signed-in browser, as far as the server can tell."""

    port: int
    session: str = ""

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def save(self, path: str, *, answer: str, version: str = "0") -> Answer:
        body = urlencode({"key": str(uuid.uuid4()), "version": version, "answer": answer, "note": ""})
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", "X-CSRFToken": CSRF}
        return self._ask("POST", path, body, kind)

    def post(self, path: str, **fields: str) -> Answer:
        """An ordinary form, answered by leading elsewhere."""
        body = urlencode({"csrfmiddlewaretoken": CSRF, **fields})
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"}, expected=FOUND)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str], *, expected: int = OK) -> Answer:
        cookies = {"Cookie": f"sessionid={self.session}; csrftoken={CSRF}"} if self.session or body else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        begun = time.perf_counter()
        connection.request(method, path, body, {**cookies, **headers})
        response = connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - begun
        connection.close()
        if response.status != expected:
            raise RuntimeError(f"{method} {path} answered {response.status}: {content[:300]!r}")
        size = sum(len(name) + len(value) + 4 for name, value in response.getheaders())
        return Answer(seconds, content, dict(response.getheaders()), size)


def paired(measured: Callable[[], Answer], unit: Callable[[], Answer], number: int) -> tuple[float, float]:
    """Median milliseconds of the two, taken in turns so that other work on the machine falls on both."""
    for _ in range(WARM_UP):
        measured()
        unit()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(number):
        times[0].append(measured().seconds)
        times[1].extend(unit().seconds for _ in range(2))
    return statistics.median(times[0]) * 1000, statistics.median(times[1]) * 1000


def per_second(work: Callable[[int, int], None], *, clients: int, seconds: float) -> float:
    """How often `work(client, turn)` is done in a second by so many clients at once."""
    context = multiprocessing.get_context("fork")
    with context.Pool(clients, _remember, [work, seconds]) as pool:
        begun = time.perf_counter()
        done = sum(pool.map(_repeat, range(clients), chunksize=1))
        return done / (time.perf_counter() - begun)


_task: list[tuple[Callable[[int, int], None], float]] = []


def _remember(work: Callable[[int, int], None], seconds: float) -> None:
    _task.append((work, seconds))


def _repeat(client: int) -> int:
    work, seconds = _task[-1]
    deadline, turn = time.perf_counter() + seconds, 0
    while time.perf_counter() < deadline:
        work(client, turn)
        turn += 1
    return turn
