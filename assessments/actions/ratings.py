"""Saving ratings one by one, so that nothing typed is lost and nothing is overwritten silently."""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from assessments import permissions, queries
from assessments.actions import audit
from assessments.actions.inserting import insert
from assessments.exceptions import Conflict, Refused
from assessments.models import Assessment, AuditEvent, Outcome, Rating, User
from assessments.queries import Standing

CLEAR = "clear"


@dataclass(frozen=True)
class Change:
    """One answer as given on a device.

    `key` is made by the device and names this change for ever; sending it again changes nothing. `base_version` is the
    version the writer saw, 0 for not rated. `outcome` is an Outcome or CLEAR; `position` is the level's place on the
    scale.
    """

    code: str
    key: UUID
    base_version: int
    outcome: str
    position: int | None = None
    note: str = ""
    is_concern: bool = False
    is_priority: bool = False
    points_seen: str = ""
    time_mark: int | None = None

    @property
    def values(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "position": self.position,
            "note": self.note,
            "is_concern": self.is_concern,
            "is_priority": self.is_priority,
            "points_seen": self.points_seen,
            "time_mark": self.time_mark,
        }

    @property
    def holds_something(self) -> bool:
        """Worth keeping without an answer."""
        said = [self.note, self.is_concern, self.is_priority, self.points_seen, self.time_mark is not None]
        return any(said)


@dataclass(frozen=True)
class Saved:
    """What stands in the database now. Version 0 means not rated.

    `previous` is the last rating on an earlier occasion (outcome, position, on, source), for the writer to see now.
    """

    version: int
    at: datetime.datetime
    previous: dict[str, Any] | None = None


@transaction.atomic
def save(*, by: User, assessment_id: UUID, change: Change) -> Saved:
    """Write one change and its event.

    Raises DoesNotExist for strangers and unknown codes, NotAllowed with the reason, Refused for impossible answers,
    Conflict with the stored rating when it is newer than the one the writer saw.
    """
    assessment = editable(by=by, assessment_id=assessment_id)
    return write(by=by, assessment=assessment, change=change)


def editable(*, by: User, assessment_id: UUID) -> Assessment:
    """The draft, locked; one statement when all is well, and otherwise the reason why not."""
    mine = queries.draft_to_rate(by, assessment_id)
    if mine is None:
        mine = Assessment.objects.visible_to(by).filter(pk=assessment_id).first()
        if mine is None:
            permissions.check_not_handed_over(by, assessment_id)
            raise Assessment.DoesNotExist
        permissions.check_can_edit(by, mine)
    return mine


def write(*, by: User, assessment: Assessment, change: Change) -> Saved:
    """Write a change to a locked draft. The caller holds the transaction."""
    found = queries.standing(
        assessment, code=change.code, position=change.position, points=change.points_seen, key=change.key
    )
    if found.event_id is not None:
        return _replayed(by, assessment, change, found)
    version = found.version
    if change.values == found.values or (change.outcome == CLEAR and not version):
        return Saved(version=version, at=_rated_at(assessment, found), previous=found.previous)
    if version != change.base_version:
        current = Rating.objects.select_related("level", "rated_by", "competence").filter(
            assessment=assessment, competence=found.competence_id
        )
        raise Conflict(current.first())
    _check_possible(change, found)
    _check_offered(change, assessment)
    if change.outcome == CLEAR:
        return _clear(by, assessment, change, found)
    return _store(by, assessment, change, found)


def _rated_at(assessment: Assessment, found: Standing) -> datetime.datetime:
    if not found.version:
        return timezone.now()
    return assessment.ratings.get(competence=found.competence_id).rated_at


def _replayed(by: User, assessment: Assessment, change: Change, found: Standing) -> Saved:
    """Answer a change that was committed before exactly as it was answered then."""
    event = AuditEvent.objects.get(change_key=change.key)
    if event.by_id != by.pk or event.assessment_id != assessment.pk or event.data.get("code") != change.code:
        raise Refused("This change was used for another rating. Reload the page and give the answer again.")
    is_cleared = event.type == AuditEvent.Type.RATING_CLEARED
    return Saved(version=0 if is_cleared else event.pk, at=event.at, previous=found.previous)


def _check_possible(change: Change, found: Standing) -> None:
    if change.outcome == Outcome.LEVEL and found.level_id is None:
        raise Refused("This level is not on the scale of this assessment. Choose one that is shown.")
    if change.outcome == Outcome.PENDING and not change.holds_something:
        raise Refused("There is nothing to save yet. Choose a level or write a note.")
    if len(change.points_seen.split()) != found.points_known:
        raise Refused("A point that was ticked does not belong to this competence. Reload the page and tick it again.")


def _check_offered(change: Change, assessment: Assessment) -> None:
    if change.outcome == Outcome.NOT_APPLICABLE and not assessment.scale.has_not_applicable:
        raise Refused("The scale of this assessment has no “not applicable”. Choose a level or “not observed”.")


def _clear(by: User, assessment: Assessment, change: Change, found: Standing) -> Saved:
    event = audit.record(
        AuditEvent.Type.RATING_CLEARED,
        by=by,
        assessment=assessment,
        change_key=change.key,
        code=change.code,
        before=found.values,
    )
    Rating.objects.filter(assessment=assessment, competence=found.competence_id).delete()
    return Saved(version=0, at=event.at)


def _store(by: User, assessment: Assessment, change: Change, found: Standing) -> Saved:
    event = audit.record(
        AuditEvent.Type.RATING_SAVED,
        by=by,
        assessment=assessment,
        change_key=change.key,
        code=change.code,
        before=found.values if found.version else None,
        after=change.values,
    )
    columns = {
        "outcome": change.outcome,
        "level_id": found.level_id if change.outcome == Outcome.LEVEL else None,
        "note": change.note,
        "is_concern": change.is_concern,
        "is_priority": change.is_priority,
        "points_seen": change.points_seen,
        "time_mark": change.time_mark,
        "version": event.pk,
        "rated_by": by,
        "rated_at": event.at,
    }
    if found.version:
        Rating.objects.filter(assessment=assessment, competence=found.competence_id).update(**columns)
    else:
        insert(Rating(assessment=assessment, competence_id=found.competence_id, **columns))
    return Saved(version=event.pk, at=event.at, previous=found.previous)


@transaction.atomic
def save_all(*, by: User, assessment_id: UUID, changes: list[Change]) -> dict[str, Rating | None]:
    """Write the answers of one form: all that fit are saved; those that conflict come back by code, unsaved."""
    assessment = editable(by=by, assessment_id=assessment_id)
    conflicts: dict[str, Any] = {}
    for change in changes:
        try:
            write(by=by, assessment=assessment, change=change)
        except Conflict as conflict:
            conflicts[change.code] = conflict.current
    return conflicts
