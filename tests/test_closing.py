"""The third signature, closing without the therapist's, and what an organisation decides about both."""

import datetime
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments import policies, queries, records, verification
from assessments.actions import assessments, closing, organisations
from assessments.exceptions import NotAllowed, Refused
from assessments.models import Assessment, AuditEvent, Role, Signature, Status, User
from assessments.reports import cover
from tests import factories
from tests.conftest import signed_in, told, words

pytestmark = pytest.mark.django_db

WHY = "Asked twice by e-mail, no answer."


def sign(shared, *people):
    for person in people:
        shared = assessments.sign_off(by=person, assessment=shared)
    return shared


def close(by, shared, closed_as="declined", reason=WHY):
    return closing.close(by=by, assessment=shared, closed_as=closed_as, reason=reason)


def shared_days_ago(shared, days):
    Assessment.objects.filter(pk=shared.pk).update(shared_at=timezone.now() - datetime.timedelta(days=days))
    shared.refresh_from_db()
    return shared


@pytest.fixture
def waiting(shared, supervisor):
    """Signed by the supervisor alone."""
    return sign(shared, supervisor)


@pytest.fixture
def asking(northfield):
    """The organisation, which asks for a training lead's signature."""
    factories.ask_for_lead(northfield)
    return northfield


@pytest.fixture
def for_lead(asking, shared, supervisor, therapist):
    """Signed by both where a training lead signs as well."""
    return sign(shared, supervisor, therapist)


# the third signature


def test_lead_signs_last_where_the_organisation_asks(for_lead, lead):
    assert for_lead.status == Status.SHARED

    signed = sign(for_lead, lead)

    assert signed.status == Status.SIGNED_OFF
    roles = [row["role"] for row in json.loads(signed.signed_record.content)["signatures"]]
    assert sorted(roles) == ["lead", "supervisor", "therapist"]
    assert list(verification.mismatches()) == []


@pytest.mark.parametrize("who", [[], ["supervisor"], ["therapist"]])
def test_lead_waits_for_both(request, asking, shared, lead, who):
    sign(shared, *[request.getfixturevalue(name) for name in who])

    with pytest.raises(NotAllowed, match=r"^The training lead signs last\. It waits for the therapist and the super"):
        sign(Assessment.objects.get(pk=shared.pk), lead)


def test_lead_does_not_sign_where_nobody_asks(shared, supervisor, lead):
    sign(shared, supervisor)

    with pytest.raises(NotAllowed, match=r"^Only the therapist and the supervisor named in this assessment sign it\.$"):
        sign(shared, lead)


@pytest.mark.parametrize("who", ["supervisor", "therapist"])
def test_lead_who_is_named_signs_once(request, for_lead, northfield, who):
    person = request.getfixturevalue(who)
    person.memberships.create(organisation=northfield, role=Role.LEAD, starts_on=factories.LONG_AGO)

    with pytest.raises(NotAllowed, match=r"^You have signed this assessment\."):
        sign(for_lead, User.objects.get(pk=person.pk))


def test_outside_lead_does_not_sign(for_lead, outside_lead):
    with pytest.raises(NotAllowed, match=r"^Only the therapist and the supervisor"):
        sign(for_lead, outside_lead)


def test_what_is_required_is_decided_by_the_last_signature(northfield, shared, supervisor, therapist):
    first = sign(shared, supervisor)
    factories.ask_for_lead(northfield)

    both = sign(first, therapist)

    assert both.status == Status.SHARED
    assert Signature.objects.filter(voided_at__isnull=True).count() == 2


def test_lead_ends_what_both_signed_while_it_was_asked_for(for_lead, northfield, admin, lead):
    organisations.change(by=admin, organisation=northfield, has_lead_signature=False, reply_days=14)

    assert sign(Assessment.objects.get(pk=for_lead.pk), lead).status == Status.SIGNED_OFF


