"""Self-assessment: who may do what to it, and that neither side sees the other's before both are shared."""

from types import SimpleNamespace

import pytest
from django.db import IntegrityError
from django.urls import reverse

from assessments import guards, permissions, queries, records
from assessments.actions import assessments, goals, self_assessments, standings
from assessments.exceptions import NotAllowed, Refused
from assessments.exporters.archive_readme import readme
from assessments.forms.self_assessments import same_session_as
from assessments.models import (
    ActivityStanding,
    Assessment,
    Domain,
    Membership,
    QuarterStanding,
    Role,
    Supervision,
    User,
)
from assessments.reports import assessment as report_of
from assessments.reports import cover
from tests import factories
from tests.blind import leaks, report_status
from tests.conftest import signed_in, told, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

FIRST_YOURS = "You are rating yourself on the same session. Share your self-assessment first, then both open."
# What each side wrote; none of it may turn up on the other side.
THEIRS = ["Helen heard it", "Summary by Helen", "Strength by Helen", "Need by Helen", "Goal by Helen"]
OWN = ["Amara heard it", "Summary by Amara", "Strength by Amara", "Need by Amara"]


@pytest.fixture
def session(supervisor, therapist, lead, admin, revision):
    """Helen's rated draft with goal and texts, Amara's own that was asked for, and the people around them."""
    own, theirs = factories.make_asked(supervisor, therapist, revision)
    _write(theirs, supervisor, "Helen")
    _write(own, therapist, "Amara")
    goals.save(by=supervisor, assessment=theirs, text="Goal by Helen", due_on=None, competences=[])
    return SimpleNamespace(
        own=own,
        theirs=theirs,
        pair=[own, theirs],
        supervisor=supervisor,
        therapist=therapist,
        lead=lead,
        admin=admin,
    )


def _write(draft, by, name):
    factories.rate(draft, "S2.3", 2, note=f"{name} heard it")
    texts = {"summary": f"Summary by {name}", "strengths": f"Strength by {name}", "needs": f"Need by {name}"}
    assessments.save_texts(by=by, assessment=draft, **texts)


def share_theirs(session):
    session.theirs = assessments.share(by=session.supervisor, assessment=session.theirs)


def share_own(session):
    session.own = assessments.share(by=session.therapist, assessment=session.own)


def share_both(session):
    share_theirs(session)
    share_own(session)


def refreshed(assessment):
    return Assessment.objects.get(pk=assessment.pk)


def reason(check, *args):
    with pytest.raises(NotAllowed) as refusal:
        check(*args)
    return str(refusal.value)


STEPS = {
    "both are drafts": [],
    "only theirs is shared": [share_theirs],
    "only their own is shared": [share_own],
}


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_therapist_sees_nothing_of_the_supervisors_before_both_are_shared(session, steps):
    for step in steps:
        step(session)

    assert leaks(session, "therapist", THEIRS) == []
    assert report_status(session, "therapist", session.theirs) in {403, 404}


@pytest.mark.parametrize("who", ["supervisor", "lead", "admin"])
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_nobody_else_sees_anything_of_a_self_assessment_before_both_are_shared(session, steps, who):
    for step in steps:
        step(session)

    assert leaks(session, who, OWN) == []
    assert report_status(session, who, session.own) in {403, 404}


def test_a_lead_in_training_does_not_see_it_as_a_lead(session, northfield):
    Membership.objects.create(
        user=session.therapist, organisation=northfield, role=Role.LEAD, starts_on=factories.LONG_AGO
    )
    share_theirs(session)

    assert leaks(session, "therapist", THEIRS) == []


@pytest.mark.parametrize(
    ("who", "what"), [("therapist", THEIRS), ("supervisor", OWN), ("lead", [*THEIRS[:4], *OWN]), ("admin", [])]
)
def test_both_are_seen_once_both_are_shared(session, who, what):
    share_both(session)

    assert sorted(leaks(session, who, what)) == sorted(what)


def test_administrators_read_neither_once_both_are_shared(session):
    share_both(session)

    assert leaks(session, "admin", [*THEIRS, *OWN]) == []


