"""The cohort page and its files: names for those who lead, the group alone for those who administer."""

import csv
import datetime
import io
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from assessments import queries, scoring
from assessments.models import Activity, ActivityStanding, AuditEvent, Membership, Role, User
from assessments.queries.cohort import ActivityRow, Cohort, Quarter
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]
COHORT = reverse("cohort")


def give(therapist, organisation, revision, marks):
    """Rows as the actions would write them."""
    activities = {each.code: each for each in Activity.objects.filter(revision=revision)}
    for code, mark in marks.items():
        is_level = isinstance(mark, int)
        ActivityStanding.objects.create(
            organisation=organisation,
            therapist=therapist,
            activity=activities[code],
            outcome="level" if is_level else mark,
            position=mark if is_level else None,
            rated=4 if is_level else 0,
            total=10,
            last_rated_on=factories.days_ago(3) if is_level else None,
        )


@pytest.fixture
def five(northfield, revision):
    """Five therapists in training: S9 at 1, 2, 2, 4 and 5, and S2 at 3; grief was met by none of them."""
    people = [
        factories.make_person(f"Person {letter}", Role.THERAPIST, northfield, programme="Year 1") for letter in "ABCDE"
    ]
    for person, level in zip(people, [1, 2, 2, 4, 5], strict=True):
        give(person, northfield, revision, {"S9": level, "S2": 3})
    return people


def heat_row(response, code):
    row = re.search(rf'<tr>\s*<th scope="row"><a [^>]*><span class="code">{code}</span>.*?</tr>', response.text, re.S)[
        0
    ]
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td.*?</td>", row, re.S)]


# who sees it


def test_lead_sees_everybody_with_the_median_of_each_activity(lead, shared, other_therapist):
    page = signed_in(lead).get(COHORT)

    names = re.findall(r'<th scope="col"><span><a href="/therapists/[^"]+">([^<]+)</a>', page.text)
    assert names == ["Amara Okafor", "Daniel Reyes"]
    assert heat_row(page, "S2") == ["3 Developing", "– Not rated", "– Left out", "1"]
    assert heat_row(page, "S1") == ["– Not rated", "– Not rated", "– Left out", "0"]


def test_not_observed_is_shown_as_such(lead, supervisor, therapist, revision):
    factories.make_rated(supervisor, therapist, revision, {"S1.1": "not_observed"})

    assert heat_row(signed_in(lead).get(COHORT), "S1") == ["Not observed", "– Left out", "0"]


def test_administrator_sees_the_group_and_no_name(admin, five):
    page = signed_in(admin).get(COHORT)

    assert "Person" not in words(page)
    assert heat_row(page, "S9") == ["2 Emerging", "5"]
    assert "To look after" not in words(page)
    assert "cohort.csv" not in page.text


def test_administrator_is_not_told_how_few_are_rated(admin, shared):
    page = signed_in(admin).get(COHORT)

    assert heat_row(page, "S2") == ["– Left out", "under 5"]
    assert heat_row(page, "S1") == ["– Left out", "0"]


@pytest.mark.parametrize("name", ["supervisor", "therapist"])
def test_cohort_is_for_leads_and_administrators(request, name):
    response = signed_in(request.getfixturevalue(name)).get(COHORT)

    assert response.status_code == 403
    assert "This is for a training lead or an administrator." in words(response)


def test_nothing_of_another_organisation_is_counted(outside_lead, five):
    page = signed_in(outside_lead).get(COHORT)

    assert "0 therapists" in words(page)
    assert "Nothing is rated yet in this cohort." in words(page)


def test_lead_of_two_organisations_chooses_one(lead, shared, southbank, outside_therapist):
    Membership.objects.create(user=lead, organisation=southbank, role=Role.LEAD, starts_on=factories.days_ago(1))

    page = signed_in(lead).get(COHORT, {"organisation": southbank.pk})

    assert "Oscar Bell" in words(page)
    assert "Amara Okafor" not in words(page)


def test_lead_who_administers_elsewhere_sees_no_figures_of_there(lead, southbank, outside_therapist):
    Membership.objects.create(user=lead, organisation=southbank, role=Role.ADMIN, starts_on=factories.days_ago(1))

    assert "Oscar Bell" not in words(signed_in(lead).get(COHORT, {"organisation": southbank.pk}))


def test_who_has_left_is_no_longer_in_the_cohort(lead, shared, therapist):
    factories.end_membership(therapist)

    page = signed_in(lead).get(COHORT)

    assert "Amara Okafor" not in words(page)
    assert heat_row(page, "S2") == ["– Left out", "0"]


