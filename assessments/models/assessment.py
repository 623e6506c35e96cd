from __future__ import annotations

import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import CheckConstraint, Exists, ExpressionWrapper, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from assessments.models.constraints import chosen
from assessments.models.framework import Activity, FrameworkRevision, Phase, ProblemArea
from assessments.models.identifiers import uuid7
from assessments.models.judgement import JUDGEMENT_CONSTRAINTS, Fitness
from assessments.models.origin import ORIGIN_CONSTRAINTS, AssessmentOrigin
from assessments.models.people import Membership, Organisation, Role, Supervision, User
from assessments.models.scale import RatingScale
from assessments.models.self_assessment import (
    BY_OCCASIONAL_RATER,
    BY_SUPERVISOR,
    OF_ONESELF,
    SECOND,
    SECOND_CONSTRAINTS,
    SELF_CONSTRAINTS,
    AssessmentRole,
    known_to,
    readable_by,
)
from assessments.models.short_form import ShortForm
from assessments.models.steps import STEP_CONSTRAINTS
from assessments.models.succession import SUCCESSION_CONSTRAINTS, ClosedAs

# Somebody whose supervision ended may finish or hand over what was begun for this long.
GRACE = datetime.timedelta(days=30)


# What an assessment rests on: the columns that may be corrected while it is a draft.
CONTEXT = [
    "source",
    "session_on",
    "case_number",
    "session_number",
    "planned_total",
    "phase",
    "problem_area",
    "format",
    "minutes_reviewed",
    "selected_by",
    "difficulty",
    "is_consent_confirmed",
]


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    SHARED = "shared", "Shared"
    SIGNED_OFF = "signed_off", "Signed off"
    WITHDRAWN = "withdrawn", "Withdrawn"


# Shared (provisional) and signed off: the states in which one counts.
STANDING = [Status.SHARED, Status.SIGNED_OFF]


class Source(models.TextChoices):
    """What the judgement rests on."""

    RECORDED = "recorded", "Recorded session"
    LIVE = "live", "Live session"
    ROLE_PLAY = "role_play", "Role play"
    CASE_REPORT = "case_report", "Case report"
    DISCUSSION = "discussion", "Supervision discussion"
    REFLECTION = "reflection", "Self-reflection"


class Format(models.TextChoices):
    IN_PERSON = "in_person", "In person"
    VIDEO = "video", "Video"
    PHONE = "phone", "Phone"
    GROUP = "group", "Group"


class SelectedBy(models.TextChoices):
    SUPERVISOR = "supervisor", "Supervisor"
    THERAPIST = "therapist", "Therapist"
    RANDOM = "random", "At random"


class Difficulty(models.TextChoices):
    ORDINARY = "ordinary", "Ordinary"
    DEMANDING = "demanding", "Demanding"


