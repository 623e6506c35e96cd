"""Reads of assessments: one to read or rate, lists, progress, what waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest

from assessments import permissions
from assessments.models import (
    Activity,
    Assessment,
    AuditEvent,
    Competence,
    Domain,
    OutboxKey,
    Rating,
    Report,
    Role,
    Signature,
    SignedRecord,
    Status,
    Supervision,
    User,
)
from assessments.models.assessment import STANDING, AssessmentQuerySet
from assessments.models.composed import composed
from assessments.models.self_assessment import NOT_WAITING, NOT_WITHDRAWN, OF_ONESELF, ways_to_know
from assessments.queries.counting import counted


def assessment_for_reading(user: User, pk: UUID) -> Assessment:
    """One assessment whose content this person may read. Raises DoesNotExist or NotAllowed."""
    assessment = _in_sight(user, pk)
    permissions.check_can_read(user, assessment)
    return assessment


def _in_sight(user: User, pk: UUID) -> Assessment:
    for assessment in _visible(user, pk):
        return assessment
    raise Assessment.DoesNotExist


@composed
def _visible(user: User, pk: UUID) -> QuerySet[Assessment]:
    beside = Prefetch("second_ratings", Assessment.objects.select_related("supervisor"))
    signatures = Prefetch("signatures", Signature.objects.select_related("person"))
    visible = Assessment.objects.visible_to(user).with_people().with_pair().with_levels()
    return visible.prefetch_related(beside, signatures).filter(pk=pk)


def assessment_for_editing(user: User, pk: UUID) -> Assessment:
    """A draft this person may rate, with the key of their outbox. Raises DoesNotExist or NotAllowed with the reason."""
    mine = next(iter(_editable(user, pk)), None)
    if mine is None:
        mine = _in_sight(user, pk)
        permissions.check_can_edit(user, mine)
    return mine


@composed
def _editable(user: User, pk: UUID) -> QuerySet[Assessment]:
    key = OutboxKey.objects.filter(assessment=OuterRef("pk"), person=user).values("key")
    editable = Assessment.objects.editable_by(user).annotate(outbox_key=Coalesce(Subquery(key), Value("")))
    return editable.with_people().with_levels().filter(pk=pk)


def assessment_for_handing_over(user: User, pk: UUID) -> Assessment:
    """A draft that its author, or the training lead, may give to another supervisor."""
    assessment = Assessment.objects.visible_to(user).with_people().get(pk=pk)
    permissions.check_can_hand_over(user, assessment)
    return assessment


def other_supervisors(assessment: Assessment) -> QuerySet[User]:
    """Present supervisors of the therapist, apart from the one who holds the draft and from who reopened it."""
    running = Supervision.objects.current().filter(
        supervisor=OuterRef("pk"), therapist=assessment.therapist_id, organisation=assessment.organisation_id
    )
    others = User.objects.filter(Exists(running)).exclude(pk=assessment.supervisor_id).order_by("name")
    # Whoever rates the session a second time, or reopened it, cannot take over the first rating.
    others = others.exclude(pk__in=assessment.second_ratings.filter(NOT_WITHDRAWN).values("supervisor"))
    if assessment.predecessor_id is None:
        return others
    reopening = assessment.events.filter(type=AuditEvent.Type.ASSESSMENT_REOPENED, by__isnull=False)
    return others.exclude(pk__in=reopening.values("by"))


@dataclass(frozen=True)
class ActivityProgress:
    activity: Activity
    total: int
    given: int
    not_observed: int

    @property
    def state(self) -> str:
        if self.given == 0:
            return "not started"
        return "complete" if self.given >= self.total else "begun"

    @property
    def open(self) -> int:
        return self.total - self.given


@dataclass(frozen=True)
class DomainProgress:
    domain: Domain
    activities: list[ActivityProgress]

    @property
    def total(self) -> int:
        return sum(progress.total for progress in self.activities)

    @property
    def given(self) -> int:
        return sum(progress.given for progress in self.activities)


@dataclass(frozen=True)
class Progress:
    domains: list[DomainProgress]

    @property
    def activities(self) -> list[ActivityProgress]:
        return [progress for domain in self.domains for progress in domain.activities]

    @property
    def total(self) -> int:
        return sum(domain.total for domain in self.domains)

    @property
    def given(self) -> int:
        return sum(domain.given for domain in self.domains)

    @property
    def not_observed(self) -> int:
        return sum(progress.not_observed for progress in self.activities)

    @property
    def open(self) -> int:
        return self.total - self.given


def progress(assessment: Assessment) -> Progress:
    """How far a draft has come, activity by activity, in one statement."""
    rows = [ActivityProgress(row, row.total, row.given, row.not_observed) for row in _counted_in(assessment.pk)]
    return Progress(
        [DomainProgress(domain, list(group)) for domain, group in groupby(rows, key=lambda row: row.activity.domain)]
    )


@composed
def _counted_in(assessment: UUID) -> QuerySet[Any]:
    of_this = FilteredRelation("competences__ratings", condition=Q(competences__ratings__assessment=assessment))
    return (
        Activity.objects.filter(assessments=assessment)
        .select_related("domain")
        .annotate(
            rating=of_this,
            total=Count("competences", filter=Q(competences__is_rateable=True)),
            given=Count("rating", filter=~Q(rating__outcome=Rating.Outcome.PENDING)),
            not_observed=Count("rating", filter=Q(rating__outcome=Rating.Outcome.NOT_OBSERVED)),
        )
        .order_by("position")
    )


def previous_ratings(assessment: Assessment, competences: Iterable[int]) -> dict[int, Rating]:
    """The last rating of each competence on an earlier occasion, whoever gave it."""
    earlier = (
        Rating.objects.given()
        .earlier_than(assessment)
        .filter(competence__in=list(competences))
        .select_related("assessment", "level")
        .order_by("assessment__session_on", "assessment__shared_at")
    )
    return {rating.competence_id: rating for rating in earlier}


def previous_positions(assessment: Assessment) -> dict[int, int]:
    """The level that each competence rated here had last on an earlier occasion; what has no level replaces none."""
    earlier = (
        Rating.objects.earlier_than(assessment)
        .filter(outcome=Rating.Outcome.LEVEL, competence__in=assessment.ratings.values("competence"))
        .order_by("assessment__session_on", "assessment__shared_at")
    )
    return dict(earlier.values_list("competence", "level__position"))


def assessments_listed(user: User) -> QuerySet[Assessment]:
    """The list page, newest first, with who has signed and whether this person may open it."""
    signed = Signature.objects.filter(assessment=OuterRef("pk"), voided_at__isnull=True)
    return (
        _all_visible_to(user)
        # No more than the page names: beyond eight tables PostgreSQL keeps the order of the statement, and would read
        # all assessments before it looks which are meant.
        .select_related("therapist", "supervisor", "short_form")
        .with_may_read(user)
        .annotate(
            therapist_signed=Exists(signed.filter(role=Role.THERAPIST)),
            supervisor_signed=Exists(signed.filter(role=Role.SUPERVISOR)),
            lead_signed=Exists(signed.filter(role=Role.LEAD)),
        )
        .with_superseded()
        .newest_first()
    )


def _all_visible_to(user: User) -> AssessmentQuerySet:
    """What `visible_to` finds, for a list of all of it: each way to know of an assessment is searched for itself."""
    every = Assessment.objects.order_by()
    first, *others = [every.filter(way).values("pk") for way in ways_to_know(user)]
    return Assessment.objects.filter(pk__in=first.union(*others))


# What a profile counts, and what the line of an assessment says. A person may have hundreds.
_SEEN = [
    "organisation",
    "supervisor",
    "revision",
    "scale",
    "status",
    "closed_as",
    "role",
    "pair",
    "second_of",
    "opened_at",
    "origin",
    "session_on",
    "shared_at",
    "source",
    "case_number",
    "session_number",
    "planned_total",
    "phase",
    "problem_area",
]


def assessments_seen(user: User, therapist: User) -> list[Any]:
    """All assessments of a therapist that this person may know of, newest first, with the supervisor's name."""
    rows: list[Any] = _seen(user, therapist.pk)
    for row in rows:
        row.therapist = therapist
    return rows


