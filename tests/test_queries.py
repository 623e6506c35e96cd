import datetime
import uuid
from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser

from assessments import queries
from assessments.actions import accesses, assessments, goals
from assessments.exceptions import NotAllowed
from assessments.models import (
    Activity,
    Assessment,
    Competence,
    FrameworkRevision,
    Goal,
    Membership,
    Organisation,
    Outcome,
    RecordAccess,
    Role,
)
from assessments.revisions import ActivityData
from tests import factories
from tests.factories import days_ago, event_types, make_person, make_rated, make_supervision, rate

pytestmark = pytest.mark.django_db

NOBODY = AnonymousUser()


def codes(rows):
    return [row.code for row in rows]


def add_goal(draft, text, *, due_on=None, ties=()):
    rows = Competence.objects.filter(revision=draft.revision, code__in=ties)
    return goals.save(by=draft.supervisor, assessment=draft, text=text, due_on=due_on, competences=rows)


def shared_with_goal(supervisor, therapist, revision, text="Listen.", **kwargs):
    draft = factories.make_draft(supervisor, therapist, revision)
    rate(draft, "S2.1", 3)
    add_goal(draft, text, **kwargs)
    return assessments.share(by=supervisor, assessment=draft)


# The framework


def test_current_revision_is_the_newest_published():
    for number in ["1.0", "2.0"]:
        factories.make_revision(number=number)
    factories.make_revision(number="3.0", is_published=False)

    assert queries.current_revision(NOBODY, "small").number == "2.0"


def test_current_revision_is_of_ipt_unless_told_otherwise(revision):
    assert queries.current_revision(NOBODY) == revision


def test_current_revision_that_may_not_be_passed_on_is_for_people_signed_in(supervisor):
    closed = factories.make_revision(is_redistributable=False)

    with pytest.raises(FrameworkRevision.DoesNotExist):
        queries.current_revision(NOBODY, "small")
    assert queries.current_revision(supervisor, "small") == closed


def test_current_revision_of_an_unknown_framework_is_missing():
    with pytest.raises(FrameworkRevision.DoesNotExist):
        queries.current_revision(NOBODY, "unheard-of")


def test_revision_is_found_by_its_number():
    first = factories.make_revision()
    factories.make_revision(number="2.0")

    assert queries.revision(NOBODY, "small", "1.0") == first


def test_revision_in_draft_is_hidden(supervisor):
    factories.make_revision(is_published=False)

    with pytest.raises(FrameworkRevision.DoesNotExist):
        queries.revision(supervisor, "small", "1.0")


def test_frameworks_carry_their_readable_revisions_newest_first():
    for number in ["1.0", "2.0"]:
        factories.make_revision(number=number)

    listed = {framework.slug: [row.number for row in framework.readable] for framework in queries.frameworks(NOBODY)}

    assert listed == {"ipt": ["1.0"], "small": ["2.0", "1.0"]}


def test_framework_without_a_readable_revision_is_left_out():
    factories.make_revision(is_redistributable=False)

    assert [framework.slug for framework in queries.frameworks(NOBODY)] == ["ipt"]


def test_columns_count_activities_and_competences(revision):
    found = [(column.domain.code, column.activities, column.competences) for column in queries.columns(revision)]

    assert found == [("1", 13, 96), ("2", 9, 70), ("3", 11, 91), ("4", 6, 50), ("5", 6, 41)]


def test_columns_group_activities_by_heading(revision):
    groups = queries.columns(revision)[2].groups

    assert [(group.heading, codes(group.activities)) for group in groups] == [
        ("Strategies for the four problem areas", ["S1", "S2", "S3", "S4"]),
        ("Techniques", ["S5", "S6", "S7", "S8", "S9", "S10", "S11"]),
    ]


def test_columns_count_rateable_competences_only():
    found = queries.columns(factories.make_revision())

    assert [(column.activities, column.competences) for column in found] == [(2, 3)]


