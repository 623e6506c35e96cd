"""Attacks on self-assessments: pairs that do not belong together, what was opened, goals where there are none."""

from assessments.actions import assessments, self_assessments
from assessments.models import Assessment, FrameworkRevision, Goal, Organisation, Role
from tests import factories
from tests.attacks.sql import copying

PAIR = "UPDATE assessments_assessment SET pair_id = {{{}}} WHERE id = {{own_draft}}"

ATTACKS = {
    "guard_assessment_is_paired_with_its_like_insert": [
        copying(Assessment, "own_draft", id="{new}", pair_id="{others}"),
        copying(Assessment, "own_draft", id="{new}", pair_id="{own_shared}"),
    ],
    "guard_assessment_is_paired_with_its_like_update": [
        PAIR.format("others"),
        PAIR.format("on_another"),
        PAIR.format("own_shared"),
    ],
    "guard_assessment_keeps_its_pair_update": [
        "UPDATE assessments_assessment SET pair_id = {draft} WHERE id = {own_asked}",
        "UPDATE assessments_assessment SET pair_id = NULL WHERE id = {own_asked}",
    ],
    "guard_assessment_stays_open_update": [
        "UPDATE assessments_assessment SET opened_at = NULL WHERE id = {own_open}",
        "UPDATE assessments_assessment SET opened_at = created_at WHERE id = {own_open}",
    ],
    "guard_goal_is_agreed_with_a_supervisor_insert": [
        copying(Goal, "goal", id="{new}", assessment_id="{own_draft}"),
    ],
    "guard_goal_is_closed_by_a_supervisor_update": [
        "UPDATE assessments_goal SET status = 'met', closed_at = created_at, closed_by_id = {lead},"
        " closed_in_id = {own_draft} WHERE id = {shared_goal}",
    ],
}
SOUND = [
    PAIR.format("draft"),
    copying(Assessment, "own_draft", id="{new}"),
    "UPDATE assessments_assessment SET opened_at = created_at WHERE id = {own_shared}",
    "UPDATE assessments_assessment SET pair_id = {draft} WHERE id = {own_shared}",
]


def rows(cast):
    revision = FrameworkRevision.objects.get(framework__slug="ipt")
    pair = (cast.supervisor, cast.therapist, revision)
    other = factories.make_person("Oscar Bell", Role.THERAPIST, Organisation.objects.get(name="Northfield"))
    factories.make_supervision(other, cast.supervisor, Organisation.objects.get(name="Northfield"))
    small = factories.make_revision(framework="beside")
    asked, blind = factories.make_asked(*pair)
    return {
        "own_draft": factories.make_self_draft(cast.therapist, revision),
        "own_shared": factories.make_self_shared(cast.therapist, revision),
        "own_asked": asked,
        "blind": assessments.share(by=cast.supervisor, assessment=blind),
        "own_open": self_assessments.show(
            by=cast.therapist, assessment=factories.make_self_shared(cast.therapist, revision)
        ),
        "others": factories.make_draft(cast.supervisor, other, revision),
        "on_another": factories.make_draft(cast.supervisor, cast.therapist, small, codes="A1"),
    }
