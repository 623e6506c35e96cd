"""Who rates in an assessment: a supervisor, the therapist, a second rater of the session of a supervisor's one, or an
occasional rater, who sees nothing else.

A self-assessment and a second rating are hidden from the supervisor's, and that one from them, until both are shared;
`opened_at`, on theirs, says since when that is over.
"""

from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q, UniqueConstraint

from assessments.models.constraints import chosen
from assessments.models.people import Role, Supervision, User


class AssessmentRole(models.TextChoices):
    SUPERVISOR = "supervisor", "Assessment"
    SELF = "self", "Self-assessment"
    SECOND = "second", "Second rating"
    OCCASIONAL = "occasional", "Occasional rater\u2019s assessment"


def _only(name: str, is_blank: Q, *roles: str) -> CheckConstraint:
    return CheckConstraint(name=name, condition=is_blank | Q(role__in=roles))


SELF_CONSTRAINTS = [
    chosen("assessment", "role", AssessmentRole),
    CheckConstraint(
        name="assessment_joins_two_people_unless_of_oneself",
        condition=Q(role="self", therapist=F("supervisor")) | ~Q(role="self") & ~Q(therapist=F("supervisor")),
    ),
    _only("assessment_is_paired_only_if_of_oneself", Q(pair__isnull=True), "self"),
    _only("assessment_is_opened_only_if_rated_beside", Q(opened_at__isnull=True), "self", "second"),
    _only("assessment_rests_on_reflection_only_if_of_oneself", ~Q(source="reflection"), "self"),
    CheckConstraint(
        name="assessment_is_opened_only_once_shared", condition=Q(opened_at__isnull=True) | Q(shared_at__isnull=False)
    ),
    CheckConstraint(name="assessment_of_oneself_has_no_reply", condition=~Q(role="self") | Q(replied_at__isnull=True)),
    CheckConstraint(
        name="assessment_by_an_occasional_rater_has_no_reply",
        condition=~Q(role="occasional") | Q(replied_at__isnull=True),
    ),
]
SECOND_CONSTRAINTS = [
    CheckConstraint(
        name="assessment_is_second_of_another_only_as_second",
        condition=Q(role="second", second_of__isnull=False) | ~Q(role="second") & Q(second_of__isnull=True),
    ),
    CheckConstraint(name="assessment_second_has_no_reply", condition=~Q(role="second") | Q(replied_at__isnull=True)),
    UniqueConstraint(
        name="assessment_has_one_standing_second",
        fields=["second_of"],
        condition=~Q(status="withdrawn"),
    ),
]

SHARED = Q(shared_at__isnull=False)
BY_SUPERVISOR = Q(role=AssessmentRole.SUPERVISOR)
OF_ONESELF = Q(role=AssessmentRole.SELF)
SECOND = Q(role=AssessmentRole.SECOND)
OPENED = Q(opened_at__isnull=False)
NOT_WITHDRAWN = ~Q(status="withdrawn")
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
    therapist = Q(therapist=user) & NOT_WAITING & (~SECOND | OPENED & ~Q(second_of__in=_awaited_of_oneself(user)))
    others = (_led(user) | _supervised(user)) & (BY_SUPERVISOR | BY_OCCASIONAL_RATER | OPENED) | _rated_beside(user)
    # Handing in ends the part of an occasional rater.
    mine = Q(supervisor=user) & (~BY_OCCASIONAL_RATER | ~SHARED)
    return mine | SHARED & (therapist | others & ~Q(therapist=user) & ~_withheld(user))


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
        Q(second_of__supervisor=user),
        _rated_beside(user),
        SHARED & Q(therapist=user) & (~SECOND | OPENED),
        SHARED & _supervised(user) & (~SECOND | OPENED),
        Q(organisation__in=user.overseen_organisations) & (SHARED | BY_SUPERVISOR | SECOND),
    ]


def _rated_beside(user: User) -> Q:
    """The first rating of a session that the user rated as well, for as long as they are a supervisor there."""
    return Q(pk__in=_opened_to(user), organisation__in=user.organisations_as(Role.SUPERVISOR))


def _withheld(user: User) -> Q:
    """What was rated of a session that the user still rates as well, in whatever other role they could read it.

    A new version of the first rating holds its levels, too.
    """
    awaited = _seconds_of(user).filter(NOT_WITHDRAWN, opened_at__isnull=True).values("second_of")
    return Q(pk__in=awaited) | Q(pair__in=awaited) | Q(predecessor__in=awaited)


def _opened_to(user: User) -> models.QuerySet[Any]:
    return _seconds_of(user).filter(OPENED).values("second_of")


def _seconds_of(user: User) -> models.QuerySet[Any]:
    return user.assessments_given.filter(SECOND).order_by()


def _awaited_of_oneself(user: User) -> models.QuerySet[Any]:
    """Supervisors' assessments of sessions that the user still rates themselves on."""
    own = user.assessments_given.filter(OF_ONESELF, NOT_WITHDRAWN, opened_at__isnull=True, pair__isnull=False)
    return own.order_by().values("pair")


def _led(user: User) -> Q:
    return Q(organisation__in=user.organisations_as(Role.LEAD))


def _supervised(user: User) -> Q:
    running = Supervision.objects.current().filter(supervisor=user).order_by()
    here = running.filter(therapist=OuterRef("therapist"), organisation=OuterRef("organisation"))
    # The second follows from the first, but only by it does the database find the assessments.
    return Q(Exists(here), therapist__in=running.values("therapist"))
