"""Many at once: what everybody else notices is time."""

import datetime
import re
import threading
import time

import pytest

from tests.browser.rating import PASSWORD
from tests.browser.stage import working
from tests.faults.crowd import rating, wait_until
from tests.faults.rater import Rater, outcomes, percentile

SECONDS = 12
REPORTS = 20
BUNDLES = "/cohort/reports/"


def milliseconds(journal, share):
    return percentile([change.seconds for change in journal], share) * 1000


@pytest.mark.faults(22, "Supervisors answer a hundred times a second")
@pytest.mark.parametrize("supervisors", [8, 20, 50])
def test_row_22_answers_of_many_are_saved_quickly(server, seed, verdict, supervisors):
    with rating(server, people=supervisors, rate=100, seed=seed) as crowd:
        time.sleep(SECONDS)

    verdict.check(server, crowd.journal)
    # Slower clients would measure an easier load than the one that is asked for.
    assert len(crowd.journal) >= 90 * SECONDS
    verdict.note("p95 ms", milliseconds(crowd.journal, 95), limit=300)
    verdict.note("p99 ms", milliseconds(crowd.journal, 99), limit=1000)
    seen = outcomes(crowd.journal)
    verdict.note("answers other than saved", seen.total() - seen["200"], limit=0)
    verdict.judge()


@pytest.mark.faults(23, "Twenty reports are asked for at once")
def test_row_23_reports_do_not_hold_up_answers(server, seed, verdict):
    workers = server.workers
    readers = [Rater(server.port, each, seed=seed) for each in server.facts["raters"][8 : 8 + REPORTS]]
    replies = []

    def read(rater):
        replies.append(rater.get(f"/assessments/{rater.assessment}/report.pdf", patience=120))
        rater.close()

    with rating(server, people=8, rate=20, seed=seed) as crowd:
        time.sleep(1)
        storm = [threading.Thread(target=read, args=(rater,)) for rater in readers]
        for thread in storm:
            thread.start()
        for thread in storm:
            thread.join()

    made = [reply for reply in replies if reply.status == 200 and reply.text.startswith("%PDF")]
    # The others were told to come again in a minute, and nothing worse.
    assert {reply.status for reply in replies} <= {200, 503}
    assert len(made) >= 2
    assert server.workers == workers
    verdict.check(server, crowd.journal)
    verdict.note("p95 ms", milliseconds(crowd.journal, 95), limit=500)
    verdict.note("reports of twenty that came later", REPORTS - len(made))
    verdict.judge()


@pytest.mark.faults(23, "All reports of a cohort are made meanwhile")
def test_row_23_work_that_may_wait_does_not_hold_up_answers(server, seed, verdict):
    lead = Rater(server.port, {"session": server.facts["sessions"]["lead"], "person": "", "assessment": ""})
    lead.get(BUNDLES)
    asked = {"on": datetime.date.today().isoformat(), "kinds": "assessments", "password": PASSWORD}
    assert lead.post(BUNDLES, asked, patience=30, accept="text/html").status == 302

    with working(server):
        wait_until(lambda: made(lead) > 0, within=60)
        before = made(lead)
        with rating(server, people=8, rate=20, seed=seed) as crowd:
            time.sleep(SECONDS)
        meanwhile = made(lead) - before
    lead.close()

    verdict.check(server, crowd.journal)
    verdict.note("p95 ms", milliseconds(crowd.journal, 95), limit=500)
    verdict.note("reports made meanwhile", meanwhile)
    verdict.judge()


def made(lead):
    """How many reports of what a lead asked for are made."""
    told = re.search(r"(\d+) of \d+ reports", lead.get(BUNDLES).text)
    return int(told[1]) if told else 0
