import pytest
from django.utils import timezone

from assessments import courses, profiles
from assessments.actions import assessments
from assessments.models import Assessment, Outcome, Role
from assessments.scoring import NOT_APPLICABLE, NOT_OBSERVED, NOT_RATED
from tests import factories
from tests.factories import days_ago, make_rated

pytestmark = pytest.mark.django_db

PROBLEM_AREAS = {"S1.1": 3, "S2.1": 3, "S3.1": 3, "S4.1": 3}


@pytest.fixture
def small(db):
    """Activities A1 with two competences and A1a with one; met at the third of three levels."""
    return factories.make_revision()


def profile(therapist, revision, *, on=None):
    """From every assessment there is, drafts and withdrawn ones too."""
    assessments = Assessment.objects.filter(therapist=therapist)
    return profiles.build(therapist, revision, on or timezone.localdate(), assessments)


def standing(therapist, revision, code, **kwargs):
    found = profile(therapist, revision, **kwargs).standings
    return next(each for each in found if each.activity.code == code)


def mark(therapist, revision, code, **kwargs):
    return dict(standing(therapist, revision, code.split(".")[0], **kwargs).marks)[code]


def gaps(therapist, revision):
    return {gap.activity.code: reason for gap, reason in profile(therapist, revision).gaps}


def test_later_session_wins_even_if_shared_first(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 3}, days=2)
    make_rated(supervisor, therapist, small, {"A1.1": 1}, days=9)

    assert mark(therapist, small, "A1.1") == 3


def test_later_sharing_wins_on_the_same_day(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 3}, days=2)
    make_rated(supervisor, therapist, small, {"A1.1": 1}, days=2)

    assert mark(therapist, small, "A1.1") == 1


@pytest.fixture
def many(therapist, supervisor, small):
    """A1.1 at level 3 in each of the assessments that are read first; nothing else."""
    for number in range(courses.READ_FIRST):
        make_rated(supervisor, therapist, small, {"A1.1": 3, "A1.2": Outcome.NOT_OBSERVED}, days=2 + number)


