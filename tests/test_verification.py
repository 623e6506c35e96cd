import datetime
import hashlib
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from assessments import guards, records, verification
from assessments.actions import assessments, reports
from assessments.models import (
    AuditEvent,
    Competence,
    Goal,
    Organisation,
    Report,
    SignedRecord,
    User,
)
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def unguarded(db):
    """As for somebody who owns the database and takes the guards down."""
    guards.remove()
    yield
    with transaction.atomic():
        guards.install()


def tamper(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_untouched_records_verify(signed, supervisor):
    reports.issue(by=supervisor, assessment=signed)

    assert list(verification.mismatches()) == []


def test_records_of_two_organisations_each_have_their_chain(signed, outside_supervisor, outside_therapist, revision):
    factories.make_signed(outside_supervisor, outside_therapist, revision)
    factories.make_signed(signed.supervisor, signed.therapist, revision)

    assert list(verification.mismatches()) == []


def test_renamed_person_is_no_mismatch(signed, therapist):
    User.objects.filter(pk=therapist.pk).update(name="Amara Bell", profession="Psychologist")

    assert list(verification.mismatches()) == []


def test_changed_content_is_found(unguarded, signed):
    tamper("UPDATE assessments_signedrecord SET content = '{}'")

    found = list(verification.mismatches())

    assert found == [f"Record {signed.signed_record.pk}: its content is not the one that was signed."]


def test_broken_chain_is_found(unguarded, signed, supervisor, therapist, revision):
    second = factories.make_signed(supervisor, therapist, revision)
    tamper("UPDATE assessments_signedrecord SET previous_sha256 = 'x' WHERE sequence = 2")

    found = list(verification.mismatches())

    assert f"Record {second.signed_record.pk}: it does not follow the record before it." in found


def test_changed_rating_is_found(unguarded, signed):
    tamper("UPDATE assessments_rating SET note = 'Other.' WHERE note <> ''")

    found = list(verification.mismatches())

    assert found == [f"Record {signed.signed_record.pk}: domains in the database differs from what was signed."]


def test_changed_report_is_found(unguarded, signed, supervisor):
    report = reports.issue(by=supervisor, assessment=signed)
    tamper("UPDATE assessments_report SET sha256 = 'x'")

    assert list(verification.mismatches()) == [f"Report {report.pk}: the file is not the one that was issued."]


def test_verify_records_counts_what_stands(signed, capsys):
    call_command("verify_records")

    assert capsys.readouterr().out == "1 signed records stand as they were signed.\n"


def test_verify_records_fails_on_a_mismatch(unguarded, signed, capsys):
    tamper("UPDATE assessments_signedrecord SET content = '{}'")

    with pytest.raises(CommandError) as refusal:
        call_command("verify_records")

    assert str(refusal.value) == "1 mismatches."
    assert "its content is not the one that was signed." in capsys.readouterr().err


def found():
    return list(verification.mismatches())


def test_report_with_another_right_checksum_is_found(unguarded, signed, supervisor):
    report = reports.issue(by=supervisor, assessment=signed)
    Report.objects.update(content=b"%PDF", sha256=hashlib.sha256(b"%PDF").hexdigest())

    assert found() == [f"Report {report.pk}: the history tells of another file, or of none."]


def test_removed_report_is_found(unguarded, signed, supervisor):
    reports.issue(by=supervisor, assessment=signed)
    Report.objects.all().delete()

    assert found() == [f"Record {signed.signed_record.pk}: the report that was issued of it is missing."]


def test_both_kinds_of_report_verify(signed, supervisor):
    for kind in ["full", "short"]:
        reports.issue(by=supervisor, assessment=signed, kind=kind)

    assert found() == []


def test_report_issued_before_there_were_kinds_verifies(unguarded, signed, supervisor):
    report = reports.issue(by=supervisor, assessment=signed)
    AuditEvent.objects.filter(type="report_issued").update(data={"sha256": report.sha256})

    assert found() == []


def test_removed_short_report_is_found(unguarded, signed, supervisor):
    for kind in ["full", "short"]:
        reports.issue(by=supervisor, assessment=signed, kind=kind)
    Report.objects.filter(kind="short").delete()

    assert found() == [f"Record {signed.signed_record.pk}: the report that was issued of it is missing."]


def test_report_under_the_name_of_the_other_kind_is_found(unguarded, signed, supervisor):
    report = reports.issue(by=supervisor, assessment=signed)
    Report.objects.update(kind="short")

    assert found() == [
        f"Record {signed.signed_record.pk}: the report that was issued of it is missing.",
        f"Report {report.pk}: the history tells of another file, or of none.",
    ]


def test_removed_newest_record_is_found(unguarded, signed):
    SignedRecord.objects.all().delete()

    assert found() == [f"Assessment {signed.pk}: it was signed off and its record is missing."]


def test_record_with_other_content_and_its_right_hash_is_found(unguarded, signed):
    content = signed.signed_record.content.replace("Named two", "Named all")
    SignedRecord.objects.update(content=content, sha256=records.sha256(content))

    assert found() == [
        f"Record {signed.signed_record.pk}: domains in the database differs from what was signed.",
        f"Record {signed.signed_record.pk}: the history tells of another record, or of none.",
    ]


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"organisation":1}'])
def test_content_that_is_no_record_is_found(unguarded, signed, content):
    SignedRecord.objects.update(content=content, sha256=records.sha256(content))

    assert f"Record {signed.signed_record.pk}: its content is no record." in found()


