"""The cohort by quarter: medians of five and more, and nothing of a smaller group for who may not know."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments import queries
from assessments.models import Domain, QuarterStanding, Role
from assessments.models.standing import end_of_quarter
from tests import factories
from tests.conftest import signed_in, words
from tests.test_quarters import quarter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]
PAGE = reverse("cohort-progress")


def stood(therapist, organisation, domain, runs):
    """`runs`: level, from how many quarters ago, until how many quarters ago or None."""
    for mark, begins, ends in runs:
        is_level = isinstance(mark, int)
        QuarterStanding.objects.create(
            organisation=organisation,
            therapist=therapist,
            domain=domain,
            outcome="level" if is_level else mark,
            position=mark if is_level else None,
            begins_on=quarter(begins),
            ends_on=None if ends is None else quarter(ends),
        )


@pytest.fixture
def domain(revision):
    return Domain.objects.get(revision=revision, code="3")


@pytest.fixture
def group(northfield, domain):
    """Four people rated three quarters ago, a fifth a quarter later; two moved on last quarter."""
    people = [
        factories.make_person(f"Person {letter}", Role.THERAPIST, northfield, programme="Year 1") for letter in "ABCDE"
    ]
    for person in people[:3]:
        stood(person, northfield, domain, [(2, 3, 1), (4, 1, None)])
    stood(people[3], northfield, domain, [(2, 3, None)])
    stood(people[4], northfield, domain, [("not_observed", 3, 2), (3, 2, None)])
    return people


def name_of(back):
    day = quarter(back)
    return f"{timezone.localdate():%b %Y}, so far" if not back else f"{end_of_quarter(day):%b %Y}"


def quarters(response, code="3"):
    """The rows of a domain's table, the latest quarter first."""
    figure = re.search(rf"<h3 class=\"h3\">{code}&ensp;.*?</figure>", response.text, re.S)[0]
    rows = re.findall(r'<tr>(<th scope="row">.*?)</tr>', figure, re.S)
    cells = [re.findall(r"<t[hd].*?</t[hd]>", row, re.S) for row in rows]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_lead_reads_median_number_and_reach_of_each_quarter(lead, group):
    page = signed_in(lead).get(PAGE)

    assert quarters(page) == [
        [name_of(0), "5", "4 Competent", "3 of 5"],
        [name_of(1), "5", "4 Competent", "3 of 5"],
        [name_of(2), "5", "2 Emerging", "0 of 5"],
        [name_of(3), "4", "Left out", "Left out"],
    ]
    assert {row[1] for row in quarters(page, "1")} == {"0"}


def test_administrator_is_not_told_how_few_were_rated(admin, group):
    page = signed_in(admin).get(PAGE)

    assert [row[1] for row in quarters(page)] == ["5", "5", "5", "under 5"]
    assert {row[1] for row in quarters(page, "1")} == {"0"}
    assert "Person" not in words(page)
    assert "You see the group, not the people in it." in words(page)


def test_headline_compares_the_first_quarter_told_with_the_last(lead, group):
    told = words(signed_in(lead).get(PAGE))

    since = f"{end_of_quarter(quarter(2)):%B %Y}"
    assert f"Since the end of {since} the median is further on in one domain." in told
    assert f"Median Emerging at the end of {since}, Competent now; at Competent or beyond 0 of 5, then 3 of 5." in told


def test_headline_tells_what_stayed_and_what_fell_back(lead, group, northfield, revision):
    first, second = Domain.objects.filter(revision=revision, code__in=["1", "2"]).order_by("position")
    for person in group:
        stood(person, northfield, first, [(3, 3, None)])
        stood(person, northfield, second, [(3, 3, 2), (2, 2, None)])

    told = words(signed_in(lead).get(PAGE))

    assert "the median is further on in one domain, the same in one domain and less far in one domain." in told


def test_one_quarter_told_is_not_compared(lead, northfield, domain):
    for letter in "ABCDE":
        stood(factories.make_person(letter, Role.THERAPIST, northfield), northfield, domain, [(4, 0, None)])

    told = words(signed_in(lead).get(PAGE))

    assert "In no domain were five therapists rated at the ends of two quarters yet." in told
    assert "Median Competent now; at Competent or beyond 5 of 5." in told


def test_page_says_that_nothing_is_rated(lead, therapist):
    page = signed_in(lead).get(PAGE)

    assert "Nothing is rated yet in this cohort." in words(page)
    assert page.context["figures"][0].lines == []


def test_drawing_has_a_sign_for_each_quarter_told(lead, group):
    (figure,) = [each for each in signed_in(lead).get(PAGE).context["figures"] if each.panel]

    assert [(sign.y, sign.look) for sign in figure.panel.signs] == [("66", "full"), ("30", "full"), ("30", "full")]
    assert figure.panel.signs[-1].x == "94.0%"
    assert (figure.panel.expected, figure.panel.band) == ("30", "")


def test_quarters_longer_ago_than_eight_are_left_out(northfield, revision, therapist, domain):
    stood(therapist, northfield, domain, [(2, 12, 9), (3, 9, None)])

    found = queries.cohort_progress(northfield, revision)

    (progress,) = [each for each in found.domains if each.domain.code == "3"]
    assert [row.begins_on for row in progress.quarters] == [quarter(back) for back in range(7, -1, -1)]
    assert [row.everybody.levels for row in progress.quarters] == [{3: 1}] * 8


def test_quarters_end_on_their_last_day_and_the_running_one_today(northfield, revision, therapist, domain):
    stood(therapist, northfield, domain, [(2, 1, None)])

    progress = queries.cohort_progress(northfield, revision).domains[2]

    assert [row.on for row in progress.quarters] == [quarter() - datetime.timedelta(days=1), timezone.localdate()]


def test_only_those_in_training_there_now_are_followed_back(lead, group, outside_therapist, southbank, domain):
    stood(outside_therapist, southbank, domain, [(5, 3, None)])
    factories.end_membership(group[0])

    assert [row[1] for row in quarters(signed_in(lead).get(PAGE))] == ["4", "4", "4", "3"]


def test_programme_narrows_the_group_and_stays_chosen(lead, group, northfield):
    page = signed_in(lead).get(PAGE, {"programme": "Year 2"})

    assert "0 therapists" in words(page)
    assert f'/cohort/?organisation={northfield.pk}&amp;programme=Year+2&amp;framework=ipt"' in page.text


def test_it_follows_what_is_shared(lead, northfield, supervisor, revision):
    for letter in "ABCDE":
        person = factories.make_person(letter, Role.THERAPIST, northfield)
        factories.make_supervision(person, supervisor, northfield)
        factories.make_rated(supervisor, person, revision, {"S2.1": 3}, days=0)

    assert quarters(signed_in(lead).get(PAGE)) == [[name_of(0), "5", "3 Developing", "0 of 5"]]


def test_cohort_page_leads_there_with_its_choices(admin, group, northfield):
    page = signed_in(admin).get(reverse("cohort"), {"programme": "Year 1"})

    kept = f"/cohort/progress/?organisation={northfield.pk}&amp;programme=Year+1&amp;framework=ipt"
    assert f'href="{kept}"' in page.text


@pytest.mark.parametrize("number", [1, 3])
def test_statements_do_not_grow(lead, northfield, domain, django_assert_num_queries, number):
    for index in range(number):
        person = factories.make_person(f"Person {index}", Role.THERAPIST, northfield)
        stood(person, northfield, domain, [(level, 6 - level, 5 - level) for level in range(1, number + 1)])
    client = signed_in(lead)
    client.get(PAGE)

    with django_assert_num_queries(7):
        client.get(PAGE)
