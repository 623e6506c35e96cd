"""Second rating: who may do what to it, and that neither rater sees the other's before both are shared."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments import permissions, queries, records
from assessments.actions import assessments, frameworks, goals, second_ratings, self_assessments, standings
from assessments.exceptions import NotAllowed, Refused
from assessments.exporters.archive_readme import readme
from assessments.models import ActivityStanding, Assessment, Membership, Rating, Role, Supervision, User
from assessments.reports import assessment as report_of
from assessments.reports import cover
from tests import factories
from tests.blind import leaks, report_status
from tests.conftest import signed_in, told, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

# What each rater wrote; none of it may turn up on the other side.
FIRST = ["Helen heard it", "Summary by Helen", "Strength by Helen", "Need by Helen", "Goal by Helen"]
SECOND = ["Samuel heard it", "Summary by Samuel", "Strength by Samuel", "Need by Samuel"]
WITHHELD = (
    "You are asked for a second rating of the same session. It opens to you once yours and the first are both shared."
)


@pytest.fixture
def session(request, supervisor, therapist, other_supervisor, revision):
    """Helen's rated draft with goal and texts, Samuel's second rating that was asked for, and the people around."""
    lead, admin = (request.getfixturevalue(name) for name in ["lead", "admin"])
    first, second = factories.make_second(supervisor, therapist, other_supervisor, revision)
    _write(first, supervisor, "Helen")
    _write(second, other_supervisor, "Samuel")
    goals.save(by=supervisor, assessment=first, text="Goal by Helen", due_on=None, competences=[])
    return SimpleNamespace(
        first=first,
        second=second,
        pair=[first, second],
        supervisor=supervisor,
        therapist=therapist,
        rater=other_supervisor,
        lead=lead,
        admin=admin,
    )


def _write(draft, by, name):
    factories.rate(draft, "S2.3", 2, note=f"{name} heard it", is_priority=True)
    texts = {"summary": f"Summary by {name}", "strengths": f"Strength by {name}", "needs": f"Need by {name}"}
    assessments.save_texts(by=by, assessment=draft, **texts)


def share_first(session):
    session.first = assessments.share(by=session.supervisor, assessment=session.first)


def share_second(session):
    session.second = assessments.share(by=session.rater, assessment=session.second)


def share_both(session):
    share_first(session)
    share_second(session)


def refreshed(row):
    return type(row).objects.get(pk=row.pk)


def reason(check, *args):
    with pytest.raises(NotAllowed) as refusal:
        check(*args)
    return str(refusal.value)


STEPS = {
    "both are drafts": [],
    "only the first is shared": [share_first],
    "only the second is shared": [share_second],
}


def also_supervises(session):
    factories.make_supervision(session.therapist, session.rater, session.first.organisation)


def also_leads(session):
    Membership.objects.create(
        user=session.rater, organisation=session.first.organisation, role=Role.LEAD, starts_on=factories.LONG_AGO
    )


OTHER_WAYS = {"no other way": None, "supervises as well": also_supervises, "leads as well": also_leads}


def test_new_version_of_the_first_rating_is_withheld_like_it(session):
    also_supervises(session)
    share_first(session)
    for person in [session.therapist, session.supervisor]:
        assessments.sign_off(by=person, assessment=session.first)
    version = factories.make_reopened(session.lead, refreshed(session.first))
    version = assessments.share(by=session.supervisor, assessment=version)

    before = reason(permissions.check_can_read, session.rater, version)
    assert (before, version in Assessment.objects.readable_by(session.rater)) == (WITHHELD, False)
    share_second(session)

    assert permissions.allows(permissions.check_can_read, session.rater, version)
    assert version in Assessment.objects.readable_by(session.rater)


@pytest.mark.parametrize("way", OTHER_WAYS.values(), ids=OTHER_WAYS)
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_second_rater_sees_nothing_of_the_first_before_both_are_shared(session, steps, way):
    if way:
        way(session)
    for step in steps:
        step(session)

    assert leaks(session, "rater", FIRST) == []
    assert report_status(session, "rater", session.first) in {403, 404}


@pytest.mark.parametrize("who", ["supervisor", "therapist", "lead", "admin"])
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_nobody_else_sees_anything_of_the_second_before_both_are_shared(session, steps, who):
    for step in steps:
        step(session)

    assert leaks(session, who, SECOND) == []
    assert report_status(session, who, session.second) in {403, 404}


@pytest.mark.parametrize(
    ("who", "what"),
    [
        ("rater", [*FIRST, *SECOND]),
        ("supervisor", [*FIRST, *SECOND]),
        ("therapist", [*FIRST, *SECOND]),
        ("lead", [*FIRST, *SECOND]),
        ("admin", []),
    ],
)
def test_both_are_seen_once_both_are_shared(session, who, what):
    share_both(session)

    assert sorted(leaks(session, who, [*FIRST, *SECOND])) == sorted(what)


@pytest.mark.parametrize("order", [[share_first, share_second], [share_second, share_first]])
def test_second_share_opens_both_in_the_same_moment(session, order):
    for step in order:
        step(session)

    later = max(session.first.shared_at, session.second.shared_at)
    assert refreshed(session.second).opened_at == later


def test_first_waits_for_nothing(session):
    share_first(session)

    assessments.reply(by=session.therapist, assessment=session.first, agreement="agree", text="")
    assessments.sign_off(by=session.therapist, assessment=session.first)

    assert assessments.sign_off(by=session.supervisor, assessment=session.first).is_signed_off
    share_second(session)
    assert refreshed(session.second).opened_at == session.second.shared_at


def test_self_assessment_of_the_session_is_withheld_from_the_second_rater_as_well(session):
    also_supervises(session)
    own = self_assessments.ask(by=session.supervisor, assessment=session.first)
    share_first(session)
    factories.rate(own, "S2.1", 5, note="Amara heard it")
    assessments.share(by=session.therapist, assessment=own)
    own = refreshed(own)

    before = reason(permissions.check_can_read, session.rater, own)
    hidden = leaks(session, "rater", ["Amara heard it", *FIRST])
    share_second(session)

    assert (own.opened_at is not None, before, hidden) == (True, WITHHELD, [])
    assert own in Assessment.objects.readable_by(session.rater)
    assert permissions.allows(permissions.check_can_read, session.rater, own)


def test_therapist_who_rates_themselves_reads_neither_before_they_share(session):
    own = self_assessments.ask(by=session.supervisor, assessment=session.first)
    share_both(session)
    second = refreshed(session.second)

    before = reason(permissions.check_can_read, session.therapist, second)
    hidden = leaks(session, "therapist", [*FIRST, *SECOND])
    factories.share_self(own)

    assert (before, hidden) == (permissions.RATE_YOURSELF_FIRST, [])
    assert permissions.allows(permissions.check_can_read, session.therapist, refreshed(second))
    assert second in Assessment.objects.readable_by(session.therapist)


def test_three_of_one_session_open_each_in_its_turn(session):
    own = self_assessments.ask(by=session.supervisor, assessment=session.first)
    share_second(session)
    factories.share_self(own)

    share_first(session)

    at = session.first.shared_at
    assert [refreshed(row).opened_at for row in (own, session.second)] == [at, at]


def test_previous_ratings_are_none_of_the_second_rater_s(session, supervisor, therapist, revision):
    earlier = factories.make_shared(supervisor, therapist, revision, session_on=factories.days_ago(60))
    places = list(earlier.ratings.values_list("competence", flat=True))

    assert earlier.ratings.exists()
    assert queries.previous_ratings(session.second, places) == {}
    assert queries.previous_positions(session.second) == {}
    assert saved_beside(session.rater, session.second).previous is None


def saved_beside(user, draft):
    change = factories.make_change("S2.1", 3)
    held = queries.draft_to_rate(user, draft.pk)
    return queries.standing(held, code="S2.1", position=3, points="", key=change.key)


def test_first_rating_is_no_previous_one_for_the_second_rater_s_next_session(session, revision):
    also_supervises(session)
    share_first(session)
    places = list(session.first.ratings.values_list("competence", flat=True))
    later = factories.make_draft(session.rater, session.therapist, revision)
    factories.rate(later, "S2.1", 2)

    before = queries.previous_ratings(later, places), saved_beside(session.rater, later).previous
    jumps = queries.previous_positions(later)
    share_second(session)
    after = queries.previous_ratings(later, places), saved_beside(session.rater, later).previous

    assert (before, jumps) == (({}, None), {})
    assert {row.assessment_id for row in after[0].values()} == {session.first.pk}
    assert after[1]["position"] == 4


@pytest.mark.parametrize("way", OTHER_WAYS.values(), ids=OTHER_WAYS)
def test_query_and_check_agree_on_who_reads(session, way):
    if way:
        way(session)
    people = [User.objects.get(pk=getattr(session, who).pk) for who in ["supervisor", "therapist", "rater", "lead"]]
    for step in [lambda _: None, share_first, share_second]:
        step(session)
        for person in people:
            for row in Assessment.objects.visible_to(person).with_may_read(person):
                assert bool(row.may_read) == permissions.allows(permissions.check_can_read, person, row)


def test_second_rater_who_left_reads_only_what_they_wrote(session):
    share_both(session)
    factories.end_membership(session.rater)
    rater = User.objects.get(pk=session.rater.pk)

    assert set(Assessment.objects.visible_to(rater)) == {session.second}
    assert list(Assessment.objects.readable_by(rater)) == [session.second]


def test_first_rater_whose_supervision_ended_is_told_so(session):
    share_both(session)
    Supervision.objects.update(ends_on=factories.days_ago(1))

    assert reason(permissions.check_can_read, session.supervisor, refreshed(session.second)) == permissions.ENDED


def test_others_are_told_why_it_is_closed(session):
    draft = reason(permissions.check_can_read, session.supervisor, session.second)
    share_second(session)
    shared = reason(permissions.check_can_read, session.lead, refreshed(session.second))

    assert draft == "This assessment is not shared. Only Dr Samuel Adeyemi can read it until then."
    assert shared == (
        "This is a second rating. It opens once the assessment of the same session is shared as well, so that neither"
        " sways the other."
    )


KNOWN = {
    "supervisor": ["asked", "waiting", "open"],
    "rater": ["asked", "waiting", "open"],
    "lead": ["asked", "waiting", "open"],
    "admin": ["asked", "waiting", "open"],
    "therapist": ["open"],
    "colleague": ["open"],
    "outside_lead": [],
}


@pytest.mark.parametrize("who", KNOWN)
def test_list_holds_what_somebody_may_know_of(request, session, revision, northfield, who):
    supervisor, therapist = session.supervisor, session.therapist
    colleague = factories.make_person("Dr Iris Novak", Role.SUPERVISOR, northfield)
    factories.make_supervision(therapist, colleague, northfield)
    people = {"colleague": colleague, "rater": session.rater}
    person = people.get(who) or request.getfixturevalue(who)
    rows = {
        "asked": session.second,
        "open": factories.make_rated_twice(supervisor, therapist, session.rater, revision)[1],
    }
    rows["waiting"] = factories.make_second(supervisor, therapist, session.rater, revision)[1]
    factories.rate(rows["waiting"], "S2.1")
    assessments.share(by=session.rater, assessment=rows["waiting"])
    person = User.objects.get(pk=person.pk)

    listed = list(queries.assessments_listed(person))

    assert sorted(name for name, row in rows.items() if row in listed) == sorted(KNOWN[who])
    assert sorted(row.pk for row in listed) == sorted(
        Assessment.objects.visible_to(person).values_list("pk", flat=True)
    )


# Asking, declining, editing.


def test_asking_copies_the_session_and_tells_nothing_of_ratings(session):
    second, first = session.second, session.first

    assert (second.role, second.second_of, second.supervisor) == ("second", first, session.rater)
    assert (second.case_number, second.session_on) == (first.case_number, first.session_on)
    assert set(second.activities.values_list("code", flat=True)) == {"S2", "S7"}
    assert factories.event_types(assessment=second)[0] == "second_rating_asked"


def ask(client, assessment, rater):
    return client.post(reverse("second-rating-ask", args=[assessment.pk]), {"rater": rater.pk if rater else ""})


def test_author_asks_on_the_page(supervisor, other_supervisor, draft):
    client = signed_in(supervisor)
    before = words(client.get(draft.get_absolute_url()))

    response = ask(client, draft, other_supervisor)

    after = words(client.get(draft.get_absolute_url()))
    assert "Ask for a second rating" in before
    assert told(response) == ["Dr Samuel Adeyemi is asked to rate the same session, without seeing this one."]
    assert response.url == draft.get_absolute_url()
    assert "Dr Samuel Adeyemi is asked for a second rating. It is in progress. Nothing waits for it." in after
    assert "Ask for a second rating" not in after


def test_lead_asks_about_a_draft_without_reading_it(lead, other_supervisor, draft):
    response = ask(signed_in(lead), draft, other_supervisor)

    assert response.url == reverse("assessments")
    assert draft.second_ratings.get().supervisor == other_supervisor


@pytest.mark.parametrize("state", ["shared", "signed"])
def test_asked_for_once_shared_or_signed_off(request, state, supervisor, other_supervisor):
    assessment = request.getfixturevalue(state)

    second = second_ratings.ask(by=supervisor, assessment=assessment, rater=other_supervisor)

    assert (second.status, second.second_of) == ("draft", assessment)


@pytest.mark.parametrize("who", ["supervisor", "therapist", "lead", "outside_supervisor", None])
def test_nobody_is_asked_who_may_not(request, supervisor, other_supervisor, draft, who):
    rater = who and request.getfixturevalue(who)

    response = ask(signed_in(supervisor), draft, rater)

    assert "There is a problem" in words(response)
    assert not Assessment.objects.second().exists()


@pytest.mark.parametrize("who", ["supervisor", "therapist", "lead"])
def test_action_refuses_whoever_may_not(request, supervisor, draft, who):
    rater = request.getfixturevalue(who)

    with pytest.raises(NotAllowed, match=rf"^{rater.name} is not another supervisor at Northfield\.$"):
        second_ratings.ask(by=supervisor, assessment=draft, rater=rater)


def test_page_says_that_there_is_nobody_to_ask(supervisor, draft):
    page = words(signed_in(supervisor).get(reverse("second-rating-ask", args=[draft.pk])))

    assert "There is no other supervisor at Northfield to ask." in page


def test_one_second_rating_for_each(session):
    said = reason(permissions.check_can_ask_second, session.supervisor, session.first)

    assert said == "A second rating is asked for already. There is one for each."


@pytest.mark.parametrize("who", ["therapist", "rater", "admin"])
def test_only_the_author_or_a_lead_asks(session, shared, who):
    said = reason(permissions.check_can_ask_second, getattr(session, who), shared)

    assert said == "Only the supervisor of this assessment, or the training lead, asks for a second rating."


def test_lead_in_training_does_not_ask_about_themselves(therapist, northfield, shared):
    Membership.objects.create(user=therapist, organisation=northfield, role=Role.LEAD, starts_on=factories.LONG_AGO)

    assert not permissions.allows(permissions.check_can_ask_second, refreshed(therapist), shared)


def test_nothing_is_rated_again_that_was_withdrawn(supervisor, therapist, revision):
    withdrawn = factories.make_withdrawn(supervisor, therapist, revision)

    said = reason(permissions.check_can_ask_second, supervisor, withdrawn)

    assert said == "You cannot ask for a second rating of this assessment. It was withdrawn."


def test_no_second_rating_of_a_second_rating(session):
    said = reason(permissions.check_can_ask_second, session.rater, session.second)

    assert said == (
        "You cannot ask for a second rating of a second rating. It stands beside the assessment that counts."
    )


def test_retired_revision_is_said(supervisor, other_supervisor, admin, shared):
    frameworks.retire(by=admin, revision=shared.revision)

    response = ask(signed_in(supervisor), shared, other_supervisor)

    assert (
        "Revision 1.0 is no longer in use, and a second rating would begin on it. It can be asked for only while the"
        " revision is."
    ) in words(response)


def test_declined_with_a_reason_and_asked_of_somebody_else(session, northfield):
    another = factories.make_person("Dr Iris Novak", Role.SUPERVISOR, northfield)
    url = reverse("assessment-withdraw", args=[session.second.pk])
    rater = signed_in(session.rater)
    asked = words(rater.get(url))

    rater.post(url, {"reason": "I know the client."})

    client = signed_in(session.supervisor)
    page = words(client.get(session.first.get_absolute_url()))
    assert "Whoever asked reads the reason, and may ask somebody else." in asked
    assert "The second rating asked of Dr Samuel Adeyemi was withdrawn: I know the client." in page
    assert ask(client, session.first, another).status_code == 302
    assert "Dr Iris Novak is asked for a second rating." in words(client.get(session.first.get_absolute_url()))
    assert session.first.second_ratings.count() == 2


def test_called_off_while_nothing_is_rated(supervisor, therapist, other_supervisor, revision):
    first, second = factories.make_second(supervisor, therapist, other_supervisor, revision)
    client = signed_in(supervisor)
    before = words(client.get(first.get_absolute_url()))

    response = client.post(reverse("second-rating-call-off", args=[second.pk]))

    after = words(client.get(first.get_absolute_url()))
    assert "Call it off" in before
    assert told(response) == ["Called off. You can ask somebody else."]
    assert response.url == first.get_absolute_url()
    assert "was withdrawn: Called off by Dr Helen Marsh." in after
    assert permissions.allows(permissions.check_can_ask_second, supervisor, first)


def test_not_called_off_once_begun_unless_the_rater_left(session):
    begun = reason(permissions.check_can_call_off, session.supervisor, refreshed(session.second))
    factories.end_membership(session.rater)

    assert begun == "Dr Samuel Adeyemi has begun to rate. Only they can withdraw it."
    assert permissions.allows(permissions.check_can_call_off, session.lead, refreshed(session.second))


def test_second_rater_rates_without_a_supervision(session):
    client = signed_in(session.rater)

    home = words(client.get(reverse("therapists")))
    draft = words(client.get(session.second.get_absolute_url()))
    rated = client.get(reverse("assessment-rate", args=[session.second.pk, "S2"]))
    check = words(client.get(reverse("assessment-check", args=[session.second.pk])))
    share = words(client.get(reverse("assessment-share", args=[session.second.pk])))

    assert "Asked for a second rating" in home
    assert "Amara Okafor, second rating" in draft
    assert "You are asked for a second rating." in draft
    assert rated.status_code == 200
    assert "what this rests on" not in words(rated)
    assert "Not rated before" not in words(rated)
    assert "Nobody else sees any of it until it is open." in check
    assert "Add a goal" not in check
    assert "Share your second rating" in share
    assert client.get(reverse("therapist", args=[session.therapist.pk])).status_code == 404


def test_second_rater_needs_to_be_a_supervisor_there(session):
    factories.end_membership(session.rater)
    rater = User.objects.get(pk=session.rater.pk)

    said = [
        reason(check, rater, session.second)
        for check in [permissions.check_can_edit, permissions.check_can_share, permissions.check_can_withdraw]
    ]

    assert said == ["You are no supervisor at Northfield at present."] * 3
    assert not Assessment.objects.editable_by(rater).exists()
    assert queries.draft_to_rate(rater, session.second.pk) is None


def test_context_is_not_corrected(session):
    response = signed_in(session.rater).get(reverse("assessment-context", args=[session.second.pk]))

    assert response.context["reason"] == (
        "You cannot correct this. A second rating is of the session, and the extent, that was asked."
    )


def test_goals_from_before_are_not_shown(supervisor, therapist, session):
    factories.make_agreed(supervisor, therapist, session.first.revision, text="Say less.")
    client = signed_in(session.rater)

    pages = [client.get(reverse(name, args=[session.second.pk])) for name in ["assessment", "assessment-check"]]

    assert ["Say less." in words(page) for page in pages] == [False, False]
    with pytest.raises(NotAllowed, match=r"^You cannot set goals in a second rating\."):
        goals.save(by=session.rater, assessment=session.second, text="Say less.", due_on=None, competences=[])


def test_closed_second_rating_is_taken_back_and_an_open_one_is_not(session):
    share_second(session)
    client = signed_in(session.rater)
    url = reverse("assessment-take-back", args=[session.second.pk])
    page = words(client.get(url))
    response = client.post(url, {"reason": "A wrong level."})
    share_both(session)
    second = refreshed(session.second)

    said = {
        reason(check, session.rater, second)
        for check in [permissions.check_can_take_back, permissions.check_can_withdraw]
    }

    assert "It becomes a draft again, which only you see." in page
    assert told(response) == ["Taken back. It is a draft again."]
    assert said == {"Your second rating is shared and open to the others. It stays as it is."}


def test_first_rating_is_not_handed_to_the_second_rater(session):
    also_supervises(session)

    with pytest.raises(Refused, match=r"^Dr Samuel Adeyemi rates the same session a second time"):
        assessments.hand_over(by=session.supervisor, assessment=session.first, to=session.rater, reason="Leave.")

    assert list(queries.other_supervisors(session.first)) == []


def test_second_rating_is_never_signed_replied_to_or_handed_over(session):
    share_both(session)
    second = refreshed(session.second)

    said = [
        reason(permissions.check_can_sign, session.therapist, second),
        reason(permissions.check_can_reply, session.therapist, second),
        reason(permissions.check_can_hand_over, session.rater, second),
    ]

    assert said == [
        f"You cannot {step} a second rating. It stands beside the assessment that counts."
        for step in ["sign", "reply to", "hand over"]
    ]


# What it counts in, and how it is told.


def test_second_rating_counts_in_nothing(session):
    share_both(session)
    before = set(ActivityStanding.objects.values_list("activity__code", "position"))
    seen_by_author = queries.assessments_seen(session.supervisor, session.therapist)

    assert list(standings.drifted()) == []
    assert before == {("S2", 3)}
    assert [row.pk for row in queries.counting(seen_by_author)] == [session.first.pk]
    page = words(signed_in(session.supervisor).get(reverse("therapist", args=[session.therapist.pk])))
    assert "1 assessment by 1 supervisor" in page
    assert "second rating by Dr Samuel Adeyemi" in page


def test_record_and_report_say_what_it_is(session):
    share_both(session)
    document = records.build(refreshed(session.second))

    facts = report_of.context(document, sha256="0" * 64, issued_on=factories.days_ago(0))

    assert document["assessment"]["role"] == "second"
    assert facts["title"].startswith("Second rating ")
    assert (facts["signatures"], facts["state"].watermark, facts["is_signed"]) == ([], "", False)
    assert dict(facts["facts"])["Second rater"].startswith("Dr Samuel Adeyemi")
    assert facts["glance"][0] == ("Who", "Amara Okafor, rated by Dr Samuel Adeyemi")


def test_report_of_a_draft_is_marked(session):
    assert cover.state(records.build(session.second)["assessment"]).watermark == "Draft. Not shared"


def test_archive_holds_it_once_it_is_open(session):
    share_first(session)
    before = queries.holdings(session.therapist)
    share_second(session)
    held = queries.holdings(session.therapist)

    assert [len(found.assessments) for found in (before, held)] == [1, 2]
    assert "second rating by Dr Samuel Adeyemi" in readme(held, session.second.shared_at)


def test_history_speaks_of_a_second_rating(session):
    share_both(session)

    page = words(signed_in(session.rater).get(reverse("assessment-history", args=[session.second.pk])))
    first = words(signed_in(session.therapist).get(reverse("assessment-history", args=[session.first.pk])))

    assert "Second rating shared" in page
    assert "Second rating asked for" in page
    assert "Both assessments of the session opened to each other" in page
    assert "Second rating" not in first


def test_sharing_says_whether_it_opened(session):
    share_first(session)

    response = signed_in(session.rater).post(reverse("assessment-share", args=[session.second.pk]))

    assert told(response) == ["Shared. Both assessments of the session are open now."]


def test_pages_of_each_state(session):
    share_second(session)
    closed = words(signed_in(session.rater).get(session.second.get_absolute_url()))
    author = words(signed_in(session.supervisor).get(session.first.get_absolute_url()))
    share_first(session)
    opened = words(signed_in(session.therapist).get(session.second.get_absolute_url()))
    first = words(signed_in(session.therapist).get(session.first.get_absolute_url()))

    assert "Nobody else can read it yet." in closed
    assert "It opens once the assessment of the same session is shared as well." in closed
    assert "It is shared, and opens once this one is shared as well." in author
    assert "Second rating by Dr Samuel Adeyemi on" in opened
    assert "It stands beside the assessment of the same session and is not signed." in opened
    assert "Rated a second time by Dr Samuel Adeyemi." in first
    assert "First beside second rating" in first


def test_list_names_a_second_rating(session):
    page = words(signed_in(session.rater).get(reverse("assessments")))

    assert "Second rating" in page
    assert "Is not signed" in page


# Side by side.


@pytest.fixture
def twice(supervisor, therapist, other_supervisor, lead, revision):
    first, second = factories.make_rated_twice(supervisor, therapist, other_supervisor, revision)
    return SimpleNamespace(
        first=first, second=second, supervisor=supervisor, therapist=therapist, rater=other_supervisor, lead=lead
    )


def compare(who, assessment):
    return signed_in(who).get(reverse("second-rating-comparison", args=[assessment.pk]))


@pytest.mark.parametrize("which", ["first", "second"])
@pytest.mark.parametrize("who", ["supervisor", "therapist", "rater", "lead"])
def test_comparison_by_either_of_the_two(twice, which, who):
    page = compare(getattr(twice, who), getattr(twice, which))

    assert page.status_code == 200
    said = words(page)
    assert "Of 2 competences both rated, 1 stands at the same level, 1 further on in Dr Samuel Adeyemi\u2019s." in said
    assert "Fewer than 50 competences: read it as a hint." in said
    assert "given without sight of each other" in said
    assert page.context["whole"] == {"number": 2, "exact": 1, "within_one": 2, "kappa": "0.00", "is_few": True}
    assert [(domain.code, each["number"]) for domain, each in page.context["domains"]] == [("3", 2)]


def test_comparison_is_closed_before_both_are_shared(session):
    share_first(session)

    assert compare(session.supervisor, session.first).status_code == 403


def test_comparison_needs_two(supervisor, shared):
    response = compare(supervisor, shared)

    assert response.context["reason"] == "There is no second rating of this session to set beside this one."


def test_comparison_without_a_competence_that_both_rated(supervisor, therapist, other_supervisor, revision):
    first, second = factories.make_second(supervisor, therapist, other_supervisor, revision)
    factories.rate(second, "S2.4", 2)
    factories.rate(second, "S2.1", "not_observed")
    assessments.share(by=supervisor, assessment=first)
    assessments.share(by=other_supervisor, assessment=second)

    page = compare(supervisor, first)

    assert "No competence was given a level by both." in words(page)
    assert "Nothing was given a level by both" in words(page)
    assert "Rated by Dr Samuel Adeyemi only" in words(page)


def test_comparison_says_that_kappa_cannot_be_worked_out(supervisor, therapist, other_supervisor, revision):
    first, second = factories.make_second(supervisor, therapist, other_supervisor, revision, codes="S2")
    factories.rate(second, "S2.1", 4)
    assessments.share(by=supervisor, assessment=first)
    assessments.share(by=other_supervisor, assessment=second)

    assert "Cannot be worked out: both used one level only" in words(compare(supervisor, first))


def test_comparison_tells_of_a_rating_given_again(twice):
    assessments.take_back(by=twice.supervisor, assessment=twice.first, reason="I had the wrong recording.")
    closed = compare(twice.supervisor, twice.second)
    assessments.share(by=twice.supervisor, assessment=twice.first)

    page = words(compare(twice.supervisor, twice.first))

    assert closed.status_code == 403
    assert "Dr Helen Marsh took the first back after that and shared it again on" in page
    assert "without sight" not in page


def test_first_rating_taken_back_is_a_draft_to_the_second_rater(twice):
    assessments.take_back(by=twice.supervisor, assessment=twice.first, reason="A wrong level.")

    assert not permissions.allows(permissions.check_can_read, twice.rater, refreshed(twice.first))
    assert twice.first not in Assessment.objects.readable_by(twice.rater)


@pytest.mark.parametrize("number", [1, 3])
def test_comparison_takes_as_many_statements_for_many_competences(
    supervisor, therapist, other_supervisor, revision, number
):
    first, second = factories.make_second(supervisor, therapist, other_supervisor, revision)
    for place in range(number):
        factories.rate(first, f"S2.{place + 3}", 2)
        factories.rate(second, f"S2.{place + 3}", 3)
    assessments.share(by=supervisor, assessment=first)
    assessments.share(by=other_supervisor, assessment=second)
    client = signed_in(supervisor)
    client.get(reverse("second-rating-comparison", args=[first.pk]))

    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("second-rating-comparison", args=[first.pk]))

    assert len(captured) == 9
    assert Rating.objects.count() == 2 + 2 * number


def test_cohort_of_a_lead_who_rates_again_is_without_the_therapist(session):
    also_leads(session)
    share_first(session)
    client = signed_in(session.rater)

    def shown():
        cohort, progress = client.get(reverse("cohort")), client.get(reverse("cohort-progress"))
        activity = client.get(reverse("cohort-activity", args=["S2"]))
        sheet = client.post(reverse("cohort-download", kwargs={"extension": "csv"})).content.decode()
        return (
            session.therapist.pk in {member.pk for member in cohort.context["cohort"].members},
            any(row.everybody.rated for row in activity.context["found"].rows),
            progress.context["found"].people,
            "Amara Okafor" in sheet,
            ["Amara Okafor is left out" in words(page) for page in (cohort, progress, activity)],
        )

    before = shown()
    share_second(session)

    assert before == (False, False, 0, False, [True, True, True])
    assert shown() == (True, True, 1, True, [False, False, False])
