import uuid

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from assessments.actions import assessments, ratings
from assessments.actions.ratings import CLEAR, Saved
from assessments.exceptions import Conflict, NotAllowed, Refused
from assessments.models import Assessment, AuditEvent, Competence, Rating, Role, Supervision
from tests import factories
from tests.factories import make_change

pytestmark = pytest.mark.django_db


def save(assessment, change, *, by=None):
    return ratings.save(by=by or assessment.supervisor, assessment_id=assessment.pk, change=change)


def standing(assessment, code="S2.1"):
    """What is stored for one competence; None when it is not rated."""
    rating = assessment.ratings.filter(competence__code=code).select_related("level").first()
    if rating is None:
        return None
    position = rating.level.position if rating.level else None
    return rating.outcome, position, rating.note, rating.is_concern, rating.is_priority


def last_event():
    return AuditEvent.objects.latest("id")


@pytest.fixture
def version(draft):
    """The version of a rating at level 3 that stands for S2.1 in the draft."""
    return factories.rate(draft, "S2.1", 3)


# a first answer


@pytest.mark.parametrize("position", [1, 2, 3, 4, 5])
def test_save_stores_a_level(draft, position):
    save(draft, make_change("S2.1", position))

    assert standing(draft) == ("level", position, "", False, False)


def test_save_stores_note_and_flags(draft):
    save(draft, make_change("S2.1", 2, note="Named one stage.", is_concern=True, is_priority=True))

    assert standing(draft) == ("level", 2, "Named one stage.", True, True)


@pytest.mark.parametrize("outcome", ["not_observed", "not_applicable"])
def test_save_stores_an_outcome_without_level(draft, outcome):
    save(draft, make_change("S2.1", outcome))

    assert standing(draft) == (outcome, None, "", False, False)


def test_save_stores_no_level_beside_another_outcome(draft):
    save(draft, make_change("S2.1", "not_observed", position=4))

    assert standing(draft) == ("not_observed", None, "", False, False)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"note": "Began well."}, ("pending", None, "Began well.", False, False)),
        ({"is_concern": True}, ("pending", None, "", True, False)),
        ({"is_priority": True}, ("pending", None, "", False, True)),
    ],
)
def test_save_keeps_a_note_or_flag_before_its_level(draft, typed, expected):
    save(draft, make_change("S2.1", "pending", **typed))

    assert standing(draft) == expected


def test_save_gives_a_pending_note_its_level(draft):
    version = save(draft, make_change("S2.1", "pending", note="Began well.")).version

    save(draft, make_change("S2.1", 4, note="Began well.", base_version=version))

    assert standing(draft) == ("level", 4, "Began well.", False, False)


def test_save_names_who_rated_and_when(draft, supervisor):
    saved = save(draft, make_change("S2.1"))

    rating = draft.ratings.get()
    assert (rating.rated_by, rating.rated_at, rating.version) == (supervisor, saved.at, saved.version)


def test_save_records_the_answer(draft, supervisor):
    change = make_change("S2.1", 4, note="Clear.")

    saved = save(draft, change)

    event = last_event()
    assert (event.pk, event.type, event.by, event.change_key) == (saved.version, "rating_saved", supervisor, change.key)
    assert event.data == {"code": "S2.1", "before": None, "after": change.values}


def test_save_issues_at_most_six_statements(draft, supervisor):
    with CaptureQueriesContext(connection) as statements:
        ratings.save(by=supervisor, assessment_id=draft.pk, change=make_change("S2.1"))

    assert len(statements) <= 6


def test_save_of_another_answer_issues_at_most_six_statements(draft, supervisor, version):
    with CaptureQueriesContext(connection) as statements:
        ratings.save(by=supervisor, assessment_id=draft.pk, change=make_change("S2.1", 5, base_version=version))

    assert len(statements) <= 6


# what cannot be saved


def test_save_refused_for_a_level_beyond_the_scale(draft):
    with pytest.raises(Refused) as refusal:
        save(draft, make_change("S2.1", 6))

    assert str(refusal.value) == "This level is not on the scale of this assessment. Choose one that is shown."


def test_save_refused_for_a_level_without_position(draft):
    with pytest.raises(Refused, match="This level is not on the scale"):
        save(draft, make_change("S2.1", "level"))


def test_save_refused_for_nothing_yet(draft):
    with pytest.raises(Refused, match=r"^There is nothing to save yet\. Choose a level or write a note\.$"):
        save(draft, make_change("S2.1", "pending"))


