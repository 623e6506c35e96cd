"""The session that every request reads first."""

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError, connection
from django.utils import timezone

from ipt.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored():
    session = SessionStore()
    session["began"] = 17
    session.save()
    return session


def test_session_is_read_in_one_statement(stored, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert dict(SessionStore(stored.session_key).items()) == {"began": 17}


@pytest.mark.parametrize(("seconds", "found"), [(-1, {"began": 17}), (1, {})])
def test_session_ends_at_its_date(stored, seconds, found):
    with time_machine.travel(stored.get_expiry_date() + timezone.timedelta(seconds=seconds), tick=False):
        assert dict(SessionStore(stored.session_key).items()) == found


def test_session_never_takes_over_a_key_that_is_not_ours():
    session = SessionStore("k" * 32)

    assert (dict(session.items()), session.session_key) == ({}, None)


def full(execute, sql, *args):
    """A disk without room: what is there can be read."""
    if sql.startswith("UPDATE"):
        raise OperationalError("database or disk is full")
    return execute(sql, *args)


def test_renewal_that_the_storage_refuses_is_no_error(stored):
    session = SessionStore(stored.session_key)
    session["renewed"] = 18

    with connection.execute_wrapper(full):
        session.save()

    assert dict(SessionStore(stored.session_key).items()) == {"began": 17}


@pytest.mark.parametrize("is_read", [True, False])
def test_any_other_change_that_the_storage_refuses_is_told_as_a_fault_of_the_storage(stored, is_read):
    session = SessionStore(stored.session_key) if is_read else stored
    session["signed_in"] = True

    with connection.execute_wrapper(full), pytest.raises(OperationalError, match="disk is full"):
        session.save()


def test_session_that_was_ended_elsewhere_is_not_brought_back(stored):
    session = SessionStore(stored.session_key)
    session["renewed"] = 18
    stored.delete()

    with pytest.raises(UpdateError):
        session.save()