class Agreement(models.TextChoices):
    """The therapist's answer to a shared assessment."""

    AGREE = "agree", "I agree"
    IN_PART = "agree_in_part", "I agree in part"
    DISAGREE = "disagree", "I disagree"


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: User | AnonymousUser) -> AssessmentQuerySet:
        """Assessments whose existence `user` may know; anything else is a 404.

        Whether the content may be read is a further question (`permissions.check_can_read`).
        """
        if not isinstance(user, User):
            return self.none()
        return self.filter(known_to(user))

    def readable_by(self, user: User) -> AssessmentQuerySet:
        """Those whose content `user` may read."""
        return self.filter(readable_by(user))

    def with_may_read(self, user: User) -> AssessmentQuerySet:
        """Mark each as one whose content `user` may read: the queryset twin of `permissions.check_can_read`."""
        return self.annotate(may_read=ExpressionWrapper(readable_by(user), models.BooleanField()))

    def editable_by(self, *people: User) -> AssessmentQuerySet:
        """Each one's drafts that they may rate: the queryset twin of `permissions.check_can_edit`."""
        today = timezone.localdate()
        here = {"organisation": OuterRef("organisation")}
        in_grace = Supervision.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=today - GRACE),
            supervisor=OuterRef("supervisor"),
            therapist=OuterRef("therapist"),
            **here,
        )
        # Whoever rates a session a second time need not supervise the therapist.
        works = Membership.objects.current().filter(user=OuterRef("supervisor"), role=Role.SUPERVISOR, **here)
        by_link = BY_OCCASIONAL_RATER & Q(rater_link__ended_at__isnull=True, rater_link__ends_on__gte=today)
        may = OF_ONESELF | SECOND & Exists(works) | by_link | BY_SUPERVISOR & Exists(in_grace)
        return self.filter(may, supervisor__in=people, status=Status.DRAFT)

    def by_supervisors(self) -> AssessmentQuerySet:
        return self.filter(BY_SUPERVISOR)

    def of_oneself(self) -> AssessmentQuerySet:
        return self.filter(OF_ONESELF)

    def second(self) -> AssessmentQuerySet:
        """Second ratings, of sessions that a supervisor's assessment is about."""
        return self.filter(SECOND)

    def drafts(self) -> AssessmentQuerySet:
        """Of supervisors, like the two below."""
        return self.by_supervisors().filter(status=Status.DRAFT)

    def shared(self) -> AssessmentQuerySet:
        return self.by_supervisors().filter(status=Status.SHARED)

    def counting(self) -> AssessmentQuerySet:
        """Shared (provisional) and signed off, and no later version in its place: what a profile may rest on."""
        return self.by_supervisors().filter(~superseded(), status__in=STANDING)

    def with_superseded(self) -> AssessmentQuerySet:
        return self.annotate(is_superseded=superseded())

    def newest_first(self) -> AssessmentQuerySet:
        return self.order_by("-session_on", "-created_at")

    def with_people(self) -> AssessmentQuerySet:
        return self.select_related(
            "therapist", "supervisor", "organisation", "revision__framework", "scale", "short_form", "entered_by"
        )

    def with_pair(self) -> AssessmentQuerySet:
        """With the other assessment of the session, on either side; reading one asks after the other."""
        return self.select_related("self_assessment", "pair__supervisor")

    def with_levels(self) -> AssessmentQuerySet:
        return self.prefetch_related("scale__levels")


def superseded(row: str = "pk") -> Exists:
    """Whether a version made by reopening it is shared or signed off, and so counts in its place.

    That it is a version at all follows from the rest, but told so the database looks at the few that are.
    """
    later = Assessment.objects.filter(predecessor__isnull=False, status__in=STANDING)
    return Exists(later.filter(predecessor=OuterRef(row)))


