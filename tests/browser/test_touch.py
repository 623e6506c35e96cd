"""The rating page on a tablet: large enough to touch, and nothing under the bar, the keyboard or the edge."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.rating import group, note, open_rating

pytestmark = pytest.mark.browser

TARGET = 44
PORTRAIT, LANDSCAPE = {"width": 820, "height": 1180}, {"width": 1180, "height": 820}
TABLETS = {"portrait": PORTRAIT, "landscape": LANDSCAPE}
# What an on-screen keyboard leaves.
ABOVE_KEYBOARD = {name: size | {"height": 400} for name, size in TABLETS.items()} | {
    "phone": {"width": 390, "height": 400}
}
# A window of 1280 by 1024 at 400 %.
ENLARGED = {"width": 320, "height": 256}
MOST_STOPS = 200

TOO_SMALL = """
least => [...document.querySelectorAll("a[href], button, summary, select, textarea, label:has(input)")]
  .filter(element => element.checkVisibility({ visibilityProperty: true }) && element.ariaHidden !== "true")
  // The link past the header is out of sight until it has focus.
  .filter(element => !element.matches(".skip"))
  .map(element => [element.getBoundingClientRect(), element])
  .filter(([box]) => box.width < least || box.height < least)
  .map(([box, element]) => `${box.width} x ${box.height}: ${element.outerHTML.slice(0, 100)}`)
"""
# How far the box of an element lies outside the window that the bar leaves free, in whole pixels.
HIDDEN = """
element => {
  const box = element.getBoundingClientRect();
  const bar = document.querySelector(".stick");
  const top = getComputedStyle(bar).position === "sticky" ? bar.getBoundingClientRect().bottom : 0;
  return Math.floor(Math.max(0, top - box.top, box.bottom - innerHeight));
}
"""
FOCUS = "() => document.querySelector('.rate__main').contains(document.activeElement) ? document.activeElement : null"


@pytest.fixture
def touch(visits, reading_server) -> Callable[..., Page]:
    """touch(viewport) is the rating page of a draft with every kind of answer, on a touch screen of that size."""

    def touch(viewport: dict[str, int], **options: object) -> Page:
        page = visits(reading_server)(
            "supervisor", viewport=viewport, has_touch=True, reduced_motion="reduce", **options
        )
        open_rating(page, reading_server.facts["rated"], "S2")
        assert page.evaluate("matchMedia('(pointer: coarse)').matches")
        return page

    return touch


def hidden(element: Locator) -> int:
    return element.evaluate(HIDDEN)


def open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(element => element.open = true)")


@pytest.mark.parametrize("size", TABLETS)
def test_targets_are_large_enough_to_touch(touch, size):
    page = touch(TABLETS[size])

    open_everything(page)

    assert page.evaluate(TOO_SMALL, TARGET) == []


def test_targets_of_the_map_are_large_enough_to_touch(touch):
    page = touch(PORTRAIT)

    page.get_by_text("Map", exact=True).first.tap()

    expect(page.get_by_role("navigation", name="Map of the framework")).to_be_visible()
    assert page.evaluate(TOO_SMALL, TARGET) == []


def test_targets_beside_the_statements_are_large_enough_to_touch(touch):
    page = touch({"width": 1440, "height": 900})

    open_everything(page)

    assert page.evaluate(TOO_SMALL, TARGET) == []


@pytest.mark.parametrize("code", ["S2.1", "S2.5", "S2.10"])
@pytest.mark.parametrize("size", ABOVE_KEYBOARD)
def test_note_is_whole_above_the_keyboard(touch, size, code):
    page = touch(ABOVE_KEYBOARD[size])
    if not note(page, code).is_visible():
        group(page, code).get_by_text(f"Note on {code}").first.tap()

    note(page, code).tap()

    expect(note(page, code)).to_be_focused()
    assert hidden(note(page, code)) == 0


@pytest.mark.parametrize("size", ABOVE_KEYBOARD)
def test_long_note_is_whole_above_the_keyboard(touch, size):
    page = touch(ABOVE_KEYBOARD[size])
    note(page, "S2.2").evaluate("element => element.value = 'Named two of the stages. '.repeat(200)")

    note(page, "S2.2").focus()

    assert hidden(note(page, "S2.2")) == 0


@pytest.mark.parametrize("size", [*TABLETS.values(), *ABOVE_KEYBOARD.values(), ENLARGED], ids=str)
def test_nothing_with_focus_is_hidden(touch, size):
    page = touch(size)
    open_everything(page)
    page.locator("[name='answer-S2.1']").first.focus()
    found = []

    for _ in range(MOST_STOPS):
        focus = page.evaluate_handle(FOCUS).as_element()
        if focus is None:
            break
        if covered := focus.evaluate(HIDDEN):
            found.append(f"{covered} px of {focus.evaluate('element => element.outerHTML.slice(0, 90)')}")
        page.keyboard.press("Tab")

    assert found == []
    expect(page.get_by_role("link", name="Accessibility")).to_be_focused()


@pytest.mark.parametrize(("size", "zoom"), [({"width": 320, "height": 640}, 1), (ENLARGED, 4)], ids=["320 px", "400 %"])
def test_page_never_scrolls_sideways(touch, size, zoom):
    page = touch(size, device_scale_factor=zoom)

    open_everything(page)

    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
