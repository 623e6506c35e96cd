"""Guards of frameworks: published means frozen, trees hold together, used scales and short forms stay."""

from assessments.guards.guard import Guard, differs, each, unless_draft_revision

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
PARTS = ["backgroundpage", "domain", "activity", "competence"]
OLD_OR_NEW = {"INSERT": "NEW", "UPDATE": "OLD", "DELETE": "OLD"}


def _scale_in_use(scale: str) -> str:
    return (
        f"(EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.scale_id = {scale})"
        f" OR EXISTS (SELECT 1 FROM assessments_frameworkrevision r"
        f" WHERE r.scale_id = {scale} AND r.status <> 'draft'))"
    )


def _revision_guards() -> list[Guard]:
    table = "assessments_frameworkrevision"
    frozen = "A published revision never changes. Load the correction as a new revision."
    steps = "'draft>published', 'draft>discarded', 'discarded>draft', 'published>retired'"
    retired_again = f"(NEW.status = 'retired' AND {differs('retired_at')})"
    return [
        Guard("revision_begins_as_draft", table, "INSERT", "NEW.status <> 'draft'", "A revision begins as a draft."),
        *each(
            "revision_is_frozen_once_published",
            table,
            {
                "UPDATE": f"((OLD.status IN ('published', 'retired') AND {differs(*REVISION_CONTENT)})"
                f" OR (OLD.status = 'retired' AND {retired_again}))",
                "DELETE": "OLD.status <> 'draft'",
            },
            frozen,
        ),
        Guard(
            "revision_takes_known_steps",
            table,
            "UPDATE",
            f"NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) NOT IN ({steps})",
            "A revision cannot take this step from its state.",
        ),
        *(guard for model in PARTS for guard in _part_guards(model, frozen)),
    ]


def _part_guards(model: str, frozen: str) -> list[Guard]:
    table = f"assessments_{model}"
    return [
        *each(
            f"{model}_is_frozen_once_published",
            table,
            {row_of: unless_draft_revision(row) for row_of, row in OLD_OR_NEW.items()},
            frozen,
        ),
        Guard(
            f"{model}_keeps_its_revision",
            table,
            "UPDATE",
            f"{differs('revision_id')} AND NOT {unless_draft_revision('OLD')}",
            "What was written for one revision never moves to another.",
        ),
    ]


def _tree_guards() -> list[Guard]:
    activity_astray = (
        "(NOT EXISTS (SELECT 1 FROM assessments_domain d"
        " WHERE d.id = NEW.domain_id AND d.revision_id = NEW.revision_id)"
        " OR (NEW.parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_activity p"
        " WHERE p.id = NEW.parent_id AND p.id IS DISTINCT FROM NEW.id AND p.domain_id = NEW.domain_id)))"
    )
    competence_astray = (
        "(NOT EXISTS (SELECT 1 FROM assessments_activity y"
        " WHERE y.id = NEW.activity_id AND y.revision_id = NEW.revision_id)"
        " OR (NEW.parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_competence p"
        " WHERE p.id = NEW.parent_id AND p.id IS DISTINCT FROM NEW.id AND p.activity_id = NEW.activity_id)))"
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


def _form_in_use(form: str) -> str:
    return f"EXISTS (SELECT 1 FROM assessments_assessment a WHERE a.short_form_id = {form})"


def _short_form_guards() -> list[Guard]:
    frozen = "A short form that was used never changes. Make a new one."
    own = "A short form chooses activities of its own revision."
    astray = (
        "NOT EXISTS (SELECT 1 FROM assessments_shortform f JOIN assessments_activity y"
        " ON y.revision_id = f.revision_id WHERE f.id = NEW.shortform_id AND y.id = NEW.activity_id)"
    )
    moved = f"{differs('revision_id')} AND NOT {_form_in_use('OLD.id')}"
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
        Guard("short_form_stays_in_its_revision", "assessments_shortform_activities", "INSERT", astray, own),
        Guard("short_form_keeps_its_revision", "assessments_shortform", "UPDATE", moved, own),
    ]


GUARDS: list[Guard] = [
    *_revision_guards(),
    *_tree_guards(),
    *_scale_guards(),
    *_short_form_guards(),
]
