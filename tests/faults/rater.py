"""A supervisor's browser without the browser: it sends one answer after another until the server has each of them.

It keeps the rules of static/js/outbox.js: the same key until an answer is acknowledged, eight seconds for an attempt,
pauses that grow to thirty seconds, and only a version counts as saved.
"""

import http.client
import json
import random
import re
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

ABORT_AFTER = 8.0
LONGEST_PAUSE = 30.0
# What an attempt came to besides a status of the server's own.
ABORTED, LOST, FOREIGN = "aborted", "connection lost", "not the server's words"
VERSIONS = re.compile(r'name="version-([^"]+)" value="(\d+)"')
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Reply:
    """Status 0 is no answer in time or at all; `body` is None where no JSON can be read."""

    status: int
    body: Any = None
    text: str = ""
    cause: str = ""


@dataclass(frozen=True)
class Attempt:
    began: float
    outcome: str
    said: str = ""


@dataclass
class Change:
    """A line of the journal: what was offered, and what became of it."""

    key: str
    assessment: str
    code: str
    position: int
    note: str
    base: int
    due: float
    client: int = 0
    version: int | None = None
    refusal: Reply | None = None
    ended: float = 0.0
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def is_acknowledged(self) -> bool:
        return self.version is not None

    @property
    def seconds(self) -> float:
        """From the moment at which the person answered, queue and pauses included."""
        return self.ended - self.due


class Rater:
    """One signed-in person with one assessment open."""

    def __init__(self, port: int, facts: dict[str, Any], *, seed: int = 0):
        self.port = port
        self.session, self.person, self.assessment = facts["session"], facts["person"], facts["assessment"]
        self.journal: list[Change] = []
        self.versions: dict[str, int] = {}
        self.chance = random.Random(f"{seed} {self.session}")
        self._token = ""
        self._connection: http.client.HTTPConnection | None = None

    def open(self, activity: str) -> list[str]:
        """Load a rating page: its proof of origin, its items and their versions. Answers the codes."""
        page = self.get(f"/assessments/{self.assessment}/activities/{activity}/")
        if page.status != 200:
            raise RuntimeError(f"The rating page answered {page.status} {page.cause}: {page.text[:300]}")
        found = {code: int(version) for code, version in VERSIONS.findall(page.text)}
        self.versions |= found
        return list(found)

    def answer(self, code: str, *, due: float | None = None, give_up_at: float = float("inf")) -> Change:
        """Give another answer than before and send it until something becomes of it."""
        change = self.offer(code, due=due)
        self.deliver(change, give_up_at=give_up_at)
        return change

    def offer(self, code: str, *, due: float | None = None) -> Change:
        """Into the journal first. No two notes are the same, so that each event is known by its content too."""
        key = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        change = Change(
            key=key,
            assessment=self.assessment,
            code=code,
            position=self.chance.randint(1, 5),
            note=f"Answer {key[:8]} on {code}.",
            base=self.versions.get(code, 0),
            due=time.monotonic() if due is None else due,
            client=id(self),
        )
        self.journal.append(change)
        return change

    def deliver(self, change: Change, *, give_up_at: float = float("inf")) -> None:
        failures = 0
        while not self._settled(change, self.attempt(change)):
            failures += 1
            pause = min(LONGEST_PAUSE, 2.0 ** (failures - 1)) * self.chance.uniform(0.75, 1.25)
            if time.monotonic() + pause > give_up_at:
                return
            time.sleep(pause)

    def attempt(self, change: Change) -> Reply:
        """Send it once and note what came of that."""
        values = {"key": change.key, "version": change.base, "answer": change.position, "note": change.note}
        path = f"/assessments/{change.assessment}/ratings/{change.code}/"
        began = time.monotonic()
        reply = self.post(path, values | {"person": self.person})
        said = reply.body.get("message", "") if isinstance(reply.body, dict) else ""
        change.attempts.append(Attempt(began, reply.cause or str(reply.status), said))
        return reply

    def _settled(self, change: Change, reply: Reply) -> bool:
        body = reply.body if isinstance(reply.body, dict) else {}
        is_version = isinstance(body.get("version"), int)
        if reply.status == 200 and is_version:
            change.version = self.versions[change.code] = body["version"]
        elif reply.status == 409 and is_version:
            # The person takes what stands on the server.
            self.versions[change.code] = body["version"]
            change.refusal = reply
        elif reply.status in {401, 403, 404, 422} and body:
            change.refusal = reply
        else:
            return False
        change.ended = time.monotonic()
        return True

    def get(self, path: str, *, patience: float = 30) -> Reply:
        return self._ask("GET", path, None, {}, patience)

    def post(self, path: str, fields: dict[str, Any], *, patience: float = ABORT_AFTER, accept: str = "") -> Reply:
        headers = {"Content-Type": FORM, "Accept": accept or "application/json", "X-CSRFToken": self._token}
        return self._ask("POST", path, urlencode(fields), headers, patience)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str], patience: float) -> Reply:
        cookie = f"sessionid={self.session}" + (f"; csrftoken={self._token}" if self._token else "")
        # A kept connection that the server has closed meanwhile is no fault: browsers ask again on a new one.
        is_kept = self._connection is not None
        try:
            return self._exchange(method, path, body, {**headers, "Cookie": cookie}, patience)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()
            if is_kept:
                return self._ask(method, path, body, headers, patience)
            return Reply(0, cause=LOST)
        except TimeoutError:
            self.close()
            return Reply(0, cause=ABORTED)
        except (OSError, http.client.HTTPException):
            self.close()
            return Reply(0, cause=LOST)

    def _exchange(self, method: str, path: str, body: str | None, headers: dict[str, str], patience: float) -> Reply:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        connection = self._connection
        if connection.sock is not None:
            connection.sock.settimeout(patience)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        if response.will_close:
            self.close()
        for cookie in response.headers.get_all("Set-Cookie", []):
            if found := re.match(r"csrftoken=(\w+)", cookie):
                self._token = found[1]
        kind = response.headers.get("Content-Type", "")
        return _read(response.status, kind, text)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _read(status: int, kind: str, text: str) -> Reply:
    if not kind.startswith("application/json"):
        return Reply(status, text=text)
    try:
        return Reply(status, json.loads(text), text)
    except ValueError:
        return Reply(status, text=text, cause=FOREIGN)


def outcomes(journal: list[Change], *, since: float = 0.0) -> Counter[str]:
    """How often an attempt came to what: "200", "503", ABORTED ..."""
    attempts = [attempt for change in journal for attempt in change.attempts]
    return Counter(attempt.outcome for attempt in attempts if attempt.began >= since)


def slowest(journal: list[Change]) -> float:
    return max(change.seconds for change in journal)


def longest_after(journal: list[Change], moment: float) -> float:
    """How long whatever was answered before the moment took to arrive after it."""
    return max((change.ended - moment for change in journal if change.due <= moment), default=0.0)


def percentile(values: list[float], share: float) -> float:
    """The smallest value that so many hundredths of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(share) // 100) - 1)]
