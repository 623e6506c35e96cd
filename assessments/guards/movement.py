"""Guards of what an assessment looks back at: a signed one of its like, pinned for good once it is shared."""

from assessments.guards.guard import Guard, differs, each

TABLE = "assessments_assessment"
UNLIKE = (
    "(NEW.previous_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_assessment p"
    " JOIN assessments_frameworkrevision r ON r.id = p.revision_id"
    " JOIN assessments_frameworkrevision n ON n.id = NEW.revision_id"
    " WHERE p.id = NEW.previous_id AND p.status = 'signed_off' AND p.role = 'supervisor'"
    " AND p.therapist_id = NEW.therapist_id AND p.organisation_id = NEW.organisation_id"
    " AND p.scale_id = NEW.scale_id AND r.framework_id = n.framework_id AND p.session_on <= NEW.session_on))"
)

GUARDS: list[Guard] = [
    *each(
        "assessment_follows_a_signed_one_of_its_like",
        TABLE,
        dict.fromkeys(["INSERT", "UPDATE"], UNLIKE),
        "Movement is told from a signed assessment of the same person, framework and scale, not of a later session.",
    ),
    Guard(
        "assessment_keeps_its_previous",
        TABLE,
        "UPDATE",
        f"(OLD.previous_id IS NOT NULL AND NEW.status <> 'draft' AND {differs('previous_id')})",
        "What movement is told from stays as it was when the assessment was shared.",
    ),
]
