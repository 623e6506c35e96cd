"""Taking a revision out of use, throwing a draft away, and loading its number again."""

import pytest

from assessments.actions import frameworks
from assessments.exceptions import NotAllowed, Refused
from assessments.models import AuditEvent, Competence, FrameworkRevision
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def published():
    return factories.make_revision()


@pytest.fixture
def draft():
    return factories.make_revision(is_published=False)


def stored(revision):
    return FrameworkRevision.objects.get(pk=revision.pk)


# retire


def test_retire_takes_it_out_of_use_and_leaves_its_content(admin, published):
    before = published.competences.count()

    frameworks.retire(by=admin, revision=published)

    retired = stored(published)
    assert (retired.status, retired.retired_at is None, retired.published_at) == (
        "retired",
        False,
        published.published_at,
    )
    assert retired.competences.count() == before


def test_retire_records_it(admin, published):
    frameworks.retire(by=admin, revision=published)

    event = AuditEvent.objects.latest("id")
    assert (event.type, event.by, event.revision) == ("revision_retired", admin, published)


def test_nothing_begins_on_a_retired_revision(admin, published, supervisor, therapist):
    frameworks.retire(by=admin, revision=published)

    with pytest.raises(Refused):
        factories.make_draft(supervisor, therapist, stored(published), codes="A1")


def test_what_was_rated_before_stays_readable(admin, published, supervisor, therapist, client):
    shared = factories.make_rated(supervisor, therapist, published, {"A1.1": 3})

    frameworks.retire(by=admin, revision=published)

    client.force_login(therapist)
    assert client.get(shared.get_absolute_url()).status_code == 200


def test_retired_revision_can_be_followed(admin, published):
    frameworks.retire(by=admin, revision=published)

    assert factories.make_next().previous == published


@pytest.mark.parametrize("state", ["draft", "retired", "discarded"])
def test_only_a_published_revision_is_retired(admin, state):
    revision = factories.make_revision(is_published=state == "retired")
    if state == "retired":
        frameworks.retire(by=admin, revision=revision)
    if state == "discarded":
        frameworks.discard(by=admin, revision=revision)
    before = AuditEvent.objects.count()

    with pytest.raises(Refused, match=r"^Only a published revision is retired\.$"):
        frameworks.retire(by=admin, revision=revision)

    assert (stored(revision).status, AuditEvent.objects.count()) == (state, before)


# discard


def test_discard_empties_the_draft_and_keeps_its_history(admin, draft):
    frameworks.discard(by=admin, revision=draft)

    assert (stored(draft).status, Competence.objects.filter(revision=draft).count()) == ("discarded", 0)
    assert factories.event_types(revision=draft) == ["revision_loaded", "revision_discarded"]


def test_discard_takes_the_mapping_along(admin):
    factories.make_revision()
    draft = factories.make_next()

    frameworks.discard(by=admin, revision=draft)

    assert draft.links.count() == 0


def test_number_of_a_discarded_draft_is_free_again(admin, draft):
    frameworks.discard(by=admin, revision=draft)

    again = factories.make_revision(is_published=False)

    assert (again, again.status, again.competences.count()) == (draft, "draft", 4)
    assert factories.event_types(revision=draft) == ["revision_loaded", "revision_discarded", "revision_loaded"]


def test_number_of_a_discarded_draft_can_be_published_with_other_content(admin, draft):
    frameworks.discard(by=admin, revision=draft)

    assert factories.make_revision(title="Another list").is_published


def test_discarded_draft_is_published_only_when_loaded_again(admin, draft):
    frameworks.discard(by=admin, revision=draft)

    with pytest.raises(Refused, match=r"^A discarded revision cannot be published\. Load it as a new revision\.$"):
        frameworks.publish(by=admin, revision=draft)


def test_discarded_draft_is_followed_by_none(admin, draft):
    frameworks.discard(by=admin, revision=draft)

    with pytest.raises(Refused, match="which is not a published revision of small"):
        factories.make_next()


@pytest.mark.parametrize("state", ["published", "retired", "discarded"])
def test_only_a_draft_is_discarded(admin, state):
    revision = factories.make_revision(is_published=state != "discarded")
    if state == "retired":
        frameworks.retire(by=admin, revision=revision)
    if state == "discarded":
        frameworks.discard(by=admin, revision=revision)

    with pytest.raises(Refused, match=r"^Only a draft is discarded\. A published revision can be retired\.$"):
        frameworks.discard(by=admin, revision=revision)


# what it follows


def test_revision_never_follows_itself():
    factories.make_revision(is_published=False)

    with pytest.raises(Refused, match=r"^Revision 1.0 follows 1.0, which is not a published revision of small\."):
        factories.make_revision(is_published=False, previous="1.0", title="Other")


def test_revision_follows_one_of_its_own_framework():
    factories.make_revision(framework="other")

    with pytest.raises(Refused, match="which is not a published revision of small"):
        factories.make_next()


def test_revision_without_competences_is_not_published(admin):
    domain = factories.make_revision_data().domains[0]
    empty = factories.make_revision(is_published=False, domains=[type(domain)("a", "A", "Empty", "Empty")])

    with pytest.raises(Refused, match=r"^There is nothing to rate in this revision\. Add at least one competence\.$"):
        frameworks.publish(by=admin, revision=empty)


@pytest.mark.parametrize("step", [frameworks.retire, frameworks.discard])
@pytest.mark.parametrize("who", ["therapist", "supervisor", "lead"])
def test_steps_are_for_administrators(request, published, who, step):
    with pytest.raises(NotAllowed):
        step(by=request.getfixturevalue(who), revision=published)
