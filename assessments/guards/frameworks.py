"""Guards of frameworks: published means frozen, trees hold together, mappings are whole, used forms and scales stay."""

from assessments.guards.guard import Guard, differs, each

REVISION_CONTENT = [
    "framework_id",
    "number",
    "title",
    "summary",
    "language",
    "authors",
    "commissioner",
    "issued_on",
    "source_name",
    "source_url",
    "rights_holder",
    "licence",
    "attribution",
    "notice",
    "is_redistributable",
    "scale_id",
    "previous_id",
    "source_id",
    "kept",
    "content_sha256",
    "published_at",
]


def _unless_draft_revision(row: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM assessments_frameworkrevision r WHERE r.id = {row}.revision_id AND r.status <> 'draft')"
    )


def _scale_in_use(scale: str) -> str:
    return (
        f"(EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.scale_id = {scale})"
        f" OR EXISTS (SELECT 1 FROM assessments_frameworkrevision r"
        f" WHERE r.scale_id = {scale} AND r.status <> 'draft'))"
    )


def _revision_guards() -> list[Guard]:
    frozen = "A published revision never changes. Load the correction as a new revision."
    step_back = "(OLD.status = 'retired' OR NEW.status IN ('draft', 'discarded'))"
    guards = each(
        "revision_is_frozen_once_published",
        "assessments_frameworkrevision",
        {
            "UPDATE": f"OLD.status IN ('published', 'retired') AND ({differs(*REVISION_CONTENT)} OR {step_back})",
            "DELETE": "OLD.status <> 'draft'",
        },
        frozen,
    )
    steps = "'draft>published', 'draft>discarded', 'discarded>draft', 'published>retired'"
    guards.append(
        Guard(
            "revision_takes_known_steps",
            "assessments_frameworkrevision",
            "UPDATE",
            f"NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) NOT IN ({steps})",
            "A revision cannot take this step from its state.",
        )
    )
    for model in ["backgroundpage", "domain", "activity", "competence"]:
        conditions = {
            "INSERT": _unless_draft_revision("NEW"),
            "UPDATE": f"({_unless_draft_revision('OLD')} OR {_unless_draft_revision('NEW')})",
            "DELETE": _unless_draft_revision("OLD"),
        }
        guards += each(f"{model}_is_frozen_once_published", f"assessments_{model}", conditions, frozen)
    return guards


def _tree_guards() -> list[Guard]:
    activity_astray = (
        "(NOT EXISTS (SELECT 1 FROM assessments_domain d"
        " WHERE d.id = NEW.domain_id AND d.revision_id = NEW.revision_id)"
        " OR (NEW.parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_activity p"
        " WHERE p.id = NEW.parent_id AND p.domain_id = NEW.domain_id)))"
    )
    competence_astray = (
        "(NOT EXISTS (SELECT 1 FROM assessments_activity y"
        " WHERE y.id = NEW.activity_id AND y.revision_id = NEW.revision_id)"
        " OR (NEW.parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_competence p"
        " WHERE p.id = NEW.parent_id AND p.activity_id = NEW.activity_id)))"
    )
    return [
        *each(
            "activity_stays_in_its_domain",
            "assessments_activity",
            dict.fromkeys(["INSERT", "UPDATE"], activity_astray),
            "An activity, its parent and its domain belong to one revision.",
        ),
        *each(
            "competence_stays_in_its_activity",
            "assessments_competence",
            dict.fromkeys(["INSERT", "UPDATE"], competence_astray),
            "A competence, its parent and its activity belong to one revision.",
        ),
    ]


def _scale_guards() -> list[Guard]:
    frozen = "A scale in use never changes. Make a new version of it."
    return [
        *each(
            "scale_is_frozen_once_used",
            "assessments_ratingscale",
            dict.fromkeys(["UPDATE", "DELETE"], _scale_in_use("OLD.id")),
            frozen,
        ),
        *each(
            "level_is_frozen_once_used",
            "assessments_ratinglevel",
            {
                "INSERT": _scale_in_use("NEW.scale_id"),
                "UPDATE": f"({_scale_in_use('OLD.scale_id')} OR {_scale_in_use('NEW.scale_id')})",
                "DELETE": _scale_in_use("OLD.scale_id"),
            },
            frozen,
        ),
    ]


def _import_guards() -> list[Guard]:
    kept = differs("uploaded_by_id", "uploaded_at", "file_name", "content", "sha256")
    return each(
        "import_is_kept_as_uploaded",
        "assessments_frameworkimport",
        {"UPDATE": f"(OLD.status <> 'open' OR {kept})", "DELETE": "TRUE"},
        "An uploaded file is kept as it came, and a closed import never changes.",
    )


