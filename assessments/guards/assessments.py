"""Guards of assessments: states, signatures, locked ratings, records that are only ever added to."""

from assessments.guards.guard import Guard, differs, each

ASSESSMENT_PINNED = [
    "organisation_id",
    "therapist_id",
    "revision_id",
    "scale_id",
    "created_at",
    "origin",
    "entered_by_id",
    "role",
]
ASSESSMENT_CONTENT = [
    "supervisor_id",
    "short_form_id",
    "source",
    "session_on",
    "case_number",
    "session_number",
    "planned_total",
    "phase",
    "problem_area",
    "format",
    "minutes_reviewed",
    "selected_by",
    "difficulty",
    "is_consent_confirmed",
    "summary",
    "strengths",
    "needs",
    "concerns_handled",
    "fitness",
]
APPEND_ONLY = ["auditevent", "recordaccess", "signedrecord", "report"]


def _unless_draft_assessment(row: str) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.id = {row}.assessment_id AND a.status = 'draft')"
    )


def _closing_counts(row: str) -> str:
    """The goal is closed, and not in a draft or in an assessment that was withdrawn."""
    return (
        f"({row}.status <> 'open' AND NOT EXISTS (SELECT 1 FROM assessments_assessment c"
        f" WHERE c.id = {row}.closed_in_id AND c.status IN ('draft', 'withdrawn')))"
    )


def _unless_draft_goal(row: str) -> str:
    return (
        "NOT EXISTS (SELECT 1 FROM assessments_goal g JOIN assessments_assessment a ON a.id = g.assessment_id"
        f" WHERE g.id = {row}.goal_id AND a.status = 'draft' AND NOT {_closing_counts('g')})"
    )


def _signature_missing(role: str) -> str:
    return (
        "NOT EXISTS (SELECT 1 FROM assessments_signature s WHERE s.assessment_id = NEW.id"
        f" AND s.role = '{role}' AND s.voided_at IS NULL)"
    )


def _assessment_guards() -> list[Guard]:
    table = "assessments_assessment"
    return [
        Guard(
            "assessment_begins_as_draft", table, "INSERT", "NEW.status <> 'draft'", "An assessment begins as a draft."
        ),
        Guard(
            "assessment_begins_on_a_published_revision",
            table,
            "INSERT",
            # A successor stays on the revision of what it replaces; that it is the same one, another guard sees to.
            "NEW.predecessor_id IS NULL AND NOT EXISTS (SELECT 1 FROM assessments_frameworkrevision r"
            " WHERE r.id = NEW.revision_id AND r.status = 'published')",
            "Assessments are made on a published revision.",
        ),
        Guard("assessment_is_never_deleted", table, "DELETE", "TRUE", "An assessment is withdrawn, never deleted."),
        Guard(
            "assessment_is_frozen_once_closed",
            table,
            "UPDATE",
            "OLD.status IN ('signed_off', 'withdrawn')",
            "A signed or withdrawn assessment never changes.",
        ),
        Guard(
            "assessment_keeps_its_pins",
            table,
            "UPDATE",
            differs(*ASSESSMENT_PINNED),
            "An assessment keeps its therapist, organisation, revision, scale, origin and role for ever.",
        ),
        Guard(
            "assessment_is_locked_once_shared",
            table,
            "UPDATE",
            f"OLD.status <> 'draft' AND {differs(*ASSESSMENT_CONTENT)}",
            "A shared assessment is locked. Take it back to change it.",
        ),
    ]


def _step_guards() -> list[Guard]:
    table = "assessments_assessment"
    steps = "'draft>shared', 'draft>withdrawn', 'shared>draft', 'shared>withdrawn', 'shared>signed_off'"
    unfinished = (
        "EXISTS (SELECT 1 FROM assessments_rating g WHERE g.assessment_id = NEW.id AND (g.outcome = 'pending'"
        " OR (TRIM(g.note) = '' AND (g.is_concern OR g.outcome = 'not_applicable'))))"
    )
    asked = (
        "EXISTS (SELECT 1 FROM assessments_organisation o WHERE o.id = NEW.organisation_id AND o.has_lead_signature)"
    )
    lacking = [
        _signature_missing("supervisor"),
        f"(NEW.closed_as = '' AND {_signature_missing('therapist')})",
        f"((NEW.closed_as <> '' OR {asked}) AND {_signature_missing('lead')})",
    ]
    return [
        Guard(
            "assessment_takes_known_steps",
            table,
            "UPDATE",
            f"NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) NOT IN ({steps})",
            "An assessment cannot take this step from its state.",
        ),
        Guard(
            "assessment_is_complete_when_shared",
            table,
            "UPDATE",
            f"OLD.status = 'draft' AND NEW.status = 'shared' AND {unfinished}",
            "A concern and a 'not applicable' need their text, and a note needs its level, before sharing.",
        ),
        Guard(
            "assessment_has_both_signatures",
            table,
            "UPDATE",
            f"NEW.status = 'signed_off' AND OLD.status <> 'signed_off' AND ({' OR '.join(lacking)})",
            "An assessment is signed off by therapist and supervisor, and by the training lead where the organisation"
            " asks for it or the therapist does not sign.",
        ),
    ]


