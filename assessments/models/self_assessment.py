"""Who rates in an assessment: a supervisor, or the therapist, who rates the same items without seeing the other's.

The two are hidden from each other until both are shared; `opened_at` says since when that is over.
"""

from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q

from assessments.models.constraints import chosen
from assessments.models.people import Role, Supervision, User


class AssessmentRole(models.TextChoices):
    SUPERVISOR = "supervisor", "Supervisor's assessment"
    SELF = "self", "Self-assessment"


def _only_of_oneself(name: str, is_blank: Q) -> CheckConstraint:
    # Only of known roles, so that an unknown one breaks a single rule.
    return CheckConstraint(name=name, condition=is_blank | ~Q(role="supervisor"))


SELF_CONSTRAINTS = [
    chosen("assessment", "role", AssessmentRole),
    CheckConstraint(
        name="assessment_joins_two_people_unless_of_oneself",
        condition=~Q(role="supervisor") & Q(therapist=F("supervisor"))
        | ~Q(role="self") & ~Q(therapist=F("supervisor")),
    ),
    _only_of_oneself("assessment_is_paired_only_if_of_oneself", Q(pair__isnull=True)),
    _only_of_oneself("assessment_is_opened_only_if_of_oneself", Q(opened_at__isnull=True)),
    _only_of_oneself("assessment_rests_on_reflection_only_if_of_oneself", ~Q(source="reflection")),
    CheckConstraint(
        name="assessment_is_opened_only_once_shared", condition=Q(opened_at__isnull=True) | Q(shared_at__isnull=False)
    ),
    CheckConstraint(name="assessment_of_oneself_has_no_reply", condition=~Q(role="self") | Q(replied_at__isnull=True)),
]

SHARED = Q(shared_at__isnull=False)
BY_SUPERVISOR = Q(role=AssessmentRole.SUPERVISOR)
# Neither paired with a self-assessment, nor with one that is still to be shared.
NOT_WAITING = (
    Q(self_assessment__isnull=True)
    | Q(self_assessment__status="withdrawn")
    | Q(self_assessment__opened_at__isnull=False)
)


def readable_by(user: User) -> Q:
    """The content: what one wrote; once shared what is about oneself, or about whom one leads or supervises now.

    Of two assessments of one session neither side reads the other's before both are shared, in whatever role.
    """
    others = (_led(user) | _supervised(user)) & ~Q(therapist=user) & (BY_SUPERVISOR | Q(opened_at__isnull=False))
    return Q(supervisor=user) | SHARED & (Q(therapist=user) & NOT_WAITING | others)


def known_to(user: User) -> Q:
    """The existence: a draft of oneself is known only to its author and to whoever asked for it."""
    shared = SHARED & (Q(therapist=user) | _led(user) | _supervised(user))
    overseen = Q(organisation__in=user.overseen_organisations) & (SHARED | BY_SUPERVISOR)
    return Q(supervisor=user) | Q(pair__supervisor=user) | shared | overseen


def _led(user: User) -> Q:
    return Q(organisation__in=user.organisations_as(Role.LEAD))


def _supervised(user: User) -> Q:
    running = Supervision.objects.current().filter(
        supervisor=user, therapist=OuterRef("therapist"), organisation=OuterRef("organisation")
    )
    return Q(Exists(running))
