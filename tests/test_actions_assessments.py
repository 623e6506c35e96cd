import datetime
import hashlib
import json

import pytest
from django.utils import timezone

from assessments.actions import assessments, contexts
from assessments.exceptions import NotAllowed, Refused
from assessments.models import Activity, Assessment, AuditEvent, Competence, Role, SignedRecord, Status, Supervision
from tests import factories

pytestmark = pytest.mark.django_db

LOCKED = "It is shared with the therapist and locked. Take it back first to change it."


def activities(revision, codes):
    return Activity.objects.filter(revision=revision, code__in=codes.split())


def extent(assessment):
    return [activity.code for activity in assessment.activities.order_by("position")]


def last_event():
    return AuditEvent.objects.latest("id")


def sign_both(assessment):
    assessments.sign_off(by=assessment.therapist, assessment=assessment)
    return assessments.sign_off(by=assessment.supervisor, assessment=assessment)


@pytest.fixture
def start(supervisor, therapist, revision):
    """Helen begins an assessment of Amara; a test changes what it is about."""

    def begin(*, codes="S2 S7", of=None, **changes):
        return assessments.start(
            by=supervisor,
            therapist=therapist,
            **{
                "revision": of or revision,
                "activities": activities(revision, codes),
                "context": factories.make_context(**changes),
            },
        )

    return begin


@pytest.fixture
def second_supervisor(therapist, northfield):
    person = factories.make_person("Dr Iris Novak", Role.SUPERVISOR, northfield)
    factories.make_supervision(therapist, person, northfield)
    return person


# start


def test_start_makes_a_draft_pinned_to_its_revision(start, supervisor, therapist, northfield, revision):
    draft = Assessment.objects.get(pk=start().pk)

    assert draft.status == Status.DRAFT
    assert (draft.supervisor, draft.therapist, draft.organisation) == (supervisor, therapist, northfield)
    assert (draft.revision, draft.scale) == (revision, revision.scale)


def test_start_keeps_the_context(start):
    context = factories.make_context(source="live", is_consent_confirmed=False, session_number=None)

    draft = Assessment.objects.get(pk=start(**context).pk)

    assert {name: getattr(draft, name) for name in context} == context


def test_start_keeps_the_extent(start):
    assert extent(start(codes="S2 S7 B1")) == ["B1", "S2", "S7"]


def test_start_records_its_extent(start, supervisor):
    draft = start(codes="S2 S7")

    assert factories.event_types(assessment=draft) == ["assessment_started"]
    assert (last_event().by, last_event().data) == (supervisor, {"extent": ["S2", "S7"]})


def test_start_takes_the_organisation_of_the_supervision(start, supervisor, therapist, southbank):
    Supervision.objects.update(ends_on=factories.days_ago(1))
    factories.make_supervision(therapist, supervisor, southbank)

    assert start().organisation == southbank


def test_start_refused_without_supervision(start):
    Supervision.objects.update(ends_on=factories.days_ago(1))

    with pytest.raises(NotAllowed) as refusal:
        start()

    assert refusal.value.reason == "You do not supervise Amara Okafor at present."


@pytest.mark.parametrize("state", ["draft", "retired"])
def test_start_refused_on_a_revision_that_is_not_published(start, state):
    sketch = factories.make_revision(is_published=False)
    sketch.status = state

    with pytest.raises(Refused, match=r"^Assessments are made on a published revision\.$"):
        start(of=sketch)


def test_start_refused_for_a_recording_without_consent(start):
    with pytest.raises(Refused) as refusal:
        start(is_consent_confirmed=False)

    assert str(refusal.value) == (
        "A recorded session needs the client's consent to recording. Confirm it, or choose another source."
    )


def test_start_refused_for_a_session_to_come(start):
    with pytest.raises(Refused, match=r"^The date of the session lies in the future\.$"):
        start(session_on=factories.days_ago(-1))


def test_start_allowed_for_a_session_today(start):
    assert start(session_on=timezone.localdate()).is_draft


