"""Bundles of reports: files come in while the work runs, none is exchanged, and the row stays when they are gone."""

from assessments.guards.guard import Guard, differs

_BUNDLE, _FILE = "assessments_reportbundle", "assessments_bundlefile"


def _unless_running(row: str) -> str:
    return f"NOT EXISTS (SELECT 1 FROM {_BUNDLE} b WHERE b.id = {row}.bundle_id AND b.status = 'running')"


def _unless_ended(row: str) -> str:
    return f"NOT EXISTS (SELECT 1 FROM {_BUNDLE} b WHERE b.id = {row}.bundle_id AND b.ended_at IS NOT NULL)"


GUARDS: list[Guard] = [
    Guard(
        "bundle_keeps_what_was_asked",
        _BUNDLE,
        "UPDATE",
        differs(
            "organisation_id",
            "programme",
            "revision_id",
            "asked_by_id",
            "asked_at",
            "stands_on",
            "has_assessments",
            "has_profiles",
        ),
        "What was asked for never changes. Ask for another one.",
    ),
    Guard(
        "bundle_stays_ended",
        _BUNDLE,
        "UPDATE",
        f"(OLD.status IN ('done', 'cancelled')"
        f" AND {differs('status', 'total', 'finished', 'ended_at', 'expires_at', 'size', 'sha256')})",
        "What is ready or cancelled stays so.",
    ),
    Guard(
        "bundle_stays_empty",
        _BUNDLE,
        "UPDATE",
        f"(OLD.emptied_at IS NOT NULL AND {differs('status', 'emptied_at')})",
        "The files are gone. Ask for them again.",
    ),
    Guard("bundle_is_never_deleted", _BUNDLE, "DELETE", "TRUE", "What was asked for is part of the history."),
    Guard(
        "bundle_file_is_planned_while_running",
        _FILE,
        "INSERT",
        _unless_running("NEW"),
        "Files come in only while the work runs.",
    ),
    Guard(
        "bundle_file_stays_what_it_is",
        _FILE,
        "UPDATE",
        f"({differs('bundle_id', 'therapist_id', 'assessment_id', 'name', 'stands_on')}"
        f" OR (OLD.sha256 <> '' AND {differs('sha256')})"
        f" OR (OLD.sha256 <> '' AND NEW.content IS NOT NULL AND {differs('content')}))",
        "A file of a bundle is made once and never exchanged.",
    ),
    Guard(
        "bundle_file_is_made_while_running",
        _FILE,
        "UPDATE",
        f"(OLD.sha256 = '' AND NEW.sha256 <> '' AND {_unless_running('NEW')})",
        "Files come in only while the work runs.",
    ),
    Guard(
        "bundle_file_is_kept_until_the_end",
        _FILE,
        "UPDATE",
        f"(OLD.content IS NOT NULL AND NEW.content IS NULL AND {_unless_ended('NEW')})",
        "Files are removed only once the work has ended.",
    ),
    Guard("bundle_file_is_never_deleted", _FILE, "DELETE", "TRUE", "What a bundle held is part of the history."),
]