def test_record_of_another_time_is_found(unguarded, signed):
    told = "it stands in another organisation or bears another time than what was signed."

    SignedRecord.objects.update(created_at=timezone.now() + datetime.timedelta(days=1))

    assert found() == [f"Record {signed.signed_record.pk}: {told}"]


def test_rating_that_was_not_signed_is_found(unguarded, signed):
    outside = Competence.objects.get(revision=signed.revision, code="G1.1")
    rating = signed.ratings.get(competence__code="S2.9")
    rating.pk, rating.competence = None, outside
    rating.save()

    assert found() == [f"Record {signed.signed_record.pk}: there are ratings in the database that were not signed."]


def test_goal_that_was_not_signed_is_found(unguarded, supervisor, therapist, revision):
    """Records leave out what says nothing; what says something now must have stood there."""
    agreed = factories.make_agreed(supervisor, therapist, revision)
    signed = factories.make_signed(supervisor, therapist, revision)
    now = timezone.now()
    Goal.objects.filter(pk=agreed.pk).update(
        status="met", result="Done.", closed_in=signed, closed_at=now, closed_by=supervisor
    )

    assert found() == [f"Record {signed.signed_record.pk}: goals_closed in the database differs from what was signed."]


def test_verifying_needs_no_more_queries_for_more_records(supervisor, therapist, revision, django_assert_num_queries):
    for wanted in [1, 3]:
        while SignedRecord.objects.count() < wanted:
            factories.make_signed(supervisor, therapist, revision)
        with django_assert_num_queries(15):
            assert found() == []


def test_chain_is_followed_from_one_batch_to_the_next(supervisor, therapist, revision, monkeypatch):
    monkeypatch.setattr(verification, "BATCH", 2)
    for _ in range(3):
        factories.make_signed(supervisor, therapist, revision)

    assert found() == []


# heads


def head_of(record, **changes):
    organisation = record.organisation
    values = {"organisation": str(organisation.pk), "name": organisation.name}
    return json.dumps({**values, "sequence": record.sequence, "sha256": record.sha256, **changes})


def kept(tmp_path, *lines):
    path = tmp_path / "heads.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_record_heads_prints_the_newest_of_each_organisation(signed, outside_supervisor, outside_therapist, capsys):
    people = [(signed.supervisor, signed.therapist), (outside_supervisor, outside_therapist)]
    newest = [factories.make_signed(*each, signed.revision).signed_record for each in people]
    newest.sort(key=lambda record: str(record.organisation_id))

    call_command("record_heads")

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        json.loads(head_of(record)) for record in newest
    ]


def test_record_heads_checks_what_was_kept(signed, tmp_path, capsys):
    path = kept(tmp_path, head_of(signed.signed_record))
    factories.make_signed(signed.supervisor, signed.therapist, signed.revision)

    call_command("record_heads", check=path)

    assert capsys.readouterr().out == "1 heads stand, and what was signed later follows from them.\n"


def refused(path):
    with pytest.raises(CommandError) as refusal:
        call_command("record_heads", check=path)
    return str(refusal.value)


def test_whole_chain_written_anew_is_found_by_a_kept_head(unguarded, signed, tmp_path, capsys):
    """Nothing in the database contradicts anything else; only what was kept elsewhere does."""
    path = kept(tmp_path, head_of(signed.signed_record))
    tamper("UPDATE assessments_rating SET note = 'Named all three.' WHERE note <> ''")
    link = records.FIRST
    content = records.canonical(records.build(signed, link=link))
    digest = records.sha256(content)
    SignedRecord.objects.update(content=content, sha256=digest)
    events = AuditEvent.objects.filter(type="assessment_signed_off")
    events.update(data={"sequence": 1, "sha256": digest})
    assert found() == []

    assert refused(path) == "1 mismatches."
    assert capsys.readouterr().err == "Record 1 of Northfield is not the one that was kept.\n"


