"""From two lists as their authors publish them to two revisions, the second mapped onto the first."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.stage import ROOT
from tests.browser.test_accessibility import DESKTOP, NARROWEST, faults, overflow

pytestmark = pytest.mark.browser

ASVS = ROOT / "tests" / "files" / "asvs"
FRAMEWORK = "Application Security Verification Standard"
DECISIONS = 509  # one for each of the 286 older requirements, and for each newer one that continues none of them


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_two_revisions_from_file_to_mapping(open_as, javascript):
    # Only bypassing the policy lets axe in; under the policy the pages run in the other round.
    page = open_as("admin", javascript=javascript, viewport=DESKTOP, bypass_csp=javascript, reduced_motion="reduce")
    look = Looking(page, javascript=javascript)

    load(look, "4.0.3")
    publish(look, "4.0.3")
    load(look, "5.0.0", follows="4.0.3")
    confirm_all(look)
    publish(look, "5.0.0")

    carry_over(look)
    assert look.found == []


class Looking:
    """A page, and what is wrong with each state that was looked at."""

    def __init__(self, page: Page, *, javascript: bool) -> None:
        self.page, self.javascript = page, javascript
        self.found: list[str] = []

    def at(self, heading: str) -> None:
        """The page has this heading, no fault that axe finds, and fits the narrowest screen."""
        expect(self.page.get_by_role("heading", name=heading).first).to_be_visible()
        if not self.javascript:
            return
        self.found += [f"{heading}: {fault}" for fault in faults(self.page)]
        self.page.set_viewport_size(NARROWEST)
        if (too_wide := overflow(self.page)) > 0:
            self.found.append(f"{heading}: scrolls sideways by {too_wide} px")
        self.page.set_viewport_size(DESKTOP)

    def press(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name).first.click()


def load(look: Looking, number: str, *, follows: str = "") -> None:
    """Upload, columns, about, preview, difference, and keep as a draft."""
    page = look.page
    page.goto("/manage/frameworks/")
    look.at("Manage frameworks")
    page.get_by_label("File", exact=True).set_input_files(ASVS / f"{number}.csv")
    look.press("Look at it")
    look.at("What each column is")
    look.press("Save and go on")
    look.at("What this revision is")
    describe(page, number, follows)
    look.press("Save and look at the result")
    look.at("Keep it as a draft")
    if follows:
        page.get_by_role("link", name="Difference").click()
        look.at(f"What changes from {follows}")
        page.get_by_role("link", name="To the preview").click()
    confirmation = page.get_by_label("I have read the warnings")
    if confirmation.count():
        confirmation.check()
    look.press("Keep as a draft")
    expect(page.get_by_text("is a draft now.")).to_be_visible()


def describe(page: Page, number: str, follows: str) -> None:
    page.get_by_label("Framework's address").fill("asvs")
    page.get_by_label("Framework", exact=True).fill(FRAMEWORK)
    page.get_by_label("Number of this revision").fill(number)
    page.get_by_label("Title of this revision").fill("ASVS")
    page.get_by_label("Rights holder").fill("OWASP Foundation")
    page.get_by_label("Licence").fill("CC BY-SA 4.0")
    if follows:
        page.get_by_label("Follows").select_option(label=f"{FRAMEWORK}: ASVS {follows}")


def publish(look: Looking, number: str) -> None:
    look.page.goto(f"/manage/frameworks/asvs/{number}/")
    look.at(f"{FRAMEWORK}, revision {number}")
    look.press(f"Publish {number}")
    expect(look.page.get_by_text("Published. From now on it never changes.")).to_be_visible()


def confirm_all(look: Looking) -> None:
    """What needs no judgement in one go, the rest page by page."""
    page = look.page
    look.press("Publish 5.0.0")
    expect(page.get_by_text("still to be confirmed in the mapping")).to_be_visible()
    page.get_by_role("link", name="Look at the mapping").click()
    look.at(f"{FRAMEWORK}, revision 4.0.3 to 5.0.0")
    expect(filter_of(page, "All")).to_have_text(re.compile(rf"\({DECISIONS}\)"))
    look.press(re.compile(r"Confirm all \d+ that need no judgement"))
    expect(page.get_by_text("Confirmed what needed no judgement.")).to_be_visible()
    while page.get_by_role("button", name="on this page").count():
        # The page before says the same words.
        with page.expect_navigation():
            look.press("on this page")
        expect(page.get_by_text(re.compile(r"Confirmed: \d+\."))).to_be_visible()
    expect(filter_of(page, "To confirm")).to_have_text(re.compile(r"\(0\)"))
    look.at(f"{FRAMEWORK}, revision 4.0.3 to 5.0.0")


def filter_of(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Show").get_by_role("link", name=name)


def carry_over(look: Looking) -> None:
    look.press("Carry earlier ratings over")
    expect(look.page.get_by_role("button", name="Undo the carry-over")).to_be_visible()
    look.at("Earlier ratings")
