import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertInHTML

from assessments.models import Competence, Outcome, Rating, Supervision
from assessments.revisions import LevelData
from tests import factories
from tests.conftest import signed_in, told, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

JSON = {"Accept": "application/json"}
LABELS = [
    "Not yet demonstrated",
    "Emerging",
    "Developing",
    "Competent",
    "Advanced",
    "Not observed",
    "Not applicable",
]


@pytest.fixture
def client(supervisor):
    return signed_in(supervisor)


def page_url(assessment, code="S2"):
    return reverse("assessment-rate", args=[assessment.pk, code])


def save_url(assessment, code="S2.1"):
    return reverse("rating-save", args=[assessment.pk, code])


def answer(value="3", **changes):
    return {"key": str(uuid4()), "version": "0", "answer": value, **changes}


def item(response, code):
    """The part of the rating page that asks about one competence."""
    return re.search(
        rf'<li [^>]*id="item-{re.escape(code)}".*?(?=<li [^>]*id="item-|</ol>\s*<div)', response.text, re.S
    )[0]


def checked(html):
    return re.findall(r'type="radio" name="answer-([\w.]+)" value="(\w+)" checked', html)


def stored(assessment):
    rows = assessment.ratings.order_by("competence__position")
    return list(rows.values_list("competence__code", "outcome", "level__position", "note"))


# the page


def test_page_preselects_nothing(client, draft):
    response = client.get(page_url(draft))

    assert checked(response.text) == []


def test_page_names_each_group_by_its_statement(client, draft):
    html = item(client.get(page_url(draft)), "S2.1")

    text = Competence.objects.get(revision=draft.revision, code="S2.1").text
    assert 'fieldset aria-labelledby="statement-S2.1"' in html
    assertInHTML(f'<span class="item__s" id="statement-S2.1">{text}</span>', html)


def test_page_names_each_radio_by_its_level(client, draft):
    html = item(client.get(page_url(draft)), "S2.1")

    assert re.findall(r'<span class="opt__t">([^<]+)</span>', html) == LABELS


def test_page_hides_the_signs_of_radios_from_their_names(client, draft):
    html = item(client.get(page_url(draft)), "S2.1")

    assert html.count('<span class="opt__n" aria-hidden="true">') == len(LABELS)


def test_page_offers_each_level_by_its_position(client, draft):
    html = item(client.get(page_url(draft)), "S2.1")

    values = re.findall(r'type="radio" name="answer-S2.1" value="(\w+)"', html)
    assert values == ["1", "2", "3", "4", "5", "not_observed", "not_applicable"]


@pytest.mark.parametrize(
    ("code", "anchor"),
    [("S2.1", "Cannot yet explain it."), ("S2.3", "Pieces are visible; uneven, and needs prompting.")],
)
def test_page_says_what_levels_mean_for_the_kind(client, draft, code, anchor):
    response = client.get(page_url(draft))

    assert anchor in item(response, code)


def test_page_shows_sub_points_under_their_statement(client, draft):
    response = client.get(page_url(draft))

    told = "<span>Renegotiation: both people are still trying to settle the difference.</span>"
    assert told in item(response, "S2.2")


def test_page_asks_nothing_about_sub_points(client, draft):
    response = client.get(page_url(draft))

    assert re.findall(r'name="version-([\w.]+)"', response.text) == [f"S2.{number}" for number in range(1, 11)]


def test_page_marks_what_is_critical_for_safety(client, draft):
    response = client.get(page_url(draft))

    marked = [f"S2.{number}" for number in range(1, 11) if "Safety-critical" in item(response, f"S2.{number}")]
    assert marked == ["S2.10"]


def test_page_shows_what_stands(client, draft):
    version = factories.rate(draft, "S2.1", 4, note="Named it.", is_concern=True, is_priority=True)

    html = item(client.get(page_url(draft)), "S2.1")

    assert checked(html) == [("S2.1", "4")]
    assert f'name="version-S2.1" value="{version}"' in html
    assert 'name="concern-S2.1" value="on" checked' in html
    assert 'name="priority-S2.1" value="on" checked' in html
    assert ">Named it.</textarea>" in html


