"""An earlier form becomes one draft of its day, marked as such for ever."""

import datetime
import hashlib

import pytest
from django.utils import timezone

from assessments import records
from assessments.actions import assessments, form_imports, frameworks
from assessments.exceptions import NotAllowed, Refused
from assessments.models import Assessment, AuditEvent, FormImport, Rating, Supervision
from assessments.reports.cover import facts, state
from tests import factories, filled

pytestmark = pytest.mark.django_db

RATINGS = {
    "S2.1": {"Level": "4", "Time": "14:20"},
    "S2.2": {"Level": "3", "Note": "Named two of the three stages.", "Concern": "yes", "Priority": "yes"},
    "S2.9": "not observed",
    "S7.1": {"Level": "not applicable", "Note": "Not in this programme."},
    "S7.2": {"Note": "To be heard again."},
}
SUMMARY = {"summary": "Steady.", "strengths": "Warmth.", "needs": "Endings."}


@pytest.fixture
def kept(supervisor, therapist, revision):
    return factories.make_form_import(supervisor, therapist, revision, RATINGS, **SUMMARY)


@pytest.fixture
def entered(supervisor, kept):
    return form_imports.enter(by=supervisor, kept=kept)


def event(assessment, kind="assessment_from_form"):
    return AuditEvent.objects.get(assessment=assessment, type=kind)


# the upload


def test_upload_keeps_the_file_and_makes_nothing_else(kept, supervisor, therapist, revision):
    content = bytes(kept.content)

    assert (kept.uploaded_by, kept.therapist, kept.revision) == (supervisor, therapist, revision)
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert kept.is_open
    assert str(kept) == "Amara, October.xlsx"
    assert Assessment.objects.count() == 0


def test_upload_names_no_therapist_in_the_history(kept):
    uploaded = AuditEvent.objects.get(type="form_uploaded")

    assert (uploaded.person, uploaded.assessment, uploaded.organisation) == (None, None, None)
    assert uploaded.data == {"file": str(kept.pk), "sha256": kept.sha256}


def test_upload_keeps_the_end_of_a_long_name(supervisor, therapist, revision):
    kept = factories.make_form_import(supervisor, therapist, revision, name="x" * 300 + ".xlsx")

    assert (len(kept.file_name), kept.file_name[-6:]) == (200, "x.xlsx")


def test_upload_is_refused_without_supervision(other_supervisor, therapist, revision):
    with pytest.raises(NotAllowed, match="You do not supervise Amara Okafor at present"):
        factories.make_form_import(other_supervisor, therapist, revision)


def test_upload_is_refused_on_a_draft_revision(supervisor, therapist):
    sketch = factories.make_revision(is_published=False)

    with pytest.raises(Refused, match="Assessments are made on a published revision"):
        factories.make_form_import(supervisor, therapist, sketch, {"A1.1": "1"})


# the draft


def test_draft_is_of_the_day_of_the_form(entered, supervisor, therapist, revision, northfield):
    assert entered.is_draft
    assert entered.is_from_a_form
    assert (entered.supervisor, entered.therapist, entered.entered_by) == (supervisor, therapist, supervisor)
    assert (entered.revision, entered.scale_id, entered.organisation) == (revision, revision.scale_id, northfield)
    assert (entered.session_on, entered.source, entered.case_number) == (datetime.date(2025, 10, 31), "role_play", 2)
    assert {name: getattr(entered, name) for name in SUMMARY} == SUMMARY


def test_draft_covers_the_activities_of_the_form(entered):
    assert [activity.code for activity in entered.activities.order_by("position")] == ["S2", "S7"]


def test_draft_holds_every_rating_as_filled(entered, supervisor):
    rows = {rating.competence.code: rating for rating in entered.ratings.select_related("competence", "level")}

    assert {
        code: (row.outcome, row.level and row.level.value, row.note, row.is_concern, row.is_priority, row.time_mark)
        for code, row in rows.items()
    } == {
        "S2.1": ("level", "4", "", False, False, 860),
        "S2.2": ("level", "3", "Named two of the three stages.", True, True, None),
        "S2.9": ("not_observed", None, "", False, False, None),
        "S7.1": ("not_applicable", None, "Not in this programme.", False, False, None),
        "S7.2": ("pending", None, "To be heard again.", False, False, None),
    }
    assert {row.rated_by for row in rows.values()} == {supervisor}
    assert {row.version for row in rows.values()} == {event(entered).pk}


def test_event_counts_what_came_in_and_names_the_file(entered, kept):
    told = event(entered)

    assert told.data == {
        "extent": ["S2", "S7"],
        "ratings": {"level": 2, "not_observed": 1, "not_applicable": 1, "pending": 1, "notes": 3, "concerns": 1},
        "file": str(kept.pk),
        "sha256": kept.sha256,
    }
    assert factories.event_types(assessment=entered) == ["assessment_from_form"]


def test_file_is_gone_once_the_draft_stands(entered, kept):
    kept.refresh_from_db()

    assert (kept.content, kept.assessment, kept.is_open) == (None, entered, False)


def test_form_entered_twice_makes_one_draft(entered, supervisor, kept):
    again = form_imports.enter(by=supervisor, kept=kept)

    assert again == entered
    assert Assessment.objects.count() == 1
    assert Rating.objects.count() == len(RATINGS)