def test_removed_record_is_found_by_a_kept_head(signed, tmp_path, capsys):
    path = kept(tmp_path, head_of(signed.signed_record, sequence=2))

    assert refused(path) == "1 mismatches."
    assert capsys.readouterr().err == "Record 2 of Northfield is missing.\n"


def test_chain_that_does_not_continue_from_a_kept_head_is_found(unguarded, signed, tmp_path, capsys):
    path = kept(tmp_path, head_of(signed.signed_record))
    factories.make_signed(signed.supervisor, signed.therapist, signed.revision)
    tamper("UPDATE assessments_signedrecord SET previous_sha256 = 'x' WHERE sequence = 2")

    assert refused(path) == "1 mismatches."
    assert capsys.readouterr().err == "Record 2 of Northfield does not follow the record before it.\n"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{}",
        "{",
        "[" * 100_000,
        '{"organisation":"x","name":"N","sequence":1,"sha256":"a"}',
        '{"organisation":"0193a4c2-7e10-7c4a-9b1d-3f7a91c208de","name":"N","sequence":"one","sha256":"a"}',
        '{"organisation":"0193a4c2-7e10-7c4a-9b1d-3f7a91c208de","name":"N","sequence":1' + "0" * 30 + ',"sha256":"a"}',
    ],
    ids=["empty", "list", "without", "cut", "deep", "organisation", "sequence", "far"],
)
def test_record_heads_refuses_what_is_no_head(signed, tmp_path, line):
    path = kept(tmp_path, head_of(signed.signed_record), line)

    assert refused(path) == f"{path}, line 2: this is not a line that record_heads prints."


def test_record_heads_refuses_a_file_that_proves_nothing(tmp_path):
    assert refused(kept(tmp_path)) == f"{tmp_path / 'heads.jsonl'} is empty: it proves nothing."


def test_record_heads_refuses_what_cannot_be_read(tmp_path):
    assert refused(tmp_path / "none") == f"{tmp_path / 'none'} cannot be read as text."


def test_create_admin_makes_the_organisation_and_its_administrator(capsys):
    call_command("create_admin", "New@Example.org", "Nia Price", organisation="Westgate", password=factories.PASSWORD)

    person = User.objects.get(email="new@example.org")
    assert (person.roles, Organisation.objects.get(name="Westgate").memberships.get().user) == ({"admin"}, person)
    assert capsys.readouterr().out == "New@Example.org administers Westgate.\n"


def test_create_admin_uses_the_organisation_that_is_there(northfield):
    call_command("create_admin", "new@example.org", "Nia Price", organisation="Northfield", password=factories.PASSWORD)

    assert Organisation.objects.filter(name="Northfield").count() == 1


def test_create_admin_refused_for_a_known_address(supervisor):
    with pytest.raises(CommandError, match="has an account already"):
        call_command(
            "create_admin", supervisor.email, "Nia Price", organisation="Westgate", password=factories.PASSWORD
        )

    assert Organisation.objects.filter(name="Westgate").exists() is False


def test_create_admin_asks_for_the_password(monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt: factories.PASSWORD)

    call_command("create_admin", "new@example.org", "Nia Price", organisation="Westgate")

    assert User.objects.get(email="new@example.org").check_password(factories.PASSWORD) is True


def test_record_signed_before_scales_and_short_forms_said_more_still_verifies(signed):
    """Its names are those of the first records, whatever the code has learned since."""
    content = json.loads(signed.signed_record.content)

    assert set(content["scale"]) == {"key", "version", "name", "direction", "threshold", "levels"}
    assert "short_form" not in content["assessment"]
    assert list(verification.mismatches()) == []


def test_record_with_a_short_form_on_a_scale_of_its_own_verifies(admin, supervisor, therapist):
    scale = factories.make_scale_data(not_observed="Not called for.", has_not_applicable=False)
    form = factories.make_short_form(admin, factories.make_revision(scale=scale), codes="A1")
    draft = assessments.start(
        by=supervisor,
        therapist=therapist,
        revision=form.revision,
        short_form=form,
        context=factories.make_context(),
    )
    factories.rate(draft, "A1.1")
    shared = assessments.share(by=supervisor, assessment=draft)
    for person in [therapist, supervisor]:
        assessments.sign_off(by=person, assessment=shared)

    content = json.loads(shared.signed_record.content)
    assert (content["assessment"]["short_form"], content["scale"]["has_not_applicable"]) == ("Session review", False)
    assert list(verification.mismatches()) == []