def test_programme_narrows_people_and_figures(lead, five, northfield, revision):
    other = factories.make_person("Zoe Last", Role.THERAPIST, northfield, programme="Year 2")
    give(other, northfield, revision, {"S9": 5})

    page = signed_in(lead).get(COHORT, {"programme": "Year 2"})

    assert heat_row(page, "S9") == ["5 Advanced", "– Left out", "1"]
    assert "Person A" not in words(page)


def test_unknown_programme_and_page_do_no_harm(lead, five):
    client = signed_in(lead)

    assert "0 therapists" in words(client.get(COHORT, {"programme": "Nonsense\x00"}))
    assert heat_row(client.get(COHORT, {"page": "nonsense"}), "S2")[-2:] == ["3 Developing", "5"]


def test_unknown_framework_is_not_found(lead):
    assert signed_in(lead).get(COHORT, {"framework": "none\x00"}).status_code == 404


def test_forty_therapists_stand_on_a_page_and_the_figures_tell_of_all(lead, northfield, revision):
    for number in range(41):
        person = factories.make_person(f"Person {number:02}", Role.THERAPIST, northfield)
        give(person, northfield, revision, {"S2": 3})

    page = signed_in(lead).get(COHORT, {"page": "2"})

    assert heat_row(page, "S2") == ["3 Developing", "3 Developing", "41"]
    assert "41 to 41 of 41" in words(page)


def test_administrator_is_not_told_how_few_met_the_rarest_problem_area(admin, lead, five, northfield, revision):
    for person in five:
        give(person, northfield, revision, {"S1": 3, "S3": 3, "S4": 3} if person == five[0] else {"S1": 3, "S3": 3})

    assert "Interpersonal sensitivity has been seen with fewer than 5 of 5" in words(signed_in(admin).get(COHORT))
    assert "Interpersonal sensitivity has been seen with 1 of 5" in words(signed_in(lead).get(COHORT))


# what stands out


def test_headline_names_the_lowest_activity_and_the_rarest_problem_area(lead, five):
    told = words(signed_in(lead).get(COHORT))

    assert "Role play has the lowest median, Emerging. Grief has been seen with 0 of 5 therapists." in told


def test_headline_names_two_that_stand_equally_low(lead, five, northfield, revision):
    for person in five:
        give(person, northfield, revision, {"S7": 2})

    assert "Communication and Role play have the lowest median, Emerging." in words(signed_in(lead).get(COHORT))


def test_headline_counts_when_more_stand_equally_low(lead, five, northfield, revision):
    for person in five:
        give(person, northfield, revision, {"S7": 2, "S6": 2})

    assert "Three activities have the lowest median, Emerging." in words(signed_in(lead).get(COHORT))


def test_headline_says_when_too_few_are_rated(lead, shared):
    assert "Fewer than five therapists are rated in each activity so far." in words(signed_in(lead).get(COHORT))


def test_headline_needs_no_problem_areas(lead, northfield):
    revision = factories.make_revision(framework="plain", framework_title="Plain framework")
    for letter in "ABCDE":
        give(factories.make_person(letter, Role.THERAPIST, northfield), northfield, revision, {"A1": 2})

    told = words(signed_in(lead).get(COHORT, {"framework": "plain"}))

    assert "Listening has the lowest median" in told
    assert "has been seen with" not in told


def test_least_developed_are_told_by_their_median(lead, five, northfield, revision):
    """The middle half of these lies lower than their median."""
    for person, level in zip(five, [2, 2, 3, 3, 4], strict=True):
        give(person, northfield, revision, {"S7": level})

    told = words(signed_in(lead).get(COHORT))

    assert "3 S7 Communication median of 5 therapists, 1 at Competent or beyond" in told
    assert "2 S9 Role play median of 5 therapists, 2 at Competent or beyond" in told


def test_what_stands_equally_low_is_not_cut_off(lead, five, northfield, revision):
    for person in five:
        give(person, northfield, revision, dict.fromkeys(["G1", "G2", "G3", "G4", "G5", "G6"], 1))

    page = signed_in(lead).get(COHORT)

    assert [each.row.activity.code for each in page.context["behind"]] == ["G1", "G2", "G3", "G4", "G5", "G6"]


def test_activities_far_apart_are_told_by_their_middle_half(lead, five):
    told = words(signed_in(lead).get(COHORT))

    assert "Furthest apart 2 to 4 S9 Role play the middle half of 5 therapists" in told


