"""The whole of an assessment as one plain document: what is signed, hashed, printed and handed out.

Canonical JSON follows RFC 8785 (JCS). The document holds only text, whole numbers, booleans and null, and its member
names are ASCII, so sorted keys, no white space and UTF-8 are all that the standard asks for.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Prefetch

from assessments.models import (
    Assessment,
    Competence,
    Goal,
    Membership,
    Rating,
    RatingScale,
    Role,
    Signature,
    User,
)
from assessments.models.assessment import AssessmentQuerySet

FORMAT = "assessment-record/1"
Document = dict[str, Any]


@dataclass(frozen=True)
class Link:
    """A place in an organisation's chain of signed records."""

    sequence: int
    previous: str


class Rated(NamedTuple):
    """What a record tells of a rating, in the order of the columns below."""

    outcome: str
    position: int | None
    note: str
    is_concern: bool
    is_priority: bool
    points_seen: str
    time_mark: int | None
    rated_by: UUID
    rated_by_name: str
    rated_by_profession: str
    rated_at: datetime.datetime


_COLUMNS = [
    "outcome",
    "level__position",
    "note",
    "is_concern",
    "is_priority",
    "points_seen",
    "time_mark",
    "rated_by",
    "rated_by__name",
    "rated_by__profession",
    "rated_at",
]
FIRST = Link(sequence=1, previous="")


def canonical(document: Document) -> str:
    """The one way to write the document down (RFC 8785)."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(content: str) -> str:
    """The hash of a document as written by `canonical`, in hexadecimal; `sha256sum` of the file gives the same."""
    return hashlib.sha256(content.encode()).hexdigest()


def build(assessment: Assessment, *, link: Link | None = None) -> Document:
    """Everything about the assessment as it stands now, with the wording and anchors it was rated on."""
    [document] = build_all(Assessment.objects.filter(pk=assessment.pk))
    chain = {"sequence": link.sequence, "previous_sha256": link.previous} if link else None
    return {**document, "chain": chain}


def build_all(assessments: AssessmentQuerySet) -> list[Document]:
    """The documents of several assessments in their order, in a number of statements that does not grow with them."""
    whole = assessments.with_people().with_levels().prefetch_related(*_parts())
    rows: list[Any] = list(whole)
    ratings, statements = _ratings(rows), _statements(rows)
    return [_document(row, statements[row.pk], ratings[row.pk]) for row in rows]


def _parts() -> list[Prefetch[Any]]:
    """What belongs to an assessment, apart from its ratings."""
    standing = Signature.objects.filter(voided_at__isnull=True).select_related("person")
    closed = Goal.objects.prefetch_related("competences")
    training = Membership.objects.filter(role=Role.THERAPIST)
    return [
        Prefetch("goals", Goal.objects.prefetch_related("competences"), to_attr="goals_set"),
        Prefetch("closed_goals", closed, to_attr="goals_closed"),
        Prefetch("signatures", standing, to_attr="signatures_standing"),
        Prefetch("therapist__memberships", training, to_attr="memberships_in_training"),
    ]


def _document(assessment: Any, statements: list[Competence], ratings: dict[int, Rated]) -> Document:
    return {
        "format": FORMAT,
        "chain": None,
        "assessment": _assessment(assessment),
        "organisation": {"id": str(assessment.organisation_id), "name": assessment.organisation.name},
        "therapist": _therapist(assessment),
        "supervisor": _person(assessment.supervisor),
        "revision": _revision(assessment),
        "scale": scale(assessment.scale),
        "domains": _domains(statements, ratings),
        "texts": {name: getattr(assessment, name) for name in ["summary", "strengths", "needs"]},
        "goals": [_goal(goal) for goal in assessment.goals_set],
        **_goals_closed(assessment),
        "reply": _reply(assessment),
        "signatures": [_signature(signature) for signature in assessment.signatures_standing],
    }


def _ratings(assessments: list[Assessment]) -> dict[UUID, dict[int, Rated]]:
    """The ratings of each by competence, as plain rows: there can be thousands."""
    given = Rating.objects.given().filter(assessment__in=assessments)
    found: dict[UUID, dict[int, Rated]] = defaultdict(dict)
    for assessment, competence, *columns in given.values_list("assessment", "competence", *_COLUMNS):
        found[assessment][competence] = Rated._make(columns)
    return found


def _statements(assessments: list[Assessment]) -> dict[UUID, list[Competence]]:
    """What lies within the extent of each, in printed order. Every competence is read once, however many rate it."""
    extents = defaultdict(set)
    pairs = Assessment.activities.through.objects.filter(assessment__in=assessments)
    for assessment, activity in pairs.values_list("assessment", "activity"):
        extents[assessment].add(activity)
    used = set().union(*extents.values())
    rows = Competence.objects.filter(activity__in=used).select_related("activity__domain")
    ordered = list(rows.order_by("activity__position", "position"))
    return {row.pk: [each for each in ordered if each.activity_id in extents[row.pk]] for row in assessments}


def moment(at: datetime.datetime | None) -> str | None:
    """As records write an instant: UTC, to the second."""
    return at.astimezone(datetime.UTC).isoformat(timespec="seconds") if at else None


def _assessment(assessment: Assessment) -> Document:
    form = assessment.short_form
    return {
        "id": str(assessment.pk),
        "status": assessment.status,
        "source": assessment.source,
        "session_on": assessment.session_on.isoformat(),
        "case_number": assessment.case_number,
        "session_number": assessment.session_number,
        "planned_total": assessment.planned_total,
        "phase": assessment.phase,
        "problem_area": assessment.problem_area,
        "format": assessment.format,
        "minutes_reviewed": assessment.minutes_reviewed,
        "selected_by": assessment.selected_by,
        "difficulty": assessment.difficulty,
        "is_consent_confirmed": assessment.is_consent_confirmed,
        "created_at": moment(assessment.created_at),
        "shared_at": moment(assessment.shared_at),
        "signed_off_at": moment(assessment.signed_off_at),
        "withdrawn_at": moment(assessment.withdrawn_at),
        "withdrawn_reason": assessment.withdrawn_reason,
        # Later than the first records, and therefore left out where it says nothing.
        **({"short_form": form.name} if form else {}),
        **_origin(assessment),
        **({"role": assessment.role} if assessment.is_self or assessment.is_occasional else {}),
    }


def _origin(assessment: Assessment) -> Document:
    """Where it comes from, and who entered it, unless it was given here."""
    entered_by = assessment.entered_by
    return {"origin": assessment.origin, "entered_by": _person(entered_by)} if entered_by else {}


def _person(person: User) -> Document:
    return {"id": str(person.pk), "name": person.name, "profession": person.profession}


def _therapist(assessment: Any) -> Document:
    therapist = assessment.therapist
    held = [row for row in therapist.memberships_in_training if row.organisation_id == assessment.organisation_id]
    return {**_person(therapist), "programme": held[-1].programme if held else ""}


def _revision(assessment: Assessment) -> Document:
    revision = assessment.revision
    names = ["number", "title", "authors", "licence", "attribution", "notice", "content_sha256"]
    return {"framework": revision.framework.slug, **{name: getattr(revision, name) for name in names}}


def scale(scale: RatingScale) -> Document:
    """A scale with the anchors of its levels."""
    names = ["position", "value", "label", "skill", "knowledge", "attitude", "supervision"]
    return {
        "key": scale.key,
        "version": scale.version,
        "name": scale.name,
        "direction": scale.direction,
        "threshold": scale.threshold,
        "levels": [{name: getattr(level, name) for name in names} for level in scale.levels.all()],
        **_answers_without_level(scale),
    }


def _answers_without_level(scale: RatingScale) -> Document:
    """What the scale itself says about them. Later than the first records: left out where it says nothing."""
    told: Document = {name: text for name in ["not_observed", "not_applicable"] if (text := getattr(scale, name))}
    return told if scale.has_not_applicable else {**told, "has_not_applicable": False}


def _domains(ordered: list[Competence], ratings: dict[int, Rated]) -> list[Document]:
    """The tree of the assessment's extent, each statement with its rating or null for not rated."""
    points = defaultdict(list)
    for row in ordered:
        if row.parent_id and not row.is_rateable:
            points[row.parent_id].append({"code": row.code, "text": row.text})
    statements = [row for row in ordered if row.is_rateable]
    return [
        {
            "code": domain.code,
            "title": domain.title,
            "short_title": domain.short_title,
            "activities": [
                _activity(list(group), ratings, points)
                for _, group in groupby(in_domain, key=lambda row: row.activity_id)
            ],
        }
        for domain, in_domain in groupby(statements, key=lambda row: row.activity.domain)
    ]