def test_same_form_uploaded_again_makes_another_draft(entered, supervisor, therapist, revision):
    second = factories.make_from_a_form(supervisor, therapist, revision, RATINGS, **SUMMARY)

    assert second != entered


def test_rating_of_the_draft_can_be_changed(entered):
    factories.rate(entered, "S2.1", 2)

    assert entered.ratings.get(competence__code="S2.1").level.position == 2


def test_draft_takes_the_ordinary_way(supervisor, therapist, revision):
    draft = factories.make_from_a_form(supervisor, therapist, revision)

    shared = assessments.share(by=supervisor, assessment=draft)
    assessments.sign_off(by=therapist, assessment=shared)
    signed = assessments.sign_off(by=supervisor, assessment=shared)

    assert (signed.is_signed_off, signed.is_from_a_form) == (True, True)


def test_draft_about_somebody_with_two_supervisions_belongs_to_the_later(supervisor, therapist, revision, southbank):
    factories.make_supervision(therapist, supervisor, southbank, starts_on=factories.days_ago(10))

    assert factories.make_from_a_form(supervisor, therapist, revision).organisation == southbank


# refusals


def test_form_with_problems_is_refused_whole(supervisor, therapist, revision):
    kept = factories.make_form_import(supervisor, therapist, revision, {"S2.1": "4", "S2.2": "good"})

    with pytest.raises(Refused, match="The form has problems to mend first"):
        form_imports.enter(by=supervisor, kept=kept)

    kept.refresh_from_db()
    assert (Assessment.objects.count(), kept.is_open) == (0, True)


def test_form_that_cannot_be_read_is_refused(supervisor, therapist, revision):
    kept = form_imports.upload(
        by=supervisor, therapist=therapist, revision=revision, file_name="a.xlsx", content=b"PK\x03\x04"
    )

    with pytest.raises(Refused, match="The form has problems to mend first"):
        form_imports.enter(by=supervisor, kept=kept)


def test_form_is_refused_when_the_supervision_ended_meanwhile(supervisor, kept):
    Supervision.objects.update(ends_on=factories.days_ago(1))

    with pytest.raises(NotAllowed, match="You do not supervise Amara Okafor at present"):
        form_imports.enter(by=supervisor, kept=kept)


def test_form_is_refused_when_its_revision_was_retired_meanwhile(supervisor, admin, kept, revision):
    frameworks.retire(by=admin, revision=revision)

    with pytest.raises(Refused, match="Assessments are made on a published revision"):
        form_imports.enter(by=supervisor, kept=kept)


def test_form_of_somebody_else_does_not_exist(other_supervisor, kept):
    for action in [form_imports.enter, form_imports.discard]:
        with pytest.raises(FormImport.DoesNotExist):
            action(by=other_supervisor, kept=kept)


def test_discarded_form_keeps_nothing_of_its_file(supervisor, kept):
    form_imports.discard(by=supervisor, kept=kept)

    kept.refresh_from_db()
    assert (kept.content, kept.assessment, kept.is_open) == (None, None, False)


def test_discarded_form_is_not_entered(supervisor, kept):
    form_imports.discard(by=supervisor, kept=kept)

    with pytest.raises(Refused, match="This form was discarded meanwhile"):
        form_imports.enter(by=supervisor, kept=kept)


def test_entered_form_is_not_discarded(entered, supervisor, kept):
    with pytest.raises(Refused, match="This form lies open no longer"):
        form_imports.discard(by=supervisor, kept=kept)


# marked for ever


def test_record_says_where_it_comes_from(entered, supervisor):
    told = records.build(entered)["assessment"]

    assert told["origin"] == "form"
    assert told["entered_by"] == {"id": str(supervisor.pk), "name": "Dr Helen Marsh", "profession": ""}


def test_record_of_one_given_here_says_nothing_of_it(draft):
    assert {"origin", "entered_by"} & set(records.build(draft)["assessment"]) == set()


def test_cover_says_who_entered_it_and_when(entered):
    document = records.build(entered)
    day = timezone.localtime(entered.created_at)

    rows = dict(facts(document, "Scale", state(document["assessment"]), day.date()))

    assert rows["Origin"] == f"From an earlier form, entered on {day:%-d %B %Y} by Dr Helen Marsh"


def test_cover_of_one_given_here_has_no_such_row(draft):
    document = records.build(draft)

    assert "Origin" not in dict(facts(document, "Scale", state(document["assessment"]), timezone.localdate()))


def test_who_entered_it_stays_when_the_draft_is_handed_over(entered, supervisor, therapist, northfield):
    colleague = factories.make_person("Dr Iris Novak", "supervisor", northfield)
    factories.make_supervision(therapist, colleague, northfield)

    handed = assessments.hand_over(by=supervisor, assessment=entered, to=colleague, reason="On leave.")

    assert (handed.supervisor, handed.entered_by) == (colleague, supervisor)


def test_form_filled_on_another_scale_finds_its_levels(supervisor, therapist):
    small = factories.make_revision()

    draft = factories.make_from_a_form(supervisor, therapist, small, {"A1.1": "Met", "A1a.1": "o"})

    assert {rating.competence.code: rating.level and rating.level.label for rating in draft.ratings.all()} == {
        "A1.1": "Met",
        "A1a.1": None,
    }
    assert filled.ABOUT["source"] == draft.get_source_display()
