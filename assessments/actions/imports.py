"""An uploaded framework file on its way to a draft revision: kept as it came, looked at, loaded or discarded."""

import hashlib
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from assessments import permissions
from assessments.actions import audit, frameworks
from assessments.exceptions import Refused
from assessments.importers.reading import Answers
from assessments.models import AuditEvent, FrameworkImport, FrameworkRevision, Role, User
from assessments.revisions import RevisionData

NAME_LENGTH = 200


@transaction.atomic
def upload(*, by: User, file_name: str, content: bytes, format: str, answers: Answers) -> FrameworkImport:
    """Keep a file and the first guess about it. Nothing of the framework exists yet."""
    permissions.check_has_role(by, Role.ADMIN)
    digest = hashlib.sha256(content).hexdigest()
    kept = FrameworkImport.objects.create(
        uploaded_by=by,
        file_name=file_name[-NAME_LENGTH:],
        content=content,
        sha256=digest,
        format=format,
        answers=asdict(answers),
    )
    audit.record(AuditEvent.Type.FILE_UPLOADED, by=by, file=str(kept.pk), name=kept.file_name, sha256=digest)
    return kept


def _open(by: User, kept: FrameworkImport) -> FrameworkImport:
    permissions.check_has_role(by, Role.ADMIN)
    kept = FrameworkImport.objects.select_for_update().get(pk=kept.pk)
    if kept.status != FrameworkImport.Status.OPEN:
        raise Refused(f"This file was {kept.get_status_display().lower()} meanwhile. Upload it again to start afresh.")
    return kept


@transaction.atomic
def answer(*, by: User, kept: FrameworkImport, answers: Answers) -> FrameworkImport:
    """Save what a person chose about the file."""
    kept = _open(by, kept)
    kept.answers = asdict(answers)
    kept.save(update_fields=["answers"])
    audit.record(AuditEvent.Type.FILE_ANSWERED, by=by, file=str(kept.pk), answers=kept.answers)
    return kept


@transaction.atomic
def load(*, by: User, kept: FrameworkImport, data: RevisionData) -> FrameworkRevision:
    """Store what was read from the file as a draft revision, all or nothing, and close the import."""
    kept = _open(by, kept)
    revision = frameworks.load(by=by, data=data, file=str(kept.pk))
    kept.status, kept.closed_at = FrameworkImport.Status.LOADED, timezone.now()
    kept.framework, kept.revision = revision.framework, revision
    kept.save(update_fields=["status", "closed_at", "framework", "revision"])
    return revision


@transaction.atomic
def discard(*, by: User, kept: FrameworkImport) -> None:
    kept = _open(by, kept)
    kept.status, kept.closed_at = FrameworkImport.Status.DISCARDED, timezone.now()
    kept.save(update_fields=["status", "closed_at"])
    audit.record(AuditEvent.Type.FILE_DISCARDED, by=by, file=str(kept.pk))