def test_blind_assessment_counts_in_no_profile_of_the_therapist(session):
    share_theirs(session)
    client = signed_in(session.therapist)

    profile = words(client.get(reverse("therapist", args=[session.therapist.pk])))
    activity = words(client.get(reverse("therapist-activity", args=[session.therapist.pk, "S2"])))

    assert "Nothing is rated yet for Amara." in profile
    assert "S2: no level was given yet." in activity
    assert "Read and sign" not in profile


def test_supervisors_profile_counts_it_and_no_self_assessment(session):
    share_both(session)

    page = words(signed_in(session.supervisor).get(reverse("therapist", args=[session.therapist.pk])))

    assert "1 assessment by 1 supervisor" in page
    assert "Of 3 competences rated so far" in page


def test_goal_closed_in_a_blind_assessment_is_open_for_the_therapist(supervisor, therapist, revision):
    agreed = factories.make_agreed(supervisor, therapist, revision, text="Say less.")
    own, theirs = factories.make_asked(supervisor, therapist, revision)
    goals.close(by=supervisor, assessment=theirs, goal=agreed, status="met", result="Heard it said.")
    assessments.share(by=supervisor, assessment=theirs)

    found = {
        who: [goal.text for goal in queries.open_goals(queries.assessments_seen(person, therapist))]
        for who, person in {"therapist": therapist, "supervisor": supervisor}.items()
    }

    assert found == {"therapist": ["Say less."], "supervisor": []}
    page = words(signed_in(therapist).get(reverse("therapist-agenda", args=[therapist.pk])))
    assert "Say less." in page
    assert "Heard it said." not in page
    assert own.pair_id == theirs.pk


def test_goal_of_a_blind_assessment_hides_nothing_from_the_agenda(supervisor, therapist, revision):
    earlier = factories.make_draft(supervisor, therapist, revision, session_on=factories.days_ago(20))
    factories.rate(earlier, "S2.4", 2, is_priority=True)
    assessments.share(by=supervisor, assessment=earlier)
    _, theirs = factories.make_asked(supervisor, therapist, revision)
    named = revision.competences.filter(code="S2.4")
    goals.save(by=supervisor, assessment=theirs, text="Stay with it.", due_on=None, competences=named)
    assessments.share(by=supervisor, assessment=theirs)

    flagged = {
        who: [rating.competence.code for rating in queries.flagged_without_goal([earlier.pk], unread=unread)]
        for who, unread in {
            "therapist": queries.unread(queries.assessments_seen(therapist, therapist)),
            "supervisor": queries.unread(queries.assessments_seen(supervisor, therapist)),
        }.items()
    }

    assert flagged == {"therapist": ["S2.4"], "supervisor": []}


def test_therapist_is_told_why_a_blind_assessment_is_closed(session):
    share_theirs(session)

    response = signed_in(session.therapist).get(session.theirs.get_absolute_url())

    assert (response.status_code, response.context["reason"]) == (403, FIRST_YOURS)


def test_supervisor_is_told_why_a_shared_self_assessment_is_closed(session):
    share_own(session)

    response = signed_in(session.supervisor).get(session.own.get_absolute_url())

    assert response.status_code == 403
    assert response.context["reason"] == (
        "This is Amara Okafor\u2019s self-assessment. It opens once a supervisor\u2019s assessment of the same session"
        " is shared as well, so that neither sways the other."
    )


def test_draft_self_assessment_is_known_only_to_its_author_and_whoever_asked(session, other_supervisor, northfield):
    factories.make_supervision(session.therapist, other_supervisor, northfield)
    answers = {}
    for person in [session.therapist, session.supervisor, other_supervisor, session.lead, session.admin]:
        answers[person.name] = signed_in(person).get(session.own.get_absolute_url()).status_code

    assert answers == {
        "Amara Okafor": 200,
        "Dr Helen Marsh": 403,
        "Dr Samuel Adeyemi": 404,
        "Margaret Ellison": 404,
        "Robert Quayle": 404,
    }


def test_whoever_asked_and_left_is_told_so(session):
    share_own(session)
    Supervision.objects.update(ends_on=factories.days_ago(1))

    assert reason(permissions.check_can_read, session.supervisor, session.own) == permissions.ENDED


@pytest.mark.parametrize("check", [permissions.check_can_reply, permissions.check_can_sign])
def test_therapist_neither_replies_nor_signs_while_it_waits(session, check):
    share_theirs(session)

    assert reason(check, session.therapist, refreshed(session.theirs)) == FIRST_YOURS