def test_who_was_never_assessed_and_who_not_for_long_is_named(lead, supervisor, therapist, other_therapist, revision):
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 3}, days=92)

    told = words(signed_in(lead).get(COHORT))

    assert "Never assessed Daniel Reyes" in told
    assert re.search(r"No session assessed for three months Amara Okafor \(\d+ \w+ \d{4}\)", told)


def test_somebody_assessed_three_months_ago_is_not_yet_named(lead, supervisor, therapist, revision):
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 3}, days=91)

    assert "No session assessed for three months Nobody" in words(signed_in(lead).get(COHORT))


def test_signatures_that_are_long_due_are_counted(lead, shared, signed):
    type(shared).objects.filter(pk=shared.pk).update(shared_at=timezone.now() - datetime.timedelta(days=15))

    assert "Waiting for a signature for two weeks 1 assessment, the oldest shared on" in words(
        signed_in(lead).get(COHORT)
    )


def test_work_of_supervisors_is_told_in_numbers_of_work(lead, shared, signed):
    told = words(signed_in(lead).get(COHORT))

    assert "Dr Helen Marsh 2 1 1" in told
    assert "They say nothing about how well somebody rates" in told


def test_quarters_are_named_by_their_months():
    assert Quarter(factories.days_ago(0).replace(year=2026, month=7, day=1), 3, 2).name == "July to September 2026"


@pytest.mark.parametrize(
    ("positions", "middle"), [([], None), ([3], (3, 3)), ([1, 2, 2, 4, 5], (2, 4)), ([1, 1, 5, 5], (1, 5))]
)
def test_middle_half_leaves_out_a_quarter_at_either_end(positions, middle):
    assert scoring.middle_half(positions) == middle


def test_on_a_scale_that_descends_the_lowest_is_the_highest_number(northfield, revision):
    revision.scale.direction = revision.scale.Direction.DESCENDING
    activity = Activity(pk=1, code="A", short_title="A")
    rows = [ActivityRow(activity, scoring.distribution([level] * 5)) for level in [2, 4, 3]]
    cohort = Cohort(northfield, revision, "", [], [], rows)

    assert [row.median for row in cohort.behind()] == [4, 3, 2]


# files


def test_csv_has_a_row_for_everybody_and_says_levels_in_words(lead, shared, other_therapist, northfield):
    response = signed_in(lead).post(reverse("cohort-download", args=["csv"]))

    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["Therapist"] for row in rows] == ["Amara Okafor", "Daniel Reyes"]
    assert (rows[0]["S2 Role disputes"], rows[0]["S1 Grief"], rows[1]["S2 Role disputes"]) == ("3 Developing", "", "")
    assert rows[0]["Last session assessed"] == shared.session_on.isoformat()
    event = AuditEvent.objects.latest("id")
    assert (event.type, event.by, event.organisation, event.data) == (
        "cohort_exported",
        lead,
        northfield,
        {"people": 2},
    )


def test_files_hold_nothing_that_a_spreadsheet_would_run(lead, northfield, revision):
    person = factories.make_person("=HYPERLINK(1)", Role.THERAPIST, northfield, programme="@x")
    give(person, northfield, revision, {"S1": "not_observed"})
    client = signed_in(lead)

    text = client.post(reverse("cohort-download", args=["csv"])).content.decode("utf-8-sig")
    sheet = load_workbook(io.BytesIO(client.post(reverse("cohort-download", args=["xlsx"])).content))["Cohort"]

    assert "\r\n'=HYPERLINK(1),'@x," in text
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=HYPERLINK(1)", "s")
    assert "Not observed" in [cell.value for cell in sheet[2]]


def test_administrator_takes_no_file_away(admin, five):
    response = signed_in(admin).post(reverse("cohort-download", args=["csv"]))

    assert response.status_code == 403


def test_file_of_another_kind_is_not_found(lead):
    assert signed_in(lead).post("/cohort.json").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_cohort_page_asks_a_constant_number_of_statements(
    lead, northfield, revision, django_assert_num_queries, number
):
    for index in range(number):
        give(factories.make_person(f"Person {index}", Role.THERAPIST, northfield), northfield, revision, {"S2": 3})
    client = signed_in(lead)
    client.get(COHORT)

    with django_assert_num_queries(11):
        client.get(COHORT)


def test_members_are_listed_once_though_their_role_was_given_twice(northfield, therapist):
    Membership.objects.filter(user=therapist).update(ends_on=factories.days_ago(0))
    Membership.objects.create(
        user=therapist,
        organisation=northfield,
        role=Role.THERAPIST,
        programme="Year 2",
        starts_on=factories.days_ago(0),
    )

    (member,) = queries.cohort(northfield, queries.current_revision(User())).members

    assert member.programme == "Year 2"