def _activity(rows: list[Competence], ratings: dict[int, Rated], points: dict[int, list[Document]]) -> Document:
    activity = rows[0].activity
    return {
        "code": activity.code,
        "title": activity.title,
        "short_title": activity.short_title,
        "scope": activity.scope,
        "phase": activity.phase,
        "competences": [
            {
                "key": row.key,
                "code": row.code,
                "kind": row.kind,
                "text": row.text,
                "is_safety_critical": row.is_safety_critical,
                "points": points[row.pk],
                "rating": _rating(ratings.get(row.pk)),
            }
            for row in rows
        ],
    }


def _rating(rating: Rated | None) -> Document | None:
    if rating is None:
        return None
    rated_by = {"id": str(rating.rated_by), "name": rating.rated_by_name, "profession": rating.rated_by_profession}
    return {
        "outcome": rating.outcome,
        "position": rating.position,
        "note": rating.note,
        "is_concern": rating.is_concern,
        "is_priority": rating.is_priority,
        "rated_by": rated_by,
        "rated_at": moment(rating.rated_at),
        # Later than the first records, and therefore left out where they say nothing.
        **({"points_seen": rating.points_seen.split()} if rating.points_seen else {}),
        **({"time_mark": rating.time_mark} if rating.time_mark is not None else {}),
    }


def _goal(goal: Goal) -> Document:
    return {
        "id": str(goal.pk),
        "text": goal.text,
        "competences": [competence.code for competence in goal.competences.all()],
        "due_on": goal.due_on.isoformat() if goal.due_on else None,
        # Later than the first records, and therefore left out where they say nothing.
        **({"owner": goal.owner} if goal.owner else {}),
        **({"judged_by": goal.judged_by} if goal.judged_by else {}),
    }


def _goals_closed(assessment: Any) -> Document:
    """What became of earlier goals. Later than the first records: left out where none was closed."""
    rows = [
        {
            **_goal(goal),
            "agreed_in": str(goal.assessment_id),
            "status": goal.status,
            "result": goal.result,
        }
        for goal in assessment.goals_closed
    ]
    return {"goals_closed": rows} if rows else {}


def _reply(assessment: Assessment) -> Document | None:
    if not assessment.reply_agreement:
        return None
    return {
        "agreement": assessment.reply_agreement,
        "text": assessment.reply,
        "replied_at": moment(assessment.replied_at),
    }


def _signature(signature: Signature) -> Document:
    return {"role": signature.role, "person": _person(signature.person), "signed_at": moment(signature.signed_at)}
