"""Everything held about a person, read back from the file."""

import csv
import datetime
import hashlib
import io
import json
import re
import zipfile

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments import queries, records
from assessments.actions import assessments, goals, people, reports
from assessments.exporters import archive, own_csv
from assessments.models import (
    AuditEvent,
    Competence,
    Digest,
    FrameworkRevision,
    Outcome,
    Rating,
    RecordAccess,
    Role,
    Signature,
    Status,
    User,
)
from assessments.models.audit import ReportKind
from tests import factories

pytestmark = pytest.mark.django_db

MADE_AT = datetime.datetime(2026, 11, 27, 10, 42, tzinfo=datetime.UTC)
SECRET = "Wept when the lighthouse was named"
TABLES = ["ratings.csv", "goals.csv", "replies-and-signatures.csv", "accesses.csv", "e-mails.csv", "history.csv"]
ALWAYS = ["README.txt", "person.json", *TABLES]


def packed(person, *, made_at=MADE_AT, **options):
    return archive.write(queries.holdings(person, **options), made_at=made_at)


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def held(person, **options):
    return unpacked(packed(person, **options))


def table(person, name, **options):
    return list(csv.DictReader(io.StringIO(held(person, **options)[name].decode("utf-8-sig"), newline="")))


def folder(assessment):
    return f"{assessment.session_on.isoformat()}-{str(assessment.pk)[-8:]}"


def files_with(text, files):
    return [name for name, content in files.items() if text.encode() in content]


def told(assessment):
    """Writes the secret wherever a draft takes text."""
    factories.rate(assessment, "S2.1", 1, note=SECRET)
    assessments.save_texts(by=assessment.supervisor, assessment=assessment, summary=SECRET, strengths="", needs="")
    goals.save(by=assessment.supervisor, assessment=assessment, text=SECRET, due_on=None, competences=[])


def test_archive_holds_a_file_for_everything(therapist, signed, shared):
    for kind in ReportKind:
        reports.issue(by=therapist, assessment=signed, kind=kind)

    assert list(held(therapist)) == [
        *ALWAYS,
        "frameworks/ipt-1.0.csv",
        f"assessments/{folder(signed)}/record.json",
        f"assessments/{folder(signed)}/report.pdf",
        f"assessments/{folder(signed)}/report-short.pdf",
        f"assessments/{folder(shared)}/record.json",
    ]


def test_archive_of_somebody_without_assessments_holds_the_account(admin):
    files = held(admin)

    assert list(files) == ALWAYS
    assert "You have not been rated on any." in files["README.txt"].decode()


def test_names_of_files_tell_nothing(therapist, signed):
    names = held(therapist)

    assert [name for name in names if not re.fullmatch(r"[A-Za-z]+/?[a-z0-9./-]+", name)] == []


def test_archive_is_the_same_but_for_its_day(therapist, signed):
    today, later = packed(therapist), packed(therapist, made_at=MADE_AT + datetime.timedelta(days=1))
    differing = [name for name, content in unpacked(today).items() if unpacked(later)[name] != content]

    assert packed(therapist) == today
    assert differing == ["README.txt"]


def test_readme_says_when_and_for_whom(therapist):
    text = held(therapist)["README.txt"].decode()

    assert f"Made on 27 November 2026, 10:42 GMT for Amara Okafor, {therapist.email}." in text


def test_readme_names_scale_and_its_words(therapist, supervisor):
    scale = factories.make_scale_data(not_observed="Not called for.", not_applicable="Outside the course.")
    revision = factories.make_revision(scale=scale, attribution="After nobody.")
    factories.make_rated(supervisor, therapist, revision, {"A1.1": 2})

    text = held(therapist)["README.txt"].decode()

    assert "SCALE: THREE STEPS\n\n1 Not met\n2 Partly met\n3 Met\nNot observed: Not called for." in text
    assert "Not applicable: Outside the course." in text
    assert "Small list 1.0: frameworks/small-1.0.csv\n  After nobody." in text


