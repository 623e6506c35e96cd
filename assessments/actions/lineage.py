"""Links between the competences of two revisions, and the carry-over of ratings along them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils import timezone

from assessments import permissions
from assessments.actions import audit, standings
from assessments.exceptions import Refused
from assessments.models import (
    AuditEvent,
    Basis,
    CarryOver,
    Competence,
    CompetenceLink,
    FrameworkRevision,
    LinkKind,
    Rating,
    Role,
    User,
)
from assessments.queries.revisions import revision_data
from assessments.revisions import RevisionData, lineage
from assessments.revisions.likeness import normalised, per_cent

IDENTITY = [LinkKind.UNCHANGED, LinkKind.EDITORIAL, LinkKind.REWORDED]
ENDS = {
    LinkKind.UNCHANGED: (1, 1),
    LinkKind.EDITORIAL: (1, 1),
    LinkKind.REWORDED: (1, 1),
    LinkKind.MERGED: (1, 1),
    LinkKind.SPLIT: (2, 20),
    LinkKind.COVERED: (1, 20),
    LinkKind.REMOVED: (0, 0),
}


def store_proposals(revision: FrameworkRevision, data: RevisionData) -> None:
    """Propose a link for every competence of a draft and of the revision it follows.

    The caller holds the transaction.
    """
    if revision.previous is None:
        return
    older = _by_key(revision.previous)
    newer = _by_key(revision)
    CompetenceLink.objects.bulk_create(
        CompetenceLink(
            revision=revision,
            older=older.get(link.older),
            newer=newer.get(link.newer),
            kind=link.kind,
            basis=link.basis,
            likeness=link.likeness,
            note=link.note,
        )
        for link in lineage.propose(revision_data(revision.previous), data)
    )


def _by_key(revision: FrameworkRevision) -> dict[str, Competence]:
    return {row.key: row for row in revision.competences.rateable()}


def _draft(by: User | None, revision: FrameworkRevision) -> FrameworkRevision:
    """The revision, locked, if it may still be mapped."""
    if by is not None:
        permissions.check_has_role(by, Role.ADMIN)
    revision = FrameworkRevision.objects.select_for_update().get(pk=revision.pk)
    if not revision.is_draft:
        raise Refused("The mapping of a published revision never changes. Correct it in the next revision.")
    return revision


@transaction.atomic
def confirm(*, by: User | None, revision: FrameworkRevision, links: Iterable[int]) -> int:
    """Confirm the proposals that a person has looked at; how many there were. `by` is None at the command line."""
    revision = _draft(by, revision)
    chosen = revision.links.open().filter(pk__in=list(links))
    return _confirm(by, revision, [row.pk for row in chosen])


@transaction.atomic
def confirm_certain(*, by: User | None, revision: FrameworkRevision) -> int:
    """Confirm in one go what needs no judgement: the same words, and what the file itself states."""
    revision = _draft(by, revision)
    certain = revision.links.open().certain()
    return _confirm(by, revision, [row.pk for row in certain])


def _confirm(by: User | None, revision: FrameworkRevision, links: list[int]) -> int:
    if links:
        chosen = CompetenceLink.objects.filter(pk__in=links)
        kinds = Counter(chosen.values_list("kind", flat=True))
        chosen.update(confirmed_by=by, confirmed_at=timezone.now())
        audit.record(AuditEvent.Type.LINKS_SAVED, by=by, revision=revision, confirmed=dict(kinds))
    return len(links)


@transaction.atomic
def decide(
    *, by: User, revision: FrameworkRevision, older: Competence, kind: str, newer: list[Competence], note: str = ""
) -> None:
    """Say what became of a competence of the previous revision. This replaces what was proposed or decided before.

    New competences that lose their only origin are proposed as new. Raises Refused where kind and ends do not fit.
    """
    revision = _draft(by, revision)
    _check_ends(revision, older, kind, newer)
    orphans = set(revision.links.filter(older=older).exclude(newer=None).values_list("newer", flat=True))
    revision.links.filter(older=older).delete()
    if kind != LinkKind.COVERED:  # what covers an older competence has an origin of its own besides
        revision.links.filter(newer__in=newer, kind=LinkKind.ADDED).delete()
    now = timezone.now()
    ends: list[Competence | None] = [*newer] or [None]
    CompetenceLink.objects.bulk_create(
        CompetenceLink(
            revision=revision,
            older=older,
            newer=row,
            kind=kind,
            basis=Basis.PERSON,
            note=note,
            confirmed_by=by,
            confirmed_at=now,
        )
        for row in ends
    )
    touched = orphans | {row.pk for row in newer}
    _propose_as_new(revision, touched)
    _reword_lone_mergers(revision, touched)
    codes = [row.code for row in newer]
    audit.record(
        AuditEvent.Type.LINKS_SAVED, by=by, revision=revision, older=older.code, kind=kind, newer=codes, note=note
    )


@dataclass(frozen=True)
class Choice:
    """What a person chose for one competence of the previous revision."""

    older: Competence
    kind: str
    newer: list[Competence]
    note: str = ""


@transaction.atomic
def settle(*, by: User, revision: FrameworkRevision, links: Iterable[int], choices: Iterable[Choice]) -> None:
    """Confirm what stands and decide what was changed, all or nothing. A refusal names the competence."""
    confirm(by=by, revision=revision, links=links)
    for choice in choices:
        try:
            decide(by=by, revision=revision, **vars(choice))
        except Refused as refusal:
            raise Refused(f"{choice.older.code}: {refusal}") from refusal


def _check_ends(revision: FrameworkRevision, older: Competence, kind: str, newer: list[Competence]) -> None:
    if kind not in ENDS:
        raise Refused(f"{older.code} stands in the earlier revision, so it is not new. Choose what became of it.")
    least, most = ENDS[LinkKind(kind)]
    if not least <= len(newer) <= most:
        wanted = "no new competence" if most == 0 else f"exactly {least}" if least == most else f"{least} or more"
        raise Refused(f"“{LinkKind(kind).label}” leads to {wanted}; {len(newer)} are chosen.")
    if kind == LinkKind.UNCHANGED and normalised(older.text) != normalised(newer[0].text):
        raise Refused(f"The words of {older.code} and {newer[0].code} differ. Choose “{LinkKind.EDITORIAL.label}”.")
    if kind in IDENTITY:
        taken = revision.links.filter(newer=newer[0], kind__in=IDENTITY).exclude(older=older).select_related("older")
        if other := taken.first():
            code = other.older.code if other.older else ""
            raise Refused(f"{newer[0].code} follows {code} already. Choose “{LinkKind.MERGED.label}” for both.")


def _propose_as_new(revision: FrameworkRevision, orphans: set[int]) -> None:
    """Those that come from nowhere else; covering an older competence is no origin."""
    origins = revision.links.exclude(kind=LinkKind.COVERED).filter(newer__in=orphans)
    linked = set(origins.values_list("newer", flat=True))
    CompetenceLink.objects.bulk_create(
        CompetenceLink(revision=revision, newer_id=pk, kind=LinkKind.ADDED, basis=Basis.REST)
        for pk in sorted(orphans - linked)
    )


def _reword_lone_mergers(revision: FrameworkRevision, newer: set[int]) -> None:
    """A merger needs somebody to merge with; alone it is a rewording."""
    links = revision.links.exclude(kind=LinkKind.COVERED).filter(newer__in=newer)
    origins = Counter(links.values_list("newer", flat=True))
    alone = [pk for pk, number in origins.items() if number == 1]
    links.filter(newer__in=alone, kind=LinkKind.MERGED).update(kind=LinkKind.REWORDED)


def check_whole(revision: FrameworkRevision) -> None:
    """Raise Refused where the mapping contradicts itself or leaves a competence out, whatever brought it there."""
    ends = revision.links.values_list("kind", "older__code", "newer__code")
    links = [lineage.Link(kind, older or "", newer or "") for kind, older, newer in ends]
    older, newer = (
        Competence.objects.rateable().filter(revision=each).values_list("code", flat=True)
        for each in [revision.previous, revision]
    )
    if found := lineage.problems(older, newer, links):
        raise Refused(f"The mapping is not whole. {found[0]}")


def settle_keys(revision: FrameworkRevision) -> None:
    """Give each competence the identity that its confirmed link says, and nobody else's.

    A key belongs to one competence of the framework for ever: what carries on keeps it, and a new competence whose file
    brought a key that was used before gets one of its own. The caller holds the transaction.
    """
    links = revision.links.filter(kind__in=IDENTITY).values_list("newer", "older__key")
    inherited: dict[int | None, str] = dict(links)
    used = set(
        Competence.objects.filter(
            revision__framework=revision.framework_id, revision__published_at__isnull=False
        ).values_list("key", flat=True)
    )
    wanted = {}
    for pk, key, is_rateable in revision.competences.values_list("pk", "key", "is_rateable"):
        is_anothers = key in inherited.values() if not is_rateable else key in used
        own = _fresh(revision, key) if is_anothers else key
        if (final := inherited.get(pk, own)) != key:
            wanted[pk] = final
    _rename(revision, wanted)


def _fresh(revision: FrameworkRevision, key: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{revision.framework.slug}/{revision.number}/competence/{key}"))


def _rename(revision: FrameworkRevision, wanted: dict[int, str]) -> None:
    """In two steps, because two competences may exchange their keys."""
    rows = list(revision.competences.filter(pk__in=wanted))
    for row in rows:
        row.key = f"~{row.pk}"
    Competence.objects.bulk_update(rows, ["key"], batch_size=500)
    for row in rows:
        row.key = wanted[row.pk]
    Competence.objects.bulk_update(rows, ["key"], batch_size=500)


@transaction.atomic
def carry_over(*, by: User, revision: FrameworkRevision) -> CarryOver:
    """Show earlier ratings in this revision along its confirmed links. Nothing is copied, and it can be undone."""
    permissions.check_has_role(by, Role.ADMIN)
    revision = FrameworkRevision.objects.select_for_update().get(pk=revision.pk)
    if not revision.is_published or revision.previous is None:
        raise Refused("Ratings carry over into a published revision that follows another one.")
    if revision.previous.scale_id != revision.scale_id:
        raise Refused(
            f"Revision {revision.number} has another scale than {revision.previous.number}. "
            "Another scale carries nothing over."
        )
    standing = revision.carry_overs.filter(undone_at__isnull=True).first()
    if standing:
        return standing
    decision = CarryOver.objects.create(revision=revision, decided_by=by)
    standings.refresh_framework(revision.framework_id)
    audit.record(AuditEvent.Type.CARRY_OVER_DECIDED, by=by, revision=revision)
    return decision


@transaction.atomic
def undo_carry_over(*, by: User, revision: FrameworkRevision) -> None:
    """Take the carry-over back, as long as nothing was rated on the revision."""
    permissions.check_has_role(by, Role.ADMIN)
    revision = FrameworkRevision.objects.select_for_update().get(pk=revision.pk)
    if Rating.objects.given().filter(assessment__revision=revision).exists():
        raise Refused("Something was rated on this revision already, so its carry-over stands.")
    undone = revision.carry_overs.filter(undone_at__isnull=True).update(undone_at=timezone.now(), undone_by=by)
    if undone:
        standings.refresh_framework(revision.framework_id)
        audit.record(AuditEvent.Type.CARRY_OVER_UNDONE, by=by, revision=revision)


def revise_links(competence: Competence) -> None:
    """After the words of a draft's competence changed: what was the same is so no longer, and is looked at again.

    The caller holds the transaction.
    """
    links = CompetenceLink.objects.filter(newer=competence, kind__in=IDENTITY).select_related("older")
    for link in links:
        is_same = link.older is not None and normalised(link.older.text) == normalised(competence.text)
        link.kind = LinkKind.UNCHANGED if is_same else LinkKind.REWORDED
        link.basis = Basis.TEXT if is_same else Basis.LIKENESS
        link.likeness = None if is_same or link.older is None else per_cent(link.older.text, competence.text)
        link.confirmed_by = link.confirmed_at = None
        link.save(update_fields=["kind", "basis", "likeness", "confirmed_by", "confirmed_at"])
