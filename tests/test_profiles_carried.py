"""Ratings of earlier revisions in a profile. From 1.0 to 1.1 A1.1 stays, A1.2 is reworded, A1a.1 goes, A2.1 is new."""

from dataclasses import replace

import pytest
from django.utils import timezone

from assessments import profiles
from assessments.actions import frameworks, lineage
from assessments.models import Assessment, LinkKind, Outcome
from assessments.scoring import NOT_APPLICABLE, NOT_RATED
from tests import factories
from tests.conftest import signed_in, words
from tests.factories import days_ago, make_rated

pytestmark = pytest.mark.django_db


@pytest.fixture
def older():
    return factories.make_revision()


@pytest.fixture
def newer(older, admin):
    """Published, and the ratings of 1.0 carried over into it."""
    return carried_into(factories.make_next(is_published=True), admin)


def carried_into(revision, admin):
    lineage.carry_over(by=admin, revision=revision)
    return revision


def made(older, admin, *decisions):
    """1.1 with the decisions made, each an old code, a kind and new codes."""
    draft = factories.make_next()
    for code, kind, *codes in decisions:
        lineage.decide(
            by=admin,
            revision=draft,
            older=older.competences.get(code=code),
            kind=kind,
            newer=[draft.competences.get(code=each) for each in codes],
        )
    lineage.confirm(by=admin, revision=draft, links=draft.links.values_list("pk", flat=True))
    return carried_into(frameworks.publish(by=admin, revision=draft), admin)


def profile(therapist, revision, *, on=None):
    assessments = Assessment.objects.filter(therapist=therapist)
    return profiles.build(therapist, revision, on or timezone.localdate(), assessments)


def carried(therapist, revision, **kwargs):
    """What is carried over, as code, mark, number of its revision and words."""
    return [(code, was.mark, was.number, was.words) for code, was in profile(therapist, revision, **kwargs).carried]


def marks(therapist, revision):
    return {code: mark for each in profile(therapist, revision).standings for code, mark in each.marks}


SAME, CHANGED = "carried over", "carried over – wording changed"


def test_same_meaning_counts_and_changed_wording_is_only_shown(therapist, supervisor, older, newer):
    make_rated(supervisor, therapist, older, {"A1.1": 3, "A1.2": 2})

    assert carried(therapist, newer) == [("A1.1", 3, "1.0", SAME), ("A1.2", 2, "1.0", CHANGED)]
    assert marks(therapist, newer) == {"A1.1": 3, "A1.2": NOT_RATED, "A2.1": NOT_RATED}
    assert profile(therapist, newer).distribution.rated == 1


def test_day_of_a_carried_rating_is_that_of_its_session(therapist, supervisor, older, newer):
    make_rated(supervisor, therapist, older, {"A1.1": 3}, days=200)

    assert [reason for _, reason in profile(therapist, newer).gaps][:1] == ["Older than six months"]
    assert profile(therapist, newer).standings[0].last_rated_on == days_ago(200)


def test_nothing_is_carried_without_a_decision(therapist, supervisor, older):
    newer = factories.make_next(is_published=True)
    make_rated(supervisor, therapist, older, {"A1.1": 3})

    assert carried(therapist, newer) == []


def test_nothing_is_carried_once_it_is_undone(therapist, supervisor, older, newer, admin):
    make_rated(supervisor, therapist, older, {"A1.1": 3})

    lineage.undo_carry_over(by=admin, revision=newer)

    assert carried(therapist, newer) == []


def test_nothing_is_carried_into_a_first_revision(therapist, supervisor, older):
    make_rated(supervisor, therapist, older, {"A1.1": 3})

    assert carried(therapist, older) == []


def test_newer_rating_takes_the_place_of_a_carried_one(therapist, supervisor, older, newer):
    make_rated(supervisor, therapist, older, {"A1.1": 3}, days=1)

    make_rated(supervisor, therapist, newer, {"A1.1": 1}, days=9)

    assert (carried(therapist, newer), marks(therapist, newer)["A1.1"]) == ([], 1)


def test_not_observed_takes_nothing_s_place(therapist, supervisor, older, newer):
    make_rated(supervisor, therapist, older, {"A1.1": 3}, days=9)

    make_rated(supervisor, therapist, newer, {"A1.1": Outcome.NOT_OBSERVED}, days=1)

    assert marks(therapist, newer)["A1.1"] == 3


def test_not_observed_is_not_carried(therapist, supervisor, older, newer):
    make_rated(supervisor, therapist, older, {"A1.1": Outcome.NOT_OBSERVED})

    assert carried(therapist, newer) == []


def test_not_applicable_is_carried(therapist, supervisor, older, newer):
    make_rated(supervisor, therapist, older, {"A1.1": Outcome.NOT_APPLICABLE})

    assert carried(therapist, newer) == [("A1.1", NOT_APPLICABLE, "1.0", SAME)]


def test_removed_and_covered_carry_nothing(therapist, supervisor, older, admin):
    newer = made(older, admin, ["A1.2", LinkKind.COVERED, "A2.1"])
    make_rated(supervisor, therapist, older, {"A1.2": 3, "A1a.1": 3})

    assert carried(therapist, newer) == []


def test_split_is_shown_on_every_part(therapist, supervisor, older, admin):
    newer = made(older, admin, ["A1.2", LinkKind.SPLIT, "A1.2", "A2.1"])
    make_rated(supervisor, therapist, older, {"A1.2": 2})

    assert carried(therapist, newer) == [("A1.2", 2, "1.0", CHANGED), ("A2.1", 2, "1.0", CHANGED)]


