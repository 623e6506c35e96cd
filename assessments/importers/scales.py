"""A rating scale out of the steps that another system names."""

import hashlib
from collections import Counter

from assessments.importers import prose
from assessments.importers.findings import Findings
from assessments.revisions import LevelData, ScaleData

# Of the levels in the database: a key of the keyboard each, a short value, a label for the map.
MOST_LEVELS, MOST_VALUE, MOST_LABEL = 9, 10, 60


def level(value: str, label: str, meaning: str = "") -> LevelData:
    """Other systems describe a level once, whatever kind of competence it is used for."""
    return LevelData(value=value, label=label, skill=meaning, knowledge=meaning, attitude=meaning)


def scale(name: str, levels: list[LevelData], threshold: str, *, direction: str = "ascending") -> ScaleData:
    """The key tells scales of one name apart by what they say, so that two files never claim the same one."""
    said = "\n".join(f"{each.value}\t{each.label}\t{each.skill}" for each in levels) + f"\n{threshold}\n{direction}"
    key = f"{prose.slug(name, 45) or 'scale'}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"
    return ScaleData(key=key, version=1, name=name[:200], direction=direction, threshold=threshold, levels=levels)


def check(levels: list[LevelData], place: str, findings: Findings) -> bool:
    """Whether the levels can stand on a scale; what is wrong becomes a problem."""
    before = len(findings.problems)
    if len(levels) < 2:
        findings.problem(place, "A scale needs two levels or more.", "Add what is missing.")
    if len(levels) > MOST_LEVELS:
        findings.problem(place, f"The scale has {len(levels)} levels; at most nine fit.", "Join some of them.")
    for each in levels:
        if not each.label or len(each.label) > MOST_LABEL or len(each.value) > MOST_VALUE:
            what = f"The level {each.value[:20]!r}, {each.label[:80]!r}, needs a label of 1 to {MOST_LABEL} characters"
            findings.problem(place, f"{what} and a value of at most {MOST_VALUE}.", "Shorten it.")
    for attribute in ["value", "label"]:
        counts = Counter(getattr(each, attribute) for each in levels)
        for repeated in [value for value, count in counts.items() if value and count > 1][:MOST_LEVELS]:
            what = f"The {attribute} {repeated[:80]!r} stands {counts[repeated]} times."
            findings.problem(place, what, "Give each level its own.")
    return len(findings.problems) == before
