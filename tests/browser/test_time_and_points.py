"""What was ticked as seen, and the time in the recording, travel with the answer as it is given."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rating import (
    REFUSED,
    expect_all_saved,
    group,
    level,
    open_rating,
    write_note,
)

pytestmark = pytest.mark.browser
CODE = "S7.1"


def points(page: Page) -> list[bool]:
    boxes = group(page, CODE).locator(".subs").get_by_role("checkbox")
    return [box.is_checked() for box in boxes.all()]


def tick(page: Page, number: int) -> None:
    group(page, CODE).locator(".subs").get_by_role("checkbox").nth(number).check()


def time_in(page: Page):
    return group(page, CODE).get_by_label(f"Time in the recording for {CODE} (mm:ss)")


@pytest.fixture
def opened(page, draft):
    open_rating(page, draft, "S7")
    return page


def test_ticks_and_time_are_saved_and_stand_when_the_page_is_opened_again(opened):
    tick(opened, 0)
    tick(opened, 2)
    level(opened, CODE, "Competent").check()
    expect_all_saved(opened)
    write_note(opened, CODE, "Asked gently.")
    with opened.expect_response(lambda response: "14%3A20" in (response.request.post_data or "")):
        time_in(opened).fill("14:20")
        time_in(opened).blur()
    expect_all_saved(opened)

    opened.reload()

    assert points(opened) == [True, False, True, False, False]
    expect(time_in(opened)).to_have_value("14:20")
    expect(level(opened, CODE, "Competent")).to_be_checked()


def test_tick_alone_is_kept_and_clear_takes_it_back(opened):
    tick(opened, 1)
    expect_all_saved(opened)
    opened.reload()
    assert points(opened) == [False, True, False, False, False]

    with opened.expect_response(f"**/ratings/{CODE}/"):
        group(opened, CODE).get_by_role("button", name=f"Clear {CODE}").click()
    expect_all_saved(opened)

    opened.reload()
    assert points(opened) == [False] * 5


def test_time_that_is_none_is_told_beside_it_and_saved_once_mended(opened, expected_errors):
    expected_errors.append(f"{REFUSED}422")
    level(opened, CODE, "Competent").check()
    write_note(opened, CODE, "Asked gently.")
    time_in(opened).fill("soon")
    time_in(opened).blur()
    told = group(opened, CODE).locator("[data-error]")
    expect(told).to_have_text("Not saved. This is not a time in the recording. Write minutes and seconds, as in 14:20.")

    time_in(opened).fill("14:20")
    time_in(opened).blur()

    expect_all_saved(opened)
    expect(told).to_be_empty()


def test_two_tabs_show_both_ticks_and_the_choice_takes_them_over(opened, draft, expected_errors):
    expected_errors.append(f"{REFUSED}409")
    other = opened.context.new_page()
    open_rating(other, draft, "S7")
    tick(other, 4)
    expect_all_saved(other)

    tick(opened, 0)
    clash = group(opened, CODE).get_by_role("group", name=f"Two answers for {CODE}")
    expect(clash).to_contain_text("Points seen: S7.1.a")
    expect(clash).to_contain_text("Points seen: S7.1.e")
    clash.get_by_role("button").last.click()

    expect(clash).to_have_count(0)
    assert points(opened) == [False, False, False, False, True]
