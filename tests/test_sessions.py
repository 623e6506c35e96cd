"""The session that every request reads first."""

import pytest
import time_machine
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