def counting(seen: Iterable[Any]) -> list[Any]:
    """Those of the assessments in sight that a supervisor shared, that still stand, and that may be read.

    One that a later version stands in for counts no longer.
    """
    counted = [row for row in seen if row.is_by_supervisor and not row.is_superseded]
    return [row for row in counted if row.may_read and row.status in STANDING]


@composed
def _seen(user: User, therapist: UUID) -> QuerySet[Assessment]:
    visible = Assessment.objects.visible_to(user).filter(therapist=therapist).with_may_read(user).with_superseded()
    named = {"supervisor_name": F("supervisor__name"), "supervisor_profession": F("supervisor__profession")}
    return visible.annotate(**named).only(*_SEEN).newest_first()


def drafts_by(user: User) -> tuple[list[Assessment], list[Assessment]]:
    """A supervisor's drafts, and those of second ratings that were asked of them, in the same way."""
    given = _given_by(user)
    return [row for row in given if row.is_by_supervisor], [row for row in given if row.is_second]


@composed
def _given_by(user: User) -> QuerySet[Assessment]:
    return _in_progress(Assessment.objects.exclude(OF_ONESELF).filter(supervisor=user, status=Status.DRAFT))


def self_drafts_of(user: User) -> QuerySet[Assessment]:
    """The drafts in which this person rates themselves, in the same way."""
    return _in_progress(Assessment.objects.of_oneself().filter(supervisor=user, status=Status.DRAFT).with_pair())


