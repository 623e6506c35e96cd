"""How the workbook of an earlier form is laid out: what the template writes, and what its reader looks for."""

from collections import Counter
from collections.abc import Iterator

from assessments.revisions import ActivityData, CompetenceData, PointData, RevisionData, ScaleData
from assessments.scoring import NOT_APPLICABLE, NOT_OBSERVED, Mark

ABOUT, RATINGS, LEVELS = "About", "Ratings", "Levels"
ACTIVITY, CODE, STATEMENT, LEVEL, NOTE, CONCERN, PRIORITY, TIME = COLUMNS = (
    "Activity",
    "Code",
    "Statement",
    "Level",
    "Note",
    "Concern",
    "Priority",
    "Time",
)
# What a person fills in; the columns before them say what is rated.
FILLED = (LEVEL, NOTE, CONCERN, PRIORITY, TIME)

# The rows of the first sheet, by the name of what they hold.
FIXED = {"framework": "Framework", "number": "Revision"}
FIELDS = {
    "session_on": "Date of the session or document",
    "source": "What it rests on",
    "is_consent_confirmed": "Consent to the recording",
    "case_number": "Case number",
    "session_number": "Session number",
    "phase": "Phase",
    "problem_area": "Problem area",
    "summary": "Summary",
    "strengths": "Strengths",
    "needs": "Needs",
}
NUMBERS, TEXTS = ("case_number", "session_number"), ("summary", "strengths", "needs")
# As many as the pages for them take.
MAX_NUMBER, MAX_NOTE, MAX_TEXT = 99, 5_000, 10_000

YES, NOT_OBSERVED_WORD, NOT_APPLICABLE_WORD = "yes", "not observed", "not applicable"

# The words of the fields that have a few: by field, the printed word of each stored value.
Words = dict[str, dict[str, str]]


def folded(text: str) -> str:
    """As two texts are compared: whatever their case and spaces."""
    return " ".join(text.casefold().split())


def rateable(data: RevisionData) -> Iterator[tuple[ActivityData, CompetenceData | PointData]]:
    """Everything that a rating can be about, in printed order, with its activity."""
    for activity in data.all_activities():
        for competence in activity.competences:
            yield activity, competence
            yield from ((activity, point) for point in competence.points if point.is_rateable)


def choices(scale: ScaleData) -> list[str]:
    """What the column of levels offers."""
    beside = [NOT_OBSERVED_WORD, NOT_APPLICABLE_WORD] if scale.has_not_applicable else [NOT_OBSERVED_WORD]
    return [*(f"{level.value} {level.label}" for level in scale.levels), *beside]


def answers(scale: ScaleData) -> dict[str, Mark]:
    """Every way to write an answer, folded: value, label, both, or a word for having no level.

    What the scale itself calls its levels comes first; a value that two levels share means neither.
    """
    meant: dict[str, Mark] = {NOT_OBSERVED_WORD: NOT_OBSERVED, "o": NOT_OBSERVED}
    if scale.has_not_applicable:
        meant |= {NOT_APPLICABLE_WORD: NOT_APPLICABLE, "n/a": NOT_APPLICABLE}
    shared = Counter(folded(level.value) for level in scale.levels)
    for position, level in enumerate(scale.levels, start=1):
        ways = [
            level.label,
            f"{level.value} {level.label}",
            *([level.value] if shared[folded(level.value)] == 1 else []),
        ]
        meant |= {folded(way): position for way in ways}
    return meant
