import datetime

import pytest
from django.utils import timezone

from assessments import growth, profiles
from assessments.courses import FURTHER, LESS_FAR, SAME
from assessments.growth import CaseRow
from assessments.models import Assessment, Outcome
from tests import factories
from tests.factories import days_ago, make_rated

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(db):
    """Activities A1 with two competences and A1a with one; met at the third of three levels."""
    return factories.make_revision()


def profile(therapist, revision, **kwargs):
    rows = Assessment.objects.filter(therapist=therapist)
    return profiles.build(therapist, revision, timezone.localdate(), rows, **kwargs)


def lacking(therapist, revision, **kwargs):
    rows = growth.coverage(profile(therapist, revision, **kwargs))
    return {row.activity.code: (row.never, row.once, row.stale) for row in rows}


def test_then_and_now_compares_what_was_rated_twice(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1.2": 1, "A1a.1": 2}, days=40)
    make_rated(supervisor, therapist, small, {"A1.1": 3, "A1.2": Outcome.NOT_OBSERVED}, days=2)

    (pair,) = growth.then_and_now(profile(therapist, small).domains[0])

    assert (pair.activity.code, pair.then, pair.now, pair.competences) == ("A1", 1, 3, 1)
    assert pair.since == days_ago(40)


def test_then_and_now_takes_the_lower_of_two_in_the_middle(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1.2": 2}, days=40)
    make_rated(supervisor, therapist, small, {"A1.1": 3, "A1.2": 2}, days=2)

    (pair,) = growth.then_and_now(profile(therapist, small).domains[0])

    assert (pair.then, pair.now, pair.competences) == (1, 2, 2)


def test_then_is_the_first_of_many(therapist, supervisor, small):
    for days, level in [(90, 1), (80, 2), (70, 2), (60, 2), (50, 2), (40, 3), (30, 3)]:
        make_rated(supervisor, therapist, small, {"A1.1": level, "A1.2": level, "A1a.1": level}, days=days)

    pairs = growth.then_and_now(profile(therapist, small).domains[0])

    assert [(pair.then, pair.now) for pair in pairs] == [(1, 3), (1, 3)]


def test_moves_are_counted_in_words(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1a.1": 3}, days=40)
    make_rated(supervisor, therapist, small, {"A1.1": 3, "A1a.1": 2}, days=2)

    moved = growth.moves(growth.then_and_now(profile(therapist, small).domains[0]))

    assert moved == {FURTHER: 1, LESS_FAR: 1}
    told = growth.told_moves(moved, "activity", "activities")
    assert told == "Of 2 activities rated at least twice: 1 further on and 1 less far."


def test_moves_on_a_reversed_scale_are_the_other_way_round():
    pair = growth.ThenNow(None, 3, 1, 1, days_ago(2))

    assert growth.moves([pair], descending=True) == {FURTHER: 1}
    assert growth.moves([growth.ThenNow(None, 2, 2, 1, days_ago(2))]) == {SAME: 1}


def test_no_moves_are_told_before_a_second_occasion(therapist, small):
    moved = growth.moves(growth.then_and_now(profile(therapist, small).domains[0]))

    assert growth.told_moves(moved, "activity", "activities") == "No activity has been rated twice yet."


def test_coverage_tells_never_once_and_stale_apart(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 2, "A1.2": Outcome.NOT_OBSERVED}, days=200)

    assert lacking(therapist, small) == {"A1": (["A1.2"], ["A1.1"], ["A1.1"]), "A1a": (["A1a.1"], [], [])}
    assert lacking(therapist, small, stale_months=7)["A1"] == (["A1.2"], ["A1.1"], [])


def test_coverage_expects_nothing_that_is_not_applicable(therapist, supervisor, small):
    answers = {"A1.1": 2, "A1.2": Outcome.NOT_APPLICABLE, "A1a.1": 2}
    make_rated(supervisor, therapist, small, answers, days=9)
    make_rated(supervisor, therapist, small, {"A1.1": 2, "A1a.1": 2}, days=2)

    assert lacking(therapist, small) == {}


def test_coverage_is_told_in_a_sentence(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 2, "A1.2": 2}, days=200)
    now = profile(therapist, small)

    assert growth.told_coverage(growth.coverage(now), now) == (
        "Of 3 competences, 1 was never observed, 2 were observed once only, and 2 were last observed more than"
        " six months ago."
    )


def test_domains_are_told_by_what_is_rated(therapist, supervisor, small):
    before = growth.told_domains(profile(therapist, small))
    make_rated(supervisor, therapist, small, {"A1.1": 2})

    assert before == "Nothing is rated."
    assert growth.told_domains(profile(therapist, small)) == "Rated so far: 1 of 3 competences, 1 in First."


def test_stale_months_before_the_first_of_all_days_end_there(therapist, small):
    first = profiles.build(therapist, small, datetime.date(1, 2, 1), [])

    assert first.stale_before == datetime.date.min


def test_cases_tell_problem_areas_and_phases(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 2}, days=9, phase="initial")
    make_rated(supervisor, therapist, small, {"A1.1": 2}, days=8, phase="middle")
    make_rated(supervisor, therapist, small, {"A1.1": 2}, days=7, case_number=None, phase="", problem_area="")

    rows = growth.cases(Assessment.objects.filter(therapist=therapist))

    first, last = rows
    assert (first.name, first.areas, first.assessments) == ("Case 2", ["Role dispute"], 2)
    assert [number for _, number in first.phases] == [1, 1, 0, 0, 0]
    assert (last.name, last.areas, last.phases[-1]) == ("No case named", [], ("No phase named", 1))
    assert growth.told_cases(rows) == (
        "1 case covers role dispute; phases seen: initial and middle."
        " Not met in a case: grief, role transition and interpersonal sensitivity."
    )