def test_page_opens_a_note_that_is_missing(client, draft):
    factories.rate(draft, "S2.1", Outcome.NOT_APPLICABLE)
    factories.rate(draft, "S2.3", 3, is_concern=True)
    factories.rate(draft, "S2.4", 3)

    response = client.get(page_url(draft))

    opened = [code for code in ["S2.1", "S2.3", "S2.4"] if '<details class="notebtn" open>' in item(response, code)]
    assert opened == ["S2.1", "S2.3"]


def test_page_keeps_a_pending_note_unrated(client, draft):
    factories.rate(draft, "S2.1", Outcome.PENDING, note="Later.")

    response = client.get(page_url(draft))

    assert checked(response.text) == []
    assert "Unrated only (10)" in words(response)


def test_page_warns_of_a_note_that_may_identify(client, draft):
    factories.rate(draft, "S2.1", 3, note="Write to a@example.org")

    html = item(client.get(page_url(draft)), "S2.1")

    assert "This looks as if it holds an e-mail address." in html


def test_page_hides_the_previous_rating_until_answered(client, draft, shared):
    html = item(client.get(page_url(draft)), "S2.1")

    assert re.search(r"data-previous>(.*?)</p>", html)[1] == ""


def test_page_hides_the_previous_rating_while_pending(client, draft, shared):
    factories.rate(draft, "S2.1", Outcome.PENDING, note="Later.")

    html = item(client.get(page_url(draft)), "S2.1")

    assert re.search(r"data-previous>(.*?)</p>", html)[1] == ""


def test_page_shows_the_previous_rating_once_answered(client, draft, shared):
    factories.rate(draft, "S2.1", 2)

    html = item(client.get(page_url(draft)), "S2.1")

    day = f"{shared.session_on:%-d %B %Y}"
    told = re.sub(r"<[^>]+>|\s+", " ", re.search(r"data-previous>(.*?)</p>", html, re.S)[1])
    assert " ".join(told.split()) == f"Last time 4 Competent on {day}, recorded session"


def test_page_says_when_there_is_no_previous_rating(client, draft):
    factories.rate(draft, "S2.1", 2)

    html = item(client.get(page_url(draft)), "S2.1")

    assert '<span class="muted">Not rated before</span>' in html


def test_page_leaves_answered_ones_out_of_unrated(client, draft):
    factories.rate(draft, "S2.1", 3)

    response = client.get(page_url(draft), {"show": "unrated"})

    assert re.findall(r'id="item-([\w.]+)"', response.text)[0] == "S2.2"
    assertInHTML('<a href="?show=unrated" aria-current="true">Unrated only (9)</a>', response.text)


def shown(response):
    return re.findall(r'id="item-([\w.]+)"', response.text)


def links(response, group):
    """The links of one group of filters, the current one in bold."""
    inside = re.search(rf'aria-label="{group}">(.*?)</div>', response.text, re.S)[1]
    return re.findall(r"<a [^>]*>(.*?)</a>", inside)


def test_page_shows_what_changed_since_last_time(client, draft, supervisor, therapist, revision):
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 3, "S2.2": 3, "S2.3": 3})
    for code, answer in [("S2.1", 4), ("S2.2", 3), ("S2.3", Outcome.NOT_OBSERVED), ("S2.4", 2)]:
        factories.rate(draft, code, answer)

    response = client.get(page_url(draft), {"show": "changed"})

    assert shown(response) == ["S2.1", "S2.3"]


def test_page_shows_concerns(client, draft):
    factories.rate(draft, "S2.2", 1, note="Talked over him.", is_concern=True)

    assert shown(client.get(page_url(draft), {"show": "concerns"})) == ["S2.2"]


def test_page_shows_one_kind(client, draft):
    response = client.get(page_url(draft), {"kind": "knowledge"})

    of_kind = draft.revision.competences.rateable().filter(activity__code="S2", kind="knowledge")
    assert shown(response) == list(of_kind.values_list("code", flat=True))


