"""What a draft's ratings say: what hinders sharing, first lines for strengths and needs, private hints on quality.

Nothing here is stored or judged. The supervisor edits the lines freely and may ignore the hints.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from assessments import scoring
from assessments.models import Assessment, Outcome, Rating
from assessments.models.assessment import Source
from assessments.models.framework import Kind

MOST_LINES = 5
FAR = 2  # levels


@dataclass(frozen=True)
class Hint:
    """Only the rater sees it. `code` names the activity to look at again."""

    title: str
    text: str
    code: str


@dataclass(frozen=True)
class GoalProposal:
    """A first wording for a development goal, with the codes it would be tied to and why it is proposed."""

    title: str
    codes: str
    text: str
    why: str


def _first_sentence(note: str) -> str:
    first = note.strip().split("\n")[0]
    end = first.find(". ")
    return first[: end + 1] if end > 0 else first


def _is_descending(assessment: Assessment) -> bool:
    return assessment.scale.is_descending


def _beyond(rating: Rating, assessment: Assessment) -> bool:
    if rating.level is None:
        return False
    here, threshold = rating.level.position, assessment.scale.threshold
    return here <= threshold if _is_descending(assessment) else here >= threshold


def strengths(assessment: Assessment, ratings: list[Rating]) -> str:
    """A line for each rating at or beyond the threshold that carries a note."""
    chosen = [rating for rating in ratings if rating.note and not rating.is_concern and _beyond(rating, assessment)]
    return _lines(chosen)


def needs(assessment: Assessment, ratings: list[Rating]) -> str:
    """A line for each concern and star, and for each noted rating short of the threshold."""
    flagged = [rating for rating in ratings if rating.is_concern or rating.is_priority]
    short = [rating for rating in ratings if rating.note and rating.level and not _beyond(rating, assessment)]
    return _lines([*flagged, *(rating for rating in short if rating not in flagged)])


def goals(assessment: Assessment, ratings: list[Rating]) -> list[GoalProposal]:
    """One for each concern, then for each star, then for each noted rating short of the threshold."""
    reasons = [
        ("Concern", [rating for rating in ratings if rating.is_concern]),
        ("Priority", [rating for rating in ratings if rating.is_priority]),
        ("Noted", [rating for rating in ratings if rating.note and rating.level and not _beyond(rating, assessment)]),
    ]
    found: dict[int, GoalProposal] = {}
    for why, chosen in reasons:
        for rating in chosen:
            words = _first_sentence(rating.note) if rating.note else rating.competence.text
            code = rating.competence.code
            found.setdefault(rating.competence_id, GoalProposal(code, code, words, why))
    return list(found.values())


def _lines(ratings: list[Rating]) -> str:
    lines = []
    for rating in ratings[:MOST_LINES]:
        words = _first_sentence(rating.note) if rating.note else rating.competence.text
        lines.append(f"{words.rstrip('.')} ({rating.competence.code}).")
    return "\n".join(lines)


def obstacles(ratings: list[Rating]) -> list[str]:
    """What stands in the way of sharing, in sentences and printed order; blanks never do."""
    found = []
    for rating in ratings:
        code = rating.competence.code
        if rating.outcome == Outcome.PENDING:
            found.append(f"{code}: a note or flag waits for its level. Choose one, or clear it.")
        if rating.is_concern and not rating.note.strip():
            found.append(f"{code}: a concern needs a note.")
        elif rating.outcome == Outcome.NOT_APPLICABLE and not rating.note.strip():
            found.append(f"{code}: not applicable needs a reason.")
    if all(rating.outcome == Outcome.PENDING for rating in ratings):
        found.append("Nothing is rated yet.")
    return found


def hints(assessment: Assessment, ratings: list[Rating], previous: Mapping[int, int]) -> list[Hint]:
    """Patterns worth a second look, kindly put; each may well be right.

    `previous` has the positions that the same competences had on the last occasion.
    """
    found = []
    for activity, group in groupby(ratings, key=lambda rating: rating.competence.activity):
        rows = [rating for rating in group if rating.level]
        if scoring.same_down_the_page([rating.level.position for rating in rows if rating.level]):
            label = rows[0].level.label if rows[0].level else ""
            text = f"In {activity.code} you gave {label} to all {len(rows)}. That may be right."
            found.append(Hint("Same level down the page", text, activity.code))
    found += _upper_end(assessment, [rating for rating in ratings if rating.level])
    found += _extremes(assessment, ratings)
    found += _jumps(assessment, ratings, previous)
    if assessment.source == Source.DISCUSSION:
        found += _unseen(ratings)
    return found


def _upper_end(assessment: Assessment, rated: list[Rating]) -> list[Hint]:
    levels = assessment.scale.levels.all()
    positions = [rating.level.position for rating in rated if rating.level]
    if not scoring.at_the_upper_end(positions, len(levels), descending=_is_descending(assessment)):
        return []
    labels = " or ".join(level.label for level in levels if level.position in positions)
    text = f"You gave {labels} to all {len(rated)}. That may be right. Something to work on next helps all the same."
    return [Hint("All at the upper end of the scale", text, rated[0].competence.activity.code)]


def _extremes(assessment: Assessment, ratings: list[Rating]) -> list[Hint]:
    ends = {1, len(assessment.scale.levels.all())}
    bare = [rating for rating in ratings if rating.level and rating.level.position in ends and not rating.note]
    if not bare:
        return []
    first = bare[0]
    label = first.level.label if first.level else ""
    others = len(bare) - 1
    more = f" So {'is' if others == 1 else 'are'} {others} more at either end of the scale." if others else ""
    text = f"{first.competence.code} is at {label} with no note.{more} An example helps the therapist."
    return [Hint("First or last level without a note", text, first.competence.activity.code)]


def _jumps(assessment: Assessment, ratings: list[Rating], previous: Mapping[int, int]) -> list[Hint]:
    labels = {level.position: level.label for level in assessment.scale.levels.all()}
    bare = [(rating, rating.level.position) for rating in ratings if rating.level and not rating.note]
    known = [(rating, previous[rating.competence_id], now) for rating, now in bare if rating.competence_id in previous]
    far = [(rating.competence, before, now) for rating, before, now in known if abs(now - before) >= FAR]
    if not far:
        return []
    competence, before, now = far[0]
    more = f" {len(far) - 1} more moved as far." if far[1:] else ""
    text = f"{competence.code} went from {labels[before]} to {labels[now]} since last time, with no note.{more}"
    kindly = "That may be right. A word on what changed helps the therapist."
    return [Hint("Far from last time without a note", f"{text} {kindly}", competence.activity.code)]


def _unseen(ratings: list[Rating]) -> list[Hint]:
    skills = [rating for rating in ratings if rating.outcome == Outcome.LEVEL and rating.competence.kind == Kind.SKILL]
    if not skills:
        return []
    number = len(skills)
    rated, none = ("1 skill was", "It was not") if number == 1 else (f"{number} skills were", "None of them was")
    text = f"{rated} rated from supervision discussion. {none} observed on this occasion."
    return [Hint("Rested on discussion only", text, skills[0].competence.activity.code)]
