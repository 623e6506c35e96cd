"""Every trigger of the database, broken by raw SQL as no code of ours would."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.checks import Warning as Warned
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from assessments import checks, guards
from assessments.actions import accesses, assessments, goals, people
from assessments.models import (
    Activity,
    Assessment,
    AuditEvent,
    BackgroundPage,
    Competence,
    Domain,
    FrameworkRevision,
    Goal,
    Rating,
    RatingLevel,
    Report,
    Role,
    Signature,
    Status,
)
from tests import factories

pytestmark = pytest.mark.django_db

NEEDED = [guard for guard in guards.GUARDS if connection.vendor != "sqlite" or guard.on != "TRUNCATE"]
# SQLite has no TRUNCATE; there, emptying a table is a plain DELETE.
EMPTY = "TRUNCATE {} CASCADE" if connection.vendor == "postgresql" else "DELETE FROM {}"
SHARE = "UPDATE assessments_assessment SET status = 'shared', shared_at = created_at WHERE id = "
SIGN_OFF = "UPDATE assessments_assessment SET status = 'signed_off', signed_off_at = created_at WHERE id = "
EXTENT = "INSERT INTO assessments_assessment_activities (assessment_id, activity_id) VALUES "


def copying(model, row, **changes):
    """The INSERT of a second row like the one named, but for some columns."""
    fields = model._meta.local_concrete_fields
    columns = [field.column for field in fields if field.column in changes or not field.primary_key]
    values = ", ".join(changes.get(column, f'"{column}"') for column in columns)
    names, table = ", ".join(f'"{column}"' for column in columns), model._meta.db_table
    return " ".join(["INSERT INTO", table, "(", names, ") SELECT", values, "FROM", table, f"WHERE id = {{{row}}}"])


# Each guard's trigger and statements that it refuses. Names in braces are rows of the `rows` fixture.
ATTACKS = {
    "guard_revision_is_frozen_once_published_update": [
        "UPDATE assessments_frameworkrevision SET title = 'New' WHERE id = {revision}",
        "UPDATE assessments_frameworkrevision SET status = 'draft', published_at = NULL WHERE id = {revision}",
        "UPDATE assessments_frameworkrevision SET status = 'published', retired_at = NULL WHERE id = {retired}",
    ],
    "guard_revision_is_frozen_once_published_delete": [
        "DELETE FROM assessments_frameworkrevision WHERE id = {revision}",
        "DELETE FROM assessments_frameworkrevision WHERE id = {retired}",
    ],
    "guard_backgroundpage_is_frozen_once_published_insert": [copying(BackgroundPage, "page", key="'new'")],
    "guard_backgroundpage_is_frozen_once_published_update": [
        "UPDATE assessments_backgroundpage SET text = 'New' WHERE id = {page}",
        "UPDATE assessments_backgroundpage SET revision_id = {revision} WHERE id = {sketch_page}",
        "UPDATE assessments_backgroundpage SET revision_id = {sketch} WHERE id = {page}",
    ],
    "guard_backgroundpage_is_frozen_once_published_delete": [
        "DELETE FROM assessments_backgroundpage WHERE id = {page}"
    ],
    "guard_domain_is_frozen_once_published_insert": [copying(Domain, "domain", key="'new'", code="'new'")],
    "guard_domain_is_frozen_once_published_update": [
        "UPDATE assessments_domain SET title = 'New' WHERE id = {domain}",
        "UPDATE assessments_domain SET revision_id = {revision} WHERE id = {sketch_domain}",
        "UPDATE assessments_domain SET revision_id = {sketch} WHERE id = {domain}",
    ],
    "guard_domain_is_frozen_once_published_delete": ["DELETE FROM assessments_domain WHERE id = {domain}"],
    "guard_activity_is_frozen_once_published_insert": [copying(Activity, "activity", key="'new'", code="'new'")],
    "guard_activity_is_frozen_once_published_update": [
        "UPDATE assessments_activity SET position = 99 WHERE id = {activity}",
        "UPDATE assessments_activity SET revision_id = {revision}, domain_id = {domain} WHERE id = {sketch_activity}",
        "UPDATE assessments_activity SET revision_id = {sketch}, domain_id = {sketch_domain} WHERE id = {activity}",
    ],
    "guard_activity_is_frozen_once_published_delete": ["DELETE FROM assessments_activity WHERE id = {activity}"],
    "guard_competence_is_frozen_once_published_insert": [copying(Competence, "competence", key="'new'", code="'new'")],
    "guard_competence_is_frozen_once_published_update": [
        "UPDATE assessments_competence SET text = 'New' WHERE id = {competence}",
        "UPDATE assessments_competence SET revision_id = {revision}, activity_id = {activity}"
        " WHERE id = {sketch_competence}",
        "UPDATE assessments_competence SET revision_id = {sketch}, activity_id = {sketch_activity}"
        " WHERE id = {competence}",
    ],
    "guard_competence_is_frozen_once_published_delete": ["DELETE FROM assessments_competence WHERE id = {competence}"],
    "guard_activity_stays_in_its_domain_insert": [
        copying(Activity, "sketch_activity", key="'new'", code="'new'", domain_id="{domain}"),
        copying(Activity, "sketch_activity", key="'new'", code="'new'", parent_id="{second_activity}"),
    ],
    "guard_activity_stays_in_its_domain_update": [
        "UPDATE assessments_activity SET domain_id = {domain} WHERE id = {sketch_activity}",
        "UPDATE assessments_activity SET parent_id = {second_activity} WHERE id = {sketch_activity}",
        "UPDATE assessments_activity SET parent_id = {activity} WHERE id = {sketch_activity}",
    ],
    "guard_competence_stays_in_its_activity_insert": [
        copying(Competence, "sketch_competence", key="'new'", code="'new'", activity_id="{activity}"),
        copying(Competence, "sketch_competence", key="'new'", code="'new'", parent_id="{inner_competence}"),
    ],
    "guard_competence_stays_in_its_activity_update": [
        "UPDATE assessments_competence SET activity_id = {activity} WHERE id = {sketch_competence}",
        "UPDATE assessments_competence SET parent_id = {inner_competence} WHERE id = {sketch_competence}",
        "UPDATE assessments_competence SET parent_id = {competence} WHERE id = {sketch_competence}",
    ],
    "guard_scale_is_frozen_once_used_update": [
        "UPDATE assessments_ratingscale SET threshold = 1 WHERE id = {scale}",
        "UPDATE assessments_ratingscale SET name = 'New' WHERE id = {retired_scale}",
    ],
    "guard_scale_is_frozen_once_used_delete": ["DELETE FROM assessments_ratingscale WHERE id = {scale}"],
    "guard_level_is_frozen_once_used_insert": [copying(RatingLevel, "level", position="9", label="'Beyond'")],
    "guard_level_is_frozen_once_used_update": [
        "UPDATE assessments_ratinglevel SET label = 'New' WHERE id = {level}",
        "UPDATE assessments_ratinglevel SET scale_id = {scale}, position = 9 WHERE id = {sketch_level}",
        "UPDATE assessments_ratinglevel SET scale_id = {sketch_scale}, position = 9 WHERE id = {level}",
    ],
    "guard_level_is_frozen_once_used_delete": ["DELETE FROM assessments_ratinglevel WHERE id = {level}"],
    "guard_assessment_begins_as_draft_insert": [
        copying(Assessment, "shared", id="{new}"),
        copying(Assessment, "signed", id="{new}"),
        copying(Assessment, "withdrawn", id="{new}"),
    ],
    "guard_assessment_is_never_deleted_delete": [
        "DELETE FROM assessments_assessment WHERE id = {draft}",
        "DELETE FROM assessments_assessment WHERE id = {signed}",
    ],
    "guard_assessment_is_frozen_once_closed_update": [
        "UPDATE assessments_assessment SET reply_agreement = 'agree', replied_at = created_at WHERE id = {signed}",
        "UPDATE assessments_assessment SET withdrawn_reason = 'Another.' WHERE id = {withdrawn}",
    ],
    "guard_assessment_keeps_its_pins_update": [
        "UPDATE assessments_assessment SET therapist_id = {lead} WHERE id = {draft}",
        "UPDATE assessments_assessment SET revision_id = {sketch} WHERE id = {draft}",
        "UPDATE assessments_assessment SET scale_id = {sketch_scale} WHERE id = {draft}",
    ],
    "guard_assessment_is_locked_once_shared_update": [
        "UPDATE assessments_assessment SET summary = 'New' WHERE id = {shared}",
        "UPDATE assessments_assessment SET supervisor_id = {lead} WHERE id = {shared}",
    ],
    "guard_assessment_takes_known_steps_update": [
        "UPDATE assessments_assessment SET status = 'lost' WHERE id = {draft}",
        f"{SIGN_OFF}{{signed_draft}}",
    ],
    "guard_assessment_is_complete_when_shared_update": [
        f"{SHARE}{{with_concern}}",
        f"{SHARE}{{with_pending}}",
        f"{SHARE}{{with_inapplicable}}",
        f"{SHARE}{{with_spaces}}",
    ],
    "guard_assessment_has_both_signatures_update": [f"{SIGN_OFF}{{shared}}", f"{SIGN_OFF}{{half_signed}}"],
    "guard_extent_is_locked_once_shared_insert": [f"{EXTENT}({{shared}}, {{other_activity}})"],
    "guard_extent_is_locked_once_shared_update": [
        "UPDATE assessments_assessment_activities SET activity_id = {other_activity}"
        " WHERE assessment_id = {draft} AND activity_id = {activity}"
    ],
    "guard_extent_is_locked_once_shared_delete": [
        "DELETE FROM assessments_assessment_activities WHERE assessment_id = {shared}"
    ],
    "guard_extent_stays_in_the_revision_insert": [f"{EXTENT}({{draft}}, {{sketch_activity}})"],
    "guard_rating_is_locked_once_shared_insert": [copying(Rating, "shared_rating", competence_id="{unrated}")],
    "guard_rating_is_locked_once_shared_update": [
        "UPDATE assessments_rating SET note = 'New' WHERE id = {shared_rating}",
        "UPDATE assessments_rating SET note = 'New' WHERE assessment_id = {signed}",
        "UPDATE assessments_rating SET competence_id = {unrated} WHERE id = {draft_rating}",
        "UPDATE assessments_rating SET assessment_id = {with_spaces} WHERE id = {draft_rating}",
    ],
    "guard_rating_is_locked_once_shared_delete": [
        "DELETE FROM assessments_rating WHERE id = {shared_rating}",
        "DELETE FROM assessments_rating WHERE assessment_id = {withdrawn}",
    ],
    "guard_rating_stays_in_revision_and_scale_insert": [
        copying(Rating, "draft_rating", competence_id="{sketch_competence}"),
        copying(Rating, "draft_rating", competence_id="{point}"),
        copying(Rating, "draft_rating", competence_id="{unrated}", level_id="{sketch_level}"),
    ],
    "guard_rating_stays_in_revision_and_scale_update": [
        "UPDATE assessments_rating SET level_id = {sketch_level} WHERE id = {draft_rating}"
    ],
    "guard_signature_fits_its_assessment_insert": [
        copying(Signature, "signature", assessment_id="{shared}", person_id="{lead}"),
        copying(Signature, "signature", assessment_id="{shared}", person_id="{lead}", role="'lead'"),
        copying(Signature, "signature", assessment_id="{shared}", role="'supervisor'"),
        copying(Signature, "signature", assessment_id="{draft}"),
        copying(Signature, "signature", assessment_id="{withdrawn}"),
    ],
    "guard_signature_is_only_voided_update": [
        "UPDATE assessments_signature SET person_id = {lead} WHERE id = {signature}",
        "UPDATE assessments_signature SET signed_at = '2020-01-01' WHERE id = {signature}",
        "UPDATE assessments_signature SET voided_at = NULL WHERE id = {voided}",
        "UPDATE assessments_signature SET voided_at = signed_at WHERE assessment_id = {signed}",
    ],
    "guard_signature_is_never_deleted_delete": ["DELETE FROM assessments_signature WHERE id = {signature}"],
    "guard_goal_is_locked_once_shared_insert": [copying(Goal, "goal", id="{new}", assessment_id="{shared}")],
    "guard_rating_is_not_applicable_where_the_scale_has_it_insert": [
        copying(Rating, "strict_rating", competence_id="{strict_unrated}", outcome="'not_applicable'")
    ],
    "guard_rating_is_not_applicable_where_the_scale_has_it_update": [
        "UPDATE assessments_rating SET outcome = 'not_applicable' WHERE id = {strict_rating}"
    ],
    "guard_goal_is_locked_once_shared_update": [
        "UPDATE assessments_goal SET text = 'New' WHERE id = {shared_goal}",
        "UPDATE assessments_goal SET due_on = '2030-01-01' WHERE id = {shared_goal}",
        "UPDATE assessments_goal SET therapist_id = {lead} WHERE id = {goal}",
        "UPDATE assessments_goal SET assessment_id = {with_spaces} WHERE id = {goal}",
    ],
    "guard_goal_is_locked_once_shared_delete": ["DELETE FROM assessments_goal WHERE id = {shared_goal}"],
    "guard_goal_keeps_its_competences_insert": [
        "INSERT INTO assessments_goal_competences (goal_id, competence_id) VALUES ({shared_goal}, {unrated})"
    ],
    "guard_goal_keeps_its_competences_update": [
        "UPDATE assessments_goal_competences SET competence_id = {unrated} WHERE goal_id = {tied_goal}"
    ],
    "guard_goal_keeps_its_competences_delete": [
        "DELETE FROM assessments_goal_competences WHERE goal_id = {shared_goal}"
    ],
    "guard_auditevent_is_append_only_update": ["UPDATE assessments_auditevent SET data = '{{}}' WHERE id = {event}"],
    "guard_auditevent_is_append_only_delete": ["DELETE FROM assessments_auditevent WHERE id = {event}"],
    "guard_auditevent_is_append_only_truncate": [EMPTY.format("assessments_auditevent")],
    "guard_recordaccess_is_append_only_update": [
        "UPDATE assessments_recordaccess SET \"on\" = '2020-01-01' WHERE id = {access}"
    ],
    "guard_recordaccess_is_append_only_delete": ["DELETE FROM assessments_recordaccess WHERE id = {access}"],
    "guard_recordaccess_is_append_only_truncate": [EMPTY.format("assessments_recordaccess")],
    "guard_signedrecord_is_append_only_update": [
        "UPDATE assessments_signedrecord SET content = '' WHERE assessment_id = {signed}"
    ],
    "guard_signedrecord_is_append_only_delete": ["DELETE FROM assessments_signedrecord WHERE assessment_id = {signed}"],
    "guard_signedrecord_is_append_only_truncate": [EMPTY.format("assessments_signedrecord")],
    "guard_report_is_append_only_update": ["UPDATE assessments_report SET sha256 = '' WHERE id = {report}"],
    "guard_report_is_append_only_delete": ["DELETE FROM assessments_report WHERE id = {report}"],
    "guard_report_is_append_only_truncate": [EMPTY.format("assessments_report")],
}

# What every guard must let through, or the product could not work.
SOUND = [
    "UPDATE assessments_frameworkrevision SET status = 'retired', retired_at = published_at WHERE id = {revision}",
    "UPDATE assessments_frameworkrevision SET status = 'published', published_at = '2026-01-01' WHERE id = {sketch}",
    "UPDATE assessments_backgroundpage SET text = 'New' WHERE id = {sketch_page}",
    copying(Domain, "sketch_domain", key="'new'", code="'new'"),
    copying(Activity, "sketch_activity", key="'new'", code="'new'", parent_id="{sketch_activity}"),
    copying(Competence, "sketch_competence", key="'new'", code="'new'", parent_id="{sketch_competence}"),
    "UPDATE assessments_competence SET text = 'New' WHERE id = {sketch_competence}",
    "DELETE FROM assessments_competence WHERE id = {inner_competence}",
    "UPDATE assessments_ratingscale SET name = 'New' WHERE id = {sketch_scale}",
    copying(RatingLevel, "sketch_level", position="9", label="'Beyond'"),
    copying(Assessment, "draft", id="{new}"),
    "UPDATE assessments_assessment SET summary = 'New', supervisor_id = {lead} WHERE id = {draft}",
    f"{SHARE}{{draft}}",
    "UPDATE assessments_assessment SET status = 'draft', shared_at = NULL WHERE id = {shared}",
    "UPDATE assessments_assessment SET status = 'withdrawn', withdrawn_at = created_at, withdrawn_reason = 'Wrong.'"
    " WHERE id IN ({draft})",
    "UPDATE assessments_assessment SET status = 'withdrawn', withdrawn_at = created_at, withdrawn_reason = 'Wrong.'"
    " WHERE id IN ({shared})",
    "UPDATE assessments_assessment SET reply_agreement = 'agree', replied_at = created_at WHERE id = {shared}",
    f"{SIGN_OFF}{{signed_by_both}}",
    f"{EXTENT}({{draft}}, {{other_activity}})",
    "DELETE FROM assessments_assessment_activities WHERE assessment_id = {draft} AND activity_id = {activity}",
    copying(Rating, "draft_rating", competence_id="{unrated}"),
    copying(Rating, "strict_rating", competence_id="{strict_unrated}"),
    "UPDATE assessments_rating SET note = 'New' WHERE id = {draft_rating}",
    "DELETE FROM assessments_rating WHERE id = {draft_rating}",
    copying(Signature, "signature", assessment_id="{shared}"),
    "UPDATE assessments_signature SET voided_at = signed_at WHERE id = {signature}",
    "UPDATE assessments_goal SET text = 'New' WHERE id = {goal}",
    "INSERT INTO assessments_goal_competences (goal_id, competence_id) VALUES ({goal}, {unrated})",
    "UPDATE assessments_goal SET status = 'met' WHERE id = {shared_goal}",
    "DELETE FROM assessments_goal WHERE id = {goal}",
    copying(AuditEvent, "event", change_key="NULL"),
]


ASSESSMENT_PINNED = ["organisation_id", "therapist_id", "revision_id", "scale_id", "created_at"]
# What may still change once an assessment is shared: its state, the times of that, and the reply.
STILL_OPEN = {"status", "shared_at", "signed_off_at", "withdrawn_at", "withdrawn_reason"}
STILL_OPEN |= {"reply", "reply_agreement", "replied_at"}


@pytest.fixture(scope="module")
def rows(django_db_setup, django_db_blocker):
    """Names for rows of every kind and state, as SQL writes their ids. Undone after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        people_ = _people()
        found = {**_framework(), **_sketch(), **_assessments(people_), "lead": people_.lead, "new": uuid4()}
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
    return SimpleNamespace(supervisor=supervisor, therapist=therapist, lead=lead)


