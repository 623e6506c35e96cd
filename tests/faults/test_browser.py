"""Faults of a browser and of what it meets on its way, in a real one."""

import datetime
import json
import re
import sqlite3
import time
from contextlib import closing
from urllib.parse import parse_qs

import psycopg
import pytest
from playwright.sync_api import BrowserContext, Page, Response, expect

from tests.browser.rating import (
    NO_NETWORK,
    PASSWORD,
    REFUSED,
    answer,
    block_storage,
    expect_all_saved,
    expect_killed_browser_offers,
    expect_stored,
    expect_told_and_delivered,
    fill_storage,
    group,
    level,
    open_rating,
    sign_in,
    sign_in_over,
    status,
)
from tests.faults import checker
from tests.faults.proxy import proxy_to
from tests.faults.rater import Change

pytestmark = pytest.mark.browser

EMAIL = "supervisor.0@example.org"
LEVELS = ["Not yet demonstrated", "Emerging", "Developing", "Competent", "Advanced"]
MANY = ["S2", "B6", "S1", "S3", "S4", "P2", "P3"]


class Watched:
    """What a browser sent and was told: its side of the journal."""

    def __init__(self, context: BrowserContext):
        self._responses: list[Response] = []
        context.on("response", self._listen)
        self.page = context.pages[0] if context.pages else context.new_page()

    def _listen(self, response: Response) -> None:
        if "/ratings/" in response.url:
            self._responses.append(response)

    @property
    def statuses(self) -> list[int]:
        return [response.status for response in self._responses]

    @property
    def journal(self) -> list[Change]:
        """One line for each key that was acknowledged."""
        return list({change.key: change for change in map(_line, self._responses) if change}.values())


@pytest.fixture
def watched(open_as):
    """A page of the account "rater"."""
    return Watched(open_as("rater").context)


def whole(server) -> str:
    """That account's draft of the whole framework."""
    return server.facts["raters"][0]["assessment"]


def _line(response: Response) -> Change | None:
    words = response.text() if response.status == 200 else ""
    version = json.loads(words).get("version") if words.startswith("{") else None
    if version is None:
        return None
    fields = {name: values[0] for name, values in parse_qs(response.request.post_data or "").items()}
    assessment, code = re.search(r"/assessments/([^/]+)/ratings/([^/]+)/", response.url).groups()
    return Change(
        key=fields["key"],
        assessment=assessment,
        code=code,
        position=int(fields["answer"]),
        note=fields.get("note", ""),
        base=int(fields["version"]),
        due=0.0,
        version=version,
    )


def open_tabs(page: Page, draft: str, activities: list[str]) -> dict[str, Page]:
    tabs = {activity: page if not number else page.context.new_page() for number, activity in enumerate(activities)}
    for activity, tab in tabs.items():
        open_rating(tab, draft, activity)
    return tabs


def codes_of(server, activities, number):
    items = dict(server.facts["activities"])
    return [code for activity in activities for code in items[activity]][:number]


def give(tabs: dict[str, Page], codes: list[str]) -> dict[str, str]:
    """A level for each, and which one."""
    given = {code: LEVELS[number % len(LEVELS)] for number, code in enumerate(codes)}
    for activity, tab in tabs.items():
        # A tab that nobody sees is slow.
        tab.bring_to_front()
        for code in codes:
            if code.startswith(f"{activity}."):
                level(tab, code, given[code]).check()
    return given


def expect_kept(tabs: dict[str, Page], codes: list[str]) -> None:
    for activity, tab in tabs.items():
        number = sum(code.startswith(f"{activity}.") for code in codes)
        expect(status(tab)).to_contain_text(f"{number} change{'s' * (number > 1)} kept on this device")


def stored(server, journal):
    """What stands, in the words of the page."""
    books = checker.read_books(server.database_url, journal)
    return {code: LEVELS[position - 1] for (_, code), (_, position, _) in books.standing.items()}


@pytest.mark.faults(10, "The browser is offline while 60 answers are given")
def test_row_10_answers_given_offline_arrive_in_order(watched, server, verdict, expected_errors):
    expected_errors.append(NO_NETWORK)
    page = watched.page
    tabs, codes = open_tabs(page, whole(server), MANY), codes_of(server, MANY, 60)

    page.context.set_offline(True)
    given = give(tabs, codes)
    expect_kept(tabs, codes)
    page.context.set_offline(False)
    back = time.monotonic()
    for tab in tabs.values():
        expect_all_saved(tab)
    seconds = time.monotonic() - back

    assert len(watched.journal) == 60
    assert stored(server, watched.journal) == given
    # Each page sends in its own order, whichever page has its turn.
    orders = [[each.code for each in watched.journal if each.code.startswith(f"{tab}.")] for tab in tabs]
    assert orders == [[code for code in codes if code.startswith(f"{tab}.")] for tab in tabs]
    verdict.check(server, watched.journal)
    verdict.note("all sent s after the return", seconds, limit=15)
    verdict.judge()


