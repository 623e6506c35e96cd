"""Attacks on what an assessment looks back at: one that is not its like, not signed or later, or another one since."""

from assessments.actions import assessments
from assessments.models import Assessment, FrameworkRevision, Organisation, Role
from tests import factories
from tests.attacks.sql import copying

LOOK_BACK = "UPDATE assessments_assessment SET previous_id = {{{}}} WHERE id = {{unpinned}}"

ATTACKS = {
    "guard_assessment_follows_a_signed_one_of_its_like_insert": [
        copying(Assessment, "draft", id="{new}", previous_id="{shared}"),
    ],
    "guard_assessment_follows_a_signed_one_of_its_like_update": [
        LOOK_BACK.format("shared"),
        LOOK_BACK.format("withdrawn"),
        LOOK_BACK.format("signed_of_another"),
        LOOK_BACK.format("signed_on_another"),
        LOOK_BACK.format("signed_later"),
    ],
    "guard_assessment_keeps_its_previous_update": [
        "UPDATE assessments_assessment SET previous_id = {signed_first} WHERE id = {following}",
        "UPDATE assessments_assessment SET previous_id = NULL WHERE id = {following}",
    ],
}
SOUND = [
    LOOK_BACK.format("signed_first"),
    "UPDATE assessments_assessment SET status = 'draft', shared_at = NULL, previous_id = NULL WHERE id = {following}",
]


def rows(cast):
    """Of a therapist of their own: two signed, one shared that looks back at the second, and one that does not yet."""
    northfield = Organisation.objects.get(name="Northfield")
    revision = FrameworkRevision.objects.get(framework__slug="ipt")
    people = [factories.make_person(name, Role.THERAPIST, northfield) for name in ["Priya Raman", "Tomasz Nowak"]]
    for person in people:
        factories.make_supervision(person, cast.supervisor, northfield)
    pair, other = ((cast.supervisor, person, revision) for person in people)
    unpinned = factories.make_rated(*pair, {"S2.1": 3}, days=25)
    small = factories.make_revision(framework="elsewhere")
    on_another = factories.make_draft(cast.supervisor, people[0], small, codes="A1", session_on=factories.days_ago(40))
    factories.rate(on_another, "A1.1")
    assessments.share(by=cast.supervisor, assessment=on_another)
    return {
        "unpinned": unpinned,
        "signed_on_another": _signed(on_another),
        "signed_first": factories.make_signed(*pair, session_on=factories.days_ago(30)),
        "signed_later": factories.make_signed(*pair, session_on=factories.days_ago(20)),
        "following": factories.make_shared(*pair, session_on=factories.days_ago(10)),
        "signed_of_another": factories.make_signed(*other, session_on=factories.days_ago(30)),
    }


def _signed(assessment):
    assessments.sign_off(by=assessment.therapist, assessment=assessment)
    return assessments.sign_off(by=assessment.supervisor, assessment=assessment)
