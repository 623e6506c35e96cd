"""The borders of docs/adr/0001-one-app-in-layers.md, and what each side of them never does."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "assessments"

# A module or folder imports from the rows above it, and from its own folder.
LAYERS = [
    ["agreement", "exceptions", "scoring", "revisions", "wording"],
    ["models", "guards", "charts"],
    ["policies", "privacy"],
    ["permissions", "courses", "movement"],
    ["history", "importers", "letters", "profiles", "proposals", "records"],
    ["holdings", "growth", "comparison", "requirements"],
    ["exporters", "queries", "reports", "verification"],
    ["actions"],
    ["forms"],
    ["views", "management", "templatetags"],
    ["urls"],
    ["checks"],
    ["apps"],
]
LAYER = {name: number for number, row in enumerate(LAYERS) for name in row}
KNOWLEDGE = [
    "policies",
    "permissions",
    "courses",
    "movement",
    "history",
    "letters",
    "profiles",
    "growth",
    "comparison",
    "requirements",
    "proposals",
    "records",
    "queries",
    "actions",
]

# Who never imports what.
NEVER = [
    ([*LAYERS[0], "charts"], r"django\b"),
    (["importers"], r"django\.db\b|assessments\.(models|guards)\b"),
    (KNOWLEDGE, r"django\.(http|forms|shortcuts|views|template|contrib\.(messages|sessions))\b|allauth\b"),
    (set(LAYER) - {"reports"}, r"weasyprint\b"),
    (set(LAYER), r"ipt\b|\."),
    (set(LAYER), r"django\.dispatch\b|django\.(db\.models|core|contrib\.auth)\.signals\b"),
    (set(LAYER), r"threading\b|contextvars\b|asgiref\.local\b|django\.contrib\.(contenttypes|admin)\b"),
]
# The default of an id is a function, and makemigrations can only name it.
MIGRATIONS_MAY = {"assessments.models.identifiers"}
WRITES = {"save", "create", "filter", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "delete"}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef

CODE = [path for folder in ["assessments", "ipt", "bin"] for path in ROOT.glob(f"{folder}/**/*.py")]
SOURCES = {path: path.read_text() for path in CODE}
TREES = {path: ast.parse(text) for path, text in SOURCES.items()}
OURS = [path for path in TREES if path.is_relative_to(APP)]
TEMPLATES = {path: path.read_text() for path in ROOT.glob("templates/**/*.html")}
UNSAFE = r"\bmark_safe\b|\bSafe(String|Text|Data)\b|\|\s*safe(seq)?\b|autoescape off"


def layer(path):
    """The name under which a file stands in the table."""
    return path.relative_to(APP).parts[0].removesuffix(".py")


def modules(*names):
    return [path for path in OURS if layer(path) in names]


def imports(path):
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def said(path, *, line=None, what=""):
    return " ".join(str(part) for part in [path.relative_to(ROOT), line, what] if part)


def test_module_has_a_layer():
    assert {layer(path) for path in OURS} - set(LAYER) == {"__init__", "migrations"}


def test_module_imports_only_from_lower_layers():
    upwards = [
        said(path, what=name)
        for path in modules(*LAYER)
        for name in imports(path)
        if name.startswith("assessments.")
        and (target := name.split(".")[1]) != layer(path)
        and LAYER[target] >= LAYER[layer(path)]
    ]

    assert upwards == []


@pytest.mark.parametrize(("who", "what"), NEVER, ids=[what for _, what in NEVER])
def test_import_is_never_made(who, what):
    found = [said(path, what=name) for path in modules(*who) for name in imports(path) if re.match(what, name)]

    assert found == []


def test_weasyprint_has_one_importer():
    importers = {path for path in TREES if any(re.match(r"weasyprint\b", name) for name in imports(path))}

    assert len(importers) == 1


def test_migrations_import_no_live_code():
    found = {name for path in modules("migrations") for name in imports(path) if name.startswith("assessments")}

    assert found - MIGRATIONS_MAY == set()


def test_actions_take_no_request():
    arguments = [
        said(path, line=node.lineno, what=node.arg)
        for path in modules(*KNOWLEDGE)
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.arg) and node.arg in {"request", "form"}
    ]

    assert arguments == []


def test_views_leave_writes_and_filters_to_others():
    found = []
    for path in modules("views"):
        actions = {
            alias.asname or alias.name
            for node in ast.walk(TREES[path])
            if isinstance(node, ast.ImportFrom) and node.module == "assessments.actions"
            for alias in node.names
        }
        for node in ast.walk(TREES[path]):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
                owner = node.func.value
                # The library's form has no other name for sending its mail.
                if not (isinstance(owner, ast.Name) and owner.id in {*actions, "invitation"}):
                    found.append(said(path, line=node.lineno, what=ast.unparse(node.func)))

    assert found == []


def test_save_and_delete_are_not_overridden():
    methods = [
        said(path, line=method.lineno, what=method.name)
        for path in modules(*LAYER)
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, FUNCTION) and method.name in {"save", "save_base", "delete"}
    ]

    assert methods == []


def test_nothing_is_marked_safe():
    found = [said(path) for path, text in {**SOURCES, **TEMPLATES}.items() if re.search(UNSAFE, text)]

    assert found == []


def test_templates_hold_no_script_or_style():
    inline = r"<script\b(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+="
    pages = {path: text for path, text in TEMPLATES.items() if "reports" not in path.parts}

    found = [said(path, what=hit[0]) for path, text in pages.items() if (hit := re.search(inline, text))]

    assert found == []


def test_functions_have_at_most_50_lines():
    functions = [(path, node) for path, tree in TREES.items() for node in ast.walk(tree) if isinstance(node, FUNCTION)]

    too_long = [said(path, what=node.name) for path, node in functions if node.end_lineno - node.lineno >= 50]

    assert too_long == []


def test_templates_say_once_that_there_is_a_problem():
    """A whole form printed by crispy brings the summary of its errors with it."""
    twice = [path.name for path, text in TEMPLATES.items() if "error_summary.html" in text and "form|crispy" in text]

    assert twice == []


@pytest.mark.parametrize(("files", "most"), [(SOURCES, 400), (TEMPLATES, 200)], ids=["modules", "templates"])
def test_files_keep_to_their_length(files, most):
    counts = {said(path): len(text.splitlines()) for path, text in files.items() if "migrations" not in path.parts}

    assert {name: count for name, count in counts.items() if count > most} == {}