@pytest.mark.parametrize("code", ["X9.9", "S3.1", "S2.2.a"], ids=["unknown", "outside the extent", "a sub-point"])
def test_save_finds_only_rateable_competences_of_the_extent(draft, code):
    with pytest.raises(Competence.DoesNotExist):
        save(draft, make_change(code))


def test_save_finds_nothing_for_an_outsider(draft, outside_supervisor):
    with pytest.raises(Assessment.DoesNotExist):
        save(draft, make_change("S2.1"), by=outside_supervisor)


def test_save_finds_no_draft_for_the_therapist(draft, therapist):
    with pytest.raises(Assessment.DoesNotExist):
        save(draft, make_change("S2.1"), by=therapist)


def test_save_refused_for_an_insider(draft, lead):
    with pytest.raises(NotAllowed, match=r"^Only Dr Helen Marsh, who made this assessment, can do that\.$"):
        save(draft, make_change("S2.1"), by=lead)


def test_save_refused_once_shared(shared):
    with pytest.raises(NotAllowed, match="It is shared with the therapist and locked"):
        save(shared, make_change("S2.3"))


def test_save_allowed_in_the_grace_period(draft):
    Supervision.objects.update(ends_on=factories.days_ago(30))

    save(draft, make_change("S2.1"))

    assert standing(draft) == ("level", 3, "", False, False)


def test_save_refused_after_the_grace_period(draft):
    Supervision.objects.update(ends_on=factories.days_ago(31))

    with pytest.raises(NotAllowed, match="the 30 days to finish are over"):
        save(draft, make_change("S2.1"))


# another answer


def test_save_changes_the_answer(draft, version):
    save(draft, make_change("S2.1", 5, base_version=version))

    assert standing(draft) == ("level", 5, "", False, False)


def test_save_only_ever_raises_the_version(draft, version):
    assert save(draft, make_change("S2.1", 5, base_version=version)).version > version


def test_save_records_the_answer_before(draft, version):
    change = make_change("S2.1", 5, base_version=version)

    save(draft, change)

    before = make_change("S2.1", 3).values
    assert last_event().data == {"code": "S2.1", "before": before, "after": change.values}


def test_save_of_the_same_answer_changes_nothing(draft, version):
    saved = save(draft, make_change("S2.1", 3, base_version=version))

    assert (saved.version, saved.at) == (version, draft.ratings.get().rated_at)
    assert factories.event_types(assessment=draft) == ["assessment_started", "rating_saved"]


def test_save_of_the_same_answer_needs_no_version(draft, version):
    assert save(draft, make_change("S2.1", 3, base_version=0)).version == version


def test_save_refused_on_a_stale_version(draft, version):
    newer = save(draft, make_change("S2.1", 5, base_version=version)).version

    with pytest.raises(Conflict) as conflict:
        save(draft, make_change("S2.1", 1, base_version=version))

    assert conflict.value.current == draft.ratings.get()
    assert (conflict.value.current.version, conflict.value.current.level.position) == (newer, 5)
    assert standing(draft) == ("level", 5, "", False, False)


def test_save_refused_when_the_writer_saw_nothing(draft, version):
    with pytest.raises(Conflict) as conflict:
        save(draft, make_change("S2.1", 1, base_version=0))

    assert conflict.value.current.version == version


def test_save_refused_when_the_rating_was_cleared_meanwhile(draft, version):
    save(draft, make_change("S2.1", CLEAR, base_version=version))

    with pytest.raises(Conflict) as conflict:
        save(draft, make_change("S2.1", 1, base_version=version))

    assert conflict.value.current is None


def test_save_reports_a_conflict_before_an_impossible_level(draft, version):
    with pytest.raises(Conflict):
        save(draft, make_change("S2.1", 9, base_version=version - 1))


# clear


def test_clear_makes_it_not_rated(draft, version):
    saved = save(draft, make_change("S2.1", CLEAR, base_version=version))

    assert (saved.version, standing(draft)) == (0, None)


def test_clear_records_what_stood(draft, version):
    change = make_change("S2.1", CLEAR, base_version=version)

    saved = save(draft, change)

    before = make_change("S2.1", 3).values
    event = last_event()
    assert (event.type, event.change_key, event.at) == ("rating_cleared", change.key, saved.at)
    assert event.data == {"code": "S2.1", "before": before}


def test_clear_of_nothing_changes_nothing(draft):
    assert save(draft, make_change("S2.1", CLEAR)).version == 0
    assert factories.event_types(assessment=draft) == ["assessment_started"]