def test_filters_combine_and_count_each_other(client, draft):
    first, *_ = draft.revision.competences.rateable().filter(activity__code="S2", kind="knowledge")
    factories.rate(draft, first.code, 3)

    response = client.get(page_url(draft), {"show": "unrated", "kind": "knowledge"})

    assert links(response, "Show") == ["All (2)", "Unrated only (1)"]
    assert links(response, "Kind") == ["Every kind (9)", "Knowledge (1)", "Skill (8)"]
    assertInHTML('<a href="?show=unrated&amp;kind=skill">Skill (8)</a>', response.text)


def test_page_of_one_kind_offers_no_kinds(client, supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision, codes="B6")

    assert 'aria-label="Kind"' not in client.get(page_url(draft, "B6")).text


def test_page_offers_only_filters_that_show_something(client, draft):
    assert links(client.get(page_url(draft)), "Show") == ["All (10)", "Unrated only (10)"]


@pytest.mark.parametrize("asked", [{"show": "lost"}, {"kind": "belief"}, {"kind": "attitude"}, {"show": "\x00"}])
def test_filters_that_do_not_exist_are_ignored(client, draft, asked):
    assert len(shown(client.get(page_url(draft), asked))) == 10


def test_filter_hides_nothing_that_could_not_be_saved(client, draft):
    version = factories.rate(draft, "S2.1", 3)

    response = client.post(
        page_url(draft) + "?show=unrated", {"version-S2.1": version, "answer-S2.1": "4", "note-S2.1": "A bell: \a"}
    )

    assert response.status_code == 409
    assert "A bell: " in item(response, "S2.1")


def test_page_says_when_nothing_fits(client, draft):
    response = client.get(page_url(draft), {"show": "concerns"})

    assert "Nothing here fits Choose another kind, or show all." in words(response)


def test_page_says_when_everything_is_answered(client, draft):
    for number in range(1, 9):
        factories.rate(draft, f"S7.{number}", 3)

    response = client.get(page_url(draft, "S7"), {"show": "unrated"})

    assert "Everything here is answered" in words(response)


def test_page_counts_what_was_not_observed(client, draft):
    factories.rate(draft, "S2.1", Outcome.NOT_OBSERVED)

    response = client.get(page_url(draft))

    assert "1 of 10 answered, 1 not observed" in words(response)


def test_page_shows_progress_over_all_activities(client, draft):
    factories.rate(draft, "S2.1", 3)

    response = client.get(page_url(draft, "S7"))

    assert "1 of 18 answered" in words(response)
    assert "S2 Role disputes, begun" in words(response)


def test_bar_stands_for_each_domain_of_the_extent(client, supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision, codes="B1 S7")
    factories.rate(draft, "S7.1", 3)

    bar = client.get(page_url(draft, "S7")).context["bar"]

    first, second = bar
    assert (first.x, first.filled, second.filled) == (0.0, 0.0, 12.5)
    assert (second.x, round(first.width + second.width)) == (first.width, 100)


@pytest.mark.parametrize(
    ("code", "expected"), [("S2", [("S7", "S7 Communication")]), ("S7", [("S2", "S2 Role disputes")])]
)
def test_page_leads_to_its_neighbours(client, draft, code, expected):
    html = client.get(page_url(draft, code)).text

    buttons = re.findall(
        r'<button class="[^"]*" type="submit" name="go" value="(S\d+)"[^>]*>(.*?)</button>', html, re.S
    )
    assert [(value, re.sub(r"<[^>]+>", "", label).strip()) for value, label in buttons] == expected


def test_page_has_buttons_of_the_contract(client, draft):
    html = client.get(page_url(draft)).text

    labels = re.findall(r"<button[^>]*>([^<]+)</button>", html)
    assert [label for label in labels if label in {"Save", "Check"}] == ["Check", "Save", "Save"]


def test_page_explains_levels_of_the_kind_that_comes_first(client, draft):
    html = client.get(page_url(draft)).text

    assert re.search(r'<details name="anchors" open>\s*<summary>([^<]+)', html)[1] == "For knowledge"


@pytest.mark.parametrize("code", ["S3", "XX", "s2"])
def test_page_of_an_activity_outside_the_extent_is_missing(client, draft, code):
    assert client.get(page_url(draft, code)).status_code == 404


