"""Programmes: what an organisation's trainings and reviews ask for."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments import permissions, queries
from assessments.actions import audit
from assessments.exceptions import Conflict, Refused
from assessments.models import AuditEvent, Organisation, Programme, User
from assessments.models.framework import ProblemArea
from assessments.models.programme import CONDITIONS, NUMBERS, name_key


@transaction.atomic
def save(
    *,
    by: User,
    organisation: Organisation,
    name: str,
    asks: Mapping[str, Any],
    programme: Programme | None = None,
    seen: str = "",
) -> Programme:
    """Define a programme, or change one that is offered.

    `asks` holds the numbers and conditions by column; what is left out is not asked for. `seen` is the fingerprint of
    what the editor was shown. Raises Refused with what is wrong, and Conflict with the stored content when that is no
    longer the one shown.
    """
    permissions.check_administers(by, organisation)
    # Whoever saves a name waits for whoever saves another one.
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    after = _checked(name, asks)
    stored = _opened(programme) if programme else Programme(organisation=organisation)
    _check_name(organisation, stored, after["name"], is_new=programme is None)
    before = queries.programme_content(stored) if programme else None
    if before == after:
        return stored
    if before and queries.programme_fingerprint(before) != seen:
        raise Conflict(before)
    for column, value in after.items():
        setattr(stored, column, value)
    stored.save()
    audit.record(
        AuditEvent.Type.PROGRAMME_SAVED,
        by=by,
        organisation=organisation,
        programme=str(stored.pk),
        before=before,
        after=after,
    )
    return stored


def _checked(name: str, asks: Mapping[str, Any]) -> dict[str, Any]:
    """The whole content of a programme, in the order of its columns."""
    numbers = {column: asks.get(column) for column in NUMBERS}
    conditions = {column: bool(asks.get(column)) for column in CONDITIONS}
    content = {"name": " ".join(name.split()), **numbers, **conditions}
    if not content["name"]:
        raise Refused("Give the programme a name.")
    if not any(conditions.values()) and all(number is None for number in numbers.values()):
        raise Refused("Ask for at least one thing.")
    if any(number is not None and number < 1 for number in numbers.values()):
        raise Refused("A number that is asked for is at least 1. Leave it empty to ask for none.")
    if numbers["recordings_per_case"] and not numbers["cases"]:
        raise Refused("Say in how many cases the recordings are asked for.")
    if (numbers["problem_areas"] or 0) > len(ProblemArea):
        raise Refused(f"There are {len(ProblemArea)} problem areas. Ask for no more.")
    return content


def _opened(programme: Programme) -> Programme:
    """The row as it stands now, held until the transaction ends, if it may be changed at all."""
    stored = Programme.objects.select_for_update().get(pk=programme.pk)
    if stored.is_retired:
        raise Refused("This programme was retired by now and never changes. Define another one.")
    return stored


def _check_name(organisation: Organisation, stored: Programme, name: str, *, is_new: bool) -> None:
    offered = Programme.objects.offered().filter(organisation=organisation).exclude(pk=stored.pk)
    if any(other.key == name_key(name) for other in offered):
        raise Refused(f"{organisation} has a programme called {name}. Choose another name, or retire that one.")
    if not is_new and stored.key != name_key(name) and queries.is_programme_named(stored):
        raise Refused(
            f"Therapists are in this programme by its name, {stored.name}. Keep the name, or define another programme."
        )


@transaction.atomic
def retire(*, by: User, programme: Programme) -> Programme:
    """Offer a programme no longer; who is in it keeps its requirements. Retiring it again changes nothing."""
    permissions.check_administers(by, programme.organisation)
    stored = Programme.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=programme.pk)
    if not stored.is_retired:
        stored.retired_at = timezone.now()
        stored.save(update_fields=["retired_at"])
        audit.record(
            AuditEvent.Type.PROGRAMME_RETIRED,
            by=by,
            organisation=stored.organisation,
            programme=str(stored.pk),
            name=stored.name,
        )
    return stored