def test_start_refused_without_an_activity(start):
    with pytest.raises(Refused, match=r"^Choose at least one activity to rate\.$"):
        start(codes="")


def test_start_refused_for_activities_of_another_revision(start):
    with pytest.raises(Refused) as refusal:
        start(of=factories.make_revision())

    assert str(refusal.value) == "An assessment covers activities of one revision. Choose them again."


# correct_context


def correct(draft, *, by=None, codes="S2 S7", **changes):
    return contexts.correct_context(
        by=by or draft.supervisor,
        assessment=draft,
        activities=activities(draft.revision, codes),
        context=factories.make_context(**changes),
    )


def test_correct_context_changes_what_it_rests_on(draft):
    correct(draft, source="live", session_number=8)

    draft.refresh_from_db()
    assert (draft.source, draft.session_number) == ("live", 8)


def test_correct_context_changes_the_extent(draft):
    correct(draft, codes="S7 B1")

    assert extent(draft) == ["B1", "S7"]


def test_correct_context_records_what_changed(draft):
    correct(draft, session_number=8)

    assert factories.event_types(assessment=draft) == ["assessment_started", "context_changed"]
    assert last_event().data["changed"] == {"session_number": ["7", "8"]}


def test_correct_context_records_a_changed_extent(draft):
    correct(draft, codes="S7")

    assert "S2" in json.dumps(last_event().data)


def test_correct_context_keeps_a_begun_activity(draft):
    factories.rate(draft, "S2.1")
    factories.rate(draft, "S2.2")

    with pytest.raises(Refused, match=r"^S2 holds ratings\. Clear them before you leave the activity out\.$"):
        correct(draft, codes="S7")

    assert extent(draft) == ["S2", "S7"]


def test_correct_context_keeps_an_activity_that_holds_a_note_only(draft):
    factories.rate(draft, "S7.1", "pending", note="Typed first.")

    with pytest.raises(Refused, match=r"^S7 holds ratings\. Clear them before you leave the activity out\.$"):
        correct(draft, codes="S2")


def test_correct_context_names_the_first_begun_activity(draft):
    factories.rate(draft, "S7.1")
    factories.rate(draft, "S2.1")

    with pytest.raises(Refused, match=r"^S2 holds ratings"):
        correct(draft, codes="B1")


def test_correct_context_ignores_ratings_of_another_assessment(draft, supervisor, therapist, revision):
    factories.make_shared(supervisor, therapist, revision)

    correct(draft, codes="S7")

    assert extent(draft) == ["S7"]


def test_correct_context_refused_for_others(draft, lead):
    with pytest.raises(NotAllowed):
        correct(draft, by=lead)


def test_correct_context_refused_once_shared(shared):
    with pytest.raises(NotAllowed, match=LOCKED):
        correct(shared)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_consent_confirmed": False}, "A recorded session needs the client's consent"),
        ({"session_on": datetime.date(2999, 1, 1)}, "The date of the session lies in the future"),
        ({"codes": ""}, "Choose at least one activity"),
    ],
)
def test_correct_context_refused_as_at_the_start(draft, changes, reason):
    with pytest.raises(Refused, match=f"^{reason}"):
        correct(draft, **changes)


# save_texts


def save_texts(assessment, by=None, **changes):
    texts = {"summary": "", "strengths": "", "needs": "", **changes}
    return assessments.save_texts(by=by or assessment.supervisor, assessment=assessment, **texts)


def test_save_texts_stores_all_three(draft):
    save_texts(draft, summary="A calm hour.", strengths="Pace.", needs="Stages.")

    draft.refresh_from_db()
    assert (draft.summary, draft.strengths, draft.needs) == ("A calm hour.", "Pace.", "Stages.")


def test_save_texts_records_before_and_after(draft):
    save_texts(draft, summary="First.")

    save_texts(draft, summary="Second.")

    assert last_event().data == {"changed": {"summary": ["First.", "Second."]}}


def test_save_texts_without_change_records_nothing(draft):
    save_texts(draft, summary="First.")

    save_texts(draft, summary="First.")

    assert factories.event_types(assessment=draft) == ["assessment_started", "texts_saved"]


