import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from assessments import guards, verification
from assessments.actions import assessments, reports
from assessments.models import Organisation, User
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
