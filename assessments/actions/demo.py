"""The demo: a made-up service, with people and assessments that reach back two years.

The ordinary actions date everything now. This one writes the rows of assessments itself, dated in the past,
in the only order that the database's guards allow: a draft with its texts, extent, ratings and goals; shared
with the reply; signatures; the frozen record. Whatever is drawn by chance follows from the seed alone.
"""

import datetime
import random
from collections import Counter, defaultdict
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from assessments import movement
from assessments.actions import assessments, demo_goals, people, programmes, short_forms, standings
from assessments.exceptions import Refused
from assessments.importers.demo import DemoAssessment, DemoCast, chance
from assessments.models import (
    Activity,
    Assessment,
    AssessmentRole,
    AuditEvent,
    Competence,
    FrameworkRevision,
    Organisation,
    Outcome,
    Rating,
    RatingLevel,
    Role,
    Signature,
    Status,
    User,
)

PASSWORD = "demo-pass-2026"  # noqa: S105  printed for everybody to see; the demo refuses to run elsewhere
BATCH = 500
NOT_OBSERVED_SHARE = 0.08
STEPS = [-1, 0, 1]
WEIGHTS, KNOWLEDGE_WEIGHTS = [18, 64, 18], [8, 60, 32]
STAFF_JOINED_DAYS_AGO = 700
RATING_TAKES = datetime.timedelta(seconds=20)


@dataclass(frozen=True)
class Counts:
    """What was loaded; assessments by state."""

    people: int
    supervisions: int
    assessments: Counter[str]
    ratings: int
    records: int


@dataclass(frozen=True)
class _Framework:
    """The revision that the demo rates on: levels by value, activities and rateable competences by code."""

    revision: FrameworkRevision
    levels: dict[str, RatingLevel]
    activities: dict[str, Activity]
    competences: dict[str, Competence]
    within: dict[str, list[Competence]]

    def extent(self, demo: DemoAssessment) -> list[Competence]:
        return [competence for code in demo.activities for competence in self.within[code]]


@dataclass(frozen=True)
class _Stage:
    """What every assessment of the demo shares; people by e-mail address."""

    organisation: Organisation
    persons: dict[str, User]
    framework: _Framework
    today: datetime.date
    seed: int

    def day(self, days_ago: int) -> datetime.date:
        return self.today - datetime.timedelta(days=days_ago)


@dataclass(frozen=True)
class _Dates:
    """When an assessment's steps were taken. `answered_at` is the reply, or the agreement to withdraw."""

    begun_at: datetime.datetime
    shared_at: datetime.datetime
    answered_at: datetime.datetime
    signed_at: datetime.datetime
    countersigned_at: datetime.datetime


@dataclass(frozen=True)
class _Row:
    demo: DemoAssessment
    assessment: Assessment
    dates: _Dates


@transaction.atomic
def load(*, cast: DemoCast, today: datetime.date, seed: int) -> Counts:
    """Store the whole cast, all or nothing. Raises Refused when the framework or the addresses do not fit."""
    framework = _framework()
    _check_known(cast, framework)
    organisation = people.create_organisation(by=None, name=cast.organisation)
    persons = _create_people(cast, organisation, today)
    stage = _Stage(organisation, persons, framework, today, seed)
    _create_supervisions(cast, stage)
    _create_short_forms(cast, stage)
    for programme in cast.programmes:
        programmes.save(by=_admin(cast, stage), organisation=organisation, name=programme.name, asks=programme.asks)

    ratings, signed = 0, []
    goals = demo_goals.Ledger(framework.competences, today)
    in_order = sorted(cast.assessments, key=lambda demo: (-demo.days_ago, demo.therapist))
    for start in range(0, len(in_order), BATCH):
        rows = [_row(demo, stage) for demo in in_order[start : start + BATCH]]
        ratings += _store(rows, stage, goals)
        signed += [row for row in rows if row.demo.state == Status.SIGNED_OFF]
    _freeze(signed)
    for person in persons.values():
        standings.refresh(person.pk, organisation.pk)
    return Counts(
        people=len(persons),
        supervisions=len(cast.supervisions),
        assessments=Counter(demo.state for demo in in_order),
        ratings=ratings,
        records=len(signed),
    )


