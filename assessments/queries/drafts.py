"""Reads for editing a draft revision, and for managing any."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from assessments.models import (
    Activity,
    CarryOver,
    Competence,
    Domain,
    FrameworkImport,
    FrameworkRevision,
)
from assessments.revisions import DomainData, RevisionData


@dataclass(frozen=True)
class Part:
    domain: DomainData
    activities: int
    competences: int
    points: int


@dataclass(frozen=True)
class Size:
    """How much a revision holds, domain by domain."""

    parts: list[Part]

    @property
    def activities(self) -> int:
        return sum(part.activities for part in self.parts)

    @property
    def competences(self) -> int:
        return sum(part.competences for part in self.parts)

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)


def size_of(revision: RevisionData) -> Size:
    parts = []
    for domain in revision.domains:
        activities = list(domain.all_activities())
        competences = [competence for activity in activities for competence in activity.competences]
        points = sum(len(competence.points) for competence in competences)
        parts.append(Part(domain, len(activities), len(competences), points))
    return Size(parts)


def import_of(revision: FrameworkRevision) -> FrameworkImport | None:
    """The file that a revision was last loaded from, where it came through the page."""
    return revision.imports.defer("content").select_related("uploaded_by").order_by("-closed_at").first()


def standing_carry_over(revision: FrameworkRevision) -> CarryOver | None:
    return revision.carry_overs.filter(undone_at__isnull=True).select_related("decided_by").first()


def draft(slug: str, number: str) -> FrameworkRevision:
    """A revision that may still be edited. Raises DoesNotExist."""
    return FrameworkRevision.objects.drafts().select_related("framework").get(framework__slug=slug, number=number)


_KINDS: dict[str, type[Domain | Activity | Competence]] = {
    "domain": Domain,
    "activity": Activity,
    "competence": Competence,
}


def draft_node(revision: FrameworkRevision, kind: str, pk: int) -> Any:
    """A domain, activity or competence of a draft. Raises DoesNotExist."""
    rows: QuerySet[Any] = _KINDS[kind]._default_manager.select_related("revision__framework")
    return rows.get(revision=revision, pk=pk)


def competences_in(activity: Activity) -> QuerySet[Competence]:
    return activity.competences.order_by("position")


def other_activities(competence: Competence) -> QuerySet[Activity]:
    return Activity.objects.filter(revision=competence.revision_id).exclude(pk=competence.activity_id)


def activity_coded(revision: FrameworkRevision, code: str) -> Activity:
    return revision.activities.get(code=code)


def node_url(slug: str, number: str, kind: str = "", pk: int = 0) -> str:
    """The page on which a part of a draft is edited; without one, that of the whole draft."""
    return reverse("node-edit", args=[slug, number, kind, pk]) if kind else reverse("draft-edit", args=[slug, number])
