"""The outbox of a browser: its key, and what it still keeps."""

from uuid import UUID

from django.db import transaction

from assessments import queries
from assessments.actions import audit
from assessments.actions.ratings import editable
from assessments.exceptions import Refused
from assessments.models import Assessment, AuditEvent, OutboxKey, User


@transaction.atomic
def open_outbox(*, by: User, assessment_id: UUID) -> str:
    """The key for this person's unsent answers; made once, for whoever may rate, and theirs from then on."""
    return queries.outbox_key(by, assessment_id) or _made_once(by, editable(by=by, assessment_id=assessment_id))


def _made_once(by: User, assessment: Assessment) -> str:
    """The assessment is locked now: another page of the same person may have been first."""
    return queries.outbox_key(by, assessment.pk) or _new(by, assessment)


def _new(by: User, assessment: Assessment) -> str:
    made = OutboxKey.objects.create(assessment=assessment, person=by)
    audit.record(AuditEvent.Type.OUTBOX_OPENED, by=by, assessment=assessment)
    return made.key


@transaction.atomic
def report_unsent(*, by: User, assessment_id: UUID, device: UUID, unsent: int) -> None:
    """Note how many answers a device still keeps, if it said something else before."""
    assessment = Assessment.objects.select_for_update().get(pk=assessment_id, outbox_keys__person=by)
    before = {report.device: report.number for report in queries.unsent(by, assessment)}
    if unsent != before.get(str(device), 0):
        audit.record(AuditEvent.Type.UNSENT_REPORTED, by=by, assessment=assessment, device=str(device), unsent=unsent)


@transaction.atomic
def leave_behind(*, by: User, assessment: Assessment) -> None:
    """Go on without what the person's devices keep; the history says how many answers that were."""
    for report in queries.unsent(by, assessment):
        audit.record(
            AuditEvent.Type.UNSENT_REPORTED,
            by=by,
            assessment=assessment,
            device=report.device,
            unsent=0,
            left_behind=report.number,
        )


def check_all_sent(by: User, assessment: Assessment) -> None:
    """Raise Refused while a device of this person is known to keep answers."""
    if told := queries.unsent_told(by, assessment):
        raise Refused(told)
