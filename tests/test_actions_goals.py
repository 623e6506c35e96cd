import datetime

import pytest
from django.db import IntegrityError, transaction

from assessments import guards
from assessments.actions import assessments, goals
from assessments.exceptions import NotAllowed, Refused
from assessments.models import AuditEvent, Competence, Goal, Role, Supervision
from tests import factories

pytestmark = pytest.mark.django_db

DUE = datetime.date(2027, 3, 1)
LOCKED = "It is shared with the therapist and locked"


def save(assessment, *, by=None, goal=None, text="Name the three stages.", due_on=DUE, codes="S2.1 S7.1"):
    chosen = Competence.objects.filter(revision=assessment.revision, code__in=codes.split())
    return goals.save(
        by=by or assessment.supervisor, assessment=assessment, goal=goal, text=text, due_on=due_on, competences=chosen
    )


def codes(goal):
    return sorted(competence.code for competence in goal.competences.all())


def last_event():
    return AuditEvent.objects.latest("id")


@pytest.fixture
def goal(draft):
    return save(draft)


@pytest.fixture
def agreed(goal, draft, supervisor):
    """The goal once its assessment is shared."""
    factories.rate(draft, "S2.1")
    assessments.share(by=supervisor, assessment=draft)
    return goal


def test_save_adds_a_goal(draft, therapist):
    goal = save(draft)

    stored = Goal.objects.get(pk=goal.pk)
    assert (stored.assessment, stored.therapist, stored.status) == (draft, therapist, "open")
    assert (stored.text, stored.due_on, codes(stored)) == ("Name the three stages.", DUE, ["S2.1", "S7.1"])


def test_save_adds_a_goal_without_date_or_competences(draft):
    goal = save(draft, due_on=None, codes="")

    assert (goal.due_on, codes(goal)) == (None, [])


def test_save_records_what_was_agreed(draft, supervisor):
    goal = save(draft)

    assert (last_event().type, last_event().by) == ("goal_saved", supervisor)
    assert last_event().data == {
        "goal": str(goal.pk),
        "text": "Name the three stages.",
        "due_on": "2027-03-01",
        "owner": "therapist",
        "judged_by": "",
        "competences": ["S2.1", "S7.1"],
    }


def test_save_records_that_no_date_was_agreed(draft):
    save(draft, due_on=None)

    assert last_event().data["due_on"] is None


def test_save_changes_a_goal(draft, goal):
    save(draft, goal=goal, text="Name all stages.", due_on=None, codes="S2.2")

    stored = Goal.objects.get()
    assert (stored.text, stored.due_on, codes(stored)) == ("Name all stages.", None, ["S2.2"])


def test_save_records_each_change_once(draft, goal):
    save(draft, goal=goal, text="Name all stages.")

    assert factories.event_types(assessment=draft) == ["assessment_started", "goal_saved", "goal_saved"]


def test_save_refused_for_competences_of_another_revision(draft, supervisor):
    elsewhere = factories.make_revision().competences.all()

    with pytest.raises(Refused, match=r"^A goal is tied to competences of the assessment's own revision\.$"):
        goals.save(by=supervisor, assessment=draft, text="Listen.", due_on=None, competences=elsewhere)

    assert Goal.objects.count() == 0