def test_statement_lists_follow_the_printed_order(revision):
    lists = queries.statement_lists(Activity.objects.filter(revision=revision, code__in=["S2", "G1"]))

    assert [(each.activity.code, codes(row.competence for row in each.statements)) for each in lists] == [
        ("G1", [f"G1.{number}" for number in range(1, 8)]),
        ("S2", [f"S2.{number}" for number in range(1, 11)]),
    ]


def test_statements_carry_their_sub_points(revision):
    found = queries.statements(Competence.objects.filter(activity__code="S2").order_by("position"))

    assert {row.competence.code: codes(row.points) for row in found if row.points} == {
        "S2.2": ["S2.2.a", "S2.2.b", "S2.2.c"],
        "S2.5": ["S2.5.a", "S2.5.b", "S2.5.c"],
    }


@pytest.mark.parametrize(("code", "before", "after"), [("G1", None, "G2"), ("B1", "G13", "B2"), ("M6", "M5", None)])
def test_neighbours_run_over_the_ends_of_domains(revision, code, before, after):
    found = queries.neighbours(revision.activities.get(code=code))

    assert [each.code if each else None for each in found] == [before, after]


def test_neighbours_stay_in_the_revision():
    only = factories.make_revision().activities.get(code="A1")

    assert [each.code if each else None for each in queries.neighbours(only)] == [None, "A1a"]


def test_search_finds_statements_with_every_word(revision):
    found = queries.search(revision, "DISPUTE  stage")

    assert codes(found) == [
        row.code
        for row in revision.competences.order_by("position")
        if "dispute" in row.text.lower() and "stage" in row.text.lower()
    ]
    assert found


def test_search_finds_a_competence_by_its_code(revision):
    assert codes(queries.search(revision, "s2.10")) == ["S2.10"]


def test_search_stops_one_past_its_limit(revision):
    assert len(queries.search(revision, "ability", limit=10)) == 11


@pytest.mark.parametrize("words", ["zzz", "100%", "_______", "\\"])
def test_search_without_a_hit_is_empty(revision, words):
    assert queries.search(revision, words) == []


# One assessment


def test_assessment_for_reading_is_found_by_both_people(shared, supervisor, therapist):
    assert {queries.assessment_for_reading(person, shared.pk) for person in [supervisor, therapist]} == {shared}


def test_assessment_for_reading_is_unknown_to_outsiders(shared, outside_supervisor):
    with pytest.raises(Assessment.DoesNotExist):
        queries.assessment_for_reading(outside_supervisor, shared.pk)


def test_assessment_for_reading_is_refused_to_an_administrator(shared, admin):
    with pytest.raises(NotAllowed, match="They do not read ratings"):
        queries.assessment_for_reading(admin, shared.pk)


def test_assessment_for_editing_is_the_authors_draft(draft, supervisor):
    assert queries.assessment_for_editing(supervisor, draft.pk) == draft


def test_assessment_for_editing_is_refused_once_shared(shared, supervisor):
    with pytest.raises(NotAllowed, match="shared with the therapist and locked"):
        queries.assessment_for_editing(supervisor, shared.pk)


def test_assessment_for_editing_is_unknown_to_the_therapist(draft, therapist):
    with pytest.raises(Assessment.DoesNotExist):
        queries.assessment_for_editing(therapist, draft.pk)


def test_assessment_for_handing_over_is_open_to_author_and_lead(draft, supervisor, lead):
    assert {queries.assessment_for_handing_over(person, draft.pk) for person in [supervisor, lead]} == {draft}


def test_assessment_for_handing_over_is_refused_to_an_administrator(draft, admin):
    with pytest.raises(NotAllowed, match="Only the supervisor who began this draft"):
        queries.assessment_for_handing_over(admin, draft.pk)


@pytest.mark.parametrize(
    "read", [queries.assessment_for_reading, queries.assessment_for_editing, queries.assessment_for_handing_over]
)
def test_assessment_that_does_not_exist_is_missing(supervisor, read):
    with pytest.raises(Assessment.DoesNotExist):
        read(supervisor, uuid.uuid4())


