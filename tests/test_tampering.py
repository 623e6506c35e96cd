"""A thousand changes behind the back of the product, by somebody who owns the database and took the guards down."""

import datetime
import random
import string
import uuid

import pytest
from django.db import IntegrityError, models, transaction

from assessments import guards, verification
from assessments.actions import assessments, goals, reports
from assessments.models import (
    Activity,
    Assessment,
    AuditEvent,
    Competence,
    Domain,
    FrameworkRevision,
    Goal,
    Rating,
    RatingLevel,
    RatingScale,
    Report,
    ShortForm,
    Signature,
    SignedRecord,
)
from assessments.models.audit import ReportKind
from tests import factories

pytestmark = pytest.mark.django_db

SIGNED_OFF, ISSUED = AuditEvent.Type.ASSESSMENT_SIGNED_OFF, AuditEvent.Type.REPORT_ISSUED

# Columns of the rows behind a record that a record does not hold, so that nobody can tell whether they changed.
# docs/records.md says the same in words. Every other column is tampered with; a new one is until it stands here.
NOT_SIGNED = {
    SignedRecord: "id",
    Report: "id issued_at",
    AuditEvent: "id at by organisation person revision change_key",
    Assessment: "id pair second_of opened_at",
    Rating: "id version",
    Signature: "id",
    Goal: "id therapist created_at status closed_in closed_at closed_by result",
    Competence: "id revision parent subheading guidance source_id kept position",
    Activity: "id revision parent key introduction problem_area title_status group_heading is_synthetic source_id kept"
    " position",
    Domain: "id revision key summary introduction is_synthetic source_id kept position",
    RatingScale: "id",
    RatingLevel: "id",
    FrameworkRevision: "id status summary language commissioner issued_on source_name source_url rights_holder"
    " is_redistributable scale previous source_id kept published_at retired_at",
    ShortForm: "id revision purpose is_retired created_at",
}


class Nothing(Exception):
    """The database has no such other value, or refuses it by itself: nothing was changed."""


@pytest.fixture
def unguarded(db):
    guards.remove()
    yield
    with transaction.atomic():
        guards.install()


@pytest.fixture
def kept(unguarded, admin, supervisor, therapist, revision):
    """Three signed records of one organisation; the one in the middle has everything in it, and a report."""
    factories.make_signed(supervisor, therapist, revision, codes="S2")
    form = factories.make_short_form(admin, revision, codes="S2 S7")
    factories.make_short_form(admin, revision, name="Mid-case", codes="S2 S7")
    draft = assessments.start(
        by=supervisor, therapist=therapist, revision=revision, short_form=form, context=factories.make_context()
    )
    factories.rate(draft, "S2.1", 4, is_priority=True, time_mark=61)
    factories.rate(draft, "S2.2", 2, note="Named two of the three stages.", is_concern=True)
    factories.rate(draft, "S2.9", "not_observed")
    factories.rate(draft, "S7.1", "not_applicable", note="Not taught yet.")
    tied = Competence.objects.filter(revision=revision, code__in=["S2.1", "S2.2"])
    for text in ["Ask about safety.", "Listen again to a tape."]:
        due = datetime.date(2027, 1, 31)
        goals.save(by=supervisor, assessment=draft, text=text, due_on=due, competences=tied, judged_by="A tape.")
    texts = {"summary": "All in all.", "strengths": "Warmth.", "needs": "Pace.", "concerns_handled": "Told at once."}
    assessments.save_texts(by=supervisor, assessment=draft, **texts, fitness="reached")
    shared = assessments.share(by=supervisor, assessment=draft)
    assessments.reply(by=therapist, assessment=shared, agreement="disagree", text="I saw it otherwise.")
    for person in [therapist, supervisor]:
        signed = assessments.sign_off(by=person, assessment=shared)
    for kind in ReportKind:
        reports.issue(by=supervisor, assessment=signed, kind=kind)
    factories.make_signed(supervisor, therapist, revision, codes="S2")
    factories.make_revision()
    return signed.signed_record


