"""Who: what a person's roles and dated supervisions allow. Each check raises the reason as a sentence.

The querysets' `visible_to` has let only insiders come this far, so a refusal here is a 403 with its reason.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from assessments import policies
from assessments.exceptions import NotAllowed
from assessments.models import (
    Assessment,
    AuditEvent,
    Organisation,
    RaterLink,
    ReportBundle,
    Role,
    Status,
    Supervision,
    User,
)


def allows(check: Callable[..., object], *args: Any) -> bool:
    """The check as a question: `allows(check_can_sign, user, assessment)`."""
    try:
        check(*args)
    except NotAllowed:
        return False
    return True


def supervises(user: User, therapist: User, organisation: Organisation | None = None) -> bool:
    """Whether the supervision runs today, in one organisation or in any."""
    running = Supervision.objects.current().filter(supervisor=user, therapist=therapist)
    return (running.filter(organisation=organisation) if organisation else running).exists()


def _leads(user: User, assessment: Assessment) -> bool:
    return assessment.organisation_id in user.organisations_as(Role.LEAD)


RATE_YOURSELF_FIRST = "You are rating yourself on the same session. Share your self-assessment first, then both open."
RATE_YOURS_FIRST = (
    "You are asked for a second rating of the same session. It opens to you once yours and the first are both shared."
)
NOT_ALL_READABLE = "You may not read everybody\u2019s reports in here any more. Ask for them again."
ENDED = "Your supervision of this therapist has ended. You can still read what you wrote yourself."
_ARTICLES: dict[str, str] = {Role.THERAPIST: "a", Role.SUPERVISOR: "a", Role.LEAD: "a", Role.ADMIN: "an"}


def check_has_role(user: User, *roles: str) -> None:
    if not user.roles.intersection(roles):
        wanted = " or ".join(f"{_ARTICLES[role]} {Role(role).label.lower()}" for role in roles)
        raise NotAllowed(f"This is for {wanted}. Ask an administrator if you should have that role.")


def check_can_read(user: User, assessment: Assessment) -> None:
    """Read ratings and texts. The two people named; others of the organisation only once it is shared.

    Whoever is rated, or rates, beside a self-assessment or a second rating reads the other side's once both are shared.
    """
    if user.pk == assessment.supervisor_id:
        _check_time_is_not_over(assessment)
        return
    if assessment.is_second:
        policies.check_is_shown(assessment)
    if user.pk == assessment.therapist_id:
        if assessment.shared_at and policies.waits_for_self_assessment(assessment.second_of or assessment):
            raise NotAllowed(RATE_YOURSELF_FIRST)
        return
    if _is_other_rater(user, assessment):
        policies.check_is_shown(assessment)
        return
    if _leads(user, assessment) or supervises(user, assessment.therapist, assessment.organisation):
        policies.check_is_shown(assessment)
        return
    theirs = assessment.pair or assessment.second_of
    if theirs and theirs.supervisor_id == user.pk:
        raise NotAllowed(ENDED)
    raise NotAllowed("Administrators manage people and frameworks. They do not read ratings.")


def _is_other_rater(user: User, assessment: Assessment) -> bool:
    """Whether `user` rates the same session as well and may read the other's. Raises NotAllowed before both are open.

    A self-assessment of the session, and a new version of the first rating, are withheld like the first rating, but
    give nobody more than they had.
    """
    if assessment.is_second:
        return False
    given = _given_beside(user, assessment.pair if assessment.is_self else assessment)
    for each in (given, _given_beside(user, assessment.predecessor)):
        if each and assessment.shared_at and not each.opened_at:
            raise NotAllowed(RATE_YOURS_FIRST)
    return given is not None and assessment.is_by_supervisor and _works_at(user, assessment)


def _given_beside(user: User, first: Assessment | None) -> Assessment | None:
    return next((row for row in _standing_seconds(first) if row.supervisor_id == user.pk), None)


def _standing_seconds(first: Assessment | None) -> list[Assessment]:
    """The second ratings of a session that were not withdrawn: one at most, and of what is none itself."""
    if first is None or not first.is_by_supervisor:
        return []
    return [row for row in first.second_ratings.all() if row.status != Status.WITHDRAWN]


def _works_at(user: User, assessment: Assessment) -> bool:
    return assessment.organisation_id in user.organisations_as(Role.SUPERVISOR)


def check_is_author(user: User, assessment: Assessment) -> None:
    if user.pk != assessment.supervisor_id:
        raise NotAllowed(f"Only {assessment.supervisor.name}, who made this assessment, can do that.")
    _check_time_is_not_over(assessment)


def _check_time_is_not_over(assessment: Assessment) -> None:
    if assessment.is_occasional:
        policies.check_link_runs(assessment)


def check_can_edit(user: User, assessment: Assessment) -> None:
    """Rate, correct the context, write the texts and goals, share."""
    check_is_author(user, assessment)
    policies.check_step(assessment, "rate")
    _check_supervision(user, assessment)


def check_not_handed_over(user: User, assessment_id: UUID) -> None:
    """Whoever had the draft no longer sees it, and is told why the page that is still open saves nothing."""
    handed = AuditEvent.objects.filter(assessment=assessment_id, type=AuditEvent.Type.ASSESSMENT_HANDED_OVER)
    if handed.filter(data__supervisor__0=str(user.pk)).exists():
        raise NotAllowed("You cannot rate this assessment. It was handed over to another supervisor.")


def _check_supervision(user: User, assessment: Assessment) -> None:
    if assessment.is_self or assessment.is_occasional:  # the one nobody ends but its author, the other a link
        return
    if assessment.is_second:
        if not _works_at(user, assessment):
            raise NotAllowed(f"You are no supervisor at {assessment.organisation.name} at present.")
        return
    between_the_two = Supervision.objects.filter(
        supervisor=user, therapist=assessment.therapist_id, organisation=assessment.organisation_id
    )
    latest = between_the_two.order_by(F("ends_on").desc(nulls_first=True)).first()
    policies.check_in_grace(latest, timezone.localdate())


def check_can_share(user: User, assessment: Assessment) -> None:
    check_is_author(user, assessment)
    policies.check_step(assessment, "share")
    _check_supervision(user, assessment)


def check_can_take_back(user: User, assessment: Assessment) -> None:
    check_is_author(user, assessment)
    policies.check_step(assessment, "take back")
    policies.check_is_not_open(assessment)
    _check_supervision(user, assessment)


def check_can_withdraw(user: User, assessment: Assessment) -> None:
    """The author; the training lead what an occasional rater, whose part is done, should not have handed in."""
    if not (assessment.is_handed_in and _leads(user, assessment) and user.pk != assessment.therapist_id):
        check_is_author(user, assessment)
    policies.check_step(assessment, "withdraw")
    if assessment.is_second:
        policies.check_is_not_open(assessment)
    _check_supervision(user, assessment)


def check_can_hand_over(user: User, assessment: Assessment) -> None:
    """The author, or the training lead when the author has left."""
    policies.check_is_by_supervisor(assessment, "hand over")
    if user.pk != assessment.supervisor_id and not _leads(user, assessment):
        raise NotAllowed("Only the supervisor who began this draft, or the training lead, can hand it over.")
    policies.check_step(assessment, "hand over")
    if not _leads(user, assessment):
        _check_supervision(user, assessment)


def check_can_reply(user: User, assessment: Assessment) -> None:
    if user.pk != assessment.therapist_id:
        raise NotAllowed("Only the therapist can reply to this assessment.")
    policies.check_is_by_supervisor(assessment, "reply to")
    policies.check_step(assessment, "reply to")
    _check_does_not_wait(user, assessment)


def check_can_sign(user: User, assessment: Assessment) -> str:
    """Returns the role in which the person signs."""
    role = _signing_role(user, assessment)
    if role is None:
        raise NotAllowed("Only the therapist and the supervisor named in this assessment sign it.")
    policies.check_is_by_supervisor(assessment, "sign")
    policies.check_step(assessment, "sign")
    _check_does_not_wait(user, assessment)
    standing = policies.roles_signed(assessment)
    if role in standing:
        raise NotAllowed("You have signed this assessment. It waits for the other signature.")
    if role == Role.LEAD and not standing >= policies.BOTH:
        raise NotAllowed("The training lead signs last. It waits for the therapist and the supervisor.")
    return role


def _check_does_not_wait(user: User, assessment: Assessment) -> None:
    if policies.waits_for_self_assessment(assessment):
        own = user.pk == assessment.therapist_id
        raise NotAllowed(
            RATE_YOURSELF_FIRST if own else f"This waits for {assessment.therapist.name}\u2019s self-assessment."
        )


def _signing_role(user: User, assessment: Assessment) -> str | None:
    if user.pk == assessment.therapist_id:
        return Role.THERAPIST
    if user.pk == assessment.supervisor_id:
        return Role.SUPERVISOR
    return Role.LEAD if _leads(user, assessment) and _takes_a_lead(assessment) else None


def _takes_a_lead(assessment: Assessment) -> bool:
    """Where the organisation asks for it; or asked for it while both signed, so that it still waits."""
    asks = assessment.organisation.has_lead_signature
    return asks or (assessment.is_shared and policies.roles_signed(assessment) >= policies.BOTH)


def check_can_close(user: User, assessment: Assessment) -> None:
    """Sign in place of the therapist, who does not."""
    _check_is_second_person(user, assessment, "close")
    _check_does_not_wait(user, assessment)
    standing = policies.roles_signed(assessment)
    if Role.THERAPIST in standing:
        raise NotAllowed(f"You cannot close this assessment. {assessment.therapist.name} has signed it.")
    if Role.SUPERVISOR not in standing:
        raise NotAllowed(f"You cannot close this assessment yet. {assessment.supervisor.name} has to sign it first.")


def check_can_reopen(user: User, assessment: Assessment) -> None:
    """Begin a new version of a signed one."""
    _check_is_second_person(user, assessment, "reopen")
    if assessment.successors.exclude(status=Assessment.Status.WITHDRAWN).exists():
        raise NotAllowed("You cannot reopen this assessment. It was reopened already, and a new version was begun.")


def _check_is_second_person(user: User, assessment: Assessment, step: str) -> None:
    """A training lead of the organisation who is neither of the two named."""
    if not _leads(user, assessment):
        raise NotAllowed(f"Only a training lead of {assessment.organisation.name} can {step} this assessment.")
    if user.pk in {assessment.therapist_id, assessment.supervisor_id}:
        raise NotAllowed(f"You are named in this assessment. Another training lead has to {step} it.")
    policies.check_is_by_supervisor(assessment, step)
    policies.check_step(assessment, step)


def reopened(user: User, version: Assessment) -> bool:
    """Whether this new version was begun by them; then they are the second person, and never its author."""
    theirs = version.events.filter(type=AuditEvent.Type.ASSESSMENT_REOPENED, by=user)
    return version.predecessor_id is not None and theirs.exists()


def check_may_finish(user: User, assessment: Assessment) -> None:
    """Supervise the therapist still, or have ended it recently enough to finish what was begun."""
    if not user.is_active:
        raise NotAllowed(f"The account of {user.name} is switched off.")
    _check_supervision(user, assessment)


def check_can_start(user: User, therapist: User) -> None:
    if not supervises(user, therapist):
        raise NotAllowed(f"You do not supervise {therapist.name} at present.")


def check_can_manage_link(user: User, link: RaterLink) -> None:
    """Give an occasional rater more time, send the link anew, end it. `link` comes from `visible_to(user)`."""
    check_can_start(user, link.assessment.therapist)
    policies.check_link_can_change(link)


def check_takes_goals(user: User, assessment: Assessment) -> None:
    """Agree goals in a draft, and say what became of earlier ones."""
    check_can_edit(user, assessment)
    policies.check_is_by_supervisor(assessment, "set goals in")


def check_can_ask(user: User, assessment: Assessment) -> None:
    """Ask the therapist to rate themselves on the session of a draft."""
    policies.check_is_by_supervisor(assessment, "ask about")
    check_can_edit(user, assessment)
    if assessment.predecessor_id:
        raise NotAllowed("This is a new version of a signed assessment. It takes no self-assessment of its own.")
    if policies.has_self_assessment(assessment):
        raise NotAllowed(f"{assessment.therapist.name} is asked already. There is one self-assessment for each.")


def check_asks_for_seconds(user: User, assessment: Assessment) -> None:
    """Ask another supervisor to rate the same session unseen: the author, or a training lead."""
    policies.check_takes_a_second_rating(assessment)
    if user.pk == assessment.supervisor_id:
        _check_supervision(user, assessment)
    elif user.pk == assessment.therapist_id or not _leads(user, assessment):
        raise NotAllowed("Only the supervisor of this assessment, or the training lead, asks for a second rating.")


def check_can_ask_second(user: User, assessment: Assessment) -> None:
    """As above, while no second rating stands."""
    check_asks_for_seconds(user, assessment)
    if _standing_seconds(assessment):
        raise NotAllowed("A second rating is asked for already. There is one for each.")


def check_can_call_off(user: User, second: Assessment) -> None:
    """End what was asked for: whoever may ask, as long as nothing is rated, or the rater is a supervisor no more."""
    if second.second_of is None:
        raise NotAllowed("Only a second rating is called off.")
    if user.pk != second.second_of.supervisor_id and (user.pk == second.therapist_id or not _leads(user, second)):
        raise NotAllowed("Only the supervisor of the first rating, or the training lead, calls off a second rating.")
    policies.check_step(second, "call off")
    if second.ratings.exists() and _works_at(second.supervisor, second):
        raise NotAllowed(f"{second.supervisor.name} has begun to rate. Only they can withdraw it.")


def check_can_rate_second(rater: User, assessment: Assessment) -> None:
    """Whoever rates second is a supervisor there now, and neither of the two people named."""
    if rater.pk in {assessment.supervisor_id, assessment.therapist_id} or not _works_at(rater, assessment):
        raise NotAllowed(f"{rater.name} is not another supervisor at {assessment.organisation.name}.")


def check_can_show(user: User, assessment: Assessment) -> None:
    """Open a self-assessment to supervisors although none of them shares one of the same session."""
    check_is_author(user, assessment)
    policies.check_can_be_shown(assessment)


def check_can_compare(user: User, theirs: Assessment, own: Assessment) -> None:
    """Set both assessments of a session side by side, which takes the right to read both."""
    for each in (theirs, own):
        check_can_read(user, each)
    policies.check_stand_side_by_side(theirs, own)


def check_can_view_profile(user: User, therapist: Any) -> None:
    """The therapist, a present supervisor, a training lead. `therapist` comes from `therapists_known_to(user)`."""
    if user.pk == therapist.pk or therapist.is_supervised or therapist.is_led:
        return
    if therapist.was_supervised:
        raise NotAllowed(ENDED)
    raise NotAllowed("Administrators manage people and frameworks. They do not read ratings.")


def check_can_see_accesses(user: User, therapist: User) -> None:
    if user.pk != therapist.pk:
        raise NotAllowed("Only the therapist sees who opened the record.")


def check_can_download_archive(user: User, person: User) -> None:
    if user.pk != person.pk:
        raise NotAllowed("Only the person themselves downloads everything that is held about them.")


def check_leads(user: User, organisation: Organisation) -> None:
    if organisation.pk not in user.organisations_as(Role.LEAD):
        raise NotAllowed(f"You do not lead {organisation.name} at present.")


def check_can_take_bundle(user: User, bundle: ReportBundle) -> None:
    """Lead the organisation still, and be allowed to read every report that is in there."""
    check_leads(user, bundle.organisation)
    closed = bundle.files.filter(assessment__isnull=False).exclude(assessment__in=Assessment.objects.readable_by(user))
    therapists = bundle.files.order_by().values("therapist").distinct()
    known = User.objects.therapists_known_to(user).filter(pk__in=therapists)
    if len(known) < therapists.count() or closed.exists():
        raise NotAllowed(NOT_ALL_READABLE)
    for therapist in known:
        check_can_view_profile(user, therapist)


def check_administers(user: User, organisation: Organisation) -> None:
    if organisation.pk not in user.organisations_as(Role.ADMIN):
        raise NotAllowed(f"You do not administer {organisation.name}.")


def check_can_manage(user: User, person: User) -> None:
    """Change somebody's account, roles and supervisions."""
    check_has_role(user, Role.ADMIN)
    mine = set(user.organisations_as(Role.ADMIN))
    theirs = {row.organisation_id for row in person.memberships.all()}
    if theirs and not theirs & mine:
        raise NotAllowed("This person belongs to an organisation that you do not administer.")
