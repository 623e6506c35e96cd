"""Reads of self-assessments: which wait for a second view, which stand beside a supervisor's, and the two together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from assessments import comparison, permissions, policies, profiles
from assessments.comparison import Side, Stated
from assessments.exceptions import NotAllowed
from assessments.models import Assessment, Status, Supervision, User
from assessments.queries.reading import activities_to_read


def waiting_for_a_second_view(user: User) -> QuerySet[Assessment]:
    """Shared self-assessments of therapists supervised now that nobody has seen or begun to assess as well."""
    running = Supervision.objects.current().filter(
        supervisor=user, therapist=OuterRef("therapist"), organisation=OuterRef("organisation")
    )
    return (
        Assessment.objects.of_oneself()
        .filter(Exists(running), status=Status.SHARED, opened_at=None, pair=None)
        .select_related("therapist", "revision__framework", "short_form")
        .newest_first()
    )


def self_assessment_to_pair(user: User, pk: str) -> Assessment | None:
    """One of them, by what an address says of it; nothing for nonsense."""
    try:
        return waiting_for_a_second_view(user).filter(pk=UUID(pk)).first()
    except ValueError:
        return None


@dataclass(frozen=True)
class OpenedPair:
    """A supervisor's assessment and the therapist's own of one session, both read by whoever asks."""

    theirs: Any
    own: Any

    @property
    def is_blind(self) -> bool:
        """Whether neither was given again after both had been open: the supervisor can take back and share anew."""
        return bool(self.theirs.shared_at <= self.own.opened_at)


def opened_pairs(seen: Iterable[Any]) -> list[OpenedPair]:
    """Those among the assessments in sight of one therapist, in their order."""
    known = {row.pk: row for row in seen if row.may_read}
    found = []
    for row in known.values():
        theirs = known.get(row.pair_id) if row.opened_at else None
        if theirs and permissions.allows(policies.check_stand_side_by_side, theirs, row):
            found.append(OpenedPair(theirs, row))
    return found


def pair_to_compare(user: User, pk: UUID) -> OpenedPair:
    """The two assessments of a session by either of them. Raises DoesNotExist or NotAllowed with the reason."""
    either = Assessment.objects.visible_to(user).with_people().with_pair().with_levels()
    asked = either.get(pk=pk)
    theirs = asked.pair if asked.is_self else asked
    own = asked if asked.is_self else getattr(asked, "self_assessment", None)
    if theirs is None or own is None:
        raise NotAllowed("There is no second assessment of this session to set beside this one.")
    other = theirs if asked.is_self else own
    # What both have in common was read with the one.
    for name in ["therapist", "organisation", "revision", "scale"]:
        setattr(other, name, getattr(asked, name))
    permissions.check_can_compare(user, theirs, own)
    return OpenedPair(theirs, own)


def compared(pair: OpenedPair) -> comparison.Comparison:
    """The therapist's own beside the supervisor's, in two statements."""
    return comparison.of(side(pair.own), side(pair.theirs), descending=pair.theirs.scale.is_descending)


def side(assessment: Assessment) -> Side:
    """What one assessment says, in two statements."""
    titles = {activity.code: activity.short_title for activity, _ in profiles.tree(assessment.revision)}
    return [
        Stated(row.activity_code, titles[row.activity_code], row.code, row.text, row.mark, row.note or "")
        for activity in activities_to_read(assessment)
        for row in activity.statements
    ]
