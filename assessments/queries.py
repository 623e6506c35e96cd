"""Page-sized reads: each function fetches what one page shows, in a number of statements that never grows."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from assessments import permissions, profiles
from assessments.models import (
    Activity,
    Assessment,
    AuditEvent,
    Competence,
    Domain,
    Framework,
    FrameworkRevision,
    Goal,
    Membership,
    Organisation,
    Rating,
    RecordAccess,
    Role,
    Signature,
    Supervision,
    User,
)
from assessments.models.assessment import GoalStatus
from assessments.scoring import Distribution

HOME_FRAMEWORK = "ipt"


# The framework


def current_revision(user: User | AnonymousUser, slug: str = HOME_FRAMEWORK) -> FrameworkRevision:
    """The newest published revision of a framework. Raises DoesNotExist."""
    revisions = FrameworkRevision.objects.visible_to(user).published().filter(framework__slug=slug)
    return revisions.select_related("framework", "scale").newest_first()[:1].get()


def revision(user: User | AnonymousUser, slug: str, number: str) -> FrameworkRevision:
    visible = FrameworkRevision.objects.visible_to(user).select_related("framework", "scale")
    return visible.get(framework__slug=slug, number=number)


def frameworks(user: User | AnonymousUser) -> list[Framework]:
    """Every framework with the revisions this person may read, newest first."""
    revisions = FrameworkRevision.objects.visible_to(user).select_related("framework").newest_first()
    listed = Framework.objects.prefetch_related(Prefetch("revisions", queryset=revisions, to_attr="readable"))
    return [framework for framework in listed if framework.readable]  # type: ignore[attr-defined]  prefetched


@dataclass(frozen=True)
class ActivityGroup:
    """Activities of one domain under one heading; the heading is blank where there is none."""

    heading: str
    activities: list[Activity]


@dataclass(frozen=True)
class Column:
    """A domain as a column of the map."""

    domain: Domain
    groups: list[ActivityGroup]
    activities: int
    competences: int


def columns(revision: FrameworkRevision) -> list[Column]:
    """The map: every domain with its activities in printed order."""
    rateable = Count("competences", filter=Q(competences__is_rateable=True))
    activities = (
        Activity.objects.filter(revision=revision)
        .select_related("domain")
        .annotate(competence_count=rateable)
        .order_by("position")
    )
    return [_column(list(group), revision) for _, group in groupby(activities, key=lambda row: row.domain_id)]


def _column(activities: list[Activity], revision: FrameworkRevision) -> Column:
    for activity in activities:
        activity.revision = activity.domain.revision = revision
    groups = groupby(activities, key=lambda row: row.group_heading)
    return Column(
        domain=activities[0].domain,
        groups=[ActivityGroup(heading, list(rows)) for heading, rows in groups],
        activities=len(activities),
        competences=sum(activity.competence_count for activity in activities),  # type: ignore[attr-defined]
    )


@dataclass(frozen=True)
class Statement:
    """A competence with the sub-points that guide its reading."""

    competence: Competence
    points: list[Competence]


@dataclass(frozen=True)
class StatementList:
    activity: Activity
    statements: list[Statement]


def statement_lists(activities: QuerySet[Activity]) -> list[StatementList]:
    """The statements of several activities, in printed order."""
    rows = (
        Competence.objects.filter(activity__in=activities)
        .select_related("activity__domain")
        .order_by("activity__position", "position")
    )
    return [
        StatementList(activity=group[0].activity, statements=statements(group))
        for group in (list(rows_) for _, rows_ in groupby(rows, key=lambda row: row.activity_id))
    ]


def statements(rows: Iterable[Competence]) -> list[Statement]:
    """Competences with their sub-points, from rows in printed order."""
    points: dict[int | None, list[Competence]] = defaultdict(list)
    heads = []
    for row in rows:
        if row.is_rateable:
            heads.append(row)
        else:
            points[row.parent_id].append(row)
    return [Statement(competence=head, points=points[head.pk]) for head in heads]


def neighbours(activity: Activity) -> tuple[Activity | None, Activity | None]:
    """The activities before and after, in one statement."""
    beside = Activity.objects.filter(
        revision=activity.revision_id, position__in=[activity.position - 1, activity.position + 1]
    )
    by_position = {row.position: row for row in beside.select_related("revision__framework")}
    return by_position.get(activity.position - 1), by_position.get(activity.position + 1)


def search(revision: FrameworkRevision, words: str, *, limit: int = 100) -> list[Competence]:
    """Statements that hold every word; at most `limit` and one more, so that a page can say there are more."""
    found = Competence.objects.filter(revision=revision).matching(words).select_related("activity__domain")
    return list(found.order_by("activity__position", "position")[: limit + 1])


# Assessments


def assessment_for_reading(user: User, pk: UUID) -> Assessment:
    """One assessment whose content this person may read. Raises DoesNotExist or NotAllowed."""
    assessment = Assessment.objects.visible_to(user).with_people().get(pk=pk)
    permissions.check_can_read(user, assessment)
    return assessment


def assessment_for_editing(user: User, pk: UUID) -> Assessment:
    """A draft this person may rate. Raises DoesNotExist or NotAllowed with the reason."""
    mine = Assessment.objects.editable_by(user).with_people().filter(pk=pk).first()
    if mine is None:
        mine = Assessment.objects.visible_to(user).with_people().get(pk=pk)
        permissions.check_can_edit(user, mine)
    return mine


def assessment_for_handing_over(user: User, pk: UUID) -> Assessment:
    """A draft that its author, or the training lead, may give to another supervisor."""
    assessment = Assessment.objects.visible_to(user).with_people().get(pk=pk)
    permissions.check_can_hand_over(user, assessment)
    return assessment


def other_supervisors(assessment: Assessment) -> QuerySet[User]:
    """Present supervisors of the therapist, apart from the one who holds the draft."""
    running = Supervision.objects.current().filter(
        supervisor=OuterRef("pk"), therapist=assessment.therapist_id, organisation=assessment.organisation_id
    )
    return User.objects.filter(Exists(running)).exclude(pk=assessment.supervisor_id).order_by("name")


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


def _counted(rows: QuerySet, by: str) -> Coalesce:  # type: ignore[type-arg]  of any model
    counted = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def progress(assessment: Assessment) -> Progress:
    """How far a draft has come, activity by activity, in one statement."""
    competences = Competence.objects.rateable().filter(activity=OuterRef("pk"))
    given = Rating.objects.given().filter(assessment=assessment, competence__activity=OuterRef("pk"))
    activities = (
        assessment.activities.select_related("domain")
        .annotate(
            total=_counted(competences, "activity"),
            given=_counted(given, "competence__activity"),
            not_observed=_counted(given.filter(outcome=Rating.Outcome.NOT_OBSERVED), "competence__activity"),
        )
        .order_by("position")
    )
    rows = [ActivityProgress(row, row.total, row.given, row.not_observed) for row in activities]
    return Progress(
        [
            DomainProgress(domain, list(group))
            for domain, group in groupby(rows, key=lambda row: row.activity.domain)
        ]
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


def assessments_listed(user: User) -> QuerySet[Assessment]:
    """The list page, newest first, with whether each party has signed."""
    signed = Signature.objects.filter(assessment=OuterRef("pk"), voided_at__isnull=True)
    return (
        Assessment.objects.visible_to(user)
        .with_people()
        .annotate(
            therapist_signed=Exists(signed.filter(role=Role.THERAPIST)),
            supervisor_signed=Exists(signed.filter(role=Role.SUPERVISOR)),
        )
        .newest_first()
    )


def recent_assessments(user: User, therapist: User, *, limit: int = 10) -> QuerySet[Assessment]:
    return assessments_listed(user).filter(therapist=therapist)[:limit]


def drafts_of(user: User) -> QuerySet[Assessment]:
    """A supervisor's drafts with how far each has come and where to go on, latest change first."""
    ratings = Rating.objects.given().filter(assessment=OuterRef("pk"))
    latest = Rating.objects.filter(assessment=OuterRef("pk")).order_by("-version")
    rateable = Competence.objects.rateable().filter(activity__assessments=OuterRef("pk"))
    first = Activity.objects.filter(assessments=OuterRef("pk")).order_by("position")
    return (
        Assessment.objects.drafts()
        .filter(supervisor=user)
        .with_people()
        .annotate(
            given=_counted(ratings, "assessment"),
            total=_counted(rateable, "activity__assessments"),
            saved_at=Coalesce(Subquery(latest.values("rated_at")[:1]), F("created_at")),
            resume_code=Subquery(latest.values("competence__code")[:1]),
            resume_activity=Coalesce(
                Subquery(latest.values("competence__activity__code")[:1]), Subquery(first.values("code")[:1])
            ),
        )
        .order_by("-saved_at")
    )


