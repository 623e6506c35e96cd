"""Handing out everything held about a person, to the person or to whoever answers a request for access."""

from django.db import transaction
from django.utils import timezone

from assessments import permissions, queries
from assessments.actions import audit
from assessments.exporters import archive
from assessments.models import AuditEvent, User


@transaction.atomic
def download(*, by: User, person: User) -> bytes:
    """The archive as the person may have it at any time: no draft's content."""
    permissions.check_can_download_archive(by, person)
    return _handed_out(by=by, person=person, with_drafts=False)


@transaction.atomic
def export(*, person: User, with_drafts: bool) -> bytes:
    """The archive for whoever runs the product and answers a request for access, which covers drafts, too."""
    return _handed_out(by=None, person=person, with_drafts=with_drafts)


def _handed_out(*, by: User | None, person: User, with_drafts: bool) -> bytes:
    content = archive.write(queries.holdings(person, with_drafts=with_drafts), made_at=timezone.now())
    audit.record(AuditEvent.Type.ARCHIVE_DOWNLOADED, by=by, person=person, with_drafts=with_drafts)
    return content
