"""What a reader of a profile chooses, and the figures below its map."""

import re

import pytest
from django.urls import reverse

from assessments.models import Membership, Outcome, Role
from assessments.revisions import LevelData
from assessments.views.colours import overall
from tests import factories
from tests.conftest import signed_in, words
from tests.factories import days_ago, make_rated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


@pytest.fixture
def small(db):
    """Stands in for the home framework: activities A1 with two competences and A1a with one."""
    return factories.make_revision(framework="ipt", number="9.0")


@pytest.fixture
def second(therapist, other_supervisor, northfield):
    factories.make_supervision(therapist, other_supervisor, northfield)
    return other_supervisor


def profile(person, reader=None, **query):
    return signed_in(reader or person).get(reverse("therapist", args=[person.pk]), query)


def cards(response):
    """By code what a card says, with the class of its spine and of each cell of its strip."""
    found = {}
    for html in re.findall(r'<li class="box.*?</li>', response.text, re.S):
        text = " ".join(re.sub(r"<[^>]+>", " ", html.partition("box__m")[2]).split())
        code, _, told = text.removeprefix('">').strip().partition(" ")
        found[code] = (told, re.search(r'spine (\w+)"', html)[1], re.findall(r'<i class="(\w+)">', html))
    return found


def test_map_is_coloured_by_the_latest_levels(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 3, "A1.2": 3}, days=40)
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1.2": 1}, days=2)

    response = profile(therapist)

    assert cards(response)["A1"] == ("Median level 1, Not met. 2 of 2 rated", "l1", ["l1", "l1"])
    assert '<a href="?" aria-current="true">Latest</a>' in response.text


def test_map_is_coloured_by_the_median_of_all(supervisor, therapist, small):
    for days, level in [(40, 3), (30, 3), (2, 1)]:
        make_rated(supervisor, therapist, small, {"A1.1": level, "A1.2": Outcome.NOT_OBSERVED}, days=days)

    response = profile(therapist, colour="median")

    assert cards(response)["A1"] == ("Median level 3, Met. 1 of 2 rated", "l5", ["l5", "lo"])
    assert '<a href="?colour=median" aria-current="true">Median of all</a>' in response.text


def test_map_is_coloured_by_change(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1.2": 2}, days=40)
    make_rated(supervisor, therapist, small, {"A1.1": 2, "A1.2": 2, "A1a.1": 2}, days=2)

    response = profile(therapist, colour="change")

    assert cards(response) == {
        "A1": ("1 further on and 1 the same", "cu", ["cu", "cs"]),
        "A1a": ("No earlier level", "cn", ["cn"]),
    }
    assert "+ Further on 1 = The same 1" in words(response)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        (["", ""], ""),
        (["further", "same", "same"], "further"),
        (["less_far", ""], "less_far"),
        (["further", "less_far"], "same"),
        (["same"], "same"),
    ],
)
def test_sign_of_an_activity_is_where_more_went(changes, kind):
    assert overall(changes) == kind


def test_change_on_a_reversed_scale_goes_to_the_first_level(supervisor, therapist):
    levels = [LevelData("a", "Alone"), LevelData("b", "With help"), LevelData("c", "Not yet")]
    scale = factories.make_scale_data(levels=levels, threshold="a", direction="descending")
    revision = factories.make_revision(framework="ipt", number="9.0", scale=scale)
    make_rated(supervisor, therapist, revision, {"A1.1": 3}, days=40)
    make_rated(supervisor, therapist, revision, {"A1.1": 1}, days=2)

    assert cards(profile(therapist, colour="change"))["A1"][0] == "1 further on"
    assert "Of 1 activity rated at least twice: 1 further on." in words(profile(therapist))


def test_filter_limits_what_counts_and_says_so(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 3}, days=40, source="live")
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1.2": 1}, days=2)

    text = words(profile(therapist, source="live"))

    assert "Of 1 competence rated in what you chose, 1 is at Met." in text
    assert "1 of 2 assessments counts on this page; the others are left out. Count all" in text


@pytest.mark.parametrize(
    ("query", "level"),
    [({"case": "1"}, "Met"), ({"phase": "initial"}, "Met"), ({"source": "live"}, "Met"), ({"source": "x"}, "Not met")],
)
def test_filter_by(supervisor, therapist, small, query, level):
    make_rated(supervisor, therapist, small, {"A1.1": 3}, days=9, source="live", case_number=1, phase="initial")
    make_rated(supervisor, therapist, small, {"A1.1": 1}, days=2)

    assert level in cards(profile(therapist, **query))["A1"][0]


def test_filter_by_supervisor(supervisor, second, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 3}, days=9)
    make_rated(second, therapist, small, {"A1.1": 1}, days=2)

    response = profile(therapist, rater=str(supervisor.pk))

    assert cards(response)["A1"][0] == "Median level 3, Met. 1 of 2 rated"
    assert f'<option value="{supervisor.pk}" selected>Dr Helen Marsh</option>' in response.text


def test_filter_that_leaves_nothing(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 3})

    text = words(profile(therapist, source="live"))

    assert "Nothing is rated in what you chose." in text
    assert "0 of 1 assessment count on this page" in text