def _framework() -> _Framework:
    published = FrameworkRevision.objects.published().filter(framework__slug="ipt").newest_first()
    revision = published.select_related("scale").first()
    if revision is None:
        raise Refused("No IPT revision is published. Run load_framework fixtures/ipt-1.0.yaml --publish.")
    competences = revision.competences.rateable().select_related("activity")
    ordered = list(competences.order_by("activity__position", "position"))
    within = defaultdict(list)
    for competence in ordered:
        within[competence.activity.code].append(competence)
    return _Framework(
        revision=revision,
        levels={level.value: level for level in revision.scale.levels.all()},
        activities={activity.code: activity for activity in revision.activities.all()},
        competences={competence.code: competence for competence in ordered},
        within=within,
    )


def _check_known(cast: DemoCast, framework: _Framework) -> None:
    """Refuse before anything is written what the published revision or its scale does not hold."""
    answers = {*framework.levels, Outcome.NOT_OBSERVED, Outcome.NOT_APPLICABLE}
    unknown: set[str] = set()
    for form in cast.short_forms:
        unknown |= set(form.activities) - framework.activities.keys()
    for demo in cast.assessments:
        unknown |= set(demo.activities) - framework.activities.keys()
        unknown |= demo.explicit - {competence.code for competence in framework.extent(demo)}
        unknown |= {demo.base} - framework.levels.keys() | set(demo.ratings.values()) - answers
        for goal in demo.goals:
            unknown |= set(goal.competences) - framework.competences.keys()
    if unknown:
        raise Refused(f"{framework.revision} does not fit the demo. It lacks {', '.join(sorted(unknown))}.")


def _create_people(cast: DemoCast, organisation: Organisation, today: datetime.date) -> dict[str, User]:
    """Accounts by e-mail address, each belonging here since shortly before its first supervision."""
    joined: dict[str, int] = {}
    for supervision in cast.supervisions:
        for email in [supervision.therapist, supervision.supervisor]:
            joined[email] = max(joined.get(email, 0), supervision.since_days_ago)
    persons = {
        person.email: people.create_person(
            by=None,
            email=person.email,
            name=person.name,
            profession=person.profession,
            organisation=organisation,
            role=person.role,
            programme=person.programme,
            starts_on=today - datetime.timedelta(days=joined.get(person.email, STAFF_JOINED_DAYS_AGO) + 14),
        )
        for person in cast.people
    }
    # Hashing is slow by design. All share one password, so it is hashed once.
    User.objects.filter(memberships__organisation=organisation).update(password=make_password(PASSWORD))
    return persons


def _create_supervisions(cast: DemoCast, stage: _Stage) -> None:
    admin = _admin(cast, stage)
    for demo in cast.supervisions:
        supervision = people.start_supervision(
            by=None,
            therapist=stage.persons[demo.therapist],
            supervisor=stage.persons[demo.supervisor],
            organisation=stage.organisation,
            starts_on=stage.day(demo.since_days_ago),
        )
        if demo.until_days_ago is not None:
            people.end_supervision(by=admin, supervision=supervision, ends_on=stage.day(demo.until_days_ago))


def _create_short_forms(cast: DemoCast, stage: _Stage) -> None:
    """They belong to the revision, not to the organisation, so another demo may have made them."""
    revision, activities = stage.framework.revision, stage.framework.activities
    standing = set(revision.short_forms.filter(is_retired=False).values_list("name", flat=True))
    for form in cast.short_forms:
        if form.name not in standing:
            chosen = [activities[code] for code in form.activities]
            short_forms.save(
                by=_admin(cast, stage), revision=revision, name=form.name, purpose=form.purpose, activities=chosen
            )


def _admin(cast: DemoCast, stage: _Stage) -> User:
    return next(stage.persons[person.email] for person in cast.people if person.role == Role.ADMIN)


