"""Whoever presses a button twice does a thing once, and is not told off for the second press."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rating import answer, expect_all_saved, open_rating

pytestmark = pytest.mark.browser


def test_sharing_twice_shares_and_shows_what_was_shared(open_as, draft):
    page = open_as("supervisor")
    open_rating(page, draft, "S6")
    answer(page, "S6.1", "Competent")
    expect_all_saved(page)
    page.goto(f"/assessments/{draft}/share/")

    page.get_by_role("button", name="Share").dblclick()

    expect(page).to_have_url(re.compile(rf"/assessments/{draft}/$"))
    expect(page.get_by_text("Shared with Amara Okafor.")).to_be_visible()


def test_starting_twice_begins_one_draft(open_as):
    page = open_as("therapist")
    before = drafts(page)
    page.goto("/assessments/self/new/")
    page.get_by_label("Date of the session").fill("2026-01-05")

    page.get_by_role("button", name="Start rating").dblclick()

    expect(page).to_have_url(re.compile(r"/activities/"))
    assert drafts(page) == before + 1


def test_pressing_again_after_typing_counts(open_as):
    page = open_as("therapist")
    page.goto("/assessments/self/new/")
    page.get_by_role("button", name="Start rating").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_label("Date of the session").fill("2026-01-05")
    page.get_by_role("button", name="Start rating").click()

    expect(page).to_have_url(re.compile(r"/activities/"))


def drafts(page: Page) -> int:
    page.goto("/assessments/")
    return page.get_by_text("Draft", exact=True).count()
