"""Guards of occasional raters: what a link leads to, that an ended one stays ended, and that goals are not theirs."""

from assessments.guards.guard import Guard, differs

TABLE = "assessments_raterlink"


def _by_an_occasional_rater(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.id = {row} AND a.role = 'occasional')"


GUARDS: list[Guard] = [
    Guard(
        "rater_link_leads_to_an_occasional_rating",
        TABLE,
        "INSERT",
        f"NOT {_by_an_occasional_rater('NEW.assessment_id')}",
        "A link leads to an occasional rater's assessment.",
    ),
    Guard(
        "rater_link_keeps_where_it_leads",
        TABLE,
        "UPDATE",
        differs("assessment_id", "asked_by_id", "created_at"),
        "A link keeps its assessment and who asked for ever.",
    ),
    Guard(
        "rater_link_stays_ended", TABLE, "UPDATE", "OLD.ended_at IS NOT NULL", "A link that was ended never changes."
    ),
    Guard(
        "goal_is_not_agreed_by_an_occasional_rater",
        "assessments_goal",
        "INSERT",
        _by_an_occasional_rater("NEW.assessment_id"),
        "An occasional rater agrees no development goals.",
    ),
    Guard(
        "goal_is_not_closed_by_an_occasional_rater",
        "assessments_goal",
        "UPDATE",
        f"(NEW.closed_in_id IS NOT NULL AND {_by_an_occasional_rater('NEW.closed_in_id')})",
        "An occasional rater closes no development goals.",
    ),
]
