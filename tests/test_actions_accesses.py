import pytest

from assessments.actions import accesses
from assessments.models import RecordAccess
from tests import factories

pytestmark = pytest.mark.django_db


def noted():
    return [(row.by, row.opened, row.assessment) for row in RecordAccess.objects.order_by("id")]


def test_opening_of_a_profile_is_noted(lead, therapist):
    accesses.note_opening(by=lead, therapist=therapist, opened="profile")

    entry = RecordAccess.objects.get()
    assert (entry.therapist, entry.by, entry.opened, entry.assessment) == (therapist, lead, "profile", None)
    assert entry.on == factories.days_ago(0)


def test_opening_of_an_assessment_is_noted(lead, therapist, shared):
    accesses.note_opening(by=lead, therapist=therapist, opened="assessment", assessment=shared)

    assert noted() == [(lead, "assessment", shared)]


def test_opening_of_a_profile_by_the_supervisor_is_noted(supervisor, therapist):
    accesses.note_opening(by=supervisor, therapist=therapist, opened="profile")

    assert noted() == [(supervisor, "profile", None)]


def test_opening_of_ones_own_record_is_not_noted(therapist):
    accesses.note_opening(by=therapist, therapist=therapist, opened="profile")

    assert noted() == []


def test_opening_of_what_one_wrote_is_not_noted(supervisor, therapist, shared):
    accesses.note_opening(by=supervisor, therapist=therapist, opened="assessment", assessment=shared)

    assert noted() == []


def test_opening_is_noted_once_a_day(lead, therapist, shared):
    for _ in range(2):
        accesses.note_opening(by=lead, therapist=therapist, opened="profile")
        accesses.note_opening(by=lead, therapist=therapist, opened="assessment", assessment=shared)

    assert noted() == [(lead, "profile", None), (lead, "assessment", shared)]


def test_opening_of_assessment_and_report_are_noted_apart(lead, therapist, signed):
    for opened in ["assessment", "report"]:
        accesses.note_opening(by=lead, therapist=therapist, opened=opened, assessment=signed)

    assert noted() == [(lead, "assessment", signed), (lead, "report", signed)]
