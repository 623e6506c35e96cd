import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from assessments import permissions, queries
from assessments.exceptions import NotAllowed
from assessments.models import Assessment, Role, Supervision, User
from tests import factories

pytestmark = pytest.mark.django_db

NOT_SUPERVISED = "You do not supervise this therapist."
NOT_AUTHOR = "Only Dr Helen Marsh, who made this assessment, can do that."
NO_RATINGS = "Administrators manage people and frameworks. They do not read ratings."
STATES = ["draft", "shared", "signed_off", "withdrawn", "withdrawn_unshared"]


def reason(check, *args):
    """Why a check refuses; None when it allows."""
    try:
        check(*args)
    except NotAllowed as refusal:
        return refusal.reason
    return None


def put(assessment, state):
    """The assessment as if it had come into a state; nothing is stored."""
    assessment.status = "withdrawn" if state == "withdrawn_unshared" else state
    assessment.shared_at = None if state in {"draft", "withdrawn_unshared"} else timezone.now()
    return assessment


def supervision_ended(days_ago):
    Supervision.objects.update(ends_on=factories.days_ago(days_ago))


@pytest.fixture
def second_supervisor(therapist, northfield):
    """Supervises Amara beside Helen."""
    person = factories.make_person("Dr Iris Novak", Role.SUPERVISOR, northfield)
    factories.make_supervision(therapist, person, northfield)
    return person


@pytest.fixture
def cast(request):
    """Everybody, looked up by name when needed."""

    class Cast:
        def __getitem__(self, name):
            return AnonymousUser() if name == "anonymous" else request.getfixturevalue(name)

    return Cast()


@pytest.fixture
def in_state(supervisor, therapist, revision):
    """Makes Helen's assessment of Amara in a state, by the real actions."""

    def make(state):
        if state == "signed_off":
            return factories.make_signed(supervisor, therapist, revision)
        if state == "draft":
            return factories.make_draft(supervisor, therapist, revision)
        if state == "shared":
            return factories.make_shared(supervisor, therapist, revision)
        return factories.make_withdrawn(supervisor, therapist, revision, is_shared=state == "withdrawn")

    return make


# allows and roles


def test_allows_says_yes(supervisor, therapist):
    assert permissions.allows(permissions.check_can_start, supervisor, therapist) is True


def test_allows_says_no(other_supervisor, therapist):
    assert permissions.allows(permissions.check_can_start, other_supervisor, therapist) is False


def test_has_role_allowed_for_one_of_several(lead):
    assert reason(permissions.check_has_role, lead, Role.ADMIN, Role.LEAD) is None


def test_has_role_refused(supervisor):
    assert reason(permissions.check_has_role, supervisor, Role.LEAD, Role.ADMIN) == (
        "This is for a training lead or an administrator. Ask an administrator if you should have that role."
    )


def test_has_role_refused_in_good_english(lead):
    assert reason(permissions.check_has_role, lead, Role.ADMIN) == (
        "This is for an administrator. Ask an administrator if you should have that role."
    )


def test_has_role_refused_once_the_role_ended(lead):
    factories.end_membership(lead)

    assert reason(permissions.check_has_role, lead, Role.LEAD) == (
        "This is for a training lead. Ask an administrator if you should have that role."
    )


def test_supervises_today(supervisor, therapist):
    assert permissions.supervises(supervisor, therapist) is True


@pytest.mark.parametrize(("began", "expected"), [(1, True), (0, True), (-1, False)])
def test_supervises_from_its_first_day(supervisor, therapist, began, expected):
    Supervision.objects.update(starts_on=factories.days_ago(began))

    assert permissions.supervises(supervisor, therapist) is expected


@pytest.mark.parametrize(("ended", "expected"), [(-1, True), (0, True), (1, False)])
def test_supervises_to_its_last_day(supervisor, therapist, ended, expected):
    supervision_ended(ended)

    assert permissions.supervises(supervisor, therapist) is expected


# reading


