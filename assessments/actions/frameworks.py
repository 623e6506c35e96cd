"""Loading and publishing framework revisions."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments import permissions, wording
from assessments.actions import audit, lineage, scales, standings
from assessments.exceptions import Refused
from assessments.models import (
    Activity,
    AuditEvent,
    BackgroundPage,
    Competence,
    Domain,
    Framework,
    FrameworkRevision,
    RatingScale,
    Role,
    User,
)
from assessments.queries.revisions import (
    ACTIVITY,
    COMPETENCE,
    DOMAIN,
    METADATA,
    PAGE,
    POINT,
    revision_data,
    scale_data,
)
from assessments.revisions import ActivityData, RevisionData, ScaleData


@transaction.atomic
def load(*, by: User | None, data: RevisionData, **told: Any) -> FrameworkRevision:
    """Store a revision as a draft. Loading the same content again changes nothing.

    `by` is None for the command line, `told` goes into the history, such as the file it came from. Raises Refused when
    the number is taken by a published revision, or the scale by another one, of other content.
    """
    if by is not None:
        permissions.check_has_role(by, Role.ADMIN)
    framework, _ = Framework.objects.get_or_create(slug=data.framework, defaults={"title": data.framework_title})
    existing = framework.revisions.select_for_update().filter(number=data.number).first()
    if existing and existing.status != FrameworkRevision.Status.DISCARDED and existing.content_sha256 == data.sha256:
        return existing
    if existing and existing.published_at:
        raise Refused(
            f"Revision {data.number} of {framework.slug} is published with other content and never changes. "
            "Give the corrected revision a number of its own."
        )
    revision = existing or FrameworkRevision(framework=framework, number=data.number)
    _empty(revision)
    revision.scale = _scale(data.scale)
    revision.previous = _previous(framework, data)
    revision.content_sha256 = data.sha256
    revision.issued_on = datetime.date.fromisoformat(data.issued_on) if data.issued_on else None
    for name in METADATA:
        setattr(revision, name, getattr(data, name))
    revision.save()
    _store_tree(revision, data)
    lineage.store_proposals(revision, data)
    audit.record(AuditEvent.Type.REVISION_LOADED, by=by, revision=revision, sha256=data.sha256, **told)
    return revision


def _empty(revision: FrameworkRevision) -> None:
    """Take the tree of a draft away; the row stays, because the history points at it."""
    revision.status = FrameworkRevision.Status.DRAFT
    if revision.pk:
        revision.save(update_fields=["status"])
        revision.links.all().delete()
        revision.pages.all().delete()
        revision.domains.all().delete()


def _previous(framework: Framework, data: RevisionData) -> FrameworkRevision | None:
    """The published revision that this one follows; none where the file names none."""
    if not data.previous:
        return None
    found = framework.revisions.filter(number=data.previous, published_at__isnull=False).first()
    if found is None:
        raise Refused(
            f"Revision {data.number} follows {data.previous}, which is not a published revision of {framework.slug}. "
            "Load and publish that one first, or leave `previous` out."
        )
    return found


def _taken(data: object, names: list[str]) -> dict[str, Any]:
    """The fields of plain data that are columns of the same name."""
    return {name: getattr(data, name) for name in names}


def _scale(data: ScaleData) -> RatingScale:
    """The stored scale of this key and version; made if there is none, refused if it says something else."""
    scale = RatingScale.objects.filter(key=data.key, version=data.version).first()
    if scale is None:
        return scales.store(data)
    if scale_data(scale) != data:
        raise Refused(
            f"Scale {data.key} version {data.version} is stored with other content. Give the changed one a new version."
        )
    return scale


def _store_tree(revision: FrameworkRevision, data: RevisionData) -> None:
    BackgroundPage.objects.bulk_create(
        BackgroundPage(revision=revision, position=position, **_taken(page, PAGE))
        for position, page in enumerate(data.pages)
    )
    domains = Domain.objects.bulk_create(
        Domain(revision=revision, position=position, **_taken(domain, DOMAIN))
        for position, domain in enumerate(data.domains)
    )
    activities = _store_activities(revision, data, {domain.key: domain for domain in domains})
    _store_competences(revision, data, activities)


def _store_activities(
    revision: FrameworkRevision, data: RevisionData, domains: dict[str, Domain]
) -> dict[str, Activity]:
    """Store level by level, so that a parent has its id before its parts need it."""
    position = {activity.key: index for index, activity in enumerate(data.all_activities())}
    stored: dict[str, Activity] = {}
    level: list[tuple[str, str | None, ActivityData]] = [
        (domain.key, None, activity) for domain in data.domains for activity in domain.activities
    ]
    while level:
        rows = Activity.objects.bulk_create(
            Activity(
                revision=revision,
                domain=domains[domain],
                parent=stored[parent] if parent else None,
                position=position[activity.key],
                **_taken(activity, ACTIVITY),
            )
            for domain, parent, activity in level
        )
        stored.update({row.key: row for row in rows})
        level = [(domain, activity.key, part) for domain, _, activity in level for part in activity.activities]
    return stored


def _store_competences(revision: FrameworkRevision, data: RevisionData, activities: dict[str, Activity]) -> None:
    rows = Competence.objects.bulk_create(_competences(revision, data, activities))
    parents = {row.key: row for row in rows}
    Competence.objects.bulk_create(
        Competence(
            revision=revision,
            activity=parents[competence.key].activity,
            parent=parents[competence.key],
            kind=competence.kind,
            position=parents[competence.key].position + place,
            **_taken(point, POINT),
        )
        for competence in data.all_competences()
        for place, point in enumerate(competence.points, start=1)
    )


def _competences(
    revision: FrameworkRevision, data: RevisionData, activities: dict[str, Activity]
) -> Iterator[Competence]:
    """Rows in printed order; each leaves room in the numbering for its sub-points."""
    position = 0
    for activity in data.all_activities():
        for competence in activity.competences:
            yield Competence(
                revision=revision,
                activity=activities[activity.key],
                position=position,
                **_taken(competence, COMPETENCE),
            )
            position += 1 + len(competence.points)


@transaction.atomic
def publish(*, by: User | None, revision: FrameworkRevision) -> FrameworkRevision:
    """Publish a draft; from now on it never changes. Publishing a published revision changes nothing.

    Raises Refused while something of its mapping is open.
    """
    revision = _locked(by, revision)
    if revision.is_published:
        return revision
    if not revision.is_draft:
        raise Refused(
            f"A {revision.get_status_display().lower()} revision cannot be published. Load it as a new revision."
        )
    _check_complete(revision)
    if revision.previous_id:
        lineage.check_whole(revision)
        lineage.settle_keys(revision)
        revision.content_sha256 = revision_data(revision).sha256
    revision.status = FrameworkRevision.Status.PUBLISHED
    revision.published_at = timezone.now()
    revision.save(update_fields=["status", "published_at", "content_sha256"])
    standings.refresh_framework(revision.framework_id)
    audit.record(AuditEvent.Type.REVISION_PUBLISHED, by=by, revision=revision, sha256=revision.content_sha256)
    return revision


def _locked(by: User | None, revision: FrameworkRevision) -> FrameworkRevision:
    """The row as it stands now, held until the transaction ends. `by` is None at the command line."""
    if by is not None:
        permissions.check_has_role(by, Role.ADMIN)
    return FrameworkRevision.objects.select_for_update().get(pk=revision.pk)


def _check_complete(revision: FrameworkRevision) -> None:
    number = revision.links.open().count()
    if number:
        things = wording.count(number, "competence is", "competences are")
        raise Refused(f"{things} still to be confirmed in the mapping. Confirm what became of each, then publish.")
    if not revision.competences.rateable().exists():
        raise Refused("There is nothing to rate in this revision. Add at least one competence.")


@transaction.atomic
def retire(*, by: User, revision: FrameworkRevision) -> FrameworkRevision:
    """Take a published revision out of use: nothing new begins on it, everything rated on it stays readable."""
    revision = _locked(by, revision)
    if not revision.is_published:
        raise Refused("Only a published revision is retired.")
    revision.status, revision.retired_at = FrameworkRevision.Status.RETIRED, timezone.now()
    revision.save(update_fields=["status", "retired_at"])
    standings.refresh_framework(revision.framework_id)
    audit.record(AuditEvent.Type.REVISION_RETIRED, by=by, revision=revision)
    return revision


@transaction.atomic
def discard(*, by: User, revision: FrameworkRevision) -> None:
    """Throw a draft away. Its number is free again, and the history keeps that it was."""
    revision = _locked(by, revision)
    if not revision.is_draft:
        raise Refused("Only a draft is discarded. A published revision can be retired.")
    _empty(revision)
    revision.status = FrameworkRevision.Status.DISCARDED
    revision.save(update_fields=["status"])
    audit.record(AuditEvent.Type.REVISION_DISCARDED, by=by, revision=revision)
