"""Where people stood at the ends of quarters: kept by the actions, and the same as the profile of that day."""

import datetime
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessments import profiles
from assessments.actions import assessments, frameworks, lineage, standings
from assessments.models import Assessment, QuarterStanding
from assessments.models.standing import end_of_quarter, quarter_of
from tests import factories

pytestmark = pytest.mark.django_db


def quarter(back=0):
    """The first day of this quarter, or of one so many quarters ago."""
    day = quarter_of(timezone.localdate())
    for _ in range(back):
        day = quarter_of(day - datetime.timedelta(days=1))
    return day


def rated(supervisor, therapist, revision, answers, *, back=0):
    """A shared assessment of a session on the first day of a quarter."""
    days = (timezone.localdate() - quarter(back)).days
    return factories.make_rated(supervisor, therapist, revision, answers, days=days)


def kept(therapist):
    rows = QuarterStanding.objects.filter(therapist=therapist).order_by("domain__position", "begins_on")
    return list(rows.values_list("domain__code", "outcome", "position", "begins_on", "ends_on"))


def as_rebuilt(therapist):
    before = kept(therapist)
    call_command("rebuild_standings", stdout=io.StringIO())
    return before == kept(therapist)


@pytest.mark.parametrize(
    ("day", "begins_on", "ends_on"),
    [
        ("2026-01-01", "2026-01-01", "2026-03-31"),
        ("2026-06-30", "2026-04-01", "2026-06-30"),
        ("2026-08-31", "2026-07-01", "2026-09-30"),
        ("2024-12-31", "2024-10-01", "2024-12-31"),
    ],
)
def test_quarters_are_those_of_the_year(day, begins_on, ends_on):
    first = quarter_of(datetime.date.fromisoformat(day))

    assert (first.isoformat(), end_of_quarter(first).isoformat()) == (begins_on, ends_on)


def test_draft_leaves_no_trace(supervisor, therapist, revision):
    factories.rate(factories.make_draft(supervisor, therapist, revision), "S2.1", 3)

    assert kept(therapist) == []


def test_what_stands_lasts_until_something_else_does(supervisor, therapist, revision):
    for back, level in [(4, 2), (3, 2), (1, 4)]:
        rated(supervisor, therapist, revision, {"S2.1": level}, back=back)

    assert kept(therapist) == [
        ("3", "level", 2, quarter(4), quarter(1)),
        ("3", "level", 4, quarter(1), None),
    ]
    assert as_rebuilt(therapist)


def test_not_observed_stands_until_a_level_does(supervisor, therapist, revision):
    rated(supervisor, therapist, revision, {"S2.1": "not_observed"}, back=2)
    rated(supervisor, therapist, revision, {"S2.1": 3})

    assert kept(therapist) == [
        ("3", "not_observed", None, quarter(2), quarter()),
        ("3", "level", 3, quarter(), None),
    ]


def test_sharing_an_earlier_session_late_changes_the_past(supervisor, therapist, revision):
    rated(supervisor, therapist, revision, {"S2.1": 4}, back=1)
    rated(supervisor, therapist, revision, {"S2.1": 2}, back=3)

    assert kept(therapist) == [
        ("3", "level", 2, quarter(3), quarter(1)),
        ("3", "level", 4, quarter(1), None),
    ]
    assert as_rebuilt(therapist)


def test_sharing_in_between_leaves_the_quarters_before_alone(supervisor, therapist, revision):
    for back, level in [(4, 2), (0, 4), (2, 3)]:
        rated(supervisor, therapist, revision, {"S2.1": level}, back=back)

    assert [row[2:] for row in kept(therapist)] == [
        (2, quarter(4), quarter(2)),
        (3, quarter(2), quarter()),
        (4, quarter(), None),
    ]
    assert as_rebuilt(therapist)


@pytest.mark.parametrize("undo", [assessments.take_back, assessments.withdraw])
def test_what_no_longer_counts_leaves_the_past_as_if_it_had_never_been(supervisor, therapist, revision, undo):
    rated(supervisor, therapist, revision, {"S2.1": 2}, back=3)
    middle = rated(supervisor, therapist, revision, {"S2.1": 4, "G1.1": 3}, back=2)
    rated(supervisor, therapist, revision, {"S2.2": 2}, back=1)

    undo(by=supervisor, assessment=middle, reason="About another session.")

    assert kept(therapist) == [("3", "level", 2, quarter(3), None)]
    assert as_rebuilt(therapist)