_UNMAPPED = (
    "(EXISTS (SELECT 1 FROM assessments_competencelink l WHERE l.revision_id = NEW.id AND l.confirmed_at IS NULL)"
    " OR EXISTS (SELECT 1 FROM assessments_competence c WHERE c.is_rateable"
    " AND ((c.revision_id = NEW.id AND NOT EXISTS (SELECT 1 FROM assessments_competencelink l"
    " WHERE l.newer_id = c.id))"
    " OR (c.revision_id = NEW.previous_id AND NOT EXISTS (SELECT 1 FROM assessments_competencelink l"
    " WHERE l.revision_id = NEW.id AND l.older_id = c.id)))))"
)


def _link_guards() -> list[Guard]:
    table = "assessments_competencelink"
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
            table,
            {
                "INSERT": _unless_draft_revision("NEW"),
                "UPDATE": f"({_unless_draft_revision('OLD')} OR {_unless_draft_revision('NEW')})",
                "DELETE": _unless_draft_revision("OLD"),
            },
            "The mapping of a published revision never changes.",
        ),
        *each(
            "link_joins_a_revision_to_the_one_before",
            table,
            dict.fromkeys(["INSERT", "UPDATE"], astray),
            "A link leads from a competence of the previous revision to one of this revision.",
        ),
        Guard(
            "revision_is_mapped_when_published",
            "assessments_frameworkrevision",
            "UPDATE",
            f"OLD.status = 'draft' AND NEW.status = 'published' AND NEW.previous_id IS NOT NULL AND {_UNMAPPED}",
            "Every competence of both revisions needs a confirmed link before the newer one is published.",
        ),
    ]


def _carry_over_guards() -> list[Guard]:
    table = "assessments_carryover"
    unfit = (
        "NOT EXISTS (SELECT 1 FROM assessments_frameworkrevision r JOIN assessments_frameworkrevision p"
        " ON p.id = r.previous_id WHERE r.id = NEW.revision_id AND r.status = 'published' AND p.scale_id = r.scale_id)"
    )
    rated = (
        "EXISTS (SELECT 1 FROM assessments_rating g JOIN assessments_assessment a ON a.id = g.assessment_id"
        " WHERE a.revision_id = OLD.revision_id)"
    )
    only_undone = differs("revision_id", "decided_at", "decided_by_id")
    return [
        Guard(
            "carry_over_fits_its_revision",
            table,
            "INSERT",
            unfit,
            "Ratings carry over into a published revision that follows another one on the same scale.",
        ),
        Guard(
            "carry_over_is_undone_before_rating",
            table,
            "UPDATE",
            f"(OLD.undone_at IS NOT NULL OR {only_undone} OR {rated})",
            "A carry-over is undone once, and only while nothing is rated on its revision.",
        ),
        Guard("carry_over_is_never_deleted", table, "DELETE", "TRUE", "A carry-over is undone, never deleted."),
    ]


def _short_form_guards() -> list[Guard]:
    frozen = "A short form that was used never changes. Make a new one."
    astray = (
        "NOT EXISTS (SELECT 1 FROM assessments_shortform f JOIN assessments_activity y"
        " ON y.revision_id = f.revision_id WHERE f.id = NEW.shortform_id AND y.id = NEW.activity_id)"
    )
    return [
        *each(
            "short_form_is_frozen_once_used",
            "assessments_shortform",
            {
                "UPDATE": f"({_form_in_use('OLD.id')} AND {differs('revision_id', 'name', 'purpose', 'created_at')})",
                "DELETE": _form_in_use("OLD.id"),
            },
            frozen,
        ),
        *each(
            "short_form_keeps_its_activities",
            "assessments_shortform_activities",
            {
                "INSERT": _form_in_use("NEW.shortform_id"),
                "DELETE": _form_in_use("OLD.shortform_id"),
                "UPDATE": "TRUE",
            },
            frozen,
        ),
        Guard(
            "short_form_stays_in_its_revision",
            "assessments_shortform_activities",
            "INSERT",
            astray,
            "A short form chooses activities of its own revision.",
        ),
    ]


def _form_in_use(form: str) -> str:
    return f"EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.short_form_id = {form})"


GUARDS: list[Guard] = [
    *_revision_guards(),
    *_tree_guards(),
    *_scale_guards(),
    *_import_guards(),
    *_link_guards(),
    *_carry_over_guards(),
    *_short_form_guards(),
]
