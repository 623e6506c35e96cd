"""Who rates in an assessment: a supervisor, the therapist, or an occasional rater, who sees nothing else.

A therapist rates the same items without seeing the supervisor's. The two are hidden from each other until both are
shared; `opened_at` says since when that is over.
"""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q

from assessments.models.constraints import chosen
from assessments.models.people import Role, Supervision, User


class AssessmentRole(models.TextChoices):
    SUPERVISOR = "supervisor", "Supervisor's assessment"
    SELF = "self", "Self-assessment"
    OCCASIONAL = "occasional", "Occasional rater\u2019s assessment"


def _only_of_oneself(name: str, is_blank: Q) -> CheckConstraint:
    return CheckConstraint(name=name, condition=is_blank | Q(role="self"))


SELF_CONSTRAINTS = [
    chosen("assessment", "role", AssessmentRole),
    CheckConstraint(
        name="assessment_joins_two_people_unless_of_oneself",
        condition=Q(role="self") & Q(therapist=F("supervisor")) | ~Q(role="self") & ~Q(therapist=F("supervisor")),
    ),
    _only_of_oneself("assessment_is_paired_only_if_of_oneself", Q(pair__isnull=True)),
    _only_of_oneself("assessment_is_opened_only_if_of_oneself", Q(opened_at__isnull=True)),
    _only_of_oneself("assessment_rests_on_reflection_only_if_of_oneself", ~Q(source="reflection")),
    CheckConstraint(
        name="assessment_is_opened_only_once_shared", condition=Q(opened_at__isnull=True) | Q(shared_at__isnull=False)
    ),
    CheckConstraint(name="assessment_of_oneself_has_no_reply", condition=~Q(role="self") | Q(replied_at__isnull=True)),
    CheckConstraint(
        name="assessment_by_an_occasional_rater_has_no_reply",
        condition=~Q(role="occasional") | Q(replied_at__isnull=True),
    ),
]

SHARED = Q(shared_at__isnull=False)
BY_SUPERVISOR = Q(role=AssessmentRole.SUPERVISOR)
BY_OCCASIONAL_RATER = Q(role=AssessmentRole.OCCASIONAL)
# Neither paired with a self-assessment, nor with one that is still to be shared.
NOT_WAITING = (
    Q(self_assessment__isnull=True)
    | Q(self_assessment__status="withdrawn")
    | Q(self_assessment__opened_at__isnull=False)
)


def readable_by(user: User) -> Q:
    """The content: what one wrote; once shared what is about oneself, or about whom one leads or supervises now.

    An occasional rater reads it until it is handed in. Of two assessments of one session neither side reads
    the other's before both are shared, in whatever role.
    """
    opens_at_once = BY_SUPERVISOR | BY_OCCASIONAL_RATER
    others = (_led(user) | _supervised(user)) & ~Q(therapist=user) & (opens_at_once | Q(opened_at__isnull=False))
    mine = Q(supervisor=user) & (~BY_OCCASIONAL_RATER | ~SHARED)
    return mine | SHARED & (Q(therapist=user) & NOT_WAITING | others)


def known_to(user: User) -> Q:
    """The existence, which is less than the content."""
    return reduce(or_, ways_to_know(user))


def ways_to_know(user: User) -> list[Q]:
    """Why somebody may know of one. A draft of oneself is known only to its author and to whoever asked for it.

    Each way by itself is a search by index. Joined with OR they make the database look at everybody's, unless the
    caller names a therapist or an assessment.
    """
    return [
        Q(supervisor=user),
        Q(pair__supervisor=user),
        SHARED & Q(therapist=user),
        SHARED & _supervised(user),
        Q(organisation__in=user.overseen_organisations) & (SHARED | BY_SUPERVISOR),
    ]


def _led(user: User) -> Q:
    return Q(organisation__in=user.organisations_as(Role.LEAD))


def _supervised(user: User) -> Q:
    running = Supervision.objects.current().filter(supervisor=user).order_by()
    here = running.filter(therapist=OuterRef("therapist"), organisation=OuterRef("organisation"))
    # The second follows from the first, but only by it does the database find the assessments.
    return Q(Exists(here), therapist__in=running.values("therapist"))
