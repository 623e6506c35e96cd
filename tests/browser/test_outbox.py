"""What a browser keeps: it survives the browser, only its own person can read or send it, and nobody forgets it."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rating import (
    NO_NETWORK,
    PASSWORD,
    REFUSED,
    answer,
    banner,
    block_storage,
    expect_all_saved,
    expect_killed_browser_offers,
    expect_stored,
    expect_told_and_delivered,
    fill_storage,
    group,
    level,
    lose_session,
    note,
    open_rating,
    status,
    write_note,
)

pytestmark = pytest.mark.browser

SECRET = "Named the grief before the client did."


def kept(page: Page) -> list[dict]:
    """What lies in the browser's own database, as anybody who has the device finds it."""
    entries = page.evaluate(
        """async () => (await indexedDB.databases()).length && new Promise((resolve, reject) => {
            const request = indexedDB.open("answers");
            request.onerror = () => reject(request.error);
            request.onsuccess = () => {
                const all = request.result.transaction("entries").objectStore("entries").getAll();
                all.onsuccess = () => resolve(all.result.map((entry) => ({
                    ...entry, sealed: new TextDecoder("latin1").decode(entry.sealed.bytes),
                })));
            };
        })"""
    )
    return entries or []


def leave_unsent(page: Page, draft: str, expected_errors: list[str]) -> Page:
    """Two answers stay behind in a page that is gone; another page of the same browser is back online."""
    expected_errors.append(NO_NETWORK)
    page.context.set_offline(True)
    level(page, "S6.1", "Competent").check()
    write_note(page, "S6.2", SECRET)
    level(page, "S6.2", "Emerging").check()
    expect(status(page)).to_contain_text("Offline – 2 changes kept on this device")
    page.close(run_before_unload=False)
    page = page.context.pages[0] if page.context.pages else page.context.new_page()
    page.context.set_offline(False)
    return page


def test_what_is_kept_is_sealed_and_gone_once_saved(page, draft, expected_errors):
    expected_errors.append(NO_NETWORK)
    page.context.set_offline(True)

    write_note(page, "S6.2", SECRET)
    expect(status(page)).to_contain_text("Offline – 1 change kept on this device")

    (entry,) = kept(page)
    assert (entry["code"], entry["assessment"]) == ("S6.2", draft)
    assert not {"values", "told"} & set(entry)
    assert SECRET not in str(entry)
    page.context.set_offline(False)
    expect_all_saved(page)
    assert kept(page) == []


def test_next_page_offers_what_was_left_and_sends_it(page, draft, expected_errors):
    page = leave_unsent(page, draft, expected_errors)

    page.goto("/")

    expect(banner(page)).to_contain_text(re.compile(r"2 answers from \d\d:\d\d on this device were not sent"))
    banner(page).get_by_role("button", name="Look").click()
    expect(banner(page).get_by_role("listitem")).to_contain_text(["S6.1 Competent", f"S6.2 Emerging “{SECRET}”"])
    banner(page).get_by_role("button", name="Send").click()
    expect(banner(page)).to_contain_text("Everything from this device is saved")
    expect_stored(page, draft, {"S6.1": "Competent", "S6.2": "Emerging"})
    assert kept(page) == []


def test_nothing_is_sent_before_the_person_says_so(page, draft, expected_errors):
    page = leave_unsent(page, draft, expected_errors)

    open_rating(page, draft, "S6")
    expect(banner(page)).to_contain_text("2 answers")
    page.wait_for_timeout(1500)

    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    assert len(kept(page)) == 2


def test_what_was_left_is_discarded_on_the_second_press(page, draft, expected_errors):
    page = leave_unsent(page, draft, expected_errors)
    page.goto("/")

    banner(page).get_by_role("button", name="Discard").click()
    assert len(kept(page)) == 2
    banner(page).get_by_role("button", name="Discard 2 answers for good").click()

    expect(banner(page)).to_contain_text("Discarded.")
    assert kept(page) == []


def test_what_was_left_asks_when_another_answer_stands_meanwhile(page, draft, expected_errors):
    expected_errors.append(f"{REFUSED}409")
    page = leave_unsent(page, draft, expected_errors)
    open_rating(page, draft, "S6")
    answer(page, "S6.1", "Advanced")

    banner(page).get_by_role("button", name="Send").click()

    expect(banner(page)).to_contain_text("Two answers were given. On the server stands Advanced by Dr Helen Marsh")
    expect_stored(page, draft, {"S6.1": "Advanced", "S6.2": "Emerging"})
    banner(page).get_by_role("button", name="Keep Competent from this device").click()
    expect(banner(page)).to_contain_text("Nothing on this device waits")
    expect_stored(page, draft, {"S6.1": "Competent"})


