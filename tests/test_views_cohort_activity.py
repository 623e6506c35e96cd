"""One activity of the cohort, competence by competence: the group alone, and of a small one nothing."""

import re

import pytest
from django.urls import reverse

from assessments import queries
from assessments.actions import lineage
from assessments.models import Assessment, FrameworkRevision, Membership, RatingScale, Role
from assessments.profiles import build
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]
PAGE = reverse("cohort-activity", args=["S9"])


def people(northfield, number, *, programme="Year 1"):
    return [
        factories.make_person(f"Person {letter}", Role.THERAPIST, northfield, programme=programme)
        for letter in "ABCDEFGH"[:number]
    ]


def rate(supervisor, persons, revision, answers):
    """`answers`: by code, what each of the persons was given, in order; None leaves it unrated."""
    for number, person in enumerate(persons):
        factories.make_supervision(person, supervisor, person.memberships.get().organisation)
        given = {code: row[number] for code, row in answers.items() if row[number] is not None}
        factories.make_rated(supervisor, person, revision, given)


@pytest.fixture
def five(northfield, supervisor, revision):
    """S9.1 at 1, 2, 2, 4, 5; S9.2 all at 3; S9.3 rated for four, not observed for one; S9.4 for two."""
    persons = people(northfield, 5)
    rate(
        supervisor,
        persons,
        revision,
        {
            "S9.1": [1, 2, 2, 4, 5],
            "S9.2": [3, 3, 3, 3, 3],
            "S9.3": [2, 2, 2, 2, "not_observed"],
            "S9.4": [4, 5, "not_applicable", None, None],
        },
    )
    return persons


def table_row(response, code):
    row = re.search(rf'<tr>\s*<th scope="row"><span class="code">{code}</span>.*?</tr>', response.text, re.S)[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td.*?</td>", row, re.S)]


# what is told


def test_each_competence_is_told_with_its_distribution_median_and_spread(lead, five):
    page = signed_in(lead).get(PAGE)

    assert table_row(page, "S9.1") == [
        "1 1 2 1", "1", "1", "0", "2", "1", "0", "0", "0", "5", "2 Emerging", "2 Emerging to 4 Competent",
    ]  # fmt: skip
    assert table_row(page, "S9.2")[1:] == [
        "0", "0", "5", "0", "0", "0", "0", "0", "5", "3 Developing", "3 Developing to 3 Developing",
    ]  # fmt: skip


def test_ways_of_having_no_level_are_told_apart(lead, five):
    page = signed_in(lead).get(PAGE)

    assert table_row(page, "S9.3")[1:] == ["0", "0", "0", "4", "0", "1", "0", "0", "4", "Left out", "Left out"]
    assert table_row(page, "S9.4")[1:] == ["1", "1", "0", "0", "0", "0", "1", "2", "2", "Left out", "Left out"]


def test_administrator_reads_nothing_of_four_and_all_of_five(admin, five):
    page = signed_in(admin).get(PAGE)

    assert table_row(page, "S9.1")[1:] == [
        "1", "1", "0", "2", "1", "0", "0", "0", "5", "2 Emerging", "2 Emerging to 4 Competent",
    ]  # fmt: skip
    few = "Left out: fewer than five therapists are rated"
    assert table_row(page, "S9.3") == [few, "under 5", "Left out", "Left out"]
    assert table_row(page, "S9.4") == [few, "under 5", "Left out", "Left out"]
    assert table_row(page, "S9.5") == [few, "0", "Left out", "Left out"]
    assert "Person" not in words(page)


def test_drawing_says_of_four_only_that_they_are_few(admin, five):
    chart = signed_in(admin).get(PAGE).context["chart"]

    assert [(row.note, row.at, row.low, row.high) for row in chart.rows[:3]] == [
        ("5 rated", "27.0%", "27.0%", "73.0%"),
        ("5 rated", "50.0%", "50.0%", "50.0%"),
        ("under 5 rated", "", "", ""),
    ]
    assert chart.expected == "73.0%"


def test_competences_stand_in_printed_order(lead, five):
    page = signed_in(lead).get(PAGE)

    codes = [line.code for line in page.context["lines"]]
    assert codes == [f"S9.{number}" for number in range(1, len(codes) + 1)]


def test_headline_names_the_weakest_and_the_furthest_apart(lead, five):
    told = words(signed_in(lead).get(PAGE))

    assert (
        "S9.1 has the lowest median, Emerging. Therapists lie furthest apart on S9.1, from Emerging to Competent."
        in told
    )


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({}, "Nothing in this activity is rated yet in this cohort."),
        ({"S9.1": [1, 2, 3, 4, None]}, "Fewer than five therapists are rated in each competence so far."),
        (
            {"S9.1": [2, 2, 2, 2, 2], "S9.2": [3] * 5, "S9.3": [2] * 5},
            "S9.1 and S9.3 have the lowest median, Emerging. On none does the middle half of the therapists differ by"
            " more than one level.",
        ),
        (
            {"S9.1": [1, 1, 2, 4, 5], "S9.2": [1, 1, 2, 4, 5]},
            "All two competences that enough therapists are rated on have one median, Emerging. Therapists lie furthest"
            " apart on S9.1, from Not yet demonstrated to Competent and S9.2, from Not yet demonstrated to Competent.",
        ),
        (
            {"S9.1": [1, 1, 2, 4, 5], "S9.2": [1, 1, 2, 4, 5], "S9.3": [1, 1, 2, 4, 5], "S9.4": [5] * 5},
            "Three competences have the lowest median, Emerging. On three competences the middle half lies three"
            " levels apart.",
        ),
    ],
)
def test_headline_cuts_no_tie(lead, supervisor, revision, answers, told):
    organisation = lead.memberships.get().organisation
    rate(supervisor, people(organisation, 5), revision, {"S8.1": [3] * 5} | answers)

    assert told in words(signed_in(lead).get(PAGE))


