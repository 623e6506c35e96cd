import pytest

from assessments import queries
from assessments.forms.assessments import next_session_of
from assessments.models import Supervision
from tests import factories
from tests.factories import days_ago

pytestmark = pytest.mark.django_db


@pytest.fixture
def make(supervisor, therapist, revision):
    return lambda **context: factories.make_draft(supervisor, therapist, revision, **context)


def cases(user, therapist):
    return [(row.case_number, row.session_number) for row in queries.recent_cases(user, str(therapist.pk))]


def test_recent_cases_show_the_latest_session_of_each(make, supervisor, therapist):
    make(case_number=1, session_number=12, session_on=days_ago(40))
    make(case_number=2, session_number=3, session_on=days_ago(9))
    make(case_number=2, session_number=4, session_on=days_ago(2))

    assert cases(supervisor, therapist) == [(2, 4), (1, 12)]


def test_recent_cases_are_at_most_five(make, supervisor, therapist):
    for number in range(1, 8):
        make(case_number=number, session_on=days_ago(number))

    assert [case for case, _ in cases(supervisor, therapist)] == [1, 2, 3, 4, 5]


def test_recent_cases_leave_out_what_has_no_number(make, supervisor, therapist):
    make(case_number=None)

    assert cases(supervisor, therapist) == []


def test_recent_cases_leave_out_what_was_withdrawn(make, supervisor, therapist, revision):
    make(session_number=3, session_on=days_ago(9))
    factories.make_withdrawn(supervisor, therapist, revision)

    assert cases(supervisor, therapist) == [(2, 3)]


def test_recent_cases_are_those_of_the_therapist(make, supervisor, other_therapist, northfield):
    make()
    factories.make_supervision(other_therapist, supervisor, northfield)

    assert cases(supervisor, other_therapist) == []


def test_recent_cases_of_another_supervisor_are_not_seen(make, other_supervisor, therapist, northfield):
    make()
    factories.make_supervision(therapist, other_supervisor, northfield)

    assert cases(other_supervisor, therapist) == []


def test_recent_cases_end_with_the_supervision(make, supervisor, therapist):
    make()
    Supervision.objects.update(ends_on=days_ago(1))

    assert cases(supervisor, therapist) == []


@pytest.mark.parametrize("named", ["", "None", "nonsense", "\x00", "01900000-0000-7000-8000-000000000000"])
def test_recent_cases_of_nobody_are_none(make, supervisor, named):
    make()

    assert queries.recent_cases(supervisor, named) == []


def test_recent_cases_need_one_statement(make, supervisor, therapist, django_assert_num_queries):
    for number in [1, 2, 3]:
        make(case_number=number)

    with django_assert_num_queries(1):
        rows = queries.recent_cases(supervisor, str(therapist.pk))

        assert [row.case for row in rows] == [
            f"case {number}, session 7 of 16, middle phase, role dispute" for number in [3, 2, 1]
        ]


@pytest.mark.parametrize(("number", "following"), [(7, 8), (None, None)])
def test_next_session_follows_a_number_only(make, number, following):
    assert next_session_of(make(session_number=number))["session_number"] == following