def test_other_supervisors_supervise_the_therapist_at_present(draft, therapist, other_supervisor, northfield):
    past = make_person("Ada Past", Role.SUPERVISOR, northfield)
    make_supervision(therapist, past, northfield, ends_on=days_ago(1))
    make_supervision(therapist, other_supervisor, northfield)

    assert list(queries.other_supervisors(draft)) == [other_supervisor]


def test_other_supervisors_belong_to_the_organisation(draft, therapist, outside_supervisor, southbank):
    make_supervision(therapist, outside_supervisor, southbank)

    assert list(queries.other_supervisors(draft)) == []


def test_progress_counts_each_activity(draft):
    for code, answer in [("S2.1", 3), ("S2.2", Outcome.NOT_OBSERVED), ("S7.1", Outcome.NOT_APPLICABLE)]:
        rate(draft, code, answer, note="Outside.")
    rate(draft, "S7.2", Outcome.PENDING, note="Later.")

    found = queries.progress(draft)

    assert [(row.activity.code, row.total, row.given, row.not_observed, row.open) for row in found.activities] == [
        ("S2", 10, 2, 1, 8),
        ("S7", 8, 1, 0, 7),
    ]


def test_progress_adds_up(supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision, codes="G1 S2 S7")
    for code, answer in [("G1.1", Outcome.NOT_OBSERVED), ("S2.1", 3)]:
        rate(draft, code, answer)

    found = queries.progress(draft)

    assert [(row.domain.code, row.given, row.total) for row in found.domains] == [("1", 1, 7), ("3", 1, 18)]
    assert (found.given, found.total, found.open, found.not_observed) == (2, 25, 23, 1)


def test_progress_leaves_other_assessments_out(draft, shared):
    assert queries.progress(draft).given == 0


def test_progress_names_the_state_of_an_activity(supervisor, therapist):
    draft = factories.make_draft(supervisor, therapist, factories.make_revision(), codes="A1 A1a")

    states = [queries.progress(draft).activities[0].state]
    for code in ["A1.1", "A1.2"]:
        rate(draft, code, 2)
        states.append(queries.progress(draft).activities[0].state)

    assert states == ["not started", "begun", "complete"]


def test_previous_rating_is_the_last_before(supervisor, therapist, revision):
    make_rated(supervisor, therapist, revision, {"S2.1": 4}, days=9)
    make_rated(supervisor, therapist, revision, {"S2.1": 2, "S2.2": 2}, days=20)
    make_rated(supervisor, therapist, revision, {"S2.1": 5}, days=1)
    draft = factories.make_draft(supervisor, therapist, revision)

    found = queries.previous_ratings(draft, Competence.objects.values_list("pk", flat=True))

    assert {row.competence.code: row.level.position for row in found.values()} == {"S2.1": 4, "S2.2": 2}


def test_previous_rating_is_of_the_competences_asked_for(draft, supervisor, therapist, revision):
    make_rated(supervisor, therapist, revision, {"S2.1": 4, "S2.2": 2}, days=9)
    asked = Competence.objects.get(code="S2.2").pk

    assert set(queries.previous_ratings(draft, [asked])) == {asked}


def test_previous_rating_in_another_draft_is_not_seen(draft, supervisor, therapist, revision):
    other = factories.make_draft(supervisor, therapist, revision, session_on=days_ago(9))
    rate(other, "S2.1", 4)

    assert queries.previous_ratings(draft, Competence.objects.values_list("pk", flat=True)) == {}


