"""A change in words, the same on the page, on paper and in a spreadsheet."""

from collections import Counter
from collections.abc import Iterator

from assessments.reports.words import joined
from assessments.revisions import lineage
from assessments.revisions.difference import MOVED, RECODED, RETITLED, Change, Heading, Statement

LABELS = {
    lineage.UNCHANGED: "Unchanged",
    lineage.REWORDED: "Reworded",
    lineage.EDITORIAL: "Tidied",
    lineage.SPLIT: "Split",
    lineage.MERGED: "Merged",
    lineage.COVERED: "Covered",
    MOVED: "Moved",
    RECODED: "New code",
    lineage.REMOVED: "Removed",
    lineage.ADDED: "New",
}
HEADINGS = {lineage.ADDED: "added", lineage.REMOVED: "removed", RETITLED: "given another title"}
NOUNS = {"domain": ("domain", "domains"), "activity": ("activity", "activities")}


def title(change: Change) -> str:
    """What became of it, in a few words: `Split into G6.8 and G6.9`."""
    older, newer = (joined([each.code for each in side]) for side in (change.older, change.newer))
    told = {
        lineage.EDITORIAL: "Tidied, same meaning",
        lineage.SPLIT: f"Split into {newer}",
        lineage.MERGED: f"Merged from {older}" if len(change.older) > 1 else f"{older} merged into it",
        lineage.COVERED: f"Covered by {newer}",
    }
    return told.get(change.group, LABELS[change.group])


def details(change: Change) -> list[str]:
    """What else there is to say, a sentence each."""
    return list(_details(change))


def _details(change: Change) -> Iterator[str]:
    if change.likeness is not None:
        yield f"{change.likeness}% of words kept."
    if change.is_moved:
        yield f"Moved from {place(change.older[0])} to {place(change.newer[0])}."
    if change.is_recoded:
        yield f"The code was {change.older[0].code}."
    if change.has_other_guidance:
        yield "The guidance under it changed."
    if change.note:
        yield change.note


def place(statement: Statement) -> str:
    """Where a statement stands, as a person would look for it."""
    return f"{statement.activity.code} {statement.activity.title}"


def headings(found: list[Heading]) -> str:
    """`2 activities added, 1 activity removed`; blank where nothing happened to any."""
    kinds = Counter((heading.level, heading.kind) for heading in found)
    return ", ".join(
        f"{number} {NOUNS[level][number != 1]} {HEADINGS[kind]}" for (level, kind), number in kinds.items()
    )
