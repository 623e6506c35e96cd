"""Goals on screen: what is offered for a new one, and what became of those from before."""

import pytest
from django.urls import reverse

from assessments.actions import assessments, goals
from assessments.models import Goal, Outcome
from tests import factories
from tests.conftest import signed_in, told, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

RESULT_SAVED = "The result is saved. It is shown once this assessment is shared."


@pytest.fixture
def client(supervisor):
    return signed_in(supervisor)


@pytest.fixture
def before(supervisor, therapist, revision):
    due, text = factories.days_ago(1), "Say less."
    return factories.make_agreed(supervisor, therapist, revision, text=text, due_on=due, judged_by="A recording.")


def url(name, draft, *goal):
    return reverse(name, args=[draft.pk, *(each.pk for each in goal)])


def day(on):
    return f"{on:%-d %B %Y}"


# What is offered


def offered(client, draft, query=""):
    return client.get(url("goal-new", draft) + query)


def test_new_goal_is_offered_from_concerns_priorities_and_notes(client, draft):
    factories.rate(draft, "S2.1", 2, note="Missed the second stage. It was late.")
    factories.rate(draft, "S2.2", 4, is_priority=True)
    factories.rate(draft, "S2.3", 4, note="Passed over a disclosure.", is_concern=True)
    factories.rate(draft, "S2.4", 5, note="Well done.")

    text = words(offered(client, draft))

    first, second, third = "S2.3 Concern. Passed over a disclosure.", "S2.2 Priority. ", "S2.1 Noted. Missed the second"
    assert text.index(first) < text.index(second) < text.index(third)
    assert "Well done" not in text


def test_new_goal_begins_with_what_was_chosen(client, draft):
    factories.rate(draft, "S2.1", 2, note="Missed the second stage. It was late.")

    html = offered(client, draft, "?competences=S2.1").text

    assert ">\nMissed the second stage.</textarea>" in html
    assert 'value="S2.1"' in html
    assert not Goal.objects.exists()


def test_new_goal_begins_empty_for_what_was_not_offered(client, draft):
    assert "Z9.99" not in offered(client, draft, "?competences=Z9.99").text


def test_address_of_an_offer_holds_no_note(client, draft):
    factories.rate(draft, "S2.1", 2, note="Disclosure.")

    assert 'href="?competences=S2.1"' in offered(client, draft).text


def test_new_goal_is_not_offered_twice(client, draft):
    factories.rate(draft, "S2.1", 2, note="Missed it.", is_priority=True)
    tied = [draft.ratings.get().competence]
    factories.make_goal(draft, competences=tied)

    assert "S2.1 Priority." not in words(offered(client, draft))


def test_new_goal_is_offered_for_activities_never_observed(client, draft):
    factories.rate(draft, "S2.1", 3)
    factories.rate(draft, "S7.1", Outcome.NOT_OBSERVED)

    page = words(offered(client, draft))

    assert "S1 Grief No case with this problem area" in page
    assert "S2 " not in page.split("never observed")[1].split("What to work on")[0]
    assert "S7 " in page.split("never observed")[1].split("What to work on")[0]


def test_goal_for_an_activity_is_tied_to_its_competences(client, revision, draft):
    codes = ", ".join(revision.competences.rateable().filter(activity__code="S1").values_list("code", flat=True))

    html = client.get(url("goal-new", draft), {"competences": codes}).text

    assert "Find an occasion for S1 Grief, and bring it to supervision." in html
    assert f'value="{codes}"' in html


def test_changing_a_goal_offers_nothing(client, draft):
    factories.rate(draft, "S2.1", 2, note="Missed it.")
    goal = factories.make_goal(draft)

    assert "Begin with something" not in words(client.get(url("goal", draft, goal)))


def test_nothing_is_offered_when_all_is_well(client, supervisor, therapist):
    draft = factories.make_draft(supervisor, therapist, factories.make_revision(), codes="A1 A1a")
    factories.rate(draft, "A1.1", 3)
    factories.rate(draft, "A1a.1", 3)

    assert "Begin with something" not in words(offered(client, draft))


def test_goal_keeps_owner_and_how_it_is_judged(client, draft):
    client.post(url("goal-new", draft), {"text": "Ask", "owner": "supervisor", "judged_by": "A role play."})

    goal = Goal.objects.get()
    assert (goal.owner, goal.judged_by) == ("supervisor", "A role play.")


def test_goal_warns_of_text_that_may_identify(client, draft):
    response = client.post(url("goal-new", draft), {"text": "Write to a@example.org", "owner": "both"})

    assert told(response)[0].startswith("This looks as if it holds an e-mail address.")


# Goals from before


@pytest.mark.parametrize("page", ["assessment", "assessment-check"])
def test_draft_shows_goals_from_before(client, draft, before, page):
    text = words(client.get(url(page, draft)))

    facts = f"Worked on by the therapist. Look at it again by {day(before.due_on)}. Judged by: A recording."
    assert f"Say less. {facts} Overdue Say how it went" in text


