"""What became of each competence between any two revisions of a framework, and how they differ."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from django.contrib.auth.models import AnonymousUser
from django.db.models import prefetch_related_objects

from assessments.models import CompetenceLink, FrameworkRevision, User
from assessments.queries.revisions import domains_data
from assessments.revisions import RevisionData, ScaleData, lineage
from assessments.revisions.composition import composed, turned
from assessments.revisions.difference import Difference, compare
from assessments.revisions.lineage import Link

# Comparing reads the trees alone.
NO_SCALE = ScaleData("", 0, "", "", "", [])


@dataclass(frozen=True)
class Comparison:
    """`is_confirmed` where people confirmed every step between the two; otherwise the links are only proposed."""

    older: FrameworkRevision
    newer: FrameworkRevision
    difference: Difference
    is_confirmed: bool


def readable_revisions(user: User | AnonymousUser, slug: str) -> list[FrameworkRevision]:
    """The revisions of a framework that this person may read, newest first. Raises DoesNotExist if there are none."""
    visible = FrameworkRevision.objects.visible_to(user).select_related("framework").newest_first()
    found = list(visible.filter(framework__slug=slug))
    if not found:
        raise FrameworkRevision.DoesNotExist
    return found


def revision_pair(
    user: User | AnonymousUser, slug: str, older: str, newer: str
) -> tuple[FrameworkRevision, FrameworkRevision]:
    """Two revisions by their numbers. Raises DoesNotExist where this person may not read both."""
    readable = {revision.number: revision for revision in readable_revisions(user, slug)}
    if not {older, newer} <= readable.keys():
        raise FrameworkRevision.DoesNotExist
    return readable[older], readable[newer]


def has_other_revisions(user: User | AnonymousUser, revision: FrameworkRevision) -> bool:
    """Whether there is anything to compare it with for this person."""
    visible = FrameworkRevision.objects.visible_to(user).filter(framework=revision.framework_id)
    return visible.exclude(pk=revision.pk).exists()


def comparison(older: FrameworkRevision, newer: FrameworkRevision) -> Comparison:
    """How the second revision differs from the first, whichever was published first."""
    before, after = _trees(older, newer)
    stored = _stored(older, newer)
    links = stored.links if stored else lineage.propose(before, after)
    return Comparison(older, newer, compare(before, after, links), is_confirmed=bool(stored and stored.is_confirmed))


def links_between(older: FrameworkRevision, newer: FrameworkRevision) -> list[Link]:
    """Stored links along the chain of `previous`, in either direction; else what identity and words propose."""
    stored = _stored(older, newer)
    return stored.links if stored else lineage.propose(*_trees(older, newer))


def _trees(*revisions: FrameworkRevision) -> list[RevisionData]:
    prefetch_related_objects(revisions, "domains", "activities", "competences")
    return [
        RevisionData(
            framework=revision.framework.slug,
            framework_title=revision.framework.title,
            number=revision.number,
            title=revision.title,
            scale=NO_SCALE,
            domains=domains_data(revision),
        )
        for revision in revisions
    ]


@dataclass(frozen=True)
class _Stored:
    links: list[Link]
    is_confirmed: bool


def _stored(older: FrameworkRevision, newer: FrameworkRevision) -> _Stored | None:
    """None where no chain joins the two. Every step of a chain has links: loading proposes them."""
    followed = dict(FrameworkRevision.objects.filter(framework=older.framework_id).values_list("pk", "previous_id"))
    onward, back = _steps(followed, older.pk, newer.pk), _steps(followed, newer.pk, older.pk)
    steps = onward or back
    if not steps:
        return None
    links, is_confirmed = _links_of(steps)
    whole = reduce(composed, (links[step] for step in steps))
    return _Stored(whole if onward else turned(whole), is_confirmed)


def _steps(followed: Mapping[int, int | None], older: int, newer: int) -> list[int]:
    """The revisions after the older one up to the newer one, oldest first; none where the newer does not lead back."""
    steps: list[int] = []
    place: int | None = newer
    while place is not None and place != older and place not in steps:
        steps.insert(0, place)
        place = followed.get(place)
    return steps if place == older else []


def _links_of(steps: list[int]) -> tuple[dict[int, list[Link]], bool]:
    rows = CompetenceLink.objects.filter(revision__in=steps).order_by("id")
    fields = ("revision_id", "confirmed_at", "kind", "older__key", "newer__key", "basis", "likeness", "note")
    links: dict[int, list[Link]] = defaultdict(list)
    is_confirmed = True
    for step, confirmed_at, kind, older, newer, *rest in rows.values_list(*fields):
        links[step].append(Link(kind, older or "", newer or "", *rest))
        is_confirmed = is_confirmed and confirmed_at is not None
    return links, is_confirmed
