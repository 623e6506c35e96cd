"""Every trigger of the database, broken by raw SQL as no code of ours would."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.checks import Warning as Warned
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from assessments import checks, guards
from assessments.actions import people
from assessments.models import Assessment, FrameworkRevision, Role
from tests import factories
from tests.attacks import (
    ATTACKS,
    SOUND,
    assessments,
    frameworks,
    lineage,
    movement,
    notices,
    programmes,
    rater_links,
    report_bundles,
    second_ratings,
    self_assessments,
    succession,
)

pytestmark = pytest.mark.django_db

# SQLite has no TRUNCATE.
NEEDED = [guard for guard in guards.GUARDS if connection.vendor != "sqlite" or guard.on != "TRUNCATE"]

ASSESSMENT_PINNED = [
    "organisation_id",
    "therapist_id",
    "revision_id",
    "scale_id",
    "created_at",
    "origin",
    "entered_by_id",
    "role",
]
# What may still change once an assessment is shared: its state, the times of that, and the reply.
STILL_OPEN = {"status", "shared_at", "signed_off_at", "withdrawn_at", "withdrawn_reason"}
STILL_OPEN |= {"reply", "reply_agreement", "replied_at", "pair_id", "opened_at"}
# Guards of their own keep these.
STILL_OPEN |= {"closed_as", "closed_reason", "predecessor_id", "previous_id"}
STILL_OPEN |= {"reply", "reply_agreement", "replied_at", "pair_id", "second_of_id", "opened_at"}


@pytest.fixture(scope="module")
def rows(django_db_setup, django_db_blocker):
    """Names for rows of every kind and state, as SQL writes their ids. Undone after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = _people()
        found = {"lead": cast.lead, "new": uuid4(), **frameworks.rows(), **lineage.rows(cast)}
        found |= assessments.rows(cast, found["used_form"])
        found |= succession.rows(cast, found["signed"]) | movement.rows(cast)
        found |= self_assessments.rows(cast) | programmes.rows(cast.northfield) | second_ratings.rows(cast)
        found |= rater_links.rows(cast)
        found |= notices.rows(cast)
        found |= report_bundles.rows(cast)
        yield {name: as_sql(getattr(value, "pk", value)) for name, value in found.items()}
        transaction.set_rollback(True)


def as_sql(key):
    return str(key) if isinstance(key, int) else f"'{key.hex}'"


def _people():
    northfield = people.create_organisation(by=None, name="Northfield")
    supervisor = factories.make_person("Dr Helen Marsh", Role.SUPERVISOR, northfield)
    therapist = factories.make_person("Amara Okafor", Role.THERAPIST, northfield)
    lead = factories.make_person("Margaret Ellison", Role.LEAD, northfield)
    factories.make_supervision(therapist, supervisor, northfield)
    return SimpleNamespace(northfield=northfield, supervisor=supervisor, therapist=therapist, lead=lead)


def run(statement):
    connection.check_constraints()  # PostgreSQL truncates and drops nothing while a check is still due
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount


def drop(guard):
    run(f"DROP TRIGGER {guard.trigger}" + (f" ON {guard.table}" if connection.vendor == "postgresql" else ""))


def message(refusal):
    return str(refusal.value).splitlines()[0]


def columns_of(model, *, but):
    return sorted({field.attname for field in model._meta.local_concrete_fields} - {"id"} - but)


def refusals():
    return [
        pytest.param(guard, statement, id=f"{guard.trigger}-{number}")
        for guard in NEEDED
        for number, statement in enumerate(ATTACKS.get(guard.trigger, []))
    ]


def test_every_guard_is_tried_here():
    assert sorted(ATTACKS) == sorted(guard.trigger for guard in guards.GUARDS)


def test_every_guard_stands():
    assert guards.installed() == {guard.trigger: guard.table for guard in NEEDED}


def test_message_of_every_guard_is_a_sentence():
    messages = [guard.message for guard in guards.GUARDS]

    assert [message for message in messages if not message[0].isupper() or not message.endswith(".")] == []