def _awaiting_signature(assessments: QuerySet[Assessment], role: str) -> QuerySet[Assessment]:
    signed = Signature.objects.filter(assessment=OuterRef("pk"), voided_at__isnull=True)
    return (
        assessments.filter(~Exists(signed.filter(role=role)))
        .annotate(other_signed_at=Subquery(signed.exclude(role=role).values("signed_at")[:1]))
        .with_people()  # type: ignore[attr-defined]  annotate keeps the queryset's class
        .order_by("shared_at")
    )


def waiting_for_supervisor(user: User) -> QuerySet[Assessment]:
    """Shared assessments on which the supervisor has the next move: a reply to read, a signature to add."""
    shared = _awaiting_signature(Assessment.objects.shared().filter(supervisor=user), Role.SUPERVISOR)
    return shared.filter(Q(replied_at__isnull=False) | Q(other_signed_at__isnull=False))


def waiting_for_therapist(user: User) -> QuerySet[Assessment]:
    """Shared assessments that the therapist has not signed."""
    return _awaiting_signature(Assessment.objects.shared().filter(therapist=user), Role.THERAPIST)


def history(assessment: Assessment) -> QuerySet[AuditEvent]:
    return assessment.events.select_related("by").order_by("-id")


# People


@dataclass(frozen=True)
class TherapistRow:
    """A line of `My therapists`."""

    therapist: User
    programme: str
    since: datetime.date
    last: Assessment | None
    distribution: Distribution | None
    has_draft: bool


