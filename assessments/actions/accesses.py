"""The access log: the only thing that reading a page may write."""

from django.utils import timezone

from assessments.models import Assessment, RecordAccess, User


def note_opening(*, by: User, therapist: User, opened: str, assessment: Assessment | None = None) -> None:
    """Note that somebody else opened a therapist's record: once a day for each person, page and assessment."""
    if by.pk == therapist.pk or (assessment is not None and by.pk == assessment.supervisor_id):
        return
    entry = RecordAccess(therapist=therapist, by=by, opened=opened, assessment=assessment, on=timezone.localdate())
    RecordAccess.objects.bulk_create([entry], ignore_conflicts=True)