def test_clear_refused_on_a_stale_version(draft, version):
    save(draft, make_change("S2.1", 5, base_version=version))

    with pytest.raises(Conflict):
        save(draft, make_change("S2.1", CLEAR, base_version=version))

    assert standing(draft) == ("level", 5, "", False, False)


def test_clear_leaves_other_ratings(draft, version):
    factories.rate(draft, "S2.2", 4)

    save(draft, make_change("S2.1", CLEAR, base_version=version))

    assert standing(draft, "S2.2") == ("level", 4, "", False, False)


def test_rating_given_after_a_clear_has_a_version_of_its_own(draft, version):
    save(draft, make_change("S2.1", CLEAR, base_version=version))

    assert save(draft, make_change("S2.1", 3)).version > version


# the same change sent again


def test_replayed_change_is_answered_as_before(draft):
    change = make_change("S2.1", 4)
    first = save(draft, change)

    assert save(draft, change) == first


def test_replayed_change_leaves_a_newer_answer(draft):
    change = make_change("S2.1", 4)
    first = save(draft, change)
    save(draft, make_change("S2.1", 5, base_version=first.version))

    assert save(draft, change).version == first.version
    assert standing(draft) == ("level", 5, "", False, False)


def test_replayed_change_records_nothing(draft):
    change = make_change("S2.1", 4)
    save(draft, change)

    save(draft, change)

    assert factories.event_types(assessment=draft) == ["assessment_started", "rating_saved"]


def test_replayed_clear_is_answered_as_before(draft, version):
    change = make_change("S2.1", CLEAR, base_version=version)
    first = save(draft, change)

    assert save(draft, change) == first


def test_replayed_clear_leaves_a_newer_answer(draft, version):
    change = make_change("S2.1", CLEAR, base_version=version)
    save(draft, change)
    save(draft, make_change("S2.1", 5))

    save(draft, change)

    assert standing(draft) == ("level", 5, "", False, False)


USED = r"^This change was used for another rating\. Reload the page and give the answer again\.$"


def test_change_key_refused_for_another_competence(draft):
    change = make_change("S2.1")
    save(draft, change)

    with pytest.raises(Refused, match=USED):
        save(draft, make_change("S2.2", key=change.key))

    assert standing(draft, "S2.2") is None


def test_change_key_refused_for_another_assessment(draft, supervisor, therapist, revision):
    change = make_change("S2.1")
    save(factories.make_draft(supervisor, therapist, revision), change)

    with pytest.raises(Refused, match=USED):
        save(draft, change)


def test_change_key_refused_for_another_person(draft, therapist, northfield):
    change = make_change("S2.1")
    save(draft, change)
    successor = factories.make_person("Dr Iris Novak", Role.SUPERVISOR, northfield)
    factories.make_supervision(therapist, successor, northfield)
    assessments.hand_over(by=draft.supervisor, assessment=draft, to=successor, reason="On leave.")

    with pytest.raises(Refused, match=USED):
        save(draft, change, by=successor)


def test_save_after_handing_over_says_why_not(draft, therapist, supervisor, northfield):
    successor = factories.make_person("Dr Iris Novak", Role.SUPERVISOR, northfield)
    factories.make_supervision(therapist, successor, northfield)
    assessments.hand_over(by=supervisor, assessment=draft, to=successor, reason="On leave.")
    Supervision.objects.filter(supervisor=supervisor).delete()

    with pytest.raises(
        NotAllowed, match=r"^You cannot rate this assessment\. It was handed over to another supervisor"
    ):
        save(draft, make_change("S2.1"), by=supervisor)

    assert standing(draft) is None


def test_change_key_used_meanwhile_writes_nothing(draft):
    """Another device commits the same key between our look and our write."""
    change = make_change("S2.1")

    with pytest.raises(IntegrityError), connection.execute_wrapper(commit_first(change.key)):
        save(draft, change)

    assert standing(draft) is None
    assert factories.event_types(assessment=draft) == ["assessment_started"]


def commit_first(key):
    def wrapper(execute, sql, params, many, context):
        if sql.startswith('INSERT INTO "assessments_auditevent"'):
            execute(sql, params, many, context)
        return execute(sql, params, many, context)

    return wrapper


# the rating before


@pytest.fixture
def earlier(supervisor, therapist, revision):
    """A shared rating of S2.1 at level 4, a week before the draft's session."""
    return factories.make_shared(supervisor, therapist, revision, session_on=factories.days_ago(9))


