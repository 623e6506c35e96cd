"""One domain or one activity of a revision, as a revision: the same words about it, and of the tree only that part."""

from collections.abc import Iterator
from dataclasses import replace

from assessments.revisions.data import ActivityData, LineageData, RevisionData


def domain_part(data: RevisionData, code: str) -> RevisionData:
    return _part(replace(data, domains=[domain for domain in data.domains if domain.code == code]))


def activity_part(data: RevisionData, code: str) -> RevisionData:
    """The activity with everything inside it; what it lies in keeps nothing but the way to it."""
    domains = [replace(domain, activities=list(_way_to(domain.activities, code))) for domain in data.domains]
    return _part(replace(data, domains=[domain for domain in domains if domain.activities]))


def _way_to(activities: list[ActivityData], code: str) -> Iterator[ActivityData]:
    for activity in activities:
        inside = list(_way_to(activity.activities, code))
        if activity.code == code:
            yield activity
        elif inside:
            yield replace(activity, competences=[], activities=inside)


def _part(data: RevisionData) -> RevisionData:
    known = {competence.key for competence in data.all_competences()}
    known |= {point.key for competence in data.all_competences() for point in competence.points}
    return replace(data, lineage=[entry for entry in data.lineage if _is_about(entry, known)])


def _is_about(entry: LineageData, known: set[str]) -> bool:
    """Whether all that it leads to is here. Of what was removed nobody can say that it belonged here."""
    return bool(entry.newer) and known.issuperset(entry.newer)
