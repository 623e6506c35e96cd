"""Who is told of what: noted with the change, and nobody of what they did themselves."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from assessments.actions import assessments, notices, people, self_assessments
from assessments.models import Digest, Notice, User
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def waiting(assessment):
    """What waits to be told of an assessment: kind and person."""
    return list(Notice.objects.waiting().filter(assessment=assessment).values_list("kind", "person__name"))


def tell_all(person):
    """As if an e-mail had told all that waits."""
    digest = Digest.objects.create(
        person=person,
        on=timezone.localdate(),
        address=person.email,
        created_at=NOW,
        next_try_at=NOW,
    )
    Notice.objects.waiting().filter(person=person).update(digest=digest)
    Digest.objects.filter(pk=digest.pk).update(sent_at=NOW, attempts=1)


def test_draft_tells_nobody(draft):
    factories.rate(draft, "S2.1")

    assert waiting(draft) == []


def test_sharing_tells_the_therapist(shared):
    assert waiting(shared) == [("shared", "Amara Okafor")]


def test_reply_tells_the_supervisor_once_while_it_waits(therapist, shared):
    for text in ["I see it so.", "I see it otherwise."]:
        assessments.reply(by=therapist, assessment=shared, agreement="disagree", text=text)

    assert waiting(shared) == [("shared", "Amara Okafor"), ("replied", "Dr Helen Marsh")]


def test_first_signature_tells_who_is_still_to_sign(therapist, shared):
    assessments.sign_off(by=therapist, assessment=shared)

    assert waiting(shared) == [("shared", "Amara Okafor"), ("signed", "Dr Helen Marsh")]


def test_signature_of_the_supervisor_tells_the_therapist(supervisor, shared):
    assessments.sign_off(by=supervisor, assessment=shared)

    assert waiting(shared) == [("shared", "Amara Okafor"), ("signed", "Amara Okafor")]


def test_reply_after_a_signature_leaves_nothing_to_tell_of_it(supervisor, therapist, shared):
    assessments.sign_off(by=supervisor, assessment=shared)
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")

    assert waiting(shared) == [("shared", "Amara Okafor"), ("replied", "Dr Helen Marsh")]


def test_signature_before_taking_back_is_not_told_once_it_is_shared_again(supervisor, shared):
    assessments.sign_off(by=supervisor, assessment=shared)
    assessments.take_back(by=supervisor, assessment=shared, reason="A level was wrong.")
    assessments.share(by=supervisor, assessment=shared)

    assert waiting(shared) == [("shared", "Amara Okafor")]


def test_last_signature_tells_the_other_that_it_is_signed_off(signed):
    assert waiting(signed)[2:] == [("signed_off", "Amara Okafor")]


def test_asking_tells_the_therapist_and_not_who_asked(supervisor, therapist, revision):
    own, draft = factories.make_asked(supervisor, therapist, revision)

    assert (waiting(own), waiting(draft)) == ([("asked", "Amara Okafor")], [])


def test_self_assessment_tells_who_assesses_the_same_session(supervisor, therapist, revision):
    own, _ = factories.make_asked(supervisor, therapist, revision)
    factories.share_self(own)

    assert waiting(own) == [("asked", "Amara Okafor"), ("self_shared", "Dr Helen Marsh")]


def test_self_assessment_without_a_second_one_tells_nobody(therapist, revision):
    own = factories.make_self_shared(therapist, revision)
    self_assessments.show(by=therapist, assessment=own)

    assert waiting(own) == []


def test_handing_over_tells_the_new_supervisor(supervisor, therapist, draft, northfield):
    to = factories.make_person("Dr Ines Duarte", "supervisor", northfield)
    factories.make_supervision(therapist, to, northfield)

    assessments.hand_over(by=supervisor, assessment=draft, to=to, reason="I am leaving.")

    assert waiting(draft) == [("handed_over", "Dr Ines Duarte")]


def test_withdrawing_tells_nobody(supervisor, therapist, revision):
    withdrawn = factories.make_withdrawn(supervisor, therapist, revision, is_shared=False)

    assert waiting(withdrawn) == []


def test_taken_back_before_anybody_heard_is_never_told(supervisor, shared):
    assessments.take_back(by=supervisor, assessment=shared, reason="A wrong level.")

    assert waiting(shared) == []
    assert Notice.objects.get(assessment=shared).dropped_at is not None


def test_taken_back_is_told_to_who_heard_of_the_sharing(supervisor, therapist, shared):
    tell_all(therapist)

    assessments.take_back(by=supervisor, assessment=shared, reason="A wrong level.")

    assert waiting(shared) == [("taken_back", "Amara Okafor")]


def test_taken_back_again_before_anybody_heard_again_is_not_told(supervisor, therapist, shared):
    tell_all(therapist)
    assessments.take_back(by=supervisor, assessment=shared, reason="A wrong level.")
    dropped = Notice.objects.waiting().update(dropped_at=NOW)
    assessments.share(by=supervisor, assessment=shared)

    assessments.take_back(by=supervisor, assessment=shared, reason="Another wrong level.")

    assert (dropped, waiting(shared)) == (1, [])


@pytest.mark.parametrize("changes", [{"is_active": False}, {"has_digest": False}])
def test_who_gets_no_e_mails_is_told_nothing(supervisor, therapist, revision, changes):
    User.objects.filter(pk=therapist.pk).update(**changes)

    shared = factories.make_shared(supervisor, therapist, revision)

    assert Notice.objects.filter(assessment=shared).count() == 0


def test_nobody_is_told_what_they_did(supervisor, therapist, draft):
    notices.tell("signed_off", by=supervisor, assessment=draft, to=[supervisor.pk, therapist.pk])

    assert waiting(draft) == [("signed_off", "Amara Okafor")]


def test_switching_off_drops_what_waits(therapist, shared):
    people.set_digest(by=therapist, has_digest=False)

    assert (waiting(shared), User.objects.get(pk=therapist.pk).has_digest) == ([], False)


def test_switching_on_drops_nothing(therapist, shared):
    people.set_digest(by=therapist, has_digest=True)

    assert waiting(shared) == [("shared", "Amara Okafor")]


def test_notice_is_said_by_its_kind_and_person(therapist, shared):
    assert str(Notice.objects.get(assessment=shared)) == f"Shared with you, for {therapist.pk}"


def test_notice_of_an_unknown_kind_is_refused(supervisor, therapist, draft):
    with pytest.raises(IntegrityError):
        notices.tell("whispered", by=supervisor, assessment=draft, to=[therapist.pk])
