"""The main job from end to end: assess, check, share, read, reply, sign, and the report in both hands."""

import datetime
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rating import ALL_SAVED, flag, group, level, note, status, write_note

pytestmark = pytest.mark.browser

PASSWORD = "demo-pass-2026"
REPLY = "I would add that the second half was quieter than it sounds."
STRENGTH = "Uses humour lightly and never at the client's cost (M3.1)."
SUMMARY = "A warm session in which the timeline became the client's own."
GOAL = "Ask what came before each entry on the timeline."
NOT_FOUND = "Failed to load resource: the server responded with a status of 404"


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_assessment_from_start_to_both_signatures(open_as, javascript, expected_errors):
    expected_errors.append(NOT_FOUND)
    supervisor = open_as(javascript=javascript)
    sign_in(supervisor, "supervisor@example.org")
    expect(supervisor.get_by_role("heading", name="My therapists")).to_be_visible()
    start(supervisor)
    draft = re.sub(r"activities/.*", "", supervisor.url)
    rate_timeline(supervisor, javascript=javascript)
    rate_humour(supervisor)
    check(supervisor)

    therapist = open_as(javascript=javascript)
    sign_in(therapist, "therapist@example.org")
    assert therapist.goto(draft).status == 404
    assert therapist.goto(f"{draft}report.pdf").status == 404
    share(supervisor)
    read_reply_and_sign(therapist, draft)
    sign(supervisor, draft)

    theirs, mine = download_report(therapist, draft), download_report(supervisor, draft)
    assert theirs == mine
    assert mine.startswith(b"%PDF-")
    expect_new_levels(therapist)


def sign_in(page: Page, email: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def start(page: Page) -> None:
    """A recorded session with consent, on two chosen activities."""
    page.get_by_role("link", name="Start an assessment of Amara Okafor").click()
    page.get_by_label("Recorded session").check()
    page.get_by_label("The client has consented").check()
    page.get_by_label("Date of the session").fill(datetime.date.today().isoformat())
    page.get_by_label("Case number").fill("3")
    page.get_by_label("Session number").fill("5")
    page.get_by_label("Phase", exact=True).select_option(label="Initial")
    page.get_by_label("Problem area").select_option(label="Grief")
    page.get_by_label("Only the domains and activities ticked below").check()
    page.get_by_label("B5 Timeline").check()
    page.get_by_label("M3 Humour").check()
    page.get_by_role("button", name="Start rating").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("B5")


def rate_timeline(page: Page, *, javascript: bool) -> None:
    """Every kind of answer. Nothing is chosen beforehand, and B5.7 stays unrated."""
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    if javascript:
        expect(page.locator("html.scripted")).to_be_attached()
        level(page, "B5.1", "Developing").focus()
        page.keyboard.press("4")
        expect(level(page, "B5.1", "Competent")).to_be_checked()
    else:
        level(page, "B5.1", "Competent").check()
    level(page, "B5.2", "Not applicable").check()
    note(page, "B5.2").fill("The client keeps a diary that serves the same end.")
    level(page, "B5.3", "Emerging").check()
    flag(page, "Concern on B5.3")
    note(page, "B5.3").fill("Two losses in one month were passed over.")
    level(page, "B5.4", "Developing").check()
    flag(page, "Priority B5.4")
    level(page, "B5.5", "Advanced").check()
    write_note(page, "B5.5", "The client drew the link alone, at 22:00.")
    level(page, "B5.6", "Competent").check()
    save(page)
    expect(group(page, "B5.6").get_by_role("radio", checked=True)).to_have_count(1)
    page.get_by_role("button", name="Clear B5.6").click()
    expect(group(page, "B5.6").get_by_role("radio", checked=True)).to_have_count(0)
    expect(level(page, "B5.1", "Competent")).to_be_checked()


def rate_humour(page: Page) -> None:
    page.get_by_role("button", name="M3 Humour").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("M3")
    for number in range(1, 4):
        level(page, f"M3.{number}", "Advanced").check()
    level(page, "M3.4", "Not observed").check()
    level(page, "M3.5", "Advanced").check()
    save(page)
    page.reload()
    expect(level(page, "M3.1", "Advanced")).to_be_checked()
    expect(level(page, "M3.4", "Not observed")).to_be_checked()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(status(page)).to_have_text(re.compile(rf"{ALL_SAVED.pattern}|^\s*Saved at \d\d:\d\d\.\s*$"))


def check(page: Page) -> None:
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", name="Check before sharing")).to_be_visible()
    expect(page.get_by_text("2 of 7 unrated")).to_be_visible()
    expect(page.get_by_role("heading", name="One concern")).to_be_visible()
    expect(page.get_by_label("Strengths")).to_have_value("The client drew the link alone, at 22:00 (B5.5).")
    expect(page.get_by_label("Needs")).to_have_value(re.compile(r"Two losses in one month were passed over \(B5\.3\)"))
    page.get_by_label("Strengths").fill(STRENGTH)
    page.get_by_label("Overall summary").fill(SUMMARY)
    page.get_by_role("button", name="Add a goal").click()
    page.get_by_label("What to work on").fill(GOAL)
    page.get_by_label("Competences it is tied to").fill("B5.3, B5.4")
    page.get_by_role("button", name="Save the goal").click()
    expect(page.get_by_role("heading", name=GOAL)).to_be_visible()
    expect(page.get_by_label("Strengths")).to_have_value(STRENGTH)


def share(page: Page) -> None:
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("heading", name="Share with Amara Okafor")).to_be_visible()
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_text("Shared with Amara Okafor.")).to_be_visible()


def read_reply_and_sign(page: Page, assessment: str) -> None:
    page.goto("/")
    waiting = page.get_by_role("region", name="Waiting for you")
    waiting.locator(f'a[href="{path_of(assessment)}"]').click()
    for words in (STRENGTH, SUMMARY, GOAL, "Two losses in one month were passed over."):
        expect(page.get_by_role("main")).to_contain_text(words)
    page.get_by_role("link", name="Reply").click()
    page.get_by_label("I agree in part").check()
    page.get_by_label("Your reply").fill(REPLY)
    page.get_by_role("button", name="Save the reply").click()
    expect(page.get_by_role("main")).to_contain_text(REPLY)
    sign(page, assessment)
    expect(page.get_by_text("Your signature is recorded.")).to_be_visible()


def sign(page: Page, assessment: str) -> None:
    page.goto(assessment)
    page.get_by_role("link", name="Sign off").click()
    page.get_by_label("Your password").fill("not-my-password")
    page.get_by_role("button", name="Sign off").click()
    expect(page.get_by_text("This is not your password. Nothing was signed.").first).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign off").click()
    expect(page.locator(".signed")).to_contain_text("Signed by")


def download_report(page: Page, assessment: str) -> bytes:
    page.goto(assessment)
    expect(page.get_by_text("It never changes.")).to_be_visible()
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("link", name="Report (PDF)").click()
    return Path(download.value.path()).read_bytes()


def expect_new_levels(page: Page) -> None:
    page.goto("/")
    card = page.get_by_role("listitem").filter(has=page.locator('a[href*="activities/M3/"]')).last
    expect(card).to_contain_text("Median level 5, Advanced.")
    expect(page.get_by_text(GOAL)).to_be_visible()


def path_of(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)
