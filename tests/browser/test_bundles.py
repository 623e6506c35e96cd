"""All reports of a cohort: asked for, watched without reloading, downloaded. The worker runs beside the server."""

import zipfile
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.stage import working
from tests.browser.test_accessibility import AXE, TAGS

pytestmark = pytest.mark.browser

PASSWORD = "demo-pass-2026"
MINUTES = 60_000


def ask(page, *, days=560):
    """For the reports of the demo's first three assessments, or of those up to so many days ago."""
    page.goto("/cohort/reports/")
    page.get_by_label("Up to and including").fill((date.today() - timedelta(days=days)).isoformat())
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("One profile report of each therapist").uncheck()
    page.get_by_role("button", name="Ask for reports").click()
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()


def faults(page):
    page.evaluate(AXE)
    found = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)
    return [fault["id"] for fault in found["violations"]]


def test_reports_are_watched_and_downloaded(server, open_as, tmp_path):
    page = open_as("lead")
    ask(page)
    assert faults(page) == []

    with working(server):
        expect(page.get_by_role("progressbar")).to_be_visible(timeout=2 * MINUTES)
        expect(page.get_by_role("link", name="Look again")).to_be_hidden()
        assert faults(page) == []
        expect(page.get_by_role("button", name="Download the ZIP")).to_be_visible(timeout=9 * MINUTES)

    expect(page.locator("[data-bundle-status]")).to_contain_text("Ready: ")
    assert faults(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the ZIP").click()
    download.value.save_as(tmp_path / "reports.zip")
    assert zipfile.ZipFile(tmp_path / "reports.zip").testzip() is None


def test_without_javascript_one_looks_again_and_cancels(open_as):
    page = open_as("lead", javascript=False)
    ask(page)

    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_text("Cancelled. Nothing more is made.")).to_be_visible()


def test_button_keeps_the_focus_while_the_figures_change(server, open_as):
    page = open_as("lead")
    ask(page, days=0)

    with working(server):
        expect(page.get_by_role("progressbar")).to_be_visible(timeout=2 * MINUTES)
        page.get_by_role("button", name="Cancel").focus()
        before = page.locator("[data-told]").inner_text()
        expect(page.locator("[data-told]")).not_to_have_text(before, timeout=2 * MINUTES)

        expect(page.get_by_role("button", name="Cancel")).to_be_focused()