def test_previous_positions_are_the_last_levels_before(supervisor, therapist, revision):
    make_rated(supervisor, therapist, revision, {"S2.1": 4, "S2.3": Outcome.NOT_OBSERVED}, days=9)
    make_rated(supervisor, therapist, revision, {"S2.1": 2, "S2.2": 2, "S2.3": 1}, days=20)
    make_rated(supervisor, therapist, revision, {"S2.1": 5}, days=1)
    draft = factories.make_draft(supervisor, therapist, revision)
    for number in range(1, 5):
        rate(draft, f"S2.{number}", 3)

    found = queries.previous_positions(draft)

    keys = dict(Competence.objects.values_list("code", "pk"))
    assert found == {keys["S2.1"]: 4, keys["S2.2"]: 2, keys["S2.3"]: 1}


def test_previous_positions_leave_out_what_is_not_rated_now(draft, supervisor, therapist, revision):
    make_rated(supervisor, therapist, revision, {"S2.1": 4, "S2.2": 2}, days=9)
    rate(draft, "S2.2", 3)

    assert list(queries.previous_positions(draft).values()) == [2]


def test_previous_positions_of_other_drafts_are_not_seen(draft, supervisor, therapist, revision):
    rate(factories.make_draft(supervisor, therapist, revision, session_on=days_ago(9)), "S2.1", 5)
    rate(draft, "S2.1", 2)

    assert queries.previous_positions(draft) == {}


def test_previous_positions_of_other_people_are_not_seen(draft, other_supervisor, other_therapist, revision):
    make_rated(other_supervisor, other_therapist, revision, {"S2.1": 5}, days=9)
    rate(draft, "S2.1", 2)

    assert queries.previous_positions(draft) == {}


def test_history_is_newest_first(draft):
    rate(draft, "S2.1", 3)

    found = list(queries.history(draft))

    assert [event.type for event in found] == event_types(assessment=draft)[::-1]
    assert [event.by.name for event in found] == ["Dr Helen Marsh"] * 2


# Lists of assessments


def test_assessments_listed_are_newest_first(supervisor, therapist, revision):
    old, new, middle = (
        factories.make_draft(supervisor, therapist, revision, session_on=days_ago(days)) for days in [9, 1, 4]
    )

    assert list(queries.assessments_listed(supervisor)) == [new, middle, old]


def test_assessments_listed_tell_who_has_signed(shared, therapist, supervisor):
    assessments.sign_off(by=therapist, assessment=shared)

    found = queries.assessments_listed(supervisor).get()

    assert (found.therapist_signed, found.supervisor_signed) == (True, False)


def test_assessments_listed_forget_voided_signatures(shared, therapist, supervisor):
    assessments.sign_off(by=therapist, assessment=shared)
    assessments.take_back(by=supervisor, assessment=shared, reason="A level was wrong.")

    assert queries.assessments_listed(supervisor).get().therapist_signed is False


def test_assessments_listed_leave_drafts_from_the_therapist(draft, shared, therapist):
    assert list(queries.assessments_listed(therapist)) == [shared]


def test_assessments_seen_are_of_one_therapist(shared, supervisor, other_therapist, northfield, revision):
    make_supervision(other_therapist, supervisor, northfield)
    about_daniel = factories.make_shared(supervisor, other_therapist, revision)

    assert queries.assessments_seen(supervisor, other_therapist) == [about_daniel]


def test_waiting_for_therapist_tells_when_the_other_signed(shared, supervisor, therapist):
    before = queries.waiting_for_therapist(therapist).get().other_signed_at
    assessments.sign_off(by=supervisor, assessment=shared)

    after = queries.waiting_for_therapist(therapist).get().other_signed_at

    assert (before, after) == (None, shared.signatures.get().signed_at)


def test_waiting_for_therapist_ends_with_the_signature(shared, draft, therapist):
    before = list(queries.waiting_for_therapist(therapist))

    assessments.sign_off(by=therapist, assessment=shared)

    assert (before, list(queries.waiting_for_therapist(therapist))) == ([shared], [])