def test_cases_that_cover_everything_leave_nothing_to_meet():
    areas = ["Grief", "Role dispute", "Role transition", "Interpersonal sensitivity"]
    rows = [CaseRow(1, areas[:1], [("Initial", 0)], 1), CaseRow(2, areas[1:], [("Initial", 0)], 1)]

    assert growth.told_cases(rows) == (
        "2 cases cover grief, role dispute, role transition and interpersonal sensitivity."
    )


def test_cases_without_a_problem_area_cover_none():
    told = growth.told_cases([CaseRow(1, [], [], 1)])

    assert told.startswith("1 case covers no problem area. Not met in a case: grief")


def test_no_case_is_told_where_none_is_named():
    assert growth.told_cases([CaseRow(None, [], [], 1)]) == "No assessment names a case yet."


@pytest.fixture
def second(therapist, other_supervisor, northfield):
    factories.make_supervision(therapist, other_supervisor, northfield)
    return other_supervisor


def test_spread_is_of_the_latest_of_each_supervisor(therapist, supervisor, second, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1.2": 2}, days=40)
    make_rated(supervisor, therapist, small, {"A1.1": 2}, days=9)
    make_rated(second, therapist, small, {"A1.1": 3, "A1.2": 2}, days=2)

    found = growth.spreads(profile(therapist, small).standings[0])

    assert [(row.code, row.lowest, row.highest, row.raters) for row in found] == [("A1.1", 2, 3, 2), ("A1.2", 2, 2, 2)]
    assert growth.told_spreads(found) == "Of 2 competences rated by more than one supervisor, 1 has a spread."
    assert growth.told_spreads(found[1:]) == ("The supervisors agree on 1 competence that more than one of them rated.")


def test_spread_shows_somebody_whose_word_is_long_ago(therapist, supervisor, second, small):
    everything = {"A1.1": 3, "A1.2": 3, "A1a.1": 3}
    make_rated(supervisor, therapist, small, everything, days=99)
    make_rated(second, therapist, small, everything | {"A1.1": 1}, days=90)
    for days in range(2, 9):
        make_rated(supervisor, therapist, small, everything, days=days)

    found = growth.spreads(profile(therapist, small).standings[0])

    assert [(row.code, row.lowest, row.highest) for row in found] == [("A1.1", 1, 3), ("A1.2", 3, 3)]
