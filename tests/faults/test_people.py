"""What other people do to an assessment while somebody answers in it."""

import html
import re
import subprocess
import sys
import threading
import time

import pytest

from tests.browser.rating import PASSWORD
from tests.browser.stage import ROOT, environment
from tests.faults import checker
from tests.faults.crowd import rating
from tests.faults.rater import Rater

PAGE = "text/html"
AT_ONCE = 50
REWORDED = "Knowledge of feelings as signals about relationships, put in quite other words"
EVENTS = "SELECT type, COUNT(*) FROM assessments_auditevent WHERE assessment_id = '{}' GROUP BY type"


def person(server, number, **changes):
    return Rater(server.port, server.facts["raters"][number] | changes)


def act(server, session, path, fields):
    """Another browser sends a form of a page; answers when the server has it."""
    actor = person(server, 49, session=session)
    page = actor.get(path)
    reply = actor.post(path, fields, accept=PAGE, patience=60)
    actor.close()
    assert (page.status, reply.status) == (200, 302), reply.text[:2000]
    return time.monotonic()


def wordings(page):
    """Whatever the items of a rating page say, without their answers."""
    items = re.findall(r'data-code="([^"]+)".*?<legend[^>]*>(.*?)</legend>', page.text, re.DOTALL)
    return [(code, " ".join(html.unescape(re.sub(r"<[^>]+>", " ", legend)).split())) for code, legend in items]


def id_in(server, key):
    """An id as the database writes it."""
    return key.replace("-", "") if server.template.is_sqlite else key


def events(server, assessment):
    return dict(checker.rows(server.database_url, EVENTS.format(id_in(server, assessment))))


@pytest.mark.faults(16, "Another supervisor of the same therapist saves, too")
def test_row_16_only_the_assigned_supervisor_writes(server, seed, verdict):
    owner = server.facts["raters"][0]
    other = person(server, 1, assessment=owner["assessment"])
    other.get("/assessments/")
    replies = []

    with rating(server, people=1, rate=10, seed=seed) as crowd:
        (codes,) = crowd.codes
        for number in range(40):
            change = other.offer(codes[number % len(codes)])
            replies.append(other.attempt(change))
            time.sleep(0.02)
        time.sleep(0.5)

    other.close()
    assert len(replies) == 40
    assert {reply.status for reply in replies} <= {403, 404}
    books = checker.read_books(server.database_url, crowd.journal)
    assert {event.key for event in books.events} == {change.key for change in crowd.journal}
    verdict.check(server, crowd.journal)


def hand_over(server, owner):
    lead = server.facts["eastgate"]["lead"]
    fields = {"to": server.facts["raters"][1]["person"], "reason": "On leave from today."}
    return act(server, lead, f"/assessments/{owner['assessment']}/hand-over/", fields)


def withdraw(server, owner):
    path = f"/assessments/{owner['assessment']}/withdraw/"
    return act(server, owner["session"], path, {"reason": "Begun about the wrong session."})


def switch_off(server, owner):
    admin = server.facts["eastgate"]["admin"]
    return act(server, admin, f"/manage/people/{owner['person']}/", {"name": "Supervisor 0", "profession": ""})


REFUSALS = {
    "handed over": (hand_over, 403, "You cannot rate this assessment. It was handed over to another supervisor."),
    "withdrawn": (withdraw, 403, "You cannot rate this assessment. It was withdrawn."),
    "account switched off": (switch_off, 401, "Your session has ended. Sign in again"),
}


@pytest.mark.faults(17, "The assessment is taken away while somebody answers", quick="handed over")
@pytest.mark.parametrize("how", REFUSALS)
def test_row_17_nothing_is_written_once_it_is_taken_away(server, seed, verdict, how):
    take_away, status, sentence = REFUSALS[how]

    with rating(server, people=1, rate=20, seed=seed) as crowd:
        time.sleep(1)
        moment = take_away(server, server.facts["raters"][0])
        time.sleep(1)

    refused = [change for change in crowd.journal if change.refusal]
    assert len(refused) >= 5
    assert {change.refusal.status for change in refused} == {status}
    assert all(sentence in change.refusal.body["message"] for change in refused)
    late = [change for change in crowd.journal if change.is_acknowledged and change.attempts[-1].began > moment]
    verdict.check(server, crowd.journal)
    verdict.note("answers written afterwards", len(late), limit=0)
    verdict.note("told s afterwards", refused[0].ended - moment, limit=1)
    verdict.judge()


