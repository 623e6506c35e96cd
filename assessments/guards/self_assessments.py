"""Guards of self-assessments: what pairs, and that what is opened stays open."""

from assessments.guards.guard import Guard, differs, each

TABLE = "assessments_assessment"
UNLIKE = (
    "(NEW.pair_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_assessment p"
    " WHERE p.id = NEW.pair_id AND p.role = 'supervisor' AND p.therapist_id = NEW.therapist_id"
    " AND p.organisation_id = NEW.organisation_id AND p.revision_id = NEW.revision_id AND p.scale_id = NEW.scale_id))"
)


def _of_oneself(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.id = {row} AND a.role = 'self')"


GUARDS: list[Guard] = [
    *each(
        "assessment_is_paired_with_its_like",
        TABLE,
        dict.fromkeys(["INSERT", "UPDATE"], UNLIKE),
        "A self-assessment is paired with a supervisor's assessment of the same person, organisation, revision and"
        " scale.",
    ),
    Guard(
        "assessment_keeps_its_pair",
        TABLE,
        "UPDATE",
        f"(OLD.pair_id IS NOT NULL AND {differs('pair_id')})",
        "A self-assessment keeps its pair for ever.",
    ),
    Guard(
        "assessment_stays_open",
        TABLE,
        "UPDATE",
        f"(OLD.opened_at IS NOT NULL AND {differs('opened_at')})",
        "What both have seen stays open.",
    ),
    Guard(
        "goal_is_agreed_with_a_supervisor",
        "assessments_goal",
        "INSERT",
        _of_oneself("NEW.assessment_id"),
        "A self-assessment holds no development goals.",
    ),
    Guard(
        "goal_is_closed_by_a_supervisor",
        "assessments_goal",
        "UPDATE",
        f"(NEW.closed_in_id IS NOT NULL AND {_of_oneself('NEW.closed_in_id')})",
        "A self-assessment closes no development goals.",
    ),
]
