"""Everything held about oneself, as one file."""

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessments import queries
from assessments.actions import archives
from assessments.views.access import SignedInRequest, signed_in
from assessments.views.files import attachment


@signed_in
@require_POST
def therapist_archive(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Asked for by a form, because that it was handed out becomes part of the history."""
    person = queries.person_of_archive(request.user, pk)
    content = archives.download(by=request.user, person=person)
    return attachment(content, "application/zip", f"everything-held-about-me-{timezone.localdate().isoformat()}.zip")
