"""From home to the exact place where somebody stopped."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rating import answer, group, open_rating

pytestmark = pytest.mark.browser

SCREENS = {
    "desktop": {"width": 1440, "height": 900},
    "tablet": {"width": 820, "height": 1180},
    "phone": {"width": 390, "height": 844},
}
# Whether the element begins in the window and below the sticky bar.
IN_SIGHT = """
element => {
  const top = element.getBoundingClientRect().top;
  return top >= document.querySelector(".stick").getBoundingClientRect().bottom && top < innerHeight / 2;
}
"""


def expect_in_sight(page: Page, code: str) -> None:
    expect(group(page, code)).to_be_in_viewport()
    assert group(page, code).evaluate(IN_SIGHT)


def expect_focus_at(page: Page, code: str) -> None:
    """Focus is in the group, or one Tab leads there."""
    has_focus = "element => element.contains(document.activeElement)"
    if not group(page, code).evaluate(has_focus):
        page.keyboard.press("Tab")
    assert group(page, code).evaluate(has_focus)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", SCREENS)
def test_one_click_leads_from_home_to_the_place_where_work_stopped(open_as, server, size, javascript):
    writer = open_as("supervisor")
    open_rating(writer, server.facts["rated"], "S2")
    answer(writer, "S2.4", "Competent")
    page = open_as("supervisor", javascript=javascript, viewport=SCREENS[size])
    page.goto("/")

    page.get_by_role("link", name=re.compile("^(Resume|Begin) at")).first.click()

    expect(page).to_have_url(re.compile(f"/assessments/{server.facts['rated']}/activities/S2/#item-S2.5$"))
    expect(group(page, "S2.5").get_by_role("radio", checked=True)).to_have_count(0)
    expect_in_sight(page, "S2.5")
    expect_focus_at(page, "S2.5")


@pytest.mark.parametrize("size", SCREENS)
def test_one_click_leads_from_home_to_the_beginning_of_a_new_draft(open_as, server, size):
    page = open_as("supervisor", viewport=SCREENS[size])
    page.goto("/")

    page.get_by_role("link", name=re.compile("^(Resume|Begin) at")).first.click()

    expect(page).to_have_url(re.compile(f"/assessments/{server.facts['nine']}/activities/A1/"))
    expect_in_sight(page, "A1.1")
