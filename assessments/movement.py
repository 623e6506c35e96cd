"""From one signed assessment of a therapist to the next: which one is read beside it, and what moved since."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from assessments.models import Assessment, Status, User
from assessments.models.assessment import superseded


def latest_before(user: User, assessment: Assessment) -> Assessment | None:
    """The one that movement is told from when this is shared: signed off by then, of the same framework and scale,
    and readable.

    What is signed never changes, so neither does what is told of it.
    """
    if assessment.is_self:
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