def test_page_of_a_competence_is_missing(client, draft):
    assert client.get(page_url(draft, "S2.1")).status_code == 404


# the ordinary form


def test_form_saves_several_at_once(client, draft):
    data = {
        "version-S2.1": "0",
        "answer-S2.1": "4",
        "note-S2.1": "Named it.",
        "version-S2.2": "0",
        "answer-S2.2": "not_observed",
        "version-S2.3": "0",
        "note-S2.3": "",
    }

    response = client.post(page_url(draft), data)

    assert stored(draft) == [("S2.1", "level", 4, "Named it."), ("S2.2", "not_observed", None, "")]
    assert (response.status_code, response.url) == (302, page_url(draft))
    assert told(response) == [f"Saved at {timezone.localtime():%H:%M}."]


def test_form_shows_that_it_saved(client, draft):
    response = client.post(page_url(draft), {"version-S2.1": "0", "answer-S2.1": "4"}, follow=True)

    assert re.search(r'<span class="save">.*Saved at \d\d:\d\d\.</span>', response.text, re.S)


def test_form_saves_flags(client, draft):
    client.post(page_url(draft), {"version-S2.1": "0", "answer-S2.1": "4", "concern-S2.1": "on", "priority-S2.1": "on"})

    assert list(draft.ratings.values_list("is_concern", "is_priority")) == [(True, True)]


def test_form_keeps_a_note_without_a_level(client, draft):
    client.post(page_url(draft), {"version-S2.1": "0", "note-S2.1": "Later."})

    assert stored(draft) == [("S2.1", "pending", None, "Later.")]


def test_form_clears_what_was_emptied(client, draft):
    version = factories.rate(draft, "S2.1", Outcome.PENDING, note="Later.")

    client.post(page_url(draft), {"version-S2.1": version, "note-S2.1": ""})

    assert stored(draft) == []


def test_form_clears_by_button(client, draft):
    version = factories.rate(draft, "S2.1", 4, note="Named it.")
    data = {"version-S2.1": version, "answer-S2.1": "4", "note-S2.1": "Named it.", "clear": "S2.1"}

    response = client.post(page_url(draft), data)

    assert stored(draft) == []
    assert response.url == f"{page_url(draft)}#item-S2.1"


def test_form_clears_by_button_and_saves_the_rest(client, draft):
    version = factories.rate(draft, "S2.1", 4)
    data = {"version-S2.1": version, "answer-S2.1": "4", "version-S2.2": "0", "answer-S2.2": "2", "clear": "S2.1"}

    client.post(page_url(draft), data)

    assert stored(draft) == [("S2.2", "level", 2, "")]


def test_form_ignores_clearing_of_what_is_elsewhere(client, draft):
    response = client.post(page_url(draft), {"clear": "S7.1"})

    assert response.url == page_url(draft)


def test_form_leaves_what_was_not_posted(client, draft):
    factories.rate(draft, "S2.1", 4)

    client.post(page_url(draft), {"version-S2.2": "0", "answer-S2.2": "2"})

    assert stored(draft) == [("S2.1", "level", 4, ""), ("S2.2", "level", 2, "")]


def test_form_ignores_competences_of_other_activities(client, draft):
    client.post(page_url(draft), {"version-S7.1": "0", "answer-S7.1": "2"})

    assert stored(draft) == []


@pytest.mark.parametrize(
    ("go", "expected"),
    [("S7", "activities/S7/"), ("check", "check/"), ("S3", "activities/S2/"), ("", "activities/S2/")],
)
def test_form_goes_where_its_button_leads(client, draft, go, expected):
    response = client.post(page_url(draft), {"version-S2.1": "0", "answer-S2.1": "2", "go": go})

    assert response.url == f"/assessments/{draft.pk}/{expected}"
    assert stored(draft) == [("S2.1", "level", 2, "")]


def test_form_shows_both_answers_of_a_conflict(client, draft):
    factories.rate(draft, "S2.1", 4, note="Mine from the laptop.")

    response = client.post(page_url(draft), {"version-S2.1": "0", "answer-S2.1": "2", "note-S2.1": "From the phone."})

    html = item(response, "S2.1")
    assert response.status_code == 409
    assert stored(draft) == [("S2.1", "level", 4, "Mine from the laptop.")]
    assert "Dr Helen Marsh saved Competent on" in html
    assert "with the note “Mine from the laptop.”" in html
    assert checked(html) == [("S2.1", "2")]
    assert ">From the phone.</textarea>" in html


