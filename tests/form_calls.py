"""A call of each action with an earlier form, for test_audit.py: by way of call, and the events it records."""

from assessments.actions import form_imports
from tests import factories, filled


def _kept(cast):
    return factories.make_form_import(cast.supervisor, cast.therapist, cast.revision)


def upload_form(cast):
    by, therapist, revision = cast.supervisor, cast.therapist, cast.revision
    content = filled.filled(revision, {"S2.1": "4"})
    return lambda: form_imports.upload(
        by=by, therapist=therapist, revision=revision, file_name="form.xlsx", content=content
    )


def enter_form(cast):
    by, kept = cast.supervisor, _kept(cast)
    return lambda: form_imports.enter(by=by, kept=kept)


def discard_form(cast):
    by, kept = cast.supervisor, _kept(cast)
    return lambda: form_imports.discard(by=by, kept=kept)


CALLS = [
    ("form_imports.upload", upload_form, ["form_uploaded"]),
    ("form_imports.enter", enter_form, ["assessment_from_form"]),
    ("form_imports.discard", discard_form, ["form_discarded"]),
]