def _extent_guards() -> list[Guard]:
    return [
        *each(
            "extent_is_locked_once_shared",
            "assessments_assessment_activities",
            {"INSERT": _unless_draft_assessment("NEW"), "DELETE": _unless_draft_assessment("OLD"), "UPDATE": "TRUE"},
            "The extent of an assessment is settled while it is a draft.",
        ),
        Guard(
            "extent_stays_in_the_revision",
            "assessments_assessment_activities",
            "INSERT",
            "NOT EXISTS (SELECT 1 FROM assessments_assessment a JOIN assessments_activity y"
            " ON y.revision_id = a.revision_id WHERE a.id = NEW.assessment_id AND y.id = NEW.activity_id)",
            "An assessment covers activities of its own revision.",
        ),
    ]


def _rating_guards() -> list[Guard]:
    table = "assessments_rating"
    astray = (
        "(NOT EXISTS (SELECT 1 FROM assessments_assessment a JOIN assessments_competence c"
        " ON c.revision_id = a.revision_id"
        " WHERE a.id = NEW.assessment_id AND c.id = NEW.competence_id AND c.is_rateable)"
        " OR (NEW.level_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_assessment a"
        " JOIN assessments_ratinglevel l ON l.scale_id = a.scale_id"
        " WHERE a.id = NEW.assessment_id AND l.id = NEW.level_id)))"
    )
    return [
        *each(
            "rating_is_locked_once_shared",
            table,
            {
                "INSERT": _unless_draft_assessment("NEW"),
                "UPDATE": f"({_unless_draft_assessment('OLD')} OR {differs('assessment_id', 'competence_id')})",
                "DELETE": _unless_draft_assessment("OLD"),
            },
            "Ratings are locked once the assessment is shared.",
        ),
        *each(
            "rating_stays_in_revision_and_scale",
            table,
            dict.fromkeys(["INSERT", "UPDATE"], astray),
            "A rating takes a rateable competence of the assessment's revision and a level of its scale.",
        ),
        *each(
            "rating_is_not_applicable_where_the_scale_has_it",
            table,
            dict.fromkeys(["INSERT", "UPDATE"], _not_on_the_scale()),
            "The scale of this assessment has no 'not applicable'.",
        ),
        *each(
            "rating_ticks_points_of_its_competence",
            table,
            dict.fromkeys(["INSERT", "UPDATE"], _points_astray()),
            "A rating ticks sub-points of its own competence, each once.",
        ),
    ]


def _points_astray() -> str:
    """As many words as there are sub-points among them: then each word is a sub-point, and none stands twice."""
    words = "LENGTH(NEW.points_seen) - LENGTH(REPLACE(NEW.points_seen, ' ', '')) + 1"
    known = (
        "(SELECT COUNT(*) FROM assessments_competence p WHERE p.parent_id = NEW.competence_id AND NOT p.is_rateable"
        " AND REPLACE(' ' || NEW.points_seen || ' ', ' ' || p.code || ' ', '') <> ' ' || NEW.points_seen || ' ')"
    )
    return f"(NEW.points_seen <> '' AND {words} <> {known})"


def _not_on_the_scale() -> str:
    return (
        "(NEW.outcome = 'not_applicable' AND EXISTS (SELECT 1 FROM assessments_assessment a"
        " JOIN assessments_ratingscale s ON s.id = a.scale_id"
        " WHERE a.id = NEW.assessment_id AND NOT s.has_not_applicable))"
    )