def test_supervisor_does_not_sign_while_it_waits(session):
    share_theirs(session)

    said = reason(permissions.check_can_sign, session.supervisor, refreshed(session.theirs))

    assert said == "This waits for Amara Okafor\u2019s self-assessment."


def test_both_sign_once_it_is_open(session):
    share_both(session)

    assessments.sign_off(by=session.therapist, assessment=session.theirs)

    assert assessments.sign_off(by=session.supervisor, assessment=session.theirs).is_signed_off


def test_withdrawing_the_own_draft_opens_the_supervisors(session):
    share_theirs(session)

    assessments.withdraw(by=session.therapist, assessment=session.own, reason="No time for it.")

    assert signed_in(session.therapist).get(session.theirs.get_absolute_url()).status_code == 200
    page = words(signed_in(session.supervisor).get(session.theirs.get_absolute_url()))
    assert "Amara Okafor withdrew the self-assessment of this session." in page


@pytest.mark.parametrize("order", [[share_theirs, share_own], [share_own, share_theirs]])
def test_second_share_opens_both_in_the_same_moment(session, order):
    for step in order:
        step(session)

    later = max(session.own.shared_at, session.theirs.shared_at)
    assert refreshed(session.own).opened_at == later


def test_withdrawn_self_assessment_stays_closed(session):
    share_own(session)
    assessments.withdraw(by=session.therapist, assessment=session.own, reason="Not the right one.")

    share_theirs(session)

    assert refreshed(session.own).opened_at is None
    assert permissions.allows(permissions.check_can_read, session.therapist, refreshed(session.theirs))


def test_own_one_opens_beside_one_that_was_shared_and_withdrawn(session):
    share_theirs(session)
    assessments.withdraw(by=session.supervisor, assessment=session.theirs, reason="Another session.")

    share_own(session)

    assert refreshed(session.own).opened_at is not None


def test_opened_self_assessment_cannot_be_taken_back(session):
    share_both(session)

    said = reason(permissions.check_can_take_back, session.therapist, refreshed(session.own))

    assert said == "You cannot take back this self-assessment. Your supervisor may read it already."


def test_closed_self_assessment_can_be_taken_back(session):
    share_own(session)

    draft = assessments.take_back(by=session.therapist, assessment=session.own, reason="A wrong level.")

    assert (draft.status, draft.shared_at) == ("draft", None)


def test_supervisors_taken_back_leaves_the_own_one_open_and_says_so(session):
    share_both(session)

    assessments.take_back(by=session.supervisor, assessment=session.theirs, reason="A wrong level.")

    assert refreshed(session.own).opened_at is not None
    page = words(signed_in(session.supervisor).get(reverse("assessment-history", args=[session.theirs.pk])))
    assert "Both have seen each other\u2019s ratings; what was rated beside it stays open" in page
    share_theirs(session)
    assert permissions.allows(permissions.check_can_read, session.therapist, refreshed(session.theirs))


# What a self-assessment is not.


def test_self_assessment_is_never_signed_replied_to_or_handed_over(session, supervisor):
    share_both(session)
    own = refreshed(session.own)

    said = [
        reason(check, session.therapist, own)
        for check in [permissions.check_can_sign, permissions.check_can_reply, permissions.check_can_hand_over]
    ]

    assert said == [
        f"You cannot {step} a self-assessment. It is the therapist\u2019s own view and stays that."
        for step in ["sign", "reply to", "hand over"]
    ]


def test_database_refuses_a_signature_under_a_self_assessment(session):
    share_both(session)

    with pytest.raises(IntegrityError):
        factories.sign(session.own, session.therapist)


def test_self_assessment_takes_no_goals(session):
    with pytest.raises(NotAllowed, match=r"^You cannot set goals in a self-assessment\."):
        goals.save(by=session.therapist, assessment=session.own, text="Say less.", due_on=None, competences=[])

    assert signed_in(session.therapist).get(reverse("goal-new", args=[session.own.pk])).status_code == 403


def test_self_assessment_changes_no_standing(therapist, revision):
    factories.make_self_shared(therapist, revision)

    assert not ActivityStanding.objects.exists()


