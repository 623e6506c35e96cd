"""For every guard the statements that it must refuse, and the statements that no guard may stop.

Names in braces are rows of the `rows` fixture of tests/test_guards.py.
"""

from tests.attacks import (
    assessments,
    frameworks,
    lineage,
    movement,
    notices,
    programmes,
    rater_links,
    report_bundles,
    second_ratings,
    self_assessments,
    succession,
)
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
    "digest",
    "domain",
    "frameworkimport",
    "frameworkrevision",
    "goal",
    "goal_competences",
    "notice",
    "programme",
    "raterlink",
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
    **second_ratings.ATTACKS,
    **programmes.ATTACKS,
    **succession.ATTACKS,
    **movement.ATTACKS,
    **rater_links.ATTACKS,
    **notices.ATTACKS,
    **report_bundles.ATTACKS,
    **{f"guard_{name}_is_never_emptied_truncate": [EMPTY.format(f"assessments_{name}")] for name in EMPTIED},
}
SOUND = [
    *frameworks.SOUND,
    *lineage.SOUND,
    *assessments.SOUND,
    *self_assessments.SOUND,
    *second_ratings.SOUND,
    *programmes.SOUND,
    *succession.SOUND,
    *movement.SOUND,
    *rater_links.SOUND,
    *notices.SOUND,
    *report_bundles.SOUND,
]