def test_save_texts_refused_once_shared(shared):
    with pytest.raises(NotAllowed, match=LOCKED):
        save_texts(shared, summary="Late.")


def test_save_texts_refused_for_the_therapist(draft, therapist):
    with pytest.raises(NotAllowed):
        save_texts(draft, by=therapist, summary="Mine.")


# share


def test_share_shows_and_locks_the_draft(draft, supervisor):
    factories.rate(draft, "S2.1")

    assessments.share(by=supervisor, assessment=draft)

    draft.refresh_from_db()
    assert draft.status == Status.SHARED
    assert draft.shared_at is not None
    assert factories.event_types(assessment=draft) == ["assessment_started", "rating_saved", "assessment_shared"]


def test_share_refused_with_nothing_rated(draft, supervisor):
    with pytest.raises(Refused, match=r"^Nothing is rated yet\.$"):
        assessments.share(by=supervisor, assessment=draft)


def test_share_refused_for_a_concern_without_a_note(draft, supervisor):
    factories.rate(draft, "S2.1", is_concern=True)

    with pytest.raises(Refused, match=r"^S2\.1: a concern needs a note\.$"):
        assessments.share(by=supervisor, assessment=draft)

    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_share_refused_for_a_concern_with_a_note_of_spaces(draft, supervisor):
    factories.rate(draft, "S2.1", is_concern=True, note="  ")

    with pytest.raises(Refused, match=r"^S2\.1: a concern needs a note\.$"):
        assessments.share(by=supervisor, assessment=draft)


def test_share_refused_for_not_applicable_without_a_reason(draft, supervisor):
    factories.rate(draft, "S2.1", "not_applicable")

    with pytest.raises(Refused, match=r"^S2\.1: not applicable needs a reason\.$"):
        assessments.share(by=supervisor, assessment=draft)


def test_share_refused_with_every_obstacle_in_printed_order(draft, supervisor):
    factories.rate(draft, "S7.1", "not_applicable")
    factories.rate(draft, "S2.2", is_concern=True)
    factories.rate(draft, "S2.1", "pending", note="Typed first.")

    with pytest.raises(Refused) as refusal:
        assessments.share(by=supervisor, assessment=draft)

    assert str(refusal.value) == (
        "S2.1: a note or flag waits for its level. Choose one, or clear it. "
        "S2.2: a concern needs a note. S7.1: not applicable needs a reason."
    )


def test_share_never_refused_for_blanks(draft, supervisor):
    factories.rate(draft, "S2.1", "not_observed")

    assert assessments.share(by=supervisor, assessment=draft).is_shared


def test_share_refused_a_second_time(shared, supervisor):
    with pytest.raises(NotAllowed, match=LOCKED):
        assessments.share(by=supervisor, assessment=shared)


def test_share_decides_on_the_stored_state(draft, supervisor):
    factories.rate(draft, "S2.1")
    stale = Assessment.objects.get(pk=draft.pk)
    assessments.share(by=supervisor, assessment=draft)

    with pytest.raises(NotAllowed, match=LOCKED):
        assessments.share(by=supervisor, assessment=stale)


def test_share_refused_for_others(draft, lead):
    with pytest.raises(NotAllowed, match=r"^Only Dr Helen Marsh, who made this assessment, can do that\.$"):
        assessments.share(by=lead, assessment=draft)


# take_back


def test_take_back_returns_it_to_draft(shared, supervisor):
    assessments.take_back(by=supervisor, assessment=shared, reason="Wrong date.")

    shared.refresh_from_db()
    assert (shared.status, shared.shared_at) == (Status.DRAFT, None)
    assert last_event().type == "assessment_taken_back"
    assert last_event().data == {"reason": "Wrong date.", "signatures_voided": 0}


def test_take_back_voids_a_signature(shared, supervisor, therapist):
    assessments.sign_off(by=therapist, assessment=shared)

    assessments.take_back(by=supervisor, assessment=shared, reason="Wrong date.")

    assert shared.signatures.get().voided_at is not None
    assert last_event().data["signatures_voided"] == 1


