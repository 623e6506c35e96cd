"""Agreement of two raters over an organisation: what is counted, and who is told of it."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments import queries
from assessments.actions import assessments, self_assessments
from assessments.agreement import Agreement
from assessments.models import Assessment, Membership, Role
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

YEAR = (factories.days_ago(365), factories.days_ago(0))


@pytest.fixture
def place(supervisor, therapist, other_supervisor, northfield, revision):
    return SimpleNamespace(
        supervisor=supervisor,
        therapist=therapist,
        rater=other_supervisor,
        organisation=northfield,
        revision=revision,
    )


def twice(place, therapist=None, **kwargs):
    """The same level and one apart, in one domain."""
    therapist = therapist or place.therapist
    return factories.make_rated_twice(place.supervisor, therapist, place.rater, place.revision, **kwargs)


def another(place, number):
    person = factories.make_person(f"Therapist {number}", Role.THERAPIST, place.organisation)
    factories.make_supervision(person, place.supervisor, place.organisation)
    return person


def found(place, span=YEAR):
    return queries.cohort_agreement(place.organisation, place.revision, span)


def page(person, **asked):
    return signed_in(person).get(reverse("cohort-agreement"), asked)


def test_pairs_are_counted_together_and_by_domain(place):
    twice(place)
    twice(place, another(place, 1))

    told = found(place)

    assert (told.pairs, told.given_again, told.whole.therapists) == (2, 0, 2)
    assert told.whole.agreement == Agreement(4, 2, 4, told.whole.agreement.kappa)
    assert told.whole.agreement.kappa == 0
    assert [(domain.code, each.agreement.number, each.therapists) for domain, each in told.domains] == [("3", 4, 2)]


def test_only_what_both_gave_a_level_is_counted(place):
    first, second = factories.make_second(place.supervisor, place.therapist, place.rater, place.revision)
    factories.rate(first, "S2.3", "not_observed")
    factories.rate(second, "S2.3", 3)
    factories.rate(second, "S2.1", "not_observed")
    factories.rate(second, "S2.2", 3)
    assessments.share(by=place.supervisor, assessment=first)
    assessments.share(by=place.rater, assessment=second)

    assert found(place).whole.agreement == Agreement(1, 1, 1, None)


def test_pairs_that_are_not_open_or_stand_no_more_are_left_out(place):
    first, _ = factories.make_second(place.supervisor, place.therapist, place.rater, place.revision)
    assessments.share(by=place.supervisor, assessment=first)
    withdrawn, _ = twice(place)
    assessments.withdraw(by=place.supervisor, assessment=withdrawn, reason="Another session.")

    assert (found(place).pairs, found(place).whole.agreement.number) == (0, 0)


def test_pair_given_again_is_named_and_not_counted(place, lead):
    first, _ = twice(place)
    assessments.take_back(by=place.supervisor, assessment=first, reason="A wrong level.")
    assessments.share(by=place.supervisor, assessment=first)

    assert (found(place).pairs, found(place).given_again) == (0, 1)
    assert "1 pair more is left out, because the first rating was given again" in words(page(lead))


def test_days_are_those_asked_for(place, lead):
    twice(place, session_on=factories.days_ago(40))
    twice(place, session_on=factories.days_ago(10))

    span = {"since": factories.days_ago(20).isoformat(), "until": factories.days_ago(0).isoformat()}
    asked = page(lead, **span)

    assert [page(lead).context["found"].pairs, asked.context["found"].pairs] == [2, 1]


def test_days_in_the_wrong_order_are_said_and_the_last_year_is_shown(place, lead):
    twice(place)

    asked = page(lead, since="2026-02-01", until="2026-01-01")

    assert "This day lies before the first one." in words(asked)
    assert asked.context["found"].pairs == 1


def test_nonsense_in_the_address_is_said(place, lead):
    asked = page(lead, since="nonsense")

    assert "This is not a date." in words(asked)
    assert "No session in these days was rated twice." in words(asked)


def test_another_organisation_is_not_counted(place, outside_lead):
    twice(place)

    text = words(page(outside_lead))

    assert "No session in these days was rated twice." in text
    assert ("Nothing to compare yet" in text, "Weighted kappa" in text) == (True, False)


def test_lead_reads_the_figures_and_the_pairs(place, lead):
    _, second = twice(place)

    shown = page(lead)

    said = words(shown)
    assert "In one session that was rated twice, 1 of 2 competences stands at the same level." in said
    assert "Fewer than 50 competences: read it as a hint." in said
    assert [line.second.pk for line in shown.context["lines"]] == [second.pk]
    assert reverse("second-rating-comparison", args=[second.pk]) in shown.text
    assert "1 of 2" in said


def test_pair_that_a_lead_may_not_read_has_no_link(place, lead, northfield):
    Membership.objects.create(user=lead, organisation=northfield, role=Role.THERAPIST, starts_on=factories.LONG_AGO)
    factories.make_supervision(lead, place.supervisor, northfield)
    first, second = factories.make_second(place.supervisor, lead, place.rater, place.revision)
    self_assessments.ask(by=place.supervisor, assessment=first)
    factories.rate(second, "S2.1", 4)
    assessments.share(by=place.supervisor, assessment=first)
    assessments.share(by=place.rater, assessment=second)

    shown = page(lead)

    assert [line.told for line in shown.context["lines"]] == [None]
    assert reverse("second-rating-comparison", args=[second.pk]) not in shown.text


def test_administrators_read_no_small_group_and_no_names(place, admin):
    for number in range(4):
        twice(place, another(place, number))

    few = page(admin)
    twice(place)
    enough = page(admin)

    assert "Sessions of fewer than five therapists were rated twice in these days." in words(few)
    assert few.context["whole"] is None
    assert "In 5 sessions that were rated twice, 5 of 10 competences stand at the same level." in words(enough)
    assert enough.context["whole"]["number"] == 10
    assert "Amara Okafor" not in enough.text
    assert "Dr Helen Marsh" not in enough.text


def test_domain_of_a_small_group_is_left_out_for_administrators(place, admin, lead):
    for number in range(4):
        twice(place, another(place, number))
    first, second = twice_in_two_domains(place)

    shown = page(admin)

    assert [(domain.code, told is None) for domain, told in shown.context["domains"]] == [("2", True), ("3", False)]
    assert "Fewer than five therapists" in words(shown)
    assert [told is None for _, told in page(lead).context["domains"]] == [False, False]
    assert first.pk == second.second_of_id


def twice_in_two_domains(place):
    codes = f"S2 {place.revision.activities.filter(domain__code='2', competences__is_rateable=True).first().code}"
    first, second = factories.make_second(place.supervisor, place.therapist, place.rater, place.revision, codes=codes)
    other = place.revision.competences.filter(
        activity__assessments=first, activity__domain__code="2", is_rateable=True
    ).first()
    for draft in (first, second):
        factories.rate(draft, other.code, 3)
    factories.rate(second, "S2.1", 4)
    assessments.share(by=place.supervisor, assessment=first)
    assessments.share(by=place.rater, assessment=second)
    return first, second


def test_page_takes_as_many_statements_for_three_pairs_as_for_one(place, lead):
    counts = []
    for number in [1, 2]:
        for each in range(number):
            twice(place, another(place, 10 * number + each))
        client = signed_in(lead)
        client.get(reverse("cohort-agreement"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("cohort-agreement"))
        counts.append(len(captured))

    assert Assessment.objects.second().count() == 3
    assert counts[0] == counts[1] <= 12