def test_drafts_tell_how_far_they_have_come(draft, supervisor):
    rate(draft, "S2.1", 3)
    rate(draft, "S7.2", Outcome.PENDING, note="Later.")

    (found,), _ = queries.drafts_by(supervisor)

    assert (found.given, found.total, found.resume_activity, found.resume_code) == (1, 18, "S7", "S7.2")
    assert found.saved_at == draft.ratings.get(competence__code="S7.2").rated_at


def test_drafts_nobody_has_rated_begin_at_the_first_activity(draft, supervisor):
    (found,), _ = queries.drafts_by(supervisor)

    assert (found.given, found.total, found.resume_activity, found.resume_code) == (0, 18, "S2", "S2.1")
    assert (found.saved_at, found.last_place) == (draft.created_at, None)


@pytest.mark.parametrize(
    ("rated", "place"),
    [
        (["S2.2"], ("S2", "S2.3")),  # its sub-points are not rated
        (["S2.4", "S2.3", "S2.2"], ("S2", "S2.5")),
        (["S7.1", "S2.10"], ("S7", "S7.2")),
        (["S2.1", "S7.8"], ("S2", "S2.2")),
        (["S7.8"], ("S2", "S2.1")),
        ([f"S7.{number}" for number in range(1, 9)] + [f"S2.{number}" for number in range(1, 11)], (None, None)),
    ],
)
def test_draft_goes_on_at_the_first_open_competence_after_the_last_answer(draft, supervisor, rated, place):
    for code in rated:
        rate(draft, code)

    found = [queries.drafts_by(supervisor)[0][0], queries.resumption(draft)]

    assert [(row.resume_activity, row.resume_code) for row in found] == [place, place]


def test_answers_of_another_draft_do_not_move_the_place(draft, supervisor, therapist, revision):
    rate(factories.make_draft(supervisor, therapist, revision), "S2.1")

    assert queries.resumption(draft).resume_code == "S2.1"


def test_drafts_changed_last_come_first(draft, supervisor, therapist, revision):
    second = factories.make_draft(supervisor, therapist, revision)
    before = queries.drafts_by(supervisor)[0]
    rate(draft, "S2.1", 3)

    assert (before, queries.drafts_by(supervisor)[0]) == ([second, draft], [draft, second])


def test_drafts_are_ones_own(draft, shared, other_supervisor):
    assert queries.drafts_by(other_supervisor)[0] == []


def test_waiting_for_the_supervisor_is_what_was_replied_to(shared, supervisor, therapist):
    before = list(queries.waiting_for_supervisor(supervisor))
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")

    assert (before, list(queries.waiting_for_supervisor(supervisor))) == ([], [shared])


def test_waiting_for_the_supervisor_is_what_the_therapist_signed(shared, supervisor, therapist):
    assessments.sign_off(by=therapist, assessment=shared)

    found = queries.waiting_for_supervisor(supervisor).get()

    assert found.other_signed_at == shared.signatures.get().signed_at


def test_waiting_for_the_supervisor_ends_with_the_own_signature(shared, supervisor, therapist):
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")
    assessments.sign_off(by=supervisor, assessment=shared)

    assert list(queries.waiting_for_supervisor(supervisor)) == []


def test_waiting_for_the_supervisor_is_for_the_author(shared, therapist, other_supervisor):
    assessments.sign_off(by=therapist, assessment=shared)

    assert list(queries.waiting_for_supervisor(other_supervisor)) == []


# Goals and people


def test_goal_lines_carry_their_codes_in_printed_order(draft):
    goal = add_goal(draft, "Listen.", due_on=datetime.date(2027, 1, 31))
    for code in ["S7.3", "S2.1"]:
        goal.competences.add(Competence.objects.get(code=code))

    assert queries.goal_lines(Goal.objects.all()) == [
        queries.GoalLine(
            pk=goal.pk,
            text="Listen.",
            due_on=datetime.date(2027, 1, 31),
            status="open",
            owner="therapist",
            judged_by="",
            result="",
            closed_in=None,
            assessment=draft.pk,
            agreed_on=draft.session_on,
            codes="S2.1, S7.3",
        )
    ]