@pytest.mark.faults(12, "The browser is killed (kill -9) with 20 unsent answers")
def test_row_12_killed_browser_offers_all_answers(persistent, server, verdict, tmp_path):
    codes = codes_of(server, ["S2", "S1", "S3"], 20)
    watched = []

    def start():
        context = persistent("rater")
        watched.append(Watched(context))
        return context

    expect_killed_browser_offers(start, tmp_path, whole(server), codes)

    assert len(watched[0].statuses) == 0
    assert [change.code for change in watched[1].journal] == codes
    verdict.check(server, watched[1].journal)


def end_session(server, person):
    """As if it had run out on the server."""
    session = server.facts["sessions"][person]
    statement = "DELETE FROM django_session WHERE session_key = {}"
    if server.template.is_sqlite:
        path = server.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
            assert connection.execute(statement.format("?"), [session]).rowcount == 1
        return
    with psycopg.connect(server.database_url) as connection:
        assert connection.execute(statement.format("%s").encode(), [session]).rowcount == 1


@pytest.mark.faults(13, "The session ends with 20 unsent answers")
def test_row_13_answers_arrive_after_signing_in_again(watched, server, verdict, expected_errors):
    expected_errors.append(f"{REFUSED}401")
    page = watched.page
    # The last tab is the one in front.
    tabs, codes = open_tabs(page, whole(server), ["S2", "S1", "S3"]), codes_of(server, ["S2", "S1", "S3"], 20)
    end_session(server, "rater")

    for code in codes:
        # The first refusal opens a dialog over the page, through which the mouse does not reach.
        level(tabs[code.split(".")[0]], code, "Competent").evaluate("radio => { radio.focus(); radio.click(); }")
    expect_kept(tabs, codes)
    front = tabs["S3"]
    sign_in_over(front, PASSWORD)
    expect_all_saved(front, within=40_000)
    expect(level(front, codes[-1], "Competent")).to_be_focused()
    for tab in tabs.values():
        tab.bring_to_front()
        expect_all_saved(tab, within=40_000)

    assert 401 in watched.statuses
    assert len(watched.journal) == 20
    assert stored(server, watched.journal) == dict.fromkeys(codes, "Competent")
    verdict.check(server, watched.journal)


@pytest.mark.faults(14, "Signing in in another tab changes the proof of origin")
def test_row_14_page_goes_on_with_the_new_proof_of_origin(watched, server, verdict):
    page = watched.page
    open_rating(page, whole(server), "S6")
    answer(page, "S6.1", "Competent")

    def token():
        (found,) = [each["value"] for each in page.context.cookies() if each["name"] == "csrftoken"]
        return found

    before = token()
    page.context.clear_cookies(name="sessionid")
    tab = page.context.new_page()
    tab.goto("/accounts/login/")
    sign_in(tab, EMAIL)
    page.bring_to_front()
    for code in ("S6.2", "S6.3", "S6.4"):
        answer(page, code, "Emerging")
    expect_all_saved(page)

    assert token() != before
    assert watched.statuses == [200] * 4
    verdict.check(server, watched.journal)


@pytest.mark.faults(15, "Two tabs answer the same at once")
def test_row_15_one_tab_wins_and_the_other_shows_the_choice(watched, server, verdict, expected_errors):
    expected_errors.append(f"{REFUSED}409")
    page = watched.page
    second = page.context.new_page()
    for tab in (page, second):
        open_rating(tab, whole(server), "S6")
    codes = codes_of(server, ["S6"], 8)

    for code in codes:
        # Without waiting for each other.
        for tab, name in ((page, "Competent"), (second, "Emerging")):
            level(tab, code, name).evaluate("radio => radio.click()")
    for code in codes:
        expect_one_of(page, second, f"Two answers for {code}")

    assert sorted(watched.statuses) == [200] * 8 + [409] * 8
    verdict.check(server, watched.journal)


def expect_one_of(page: Page, second: Page, name: str) -> None:
    """Either tab shows the choice, and not both."""
    deadline = time.monotonic() + 20
    while not (shown := [tab.get_by_role("group", name=name).count() for tab in (page, second)]).count(1):
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)
    assert sorted(shown) == [0, 1]


