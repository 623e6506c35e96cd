"""A call of each action of the framework library, for test_audit.py: by way of call, and the events it records."""

from assessments.actions import drafts, frameworks, imports, lineage
from assessments.importers.reading import Answers
from assessments.models import FrameworkImport
from tests import factories

SHEET = b"Domain,Activity,Statement\nA,B,Listens\n"


def _kept(cast):
    upload(cast)()
    return FrameworkImport.objects.get()


def _next(cast):
    """A draft that follows a published revision, every competence of it proposed as unchanged."""
    factories.make_revision()
    return factories.make_revision(number="1.1", previous="1.0", is_published=False)


def _published(cast):
    draft = _next(cast)
    lineage.confirm_certain(by=cast.admin, revision=draft)
    return frameworks.publish(by=cast.admin, revision=draft)


def upload(cast):
    by = cast.admin
    return lambda: imports.upload(by=by, file_name="a.csv", content=SHEET, format="CSV table", answers=Answers())


def answer(cast):
    by, kept = cast.admin, _kept(cast)
    return lambda: imports.answer(by=by, kept=kept, answers=Answers(kind="knowledge"))


def load(cast):
    by, kept, data = cast.admin, _kept(cast), factories.make_revision_data()
    return lambda: imports.load(by=by, kept=kept, data=data)


def discard_file(cast):
    by, kept = cast.admin, _kept(cast)
    return lambda: imports.discard(by=by, kept=kept)


def retire(cast):
    by, revision = cast.admin, cast.revision
    return lambda: frameworks.retire(by=by, revision=revision)


def discard(cast):
    by, sketch = cast.admin, cast.sketch
    return lambda: frameworks.discard(by=by, revision=sketch)


def confirm(cast):
    by, draft = cast.admin, _next(cast)
    links = list(draft.links.values_list("pk", flat=True))
    return lambda: lineage.confirm(by=by, revision=draft, links=links)


def confirm_certain(cast):
    by, draft = cast.admin, _next(cast)
    return lambda: lineage.confirm_certain(by=by, revision=draft)


def decide(cast):
    by, draft = cast.admin, _next(cast)
    older = draft.previous.competences.get(code="A1.2")
    return lambda: lineage.decide(by=by, revision=draft, older=older, kind="removed", newer=[])


def carry_over(cast):
    by, revision = cast.admin, _published(cast)
    return lambda: lineage.carry_over(by=by, revision=revision)


def undo_carry_over(cast):
    by, revision = cast.admin, _published(cast)
    lineage.carry_over(by=by, revision=revision)
    return lambda: lineage.undo_carry_over(by=by, revision=revision)


def change(cast):
    by, node = cast.admin, _next(cast).competences.get(code="A1.2")
    seen = {"code": node.code, "text": node.text}
    return lambda: drafts.change(by=by, node=node, seen=seen, fields=seen | {"text": "An ability to listen well."})


def move(cast):
    by, node = cast.admin, _next(cast).competences.get(code="A1.2")
    return lambda: drafts.move(by=by, node=node, direction="up")


def put_into(cast):
    by, draft = cast.admin, _next(cast)
    node, activity = draft.competences.get(code="A1.1"), draft.activities.get(code="A1a")
    return lambda: drafts.put_into(by=by, competence=node, activity=activity)


CALLS = [
    ("imports.upload", upload, ["file_uploaded"]),
    ("imports.answer", answer, ["file_answered"]),
    ("imports.load", load, ["revision_loaded"]),
    ("imports.discard", discard_file, ["file_discarded"]),
    ("frameworks.retire", retire, ["revision_retired"]),
    ("frameworks.discard", discard, ["revision_discarded"]),
    ("lineage.confirm", confirm, ["links_saved"]),
    ("lineage.confirm_certain", confirm_certain, ["links_saved"]),
    ("lineage.decide", decide, ["links_saved"]),
    ("lineage.carry_over", carry_over, ["carry_over_decided"]),
    ("lineage.undo_carry_over", undo_carry_over, ["carry_over_undone"]),
    ("drafts.change", change, ["revision_changed"]),
    ("drafts.move", move, ["revision_changed"]),
    ("drafts.put_into", put_into, ["revision_changed"]),
]