def behind(record):
    """The rows that a record was made of, and those that make it a record."""
    assessment = record.assessment
    activities = Activity.objects.filter(pk__in=assessment.activities.all())
    return [
        SignedRecord.objects.filter(pk=record.pk),
        Report.objects.filter(record=record),
        AuditEvent.objects.filter(assessment=assessment, type__in=[SIGNED_OFF, ISSUED]),
        Assessment.objects.filter(pk=assessment.pk),
        assessment.ratings.all(),
        assessment.signatures.all(),
        assessment.goals.all(),
        Competence.objects.filter(activity__in=activities, is_rateable=True),
        Competence.objects.filter(parent__activity__in=activities, is_rateable=False),
        activities,
        Domain.objects.filter(activities__in=activities),
        RatingScale.objects.filter(pk=assessment.scale_id),
        assessment.scale.levels.all(),
        FrameworkRevision.objects.filter(pk=assessment.revision_id),
        ShortForm.objects.filter(pk=assessment.short_form_id),
    ]


def columns(rows):
    """Those that a record holds. A sub-point is in it by its code, its text and its place."""
    left_out = NOT_SIGNED[rows.model].split()
    if rows.model is Competence and not rows[0].is_rateable:
        left_out = [field.name for field in Competence._meta.fields if field.name not in {"code", "text", "parent"}]
    return [(rows, field) for field in rows.model._meta.concrete_fields if field.name not in left_out]


# changing one value


def other(field, value, chance):
    """Another value that the column can hold, as near to the present one as can be."""
    if field.remote_field:
        found = field.related_model.objects.exclude(pk=value).order_by("pk").values_list("pk", flat=True)
        return chance.choice(list(found[:50])) if found else _nothing()
    if field.choices:
        offered = [choice for choice, _ in field.choices if choice != value] + [""] * bool(field.blank and value)
        return chance.choice(offered)
    for kind, change in CHANGES.items():
        if isinstance(field, kind):
            return change(field, value, chance)
    raise AssertionError(f"Nobody knows how to change {field}.")


def _nothing():
    raise Nothing


def _text(field, value, chance):
    """One character more, fewer or different."""
    at = chance.randrange(len(value) + 1)
    letter = chance.choice(string.ascii_letters.replace(value[at : at + 1] or "-", ""))
    way = chance.choice(["insert", "delete", "replace"]) if at < len(value) else "insert"
    changed = value[:at] + ("" if way == "delete" else letter) + value[at + (way != "insert") :]
    return changed if len(changed) <= (field.max_length or len(changed)) else value[:-1]


def _number(field, value, chance):
    return (value or 0) + chance.choice([1, 2, 7])


def _instant(field, value, chance):
    step = datetime.timedelta(seconds=chance.choice([1, -1, 60, 86_400, -31_536_000]))
    return (value or datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)) + step


def _date(field, value, chance):
    return value + datetime.timedelta(days=chance.choice([1, -1, 365]))


def _bytes(field, value, chance):
    """One bit of the file."""
    content = bytearray(value)
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(content)


def _data(field, value, chance):
    name = chance.choice(sorted(value))
    changed = value[name] + 1 if isinstance(value[name], int) else value[name][:-1] + "g"
    return {**value, name: changed}


# Instants are dates, too, and a text of any length is a text: the first that fits counts.
CHANGES = {
    models.JSONField: _data,
    models.BooleanField: lambda field, value, chance: not value,
    models.DateTimeField: _instant,
    models.DateField: _date,
    models.UUIDField: lambda field, value, chance: uuid.UUID(int=chance.getrandbits(128)),
    models.BinaryField: _bytes,
    models.IntegerField: _number,
    models.CharField: _text,
    models.TextField: _text,
}


def change_value(record, chance, rows, field):
    pk = chance.choice(list(rows.order_by("pk").values_list("pk", flat=True)))
    one = rows.model.objects.filter(pk=pk)
    value = one.values_list(field.attname, flat=True).get()
    changes = {field.attname: other(field, value, chance)}
    if field.attname == "outcome":
        changes["level_id"] = RatingLevel.objects.first().pk if changes["outcome"] == "level" else None
    one.update(**changes)


# whole rows


def delete_a_row(record, chance):
    """Of anything that belongs to this record only."""
    belonging = [rows for rows in behind(record)[:7] if rows.model is not Assessment]
    rows = chance.choice(belonging)
    one = rows.model.objects.filter(pk=chance.choice(list(rows.values_list("pk", flat=True))))
    one._raw_delete(one.db)


def delete_the_record_behind_it(record, chance):
    """The newest record, with its report and what the history says of it."""
    newest = SignedRecord.objects.order_by("-sequence").first()
    AuditEvent.objects.filter(assessment=newest.assessment_id).delete()
    newest.delete()


