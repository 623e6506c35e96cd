"""What a programme asks for, held against what was assessed."""

import pytest
from django.utils import timezone

from assessments import profiles, requirements
from assessments.actions import assessments as actions
from assessments.actions import lineage
from assessments.models import Assessment, Programme
from assessments.queries import assessments_seen, counting, judged_with_concerns
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(therapist, revision):
    """The single requirement of a programme, against everything about Amara that counts."""

    def hold(*, of=revision, number=0, **asks):
        rows = counting(assessments_seen(therapist, therapist))
        profile = profiles.build(therapist, of, timezone.localdate(), rows)
        found = requirements.requirements(Programme(name="IPT", **asks), profile, rows, judged_with_concerns(rows))
        return found[number]

    return hold


@pytest.fixture
def rated(supervisor, therapist, revision):
    """A shared assessment of a session so many days ago, in which one competence of S7 has a level."""

    def rate(days, answers=None, **context):
        return factories.make_rated(supervisor, therapist, revision, answers or {"S7.1": 3}, days=days, **context)

    return rate


def words(evidence):
    return [each.words for each in evidence]


def day(days):
    return f"{factories.days_ago(days):%-d %B %Y}"


def summary(requirement):
    """Everything in words: whether it is covered, the finding, the evidence, what is open."""
    row = requirement
    return (row.is_covered, f"{row.text}: {row.told}", words(row.evidence), words(row.missing))


def period(first, last):
    since, until = factories.days_ago(first), factories.days_ago(last)
    return (
        f"from {since:%-d %B} to {until:%-d %B %Y}" if since.year == until.year else f"from {day(first)} to {day(last)}"
    )


# what is asked


def test_programme_asks_in_words():
    every = Programme(
        cases=4,
        recordings_per_case=3,
        problem_areas=2,
        assessments=12,
        has_all_phases=True,
        is_core_observed=True,
        is_focus_observed=True,
        has_no_open_concern=True,
        is_all_signed_off=True,
    )

    assert list(requirements.asked(every).values()) == [
        "Four cases",
        "Three reviewed recordings in each of four cases",
        "At least two problem areas",
        "Initial, middle and ending phase",
        "At least 12 shared assessments",
        "Every core activity observed",
        "Every focus activity observed whose problem area has come up",
        "No open concern",
        "Every assessment signed off",
    ]


def test_programme_asks_for_one_of_each_in_words():
    one = Programme(cases=1, recordings_per_case=1, problem_areas=1, assessments=1)

    assert list(requirements.asked(one).values()) == [
        "One case",
        "One reviewed recording in one case",
        "At least one problem area",
        "At least one shared assessment",
    ]


def requirement(is_covered):
    return requirements.Requirement("Four cases", is_covered, "", [], [])


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([True, True, False], "IPT: of 3 requirements, 2 are covered and 1 open."),
        ([True, False, False], "IPT: of 3 requirements, 1 is covered and 2 open."),
        ([True, True], "IPT: all 2 requirements are covered."),
        ([False, False], "IPT: all 2 requirements are open."),
        ([True], "IPT: the one requirement is covered."),
        ([False], "IPT: the one requirement is open."),
    ],
)
def test_headline_counts(states, expected):
    rows = [requirement(state) for state in states]

    assert requirements.headline(Programme(name="IPT"), rows) == expected


# cases


def test_cases_are_different_numbers(held, rated):
    for days, case in [(30, 1), (20, 1), (10, 3)]:
        rated(days, case_number=case)

    assert summary(held(cases=3)) == (
        False,
        "Three cases: 2 covered, 1 open",
        [f"Case 1: 2 assessments, {period(30, 20)}", f"Case 3: 1 assessment, on {day(10)}"],
        ["One more case"],
    )


def test_cases_point_to_their_assessments(held, rated):
    second, first = rated(20, case_number=1), rated(30, case_number=1)

    assert [row.pk for row in held(cases=1).evidence[0].assessments] == [first.pk, second.pk]


def test_more_cases_than_asked_are_covered(held, rated):
    for case in [1, 2]:
        rated(10, case_number=case)

    assert summary(held(cases=1))[:2] == (True, "One case: 2 covered")


def test_assessments_without_a_case_count_for_none(held, rated):
    for days in [20, 10]:
        rated(days, case_number=None)

    assert summary(held(cases=2)) == (
        False,
        "Two cases: 0 covered, 2 open",
        [],
        ["Two more cases", "2 assessments name no case and count for none"],
    )


