"""An earlier form on its way to a draft: kept as it came, looked at, then entered or discarded."""

import hashlib
from collections import Counter
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments import permissions, queries
from assessments.actions import audit
from assessments.exceptions import Refused
from assessments.importers.filled_forms import FilledForm, FilledRating
from assessments.models import (
    Activity,
    Assessment,
    AssessmentOrigin,
    AuditEvent,
    FormImport,
    FrameworkRevision,
    Outcome,
    Rating,
    Supervision,
    User,
)
from assessments.scoring import NOT_RATED

NAME_LENGTH = 200


@transaction.atomic
def upload(*, by: User, therapist: User, revision: FrameworkRevision, file_name: str, content: bytes) -> FormImport:
    """Keep a filled form, for whoever uploaded it alone. Nothing of the assessment exists yet."""
    permissions.check_can_start(by, therapist)
    _check_published(revision)
    kept = FormImport.objects.create(
        uploaded_by=by,
        therapist=therapist,
        revision=revision,
        file_name=file_name[-NAME_LENGTH:],
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    # Names nobody: until it is shared, the therapist learns of nothing.
    audit.record(AuditEvent.Type.FORM_UPLOADED, by=by, revision=revision, file=str(kept.pk), sha256=kept.sha256)
    return kept


def _locked(by: User, kept: FormImport) -> FormImport:
    """The row as it stands now, held until the transaction ends. Raises DoesNotExist for another person's."""
    return FormImport.objects.visible_to(by).select_for_update().get(pk=kept.pk)


def _check_published(revision: FrameworkRevision) -> None:
    if not revision.is_published:
        raise Refused("Assessments are made on a published revision. Upload the form on one that is in use.")


@transaction.atomic
def enter(*, by: User, kept: FormImport) -> Assessment:
    """Make a draft of what the form says, once; asked again, it gives the draft that it made."""
    kept = _locked(by, kept)
    if kept.assessment:
        return kept.assessment
    if not kept.is_open:
        raise Refused("This form was discarded meanwhile. Upload it again to start afresh.")
    permissions.check_can_start(by, kept.therapist)
    _check_published(kept.revision)
    filled = queries.previewed_form(kept.revision, bytes(kept.content or b"")).form
    if filled.problems:
        raise Refused("The form has problems to mend first. Look at them below, and upload it again.")
    assessment = _draft(by, kept, filled)
    _close(kept, assessment)
    return assessment


def _draft(by: User, kept: FormImport, filled: FilledForm) -> Assessment:
    supervision = Supervision.objects.current().filter(supervisor=by, therapist=kept.therapist).latest("starts_on")
    assessment = Assessment.objects.create(
        organisation_id=supervision.organisation_id,
        therapist=kept.therapist,
        supervisor=by,
        revision=kept.revision,
        scale_id=kept.revision.scale_id,
        origin=AssessmentOrigin.FORM,
        entered_by=by,
        **filled.context,
        **filled.texts,
    )
    competences = {row.code: row for row in kept.revision.competences.rateable().select_related("activity")}
    touched = {competences[rating.code].activity for rating in filled.ratings}
    extent: list[Activity] = sorted(touched, key=lambda activity: activity.position)
    assessment.activities.set(extent)
    event = audit.record(
        AuditEvent.Type.ASSESSMENT_FROM_FORM,
        by=by,
        assessment=assessment,
        at=assessment.created_at,
        extent=[activity.code for activity in extent],
        ratings=_counts(filled),
        file=str(kept.pk),
        sha256=kept.sha256,
    )
    levels = {level.position: level for level in kept.revision.scale.levels.all()}
    Rating.objects.bulk_create(
        Rating(
            assessment=assessment,
            competence=competences[rating.code],
            level=levels.get(rating.mark) if isinstance(rating.mark, int) else None,
            version=event.pk,
            rated_by=by,
            rated_at=event.at,
            **_columns(rating),
        )
        for rating in filled.ratings
    )
    return assessment


def _columns(rating: FilledRating) -> dict[str, Any]:
    outcome = {NOT_RATED: Outcome.PENDING}.get(str(rating.mark), rating.mark)
    return {
        "outcome": Outcome.LEVEL if isinstance(outcome, int) else outcome,
        "note": rating.note,
        "is_concern": rating.is_concern,
        "is_priority": rating.is_priority,
        "time_mark": rating.time_mark,
    }


def _counts(filled: FilledForm) -> dict[str, int]:
    """How many of each outcome came in, and how many notes and concerns."""
    outcomes = Counter(str(_columns(rating)["outcome"]) for rating in filled.ratings)
    notes = sum(bool(rating.note) for rating in filled.ratings)
    return dict(outcomes) | {"notes": notes, "concerns": sum(rating.is_concern for rating in filled.ratings)}


def _close(kept: FormImport, assessment: Assessment | None) -> None:
    """What the form said lives on in the draft, or nowhere: its bytes go."""
    kept.content, kept.closed_at, kept.assessment = None, timezone.now(), assessment
    kept.save(update_fields=["content", "closed_at", "assessment"])


@transaction.atomic
def discard(*, by: User, kept: FormImport) -> None:
    kept = _locked(by, kept)
    if not kept.is_open:
        raise Refused("This form lies open no longer. Nothing was changed.")
    _close(kept, None)
    audit.record(AuditEvent.Type.FORM_DISCARDED, by=by, revision=kept.revision, file=str(kept.pk))
