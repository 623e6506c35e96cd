import pytest

from assessments.actions import assessments, contexts, short_forms
from assessments.exceptions import Conflict, NotAllowed, Refused
from assessments.models import Activity, AuditEvent, FrameworkRevision, ShortForm
from assessments.queries import short_form_content, short_form_fingerprint, short_forms_offered
from tests import factories
from tests.factories import make_short_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def session_form(admin, revision):
    return make_short_form(admin, revision, name="Session", codes="S2 S7")


def activities(revision, codes):
    return list(Activity.objects.filter(revision=revision, code__in=codes.split()))


def seen(short_form):
    return short_form_fingerprint(short_form_content(short_form))


def change(admin, short_form, **changes):
    values = {"name": short_form.name, "purpose": short_form.purpose, "seen": seen(short_form)}
    chosen = activities(short_form.revision, changes.pop("codes", "S2 S7"))
    return short_forms.save(
        by=admin, revision=short_form.revision, short_form=short_form, activities=chosen, **values | changes
    )


def used(short_form, supervisor, therapist):
    return assessments.start(
        by=supervisor,
        therapist=therapist,
        revision=short_form.revision,
        short_form=short_form,
        context=factories.make_context(),
    )


def test_short_form_is_stored_as_given(admin, revision):
    made = make_short_form(admin, revision, name="Session", codes="S7 S2")

    assert short_form_content(made) == {"name": "Session", "purpose": "session_review", "activities": ["S2", "S7"]}


def test_making_a_short_form_is_in_the_history(admin, revision):
    make_short_form(admin, revision, name="Session", codes="S2")

    event = AuditEvent.objects.get(type="short_form_saved")
    assert (event.by, event.revision, event.data["before"]) == (admin, revision, None)
    assert event.data["after"] == {"name": "Session", "purpose": "session_review", "activities": ["S2"]}


def test_short_form_is_made_by_administrators_only(lead, revision):
    with pytest.raises(NotAllowed):
        make_short_form(lead, revision)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": ""}, "Give the short form a name."),
        ({"codes": ""}, "Tick at least one activity."),
        ({"name": "Session"}, "This revision has a short form called Session."),
    ],
)
def test_short_form_with_a_fault_is_refused(admin, revision, values, expected):
    make_short_form(admin, revision, name="Session")

    with pytest.raises(Refused, match=rf"^{expected}"):
        make_short_form(admin, revision, **{"name": "Another"} | values)


def test_short_form_chooses_from_its_own_revision(admin, revision):
    other = factories.make_revision()

    with pytest.raises(Refused, match=r"^A short form chooses activities of one revision\."):
        short_forms.save(by=admin, revision=other, name="Mixed", purpose="other", activities=activities(revision, "S2"))


def test_short_form_of_a_draft_revision_is_refused(admin):
    sketch = factories.make_revision(is_published=False)

    with pytest.raises(Refused, match=r"^A short form is made for a published revision\.$"):
        make_short_form(admin, sketch, codes="A1")


def test_name_of_a_retired_short_form_is_free(admin, revision):
    short_forms.retire(by=admin, short_form=make_short_form(admin, revision, name="Session"))

    assert make_short_form(admin, revision, name="Session").pk


def test_unused_short_form_changes(admin, revision):
    made = make_short_form(admin, revision, codes="S2")

    change(admin, made, name="Longer", purpose="mid_case", codes="S2 S3")

    assert short_form_content(ShortForm.objects.get(pk=made.pk)) == {
        "name": "Longer",
        "purpose": "mid_case",
        "activities": ["S2", "S3"],
    }


def test_saving_what_stands_is_no_event(admin, revision):
    made = make_short_form(admin, revision, codes="S2 S7")

    change(admin, made, seen="")

    assert factories.event_types(type="short_form_saved") == ["short_form_saved"]


