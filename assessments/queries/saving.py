"""The two reads before a rating is written, as fixed SQL that both databases take.

They are asked with every answer, and composing them anew with the ORM took longer than everything else in a save.
"""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from assessments.models import Assessment, Competence, User
from assessments.models.assessment import GRACE

# The SQL twin of AssessmentQuerySet.editable_by.
DRAFT = """
    SELECT a.organisation_id, a.therapist_id, a.revision_id, a.scale_id, a.role, a.session_on
    FROM assessments_assessment a
    WHERE a.id = %(pk)s AND a.supervisor_id = %(user)s AND a.status = 'draft'
    AND (a.role = 'self' OR a.role = 'supervisor' AND EXISTS (
        SELECT 1 FROM assessments_supervision s
        WHERE s.therapist_id = a.therapist_id AND s.supervisor_id = a.supervisor_id
            AND s.organisation_id = a.organisation_id AND (s.ends_on IS NULL OR s.ends_on >= %(since)s)
    ) OR a.role = 'second' AND EXISTS (
        SELECT 1 FROM assessments_membership m
        WHERE m.user_id = a.supervisor_id AND m.organisation_id = a.organisation_id AND m.role = 'supervisor'
            AND m.starts_on <= %(today)s AND (m.ends_on IS NULL OR m.ends_on >= %(today)s)
    ) OR a.role = 'occasional' AND EXISTS (
        SELECT 1 FROM assessments_raterlink l
        WHERE l.assessment_id = a.id AND l.ended_at IS NULL AND l.ends_on >= %(today)s
    ))
"""
OF_DRAFT = ["id", "organisation_id", "therapist_id", "revision_id", "scale_id", "role", "session_on"]
STANDING = """
    SELECT c.id, chosen.id, event.id,
        given.version, given.outcome, given_level.position, given.note, given.is_concern, given.is_priority,
        given.points_seen, given.time_mark,
        CASE WHEN %(points)s = '' THEN 0 ELSE (
            SELECT COUNT(*) FROM assessments_competence p
            WHERE p.parent_id = c.id AND NOT p.is_rateable
                AND REPLACE(' ' || %(points)s || ' ', ' ' || p.code || ' ', '') <> ' ' || %(points)s || ' '
        ) END,
        earlier.outcome, earlier_level.position, occasion.session_on, occasion.source
    FROM assessments_competence c
    JOIN assessments_assessment_activities extent
        ON extent.activity_id = c.activity_id AND extent.assessment_id = %(draft)s
    LEFT JOIN assessments_ratinglevel chosen ON chosen.scale_id = %(scale)s AND chosen.position = %(position)s
    LEFT JOIN assessments_auditevent event ON event.change_key = %(key)s
    LEFT JOIN assessments_rating given ON given.assessment_id = extent.assessment_id AND given.competence_id = c.id
    LEFT JOIN assessments_ratinglevel given_level ON given_level.id = given.level_id
    LEFT JOIN assessments_rating earlier ON earlier.id = (
        SELECT r.id FROM assessments_rating r JOIN assessments_assessment a ON a.id = r.assessment_id
        WHERE r.competence_id = c.id AND r.outcome <> 'pending' AND a.id <> %(draft)s
            AND a.therapist_id = %(therapist)s AND a.scale_id = %(scale)s AND a.session_on <= %(session_on)s
            AND a.status IN ('shared', 'signed_off') AND a.role = %(role)s AND a.role NOT IN ('second', 'occasional')
            AND NOT EXISTS (
                SELECT 1 FROM assessments_assessment later
                WHERE later.predecessor_id = a.id
                    AND (later.id = %(draft)s OR later.status IN ('shared', 'signed_off'))
            )
            AND NOT EXISTS (
                SELECT 1 FROM assessments_assessment s JOIN assessments_assessment d ON d.id = %(draft)s
                WHERE s.second_of_id = a.id AND s.supervisor_id = d.supervisor_id AND s.opened_at IS NULL
                    AND s.status <> 'withdrawn'
            )
        ORDER BY a.session_on DESC, a.shared_at DESC LIMIT 1
    )
    LEFT JOIN assessments_ratinglevel earlier_level ON earlier_level.id = earlier.level_id
    LEFT JOIN assessments_assessment occasion ON occasion.id = earlier.assessment_id
    WHERE c.revision_id = %(revision)s AND c.code = %(code)s AND c.is_rateable
"""
VALUES = ["outcome", "position", "note", "is_concern", "is_priority", "points_seen", "time_mark"]
NOTHING = dict.fromkeys(VALUES) | {"note": "", "is_concern": False, "is_priority": False, "points_seen": ""}


@dataclass(frozen=True)
class Standing:
    """A competence, what stands for it, and what a change of it needs to know. Version 0 means not rated.

    `level_id` is the level that the change means, `points_known` how many of the points it ticks are the competence's
    own, `event_id` the event that wrote the same change before, `previous` the last rating on an earlier occasion.
    """

    competence_id: int
    level_id: int | None
    event_id: int | None
    version: int
    values: dict[str, Any]
    points_known: int
    previous: dict[str, Any] | None


def draft_to_rate(user: User, pk: UUID) -> Assessment | None:
    """The draft, locked until the transaction ends, if `user` may rate it; only what saving needs is read."""
    lock = " FOR UPDATE OF a" if connection.features.has_select_for_update else ""
    today = timezone.localdate()
    asked: dict[str, str | datetime.date] = {"pk": pk.hex, "user": user.pk.hex, "since": today - GRACE, "today": today}
    # Both databases take an id as hexadecimal digits.
    with connection.cursor() as cursor:
        cursor.execute(DRAFT + lock, asked)
        row = cursor.fetchone()
    return _draft(pk, *row) if row else None


def _draft(pk: UUID, organisation: Any, therapist: Any, *facts: Any) -> Assessment:
    """With what saving needs; anything else is read when somebody asks for it."""
    # SQLite has ids as hexadecimal digits, and from_db wants the columns in the model's order.
    ids = [pk, *(User._meta.pk.to_python(each) for each in (organisation, therapist))]
    return Assessment.from_db(connection.alias, OF_DRAFT, [*ids, *facts])


def standing(assessment: Assessment, *, code: str, position: int | None, points: str, key: UUID) -> Standing:
    """What stands for a competence of a draft. Raises DoesNotExist where there is nothing to rate by this code."""
    asked: dict[str, str | int | datetime.date | None] = {
        "draft": assessment.pk.hex,
        "therapist": assessment.therapist_id.hex,
        "revision": assessment.revision_id,
        "scale": assessment.scale_id,
        "role": assessment.role,
        "session_on": assessment.session_on,
        "code": code,
        "position": position,
        "points": points,
        "key": key.hex,
    }
    with connection.cursor() as cursor:
        cursor.execute(STANDING, asked)
        row = cursor.fetchone()
    if row is None:
        raise Competence.DoesNotExist
    competence, level, event, version, *values, points_known, outcome, at, on, source = row
    previous = {"outcome": outcome, "position": at, "on": on.isoformat(), "source": source} if outcome else None
    given = dict(zip(VALUES, values, strict=True)) if version else NOTHING
    return Standing(competence, level, event, version or 0, given, points_known, previous)