@pytest.mark.parametrize("who", ["supervisor", "therapist"])
@pytest.mark.parametrize("state", STATES)
def test_read_allowed_for_the_two_named(cast, draft, who, state):
    assert reason(permissions.check_can_read, cast[who], put(draft, state)) is None


@pytest.mark.parametrize("who", ["lead", "second_supervisor"])
@pytest.mark.parametrize("state", ["shared", "signed_off", "withdrawn"])
def test_read_allowed_for_insiders_once_shared(cast, draft, who, state):
    assert reason(permissions.check_can_read, cast[who], put(draft, state)) is None


@pytest.mark.parametrize("who", ["lead", "second_supervisor"])
def test_read_of_a_draft_refused_for_insiders(cast, draft, who):
    assert reason(permissions.check_can_read, cast[who], draft) == (
        "This assessment is not shared. Only its supervisor can read it until then."
    )


@pytest.mark.parametrize("state", STATES)
def test_read_refused_for_admin(admin, draft, state):
    assert reason(permissions.check_can_read, admin, put(draft, state)) == NO_RATINGS


@pytest.mark.parametrize("who", ["outside_lead", "outside_admin", "outside_supervisor", "other_supervisor"])
def test_read_refused_for_anybody_else(cast, shared, who):
    assert reason(permissions.check_can_read, cast[who], shared) == NO_RATINGS


def test_read_refused_for_admin_who_supervises_elsewhere(admin, therapist, southbank, shared):
    factories.make_supervision(therapist, admin, southbank)

    assert reason(permissions.check_can_read, admin, shared) == NO_RATINGS


# editing and sharing


@pytest.mark.parametrize("check", [permissions.check_can_edit, permissions.check_can_share])
def test_edit_and_share_allowed_for_author(supervisor, draft, check):
    assert reason(check, supervisor, draft) is None


AUTHORS = [
    permissions.check_is_author,
    permissions.check_can_edit,
    permissions.check_can_share,
    permissions.check_can_take_back,
    permissions.check_can_withdraw,
]


@pytest.mark.parametrize("check", AUTHORS)
@pytest.mark.parametrize("who", ["therapist", "second_supervisor", "lead", "admin", "outside_supervisor"])
def test_author_checks_refused_for_others(cast, draft, check, who):
    assert reason(check, cast[who], draft) == NOT_AUTHOR


@pytest.mark.parametrize(
    ("check", "step"), [(permissions.check_can_edit, "rate"), (permissions.check_can_share, "share")]
)
def test_edit_and_share_refused_once_shared(supervisor, shared, check, step):
    assert reason(check, supervisor, shared) == (
        f"You cannot {step} this assessment. "
        "It is shared with the therapist and locked. Take it back first to change it."
    )


@pytest.mark.parametrize("check", [permissions.check_can_edit, permissions.check_can_share])
@pytest.mark.parametrize("days", [1, 30])
def test_edit_and_share_allowed_in_grace(supervisor, draft, check, days):
    supervision_ended(days)

    assert reason(check, supervisor, draft) is None


@pytest.mark.parametrize("check", [permissions.check_can_edit, permissions.check_can_share])
def test_edit_and_share_refused_after_grace(supervisor, draft, check):
    supervision_ended(31)

    assert reason(check, supervisor, draft) == (
        f"Your supervision ended on {factories.days_ago(31):%-d %B %Y} and the 30 days to finish are over. "
        "Ask the training lead to hand the draft over."
    )


@pytest.mark.parametrize("check", [permissions.check_can_edit, permissions.check_can_share])
def test_edit_and_share_refused_without_supervision(supervisor, draft, check):
    Supervision.objects.all().delete()

    assert reason(check, supervisor, draft) == NOT_SUPERVISED


