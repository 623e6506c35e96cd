import datetime

import pytest
import time_machine
from django.utils import timezone

from assessments.models import Assessment, Role, User, composed
from assessments.queries import assessments, framework, people
from tests import factories

ROLES = ["supervisor", "therapist", "lead", "admin", "other_supervisor", "outside_supervisor", "outside_lead"]


@pytest.fixture(autouse=True)
def _nothing_remembered():
    composed._statement.cache_clear()
    yield
    composed._statement.cache_clear()


@pytest.fixture
def everybody(request):
    return [User.objects.get(pk=request.getfixturevalue(name).pk) for name in ROLES]


@pytest.fixture
def of_two_pairs(supervisor, therapist, other_supervisor, other_therapist, revision):
    return [
        factories.make_shared(supervisor, therapist, revision),
        factories.make_draft(supervisor, therapist, revision),
        factories.make_shared(other_supervisor, other_therapist, revision),
    ]


def test_rows_are_those_of_the_queryset_for_everybody(everybody, of_two_pairs):
    """One after the other, so that each is asked with the statement that was composed for the one before."""
    for row in of_two_pairs:
        for person in everybody:
            for ask in [assessments._visible, assessments._editable]:
                assert ask(person, row.pk) == list(ask.__wrapped__(person, row.pk))
            seen = assessments._seen(person, row.therapist_id)
            expected = list(assessments._seen.__wrapped__(person, row.therapist_id))
            assert [(it, it.may_read, it.supervisor_name) for it in seen] == [
                (it, it.may_read, it.supervisor_name) for it in expected
            ]
            known = people._known_to(person, row.therapist_id)
            assert known == list(people._known_to.__wrapped__(person, row.therapist_id))


def test_rows_carry_what_belongs_to_them(supervisor, therapist, revision, django_assert_num_queries):
    draft = factories.make_draft(supervisor, therapist, revision)
    assessments._editable(supervisor, draft.pk)

    with django_assert_num_queries(2):
        [found] = assessments._editable(supervisor, draft.pk)
        facts = [found.therapist.name, found.organisation.name, found.outbox_key, len(found.scale.levels.all())]

    assert facts == ["Amara Okafor", "Northfield", "", 5]


def test_statement_is_composed_once_for_two_people_of_one_shape(supervisor, other_supervisor, therapist):
    for person in [supervisor, other_supervisor, supervisor]:
        people._known_to(person, therapist.pk)

    assert composed._statement.cache_info().misses == 1


def test_statement_is_another_one_for_other_roles(supervisor, lead, therapist):
    for person in [supervisor, lead]:
        people._known_to(person, therapist.pk)

    assert composed._statement.cache_info().misses == 2


def test_roles_in_two_organisations_are_not_mixed_up(supervisor, therapist, outside_therapist, southbank, revision):
    """Lead of the second organisation and supervisor in the first: the order of memberships is that of the ids."""
    factories.make_shared(supervisor, therapist, revision)
    people.person_with_roles(supervisor.pk)
    supervisor.memberships.create(organisation=southbank, role=Role.LEAD, starts_on=timezone.localdate())
    person = User.objects.get(pk=supervisor.pk)

    found = [people._known_to(person, each.pk) for each in [therapist, outside_therapist]]

    assert [[it.is_led for it in rows] for rows in found] == [[False], [True]]


def test_day_belongs_to_the_statement(supervisor, therapist, northfield):
    supervision = supervisor.supervisions_given.get()
    supervision.ends_on = timezone.localdate()
    supervision.save()

    [today] = people._known_to(supervisor, therapist.pk)
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1)):
        [tomorrow] = people._known_to(supervisor, therapist.pk)

    assert (today.is_supervised, tomorrow.is_supervised) == (True, False)


def test_word_belongs_to_the_statement(supervisor):
    assert [framework._newest(supervisor, slug) == [] for slug in ["ipt", "cbt", "ipt"]] == [False, True, False]


def test_number_of_ids_belongs_to_the_statement(supervisor, therapist, revision):
    rows = [factories.make_draft(supervisor, therapist, revision) for _ in range(3)]
    ask = composed.composed(_of)

    assert [len(ask([row.pk for row in rows[:number]])) for number in [1, 3, 2, 0]] == [1, 3, 2, 0]


def _of(pks):
    return Assessment.objects.filter(pk__in=pks)


def test_values_have_no_names(supervisor, therapist):
    with pytest.raises(TypeError):
        people._known_to(user=supervisor, pk=therapist.pk)
