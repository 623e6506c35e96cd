"""Guards of what joins revisions: kept files, links from one revision to the next, the carry-over of ratings."""

from assessments.guards.guard import Guard, differs, each, unless_draft_revision

REVISION, LINK, CARRY_OVER = (
    "assessments_frameworkrevision",
    "assessments_competencelink",
    "assessments_carryover",
)


def _import_guards() -> list[Guard]:
    table = "assessments_frameworkimport"
    kept = differs("uploaded_by_id", "uploaded_at", "file_name", "content", "sha256")
    astray = (
        "(NEW.revision_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_frameworkrevision r"
        " WHERE r.id = NEW.revision_id AND r.framework_id = NEW.framework_id))"
    )
    return [
        *each(
            "import_is_kept_as_uploaded",
            table,
            {"UPDATE": f"(OLD.status <> 'open' OR {kept})", "DELETE": "TRUE"},
            "An uploaded file is kept as it came, and a closed import never changes.",
        ),
        *each(
            "import_names_a_revision_of_its_framework",
            table,
            dict.fromkeys(["INSERT", "UPDATE"], astray),
            "An import names a revision of the framework it was loaded into.",
        ),
    ]


def _order_guards() -> list[Guard]:
    unfit = (
        "(NEW.previous_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_frameworkrevision p"
        " WHERE p.id = NEW.previous_id AND p.framework_id = NEW.framework_id"
        " AND p.status IN ('published', 'retired')))"
    )
    linked = "EXISTS (SELECT 1 FROM assessments_competencelink l WHERE l.revision_id = OLD.id)"
    unpublished = "OLD.status IN ('draft', 'discarded')"  # a published one keeps everything, by another guard
    return [
        *each(
            "revision_follows_a_published_one",
            REVISION,
            {"INSERT": unfit, "UPDATE": f"{unpublished} AND {unfit}"},
            "A revision follows a published revision of its own framework.",
        ),
        Guard(
            "revision_keeps_the_one_before_while_linked",
            REVISION,
            "UPDATE",
            f"{unpublished} AND {differs('previous_id')} AND {linked}",
            "The links lead from the revision before. Take them away before this one follows another.",
        ),
    ]


def _link_guards() -> list[Guard]:
    astray = (
        "((NEW.newer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_competence c"
        " WHERE c.id = NEW.newer_id AND c.revision_id = NEW.revision_id))"
        " OR (NEW.older_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_competence c"
        " JOIN assessments_frameworkrevision r ON r.previous_id = c.revision_id"
        " WHERE c.id = NEW.older_id AND r.id = NEW.revision_id)))"
    )
    return [
        *each(
            "link_is_frozen_once_published",
            LINK,
            {
                "INSERT": unless_draft_revision("NEW"),
                "UPDATE": f"({unless_draft_revision('OLD')} OR {unless_draft_revision('NEW')})",
                "DELETE": unless_draft_revision("OLD"),
            },
            "The mapping of a published revision never changes.",
        ),
        *each(
            "link_joins_a_revision_to_the_one_before",
            LINK,
            dict.fromkeys(["INSERT", "UPDATE"], astray),
            "A link leads from a competence of the previous revision to one of this revision.",
        ),
    ]


def _mapping_guards() -> list[Guard]:
    """What links must be together by the time their revision is published."""
    publishing = "OLD.status = 'draft' AND NEW.status = 'published' AND NEW.previous_id IS NOT NULL"
    unmapped = (
        "(EXISTS (SELECT 1 FROM assessments_competencelink l WHERE l.revision_id = NEW.id AND l.confirmed_at IS NULL)"
        " OR EXISTS (SELECT 1 FROM assessments_competence c WHERE c.is_rateable"
        " AND ((c.revision_id = NEW.id AND NOT EXISTS (SELECT 1 FROM assessments_competencelink l"
        " WHERE l.newer_id = c.id))"
        " OR (c.revision_id = NEW.previous_id AND NOT EXISTS (SELECT 1 FROM assessments_competencelink l"
        " WHERE l.revision_id = NEW.id AND l.older_id = c.id)))))"
    )
    other = "FROM assessments_competencelink l JOIN assessments_competencelink o ON o.id <> l.id"
    contradictory = (
        f"(EXISTS (SELECT 1 {other} AND o.older_id = l.older_id AND o.revision_id = l.revision_id"
        " WHERE l.revision_id = NEW.id AND (o.kind <> l.kind OR l.kind NOT IN ('split', 'covered')))"
        f" OR EXISTS (SELECT 1 {other} AND o.newer_id = l.newer_id AND o.kind <> 'covered'"
        " WHERE l.revision_id = NEW.id AND l.kind = 'added'))"
    )
    return [
        Guard(
            "revision_is_mapped_when_published",
            REVISION,
            "UPDATE",
            f"{publishing} AND {unmapped}",
            "Every competence of both revisions needs a confirmed link before the newer one is published.",
        ),
        Guard(
            "revision_is_mapped_once_when_published",
            REVISION,
            "UPDATE",
            f"{publishing} AND {contradictory}",
            "Each competence of the previous revision ends in one way, and what is new comes from none of them.",
        ),
    ]


def _carry_over_guards() -> list[Guard]:
    unfit = (
        "NOT EXISTS (SELECT 1 FROM assessments_frameworkrevision r JOIN assessments_frameworkrevision p"
        " ON p.id = r.previous_id WHERE r.id = NEW.revision_id AND r.status = 'published' AND p.scale_id = r.scale_id)"
    )
    rated = (
        "EXISTS (SELECT 1 FROM assessments_rating g JOIN assessments_assessment a ON a.id = g.assessment_id"
        " WHERE a.revision_id = OLD.revision_id AND g.outcome <> 'pending')"
    )
    only_undone = differs("revision_id", "decided_at", "decided_by_id")
    return [
        Guard(
            "carry_over_fits_its_revision",
            CARRY_OVER,
            "INSERT",
            unfit,
            "Ratings carry over into a published revision that follows another one on the same scale.",
        ),
        Guard(
            "carry_over_is_undone_before_rating",
            CARRY_OVER,
            "UPDATE",
            f"(OLD.undone_at IS NOT NULL OR {only_undone} OR {rated})",
            "A carry-over is undone once, and only while nothing is rated on its revision.",
        ),
        Guard("carry_over_is_never_deleted", CARRY_OVER, "DELETE", "TRUE", "A carry-over is undone, never deleted."),
    ]


GUARDS: list[Guard] = [
    *_import_guards(),
    *_order_guards(),
    *_link_guards(),
    *_mapping_guards(),
    *_carry_over_guards(),
]
