"""Every step from every state, by the actions themselves: it is done, or refused with its sentence."""

from itertools import product

import pytest

from assessments import policies
from assessments.actions import assessments, closing, reopening, second_ratings, self_assessments
from assessments.exceptions import NotAllowed
from assessments.models import Assessment, Role, Status
from tests import factories

pytestmark = pytest.mark.django_db

WHY = "There is a reason."


@pytest.fixture
def second_supervisor(therapist, northfield):
    person = factories.make_person("Dr Iris Novak", Role.SUPERVISOR, northfield)
    factories.make_supervision(therapist, person, northfield)
    return person


STEPS = {
    "rate": lambda row, **cast: factories.rate(row, "S2.1", 4),
    "hand over": lambda row, lead, second: assessments.hand_over(by=lead, assessment=row, to=second, reason=WHY),
    "share": lambda row, **cast: assessments.share(by=row.supervisor, assessment=row),
    "take back": lambda row, **cast: assessments.take_back(by=row.supervisor, assessment=row, reason=WHY),
    "reply to": lambda row, **cast: assessments.reply(by=row.therapist, assessment=row, agreement="agree", text=""),
    "sign": lambda row, **cast: assessments.sign_off(by=row.therapist, assessment=row),
    "sign off": lambda row, **cast: assessments.sign_off(by=row.therapist, assessment=row),
    "show": lambda row, **cast: self_assessments.show(by=row.supervisor, assessment=row),
    "withdraw": lambda row, **cast: assessments.withdraw(by=row.supervisor, assessment=row, reason=WHY),
    "call off": lambda row, lead: second_ratings.call_off(by=lead, second=row),
    "close": lambda row, lead, **cast: closing.close(by=lead, assessment=row, closed_as="declined", reason=WHY),
    "reopen": lambda row, lead, **cast: reopening.reopen(by=lead, assessment=row, reason=WHY),
}
# What the step is called to the person who tries it.
CALLED = {"sign off": "sign"}
NEVER_SIGNED = {
    "show": "Only a self-assessment is shown like this.",
    "call off": "Only a second rating is called off.",
}


def in_state(status, step, *pair, rater):
    """An assessment in this state. One to be shown is of oneself, one to be called off a second rating."""
    if step == "show" and status != Status.SIGNED_OFF:
        if status == Status.SHARED:
            return factories.make_self_shared(*pair[1:])
        row = factories.make_self_draft(*pair[1:])
    elif step == "call off" and status != Status.SIGNED_OFF:
        _, row = factories.make_second(*pair[:2], rater, pair[2])
        if status == Status.SHARED:
            factories.rate(row, "S2.1", 3)
            assessments.share(by=rater, assessment=row)
    else:
        made = {Status.SHARED: factories.make_shared, Status.SIGNED_OFF: factories.make_signed}
        row = made.get(status, factories.make_draft)(*pair)
    if status == Status.DRAFT and step == "share":
        factories.rate(row, "S2.1", 3)
    if status == Status.SHARED and step in {"sign off", "close"}:
        assessments.sign_off(by=row.supervisor, assessment=row)
    if status == Status.WITHDRAWN:
        assessments.withdraw(by=row.supervisor, assessment=row, reason=WHY)
    return Assessment.objects.get(pk=row.pk)


def test_every_step_of_the_table_is_tried():
    assert set(STEPS) == set(policies.STEPS)


@pytest.mark.parametrize(("step", "status"), list(product(policies.STEPS, Status.values)))
def test_step_is_done_or_refused(request, step, status, lead, second_supervisor):
    pair = [request.getfixturevalue(name) for name in ["supervisor", "therapist", "revision"]]
    row = in_state(status, step, *pair, rater=second_supervisor)
    origins, target = policies.STEPS[step]
    refusal = ""

    try:
        STEPS[step](row, lead=lead, **({"second": second_supervisor} if step == "hand over" else {}))
    except NotAllowed as refused:
        refusal = refused.reason

    row.refresh_from_db()
    if status in origins:
        assert (refusal, row.status) == ("", target)
    elif step in NEVER_SIGNED and status == Status.SIGNED_OFF:
        assert (refusal, row.status) == (NEVER_SIGNED[step], status)
    else:
        sentence = policies.STATE_IN_WORDS[Status(status)]
        assert refusal == f"You cannot {CALLED.get(step, step)} this assessment. {sentence}"
        assert row.status == status