def test_ratings_are_those_of_the_database(therapist, supervisor, revision):
    answers = {"S2.1": 4, "S2.2": 1, "S2.9": Outcome.NOT_OBSERVED, "S7.1": Outcome.NOT_APPLICABLE}
    draft = factories.make_draft(supervisor, therapist, revision)
    for code, answer in answers.items():
        factories.rate(draft, code, answer, note=f"Of {code}")
    assessments.share(by=supervisor, assessment=draft)
    factories.make_signed(supervisor, therapist, revision)
    columns = ["competence__code", "outcome", "level__value", "level__label", "note"]
    stored = Rating.objects.filter(assessment__therapist=therapist).values_list("assessment", *columns)

    rows = table(therapist, "ratings.csv")

    assert sorted(
        [row["Assessment"][-8:], row["Competence code"], row["Outcome"], row["Level value"], row["Level"], row["Note"]]
        for row in rows
    ) == sorted(
        [str(pk)[-8:], code, Outcome(outcome).label, value or "", label or "", note]
        for pk, code, outcome, value, label, note in stored
    )


def test_rating_tells_everything_about_itself(therapist, supervisor, revision):
    draft = factories.make_draft(supervisor, therapist, revision)
    competence = Competence.objects.filter(revision=revision, code__startswith="S", parent__isnull=False).first()
    point, code = competence.code, competence.parent.code
    draft.activities.add(competence.activity)
    factories.rate(
        draft, code, 2, note="Named it.", is_concern=True, is_priority=True, points_seen=point, time_mark=860
    )
    assessments.share(by=supervisor, assessment=draft)
    rating = draft.ratings.get()

    (row,) = table(therapist, "ratings.csv")

    assert row == {
        "Assessment": folder(draft),
        "Date": draft.session_on.isoformat(),
        "Source": "Recorded session",
        "Case": "2",
        "Session": "7",
        "Assessor": "Dr Helen Marsh",
        "Framework": "ipt",
        "Revision": "1.0",
        "Activity code": competence.activity.code,
        "Activity": competence.activity.title,
        "Competence code": code,
        "Competence": competence.parent.text,
        "Outcome": "Level",
        "Level value": "2",
        "Level": "Emerging",
        "Note": "Named it.",
        "Concern": "Yes",
        "Priority": "Yes",
        "Points seen": point,
        "Time in the recording": "14:20",
        "Rated by": "Dr Helen Marsh",
        "Rated at": f"{timezone.localtime(rating.rated_at):%Y-%m-%d %H:%M:%S %Z}",
        "State": "Shared",
    }


def test_context_that_was_not_stated_stays_blank(therapist, supervisor, revision):
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 3}, case_number=None, session_number=None)

    (row,) = table(therapist, "ratings.csv")

    assert (row["Case"], row["Session"], row["Time in the recording"]) == ("", "", "")


