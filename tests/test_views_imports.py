"""The way of a file to a draft: upload, columns, about, preview, difference, load."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assessments.importers import assembly
from assessments.models import FrameworkImport, FrameworkRevision
from tests import factories
from tests.conftest import FIXTURES, signed_in, told, words
from tests.uploads import ABOUT, HOME, PASTED, SHEET, SMALL, described, page, send, the_import, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


@pytest.fixture
def client(admin):
    return signed_in(admin)


# the list and the upload


def test_list_shows_frameworks_files_and_the_form(client, admin):
    factories.make_revision()
    factories.make_next()
    factories.make_import(admin, name="waiting.csv")

    text = words(client.get(HOME))

    assert "Small framework Revision Title State Mapping 1.1 of Small framework Small list Draft 4 to confirm" in text
    assert "Interpersonal psychotherapy Revision" in text
    assert "waiting.csv CSV table, uploaded by Robert Quayle" in text


def test_list_without_files_has_no_such_part(client):
    assert "Files being looked at" not in words(client.get(HOME))


def test_discarded_revision_leaves_the_list(client, admin):
    draft = factories.make_revision(is_published=False)
    factories.frameworks.discard(by=admin, revision=draft)

    assert "Small framework" not in words(client.get(HOME))


def test_upload_keeps_the_file_and_leads_to_its_first_step(client):
    response = upload(client)

    kept = the_import()
    assert (response.url, bytes(kept.content), kept.format) == (kept.get_absolute_url(), SHEET.encode(), "CSV table")
    assert FrameworkRevision.objects.filter(framework__slug="cbt").count() == 0


def test_pasted_list_is_kept_as_a_file(client):
    client.post(HOME, {"text": PASTED})

    kept = the_import()
    assert (kept.file_name, kept.format) == ("pasted list.txt", "Plain list")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "Choose a file, or paste a list: one of the two."),
        ({"text": "   "}, "Choose a file, or paste a list: one of the two."),
        ({"text": "x" * 1_000_001}, "This is longer than 1,000,000 characters. Shorten it; nothing was saved."),
        ({"text": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_upload_of_nothing_is_refused(client, data, reason):
    response = client.post(HOME, data)

    assert (response.status_code, reason in words(response)) == (422, True)
    assert FrameworkImport.objects.count() == 0


def test_upload_of_both_is_refused(client):
    response = client.post(HOME, {"file": SimpleUploadedFile("a.csv", b"x"), "text": "y"})

    assert "Choose a file, or paste a list: one of the two." in words(response)


def test_upload_that_cannot_be_read_is_refused_with_its_places(client):
    response = upload(client, b"%PDF-1.7", "list.pdf")

    assert (response.status_code, FrameworkImport.objects.count()) == (422, 0)
    assert "One thing to mend before it can be loaded file : The file is a PDF." in words(response)


def test_too_large_a_file_is_refused(client):
    response = upload(client, b"x" * (20 * 1024**2 + 1))

    assert "This file is larger than 20 MB. Split it, or leave out what is not text." in words(response)


# the steps


def test_steps_are_those_that_the_file_needs(client):
    upload(client)
    before = page(client, "columns").context["steps"]
    send(client, "about", **ABOUT)

    after = page(client, "columns").context["steps"]

    assert [label for _, label, _ in before] == ["Columns", "About"]
    assert [label for _, label, _ in after] == ["Columns", "About", "Preview"]


def test_step_that_does_not_exist_is_the_first_one(client):
    upload(client)

    steps = [page(client, step).context["step"] for step in ["", "nonsense", "preview", "difference", "lines"]]

    assert steps == ["columns"] * 5


def test_columns_are_guessed_and_corrected(client):
    upload(client)
    text = words(page(client, "columns"))

    response = send(
        client, "columns", **{"column-0": "title 1", "column-1": "", "column-2": "code", "column-3": "text"}
    )

    assert "An ability to wait. · An ability to bear silence. · An ability to ask openly." in text
    assert response.url == f"{the_import().get_absolute_url()}?step=about"
    assert the_import().answers["columns"] == {
        "domain": "title 1",
        "activity": "",
        "code": "code",
        "statement": "text",
    }


def test_column_with_a_role_that_is_none_is_refused(client):
    upload(client)

    response = send(client, "columns", **{"column-0": "nonsense"})

    assert "Select a valid choice. nonsense is not one of the available choices." in words(response)
    assert the_import().answers["columns"] == {}


def test_columns_that_contradict_each_other_are_told(client):
    upload(client)

    send(client, "columns", **{"column-0": "text", "column-1": "text", "column-2": "code", "column-3": ""})

    assert "'domain' and 'activity' are both chosen as 'Statement'." in words(page(client, "columns"))


def test_lines_of_a_pasted_list_are_shown(client):
    client.post(HOME, {"text": PASTED})

    response = page(client, "lines")

    assert [label for _, label, _ in response.context["steps"]] == ["Cleaning", "About"]
    assert "An ability to wait." in words(response)


def test_about_asks_for_what_the_file_does_not_say(client):
    upload(client)

    response = send(client, "about", framework="")

    assert sorted(response.context["form"].errors) == ["framework", "framework_title", "number", "title"]
    assert the_import().answers["metadata"] == {}


def test_about_is_saved_and_leads_to_the_preview(client):
    upload(client)

    response = send(client, "about", **ABOUT | {"issued_on": "30/11/2026", "is_redistributable": "on"})

    answers = the_import().answers
    assert response.url == f"{the_import().get_absolute_url()}?step=preview"
    assert (answers["scale"], answers["shape"], answers["kind"]) == ("ipt-development/1", "nested", "skill")
    assert (answers["metadata"]["issued_on"], answers["metadata"]["is_redistributable"]) == ("2026-11-30", "yes")
    assert set(assembly.METADATA) < set(answers["metadata"])


def test_about_remembers_what_was_stated(client):
    described(client, licence="CC BY 4.0")

    html = page(client, "about").text

    assert 'value="CC BY 4.0"' in html
    assert "Entries on each level of the file: 2, 2, 3." in words(page(client, "about"))


@pytest.mark.parametrize("previous", ["small/9", "ipt/0.9", "\x00"])
def test_about_follows_only_what_is_published(client, previous):
    upload(client)

    response = send(client, "about", **ABOUT | {"previous": previous})

    assert (response.status_code, list(response.context["form"].errors)) == (200, ["previous"])


def test_about_follows_only_its_own_framework(client):
    upload(client)

    response = send(client, "about", **ABOUT | {"previous": "ipt/1.0"})

    assert "This is a revision of ipt. Choose one of cbt, or mend the address." in words(response)


def test_preview_shows_counts_map_and_tree(client):
    described(client)

    text = words(page(client, "preview"))

    assert "CBT, revision 1.0 Domains 2 Activities 2 Competences 3 Sub-points 0" in text
    assert "Follows No earlier revision Rating scale IPT development scale, 5 levels" in text
    assert "Only people who are signed in will see it." in text
    assert "Listening 1 activity, 2 competences" in text
    assert "A2 An ability to bear silence." in text


def test_draft_is_loaded_once_the_warnings_are_confirmed(client):
    described(client)

    refused = send(client, "preview")
    before = FrameworkRevision.objects.filter(framework__slug="cbt").count()
    response = send(client, "preview", is_confirmed="on")

    assert "I have read the warnings and accept what they say.: this is missing." in words(refused)
    assert (before, response.url) == (0, f"{HOME}cbt/1.0/")
    assert told(response) == ["CBT list 1.0 is a draft now. Only administrators see it until it is published."]


def test_own_format_needs_no_answers(client):
    upload(client, SMALL, "small.yaml")

    response = send(client, "preview")

    assert (response.status_code, the_import().status) == (302, "loaded")


def test_same_content_as_a_published_revision_says_so(client):
    upload(client, (FIXTURES / "ipt-1.0.yaml").read_bytes(), "ipt.yaml")

    response = send(client, "preview")

    assert response.url == f"{HOME}ipt/1.0/"
    assert told(response) == [
        "IPT competence list, own-words edition 1.0 is stored with the same content already. Nothing was changed."
    ]


def test_number_of_a_published_revision_is_refused_on_the_page(client):
    described(client, framework="ipt", framework_title="IPT")

    response = send(client, "preview", is_confirmed="on")

    assert "Revision 1.0 of ipt is published with other content and never changes." in words(response)
    assert the_import().status == "open"


def test_difference_is_shown_for_a_revision_that_follows_another(client):
    described(client)
    send(client, "preview", is_confirmed="on")
    factories.frameworks.publish(by=None, revision=FrameworkRevision.objects.get(framework__slug="cbt"))
    upload(client, SHEET.replace("bear silence", "bear silence well") + "Asking,Opening,B2,New here.\n")
    send(client, "about", **ABOUT | {"number": "1.1", "previous": "cbt/1.0"})

    response = page(client, "difference")

    assert [label for _, label, _ in response.context["steps"]] == ["Columns", "About", "Preview", "Difference"]
    assert "What changes from 1.0" in words(response)
    assert re.search(r"Reworded 1 .*New 1", words(response))


def test_sheet_with_the_same_heads_is_read_as_the_last_one_was(client):
    described(client)
    send(client, "columns", **{"column-0": "title 1", "column-1": "title 2", "column-2": "code", "column-3": "text"})
    send(client, "preview", is_confirmed="on")

    upload(client, SHEET + "Asking,Opening,B2,New here.\n")

    answers = the_import().answers
    assert answers["columns"]["domain"] == "title 1"
    assert (answers["metadata"]["framework"], answers["metadata"]["previous"]) == ("cbt", "1.0")
    assert {"number", "issued_on"} & set(answers["metadata"]) == set()