def test_choice_is_about_the_newest_of_two_answers_left(page, draft, expected_errors):
    expected_errors += [NO_NETWORK, f"{REFUSED}409"]
    page.context.set_offline(True)
    level(page, "S6.1", "Competent").check()
    expect(status(page)).to_contain_text("Offline – 1 change kept")
    level(page, "S6.1", "Emerging").check()
    expect(status(page)).to_contain_text("Offline – 2 changes kept")
    page.close(run_before_unload=False)
    page = page.context.new_page()
    page.context.set_offline(False)
    open_rating(page, draft, "S6")
    answer(page, "S6.1", "Advanced")

    banner(page).get_by_role("button", name="Send").click()
    banner(page).get_by_role("button", name="Keep Emerging from this device").click()

    expect(banner(page)).to_contain_text("Nothing on this device waits")
    expect_stored(page, draft, {"S6.1": "Emerging"})


def test_every_answer_that_is_refused_says_so_and_keeps_its_text(page, draft, expected_errors):
    expected_errors += [NO_NETWORK, f"{REFUSED}403"]
    page.route("**/ratings/**", lambda route: route.abort())
    level(page, "S6.1", "Competent").check()
    write_note(page, "S6.2", SECRET)
    expect(status(page)).to_contain_text("No answer from the server – 2 changes kept")
    tab = page.context.new_page()
    tab.goto(f"/assessments/{draft}/withdraw/")
    tab.get_by_label("Reason").fill("Begun about the wrong session.")
    tab.get_by_role("button", name="Withdraw").click()
    expect(tab.get_by_text("Withdrawn. It counts nowhere")).to_be_visible()

    page.unroute("**/ratings/**")

    for code in ("S6.1", "S6.2"):
        expect(group(page, code)).to_contain_text("It was withdrawn. Copy your text from here if you need it.")
    expect(note(page, "S6.2")).to_have_value(SECRET)
    assert len(kept(page)) == 2


def test_another_person_sees_and_sends_nothing_of_it(page, draft, server, expected_errors):
    page = leave_unsent(page, draft, expected_errors)
    session = server.facts["sessions"]["supervisor2"]
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])

    page.goto("/")
    page.wait_for_timeout(1500)

    expect(banner(page)).to_be_hidden()
    assert len(kept(page)) == 2
    assert SECRET not in page.content()


def test_seven_days_later_it_is_gone_and_the_person_is_told(page, draft, expected_errors):
    page = leave_unsent(page, draft, expected_errors)
    page.clock.set_fixed_time(time.time() + 7.1 * 24 * 60 * 60)

    page.goto("/help/")

    expect(banner(page)).to_contain_text("2 answers given more than seven days ago could not be sent and are removed.")
    assert kept(page) == []


def test_signing_in_over_the_page_wants_the_right_password(page, draft, expected_errors):
    expected_errors += [f"{REFUSED}401", f"{REFUSED}400"]
    lose_session(page, "S6.1")
    level(page, "S6.1", "Competent").focus()
    page.keyboard.press("Space")
    dialog = page.get_by_role("dialog", name="Sign in again")

    dialog.get_by_label("Password").fill("not my password")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()

    expect(dialog).to_be_hidden()
    expect_all_saved(page)
    expect(level(page, "S6.1", "Competent")).to_be_focused()
    expect_stored(page, draft, {"S6.1": "Competent"})


def test_somebody_else_signing_in_over_the_page_sends_nothing(page, draft, expected_errors, open_as):
    expected_errors += [f"{REFUSED}401", f"{REFUSED}404"]
    lose_session(page, "S6.1")
    level(page, "S6.1", "Competent").check()
    dialog = page.get_by_role("dialog", name="Sign in again")

    dialog.get_by_label("E-mail address").fill("supervisor2@example.org")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()

    expect(dialog.get_by_role("alert")).to_contain_text("Somebody else is signed in now")
    assert len(kept(page)) == 1
    elsewhere = open_as("supervisor")
    open_rating(elsewhere, draft, "S6")
    expect(level(elsewhere, "S6.1", "Developing")).to_be_checked()


def open_menu_and_sign_out(page: Page) -> None:
    page.locator("summary.who").click()
    page.get_by_role("button", name="Sign out").first.click()


def test_signing_out_with_nothing_kept_wipes_the_browser(page):
    answer(page, "S6.1", "Competent")
    expect_all_saved(page)
    page.goto("/")

    with page.expect_response("**/accounts/logout/") as left:
        open_menu_and_sign_out(page)

    assert left.value.header_value("clear-site-data") == '"cache", "storage"'


def test_signing_out_with_unsent_answers_asks_and_keeps_them(page, draft, expected_errors, server):
    page = leave_unsent(page, draft, expected_errors)
    page.goto("/")

    open_menu_and_sign_out(page)
    dialog = page.get_by_role("dialog", name="2 answers have not reached the server.")
    with page.expect_response("**/accounts/logout/") as left:
        dialog.get_by_role("button", name="Keep them on this device and sign out").click()

    assert left.value.header_value("clear-site-data") is None
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    assert len(kept(page)) == 2


def test_signing_out_sends_first_when_asked_to(page, draft, expected_errors, open_as):
    page = leave_unsent(page, draft, expected_errors)
    page.goto("/")
    open_menu_and_sign_out(page)

    page.get_by_role("dialog").get_by_role("button", name="Try to send, then sign out").click()

    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_signing_out_discards_when_told_to(page, draft, expected_errors):
    page = leave_unsent(page, draft, expected_errors)
    page.goto("/")
    open_menu_and_sign_out(page)

    page.get_by_role("dialog").get_by_role("button", name="Discard them and sign out").click()

    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    assert kept(page) == []