def test_goal_line_without_competences_has_no_codes(draft):
    add_goal(draft, "Read.")

    assert [line.codes for line in queries.goal_lines(Goal.objects.all())] == [""]


def open_goals(user, therapist):
    return queries.open_goals(queries.assessments_seen(user, therapist))


def test_open_goals_stand_by_date_and_undated_last(supervisor, therapist, revision):
    day = datetime.date(2027, 1, 31)
    for text, due_on in [("None", None), ("Late", day), ("Soon", day - datetime.timedelta(days=9))]:
        shared_with_goal(supervisor, therapist, revision, text, due_on=due_on)

    assert [line.text for line in open_goals(supervisor, therapist)] == ["Soon", "Late", "None"]


def test_open_goals_leave_out_drafts(draft, supervisor, therapist):
    add_goal(draft, "Listen.")

    assert open_goals(supervisor, therapist) == []


@pytest.mark.parametrize("status", ["met", "dropped"])
def test_open_goals_leave_out_what_is_settled(supervisor, therapist, revision, status):
    shared_with_goal(supervisor, therapist, revision)
    factories.close_goal(Goal.objects.get(), status=status)

    assert open_goals(supervisor, therapist) == []


def test_open_goals_are_those_both_have_seen(supervisor, therapist, outside_supervisor, revision):
    shared_with_goal(supervisor, therapist, revision)

    assert open_goals(outside_supervisor, therapist) == []


def test_therapist_rows_are_of_present_supervisions(supervisor, therapist, other_therapist, northfield, revision):
    make_supervision(other_therapist, supervisor, northfield, ends_on=days_ago(1))

    assert [row.therapist for row in queries.therapist_rows(supervisor, revision)] == [therapist]


def test_therapist_rows_of_a_lead_are_the_organisations(lead, therapist, other_therapist, outside_therapist, revision):
    assert [row.therapist for row in queries.therapist_rows(lead, revision)] == [therapist, other_therapist]


def test_therapist_rows_name_each_therapist_once(lead, therapist, other_supervisor, northfield, revision):
    for person in [other_supervisor, lead]:
        make_supervision(therapist, person, northfield)

    assert [row.therapist for row in queries.therapist_rows(lead, revision)] == [therapist]


def test_therapist_row_tells_the_last_assessment(supervisor, therapist, revision):
    make_rated(supervisor, therapist, revision, {"S2.1": 4}, days=3, case_number=5)
    make_rated(supervisor, therapist, revision, {"S2.1": 2}, days=9)

    row = queries.therapist_rows(supervisor, revision)[0]

    assert (row.therapist.last_on, row.last_occasion) == (days_ago(3), "Recorded session, case 5")
    assert (row.therapist.programme, row.therapist.since) == ("Year 1", factories.LONG_AGO)
    assert dict(row.distribution.levels) == {4: 1}


def test_therapist_row_without_a_case_tells_the_source(supervisor, therapist, revision):
    make_rated(supervisor, therapist, revision, {"S2.1": 4}, case_number=None)

    assert queries.therapist_rows(supervisor, revision)[0].last_occasion == "Recorded session"


def test_therapist_row_before_any_assessment_is_blank(supervisor, therapist, revision):
    row = queries.therapist_rows(supervisor, revision)[0]

    assert (row.therapist.last_on, row.last_occasion, row.distribution) == (None, "", None)


def test_therapist_row_tells_of_ones_own_draft_only(supervisor, therapist, other_supervisor, northfield, revision):
    make_supervision(therapist, other_supervisor, northfield)
    factories.make_draft(supervisor, therapist, revision)

    found = [queries.therapist_rows(person, revision)[0] for person in [supervisor, other_supervisor]]

    assert [row.therapist.has_draft for row in found if row.therapist == therapist] == [True, False]


