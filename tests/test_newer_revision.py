"""A revision is published while somebody rates on the one before: the form stays, and the rater is told."""

import pytest
from django.urls import reverse

from assessments.actions import frameworks, lineage, ratings
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


@pytest.fixture
def older(db):
    return factories.make_revision()


@pytest.fixture
def begun(older, supervisor, therapist):
    return factories.make_draft(supervisor, therapist, older, codes="A1")


def publish_next(admin):
    newer = factories.make_revision(number="1.1", previous="1.0", is_published=False)
    lineage.confirm_certain(by=admin, revision=newer)
    return frameworks.publish(by=admin, revision=newer)


def page(person, draft):
    return signed_in(person).get(reverse("assessment-rate", args=[draft.pk, "A1"]))


def test_rating_page_says_nothing_while_its_revision_is_in_use(begun, supervisor):
    assert "was published on" not in words(page(supervisor, begun))


def test_rating_page_tells_of_a_newer_revision_and_offers_a_choice(begun, supervisor, admin):
    publish_next(admin)

    shown = page(supervisor, begun)

    assert "This assessment stays on revision 1.0, word for word." in words(shown)
    assert f'href="{reverse("assessment-start")}?from={begun.pk}"' in shown.text


def test_draft_page_tells_of_a_newer_revision(begun, supervisor, admin):
    publish_next(admin)

    assert "Revision 1.1 of Small framework was published on" in words(
        signed_in(supervisor).get(begun.get_absolute_url())
    )


def test_draft_of_the_next_revision_is_not_told_of(begun, supervisor, older):
    factories.make_revision(number="1.1", previous="1.0", is_published=False)

    assert "was published on" not in words(page(supervisor, begun))


def test_answers_go_on_to_the_pinned_revision(begun, supervisor, admin, older):
    publish_next(admin)

    ratings.save(by=supervisor, assessment_id=begun.pk, change=factories.make_change("A1.1"))

    assert begun.ratings.get().competence.revision == older


def test_start_from_it_begins_on_the_newer_revision(begun, supervisor, admin):
    newer = publish_next(admin)

    start = signed_in(supervisor).get(reverse("assessment-start"), {"from": begun.pk})

    assert start.context["revision"] == newer
