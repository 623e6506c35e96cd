"""Whatever is sent to the pages of framework management: a sentence, never an error, and nothing half-written."""

import random

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assessments.models import Framework, FrameworkImport
from tests import factories
from tests.conftest import signed_in
from tests.uploads import ABOUT, HOME, PASTED, SHEET, SMALL, described, send, the_import, upload

pytestmark = pytest.mark.django_db

NEXT = f"{HOME}small/1.1/"
NONSENSE = {
    "nothing": "",
    "spaces": "   ",
    "NUL": "a\x00b",
    "control": "a\x07b\x1b[0m",
    "half a pair": "\udcff",
    "50 kB": "x" * 50_000,
    "markup": "<script>alert(1)</script>{{ 7|add:1 }}{% now %}",
    "SQL": "'; DROP TABLE assessments_rating; --",
    "number": "9" * 40,
    "path": "../../etc/passwd",
    "digits of elsewhere": "٣",
}
SPOILT = pytest.mark.parametrize("spoilt", NONSENSE.values(), ids=NONSENSE.keys())


@pytest.fixture
def client(admin):
    return signed_in(admin)


@pytest.fixture
def newer():
    factories.make_revision()
    return factories.make_next()


def counts():
    """Rows of every table but the sessions, which a message is kept in."""
    models = [model for model in apps.get_models() if model._meta.label != "sessions.Session"]
    return {model._meta.label: model._base_manager.count() for model in models}


def sendable(text):
    return text.encode("utf-8", "surrogateescape") if "\udcff" in text else text


# files


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.json", "a.matrix", "a.yaml", "a.txt", "a", "a.pdf"])
@pytest.mark.parametrize("seed", range(3))
def test_file_of_noise_is_refused(client, name, seed):
    noise = random.Random(seed).randbytes(2_000)
    before = counts()

    response = upload(client, noise, name)

    assert (response.status_code, counts()) == (422, before)


@pytest.mark.parametrize("start", [SHEET.encode(), SMALL, PASTED.encode()], ids=["sheet", "yaml", "list"])
@pytest.mark.parametrize("seed", range(4))
def test_spoilt_file_is_refused_or_kept_whole(client, start, seed):
    chance = random.Random(seed)
    spoilt = bytearray(start)
    for _ in range(10):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    name = "a.yaml" if start == SMALL else "a.csv" if start == SHEET.encode() else "a.txt"

    response = upload(client, bytes(spoilt), name)

    assert response.status_code in {302, 422}
    assert Framework.objects.count() == 1
    if response.status_code == 302:
        assert client.get(response.url).status_code == 200


@SPOILT
def test_nonsense_pasted_is_refused_or_looked_at(client, spoilt):
    response = client.post(HOME, {"text": sendable(spoilt)})

    assert response.status_code in {302, 422}
    if response.status_code == 302:
        assert client.get(response.url).status_code == 200


@pytest.mark.parametrize("name", ["\x00.csv", "../../a.csv", "x" * 300 + ".csv", "<b>.csv", "ä\u202e.csv", ".csv"])
def test_file_of_any_name_is_kept_and_can_be_downloaded(client, name):
    response = client.post(HOME, {"file": SimpleUploadedFile(name, SHEET.encode())})

    kept = the_import()
    assert (response.status_code, client.get(kept.get_absolute_url()).status_code) == (302, 200)
    assert client.get(reverse("framework-import-file", args=[kept.pk])).content == SHEET.encode()


def test_file_in_place_of_a_text_is_refused(client):
    response = client.post(HOME, {"text": SimpleUploadedFile("a.csv", b"x"), "file": "no file"})

    assert (response.status_code, FrameworkImport.objects.count()) == (422, 0)


# the steps of a file


@SPOILT
def test_nonsense_about_a_file_is_kept_as_text_or_refused(client, spoilt):
    upload(client)

    for field in [*ABOUT, "previous", "issued_on", "source_url", "level", "summary"]:
        assert send(client, "about", **ABOUT | {field: sendable(spoilt)}).status_code in {200, 302}, field
        pages = [client.get(the_import().get_absolute_url(), {"step": step}) for step in ["about", "preview"]]
        assert [page.status_code for page in pages] == [200, 200], field

    assert send(client, "preview", is_confirmed="on").status_code in {200, 302}


@SPOILT
def test_nonsense_for_a_column_is_refused(client, spoilt):
    described(client)

    response = send(client, "columns", **{"column-0": sendable(spoilt), "sheet": sendable(spoilt)})

    assert response.status_code in {200, 302}
    assert client.get(the_import().get_absolute_url(), {"step": "columns"}).status_code == 200


@SPOILT
def test_step_of_any_name_is_a_page(client, spoilt):
    upload(client)

    response = client.get(the_import().get_absolute_url(), {"step": sendable(spoilt), "page": sendable(spoilt)})

    assert (response.status_code, response.context["step"]) == (200, "columns")


@pytest.mark.parametrize("name", ["framework-import", "framework-import-file", "framework-import-discard"])
def test_file_that_does_not_exist_is_missing(client, name):
    url = reverse(name, args=["01890000-0000-7000-8000-000000000000"])

    answers = [client.get(url).status_code, client.post(url).status_code]

    assert answers == [405 if name.endswith("discard") else 404, 404]


# revisions and their mapping


@SPOILT
@pytest.mark.parametrize("code", ["A1.2", "A2.1"])
def test_nonsense_in_a_decision_leaves_every_competence_where_it_was(client, newer, code, spoilt):
    link = newer.links.get(newer__code=code)
    key = f"o{link.older_id}" if link.older_id else f"n{link.newer_id}"
    before = sorted(map(str, newer.links.all()))

    for field in ["kind", "codes", "note"]:
        response = client.post(f"{NEXT}mapping/", {"decide": key, f"{field}-{key}": sendable(spoilt)})
        assert response.status_code in {302, 422}, field

    assert sorted(map(str, newer.links.all())) == before


@SPOILT
def test_mapping_is_shown_whatever_is_asked_for(client, newer, spoilt):
    response = client.get(f"{NEXT}mapping/", {"show": sendable(spoilt), "page": sendable(spoilt)})

    assert response.status_code == 200


@pytest.mark.parametrize("step", ["explode", "publish-", "-", "0", "PUBLISH", "x" * 5_000])
def test_step_that_does_not_exist_changes_nothing(client, newer, step):
    before = counts()

    assert (client.post(f"{NEXT}{step}/").status_code, counts()) == (404, before)


@pytest.mark.parametrize("place", ["small/1.1%00", "small%00/1.1", "sm%FFall/1.1", "%3Cb%3E/1.1", "small/1.1'--"])
@pytest.mark.parametrize("page", ["", "mapping/", "edit/", "edit/domain/1/"])
def test_revision_that_does_not_exist_is_missing(client, newer, place, page):
    assert client.get(f"{HOME}{place}/{page}").status_code == 404


@SPOILT
def test_nonsense_in_a_draft_is_refused_or_kept_as_text(client, newer, spoilt):
    node = newer.competences.get(code="A1.2")
    url = reverse("node-edit", args=["small", "1.1", "competence", node.pk])

    for field in ["seen", "code", "text", "kind", "subheading", "guidance", "is_safety_critical"]:
        form = client.get(url).context
        fields = {name: value for name, value in form["form"].initial.items() if value} | {"seen": form["seen"]}
        response = client.post(url, fields | {field: sendable(spoilt)})
        assert response.status_code in {302, 422}, field

    assert newer.competences.count() == 4
