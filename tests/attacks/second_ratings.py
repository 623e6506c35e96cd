"""Attacks on second ratings: of what they are not, raters who are one, what was opened, goals where there are none."""

from assessments.actions import assessments
from assessments.models import Assessment, FrameworkRevision, Goal, Organisation, Role
from tests import factories
from tests.attacks.sql import copying

ANOTHER = {"second_of_id": "{open_statement}", "supervisor_id": "{rater}"}

ATTACKS = {
    "guard_assessment_is_second_of_its_like_insert": [
        copying(Assessment, "second_draft", id="{new}", second_of_id="{others_session}"),
        copying(Assessment, "second_draft", id="{new}", second_of_id="{session_on_another}"),
        copying(Assessment, "second_draft", id="{new}", second_of_id="{second_open}"),
        copying(Assessment, "second_draft", id="{new}", second_of_id="{open_statement}", supervisor_id="{first_rater}"),
    ],
    "guard_assessment_is_second_of_its_like_update": [
        "UPDATE assessments_assessment SET supervisor_id = {first_rater} WHERE id = {second_draft}",
    ],
    "guard_assessment_keeps_what_it_is_second_of_update": [
        "UPDATE assessments_assessment SET second_of_id = {open_statement} WHERE id = {second_draft}",
    ],
    "guard_assessment_has_two_raters_update": [
        "UPDATE assessments_assessment SET supervisor_id = {rater} WHERE id = {first_draft}",
    ],
    "guard_assessment_second_opens_with_the_first_update": [
        "UPDATE assessments_assessment SET opened_at = shared_at WHERE id = {second_shared}",
    ],
    "guard_assessment_second_stands_once_open_update": [
        "UPDATE assessments_assessment SET status = 'draft', shared_at = NULL WHERE id = {second_open}",
        "UPDATE assessments_assessment SET status = 'withdrawn', withdrawn_at = shared_at, withdrawn_reason = 'R.'"
        " WHERE id = {second_open}",
    ],
    "guard_goal_is_agreed_with_the_first_rater_insert": [
        copying(Goal, "goal", id="{new}", assessment_id="{second_draft}"),
    ],
    "guard_goal_is_closed_by_the_first_rater_update": [
        "UPDATE assessments_goal SET status = 'met', closed_at = created_at, closed_by_id = {lead},"
        " closed_in_id = {second_draft} WHERE id = {shared_goal}",
    ],
}
SOUND = [
    copying(Assessment, "second_draft", id="{new}", **ANOTHER),
    "UPDATE assessments_assessment SET status = 'withdrawn', withdrawn_at = created_at, withdrawn_reason = 'R.'"
    " WHERE id = {second_draft}",
    "UPDATE assessments_assessment SET status = 'draft', shared_at = NULL WHERE id = {second_shared}",
]


def rows(cast):
    northfield, revision = (
        Organisation.objects.get(name="Northfield"),
        FrameworkRevision.objects.get(framework__slug="ipt"),
    )
    rater = factories.make_person("Dr Samuel Adeyemi", Role.SUPERVISOR, northfield)
    other = factories.make_person("Daniel Reyes", Role.THERAPIST, northfield)
    factories.make_supervision(other, cast.supervisor, northfield)
    small = factories.make_revision(framework="twice")
    both = (cast.supervisor, cast.therapist, rater, revision)
    first, second = factories.make_second(*both)
    _, waiting = factories.make_second(*both)
    factories.rate(waiting, "S2.1")
    return {
        "rater": rater,
        "first_rater": cast.supervisor,
        "first_draft": first,
        "second_draft": second,
        "second_shared": assessments.share(by=rater, assessment=waiting),
        "second_open": factories.make_rated_twice(*both)[1],
        "open_statement": factories.make_draft(cast.supervisor, cast.therapist, revision),
        "others_session": factories.make_draft(cast.supervisor, other, revision),
        "session_on_another": factories.make_draft(cast.supervisor, cast.therapist, small, codes="A1"),
    }
