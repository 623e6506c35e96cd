import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from assessments.actions.inserting import insert
from assessments.models import Assessment, AuditEvent, FrameworkRevision, Organisation, User


def record(
    event: str,
    *,
    by: User | None,
    assessment: Assessment | None = None,
    person: User | None = None,
    organisation: Organisation | None = None,
    revision: FrameworkRevision | None = None,
    change_key: UUID | None = None,
    at: datetime.datetime | None = None,
    **data: Any,
) -> AuditEvent:
    """Append one event. An assessment brings its therapist and organisation along."""
    written = AuditEvent(
        type=event,
        by=by,
        assessment=assessment,
        person_id=person.pk if person else assessment.therapist_id if assessment else None,
        organisation_id=organisation.pk if organisation else assessment.organisation_id if assessment else None,
        revision=revision,
        change_key=change_key,
        at=at or timezone.now(),
        data=data,
    )
    insert(written)
    return written
