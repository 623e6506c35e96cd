"""The access log: the only thing that reading a page may write."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from assessments.actions import audit
from assessments.models import Assessment, AuditEvent, BundleFile, Organisation, RecordAccess, User


def note_opening(*, by: User, therapist: User, opened: str, assessment: Assessment | None = None) -> None:
    """Note that somebody else opened a therapist's record: once a day for each person, page and assessment."""
    if by.pk == therapist.pk or (assessment is not None and by.pk == assessment.supervisor_id):
        return
    entry = RecordAccess(therapist=therapist, by=by, opened=opened, assessment=assessment, on=timezone.localdate())
    RecordAccess.objects.bulk_create([entry], ignore_conflicts=True)


def note_taking(*, by: User, files: Iterable[BundleFile]) -> None:
    """Note that somebody took reports away: every therapist sees which of theirs, as if each had been opened."""
    today = timezone.localdate()
    entries = [
        RecordAccess(
            therapist_id=file.therapist_id,
            by=by,
            opened=RecordAccess.Opened.PROFILE if file.assessment is None else RecordAccess.Opened.REPORT,
            assessment=file.assessment,
            on=today,
        )
        for file in files
        if by.pk not in {file.therapist_id, file.assessment and file.assessment.supervisor_id}
    ]
    RecordAccess.objects.bulk_create(entries, ignore_conflicts=True, batch_size=500)


@transaction.atomic
def note_export(*, by: User, organisation: Organisation, people: int) -> None:
    """Note that somebody took away where a whole cohort stands."""
    audit.record(AuditEvent.Type.COHORT_EXPORTED, by=by, organisation=organisation, people=people)
