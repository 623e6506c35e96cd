import json

import pytest
from django.core.management import CommandError, call_command

from assessments import importers, queries
from assessments.reports import booklet
from tests import factories

pytestmark = pytest.mark.django_db


def export(path, number="1.0", *, slug="ipt", **options):
    call_command("export_framework", slug, number, output=path, **options)


@pytest.mark.parametrize("format", ["csv", "fixture"])
def test_own_format_gives_the_same_revision(tmp_path, revision, format, capsys):
    path = tmp_path / "ipt"

    export(path, format=format)

    assert importers.read("ipt", path.read_bytes()).revision == queries.revision_data(revision)
    assert capsys.readouterr().out == f"{revision}: {path.stat().st_size:,} bytes in {path}.\n"


def test_booklet_of_any_length_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr("assessments.reports.shelf.FOLDER", tmp_path)
    monkeypatch.setattr(booklet, "MOST_AT_ONCE", 1)
    factories.make_revision()

    export(tmp_path / "small.pdf", format="pdf", slug="small")

    assert (tmp_path / "small.pdf").read_bytes()[:5] == b"%PDF-"


def test_booklet_that_cannot_be_made_is_told(tmp_path, revision, monkeypatch):
    monkeypatch.setattr("assessments.reports.shelf.FOLDER", tmp_path)
    monkeypatch.setattr(booklet, "OPERATOR_WAITS", 0.01)

    with pytest.raises(CommandError, match=r"^The report took too long to make\."):
        export(tmp_path / "ipt.pdf", format="pdf")


@pytest.mark.parametrize("format", ["moodle", "mahara"])
def test_format_of_another_system_is_told_by_its_content(tmp_path, revision, format):
    export(tmp_path / "ipt", format=format)

    assert importers.read("ipt", (tmp_path / "ipt").read_bytes()).format == format


def test_workbook_is_a_packed_file(tmp_path, revision):
    export(tmp_path / "ipt.xlsx", format="xlsx")

    assert (tmp_path / "ipt.xlsx").read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    ("hosts", "options", "expected"),
    [
        (["*", ".example.org", "ipt.example.org"], {}, "http://ipt.example.org/frameworks/ipt/1.0/"),
        ([], {}, "http://localhost/frameworks/ipt/1.0/"),
        ([], {"address": "https://example.org"}, "https://example.org/frameworks/ipt/1.0/"),
    ],
)
@pytest.mark.usefixtures("revision")
def test_package_has_the_address_of_the_site(tmp_path, settings, hosts, options, expected):
    settings.ALLOWED_HOSTS = hosts

    export(tmp_path / "ipt.json", format="case", **options)

    document = json.loads((tmp_path / "ipt.json").read_text())["CFDocument"]
    assert (document["uri"], document["adoptionStatus"]) == (expected, "Adopted")


def test_package_of_a_draft_tells_what_it_follows(tmp_path):
    factories.make_revision(framework="ipt", number="0.8", previous="1.0", is_published=False, kept={})

    export(tmp_path / "ipt.json", "0.8", format="case")

    found = json.loads((tmp_path / "ipt.json").read_text())
    assert found["CFDocument"]["adoptionStatus"] == "Draft"
    assert found["CFDefinitions"]["CFAssociationGroupings"][0]["title"] == "Changes from 1.0"


@pytest.mark.parametrize(
    ("slug", "number", "message"),
    [
        ("ipt", "9.9", r"^Framework ipt has no revision 9\.9\. Stored are 1\.0\.$"),
        ("none", "1.0", r"^Framework none has no revision 1\.0\. Load it first\.$"),
    ],
)
def test_revision_that_is_not_there_is_refused(tmp_path, revision, slug, number, message):
    with pytest.raises(CommandError, match=message):
        call_command("export_framework", slug, number, output=tmp_path / "x", format="csv")


def test_place_that_cannot_be_written_is_told(tmp_path, revision):
    with pytest.raises(CommandError, match=r"cannot be written: No such file or directory\.$"):
        export(tmp_path / "none" / "x", format="csv")
