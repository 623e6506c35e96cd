"""The printed framework: nothing is lost, the same revision gives the same bytes, and it is made once."""

import datetime
import io
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from django.template.loader import render_to_string

from assessments.exceptions import RenderingFailed
from assessments.importers import own_yaml
from assessments.reports import booklet, shelf
from assessments.revisions import ActivityData, CompetenceData, DomainData
from assessments.revisions.parts import activity_part, domain_part
from tests import factories

ON = datetime.date(2026, 11, 24)
FILES = Path(__file__).parent / "files"
SMALL = own_yaml.read((FILES / "small.yaml").read_bytes())
FACTORY = factories.make_revision_data(notice="Only & for tests.", authors="The authors")

pytestmark = pytest.mark.usefixtures("strict_templates")


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(shelf, "FOLDER", tmp_path / "shelf")
    return tmp_path / "shelf"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The booklet of the small framework, page by page as text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf, "FOLDER", tmp_path_factory.mktemp("shelf"))
        content = booklet.render(FACTORY, booklet.Issue(ON))
    return text(content).split("\f")


def text(content):
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
    ).stdout.decode()


def html(data, part=booklet.WHOLE, published_on=ON):
    return render_to_string("reports/booklet.html", booklet.context(data, booklet.Issue(published_on, part)))


def plain(markup):
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def large(count):
    competences = [CompetenceData(f"c{n}", f"C{n}", "skill", "An ability.") for n in range(count)]
    activity = ActivityData("b", "B", "Activity", "Activity", competences=competences)
    return factories.make_revision_data(domains=[DomainData("a", "A", "Domain", "Domain", activities=[activity])])


def test_cover_says_what_it_is_and_whose(pages):
    cover = " ".join(pages[0].split())

    assert "Small list 1 domain, 2 activities and 3 competences Revision 1.0 Published here 24 November 2026" in cover
    assert "Authors The authors Only & for tests." in cover


def test_every_statement_and_point_is_printed(pages):
    whole = " ".join(" ".join(pages).split())

    for competence in FACTORY.all_competences():
        assert f"{competence.code} {competence.text} {competence.kind}" in whole
    assert "• Attention." in whole
    assert "skill, critical for safety" in whole


def test_contents_name_the_page(pages):
    numbers = dict(re.findall(r"(A1a?|What the levels mean)\b.*[. ] (\d+)\n", pages[2]))

    assert numbers == {"A1": "4", "A1a": "4", "What the levels mean": "5"}


def test_foot_of_each_page_but_the_cover_has_notice_and_number(pages):
    feet = [" ".join(page.strip().splitlines()[-1].split()) for page in pages[:5]]

    assert feet[1:] == [f"Only & for tests. Page {number} of 5" for number in range(2, 6)]


def test_booklet_is_tagged_and_has_bookmarks():
    with pikepdf.open(io.BytesIO(booklet.render(FACTORY, booklet.Issue(ON)))) as pdf:
        title, language, marked = pdf.docinfo["/Title"], pdf.Root.Lang, pdf.Root.MarkInfo.Marked
        with pdf.open_outline() as outline:
            bookmarks = [item.title for item in outline.root[0].children]
        sizes = [[float(side) for side in page.mediabox][2:] for page in pdf.pages[:2]]

    assert (str(title), str(language), bool(marked)) == ("Small list 1.0", "en-GB", True)
    assert bookmarks == ["Map", "Contents", "A First domain", "What the levels mean"]
    assert [width < height for width, height in sizes] == [True, False]


def test_same_revision_gives_the_same_bytes(folder):
    first = booklet.render(FACTORY, booklet.Issue(ON))
    for file in folder.iterdir():
        file.unlink()

    assert booklet.render(FACTORY, booklet.Issue(ON)) == first


def test_published_booklet_is_made_once(folder):
    booklet.render(FACTORY, booklet.Issue(ON))
    (file,) = folder.iterdir()
    file.write_bytes(b"from the shelf")

    assert booklet.render(FACTORY, booklet.Issue(ON)) == b"from the shelf"