@pytest.mark.parametrize("payload", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'=1"])
def test_text_is_no_formula_in_a_table_and_as_it_was_in_the_record(therapist, supervisor, revision, payload):
    draft = factories.make_draft(supervisor, therapist, revision)
    factories.rate(draft, "S2.1", 3, note=payload)
    goals.save(by=supervisor, assessment=draft, text=payload, due_on=None, competences=[])
    shared = assessments.share(by=supervisor, assessment=draft)
    assessments.reply(by=therapist, assessment=shared, agreement="disagree", text=payload)
    files = held(therapist)

    cells = [
        table(therapist, "ratings.csv")[0]["Note"],
        table(therapist, "goals.csv")[0]["Development goal"],
        table(therapist, "replies-and-signatures.csv")[0]["Reply"],
    ]
    document = json.loads(files[f"assessments/{folder(shared)}/record.json"])

    assert cells == [f"'{payload}"] * 3
    assert document["reply"]["text"] == payload


@pytest.mark.parametrize("make", [factories.make_shared, factories.make_withdrawn])
def test_record_of_what_is_not_signed_is_as_it_stands(therapist, supervisor, revision, make):
    assessment = make(supervisor, therapist, revision)

    content = held(therapist)[f"assessments/{folder(assessment)}/record.json"]

    assert json.loads(content) == records.build(assessment)


def test_signed_record_is_what_was_signed(therapist, signed):
    content = held(therapist)[f"assessments/{folder(signed)}/record.json"]

    assert hashlib.sha256(content).hexdigest() == signed.signed_record.sha256


def test_report_is_the_one_that_was_issued(therapist, signed):
    report = reports.issue(by=therapist, assessment=signed)

    content = held(therapist)[f"assessments/{folder(signed)}/report.pdf"]

    assert hashlib.sha256(content).hexdigest() == report.sha256


@pytest.mark.parametrize("state", ["in progress", "taken back", "withdrawn"])
def test_draft_says_nothing(therapist, supervisor, draft, state):
    told(draft)
    if state == "taken back":
        assessments.share(by=supervisor, assessment=draft)
        assessments.take_back(by=supervisor, assessment=draft, reason=SECRET)
    if state == "withdrawn":
        assessments.withdraw(by=supervisor, assessment=draft, reason=SECRET)

    assert files_with(SECRET, held(therapist)) == []


def test_draft_is_named_by_the_day_it_was_begun(therapist, supervisor, revision):
    with time_machine.travel("2026-07-01 23:30Z", tick=False):
        draft = factories.make_draft(supervisor, therapist, revision)

    files = held(therapist)

    assert "In progress since 2 July 2026.\n" in files["README.txt"].decode()
    assert files_with(str(draft.pk)[-8:], files) == []


def test_draft_is_there_for_who_answers_a_request_for_access(therapist, draft):
    told(draft)

    files = held(therapist, with_drafts=True)

    assert files_with(SECRET, files) == [
        "ratings.csv",
        "goals.csv",
        "history.csv",
        f"assessments/{folder(draft)}/record.json",
    ]
    assert "a request for access covers them" in files["README.txt"].decode()
    assert [row["State"] for row in table(therapist, "ratings.csv", with_drafts=True)] == ["Draft"]


def test_note_that_waits_for_its_level_is_there_for_a_request_for_access(therapist, draft):
    factories.rate(draft, "S2.1", Outcome.PENDING, note=SECRET)

    assert files_with(SECRET, held(therapist, with_drafts=True)) == ["history.csv"]
    assert files_with(SECRET, held(therapist)) == []


def test_nothing_of_another_therapist_is_told(therapist, signed, other_therapist, other_supervisor, revision):
    theirs = factories.make_draft(other_supervisor, other_therapist, revision)
    told(theirs)
    assessments.share(by=other_supervisor, assessment=theirs)

    files = held(therapist)

    assert files_with(SECRET, files) == []
    assert files_with(SECRET, held(other_therapist))


@pytest.mark.parametrize("name", ["other_therapist", "other_supervisor", "lead", "admin", "outside_supervisor"])
def test_nobody_is_named_who_has_nothing_to_do_with_the_person(request, therapist, signed, name):
    somebody = request.getfixturevalue(name)

    assert files_with(somebody.name, held(therapist)) == []
    assert files_with(somebody.name, held(somebody))


def test_supervisor_learns_nothing_of_whom_they_assess(supervisor, therapist, signed):
    files = held(supervisor)

    assert files_with("Amara Okafor", files) == ["person.json"]
    assert json.loads(files["person.json"])["supervisions"] == [
        {
            "as": "supervisor",
            "with": "Amara Okafor",
            "organisation": "Northfield",
            "starts_on": factories.LONG_AGO.isoformat(),
            "ends_on": None,
        }
    ]


def test_account_is_told(therapist, supervisor, northfield, signed):
    person = json.loads(held(therapist)["person.json"])

    assert person == {
        "format": "person-archive/1",
        "account": {
            "id": str(therapist.pk),
            "name": "Amara Okafor",
            "email": therapist.email,
            "profession": "",
            "is_active": True,
            "has_page_keys": False,
            "has_digest": True,
            "created_at": therapist.created_at.astimezone(datetime.UTC).isoformat(timespec="seconds"),
            "last_login": None,
        },
        "memberships": [
            {
                "organisation": "Northfield",
                "role": "therapist",
                "programme": "Year 1",
                "starts_on": "2025-01-06",
                "ends_on": None,
            }
        ],
        "supervisions": [
            {
                "as": "therapist",
                "with": "Dr Helen Marsh",
                "organisation": "Northfield",
                "starts_on": "2025-01-06",
                "ends_on": None,
            }
        ],
        "assessments": [{"id": str(signed.pk), "folder": folder(signed), "status": Status.SIGNED_OFF}],
    }


def test_goal_is_told_with_its_competences(therapist, supervisor, draft, revision):
    factories.rate(draft, "S2.1", 3)
    tied = Competence.objects.filter(revision=revision, code__in=["S2.1", "S7.1"])
    goal = goals.save(
        by=supervisor, assessment=draft, text="Ask alone", due_on=datetime.date(2027, 1, 31), competences=tied
    )
    assessments.share(by=supervisor, assessment=draft)

    assert table(therapist, "goals.csv") == [
        {
            "Assessment": folder(draft),
            "Development goal": "Ask alone",
            "Competences": "S2.1, S7.1",
            "Worked on by": "The therapist",
            "How it is judged": "",
            "To be looked at again by": "2027-01-31",
            "State": "In progress",
            "Result": "",
            "Closed in": "",
            "Written at": f"{timezone.localtime(goal.created_at):%Y-%m-%d %H:%M:%S %Z}",
        }
    ]


def test_what_became_of_a_goal_is_told_once_it_is_shared(therapist, supervisor, draft, revision):
    factories.rate(draft, "S2.1", 3)
    goal = goals.save(by=supervisor, assessment=draft, text="Ask alone", due_on=None, competences=[])
    assessments.share(by=supervisor, assessment=draft)
    later = factories.make_draft(supervisor, therapist, revision)
    factories.rate(later, "S2.1", 4)
    goals.close(by=supervisor, assessment=later, goal=goal, status="met", result="Asked twice.")
    told = ["State", "Result", "Closed in"]

    before = [row[name] for row in table(therapist, "goals.csv") for name in told]
    assessments.share(by=supervisor, assessment=later)
    after = [row[name] for row in table(therapist, "goals.csv") for name in told]

    assert before == ["In progress", "", ""]
    assert after == ["Met", "Asked twice.", folder(later)]


def test_reply_and_signatures_are_told(therapist, supervisor, shared):
    assessments.reply(by=therapist, assessment=shared, agreement="agree_in_part", text="I named three.")
    assessments.sign_off(by=therapist, assessment=shared)
    assessments.sign_off(by=supervisor, assessment=shared)

    rows = table(therapist, "replies-and-signatures.csv")

    assert [[row[name] for name in ["Assessment", "About", "What", "By", "As", "Answer", "Reply"]] for row in rows] == [
        [folder(shared), "Me", "Reply", "Amara Okafor", "Therapist", "I agree in part", "I named three."],
        [folder(shared), "Me", "Signature", "Amara Okafor", "Therapist", "", ""],
        [folder(shared), "Me", "Signature", "Dr Helen Marsh", "Supervisor", "", ""],
    ]
    assert [row["Void since"] for row in rows] == ["", "", ""]


def test_signature_that_became_void_is_told(therapist, supervisor, shared):
    assessments.sign_off(by=therapist, assessment=shared)
    assessments.take_back(by=supervisor, assessment=shared, reason="A wrong level.")
    signature = Signature.objects.get()

    (row,) = table(therapist, "replies-and-signatures.csv")

    assert (row["Assessment"], row["Void since"]) == (
        "",
        f"{timezone.localtime(signature.voided_at):%Y-%m-%d %H:%M:%S %Z}",
    )


def test_signature_under_an_assessment_of_somebody_else_is_told(supervisor, signed):
    (row,) = table(supervisor, "replies-and-signatures.csv")

    assert (row["Assessment"], row["About"], row["By"], row["As"]) == (
        "",
        "Somebody else",
        "Dr Helen Marsh",
        "Supervisor",
    )


def test_who_opened_the_record_is_told_in_uk_time(therapist, lead, shared):
    summer, winter = (datetime.datetime(2026, month, 1, 9, tzinfo=datetime.UTC) for month in [7, 12])
    to_lead = {"therapist": therapist, "by": lead}
    RecordAccess.objects.create(**to_lead, opened="report", assessment=shared, on=winter.date(), at=winter)
    RecordAccess.objects.create(**to_lead, opened="profile", on=summer.date(), at=summer)

    rows = [list(row.values()) for row in table(therapist, "accesses.csv")]

    assert rows == [
        ["2026-07-01 10:00:00 BST", "Margaret Ellison", "", "Profile", "", ""],
        ["2026-12-01 09:00:00 GMT", "Margaret Ellison", "", "Report", shared.session_on.isoformat(), folder(shared)],
    ]


def test_e_mails_are_told_as_they_were_sent(therapist, supervisor, shared):
    facts = {"address": therapist.email, "body": "- It waits.", "created_at": MADE_AT, "next_try_at": MADE_AT}
    for person, day, sent_at in [(therapist, 27, MADE_AT), (therapist, 28, None), (supervisor, 27, MADE_AT)]:
        on, subject = datetime.date(2026, 11, day), f"One for {person.first_name}"
        Digest.objects.create(person=person, on=on, subject=subject, sent_at=sent_at, attempts=1, **facts)

    assert table(therapist, "e-mails.csv") == [
        {"Sent": "2026-11-27 10:42:00 GMT", "To": therapist.email, "Subject": "One for Amara", "Text": "'- It waits."}
    ]


def test_history_of_assessments_is_told_in_words(therapist, shared):
    rows = [row for row in table(therapist, "history.csv") if row["Assessment"]]

    assert [(row["Assessment"], row["What happened"], row["By"], row["Changes"], row["Texts"]) for row in rows] == [
        (folder(shared), "Assessment started", "Dr Helen Marsh", "", "To rate: S2, S7"),
        (folder(shared), "Rating saved", "Dr Helen Marsh", "S2.1: Not rated → 4 Competent", ""),
        (
            folder(shared),
            "Rating saved",
            "Dr Helen Marsh",
            "S2.2: Not rated → 3 Developing",
            "Note: Named two of the three stages.",
        ),
        (folder(shared), "Rating saved", "Dr Helen Marsh", "S2.9: Not rated → Not observed", ""),
        (folder(shared), "Shared with the therapist", "Dr Helen Marsh", "", ""),
    ]


def test_history_of_the_account_is_told_in_words(northfield, supervisor, admin):
    person = factories.make_person("Nadia Stone", Role.THERAPIST, northfield)
    day = {"starts_on": datetime.date(2026, 3, 2)}
    supervision = people.start_supervision(
        by=None, therapist=person, supervisor=supervisor, organisation=northfield, **day
    )
    people.end_supervision(by=admin, supervision=supervision, ends_on=datetime.date(2026, 5, 31))

    rows = table(person, "history.csv")

    assert [(row["What happened"], row["By"], row["Texts"]) for row in rows] == [
        ("Person added", "The system", ""),
        ("Role given", "The system", "As: Therapist"),
        ("Supervision started", "The system", "Supervisor: Dr Helen Marsh\nFirst day: 2 March 2026"),
        ("Supervision ended", "Robert Quayle", "Supervisor: Dr Helen Marsh\nLast day: 31 May 2026"),
    ]


def test_history_tells_a_change_from_nothing(therapist, supervisor, draft):
    factories.rate(draft, "S2.1", 3)
    shared = assessments.share(by=supervisor, assessment=draft)
    AuditEvent.objects.create(
        type=AuditEvent.Type.UNSENT_REPORTED, by=supervisor, assessment=shared, person=therapist, data={"unsent": 2}
    )

    assert table(therapist, "history.csv")[-1]["Changes"] == "Not yet sent: none → 2"


def test_wording_is_that_of_the_public_file(therapist, signed, revision):
    assert held(therapist)["frameworks/ipt-1.0.csv"] == own_csv.write(queries.revision_data(revision))


def test_wording_that_may_not_be_passed_on_is_the_persons_own(therapist, supervisor):
    revision = factories.make_revision(is_redistributable=False)
    factories.make_rated(supervisor, therapist, revision, {"A1.1": 2})

    files = held(therapist)

    assert files["frameworks/small-1.0.csv"] == own_csv.write(queries.revision_data(revision))
    assert "It is here because you were rated on this wording." in files["README.txt"].decode()


def test_several_revisions_are_those_of_each():
    factories.make_revision()
    factories.make_next(is_published=True)
    revisions = FrameworkRevision.objects.filter(framework__slug="small").order_by("pk")

    found = queries.revisions_data(revisions)

    assert found == [queries.revision_data(revision) for revision in revisions]
    assert [bool(data.lineage) for data in found] == [False, True]


def test_archive_takes_as_many_statements_for_three_as_for_one(therapist, supervisor, lead, revision):
    tied, counted = Competence.objects.filter(revision=revision, code__in=["S2.1", "S7.1"]), []
    for number in range(3):
        draft = factories.make_draft(supervisor, therapist, revision)
        factories.rate(draft, "S2.1", 3)
        goals.save(by=supervisor, assessment=draft, text="Ask alone", due_on=None, competences=tied)
        shared = assessments.share(by=supervisor, assessment=draft)
        assessments.sign_off(by=therapist, assessment=shared)
        factories.make_signed(supervisor, therapist, revision)
        factories.make_rated(supervisor, therapist, factories.make_revision(number=f"1.{number}"), {"A1.1": 2})
        day = factories.days_ago(number)
        RecordAccess.objects.create(therapist=therapist, by=lead, opened="profile", on=day)

        with CaptureQueriesContext(connection) as statements:
            queries.holdings(User.objects.get(pk=therapist.pk))
        counted.append(len(statements))

    assert counted[0] == counted[2]
