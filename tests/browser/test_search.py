"""Suggestions under the search field: by keyboard, by mouse, and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import AXE, TAGS

pytestmark = pytest.mark.browser

MAP = "/frameworks/ipt/1.0/"


@pytest.fixture
def page(visits, reading_server):
    page = visits(reading_server)()
    page.goto(MAP)
    return page


def field(page):
    return page.get_by_label("Search all competences")


def options(page):
    return page.get_by_role("listbox", name="Statements found").get_by_role("option")


def test_suggestions_are_chosen_with_the_keyboard(page):
    field(page).press_sequentially("grief")
    expect(options(page).nth(1)).to_be_visible()
    code = options(page).nth(1).locator(".code").inner_text()

    field(page).press("ArrowDown")
    field(page).press("ArrowDown")
    expect(field(page)).to_have_attribute("aria-activedescendant", "q-suggestions-1")
    expect(options(page).nth(1)).to_have_attribute("aria-selected", "true")
    field(page).press("Enter")

    expect(page).to_have_url(re.compile(rf"/activities/.*#{re.escape(code)}$"))


def test_keys_go_round_and_back_to_the_field(page):
    field(page).press_sequentially("S2.5")
    expect(options(page)).to_have_count(1)
    places = []

    for _ in range(3):
        field(page).press("ArrowUp")
        places.append(field(page).get_attribute("aria-activedescendant"))

    assert places == ["q-suggestions-0", None, "q-suggestions-0"]


def test_escape_closes_and_enter_searches(page):
    field(page).press_sequentially("grief")
    expect(options(page).first).to_be_visible()
    field(page).press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field(page)).to_have_attribute("aria-expanded", "false")

    field(page).press("Enter")

    expect(page).to_have_url(re.compile(r"\?q=grief$"))


def test_suggestion_is_chosen_with_the_mouse(page):
    field(page).press_sequentially("S2.5")

    options(page).first.click()

    expect(page).to_have_url(re.compile(r"/activities/S2/#S2\.5$"))


def test_number_of_suggestions_is_told(page):
    field(page).press_sequentially("ability")
    expect(page.get_by_role("status")).to_have_text("The first 20 statements. Choose with the arrow keys.")

    field(page).press_sequentially(" xyzzy")

    expect(page.get_by_role("status")).to_have_text("No statement found")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_leaving_the_field_closes_the_suggestions(page):
    field(page).press_sequentially("S2.5")
    expect(options(page)).to_have_count(1)

    field(page).press("Tab")

    expect(page.get_by_role("listbox")).to_be_hidden()


def test_open_suggestions_have_no_fault_that_axe_can_find(page):
    field(page).press_sequentially("grief")
    expect(options(page).first).to_be_visible()
    field(page).press("ArrowDown")
    page.evaluate(AXE)

    found = page.evaluate("tags => axe.run({ runOnly: tags })", TAGS)

    assert [(fault["id"], fault["nodes"][0]["target"]) for fault in found["violations"]] == []


def test_search_works_without_javascript(visits, reading_server):
    page = visits(reading_server)(javascript=False)
    page.goto(MAP)

    field(page).fill("grief")
    page.get_by_role("button", name="Search").click()

    expect(page).to_have_url(re.compile(r"\?q=grief$"))