def test_take_back_keeps_the_time_of_a_signature_voided_before(shared, supervisor, therapist):
    assessments.sign_off(by=therapist, assessment=shared)
    assessments.take_back(by=supervisor, assessment=shared, reason="Wrong date.")
    voided_at = shared.signatures.get().voided_at
    assessments.share(by=supervisor, assessment=shared)

    assessments.take_back(by=supervisor, assessment=shared, reason="Wrong source.")

    assert shared.signatures.get().voided_at == voided_at


def test_take_back_asks_for_new_signatures(shared, supervisor, therapist):
    assessments.sign_off(by=therapist, assessment=shared)
    assessments.take_back(by=supervisor, assessment=shared, reason="Wrong date.")
    assessments.share(by=supervisor, assessment=shared)

    assert assessments.sign_off(by=supervisor, assessment=shared).is_shared
    assert assessments.sign_off(by=therapist, assessment=shared).is_signed_off


@pytest.mark.parametrize("reason", ["", "  "])
def test_take_back_refused_without_a_reason(shared, supervisor, reason):
    with pytest.raises(Refused, match=r"^Say why you take it back\.$"):
        assessments.take_back(by=supervisor, assessment=shared, reason=reason)


def test_take_back_refused_for_a_draft(draft, supervisor):
    with pytest.raises(NotAllowed, match=r"^You cannot take back this assessment\. It is still a draft\.$"):
        assessments.take_back(by=supervisor, assessment=draft, reason="Wrong date.")


# reply


def reply(assessment, *, by=None, agreement="agree_in_part", text="It was session 8."):
    return assessments.reply(by=by or assessment.therapist, assessment=assessment, agreement=agreement, text=text)


def test_reply_becomes_part_of_the_assessment(shared):
    reply(shared)

    shared.refresh_from_db()
    assert (shared.reply_agreement, shared.reply) == ("agree_in_part", "It was session 8.")
    assert shared.replied_at is not None


def test_reply_records_before_and_after(shared):
    reply(shared)

    reply(shared, agreement="disagree", text="It was session 9.")

    assert last_event().type == "assessment_replied"
    assert last_event().data == {
        "before": ["agree_in_part", "It was session 8."],
        "after": ["disagree", "It was session 9."],
        "signatures_voided": 0,
    }


def test_reply_after_the_supervisor_signed_voids_that_signature(shared):
    assessments.sign_off(by=shared.supervisor, assessment=shared)

    reply(shared)

    assert shared.signatures.filter(voided_at__isnull=True).count() == 0
    assert last_event().data["signatures_voided"] == 1


def test_reply_needs_no_text_to_agree(shared):
    assert reply(shared, agreement="agree", text="").reply_agreement == "agree"


@pytest.mark.parametrize("agreement", ["agree_in_part", "disagree"])
def test_reply_refused_without_saying_what_differs(shared, agreement):
    with pytest.raises(Refused, match=r"^Say what you see differently\.$"):
        reply(shared, agreement=agreement, text=" ")


def test_reply_refused_once_the_therapist_has_signed(shared, therapist):
    assessments.sign_off(by=therapist, assessment=shared)

    with pytest.raises(Refused, match=r"^You have signed; the reply can no longer change\.$"):
        reply(shared)


def test_reply_allowed_once_the_signature_was_voided(shared, therapist, supervisor):
    assessments.sign_off(by=therapist, assessment=shared)
    assessments.take_back(by=supervisor, assessment=shared, reason="Wrong date.")
    assessments.share(by=supervisor, assessment=shared)

    assert reply(shared).reply == "It was session 8."


def test_reply_refused_for_the_supervisor(shared, supervisor):
    with pytest.raises(NotAllowed, match=r"^Only the therapist can reply to this assessment\.$"):
        reply(shared, by=supervisor)


def test_reply_refused_for_a_draft(draft):
    with pytest.raises(NotAllowed, match="It is still a draft"):
        reply(draft)


