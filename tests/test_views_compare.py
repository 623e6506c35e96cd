"""Two revisions side by side: page, PDF, spreadsheet and the form that chooses."""

import csv
import io
import subprocess

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.reports import difference as documents
from assessments.revisions import LineageData
from tests.conftest import signed_in, words
from tests.factories import make_revision
from tests.test_queries_lineage import GRIEF, LISTEN, domains, make_first, make_next

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

PAGE = "/frameworks/small/compare/1.0/1.1/"
ENDING = "An ability to prepare the last session together"
CHANGED = LISTEN.replace("without interrupting", "patiently to")


@pytest.fixture
def pair():
    first = make_first({"same": "Stays", "x": LISTEN, "gone": GRIEF, "both": "Gives information and choice"})
    texts = {"same": "Stays", "x": CHANGED, "one": "Gives information", "two": "Offers choice", "fresh": ENDING}
    return first, make_next(first, "1.1", texts, lineage_=[LineageData("split", ["both"], ["one", "two"])])


def rows(client, query=""):
    response = client.get(PAGE + query)
    return [row.code for row in response.context["rows"]]


def test_page_says_how_much_changed_and_that_people_confirmed_it(client, pair):
    text = words(client.get(PAGE))

    assert "Small framework, revision 1.0 to 1.1" in text
    assert "4 of 5 competences changed. What became of each was confirmed by a person." in text


def test_page_says_when_links_are_only_proposed(client):
    make_first({"x": LISTEN})
    make_revision(number="1.1", domains=domains({"x": CHANGED}))

    assert "is proposed from identity and similar words. Nobody has confirmed it." in words(client.get(PAGE))


def test_page_counts_each_kind(client, pair):
    counts = client.get(PAGE).context["counts"]

    assert [(choice.label, choice.number) for choice in counts] == [
        ("Unchanged", 1),
        ("Reworded", 1),
        ("Split", 1),
        ("Removed", 1),
        ("New", 1),
    ]


def test_page_shows_old_and_new_words_marked_and_named(client, pair):
    html = client.get(PAGE).text

    assert '<del><span class="vh">[removed: </span>without interrupting<span class="vh">]</span></del>' in html
    assert '<ins><span class="vh">[added: </span>patiently to<span class="vh">]</span></ins>' in html


def test_page_says_what_is_on_one_side_only(client, pair):
    text = words(client.get(PAGE))

    assert f"GONE {GRIEF} Not in 1.1 Removed" in text
    assert f"FRESH Not in 1.0 [added: {ENDING} ] New" in text


def test_page_shows_a_split_as_one_row(client, pair):
    assert "ONE Gives information TWO [added: Offers ] choice Split into ONE and TWO" in words(client.get(PAGE))


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", ["X", "GONE", "BOTH", "FRESH"]),
        ("?show=all", ["SAME", "X", "GONE", "BOTH", "FRESH"]),
        ("?show=split", ["BOTH"]),
        ("?show=merged", ["X", "GONE", "BOTH", "FRESH"]),
        ("?show=%00", ["X", "GONE", "BOTH", "FRESH"]),
    ],
)
def test_address_says_which_changes_are_shown(client, pair, query, codes):
    assert rows(client, query) == codes


def test_page_of_equal_revisions_says_so(client, pair):
    text = words(client.get("/frameworks/small/compare/1.1/1.1/"))

    assert "None of 5 competences changed." in text
    assert "Nothing changed" in text


def test_page_lists_headings_that_changed(client):
    make_revision()
    make_revision(number="1.1", domains=domains({"x": LISTEN}))

    text = words(client.get(PAGE))

    assert "1 domain removed, 1 activity added, 2 activities removed" in text
    assert "A1 Ability to listen not in 1.1" in text


def test_long_difference_is_paged(client):
    make_first({f"k{number}": f"Statement number {number}" for number in range(60)})
    make_revision(number="1.1", domains=domains({"other": GRIEF}))

    assert (len(rows(client)), len(rows(client, "?page=2"))) == (50, 11)
    assert "51 to 61 of 61" in words(client.get(f"{PAGE}?page=2"))