def _row(demo: DemoAssessment, stage: _Stage) -> _Row:
    dates = _dates(demo, stage)
    assessment = Assessment(
        organisation=stage.organisation,
        therapist=stage.persons[demo.therapist],
        supervisor=stage.persons[demo.supervisor],
        revision=stage.framework.revision,
        scale=stage.framework.revision.scale,
        role=AssessmentRole.SELF if demo.is_self else AssessmentRole.SUPERVISOR,
        session_on=stage.day(demo.days_ago),
        created_at=dates.begun_at,
        **demo.context,
        **demo.texts,
    )
    return _Row(demo=demo, assessment=assessment, dates=dates)


def _dates(demo: DemoAssessment, stage: _Stage) -> _Dates:
    draw = chance(stage.seed, demo.therapist, demo.days_ago)
    session_on = stage.day(demo.days_ago)
    shared_on = _working_day(draw, session_on, range(1, 4))
    # The replies tell of the next session, which is a week after the one assessed.
    answered_on = _working_day(draw, shared_on, range(5, 8))
    answered_at = _working_hour(draw, answered_on)
    return _Dates(
        begun_at=_working_hour(draw, session_on),
        shared_at=_working_hour(draw, shared_on),
        answered_at=answered_at,
        signed_at=answered_at + datetime.timedelta(minutes=draw.randint(3, 20)),
        countersigned_at=_working_hour(draw, _working_day(draw, answered_on, range(1, 5))),
    )


def _working_day(draw: random.Random, day: datetime.date, later: range) -> datetime.date:
    """A weekday so many days later; three days in a row always hold one."""
    days = [day + datetime.timedelta(days=number) for number in later]
    saturday = 5
    return draw.choice([each for each in days if each.weekday() < saturday])


def _working_hour(draw: random.Random, day: datetime.date) -> datetime.datetime:
    time = datetime.time(draw.randint(9, 16), draw.randrange(60), tzinfo=timezone.get_current_timezone())
    return datetime.datetime.combine(day, time)


def _store(rows: list[_Row], stage: _Stage, goals: demo_goals.Ledger) -> int:
    """Write a batch up to its signatures; the number of its ratings."""
    Assessment.objects.bulk_create([row.assessment for row in rows])
    Assessment.activities.through.objects.bulk_create(
        Assessment.activities.through(assessment=row.assessment, activity=stage.framework.activities[code])
        for row in rows
        for code in row.demo.activities
    )
    events = AuditEvent.objects.bulk_create([_event(row) for row in rows])
    ratings = [
        rating for row, event in zip(rows, events, strict=True) for rating in _ratings(row, stage, version=event.pk)
    ]
    Rating.objects.bulk_create(ratings, batch_size=BATCH)
    for row in rows:
        goals.close_due(row.demo, row.assessment, at=row.dates.shared_at)
        goals.agree(row.demo, row.assessment, at=row.dates.begun_at)
    for row in rows:
        _share(row)
        _pair(row, rows)
    Signature.objects.bulk_create([signature for row in rows for signature in _signatures(row)])
    return len(ratings)


def _event(row: _Row) -> AuditEvent:
    return AuditEvent(
        type=AuditEvent.Type.ASSESSMENT_LOADED,
        at=row.dates.begun_at,
        assessment=row.assessment,
        person=row.assessment.therapist,
        organisation=row.assessment.organisation,
        data={"extent": row.demo.activities},
    )


def _ratings(row: _Row, stage: _Stage, *, version: int) -> list[Rating]:
    demo, levels, ratings = row.demo, stage.framework.levels, []
    rated_at = row.dates.begun_at
    for competence in stage.framework.extent(demo):
        code = competence.code
        if demo.state == Status.DRAFT and code not in demo.explicit:
            continue
        rated_at += RATING_TAKES
        answer = _answer(demo, competence, list(levels), stage.seed)
        rating = Rating(
            assessment=row.assessment,
            competence=competence,
            outcome=Outcome.LEVEL if answer in levels else answer,
            level=levels.get(answer),
            note=demo.note(code),
            is_concern=code in demo.concerns,
            is_priority=code in demo.priorities,
            time_mark=demo.time_marks.get(code),
            points_seen=demo.points_seen.get(code, ""),
            version=version,
            rated_by=row.assessment.supervisor,
            rated_at=rated_at,
        )
        ratings.append(rating)
    return ratings