def test_sign_off_page_counts_three(asking, shared, supervisor, therapist, lead):
    url = f"{shared.get_absolute_url()}sign-off/"

    first = words(signed_in(supervisor).get(url))
    sign(shared, supervisor)
    second = words(signed_in(therapist).get(url))
    sign(shared, therapist)
    third = words(signed_in(lead).get(url))

    assert "Yours is the first signature. The record is frozen when it is signed by Amara Okafor and a tra" in first
    assert "Yours is the second signature. The record is frozen when it is signed by a training lead, too." in second
    assert "Yours is the third signature: it freezes the record for good. Your signature says that you have" in third


def test_third_signature_by_its_page(for_lead, lead):
    response = signed_in(lead).post(f"{for_lead.get_absolute_url()}sign-off/", {"password": factories.PASSWORD})

    assert told(response) == ["Signed off by all three. The record is frozen."]
    assert "All three" in words(signed_in(lead).get("/assessments/"))


def test_agenda_says_that_a_lead_has_to_sign(asking, shared, supervisor, therapist):
    before = queries.waiting_between(supervisor, therapist)[0].waits_for
    sign(shared, supervisor, therapist)

    after = queries.waiting_between(supervisor, therapist)[0].waits_for

    assert before[-1] == "the signature of a training lead"
    assert after == ["the signature of a training lead"]


# closing


def test_close_freezes_with_the_reason(waiting, lead):
    closed = close(lead, waiting)

    assert (closed.status, closed.closed_as, closed.closed_reason) == (Status.SIGNED_OFF, "declined", WHY)
    record = json.loads(closed.signed_record.content)
    assert record["assessment"]["closed"] == {"ground": "declined", "reason": WHY}
    assert [row["role"] for row in record["signatures"]] == ["supervisor", "lead"]
    assert list(verification.mismatches()) == []


def test_close_is_told_in_the_history(waiting, lead):
    close(lead, waiting)

    event, frozen = AuditEvent.objects.order_by("id")[AuditEvent.objects.count() - 2 :]
    assert (event.type, event.by, event.data) == ("assessment_closed", lead, {"closed_as": "declined", "reason": WHY})
    assert frozen.type == "assessment_signed_off"


def test_close_where_the_organisation_asks_for_three(asking, waiting, lead):
    assert close(lead, waiting).status == Status.SIGNED_OFF


def test_close_keeps_the_reply(shared, supervisor, therapist, lead):
    assessments.reply(by=therapist, assessment=shared, agreement="disagree", text="I saw it otherwise.")

    closed = close(lead, sign(shared, supervisor))

    assert json.loads(closed.signed_record.content)["reply"]["text"] == "I saw it otherwise."


@pytest.mark.parametrize("days", [0, 13, 14])
def test_close_for_no_answer_waits_for_the_last_day(waiting, lead, days):
    waiting = shared_days_ago(waiting, days)
    until = policies.last_day_to_sign(waiting)

    with pytest.raises(Refused) as refusal:
        close(lead, waiting, "no_answer")

    assert str(refusal.value) == (
        f"Amara Okafor has until {until:%-d %B %Y} to sign. Close it after that, or give another ground."
    )


def test_close_for_no_answer_after_the_last_day(waiting, lead):
    assert close(lead, shared_days_ago(waiting, 15), "no_answer").closed_as == "no_answer"


def test_close_because_the_therapist_left_refused_while_in_training(waiting, lead):
    with pytest.raises(Refused, match=r"^Amara Okafor is still in training at Northfield\. An administrator has to"):
        close(lead, waiting, "left")


@pytest.mark.parametrize("is_switched_off", [True, False])
def test_close_because_the_therapist_left(waiting, lead, therapist, is_switched_off):
    if is_switched_off:
        User.objects.filter(pk=therapist.pk).update(is_active=False)
    else:
        factories.end_membership(therapist)

    assert close(lead, waiting, "left").closed_as == "left"


def test_close_refused_without_a_reason(waiting, lead):
    with pytest.raises(Refused, match=r"^Say why it is closed without the therapist\u2019s signature\.$"):
        close(lead, waiting, reason="  ")


@pytest.mark.parametrize("who", ["therapist", "supervisor", "other_supervisor", "admin", "outside_lead"])
def test_close_is_for_a_training_lead_of_the_organisation(request, waiting, who):
    with pytest.raises(NotAllowed, match=r"^Only a training lead of Northfield can close this assessment\.$"):
        close(request.getfixturevalue(who), waiting)


