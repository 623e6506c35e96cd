"""An answer once given is never lost and never overwritten silently, whatever happens on its way to the server."""

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.rating import (
    ALL_SAVED,
    NO_NETWORK,
    PASSWORD,
    REFUSED,
    answer,
    expect_all_saved,
    expect_stored,
    group,
    level,
    lose_session,
    note,
    open_rating,
    sign_in,
    sign_in_over,
    status,
    write_note,
)

pytestmark = pytest.mark.browser

COMPETENCES, KEYSTROKES_FOR_300 = 300, 320


def saves_of(page: Page) -> list[Request]:
    saves: list[Request] = []
    page.on("request", lambda request: saves.append(request) if "/ratings/" in request.url else None)
    return saves


def test_each_answer_is_saved_as_given_with_one_request(page, draft):
    saves = saves_of(page)

    for code, name in {"S6.1": "Competent", "S6.2": "Emerging", "S6.3": "Not observed"}.items():
        answer(page, code, name)
        expect_all_saved(page)

    assert [save.url.split("/")[-2] for save in saves] == ["S6.1", "S6.2", "S6.3"]
    expect(page.locator("[data-given]")).to_have_text("3")
    expect_stored(page, draft, {"S6.1": "Competent", "S6.2": "Emerging", "S6.3": "Not observed"})


def test_answer_given_before_the_script_has_loaded_is_saved(open_as, draft):
    page = open_as("supervisor")
    held = []

    def hold(route):
        held.append(route)

    page.route(re.compile(r"/js/rate\b"), hold)
    page.goto(f"/assessments/{draft}/activities/S6/", wait_until="commit")

    level(page, "S6.1", "Competent").check()
    expect(page.locator("html.scripted")).to_have_count(0)
    held.pop().continue_()

    expect_all_saved(page)
    expect_stored(page, draft, {"S6.1": "Competent"})


def test_changed_mind_is_saved_and_clear_takes_it_back(page, draft):
    answer(page, "S6.1", "Competent")
    answer(page, "S6.1", "Emerging")
    answer(page, "S6.2", "Competent")

    with page.expect_response("**/ratings/S6.2/"):
        group(page, "S6.2").get_by_role("button", name="Clear S6.2").click()
    expect_all_saved(page)

    expect_stored(page, draft, {"S6.1": "Emerging"})
    page.reload()
    expect(group(page, "S6.2").get_by_role("radio", checked=True)).to_have_count(0)


@pytest.mark.parametrize("kept", ["Emerging", "Competent"])
def test_two_tabs_show_both_answers_and_the_person_chooses(page, draft, kept, expected_errors):
    expected_errors.append(f"{REFUSED}409")
    second = page.context.new_page()
    open_rating(second, draft, "S6")
    answer(page, "S6.1", "Competent")

    level(second, "S6.1", "Emerging").check()

    clash = second.get_by_role("group", name="Two answers for S6.1")
    expect(clash).to_contain_text("Nothing has been overwritten")
    expect(clash).to_contain_text("Competent")
    expect(clash).to_contain_text("Emerging")
    expect_stored(page, draft, {"S6.1": "Competent"})
    clash.get_by_role("button", name=f"Keep {kept}").click()
    expect(clash).to_have_count(0)
    expect(level(second, "S6.1", kept)).to_be_checked()
    expect_all_saved(second)
    expect_stored(page, draft, {"S6.1": kept})


def test_status_does_not_claim_all_saved_while_a_choice_is_open(page, draft, expected_errors):
    expected_errors.append(f"{REFUSED}409")
    second = page.context.new_page()
    open_rating(second, draft, "S6")
    answer(page, "S6.1", "Competent")

    level(second, "S6.1", "Emerging").check()
    expect(second.get_by_role("group", name="Two answers for S6.1")).to_be_visible()
    answer(second, "S6.2", "Emerging")
    second.wait_for_timeout(1000)

    expect(status(second)).not_to_contain_text("All changes saved", timeout=1000)


def test_leaving_with_a_choice_still_open_asks_first(page, draft, expected_errors):
    expected_errors.append(f"{REFUSED}409")
    second = page.context.new_page()
    open_rating(second, draft, "S6")
    answer(page, "S6.1", "Competent")
    answer(second, "S6.1", "Emerging")
    expect(second.get_by_role("group", name="Two answers for S6.1")).to_be_visible()
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    second.on("dialog", stay)

    second.get_by_role("link", name="Help").last.click(no_wait_after=True)
    second.wait_for_timeout(1000)

    assert asked == ["beforeunload"]


def test_status_does_not_claim_all_saved_after_a_refusal(page, expected_errors):
    expected_errors.append(f"{REFUSED}422")
    write_note(page, "S6.1", "A bell: ")

    with page.expect_response("**/ratings/S6.1/"):
        note(page, "S6.1").fill("A bell: \a")
    expect(group(page, "S6.1")).to_contain_text("Not saved. This holds a control character")
    page.wait_for_timeout(1000)

    expect(status(page)).not_to_contain_text("All changes saved", timeout=1000)


