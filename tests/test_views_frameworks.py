import re

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertInHTML

from assessments import guards
from assessments.models import Competence, FrameworkRevision
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

IPT = "/frameworks/ipt/1.0/"


@pytest.fixture
def small():
    return factories.make_revision()


def retire(revision):
    FrameworkRevision.objects.filter(pk=revision.pk).update(status="retired", retired_at=timezone.now())


def headings(html, level):
    found = re.findall(rf"<h{level}[^>]*>(.*?)</h{level}>", html, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", heading).split()) for heading in found]


# the list of frameworks


def test_list_shows_each_framework_with_its_revisions(client, small):
    html = client.get("/frameworks/").text

    assert headings(html, 2) == ["Interpersonal psychotherapy", "Small framework"]
    assert headings(html, 3) == ["IPT competence list, own-words edition 1.0", "Small list 1.0"]


def test_list_shows_which_revision_is_in_use(client, small):
    factories.make_revision(number="1.1")

    text = words(client.get("/frameworks/"))

    assert re.findall(r"Small list ([\d.]+) Published .*?(In use|Earlier|Retired)", text) == [
        ("1.1", "In use"),
        ("1.0", "Earlier"),
    ]


def test_list_shows_what_was_retired(client, small):
    retire(small)

    text = words(client.get("/frameworks/"))

    assert re.findall(r"Small list 1.0 Published .*?(In use|Earlier|Retired)", text) == ["Retired"]


def test_list_hides_drafts(client, supervisor):
    factories.make_revision(is_published=False)

    response = signed_in(supervisor).get("/frameworks/")

    assert "Small framework" not in words(response)


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_list_shows_what_may_not_be_passed_on_to_the_signed_in_only(client, supervisor, is_signed_in):
    factories.make_revision(is_redistributable=False)

    response = (signed_in(supervisor) if is_signed_in else client).get("/frameworks/")

    assert ("Small framework" in words(response)) is is_signed_in


def test_list_says_when_nothing_is_published(client):
    guards.remove()
    FrameworkRevision.objects.update(status="draft", published_at=None)

    response = client.get("/frameworks/")

    assert "No framework is published yet" in words(response)


# the map


def test_framework_opens_its_newest_revision(client, small):
    factories.make_revision(number="1.1")

    response = client.get("/frameworks/small/")

    assert response.context["revision"].number == "1.1"


def test_framework_of_retired_revisions_only_is_missing(client, small):
    retire(small)

    assert client.get("/frameworks/small/").status_code == 404


@pytest.mark.parametrize("path", ["nope/", "nope/1.0/", "ipt/9.9/", "ipt/9.9/domains/1/"])
def test_unknown_framework_is_missing(client, path):
    assert client.get(f"/frameworks/{path}").status_code == 404


def test_draft_revision_is_missing(supervisor):
    factories.make_revision(is_published=False)

    assert signed_in(supervisor).get("/frameworks/small/1.0/").status_code == 404


def test_retired_revision_says_so_and_leads_on(client, small):
    retire(small)

    html = client.get("/frameworks/small/1.0/").text

    assertInHTML('<a href="/frameworks/small/">Open the revision in use</a>', html)


def test_map_shows_every_activity_once(client):
    html = client.get(IPT).text

    links = re.findall(rf'href="{IPT}activities/(\w+)/"', html)
    assert (len(links), len(set(links))) == (45, 45)


def test_map_counts(client):
    context = client.get(IPT).context

    assert (context["activities"], context["competences"]) == (45, 348)


def test_map_is_a_list_under_each_domain(client):
    html = client.get(IPT).text

    assert headings(html, 2)[:5] == [
        "Generic therapeutic competences",
        "Basic IPT competences",
        "Specific IPT techniques",
        "Specific applications",
        "Metacompetences",
    ]


def test_map_without_a_summary_counts_in_words(client, small):
    response = client.get("/frameworks/small/1.0/")

    assert "One domain, 2 activities and 3 competences." in words(response)


def test_map_leads_to_background(client):
    html = client.get(IPT).text

    assertInHTML(f'<a href="{IPT}about/about-ipt/">About interpersonal psychotherapy</a>', html)


# search


def test_search_finds_every_word_in_any_order(client):
    response = client.get(IPT, {"q": "meeting JOINT"})

    assert [row.code for row in response.context["found"]] == ["S2.9"]
    assert headings(response.text, 1) == ["One statement for “meeting JOINT”"]


def test_search_finds_a_code(client):
    response = client.get(IPT, {"q": "s2.5"})

    assertInHTML(
        f'<a href="{IPT}activities/S2/#S2.5"><span class="vh">Open </span>S2.5<span class="vh"> in its list</span></a>',
        response.text,
    )


def test_search_keeps_the_words_in_its_box(client):
    html = client.get(IPT, {"q": "mourn"}).text

    assert 'id="q" name="q" type="search" maxlength="200" autocomplete="off" value="mourn"' in html


def test_search_that_finds_nothing_helps(client):
    text = words(client.get(IPT, {"q": "zebra"}))

    assert "Nothing found for “zebra”" in text
    assert "Try fewer words" in text


def test_search_that_finds_too_much_shows_100(client):
    response = client.get(IPT, {"q": "ability"})

    assert headings(response.text, 1) == ["More than 100 statements for “ability”"]
    assert response.text.count('<span class="vh">Open </span>') == 100


def test_search_without_words_is_the_map(client):
    response = client.get(IPT, {"q": "   "})

    assert "columns" in response.context


def test_search_works_from_the_address_of_the_framework(client):
    response = client.get("/frameworks/ipt/", {"q": "joint meeting"})

    assert headings(response.text, 1) == ["One statement for “joint meeting”"]


def test_search_cuts_what_is_too_long(client):
    response = client.get(IPT, {"q": "a" * 5000})

    assert response.context["words"] == "a" * 200


# the lists


def test_domain_lists_its_statements_by_activity(client):
    response = client.get(f"{IPT}domains/3/")

    codes = re.findall(r'<section class="part" id="(\w+)"', response.text)
    activities = response.context["domain"].activities.order_by("position")
    assert codes == list(activities.values_list("code", flat=True))
    assert 'id="S2.10"' in response.text


def test_domain_shows_introductions_and_sub_points(client, small):
    text = words(client.get("/frameworks/small/1.0/domains/A/"))

    assert "A1.1 Knowledge Knowledge of what listening asks for. Attention. A1.2 Skill An ability to listen." in text


def test_domain_of_another_revision_is_missing(client, small):
    assert client.get("/frameworks/small/1.0/domains/3/").status_code == 404


@pytest.mark.parametrize(
    ("code", "scope"),
    [
        ("S2", "Focus: when a case has the problem area role dispute"),
        ("S7", "Core: for every therapist"),
        ("P1", "Optional: if it is in the programme"),
    ],
)
def test_activity_says_for_whom_it_is(client, code, scope):
    html = client.get(f"{IPT}activities/{code}/").text

    assertInHTML(f"<div><dt>Scope</dt><dd>{scope}</dd></div>", html)


@pytest.mark.parametrize(("code", "expected"), [("S2", True), ("P4", False)])
def test_activity_says_whether_its_title_is_ours(client, code, expected):
    text = words(client.get(f"{IPT}activities/{code}/"))

    assert ("Title chosen for this edition" in text) is expected


def test_activity_lists_its_statements(client, revision):
    text = words(client.get(f"{IPT}activities/S2/"))

    statements = Competence.objects.filter(revision=revision, activity__code="S2").values_list("text", flat=True)
    assert [statement for statement in statements if statement not in text] == []


def test_activity_marks_what_is_critical_for_safety(client, small):
    html = client.get("/frameworks/small/1.0/activities/A1/").text

    assert html.count("Critical for safety") == 1


@pytest.mark.parametrize(("code", "expected"), [("S2", ["S1", "S3"]), ("G1", ["G2"]), ("M6", ["M5"])])
def test_activity_leads_to_its_neighbours(client, code, expected):
    response = client.get(f"{IPT}activities/{code}/")

    assert [row.code for row in response.context["neighbours"] if row] == expected


def test_activity_of_another_revision_is_missing(client, small):
    assert client.get("/frameworks/small/1.0/activities/S2/").status_code == 404


# background


def test_background_shows_its_text(client):
    html = client.get(f"{IPT}about/about-ipt/").text

    assert "<h2>Mood and relationships</h2>" in html
    assert "<li>Grief and loss: mourning after" in html


def test_background_marks_the_page_that_is_open(client):
    html = client.get(f"{IPT}about/about-ipt/").text

    assert f'href="{IPT}about/about-ipt/" aria-current="page"' in html


def test_background_that_is_unknown_leads_to_the_map(client):
    response = client.get(f"{IPT}about/nope/")

    assert (response.status_code, response.url) == (302, IPT)


def test_addresses_are_those_of_the_contract():
    kwargs = {"slug": "ipt", "number": "1.0", "code": "S2"}

    assert reverse("activity", kwargs=kwargs) == f"{IPT}activities/S2/"


def test_map_of_a_draft_follows_its_edits(admin):
    draft = factories.make_revision(number="2.0", is_published=False)
    client = signed_in(admin)
    client.get(draft.get_absolute_url())

    draft.activities.filter(code="A1").update(title="Ability to be silent")

    assert "Ability to be silent" in words(client.get(draft.get_absolute_url()))


def test_draft_is_named_as_one(admin):
    factories.make_revision(is_published=False)
    client = signed_in(admin)

    shown = words(client.get(reverse("frameworks")))

    assert "Small list 1.0 Seen by administrators only Draft" in shown


# suggestions


def suggested(client, words):
    return client.get(f"{IPT}search.json", {"q": words}).json()


def test_suggestion_says_where_its_statement_stands(client, revision):
    assert suggested(client, "S2.5") == {
        "hits": [
            {
                "code": "S2.5",
                "text": Competence.objects.get(revision=revision, code="S2.5").text,
                "activity": "S2 Ability to work with interpersonal role disputes",
                "url": "/frameworks/ipt/1.0/activities/S2/#S2.5",
            }
        ],
        "is_more": False,
    }


def test_suggestions_hold_every_word_in_any_order(client, revision):
    assert suggested(client, "expectations dispute") == suggested(client, "DISPUTE  expectations")
    assert suggested(client, "expectations dispute")["hits"] != []


def test_at_most_twenty_statements_are_suggested(client, revision):
    found = suggested(client, "ability")

    assert (len(found["hits"]), found["is_more"]) == (20, True)


@pytest.mark.parametrize("words", ["", " ", "\x00", "xyzzy"])
def test_nothing_is_suggested_for_nothing(client, revision, words):
    assert suggested(client, words) == {"hits": [], "is_more": False}


def test_suggestions_of_what_may_not_be_passed_on_are_for_the_signed_in_only(client, supervisor):
    factories.make_revision(is_redistributable=False)
    path = "/frameworks/small/1.0/search.json?q=listen"

    found = [person.get(path).status_code for person in [client, signed_in(supervisor)]]

    assert found == [404, 200]


@pytest.mark.usefixtures("revision")
@pytest.mark.parametrize("path", [IPT, f"{IPT}?q=grief"])
def test_search_field_names_where_suggestions_come_from(client, path):
    assert 'data-suggestions="/frameworks/ipt/1.0/search.json"' in client.get(path).text
