"""Somebody without an account: asked by a supervisor, let in by link and code, rates, hands in, and is out."""

import datetime
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rating import REFUSED, level
from tests.browser.stage import Server
from tests.browser.test_accessibility import PHONE, faults, overflow
from tests.browser.test_journey import save

pytestmark = pytest.mark.browser

Look = Callable[[Page, str], None]


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_occasional_rater_from_asking_to_handing_in(server, open_as, javascript, expected_errors):
    expected_errors.append(f"{REFUSED}40")
    supervisor, rater = open_as("supervisor", javascript=javascript), open_as(javascript=javascript)
    links = f"/therapists/{server.facts['therapist']}/raters/"
    ask(supervisor, links)
    address = newest(server, r"/rate/[\w-]+/")

    come_in(rater, server, address)
    draft = rater.url
    assert [rater.goto(page).status for page in ["/therapists/", "/assessments/", links]] == [404, 404, 404]
    rate(rater, draft)
    expect_state(supervisor, links, "In progress")
    hand_in(rater, draft)
    rater.goto(address)
    expect(rater.get_by_text("Your part is done.")).to_be_visible()
    assert rater.goto(draft).status == 403

    expect_state(supervisor, links, "Handed in")
    supervisor.get_by_role("link", name="Read it").click()
    expect(supervisor.get_by_role("main")).to_contain_text("by Dr Ada Nkosi, Consultant psychiatrist")
    expect(supervisor.get_by_role("main")).to_contain_text("B5.1")


def ask(page: Page, links: str, look: Look = lambda page, name: None) -> None:
    page.goto(links)
    page.get_by_role("link", name="Ask a rater").click()
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("Profession: this is missing.").first).to_be_visible()
    look(page, "asking")
    page.get_by_label("Name", exact=True).fill("Dr Ada Nkosi")
    page.get_by_label("E-mail address").fill("ada.nkosi@example.net")
    page.get_by_label("Profession").fill("Consultant psychiatrist")
    page.get_by_label("Live session").check()
    page.get_by_label("Date of the session").fill(datetime.date.today().isoformat())
    page.get_by_label("Only the domains and activities ticked below").check()
    page.get_by_label("B5 Timeline").check()
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("The link is on its way to Dr Ada Nkosi.")).to_be_visible()


def newest(server: Server, pattern: str) -> str:
    """What the newest e-mail says, which the server prints where it has no mail server."""
    return re.findall(pattern, server.log.read_text())[-1]


def come_in(page: Page, server: Server, address: str, look: Look = lambda page, name: None) -> None:
    page.goto(address)
    page.get_by_role("button", name="Send me the code").click()
    page.get_by_label("Code").fill("12")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This is not the code").first).to_be_visible()
    look(page, "code")
    page.get_by_label("Code").fill(newest(server, r"Your code is (\d{6})"))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1, name="Amara Okafor")).to_be_visible()


def rate(page: Page, draft: str) -> None:
    page.goto(f"{draft}activities/B5/")
    level(page, "B5.1", "Competent").check()
    level(page, "B5.2", "Not observed").check()
    save(page)


def expect_state(page: Page, links: str, state: str) -> None:
    page.goto(links)
    expect(page.get_by_role("listitem").filter(has_text="Dr Ada Nkosi")).to_contain_text(state)


def hand_in(page: Page, draft: str) -> None:
    page.goto(f"{draft}check/")
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("heading", name="Hand in your rating")).to_be_visible()
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("Your part is done.")).to_be_visible()


def test_pages_have_no_fault_and_fit_a_phone(server, open_as, expected_errors):
    expected_errors.append(f"{REFUSED}40")
    # Only bypassing the policy lets axe in; under the policy the pages run in the test above.
    supervisor, rater = (open_as(who, bypass_csp=True, viewport=PHONE) for who in ["supervisor", None])
    links = f"/therapists/{server.facts['therapist']}/raters/"
    found = {}

    def look(page: Page, name: str) -> None:
        found[name] = [*faults(page), overflow(page)]

    ask(supervisor, links, look=look)
    look(supervisor, "asked")
    come_in(rater, server, newest(server, r"/rate/[\w-]+/"), look=look)
    draft = rater.url
    look(rater, "draft")
    rate(rater, draft)
    look(rater, "rating")
    rater.goto(f"{draft}withdraw/")
    look(rater, "declining")
    hand_in(rater, draft)
    look(rater, "thanks")

    assert {name: faulty for name, faulty in found.items() if faulty != [0]} == {}
    assert len(found) == 7
