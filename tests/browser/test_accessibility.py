"""Every page without a fault that axe can find, without sideways scrolling, and usable by keyboard alone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.rating import answer, flag, group, level, lose_session, open_rating, write_note

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESKTOP, PHONE, NARROWEST = {"width": 1440, "height": 900}, {"width": 390, "height": 844}, {"width": 320, "height": 640}
REFUSED = "Failed to load resource: the server responded with a status of "
MOST_STOPS = 400


def _nothing(page: Page) -> None:
    pass


@dataclass(frozen=True)
class State:
    """A page as somebody sees it; `reach` brings it into this state, by which time it says the words."""

    person: str | None
    path: str
    says: str
    reach: Callable[[Page], None] = _nothing
    javascript: bool = True


def press(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name).last.click()


def follow(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("link", name=name).first.click()


def open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(element => element.open = true)")


def open_note_and_levels(page: Page) -> None:
    write_note(page, "S7.1", "x")
    group(page, "S7.1").get_by_text("What the levels mean").click()
    answer(page, "S7.2", "Competent")
    answer(page, "S7.3", "Not applicable")
    flag(page, "Concern on S7.4")


def clash(page: Page) -> None:
    """Another tab was quicker."""
    other = page.context.new_page()
    open_rating(other, page.url.split("/")[4], "S7")
    answer(other, "S7.7", "Competent")
    other.close()
    answer(page, "S7.7", "Emerging")
    expect(page.get_by_role("group", name="Two answers for S7.7")).to_be_visible()


def sign_in_again(page: Page) -> None:
    lose_session(page, "S7.8")
    answer(page, "S7.8", "Emerging")
    expect(page.get_by_role("dialog", name="Sign in again")).to_be_visible()


def sign_wrongly(page: Page) -> None:
    page.get_by_label("Your password").fill("not-my-password")
    press("Sign off")(page)


def check_unknown(page: Page) -> None:
    page.get_by_label("Or a checksum").fill("0" * 64)
    press("Check")(page)


PAGES = {
    "map": State(None, "/", "IPT competence list, own-words edition"),
    "frameworks": State(None, "/frameworks/", "Frameworks"),
    "domain": State(None, "/frameworks/ipt/1.0/domains/3/", "Grief"),
    "activity": State(None, "/frameworks/ipt/1.0/activities/S2/", "Ability to work with interpersonal role disputes"),
    "background": State(None, "/", "IPT", lambda page: page.locator(".about h2 a").first.click()),
    "search": State(None, "/frameworks/ipt/1.0/?q=silence", "silence"),
    "search without result": State(None, "/frameworks/ipt/1.0/?q=zzzz", "zzzz"),
    "compare": State(None, "/frameworks/small/compare/1.0/1.1/", "Moved from", open_everything),
    "compare, all": State(None, "/frameworks/small/compare/1.0/1.1/?show=all", "Small framework, revision 1.0 to 1.1"),
    "choose what to compare": State(None, "/frameworks/small/compare/", "Compare revisions"),
    "help": State(None, "/help/", "Saved and not saved"),
    "check a report": State(None, "/verify/", "Or a checksum"),
    "check a report, with errors": State(None, "/verify/", "There is a problem", press("Check")),
    "check a report, unknown": State(None, "/verify/", "What to do now", check_unknown),
    "privacy": State(None, "/privacy/", "Privacy"),
    "accessibility": State(None, "/accessibility/", "Accessibility"),
    "sign in": State(None, "/accounts/login/", "Forgotten your password?"),
    "sign in with errors": State(None, "/accounts/login/", "There is a problem", press("Sign in")),
    "forgotten password": State(None, "/accounts/password/reset/", "password"),
    "sign out": State("supervisor", "/accounts/logout/", "out"),
    "change password": State("supervisor", "/accounts/password/change/", "password"),
    "not found": State(None, "/nowhere/", "Page not found"),
    "forbidden": State("admin", "/therapists/", "You cannot do this"),
    "supervisor's home": State("supervisor", "/therapists/", "Drafts in progress"),
    "start": State("supervisor", "/assessments/new/", "How much to rate"),
    "start, next session": State("supervisor", "/assessments/new/?from={rated}&next", "Filled in below"),
    "load an earlier form": State("supervisor", "/assessments/import/", "Take the template"),
    "load an earlier form, with errors": State(
        "supervisor", "/assessments/import/", "There is a problem", press("Look at it")
    ),
    "start with errors": State("supervisor", "/assessments/new/", "There is a problem", press("Start rating")),
    "rate, nothing given": State("supervisor", "/assessments/{blank}/activities/S6/", "0 of 8 answered"),
    "rate, all kinds of answers": State("supervisor", "/assessments/{rated}/activities/S2/", "1 not observed"),
    "rate, everything opened": State(
        "supervisor", "/assessments/{rated}/activities/S2/", "Raised voices were not followed up", open_everything
    ),
    "rate, note and levels": State(
        "supervisor", "/assessments/{blank}/activities/S7/", "A concern needs a note", open_note_and_levels
    ),
    "rate, clash": State("supervisor", "/assessments/{blank}/activities/S7/", "Two answers were given", clash),
    "rate, signed out": State("supervisor", "/assessments/{blank}/activities/S7/", "S7", sign_in_again),
    "rate, unrated only": State("supervisor", "/assessments/{rated}/activities/S2/?show=unrated", "Unrated only"),
    "rate, nothing left": State(
        "supervisor", "/assessments/{rated}/activities/M3/?show=unrated", "Everything here is answered"
    ),
    "rate, without script": State(
        "supervisor", "/assessments/{rated}/activities/S2/", "S2", press("Save"), javascript=False
    ),
    "draft": State("supervisor", "/assessments/{rated}/", "Only you see it"),
    "context": State("supervisor", "/assessments/{rated}/context/", "What it rests on"),
    "check": State("supervisor", "/assessments/{rated}/check/", "Before you can share"),
    "share, hindered": State("supervisor", "/assessments/{rated}/share/", "It cannot be shared yet"),
    "goal": State("supervisor", "/assessments/{rated}/goals/{goal}/", "Change the development goal"),
    "goal with errors": State(
        "supervisor", "/assessments/{rated}/goals/new/", "There is a problem", press("Save the goal")
    ),
    "withdraw": State("supervisor", "/assessments/{rated}/withdraw/", "Withdraw this assessment"),
    "hand over": State("supervisor", "/assessments/{rated}/hand-over/", "Hand over this draft"),
    "take back": State("supervisor", "/assessments/{shared}/take-back/", "Take back to draft"),
    "read, shared": State("therapist", "/assessments/{shared}/", "It counts as provisional"),
    "read, signed": State("therapist", "/assessments/{signed}/", "It never changes"),
    "reply": State("therapist", "/assessments/{shared}/reply/", "Your reply"),
    "reply with errors": State(
        "therapist", "/assessments/{shared}/reply/", "There is a problem", press("Save the reply")
    ),
    "sign off": State("therapist", "/assessments/{shared}/sign-off/", "Signed so far"),
    "sign off with errors": State("therapist", "/assessments/{shared}/sign-off/", "There is a problem", sign_wrongly),
    "history": State("supervisor", "/assessments/{rated}/history/", "Latest first"),
    "assessments": State("therapist", "/assessments/", "Signed by"),
    "own profile": State("therapist", "/therapists/{therapist}/", "Your profile"),
    "own profile, everything opened": State("therapist", "/therapists/{therapist}/", "Show as table", open_everything),
    "own profile, change": State("therapist", "/therapists/{therapist}/?colour=change&source=recorded", "Further on"),
    "activity over time": State("therapist", "/therapists/{therapist}/activities/S2/", "Each competence over time"),
    "profile for supervisor": State("supervisor", "/therapists/{therapist}/", "Start an assessment"),
    "profile before the first rating": State(
        "supervisor", "/therapists/{therapist}/?on=2020-01-01", "Nothing is rated yet"
    ),
    "rate yourself": State("therapist", "/assessments/self/new/", "The same items as your supervisor"),
    "self beside supervisor": State(
        "therapist",
        "/therapists/{therapist}/",
        "Two views of one session",
        lambda page: page.locator("section[aria-labelledby=beside-title] a").first.click(),
    ),
    "agenda": State("supervisor", "/therapists/{therapist}/agenda/", "Open development goals"),
    "requirements": State("therapist", "/therapists/{therapist}/requirements/", "It rests on"),
    "accesses": State("therapist", "/therapists/{therapist}/accesses/", "Who opened my record"),
    "lead's therapists": State("lead", "/therapists/", "The therapists of your organisations"),
    "cohort": State("lead", "/cohort/", "To look after"),
    "cohort without names": State("admin", "/cohort/", "You see the group, not the people in it"),
    "activity of the cohort": State("lead", "/cohort/activities/S2/", "Each competence"),
    "activity of the cohort without names": State("admin", "/cohort/activities/S2/", "not the people in it"),
    "progress of the cohort": State("lead", "/cohort/progress/", "At the end of each quarter"),
    "all reports": State("lead", "/cohort/reports/", "Everybody’s reports in one file"),
    "all reports with errors": State("lead", "/cohort/reports/", "There is a problem", press("Ask for reports")),
    "people": State("admin", "/manage/people/", "People"),
    "new person with errors": State("admin", "/manage/people/new/", "There is a problem", press("Add this person")),
    "scales": State("admin", "/manage/scales/", "Open for changes"),
    "new scale": State("admin", "/manage/scales/new/", "Answers without a level"),
    "new scale with errors": State("admin", "/manage/scales/new/", "There is a problem", press("Save")),
    "scale": State("admin", "/manage/scales/", "How the rating page asks", follow("Nine steps")),
    "scale in use": State("admin", "/manage/scales/", "Make a new version", follow("IPT development scale")),
    "short forms": State("admin", "/manage/short-forms/", "End-of-case review"),
    "new short form with errors": State("admin", "/manage/short-forms/new/", "There is a problem", press("Save")),
    "short form": State("admin", "/manage/short-forms/", "It can be changed until", follow("Mid-case review")),
    "programmes": State("admin", "/manage/programmes/", "Therapists at present"),
    "new programme with errors": State("admin", "/manage/programmes/new/", "There is a problem", press("Save")),
    "programme": State("admin", "/manage/programmes/", "A change counts at once", follow("IPT practitioner training")),
    "rate on nine levels": State(
        "supervisor", "/assessments/{nine}/activities/A1/", "0 of 2 answered", open_everything
    ),
    "person": State("admin", "/manage/people/{therapist}/", "May sign in"),
}


@pytest.fixture
def show(reading_server, visits, expected_errors):
    """show(state) is a page in that state, at desktop width."""
    expected_errors += [f"{REFUSED}{status}" for status in (401, 403, 404, 409, 422)]

    def show(state: State) -> Page:
        # Only bypassing the policy lets axe in; under the policy the pages run in all other tests.
        page = visits(reading_server)(
            state.person, javascript=state.javascript, viewport=DESKTOP, bypass_csp=True, reduced_motion="reduce"
        )
        page.goto(state.path.format(**reading_server.facts))
        state.reach(page)
        # Never look at the page before: a fault that is absent must have been able to be there.
        expect(page.get_by_role("main")).to_contain_text(state.says)
        return page

    return show


def faults(page: Page) -> list[str]:
    """What axe finds, one line an element."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.add_script_tag(content=AXE)
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['target'][0]}: {node['html'][:120]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_fault_and_fits_every_width(name, show):
    state = PAGES[name]
    page = show(state)

    found = []
    if state.javascript:
        found += [f"1440 px: {fault}" for fault in faults(page)]
        page.set_viewport_size(PHONE)
        found += [f"390 px: {fault}" for fault in faults(page)]
    page.set_viewport_size(NARROWEST)
    if (too_wide := overflow(page)) > 0:
        found.append(f"320 px: scrolls sideways by {too_wide} px")

    assert found == []


def test_axe_finds_planted_faults(show):
    page = show(PAGES["help"])

    page.evaluate(
        """document.querySelector("main").insertAdjacentHTML("beforeend", `
            <img src="/static/nowhere.png"><input type="text"><p id="pale">Pale words</p>
            <a class="tiny" href="/a">a</a><a class="tiny" href="/b">b</a>`);
        document.getElementById("pale").style.color = "#ccc";
        for (const tiny of document.querySelectorAll(".tiny"))
            tiny.style = "display: inline-block; width: 9px; height: 9px; overflow: hidden";
        """
    )

    assert {fault.split(":")[0] for fault in faults(page)} >= {"image-alt", "label", "color-contrast", "target-size"}


def test_sideways_scroll_is_noticed(show):
    page = show(PAGES["help"])

    page.evaluate("document.querySelector('h1').style.width = '2000px'")

    assert overflow(page) > 0


@dataclass(frozen=True)
class Stop:
    """Where focus is: a number for the element, and what is wrong with how it shows."""

    number: int
    what: str
    fault: str


NUMBER_OF_FOCUS = """
() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  window.stops ??= [];
  if (!window.stops.includes(element)) window.stops.push(element);
  return window.stops.indexOf(element);
}
"""
HOW_FOCUS_SHOWS = """
() => {
  const element = document.activeElement;
  const what = element.outerHTML.slice(0, 100);
  // A control out of sight shows its focus on its label, a link in a card on the whole card.
  const shown = element.closest("label") ?? element;
  const box = shown.getBoundingClientRect();
  if (box.width < 2 || box.height < 2) return { what, fault: "has focus but no size" };
  const rings = [element, shown, element.closest(".box")].some((one) => {
    const style = one && getComputedStyle(one);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  if (!rings) return { what, fault: "shows no focus" };
  const bar = document.querySelector(".stick");
  if (bar && !bar.contains(element)) {
    const cover = bar.getBoundingClientRect();
    if (box.top >= cover.top && box.bottom <= cover.bottom)
      return { what, fault: "lies under the sticky bar" };
  }
  if (box.bottom <= 0 || box.top >= innerHeight) return { what, fault: "lies outside the window" };
  return { what, fault: "" };
}
"""


def walk(page: Page, key: str = "Tab") -> list[Stop]:
    """Every place that the key leads to, until it leads back to the first. A date is one place with several parts."""
    stops: list[Stop] = []
    last = None
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        number = page.evaluate(NUMBER_OF_FOCUS)
        if number == 0 and last not in {None, 0}:
            return stops
        if number not in {None, last}:
            stops.append(Stop(number=number, **page.evaluate(HOW_FOCUS_SHOWS)))
        last = number if number is not None else last
    raise AssertionError(f"{key} led to {MOST_STOPS} places and not back")


WALKED = [
    "map",
    "sign in with errors",
    "supervisor's home",
    "start",
    "rate, all kinds of answers",
    "check",
    "share, hindered",
    "read, shared",
    "reply",
    "sign off",
    "own profile",
    "person",
]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", WALKED)
def test_keyboard_reaches_everything_and_focus_shows(name, viewport, show):
    page = show(PAGES[name])
    page.set_viewport_size(viewport)
    page.evaluate("document.activeElement.blur()")
    reachable = page.evaluate(
        """[...document.querySelectorAll("a[href], button:not([disabled]), summary, select, textarea")]
            .filter(element => element.checkVisibility({ visibilityProperty: true }) && element.tabIndex >= 0).length"""
    )

    stops = walk(page)

    links_and_buttons = [stop for stop in stops if re.match(r"<(a|button|summary|select|textarea)\b", stop.what)]
    assert [f"{stop.what} {stop.fault}" for stop in stops if stop.fault] == []
    assert len(links_and_buttons) == reachable


def test_focus_going_backwards_is_never_under_the_sticky_bar(show):
    page = show(PAGES["rate, all kinds of answers"])

    stops = walk(page, "Shift+Tab")

    assert [f"{stop.what} {stop.fault}" for stop in stops if stop.fault] == []


def press_on_the_way(page: Page, target: Locator, key: str) -> None:
    """Go there by Tab and press the key, as somebody without a mouse does."""
    for _ in range(MOST_STOPS):
        if target.evaluate("element => element === document.activeElement"):
            page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab does not lead there")


def press_enter_on(page: Page, target: Locator) -> None:
    press_on_the_way(page, target, "Enter")


def test_journey_by_keyboard_alone(open_as, server):
    page = open_as("supervisor")
    page.goto("/")

    press_enter_on(page, page.get_by_role("link", name=re.compile("^Begin at S6")))
    expect(page.get_by_role("heading", level=1)).to_contain_text("S6")
    page.keyboard.press("Tab")
    press_on_the_way(page, level(page, "S6.1", "Not yet demonstrated"), "4")
    expect(level(page, "S6.1", "Competent")).to_be_checked()
    press_enter_on(page, page.get_by_role("button", name="S7 Communication"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("S7")
    press_enter_on(page, page.get_by_role("button", name="Check", exact=True))
    expect(page.get_by_role("heading", name="Check before sharing")).to_be_visible()
    press_enter_on(page, page.get_by_role("button", name=re.compile("^Share")))
    expect(page.get_by_role("heading", name=re.compile("^Share with"))).to_be_visible()
    press_enter_on(page, page.get_by_role("button", name="Share", exact=True))
    expect(page.get_by_text("Shared with Amara Okafor.")).to_be_visible()
    press_enter_on(page, page.get_by_role("link", name="Sign off"))
    press_on_the_way(page, page.get_by_label("Your password"), "d")
    page.keyboard.type("emo-pass-2026")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your signature is recorded.")).to_be_visible()


def test_skip_link_leads_past_the_header(show):
    page = show(PAGES["supervisor's home"])

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    expect(page.get_by_role("main").locator(":focus")).to_have_count(1)