def swap_two_records(record, chance):
    first, second = chance.sample(list(SignedRecord.objects.order_by("sequence")), 2)
    if chance.random() < 0.5:
        names = ["content", "sha256"]
    else:
        names = ["sequence", "previous_sha256"]
        SignedRecord.objects.filter(pk=second.pk).update(sequence=99)
    SignedRecord.objects.filter(pk=first.pk).update(**{name: getattr(second, name) for name in names})
    SignedRecord.objects.filter(pk=second.pk).update(**{name: getattr(first, name) for name in names})


def rewrite_a_record(record, chance):
    """New content with its own right hash: only what comes after it tells."""
    content = record.content.replace("otherwise", "likewise")
    SignedRecord.objects.filter(pk=record.pk).update(content=content, sha256=verification.records.sha256(content))


def replace_the_report(record, chance):
    """Another file with its own right hash: only the history tells."""
    report = chance.choice(record.reports.order_by("pk"))
    content = bytes(report.content) + b"%"
    digest = verification.hashlib.sha256(content).hexdigest()
    Report.objects.filter(pk=report.pk).update(content=content, sha256=digest)


def add_a_rating(record, chance):
    given = record.assessment.ratings.values("competence")
    free = Competence.objects.rateable().exclude(pk__in=given).order_by("pk")
    last = record.assessment.ratings.first()
    last.pk, last.competence, last.outcome, last.level = None, chance.choice(list(free)), "not_observed", None
    last.save()


def give_a_level_of_another_scale(record, chance):
    rating = record.assessment.ratings.filter(level__isnull=False).first()
    level = rating.level
    level.pk, level.scale = None, RatingScale.objects.exclude(pk=level.scale_id).first()
    level.position += 20
    level.save()
    RatingLevel.objects.filter(pk=level.pk).update(position=rating.level.position + 20)
    Rating.objects.filter(pk=rating.pk).update(level=level)


def change_the_extent(record, chance):
    activities = record.assessment.activities
    if chance.random() < 0.5:
        activities.remove(chance.choice(list(activities.all())))
    else:
        outside = Activity.objects.filter(revision=record.assessment.revision).exclude(pk__in=activities.all())
        activities.add(chance.choice(list(outside.filter(competences__is_rateable=True).distinct())))


def untie_a_goal(record, chance):
    goal = chance.choice(list(record.assessment.goals.all()))
    goal.competences.remove(goal.competences.first())


def close_an_old_goal_in_it(record, chance):
    goal = record.assessment.goals.first()
    goal.pk = uuid.uuid4()
    goal.assessment = Assessment.objects.exclude(pk=record.assessment_id).first()
    goal.status, goal.result, goal.closed_in = "met", "Two silences.", record.assessment
    goal.closed_at, goal.closed_by = record.created_at, record.assessment.supervisor
    goal.save(force_insert=True)


def swap_two_competences(record, chance):
    """The order in which they are printed."""
    inside = Competence.objects.rateable().filter(activity__in=record.assessment.activities.all())
    by_activity = list(inside.filter(activity__code="S2").order_by("position"))
    first, second = chance.sample(by_activity, 2)
    Competence.objects.filter(pk=first.pk).update(position=second.position)
    Competence.objects.filter(pk=second.pk).update(position=first.position)


ROWS = [
    delete_a_row,
    delete_the_record_behind_it,
    swap_two_records,
    rewrite_a_record,
    replace_the_report,
    add_a_rating,
    give_a_level_of_another_scale,
    change_the_extent,
    untie_a_goal,
    close_an_old_goal_in_it,
    swap_two_competences,
]


def is_found(change, *arguments):
    """Whether verifying tells of one change, which is undone again."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                change(*arguments)
        except IntegrityError as refused:
            raise Nothing from refused
        found = next(verification.mismatches(), None)
        transaction.set_rollback(True)
    return found is not None


def test_a_thousand_changes_are_all_found(kept):
    chance = random.Random(2026)
    values = [column for rows in behind(kept) for column in columns(rows)]
    made, missed = 0, []
    assert list(verification.mismatches()) == []

    while made < 1_000:
        is_of_rows = made % 8 == 0
        change = chance.choice(ROWS) if is_of_rows else change_value
        column = () if is_of_rows else chance.choice(values)
        try:
            if not is_found(change, kept, chance, *column):
                missed.append((change.__name__, *map(str, column[1:])))
        except Nothing:
            continue
        made += 1

    assert missed == []
    assert list(verification.mismatches()) == []