@pytest.mark.parametrize("who", ["therapist", "supervisor"])
def test_close_refused_for_a_lead_who_is_named(request, waiting, northfield, who):
    person = request.getfixturevalue(who)
    person.memberships.create(organisation=northfield, role=Role.LEAD, starts_on=factories.LONG_AGO)

    with pytest.raises(NotAllowed, match=r"^You are named in this assessment\. Another training lead has to close it"):
        close(User.objects.get(pk=person.pk), waiting)


def test_close_refused_before_the_supervisor_signed(shared, lead):
    with pytest.raises(NotAllowed, match=r"close this assessment yet\. Dr Helen Marsh has to sign it first\.$"):
        close(lead, shared)


def test_close_refused_once_the_therapist_signed(for_lead, lead):
    with pytest.raises(NotAllowed, match=r"close this assessment\. Amara Okafor has signed it\.$"):
        close(lead, for_lead)


def test_close_refused_while_a_self_assessment_is_awaited(supervisor, therapist, revision, lead):
    _, theirs = factories.make_asked(supervisor, therapist, revision)
    factories.rate(theirs, "S2.1", 3)

    with pytest.raises(NotAllowed, match=r"^This waits for Amara Okafor\u2019s self-assessment\.$"):
        close(lead, assessments.share(by=supervisor, assessment=theirs))


def test_therapist_replies_to_nothing_that_was_closed(waiting, lead, therapist):
    closed = close(lead, waiting)

    with pytest.raises(NotAllowed, match="It is signed off, and a signed record never changes"):
        assessments.reply(by=therapist, assessment=closed, agreement="agree", text="")


def test_no_last_day_before_sharing(draft):
    assert policies.last_day_to_sign(draft) is None


def test_closing_by_its_page(waiting, lead, therapist):
    client, url = signed_in(lead), f"{waiting.get_absolute_url()}close/"
    assert f'href="{url}"' in client.get(waiting.get_absolute_url()).text

    response = client.post(
        url, {"closed_as": "declined", "reason": f"{WHY} a@example.org", "password": factories.PASSWORD}
    )

    assert told(response) == [
        "This looks as if it holds an e-mail address. Nothing here may identify the client; please look again.",
        "Closed and signed off. The record is frozen.",
    ]
    text = words(signed_in(therapist).get(waiting.get_absolute_url()))
    assert "Closed without the therapist\u2019s signature by Margaret Ellison, training lead, on " in text
    assert f"The therapist declines to sign: {WHY}" in text
    assert "Closed by the training lead" in words(signed_in(therapist).get("/assessments/"))
    history = words(signed_in(therapist).get(f"{waiting.get_absolute_url()}history/"))
    assert f"Ground The therapist declines to sign Reason {WHY}" in history


def test_closing_page_asks_for_the_password(waiting, lead):
    url = f"{waiting.get_absolute_url()}close/"

    response = signed_in(lead).post(url, {"closed_as": "declined", "reason": WHY, "password": "wrong"})

    assert "This is not your password. Nothing was signed." in words(response)
    assert not Assessment.objects.get(pk=waiting.pk).is_signed_off


def test_closing_page_says_what_is_not_so(waiting, lead):
    url = f"{waiting.get_absolute_url()}close/"

    response = signed_in(lead).post(url, {"closed_as": "left", "reason": WHY, "password": factories.PASSWORD})

    assert "Amara Okafor is still in training at Northfield." in words(response)


def test_report_says_how_it_was_closed(waiting, lead):
    document = json.loads(close(lead, waiting).signed_record.content)

    facts = dict(cover.facts(document, "", cover.state(document["assessment"]), timezone.localdate()))
    proof = dict(cover.proof(document, "0" * 64))

    on = f"{timezone.localdate():%-d %B %Y}"
    expected = (
        f"Without the therapist\u2019s signature by Margaret Ellison, training lead, on {on}."
        f" The therapist declines to sign: {WHY}"
    )
    assert (facts["Closed"], proof["Closed"]) == (expected, expected)
    assert "Replaces" not in facts
    assert [row["when"][:10] for row in cover.signatures(document)] == [
        "Signed " + on[:3],
        "Not signed",
        "Signed " + on[:3],
    ]