def ipt():
    return FrameworkRevision.objects.get(framework__slug="ipt")


def _framework():
    revision = ipt()
    return {
        "revision": revision,
        "page": revision.pages.first(),
        "domain": Domain.objects.get(revision=revision, activities__code="S2"),
        "activity": Activity.objects.get(revision=revision, code="S2"),
        "other_activity": Activity.objects.get(revision=revision, code="S3"),
        "competence": Competence.objects.get(revision=revision, code="S2.1"),
        "unrated": Competence.objects.get(revision=revision, code="S2.3"),
        "point": Competence.objects.get(revision=revision, code="S2.2.a"),
        "scale": revision.scale,
        "level": revision.scale.levels.first(),
    }


def _sketch():
    """A retired revision, and a draft one on a scale that nothing uses yet."""
    retired = factories.make_revision()
    FrameworkRevision.objects.filter(pk=retired.pk).update(status="retired", retired_at=timezone.now())
    sketch = factories.make_revision(is_published=False, number="2.0", scale=factories.make_scale_data(version=2))
    second = Domain.objects.create(revision=sketch, key="b", code="B", title="B", short_title="B", position=1)
    return {
        "retired": retired,
        "retired_scale": retired.scale,
        "sketch": sketch,
        "sketch_page": BackgroundPage.objects.create(revision=sketch, key="about", title="About", position=0),
        "sketch_domain": sketch.domains.get(code="A"),
        "sketch_activity": sketch.activities.get(code="A1"),
        "second_activity": Activity.objects.create(
            revision=sketch, domain=second, key="b1", code="B1", title="B1", short_title="B1", position=9
        ),
        "sketch_competence": sketch.competences.get(code="A1.1"),
        "inner_competence": sketch.competences.get(code="A1a.1"),
        "sketch_scale": sketch.scale,
        "sketch_level": sketch.scale.levels.first(),
    }