def test_old_assessment_tells_what_the_newest_leave_open(many, therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1.2": 2, "A1a.1": 1}, days=90)

    assert [mark(therapist, small, code) for code in ["A1.1", "A1.2", "A1a.1"]] == [3, 2, 1]


def test_old_assessment_leaves_what_was_not_observed_since(many, therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.2": Outcome.NOT_OBSERVED}, days=90)

    assert mark(therapist, small, "A1.2") == NOT_OBSERVED


def test_old_assessments_are_not_read_once_all_is_settled(therapist, supervisor, small, django_assert_num_queries):
    for number in range(courses.READ_FIRST + 1):
        make_rated(supervisor, therapist, small, {"A1.1": 3, "A1.2": 2, "A1a.1": 1}, days=2 + number)
    seen = list(Assessment.objects.filter(therapist=therapist))
    profiles.tree(small)

    with django_assert_num_queries(3):  # the marks once, the scale, its levels
        profiles.build(therapist, small, timezone.localdate(), seen)


def test_not_observed_replaces_no_level(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 2}, days=9)
    make_rated(supervisor, therapist, small, {"A1.1": Outcome.NOT_OBSERVED}, days=2)

    assert mark(therapist, small, "A1.1") == 2


def test_not_observed_replaces_no_not_applicable(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": Outcome.NOT_APPLICABLE}, days=9)
    make_rated(supervisor, therapist, small, {"A1.1": Outcome.NOT_OBSERVED}, days=2)

    assert mark(therapist, small, "A1.1") == NOT_APPLICABLE


def test_not_observed_stands_where_nothing_else_does(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": Outcome.NOT_OBSERVED})

    assert (mark(therapist, small, "A1.1"), mark(therapist, small, "A1.2")) == (NOT_OBSERVED, NOT_RATED)


def test_not_applicable_replaces_an_earlier_level(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 2}, days=9)
    make_rated(supervisor, therapist, small, {"A1.1": Outcome.NOT_APPLICABLE}, days=2)

    assert mark(therapist, small, "A1.1") == NOT_APPLICABLE


def test_level_replaces_an_earlier_not_applicable(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": Outcome.NOT_APPLICABLE}, days=9)
    make_rated(supervisor, therapist, small, {"A1.1": 2}, days=2)

    assert mark(therapist, small, "A1.1") == 2


def test_draft_never_counts(therapist, supervisor, small):
    draft = factories.make_draft(supervisor, therapist, small, codes="A1")
    factories.rate(draft, "A1.1", 3)

    assert mark(therapist, small, "A1.1") == NOT_RATED


def test_withdrawn_never_counts(therapist, supervisor, small):
    shared = make_rated(supervisor, therapist, small, {"A1.1": 3})
    assessments.withdraw(by=supervisor, assessment=shared, reason="Wrong session.")

    assert mark(therapist, small, "A1.1") == NOT_RATED


def test_taken_back_never_counts(therapist, supervisor, small):
    shared = make_rated(supervisor, therapist, small, {"A1.1": 3})
    assessments.take_back(by=supervisor, assessment=shared, reason="A level was wrong.")

    assert mark(therapist, small, "A1.1") == NOT_RATED


def test_signed_off_counts(therapist, supervisor, small):
    shared = make_rated(supervisor, therapist, small, {"A1.1": 3})
    for person in [therapist, supervisor]:
        assessments.sign_off(by=person, assessment=shared)

    assert mark(therapist, small, "A1.1") == 3


def test_another_therapist_counts_for_nothing(therapist, other_therapist, other_supervisor, small):
    make_rated(other_supervisor, other_therapist, small, {"A1.1": 3})

    assert mark(therapist, small, "A1.1") == NOT_RATED


def test_another_revision_counts_for_nothing(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 3})

    assert mark(therapist, factories.make_revision(number="2.0"), "A1.1") == NOT_RATED


def test_profile_as_of_a_date_includes_that_day(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1}, days=20)
    make_rated(supervisor, therapist, small, {"A1.1": 3}, days=10)

    seen = [mark(therapist, small, "A1.1", on=days_ago(days)) for days in [21, 20, 11, 10]]

    assert seen == [NOT_RATED, 1, 1, 3]


def test_profile_counts_assessments_and_supervisors(therapist, supervisor, other_supervisor, northfield, small):
    factories.make_supervision(therapist, other_supervisor, northfield)
    for rater in [supervisor, supervisor, other_supervisor]:
        make_rated(rater, therapist, small, {"A1.1": 2})

    found = profile(therapist, small)

    assert (found.assessments, found.supervisors) == (3, 2)


def test_profile_follows_the_printed_order(therapist, revision):
    found = profile(therapist, revision)

    assert [domain.short_title for domain in found.domains] == [
        "Generic",
        "Basic IPT",
        "Techniques",
        "Applications",
        "Metacompetences",
    ]
    assert [each.activity.code for each in found.domains[1].activities] == [f"B{number}" for number in range(1, 10)]


def test_profile_sums_its_domains(therapist, supervisor, revision):
    make_rated(supervisor, therapist, revision, {"S2.1": 4, "S2.2": Outcome.NOT_OBSERVED, "G1.1": 2})

    domains = {domain.code: domain.distribution for domain in profile(therapist, revision).domains}

    assert (dict(domains["3"].levels), domains["3"].not_observed, domains["3"].total) == ({4: 1}, 1, 91)
    assert (dict(domains["1"].levels), domains["1"].not_rated, domains["1"].total) == ({2: 1}, 95, 96)


def test_standing_marks_each_statement_in_order(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.2": 3})

    assert standing(therapist, small, "A1").marks == [("A1.1", NOT_RATED), ("A1.2", 3)]


def test_standing_is_dated_by_its_latest_level(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 2}, days=30)
    make_rated(supervisor, therapist, small, {"A1.2": 2}, days=20)
    make_rated(supervisor, therapist, small, {"A1.1": Outcome.NOT_OBSERVED}, days=10)

    assert standing(therapist, small, "A1").last_rated_on == days_ago(20)


def test_optional_activity_is_left_out_of_coverage(therapist, revision):
    found = profile(therapist, revision)

    assert (found.distribution.total, found.domains[3].distribution.total) == (298, 0)


@pytest.mark.parametrize(("answer", "total"), [(3, 305), (Outcome.NOT_OBSERVED, 305), (Outcome.NOT_APPLICABLE, 298)])
def test_optional_activity_counts_once_something_in_it_was_judged(therapist, supervisor, revision, answer, total):
    make_rated(supervisor, therapist, revision, {"P1.1": answer})

    assert profile(therapist, revision).distribution.total == total


@pytest.mark.parametrize("answer", [3, Outcome.NOT_OBSERVED, Outcome.NOT_APPLICABLE])
@pytest.mark.parametrize("code", ["G1.1", "P1.1"])
def test_distributions_agree_with_the_profile(therapist, supervisor, revision, code, answer):
    make_rated(supervisor, therapist, revision, {code: answer})

    found = profiles.distributions([therapist.pk], revision, timezone.localdate(), seen_by=therapist)

    assert found == {therapist.pk: profile(therapist, revision).distribution}


def test_distributions_leave_out_whoever_has_no_rating(therapist, other_therapist, supervisor, lead, small):
    make_rated(supervisor, therapist, small, {"A1.1": 2})

    found = profiles.distributions([therapist.pk, other_therapist.pk], small, timezone.localdate(), seen_by=lead)

    assert set(found) == {therapist.pk}


def test_distributions_rest_on_what_the_reader_may_see(therapist, supervisor, outside_supervisor, southbank, small):
    factories.make_supervision(therapist, outside_supervisor, southbank)
    make_rated(outside_supervisor, therapist, small, {"A1.1": 2})

    today = timezone.localdate()
    found = [
        set(profiles.distributions([therapist.pk], small, today, seen_by=reader))
        for reader in [supervisor, outside_supervisor]
    ]

    assert found == [set(), {therapist.pk}]


def test_distributions_are_as_of_a_date(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": 2}, days=5)

    found = [set(profiles.distributions([therapist.pk], small, days_ago(days), seen_by=therapist)) for days in [6, 5]]

    assert found == [set(), {therapist.pk}]


def test_headline_before_any_rating(therapist, small):
    assert profile(therapist, small).headline == "Nothing is rated yet for Amara."


def test_headline_of_blanks_alone(therapist, supervisor, small):
    make_rated(supervisor, therapist, small, {"A1.1": Outcome.NOT_OBSERVED})

    assert profile(therapist, small).headline == "Nothing is rated yet for Amara."


@pytest.mark.parametrize(
    ("answers", "headline"),
    [
        ({"A1.1": 3}, "Of 1 competence rated so far, 1 is at Met."),
        ({"A1.1": 2}, "Of 1 competence rated so far, 0 are at Met."),
        ({"A1.1": 3, "A1.2": 3, "A1a.1": 1}, "Of 3 competences rated so far, 2 are at Met."),
        ({"A1.1": 3, "A1.2": Outcome.NOT_APPLICABLE}, "Of 1 competence rated so far, 1 is at Met."),
    ],
)
def test_headline_counts_what_reached_the_threshold(therapist, supervisor, small, answers, headline):
    make_rated(supervisor, therapist, small, answers)

    assert profile(therapist, small).headline == headline


def test_headline_on_a_descending_scale(therapist, supervisor):
    scale = factories.make_scale_data(key="downwards", direction="descending", threshold="2")
    revision = factories.make_revision(scale=scale)
    make_rated(supervisor, therapist, revision, {"A1.1": 1, "A1.2": 2, "A1a.1": 3})

    assert profile(therapist, revision).headline == ("Of 3 competences rated so far, 2 are at Not met or Partly met.")


@pytest.mark.parametrize(
    ("left_out", "unmet"),
    [
        ([], ""),
        (["S1.1"], " Grief has not come up in a case yet."),
        (["S1.1", "S2.1"], " Grief and role dispute have not come up in a case yet."),
        (
            ["S2.1", "S3.1", "S4.1"],
            " Role dispute, role transition and interpersonal sensitivity have not come up in a case yet.",
        ),
    ],
)
def test_headline_names_problem_areas_without_a_rating(therapist, supervisor, revision, left_out, unmet):
    rated = {code: level for code, level in PROBLEM_AREAS.items() if code not in left_out}
    make_rated(supervisor, therapist, revision, rated | {"G1.1": 4})

    assert profile(therapist, revision).headline == (
        f"Of {len(rated) + 1} competences rated so far, 1 is at Competent or Advanced.{unmet}"
    )


def test_gaps_before_any_rating_leave_out_optional_activities(therapist, revision):
    found = gaps(therapist, revision)

    assert {code for code, reason in found.items() if reason == "Never rated"} == {
        *(f"G{number}" for number in range(1, 14)),
        *(f"B{number}" for number in range(1, 10)),
        *(f"S{number}" for number in range(5, 12)),
        *(f"M{number}" for number in range(1, 7)),
    }
    assert {code for code, reason in found.items() if reason != "Never rated"} == {"S1", "S2", "S3", "S4"}


def test_gap_of_a_problem_area_waits_for_a_case(therapist, revision):
    assert gaps(therapist, revision)["S1"] == "No case with this problem area"


def test_gap_that_was_looked_for_says_so(therapist, supervisor, revision):
    make_rated(supervisor, therapist, revision, dict.fromkeys(["S1.1", "G1.1"], Outcome.NOT_OBSERVED))

    found = gaps(therapist, revision)

    assert (found["S1"], found["G1"]) == ("Looked for, not observed", "Looked for, not observed")


@pytest.mark.parametrize(("days", "reason"), [(182, None), (183, "Older than six months")])
def test_gap_opens_after_half_a_year(therapist, supervisor, revision, days, reason):
    make_rated(supervisor, therapist, revision, {"G1.1": 3}, days=days)

    assert gaps(therapist, revision).get("G1") == reason


def test_activity_outside_the_programme_is_no_gap(therapist, supervisor, revision):
    codes = [f"G1.{number}" for number in range(1, 8)]
    make_rated(supervisor, therapist, revision, dict.fromkeys(codes, Outcome.NOT_APPLICABLE))

    assert "G1" not in gaps(therapist, revision)


@pytest.mark.parametrize("size", [1, 3])
def test_several_therapists_are_read_in_two_queries(supervisor, northfield, small, size, django_assert_num_queries):
    people = [factories.make_person(f"Person {number}", Role.THERAPIST, northfield) for number in range(size)]
    for person in people:
        factories.make_supervision(person, supervisor, northfield)
        make_rated(supervisor, person, small, {"A1.1": 2, "A1.2": 3})
    assert supervisor.roles == {Role.SUPERVISOR}

    with django_assert_num_queries(2):
        found = profiles.distributions([each.pk for each in people], small, timezone.localdate(), seen_by=supervisor)

    assert len(found) == size


@pytest.mark.parametrize("times", [1, 3])
def test_profile_needs_the_same_number_of_queries_for_more_assessments(
    therapist, supervisor, revision, times, django_assert_num_queries
):
    for _ in range(times):
        make_rated(supervisor, therapist, revision, {"G1.1": 3, "S2.1": 4, "P1.1": 2})

    with django_assert_num_queries(3):
        found = profile(therapist, revision)

        assert found.headline
        assert len(found.gaps) == 37
