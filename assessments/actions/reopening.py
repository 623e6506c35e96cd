"""Reopening: a signed assessment stays as it is, and a new version of it begins as a draft."""

from typing import Any

from django.db import transaction

from assessments import permissions, records
from assessments.actions import audit, notices
from assessments.actions.assessments import SAME, begin_like
from assessments.exceptions import Refused
from assessments.models import Assessment, AuditEvent, NoticeKind, Rating, SignedRecord, User

TEXTS = ["summary", "strengths", "needs", "concerns_handled", "fitness"]
# What a new version has from the one it replaces. Goals, reply and signatures stay with that one.
KEPT = [*SAME, "origin", "entered_by_id", "role", *TEXTS]
RATED = [
    "competence_id",
    "outcome",
    "level_id",
    "note",
    "is_concern",
    "is_priority",
    "points_seen",
    "time_mark",
    "rated_by_id",
    "rated_at",
]


@transaction.atomic
def reopen(*, by: User, assessment: Assessment, reason: str, to: User | None = None) -> Assessment:
    """Begin a new version of a signed assessment, for its supervisor to go on with. Returns the new one.

    `to` is who goes on where that supervisor may not any more.
    """
    signed = Assessment.objects.select_for_update().get(pk=assessment.pk)
    permissions.check_can_reopen(by, signed)
    if not reason.strip():
        raise Refused("Say why it is reopened.")
    author = _author(by, signed, to)
    successor, _ = begin_like(signed, KEPT, predecessor=signed, supervisor=author)
    event = audit.record(
        AuditEvent.Type.ASSESSMENT_REOPENED, by=by, assessment=successor, **_told(signed, author, reason)
    )
    _copy_ratings(signed, successor, version=event.pk)
    notices.tell(NoticeKind.REOPENED, by=by, assessment=successor, to=[author.pk])
    return successor


def _author(by: User, signed: Assessment, to: User | None) -> User:
    """The supervisor of the signed one while they may finish it, else another present one, and nobody by themselves."""
    if permissions.allows(permissions.check_may_finish, signed.supervisor, signed):
        return signed.supervisor
    if to is None:
        raise Refused(f"{signed.supervisor.name} no longer supervises this therapist. Choose who goes on with it.")
    if to.pk == by.pk:
        raise Refused("Whoever reopens an assessment does not rate it. Choose another supervisor.")
    if not permissions.supervises(to, signed.therapist, signed.organisation):
        raise Refused(f"{to.name} is not a present supervisor of this therapist.")
    return to


def _told(signed: Assessment, author: User, reason: str) -> dict[str, Any]:
    """What the event keeps, and the new record later quotes."""
    record = SignedRecord.objects.only("sha256").get(assessment=signed)
    before = signed.supervisor_id
    return {
        "reason": reason,
        "predecessor": str(signed.pk),
        "predecessor_sha256": record.sha256,
        "predecessor_signed_off_at": records.moment(signed.signed_off_at),
        **({"supervisor": [str(before), str(author.pk)]} if author.pk != before else {}),
    }


def _copy_ratings(signed: Assessment, successor: Assessment, *, version: int) -> None:
    """Each with who gave it and when. The event of reopening is the one that wrote them here."""
    rows = signed.ratings.given().order_by("competence")
    Rating.objects.bulk_create(
        Rating(assessment=successor, version=version, **{name: getattr(row, name) for name in RATED}) for row in rows
    )
