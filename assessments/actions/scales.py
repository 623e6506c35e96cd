"""Scales as an administrator makes them: open to changes until something rests on them, then in new versions."""

from dataclasses import asdict, replace

from django.db import transaction

from assessments import permissions, queries
from assessments.actions import audit
from assessments.exceptions import Conflict, Refused
from assessments.models import AuditEvent, RatingLevel, RatingScale, Role, User
from assessments.queries.revisions import LEVEL, SCALE, revision_data, scale_data
from assessments.revisions import ScaleData
from assessments.revisions.scales import faults, fingerprint


@transaction.atomic
def save_scale(*, by: User, data: ScaleData, scale: RatingScale | None = None, seen: str = "") -> RatingScale:
    """Make a scale, or change one that nothing rests on yet.

    `seen` is the fingerprint of what the editor was shown. Raises Refused with what is wrong, and Conflict with the
    stored content when that is no longer the one shown.
    """
    permissions.check_has_role(by, Role.ADMIN)
    if found := faults(data):
        raise Refused(found[0].sentence)
    if scale is None:
        return _make(by, data)
    scale = RatingScale.objects.select_for_update().get(pk=scale.pk)
    if queries.is_scale_used(scale):
        raise Refused("This scale is in use by now and never changes. Make a new version of it.")
    stored = scale_data(scale)
    data = replace(data, key=stored.key, version=stored.version)
    if data == stored:
        return scale
    if fingerprint(stored) != seen:
        raise Conflict(stored)
    _change(scale, data)
    _record(by, data, before=stored)
    return scale


def _make(by: User, data: ScaleData) -> RatingScale:
    if RatingScale.objects.filter(key=data.key).exists():
        raise Refused(f"The key {data.key} is taken. Choose another key, or make a new version of that scale.")
    scale = store(replace(data, version=1))
    _record(by, scale_data(scale), before=None)
    return scale


def store(data: ScaleData) -> RatingScale:
    """Write a scale with its levels. The caller holds the transaction."""
    scale = RatingScale.objects.create(**_columns(data))
    _store_levels(scale, data)
    return scale


def _columns(data: ScaleData) -> dict[str, object]:
    values = [level.value for level in data.levels]
    return {"threshold": values.index(data.threshold) + 1, **{name: getattr(data, name) for name in SCALE}}


def _store_levels(scale: RatingScale, data: ScaleData) -> None:
    RatingLevel.objects.bulk_create(
        RatingLevel(scale=scale, position=position, **{name: getattr(level, name) for name in LEVEL})
        for position, level in enumerate(data.levels, start=1)
    )


def _change(scale: RatingScale, data: ScaleData) -> None:
    columns = _columns(data)
    for name, value in columns.items():
        setattr(scale, name, value)
    scale.save(update_fields=list(columns))
    scale.levels.all().delete()
    _store_levels(scale, data)
    # A draft's hash tells its scale, too; by it a file that is loaded again is known to say something else.
    for revision in scale.revisions.drafts():
        revision.content_sha256 = revision_data(revision).sha256
        revision.save(update_fields=["content_sha256"])


def _record(by: User, data: ScaleData, *, before: ScaleData | None) -> None:
    audit.record(
        AuditEvent.Type.SCALE_SAVED,
        by=by,
        key=data.key,
        version=data.version,
        before=asdict(before) if before else None,
        after=asdict(data),
    )


@transaction.atomic
def new_version(*, by: User, scale: RatingScale) -> RatingScale:
    """Copy a scale as its next version, to be changed. Raises Refused while there is one that nothing uses yet."""
    permissions.check_has_role(by, Role.ADMIN)
    newest = RatingScale.objects.select_for_update().filter(key=scale.key).latest("version")
    if not queries.is_scale_used(newest):
        raise Refused(f"Version {newest.version} of this scale is not in use yet. Change that one.")
    copied = store(replace(scale_data(scale), version=newest.version + 1))
    _record(by, scale_data(copied), before=None)
    return copied