# Supervisions of Amara by Helen as (days ago it began, days ago it ended or None, organisation), and whether she may
# edit her draft from Northfield.
SITUATIONS = {
    "running": ([(90, None, "northfield")], True),
    "ends today": ([(90, 0, "northfield")], True),
    "ended yesterday": ([(90, 1, "northfield")], True),
    "ended 30 days ago": ([(90, 30, "northfield")], True),
    "ended 31 days ago": ([(90, 31, "northfield")], False),
    "never": ([], False),
    "elsewhere only": ([(90, None, "southbank")], False),
    "ended here, running elsewhere": ([(90, 31, "northfield"), (90, None, "southbank")], False),
    "ended long ago, running again": ([(90, 60, "northfield"), (5, None, "northfield")], True),
    "running before, ended long ago since": ([(90, None, "northfield"), (60, 40, "northfield")], True),
    "ended twice, once lately": ([(90, 60, "northfield"), (50, 2, "northfield")], True),
    "ended twice, long ago": ([(90, 60, "northfield"), (50, 40, "northfield")], False),
}


@pytest.fixture
def supervised_as(supervisor, therapist, cast, draft):
    def replace(situation):
        Supervision.objects.filter(supervisor=supervisor).delete()
        for began, ended, organisation in situation:
            ends_on = None if ended is None else factories.days_ago(ended)
            factories.make_supervision(
                therapist, supervisor, cast[organisation], starts_on=factories.days_ago(began), ends_on=ends_on
            )

    return replace


@pytest.mark.parametrize(("situation", "expected"), SITUATIONS.values(), ids=SITUATIONS.keys())
def test_edit_follows_supervision(supervised_as, supervisor, draft, situation, expected):
    supervised_as(situation)

    assert permissions.allows(permissions.check_can_edit, supervisor, draft) is expected


@pytest.mark.parametrize(("situation", "expected"), SITUATIONS.values(), ids=SITUATIONS.keys())
def test_editable_by_agrees_on_supervision(supervised_as, supervisor, draft, situation, expected):
    supervised_as(situation)

    assert Assessment.objects.editable_by(supervisor).filter(pk=draft.pk).exists() is expected
    assert (queries.draft_to_rate(supervisor, draft.pk) == draft) is expected


@pytest.mark.parametrize("who", ["supervisor", "therapist", "second_supervisor", "lead", "admin", "outside_supervisor"])
@pytest.mark.parametrize("state", STATES)
def test_editable_by_agrees_on_person_and_state(cast, in_state, who, state):
    assessment, person = in_state(state), cast[who]

    is_found = Assessment.objects.editable_by(person).filter(pk=assessment.pk).exists()

    assert is_found is permissions.allows(permissions.check_can_edit, person, assessment)
    assert is_found is (queries.draft_to_rate(person, assessment.pk) == assessment)
    assert is_found is (who == "supervisor" and state == "draft")


# taking back, withdrawing, handing over


def test_take_back_allowed_for_author(supervisor, shared):
    assert reason(permissions.check_can_take_back, supervisor, shared) is None


def test_take_back_refused_for_a_draft(supervisor, draft):
    assert reason(permissions.check_can_take_back, supervisor, draft) == (
        "You cannot take back this assessment. It is still a draft."
    )


@pytest.mark.parametrize("state", ["draft", "shared"])
def test_withdraw_allowed_for_author(supervisor, draft, state):
    assert reason(permissions.check_can_withdraw, supervisor, put(draft, state)) is None


def test_withdraw_refused_once_signed(supervisor, signed):
    assert reason(permissions.check_can_withdraw, supervisor, signed) == (
        "You cannot withdraw this assessment. It is signed off, and a signed record never changes."
    )


@pytest.mark.parametrize("who", ["supervisor", "lead"])
def test_hand_over_allowed(cast, draft, who):
    assert reason(permissions.check_can_hand_over, cast[who], draft) is None


@pytest.mark.parametrize("who", ["therapist", "second_supervisor", "admin", "outside_lead"])
def test_hand_over_refused_for_others(cast, draft, who):
    assert reason(permissions.check_can_hand_over, cast[who], draft) == (
        "Only the supervisor who began this draft, or the training lead, can hand it over."
    )


