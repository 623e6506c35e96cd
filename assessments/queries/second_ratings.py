"""Reads of second ratings: which are asked of somebody, who may be asked, and the two of a session together."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from assessments import agreement, comparison, permissions, profiles
from assessments.agreement import Agreement
from assessments.comparison import Comparison
from assessments.exceptions import NotAllowed
from assessments.models import Assessment, Membership, Role, Status, User
from assessments.queries.self_assessments import side


def second_raters(assessment: Assessment) -> QuerySet[User]:
    """Who may be asked: present supervisors of the organisation apart from the two people named."""
    held = Membership.objects.current().filter(role=Role.SUPERVISOR, organisation=assessment.organisation_id)
    named = [assessment.supervisor_id, assessment.therapist_id]
    raters = User.objects.filter(pk__in=held.order_by().values("user"), is_active=True)
    return raters.exclude(pk__in=named).order_by("name", "pk")


def second_rating_of(user: User, assessment: Assessment) -> Assessment | None:
    """The one that was asked for last, if this person may know of it; another can follow one that was withdrawn."""
    if not assessment.second_ratings.all():
        return None
    known = Assessment.objects.visible_to(user).filter(second_of=assessment)
    return known.select_related("supervisor").order_by("-created_at").first()


def assessment_to_rate_again(user: User, pk: UUID) -> Assessment:
    """One that this person may ask a second rating of. Raises DoesNotExist or NotAllowed."""
    assessment = Assessment.objects.visible_to(user).with_people().get(pk=pk)
    permissions.check_can_ask_second(user, assessment)
    return assessment


def second_rating_to_call_off(user: User, pk: UUID) -> Any:
    """One that was asked for, with the first. Raises DoesNotExist or NotAllowed."""
    second = Assessment.objects.visible_to(user).select_related("second_of", "supervisor").get(pk=pk)
    permissions.check_can_call_off(user, second)
    return second


@dataclass(frozen=True)
class TwoRatings:
    """A supervisor's assessment and the second rating of one session, both read by whoever asks."""

    first: Any
    second: Any

    @property
    def is_blind(self) -> bool:
        """Whether the first was not given again after both had been open."""
        return bool(self.first.shared_at <= self.second.opened_at)


def ratings_to_compare(user: User, pk: UUID) -> TwoRatings:
    """The two ratings of a session by either of them. Raises DoesNotExist or NotAllowed with the reason."""
    visible = Assessment.objects.visible_to(user).with_pair()
    asked = visible.with_people().with_levels().get(pk=pk)
    other = visible.filter(second_ratings=asked) if asked.is_second else visible.filter(second_of=asked)
    found = other.select_related("supervisor", "self_assessment").exclude(status=Status.WITHDRAWN).first()
    if found is None:
        raise NotAllowed("There is no second rating of this session to set beside this one.")
    # What both have in common was read with the one.
    for name in ["therapist", "organisation", "revision", "scale"]:
        setattr(found, name, getattr(asked, name))
    first, second = (found, asked) if asked.is_second else (asked, found)
    second.second_of = first
    permissions.check_can_compare(user, first, second)
    return TwoRatings(first, second)


@dataclass(frozen=True)
class Agreed:
    """How far the two agree: on the whole, and domain by domain in printed order."""

    found: Comparison
    whole: Agreement
    domains: list[tuple[Any, Agreement]]


def agreed(ratings: TwoRatings) -> Agreed:
    """Both set beside each other, in a number of statements that never grows."""
    scale = ratings.first.scale
    found = comparison.of(side(ratings.first), side(ratings.second), descending=scale.is_descending)
    domain_of = {activity.code: activity.domain for activity, _ in profiles.tree(ratings.first.revision)}
    pairs: dict[Any, list[tuple[int, int]]] = {}
    for domain in domain_of.values():
        pairs.setdefault(domain, [])
    for row in found.both:
        pairs[domain_of[row.activity]].append((int(row.first), int(row.second)))
    domains = [(domain, agreement.of(given)) for domain, given in pairs.items() if given]
    return Agreed(found, agreement.of((int(row.first), int(row.second)) for row in found.both), domains)