def test_previous_rating_is_of_the_same_kind(session, revision):
    share_both(session)
    later = factories.make_self_draft(session.therapist, revision)
    theirs = factories.make_draft(session.supervisor, session.therapist, revision)
    places = list(session.own.ratings.values_list("competence", flat=True))

    own_before = queries.previous_ratings(later, places)
    before = queries.previous_ratings(theirs, places)

    assert {row.assessment_id for row in own_before.values()} == {session.own.pk}
    assert {row.assessment_id for row in before.values()} == {session.theirs.pk}


def test_saving_reveals_the_previous_rating_of_the_same_kind(session, revision):
    share_theirs(session)
    later = factories.make_self_draft(session.therapist, revision)
    change = factories.make_change("S2.1", 3)

    asked = queries.standing(
        queries.draft_to_rate(session.therapist, later.pk), code="S2.1", position=3, points="", key=change.key
    )

    assert asked.previous is None


def test_therapist_saves_without_a_supervision(therapist, revision):
    draft = factories.make_self_draft(therapist, revision)
    Supervision.objects.all().update(ends_on=factories.days_ago(300))

    assert factories.rate(draft, "S2.1", 4)
    assert queries.assessment_for_editing(therapist, draft.pk) == draft
    assert signed_in(therapist).get(reverse("assessment-rate", args=[draft.pk, "S2"])).status_code == 200


def test_record_names_the_role_only_of_a_self_assessment(session):
    roles = [records.build(row)["assessment"].get("role") for row in [session.own, session.theirs]]

    assert roles == ["self", None]


def test_report_of_a_self_assessment_says_what_it_is(therapist, revision):
    own = factories.make_self_shared(therapist, revision)
    document = records.build(own)

    facts = report_of.context(document, sha256="0" * 64, issued_on=factories.days_ago(0))

    assert facts["title"].startswith("Self-assessment ")
    assert (facts["heading"], facts["signatures"], facts["state"].watermark) == ("Self-assessment", [], "")
    assert "Supervisor" not in dict(facts["facts"])


def test_report_of_a_draft_self_assessment_is_marked(therapist, revision):
    draft = factories.make_self_draft(therapist, revision)

    assert cover.state(records.build(draft)["assessment"]).watermark == "Draft. Not shared"


# The ways in.


def context(revision, **changes):
    activity = revision.activities.get(code="S2")
    given = factories.make_context(source="reflection", is_consent_confirmed="", extent="chosen")
    return {**given, "activities": activity.pk, **changes}


def test_start_is_offered_on_the_profile_with_reflection_chosen(therapist):
    page = words(signed_in(therapist).get(reverse("therapist", args=[therapist.pk])))

    assert "Rate yourself" in page
    form = signed_in(therapist).get(reverse("self-assessment-start")).context["form"]
    assert form["source"].value() == "reflection"


def test_therapist_starts_a_self_assessment(therapist, northfield, revision):
    data = context(revision, organisation=northfield.pk)

    response = signed_in(therapist).post(reverse("self-assessment-start"), data)

    own = Assessment.objects.get()
    assert response.url == reverse("assessment-rate", args=[own.pk, "S2"])
    assert (own.role, own.supervisor, own.organisation, own.source) == ("self", therapist, northfield, "reflection")
    assert factories.event_types(assessment=own) == ["assessment_started"]


def test_start_in_the_future_is_refused(therapist, northfield, revision):
    data = context(revision, organisation=northfield.pk, session_on=factories.days_ago(-1))

    response = signed_in(therapist).post(reverse("self-assessment-start"), data)

    assert "This day lies in the future." in words(response)


def test_start_of_an_empty_domain_is_refused(therapist, northfield, revision):
    guards.remove()
    empty = Domain.objects.create(
        revision=revision, key="empty", code="9", title="Empty", short_title="Empty", position=9
    )
    data = context(revision, organisation=northfield.pk, domains=[empty.pk])
    del data["activities"]

    response = signed_in(therapist).post(reverse("self-assessment-start"), data)

    assert "Choose at least one activity to rate." in words(response)


def test_organisation_is_chosen_where_there_are_several(therapist, southbank, northfield):
    Membership.objects.create(user=therapist, organisation=southbank, role=Role.THERAPIST, starts_on=factories.LONG_AGO)

    form = signed_in(therapist).get(reverse("self-assessment-start")).context["form"]

    assert [label for _, label in form.fields["organisation"].choices] == ["Choose where", "Northfield", "Southbank"]


