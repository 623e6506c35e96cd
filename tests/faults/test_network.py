"""What lies between browser and server loses answers. That it answers itself is tried in test_browser.py."""

import time

import pytest

from tests.faults.crowd import rating
from tests.faults.proxy import proxy_to
from tests.faults.rater import LOST, longest_after, outcomes


@pytest.mark.faults(11, "Answers of the server are lost on their way for 2 s", quick=True)
def test_row_11_answer_lost_after_the_commit_is_stored_once(server, seed, verdict):
    with proxy_to(server.port) as proxy, rating(server, people=5, rate=20, seed=seed, port=proxy.port) as crowd:
        time.sleep(1)
        proxy.swallow = True
        time.sleep(2)
        proxy.swallow = False
        back = time.monotonic()

    assert proxy.swallowed >= 5
    assert outcomes(crowd.journal)[LOST] >= 5
    verdict.check(server, crowd.journal)
    verdict.note("answers lost on their way", proxy.swallowed)
    verdict.note("all sent s after the return", longest_after(crowd.journal, back))
    verdict.judge()