def test_staying_signed_in_changes_nothing(page, draft, expected_errors):
    page = leave_unsent(page, draft, expected_errors)
    page.goto("/")
    open_menu_and_sign_out(page)

    page.get_by_role("dialog").get_by_role("button", name="Stay signed in").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert len(kept(page)) == 2


def test_nobody_shares_over_answers_that_this_browser_keeps(page, draft, expected_errors):
    page = leave_unsent(page, draft, expected_errors)
    open_rating(page, draft, "S6")
    answer(page, "S6.4", "Competent")
    page.goto(f"/assessments/{draft}/share/")

    page.get_by_role("button", name="Share", exact=True).click()

    expect(banner(page)).to_contain_text("Send or discard them first.")
    expect(page).to_have_url(re.compile(r"/share/$"))


def test_another_device_learns_that_answers_wait_here(page, draft, expected_errors, open_as):
    expected_errors.append(f"{REFUSED}409")
    second = page.context.new_page()
    open_rating(second, draft, "S6")
    answer(page, "S6.1", "Competent")
    with page.context.expect_event("response", lambda answer: answer.url.endswith("/outbox/"), timeout=30_000):
        level(second, "S6.1", "Emerging").check()

    elsewhere = open_as("supervisor")
    elsewhere.goto(f"/assessments/{draft}/share/")

    expect(elsewhere.locator("main")).to_contain_text("1 answer of yours has not reached the server.")
    elsewhere.get_by_role("button", name="Share", exact=True).click()
    expect(elsewhere.get_by_role("alert")).to_contain_text("It cannot be shared yet")
    elsewhere.get_by_label("Go on without what that browser keeps").check()
    elsewhere.get_by_role("button", name="Share", exact=True).click()
    expect(elsewhere.locator("main")).to_contain_text("Shared with")


def test_browser_that_keeps_nothing_says_so_and_still_saves(open_as, draft, expected_errors):
    expected_errors.append(NO_NETWORK)
    page = open_as("supervisor")
    block_storage(page)
    open_rating(page, draft, "S6")
    expect_told_and_delivered(page, draft)


def test_full_disk_is_told_and_answers_still_arrive(page, draft, server, expected_errors):
    expected_errors.append(NO_NETWORK)
    fill_storage(page, server.url)
    expect_told_and_delivered(page, draft)


def test_hidden_page_shows_nothing_until_asked(page):
    page.get_by_role("button", name="Hide this page").click()

    hidden = page.get_by_role("dialog", name="The page is hidden")
    assert hidden.bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 720}
    hidden.get_by_role("button", name="Show the page").click()
    expect(hidden).to_be_hidden()
    expect(page.get_by_role("button", name="Hide this page")).to_be_focused()


def test_page_wide_keys_are_a_choice_and_leave_text_alone(page):
    page.locator("body").press("j")
    expect(page.locator(".opts :focus")).to_have_count(0)
    page.get_by_text("Keys", exact=True).click()
    page.get_by_role("button", name="Switch these on").click()
    expect(page.locator("html.scripted")).to_be_attached()
    expect(page.locator("[data-page-keys]")).to_have_count(1)
    answer(page, "S6.2", "Competent")

    for key, code in [("j", "S6.3"), ("k", "S6.2"), ("k", "S6.1"), ("k", "S6.1"), ("u", "S6.3"), ("u", "S6.4")]:
        page.keyboard.press(key)
        expect(group(page, code).locator(".opts :focus")).to_have_count(1)
    page.keyboard.press("c")
    page.keyboard.type("just unkind")
    expect(note(page, "S6.4")).to_have_value("just unkind")


def test_answer_is_acknowledged_before_the_server_answers(page):
    page.route("**/ratings/**", lambda route: None)
    level(page, "S6.1", "Developing").focus()

    milliseconds = page.evaluate(
        """async () => {
            const begun = performance.now();
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "3", bubbles: true }));
            await new Promise(requestAnimationFrame);
            const item = document.querySelector('[data-code="S6.1"].is-answered');
            return item && performance.now() - begun;
        }"""
    )

    assert milliseconds < 100
    expect(group(page, "S6.1")).to_have_class(re.compile("is-answered"))


def test_killed_browser_offers_every_answer_at_the_next_start(persistent, draft, tmp_path):
    codes = [f"{activity}.{number}" for activity in ("S6", "S7") for number in range(1, 9)]

    expect_killed_browser_offers(lambda: persistent("supervisor"), tmp_path, draft, codes)


def test_note_kept_offline_is_on_the_page_after_sending(page, draft, expected_errors):
    page = leave_unsent(page, draft, expected_errors)
    open_rating(page, draft, "S6")

    banner(page).get_by_role("button", name="Send").click()
    expect(banner(page)).to_contain_text("Everything from this device is saved")
    page.reload()

    expect(note(page, "S6.2")).to_have_value(SECRET)