def test_only_in_an_organisation_where_one_is_in_training(therapist, southbank, revision):
    with pytest.raises(NotAllowed, match=r"^You are not in training at Southbank at present\.$"):
        self_assessments.start(
            by=therapist,
            organisation=southbank,
            revision=revision,
            activities=revision.activities.filter(code="S2"),
            context=factories.make_context(),
        )


def test_own_context_is_corrected_and_may_rest_on_reflection(therapist, revision):
    draft = factories.make_self_draft(therapist, revision)

    signed_in(therapist).post(reverse("assessment-context", args=[draft.pk]), context(revision, case_number=4))

    assert (refreshed(draft).case_number, refreshed(draft).source) == (4, "reflection")


def test_supervisors_are_not_offered_reflection(supervisor, therapist):
    form = signed_in(supervisor).get(reverse("assessment-start")).context["form"]

    assert "reflection" not in dict(form.fields["source"].choices)
    assert "reflection" not in queries.FORM_WORDS["source"]


def test_asking_copies_the_session_and_tells_nothing_of_ratings(session):
    own = session.own
    client = signed_in(session.therapist)

    home = words(client.get(reverse("therapist", args=[session.therapist.pk])))

    assert (own.pair_id, own.case_number, own.session_on) == (session.theirs.pk, 2, session.theirs.session_on)
    assert set(own.activities.values_list("code", flat=True)) == {"S2", "S7"}
    assert "Asked for by Dr Helen Marsh." in home
    assert factories.event_types(assessment=own)[0] == "self_assessment_asked"


def test_supervisor_asks_on_the_page_of_the_draft(supervisor, therapist, draft):
    client = signed_in(supervisor)
    before = words(client.get(draft.get_absolute_url()))

    response = client.post(reverse("self-assessment-ask", args=[draft.pk]))

    after = words(client.get(draft.get_absolute_url()))
    assert "Ask for a self-assessment" in before
    assert told(response) == ["Amara Okafor is asked to rate the same session, unseen by you."]
    assert "Waits for Amara Okafor\u2019s self-assessment. It is in progress." in after
    assert "Ask for a self-assessment" not in after


def test_one_self_assessment_for_each(session):
    said = reason(permissions.check_can_ask, session.supervisor, session.theirs)

    assert said == "Amara Okafor is asked already. There is one self-assessment for each."


def test_waiting_self_assessment_is_offered_and_paired(supervisor, therapist, revision):
    own = factories.make_self_shared(therapist, revision)
    client = signed_in(supervisor)
    url = f"{reverse('assessment-start')}?self={own.pk}"

    pages = [words(client.get(reverse(name))) for name in ["therapists", "assessment-start"]]
    form = client.get(url).context["form"]
    data = {**context(revision, source="live"), "therapist": therapist.pk}
    client.post(url, data)

    theirs = Assessment.objects.by_supervisors().get()
    assert all("Amara Okafor rated themselves: assess the same items" in page for page in pages)
    assert (form["case_number"].value(), form["source"].value(), form["extent"].value()) == (2, None, "chosen")
    assert refreshed(own).pair == theirs
    assert list(queries.waiting_for_a_second_view(supervisor)) == []


def test_nonsense_in_the_address_pairs_nothing(supervisor, therapist):
    assert queries.self_assessment_to_pair(supervisor, "nonsense") is None


def test_another_revision_is_said_and_not_paired(supervisor, therapist):
    own = factories.make_self_draft(therapist, factories.make_revision(), codes="A1")
    factories.rate(own, "A1.1", 2)
    assessments.share(by=therapist, assessment=own)
    factories.make_next(is_published=True)

    page = words(signed_in(supervisor).get(f"{reverse('assessment-start')}?self={own.pk}"))

    assert "Amara Okafor rated this session on revision 1.0. Assessments start on revision 1.1 now" in page


def start_beside(own, supervisor, therapist, revision):
    return assessments.start(
        by=supervisor,
        therapist=therapist,
        revision=revision,
        activities=revision.activities.all(),
        context=factories.make_context(),
        self_assessment=own,
    )


def test_pairing_is_refused_once_it_is_open(supervisor, therapist, revision):
    own = self_assessments.show(by=therapist, assessment=factories.make_self_shared(therapist, revision))

    with pytest.raises(Refused, match=r"^This self-assessment no longer waits for a second view\."):
        start_beside(own, supervisor, therapist, revision)