def test_save_without_text_writes_nothing(draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        save(draft, text="")

    assert factories.event_types(assessment=draft) == ["assessment_started"]


def test_save_refused_for_the_therapist(draft, therapist):
    with pytest.raises(NotAllowed, match="Only Dr Helen Marsh"):
        save(draft, by=therapist)


def test_save_refused_once_shared(shared):
    with pytest.raises(NotAllowed, match=LOCKED):
        save(shared)


def test_save_refused_for_a_goal_already_agreed(agreed, draft):
    with pytest.raises(NotAllowed, match=LOCKED):
        save(draft, goal=agreed, text="Something easier.")


def test_save_refused_for_a_goal_of_another_assessment(goal, supervisor, therapist, revision):
    another = factories.make_draft(supervisor, therapist, revision)

    with pytest.raises(Refused):
        save(another, goal=goal, text="Something else.")


def test_remove_takes_the_goal_out(goal, supervisor):
    goals.remove(by=supervisor, goal=goal)

    assert Goal.objects.count() == 0


def test_remove_records_what_it_said(goal, supervisor):
    name = str(goal.pk)

    goals.remove(by=supervisor, goal=goal)

    assert last_event().type == "goal_removed"
    assert last_event().data == {"goal": name, "text": "Name the three stages."}


def test_remove_refused_for_the_therapist(goal, therapist):
    with pytest.raises(NotAllowed, match="Only Dr Helen Marsh"):
        goals.remove(by=therapist, goal=goal)


def test_remove_refused_once_shared(agreed, supervisor):
    with pytest.raises(NotAllowed, match=LOCKED):
        goals.remove(by=supervisor, goal=agreed)

    assert Goal.objects.count() == 1


# What becomes of them


@pytest.fixture
def before(supervisor, therapist, revision):
    """A goal of a shared assessment of last month."""
    return factories.make_agreed(supervisor, therapist, revision)


def close(goal, draft, *, by=None, status="met", result="Heard it."):
    return goals.close(by=by or draft.supervisor, assessment=draft, goal=goal, status=status, result=result)


def test_save_keeps_who_works_on_it_and_how_it_is_judged(draft, supervisor):
    goals.save(
        by=supervisor, assessment=draft, text="Read.", due_on=None, competences=[], owner="both", judged_by="Notes."
    )

    goal = Goal.objects.get()
    assert (goal.owner, goal.judged_by) == ("both", "Notes.")


def test_close_keeps_the_result_and_where_it_was_given(before, draft, supervisor):
    close(before, draft, status="dropped")

    goal = Goal.objects.get(pk=before.pk)
    assert (goal.status, goal.result) == ("dropped", "Heard it.")
    assert (goal.closed_in, goal.closed_by, goal.closed_at is None) == (draft, supervisor, False)


def test_close_records_what_became_of_it_in_the_draft(before, draft, supervisor):
    close(before, draft)

    event = last_event()
    assert (event.type, event.by, event.assessment) == ("goal_closed", supervisor, draft)
    assert event.data == {"goal": str(before.pk), "text": "Say less.", "status": "met", "result": "Heard it."}


def test_close_again_changes_the_result(before, draft):
    for result in ["Heard it.", "Heard it twice."]:
        close(before, draft, result=result)

    assert Goal.objects.get(pk=before.pk).result == "Heard it twice."


def test_close_needs_an_outcome(before, draft):
    with pytest.raises(Refused, match=r"^A goal is closed as met or as no longer pursued\.$"):
        close(before, draft, status="open")


def test_close_refused_for_the_therapist(before, draft, therapist):
    with pytest.raises(NotAllowed, match="Only Dr Helen Marsh"):
        close(before, draft, by=therapist)


def test_close_refused_once_shared(before, shared):
    with pytest.raises(NotAllowed, match=LOCKED):
        close(before, shared)


def test_close_refused_for_a_goal_of_somebody_else(draft, other_supervisor, other_therapist, revision):
    foreign = factories.make_agreed(other_supervisor, other_therapist, revision)

    with pytest.raises(Refused, match=r"^This goal was agreed with somebody else\.$"):
        close(foreign, draft)


def test_close_refused_for_a_goal_that_is_not_shared(goal, supervisor, therapist, revision):
    later = factories.make_draft(supervisor, therapist, revision)

    with pytest.raises(NotAllowed, match="It was not agreed in a shared assessment"):
        close(goal, later)


def test_close_refused_for_what_was_closed_for_good(before, draft):
    factories.close_goal(before)

    with pytest.raises(NotAllowed, match="It was closed in another assessment"):
        close(before, draft)


def test_close_refused_for_what_was_closed_before_anybody_wrote_down_where(before, draft):
    guards.remove()
    Goal.objects.update(status="met", closed_at=before.created_at)

    with pytest.raises(NotAllowed, match="It was closed in another assessment"):
        close(before, draft)


def test_close_refused_while_another_draft_says_what_became_of_it(before, draft):
    factories.close_goal(before, share=False)

    with pytest.raises(NotAllowed, match="It is being looked at in another assessment"):
        close(before, draft)


def test_close_takes_what_was_closed_in_a_withdrawn_assessment(before, draft, supervisor):
    withdrawn = factories.close_goal(before)
    assessments.withdraw(by=supervisor, assessment=withdrawn, reason="Wrong session.")

    assert close(before, draft).closed_in == draft


def test_close_refused_for_what_the_supervisor_may_no_longer_read(before, northfield, therapist, revision):
    successor = factories.make_person("Dr Ruth Vane", Role.SUPERVISOR, northfield)
    supervision = factories.make_supervision(therapist, successor, northfield)
    draft = factories.make_draft(successor, therapist, revision)
    Supervision.objects.filter(pk=supervision.pk).update(ends_on=factories.days_ago(3))

    with pytest.raises(NotAllowed):
        close(before, draft)


def test_reopen_undoes_the_closing(before, draft, supervisor):
    close(before, draft)

    goals.reopen(by=supervisor, assessment=draft, goal=before)

    goal = Goal.objects.get(pk=before.pk)
    assert (goal.status, goal.result, goal.closed_in, goal.closed_at, goal.closed_by) == ("open", "", None, None, None)
    assert last_event().data == {"goal": str(before.pk), "text": "Say less.", "before": "Heard it."}


def test_reopen_refused_for_what_was_not_closed_here(before, draft, supervisor):
    with pytest.raises(Refused, match=r"^This goal was not closed in this assessment\.$"):
        goals.reopen(by=supervisor, assessment=draft, goal=before)


def test_reopen_refused_once_shared(before, supervisor):
    closing = factories.close_goal(before)

    with pytest.raises(NotAllowed, match=LOCKED):
        goals.reopen(by=supervisor, assessment=closing, goal=before)


@pytest.fixture
def taken_back(before, draft, supervisor):
    """The goal closed in a draft, and its own assessment taken back."""
    close(before, draft)
    return assessments.take_back(by=supervisor, assessment=before.assessment, reason="Wrong session.")


def test_save_refused_for_a_goal_with_a_result(before, taken_back):
    with pytest.raises(NotAllowed, match="What became of it is written down already"):
        save(taken_back, goal=before)


def test_remove_refused_for_a_goal_with_a_result(before, taken_back, supervisor):
    with pytest.raises(NotAllowed, match="What became of it is written down already"):
        goals.remove(by=supervisor, goal=before)


def test_goal_closed_in_a_draft_is_still_open_for_everybody(before, draft):
    close(before, draft)

    assert list(Goal.objects.still_open()) == [before]


def test_goal_is_closed_for_everybody_once_that_is_shared(before):
    factories.close_goal(before)

    assert list(Goal.objects.still_open()) == []


def test_goal_closed_in_a_withdrawn_assessment_is_open_again(before, supervisor):
    withdrawn = factories.close_goal(before)
    assessments.withdraw(by=supervisor, assessment=withdrawn, reason="Wrong session.")

    assert list(Goal.objects.still_open()) == [before]
