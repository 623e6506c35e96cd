"""Guards of second ratings: what they are second of, that what is opened stays, and that they agree no goals."""

from assessments.guards.guard import Guard, differs, each

TABLE = "assessments_assessment"
UNLIKE = (
    "(NEW.second_of_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_assessment f"
    " WHERE f.id = NEW.second_of_id AND f.role = 'supervisor' AND f.therapist_id = NEW.therapist_id"
    " AND f.organisation_id = NEW.organisation_id AND f.revision_id = NEW.revision_id AND f.scale_id = NEW.scale_id"
    " AND f.supervisor_id <> NEW.supervisor_id))"
)
SAME_RATER = (
    "EXISTS (SELECT 1 FROM assessments_assessment s WHERE s.second_of_id = NEW.id"
    " AND s.supervisor_id = NEW.supervisor_id AND s.status <> 'withdrawn')"
)
TOO_EARLY = (
    "(NEW.role = 'second' AND NEW.opened_at IS NOT NULL AND OLD.opened_at IS NULL AND NOT EXISTS ("
    "SELECT 1 FROM assessments_assessment f WHERE f.id = NEW.second_of_id AND f.shared_at IS NOT NULL))"
)


def _second(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.id = {row} AND a.role = 'second')"


GUARDS: list[Guard] = [
    *each(
        "assessment_is_second_of_its_like",
        TABLE,
        dict.fromkeys(["INSERT", "UPDATE"], UNLIKE),
        "A second rating is of a supervisor's assessment of the same person, organisation, revision and scale, by"
        " somebody else.",
    ),
    Guard(
        "assessment_keeps_what_it_is_second_of",
        TABLE,
        "UPDATE",
        differs("second_of_id"),
        "A second rating stays beside the same assessment for ever.",
    ),
    Guard(
        "assessment_has_two_raters",
        TABLE,
        "UPDATE",
        SAME_RATER,
        "Whoever rates a session a second time is not its first rater.",
    ),
    Guard(
        "assessment_second_opens_with_the_first",
        TABLE,
        "UPDATE",
        TOO_EARLY,
        "A second rating opens once the first is shared as well.",
    ),
    Guard(
        "assessment_second_stands_once_open",
        TABLE,
        "UPDATE",
        f"(OLD.role = 'second' AND OLD.opened_at IS NOT NULL AND {differs('status')})",
        "A second rating that others have read stays shared.",
    ),
    Guard(
        "goal_is_agreed_with_the_first_rater",
        "assessments_goal",
        "INSERT",
        _second("NEW.assessment_id"),
        "A second rating holds no development goals.",
    ),
    Guard(
        "goal_is_closed_by_the_first_rater",
        "assessments_goal",
        "UPDATE",
        f"(NEW.closed_in_id IS NOT NULL AND {_second('NEW.closed_in_id')})",
        "A second rating closes no development goals.",
    ),
]