def test_therapist_row_keeps_another_organisations_assessments_to_itself(
    supervisor, therapist, outside_supervisor, southbank, revision
):
    make_supervision(therapist, outside_supervisor, southbank)
    make_rated(outside_supervisor, therapist, revision, {"S2.1": 4})

    row = queries.therapist_rows(supervisor, revision)[0]

    assert (row.therapist.last_on, row.distribution) == (None, None)


def test_supervised_now_leaves_out_past_and_coming_supervisions(supervisor, therapist, other_therapist, northfield):
    make_supervision(other_therapist, supervisor, northfield, ends_on=days_ago(1))
    coming = make_person("Ada Coming", Role.THERAPIST, northfield)
    make_supervision(coming, supervisor, northfield, starts_on=days_ago(-1))

    assert list(queries.supervised_now(supervisor)) == [therapist]


def test_person_comes_with_the_roles_of_today(supervisor, southbank, django_assert_num_queries):
    Membership.objects.create(
        user=supervisor, organisation=southbank, role=Role.ADMIN, starts_on=days_ago(9), ends_on=days_ago(1)
    )

    with django_assert_num_queries(1):
        person = queries.person_with_roles(supervisor.pk)

        assert (person.name, person.roles) == ("Dr Helen Marsh", {Role.SUPERVISOR})
        assert [row.organisation.name for row in person.current_memberships] == ["Northfield"]


def test_person_without_any_role_is_found_all_the_same(supervisor, django_assert_num_queries):
    Membership.objects.all().delete()

    with django_assert_num_queries(1):
        person = queries.person_with_roles(supervisor.pk)

        assert (person.name, person.roles) == ("Dr Helen Marsh", set())


def test_person_nobody_knows_is_none():
    assert queries.person_with_roles(uuid.uuid4()) is None


def test_supervisors_are_those_with_the_role_at_present(supervisor, other_supervisor, lead, northfield, southbank):
    factories.end_membership(other_supervisor)

    found = queries.supervisors_in(Organisation.objects.all())

    assert list(found) == [supervisor]


def test_supervisors_are_of_the_organisations_asked_for(supervisor, outside_supervisor, southbank):
    assert list(queries.supervisors_in(Organisation.objects.filter(pk=southbank.pk))) == [outside_supervisor]


def test_accesses_are_newest_first(shared, therapist, lead, admin):
    for reader in [lead, admin]:
        accesses.note_opening(by=reader, therapist=therapist, opened=RecordAccess.Opened.PROFILE)

    assert [row.by for row in queries.accesses(therapist)] == [admin, lead]


def test_people_managed_belong_to_the_administrators_organisation(admin, therapist, supervisor, outside_therapist):
    assert list(queries.people_managed(admin)) == [therapist, supervisor, admin]


def test_people_managed_stay_listed_after_they_left(admin, therapist):
    factories.end_membership(therapist)

    assert therapist in queries.people_managed(admin)


# However much there is, the same number of statements


@pytest.fixture(params=[1, 3])
def crowd(request, supervisor, therapist, admin, revision):
    """One or three of everything: therapists with a draft and a shared assessment, and so much about Amara too."""
    northfield = Organisation.objects.get()
    for number in range(request.param):
        factories.make_revision(number=f"{number}.0", framework=f"small-{number}")
        other = make_person(f"Therapist {number}", Role.THERAPIST, northfield)
        make_supervision(other, supervisor, northfield)
        for person in [therapist, other]:
            shared = shared_with_goal(supervisor, person, revision, ties=["S2.1", "S7.3"])
            assessments.reply(by=person, assessment=shared, agreement="agree", text="")
        rate(factories.make_draft(supervisor, other, revision), "S2.1", 3)
        lead = make_person(f"Lead {number}", Role.LEAD, northfield)
        accesses.note_opening(by=lead, therapist=therapist, opened=RecordAccess.Opened.PROFILE)
    assert supervisor.roles | admin.roles == {Role.SUPERVISOR, Role.ADMIN}
    return SimpleNamespace(
        size=request.param,
        supervisor=supervisor,
        therapist=therapist,
        admin=admin,
        revision=revision,
        draft=factories.make_draft(supervisor, therapist, revision),
        competences=list(Competence.objects.values_list("pk", flat=True)),
    )


