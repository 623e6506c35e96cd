import datetime
import hashlib
import json

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments import records
from assessments.actions import assessments, goals
from assessments.models import Assessment, Competence, Outcome
from assessments.records import Link
from tests import factories

pytestmark = pytest.mark.django_db

SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20)
LISTS = st.lists(SCALARS, max_size=3)
DOCUMENTS = st.dictionaries(st.text("abc_1", max_size=3), SCALARS | LISTS, max_size=4)


def competences(document):
    """Every statement of a record by its code."""
    return {
        row["code"]: row
        for domain in document["domains"]
        for activity in domain["activities"]
        for row in activity["competences"]
    }


def leaves(value):
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


def names(value):
    if isinstance(value, dict):
        yield from value
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from names(inner)


def test_canonical_form_is_sorted_and_has_no_space():
    assert records.canonical({"b": [1, True, None], "a": {"d": "x", "c": "y z"}}) == (
        '{"a":{"c":"y z","d":"x"},"b":[1,true,null]}'
    )


def test_canonical_form_writes_letters_as_they_are():
    assert records.canonical({"a": "Zoë – 😀"}) == '{"a":"Zoë – 😀"}'


def test_canonical_form_escapes_as_rfc_8785_does():
    text = '"\\/\b\f\n\r\t\x00\x1f\x7f\u2028'

    assert records.canonical({"a": text}) == '{"a":"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\u2028"}'


@settings(deadline=None)
@given(DOCUMENTS)
def test_canonical_form_reads_back_the_same(document):
    assert json.loads(records.canonical(document)) == document


@settings(deadline=None)
@given(DOCUMENTS)
def test_canonical_form_does_not_depend_on_the_order_of_members(document):
    turned = dict(reversed(document.items()))

    assert records.canonical(turned) == records.canonical(document)


def test_hash_is_of_the_utf_8_bytes():
    assert records.sha256("Zoë") == hashlib.sha256(b"Zo\xc3\xab").hexdigest()


def test_record_of_the_same_assessment_is_the_same_text(shared):
    assert records.canonical(records.build(shared)) == records.canonical(records.build(shared))


def test_record_holds_text_whole_numbers_booleans_and_null_only(signed):
    kinds = {type(leaf) for leaf in leaves(records.build(signed, link=Link(2, "a" * 64)))}

    assert kinds == {str, int, bool, type(None)}


def test_record_member_names_are_ascii(signed):
    assert all(name.isascii() for name in names(records.build(signed)))


def test_record_has_its_parts(shared):
    assert set(records.build(shared)) == {
        "format",
        "chain",
        "assessment",
        "organisation",
        "therapist",
        "supervisor",
        "revision",
        "scale",
        "domains",
        "texts",
        "goals",
        "reply",
        "signatures",
    }


def test_record_names_its_format(draft):
    assert records.build(draft)["format"] == "assessment-record/1"


def test_record_outside_the_chain_has_no_place_in_it(draft):
    assert records.build(draft)["chain"] is None


def test_record_in_the_chain_names_the_one_before(draft):
    chain = records.build(draft, link=Link(sequence=7, previous="ab" * 32))["chain"]

    assert chain == {"sequence": 7, "previous_sha256": "ab" * 32}


def test_record_tells_the_context(supervisor, therapist, revision):
    with time_machine.travel("2026-07-01T09:30:15.987654+01:00", tick=False):
        draft = factories.make_draft(supervisor, therapist, revision, session_on=datetime.date(2026, 6, 30))

    assert records.build(draft)["assessment"] == {
        "id": str(draft.pk),
        "status": "draft",
        "source": "recorded",
        "session_on": "2026-06-30",
        "case_number": 2,
        "session_number": 7,
        "planned_total": 16,
        "phase": "middle",
        "problem_area": "dispute",
        "format": "in_person",
        "minutes_reviewed": 50,
        "selected_by": "supervisor",
        "difficulty": "ordinary",
        "is_consent_confirmed": True,
        "created_at": "2026-07-01T08:30:15+00:00",
        "shared_at": None,
        "signed_off_at": None,
        "withdrawn_at": None,
        "withdrawn_reason": "",
    }


def test_record_tells_why_it_was_withdrawn(draft, supervisor):
    withdrawn = assessments.withdraw(by=supervisor, assessment=draft, reason="About the wrong person.")

    told = records.build(withdrawn)["assessment"]

    assert (told["status"], told["withdrawn_reason"]) == ("withdrawn", "About the wrong person.")


def test_record_names_both_people_and_the_organisation(draft, therapist, supervisor, northfield):
    document = records.build(draft)

    assert [document[who] for who in ["therapist", "supervisor", "organisation"]] == [
        {"id": str(therapist.pk), "name": "Amara Okafor", "profession": "", "programme": "Year 1"},
        {"id": str(supervisor.pk), "name": "Dr Helen Marsh", "profession": ""},
        {"id": str(northfield.pk), "name": "Northfield"},
    ]