def test_pairing_is_refused_for_another_person(supervisor, therapist, other_therapist, revision, northfield):
    factories.make_supervision(other_therapist, supervisor, northfield)
    own = factories.make_self_shared(therapist, revision)

    with pytest.raises(Refused, match=r"^This self-assessment is somebody else\u2019s\."):
        start_beside(own, supervisor, other_therapist, revision)


def test_pairing_is_refused_on_another_revision(supervisor, therapist, revision):
    own = factories.make_self_shared(therapist, revision)

    with pytest.raises(Refused, match="stands on another revision"):
        start_beside(own, supervisor, therapist, factories.make_revision())


# Shown without a second view.


def test_therapist_shows_it_to_supervisors(supervisor, therapist, revision):
    own = factories.make_self_shared(therapist, revision)
    client = signed_in(therapist)
    before = words(client.get(own.get_absolute_url()))

    response = client.post(reverse("self-assessment-show", args=[own.pk]))

    assert "Show it to my supervisors now" in before
    assert told(response) == ["Your supervisors can read it now."]
    assert signed_in(supervisor).get(own.get_absolute_url()).status_code == 200
    assert factories.event_types(assessment=own)[-1] == "self_assessment_shown"


def test_showing_is_refused_for_what_is_no_self_assessment(supervisor, shared):
    said = reason(permissions.check_can_show, supervisor, shared)

    assert said == "Only a self-assessment is shown like this."


def test_showing_is_refused_while_the_other_is_awaited(session):
    share_own(session)

    said = reason(permissions.check_can_show, session.therapist, refreshed(session.own))

    assert said == "It opens by itself when Dr Helen Marsh shares the assessment of the same session."


def test_showing_is_refused_once_it_is_open(session):
    share_both(session)

    said = reason(permissions.check_can_show, session.therapist, refreshed(session.own))

    assert said == "Your supervisors can read this self-assessment already."


def test_shown_when_the_other_was_withdrawn(session):
    share_own(session)
    assessments.withdraw(by=session.supervisor, assessment=session.theirs, reason="Another session.")

    assert self_assessments.show(by=session.therapist, assessment=session.own).opened_at is not None


# Side by side.


@pytest.mark.parametrize("which", ["own", "theirs"])
@pytest.mark.parametrize("who", ["therapist", "supervisor", "lead"])
def test_comparison_by_either_of_the_two(session, which, who):
    share_both(session)

    page = signed_in(getattr(session, who)).get(reverse("assessment-comparison", args=[getattr(session, which).pk]))

    assert page.status_code == 200
    assert "Of 1 competence both rated, 1 stands at the same level." in words(page)


def test_comparison_is_closed_before_both_are_shared(session):
    share_theirs(session)

    response = signed_in(session.supervisor).get(reverse("assessment-comparison", args=[session.theirs.pk]))

    assert response.status_code == 403


def test_comparison_is_closed_while_the_other_is_taken_back(session):
    share_both(session)
    assessments.take_back(by=session.supervisor, assessment=session.theirs, reason="A wrong level.")

    response = signed_in(session.supervisor).get(reverse("assessment-comparison", args=[session.theirs.pk]))

    assert response.context["reason"] == "The two assessments of this session stand side by side once both are shared."


def test_comparison_needs_two(supervisor, shared):
    response = signed_in(supervisor).get(reverse("assessment-comparison", args=[shared.pk]))

    assert response.context["reason"] == "There is no second assessment of this session to set beside this one."


def test_comparison_shows_gaps_first_and_groups_what_has_no_pair(supervisor, therapist, revision):
    own, theirs = factories.make_asked(supervisor, therapist, revision)
    for code, answer in {"S2.3": "not_observed", "S2.5": 2}.items():
        factories.rate(theirs, code, answer)
    for code, answer in {"S2.1": 4, "S2.2": 1, "S2.3": 3, "S2.4": 4}.items():
        factories.rate(own, code, answer)
    assessments.share(by=supervisor, assessment=theirs)
    assessments.share(by=therapist, assessment=own)

    page = words(signed_in(therapist).get(reverse("assessment-comparison", args=[own.pk])))

    assert "Of 2 competences both rated, 1 stands at the same level, 1 further on in Helen\u2019s." in page
    places = [
        page.index(text)
        for text in [
            "2 levels apart",
            "Same level",
            "One of the two gave no level",
            "Rated by Amara only",
            "Rated by Helen only",
        ]
    ]
    assert places == sorted(places)