def test_form_overrides_a_conflict_when_sent_again(client, draft):
    factories.rate(draft, "S2.1", 4)
    data = {"version-S2.1": "0", "answer-S2.1": "2"}
    html = item(client.post(page_url(draft), data), "S2.1")
    version = re.search(r'name="version-S2.1" value="(\d+)"', html)[1]

    client.post(page_url(draft), data | {"version-S2.1": version})

    assert stored(draft) == [("S2.1", "level", 2, "")]


def test_form_saves_the_others_beside_a_conflict(client, draft):
    factories.rate(draft, "S2.1", 4)
    data = {"version-S2.1": "0", "answer-S2.1": "2", "version-S2.2": "0", "answer-S2.2": "5"}

    response = client.post(page_url(draft), data)

    assert stored(draft) == [("S2.1", "level", 4, ""), ("S2.2", "level", 5, "")]
    assert checked(response.text) == [("S2.1", "2"), ("S2.2", "5")]


def test_form_shows_a_conflict_with_something_cleared(client, draft):
    version = factories.rate(draft, "S2.1", 4)
    client.post(save_url(draft), answer("clear", version=version))

    response = client.post(page_url(draft), {"version-S2.1": version, "answer-S2.1": "2"})

    assert response.status_code == 409
    assert stored(draft) == []
    assert checked(item(response, "S2.1")) == [("S2.1", "2")]


def test_form_tells_of_a_conflict_with_something_cleared(client, draft):
    version = factories.rate(draft, "S2.1", 4)
    client.post(save_url(draft), answer("clear", version=version))

    response = client.post(page_url(draft), {"version-S2.1": version, "answer-S2.1": "2"})

    assert "This rating was cleared meanwhile." in item(response, "S2.1")


def test_form_keeps_a_refused_note(client, draft):
    note = "long " * 1001

    response = client.post(page_url(draft), {"version-S2.1": "0", "answer-S2.1": "2", "note-S2.1": note})

    html = item(response, "S2.1")
    assert (response.status_code, stored(draft)) == (409, [])
    assert "This is longer than 5,000 characters. Shorten it; nothing was saved." in html
    assert f">{note}</textarea>" in html
    assert checked(html) == [("S2.1", "2")]


def test_form_saves_the_others_beside_a_refused_note(client, draft):
    data = {"version-S2.1": "0", "note-S2.1": "a\x07", "version-S2.2": "0", "answer-S2.2": "5"}

    client.post(page_url(draft), data)

    assert stored(draft) == [("S2.2", "level", 5, "")]


def test_form_keeps_everything_typed_beside_a_level_off_the_scale(client, draft):
    data = {"version-S2.1": "0", "answer-S2.1": "9", "version-S2.2": "0", "answer-S2.2": "5", "note-S2.2": "Fluent."}

    response = client.post(page_url(draft), data)

    assert (response.status_code, stored(draft)) == (409, [])
    assert "This level is not on the scale of this assessment." in words(response)
    assert ">Fluent.</textarea>" in item(response, "S2.2")
    assert "Saved at" not in words(response)


# the save endpoint


def test_save_answers_with_what_stands(client, draft):
    response = client.post(save_url(draft), answer("4", note="Named it."), headers=JSON)

    rating = Rating.objects.get()
    assert response.status_code == 200
    assert response.json() == {
        "version": rating.version,
        "saved_at": f"{timezone.localtime(rating.rated_at):%H:%M}",
        "warning": "",
        "previous": {"mark": "", "told": "Not rated before"},
    }
    assert stored(draft) == [("S2.1", "level", 4, "Named it.")]


def test_save_keeps_flags(client, draft):
    client.post(save_url(draft), answer("4", concern="on", priority="on"), headers=JSON)

    assert list(draft.ratings.values_list("is_concern", "is_priority")) == [(True, True)]