def _assessments(cast):
    revision = ipt()
    pair = (cast.supervisor, cast.therapist, revision)
    draft, unshared = factories.make_draft(*pair), factories.make_draft(*pair)
    factories.rate(draft, "S2.1")
    goal = goals.save(by=cast.supervisor, assessment=draft, text="Name it.", due_on=None, competences=[])
    tie = {"due_on": None, "competences": [Competence.objects.get(revision=revision, code="S2.1")]}
    tied = goals.save(by=cast.supervisor, assessment=draft, text="Tie it.", **tie)
    agreed = goals.save(by=cast.supervisor, assessment=unshared, text="Say it.", **tie)
    factories.rate(unshared, "S2.1")
    shared = assessments.share(by=cast.supervisor, assessment=unshared)
    signed = factories.make_signed(*pair)
    accesses.note_opening(by=cast.lead, therapist=cast.therapist, opened="assessment", assessment=signed)
    withdrawn = factories.make_shared(*pair)
    return {
        "draft": draft,
        "draft_rating": draft.ratings.get(),
        "goal": goal,
        "tied_goal": tied,
        "shared": shared,
        "shared_rating": shared.ratings.get(),
        "shared_goal": agreed,
        "signed": signed,
        "withdrawn": assessments.withdraw(by=cast.supervisor, assessment=withdrawn, reason="Wrong person."),
        "event": AuditEvent.objects.first(),
        "access": signed.accesses.get(),
        "report": Report.objects.create(
            record=signed.signed_record, content=b"%PDF", issued_at=timezone.now(), issued_by=cast.lead
        ),
        **_strict(cast),
        **_unfinished(pair),
        **_signing(pair),
    }