def test_offline_keeps_changes_and_sends_them_when_back(page, draft, expected_errors):
    expected_errors.append(NO_NETWORK)
    page.context.set_offline(True)

    level(page, "S6.1", "Competent").check()
    write_note(page, "S6.2", "Named the feeling.")
    level(page, "S6.2", "Advanced").check()

    expect(status(page)).to_contain_text(re.compile(r"Offline – 2 changes"))
    page.context.set_offline(False)
    expect_all_saved(page)
    expect_stored(page, draft, {"S6.1": "Competent", "S6.2": "Advanced"})
    page.reload()
    expect(note(page, "S6.2")).to_have_value("Named the feeling.")


def test_expired_session_says_so_and_the_change_arrives_after_signing_in_again(page, draft, expected_errors):
    expected_errors.append(f"{REFUSED}401")
    lose_session(page, "S6.1")

    level(page, "S6.1", "Competent").check()

    expect(status(page)).to_contain_text("Not saved, 1 change kept on this device")
    sign_in_over(page, PASSWORD)
    expect_all_saved(page, within=40_000)
    expect_stored(page, draft, {"S6.1": "Competent"})


def test_page_out_of_date_says_so_and_its_changes_arrive_after_signing_in_elsewhere(page, draft, expected_errors):
    expected_errors += [f"{REFUSED}403", f"{REFUSED}401"]
    lose_session(page, "S6.1", name=None)

    level(page, "S6.1", "Competent").check()

    expect(status(page)).to_contain_text("1 change not saved yet. This page is out of date. Sign in again")
    expect(level(page, "S6.1", "Competent")).to_be_checked()
    tab = page.context.new_page()
    tab.goto("/accounts/login/")
    sign_in(tab)
    page.bring_to_front()
    expect_all_saved(page, within=40_000)
    expect_stored(page, draft, {"S6.1": "Competent"})


def test_another_person_signing_in_does_not_send_the_first_ones_changes(page, draft, server, expected_errors):
    expected_errors += [f"{REFUSED}401", f"{REFUSED}404", f"{REFUSED}403"]
    lose_session(page, "S6.1")
    level(page, "S6.1", "Competent").check()
    expect(status(page)).to_contain_text("Not saved")

    other = server.facts["sessions"]["supervisor2"]
    page.context.add_cookies([{"name": "sessionid", "value": other, "url": server.url}])
    page.context.new_page().goto("/help/")
    page.bring_to_front()

    expect(status(page)).to_contain_text("Not saved")
    expect(status(page)).not_to_have_text(ALL_SAVED)
    expect(level(page, "S6.1", "Competent")).to_be_checked()


def test_stopped_and_restarted_server_loses_nothing(page, draft, server, expected_errors):
    expected_errors.append(NO_NETWORK)
    answer(page, "S6.1", "Competent")

    server.stop()
    level(page, "S6.2", "Emerging").check()
    write_note(page, "S6.3", "Stayed with the silence.")
    expect(status(page)).to_contain_text(re.compile(r"No answer from the server – \d changes? kept on this device"))
    level(page, "S6.3", "Advanced").check()
    server.start()

    expect_all_saved(page, within=60_000)
    expect_stored(page, draft, {"S6.1": "Competent", "S6.2": "Emerging", "S6.3": "Advanced"})
    page.reload()
    expect(note(page, "S6.3")).to_have_value("Stayed with the silence.")


@pytest.mark.parametrize(("code", "body"), [(502, "{}"), (200, '{"ok": true}'), (200, ""), (200, "<p>Welcome")])
def test_answer_of_something_else_on_the_way_is_not_taken_for_saved(page, draft, expected_errors, code, body):
    expected_errors.append(f"{REFUSED}502")
    page.route("**/ratings/**", lambda route: route.fulfill(status=code, body=body, content_type="application/json"))

    level(page, "S6.1", "Competent").check()

    expect(status(page)).to_contain_text("No answer from the server – 1 change kept on this device")
    page.unroute("**/ratings/**")
    expect_all_saved(page)
    expect_stored(page, draft, {"S6.1": "Competent"})


