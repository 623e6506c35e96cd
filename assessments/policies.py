"""When: what the state of a record allows, whoever asks. Each check raises the reason as a sentence."""

import datetime

from assessments.exceptions import NotAllowed
from assessments.models import Assessment, Supervision
from assessments.models.assessment import GRACE, Status

# Every step an assessment can take: from which states, and into which.
STEPS: dict[str, tuple[frozenset[str], str]] = {
    "rate": (frozenset({Status.DRAFT}), Status.DRAFT),
    "hand over": (frozenset({Status.DRAFT}), Status.DRAFT),
    "share": (frozenset({Status.DRAFT}), Status.SHARED),
    "take back": (frozenset({Status.SHARED}), Status.DRAFT),
    "reply to": (frozenset({Status.SHARED}), Status.SHARED),
    "sign": (frozenset({Status.SHARED}), Status.SHARED),
    "sign off": (frozenset({Status.SHARED}), Status.SIGNED_OFF),
    "withdraw": (frozenset({Status.DRAFT, Status.SHARED}), Status.WITHDRAWN),
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


def check_in_grace(last: Supervision | None, on: datetime.date) -> None:
    """Raise NotAllowed unless the supervision runs, or ended recently enough to finish what was begun."""
    if last is None:
        raise NotAllowed("You do not supervise this therapist.")
    if last.ends_on and on - GRACE > last.ends_on:
        raise NotAllowed(
            f"Your supervision ended on {last.ends_on:%-d %B %Y} and the {GRACE.days} days to finish are over. "
            "Ask the training lead to hand the draft over."
        )