def test_record_takes_the_programme_from_its_own_organisation(draft, therapist):
    therapist.memberships.update(role="lead")

    assert records.build(draft)["therapist"]["programme"] == ""


def test_record_names_its_revision(draft, revision):
    assert records.build(draft)["revision"] == {
        "framework": "ipt",
        "number": "1.0",
        "title": revision.title,
        "authors": revision.authors,
        "licence": revision.licence,
        "attribution": revision.attribution,
        "notice": revision.notice,
        "content_sha256": revision.content_sha256,
    }


def test_record_carries_the_anchors_of_its_scale(draft):
    scale = records.build(draft)["scale"]

    assert (scale["key"], scale["version"], scale["direction"], scale["threshold"]) == (
        "ipt-development",
        1,
        "ascending",
        4,
    )
    assert scale["levels"][3] == {
        "position": 4,
        "value": "4",
        "label": "Competent",
        "skill": "Reliable at the standard expected of an independent IPT practitioner.",
        "knowledge": "Applies it unaided to own cases.",
        "attitude": "Steady.",
        "supervision": "Ordinary, ongoing supervision.",
    }


def test_record_holds_every_statement_of_the_extent_and_no_other(shared):
    in_extent = Competence.objects.rateable().filter(activity__code__in=["S2", "S7"]).order_by("position")

    told = competences(records.build(shared))

    names = ["key", "code", "kind", "text", "is_safety_critical"]
    assert [[row[name] for name in names] for row in told.values()] == [
        list(row) for row in in_extent.values_list(*names)
    ]


def test_record_places_activities_in_their_domains(supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision, codes="G1 S2 S7")

    places = [
        (domain["code"], [activity["code"] for activity in domain["activities"]])
        for domain in records.build(draft)["domains"]
    ]

    assert places == [("1", ["G1"]), ("3", ["S2", "S7"])]


def test_record_tells_an_activity(draft):
    activity = records.build(draft)["domains"][0]["activities"][0]

    del activity["competences"]
    assert activity == {
        "code": "S2",
        "title": "Ability to work with interpersonal role disputes",
        "short_title": "Role disputes",
        "scope": "focus",
        "phase": "middle",
    }


def test_record_puts_sub_points_under_their_statement(draft):
    points = Competence.objects.filter(parent__code="S2.2").order_by("position")

    told = competences(records.build(draft))

    assert told["S2.2"]["points"] == [{"code": point.code, "text": point.text} for point in points]
    assert told["S2.1"]["points"] == []


def test_record_tells_a_rating(supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision)
    with time_machine.travel("2030-01-02T10:00:00Z", tick=False):
        factories.rate(draft, "S2.1", 4, note="Clear.", is_concern=True, is_priority=True)

    assert competences(records.build(draft))["S2.1"]["rating"] == {
        "outcome": "level",
        "position": 4,
        "note": "Clear.",
        "is_concern": True,
        "is_priority": True,
        "rated_by": {"id": str(supervisor.pk), "name": "Dr Helen Marsh", "profession": ""},
        "rated_at": "2030-01-02T10:00:00+00:00",
    }


@pytest.mark.parametrize("outcome", [Outcome.NOT_OBSERVED, Outcome.NOT_APPLICABLE])
def test_record_tells_a_rating_without_level(draft, outcome):
    factories.rate(draft, "S2.1", outcome)

    rating = competences(records.build(draft))["S2.1"]["rating"]

    assert (rating["outcome"], rating["position"]) == (outcome, None)


def test_record_has_null_for_not_rated(draft):
    assert {row["rating"] for row in competences(records.build(draft)).values()} == {None}


def test_record_leaves_out_a_note_that_waits_for_its_level(draft):
    factories.rate(draft, "S2.1", Outcome.PENDING, note="To be rated.")

    assert competences(records.build(draft))["S2.1"]["rating"] is None


def test_record_tells_the_texts(draft, supervisor):
    assessments.save_texts(by=supervisor, assessment=draft, summary="A", strengths="B", needs="C")

    assert records.build(draft)["texts"] == {"summary": "A", "strengths": "B", "needs": "C"}


def test_record_tells_goals_in_order(draft):
    rows = Competence.objects.filter(code__in=["S2.1", "S7.3"])
    first = factories.make_goal(draft, "Rehearse.", due_on=datetime.date(2027, 1, 31), competences=rows)
    second = factories.make_goal(draft, "Read.", owner="both", judged_by="Its margins.")

    assert records.build(draft)["goals"] == [
        {
            "id": str(first.pk),
            "text": "Rehearse.",
            "competences": ["S2.1", "S7.3"],
            "due_on": "2027-01-31",
            "owner": "therapist",
        },
        {
            "id": str(second.pk),
            "text": "Read.",
            "competences": [],
            "due_on": None,
            "owner": "both",
            "judged_by": "Its margins.",
        },
    ]