class Assessment(models.Model):
    """One occasion of assessing a therapist, in one person's role, on one revision and scale for ever."""

    Status, Source, Format = Status, Source, Format
    SelectedBy, Difficulty, Agreement = SelectedBy, Difficulty, Agreement
    Fitness = Fitness

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="assessments")
    therapist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assessments")
    supervisor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assessments_given")
    revision = models.ForeignKey(FrameworkRevision, on_delete=models.PROTECT, related_name="assessments")
    scale = models.ForeignKey(RatingScale, on_delete=models.PROTECT, related_name="assessments")
    activities = models.ManyToManyField(Activity, related_name="assessments")
    short_form = models.ForeignKey(
        ShortForm, null=True, blank=True, on_delete=models.PROTECT, related_name="assessments"
    )
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    origin = models.CharField(max_length=20, choices=AssessmentOrigin, default=AssessmentOrigin.HERE)
    entered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="assessments_entered")
    role = models.CharField(max_length=20, choices=AssessmentRole, default=AssessmentRole.SUPERVISOR)
    # Of a self-assessment: the supervisor's of the same session.
    pair = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="self_assessment")
    # Of a version made by reopening: the signed one that it replaces once it is shared.
    predecessor = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="successors")
    # Of a second rating: the supervisor's of the same session.
    second_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="second_ratings")

    source = models.CharField(max_length=20, choices=Source)
    session_on = models.DateField()
    case_number = models.PositiveSmallIntegerField(null=True, blank=True)
    session_number = models.PositiveSmallIntegerField(null=True, blank=True)
    planned_total = models.PositiveSmallIntegerField(null=True, blank=True)
    phase = models.CharField(max_length=20, choices=Phase, blank=True)
    problem_area = models.CharField(max_length=20, choices=ProblemArea, blank=True)
    format = models.CharField(max_length=20, choices=Format, blank=True)
    minutes_reviewed = models.PositiveSmallIntegerField(null=True, blank=True)
    selected_by = models.CharField(max_length=20, choices=SelectedBy, blank=True)
    difficulty = models.CharField(max_length=20, choices=Difficulty, blank=True)
    is_consent_confirmed = models.BooleanField(default=False)

    summary = models.TextField(blank=True)
    strengths = models.TextField(blank=True)
    needs = models.TextField(blank=True)
    concerns_handled = models.TextField(blank=True)
    fitness = models.CharField(max_length=20, choices=Fitness, blank=True)
    # The signed one that movement is told from, pinned by sharing.
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="followers")
    reply = models.TextField(blank=True)
    reply_agreement = models.CharField(max_length=20, choices=Agreement, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    shared_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True)
    signed_off_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)
    # Of one that the training lead signed in place of the therapist.
    closed_as = models.CharField(max_length=20, choices=ClosedAs, blank=True)
    closed_reason = models.TextField(blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["therapist", "status", "session_on"], name="assessment_of_therapist"),
            models.Index(fields=["supervisor", "status"], name="assessment_by_supervisor"),
            models.Index(fields=["organisation", "status"], name="assessment_in_organisation"),
        ]
        constraints = [
            *ORIGIN_CONSTRAINTS,
            *SELF_CONSTRAINTS,
            *SECOND_CONSTRAINTS,
            *STEP_CONSTRAINTS,
            *SUCCESSION_CONSTRAINTS,
            *JUDGEMENT_CONSTRAINTS,
            chosen("assessment", "status", Status),
            chosen("assessment", "source", Source),
            chosen("assessment", "phase", Phase, blank=True),
            chosen("assessment", "problem_area", ProblemArea, blank=True),
            chosen("assessment", "format", Format, blank=True),
            chosen("assessment", "selected_by", SelectedBy, blank=True),
            chosen("assessment", "difficulty", Difficulty, blank=True),
            chosen("assessment", "reply_agreement", Agreement, blank=True),
            CheckConstraint(
                name="assessment_of_a_recording_has_consent",
                condition=~Q(source="recorded") | Q(is_consent_confirmed=True),
            ),
            CheckConstraint(
                name="assessment_numbers_start_at_one",
                condition=(Q(case_number__isnull=True) | Q(case_number__gte=1))
                & (Q(session_number__isnull=True) | Q(session_number__gte=1))
                & (Q(planned_total__isnull=True) | Q(planned_total__gte=1))
                & (Q(minutes_reviewed__isnull=True) | Q(minutes_reviewed__gte=1)),
            ),
            CheckConstraint(
                name="assessment_reply_has_a_time",
                condition=Q(reply_agreement="", reply="", replied_at__isnull=True)
                | (~Q(reply_agreement="") & Q(replied_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"Assessment {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("assessment", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT

    @property
    def is_shared(self) -> bool:
        return self.status == Status.SHARED

    @property
    def is_signed_off(self) -> bool:
        return self.status == Status.SIGNED_OFF

    @property
    def is_self(self) -> bool:
        return self.role == AssessmentRole.SELF

    @property
    def is_second(self) -> bool:
        return self.role == AssessmentRole.SECOND

    @property
    def is_by_supervisor(self) -> bool:
        return self.role == AssessmentRole.SUPERVISOR

    @property
    def is_occasional(self) -> bool:
        return self.role == AssessmentRole.OCCASIONAL

    @property
    def is_handed_in(self) -> bool:
        """By an occasional rater, whose part is done then."""
        return self.is_occasional and self.shared_at is not None

    @property
    def looks_back(self) -> bool:
        """Whether its author is shown what was given before. Who is asked about one session is shown nothing else."""
        return not (self.is_second or self.is_occasional)

    @property
    def is_from_a_form(self) -> bool:
        return self.origin == AssessmentOrigin.FORM

    @property
    def is_of_a_recording(self) -> bool:
        return self.source == Source.RECORDED

    @property
    def occasion(self) -> str:
        """What it rests on, in a few words: `Recorded session, case 2, session 7 of 16`."""
        return ", ".join([self.get_source_display(), *self._session])

    @property
    def context(self) -> str:
        """The occasion with phase and problem area."""
        return ", ".join([self.get_source_display(), *self._session, *self._course])

    @property
    def case(self) -> str:
        """The context without what it rests on: `case 2, session 7 of 16, middle phase, role dispute`."""
        return ", ".join([*self._session, *self._course])

    @property
    def _session(self) -> list[str]:
        words = [f"case {self.case_number}"] if self.case_number else []
        if self.session_number:
            total = f" of {self.planned_total}" if self.planned_total else ""
            words.append(f"session {self.session_number}{total}")
        return words

    @property
    def _course(self) -> list[str]:
        words = [f"{self.get_phase_display().lower()} phase"] if self.phase else []
        return [*words, self.get_problem_area_display().lower()] if self.problem_area else words
