"""Imported trees have branches without a statement: they are shown, and nobody is asked to rate them."""

from dataclasses import replace

import pytest
from django.urls import reverse

from assessments.actions import assessments
from assessments.exceptions import Refused
from assessments.revisions import ActivityData, DomainData
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


@pytest.fixture
def hollow(db):
    """A revision with an activity that only holds another one, an empty activity and an empty domain."""
    data = factories.make_revision_data()
    (domain,) = data.domains
    (outer,) = domain.activities
    frame = replace(outer, key="f", code="F", title="Frame", competences=[], activities=[outer])
    empty = ActivityData("e", "E", "Empty activity", "Empty")
    domains = [replace(domain, activities=[frame, empty]), DomainData("z", "Z", "Empty domain", "Empty")]
    return factories.make_revision(domains=domains)


def test_map_shows_an_empty_domain_and_activity(client, hollow):
    shown = words(client.get(hollow.get_absolute_url()))

    assert "Empty domain 0 activities, 0 competences" in shown
    assert "Empty activity Core. 0 competences" in shown


def test_empty_domain_has_a_page(client, hollow):
    assert client.get(reverse("domain", args=["small", "1.0", "Z"])).status_code == 200


def test_whole_framework_asks_only_for_what_can_be_rated(hollow, supervisor, therapist):
    draft = assessments.start(
        by=supervisor,
        therapist=therapist,
        revision=hollow,
        activities=hollow.activities.all(),
        context=factories.make_context(),
    )

    assert list(draft.activities.values_list("code", flat=True)) == ["A1", "A1a"]


def test_extent_of_empty_activities_is_refused(hollow, supervisor, therapist):
    with pytest.raises(Refused, match="Choose at least one activity to rate"):
        assessments.start(
            by=supervisor,
            therapist=therapist,
            revision=hollow,
            activities=hollow.activities.filter(code="E"),
            context=factories.make_context(),
        )


def test_form_offers_only_what_can_be_rated(hollow, supervisor, therapist):
    page = signed_in(supervisor).get(reverse("assessment-start"), {"framework": "small"})

    offered = page.context["form"].fields["activities"].queryset

    assert [activity.code for activity in offered] == ["A1", "A1a"]
