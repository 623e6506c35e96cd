"""Guards of reopening: a new version follows a signed one about the same person, on the same framework and scale."""

from assessments.guards.guard import Guard, differs

UNLIKE = (
    "(NEW.predecessor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_assessment p"
    " WHERE p.id = NEW.predecessor_id AND p.status = 'signed_off' AND p.role = NEW.role"
    " AND p.therapist_id = NEW.therapist_id AND p.organisation_id = NEW.organisation_id"
    " AND p.revision_id = NEW.revision_id AND p.scale_id = NEW.scale_id))"
)

TABLE = "assessments_assessment"

GUARDS: list[Guard] = [
    # Neither row changes any of this later: the one is frozen, the other keeps its pins.
    Guard(
        "assessment_succeeds_a_signed_one",
        TABLE,
        "INSERT",
        UNLIKE,
        "A new version follows a signed assessment of the same person, organisation, revision and scale.",
    ),
    Guard(
        "assessment_keeps_its_predecessor",
        TABLE,
        "UPDATE",
        f"OLD.status NOT IN ('signed_off', 'withdrawn') AND {differs('predecessor_id')}",
        "A new version keeps what it replaces for ever.",
    ),
]
