"""The page of one activity over time."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.actions import assessments, lineage
from assessments.models import Outcome, RecordAccess, Supervision
from assessments.views import over_time as view
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


def over_time(person, code="A1", reader=None, **query):
    return signed_in(reader or person).get(reverse("therapist-activity", args=[person.pk, code]), query)


def day(value):
    return f"{value:%-d %B %Y}"


def table(response):
    """The rows of the table, as they are read."""
    rows = re.findall(r"<tr>(.*?)</tr>", response.text.partition("<tbody>")[2], re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def test_page_says_in_a_sentence_what_was_rated(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1.2": 3}, days=40)
    make_rated(supervisor, therapist, small, {"A1.1": 2, "A1.2": Outcome.NOT_OBSERVED}, days=2)

    response = over_time(therapist)

    assert response.context["headline"] == (
        "A1: 3 ratings on 2 occasions by 1 supervisor, from Not met to Met; 1 judgement without a level."
    )


def test_page_says_that_all_levels_are_the_same(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 2, "A1.2": 2})

    assert "A1: 2 ratings on 1 occasion by 1 supervisor, all Partly met." in words(over_time(therapist))


def test_page_before_anything_is_rated(therapist, small):
    text = words(over_time(therapist))

    assert "A1: no level was given yet." in text
    assert "Nothing in this activity was rated." in text
    assert "A1.1 Knowledge of what listening asks for. Not rated." in text


def test_page_of_what_was_never_observed_draws_no_level(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": Outcome.NOT_OBSERVED})

    response = over_time(therapist)

    assert "A1: no level was given yet; 1 judgement without a level." in words(response)
    assert "A1.1 Knowledge of what listening asks for. Not observed." in words(response)
    assert [sign.shape for sign in response.context["panels"][0].panel.signs] == ["ring"]


def test_table_tells_what_each_rating_rests_on(supervisor, therapist, small):
    draft = factories.make_draft(supervisor, therapist, small, codes="A1", session_on=days_ago(2))
    factories.rate(draft, "A1.1", 2, note="Kept quiet.")
    factories.rate(draft, "A1.2", 1, note="Talked over him.", is_concern=True)
    assessments.share(by=supervisor, assessment=draft)

    rests_on = "Dr Helen Marsh Recorded session Case 2, session 7 of 16, middle phase, role dispute"
    session = f"{days_ago(2):%-d %b %Y}"
    assert table(over_time(therapist)) == [
        f"{session} , A1.2 A1.2 1 Not met {rests_on} Concern",
        f"{session} , A1.1 A1.1 2 Partly met {rests_on} Note",
    ]


def test_several_supervisors_are_told_as_a_spread(supervisor, second, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1}, days=40)
    make_rated(second, therapist, small, {"A1.1": 3}, days=2)

    response = over_time(therapist)

    first = response.context["panels"][0]
    assert first.told == f"Met on {day(days_ago(2))}. Latest of 2 supervisors: from Not met to Met."
    assert [sign.shape for sign in first.panel.signs] == ["circle", "square"]
    assert "Circle: Dr Helen Marsh Square: Dr Samuel Adeyemi" in words(response)


def test_later_days_are_left_out(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1}, days=40)
    make_rated(supervisor, therapist, small, {"A1.1": 3}, days=2)

    text = words(over_time(therapist, on=days_ago(10).isoformat()))

    assert "A1: 1 rating on 1 occasion by 1 supervisor, all Not met." in text


def test_filters_limit_what_counts(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1}, days=40, source="live")
    make_rated(supervisor, therapist, small, {"A1.1": 3}, days=2)

    response = over_time(therapist, source="live")

    assert "1 of 2 assessments counts on this page; the others are left out. Count all" in words(response)
    assert "all Not met" in words(response)
    assert f'href="/therapists/{therapist.pk}/?source=live"' in response.text


def test_nothing_is_left_by_a_filter(supervisor, therapist, small):
    make_rated(supervisor, therapist, small, {"A1.1": 1})

    text = words(over_time(therapist, source="live"))

    assert "0 of 1 assessment count on this page" in text
    assert "Nothing in this activity was rated in what you chose." in text


def test_drafts_and_withdrawn_ones_are_left_out(supervisor, therapist, small):
    draft = factories.make_draft(supervisor, therapist, small, codes="A1")
    factories.rate(draft, "A1.1", 2)
    gone = make_rated(supervisor, therapist, small, {"A1.1": 2})
    assessments.withdraw(by=supervisor, assessment=gone, reason="Another session.")

    assert "A1: no level was given yet." in words(over_time(therapist, reader=supervisor))


def test_carried_ratings_are_marked_and_hollow(supervisor, therapist, admin):
    older = factories.make_revision()
    make_rated(supervisor, therapist, older, {"A1.1": 2, "A1.2": 2}, days=40)
    newer = factories.make_next(is_published=True)
    lineage.carry_over(by=admin, revision=newer)
    make_rated(supervisor, therapist, newer, {"A1.1": 3}, days=2)

    response = over_time(therapist, framework="small")

    assert [row.rpartition(" Dr ")[0].partition(" , ")[2] for row in table(response)] == [
        "A1.1 A1.1 3 Met",
        "A1.2 A1.2 2 Partly met Carried over – wording changed, revision 1.0",
        "A1.1 A1.1 2 Partly met Carried over, revision 1.0",
    ]
    assert [sign.look for sign in response.context["panels"][0].panel.signs] == ["open", "full"]
    assert "Hollow: Carried over from an earlier revision" in words(response)


def test_ratings_come_in_pages(supervisor, therapist, small, monkeypatch):
    monkeypatch.setattr(view, "PER_PAGE", 1)
    make_rated(supervisor, therapist, small, {"A1.1": 1, "A1.2": 3})

    response = over_time(therapist, page="2")

    assert len(table(response)) == 1
    assert "2 to 2 of 2" in words(response)


@pytest.mark.parametrize("code", ["A9", "A1.1", "a1"])
def test_unknown_activity_is_missing(therapist, small, code):
    assert over_time(therapist, code).status_code == 404


def test_opening_is_noted(supervisor, therapist, small):
    over_time(therapist, reader=supervisor)

    access = RecordAccess.objects.get(therapist=therapist)
    assert (access.by, access.opened, access.on) == (supervisor, RecordAccess.Opened.PROFILE, timezone.localdate())


def test_page_closes_with_the_supervision(supervisor, therapist, small):
    Supervision.objects.update(ends_on=days_ago(1))

    assert over_time(therapist, reader=supervisor).status_code == 403