def test_report_of_a_draft_says_nothing_of_closing(draft):
    document = records.build(draft)

    assert "Closed" not in dict(cover.facts(document, "", cover.state(document["assessment"]), timezone.localdate()))


# what waits for a training lead


def test_home_of_a_lead_lists_what_waits_for_them(for_lead, lead):
    text = words(signed_in(lead).get("/therapists/"))

    assert "Waiting for a training lead Sign the assessment of Amara Okafor" in text
    assert "; both have signed To sign" in text


def test_home_of_a_lead_lists_what_may_be_closed(waiting, lead):
    shared_days_ago(waiting, 16)

    text = words(signed_in(lead).get("/therapists/"))

    assert "Amara Okafor has not signed" in text
    assert "; the time to sign is over May be closed" in text


@pytest.mark.parametrize("days", [0, 14])
def test_nothing_waits_for_a_lead_in_time(waiting, lead, days):
    shared_days_ago(waiting, days)

    assert list(queries.waiting_for_lead(lead)) == []


def test_nothing_waits_for_a_lead_who_is_named(for_lead, supervisor, northfield):
    supervisor.memberships.create(organisation=northfield, role=Role.LEAD, starts_on=factories.LONG_AGO)

    assert list(queries.waiting_for_lead(User.objects.get(pk=supervisor.pk))) == []


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_a_lead_takes_as_many_statements_for_three(request, asking, lead, number):
    pair = [request.getfixturevalue(name) for name in ["supervisor", "therapist", "revision"]]
    for _ in range(number):
        sign(factories.make_shared(*pair), *pair[:2])

    with CaptureQueriesContext(connection) as asked:
        names = [row.therapist.name for row in queries.waiting_for_lead(lead)]

    assert names == ["Amara Okafor"] * number
    assert len(asked) == 3  # memberships, the days of each organisation, and the list


# the rules of an organisation


def test_rules_are_changed_with_before_and_after(admin, northfield):
    changed = organisations.change(by=admin, organisation=northfield, has_lead_signature=True, reply_days=21)

    assert (changed.has_lead_signature, changed.reply_days) == (True, 21)
    event = AuditEvent.objects.latest("id")
    assert (event.type, event.organisation, event.by) == ("organisation_changed", northfield, admin)
    assert event.data == {
        "before": {"has_lead_signature": False, "reply_days": 14},
        "after": {"has_lead_signature": True, "reply_days": 21},
    }


def test_rules_that_stay_leave_no_trace(admin, northfield):
    before = AuditEvent.objects.count()

    organisations.change(by=admin, organisation=northfield, has_lead_signature=False, reply_days=14)

    assert AuditEvent.objects.count() == before


def test_rules_are_changed_by_those_who_administer_it(outside_admin, northfield):
    with pytest.raises(NotAllowed, match=r"^You do not administer Northfield\.$"):
        organisations.change(by=outside_admin, organisation=northfield, has_lead_signature=True, reply_days=14)


def test_rules_by_their_page(admin, northfield):
    client, url = signed_in(admin), f"/manage/organisations/{northfield.pk}/"
    assert f'<a href="{url}">Signing at Northfield</a>' in client.get("/manage/people/").text

    response = client.post(url, {"has_lead_signature": "on", "reply_days": "30"})

    assert told(response) == ["The rules of signing at Northfield are saved."]
    northfield.refresh_from_db()
    assert (northfield.has_lead_signature, northfield.reply_days) == (True, 30)


@pytest.mark.parametrize("days", ["0", "91", "x", ""])
def test_rules_refuse_a_number_of_days_nobody_waits(admin, northfield, days):
    response = signed_in(admin).post(f"/manage/organisations/{northfield.pk}/", {"reply_days": days})

    wanted = "Give a whole number from 1 to 90." if days else "Days a therapist has to sign: this is missing."
    assert wanted in words(response)
