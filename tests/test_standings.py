"""The projection that pages about many people read: kept by the actions, compared with the ratings by a command."""

import io

import pytest
from django.core.management import CommandError, call_command

from assessments import profiles
from assessments.actions import assessments, frameworks, lineage, standings
from assessments.models import ActivityStanding, Assessment
from tests import factories

pytestmark = pytest.mark.django_db


def kept(therapist):
    rows = ActivityStanding.objects.filter(therapist=therapist).order_by("activity__position")
    return list(rows.values_list("activity__code", "outcome", "position", "rated", "total"))


def run(*arguments):
    out = io.StringIO()
    call_command("rebuild_standings", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def rated(draft):
    """Amara's S2 has levels 2 and 4 and something not observed; S7 was looked at and not seen."""
    factories.rate(draft, "S2.1", 2)
    factories.rate(draft, "S2.2", 4)
    factories.rate(draft, "S2.3", "not_observed")
    factories.rate(draft, "S7.1", "not_observed")
    return draft


def test_draft_leaves_no_trace(rated, therapist):
    assert kept(therapist) == []


def test_sharing_writes_where_the_therapist_stands(rated, therapist, supervisor):
    assessments.share(by=supervisor, assessment=rated)

    assert kept(therapist) == [("S2", "level", 2, 2, 10), ("S7", "not_observed", None, 0, 8)]


def test_taking_back_takes_the_standing_back(rated, therapist, supervisor):
    assessments.share(by=supervisor, assessment=rated)

    assessments.take_back(by=supervisor, assessment=rated, reason="Too early.")

    assert kept(therapist) == []


def test_withdrawing_takes_the_standing_back(rated, therapist, supervisor):
    assessments.share(by=supervisor, assessment=rated)

    assessments.withdraw(by=supervisor, assessment=rated, reason="Wrong session.")

    assert kept(therapist) == []


def test_standing_is_what_the_profile_says(supervisor, therapist, revision):
    for level in [2, 4]:
        factories.make_rated(supervisor, therapist, revision, {"S2.1": level, "S2.4": 3})

    profile = profiles.build(therapist, revision, factories.days_ago(0), Assessment.objects.filter(therapist=therapist))

    told = {each.activity.code: each.distribution.overall for each in profile.standings if each.distribution.rated}
    assert {code: position for code, _, position, _, _ in kept(therapist)} == told


def test_other_people_are_left_alone(shared, other_therapist):
    assert kept(other_therapist) == []


def test_carried_over_ratings_stand_in_the_newer_revision_and_the_step_can_be_undone(admin, supervisor, therapist):
    older = factories.make_revision()
    factories.make_rated(supervisor, therapist, older, {"A1.1": 2})
    newer = factories.make_next(is_published=True)
    assert kept(therapist) == []

    lineage.carry_over(by=admin, revision=newer)
    carried = kept(therapist)
    lineage.undo_carry_over(by=admin, revision=newer)

    assert [row[:4] for row in carried] == [("A1", "level", 2, 1)]
    assert kept(therapist) == []


def test_retiring_the_newer_revision_brings_the_older_one_back(admin, supervisor, therapist):
    older = factories.make_revision()
    factories.make_rated(supervisor, therapist, older, {"A1.1": 2})
    newer = factories.make_next(is_published=True)

    frameworks.retire(by=admin, revision=newer)

    assert [row[:4] for row in kept(therapist)] == [("A1", "level", 2, 1)]


# the command


def test_rebuild_writes_everybody_anew(shared, therapist):
    before = kept(therapist)
    ActivityStanding.objects.all().delete()

    assert run() == "Written anew for 1 therapist.\n"
    assert kept(therapist) == before


def test_rebuild_of_what_is_missing_leaves_the_others_alone(shared, therapist):
    ActivityStanding.objects.update(rated=0)

    assert run("--missing") == "Written anew for 0 therapists.\n"
    assert {row[3] for row in kept(therapist)} == {0}


def test_rebuild_of_what_is_missing_looks_once_for_all_people(
    shared, other_therapist, other_supervisor, revision, django_assert_num_queries
):
    factories.make_rated(other_supervisor, other_therapist, revision, {"S2.1": 2})

    with django_assert_num_queries(3):  # who is assessed, and who has rows of either kind
        standings.rebuild(is_missing_only=True)


def test_check_finds_nothing_after_the_actions(shared):
    assert run("--check") == "Everything is as the ratings say.\n"


def test_check_finds_a_row_that_says_something_else(shared, therapist):
    row = ActivityStanding.objects.filter(therapist=therapist, outcome="level").first()
    ActivityStanding.objects.filter(pk=row.pk).update(position=5)

    with pytest.raises(CommandError, match="Run rebuild_standings"):
        run("--check")
    assert list(standings.drifted()) == [f"The rows of {therapist.pk} differ from the ratings."]


def test_check_finds_rows_of_somebody_with_nothing_shared(shared, therapist, other_therapist, northfield):
    row = ActivityStanding.objects.filter(therapist=therapist).first()
    row.pk, row.therapist = None, other_therapist
    row.save()

    assert list(standings.drifted()) == [f"{other_therapist.pk} has rows without a shared assessment."]


def test_demo_is_loaded_with_where_everybody_stands(settings):
    settings.IPT_DEMO = True
    call_command("seed_demo", stdout=io.StringIO())

    assert ActivityStanding.objects.exists()
    assert run("--check") == "Everything is as the ratings say.\n"
