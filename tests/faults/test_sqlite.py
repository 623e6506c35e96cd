"""SQLite whose file is locked, taken away, or on a disk that is full or read-only, while people answer."""

import contextlib
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.browser.stage import COMMAND, ROOT, environment, free_port, serving
from tests.faults.crowd import rating
from tests.faults.rater import Rater, longest_after, outcomes

FULL = "The storage is full. Nothing can be saved until there is room again; what is stored can be read."
AWAY = "The storage does not answer just now, so nothing can be saved."
LOCKED, FULL_FOR = 15.0, 10.0
# More than any server waits for the lock.
PATIENCE = 40.0
LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


def file_of(server):
    return Path(server.database_url.removeprefix("sqlite:///"))


@contextlib.contextmanager
def locked(path):
    """Another process has begun to write and does not come to an end."""
    holder = subprocess.Popen(
        [sys.executable, "-c", LOCK, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout.readline() == "locked\n"
        yield


@pytest.fixture
def on_disk(template, disk):
    """A server whose database file lies on a small disk."""
    with template.copy(disk.path) as url, serving(template, url) as server:
        yield server


@pytest.mark.faults(7, "The disk of SQLite is full for 10 s", engine="SQLite")
def test_row_07_full_disk_refuses_with_a_reason_and_can_be_read(on_disk, disk, seed, verdict):
    reader = Rater(on_disk.port, on_disk.facts["raters"][40], seed=seed)

    with rating(on_disk, people=20, rate=40, seed=seed) as crowd:
        time.sleep(1)
        with disk.full():
            time.sleep(FULL_FOR)
            pages = [reader.get(f"/assessments/{reader.assessment}/activities/S6/") for _ in range(5)]
        back = time.monotonic()

    reader.close()
    assert [page.status for page in pages] == [200] * 5
    said = {attempt.said for change in crowd.journal for attempt in change.attempts if attempt.outcome == "503"}
    assert said == {FULL}
    seen = outcomes(crowd.journal)
    verdict.check(on_disk, crowd.journal)
    with contextlib.closing(sqlite3.connect(file_of(on_disk))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    verdict.note("other answers than 200 and 503", seen.total() - seen["200"] - seen["503"], limit=0)
    verdict.note("refused tries", seen["503"])
    verdict.note("all sent s after the return", longest_after(crowd.journal, back))
    verdict.judge()


@pytest.mark.faults(8, "SQLite is locked by another process for 15 s", engine="SQLite")
def test_row_08_lock_of_another_process_costs_no_answer(server, seed, verdict):
    with rating(server, people=8, rate=20, seed=seed) as crowd:
        time.sleep(1)
        with locked(file_of(server)):
            began = time.monotonic()
            time.sleep(LOCKED)
        released = time.monotonic()

    seen = outcomes(crowd.journal)
    # Nothing that was offered meanwhile was written meanwhile; what was written just before may be told late.
    assert [it for it in crowd.journal if began < it.attempts[-1].began < it.ended < released] == []
    assert seen.total() > seen["200"]
    verdict.check(server, crowd.journal)
    verdict.note("error pages (500)", seen["500"], limit=0)
    verdict.note("tries without success", seen.total() - seen["200"])
    verdict.note("all sent s after the return", longest_after(crowd.journal, released), limit=30)
    verdict.judge()


@pytest.mark.faults(8, "SQLite is locked until the server gives up", engine="SQLite")
def test_row_08_whoever_waits_is_told_that_the_storage_does_not_answer(server, seed, verdict):
    rater = Rater(server.port, server.facts["raters"][0], seed=seed)
    (code, *_) = rater.open("S6")
    change = rater.offer(code)
    values = {"key": change.key, "version": change.base, "answer": change.position, "note": change.note}

    with locked(file_of(server)):
        began = time.monotonic()
        reply = rater.post(f"/assessments/{rater.assessment}/ratings/{code}/", values, patience=PATIENCE)
        waited = time.monotonic() - began
    rater.deliver(change)
    rater.close()

    assert (reply.status, reply.body) == (503, {"error": "storage", "message": AWAY})
    verdict.check(server, rater.journal)
    verdict.note("told s after", waited, limit=30)
    verdict.judge()


def refused_start(template, url):
    """What gunicorn writes when it does not start."""
    variables = environment(template.directory, url) | {"BIND": f"127.0.0.1:{free_port()}"}
    done = subprocess.run(COMMAND, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    return done.stdout + done.stderr


@pytest.mark.faults(9, "The file of SQLite is on a disk that became read-only", engine="SQLite")
def test_row_09_file_that_cannot_be_written_is_told(on_disk, disk, seed, verdict):
    rater = Rater(on_disk.port, on_disk.facts["raters"][0], seed=seed)
    (code, *_) = rater.open("S6")
    rater.answer(code)

    with disk.read_only():
        ready = rater.get("/readyz")
        complaint = refused_start(on_disk.template, on_disk.database_url)
    rater.answer(code)
    rater.close()

    assert (ready.status, ready.body) == (503, {"ready": False, "lacking": ["storage"]})
    sentence = f"The database {file_of(on_disk)} cannot be written. Let the web server write the file and its folder."
    assert sentence in complaint
    verdict.check(on_disk, rater.journal)


@pytest.mark.faults(9, "The file of SQLite is moved away for 3 s", engine="SQLite")
def test_row_09_file_that_vanished_is_told_and_nothing_is_acknowledged(server, seed, verdict):
    path = file_of(server)
    elsewhere = path.with_name("elsewhere.sqlite3")

    with rating(server, people=4, rate=10, seed=seed) as crowd:
        time.sleep(1)
        path.rename(elsewhere)
        began = time.monotonic()
        health = health_of(server, seed)
        complaint = refused_start(server.template, server.database_url)
        time.sleep(max(0.0, began + 3 - time.monotonic()))
        elsewhere.rename(path)

    assert health == 503
    assert f"The database {path} is not there." in complaint
    assert outcomes(crowd.journal)["503"] >= 1
    verdict.check(server, crowd.journal)


def health_of(server, seed):
    visitor = Rater(server.port, server.facts["raters"][40], seed=seed)
    try:
        return visitor.get("/healthz").status
    finally:
        visitor.close()