def test_one_assessment_without_a_case_is_told_as_one(held, rated):
    rated(10, case_number=None)

    assert words(held(cases=1).missing)[1] == "1 assessment names no case and counts for none"


def test_assessments_without_a_case_do_not_matter_once_covered(held, rated):
    rated(20, case_number=None)
    rated(10, case_number=1)

    assert held(cases=1).missing == []


# recordings


@pytest.fixture
def recorded(rated):
    """Two recordings of case 1, one of case 2 beside a live session, none of case 3."""
    for days, case in [(40, 1), (30, 1), (20, 2)]:
        rated(days, case_number=case)
    for days, case in [(12, 2), (10, 3)]:
        rated(days, case_number=case, source=Assessment.Source.LIVE)


def test_recordings_are_counted_case_by_case(hold_recordings):
    assert summary(hold_recordings(4, 2)) == (
        False,
        "Two reviewed recordings in each of four cases: 1 case covered, 3 open",
        [f"Case 1: 2 recordings, {period(40, 30)}"],
        ["Case 2 has 1 of 2 recordings", "Case 3 has 0 of 2 recordings", "One more case with two recordings"],
    )


def test_recordings_of_enough_cases_are_covered(hold_recordings):
    assert summary(hold_recordings(2, 1)) == (
        True,
        "One reviewed recording in each of two cases: 2 cases covered",
        [f"Case 1: 2 recordings, {period(40, 30)}", f"Case 2: 1 recording, on {day(20)}"],
        [],
    )


def test_recordings_wait_for_no_more_cases_than_there_are(hold_recordings):
    """Of three cases one is to have two recordings more: any will do, so each is named."""
    missing = hold_recordings(2, 2).missing

    assert words(missing) == ["Case 2 has 1 of 2 recordings", "Case 3 has 0 of 2 recordings"]


@pytest.fixture
def hold_recordings(held, recorded):
    """Only the second requirement: without cases nobody asks for recordings in them."""

    def hold(cases, recordings):
        return held(cases=cases, recordings_per_case=recordings, number=1)

    return hold


# problem areas and phases


def test_problem_areas_are_different_ones(held, rated):
    for days, area in [(30, "dispute"), (20, "dispute"), (10, "")]:
        rated(days, problem_area=area)

    assert summary(held(problem_areas=2)) == (
        False,
        "At least two problem areas: 1 covered, 1 open",
        [f"Role dispute: 2 assessments, {period(30, 20)}"],
        ["One more problem area; not met yet: grief, role transition and interpersonal sensitivity"],
    )


def test_problem_areas_stand_in_the_order_of_the_framework(held, rated):
    for days, area in [(30, "transition"), (20, "grief")]:
        rated(days, problem_area=area)

    assert summary(held(problem_areas=2)) == (
        True,
        "At least two problem areas: 2 covered",
        [f"Grief: 1 assessment, on {day(20)}", f"Role transition: 1 assessment, on {day(30)}"],
        [],
    )


def test_phases_are_initial_middle_and_ending(held, rated):
    for days, phase in [(30, "initial"), (20, "maintenance"), (10, "ending")]:
        rated(days, phase=phase)

    assert summary(held(has_all_phases=True)) == (
        False,
        "Initial, middle and ending phase: 2 covered, 1 open",
        [f"Initial phase: 1 assessment, on {day(30)}", f"Ending phase: 1 assessment, on {day(10)}"],
        ["Middle phase: no assessment yet"],
    )


def test_phases_without_maintenance_are_covered(held, rated):
    for days, phase in [(30, "initial"), (20, "middle"), (10, "ending")]:
        rated(days, phase=phase)

    assert summary(held(has_all_phases=True))[:2] == (True, "Initial, middle and ending phase: 3 covered")


# assessments and signatures


def test_assessments_are_counted(held, rated):
    rated(10)

    assert summary(held(assessments=3)) == (
        False,
        "At least three shared assessments: 1 covered, 2 open",
        [f"Shared: 1 assessment, on {day(10)}"],
        ["Two more shared assessments"],
    )


def test_drafts_and_withdrawn_assessments_count_for_nothing(held, supervisor, therapist, revision):
    factories.make_draft(supervisor, therapist, revision)
    factories.make_withdrawn(supervisor, therapist, revision)

    assert summary(held(assessments=1)) == (
        False,
        "At least one shared assessment: 0 covered, 1 open",
        [],
        ["One more shared assessment"],
    )


