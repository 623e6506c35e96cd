"""What the tests do on the rating page, in the words of people."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

NO_NETWORK = "Failed to load resource: net::ERR_"
REFUSED = "Failed to load resource: the server responded with a status of "
PASSWORD = "demo-pass-2026"
TRIES = 10
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


def lose_session(page: Page, code: str, *, name: str | None = "sessionid") -> None:
    """Take away the session, or without a name every cookie, of a page that has already sent an answer.

    Before its first answer a page may still be asking for the key of its outbox, and would ask to sign in at once.
    """
    answer(page, code, "Developing")
    expect_all_saved(page)
    page.context.clear_cookies(name=name)


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
    """A tab opened afterwards shows what the server has, or will have once it has taken what is on its way."""
    tab = page.context.new_page()
    for code, name in answers.items():
        path = f"/assessments/{assessment}/activities/{code.split('.')[0]}/"
        if not tab.url.endswith(path):
            tab.goto(path)
        for _ in range(TRIES):
            if level(tab, code, name).is_checked():
                break
            tab.wait_for_timeout(500)
            tab.reload()
        expect(level(tab, code, name)).to_be_checked()
    tab.close()


def banner(page: Page) -> Locator:
    """What an earlier page left behind."""
    return page.locator("[data-unsent]")


def sign_in_over(page: Page, password: str) -> None:
    """In the dialog that has opened over the page."""
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.get_by_label("Password").fill(password)
    dialog.get_by_role("button", name="Sign in").click()


def sign_in(tab: Page, email: str = "supervisor@example.org") -> None:
    """On the page for it, on which the tab is."""
    tab.get_by_label("E-mail address").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", name="My therapists")).to_be_visible()


def expect_told_and_delivered(page: Page, draft: str) -> None:
    """Offline the page does not promise to keep what it cannot, and sends it once it is back."""
    answer(page, "S6.1", "Competent")
    expect_all_saved(page)
    page.context.set_offline(True)
    level(page, "S6.2", "Emerging").check()
    expect(status(page)).to_contain_text("Offline – 1 change not saved yet. Keep this page open.")
    page.context.set_offline(False)
    expect_all_saved(page)
    expect_stored(page, draft, {"S6.1": "Competent", "S6.2": "Emerging"})


def block_storage(page: Page) -> None:
    """As a private window or a policy does it."""
    page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('blocked', 'SecurityError'); };")


def fill_storage(page: Page, origin: str) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 1})


def expect_killed_browser_offers(
    start: Callable[[], BrowserContext], profile: Path, draft: str, codes: list[str]
) -> BrowserContext:
    """Answers given offline, SIGKILL to the whole browser, then a new start with the same profile: all are offered,
    sent and stored. Answers the second browser.
    """
    context = start()
    pages = {activity: context.new_page() for activity in dict.fromkeys(code.split(".")[0] for code in codes)}
    for activity, page in pages.items():
        open_rating(page, draft, activity)
    context.set_offline(True)
    for activity, page in pages.items():
        # A tab that nobody sees is slow.
        page.bring_to_front()
        for code in codes:
            if code.startswith(f"{activity}."):
                level(page, code, "Developing").check()
        count = sum(code.startswith(f"{activity}.") for code in codes)
        expect(status(page)).to_contain_text(f"{count} change{'s' * (count > 1)} kept on this device")
    subprocess.run(["pkill", "-KILL", "-f", f"user-data-dir={profile}"], check=True)

    context = start()
    page = context.new_page()
    page.goto("/")
    expect(banner(page)).to_contain_text(f"{len(codes)} answers")
    banner(page).get_by_role("button", name="Send").click()
    expect(banner(page)).to_contain_text("Everything from this device is saved", timeout=30_000)
    expect_stored(page, draft, dict.fromkeys(codes, "Developing"))
    return context