def _signature_guards() -> list[Guard]:
    unfit = (
        "NOT EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.id = NEW.assessment_id AND a.status = 'shared'"
        " AND a.role = 'supervisor' AND NOT EXISTS (SELECT 1 FROM assessments_assessment o WHERE o.pair_id = a.id"
        " AND o.opened_at IS NULL AND o.status <> 'withdrawn')"
        " AND ((NEW.role = 'therapist' AND NEW.person_id = a.therapist_id)"
        " OR (NEW.role = 'supervisor' AND NEW.person_id = a.supervisor_id)"
        " OR (NEW.role = 'lead' AND NEW.person_id NOT IN (a.therapist_id, a.supervisor_id)"
        " AND EXISTS (SELECT 1 FROM assessments_membership m WHERE m.user_id = NEW.person_id"
        " AND m.organisation_id = a.organisation_id AND m.role = 'lead')"
        # Whether in place of the therapist or beside them: never before the supervisor.
        " AND EXISTS (SELECT 1 FROM assessments_signature s WHERE s.assessment_id = a.id"
        " AND s.role = 'supervisor' AND s.voided_at IS NULL))))"
    )
    table = "assessments_signature"
    return [
        Guard(
            "signature_fits_its_assessment",
            table,
            "INSERT",
            unfit,
            "Only the two people named, and a training lead after them, sign what is shared and open.",
        ),
        Guard(
            "signature_is_only_voided",
            table,
            "UPDATE",
            f"(OLD.voided_at IS NOT NULL OR {differs('assessment_id', 'person_id', 'role', 'signed_at')}"
            " OR NOT EXISTS (SELECT 1 FROM assessments_assessment a"
            " WHERE a.id = OLD.assessment_id AND a.status = 'shared'))",
            "A signature is voided once and otherwise never changes.",
        ),
        Guard("signature_is_never_deleted", table, "DELETE", "TRUE", "A signature is voided, never deleted."),
    ]


GOAL_AGREED = ["text", "due_on", "owner", "judged_by"]
GOAL_RESULT = ["status", "result", "closed_in_id", "closed_at", "closed_by_id"]


def _goal_result_guards() -> list[Guard]:
    table = "assessments_goal"
    in_no_draft = (
        "NOT EXISTS (SELECT 1 FROM assessments_assessment a JOIN assessments_assessment b"
        " ON b.therapist_id = a.therapist_id AND b.organisation_id = a.organisation_id"
        " WHERE a.id = NEW.closed_in_id AND a.status = 'draft' AND b.id = NEW.assessment_id AND b.id <> a.id)"
    )
    return [
        Guard("goal_begins_open", table, "INSERT", "NEW.status <> 'open'", "A development goal begins open."),
        *each(
            "goal_is_settled_once_closed",
            table,
            dict.fromkeys(["UPDATE", "DELETE"], _closing_counts("OLD")),
            "A development goal that was closed never changes.",
        ),
        Guard(
            "goal_is_closed_within_a_draft",
            table,
            "UPDATE",
            f"NEW.status <> 'open' AND {differs(*GOAL_RESULT)} AND {in_no_draft} AND NOT {_closing_counts('OLD')}",
            "A development goal is closed within a later draft about the same therapist.",
        ),
    ]


def _goal_guards() -> list[Guard]:
    settled = "A development goal is settled once the assessment is shared."
    return [
        *each(
            "goal_is_locked_once_shared",
            "assessments_goal",
            {
                "INSERT": _unless_draft_assessment("NEW"),
                "UPDATE": f"({differs('therapist_id', 'assessment_id')} OR"
                f" ({_unless_draft_assessment('OLD')} AND {differs(*GOAL_AGREED)}))",
                "DELETE": _unless_draft_assessment("OLD"),
            },
            settled,
        ),
        *each(
            "goal_keeps_its_competences",
            "assessments_goal_competences",
            {"INSERT": _unless_draft_goal("NEW"), "DELETE": _unless_draft_goal("OLD"), "UPDATE": "TRUE"},
            settled,
        ),
    ]


def _append_only_guards() -> list[Guard]:
    guards = []
    for model in APPEND_ONLY:
        name, message = f"{model}_is_append_only", "This record is only ever added to."
        table, ways = f"assessments_{model}", ["UPDATE", "DELETE", "TRUNCATE"]
        guards += each(name, table, dict.fromkeys(ways, "TRUE"), message)
    return guards


def _short_form_guards() -> list[Guard]:
    astray = (
        "(NEW.short_form_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_shortform f"
        " WHERE f.id = NEW.short_form_id AND f.revision_id = NEW.revision_id))"
    )
    return each(
        "assessment_takes_a_form_of_its_revision",
        "assessments_assessment",
        dict.fromkeys(["INSERT", "UPDATE"], astray),
        "An assessment starts from a short form of its own revision.",
    )


GUARDS: list[Guard] = [
    *_assessment_guards(),
    *_step_guards(),
    *_extent_guards(),
    *_rating_guards(),
    *_signature_guards(),
    *_goal_guards(),
    *_goal_result_guards(),
    *_append_only_guards(),
    *_short_form_guards(),
]