def test_signatures_are_open_until_all_are_signed_off(held, rated, supervisor, therapist):
    signed, _ = rated(20), rated(10)
    for person in [therapist, supervisor]:
        actions.sign_off(by=person, assessment=signed)

    assert summary(held(is_all_signed_off=True)) == (
        False,
        "Every assessment signed off: 1 covered, 1 open",
        [f"Signed off: 1 assessment, on {day(20)}"],
        [f"Not signed off yet: 1 assessment, on {day(10)}"],
    )


def test_signatures_are_covered_once_all_are_signed_off(held, signed):
    assert summary(held(is_all_signed_off=True))[:2] == (True, "Every assessment signed off: 1 covered")


def test_signatures_are_open_while_all_wait(held, shared):
    assert summary(held(is_all_signed_off=True))[1:3] == ("Every assessment signed off: 0 covered, 1 open", [])


@pytest.mark.parametrize("asks", ["is_all_signed_off", "has_no_open_concern"])
def test_nothing_assessed_is_open(held, asks):
    found = held(**{asks: True})

    assert (found.is_covered, found.told, found.evidence) == (False, "nothing is assessed yet", [])


# activities


@pytest.fixture
def small():
    """A1 with two competences and A1a with one, both core."""
    return factories.make_revision()


@pytest.fixture
def core(held, supervisor, therapist, small):
    """Whether the core activities of the small framework are observed, once these answers were given."""

    def hold(*occasions):
        for answers in occasions:
            factories.make_rated(supervisor, therapist, small, answers)
        return held(of=small, is_core_observed=True)

    return hold


def test_core_activities_need_one_level_each(core):
    found = core({"A1.2": 1}, {"A1a.1": 2})

    assert summary(found) == (
        True,
        "Every core activity observed: 2 covered",
        [
            f"1 of 2 competences has a level, the last of {day(2)}",
            f"1 of 1 competence has a level, the last of {day(2)}",
        ],
        [],
    )
    assert [each.activities[0].code for each in found.evidence] == ["A1", "A1a"]


def test_core_activities_that_nobody_rated_are_open(core):
    found = core()

    assert summary(found) == (False, "Every core activity observed: 0 covered, 2 open", [], ["Never rated"])
    assert [activity.code for activity in found.missing[0].activities] == ["A1", "A1a"]


def test_core_activity_that_was_not_observed_is_open(core):
    found = core({"A1.1": "not_observed", "A1.2": "not_applicable", "A1a.1": 3})

    assert summary(found)[1::2] == ("Every core activity observed: 1 covered, 1 open", ["Looked for, not observed"])


def test_core_activity_that_does_not_apply_is_not_asked_for(core):
    found = core({"A1.1": 2, "A1.2": 2, "A1a.1": "not_applicable"})

    assert summary(found) == (
        True,
        "Every core activity observed: 1 covered",
        [f"2 of 2 competences have a level, the last of {day(2)}", "Not applicable, so not asked for"],
        [],
    )


def test_core_activities_none_of_which_applies_are_not_asked_for(core):
    found = core({"A1.1": "not_applicable", "A1.2": "not_applicable", "A1a.1": "not_applicable"})

    assert (found.is_covered, found.told) == (True, "none is asked for")


def test_core_activities_leave_out_focus_and_optional_ones(held):
    assert held(is_core_observed=True).told == "0 covered, 35 open"


def test_core_activity_may_be_carried_over(held, supervisor, therapist, admin, small):
    factories.make_rated(supervisor, therapist, small, {"A1.1": 2})
    newer = factories.make_next(is_published=True)
    lineage.carry_over(by=admin, revision=newer)

    found = held(of=newer, is_core_observed=True)

    assert words(found.evidence) == [f"1 of 2 competences has a level, the last of {day(2)}, 1 of them carried over"]
    assert [activity.code for activity in found.missing[0].activities] == ["A2"]


def test_core_activity_carried_over_with_another_wording_is_open(held, supervisor, therapist, admin, small):
    factories.make_rated(supervisor, therapist, small, {"A1.2": 2})
    newer = factories.make_next(is_published=True)
    lineage.carry_over(by=admin, revision=newer)

    assert held(of=newer, is_core_observed=True).told == "0 covered, 2 open"


