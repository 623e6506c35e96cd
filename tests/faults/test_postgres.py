"""PostgreSQL that crashes, freezes, goes away or runs out of disk while people answer."""

import time

import pytest

from bin.temporary_postgres import temporary_directory, unprivileged_account
from tests.browser.stage import serving
from tests.faults import checker
from tests.faults.crowd import rating
from tests.faults.disks import small_disk
from tests.faults.rater import ABORTED, Rater, longest_after, outcomes

FULL = "The storage is full. Nothing can be saved until there is room again; what is stored can be read."
FROZEN, GONE, FULL_FOR = 12.0, 30.0, 10.0
MEGABYTE = 1024**2
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


@pytest.mark.faults(4, "PostgreSQL crashes (immediate) and is back after 1 s, twice", engine="PostgreSQL")
def test_row_04_crashed_database_costs_no_answer(clustered, cluster, seed, verdict):
    backs = []

    with rating(clustered, people=20, rate=40, seed=seed) as crowd:
        for _ in range(2):
            time.sleep(2)
            cluster.crash_and_restart(after=1.0)
            backs.append(time.monotonic())
        time.sleep(2)

    seen = outcomes(crowd.journal)
    assert seen["503"] >= 2
    verdict.check(clustered, crowd.journal)
    # The connections of the workers were dead, and no request was the one to find out.
    afterwards = outcomes(crowd.journal, since=backs[-1])
    verdict.note("failed tries after the return", afterwards.total() - afterwards["200"], limit=0)
    verdict.note("other answers than 200 and 503", seen.total() - seen["200"] - seen["503"], limit=0)
    verdict.note("all sent s after the return", longest_after(crowd.journal, backs[-1]))
    verdict.judge()


@pytest.mark.faults(5, "PostgreSQL is frozen (SIGSTOP) for 12 s instead of 30", engine="PostgreSQL")
def test_row_05_frozen_database_costs_no_answer(clustered, cluster, seed, verdict):
    with rating(clustered, people=20, rate=20, seed=seed) as crowd:
        time.sleep(2)
        with cluster.frozen():
            time.sleep(FROZEN)
        thawed = time.monotonic()
        time.sleep(2)

    assert outcomes(crowd.journal)[ABORTED] >= 1
    verdict.check(clustered, crowd.journal)
    verdict.note("all sent s after the return", longest_after(crowd.journal, thawed), limit=35)
    ((sessions,),) = checker.rows(cluster.url, SESSIONS)
    # Each thread of the two workers may have kept its own.
    verdict.note("sessions afterwards, of 100", sessions, limit=48)
    verdict.judge()


@pytest.mark.faults(6, "PostgreSQL is away for 30 s instead of 5 min", engine="PostgreSQL")
def test_row_06_queue_is_sent_in_order_once_the_database_is_back(clustered, cluster, seed, verdict):
    with rating(clustered, people=10, rate=5, seed=seed) as crowd:
        time.sleep(1)
        cluster.stop()
        left = time.monotonic()
        time.sleep(GONE)
        cluster.start()
        back = time.monotonic()

    waited = [change for change in crowd.journal if left <= change.due <= back]
    assert len(waited) >= 100
    assert outcomes(crowd.journal)["503"] >= 10
    # In order is what no chain break means; the longest pause between two tries is 37.5 s.
    verdict.check(clustered, crowd.journal)
    verdict.note("answers that queued", len(waited))
    verdict.note("all sent s after the return", longest_after(crowd.journal, back), limit=45)
    verdict.judge()


@pytest.fixture
def starved(template, cluster_mould, tmp_path):
    """A server whose database has little room left on its disk, and the disk."""
    with temporary_directory(unprivileged_account()) as directory:
        room = 24 * MEGABYTE
        size = (cluster_mould.size + room) // MEGABYTE
        with (
            small_disk(directory / "disk", megabytes=size) as disk,
            cluster_mould.cast(disk.path) as cluster,
            serving(template, cluster.url) as server,
        ):
            yield server, disk


@pytest.mark.faults(7, "The disk of PostgreSQL is full for 10 s", engine="PostgreSQL")
def test_row_07_full_disk_refuses_with_a_reason_and_can_be_read(starved, seed, verdict):
    server, disk = starved
    reader = Rater(server.port, server.facts["raters"][40], seed=seed)

    with rating(server, people=20, rate=40, seed=seed) as crowd:
        time.sleep(1)
        with disk.full():
            time.sleep(FULL_FOR)
            pages = [reader.get(f"/assessments/{reader.assessment}/activities/S6/") for _ in range(5)]
        back = time.monotonic()

    reader.close()
    assert [page.status for page in pages] == [200] * 5
    said = {attempt.said for change in crowd.journal for attempt in change.attempts if attempt.outcome == "503"}
    assert FULL in said
    seen = outcomes(crowd.journal)
    verdict.check(server, crowd.journal)
    verdict.note("other answers than 200 and 503", seen.total() - seen["200"] - seen["503"], limit=0)
    verdict.note("refused tries", seen["503"])
    verdict.note("all sent s after the return", longest_after(crowd.journal, back))
    verdict.judge()