DAY = 24 * 60 * 60
AT = "SELECT at FROM assessments_auditevent WHERE type = 'rating_saved' ORDER BY id DESC LIMIT 1"


@pytest.mark.faults(20, "The clock of the browser is a day wrong")
@pytest.mark.parametrize("days", [-1, 1], ids=["slow", "fast"])
def test_row_20_clock_of_the_browser_decides_nothing(watched, server, verdict, days):
    page = watched.page
    page.clock.set_fixed_time(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days))
    open_rating(page, whole(server), "S6")

    for code in ("S6.1", "S6.2", "S6.1"):
        answer(page, code, "Competent" if len(watched.statuses) < 2 else "Emerging")
    expect_all_saved(page)

    assert round((page.evaluate("Date.now()") / 1000 - time.time()) / DAY) == days
    assert [change.code for change in watched.journal] == ["S6.1", "S6.2", "S6.1"]
    verdict.check(server, watched.journal)
    ((at,),) = checker.rows(server.database_url, AT)
    expect(status(page)).to_contain_text(re.compile(r"All changes saved \d\d:\d\d"))
    verdict.note("s between the event and the server's clock", abs(checker.seconds_ago(at)), limit=60)
    verdict.judge()


@pytest.mark.faults(21, "The browser cannot keep anything")
@pytest.mark.parametrize("how", ["storage blocked", "disk full"])
def test_row_21_browser_says_so_and_still_saves(watched, server, verdict, expected_errors, how):
    expected_errors.append(NO_NETWORK)
    page = watched.page
    if how == "storage blocked":
        block_storage(page)
    open_rating(page, whole(server), "S6")
    if how == "disk full":
        fill_storage(page, server.url)

    expect_told_and_delivered(page, whole(server))

    assert len(watched.journal) == 2
    verdict.check(server, watched.journal)


@pytest.mark.faults(21, "The browser cannot keep anything, and an answer has to be chosen")
@pytest.mark.parametrize("how", ["storage blocked", "disk full"])
def test_row_21_answer_that_was_chosen_does_not_stand_in_the_way_later(watched, server, verdict, expected_errors, how):
    """The browser told the server that an answer waits here, and has to remember that it did."""
    expected_errors.append(f"{REFUSED}409")
    page = watched.page
    if how == "storage blocked":
        block_storage(page)
    open_rating(page, whole(server), "S6")
    if how == "disk full":
        fill_storage(page, server.url)
    second = page.context.new_page()
    open_rating(second, whole(server), "S6")
    answer(second, "S6.1", "Emerging")
    page.bring_to_front()

    with page.expect_response("**/outbox/"):
        level(page, "S6.1", "Competent").check()
    with page.expect_response("**/outbox/"):
        page.get_by_role("group", name="Two answers for S6.1").get_by_role("button", name="Keep Competent").click()
    expect_all_saved(page)

    third = page.context.new_page()
    third.goto(f"/assessments/{whole(server)}/share/")
    expect(third.get_by_role("button", name="Share", exact=True)).to_be_visible()
    expect(third.locator("main")).not_to_contain_text("has not reached the server")
    verdict.check(server, watched.journal)


# As a proxy or a captive portal words it.
FOREIGN = {
    "502": b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 11\r\n\r\nBad Gateway",
    "a page": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n<p>Welcome</p>",
    "nothing": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n",
    "other JSON": b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"ok": true}',
}


@pytest.mark.faults(29, "Something on the way answers in the server's place", quick=True)
def test_row_29_words_of_something_else_are_not_taken_for_saved(visits, server, verdict, expected_errors):
    expected_errors.append(f"{REFUSED}502")
    with proxy_to(server.port) as proxy:
        page = visits(server)("rater", base_url=f"http://127.0.0.1:{proxy.port}")
        watched = Watched(page.context)
        open_rating(page, whole(server), "S6")
        given = {}
        for code, reply in zip(("S6.1", "S6.2", "S6.3", "S6.4"), FOREIGN.values(), strict=True):
            proxy.reply, before = reply, proxy.replied
            level(page, code, "Competent").check()
            expect(status(page)).to_contain_text("No answer from the server – 1 change kept on this device")
            assert proxy.replied > before
            proxy.reply = None
            expect_all_saved(page)
            given[code] = "Competent"
        expect(group(page, "S6.1")).not_to_contain_text("Not saved")
        expect_stored(page, whole(server), given)

    assert len(watched.journal) == 4
    verdict.check(server, watched.journal)
    verdict.note("answers of something else", proxy.replied)
    verdict.judge()