def test_save_reveals_the_previous_level(client, draft, shared):
    response = client.post(save_url(draft), answer(), headers=JSON)

    day = f"{shared.session_on:%-d %B %Y}"
    assert response.json()["previous"] == {"mark": "4", "told": f"on {day}, recorded session"}


def test_save_reveals_that_it_was_not_observed_before(client, draft, shared):
    response = client.post(save_url(draft, "S2.9"), answer(), headers=JSON)

    assert response.json()["previous"]["mark"] == "not_observed"


def test_save_warns_of_a_note_that_may_identify(client, draft):
    response = client.post(save_url(draft), answer(note="Call 07700 900123"), headers=JSON)

    assert response.json()["warning"] == (
        "This looks as if it holds a phone number. Nothing here may identify the client; please look again."
    )


def test_save_clears(client, draft):
    version = factories.rate(draft, "S2.1", 4)

    response = client.post(save_url(draft), answer("clear", version=version), headers=JSON)

    assert (response.json()["version"], stored(draft)) == (0, [])


def test_save_of_the_same_change_again_answers_the_same(client, draft):
    change = answer("4")
    first = client.post(save_url(draft), change, headers=JSON)

    second = client.post(save_url(draft), change, headers=JSON)

    assert (second.status_code, second.json()) == (200, first.json())


def test_save_without_a_key_makes_one(client, draft):
    response = client.post(save_url(draft), {"version": "0", "answer": "4"}, headers=JSON)

    assert (response.status_code, stored(draft)) == (200, [("S2.1", "level", 4, "")])


def test_save_conflict_tells_what_stands(client, draft):
    version = factories.rate(draft, "S2.1", 4, note="From the laptop.", is_concern=True)

    response = client.post(save_url(draft), answer("2"), headers=JSON)

    at = timezone.localtime(Rating.objects.get().rated_at)
    assert response.status_code == 409
    assert response.json() == {
        "error": "conflict",
        "version": version,
        "answer": "4",
        "label": "Competent",
        "note": "From the laptop.",
        "concern": True,
        "priority": False,
        "points": "",
        "time_mark": "",
        "who": "Dr Helen Marsh",
        "at": f"{at:%-d %B, %H:%M}",
    }
    assert stored(draft) == [("S2.1", "level", 4, "From the laptop.")]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [("not_observed", ("not_observed", "Not observed")), ("pending", ("", "Not rated"))],
)
def test_save_conflict_names_what_has_no_level(client, draft, outcome, expected):
    factories.rate(draft, "S2.1", outcome, note="From the laptop.")

    response = client.post(save_url(draft), answer("2"), headers=JSON)

    assert (response.json()["answer"], response.json()["label"]) == expected


def test_save_conflict_with_something_cleared(client, draft):
    version = factories.rate(draft, "S2.1", 4)
    client.post(save_url(draft), answer("clear", version=version))

    response = client.post(save_url(draft), answer("2", version=version), headers=JSON)

    assert response.status_code == 409
    assert response.json() == {
        "error": "conflict",
        "version": 0,
        "answer": "",
        "label": "Not rated",
        "who": "",
        "at": "",
        "note": "",
    }


def test_save_signed_out_says_so(draft):
    response = Client().post(save_url(draft), answer(), headers=JSON)

    assert response.status_code == 401
    assert response.json() == {
        "error": "signed out",
        "message": "Your session has ended. Sign in again; what you typed is still on this page.",
        "sign_in": "/accounts/login/",
    }


def test_save_with_a_stale_page_says_so(supervisor, draft):
    client = Client(enforce_csrf_checks=True)
    client.force_login(supervisor)

    response = client.post(save_url(draft), answer(), headers=JSON)

    assert response.status_code == 403
    assert response.json() == {
        "error": "stale form",
        "message": "This page is out of date. Sign in again in another tab and come back; what you typed is kept.",
    }


def test_save_of_a_shared_assessment_says_why_not(client, shared):
    response = client.post(save_url(shared), answer(), headers=JSON)

    assert response.status_code == 403
    assert response.json() == {
        "error": "not allowed",
        "message": "You cannot rate this assessment. It is shared with the therapist and locked. "
        "Take it back first to change it.",
    }


