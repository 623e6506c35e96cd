"""What the tests do on the rating page, in the words of people."""

import re

from playwright.sync_api import Locator, Page, expect

NO_NETWORK = "Failed to load resource: net::ERR_"
REFUSED = "Failed to load resource: the server responded with a status of "
PASSWORD = "demo-pass-2026"
ALL_SAVED = re.compile(r"^\s*All changes saved \d\d:\d\d\s*$")


def open_rating(page: Page, assessment: str, activity: str) -> None:
    page.goto(f"/assessments/{assessment}/activities/{activity}/")
    expect(page.locator("html.scripted")).to_be_attached()


def group(page: Page, code: str) -> Locator:
    """The radio group of a competence."""
    return page.locator(f'[data-code="{code}"]')


def level(page: Page, code: str, name: str) -> Locator:
    return group(page, code).get_by_role("radio", name=name, exact=True)


def answer(page: Page, code: str, name: str) -> None:
    """Click a level and wait until the server has it. The status alone may still speak of the answer before."""
    with page.expect_response(re.compile(rf"/ratings/{re.escape(code)}/")):
        level(page, code, name).check()


def note(page: Page, code: str) -> Locator:
    return group(page, code).locator("textarea")


def write_note(page: Page, code: str, text: str) -> None:
    if not note(page, code).is_visible():
        group(page, code).get_by_text(f"Note on {code}").first.click()
    note(page, code).press_sequentially(text)


def flag(page: Page, name: str) -> None:
    """Tick "Concern on S2.1" or "Priority S2.1", whose box itself is out of sight."""
    box = page.get_by_role("checkbox", name=name, exact=True)
    page.locator("label").filter(has=box).click()
    expect(box).to_be_checked()


def status(page: Page) -> Locator:
    return page.locator("[data-save-status]")


def expect_all_saved(page: Page, *, within: float = 20_000) -> None:
    expect(status(page)).to_have_text(ALL_SAVED, timeout=within)


def expect_stored(page: Page, assessment: str, answers: dict[str, str]) -> None:
    """A tab opened afterwards shows what the server has."""
    tab = page.context.new_page()
    for code, name in answers.items():
        path = f"/assessments/{assessment}/activities/{code.split('.')[0]}/"
        if not tab.url.endswith(path):
            tab.goto(path)
        expect(level(tab, code, name)).to_be_checked()
    tab.close()
