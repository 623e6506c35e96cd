"""From one signed assessment of a therapist to the next: which one is read beside it, and what moved since."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from assessments import scoring
from assessments.models import Assessment, Status, User
from assessments.models.assessment import superseded


def latest_before(user: User, assessment: Assessment) -> Assessment | None:
    """The one that movement is told from when this is shared: signed off by then, of the same framework and scale,
    and readable.

    What is signed never changes, so neither does what is told of it.
    """
    if not assessment.is_by_supervisor:
        return None
    earlier = Assessment.objects.readable_by(user).by_supervisors()
    alike = earlier.filter(
        therapist=assessment.therapist_id,
        organisation=assessment.organisation_id,
        scale=assessment.scale_id,
        revision__framework=assessment.revision.framework_id,
    )
    # A version that this one replaces, or that another one has replaced, is not what was before.
    signed = alike.filter(~superseded(), status=Status.SIGNED_OFF, signed_off_at__lte=assessment.shared_at)
    before = signed.filter(session_on__lte=assessment.session_on).exclude(successors=assessment)
    return before.order_by("-session_on", "-signed_off_at", "-pk").first()


@dataclass(frozen=True)
class Earlier:
    """A signed assessment as a later one looks back at it: the levels given, by the key of the competence."""

    pk: UUID
    session_on: datetime.date
    sha256: str
    levels: dict[str, int] = field(default_factory=dict)


_COLUMNS = ["pk", "session_on", "signed_record__sha256", "ratings__competence__key", "ratings__level__position"]


def earlier_of(assessments: Iterable[Assessment]) -> dict[UUID, Earlier]:
    """What these look back at, by its id, in one statement however many they are."""
    found: dict[UUID, Earlier] = {}
    rows = Assessment.objects.filter(followers__in=list(assessments)).values_list(*_COLUMNS)
    for pk, session_on, sha256, key, position in rows:
        earlier = found.setdefault(pk, Earlier(pk, session_on, sha256))
        if position is not None:
            earlier.levels[key] = position
    return found


def told(earlier: Earlier | None, now: Iterable[tuple[str, str, int | None]]) -> dict[str, Any]:
    """What moved since an earlier one by activity, as a record writes it. Later than the first records: left out
    without one.

    `now` is each competence in printed order: the code of its activity, its key, and its level if it has one.
    """
    if earlier is None:
        return {}
    pairs = defaultdict(list)
    for code, key, position in now:
        pairs[code].append((earlier.levels.get(key), position))
    moved = {code: scoring.moved(levels) for code, levels in pairs.items()}
    previous = {
        "id": str(earlier.pk),
        "session_on": earlier.session_on.isoformat(),
        "sha256": earlier.sha256,
        "activities": [{"code": code, **asdict(each)} for code, each in moved.items() if each],
    }
    return {"previous": previous}