def publish_next(server, directory):
    """The framework once more, with other words in one place."""
    text = (ROOT / "fixtures" / "ipt-1.0.yaml").read_text()
    text, number = re.subn(r"Knowledge of feelings as signals about relationships", REWORDED, text)
    assert number == 1
    file = directory / "ipt-1.1.yaml"
    file.write_text(text.replace('revision: "1.0"', 'revision: "1.1"', 1))
    command = [sys.executable, "-m", "tests.faults.publish", str(file)]
    variables = environment(server.template.directory, server.database_url)
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.faults(18, "A newer revision is published while people answer")
def test_row_18_assessment_stays_on_its_revision(server, seed, verdict, tmp_path):
    reader = person(server, 40)
    path = f"/assessments/{reader.assessment}/activities/S6/"
    before = reader.get(path)

    with rating(server, people=4, rate=20, seed=seed) as crowd:
        time.sleep(1)
        publish_next(server, tmp_path)
        published = time.monotonic()
        time.sleep(2)

    after, newer = reader.get(path), reader.get("/frameworks/ipt/1.1/activities/S6/")
    reader.close()
    assert (newer.status, REWORDED in " ".join(newer.text.split())) == (200, True)
    assert len(wordings(before)) >= 8
    changed = [pair for pair in zip(wordings(before), wordings(after), strict=True) if pair[0] != pair[1]]
    assert "Revision 1.1 of Interpersonal psychotherapy was published" in after.text
    assert "This assessment stays on revision 1.0, word for word." in after.text
    assert [change for change in crowd.journal if change.due > published]
    verdict.check(server, crowd.journal)
    verdict.note("items with other words", len(changed), limit=0)
    verdict.judge()


def sign_at_once(server, name, assessment):
    """As many times as somebody impatient can press; answers the statuses."""
    statuses = []

    def sign():
        signer = person(server, 0, session=server.facts["sessions"][name], assessment=assessment)
        path = f"/assessments/{assessment}/sign-off/"
        signer.get("/assessments/")
        statuses.append(signer.post(path, {"password": PASSWORD}, accept=PAGE, patience=120).status)
        signer.close()

    presses = [threading.Thread(target=sign) for _ in range(AT_ONCE)]
    for press in presses:
        press.start()
    for press in presses:
        press.join()
    return statuses


@pytest.mark.faults(19, "Signing off is pressed fifty times at once", quick=True)
def test_row_19_one_signature_each_and_nothing_afterwards(server, seed, verdict):
    assessment = str(server.facts["shared"])
    signed = "SELECT role, COUNT(*) FROM assessments_signature WHERE assessment_id = '{}' GROUP BY role"
    late = Rater(server.port, server.facts["raters"][0] | {"session": server.facts["sessions"]["supervisor"]})
    late.assessment, late.person = assessment, server.facts["people"]["supervisor"]

    by_supervisor = sign_at_once(server, "supervisor", assessment)
    by_therapist = sign_at_once(server, "therapist", assessment)
    late.get("/assessments/")
    reply = late.attempt(late.offer("S2.1"))
    late.close()

    assert [by_supervisor.count(302), by_therapist.count(302)] == [1, 1]
    assert {*by_supervisor, *by_therapist} <= {200, 302, 403}
    assert (reply.status, reply.body["error"]) == (403, "not allowed")
    rows = checker.rows(server.database_url, signed.format(id_in(server, assessment)))
    assert dict(rows) == {"supervisor": 1, "therapist": 1}
    found = events(server, assessment)
    assert (found["assessment_signed"], found["assessment_signed_off"]) == (2, 1)
    assert checker.verify_records(server.template, server.database_url) == []
    verdict.note("presses that signed, of 100", 2)
    verdict.note("answers written afterwards", found["rating_saved"] - 3, limit=0)
    verdict.judge()


RACES = 100


@pytest.mark.faults(15, "Two tabs answer the same at the same moment, a hundred times")
def test_row_15_of_two_answers_at_once_one_wins(server, seed, verdict):
    tabs = [Rater(server.port, server.facts["raters"][0], seed=seed * 10 + number) for number in range(2)]
    codes, _ = (tab.open("S6") for tab in tabs)
    both = threading.Barrier(2)

    def race(tab):
        for number in range(RACES):
            both.wait()
            tab.answer(codes[number % len(codes)])

    threads = [threading.Thread(target=race, args=(tab,)) for tab in tabs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for tab in tabs:
        tab.close()
    journal = [change for tab in tabs for change in tab.journal]
    refused = [change for change in journal if change.refusal]
    assert {change.refusal.status for change in refused} == {409}
    # Whoever lost has heard what stands; some of the pairs met no closer than that.
    assert len(refused) >= RACES // 2
    assert all(change.refusal.body["note"] for change in refused)
    verdict.check(server, journal)
    verdict.note("answers that lost and were shown the other", len(refused))
    verdict.judge()