def test_record_of_an_old_goal_names_nobody(draft):
    factories.make_goal(draft, owner="")

    assert "owner" not in records.build(draft)["goals"][0]


def test_record_tells_goals_closed(supervisor, therapist, revision):
    goal = factories.make_agreed(supervisor, therapist, revision, text="Say less.", days=30)
    closing = factories.close_goal(goal, result="Two silences.")

    assert records.build(closing)["goals_closed"] == [
        {
            "id": str(goal.pk),
            "text": "Say less.",
            "competences": [],
            "due_on": None,
            "owner": "therapist",
            "agreed_in": str(goal.assessment_id),
            "status": "met",
            "result": "Two silences.",
        }
    ]


def test_record_without_reply_has_null(shared):
    assert records.build(shared)["reply"] is None


def test_record_tells_the_reply(shared, therapist):
    with time_machine.travel("2030-01-02T10:00:00Z", tick=False):
        assessments.reply(by=therapist, assessment=shared, agreement="disagree", text="I saw it otherwise.")

    assert records.build(shared)["reply"] == {
        "agreement": "disagree",
        "text": "I saw it otherwise.",
        "replied_at": "2030-01-02T10:00:00+00:00",
    }


def test_record_tells_both_signatures(signed, therapist, supervisor):
    told = [(row["role"], row["person"]["name"]) for row in records.build(signed)["signatures"]]

    assert told == [("therapist", "Amara Okafor"), ("supervisor", "Dr Helen Marsh")]


def test_record_leaves_out_a_voided_signature(shared, therapist, supervisor):
    assessments.sign_off(by=therapist, assessment=shared)
    assessments.take_back(by=supervisor, assessment=shared, reason="A level was wrong.")

    assert records.build(shared)["signatures"] == []


def test_record_is_built_from_what_is_stored(draft):
    draft.summary = "Never saved."

    assert records.build(draft)["texts"]["summary"] == ""


def test_signed_record_is_what_is_built_now(signed):
    record = signed.signed_record
    link = Link(sequence=record.sequence, previous=record.previous_sha256)

    content = records.canonical(records.build(signed, link=link))

    assert (record.content, record.sha256) == (content, records.sha256(content))


def test_record_needs_the_same_number_of_queries_for_more_statements(
    supervisor, therapist, revision, django_assert_num_queries
):
    small = factories.make_draft(supervisor, therapist, revision, codes="G1")
    large = factories.make_draft(supervisor, therapist, revision, codes="G1 G2 S2 S7 P2 M6")
    for code in ["G1.1", "G2.1", "S2.1", "S7.3"]:
        factories.rate(large, code, 3)

    for each in [small, large]:
        with django_assert_num_queries(10):
            records.build(each)


def test_records_of_several_need_no_more_queries_than_one(supervisor, therapist, revision, django_assert_num_queries):
    for _ in range(3):
        draft = factories.make_draft(supervisor, therapist, revision)
        factories.rate(draft, "S2.1", 3)
        tied = Competence.objects.filter(revision=revision, code="S2.1")
        goals.save(by=supervisor, assessment=draft, text="Ask alone", due_on=None, competences=tied)
    every = Assessment.objects.order_by("pk")

    for few in [every[:1], every[:3]]:
        with django_assert_num_queries(11):
            records.build_all(few)


def test_records_of_several_are_those_of_each(supervisor, therapist, other_supervisor, other_therapist, revision):
    factories.make_shared(supervisor, therapist, revision)
    factories.make_signed(supervisor, therapist, revision, codes="S2 G1")
    factories.make_draft(other_supervisor, other_therapist, revision, codes="P2")
    every = Assessment.objects.order_by("pk")

    assert records.build_all(every) == [records.build(each) for each in every]


def test_record_tells_what_the_scale_says_of_having_no_level(supervisor, therapist):
    scale = factories.make_scale_data(not_observed="Not called for.", has_not_applicable=False)
    draft = factories.make_draft(supervisor, therapist, factories.make_revision(scale=scale), codes="A1")

    told = records.build(draft)["scale"]

    assert {name: told.get(name) for name in ["not_observed", "not_applicable", "has_not_applicable"]} == {
        "not_observed": "Not called for.",
        "not_applicable": None,
        "has_not_applicable": False,
    }


def test_record_of_a_scale_that_says_nothing_of_it_is_as_it_was(draft):
    assert set(records.build(draft)["scale"]) == {"key", "version", "name", "direction", "threshold", "levels"}
