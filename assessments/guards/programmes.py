"""Programmes: what a therapist was measured by stays to be read."""

from assessments.guards.guard import Guard, differs

_PROGRAMME = "assessments_programme"

GUARDS: list[Guard] = [
    Guard(
        "programme_is_frozen_once_retired",
        _PROGRAMME,
        "UPDATE",
        "OLD.retired_at IS NOT NULL",
        "A retired programme never changes. Define another one.",
    ),
    Guard(
        "programme_keeps_its_organisation",
        _PROGRAMME,
        "UPDATE",
        f"OLD.retired_at IS NULL AND {differs('organisation_id')}",
        "A programme stays with its organisation.",
    ),
    Guard(
        "programme_is_never_deleted",
        _PROGRAMME,
        "DELETE",
        "TRUE",
        "A programme is retired, not deleted.",
    ),
]