# sign_off


@pytest.mark.parametrize("first", ["therapist", "supervisor"])
def test_sign_off_waits_for_the_second_signature(shared, first):
    assessments.sign_off(by=getattr(shared, first), assessment=shared)

    shared.refresh_from_db()
    assert shared.status == Status.SHARED
    assert [(signature.role, signature.person) for signature in shared.signatures.all()] == [
        (first, getattr(shared, first))
    ]


@pytest.mark.parametrize(("first", "second"), [("therapist", "supervisor"), ("supervisor", "therapist")])
def test_sign_off_freezes_at_the_second_signature(shared, first, second):
    assessments.sign_off(by=getattr(shared, first), assessment=shared)

    assessments.sign_off(by=getattr(shared, second), assessment=shared)

    shared.refresh_from_db()
    assert shared.status == Status.SIGNED_OFF
    assert shared.signed_off_at == shared.signatures.get(role=second).signed_at


def test_sign_off_records_each_signature_and_the_end(shared):
    sign_both(shared)

    events = AuditEvent.objects.filter(assessment=shared).order_by("-id")[:3]
    assert [event.type for event in events] == ["assessment_signed_off", "assessment_signed", "assessment_signed"]
    assert [event.data.get("role") for event in events] == [None, "supervisor", "therapist"]


def test_sign_off_records_the_place_in_the_chain(shared):
    sign_both(shared)

    assert last_event().data == {"sequence": 1, "sha256": shared.signed_record.sha256}


def test_sign_off_refused_a_second_time(shared, therapist):
    assessments.sign_off(by=therapist, assessment=shared)

    with pytest.raises(NotAllowed, match=r"^You have signed this assessment\. It waits for the other signature\.$"):
        assessments.sign_off(by=therapist, assessment=shared)


def test_sign_off_refused_for_others(shared, lead):
    with pytest.raises(NotAllowed, match=r"^Only the therapist and the supervisor named in this assessment sign it\.$"):
        assessments.sign_off(by=lead, assessment=shared)


def test_sign_off_refused_for_a_draft(draft, supervisor):
    with pytest.raises(NotAllowed, match="It is still a draft"):
        assessments.sign_off(by=supervisor, assessment=draft)


def test_first_record_begins_the_chain(signed, northfield):
    record = signed.signed_record

    assert (record.organisation, record.sequence, record.previous_sha256) == (northfield, 1, "")


def test_second_record_links_to_the_first(signed, supervisor, therapist, revision):
    second = factories.make_signed(supervisor, therapist, revision).signed_record

    first = signed.signed_record
    assert (second.sequence, second.previous_sha256) == (2, first.sha256)
    assert json.loads(second.content)["chain"] == {"sequence": 2, "previous_sha256": first.sha256}


def test_each_organisation_has_a_chain_of_its_own(signed, outside_supervisor, outside_therapist, revision):
    elsewhere = factories.make_signed(outside_supervisor, outside_therapist, revision).signed_record

    assert (elsewhere.sequence, elsewhere.previous_sha256) == (1, "")


def test_hash_of_a_record_recomputes(signed):
    record = SignedRecord.objects.get(assessment=signed)

    assert hashlib.sha256(record.content.encode()).hexdigest() == record.sha256


def test_record_holds_every_rating(signed):
    document = json.loads(signed.signed_record.content)

    statements = [
        row for domain in document["domains"] for activity in domain["activities"] for row in activity["competences"]
    ]
    answers = {
        row["code"]: (row["rating"]["outcome"], row["rating"]["position"]) for row in statements if row["rating"]
    }
    assert answers == {"S2.1": ("level", 4), "S2.2": ("level", 3), "S2.9": ("not_observed", None)}
    assert len(statements) == Competence.objects.rateable().filter(activity__assessments=signed).count()


def test_record_tells_the_state_it_froze(signed):
    document = json.loads(signed.signed_record.content)

    assert document["assessment"]["status"] == "signed_off"
    assert [signature["role"] for signature in document["signatures"]] == ["therapist", "supervisor"]


