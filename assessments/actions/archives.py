"""Handing out everything held about a person, to the person or to whoever answers a request for access."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from assessments import permissions, queries
from assessments.actions import audit
from assessments.exporters import archive
from assessments.models import AuditEvent, User


def download(*, by: User, person: User) -> bytes:
    """The archive as the person may have it at any time: no draft's content."""
    permissions.check_can_download_archive(by, person)
    content = _made(person, with_drafts=False)
    audit.record(AuditEvent.Type.ARCHIVE_DOWNLOADED, by=by, person=person, with_drafts=False)
    return content


def export(*, person: User, with_drafts: bool, keep: Callable[[bytes], None]) -> bytes:
    """The archive for whoever runs the product and answers a request for access, which covers drafts, too.

    It is noted in the history if it could be kept.
    """
    content = _made(person, with_drafts=with_drafts)
    with transaction.atomic():
        audit.record(AuditEvent.Type.ARCHIVE_DOWNLOADED, by=None, person=person, with_drafts=with_drafts)
        keep(content)
    return content


def _made(person: User, *, with_drafts: bool) -> bytes:
    """Made before anything is written: it can take a second or two, and nobody should wait for it to save."""
    return archive.write(queries.holdings(person, with_drafts=with_drafts), made_at=timezone.now())