def test_focus_activities_are_those_of_problem_areas_that_came_up(held, rated):
    rated(20, {"S2.1": 3}, problem_area="dispute")
    rated(10, problem_area="grief")

    found = held(is_focus_observed=True)

    assert (found.is_covered, found.told) == (False, "1 covered, 1 open")
    assert [activity.code for activity in found.evidence[0].activities] == ["S2"]
    assert [activity.code for activity in found.missing[0].activities] == ["S1"]


def test_focus_activities_are_covered_once_each_was_observed(held, rated):
    rated(20, {"S2.1": 3}, problem_area="dispute")

    assert summary(held(is_focus_observed=True))[0] is True


def test_focus_activities_are_open_before_the_first_problem_area(held, rated):
    rated(20, {"S2.1": 3}, problem_area="")

    assert summary(held(is_focus_observed=True)) == (
        False,
        "Every focus activity observed whose problem area has come up: no problem area has come up yet",
        [],
        [],
    )


# concerns


@pytest.fixture
def judged(supervisor, therapist, revision):
    """A shared assessment so many days ago in which S2.1 is judged, with or without a concern."""

    def judge(days, answer=3, *, by=supervisor, **flags):
        draft = factories.make_draft(by, therapist, revision, session_on=factories.days_ago(days))
        factories.rate(draft, "S2.1", answer, note="Passed over it.", **flags)
        return actions.share(by=by, assessment=draft)

    return judge


def concerns(held):
    return summary(held(has_no_open_concern=True))


def test_no_concern_was_raised(held, judged):
    judged(10)

    assert concerns(held) == (True, "No open concern: none was raised", [], [])


def test_concern_is_open_until_a_level_without_one(held, judged):
    raised = judged(10, is_concern=True)

    found = held(has_no_open_concern=True)

    assert summary(found) == (
        False,
        "No open concern: 1 raised, 1 open",
        [],
        [f"S2.1: raised on {day(10)}, given no level without a concern since"],
    )
    assert [row.pk for row in found.missing[0].assessments] == [raised.pk]


def test_concern_is_closed_by_a_later_level_whoever_gives_it(held, judged, other_supervisor, therapist, northfield):
    factories.make_supervision(therapist, other_supervisor, northfield)
    raised, later = judged(10, is_concern=True), judged(5, 1, by=other_supervisor)

    found = held(has_no_open_concern=True)

    assert summary(found) == (
        True,
        "No open concern: 1 raised, none open",
        [f"S2.1: raised on {day(10)}, given a level without a concern on {day(5)}"],
        [],
    )
    assert [row.pk for row in found.evidence[0].assessments] == [raised.pk, later.pk]


@pytest.mark.parametrize("answer", ["not_observed", "not_applicable"])
def test_concern_is_not_closed_without_a_level(held, judged, answer):
    judged(10, is_concern=True)
    judged(5, answer)

    assert concerns(held)[1] == "No open concern: 1 raised, 1 open"


def test_concern_is_not_closed_by_an_earlier_session_shared_later(held, judged):
    judged(5, is_concern=True)
    judged(10)

    assert concerns(held)[0] is False


def test_concern_raised_again_is_open_since_the_last_time(held, judged):
    for days, is_concern in [(20, True), (15, False), (10, True)]:
        judged(days, is_concern=is_concern)

    assert concerns(held)[3] == [f"S2.1: raised on {day(10)}, given no level without a concern since"]


def test_concern_of_a_draft_or_of_another_competence_changes_nothing(held, judged, rated, draft):
    judged(10, is_concern=True)
    rated(5, {"S2.2": 4})
    factories.rate(draft, "S2.1", 4)

    assert concerns(held)[1] == "No open concern: 1 raised, 1 open"


def test_concern_about_a_competence_follows_it_into_the_next_revision(held, supervisor, therapist, small):
    draft = factories.make_draft(supervisor, therapist, small, codes="A1", session_on=factories.days_ago(10))
    factories.rate(draft, "A1.1", 1, note="Talked over the client.", is_concern=True)
    actions.share(by=supervisor, assessment=draft)
    newer = factories.make_next(is_published=True)
    factories.make_rated(supervisor, therapist, newer, {"A1.1": 2})

    assert held(of=newer, has_no_open_concern=True).is_covered is True


def test_period_over_a_new_year_names_both_years(held, rated):
    rated(400, case_number=1)
    rated(10, case_number=1)

    assert words(held(cases=1).evidence) == [f"Case 1: 2 assessments, from {day(400)} to {day(10)}"]
