import datetime

import pytest
from django.db import IntegrityError, transaction

from assessments.actions import assessments, goals
from assessments.exceptions import NotAllowed, Refused
from assessments.models import AuditEvent, Competence, Goal
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
