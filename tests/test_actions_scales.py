import pytest

from assessments import queries
from assessments.actions import scales
from assessments.exceptions import Conflict, NotAllowed, Refused
from assessments.models import AuditEvent, FrameworkRevision, RatingScale
from assessments.queries.revisions import scale_data
from assessments.revisions import LevelData
from assessments.revisions.scales import fingerprint
from tests import factories
from tests.factories import make_scale_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def scale(admin):
    """Nothing uses it yet."""
    return scales.save_scale(by=admin, data=make_scale_data())


def seen(scale):
    return fingerprint(scale_data(scale))


def used(scale):
    """A revision published on the scale."""
    return factories.make_revision(scale=scale_data(scale), number="5.0")


def test_scale_is_stored_as_given(admin):
    data = make_scale_data(not_observed="Not called for.", has_not_applicable=False, direction="descending")

    assert scale_data(scales.save_scale(by=admin, data=data)) == data


def test_new_scale_is_its_first_version(admin):
    assert scales.save_scale(by=admin, data=make_scale_data(version=7)).version == 1


def test_scale_is_made_by_administrators_only(lead):
    with pytest.raises(NotAllowed, match=r"^This is for an administrator\."):
        scales.save_scale(by=lead, data=make_scale_data())


def test_scale_with_a_fault_is_refused(admin):
    with pytest.raises(Refused, match=r"^A scale needs at least two levels\."):
        scales.save_scale(by=admin, data=make_scale_data(levels=[LevelData("3", "Met")]))


def test_key_is_taken_once(admin, scale):
    with pytest.raises(Refused, match=r"^The key three-steps is taken\."):
        scales.save_scale(by=admin, data=make_scale_data(name="Another"))


def test_unused_scale_changes(admin, scale):
    data = make_scale_data(name="Two steps", levels=[LevelData("1", "No"), LevelData("2", "Yes")], threshold="2")

    scales.save_scale(by=admin, data=data, scale=scale, seen=seen(scale))

    assert scale_data(RatingScale.objects.get(pk=scale.pk)) == data


def test_key_and_version_stay(admin, scale):
    changed = scales.save_scale(
        by=admin, data=make_scale_data(key="other", version=9, name="Steps"), scale=scale, seen=seen(scale)
    )

    assert (changed.key, changed.version, changed.name) == ("three-steps", 1, "Steps")


def test_change_is_in_the_history(admin, scale):
    scales.save_scale(by=admin, data=make_scale_data(name="Steps"), scale=scale, seen=seen(scale))

    made, changed = AuditEvent.objects.filter(type="scale_saved").order_by("id")
    assert (made.data["before"], made.data["after"]["name"]) == (None, "Three steps")
    assert (changed.data["before"]["name"], changed.data["after"]["name"]) == ("Three steps", "Steps")
    assert (changed.by, changed.data["key"], changed.data["version"]) == (admin, "three-steps", 1)


def test_saving_what_stands_is_no_event(admin, scale):
    scales.save_scale(by=admin, data=make_scale_data(), scale=scale, seen=seen(scale))

    assert factories.event_types(type="scale_saved") == ["scale_saved"]


def test_second_editor_is_told_what_stands(admin, scale):
    shown = seen(scale)
    scales.save_scale(by=admin, data=make_scale_data(name="First"), scale=scale, seen=shown)

    with pytest.raises(Conflict) as conflict:
        scales.save_scale(by=admin, data=make_scale_data(name="Second"), scale=scale, seen=shown)

    assert conflict.value.current == make_scale_data(name="First")
    assert RatingScale.objects.get(pk=scale.pk).name == "First"


def test_scale_of_a_published_revision_is_frozen(admin, scale):
    used(scale)

    with pytest.raises(Refused, match=r"^This scale is in use by now"):
        scales.save_scale(by=admin, data=make_scale_data(name="New"), scale=scale, seen=seen(scale))


def test_scale_of_a_draft_revision_changes_with_its_hash(admin, scale):
    draft = factories.make_revision(is_published=False, scale=scale_data(scale))
    data = make_scale_data(name="Steps")

    scales.save_scale(by=admin, data=data, scale=scale, seen=seen(scale))

    stored = FrameworkRevision.objects.get(pk=draft.pk)
    assert stored.content_sha256 == factories.make_revision_data(scale=data).sha256


def test_new_version_is_a_copy_with_the_next_number(admin, scale):
    used(scale)

    copied = scales.new_version(by=admin, scale=scale)

    assert scale_data(copied) == make_scale_data(version=2)
    assert AuditEvent.objects.filter(type="scale_saved").last().data["version"] == 2


def test_new_version_waits_until_the_last_one_is_used(admin, scale):
    used(scale)
    scales.new_version(by=admin, scale=scale)

    with pytest.raises(Refused, match=r"^Version 2 of this scale is not in use yet\. Change that one\.$"):
        scales.new_version(by=admin, scale=scale)


def test_new_version_is_made_by_administrators_only(lead, scale):
    with pytest.raises(NotAllowed):
        scales.new_version(by=lead, scale=scale)


@pytest.mark.parametrize("answer", ["not_observed", 3])
def test_scale_without_not_applicable_takes_other_answers(supervisor, therapist, answer):
    draft = draft_on_strict_scale(supervisor, therapist)

    assert factories.rate(draft, "A1.2", answer) > 0


def test_scale_without_not_applicable_refuses_it(supervisor, therapist):
    draft = draft_on_strict_scale(supervisor, therapist)

    with pytest.raises(Refused, match=r"^The scale of this assessment has no “not applicable”\."):
        factories.rate(draft, "A1.2", "not_applicable", note="No group.")


def draft_on_strict_scale(supervisor, therapist):
    revision = factories.make_revision(scale=make_scale_data(has_not_applicable=False))
    return factories.make_draft(supervisor, therapist, revision, codes="A1")


def test_only_the_latest_version_of_a_scale_is_offered(admin, scale, revision):
    used(scale)
    latest = scales.new_version(by=admin, scale=scale)

    assert list(queries.scales_offered()) == [revision.scale, latest]


def test_scale_of_a_discarded_revision_is_frozen(admin, scale):
    draft = factories.make_revision(is_published=False, scale=scale_data(scale))
    FrameworkRevision.objects.filter(pk=draft.pk).update(status="discarded")

    assert queries.is_scale_used(scale)
