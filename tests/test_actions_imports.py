import pytest

from assessments.actions import imports
from assessments.exceptions import NotAllowed, Refused
from assessments.importers.reading import Answers
from assessments.models import AuditEvent, FrameworkImport, FrameworkRevision
from tests import factories
from tests.factories import event_types

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(admin):
    return factories.make_import(admin)


def stored(kept):
    return FrameworkImport.objects.get(pk=kept.pk)


def test_upload_keeps_the_bytes_and_the_first_guess(admin):
    kept = factories.make_import(admin, "code,title\n", sheet="One")

    found = stored(kept)
    assert (bytes(found.content), found.file_name, found.status) == (b"code,title\n", "list.csv", "open")
    assert (found.uploaded_by, found.answers["sheet"], found.closed_at) == (admin, "One", None)
    assert found.sha256 == "ebdbdedcd40b197fc0edad3801020d6404d9001495d3a4721b50398ca904d1a7"


def test_upload_keeps_the_end_of_a_long_name(admin):
    kept = factories.make_import(admin, name="x" * 300 + ".csv")

    assert kept.file_name == "x" * 196 + ".csv"


def test_upload_records_it(admin):
    kept = factories.make_import(admin)

    event = AuditEvent.objects.latest("id")
    assert (event.type, event.by) == ("file_uploaded", admin)
    assert event.data == {"file": str(kept.pk), "name": "list.csv", "sha256": kept.sha256}


def test_answer_is_saved_and_recorded(admin, kept):
    imports.answer(by=admin, kept=kept, answers=Answers(kind="attitude"))

    event = AuditEvent.objects.latest("id")
    assert stored(kept).answers["kind"] == "attitude"
    assert (event.type, event.data["answers"]["kind"]) == ("file_answered", "attitude")


def test_load_stores_a_draft_and_closes_the_import(admin, kept):
    revision = imports.load(by=admin, kept=kept, data=factories.make_revision_data())

    found = stored(kept)
    assert (revision.status, found.status, found.revision, found.framework) == (
        "draft",
        "loaded",
        revision,
        revision.framework,
    )
    assert found.closed_at is not None


def test_load_tells_the_history_which_file_it_was(admin, kept):
    revision = imports.load(by=admin, kept=kept, data=factories.make_revision_data())

    (event,) = AuditEvent.objects.filter(revision=revision)
    assert (event.type, event.by, event.data["file"]) == ("revision_loaded", admin, str(kept.pk))


def test_load_refused_leaves_the_import_open(admin, kept):
    factories.make_revision()

    with pytest.raises(Refused, match="published with other content"):
        imports.load(by=admin, kept=kept, data=factories.make_revision_data(title="Other"))

    assert (stored(kept).status, FrameworkRevision.objects.filter(framework__slug="small").count()) == ("open", 1)


def test_discard_closes_the_import_without_a_revision(admin, kept):
    imports.discard(by=admin, kept=kept)

    found = stored(kept)
    assert (found.status, found.revision, found.closed_at is None) == ("discarded", None, False)
    assert AuditEvent.objects.latest("id").type == "file_discarded"


STEPS = {
    "answer": {"answers": Answers()},
    "load": {"data": factories.make_revision_data()},
    "discard": {},
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("closed", "word"), [("load", "loaded"), ("discard", "discarded")])
def test_import_that_is_closed_is_refused(admin, kept, step, closed, word):
    getattr(imports, closed)(by=admin, kept=kept, **STEPS[closed])
    before = AuditEvent.objects.count()

    with pytest.raises(Refused) as refusal:
        getattr(imports, step)(by=admin, kept=kept, **STEPS[step])

    assert str(refusal.value) == f"This file was {word} meanwhile. Upload it again to start afresh."
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("who", ["therapist", "supervisor", "lead"])
@pytest.mark.parametrize("step", STEPS)
def test_import_is_for_administrators(request, kept, who, step):
    with pytest.raises(NotAllowed):
        getattr(imports, step)(by=request.getfixturevalue(who), kept=kept, **STEPS[step])

    assert stored(kept).status == "open"


def test_upload_is_for_administrators(supervisor):
    with pytest.raises(NotAllowed):
        factories.make_import(supervisor)


def test_same_content_from_a_second_file_is_the_same_draft(admin, kept):
    first = imports.load(by=admin, kept=kept, data=factories.make_revision_data())
    other = factories.make_import(admin)

    second = imports.load(by=admin, kept=other, data=factories.make_revision_data())

    assert (second, event_types(revision=first)) == (first, ["revision_loaded"])