# withdraw


@pytest.mark.parametrize("state", ["draft", "shared"])
def test_withdraw_ends_it_with_a_reason(request, supervisor, state):
    assessment = request.getfixturevalue(state)

    assessments.withdraw(by=supervisor, assessment=assessment, reason="Wrong person.")

    assessment.refresh_from_db()
    assert (assessment.status, assessment.withdrawn_reason) == (Status.WITHDRAWN, "Wrong person.")
    assert assessment.withdrawn_at is not None
    assert (last_event().type, last_event().data) == ("assessment_withdrawn", {"reason": "Wrong person."})


@pytest.mark.parametrize("reason", ["", " "])
def test_withdraw_refused_without_a_reason(draft, supervisor, reason):
    with pytest.raises(Refused, match=r"^Say why it is withdrawn\.$"):
        assessments.withdraw(by=supervisor, assessment=draft, reason=reason)


def test_withdraw_refused_once_signed_off(signed, supervisor):
    with pytest.raises(NotAllowed, match="a signed record never changes"):
        assessments.withdraw(by=supervisor, assessment=signed, reason="Wrong person.")


def test_withdraw_refused_for_others(draft, therapist):
    with pytest.raises(NotAllowed, match="Only Dr Helen Marsh"):
        assessments.withdraw(by=therapist, assessment=draft, reason="Wrong person.")


# hand_over


def hand_over(assessment, to, by=None):
    return assessments.hand_over(by=by or assessment.supervisor, assessment=assessment, to=to, reason="On leave.")


def test_hand_over_gives_the_draft_to_another(draft, second_supervisor):
    hand_over(draft, second_supervisor)

    draft.refresh_from_db()
    assert draft.supervisor == second_supervisor


def test_hand_over_records_both_people(draft, supervisor, second_supervisor):
    hand_over(draft, second_supervisor)

    assert last_event().type == "assessment_handed_over"
    assert last_event().data == {"reason": "On leave.", "supervisor": [str(supervisor.pk), str(second_supervisor.pk)]}


def test_hand_over_keeps_who_gave_each_rating(draft, supervisor, second_supervisor):
    factories.rate(draft, "S2.1")

    handed = hand_over(draft, second_supervisor)
    factories.rate(handed, "S2.2")

    given_by = {rating.competence.code: rating.rated_by for rating in draft.ratings.select_related("competence")}
    assert given_by == {"S2.1": supervisor, "S2.2": second_supervisor}


def test_hand_over_by_the_lead_after_the_grace_period(draft, lead, second_supervisor):
    Supervision.objects.filter(supervisor=draft.supervisor).update(ends_on=factories.days_ago(31))

    assert hand_over(draft, second_supervisor, by=lead).supervisor == second_supervisor


def test_hand_over_refused_to_somebody_without_supervision(draft, other_supervisor):
    with pytest.raises(Refused, match=r"^Dr Samuel Adeyemi is not another present supervisor of this therapist\.$"):
        hand_over(draft, other_supervisor)


def test_hand_over_refused_to_a_supervisor_of_another_organisation(draft, therapist, outside_supervisor, southbank):
    factories.make_supervision(therapist, outside_supervisor, southbank)

    with pytest.raises(Refused, match=r"^Grace Lindqvist is not another present supervisor of this therapist\.$"):
        hand_over(draft, outside_supervisor)


def test_hand_over_refused_to_oneself(draft, supervisor):
    with pytest.raises(Refused, match=r"^Dr Helen Marsh is not another present supervisor of this therapist\.$"):
        hand_over(draft, supervisor)


def test_hand_over_refused_once_shared(shared, second_supervisor):
    with pytest.raises(NotAllowed, match=LOCKED):
        hand_over(shared, second_supervisor)


def test_hand_over_refused_for_others(draft, therapist, second_supervisor):
    with pytest.raises(NotAllowed, match="or the training lead, can hand it over"):
        hand_over(draft, second_supervisor, by=therapist)
