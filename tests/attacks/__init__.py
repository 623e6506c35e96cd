"""For every guard the statements that it must refuse, and the statements that no guard may stop.

Names in braces are rows of the `rows` fixture of tests/test_guards.py.
"""

from tests.attacks import assessments, frameworks, lineage, programmes, report_bundles, self_assessments
from tests.attacks.sql import EMPTY

EMPTIED = [
    "activity",
    "assessment",
    "assessment_activities",
    "backgroundpage",
    "bundlefile",
    "carryover",
    "competence",
    "competencelink",
    "domain",
    "frameworkimport",
    "frameworkrevision",
    "goal",
    "goal_competences",
    "programme",
    "rating",
    "ratinglevel",
    "ratingscale",
    "reportbundle",
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
    **report_bundles.ATTACKS,
    **{f"guard_{name}_is_never_emptied_truncate": [EMPTY.format(f"assessments_{name}")] for name in EMPTIED},
}
SOUND = [
    *report_bundles.SOUND,
    *frameworks.SOUND,
    *lineage.SOUND,
    *assessments.SOUND,
    *self_assessments.SOUND,
    *programmes.SOUND,
]
