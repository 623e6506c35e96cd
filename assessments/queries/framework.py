"""Reads of the framework: lists, map, statements, search."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Prefetch, Q, QuerySet

from assessments.models import (
    Activity,
    Assessment,
    Competence,
    Domain,
    Framework,
    FrameworkRevision,
    User,
)
from assessments.models.composed import composed

HOME_FRAMEWORK = "ipt"


def current_revision(user: User | AnonymousUser, slug: str = HOME_FRAMEWORK) -> FrameworkRevision:
    """The newest published revision of a framework. Raises DoesNotExist."""
    for revision in _newest(user, slug):
        return revision
    raise FrameworkRevision.DoesNotExist


@composed
def _newest(user: User | AnonymousUser, slug: str) -> QuerySet[FrameworkRevision]:
    revisions = FrameworkRevision.objects.visible_to(user).published().filter(framework__slug=slug)
    return revisions.select_related("framework", "scale").prefetch_related("scale__levels").newest_first()[:1]


def revision(user: User | AnonymousUser, slug: str, number: str) -> FrameworkRevision:
    visible = FrameworkRevision.objects.visible_to(user).select_related("framework", "scale")
    return visible.get(framework__slug=slug, number=number)


def frameworks(user: User | AnonymousUser) -> list[Framework]:
    """Every framework with the revisions this person may read, newest first."""
    revisions = FrameworkRevision.objects.visible_to(user).select_related("framework").newest_first()
    listed = Framework.objects.prefetch_related(Prefetch("revisions", queryset=revisions, to_attr="readable"))
    return [framework for framework in listed if framework.readable]


def other_frameworks(assessments: Iterable[Assessment], revision: FrameworkRevision) -> list[Framework]:
    """The frameworks besides that of `revision` on which these assessments were made."""
    revisions = {row.revision_id for row in assessments} - {revision.pk}
    if not revisions:
        return []
    rated = Framework.objects.filter(revisions__in=revisions).exclude(pk=revision.framework_id)
    return list(rated.distinct())


def frameworks_to_rate(revision: FrameworkRevision) -> list[Framework]:
    """The frameworks besides that of `revision` on which an assessment can be made."""
    published = FrameworkRevision.objects.published().exclude(framework=revision.framework_id)
    return list(Framework.objects.filter(pk__in=published.values("framework")))


def newer_revision(assessment: Assessment) -> FrameworkRevision | None:
    """The revision in use of the same framework, if it came after the one that the assessment is pinned to."""
    pinned = assessment.revision
    later = FrameworkRevision.objects.published().filter(
        framework=pinned.framework_id, published_at__gt=pinned.published_at
    )
    return later.select_related("framework").newest_first().first()


@dataclass(frozen=True)
class ActivityGroup:
    """Activities of one domain under one heading; the heading is blank where there is none."""

    heading: str
    activities: list[Activity]


@dataclass(frozen=True)
class Column:
    """A domain as a column of the map."""

    domain: Domain
    groups: list[ActivityGroup]
    activities: int
    competences: int


def columns(revision: FrameworkRevision) -> list[Column]:
    """The map: every domain, also an empty one, with its activities in printed order."""
    rateable = Count("competences", filter=Q(competences__is_rateable=True))
    activities: dict[int, list[Any]] = defaultdict(list)
    for activity in revision.activities.annotate(competence_count=rateable).order_by("position"):
        activities[activity.domain_id].append(activity)
    return [_column(domain, activities[domain.pk], revision) for domain in revision.domains.all()]


def _column(domain: Domain, activities: list[Any], revision: FrameworkRevision) -> Column:
    domain.revision = revision
    for activity in activities:
        activity.revision, activity.domain = revision, domain
    groups = groupby(activities, key=lambda row: row.group_heading)
    return Column(
        domain=domain,
        groups=[ActivityGroup(heading, list(rows)) for heading, rows in groups],
        activities=len(activities),
        competences=sum(activity.competence_count for activity in activities),
    )


@dataclass(frozen=True)
class Statement:
    """A competence with the sub-points that guide its reading."""

    competence: Competence
    points: list[Competence]


@dataclass(frozen=True)
class StatementList:
    activity: Activity
    statements: list[Statement]


def statement_lists(activities: QuerySet[Activity]) -> list[StatementList]:
    """The statements of several activities, in printed order."""
    rows = (
        Competence.objects.filter(activity__in=activities)
        .select_related("activity__domain")
        .order_by("activity__position", "position")
    )
    return [
        StatementList(activity=group[0].activity, statements=statements(group))
        for group in (list(rows_) for _, rows_ in groupby(rows, key=lambda row: row.activity_id))
    ]


def statements(rows: Iterable[Competence]) -> list[Statement]:
    """Competences with their sub-points, from rows in printed order."""
    points: dict[int | None, list[Competence]] = defaultdict(list)
    heads = []
    for row in rows:
        if row.is_rateable:
            heads.append(row)
        else:
            points[row.parent_id].append(row)
    return [Statement(competence=head, points=points[head.pk]) for head in heads]


def neighbours(activity: Activity) -> tuple[Activity | None, Activity | None]:
    """The activities before and after, in one statement."""
    beside = Activity.objects.filter(
        revision=activity.revision_id, position__in=[activity.position - 1, activity.position + 1]
    )
    by_position = {row.position: row for row in beside.select_related("revision__framework")}
    return by_position.get(activity.position - 1), by_position.get(activity.position + 1)


def search(revision: FrameworkRevision, words: str, *, limit: int = 100) -> list[Competence]:
    """Statements that hold every word; at most `limit` and one more, so that a page can say there are more."""
    found = Competence.objects.filter(revision=revision).matching(words).select_related("activity__domain")
    return list(found.order_by("activity__position", "position")[: limit + 1])