def test_draft_without_goals_from_before_says_nothing_of_them(client, draft):
    assert "Goals from before" not in words(client.get(url("assessment-check", draft)))


def test_goals_from_before_are_those_of_earlier_sessions(client, supervisor, therapist, revision, draft):
    factories.make_agreed(supervisor, therapist, revision, days=1)

    assert "Goals from before" not in words(client.get(url("assessment-check", draft)))


def test_goals_from_before_are_not_those_of_somebody_else(client, draft, other_supervisor, other_therapist, revision):
    factories.make_agreed(other_supervisor, other_therapist, revision)

    assert "Goals from before" not in words(client.get(url("assessment-check", draft)))


def test_goal_closed_here_says_what_became_of_it(client, supervisor, draft, before):
    goals.close(by=supervisor, assessment=draft, goal=before, status="met", result="Two silences.")

    text = words(client.get(url("assessment-check", draft)))

    agreed = f"Agreed in the session of {day(before.assessment.session_on)}. Worked on by the therapist."
    assert f"Say less. Closed: met. Two silences. {agreed} Met Change" in text


def test_goal_from_before_anybody_named_an_owner_names_nobody(client, supervisor, therapist, revision, draft):
    factories.make_agreed(supervisor, therapist, revision, owner="")

    assert "Say less. Say how it went" in words(client.get(url("assessment-check", draft)))


def test_goal_closed_in_another_draft_looks_open(client, draft, before):
    factories.close_goal(before, result="Two silences.", share=False)

    text = words(client.get(url("assessment-check", draft)))

    assert ("Two silences" in text, "Say less." in text) == (False, True)


def test_check_saves_texts_on_the_way_to_a_result(client, draft, before):
    response = client.post(url("assessment-check", draft), {"summary": "Steady.", "before": before.pk})

    draft.refresh_from_db()
    assert (response.url, draft.summary) == (url("goal-result", draft, before), "Steady.")


def test_check_knows_no_other_goal(client, draft, before):
    response = client.post(url("assessment-check", draft), {"summary": "Steady.", "before": "nonsense"})

    assert response.status_code == 404


def test_result_page_says_what_was_agreed(client, draft, before):
    text = words(client.get(url("goal-result", draft, before)))

    assert f"Agreed with Amara Okafor in the session of {day(before.assessment.session_on)}." in text
    assert "Judged by: A recording." in text


def test_result_is_saved(client, draft, before):
    response = client.post(url("goal-result", draft, before), {"status": "met", "result": "Two silences."})

    goal = Goal.objects.get(pk=before.pk)
    assert (response.url, told(response)) == (url("assessment-check", draft), [RESULT_SAVED])
    assert (goal.status, goal.result, goal.closed_in) == ("met", "Two silences.", draft)


def test_result_leads_back_to_the_draft(client, draft, before):
    address = url("goal-result", draft, before) + "?draft"

    assert f'href="{draft.get_absolute_url()}"' in client.get(address).text
    assert client.post(address, {"status": "met"}).url == draft.get_absolute_url()


def test_result_of_a_dropped_goal_needs_its_reason(client, draft, before):
    response = client.post(url("goal-result", draft, before), {"status": "dropped"})

    assert "Say why it is no longer pursued." in words(response)
    assert Goal.objects.get(pk=before.pk).status == "open"


def test_result_that_goes_on_changes_nothing(client, draft, before):
    response = client.post(url("goal-result", draft, before), {"status": "open"})

    assert (told(response), Goal.objects.get(pk=before.pk).status) == ([], "open")


def test_result_is_taken_back(client, supervisor, draft, before):
    goals.close(by=supervisor, assessment=draft, goal=before, status="met", result="Two silences.")
    address = url("goal-result", draft, before)
    shown = client.get(address).text

    response = client.post(address, {"status": "open"})

    assert ">\nTwo silences.</textarea>" in shown
    assert (told(response), Goal.objects.get(pk=before.pk).status) == (["The goal is open again."], "open")


def test_result_warns_of_text_that_may_identify(client, draft, before):
    response = client.post(url("goal-result", draft, before), {"status": "met", "result": "Write to a@example.org"})

    assert told(response)[0].startswith("This looks as if it holds an e-mail address.")


def test_goal_that_is_not_from_before_has_no_result(client, draft):
    goal = factories.make_goal(draft)

    assert client.get(url("goal-result", draft, goal)).status_code == 404


def test_therapist_sees_the_result_only_once_it_is_shared(supervisor, therapist, draft, before):
    goals.close(by=supervisor, assessment=draft, goal=before, status="met", result="Two silences.")
    factories.rate(draft, "S2.1")
    reader = signed_in(therapist)
    profile = words(reader.get(reverse("therapist", args=[therapist.pk])))
    assessments.share(by=supervisor, assessment=draft)

    assert "Say less. In progress" in profile
    assert "Goals from before Say less. Closed: met. Two silences." in words(reader.get(draft.get_absolute_url()))
    assert "Say less." not in words(reader.get(reverse("therapist", args=[therapist.pk])))
