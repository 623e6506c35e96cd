"""What a report file is made of, as other programs read it: qpdf, poppler and pikepdf."""

import hashlib
import io
import json
import re
import subprocess
from itertools import pairwise

import pikepdf
import pytest

from assessments import records
from tests.test_report_pdf import document, looking_back, render


def whole():
    """A signed record in which every part of the report has something to say."""
    content = looking_back(("G1", 4, 2, 3), ("G2", 6, 3, 3), ("B1", 1, 4, 3), status="signed_off")
    content["assessment"]["fitness"] = "reached_with_cpd"
    content["texts"]["concerns_handled"] = "The lead was told the same day."
    return content


@pytest.fixture(scope="module")
def signed():
    return render(whole())


@pytest.fixture
def opened(signed):
    with pikepdf.open(io.BytesIO(signed)) as report:
        yield report


@pytest.fixture
def on_disk(signed, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(signed)
    return path


def run(*command):
    return subprocess.run(command, capture_output=True, check=True).stdout


def elements(node):
    """The structure tree in reading order."""
    for kid in node.K if isinstance(node.get("/K"), pikepdf.Array) else [node.get("/K")]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def tagged(report, *tags):
    return [entry for entry in elements(report.Root.StructTreeRoot) if str(entry.S)[1:] in tags]


# the record in the file


def test_record_is_attached_as_it_is_hashed(opened):
    content = records.canonical(whole())

    [(name, attached)] = opened.attachments.items()

    assert (name, attached.get_file().read_bytes()) == ("record.json", content.encode())


def test_attached_record_bears_the_hash_that_the_pages_print(signed, on_disk):
    attached = run("qpdf", "--show-attachment=record.json", on_disk)
    text = run("pdftotext", "-layout", on_disk, "-").decode()

    digest = hashlib.sha256(attached).hexdigest()
    printed = [hexadecimal.replace(" ", "") for hexadecimal in re.findall(r"This record +SHA-256 ([0-9a-f \n]+)", text)]
    feet = re.findall(r"SHA-256 (\w{4} \w{4} \w{4} \w{4}) … (\w{4} \w{4})\. Check it at /verify/\.", text)
    assert [re.sub(r"\s", "", each) for each in printed] == [digest]
    assert {(first.replace(" ", ""), last.replace(" ", "")) for first, last in feet} == {(digest[:16], digest[-8:])}


def test_attachment_says_what_it_is(opened):
    [attached] = opened.attachments.values()
    entry = attached.obj

    assert (attached.description, str(entry.AFRelationship)) == (
        "The record that this report prints, as canonical JSON",
        "/Data",
    )
    assert str(entry.EF.F.Subtype) == "/application/json"
    assert [file.objgen for file in opened.Root.AF] == [entry.objgen]


def test_attachment_is_dated_as_the_report(opened):
    [attached] = opened.attachments.values()

    assert str(attached.obj.EF.F.Params.ModDate) == "D:20261123000000Z"


def test_record_with_what_pages_cannot_hold_is_attached_whole():
    content = document(texts={"summary": "\0\x0b </html> &amp; é", "strengths": "", "needs": ""})

    with pikepdf.open(io.BytesIO(render(content))) as report:
        assert json.loads(report.attachments["record.json"].get_file().read_bytes()) == content


def test_draft_carries_the_assessment_as_it_stands_and_leads_nowhere(tmp_path):
    path = tmp_path / "draft.pdf"
    path.write_bytes(render(document()))

    assert json.loads(run("qpdf", "--show-attachment=record.json", path))["chain"] is None
    assert "/verify/." not in run("pdftotext", "-layout", path, "-").decode()


def test_signed_report_gives_the_same_bytes_again(signed):
    assert render(whole()) == signed


# the file as a whole


def test_qpdf_finds_no_error(on_disk):
    assert b"No syntax or stream encoding errors found" in run("qpdf", "--check", on_disk)


def test_poppler_sees_a_tagged_titled_file_without_script_or_form(on_disk):
    facts = dict(
        re.split(r":\s+", line, maxsplit=1) for line in run("pdfinfo", on_disk).decode().splitlines() if ": " in line
    )

    names = ["Title", "Tagged", "Suspects", "Form", "JavaScript", "Encrypted", "PDF version"]
    assert [facts[name] for name in names] == [
        "Assessment report 91C208DE, Amara Okafor",
        "yes",
        "no",
        "none",
        "no",
        "no",
        "1.7",
    ]


def test_file_claims_pdf_ua_and_shows_its_title(opened):
    metadata = opened.Root.Metadata.read_bytes()

    assert re.search(rb"pdfuaid:part(>|=\")1", metadata)
    assert (str(opened.Root.Lang), bool(opened.Root.ViewerPreferences.DisplayDocTitle)) == ("en-GB", True)


def test_every_page_is_read_in_the_order_of_its_tags(opened):
    assert {str(page.Tabs) for page in opened.pages} == {"/S"}


def test_every_font_is_embedded(on_disk):
    rows = run("pdffonts", on_disk).decode().splitlines()[2:]

    assert {line.split()[-5] for line in rows} == {"yes"}


# the tags


def test_poppler_reads_the_whole_structure(on_disk):
    done = subprocess.run(["pdfinfo", "-struct", on_disk], capture_output=True, check=True)

    assert done.stderr == b""
    assert done.stdout.startswith(b"Document\n")


def test_headings_begin_with_one_and_skip_no_level(opened):
    levels = [int(str(entry.S)[2:]) for entry in tagged(opened, *[f"H{n}" for n in range(1, 7)])]

    assert (levels[0], levels.count(1)) == (1, 1)
    assert [(a, b) for a, b in pairwise(levels) if b > a + 1] == []


def test_bookmarks_are_the_headings(opened):
    def titles(items):
        for item in items:
            yield item.title
            yield from titles(item.children)

    with opened.open_outline() as outline:
        found = list(titles(outline.root))

    assert len(found) == len(tagged(opened, *[f"H{n}" for n in range(1, 7)]))
    assert {"Assessment report", "Summary", "About this report"} <= set(found)


def test_every_row_of_a_table_has_only_cells_and_every_table_a_header(opened):
    for table in tagged(opened, "Table"):
        cells = [str(entry.S) for entry in elements(table) if str(entry.S) in {"/TH", "/TD"}]
        assert "/TH" in cells
    for row in tagged(opened, "TR"):
        assert {str(cell.S) for cell in row.K} <= {"/TH", "/TD"}


def test_every_cell_names_headers_that_exist(opened):
    headers = {str(entry.ID) for entry in tagged(opened, "TH")}

    named = {str(name) for cell in tagged(opened, "TD") for owner in _attributes(cell) for name in owner.Headers}

    assert named
    assert named <= headers


def _attributes(entry):
    owners = entry.get("/A", [])
    return [owner for owner in (owners if isinstance(owners, pikepdf.Array) else [owners]) if "/Headers" in owner]


def test_every_figure_has_an_alternative(opened):
    figures = tagged(opened, "Figure")

    assert figures
    assert [entry for entry in figures if not str(entry.get("/Alt", ""))] == []


def test_reading_order_is_that_of_the_pages(on_disk):
    text = run("pdfinfo", "-struct-text", on_disk).decode()

    place = 0
    for heading in [
        "Assessment report",
        "Summary",
        "How many competences at each level",
        "Where it stands",
        "Competences at each level, by domain",
        "Movement since last",
        "By activity",
        "Feedback and next steps",
        "How the concerns are handled",
        "Statement of fitness",
        "Reply of the therapist",
        "What the levels mean",
        "About this report",
    ]:
        # Not before the one before it; a row of the summary may be called like a heading.
        place = text.index(f'"{heading}', place)


def test_summary_is_one_page(on_disk):
    pages = run("pdftotext", "-layout", on_disk, "-").decode().split("\f")

    assert "Statement of fitness" in pages[1]
    assert "How many competences at each level" in pages[1]
    assert "Where it stands" in pages[2]


def test_every_page_says_whose_it_is_and_what_it_is_not(on_disk):
    pages = run("pdftotext", "-layout", on_disk, "-").decode().split("\f")[:-1]

    for number, page in enumerate(pages, 1):
        foot = " ".join(page.split())
        assert f"signed off Amara Okafor Page {number} of {len(pages)}" in foot.replace("\u2003", " ")
        assert "Not an accreditation by IPT-UK or UCL." in foot


def test_counts_name_each_column_and_row(opened):
    tables = [[str(entry.S) for entry in elements(table)] for table in tagged(opened, "Table")]

    # Eight columns with numbers, and a row for each of three domains and for all of them.
    assert [kinds.count("/TH") for kinds in tables if kinds.count("/TD") == 8 * 4] == [1 + 8 + 4]


def test_drawings_of_movement_say_what_they_show(opened):
    alternatives = [str(entry.get("/Alt", "")) for entry in tagged(opened, "Figure")]

    assert "Of 2 activities rated both times, 1 is further on and 1 is the same." in alternatives
    assert "Of 1 activity rated both times, 1 is less far." in alternatives


def test_short_report_is_as_valid(tmp_path):
    path = tmp_path / "short.pdf"
    path.write_bytes(render(whole(), kind="short"))

    assert b"No syntax or stream encoding errors found" in run("qpdf", "--check", path)
    assert subprocess.run(["pdfinfo", "-struct", path], capture_output=True, check=True).stderr == b""
    with pikepdf.open(path) as report:
        levels = [int(str(entry.S)[2:]) for entry in tagged(report, *[f"H{n}" for n in range(1, 7)])]
        assert [(a, b) for a, b in pairwise(levels) if b > a + 1] == []
        assert [entry for entry in tagged(report, "Figure") if not str(entry.get("/Alt", ""))] == []
