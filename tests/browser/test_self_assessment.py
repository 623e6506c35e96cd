"""Two people rate one session without sight of each other, and then look at both."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rating import answer, expect_all_saved, open_rating

pytestmark = pytest.mark.browser

FORBIDDEN = "Failed to load resource: the server responded with a status of 403"


def share(page: Page) -> None:
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Share").click()
    expect(page).to_have_url(re.compile(r"/share/$"))
    page.get_by_role("button", name="Share").click()
    # The other side looks next: not before this is done.
    expect(page).to_have_url(re.compile(r"/assessments/[0-9a-f-]+/$"))


def test_self_beside_supervisor(open_as, draft, expected_errors):
    expected_errors.append(FORBIDDEN)
    supervisor, therapist = open_as("supervisor"), open_as("therapist")
    supervisor.goto(f"/assessments/{draft}/")
    supervisor.get_by_role("button", name="Ask for a self-assessment").click()
    expect(supervisor.get_by_text("Waits for Amara Okafor’s self-assessment.")).to_be_visible()
    rate_and_share(supervisor, draft, "Competent")

    assert therapist.goto(f"/assessments/{draft}/").status == 403
    therapist.goto("/")
    therapist.get_by_role("link", name="Begin at S6 with your self-assessment").click()
    own = therapist.url.split("/")[4]
    assert supervisor.goto(f"/assessments/{own}/").status == 403
    rate_and_share(therapist, own, "Emerging")

    expect(therapist.get_by_text("Both assessments of the session are open now.")).to_be_visible()
    for page in [therapist, supervisor]:
        page.goto(f"/assessments/{own}/")
        page.get_by_role("link", name="Self beside supervisor").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Of 1 competence both rated, 0 stand at the same level, 1 further on in Helen’s."
        )


def rate_and_share(page: Page, assessment: str, level: str) -> None:
    open_rating(page, assessment, "S6")
    answer(page, "S6.1", level)
    expect_all_saved(page)
    share(page)
