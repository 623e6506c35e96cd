"""Editing a draft revision on screen: text, kind, scope and order, before it is published."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Max

from assessments import permissions
from assessments.actions import audit, lineage
from assessments.exceptions import Refused
from assessments.models import Activity, AuditEvent, Competence, Domain, FrameworkRevision, Role, User
from assessments.queries.revisions import revision_data

Node = Domain | Activity | Competence
STEPS = {"up": -1, "down": 1}


def _draft(by: User, revision: FrameworkRevision) -> FrameworkRevision:
    permissions.check_has_role(by, Role.ADMIN)
    revision = FrameworkRevision.objects.select_for_update().get(pk=revision.pk)
    if not revision.is_draft:
        raise Refused("A published revision never changes. Load the correction as a new revision.")
    return revision


def _changed(by: User, revision: FrameworkRevision, node: Node, **data: Any) -> None:
    """The hash of the whole goes with every change, so that loading the file again is seen as another content."""
    revision.content_sha256 = revision_data(revision).sha256
    revision.save(update_fields=["content_sha256"])
    audit.record(
        AuditEvent.Type.REVISION_CHANGED,
        by=by,
        revision=revision,
        node=type(node).__name__.lower(),
        code=node.code,
        **data,
    )


@transaction.atomic
def change(*, by: User, node: Node, seen: dict[str, Any], fields: dict[str, Any]) -> Node:
    """Change fields of a domain, an activity or a competence.

    `seen` is what the editor saw. Raises Refused when somebody changed it meanwhile, or when the code is taken.
    """
    revision = _draft(by, node.revision)
    node = type(node)._default_manager.select_for_update().get(pk=node.pk)
    before = {name: getattr(node, name) for name in fields}
    if before != seen:
        changed = [name.replace("_", " ") for name in fields if before[name] != seen.get(name)]
        raise Refused(
            f"Somebody changed {', '.join(changed)} of {node.code} meanwhile. Open it again to see what stands."
        )
    if before == fields:
        return node
    _check_code_is_free(node, fields["code"])
    for name, value in fields.items():
        setattr(node, name, value)
    node.save(update_fields=list(fields))
    if isinstance(node, Competence):
        if before.get("text") != fields.get("text"):
            lineage.revise_links(node)
        node.points.filter(is_rateable=False).update(kind=node.kind)
    told = {name: [before[name], fields[name]] for name in fields if before[name] != fields[name]}
    _changed(by, revision, node, changed=told)
    return node


def _check_code_is_free(node: Node, code: str) -> None:
    others = type(node)._default_manager.filter(revision=node.revision_id, code__iexact=code).exclude(pk=node.pk)
    if others.exists():
        raise Refused(f"The code {code} is taken in this revision. Choose another one.")


@transaction.atomic
def move(*, by: User, node: Node, direction: str) -> None:
    """Move a node one place up or down among its siblings; at the end of the row nothing happens."""
    revision = _draft(by, node.revision)
    if direction not in STEPS:
        raise Refused("It moves one place up or down. Choose one of the two.")
    siblings = list(_siblings(node))
    place = next(index for index, row in enumerate(siblings) if row.pk == node.pk)
    other = place + STEPS[direction]
    if not 0 <= other < len(siblings):
        return
    siblings[place], siblings[other] = siblings[other], siblings[place]
    _renumber(revision, [row.pk for row in siblings], type(node))
    _changed(by, revision, node, moved=direction)


def _siblings(node: Node) -> Iterable[Any]:
    if isinstance(node, Domain):
        return Domain.objects.filter(revision=node.revision_id)
    if isinstance(node, Activity):
        return Activity.objects.filter(domain=node.domain_id, parent=node.parent_id)
    return Competence.objects.filter(activity=node.activity_id, parent=node.parent_id)


@transaction.atomic
def put_into(*, by: User, competence: Competence, activity: Activity) -> None:
    """Move a competence with its sub-points to the end of another activity of the same revision."""
    revision = _draft(by, competence.revision)
    if activity.revision_id != revision.pk:
        raise Refused("A competence stays in its revision. Choose an activity of this one.")
    if competence.parent_id:
        raise Refused("A sub-point stays with its competence. Move the competence instead.")
    last = revision.competences.aggregate(last=Max("position"))["last"]
    rows = [competence, *competence.points.order_by("position")]
    # The parent moves first: a sub-point is only where its parent is.
    for place, row in enumerate(rows, start=1):
        row.activity, row.position = activity, last + place
        row.save(update_fields=["activity", "position"])
    _renumber(revision, [], Competence)
    _changed(by, revision, competence, activity=activity.code)


def _renumber(revision: FrameworkRevision, siblings: list[int], model: type[Node]) -> None:
    """Positions 0, 1, 2 … through the whole revision, with the given siblings in the given order."""
    rows = list(model._default_manager.filter(revision=revision).order_by(*_ORDER[model]))
    rank = {pk: place for place, pk in enumerate(siblings)}
    ordered = list(_walk(rows, rank))
    for place, row in enumerate(ordered):
        row.position = place
    model._default_manager.bulk_update(ordered, ["position"], batch_size=500)
    if model is Domain:
        _renumber(revision, [], Activity)
    elif model is Activity:
        _renumber(revision, [], Competence)


_ORDER: dict[type[Node], list[str]] = {
    Domain: ["position"],
    Activity: ["domain__position", "position"],
    Competence: ["activity__position", "position"],
}


def _walk(rows: list[Any], rank: dict[int, int]) -> Iterable[Any]:
    """Each row followed by what is inside it; ranked siblings in the order of their rank."""
    inside: dict[tuple[Any, Any], list[Any]] = {}
    for row in rows:
        inside.setdefault((_home(row), getattr(row, "parent_id", None)), []).append(row)

    def below(home: Any, parent: int | None) -> Iterable[Any]:
        here = inside.get((home, parent), [])
        ranked = iter(sorted((row for row in here if row.pk in rank), key=lambda row: rank[row.pk]))
        for row in here:
            shown = next(ranked) if row.pk in rank else row
            yield shown
            yield from below(home, shown.pk)

    for home, _ in groupby(rows, key=_home):
        yield from below(home, None)


def _home(row: Any) -> Any:
    return getattr(row, "activity_id", None) or getattr(row, "domain_id", None)