def test_hand_over_refused_once_shared(lead, shared):
    assert reason(permissions.check_can_hand_over, lead, shared) == (
        "You cannot hand over this assessment. "
        "It is shared with the therapist and locked. Take it back first to change it."
    )


# replying and signing


def test_reply_allowed_for_therapist(therapist, shared):
    assert reason(permissions.check_can_reply, therapist, shared) is None


@pytest.mark.parametrize("who", ["supervisor", "lead", "admin", "other_therapist"])
def test_reply_refused_for_others(cast, shared, who):
    assert reason(permissions.check_can_reply, cast[who], shared) == "Only the therapist can reply to this assessment."


def test_reply_refused_once_signed_off(therapist, signed):
    assert reason(permissions.check_can_reply, therapist, signed) == (
        "You cannot reply to this assessment. It is signed off, and a signed record never changes."
    )


@pytest.mark.parametrize("who", ["supervisor", "therapist"])
def test_sign_allowed_in_their_role(cast, shared, who):
    assert permissions.check_can_sign(cast[who], shared) == who


@pytest.mark.parametrize("who", ["lead", "admin", "second_supervisor", "other_therapist"])
def test_sign_refused_for_others(cast, shared, who):
    assert reason(permissions.check_can_sign, cast[who], shared) == (
        "Only the therapist and the supervisor named in this assessment sign it."
    )


def test_sign_refused_for_a_draft(therapist, draft):
    assert reason(permissions.check_can_sign, therapist, draft) == (
        "You cannot sign this assessment. It is still a draft."
    )


@pytest.mark.parametrize("who", ["supervisor", "therapist"])
def test_sign_refused_a_second_time(cast, shared, who):
    factories.sign(shared, cast[who])

    assert reason(permissions.check_can_sign, cast[who], shared) == (
        "You have signed this assessment. It waits for the other signature."
    )


def test_sign_allowed_after_the_first_signature_was_voided(therapist, shared):
    factories.sign(shared, therapist)
    shared.signatures.update(voided_at=timezone.now())

    assert reason(permissions.check_can_sign, therapist, shared) is None


# starting, profiles, accesses, managing


def test_start_allowed(supervisor, therapist):
    assert reason(permissions.check_can_start, supervisor, therapist) is None


@pytest.mark.parametrize("who", ["other_supervisor", "lead", "admin", "therapist"])
def test_start_refused_without_supervision(cast, therapist, who):
    assert reason(permissions.check_can_start, cast[who], therapist) == (
        "You do not supervise Amara Okafor at present."
    )


def test_start_refused_in_grace(supervisor, therapist):
    supervision_ended(1)

    assert reason(permissions.check_can_start, supervisor, therapist) == "You do not supervise Amara Okafor at present."


def known(user, therapist):
    """The therapist as the profile's page looks somebody up."""
    return User.objects.therapists_known_to(user).get(pk=therapist.pk)


@pytest.mark.parametrize("who", ["therapist", "supervisor", "second_supervisor", "lead"])
def test_profile_allowed(cast, therapist, who):
    person = cast[who]

    assert reason(permissions.check_can_view_profile, person, known(person, therapist)) is None


def test_profile_refused_once_supervision_ended(supervisor, therapist):
    supervision_ended(1)

    assert reason(permissions.check_can_view_profile, supervisor, known(supervisor, therapist)) == (
        "Your supervision of this therapist has ended. You can still read what you wrote yourself."
    )


def test_profile_refused_for_admin(admin, therapist):
    assert reason(permissions.check_can_view_profile, admin, known(admin, therapist)) == NO_RATINGS


def test_accesses_allowed_for_the_therapist(therapist):
    assert reason(permissions.check_can_see_accesses, therapist, therapist) is None


@pytest.mark.parametrize("who", ["supervisor", "lead", "admin"])
def test_accesses_refused_for_others(cast, therapist, who):
    assert reason(permissions.check_can_see_accesses, cast[who], therapist) == (
        "Only the therapist sees who opened the record."
    )


@pytest.mark.parametrize("who", ["therapist", "lead", "admin"])
def test_manage_allowed_in_ones_organisation(cast, admin, who):
    assert reason(permissions.check_can_manage, admin, cast[who]) is None


