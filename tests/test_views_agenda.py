"""The agenda of the next supervision."""

import pytest
from django.urls import reverse

from assessments.actions import assessments
from assessments.models import RecordAccess
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


def agenda(reader, therapist, query=""):
    return words(signed_in(reader).get(reverse("therapist-agenda", args=[therapist.pk]) + query))


def day(on):
    return f"{on:%-d %B %Y}"


def test_agenda_of_somebody_new_is_empty(therapist):
    text = agenda(therapist, therapist)

    assert "No goal is open." in text
    assert "The last shared assessments flag nothing that has no goal." in text
    assert "No reply and no signature is outstanding." in text
    assert "Notes and agreements" in text


def test_agenda_lists_goals_by_date_and_says_what_is_overdue(supervisor, therapist, revision):
    for text, days in [("Later.", -5), ("Late.", 5)]:
        factories.make_agreed(supervisor, therapist, revision, text=text, due_on=factories.days_ago(days))

    text = agenda(supervisor, therapist)

    assert f"Late. Overdue Worked on by the therapist. Look at it again by {day(factories.days_ago(5))}." in text
    assert f"Later. Worked on by the therapist. Look at it again by {day(factories.days_ago(-5))}." in text
    assert text.index("Late. Overdue") < text.index("Later.")


def test_agenda_tells_what_waits_between_the_two(therapist, shared):
    waits = "the reply of Amara Okafor, the signature of Amara Okafor and the signature of Dr Helen Marsh"

    assert f"It waits for {waits}." in agenda(therapist, therapist)


def test_agenda_waits_for_no_reply_once_there_is_one(therapist, shared):
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")

    text = agenda(therapist, therapist)

    assert "It waits for the signature of Amara Okafor and the signature of Dr Helen Marsh." in text


def test_agenda_waits_for_no_reply_of_whoever_has_signed(therapist, shared):
    assessments.sign_off(by=therapist, assessment=shared)

    assert "It waits for the signature of Dr Helen Marsh." in agenda(therapist, therapist)


def test_agenda_counts_no_signature_that_became_void(supervisor, therapist, shared):
    assessments.sign_off(by=therapist, assessment=shared)
    assessments.take_back(by=supervisor, assessment=shared, reason="Wrong session.")
    assessments.share(by=supervisor, assessment=shared)

    assert "the signature of Amara Okafor and the signature of Dr Helen Marsh" in agenda(therapist, therapist)


def test_agenda_waits_for_nothing_once_signed(therapist, signed):
    assert "No reply and no signature is outstanding." in agenda(therapist, therapist)


def flagged(supervisor, therapist, revision, *, days=2, **flags):
    draft = factories.make_draft(supervisor, therapist, revision, session_on=factories.days_ago(days))
    factories.rate(draft, "S2.1", 2, note="Passed over it.", **flags)
    return draft


def section(text):
    return text.split("Concerns and priorities without a goal")[1].split("What waits")[0]


@pytest.mark.parametrize(
    ("flags", "why"), [({"is_concern": True}, "Concern"), ({"is_priority": True}, "Priority for development")]
)
def test_agenda_lists_what_was_flagged(supervisor, therapist, revision, flags, why):
    assessment = assessments.share(by=supervisor, assessment=flagged(supervisor, therapist, revision, **flags))

    told = f"{why} Emerging, session of {day(assessment.session_on)} Passed over it."
    assert told in section(agenda(therapist, therapist))


def test_agenda_lists_what_was_flagged_without_a_level(supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision)
    factories.rate(draft, "S2.1", "not_observed", is_priority=True)
    assessments.share(by=supervisor, assessment=draft)

    assert "Priority for development Not observed, session of" in section(agenda(therapist, therapist))


def test_agenda_says_nothing_of_drafts(supervisor, therapist, revision):
    draft = flagged(supervisor, therapist, revision, is_concern=True)
    factories.make_goal(draft, "Say less.")

    text = agenda(supervisor, therapist)

    assert ("Passed over it." in text, "Say less." in text) == (False, False)


def test_agenda_leaves_out_what_a_goal_names(supervisor, therapist, revision):
    draft = flagged(supervisor, therapist, revision, is_concern=True)
    factories.make_goal(draft, competences=[draft.ratings.get().competence])
    assessments.share(by=supervisor, assessment=draft)

    assert "Passed over it." not in section(agenda(supervisor, therapist))


def test_agenda_leaves_out_what_an_older_goal_still_names(supervisor, therapist, revision):
    tied = revision.competences.filter(code="S2.1")
    factories.make_agreed(supervisor, therapist, revision, competences=tied)
    assessments.share(by=supervisor, assessment=flagged(supervisor, therapist, revision, is_concern=True))

    assert "Passed over it." not in section(agenda(supervisor, therapist))


def test_agenda_lists_what_only_a_closed_goal_named(supervisor, therapist, revision):
    tied = revision.competences.filter(code="S2.1")
    factories.close_goal(factories.make_agreed(supervisor, therapist, revision, competences=tied))
    assessments.share(by=supervisor, assessment=flagged(supervisor, therapist, revision, days=1, is_concern=True))

    assert "Passed over it." in section(agenda(supervisor, therapist))


def test_agenda_lists_a_competence_once(supervisor, therapist, revision):
    for days in [9, 2]:
        draft = flagged(supervisor, therapist, revision, days=days, is_priority=True)
        assessments.share(by=supervisor, assessment=draft)

    found = section(agenda(supervisor, therapist))

    assert (found.count("S2.1"), day(factories.days_ago(2)) in found) == (1, True)


def test_agenda_looks_at_the_last_three_assessments(supervisor, therapist, revision):
    for days in [9, 8, 7, 6]:
        draft = flagged(supervisor, therapist, revision, days=days, is_priority=days == 9)
        assessments.share(by=supervisor, assessment=draft)

    assert "Passed over it." not in section(agenda(supervisor, therapist))


def test_agenda_lists_gaps(therapist, shared):
    assert "S1 Grief No case with this problem area" in agenda(therapist, therapist)


def test_agenda_follows_the_framework_asked_for(supervisor, therapist, shared):
    small = factories.make_revision()
    draft = factories.make_draft(supervisor, therapist, small, codes="A1")
    factories.rate(draft, "A1.1", 3)
    assessments.share(by=supervisor, assessment=draft)

    assert "Also rated on: Small framework" in agenda(supervisor, therapist)
    assert "A1a Silences Never rated" in agenda(supervisor, therapist, "?framework=small")


def test_agenda_is_noted_as_the_profile_is(supervisor, therapist):
    agenda(supervisor, therapist)

    access = RecordAccess.objects.get()
    assert (access.by, access.therapist, access.opened) == (supervisor, therapist, "profile")


def test_own_agenda_is_not_noted(therapist):
    agenda(therapist, therapist)

    assert not RecordAccess.objects.exists()


def test_profile_and_list_lead_to_the_agenda(supervisor, therapist):
    client, address = signed_in(supervisor), reverse("therapist-agenda", args=[therapist.pk])

    for page in [reverse("therapists"), reverse("therapist", args=[therapist.pk])]:
        assert f'href="{address}"' in client.get(page).text
