"""Processes of the web server that are killed or replaced while people answer."""

import os
import random
import signal
import time

import pytest

from tests.faults.crowd import rating, wait_until
from tests.faults.rater import ABORTED, longest_after, outcomes, slowest

KILLED_EVERY, KILLS = 2.0, 8
DOWN = 10.0
RELOADS = 5


def kill_a_worker(server, chance):
    """Some worker, if there is one just now; a new one takes its place."""
    if workers := server.workers:
        os.kill(chance.choice(workers), signal.SIGKILL)
    return len(workers) > 0


def replaced(server, before):
    return server.workers and not set(server.workers) & set(before)


@pytest.mark.faults(1, "A worker is killed (kill -9), once", quick=True)
def test_row_01_killed_worker_costs_no_answer(server, seed, verdict):
    chance = random.Random(seed)
    workers = server.workers

    with rating(server, people=6, rate=40, seed=seed) as crowd:
        time.sleep(1 + chance.random())
        assert kill_a_worker(server, chance)
        wait_until(lambda: set(server.workers) != set(workers) and len(server.workers) == len(workers))
        time.sleep(0.5)

    verdict.check(server, crowd.journal)
    verdict.note("slowest answer s", slowest(crowd.journal), limit=5)
    verdict.judge()


@pytest.mark.faults(1, "A worker is killed (kill -9) every 2 s, 50 people")
def test_row_01_workers_killed_again_and_again_cost_no_answer(server, seed, verdict):
    chance = random.Random(seed)
    killed = 0

    with rating(server, people=50, rate=50, seed=seed) as crowd:
        for _ in range(KILLS):
            time.sleep(KILLED_EVERY)
            killed += kill_a_worker(server, chance)

    assert killed == KILLS
    seen = outcomes(crowd.journal)
    verdict.check(server, crowd.journal)
    verdict.note("slowest answer s", slowest(crowd.journal), limit=5)
    # How many of the workers had an answer in their hands is chance.
    verdict.note("tries that failed", seen.total() - seen["200"])
    verdict.judge()


@pytest.mark.faults(2, "The web server is killed (kill -9) and started again after 10 s")
def test_row_02_killed_master_costs_no_answer(server, seed, verdict):
    with rating(server, people=8, rate=20, seed=seed) as crowd:
        time.sleep(2)
        orphans = server.workers
        server.kill()
        time.sleep(DOWN)
        server.start()
        back = time.monotonic()
        time.sleep(2)

    assert not set(orphans) & set(server.workers)
    verdict.check(server, crowd.journal)
    waited = [change for change in crowd.journal if change.due < back - 1 and change.ended > back - 1]
    assert len(waited) >= 8
    verdict.note("all sent s after the return", longest_after(crowd.journal, back), limit=30)
    verdict.judge()


@pytest.mark.faults(3, "Five deployments (HUP) in a row")
def test_row_03_new_workers_are_not_noticed(server, seed, verdict):
    generations = []

    with rating(server, people=20, rate=40, seed=seed) as crowd:
        for _ in range(RELOADS):
            before = server.workers
            server.reload()
            wait_until(lambda before=before: replaced(server, before))
            generations.append(before)
            time.sleep(1)

    assert len({worker for each in generations for worker in each}) == RELOADS * len(generations[0])
    verdict.check(server, crowd.journal)
    # A lost connection whose answer arrives with the next try nobody sees.
    noticed = [change for change in crowd.journal if len(change.attempts) > 2]
    seen = outcomes(crowd.journal)
    verdict.note("errors that people see", len(noticed) + seen[ABORTED], limit=0)
    verdict.note("tries that failed", seen.total() - seen["200"])
    verdict.judge()
