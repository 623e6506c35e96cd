"""Reads of development goals: agreed, open, carried into a draft, closed in it, and what waits for one."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from assessments import policies, wording
from assessments.models import Assessment, Goal, Rating, Role, Signature, Status, User
from assessments.models.assessment import STANDING
from assessments.models.goal import STILL_OPEN, GoalOwner, GoalStatus


@dataclass(frozen=True)
class GoalLine:
    """A development goal with the codes it is tied to, and what became of it where that is for the reader."""

    pk: UUID
    text: str
    due_on: datetime.date | None
    status: str
    owner: str
    judged_by: str
    result: str
    closed_in: UUID | None
    assessment: UUID
    agreed_on: datetime.date
    codes: str = ""

    @property
    def who(self) -> str:
        """`Worked on by the therapist`; nothing for the oldest goals, which name nobody."""
        return f"Worked on by {GoalOwner(self.owner).label.lower()}." if self.owner else ""

    @property
    def outcome(self) -> str:
        return GoalStatus(self.status).label

    def is_overdue(self, on: datetime.date) -> bool:
        return self.due_on is not None and self.due_on < on


_COLUMNS = ["pk", "text", "due_on", "status", "owner", "judged_by", "result", "closed_in", "assessment"]


def goal_lines(goals: QuerySet[Goal]) -> list[GoalLine]:
    """Goals in the order given, each with its codes, in one statement."""
    order = [*(goals.query.order_by or ["created_at"]), "pk", "competences__position"]
    rows = goals.values_list(*_COLUMNS, "assessment__session_on", "competences__code").order_by(*order)
    lines: dict[UUID, GoalLine] = {}
    codes: dict[UUID, list[str]] = defaultdict(list)
    for *line, code in rows:
        codes[line[0]] += [code] if code else []
        lines[line[0]] = GoalLine(*line)
    return [replace(line, codes=", ".join(codes[pk])) for pk, line in lines.items()]


def goals_read(assessment: Assessment) -> tuple[list[GoalLine], list[GoalLine]]:
    """What was agreed in an assessment, and what was closed in it, in one statement."""
    lines = goal_lines(Goal.objects.filter(Q(assessment=assessment) | Q(closed_in=assessment)))
    return (
        [line for line in lines if line.assessment == assessment.pk],
        [line for line in lines if line.closed_in == assessment.pk],
    )


def open_goals(seen: Iterable[Any]) -> list[GoalLine]:
    """Goals still worked on, from those assessments of somebody that both have seen and the reader may read.

    What was closed in one that the reader may not read yet is open for them.
    """
    rows = list(seen)
    shared = [row.pk for row in rows if row.status in {Status.SHARED, Status.SIGNED_OFF} and row.may_read]
    still_open = STILL_OPEN | Q(closed_in__in=unread(rows))
    return goal_lines(_by_date(Goal.objects.filter(still_open, assessment__in=shared)))


def unread(seen: Iterable[Any]) -> list[UUID]:
    """Those of the assessments in sight whose content stays closed to the reader."""
    return [row.pk for row in seen if not row.may_read]


def carried_goals(user: User, draft: Assessment) -> list[GoalLine]:
    """Goals from before, for the author of a draft: those still open, and those closed in this draft."""
    before = (
        Assessment.objects.by_supervisors()
        .readable_by(user)
        .filter(
            # Goals of a version that was replaced go on.
            status__in=STANDING,
            therapist=draft.therapist_id,
            organisation=draft.organisation_id,
            session_on__lte=draft.session_on,
        )
    )
    wanted = STILL_OPEN & Q(assessment__in=before.values("pk")) | Q(closed_in=draft)
    # The therapist is named for the database, which finds their goals by it.
    return goal_lines(_by_date(Goal.objects.filter(wanted, therapist=draft.therapist_id)))


def carried_goal(user: User, draft: Assessment, pk: UUID | str) -> GoalLine:
    """One of them, by its id or by what a page sends for it. Raises DoesNotExist."""
    for line in carried_goals(user, draft):
        if str(line.pk) == str(pk):
            return line
    raise Goal.DoesNotExist


def _by_date(goals: QuerySet[Goal]) -> QuerySet[Goal]:
    return goals.order_by(F("due_on").asc(nulls_last=True), "created_at")


def ratings_given(draft: Assessment) -> list[Any]:
    """The ratings of a draft in printed order, each with whether a goal of the draft names its competence."""
    named = draft.goals.filter(competences=OuterRef("competence"))
    rows = draft.ratings.given().select_related("competence", "level").annotate(has_goal=Exists(named))
    return list(rows.order_by("competence__position"))


def flagged_without_goal(assessments: Iterable[UUID], *, unread: Iterable[UUID] = ()) -> list[Rating]:
    """Concerns and priorities of these assessments, latest first, that no goal of theirs or of a later one names.

    Goals of `unread` assessments are as if they were not there.
    A competence that was flagged twice is listed once, as it was flagged last.
    """
    chosen = list(assessments)
    # Whose they are is asked once more, in words by which the database finds their goals alone.
    therapists = Assessment.objects.filter(pk__in=chosen).values("therapist")
    since = (
        Goal.objects.filter(competences=OuterRef("competence"), therapist=OuterRef("assessment__therapist"))
        .filter(assessment__status__in=[Status.SHARED, Status.SIGNED_OFF], therapist__in=therapists)
        .exclude(assessment__in=list(unread))
        .filter(Q(assessment__session_on__gte=OuterRef("assessment__session_on")) | STILL_OPEN)
    )
    flagged = (
        Rating.objects.given()
        .filter(~Exists(since), Q(is_concern=True) | Q(is_priority=True), assessment__in=chosen)
        .select_related("competence__activity", "assessment", "level")
        .order_by("-assessment__session_on", "-assessment__created_at", "competence__position")
    )
    found: dict[int, Rating] = {}
    for rating in flagged:
        found.setdefault(rating.competence_id, rating)
    return list(found.values())


@dataclass(frozen=True)
class Pending:
    """A shared assessment that is not signed by both, and what it waits for."""

    assessment: Any
    waits_for: list[str]

    @property
    def words(self) -> str:
        return wording.listed(self.waits_for)


def waiting_between(user: User, therapist: User) -> list[Pending]:
    """Shared assessments of a therapist that this person may read, each with the reply and signatures that it lacks."""
    signed = Signature.objects.filter(assessment=OuterRef("pk"), voided_at__isnull=True)
    rows = (
        Assessment.objects.shared()
        .readable_by(user)
        .filter(therapist=therapist)
        .select_related("supervisor", "therapist", "organisation", "self_assessment")
        .annotate(
            therapist_signed=Exists(signed.filter(role=Role.THERAPIST)),
            supervisor_signed=Exists(signed.filter(role=Role.SUPERVISOR)),
        )
        .order_by("shared_at")
    )
    return [Pending(row, _lacking(row)) for row in rows]


def _lacking(row: Any) -> list[str]:
    """Whoever has signed has answered as well. Before both of a session are open nobody replies or signs."""
    therapist, supervisor = row.therapist.name, row.supervisor.name
    if policies.waits_for_self_assessment(row):
        return [f"the self-assessment of {therapist}"]
    has_both = row.therapist_signed and row.supervisor_signed
    wanted = [
        (f"the reply of {therapist}", row.replied_at is None and not row.therapist_signed),
        (f"the signature of {therapist}", not row.therapist_signed),
        (f"the signature of {supervisor}", not row.supervisor_signed),
        ("the signature of a training lead", has_both or row.organisation.has_lead_signature),
    ]
    return [words for words, is_lacking in wanted if is_lacking]
