"""Managing one revision: 1.1 of the small framework follows 1.0 (tests/factories.py says how)."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from assessments.actions import frameworks, lineage
from assessments.models import AuditEvent, CarryOver, FrameworkRevision
from tests import factories
from tests.conftest import signed_in, told, words
from tests.factories import event_types

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

HOME = "/manage/frameworks/"
FIRST, NEXT = f"{HOME}small/1.0/", f"{HOME}small/1.1/"
MAPPING = f"{NEXT}mapping/"


@pytest.fixture
def client(admin):
    return signed_in(admin)


@pytest.fixture
def older():
    return factories.make_revision()


@pytest.fixture
def newer(older):
    return factories.make_next()


@pytest.fixture
def published(older):
    return factories.make_next(is_published=True)


def step(client, name, url=NEXT):
    response = client.post(f"{url}{name}/")
    return response.url, told(response)


def key(revision, code):
    """How the page calls the row of an old competence, or of a new one that comes from nowhere."""
    old = revision.previous.competences.filter(code=code).first()
    return f"o{old.pk}" if old else f"n{revision.competences.get(code=code).pk}"


def row(revision, code, **fields):
    return {f"{name}-{key(revision, code)}": value for name, value in fields.items()}


def links(revision):
    ends = revision.links.values_list("kind", "older__code", "newer__code")
    return {" ".join(filter(None, found)) for found in ends}


def open_codes(revision):
    return {old or new for old, new in revision.links.open().values_list("older__code", "newer__code")}


# the page of a revision


def test_page_of_a_draft_says_what_is_in_it(client, newer):
    text = words(client.get(NEXT))

    assert "Small framework, revision 1.1 Small list Draft" in text
    assert "Domains 1 Activities 2 Competences 3 Sub-points 1" in text
    assert "Follows Revision 1.0 Rating scale Three steps, version 1 Rights Anybody may read it." in text
    assert "4 still to confirm before publishing." in text
    assert "Confirm 1 that need no judgement" in text


def test_page_of_a_first_revision_has_no_mapping(client, older):
    text = words(client.get(FIRST))

    assert "Follows No earlier revision" in text
    assert "Mapping" not in text


def test_page_tells_rights_and_file(client, admin):
    kept = factories.make_import(admin)
    data = factories.make_revision_data(rights_holder="A. Body", licence="CC BY", is_redistributable=False)
    factories.imports.load(by=admin, kept=kept, data=data)

    text = words(client.get(FIRST))

    assert "Rights A. Body. CC BY. Only people who are signed in see it." in text
    assert "File list.csv , CSV table, loaded on" in text


def test_page_of_a_confirmed_draft_says_so(client, newer):
    lineage.confirm(by=None, revision=newer, links=newer.links.values_list("pk", flat=True))

    text = words(client.get(NEXT))

    assert "All confirmed." in text
    assert "need no judgement" not in text


@pytest.mark.parametrize("url", [f"{HOME}small/9/", f"{HOME}nowhere/1.0/", f"{HOME}small/9/mapping/"])
def test_page_of_an_unknown_revision_is_missing(client, older, url):
    assert client.get(url).status_code == 404


# the steps


def test_publish_refused_while_something_is_open(client, newer):
    assert step(client, "publish") == (
        NEXT,
        ["4 competences are still to be confirmed in the mapping. Confirm what became of each, then publish."],
    )
    assert event_types(revision=newer) == ["revision_loaded"]


def test_publish_publishes(client):
    draft = factories.make_revision(is_published=False)

    assert step(client, "publish", FIRST) == (FIRST, ["Published. From now on it never changes."])
    assert FrameworkRevision.objects.get(pk=draft.pk).is_published


def test_second_click_on_publish_changes_nothing(client):
    draft = factories.make_revision(is_published=False)
    step(client, "publish", FIRST)
    client.get(FIRST)

    answer = step(client, "publish", FIRST)

    assert answer == (FIRST, ["Published. From now on it never changes."])
    assert event_types(revision=draft) == ["revision_loaded", "revision_published"]


def test_retire_takes_it_out_of_use(client, older):
    assert step(client, "retire", FIRST) == (
        FIRST,
        ["Retired. Nothing new begins on it; what was rated on it stays."],
    )
    assert "Retired" in words(client.get(FIRST))


def test_discard_leads_back_to_the_list(client, newer):
    assert step(client, "discard") == (HOME, ["The draft is discarded. Its number is free again."])
    assert client.get(NEXT).status_code == 404


@pytest.mark.parametrize("name", ["discard", "confirm-certain"])
def test_step_for_drafts_is_refused_once_published(client, published, name):
    before = AuditEvent.objects.count()

    _, (message,) = step(client, name)

    assert message in {
        "Only a draft is discarded. A published revision can be retired.",
        "The mapping of a published revision never changes. Correct it in the next revision.",
    }
    assert AuditEvent.objects.count() == before


def test_confirm_certain_leads_to_what_is_left(client, newer):
    assert step(client, "confirm-certain") == (MAPPING, ["Confirmed what needed no judgement."])
    assert open_codes(newer) == {"A1.2", "A1a.1", "A2.1"}


def test_carry_over_is_offered_decided_and_undone(client, published):
    before = words(client.get(NEXT))
    first = step(client, "carry-over")
    between = words(client.get(NEXT))
    second = step(client, "undo-carry-over")

    assert "Carry earlier ratings over" in before
    assert first == (NEXT, ["Earlier ratings are shown in this revision now, marked as carried over."])
    assert "Undo the carry-over" in between
    assert second == (NEXT, ["The carry-over is undone."])


def test_carry_over_stands_once_something_is_rated(client, published, supervisor, therapist):
    step(client, "carry-over")
    factories.rate(factories.make_draft(supervisor, therapist, published, codes="A1"), "A1.1")

    text, refused = words(client.get(NEXT)), step(client, "undo-carry-over")

    assert "Something was rated on this revision, so this stands." in text
    assert refused == (NEXT, ["Something was rated on this revision already, so its carry-over stands."])
    assert CarryOver.objects.get().undone_at is None


def test_another_scale_is_offered_no_carry_over(client, older):
    factories.make_next(is_published=True, scale=factories.make_scale_data(version=2, name="Other"))

    assert "Carry earlier ratings over" not in words(client.get(NEXT))


def test_step_that_does_not_exist_is_missing(client, newer):
    assert client.post(f"{NEXT}explode/").status_code == 404


def test_step_is_taken_by_a_button_only(client, newer):
    assert client.get(f"{NEXT}publish/").status_code == 405


# the mapping


def test_mapping_of_a_first_revision_leads_to_its_page(client, older):
    assert client.get(f"{FIRST}mapping/").url == FIRST


def test_mapping_shows_what_is_open_in_printed_order(client, newer):
    response = client.get(MAPPING)

    codes = re.findall(r'<th scope="row"><span class="code">(.*?)</span>', response.text)
    assert codes == ["A1.1", "A1.2", "A1a.1", "A2.1"]
    assert "To confirm (4) Unchanged (1) Reworded (1) Removed (1) New (1) All (4)" in words(response)


@pytest.mark.parametrize(
    ("show", "expected"),
    [("reworded", ["A1.2"]), ("added", ["A2.1"]), ("all", ["A1.1", "A1.2", "A1a.1", "A2.1"]), ("nonsense", [])],
)
def test_mapping_shows_one_kind_or_all(client, newer, show, expected):
    response = client.get(MAPPING, {"show": show})

    assert [each["decision"].older or each["decision"].newer[0] for each in response.context["rows"]] == [
        newer.previous.competences.filter(code=code).first() or newer.competences.get(code=code) for code in expected
    ]


def test_mapping_counts_a_split_once(client, newer):
    client.post(MAPPING, {"decide": key(newer, "A1.2")} | row(newer, "A1.2", kind="split", codes="A1.2, A2.1"))

    text = words(client.get(MAPPING, {"show": "all"}))

    assert "To confirm (2) Unchanged (1) Split (1) Removed (1) All (3)" in text


def test_mapping_marks_the_words_that_changed(client, newer):
    html = client.get(MAPPING, {"show": "reworded"}).text

    assert re.findall(r"<(del|ins)>(.*?)</", html)[-1] == ("ins", "closely")
    assert "An ability to listen <ins>closely</ins>." in html


def test_ticked_rows_are_confirmed_as_they_stand(client, newer, admin):
    response = client.post(MAPPING, {"confirm": [key(newer, "A1.1"), key(newer, "A2.1")]})

    assert (response.url, told(response)) == (MAPPING, ["Confirmed: 2."])
    assert open_codes(newer) == {"A1.2", "A1a.1"}


def test_whole_page_is_confirmed_with_what_was_changed_on_it(client, newer):
    shown = {"all": "page", "shown": [key(newer, code) for code in ["A1.1", "A1.2", "A1a.1", "A2.1"]]}

    response = client.post(MAPPING, shown | row(newer, "A1.2", kind="editorial", codes="A1.2"))

    assert (told(response), open_codes(newer)) == (["Confirmed: 4."], set())
    assert links(newer) == {"added A2.1", "unchanged A1.1 A1.1", "editorial A1.2 A1.2", "removed A1a.1"}


def test_one_row_is_decided_by_its_button(client, newer):
    fields = row(newer, "A1.2", kind="split", codes="a1.2, A2.1,", note="Two now.")

    response = client.post(MAPPING, {"decide": key(newer, "A1.2")} | fields)

    assert told(response) == ["Confirmed: 1."]
    assert links(newer) == {"unchanged A1.1 A1.1", "split A1.2 A1.2", "split A1.2 A2.1", "removed A1a.1"}
    assert set(newer.links.filter(kind="split").values_list("note", flat=True)) == {"Two now."}


def test_new_competence_is_traced_to_an_old_one(client, newer):
    fields = row(newer, "A2.1", kind="reworded", codes="A1a.1")

    client.post(MAPPING, {"decide": key(newer, "A2.1")} | fields)

    assert links(newer) == {"unchanged A1.1 A1.1", "reworded A1.2 A1.2", "reworded A1a.1 A2.1"}


def test_new_competence_joins_what_an_old_one_became(client, newer):
    fields = row(newer, "A2.1", kind="split", codes="A1.2")

    client.post(MAPPING, {"decide": key(newer, "A2.1")} | fields)

    assert links(newer) == {"unchanged A1.1 A1.1", "split A1.2 A1.2", "split A1.2 A2.1", "removed A1a.1"}


@pytest.mark.parametrize(
    ("code", "fields", "refusal"),
    [
        ("A1.2", {"kind": "split", "codes": "A2.1"}, "A1.2: “Split” leads to 2 or more; 1 are chosen."),
        ("A1.2", {"codes": "Z9"}, "A1.2: Z9: there is no such competence in revision 1.1. Check the code."),
        ("A2.1", {"kind": "reworded", "codes": "Z9"}, "A2.1: Z9: there is no such competence in revision 1.0."),
        (
            "A2.1",
            {"kind": "reworded"},
            "A2.1: Name the one competence of the earlier revision that it comes from.",
        ),
        ("A1.2", {"kind": "nonsense"}, "A1.2: Select a valid choice. nonsense is not one of the available choices."),
        ("A1.2", {"kind": "added"}, "A1.2: A1.2 stands in the earlier revision, so it is not new."),
        ("A1.2", {"note": "x" * 301}, "A1.2: This is longer than 300 characters. Shorten it; nothing was saved."),
        ("A1.2", {"note": "a\x07b"}, "A1.2: This holds a control character that cannot be kept."),
    ],
)
def test_decision_that_does_not_fit_is_told_and_kept_in_its_row(client, newer, code, fields, refusal):
    before = links(newer)

    response = client.post(MAPPING, {"decide": key(newer, code)} | row(newer, code, **fields))

    assert (response.status_code, links(newer), newer.links.confirmed().count()) == (422, before, 0)
    assert refusal in words(response)
    (typed,) = [each["typed"] for each in response.context["rows"] if each["is_changed"]]
    assert typed | fields == typed


def test_one_refusal_on_a_page_leaves_everything_unconfirmed(client, newer):
    keys = [key(newer, code) for code in ["A1.1", "A1.2", "A1a.1"]]
    fields = row(newer, "A1.2", kind="editorial") | row(newer, "A1a.1", kind="split", codes="A2.1")
    before = AuditEvent.objects.count()

    response = client.post(MAPPING, {"confirm": keys} | fields)

    assert "A1a.1: “Split” leads to 2 or more; 1 are chosen." in words(response)
    assert (newer.links.confirmed().count(), AuditEvent.objects.count()) == (0, before)
    assert [each["is_ticked"] for each in response.context["rows"]] == [True, True, True, False]


@pytest.mark.parametrize("field", ["confirm", "decide", "shown"])
@pytest.mark.parametrize("forged", ["", "o", "x1", "o-1", "o0", "n999", "o" + "9" * 30, "o1\x00", "o²", "oo1", "n 1"])
def test_row_that_is_none_confirms_nothing(client, newer, field, forged):
    response = client.post(MAPPING, {field: forged, "all": ""} if field == "shown" else {field: forged})

    assert (response.status_code, newer.links.confirmed().count()) == (422, 0)
    assert "Nothing is ticked. Tick what you have looked at, or confirm the whole page." in words(response)


def test_row_of_another_revision_is_none_of_this_one(client, newer, revision):
    other = revision.competences.first()
    fields = {f"kind-o{other.pk}": "removed", f"codes-o{other.pk}": ""}

    response = client.post(MAPPING, {"decide": f"o{other.pk}"} | fields)

    assert (response.status_code, newer.links.confirmed().count()) == (422, 0)


def test_published_mapping_is_shown_and_not_changed(client, published):
    page = client.get(MAPPING, {"show": "all"})
    response = client.post(MAPPING, {"confirm": key(published, "A1.1")})

    assert "How ratings reach this revision. A published mapping never changes." in words(page)
    assert "<select" not in page.text
    assert (response.status_code, "never changes" in words(response)) == (422, True)


def test_mapping_tells_how_many_ratings_are_at_stake(client, newer, supervisor, therapist):
    draft = factories.make_draft(supervisor, therapist, newer.previous, codes="A1")
    factories.rate(draft, "A1.2")

    assert "Same identity, 89% of words kept. 1 rating." in words(client.get(MAPPING, {"show": "reworded"}))


def test_mapping_tells_what_moved(client, older):
    data = factories.make_next_data()
    (domain,) = data.domains
    outer, added = domain.activities
    moved = [*added.competences, outer.competences[0]]
    activities = [replace(outer, competences=outer.competences[1:]), replace(added, competences=moved)]
    frameworks.load(by=None, data=replace(data, domains=[replace(domain, activities=activities)]))

    text = words(client.get(MAPPING, {"show": "unchanged"}))

    assert "Moved from A1 Ability to listen to A2 Ability to ask." in text


def test_mapping_of_everything_confirmed_leads_on(client, newer):
    lineage.confirm(by=None, revision=newer, links=newer.links.values_list("pk", flat=True))

    text = words(client.get(MAPPING))

    assert "Nothing here. Everything is confirmed; go on to publish." in text


def test_mapping_keeps_its_filter_when_saved(client, newer):
    url = f"{MAPPING}?show=all&page=1"

    response = client.post(url, {"confirm": key(newer, "A1.1")})

    assert response.url == url


def test_addresses_are_those_of_the_contract():
    kwargs = {"slug": "small", "number": "1.1"}

    assert [reverse(name, kwargs=kwargs) for name in ["revision-manage", "revision-mapping"]] == [NEXT, MAPPING]
