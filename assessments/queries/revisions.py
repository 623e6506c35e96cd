"""A stored framework revision as the plain data that it was loaded from."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from assessments.models import Activity, Competence, CompetenceLink, FrameworkRevision, RatingLevel, RatingScale, User
from assessments.revisions import (
    ActivityData,
    CompetenceData,
    DomainData,
    LevelData,
    LineageData,
    PageData,
    PointData,
    RevisionData,
    ScaleData,
)

METADATA = [
    "title",
    "summary",
    "language",
    "authors",
    "commissioner",
    "source_name",
    "source_url",
    "rights_holder",
    "licence",
    "attribution",
    "notice",
    "is_redistributable",
    "source_id",
    "kept",
]
SCALE = ["key", "version", "name", "direction", "not_observed", "not_applicable", "has_not_applicable"]
LEVEL = ["value", "label", "skill", "knowledge", "attitude", "supervision"]
PAGE = ["key", "title", "summary", "text"]
NODE = ["key", "code", "source_id", "kept"]
DOMAIN = [*NODE, "title", "short_title", "summary", "introduction", "is_synthetic"]
ACTIVITY = [
    *NODE,
    "title",
    "short_title",
    "introduction",
    "scope",
    "phase",
    "problem_area",
    "title_status",
    "group_heading",
    "is_synthetic",
]
COMPETENCE = [*NODE, "kind", "text", "subheading", "is_safety_critical", "guidance"]
POINT = [*NODE, "text", "is_rateable"]

# Kinds of link that a file of one's own spells out; the others follow from the keys being the same.
STATED = ["editorial", "split", "merged", "covered", "removed"]
Link = list[Any]  # kind, key of the older one, key of the newer one, note


def _taken(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def revision_data(revision: FrameworkRevision) -> RevisionData:
    """The whole revision, in a number of statements that does not grow with it."""
    return _data(revision, [link for _, *link in _stated([revision])])


def revisions_data(revisions: QuerySet[FrameworkRevision]) -> list[RevisionData]:
    """Several whole revisions in their order, in a number of statements that does not grow with them."""
    parts = ["scale__levels", "pages", "domains", "activities", "competences"]
    rows = list(revisions.select_related("framework", "scale", "previous").prefetch_related(*parts))
    links: dict[int, list[Link]] = defaultdict(list)
    for pk, *link in _stated(rows):
        links[pk].append(link)
    return [_data(row, links[row.pk]) for row in rows]


def _data(revision: FrameworkRevision, links: list[Link]) -> RevisionData:
    return RevisionData(
        framework=revision.framework.slug,
        framework_title=revision.framework.title,
        number=revision.number,
        issued_on=revision.issued_on.isoformat() if revision.issued_on else "",
        scale=scale_data(revision.scale),
        pages=[PageData(**_taken(page, PAGE)) for page in revision.pages.all()],
        domains=domains_data(revision),
        previous=revision.previous.number if revision.previous else "",
        lineage=_lineage(links),
        **_taken(revision, METADATA),
    )


def data_before(user: User | AnonymousUser, revision: FrameworkRevision) -> RevisionData | None:
    """The revision that this one follows, if there is one and this person may read it."""
    visible = FrameworkRevision.objects.visible_to(user).select_related("framework", "scale", "previous")
    previous = visible.filter(successors=revision).first()
    return revision_data(previous) if previous else None


def scale_data(scale: RatingScale) -> ScaleData:
    """A stored scale as the data it was loaded from."""
    levels: list[RatingLevel] = list(scale.levels.all())
    return ScaleData(
        threshold=levels[scale.threshold - 1].value,
        levels=[LevelData(**_taken(level, LEVEL)) for level in levels],
        **_taken(scale, SCALE),
    )


def domains_data(revision: FrameworkRevision) -> list[DomainData]:
    """The tree of a revision, from what was fetched already or in three statements."""
    parts: dict[tuple[int, int | None], list[Activity]] = defaultdict(list)
    for activity in revision.activities.all():
        parts[activity.domain_id, activity.parent_id].append(activity)
    statements: dict[int, list[Competence]] = defaultdict(list)
    points: dict[int | None, list[PointData]] = defaultdict(list)
    for competence in revision.competences.all():
        if competence.parent_id:
            points[competence.parent_id].append(PointData(**_taken(competence, POINT)))
        else:
            statements[competence.activity_id].append(competence)

    def inside(domain: int, parent: int | None) -> list[ActivityData]:
        return [
            ActivityData(
                competences=[
                    CompetenceData(points=points[row.pk], **_taken(row, COMPETENCE)) for row in statements[activity.pk]
                ],
                activities=inside(domain, activity.pk),
                **_taken(activity, ACTIVITY),
            )
            for activity in parts[domain, parent]
        ]

    return [
        DomainData(activities=inside(domain.pk, None), **_taken(domain, DOMAIN)) for domain in revision.domains.all()
    ]


def _stated(revisions: Iterable[FrameworkRevision]) -> QuerySet[CompetenceLink, Any]:
    """What the keys alone do not tell: confirmed links, each after the revision that it leads to."""
    rows = CompetenceLink.objects.confirmed().filter(revision__in=revisions, kind__in=STATED).order_by("id")
    return rows.values_list("revision", "kind", "older__key", "newer__key", "note")


def _lineage(links: Iterable[Link]) -> list[LineageData]:
    """The links grouped into one entry a decision."""
    entries: dict[tuple[str, str], LineageData] = {}
    for kind, older, newer, note in links:
        # A merger is told once for the competence it leads to, everything else once for the one it starts from.
        place = (kind, newer if kind == CompetenceLink.Kind.MERGED else older)
        entry = entries.setdefault(place, LineageData(kind, older=[], newer=[], note=note))
        entry.older.extend([older] if older and older not in entry.older else [])
        entry.newer.extend([newer] if newer and newer not in entry.newer else [])
    return list(entries.values())