def _strict(cast):
    """A rating without level on a scale that has no `not applicable`."""
    scale = factories.make_scale_data(key="strict", has_not_applicable=False)
    revision = factories.make_revision(framework="strict", scale=scale)
    draft = factories.make_draft(cast.supervisor, cast.therapist, revision, codes="A1")
    factories.rate(draft, "A1.1", "not_observed")
    return {"strict_rating": draft.ratings.get(), "strict_unrated": revision.competences.get(code="A1.2")}


def _unfinished(pair):
    """Drafts that lack a text which sharing asks for."""
    drafts = {}
    for name, answer, values in [
        ("with_concern", 3, {"is_concern": True}),
        ("with_pending", "pending", {"note": "Typed first."}),
        ("with_inapplicable", "not_applicable", {}),
        ("with_spaces", 3, {"is_concern": True, "note": "  "}),
    ]:
        drafts[name] = factories.make_draft(*pair)
        factories.rate(drafts[name], "S2.2", answer, **values)
    return drafts


def _signing(pair):
    """Shared assessments with one and with two signatures, and a draft that wrongly kept both."""
    half, both, kept, taken = (factories.make_shared(*pair) for _ in range(4))
    for assessment in [half, both, kept, taken]:
        factories.sign(assessment, assessment.therapist)
    for assessment in [both, kept]:
        factories.sign(assessment, assessment.supervisor)
    Assessment.objects.filter(pk=kept.pk).update(status=Status.DRAFT, shared_at=None)
    assessments.take_back(by=taken.supervisor, assessment=taken, reason="Wrong session.")
    return {
        "half_signed": half,
        "signature": half.signatures.get(),
        "voided": taken.signatures.get(),
        "signed_by_both": both,
        "signed_draft": kept,
    }


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
    by_trigger = {guard.trigger: guard for guard in guards.GUARDS}
    return [
        pytest.param(by_trigger[trigger], statement, id=f"{trigger}-{number}")
        for trigger, statements in ATTACKS.items()
        for number, statement in enumerate(statements)
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
    published = FrameworkRevision.objects.filter(framework__slug="ipt")

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        published.update(**{column: None})

    assert message(refusal) == "A published revision never changes. Load the correction as a new revision."


@pytest.mark.parametrize("column", columns_of(Assessment, but=STILL_OPEN | set(ASSESSMENT_PINNED)))
def test_shared_assessment_is_locked_in_each_column(rows, column):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Assessment.objects.shared().update(**{column: None})

    assert message(refusal) == "A shared assessment is locked. Take it back to change it."


@pytest.mark.parametrize("column", ASSESSMENT_PINNED)
def test_draft_assessment_keeps_each_pin(rows, column):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Assessment.objects.drafts().update(**{column: None})

    assert message(refusal) == "An assessment keeps its therapist, organisation, revision and scale for ever."


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

    name = "guard_revision_is_frozen_once_published_update"
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
