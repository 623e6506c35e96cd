"""For every guard the statements that it must refuse, and the statements that no guard may stop.

Names in braces are rows of the `rows` fixture of tests/test_guards.py.
"""

from tests.attacks import assessments, frameworks, lineage, notices, programmes, self_assessments
from tests.attacks.sql import EMPTY

EMPTIED = [
    "activity",
    "assessment",
    "assessment_activities",
    "backgroundpage",
    "carryover",
    "competence",
    "competencelink",
    "digest",
    "domain",
    "frameworkimport",
    "frameworkrevision",
    "goal",
    "goal_competences",
    "notice",
    "programme",
    "rating",
    "ratinglevel",
    "ratingscale",
    "shortform",
    "shortform_activities",
    "signature",
]

ATTACKS = {
    **frameworks.ATTACKS,
    **lineage.ATTACKS,
    **assessments.ATTACKS,
    **self_assessments.ATTACKS,
    **programmes.ATTACKS,
    **notices.ATTACKS,
    **{f"guard_{name}_is_never_emptied_truncate": [EMPTY.format(f"assessments_{name}")] for name in EMPTIED},
}
SOUND = [
    *frameworks.SOUND,
    *lineage.SOUND,
    *assessments.SOUND,
    *self_assessments.SOUND,
    *programmes.SOUND,
    *notices.SOUND,
]