def therapist_rows(user: User, revision: FrameworkRevision) -> list[TherapistRow]:
    """The therapists a supervisor supervises now, or those of a lead's organisations."""
    people = _therapists_in_sight(user)
    pks = [person.pk for person in people]
    last = {
        assessment.therapist_id: assessment
        for assessment in Assessment.objects.counting().filter(therapist__in=pks).order_by("session_on", "created_at")
    }
    drafts = set(Assessment.objects.drafts().filter(therapist__in=pks).values_list("therapist", flat=True))
    standing = profiles.distributions(pks, revision, timezone.localdate())
    return [
        TherapistRow(
            therapist=person,
            programme=person.programme,  # type: ignore[attr-defined]  annotated
            since=person.since,  # type: ignore[attr-defined]  annotated
            last=last.get(person.pk),
            distribution=standing.get(person.pk),
            has_draft=person.pk in drafts,
        )
        for person in people
    ]


def _therapists_in_sight(user: User) -> QuerySet[User]:
    today = timezone.localdate()
    running = Q(supervisions__supervisor=user, supervisions__starts_on__lte=today) & (
        Q(supervisions__ends_on__isnull=True) | Q(supervisions__ends_on__gte=today)
    )
    led = Q(memberships__role=Role.THERAPIST, memberships__organisation__in=user.organisations_as(Role.LEAD))
    programme = Membership.objects.filter(user=OuterRef("pk"), role=Role.THERAPIST).order_by("-starts_on")
    since = Supervision.objects.filter(therapist=OuterRef("pk"), supervisor=user).order_by("-starts_on")
    membership_since = programme.values("starts_on")[:1]
    return (
        User.objects.filter(running | led)
        .annotate(
            programme=Subquery(programme.values("programme")[:1]),
            since=Coalesce(Subquery(since.values("starts_on")[:1]), Subquery(membership_since)),
        )
        .distinct()
        .order_by("name", "pk")
    )


def supervised_now(user: User) -> QuerySet[User]:
    running = Supervision.objects.current().filter(therapist=OuterRef("pk"), supervisor=user)
    return User.objects.filter(Exists(running)).order_by("name", "pk")


def supervisors_in(organisations: QuerySet[Organisation]) -> QuerySet[User]:
    held = Membership.objects.current().filter(
        user=OuterRef("pk"), role=Role.SUPERVISOR, organisation__in=organisations
    )
    return User.objects.filter(Exists(held)).order_by("name", "pk")


def open_goals(therapist: User) -> QuerySet[Goal]:
    """Goals still worked on, from assessments the therapist has seen."""
    shared = therapist.goals.filter(status=GoalStatus.OPEN, assessment__in=Assessment.objects.counting())
    return shared.prefetch_related("competences").order_by(F("due_on").asc(nulls_last=True), "created_at")


def accesses(therapist: User) -> QuerySet[RecordAccess]:
    return therapist.record_accesses.select_related("by", "assessment").order_by("-at")


def people_managed(user: User) -> QuerySet[User]:
    memberships = Prefetch("memberships", queryset=Membership.objects.select_related("organisation"))
    return User.objects.in_organisations_of(user).prefetch_related(memberships).order_by("name", "pk")
