"""Reads of uploaded framework files: what lies open, and what one says under the answers given so far."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from assessments import importers
from assessments.exceptions import ImportRejected
from assessments.importers import assembly
from assessments.importers.assembly import Assembled
from assessments.importers.reading import Answers, Reading
from assessments.models import (
    Activity,
    Competence,
    CompetenceLink,
    Domain,
    Framework,
    FrameworkImport,
    FrameworkRevision,
    RatingScale,
)
from assessments.queries.counting import counted
from assessments.queries.revisions import revision_data, scale_data
from assessments.revisions import RevisionData


@dataclass(frozen=True)
class Looked:
    """An uploaded file read under its answers."""

    kept: FrameworkImport
    answers: Answers
    reading: Reading
    assembled: Assembled
    previous: FrameworkRevision | None

    @property
    def is_list(self) -> bool:
        return self.reading.format == "list"

    @property
    def warnings(self) -> list[str]:
        return [f"{notice.place}: {notice.what}" for notice in self.assembled.notices if notice.is_warning]


def open_imports() -> QuerySet[FrameworkImport]:
    kept = FrameworkImport.objects.filter(status=FrameworkImport.Status.OPEN)
    return kept.select_related("uploaded_by").defer("content")


def framework_import(pk: UUID) -> FrameworkImport:
    return FrameworkImport.objects.select_related("uploaded_by", "revision__framework").get(pk=pk)


def look(kept: FrameworkImport) -> Looked:
    """Read the file again under what was chosen; a file that cannot be read any more says why."""
    answers = Answers(**kept.answers)
    try:
        reading = importers.read(kept.file_name, bytes(kept.content), answers)
    except ImportRejected as rejection:
        reading = Reading(format=kept.format, problems=rejection.problems)
    assembled = assembly.assemble(reading, answers, scale=chosen_scale(reading, answers))
    return Looked(kept, answers, reading, assembled, previous=_previous(assembled))


def _previous(assembled: Assembled) -> FrameworkRevision | None:
    revision = assembled.revision
    if revision is None or not revision.previous:
        return None
    published = FrameworkRevision.objects.published_ever().select_related("framework", "scale")
    return published.filter(framework__slug=revision.framework, number=revision.previous).first()


def chosen_scale(reading: Reading, answers: Answers) -> Any:
    """The stored scale that was chosen; without a choice the file's own, else the newest there is."""
    if answers.scale:
        key, _, version = answers.scale.rpartition("/")
        scale = RatingScale.objects.filter(key=key, version=int(version) if version.isdecimal() else 0).first()
        return scale_data(scale) if scale else None
    if reading.scale or reading.revision:
        return None
    newest = RatingScale.objects.order_by("-pk").first()
    return scale_data(newest) if newest else None


def remembered(reading: Reading) -> Answers:
    """The answers under which a sheet with the same heads was last loaded: the next revision need not be explained."""
    if reading.table is None:
        return Answers()
    heads = {column.head for column in reading.table.columns}
    loaded = FrameworkImport.objects.filter(status=FrameworkImport.Status.LOADED).order_by("-closed_at")
    for answers in loaded.values_list("answers", flat=True)[:50]:
        if heads and set(answers["columns"]) == heads:
            return Answers(**{**answers, "metadata": _for_the_next(answers["metadata"])})
    return Answers()


def _for_the_next(metadata: dict[str, str]) -> dict[str, str]:
    """What the next revision has in common with this one, which it follows."""
    last = metadata.get("number", "")
    return {name: value for name, value in metadata.items() if name not in {"number", "issued_on"}} | {"previous": last}


def previous_data(looked: Looked) -> RevisionData | None:
    return revision_data(looked.previous) if looked.previous else None


def revisions_to_follow() -> QuerySet[FrameworkRevision]:
    return FrameworkRevision.objects.published_ever().select_related("framework").newest_first()


def frameworks_managed() -> list[Any]:
    """Every framework with all its revisions, each with what is still open in its mapping."""
    revisions = (
        FrameworkRevision.objects.exclude(status=FrameworkRevision.Status.DISCARDED)
        .annotate(open_links=Count("links", filter=Q(links__confirmed_at__isnull=True)))
        .order_by("-pk")
    )
    listed = Framework.objects.prefetch_related(Prefetch("revisions", queryset=revisions, to_attr="managed"))
    return [framework for framework in listed if framework.managed]


def revision_managed(slug: str, number: str) -> Any:
    """One revision for its managing page, with whether anything was begun or rated on it."""
    begun = FrameworkRevision.objects.filter(pk=OuterRef("pk"), assessments__isnull=False)
    rated = begun.filter(assessments__ratings__isnull=False)
    return (
        FrameworkRevision.objects.exclude(status=FrameworkRevision.Status.DISCARDED)
        .select_related("framework", "scale", "previous__framework")
        .annotate(
            is_begun=Exists(begun),
            is_rated=Exists(rated),
            open_links=counted(CompetenceLink.objects.open(), "revision"),
            domain_count=counted(Domain.objects.all(), "revision"),
            activity_count=counted(Activity.objects.all(), "revision"),
            competence_count=counted(Competence.objects.filter(parent=None), "revision"),
            point_count=counted(Competence.objects.exclude(parent=None), "revision"),
        )
        .get(framework__slug=slug, number=number)
    )