def test_profile_lists_opened_pairs_newest_first(supervisor, therapist, revision):
    for days in [30, 5]:
        factories.make_pair(supervisor, therapist, revision, session_on=factories.days_ago(days))
    factories.make_asked(supervisor, therapist, revision)

    found = queries.opened_pairs(queries.assessments_seen(supervisor, therapist))

    assert [pair.theirs.session_on for pair in found] == [factories.days_ago(5), factories.days_ago(30)]
    assert "Self beside supervisor" in words(signed_in(therapist).get(reverse("therapist", args=[therapist.pk])))


def test_agenda_says_what_a_shared_one_waits_for(session):
    share_theirs(session)

    page = words(signed_in(session.supervisor).get(reverse("therapist-agenda", args=[session.therapist.pk])))

    assert "the self-assessment of Amara Okafor" in page


def test_own_pages_speak_of_a_self_assessment(session):
    client = signed_in(session.therapist)
    at = {
        name: words(client.get(reverse(name, args=[session.own.pk])))
        for name in ["assessment", "assessment-check", "assessment-share", "assessment-withdraw", "assessment-context"]
    }
    share_own(session)
    at["take back"] = words(client.get(reverse("assessment-take-back", args=[session.own.pk])))
    at["read"] = words(client.get(session.own.get_absolute_url()))

    assert "Dr Helen Marsh assesses the same session." in at["assessment"]
    assert "Nobody else sees any of it until you share it." in at["assessment-check"]
    assert "Add a goal" not in at["assessment-check"]
    assert "Share your self-assessment" in at["assessment-share"]
    assert "do not want to finish" in at["assessment-withdraw"]
    assert "It becomes a draft again, which only you see." in at["take back"]
    assert "Nobody else can read it yet." in at["read"]


@pytest.mark.parametrize(
    ("steps", "message"),
    [([], "Shared and locked."), ([share_theirs], "Shared. Both assessments of the session are open now.")],
)
def test_sharing_says_what_it_opened(session, steps, message):
    for step in steps:
        step(session)

    response = signed_in(session.therapist).post(reverse("assessment-share", args=[session.own.pk]))

    assert told(response) == [message]


def test_taking_back_on_the_page(session):
    share_own(session)

    url = reverse("assessment-take-back", args=[session.own.pk])
    response = signed_in(session.therapist).post(url, {"reason": "A wrong level."})

    assert told(response) == ["Taken back. It is a draft again."]


def test_history_speaks_of_the_own_assessment(session):
    share_both(session)

    page = words(signed_in(session.therapist).get(reverse("assessment-history", args=[session.own.pk])))

    assert "Self-assessment shared" in page
    assert "Both assessments of the session opened to each other" in page
    assert "Self-assessment asked for" in page


def test_history_says_that_one_was_begun_beside_a_self_assessment(supervisor, therapist, revision):
    own = factories.make_self_shared(therapist, revision)
    theirs = start_beside(own, supervisor, therapist, revision)

    page = words(signed_in(supervisor).get(reverse("assessment-history", args=[theirs.pk])))

    assert "Begun beside a self-assessment of the same session" in page


def test_lists_name_a_self_assessment(therapist, revision):
    factories.make_self_shared(therapist, revision)

    assert "Self-assessment" in words(signed_in(therapist).get(reverse("assessments")))


def test_archive_says_what_is_kept_back_and_which_are_own(session, revision):
    factories.make_self_shared(session.therapist, revision)
    share_theirs(session)

    held = queries.holdings(session.therapist)

    text = readme(held, session.theirs.shared_at)
    assert "1 assessment shared, and kept back until your own of the same session is, too." in text
    assert "Shared, self-assessment" in text
    assert [row.get("role") for row in held.person["assessments"]] == ["self", "self"]


def test_archive_on_request_keeps_nothing_back(session):
    share_theirs(session)

    held = queries.holdings(session.therapist, with_drafts=True)

    assert (held.kept_back, len(held.assessments)) == (0, 2)