def test_manage_allowed_for_somebody_of_no_organisation(admin):
    newcomer = User.objects.create(email="new@example.org", name="New Person")

    assert reason(permissions.check_can_manage, admin, newcomer) is None


@pytest.mark.parametrize("who", ["therapist", "supervisor", "lead"])
def test_manage_refused_without_the_role(cast, therapist, who):
    person = cast[who]

    told = reason(permissions.check_can_manage, person, therapist)

    assert told is not None
    assert told == reason(permissions.check_has_role, person, Role.ADMIN)


def test_manage_refused_in_another_organisation(outside_admin, therapist):
    assert reason(permissions.check_can_manage, outside_admin, therapist) == (
        "This person belongs to an organisation that you do not administer."
    )


# what each person finds at all

EVERYBODY = [
    "supervisor",
    "therapist",
    "second_supervisor",
    "lead",
    "admin",
    "other_supervisor",
    "other_therapist",
    "outside_supervisor",
    "outside_therapist",
    "outside_lead",
    "outside_admin",
    "anonymous",
]
ONCE_SHARED = ["supervisor", "therapist", "second_supervisor", "lead", "admin"]
FOUND_BY = {
    "draft": ["supervisor", "lead", "admin"],
    "shared": ONCE_SHARED,
    "signed_off": ONCE_SHARED,
    "withdrawn": ONCE_SHARED,
    "withdrawn_unshared": ["supervisor", "lead", "admin"],
}


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("state", STATES)
def test_assessment_visible_to(cast, in_state, who, state):
    person, assessment = cast[who], in_state(state)

    found = Assessment.objects.visible_to(person)

    assert list(found) == ([assessment] if who in FOUND_BY[state] else [])


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who != "anonymous"])
@pytest.mark.parametrize("state", STATES)
def test_assessment_listed_where_it_is_visible(cast, in_state, who, state):
    person, assessment = cast[who], in_state(state)

    found = queries.assessments_listed(person)

    assert list(found) == ([assessment] if who in FOUND_BY[state] else [])


def test_assessment_visible_to_its_author_after_supervision(supervisor, shared):
    supervision_ended(400)

    assert list(Assessment.objects.visible_to(supervisor)) == [shared]


def test_assessment_hidden_from_a_reader_after_supervision(second_supervisor, shared):
    supervision_ended(1)

    assert list(Assessment.objects.visible_to(second_supervisor)) == []


def test_assessment_hidden_from_a_supervisor_elsewhere(outside_supervisor, therapist, southbank, shared):
    factories.make_supervision(therapist, outside_supervisor, southbank)

    assert list(Assessment.objects.visible_to(outside_supervisor)) == []


def test_assessment_hidden_from_a_former_lead(lead, shared):
    factories.end_membership(lead)

    assert list(Assessment.objects.visible_to(lead)) == []


KNOWN = {
    "supervisor": ["Amara Okafor"],
    "other_supervisor": ["Daniel Reyes"],
    "therapist": ["Amara Okafor"],
    "lead": ["Amara Okafor", "Daniel Reyes"],
    "admin": ["Amara Okafor", "Daniel Reyes"],
    "outside_supervisor": ["Oscar Bell"],
    "outside_lead": ["Oscar Bell"],
    "anonymous": [],
}


@pytest.mark.parametrize(("who", "expected"), KNOWN.items())
@pytest.mark.usefixtures("therapist", "other_therapist", "outside_therapist")
def test_therapists_known_to(cast, who, expected):
    found = User.objects.therapists_known_to(cast[who])

    assert [person.name for person in found] == expected


def test_therapist_still_known_after_supervision(supervisor, therapist):
    supervision_ended(400)

    assert list(User.objects.therapists_known_to(supervisor)) == [therapist]


def test_people_managed_are_those_of_ones_organisations(admin, lead, outside_lead):
    assert set(User.objects.in_organisations_of(admin)) == {admin, lead}
