"""A server whose clock is wrong. The clock of a browser is in test_browser.py."""

import pytest

from tests.faults import checker
from tests.faults.rater import Rater

HOURS = 3
# The times of files stay true, because gunicorn reads the heartbeat of its workers from one.
WRONG = ("faketime", "-f", f"-{HOURS}h")
REAL = {"NO_FAKE_STAT": "1"}
TIMES = "SELECT at FROM assessments_auditevent WHERE type = 'rating_saved' ORDER BY id DESC LIMIT 12"


@pytest.mark.faults(20, "The clock of the server goes three hours back, and forward again")
def test_row_20_order_does_not_come_from_the_clock(server, seed, verdict):
    rater = Rater(server.port, server.facts["raters"][0], seed=seed)
    codes = rater.open("S6")[:2]

    for wrapper, variables in ((), {}), (WRONG, REAL), ((), {}):
        server.stop()
        server.wrapper, server.variables = wrapper, variables
        server.start()
        for code in (*codes, *codes):
            rater.answer(code)
    history = rater.get(f"/assessments/{rater.assessment}/history/")
    rater.close()

    ages = [checker.seconds_ago(at) / 3600 for (at,) in reversed(checker.rows(server.database_url, TIMES))]
    assert [round(age) for age in ages] == [0] * 4 + [HOURS] * 4 + [0] * 4
    assert history.status == 200
    assert len(rater.journal) == 12
    verdict.check(server, rater.journal)