def previous(draft, code="S2.1"):
    return save(draft, make_change(code, 2)).previous


def test_save_tells_the_rating_before(draft, earlier):
    assert previous(draft) == {
        "outcome": "level",
        "position": 4,
        "on": earlier.session_on.isoformat(),
        "source": "recorded",
    }


def test_save_tells_an_earlier_outcome_without_level(draft, earlier):
    assert (previous(draft, "S2.9")["outcome"], previous(draft, "S2.9")["position"]) == ("not_observed", None)


def test_save_tells_nothing_where_nothing_was_rated(draft, earlier):
    assert previous(draft, "S2.3") is None


def test_save_tells_the_latest_rating_before(draft, earlier, supervisor, therapist, revision):
    later = factories.make_shared(supervisor, therapist, revision, session_on=factories.days_ago(5))

    assert previous(draft)["on"] == later.session_on.isoformat()


def test_save_leaves_out_later_sessions(draft, supervisor, therapist, revision):
    factories.make_shared(supervisor, therapist, revision, session_on=factories.days_ago(1))

    assert previous(draft) is None


def test_save_leaves_out_drafts_and_withdrawn_ones(draft, earlier, supervisor, therapist, revision):
    assessments.withdraw(by=supervisor, assessment=earlier, reason="Wrong person.")
    factories.rate(factories.make_draft(supervisor, therapist, revision), "S2.1")

    assert previous(draft) is None


def test_save_leaves_out_other_therapists(draft, other_supervisor, other_therapist, revision):
    factories.make_shared(other_supervisor, other_therapist, revision, session_on=factories.days_ago(9))

    assert previous(draft) is None


def test_replayed_change_tells_the_rating_before(draft, earlier):
    change = make_change("S2.1", 2)
    first = save(draft, change)

    assert save(draft, change).previous == first.previous
    assert first.previous["position"] == 4


def test_unchanged_answer_tells_the_rating_before(draft, earlier):
    saved = save(draft, make_change("S2.1", 2))

    again = save(draft, make_change("S2.1", 2, base_version=saved.version))

    assert again == Saved(version=saved.version, at=saved.at, previous=saved.previous)


# a whole form


def test_save_all_writes_every_answer(draft, supervisor):
    conflicts = ratings.save_all(
        by=supervisor,
        assessment_id=draft.pk,
        changes=[make_change("S2.1", 4), make_change("S2.2", "not_observed"), make_change("S7.1", 1)],
    )

    assert conflicts == {}
    assert [standing(draft, code)[0] for code in ["S2.1", "S2.2", "S7.1"]] == ["level", "not_observed", "level"]


def test_save_all_records_each_answer(draft, supervisor):
    ratings.save_all(by=supervisor, assessment_id=draft.pk, changes=[make_change("S2.1", 4), make_change("S2.2", 4)])

    assert factories.event_types(assessment=draft) == ["assessment_started", "rating_saved", "rating_saved"]


def test_save_all_gives_back_conflicts_and_saves_the_rest(draft, supervisor, version):
    stale, fresh = make_change("S2.1", 1, base_version=0), make_change("S2.2", 4)

    conflicts = ratings.save_all(by=supervisor, assessment_id=draft.pk, changes=[stale, fresh])

    assert conflicts == {"S2.1": Rating.objects.get(assessment=draft, version=version)}
    assert [standing(draft, code)[1] for code in ["S2.1", "S2.2"]] == [3, 4]


def test_save_all_gives_back_none_for_a_rating_cleared_meanwhile(draft, supervisor):
    conflicts = ratings.save_all(
        by=supervisor, assessment_id=draft.pk, changes=[make_change("S2.1", 1, base_version=7)]
    )

    assert conflicts == {"S2.1": None}


def test_save_all_writes_nothing_when_one_answer_is_impossible(draft, supervisor):
    with pytest.raises(Refused, match="This level is not on the scale"):
        ratings.save_all(
            by=supervisor, assessment_id=draft.pk, changes=[make_change("S2.1", 4), make_change("S2.2", 9)]
        )

    assert standing(draft) is None


def test_save_all_refused_for_an_insider(draft, lead):
    with pytest.raises(NotAllowed, match="Only Dr Helen Marsh"):
        ratings.save_all(by=lead, assessment_id=draft.pk, changes=[])


def test_save_all_finds_nothing_for_an_unknown_assessment(supervisor):
    with pytest.raises(Assessment.DoesNotExist):
        ratings.save_all(by=supervisor, assessment_id=uuid.uuid4(), changes=[])