def counted(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        client.get(address)
    return len(found)


def test_page_takes_as_many_statements_for_many_as_for_few(client, pair):
    make_next(pair[1], "1.2", {f"k{number}": f"Statement {number}" for number in range(40)})

    few, many = (counted(client, f"/frameworks/small/compare/{place}/") for place in ["1.0/1.1", "1.1/1.2"])

    assert (few, few <= 10) == (many, True)


@pytest.mark.parametrize("ending", ["/", ".pdf", ".csv"])
@pytest.mark.parametrize("place", ["small/compare/1.0/2.0", "small/compare/2.0/1.0", "nope/compare/1.0/1.1"])
def test_draft_and_unknown_revision_are_missing(client, pair, place, ending):
    make_revision(number="2.0", is_published=False)

    assert client.get(f"/frameworks/{place}{ending}").status_code == 404


def test_draft_is_compared_for_an_administrator(admin, pair):
    make_revision(number="2.0", is_published=False)

    response = signed_in(admin).get("/frameworks/small/compare/1.1/2.0/")

    assert "Revision 2.0, draft" in words(response)


# Downloads


def test_spreadsheet_has_a_line_for_each_pair(client, pair):
    response = client.get(f"{PAGE[:-1]}.csv?show=split")

    before = ["Split into ONE and TWO", "", "BOTH", "A Activity a", "Gives information and choice"]
    assert list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")))) == [
        documents.HEAD,
        [*before, "ONE", "A Activity a", "Gives information"],
        [*before, "TWO", "A Activity a", "Offers choice"],
    ]
    assert response["Content-Disposition"] == 'attachment; filename="small-1.0-to-1.1.csv"'


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@"])
def test_spreadsheet_holds_no_formula(client, beginning):
    make_first({"x": LISTEN})
    make_revision(number="1.1", domains=domains({"x": f"{beginning}SUM(A1:A9)"}))

    content = client.get(f"{PAGE[:-1]}.csv").content.decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(content)))[1][-1] == f"'{beginning}SUM(A1:A9)"


def pdf_text(content):
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_pdf_holds_every_change(client, pair):
    response = client.get(f"{PAGE[:-1]}.pdf")

    text = pdf_text(response.content)
    assert "4 of 5 competences changed. Those are listed." in text
    for said in [CHANGED, GRIEF, "Not in 1.1.", "Split into ONE and TWO.", "1.0 Not in 1.0.", "Page 1 of"]:
        assert said in text


@pytest.mark.parametrize(("show", "said"), [("all", "All are listed."), ("split", "Listed here: split.")])
def test_pdf_says_what_it_lists(client, pair, show, said):
    text = pdf_text(client.get(f"{PAGE[:-1]}.pdf?show={show}").content)

    assert said in text


def test_pdf_names_headings_that_changed(client):
    make_revision()
    make_revision(number="1.1", domains=domains({"x": LISTEN}))

    assert "A1 Ability to listen, removed" in pdf_text(client.get(f"{PAGE[:-1]}.pdf").content)


def test_pdf_of_too_many_changes_says_what_to_do(client, pair, monkeypatch):
    monkeypatch.setattr(documents, "MOST_PRINTED", 3)

    response = client.get(f"{PAGE[:-1]}.pdf")

    assert response.status_code == 503
    assert "4 changes are too many for one PDF. Show one kind of change, or download them as CSV." in words(response)


# Choosing


def test_form_offers_the_last_two_revisions_first(client, pair):
    form = client.get("/frameworks/small/compare/").context["form"]

    assert (form["older"].value(), form["newer"].value()) == (pair[0].pk, pair[1].pk)


def test_form_leads_to_the_difference(client, pair):
    response = client.get("/frameworks/small/compare/", {"older": pair[0].pk, "newer": pair[1].pk})

    assert response.url == PAGE


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"older": "1", "newer": ""}, "To revision: this is missing."),
        ({"older": "no", "newer": "no"}, "This is not one of the choices."),
    ],
)
def test_form_says_what_is_wrong(client, pair, data, said):
    assert said in words(client.get("/frameworks/small/compare/", data))


def test_form_refuses_the_same_revision_twice(client, pair):
    response = client.get("/frameworks/small/compare/", {"older": pair[0].pk, "newer": pair[0].pk})

    assert "This is the same revision twice. Choose two different ones." in words(response)


def test_form_is_not_shown_for_a_single_revision(client, pair):
    response = client.get("/frameworks/ipt/compare/")

    assert "There is only one revision that you may read." in words(response)


@pytest.mark.parametrize(("slug", "is_offered"), [("small", True), ("ipt", False)])
def test_map_and_list_lead_to_the_form_where_there_are_two(client, pair, slug, is_offered):
    link = f'href="/frameworks/{slug}/compare/"'

    pages = [client.get(address).text for address in [f"/frameworks/{slug}/", "/frameworks/"]]

    assert [link in page for page in pages] == [is_offered, is_offered]