@pytest.mark.parametrize(("guard", "statement"), refusals())
def test_guard_refuses_raw_sql(rows, guard, statement):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        run(statement.format(**rows))

    assert message(refusal) == guard.message
    assert connection.vendor == "sqlite" or f" {guard.trigger}() " in str(refusal.value)


@pytest.mark.parametrize("statement", SOUND)
def test_guards_allow_raw_sql(rows, statement):
    assert run(statement.format(**rows)) == 1


@pytest.mark.parametrize("column", columns_of(FrameworkRevision, but={"status", "retired_at"}))
def test_published_revision_keeps_each_column(rows, column):
    published = FrameworkRevision.objects.published().exclude(**{column: None})

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        published.update(**{column: None})

    assert message(refusal) == "A published revision never changes. Load the correction as a new revision."


@pytest.mark.parametrize("column", columns_of(Assessment, but=STILL_OPEN | set(ASSESSMENT_PINNED)))
def test_shared_assessment_is_locked_in_each_column(rows, column):
    # Where one of them looks back at another, a second guard may be the first to speak.
    shared = Assessment.objects.shared().exclude(**{column: None}).order_by(F("previous").asc(nulls_first=True))[0]

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Assessment.objects.filter(pk=shared.pk).update(**{column: None})

    assert message(refusal) == "A shared assessment is locked. Take it back to change it."


@pytest.mark.parametrize("column", ASSESSMENT_PINNED)
def test_draft_assessment_keeps_each_pin(rows, column):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Assessment.objects.drafts().update(**{column: None})

    assert message(refusal) == (
        "An assessment keeps its therapist, organisation, revision, scale, origin and role for ever."
    )


def test_missing_guard_is_named(db):
    drop(guards.GUARDS[0])

    assert guards.missing() == [guards.GUARDS[0].trigger]


def test_guards_come_back_with_migrate(db):
    guards.remove()

    call_command("migrate", verbosity=0)

    assert guards.missing() == []


def test_guards_come_back_one_by_one_with_migrate(db):
    drop(guards.GUARDS[0])

    call_command("migrate", verbosity=0)

    assert guards.installed() == {guard.trigger: guard.table for guard in NEEDED}


@pytest.mark.parametrize("rehearsal", ["plan", "check_unapplied"])
def test_rehearsed_migrate_leaves_guards_alone(db, capsys, rehearsal):
    drop(guards.GUARDS[0])

    call_command("migrate", verbosity=0, **{rehearsal: True})

    assert guards.missing() == [guards.GUARDS[0].trigger]


def test_guards_wait_for_every_table(db):
    guards.remove()
    run("ALTER TABLE assessments_report RENAME TO assessments_not_yet")

    call_command("migrate", verbosity=0)

    assert guards.installed() == {}


def test_remove_takes_down_a_guard_that_the_code_forgot(db, monkeypatch):
    forgotten = guards.Guard("forgotten", "assessments_goal", "DELETE", "TRUE", "No.")
    with monkeypatch.context() as earlier_edition:
        earlier_edition.setattr(guards, "GUARDS", [forgotten])
        guards.install()

    guards.remove()

    assert guards.installed() == {}


def test_check_warns_of_a_missing_guard(db):
    drop(guards.GUARDS[0])

    found = checks.guards_stand(databases=["default"])

    name = "guard_revision_begins_as_draft_insert"
    assert found == [Warned(f"The database lacks {name}.", hint="Run manage.py migrate.", id="assessments.W001")]


@pytest.mark.parametrize("databases", [None, [], ["default"]])
def test_check_finds_nothing_while_guards_stand(db, databases):
    assert checks.guards_stand(databases=databases) == []


@pytest.mark.parametrize("databases", [None, ["other"]])
def test_check_asks_no_database_it_was_not_given(db, databases):
    guards.remove()

    assert checks.guards_stand(databases=databases) == []


def test_check_waits_for_every_table(db):
    guards.remove()
    run("ALTER TABLE assessments_report RENAME TO assessments_not_yet")

    assert checks.guards_stand(databases=["default"]) == []
