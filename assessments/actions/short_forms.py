"""Short forms: named choices of activities that an assessment may start from."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from assessments import permissions, queries
from assessments.actions import audit
from assessments.exceptions import Conflict, Refused
from assessments.models import Activity, AuditEvent, FrameworkRevision, Role, ShortForm, User


@transaction.atomic
def save(
    *,
    by: User,
    revision: FrameworkRevision,
    name: str,
    purpose: str,
    activities: Iterable[Activity],
    short_form: ShortForm | None = None,
    seen: str = "",
) -> ShortForm:
    """Make a short form, or change one that no assessment started from yet.

    `seen` is the fingerprint of what the editor was shown. Raises Refused with what is wrong, and Conflict with the
    stored content when that is no longer the one shown.
    """
    permissions.check_has_role(by, Role.ADMIN)
    chosen = _checked(revision, activities)
    if not name:
        raise Refused("Give the short form a name.")
    namesakes = ShortForm.objects.filter(revision=revision, name=name, is_retired=False)
    if any(other != short_form for other in namesakes):
        raise Refused(f"This revision has a short form called {name}. Choose another name, or retire that one.")
    stored = _opened(short_form) if short_form else ShortForm(revision=revision)
    before = queries.short_form_content(stored) if short_form else None
    after = {"name": name, "purpose": purpose, "activities": [activity.code for activity in chosen]}
    if before == after:
        return stored
    if before and queries.short_form_fingerprint(before) != seen:
        raise Conflict(before)
    stored.name, stored.purpose = name, purpose
    stored.save()
    stored.activities.set(chosen)
    audit.record(AuditEvent.Type.SHORT_FORM_SAVED, by=by, revision=revision, before=before, after=after)
    return stored


def _checked(revision: FrameworkRevision, activities: Iterable[Activity]) -> Sequence[Activity]:
    if not revision.is_published:
        raise Refused("A short form is made for a published revision.")
    chosen = sorted(activities, key=lambda activity: activity.position)
    if not chosen:
        raise Refused("Tick at least one activity.")
    if any(activity.revision_id != revision.pk for activity in chosen):
        raise Refused("A short form chooses activities of one revision. Choose them again.")
    return chosen


def _opened(short_form: ShortForm) -> ShortForm:
    """The row as it stands now, held until the transaction ends, if it may be changed at all."""
    stored = ShortForm.objects.select_for_update().get(pk=short_form.pk)
    if stored.is_retired or queries.is_form_used(stored):
        raise Refused("This short form was used or retired by now and never changes. Copy it to make another one.")
    return stored


@transaction.atomic
def retire(*, by: User, short_form: ShortForm) -> ShortForm:
    """Offer a short form no longer; what was started from it keeps its name. Retiring it again changes nothing."""
    permissions.check_has_role(by, Role.ADMIN)
    short_form = ShortForm.objects.select_for_update(of=("self",)).select_related("revision").get(pk=short_form.pk)
    if not short_form.is_retired:
        short_form.is_retired = True
        short_form.save(update_fields=["is_retired"])
        audit.record(AuditEvent.Type.SHORT_FORM_RETIRED, by=by, revision=short_form.revision, name=short_form.name)
    return short_form
