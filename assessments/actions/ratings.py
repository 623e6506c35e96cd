"""Saving ratings one by one, so that nothing typed is lost and nothing is overwritten silently."""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from assessments import permissions
from assessments.actions import audit
from assessments.exceptions import Conflict, Refused
from assessments.models import Assessment, AuditEvent, Competence, Outcome, Rating, RatingLevel, User

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

    @property
    def values(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "position": self.position,
            "note": self.note,
            "is_concern": self.is_concern,
            "is_priority": self.is_priority,
        }


@dataclass(frozen=True)
class Saved:
    """What stands in the database now. Version 0 means not rated.

    `previous` is the last rating on an earlier occasion (outcome, position, on, source), for the writer to see now.
    """

    version: int
    at: datetime.datetime
    previous: dict[str, Any] | None = None


NOTHING = {"outcome": None, "position": None, "note": "", "is_concern": False, "is_priority": False}


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
    mine = Assessment.objects.select_for_update(of=("self",)).editable_by(by).filter(pk=assessment_id).first()
    if mine is None:
        mine = Assessment.objects.visible_to(by).get(pk=assessment_id)
        permissions.check_can_edit(by, mine)
    return mine


def write(*, by: User, assessment: Assessment, change: Change) -> Saved:
    """Write a change to a locked draft. The caller holds the transaction."""
    found = _standing(assessment, change)
    if found["seen_version"] is not None:
        return _replayed(by, assessment, change, found)
    before = {name: found[f"stored_{name}"] for name in NOTHING} if found["version"] else NOTHING
    version = found["version"] or 0
    if change.values == before or (change.outcome == CLEAR and not version):
        return Saved(version=version, at=found["rated_at"] or timezone.now(), previous=found["previous"])
    if version != change.base_version:
        current = Rating.objects.select_related("level", "rated_by", "competence").filter(
            assessment=assessment, competence=found["pk"]
        )
        raise Conflict(current.first())
    _check_possible(change, found)
    _check_offered(change, assessment)
    if change.outcome == CLEAR:
        return _clear(by, assessment, change, found, before)
    return _store(by, assessment, change, found, before)


def _standing(assessment: Assessment, change: Change) -> dict[str, Any]:
    """The competence, what stands for it, the level meant and whether this change was seen: one statement."""
    level = RatingLevel.objects.filter(scale=assessment.scale_id, position=change.position or 0)
    seen = AuditEvent.objects.filter(change_key=change.key)
    rows = Competence.objects.rateable().filter(
        revision=assessment.revision_id, code=change.code, activity__assessments=assessment
    )
    found: dict[str, Any] = (
        rows.annotate(
            current=FilteredRelation("ratings", condition=Q(ratings__assessment=assessment)),
            level_id=Subquery(level.values("pk")),
            seen_version=Subquery(seen.values("pk")),
            version=F("current__version"),
            rated_at=F("current__rated_at"),
            stored_outcome=F("current__outcome"),
            stored_position=F("current__level__position"),
            stored_note=F("current__note"),
            stored_is_concern=F("current__is_concern"),
            stored_is_priority=F("current__is_priority"),
            previous=Subquery(_previous(assessment)),
        )
        .values(
            "pk", "level_id", "seen_version", "version", "rated_at", "previous", *(f"stored_{name}" for name in NOTHING)
        )
        .get()
    )
    return found


def _previous(assessment: Assessment) -> QuerySet[Rating, Any]:
    """The last rating of the outer competence on an earlier occasion, as one JSON value."""
    earlier = Rating.objects.given().earlier_than(assessment).filter(competence=OuterRef("pk"))
    told = JSONObject(
        outcome="outcome", position="level__position", on="assessment__session_on", source="assessment__source"
    )
    return earlier.order_by("-assessment__session_on", "-assessment__shared_at").values(told=told)[:1]


def _replayed(by: User, assessment: Assessment, change: Change, found: dict[str, Any]) -> Saved:
    """Answer a change that was committed before exactly as it was answered then."""
    event = AuditEvent.objects.get(change_key=change.key)
    if event.by_id != by.pk or event.assessment_id != assessment.pk or event.data.get("code") != change.code:
        raise Refused("This change was used for another rating. Reload the page and give the answer again.")
    is_cleared = event.type == AuditEvent.Type.RATING_CLEARED
    return Saved(version=0 if is_cleared else event.pk, at=event.at, previous=found["previous"])


def _check_possible(change: Change, found: dict[str, Any]) -> None:
    if change.outcome == Outcome.LEVEL and found["level_id"] is None:
        raise Refused("This level is not on the scale of this assessment. Choose one that is shown.")
    if change.outcome == Outcome.PENDING and not (change.note or change.is_concern or change.is_priority):
        raise Refused("There is nothing to save yet. Choose a level or write a note.")


def _check_offered(change: Change, assessment: Assessment) -> None:
    if change.outcome == Outcome.NOT_APPLICABLE and not assessment.scale.has_not_applicable:
        raise Refused("The scale of this assessment has no “not applicable”. Choose a level or “not observed”.")


def _clear(by: User, assessment: Assessment, change: Change, found: dict[str, Any], before: dict[str, Any]) -> Saved:
    event = audit.record(
        AuditEvent.Type.RATING_CLEARED,
        by=by,
        assessment=assessment,
        change_key=change.key,
        code=change.code,
        before=before,
    )
    Rating.objects.filter(assessment=assessment, competence=found["pk"]).delete()
    return Saved(version=0, at=event.at)


def _store(by: User, assessment: Assessment, change: Change, found: dict[str, Any], before: dict[str, Any]) -> Saved:
    event = audit.record(
        AuditEvent.Type.RATING_SAVED,
        by=by,
        assessment=assessment,
        change_key=change.key,
        code=change.code,
        before=before if found["version"] else None,
        after=change.values,
    )
    columns = {
        "outcome": change.outcome,
        "level_id": found["level_id"] if change.outcome == Outcome.LEVEL else None,
        "note": change.note,
        "is_concern": change.is_concern,
        "is_priority": change.is_priority,
        "version": event.pk,
        "rated_by": by,
        "rated_at": event.at,
    }
    if found["version"]:
        Rating.objects.filter(assessment=assessment, competence=found["pk"]).update(**columns)
    else:
        Rating.objects.create(assessment=assessment, competence_id=found["pk"], **columns)
    return Saved(version=event.pk, at=event.at, previous=found["previous"])


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