# whose ratings count


def test_latest_rating_counts_and_not_observed_replaces_nothing(lead, northfield, supervisor, therapist, revision):
    factories.make_rated(supervisor, therapist, revision, {"S9.1": 2, "S9.2": 4}, days=20)
    factories.make_rated(supervisor, therapist, revision, {"S9.1": 4, "S9.2": "not_observed"}, days=10)

    found = queries.cohort_activity(northfield, revision, "S9")

    assert [row.everybody.levels for row in found.rows[:2]] == [{4: 1}, {4: 1}]


def test_drafts_and_withdrawn_ones_do_not_count(northfield, supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision, codes="S9")
    factories.rate(draft, "S9.1", 5)

    found = queries.cohort_activity(northfield, revision, "S9")

    assert found.rows[0].everybody.rated == 0


def test_who_left_does_not_count(northfield, supervisor, therapist, revision):
    factories.make_rated(supervisor, therapist, revision, {"S9.1": 2})
    factories.end_membership(therapist)

    assert queries.cohort_activity(northfield, revision, "S9").rows[0].everybody.total == 0


def test_nothing_of_another_organisation_counts(southbank, shared, outside_supervisor, outside_therapist, revision):
    factories.make_rated(outside_supervisor, outside_therapist, revision, {"S2.1": 5})

    assert queries.cohort_activity(southbank, revision, "S2").rows[0].everybody.levels == {5: 1}


def test_two_memberships_of_one_person_are_one_therapist(northfield, supervisor, therapist, revision):
    factories.make_rated(supervisor, therapist, revision, {"S9.1": 2})
    today = factories.days_ago(0)
    Membership.objects.filter(user=therapist).update(ends_on=today)
    Membership.objects.create(
        user=therapist, organisation=northfield, role=Role.THERAPIST, programme="Year 2", starts_on=today
    )

    found = queries.cohort_activity(northfield, revision, "S9")

    assert (found.people, found.rows[0].everybody.total) == (1, 1)


