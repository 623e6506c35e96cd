"""When: what the state of a record allows, whoever asks. Each check raises the reason as a sentence."""

import datetime

from django.utils import timezone

from assessments.exceptions import NotAllowed
from assessments.models import Assessment, BundleStatus, Goal, Organisation, RaterLink, ReportBundle, Role, Supervision
from assessments.models.assessment import GRACE, Status
from assessments.models.goal import CLOSING_COUNTS_NOT, GoalStatus

# Every step an assessment can take: from which states, and into which.
STEPS: dict[str, tuple[frozenset[str], str]] = {
    "rate": (frozenset({Status.DRAFT}), Status.DRAFT),
    "hand over": (frozenset({Status.DRAFT}), Status.DRAFT),
    "share": (frozenset({Status.DRAFT}), Status.SHARED),
    "take back": (frozenset({Status.SHARED}), Status.DRAFT),
    "reply to": (frozenset({Status.SHARED}), Status.SHARED),
    "sign": (frozenset({Status.SHARED}), Status.SHARED),
    "sign off": (frozenset({Status.SHARED}), Status.SIGNED_OFF),
    "show": (frozenset({Status.SHARED}), Status.SHARED),
    "withdraw": (frozenset({Status.DRAFT, Status.SHARED}), Status.WITHDRAWN),
    "close": (frozenset({Status.SHARED}), Status.SIGNED_OFF),
    # It stays signed off; what begins as a draft is its successor.
    "reopen": (frozenset({Status.SIGNED_OFF}), Status.SIGNED_OFF),
    "call off": (frozenset({Status.DRAFT}), Status.WITHDRAWN),
}

STATE_IN_WORDS = {
    Status.DRAFT: "It is still a draft.",
    Status.SHARED: "It is shared with the therapist and locked. Take it back first to change it.",
    Status.SIGNED_OFF: "It is signed off, and a signed record never changes.",
    Status.WITHDRAWN: "It was withdrawn.",
}


def check_step(assessment: Assessment, step: str) -> None:
    """Raise NotAllowed unless the assessment's state allows the step."""
    allowed_from, _ = STEPS[step]
    if assessment.status not in allowed_from:
        raise NotAllowed(f"You cannot {step} this assessment. {STATE_IN_WORDS[Status(assessment.status)]}")


BOTH: frozenset[str] = frozenset({Role.THERAPIST, Role.SUPERVISOR})


def roles_to_sign(organisation: Organisation) -> frozenset[str]:
    """Whose signatures are required; the last of them freezes the assessment. It is asked when each is given."""
    return BOTH | {Role.LEAD} if organisation.has_lead_signature else BOTH


def roles_signed(assessment: Assessment) -> set[str]:
    """The roles in which a signature stands."""
    return {signature.role for signature in assessment.signatures.all() if signature.voided_at is None}


def last_day_to_sign(assessment: Assessment) -> datetime.date | None:
    """The last day the organisation gives the therapist, counted from the day of sharing."""
    if assessment.shared_at is None:
        return None
    return timezone.localdate(assessment.shared_at) + datetime.timedelta(days=assessment.organisation.reply_days)


def has_self_assessment(assessment: Assessment) -> bool:
    return getattr(assessment, "self_assessment", None) is not None


def waits_for_self_assessment(assessment: Assessment) -> bool:
    """Whether the therapist still rates the same session, unseen. Asks the database unless read `with_pair`."""
    own = None if assessment.is_self else getattr(assessment, "self_assessment", None)
    return own is not None and own.opened_at is None and own.status != Status.WITHDRAWN


def check_is_shown(assessment: Assessment) -> None:
    """Raise NotAllowed while only the author reads it."""
    if assessment.shared_at is None:
        who = "its supervisor" if assessment.is_by_supervisor else assessment.supervisor.name
        raise NotAllowed(f"This assessment is not shared. Only {who} can read it until then.")
    if assessment.is_second and assessment.opened_at is None:
        raise NotAllowed(
            "This is a second rating. It opens once the assessment of the same session is shared as well, so that"
            " neither sways the other."
        )
    if assessment.is_self and assessment.opened_at is None:
        name = assessment.therapist.name
        raise NotAllowed(
            f"This is {name}\u2019s self-assessment. It opens once a supervisor\u2019s assessment of the same session"
            " is shared as well, so that neither sways the other."
        )


def check_is_by_supervisor(assessment: Assessment, step: str) -> None:
    if assessment.is_self:
        raise NotAllowed(f"You cannot {step} a self-assessment. It is the therapist\u2019s own view and stays that.")
    if assessment.is_second:
        raise NotAllowed(f"You cannot {step} a second rating. It stands beside the assessment that counts.")
    if assessment.is_occasional:
        raise NotAllowed(
            f"You cannot {step} an occasional rater\u2019s assessment. It is one view from outside and stays that."
        )


def check_has_own_context(assessment: Assessment) -> None:
    if assessment.is_second:
        raise NotAllowed("You cannot correct this. A second rating is of the session, and the extent, that was asked.")