def _in_progress(drafts: AssessmentQuerySet) -> QuerySet[Assessment]:
    """Drafts as the lists of them show each."""
    latest = Rating.objects.filter(assessment=OuterRef("pk")).order_by("-version")
    return (
        _with_resumption(drafts)
        .with_people()
        .annotate(
            given=counted(Rating.objects.given(), "assessment"),
            total=counted(Competence.objects.rateable(), "activity__assessments"),
            saved_at=Greatest("created_at", Coalesce(Subquery(latest.values("rated_at")[:1]), F("created_at"))),
        )
        .order_by("-saved_at")
    )


def resumption(assessment: Assessment) -> Assessment:
    """The draft with where to go on, as `drafts_by` gives it."""
    return _with_resumption(Assessment.objects.filter(pk=assessment.pk)).get()


def _with_resumption(drafts: AssessmentQuerySet) -> AssessmentQuerySet:
    """Drafts with `resume_code` and `resume_activity`: where the next answer is wanted, None when nothing is open.

    That is the first open competence from the last answer or note onwards (`last_place`), in printed order; after the
    end it goes on at the beginning.
    """
    inside = Rating.objects.filter(assessment=OuterRef(OuterRef("pk")))
    unanswered = (
        Competence.objects.rateable()
        .filter(~Exists(inside.given().filter(competence=OuterRef("pk"))), activity__assessments=OuterRef("pk"))
        .order_by("position")
    )
    onwards = unanswered.filter(position__gte=_last_place(inside))

    def first(column: str) -> Coalesce:
        return Coalesce(Subquery(onwards.values(column)[:1]), Subquery(unanswered.values(column)[:1]))

    return drafts.annotate(
        last_place=_last_place(Rating.objects.filter(assessment=OuterRef("pk"))),
        resume_code=first("code"),
        resume_activity=first("activity__code"),
    )


def _last_place(ratings: QuerySet[Rating]) -> Subquery:
    return Subquery(ratings.order_by("-version").values("competence__position")[:1])


def waiting_for_supervisor(*people: User) -> QuerySet[Assessment]:
    """Shared assessments on which the supervisor has the next move: a reply to read, a signature to add."""
    signed = Signature.objects.filter(assessment=OuterRef("pk"), voided_at__isnull=True)
    return (
        Assessment.objects.shared()
        .with_people()
        .filter(~Exists(signed.filter(role=Role.SUPERVISOR)), supervisor__in=people)
        .annotate(other_signed_at=Subquery(signed.values("signed_at")[:1]))
        .filter(Q(replied_at__isnull=False) | Q(other_signed_at__isnull=False))
        .order_by("shared_at")
    )


def waiting_for_therapist(*people: User) -> QuerySet[Assessment]:
    """Shared assessments that the therapist may read and has still to sign."""
    signed = Signature.objects.filter(assessment=OuterRef("pk"), voided_at__isnull=True)
    return (
        Assessment.objects.shared()
        .select_related("supervisor")
        .filter(NOT_WAITING, ~Exists(signed.filter(role=Role.THERAPIST)), therapist__in=people)
        .annotate(other_signed_at=Subquery(signed.values("signed_at")[:1]))
        .newest_first()
    )


def signed_record(assessment: Assessment) -> SignedRecord:
    """The record of a signed assessment."""
    return SignedRecord.objects.get(assessment=assessment)


def issued_report(assessment: Assessment, kind: str) -> Report | None:
    """The file that was kept at sign-off, unless it could not be made then."""
    return Report.objects.filter(record__assessment=assessment, kind=kind).first()


def history(assessment: Assessment) -> QuerySet[AuditEvent]:
    """Latest first, with the reopening of a signed one, which is told with the version that it led to.

    Not by the id itself: PostgreSQL might go through all events by it, hoping to meet these soon.
    """
    wanted = Q(assessment=assessment)
    if assessment.is_signed_off and (versions := list(assessment.successors.values_list("pk", flat=True))):
        wanted |= Q(assessment__in=versions, type=AuditEvent.Type.ASSESSMENT_REOPENED)
    return AuditEvent.objects.filter(wanted).select_related("by").order_by(-F("id"))