def test_programme_narrows_the_group_and_stays_chosen(lead, five, northfield):
    factories.make_person("Zoe Last", Role.THERAPIST, northfield, programme="Year 2")

    page = signed_in(lead).get(PAGE, {"programme": "Year 2"})

    assert "1 therapist" in words(page)
    assert "Nothing in this activity is rated yet" in words(page)
    assert f'/cohort/?organisation={northfield.pk}&amp;programme=Year+2&amp;framework=ipt"' in page.text


def test_it_says_what_the_profiles_say(northfield, five, revision):
    profiles = [
        build(person, revision, factories.days_ago(0), Assessment.objects.filter(therapist=person)) for person in five
    ]

    found = queries.cohort_activity(northfield, revision, "S9")

    marks = {row.code: sorted(row.everybody.levels.elements()) for row in found.rows}
    for code, levels in marks.items():
        told = [
            dict(each.marks)[code] for profile in profiles for each in profile.standings if code in dict(each.marks)
        ]
        assert levels == sorted(mark for mark in told if isinstance(mark, int))


def test_carried_over_ratings_of_the_same_meaning_count(admin, northfield, supervisor, therapist):
    older = factories.make_revision()
    factories.make_rated(supervisor, therapist, older, {"A1.1": 2, "A1.2": 3})
    newer = factories.make_next(is_published=True)
    lineage.carry_over(by=admin, revision=newer)
    newer = FrameworkRevision.objects.select_related("scale").get(pk=newer.pk)

    found = queries.cohort_activity(northfield, newer, "A1")

    told = {row.code: (dict(row.everybody.levels), row.everybody.not_rated) for row in found.rows}
    assert told == {"A1.1": ({2: 1}, 0), "A1.2": ({}, 1)}


def test_on_a_scale_that_descends_the_drawing_runs_the_other_way(lead, northfield, supervisor):
    scale = factories.make_scale_data(direction="descending", threshold="1")
    revision = factories.make_revision(framework="down", scale=scale)
    assert RatingScale.objects.get(pk=revision.scale_id).is_descending
    rate(supervisor, people(northfield, 5), revision, {"A1.1": [3, 3, 3, 2, 1]})

    page = signed_in(lead).get(reverse("cohort-activity", args=["A1"]), {"framework": "down"})

    assert page.context["chart"].rows[0].at == "4.0%"
    assert "A1.1 has the lowest median, Met." in words(page)


# the page


def test_cohort_page_leads_to_each_activity_with_its_choices(lead, five, northfield):
    page = signed_in(lead).get(reverse("cohort"), {"programme": "Year 1"})

    kept = f"/cohort/activities/S9/?organisation={northfield.pk}&amp;programme=Year+1&amp;framework=ipt"
    assert page.text.count(f'href="{kept}"') == 2  # the table, and what is least developed


@pytest.mark.parametrize("code", ["none", "S9\x00", "S9.1"])
def test_unknown_activity_is_not_found(lead, code):
    assert signed_in(lead).get(reverse("cohort-activity", args=[code])).status_code == 404


@pytest.mark.parametrize("name", ["supervisor", "therapist"])
def test_it_is_for_leads_and_administrators(request, name):
    assert signed_in(request.getfixturevalue(name)).get(PAGE).status_code == 403


@pytest.mark.parametrize("size", [(1, 1), (3, 1), (3, 3)])
def test_statements_do_not_grow_with_people_or_ratings(lead, supervisor, revision, django_assert_num_queries, size):
    number, occasions = size
    organisation = lead.memberships.get().organisation
    for person in people(organisation, number):
        factories.make_supervision(person, supervisor, organisation)
        for turn in range(occasions):
            factories.make_rated(supervisor, person, revision, {"S9.1": 3, "S9.2": 2}, days=turn + 1)
    client = signed_in(lead)
    client.get(PAGE)

    with django_assert_num_queries(8):
        client.get(PAGE)


@pytest.mark.usefixtures("northfield", "revision")
def test_nothing_is_drawn_without_a_group(lead):
    response = signed_in(lead).get(PAGE)

    assert (response.context["chart"], "Where the group stands" in response.text) == (None, False)