def check_takes_a_second_rating(assessment: Assessment) -> None:
    check_is_by_supervisor(assessment, "ask for a second rating of")
    if assessment.status == Status.WITHDRAWN:
        raise NotAllowed("You cannot ask for a second rating of this assessment. It was withdrawn.")


def check_link_runs(assessment: Assessment) -> None:
    """Raise NotAllowed once an occasional rater's time is over."""
    link = assessment.rater_link
    if assessment.shared_at:
        day = timezone.localtime(assessment.shared_at)
        raise NotAllowed(f"Thank you. You handed this in on {day:%-d %B %Y}, and your part is done.")
    if link.ended_at:
        day = timezone.localtime(link.ended_at)
        raise NotAllowed(f"{link.asked_by.name} ended this on {day:%-d %B %Y}. What you gave is kept.")
    if link.ends_on < timezone.localdate():
        raise NotAllowed(
            f"Your time to rate this session ended on {link.ends_on:%-d %B %Y}. What you gave is kept. "
            f"Ask {link.asked_by.name} for more time."
        )


def check_link_can_change(link: RaterLink) -> None:
    """Raise NotAllowed unless the link still waits for something."""
    if link.assessment.status != Status.DRAFT:
        raise NotAllowed("You cannot change this link. What was asked for is handed in or declined.")
    if link.ended_at:
        raise NotAllowed("You cannot change this link. It was ended. Ask the rater anew.")


def check_is_not_open(assessment: Assessment) -> None:
    if assessment.opened_at and assessment.is_second:
        raise NotAllowed("Your second rating is shared and open to the others. It stays as it is.")
    if assessment.opened_at:
        raise NotAllowed("You cannot take back this self-assessment. Your supervisor may read it already.")


def check_can_be_shown(own: Assessment) -> None:
    """Raise NotAllowed unless a self-assessment waits for nobody else."""
    if not own.is_self:
        raise NotAllowed("Only a self-assessment is shown like this.")
    check_step(own, "show")
    if own.opened_at:
        raise NotAllowed("Your supervisors can read this self-assessment already.")
    if own.pair and own.pair.status != Status.WITHDRAWN:
        raise NotAllowed(
            f"It opens by itself when {own.pair.supervisor.name} shares the assessment of the same session."
        )


def check_stand_side_by_side(theirs: Assessment, own: Assessment) -> None:
    """Raise NotAllowed unless both are shared, stand, and are open to both."""
    standing = {Status.SHARED, Status.SIGNED_OFF}
    if own.opened_at is None or theirs.status not in standing or own.status not in standing:
        raise NotAllowed("The two assessments of this session stand side by side once both are shared.")


def check_in_grace(last: Supervision | None, on: datetime.date) -> None:
    """Raise NotAllowed unless the supervision runs, or ended recently enough to finish what was begun."""
    if last is None:
        raise NotAllowed("You do not supervise this therapist.")
    if last.ends_on and on - GRACE > last.ends_on:
        raise NotAllowed(
            f"Your supervision ended on {last.ends_on:%-d %B %Y} and the {GRACE.days} days to finish are over. "
            "Ask the training lead to hand the draft over."
        )


def check_goal_is_not_settled(goal: Goal) -> None:
    """Raise NotAllowed once the goal was closed, in a draft or for good."""
    if goal.status != GoalStatus.OPEN:
        raise NotAllowed("You cannot change this development goal. What became of it is written down already.")


def check_goal_can_be_closed(goal: Goal, draft: Assessment) -> None:
    """Raise NotAllowed unless the goal stands in an assessment both have seen, and nobody else has closed it."""
    if goal.assessment.status not in {Status.SHARED, Status.SIGNED_OFF}:
        raise NotAllowed("You cannot close this development goal. It was not agreed in a shared assessment.")
    if goal.closed_in_id == draft.pk or goal.status == GoalStatus.OPEN:
        return
    if goal.closed_in is None or goal.closed_in.status not in CLOSING_COUNTS_NOT:
        raise NotAllowed("You cannot close this development goal. It was closed in another assessment.")
    if goal.closed_in.is_draft:
        raise NotAllowed("You cannot close this development goal yet. It is being looked at in another assessment.")


BUNDLE_GONE = "These reports were kept for a few days and are gone now. Ask for them again."


def check_bundle_is_open(bundle: ReportBundle) -> None:
    """Raise NotAllowed once there is nothing left to cancel."""
    if not bundle.is_open:
        raise NotAllowed("You cannot cancel this. The work on it has ended.")


def check_bundle_can_go_on(bundle: ReportBundle) -> None:
    """Raise NotAllowed unless the work stopped before its end, and what it had made is still there."""
    if bundle.status != BundleStatus.FAILED:
        raise NotAllowed("You cannot try this again. The work on it did not stop.")
    if bundle.is_expired:
        raise NotAllowed(BUNDLE_GONE)


def check_bundle_is_there(bundle: ReportBundle) -> None:
    """Raise NotAllowed unless the file can be downloaded."""
    if bundle.status != BundleStatus.DONE:
        raise NotAllowed("You cannot download this. It is not ready.")
    if bundle.is_expired:
        raise NotAllowed(BUNDLE_GONE)