def test_draft_is_not_kept_and_says_so(folder):
    content = booklet.render(FACTORY, booklet.Issue(None))

    assert "Draft, not published" in text(content)
    assert not folder.exists()


def test_long_booklet_is_left_to_the_operator(monkeypatch):
    monkeypatch.setattr(booklet, "MOST_AT_ONCE", 2)

    with pytest.raises(
        RenderingFailed, match=r"^The booklet of 3 competences .* export_framework small 1\.0 --format pdf"
    ):
        booklet.render(large(3), booklet.Issue(ON))


def test_operator_makes_a_long_booklet_ready(monkeypatch):
    monkeypatch.setattr(booklet, "MOST_AT_ONCE", 2)

    content = booklet.render(large(3), booklet.Issue(ON), is_operator=True)

    assert booklet.render(large(3), booklet.Issue(ON)) == content


def test_markup_in_a_text_stays_text():
    page = html(factories.make_revision_data(summary="<img src=x>", notice="a <b> c"))

    assert ("<img" in page, "&lt;img src=x&gt;" in page) == (False, True)


def test_domain_has_contents_but_no_map():
    page = html(domain_part(FACTORY, "A"), booklet.DOMAIN)

    assert re.findall(r"<section class=\"(\w+)\"", page) == ["cover", "contents", "domain", "scale"]
    assert "A First domain 2 activities and 3 competences" in plain(page)


def test_activity_is_named_by_what_was_asked_for():
    page = html(activity_part(FACTORY, "A1a"), booklet.ACTIVITY)

    assert re.findall(r"<section class=\"(\w+)\"", page) == ["cover", "domain", "scale"]
    assert "<title>Small list 1.0, A1a Ability to listen for silences</title>" in page
    assert "A1a Ability to listen for silences 1 competence" in plain(page)


def test_what_only_stands_in_has_no_heading():
    domain = replace(
        SMALL.domains[0],
        is_synthetic=True,
        activities=[replace(SMALL.domains[0].activities[0], is_synthetic=True, title="First domain")],
    )

    page = html(replace(SMALL, domains=[domain]))

    assert re.findall(r'<h3 id="activity-(\w+)"', page) == ["A1a"]
    assert 'id="domain-A">First domain</h2>' in page
    assert "1 activity and 2 competences" in page


def test_scale_says_what_it_means_here():
    page = plain(html(SMALL))

    assert "Not observed: Nothing called for it." in page
    assert "Not applicable" not in page


def test_facts_of_an_activity_are_put_into_words():
    assert "Focus activity: grief, middle phase · 1 competence" in html(SMALL)


def test_background_pages_follow_the_contents():
    assert re.findall(r"<section class=\"(\w+)\"", html(SMALL))[:4] == ["cover", "map", "contents", "pages"]


def test_map_has_a_band_for_every_five_domains():
    domains = [replace(FACTORY.domains[0], code=f"D{number}") for number in range(6)]

    bands = booklet.context(replace(FACTORY, domains=domains), booklet.Issue(ON))["bands"]

    assert [len(band["domains"]) for band in bands] == [5, 1]


def test_short_column_of_the_map_ends_in_empty_cells():
    empty = DomainData("b", "B", "Second", "Second")

    (band,) = booklet.context(replace(FACTORY, domains=[*FACTORY.domains, empty]), booklet.Issue(ON))["bands"]

    assert [[cell and cell["data"].code for cell in row] for row in band["rows"]] == [["A1", None], ["A1a", None]]


@pytest.mark.parametrize(
    ("notice", "footer"),
    [("", "Small list 1.0"), ("Two\nlines.", "Two lines."), ("word " * 60, "word " * 33 + "word…")],
)
def test_foot_is_one_line(notice, footer):
    assert booklet.context(factories.make_revision_data(notice=notice), booklet.Issue(ON))["footer"] == footer
