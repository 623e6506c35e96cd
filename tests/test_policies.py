import datetime
import re
from itertools import product

import pytest

from assessments import guards, policies
from assessments.exceptions import NotAllowed
from assessments.models import Assessment, Status, Supervision

# Every step with the states that allow it, and the state it leads to. Written out, so that a change is a decision.
EXPECTED = {
    "rate": ({"draft"}, "draft"),
    "hand over": ({"draft"}, "draft"),
    "share": ({"draft"}, "shared"),
    "take back": ({"shared"}, "draft"),
    "reply to": ({"shared"}, "shared"),
    "sign": ({"shared"}, "shared"),
    "sign off": ({"shared"}, "signed_off"),
    "show": ({"shared"}, "shared"),
    "withdraw": ({"draft", "shared"}, "withdrawn"),
    "close": ({"shared"}, "signed_off"),
    "reopen": ({"signed_off"}, "signed_off"),
    "call off": ({"draft"}, "withdrawn"),
}
ALLOWED = sorted((step, status) for step, (origins, _) in EXPECTED.items() for status in origins)
REFUSED = sorted(set(product(EXPECTED, Status.values)) - set(ALLOWED))

BEGAN, ENDED = datetime.date(2026, 1, 5), datetime.date(2026, 6, 1)


def test_steps_are_the_ones_decided():
    assert policies.STEPS == EXPECTED


def test_every_state_is_put_into_words():
    assert set(policies.STATE_IN_WORDS) == set(Status)


@pytest.mark.parametrize(("step", "status"), ALLOWED)
def test_check_step_allowed(step, status):
    policies.check_step(Assessment(status=status), step)


@pytest.mark.parametrize(("step", "status"), REFUSED)
def test_check_step_refused_with_a_sentence(step, status):
    with pytest.raises(NotAllowed) as refusal:
        policies.check_step(Assessment(status=status), step)

    assert refusal.value.reason == f"You cannot {step} this assessment. {policies.STATE_IN_WORDS[status]}"
    assert refusal.value.reason.endswith(".")


def test_check_step_refused_in_plain_words():
    with pytest.raises(NotAllowed) as refusal:
        policies.check_step(Assessment(status=Status.SHARED), "rate")

    assert refusal.value.reason == (
        "You cannot rate this assessment. It is shared with the therapist and locked. Take it back first to change it."
    )


def test_no_step_leaves_a_closed_assessment():
    closed = {Status.SIGNED_OFF, Status.WITHDRAWN}

    assert [
        step for step, (origins, target) in policies.STEPS.items() if origins & closed and target not in origins
    ] == []


def test_database_takes_the_same_steps():
    guard = next(guard for guard in guards.GUARDS if guard.name == "assessment_takes_known_steps")

    in_database = set(re.findall(r"'(\w+)>(\w+)'", guard.refuse_if))

    in_code = {(origin, target) for origins, target in policies.STEPS.values() for origin in origins}
    assert in_database == {(origin, target) for origin, target in in_code if origin != target}


def test_grace_refused_without_supervision():
    with pytest.raises(NotAllowed) as refusal:
        policies.check_in_grace(None, ENDED)

    assert refusal.value.reason == "You do not supervise this therapist."


@pytest.mark.parametrize("days", [-1, 0, 1, 30])
def test_grace_lasts_thirty_days(days):
    last = Supervision(starts_on=BEGAN, ends_on=ENDED)

    policies.check_in_grace(last, ENDED + datetime.timedelta(days=days))


def test_grace_over_after_thirty_days():
    last = Supervision(starts_on=BEGAN, ends_on=ENDED)

    with pytest.raises(NotAllowed) as refusal:
        policies.check_in_grace(last, ENDED + datetime.timedelta(days=31))

    assert refusal.value.reason == (
        "Your supervision ended on 1 June 2026 and the 30 days to finish are over. "
        "Ask the training lead to hand the draft over."
    )


def test_grace_never_needed_while_supervision_runs():
    policies.check_in_grace(Supervision(starts_on=BEGAN), datetime.date(2036, 1, 1))