def test_second_editor_is_told_what_stands(admin, revision):
    made = make_short_form(admin, revision, codes="S2 S7")
    shown = seen(made)
    change(admin, made, name="First")

    with pytest.raises(Conflict) as conflict:
        change(admin, made, name="Second", seen=shown)

    assert conflict.value.current["name"] == "First"


def test_used_short_form_is_frozen(admin, revision, supervisor, therapist):
    made = make_short_form(admin, revision)
    used(made, supervisor, therapist)

    with pytest.raises(Refused, match=r"^This short form was used or retired by now and never changes\."):
        change(admin, made, name="New")


def test_retired_short_form_is_frozen(admin, revision):
    made = short_forms.retire(by=admin, short_form=make_short_form(admin, revision))

    with pytest.raises(Refused, match=r"^This short form was used or retired by now"):
        change(admin, made, name="New")


def test_retired_short_form_is_not_offered(admin, revision):
    short_forms.retire(by=admin, short_form=make_short_form(admin, revision, name="Old"))
    make_short_form(admin, revision, name="New")

    assert [form.name for form in short_forms_offered(revision)] == ["New"]


def test_retiring_twice_is_one_event(admin, revision):
    made = make_short_form(admin, revision, name="Old")
    for _ in range(2):
        short_forms.retire(by=admin, short_form=made)

    event = AuditEvent.objects.get(type="short_form_retired")
    assert (event.by, event.revision, event.data) == (admin, revision, {"name": "Old"})


def test_short_form_is_retired_by_administrators_only(admin, lead, revision):
    with pytest.raises(NotAllowed):
        short_forms.retire(by=lead, short_form=make_short_form(admin, revision))


def test_offered_short_forms_stand_in_the_order_of_a_case(admin, revision):
    for purpose in ["other", "end_of_case", "session_review", "mid_case"]:
        make_short_form(admin, revision, name=f"A {purpose}", purpose=purpose)

    offered = [form.purpose for form in short_forms_offered(revision)]

    assert offered == ["session_review", "mid_case", "end_of_case", "other"]


def test_offered_short_form_counts_its_competences(admin, revision):
    make_short_form(admin, revision, codes="S2 S7")

    assert short_forms_offered(revision)[0].competence_count == 18


def test_assessment_takes_the_extent_of_its_short_form(admin, revision, supervisor, therapist):
    made = make_short_form(admin, revision, name="Session", codes="S2 S7")

    draft = used(made, supervisor, therapist)

    assert draft.short_form == made
    assert [activity.code for activity in draft.activities.order_by("position")] == ["S2", "S7"]
    assert draft.events.get().data == {"extent": ["S2", "S7"], "short_form": "Session"}


def test_assessment_does_not_start_from_a_retired_short_form(admin, revision, supervisor, therapist):
    made = short_forms.retire(by=admin, short_form=make_short_form(admin, revision))

    with pytest.raises(Refused, match=r"^This short form is no longer offered\. Choose another extent\.$"):
        used(made, supervisor, therapist)


def test_assessment_does_not_start_from_a_form_of_another_revision(admin, revision, supervisor, therapist):
    other = make_short_form(admin, factories.make_revision(), codes="A1")

    with pytest.raises(Refused, match=r"^An assessment covers activities of one revision\."):
        assessments.start(
            by=supervisor,
            therapist=therapist,
            revision=FrameworkRevision.objects.get(pk=revision.pk),
            short_form=other,
            context=factories.make_context(),
        )


@pytest.mark.parametrize(("codes", "stays"), [("S2 S7", True), ("S2", False), ("S2 S3 S7", False)])
def test_another_extent_is_no_longer_that_form(session_form, supervisor, therapist, codes, stays):
    draft = used(session_form, supervisor, therapist)

    contexts.correct_context(
        by=supervisor,
        assessment=draft,
        activities=activities(draft.revision, codes),
        context=factories.make_context(),
    )

    draft.refresh_from_db()
    changed = draft.events.last().data["changed"]
    assert (draft.short_form == session_form, changed.get("short_form")) == (stays, None if stays else ["Session", ""])