def people_of(rows):
    return [
        (row.therapist.name, row.supervisor.name, row.organisation.name, str(row.revision.framework)) for row in rows
    ]


@pytest.mark.parametrize(
    ("statements", "read"),
    [
        (2, lambda it: [[str(row.framework) for row in each.readable] for each in queries.frameworks(it.supervisor)]),
        (
            1,
            lambda it: [
                (row.therapist.name, row.supervisor.name, row.short_form)
                for row in queries.assessments_listed(it.supervisor)
            ],
        ),
        (1, lambda it: [row.supervisor_name for row in queries.assessments_seen(it.supervisor, it.therapist)]),
        (1, lambda it: people_of(queries.drafts_by(it.supervisor)[0])),
        (1, lambda it: people_of(queries.waiting_for_supervisor(it.supervisor))),
        (1, lambda it: [row.supervisor.name for row in queries.waiting_for_therapist(it.therapist)]),
        (2, lambda it: open_goals(it.supervisor, it.therapist)),
        (3, lambda it: [row.last_occasion for row in queries.therapist_rows(it.supervisor, it.revision)]),
        (1, lambda it: list(queries.supervised_now(it.supervisor))),
        (1, lambda it: [row.by.name for row in queries.accesses(it.therapist)]),
        (2, lambda it: [len(person.memberships.all()) for person in queries.people_managed(it.admin)]),
    ],
)
def test_list_needs_the_same_number_of_statements(crowd, statements, read, django_assert_num_queries):
    with django_assert_num_queries(statements):
        rows = read(crowd)

    assert len(rows) >= crowd.size


def test_previous_ratings_need_one_statement(crowd, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = queries.previous_ratings(crowd.draft, crowd.competences)

        assert [(row.level.position, row.assessment.source) for row in found.values()] == [(3, "recorded")]


@pytest.mark.parametrize("size", [1, 3])
def test_progress_needs_one_statement(supervisor, therapist, revision, size, django_assert_num_queries):
    extent = " ".join(["G1", "S2", "P1"][:size])
    draft = factories.make_draft(supervisor, therapist, revision, codes=extent)

    with django_assert_num_queries(1):
        found = queries.progress(draft)

        assert len([row.domain.title for row in found.domains]) == size


@pytest.mark.parametrize("size", [1, 3])
def test_history_needs_one_statement(draft, size, django_assert_num_queries):
    for code in ["S2.1", "S2.2", "S2.3"][:size]:
        rate(draft, code, 3)

    with django_assert_num_queries(1):
        found = [event.by.name for event in queries.history(draft)]

    assert len(found) == size + 1


@pytest.mark.parametrize("size", [1, 3])
def test_statement_lists_need_one_statement(revision, size, django_assert_num_queries):
    activities = revision.activities.filter(code__in=["G1", "S2", "P1"][:size])

    with django_assert_num_queries(1):
        found = [each.activity.domain.title for each in queries.statement_lists(activities)]

    assert len(found) == size


@pytest.mark.parametrize("size", [1, 3])
def test_columns_need_two_statements(size, django_assert_num_queries):
    data = factories.make_revision_data().domains[0]
    parts = [ActivityData(f"x{number}", f"X{number}", "More", "More") for number in range(size)]
    made = factories.make_revision(domains=[data, replace(data, key="x", code="X", activities=parts)])
    revision = FrameworkRevision.objects.select_related("framework").get(pk=made.pk)

    with django_assert_num_queries(2):
        addresses = [
            activity.get_absolute_url()
            for column in queries.columns(revision)
            for group in column.groups
            for activity in group.activities
        ]

    assert len(addresses) == 2 + size