def test_filter_names_no_problem_area_as_not_come_up(supervisor, therapist, revision):
    make_rated(supervisor, therapist, revision, {"S2.1": 3, "S7.1": 3})

    assert "have not come up in a case yet" in words(profile(therapist))
    limited = words(profile(therapist, case="2"))
    assert "not come up in a case yet" not in limited
    assert "Only the assessments that you chose count here." in limited


def test_filter_offers_nothing_of_a_draft(supervisor, therapist, small, lead):
    make_rated(supervisor, therapist, small, {"A1.1": 3}, case_number=1)
    factories.make_draft(supervisor, therapist, small, codes="A1", source="live", case_number=7)

    options = re.findall(r'<option value="[^"]+">([^<]+)<', profile(therapist, lead).text)

    assert options == ["Recorded session", "Case 1", "Middle", "Dr Helen Marsh"]


def test_ratings_that_may_not_be_read_do_not_count(supervisor, therapist, small, southbank, outside_supervisor):
    """Helen supervises Amara at Northfield and is administrator, no more, at Southbank."""
    Membership.objects.create(user=supervisor, organisation=southbank, role=Role.ADMIN, starts_on=days_ago(90))
    Membership.objects.create(user=therapist, organisation=southbank, role=Role.THERAPIST, starts_on=days_ago(90))
    factories.make_supervision(therapist, outside_supervisor, southbank)
    make_rated(outside_supervisor, therapist, small, {"A1.1": 3})

    response = profile(therapist, supervisor)

    assert "Nothing is rated yet for Amara." in words(response)
    assert "Grace Lindqvist</option>" not in response.text


def test_choices_stay_in_the_links(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 3})

    html = profile(therapist, source="recorded", colour="change").text

    assert 'href="activities/A1/?colour=change&amp;source=recorded"' in html
    assert '<a href="?source=recorded">Latest</a>' in html
    assert '<input type="hidden" name="colour" value="change">' in html


def test_choices_keep_the_framework(therapist, supervisor):
    other = factories.make_revision()
    make_rated(supervisor, therapist, other, {"A1.1": 3})

    html = profile(therapist, framework="small").text

    assert '<input type="hidden" name="framework" value="small">' in html
    assert 'href="activities/A1/?framework=small"' in html


def test_months_are_a_choice(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 3, "A1a.1": 3}, days=70)

    text = words(profile(therapist, stale="2"))

    assert "2 were last observed more than two months ago." in text
    assert "A1 Listening Older than two months" in text
    assert "Older than" not in words(profile(therapist))


def test_all_rated_in_time(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 3, "A1a.1": 3}, days=70)

    text = words(profile(therapist, stale="3"))

    assert "Every core and focus activity has been rated within the last three months." in text


def test_several_supervisors_are_shown_as_a_spread(supervisor, second, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1.2": 2}, days=9)
    make_rated(second, therapist, small, {"A1.1": 3, "A1.2": 2}, days=2)

    response = profile(therapist)

    assert "2 supervisors, spread on 1 of 2" in cards(response)["A1"][0]
    text = words(response)
    assert "Of 2 competences rated by more than one supervisor, 1 has a spread." in text
    assert "A1.1 Listening 1 Not met 3 Met 2" in text


def test_several_supervisors_who_agree(supervisor, second, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 2}, days=9)
    make_rated(second, therapist, small, {"A1.1": 2}, days=2)

    response = profile(therapist)

    assert "2 supervisors, agreed" in cards(response)["A1"][0]
    assert "The supervisors agree on 1 competence that more than one of them rated." in words(response)


def test_then_and_now_is_drawn_and_listed(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1}, days=40)
    make_rated(supervisor, therapist, small, {"A1.1": 3}, days=2)

    response = profile(therapist)

    assert "Of 1 activity rated at least twice: 1 further on." in words(response)
    assert f"A1 Listening 1 Not met 3 Met 1 {days_ago(40):%-d %b %Y}" in words(response)
    (figure,) = response.context["pair_figures"]
    assert [(row.then, row.now) for row in figure.chart.rows] == [("4.0%", "96.0%")]


def test_then_and_now_before_a_second_occasion(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1})

    assert "No activity has been rated twice yet." in words(profile(therapist))


def test_coverage_and_cases_are_told_and_listed(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1})

    text = words(profile(therapist))

    assert "Of 3 competences, 2 were never observed, 1 was observed once only, and 0 were" in text
    assert "A1 Listening A1.2 A1.1 None A1a Silences All 1 None None" in text
    assert "1 case covers role dispute; phases seen: middle." in text
    assert "Case 2 Role dispute 0 1 0 0 0 1" in text
    assert "Rated so far: 1 of 3 competences, 1 in First." in text


def test_drawings_say_what_they_show(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1}, days=40)
    make_rated(supervisor, therapist, small, {"A1.1": 3}, days=2)

    html = profile(therapist).text

    (svg,) = re.findall(r'<svg class="drawn".*?</desc>', html, re.S)
    assert 'role="img" aria-labelledby="pairs-A-title pairs-A-desc"' in svg
    assert '<title id="pairs-A-title">First</title>' in svg
    assert '<desc id="pairs-A-desc">Of 1 activity rated at least twice: 1 further on.</desc>' in svg
