"""What rows call themselves in logs, shells and error messages, and the words built from several columns."""

import datetime

import pytest
from django.utils import timezone

from assessments.models import (
    Activity,
    Assessment,
    AuditEvent,
    BackgroundPage,
    CarryOver,
    Competence,
    CompetenceLink,
    Domain,
    Framework,
    FrameworkImport,
    FrameworkRevision,
    Goal,
    Membership,
    Organisation,
    OutboxKey,
    Rating,
    RatingLevel,
    RatingScale,
    RecordAccess,
    Report,
    ShortForm,
    Signature,
    SignedRecord,
    Supervision,
    User,
)

DAY = datetime.date(2026, 11, 25)
NOON = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)
ONE = "00000000-0000-7000-8000-000000000001"
TWO = "00000000-0000-7000-8000-000000000002"


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (Organisation(name="Northfield"), "Northfield"),
        (User(name="Amara Okafor"), "Amara Okafor"),
        (Membership(role="lead", starts_on=DAY), "Training lead since 2026-11-25"),
        (Supervision(therapist_id=ONE, supervisor_id=TWO, starts_on=DAY), f"{ONE} with {TWO} since 2026-11-25"),
        (Framework(title="Interpersonal psychotherapy"), "Interpersonal psychotherapy"),
        (FrameworkRevision(title="IPT", number="1.0"), "IPT 1.0"),
        (BackgroundPage(title="What IPT is"), "What IPT is"),
        (Domain(code="2", title="Basic IPT competences"), "2 Basic IPT competences"),
        (Activity(code="B4", title="Phases"), "B4 Phases"),
        (Competence(code="B4.1", text="An ability to listen."), "B4.1 An ability to listen."),
        (RatingScale(name="Development", version=2), "Development, version 2"),
        (RatingLevel(value="3", label="Developing"), "3 Developing"),
        (OutboxKey(assessment_id=7, person_id=3), "Outbox of 3 for 7"),
        (Assessment(pk=ONE), f"Assessment {ONE}"),
        (Rating(competence_id=7, outcome="level"), "7: level"),
        (Signature(role="therapist", signed_at=NOON), "Therapist on 25 November 2026"),
        (Goal(text="Use the time line."), "Use the time line."),
        (AuditEvent(type="rating_saved", at=NOON), "Rating saved at 2026-11-25 12:00"),
        (RecordAccess(opened="profile", on=DAY), "Profile on 2026-11-25"),
        (SignedRecord(sequence=4), "Record 4"),
        (Report(sha256="a" * 64), "Report aaaaaaaaaaaa"),
        (FrameworkImport(file_name="cbt.xlsx"), "cbt.xlsx"),
        (CompetenceLink(older_id=1, newer_id=2, kind="reworded"), "1 reworded 2"),
        (CompetenceLink(newer_id=2, kind="added"), "– added 2"),
        (CarryOver(revision_id=3), "Carry-over into 3"),
        (ShortForm(name="Session review"), "Session review"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_row_says_what_it_is(row, shown):
    assert str(row) == shown


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "Recorded session"),
        ({"case_number": 2}, "Recorded session, case 2"),
        ({"session_number": 7}, "Recorded session, session 7"),
        ({"case_number": 2, "session_number": 7, "planned_total": 16}, "Recorded session, case 2, session 7 of 16"),
    ],
)
def test_occasion_tells_what_is_known(columns, words):
    assessment = Assessment(source="recorded", session_on=timezone.localdate(), **columns)

    assert assessment.occasion == words


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "Live session"),
        ({"phase": "middle"}, "Live session, middle phase"),
        ({"problem_area": "dispute"}, "Live session, role dispute"),
        ({"phase": "ending", "problem_area": "grief"}, "Live session, ending phase, grief"),
    ],
)
def test_context_adds_phase_and_problem_area(columns, words):
    assert Assessment(source="live", **columns).context == words


def test_goal_names_its_competences(draft, revision):
    goal = Goal.objects.create(therapist=draft.therapist, assessment=draft, text="Practise.")
    goal.competences.set(revision.competences.filter(code__in=["S2.1", "S2.2"]))

    assert goal.codes == "S2.1, S2.2"
