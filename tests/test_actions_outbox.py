import base64
import datetime
from uuid import uuid4

import pytest
from django.utils import timezone

from assessments import queries
from assessments.actions import assessments, audit, outbox
from assessments.exceptions import NotAllowed, Refused
from assessments.models import Assessment, AuditEvent, OutboxKey
from assessments.queries.outbox import KEPT_FOR
from tests import factories

pytestmark = pytest.mark.django_db

PHONE, TABLET = uuid4(), uuid4()


@pytest.fixture
def ready(draft):
    """A draft that nothing but its outbox keeps from being shared."""
    factories.rate(draft, "S2.1", 3)
    outbox.open_outbox(by=draft.supervisor, assessment_id=draft.pk)
    return draft


def report(assessment, unsent, *, device=PHONE, by=None):
    by = by or assessment.supervisor
    outbox.report_unsent(by=by, assessment_id=assessment.pk, device=device, unsent=unsent)


def events(assessment):
    return list(assessment.events.filter(type=AuditEvent.Type.UNSENT_REPORTED).values_list("data", flat=True))


def test_key_is_made_once_with_one_event(draft, supervisor):
    first = outbox.open_outbox(by=supervisor, assessment_id=draft.pk)
    second = outbox.open_outbox(by=supervisor, assessment_id=draft.pk)

    assert first == second
    assert OutboxKey.objects.count() == 1
    assert draft.events.filter(type=AuditEvent.Type.OUTBOX_OPENED, by=supervisor).count() == 1


def test_keys_differ_between_assessments(draft, supervisor, therapist, revision):
    other = factories.make_draft(supervisor, therapist, revision)

    keys = {outbox.open_outbox(by=supervisor, assessment_id=each.pk) for each in (draft, other)}

    assert len(keys) == 2


def test_key_has_256_bits(draft, supervisor):
    outbox.open_outbox(by=supervisor, assessment_id=draft.pk)

    assert len(base64.urlsafe_b64decode(OutboxKey.objects.get().key + "=")) == 32


def test_key_refused_to_those_who_may_not_rate(shared, supervisor):
    with pytest.raises(NotAllowed):
        outbox.open_outbox(by=supervisor, assessment_id=shared.pk)


def test_key_missing_for_strangers(draft, outside_supervisor):
    with pytest.raises(Assessment.DoesNotExist):
        outbox.open_outbox(by=outside_supervisor, assessment_id=draft.pk)


def test_key_stays_with_its_person_once_the_assessment_is_shared(ready, supervisor):
    key = outbox.open_outbox(by=supervisor, assessment_id=ready.pk)
    assessments.share(by=supervisor, assessment=ready)

    assert outbox.open_outbox(by=supervisor, assessment_id=ready.pk) == key


def test_report_is_written_when_it_is_news(ready):
    for unsent in (0, 2, 2, 1, 0, 0):
        report(ready, unsent)

    assert [event["unsent"] for event in events(ready)] == [2, 1, 0]


def test_report_refused_without_a_key(draft, supervisor):
    with pytest.raises(Assessment.DoesNotExist):
        report(draft, 2)


def test_each_device_counts(ready, supervisor):
    report(ready, 2)
    report(ready, 3, device=TABLET)
    report(ready, 0)

    assert [(each.device, each.number) for each in queries.unsent(supervisor, ready)] == [(str(TABLET), 3)]


def test_share_refused_while_a_device_keeps_answers(ready, supervisor):
    report(ready, 2)

    with pytest.raises(Refused, match="2 answers of yours have not reached the server") as refusal:
        assessments.share(by=supervisor, assessment=ready)

    assert str(refusal.value).endswith("Open the assessment there to send them, or go on without them.")
    assert Assessment.objects.get(pk=ready.pk).is_draft


def test_share_goes_on_once_the_device_has_sent(ready, supervisor):
    report(ready, 1)
    report(ready, 0)

    assert assessments.share(by=supervisor, assessment=ready).is_shared


def test_share_goes_on_without_what_is_left_behind(ready, supervisor):
    report(ready, 1)

    outbox.leave_behind(by=supervisor, assessment=ready)

    assert events(ready)[-1] == {"device": str(PHONE), "unsent": 0, "left_behind": 1}
    assert assessments.share(by=supervisor, assessment=ready).is_shared


def test_device_that_told_nothing_for_long_stands_in_the_way_no_longer(ready, supervisor):
    long_ago = timezone.now() - KEPT_FOR - datetime.timedelta(seconds=1)
    told = {"device": str(PHONE), "unsent": 1}
    audit.record(AuditEvent.Type.UNSENT_REPORTED, by=supervisor, assessment=ready, at=long_ago, **told)

    assert queries.unsent(supervisor, ready) == []


def test_sign_off_refused_while_a_device_of_the_signer_keeps_answers(ready, supervisor, therapist):
    assessments.share(by=supervisor, assessment=ready)
    report(ready, 1)

    with pytest.raises(Refused, match="1 answer of yours has not reached the server"):
        assessments.sign_off(by=supervisor, assessment=ready)

    assert not ready.signatures.exists()


def test_sign_off_of_the_other_goes_on(ready, supervisor, therapist):
    assessments.share(by=supervisor, assessment=ready)
    report(ready, 1)

    assessments.sign_off(by=therapist, assessment=ready)

    assert [signature.person for signature in ready.signatures.all()] == [therapist]