def _answer(demo: DemoAssessment, competence: Competence, values: list[str], seed: int) -> str:
    """A level's value or an outcome: the explicit one, else one near the base. A draft is never filled in."""
    code = competence.code
    if code in demo.ratings:
        return demo.ratings[code]
    if demo.state == Status.DRAFT:
        return Outcome.PENDING
    draw = chance(seed, demo.therapist, demo.days_ago, code, *(["self"] if demo.is_self else []))
    # What carries a note or a flag was seen.
    if draw.random() < NOT_OBSERVED_SHARE and code not in demo.explicit:
        return Outcome.NOT_OBSERVED
    weights = KNOWLEDGE_WEIGHTS if competence.kind == Competence.Kind.KNOWLEDGE else WEIGHTS
    place = values.index(demo.base) + draw.choices(STEPS, weights)[0]
    return values[min(max(place, 0), len(values) - 1)]


def _share(row: _Row) -> None:
    """Share with the reply, and go on to withdraw where the cast says so; a draft stays one."""
    demo, assessment, dates = row.demo, row.assessment, row.dates
    if demo.state == Status.DRAFT:
        return
    assessment.status, assessment.shared_at = Status.SHARED, dates.shared_at
    if demo.reply:
        assessment.reply_agreement, assessment.reply = demo.reply.agreement, demo.reply.text
        assessment.replied_at = dates.answered_at
    assessment.save(update_fields=["status", "shared_at", "reply_agreement", "reply", "replied_at"])
    if demo.state == Status.WITHDRAWN:
        assessment.status = Status.WITHDRAWN
        assessment.withdrawn_at, assessment.withdrawn_reason = dates.answered_at, demo.withdrawn_reason
        assessment.save(update_fields=["status", "withdrawn_at", "withdrawn_reason"])


def _pair(row: _Row, rows: list[_Row]) -> None:
    """Open a self-assessment and the supervisor's of the same session, where there is one, to each other."""
    same = [each for each in rows if each.demo.days_ago == row.demo.days_ago and not each.demo.is_self]
    theirs = next((each for each in same if each.demo.therapist == row.demo.therapist), None)
    if row.demo.is_self and theirs:
        row.assessment.pair = theirs.assessment
        row.assessment.opened_at = max(row.dates.shared_at, theirs.dates.shared_at)
        row.assessment.save(update_fields=["pair", "opened_at"])


def _signatures(row: _Row) -> list[Signature]:
    assessment, is_signed_off = row.assessment, row.demo.state == Status.SIGNED_OFF
    signatures = []
    if is_signed_off or row.demo.is_signed_by_therapist:
        signed_at = row.dates.signed_at
        signatures.append(
            Signature(assessment=assessment, person=assessment.therapist, role=Role.THERAPIST, signed_at=signed_at)
        )
    if is_signed_off:
        signed_at = row.dates.countersigned_at
        signatures.append(
            Signature(assessment=assessment, person=assessment.supervisor, role=Role.SUPERVISOR, signed_at=signed_at)
        )
    return signatures


def _freeze(signed: list[_Row]) -> None:
    """Chain the signed records in the order in which they were completed."""
    for row in sorted(signed, key=lambda row: (row.dates.countersigned_at, row.demo.therapist)):
        _look_back(row.assessment)
        assessments.freeze(by=row.assessment.supervisor, assessment=row.assessment, at=row.dates.countersigned_at)


def _look_back(assessment: Assessment) -> None:
    """Pin what sharing would have pinned."""
    assessment.previous = movement.latest_before(assessment.supervisor, assessment)
    assessment.save(update_fields=["previous"])