def test_taking_back_the_only_one_leaves_nothing(supervisor, therapist, revision):
    only = rated(supervisor, therapist, revision, {"S2.1": 2}, back=1)

    assessments.take_back(by=supervisor, assessment=only, reason="Too early.")

    assert kept(therapist) == []


def test_each_quarter_is_what_the_profile_of_its_last_day_says(supervisor, therapist, revision):
    for back, answers in [(3, {"S2.1": 1, "G1.1": 4}), (2, {"S2.2": 4}), (1, {"S2.1": 5, "G1.2": "not_observed"})]:
        rated(supervisor, therapist, revision, answers, back=back)
    known = list(Assessment.objects.filter(therapist=therapist))

    for back in [4, 3, 2, 1]:
        begins_on = quarter(back)
        profile = profiles.build(therapist, revision, end_of_quarter(begins_on), known)
        told = {row.code: row.distribution.overall for row in profile.domains if row.distribution.rated}
        rows = [row for row in kept(therapist) if row[3] <= begins_on and (row[4] is None or row[4] > begins_on)]
        assert {code: position for code, _, position, _, _ in rows} == told


def test_carrying_over_reaches_into_the_past_and_can_be_undone(admin, supervisor, therapist):
    older = factories.make_revision()
    rated(supervisor, therapist, older, {"A1.1": 1}, back=3)
    rated(supervisor, therapist, older, {"A1.1": 3}, back=1)
    newer = factories.make_next(is_published=True)
    assert kept(therapist) == []

    lineage.carry_over(by=admin, revision=newer)
    carried = kept(therapist)
    lineage.undo_carry_over(by=admin, revision=newer)

    assert [row[1:] for row in carried] == [
        ("level", 1, quarter(3), quarter(1)),
        ("level", 3, quarter(1), None),
    ]
    assert kept(therapist) == []


def test_retiring_the_newer_revision_brings_the_older_past_back(admin, supervisor, therapist):
    older = factories.make_revision()
    rated(supervisor, therapist, older, {"A1.1": 2}, back=2)
    before = kept(therapist)
    newer = factories.make_next(is_published=True)

    frameworks.retire(by=admin, revision=newer)

    assert kept(therapist) == before == [("A", "level", 2, quarter(2), None)]


def test_frameworks_do_not_mix(supervisor, therapist, revision):
    small = factories.make_revision()
    rated(supervisor, therapist, small, {"A1.1": 2}, back=3)
    rated(supervisor, therapist, revision, {"S2.1": 4}, back=1)

    assert sorted(kept(therapist)) == [
        ("3", "level", 4, quarter(1), None),
        ("A", "level", 2, quarter(3), None),
    ]
    assert as_rebuilt(therapist)


def test_sharing_what_is_current_computes_no_past_anew(supervisor, therapist, revision, django_assert_max_num_queries):
    def share():
        draft = factories.make_draft(supervisor, therapist, revision, session_on=timezone.localdate())
        factories.rate(draft, "S2.1", 3)
        with django_assert_max_num_queries(40) as asked:
            assessments.share(by=supervisor, assessment=draft)
        return len(asked)

    rated(supervisor, therapist, revision, {"S2.1": 2}, back=1)
    first = share()
    for back in [3, 2]:
        rated(supervisor, therapist, revision, {"S2.1": 2}, back=back)

    assert share() == first


# the command


def test_check_finds_a_quarter_that_says_something_else(shared, therapist):
    QuarterStanding.objects.filter(therapist=therapist).update(position=5)

    with pytest.raises(CommandError, match="Run rebuild_standings"):
        call_command("rebuild_standings", "--check", stdout=io.StringIO(), stderr=io.StringIO())
    assert list(standings.drifted()) == [f"The quarters of {therapist.pk} differ from the ratings."]


def test_rebuild_of_what_is_missing_finds_who_has_no_quarters(shared, therapist):
    before = kept(therapist)
    QuarterStanding.objects.all().delete()
    out = io.StringIO()

    call_command("rebuild_standings", "--missing", stdout=out)

    assert out.getvalue() == "Written anew for 1 therapist.\n"
    assert kept(therapist) == before