def test_merger_shows_the_latest(therapist, supervisor, older, admin):
    newer = made(older, admin, ["A1a.1", LinkKind.MERGED, "A1.2"], ["A1.2", LinkKind.MERGED, "A1.2"])
    make_rated(supervisor, therapist, older, {"A1.2": 2, "A1a.1": 1}, days=9)
    make_rated(supervisor, therapist, older, {"A1a.1": 3}, days=2)

    assert carried(therapist, newer) == [("A1.2", 3, "1.0", CHANGED)]


def test_same_meaning_goes_before_a_later_rating_of_other_words(therapist, supervisor, older, admin):
    newer = made(older, admin, ["A1.2", LinkKind.MERGED, "A1.1"])
    make_rated(supervisor, therapist, older, {"A1.1": 1}, days=9)
    make_rated(supervisor, therapist, older, {"A1.2": 3}, days=2)

    assert carried(therapist, newer) == [("A1.1", 1, "1.0", SAME)]


def test_tidied_words_count_like_the_same_ones(therapist, supervisor, older, admin):
    newer = made(older, admin, ["A1.2", LinkKind.EDITORIAL, "A1.2"])
    make_rated(supervisor, therapist, older, {"A1.2": 3})

    assert (carried(therapist, newer), marks(therapist, newer)["A1.2"]) == ([("A1.2", 3, "1.0", SAME)], 3)


@pytest.fixture
def third(newer, admin):
    """1.2 rewords A1.1 and leaves the rest."""
    data = factories.make_next_data(number="1.2", previous="1.1")
    (domain,) = data.domains
    first, *others = domain.activities[0].competences
    outer = replace(domain.activities[0], competences=[replace(first, text="Knowledge of how to listen."), *others])
    domains = [replace(domain, activities=[outer, domain.activities[1]])]
    draft = factories.make_revision(is_published=False, **vars(replace(data, domains=domains)))
    lineage.confirm(by=admin, revision=draft, links=draft.links.values_list("pk", flat=True))
    return frameworks.publish(by=admin, revision=draft)


def test_ratings_are_carried_along_a_chain(therapist, supervisor, older, third, admin):
    carried_into(third, admin)
    make_rated(supervisor, therapist, older, {"A1.1": 3, "A1.2": 2})
    make_rated(supervisor, therapist, third.previous, {"A2.1": 1}, days=1)

    assert carried(therapist, third) == [
        ("A1.1", 3, "1.0", CHANGED),
        ("A1.2", 2, "1.0", CHANGED),
        ("A2.1", 1, "1.1", SAME),
    ]


def test_chain_ends_where_nothing_was_decided(therapist, supervisor, older, third):
    make_rated(supervisor, therapist, older, {"A1.2": 2})

    assert profiles.ways_into(third) == {}
    assert carried(therapist, third) == []


def test_ways_lead_from_each_earlier_revision(older, third, admin):
    carried_into(third, admin)
    first, into = older.competences.get(code="A1.1"), third.competences.get(code="A1.1")

    ways = profiles.ways_into(third)

    assert list(ways) == [third.previous_id, older.pk]
    assert ways[older.pk][first.pk] == [profiles.Way(into.pk, "1.0", is_same=False)]
    assert older.competences.get(code="A1a.1").pk not in ways[older.pk]


def test_later_session_is_not_carried_into_an_earlier_day(therapist, supervisor, older, newer):
    make_rated(supervisor, therapist, older, {"A1.1": 3}, days=2)

    assert carried(therapist, newer, on=days_ago(3)) == []


def test_distributions_count_what_is_carried_with_the_same_meaning(therapist, supervisor, older, newer):
    make_rated(supervisor, therapist, older, {"A1.1": 3, "A1.2": 2})

    found = profiles.distributions([therapist.pk], newer, timezone.localdate(), seen_by=supervisor)

    assert (found[therapist.pk].rated, found[therapist.pk].total) == (1, 3)


def test_distributions_of_several_people_are_kept_apart(request, supervisor, therapist, older, newer):
    other = request.getfixturevalue("other_therapist")
    make_rated(supervisor, therapist, older, {"A1.1": 3})
    make_rated(request.getfixturevalue("other_supervisor"), other, older, {"A1.2": 2})

    found = profiles.distributions(
        [therapist.pk, other.pk], newer, timezone.localdate(), seen_by=request.getfixturevalue("lead")
    )

    assert {person: each.rated for person, each in found.items()} == {therapist.pk: 1, other.pk: 0}


def test_page_lists_what_is_carried_over(therapist, supervisor, older, newer):
    make_rated(supervisor, therapist, older, {"A1.1": 3, "A1.2": 2})

    text = words(signed_in(therapist).get(f"/therapists/{therapist.pk}/?framework=small"))

    day = f"{days_ago(2):%-d %B %Y}"
    assert "Carried over from earlier revisions 2 ratings given on an earlier revision" in text
    assert f"Show them Competence Level From How A1.1 3 Met Revision 1.0, {day} Carried over A1.2" in text
    assert f"A1.2 2 Partly met Revision 1.0, {day} Carried over – wording changed" in text


def test_page_with_one_carried_rating_speaks_of_one(therapist, supervisor, older, newer):
    make_rated(supervisor, therapist, older, {"A1.1": 3})

    text = words(signed_in(therapist).get(f"/therapists/{therapist.pk}/?framework=small"))

    assert "1 rating given on an earlier revision" in text
    assert "Show it Competence" in text


def test_page_without_carried_ratings_says_nothing_of_them(therapist, newer):
    text = words(signed_in(therapist).get(f"/therapists/{therapist.pk}/?framework=small"))

    assert "Carried over" not in text