def test_save_after_the_grace_period_says_why_not(client, draft):
    ended = factories.days_ago(31)
    Supervision.objects.update(ends_on=ended)

    response = client.post(save_url(draft), answer(), headers=JSON)

    assert response.json()["message"] == (
        f"Your supervision ended on {ended:%-d %B %Y} and the 30 days to finish are over. "
        "Ask the training lead to hand the draft over."
    )


@pytest.mark.parametrize("code", ["S3.1", "S2.2.a", "S2", "XX", "s2.1"])
def test_save_of_what_cannot_be_rated_here_is_missing(client, draft, code):
    response = client.post(save_url(draft, code), answer(), headers=JSON)

    assert (response.status_code, stored(draft)) == (404, [])


def test_save_for_an_outsider_is_missing(draft, outside_supervisor):
    response = signed_in(outside_supervisor).post(save_url(draft), answer(), headers=JSON)

    assert response.status_code == 404


def test_save_of_a_level_off_the_scale_is_refused(client, draft):
    response = client.post(save_url(draft), answer("9"), headers=JSON)

    assert response.status_code == 422
    assert response.json() == {
        "error": "refused",
        "message": "This level is not on the scale of this assessment. Choose one that is shown.",
    }


def test_save_of_nothing_is_refused(client, draft):
    response = client.post(save_url(draft), answer("pending"), headers=JSON)

    assert response.json()["message"] == "There is nothing to save yet. Choose a level or write a note."


@pytest.mark.parametrize("value", ["10", "-1", "²", "level", "clear ed", "٣", "1.0"])
def test_save_of_what_is_no_answer_is_invalid(client, draft, value):
    response = client.post(save_url(draft), answer(value), headers=JSON)

    assert response.status_code == 422
    assert response.json() == {
        "error": "invalid",
        "message": "This is not an answer. Choose one of the levels shown.",
    }


def test_save_shares_no_other_page_as_json(client, shared):
    response = client.get(page_url(shared), headers=JSON)

    assert (response.status_code, response["Content-Type"]) == (403, "application/json")


@pytest.fixture
def strict(supervisor, therapist):
    """A draft on a scale that has no `not applicable`."""
    scale = factories.make_scale_data(has_not_applicable=False, not_observed="Not called for here.")
    return factories.make_draft(supervisor, therapist, factories.make_revision(scale=scale), codes="A1")


def test_scale_without_not_applicable_does_not_offer_it(supervisor, strict):
    text = words(signed_in(supervisor).get(reverse("assessment-rate", args=[strict.pk, "A1"])))

    assert "Not applicable" not in text
    assert "1 to 3 level, o not observed, c note." in text


def test_page_tells_what_not_observed_means_on_the_scale(supervisor, strict):
    page = signed_in(supervisor).get(reverse("assessment-rate", args=[strict.pk, "A1"])).content.decode()

    assert page.count("Not called for here.") == 5  # in the list of each kind, and under each of the two competences


def test_not_applicable_is_refused_where_the_scale_has_none(supervisor, strict):
    data = {"key": uuid4(), "version": "0", "answer": "not_applicable", "note": "No group."}

    response = signed_in(supervisor).post(reverse("rating-save", args=[strict.pk, "A1.2"]), data)

    assert (response.status_code, response.json()["message"]) == (
        422,
        "The scale of this assessment has no “not applicable”. Choose a level or “not observed”.",
    )


def test_nine_levels_are_answered_by_position(supervisor, therapist):
    levels = [LevelData(f"{number / 2:g}", f"Step {number}") for number in range(1, 10)]
    scale = factories.make_scale_data(levels=levels, threshold="4")
    draft = factories.make_draft(supervisor, therapist, factories.make_revision(scale=scale), codes="A1")
    client, url = signed_in(supervisor), reverse("assessment-rate", args=[draft.pk, "A1"])

    client.post(url, {"version-A1.2": "0", "answer-A1.2": "9"})

    page = client.get(url)
    assert draft.ratings.get().level.value == "4.5"
    assert 'class="items items--9"' in page.content.decode()
    assert "1 to 9 level" in words(page)