def test_answer_whose_acknowledgement_was_lost_is_stored_once(page, draft, expected_errors):
    expected_errors.append(NO_NETWORK)
    lost = []

    def lose_first_answer(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    page.route("**/ratings/**", lose_first_answer)

    level(page, "S6.1", "Competent").check()

    expect_all_saved(page)
    assert lost == [200]
    page.goto(f"/assessments/{draft}/history/")
    expect(page.locator(".events").get_by_text("S6.1")).to_have_count(1)


def test_note_typed_and_page_left_at_once_is_saved_or_the_browser_asks(page, draft):
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    write_note(page, "S6.1", "Just before leaving.")

    page.get_by_role("link", name="Help").last.click(no_wait_after=True)

    # Asked to stay, the person is still here and the note goes out; not asked, it went out before.
    page.wait_for_timeout(1500)
    if asked:
        assert asked == ["beforeunload"]
        expect_all_saved(page)
    tab = page.context.new_page()
    open_rating(tab, draft, "S6")
    expect(note(tab, "S6.1")).to_have_value("Just before leaving.")


def test_leaving_by_a_button_of_the_page_waits_for_what_was_typed(page, draft):
    write_note(page, "S6.1", "Typed and gone on.")

    page.get_by_role("button", name="S7 Communication").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("S7")
    page.goto(f"/assessments/{draft}/activities/S6/")
    expect(note(page, "S6.1")).to_have_value("Typed and gone on.")


def test_withdrawn_assessment_says_why_nothing_is_saved(page, draft, expected_errors):
    expected_errors.append(f"{REFUSED}403")
    tab = page.context.new_page()
    tab.goto(f"/assessments/{draft}/withdraw/")
    tab.get_by_label("Reason").fill("Begun about the wrong session.")
    tab.get_by_role("button", name="Withdraw").click()
    expect(tab.get_by_text("Withdrawn. It counts nowhere")).to_be_visible()

    level(page, "S6.1", "Competent").check()

    sentence = "You cannot rate this assessment. It was withdrawn."
    expect(status(page)).to_contain_text(sentence)
    expect(group(page, "S6.1")).to_contain_text(f"Not saved. {sentence}")
    expect(level(page, "S6.1", "Competent")).to_be_checked()


def test_note_that_looks_identifying_is_saved_with_a_warning(page):
    write_note(page, "S6.1", "Rang 01632 960 983")

    expect(group(page, "S6.1").get_by_text("looks as if it holds a phone number")).to_be_visible()
    expect_all_saved(page)


def test_previous_rating_appears_only_after_the_answer(page):
    expect(group(page, "S6.1")).not_to_contain_text("Last time")

    level(page, "S6.1", "Competent").check()

    expect(group(page, "S6.1")).to_contain_text("Last time")


@pytest.mark.parametrize(
    ("key", "name"), [("1", "Not yet demonstrated"), ("5", "Advanced"), ("o", "Not observed"), ("n", "Not applicable")]
)
def test_key_in_a_focused_group_answers_and_moves_to_the_next_group(page, draft, key, name):
    level(page, "S6.2", "Developing").focus()

    with page.expect_response("**/ratings/S6.2/"):
        page.keyboard.press(key)

    expect(level(page, "S6.2", name)).to_be_checked()
    expect(group(page, "S6.3").locator(":focus")).to_have_count(1)
    expect(group(page, "S6.3").get_by_role("radio", checked=True)).to_have_count(0)
    expect_all_saved(page)
    expect_stored(page, draft, {"S6.2": name})


def test_key_c_opens_the_note_and_keys_typed_there_are_text(page, draft):
    level(page, "S6.2", "Developing").focus()

    page.keyboard.press("c")
    expect(note(page, "S6.2")).to_be_focused()
    page.keyboard.type("3 on occasion")

    expect(note(page, "S6.2")).to_have_value("3 on occasion")
    expect_all_saved(page)
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)


def test_other_keys_do_nothing_in_a_group(page):
    saves = saves_of(page)
    level(page, "S6.2", "Developing").focus()

    for key in ("6", "9", "0", "x", "Control+1", "Alt+o", "Meta+n"):
        page.keyboard.press(key)
        expect(level(page, "S6.2", "Developing")).to_be_focused()

    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    assert saves == []


def test_keys_do_nothing_outside_the_groups(page):
    saves = saves_of(page)
    places = [page.locator("body"), page.get_by_role("button", name="Check"), page.locator(".notebtn summary").first]

    for place in places:
        place.evaluate("element => element.focus()")
        for key in ("1", "o", "n", "c", "j", "k", "u"):
            page.keyboard.press(key)

    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    expect(page.locator(".notebtn[open]")).to_have_count(0)
    assert saves == []


def test_only_an_answer_by_key_moves_focus(page):
    answer(page, "S6.2", "Developing")
    expect(level(page, "S6.2", "Developing")).to_be_focused()

    page.keyboard.press("ArrowRight")
    expect_all_saved(page)
    expect(level(page, "S6.2", "Competent")).to_be_focused()
    expect(level(page, "S6.2", "Competent")).to_be_checked()


def test_three_hundred_competences_take_one_keystroke_each(page, server):
    """At most 320 are promised. An answer by key leads to the next competence, and at the end to the next activity."""
    saves, pressed = saves_of(page), 0
    open_rating(page, server.facts["whole"], "G1")
    page.locator(".opts input").first.focus()

    while pressed < COMPETENCES:
        activity, items = page.url, page.locator(".item").count()
        for _ in range(min(items, COMPETENCES - pressed)):
            assert page.locator(".opts :focus").count() == 1
            page.keyboard.press("4")
            pressed += 1
        if pressed < COMPETENCES:
            page.wait_for_url(lambda url, before=activity: url != before)
            expect(page.locator(".opts :focus")).to_have_count(1)

    expect_all_saved(page)
    expect(page.locator("[data-given]")).to_have_text(str(COMPETENCES))
    assert len(saves) == COMPETENCES
    assert pressed <= KEYSTROKES_FOR_300
