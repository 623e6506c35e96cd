"""Links of occasional raters: those of a therapist for the supervisors, and the one that an address names."""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Min, OuterRef, QuerySet, Subquery
from django.utils import timezone

from assessments.models import LinkState, RaterLink, Rating, User
from assessments.models.rater_link import hashed

REMINDED_BEFORE = datetime.timedelta(days=3)


@dataclass(frozen=True)
class LinkRow:
    """A link as supervisors see it: how far it has come, and nothing of what was given."""

    link: Any
    state: LinkState

    @property
    def since(self) -> datetime.date | None:
        """The day of what the state says."""
        link, assessment = self.link, self.link.assessment
        at = {
            LinkState.SENT: link.sent_at,
            LinkState.OPENED: link.opened_at,
            LinkState.IN_PROGRESS: link.begun_at,
            LinkState.HANDED_IN: assessment.shared_at,
            LinkState.DECLINED: assessment.withdrawn_at,
            LinkState.WITHDRAWN: assessment.withdrawn_at,
            LinkState.ENDED: link.ended_at,
        }.get(self.state)
        return timezone.localdate(at) if at else None

    @property
    def can_change(self) -> bool:
        return not self.can_be_read and self.state not in {LinkState.DECLINED, LinkState.ENDED}

    @property
    def can_be_read(self) -> bool:
        return self.state in {LinkState.HANDED_IN, LinkState.WITHDRAWN}

    @property
    def can_send(self) -> bool:
        return self.can_change and self.state != LinkState.EXPIRED


def rater_links(user: User, therapist: User) -> list[LinkRow]:
    """All links about a therapist that this supervisor may know of, newest first."""
    first = Rating.objects.filter(assessment=OuterRef("assessment")).order_by().values("assessment")
    rows = (
        _with_people(RaterLink.objects.visible_to(user))
        .filter(assessment__therapist=therapist)
        .annotate(begun_at=Subquery(first.annotate(at=Min("rated_at")).values("at")))
    )
    return [LinkRow(row, row.state(is_begun=row.begun_at is not None)) for row in rows]


def rater_link(user: User, therapist: User, pk: UUID) -> RaterLink:
    """One of them. Raises DoesNotExist."""
    return _with_people(RaterLink.objects.visible_to(user)).get(pk=pk, assessment__therapist=therapist)


def _with_people(links: QuerySet[RaterLink]) -> QuerySet[RaterLink]:
    return links.select_related(
        "asked_by",
        "assessment__supervisor",
        "assessment__therapist",
        "assessment__organisation",
        "assessment__short_form",
    )


def running_link(token: str) -> RaterLink:
    """The one that an address leads to, if it leads anywhere. Raises DoesNotExist."""
    return _with_people(RaterLink.objects.running()).get(token_sha256=hashed(token))


def link_handed_in(token: str) -> RaterLink | None:
    """The one that an address led to until its assessment was handed in."""
    handed_in = RaterLink.objects.filter(assessment__shared_at__isnull=False)
    return _with_people(handed_in).filter(token_sha256=hashed(token)).first()


def link_of_rater(user: User, assessment: UUID) -> RaterLink:
    """The link by which this person came in. Raises DoesNotExist."""
    return _with_people(RaterLink.objects.all()).get(assessment=assessment, assessment__supervisor=user)


def links_to_remind(now: datetime.datetime) -> QuerySet[RaterLink]:
    """Running ones near their last day: reminded once before it, and never twice within a day or right after asking."""
    today = timezone.localdate(now)
    a_day_ago = now - datetime.timedelta(days=1)
    due = RaterLink.objects.running().filter(ends_on__lte=today + REMINDED_BEFORE, sent_at__lte=a_day_ago)
    return _with_people(due).filter(reminded_at__isnull=True).order_by("created_at", "id")