LISTED = {
    "supervisor": {"asked", "beside", "waiting", "own", "theirs"},
    "therapist": {"alone", "asked", "waiting", "own", "theirs"},
    "lead": {"beside", "waiting", "own", "theirs"},
    "admin": {"beside", "waiting", "own", "theirs"},
    "other_supervisor": set(),
    "outside_lead": set(),
}


@pytest.mark.parametrize("who", LISTED)
def test_list_holds_what_somebody_may_know_of(request, supervisor, therapist, revision, who):
    rows = {
        "alone": factories.make_self_draft(therapist, revision),
        "waiting": factories.make_self_shared(therapist, revision),
    }
    rows["asked"], rows["beside"] = factories.make_asked(supervisor, therapist, revision)
    rows["own"], rows["theirs"] = factories.make_pair(supervisor, therapist, revision)
    person = User.objects.get(pk=request.getfixturevalue(who).pk)

    listed = set(queries.assessments_listed(person))

    assert {name for name, row in rows.items() if row in listed} == LISTED[who]
    assert listed == set(Assessment.objects.visible_to(person))


def test_second_view_of_a_recording_begins_with_its_source(draft):
    assert same_session_as(draft)["source"] == "recorded"


def test_how_far_a_draft_of_oneself_has_come_is_its_author_s(supervisor, therapist, revision):
    own, _ = factories.make_asked(supervisor, therapist, revision)
    factories.rate(own, "S2.1", 5)

    pages = [signed_in(who).get(reverse("therapist", args=[therapist.pk])) for who in (therapist, supervisor)]

    assert [len(page.context["self_drafts"]) for page in pages] == [1, 0]
    assert ["Rate yourself" in page.text for page in pages] == [True, False]


@pytest.fixture
def apart(supervisor, therapist, revision):
    """Helen's shared assessment of a session of long ago, beside Amara's own of another day, which is to be shared."""
    own, theirs = factories.make_asked(supervisor, therapist, revision, session_on=factories.days_ago(200))
    own.session_on = factories.days_ago(20)
    own.save(update_fields=["session_on"])
    assessments.share(by=supervisor, assessment=theirs)
    return own


def stands(therapist):
    """Whether the group is told of it, and that no projection differs from the ratings."""
    assert list(standings.drifted()) == []
    rows = ActivityStanding.objects.filter(therapist=therapist), QuarterStanding.objects.filter(therapist=therapist)
    return [found.exists() for found in rows]


def test_group_is_told_of_an_assessment_once_both_are_open(apart, therapist):
    before = stands(therapist)
    factories.share_self(apart)

    assert (before, stands(therapist)) == ([False, False], [True, True])


def test_group_is_told_of_an_assessment_once_nobody_rates_beside_it(apart, therapist):
    assessments.withdraw(by=therapist, assessment=apart, reason="I cannot now.")

    assert stands(therapist) == [True, True]


def test_lead_in_training_reads_no_competence_that_waits(apart, therapist, northfield, revision):
    told = queries.cohort_activity(northfield, revision, "S2")
    factories.share_self(apart)
    later = queries.cohort_activity(northfield, revision, "S2")

    assert [any(row.everybody.rated for row in found.rows) for found in (told, later)] == [False, True]


def test_comparison_tells_of_an_assessment_given_again(supervisor, therapist, revision):
    own, theirs = factories.make_pair(supervisor, therapist, revision)
    page = reverse("assessment-comparison", args=[own.pk])
    before = words(signed_in(therapist).get(page))

    assessments.take_back(by=supervisor, assessment=theirs, reason="I had the wrong recording.")
    assessments.share(by=supervisor, assessment=theirs)

    assert "given without sight of each other and open to both since" in before
    after = words(signed_in(therapist).get(page))
    assert "Helen took the assessment back after that and shared it again on" in after
    assert "without sight" not in after


def test_start_beside_one_that_was_taken_up_says_that_it_stands_alone(supervisor, therapist, revision):
    own = factories.make_self_shared(therapist, revision)
    client = signed_in(supervisor)
    address = f"{reverse('assessment-start')}?self={own.pk}"
    self_assessments.show(by=therapist, assessment=own)

    response = client.post(
        address,
        {
            "therapist": str(therapist.pk),
            "source": "discussion",
            "session_on": "2026-01-05",
            "extent": "whole",
        },
        follow=True,
    )

    assert told(response) == ["This assessment stands alone: the self-assessment no longer waits for one."]
