import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertInHTML

from assessments import guards, history
from assessments.actions import assessments, contexts, goals
from assessments.actions import reports as report_actions
from assessments.models import (
    Activity,
    Assessment,
    AuditEvent,
    Competence,
    Domain,
    Goal,
    Outcome,
    RecordAccess,
    Report,
    Supervision,
)
from assessments.reports import pdf
from tests import factories
from tests.conftest import signed_in, told, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

REPORTS = ["Report (PDF)", "Short version (PDF)"]

NEW = "/assessments/new/"
LIST = "/assessments/"
TRIES = 10


@pytest.fixture
def client(supervisor):
    return signed_in(supervisor)


def url(name, assessment, *args):
    return reverse(name, args=[assessment.pk, *args])


def day(value):
    return f"{value:%-d %B %Y}"


def context(**changes):
    return {**factories.make_context(), "extent": "whole", **changes}


def pks(revision, codes):
    return list(Activity.objects.filter(revision=revision, code__in=codes.split()).values_list("pk", flat=True))


def codes(assessment):
    return list(assessment.activities.order_by("position").values_list("code", flat=True))


def buttons(response):
    links = re.findall(r'<a class="btn[^"]*" href="[^"]*/assessments/[^"]+"[^>]*>(.*?)</a>', response.text, re.S)
    return [re.sub(r"<[^>]+>", "", link).strip() for link in links]


def sections(response):
    return re.findall(r'<h2 class="h2" id="[^"]+">([^<]+)</h2>', response.text)


# the list


def test_list_is_newest_first(client, supervisor, therapist, revision):
    older = factories.make_shared(supervisor, therapist, revision, session_on=factories.days_ago(9))
    newer = factories.make_draft(supervisor, therapist, revision)

    response = client.get(LIST)

    assert [row.assessment for row in response.context["rows"]] == [newer, older]


def test_list_hides_drafts_from_the_therapist(therapist, draft):
    response = signed_in(therapist).get(LIST)

    assert response.context["rows"] == []
    assert "No assessment yet" in words(response)


def test_list_shows_the_lead_drafts_without_a_link(lead, draft):
    response = signed_in(lead).get(LIST)

    assert f'href="/assessments/{draft.pk}/"' not in response.text
    assert "Draft Hand over this draft about Amara Okafor" in words(response)


def test_list_offers_the_author_no_handing_over(client, draft):
    assert "Hand over" not in words(client.get(LIST))


@pytest.mark.parametrize("name", ["therapist", "second_author", "lead"])
def test_list_links_what_may_be_opened(request, name, supervisor, shared):
    person = supervisor if name == "second_author" else request.getfixturevalue(name)

    response = signed_in(person).get(LIST)

    assert f'<a href="/assessments/{shared.pk}/">' in response.text


def test_list_links_nothing_for_the_administrator(admin, shared):
    response = signed_in(admin).get(LIST)

    assert f'<a href="/assessments/{shared.pk}/">' not in response.text


@pytest.mark.parametrize(
    ("signers", "expected"),
    [([], "Nobody yet"), (["therapist"], "Therapist only"), (["supervisor"], "Supervisor only")],
)
def test_list_says_who_has_signed(request, client, shared, signers, expected):
    for name in signers:
        assessments.sign_off(by=request.getfixturevalue(name), assessment=shared)

    assert f"Shared {expected}" in words(client.get(LIST))


def test_list_says_when_both_have_signed(client, signed):
    assert "Signed off Both" in words(client.get(LIST))


def test_list_shows_what_was_withdrawn(client, supervisor, therapist, revision):
    factories.make_withdrawn(supervisor, therapist, revision)

    assert "Withdrawn – Nobody" in words(client.get(LIST))


def test_list_is_paged(client, supervisor, therapist, revision):
    for _ in range(26):
        factories.make_draft(supervisor, therapist, revision)

    response = client.get(LIST, {"page": 2})

    assert (len(response.context["rows"]), "26 to 26 of 26" in words(response)) == (1, True)


# starting


def test_start_makes_a_draft_and_leads_to_its_first_activity(client, therapist, supervisor, revision):
    data = context(therapist=therapist.pk, extent="chosen", activities=pks(revision, "S7 S2"))

    response = client.post(NEW, data)

    draft = Assessment.objects.get()
    assert response.url == f"/assessments/{draft.pk}/activities/S2/"
    assert (draft.therapist, draft.supervisor, draft.revision) == (therapist, supervisor, revision)
    assert (draft.source, draft.case_number, draft.is_consent_confirmed) == ("recorded", 2, True)


def test_start_of_the_whole_leaves_optional_ones_out(client, therapist, revision):
    client.post(NEW, context(therapist=therapist.pk))

    optional = revision.activities.filter(scope="optional").count()
    assert len(codes(Assessment.objects.get())) == 45 - optional


def test_start_of_a_domain_takes_all_of_it(client, therapist, revision):
    domain = revision.domains.get(code="5")
    data = context(therapist=therapist.pk, extent="chosen", domains=[domain.pk], activities=pks(revision, "S2"))

    client.post(NEW, data)

    assert codes(Assessment.objects.get()) == ["S2", "M1", "M2", "M3", "M4", "M5", "M6"]


def test_start_chooses_the_therapist_of_the_address(client, therapist):
    html = client.get(NEW, {"therapist": str(therapist.pk)}).text

    assert f'<option value="{therapist.pk}" selected>Amara Okafor</option>' in html


def test_start_offers_present_therapists_only(client, therapist, other_therapist):
    html = client.get(NEW).text

    assert re.findall(r'<option value="[^"]{36}"[^>]*>([^<]+)', html) == ["Amara Okafor"]


def test_start_of_somebody_not_supervised_is_refused(client, other_therapist):
    response = client.post(NEW, context(therapist=other_therapist.pk))

    assert (response.status_code, Assessment.objects.count()) == (200, 0)
    assert sorted(response.context["form"].errors) == ["therapist"]


def test_start_of_a_recording_asks_for_consent(client, therapist):
    data = context(therapist=therapist.pk)
    del data["is_consent_confirmed"]

    response = client.post(NEW, data)

    assert "Confirm the client's consent, or choose another source than a recorded session." in words(response)


def test_start_of_another_source_asks_for_no_consent(client, therapist):
    data = context(therapist=therapist.pk, source="live")
    del data["is_consent_confirmed"]

    client.post(NEW, data)

    assert Assessment.objects.get().source == "live"


def test_start_in_the_future_is_refused(client, therapist):
    response = client.post(NEW, context(therapist=therapist.pk, session_on=factories.days_ago(-1)))

    assert "This day lies in the future. Give the day the session took place." in words(response)


def test_start_with_nothing_to_rate_is_refused(client, therapist):
    response = client.post(NEW, context(therapist=therapist.pk, extent="chosen"))

    assert "Tick at least one domain or activity to rate." in words(response)


def test_start_of_an_empty_domain_is_refused(client, therapist, revision):
    guards.remove()
    empty = Domain.objects.create(
        revision=revision, key="empty", code="9", title="Empty", short_title="Empty", position=9
    )

    response = client.post(NEW, context(therapist=therapist.pk, extent="chosen", domains=[empty.pk]))

    assert "Choose at least one activity to rate." in words(response)


def test_start_says_what_is_missing(client, therapist):
    response = client.post(NEW, {"case_number": "2"})

    assert sorted(response.context["form"].errors) == ["extent", "session_on", "source", "therapist"]
    assert "<title>Error: Start an assessment" in response.text


def test_start_takes_a_date_as_it_is_said(client, therapist):
    client.post(NEW, context(therapist=therapist.pk, session_on="05/01/2026"))

    assert Assessment.objects.get().session_on == datetime.date(2026, 1, 5)


def test_start_lays_the_extent_out_like_the_map(client, therapist, revision):
    html = client.get(NEW).text

    extent = html.partition('<div class="extent">')[2]
    assert re.findall(r"<legend>([^<]+)</legend>", extent) == [
        "1 Generic",
        "2 Basic IPT",
        "3 Techniques",
        "4 Applications",
        "5 Metacompetences",
    ]
    assert len(re.findall(r'type="checkbox" name="activities"', extent)) == 45


# one assessment


def test_draft_shows_how_far_it_has_come(client, draft):
    factories.rate(draft, "S2.1", 3)

    text = words(client.get(draft.get_absolute_url()))

    assert "1 of 18 answered" in text
    assert "S2 Role disputes 1 of 10 answered, begun" in text


def test_draft_leads_on(client, draft):
    response = client.get(draft.get_absolute_url())

    assert buttons(response) == [
        "Begin at S2",
        "Check",
        "Draft report (PDF)",
        "Ask for a second rating",
        "Hand over",
        "Withdraw",
        "History",
    ]


def test_draft_begun_leads_on_to_the_next_open_competence(client, draft):
    factories.rate(draft, "S2.1", 3)

    response = client.get(draft.get_absolute_url())

    assert buttons(response)[:2] == ["Resume at S2.2", "Check"]
    assert f'href="/assessments/{draft.pk}/activities/S2/#item-S2.2"' in response.text


def test_draft_with_nothing_open_leads_on_to_the_check(client, supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision, codes="S7")
    for number in range(1, 9):
        factories.rate(draft, f"S7.{number}", 4)

    assert buttons(client.get(draft.get_absolute_url()))[0] == "Check"


def test_draft_is_invisible_to_the_therapist(therapist, draft):
    assert signed_in(therapist).get(draft.get_absolute_url()).status_code == 404


def test_draft_tells_the_lead_why_not(lead, draft):
    response = signed_in(lead).get(draft.get_absolute_url())

    assert response.status_code == 403
    assert "Only its supervisor can read it until" in words(response)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("therapist", ["Reply", "Sign off", *REPORTS, "History"]),
        (
            "supervisor",
            [
                "Sign off",
                "Report (PDF)",
                "Short version (PDF)",
                "Ask for a second rating",
                "Take back",
                "Withdraw",
                "History",
            ],
        ),
        ("lead", ["Report (PDF)", "Short version (PDF)", "Ask for a second rating", "History"]),
    ],
)
def test_shared_one_offers_what_the_reader_may_do(request, shared, name, expected):
    response = signed_in(request.getfixturevalue(name)).get(shared.get_absolute_url())

    assert buttons(response) == expected


def test_shared_one_offers_to_change_a_reply(therapist, shared):
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")

    response = signed_in(therapist).get(shared.get_absolute_url())

    assert buttons(response)[0] == "Change your reply"


def test_shared_one_offers_no_second_signature(therapist, shared):
    assessments.sign_off(by=therapist, assessment=shared)

    response = signed_in(therapist).get(shared.get_absolute_url())

    assert "Sign off" not in buttons(response)
    assert "Signed by Amara Okafor, therapist, on" in words(response)


def test_signed_one_offers_nothing_more(client, signed):
    response = client.get(signed.get_absolute_url())

    assert buttons(response) == [*REPORTS, "Ask for a second rating", "History"]
    assert f"Signed off on {day(timezone.localdate())}. It never changes." in words(response)


def test_withdrawn_one_says_why(client, supervisor, therapist, revision):
    withdrawn = factories.make_withdrawn(supervisor, therapist, revision)

    text = words(client.get(withdrawn.get_absolute_url()))

    assert f"Withdrawn on {day(timezone.localdate())}: It is about another session." in text
    assert "It counts nowhere." in text


def test_void_signatures_are_not_shown(supervisor, therapist, shared):
    assessments.sign_off(by=therapist, assessment=shared)
    assessments.take_back(by=supervisor, assessment=shared, reason="A wrong level.")
    assessments.share(by=supervisor, assessment=shared)

    assert "Signed by" not in words(signed_in(therapist).get(shared.get_absolute_url()))


def test_reading_lists_what_was_judged_and_counts_the_rest(therapist, shared):
    text = words(signed_in(therapist).get(shared.get_absolute_url()))

    assert "2 rated, 1 not observed, 7 not rated. The sign is the median level." in text
    assert "S2.2 Knowledge of the three stages" in text
    assert "Named two of the three stages." in text
    assert "S2.3" not in text
    assert "Not touched on this occasion: S7." in text


def test_reading_shows_four_kinds_of_nothing_apart(client, supervisor, therapist, revision):
    answers = {"S2.1": 1, "S2.2": Outcome.NOT_OBSERVED, "S2.3": Outcome.NOT_APPLICABLE}
    assessment = factories.make_rated(supervisor, therapist, revision, answers)

    html = client.get(assessment.get_absolute_url()).text

    key = html.partition('<ul class="bar-key">')[2].partition("</ul>")[0]
    assert re.findall(r'<span class="sw (\w+)">.*?([A-Z][a-z ]+) <span class="n">(\d+)</span>', key, re.S) == [
        ("l1", "Not yet demonstrated", "1"),
        ("lo", "Not observed", "1"),
        ("ln", "Not rated", "7"),
        ("la", "Not applicable", "1"),
    ]


def test_reading_shows_texts_concerns_goals_and_reply(client, supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision)
    factories.rate(draft, "S2.1", 2, note="Missed a disclosure.", is_concern=True, is_priority=True)
    texts = {"summary": "A steady session.", "strengths": "Warmth.", "needs": "Pace."}
    assessments.save_texts(by=supervisor, assessment=draft, **texts)
    tied = Competence.objects.filter(revision=revision, code="S2.1")
    goals.save(by=supervisor, assessment=draft, text="Ask alone", due_on=datetime.date(2027, 1, 5), competences=tied)
    shared = assessments.share(by=supervisor, assessment=draft)
    assessments.reply(by=therapist, assessment=shared, agreement="disagree", text="It was said.")

    text = words(client.get(shared.get_absolute_url()))

    assert "Summary A steady session. Strengths Warmth. Needs Pace." in text
    assert "One concern S2.1 " in text
    assert "Ask alone S2.1. Worked on by the therapist. Look at it again by 5 January 2027." in text
    assert "Amara’s reply I disagree It was said." in text
    assert "Emerging, knowledge, priority for development Concern. Missed a disclosure." in text


def test_reading_counts_concerns(client, supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision)
    for code in ["S2.1", "S2.2"]:
        factories.rate(draft, code, 2, note="Missed it.", is_concern=True)
    shared = assessments.share(by=supervisor, assessment=draft)

    assert "2 concerns" in sections(client.get(shared.get_absolute_url()))


def test_reading_names_who_rated_before_a_handover(supervisor, other_supervisor, therapist, northfield, draft):
    factories.rate(draft, "S2.1", 3)
    factories.make_supervision(therapist, other_supervisor, northfield)
    draft = assessments.hand_over(by=supervisor, assessment=draft, to=other_supervisor, reason="Leaving.")
    shared = assessments.share(by=other_supervisor, assessment=draft)

    text = words(signed_in(therapist).get(shared.get_absolute_url()))

    assert "Developing, knowledge, rated by Dr Helen Marsh" in text


def test_reading_shows_sub_points(therapist, shared):
    text = words(signed_in(therapist).get(shared.get_absolute_url()))

    assert "Renegotiation: both people are still trying to settle the difference." in text


def test_reading_of_a_withdrawn_draft_says_that_nothing_is_rated(client, supervisor, therapist, revision):
    discarded = factories.make_withdrawn(supervisor, therapist, revision, is_shared=False)

    assert "Nothing is rated." in words(client.get(discarded.get_absolute_url()))


def test_opening_is_noted_unless_by_those_named(request, shared):
    for name in ["supervisor", "therapist", "lead"]:
        signed_in(request.getfixturevalue(name)).get(shared.get_absolute_url())

    assert list(RecordAccess.objects.values_list("by__name", "opened", "assessment")) == [
        ("Margaret Ellison", "assessment", shared.pk)
    ]


# the context


def test_context_shows_what_stands(client, draft):
    html = client.get(url("assessment-context", draft)).text

    assertInHTML('<input type="radio" name="source" value="recorded" required id="id_source_0" checked>', html)
    assert len(re.findall(r'name="activities"[^>]* checked', html)) == 2


def test_context_is_corrected(client, draft):
    data = context(extent="chosen", activities=pks(draft.revision, "S2 S3"), case_number=3)

    response = client.post(url("assessment-context", draft), data)

    draft.refresh_from_db()
    assert (response.url, told(response)) == (draft.get_absolute_url(), ["The context is corrected."])
    assert (draft.case_number, codes(draft)) == (3, ["S2", "S3"])


def test_context_keeps_an_activity_that_holds_ratings(client, draft):
    factories.rate(draft, "S7.1", 3)

    response = client.post(
        url("assessment-context", draft), context(extent="chosen", activities=pks(draft.revision, "S2"))
    )

    assert "S7 holds ratings. Clear them before you leave the activity out." in words(response)
    assert codes(draft) == ["S2", "S7"]


def test_context_refused_keeps_what_was_typed(client, draft):
    response = client.post(url("assessment-context", draft), context(case_number=77, session_on=""))

    assert 'value="77"' in response.text


# checking


def test_check_lists_what_is_unrated(client, draft):
    factories.rate(draft, "S2.1", 3)

    text = words(client.get(url("assessment-check", draft)))

    assert "17 of 18 competences in this assessment." in text
    assert "S2 Role disputes 9 of 10 unrated Rate these 9" in text


def test_check_has_buttons_of_the_contract(client, draft):
    html = client.get(url("assessment-check", draft)).text

    found = re.findall(r'<button class="btn[^"]*" form="texts"[^>]*>([^<]+)', html)
    assert found == ["Add a goal", "Share", "Save"]


def test_check_lists_obstacles(client, draft):
    factories.rate(draft, "S2.1", Outcome.NOT_APPLICABLE)
    factories.rate(draft, "S2.2", 1, is_concern=True)
    factories.rate(draft, "S2.3", Outcome.PENDING, note="Later.")

    text = words(client.get(url("assessment-check", draft)))

    assert (
        "Before you can share S2.1: not applicable needs a reason. S2.2: a concern needs a note. "
        "S2.3: a note or flag waits for its level. Choose one, or clear it."
    ) in text


def test_check_shows_concerns(client, draft):
    factories.rate(draft, "S2.1", 2, note="Missed it.", is_concern=True)

    response = client.get(url("assessment-check", draft))

    assert "One concern" in sections(response)
    assert f'href="/assessments/{draft.pk}/activities/S2/#item-S2.1"' in response.text


def test_check_proposes_texts_from_the_ratings(client, draft):
    factories.rate(draft, "S2.1", 4, note="Named the roles. And more.")
    factories.rate(draft, "S2.2", 2, note="Rushed.")

    form = client.get(url("assessment-check", draft)).context["form"]

    proposed = {"summary": "", "strengths": "Named the roles (S2.1).", "needs": "Rushed (S2.2)."}
    assert form.initial == proposed | {"concerns_handled": "", "fitness": ""}


def test_check_keeps_what_was_saved_over_proposals(client, supervisor, draft):
    factories.rate(draft, "S2.1", 4, note="Named the roles.")
    assessments.save_texts(by=supervisor, assessment=draft, summary="S.", strengths="Mine.", needs="")

    form = client.get(url("assessment-check", draft)).context["form"]

    assert form.initial == {"summary": "S.", "strengths": "Mine.", "needs": "", "concerns_handled": "", "fitness": ""}


def test_check_gives_private_hints(client, draft):
    for number in range(3, 8):
        factories.rate(draft, f"S2.{number}", 3)

    text = words(client.get(url("assessment-check", draft)))

    assert "Only you see this" in text
    assert "Same level down the page In S2 you gave Developing to all 5. That may be right." in text


def test_check_hints_at_a_jump_since_last_time(client, supervisor, therapist, revision, draft):
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 2}, days=30)
    factories.rate(draft, "S2.1", 4)

    text = words(client.get(url("assessment-check", draft)))

    assert "Far from last time without a note S2.1 went from Emerging to Competent since last time, with no" in text


def test_check_gives_no_hint_without_cause(client, draft):
    assert "Only you see this" not in words(client.get(url("assessment-check", draft)))


def test_check_lists_goals(client, supervisor, draft):
    goals.save(by=supervisor, assessment=draft, text="Ask alone", due_on=datetime.date(2027, 1, 5), competences=[])

    facts = "Worked on by the therapist. Look at it again by 5 January 2027."
    assert f"Ask alone {facts} Change the goal Ask alone" in words(client.get(url("assessment-check", draft)))


@pytest.mark.parametrize(
    ("button", "expected", "messages"),
    [
        ("", "check/", ["Saved. It is still a draft."]),
        ("share", "share/", []),
        ("goal", "goals/new/", []),
    ],
)
def test_check_saves_texts_and_leads_on(client, draft, button, expected, messages):
    data = {"summary": "A steady session.", "strengths": "Warmth.", "needs": "", button: ""}

    response = client.post(url("assessment-check", draft), data)

    draft.refresh_from_db()
    assert (response.url, told(response)) == (f"/assessments/{draft.pk}/{expected}", messages)
    assert (draft.summary, draft.strengths, draft.needs) == ("A steady session.", "Warmth.", "")


def test_check_warns_of_text_that_may_identify(client, draft):
    response = client.post(url("assessment-check", draft), {"summary": "Write to a@example.org", "share": ""})

    assert told(response) == [
        "This looks as if it holds an e-mail address. Nothing here may identify the client; please look again."
    ]


def test_check_refused_keeps_what_was_typed(client, draft):
    response = client.post(url("assessment-check", draft), {"summary": "a" * 10_001, "needs": "Pace."})

    assert "This is longer than 10,000 characters. Shorten it; nothing was saved." in words(response)
    assert ">\nPace.</textarea>" in response.text


# goals


def test_goal_is_added(client, draft):
    data = {"text": "Ask alone", "codes": "s2.10; S7.3, s2.10", "due_on": "05/01/2027", "owner": "both"}

    response = client.post(url("goal-new", draft), data)

    goal = Goal.objects.get()
    assert (response.url, told(response)) == (url("assessment-check", draft), ["The goal is saved."])
    assert (goal.text, goal.codes, goal.due_on) == ("Ask alone", "S2.10, S7.3", datetime.date(2027, 1, 5))


def test_goal_needs_neither_codes_nor_date(client, draft):
    client.post(url("goal-new", draft), {"text": "Ask alone", "owner": "therapist"})

    goal = Goal.objects.get()
    assert (goal.codes, goal.due_on) == ("", None)


def test_goal_for_unknown_codes_is_refused(client, draft):
    response = client.post(url("goal-new", draft), {"text": "Ask alone", "codes": "S2.1, X9, S2.2.a"})

    assert "X9, S2.2.A: no competence of this revision has this code." in words(response)
    assert not Goal.objects.exists()


@pytest.fixture
def goal(supervisor, draft):
    tied = Competence.objects.filter(revision=draft.revision, code="S2.1")
    return goals.save(by=supervisor, assessment=draft, text="Ask alone", due_on=None, competences=tied)


def test_goal_shows_what_stands(client, draft, goal):
    html = client.get(url("goal", draft, goal.pk)).text

    assert "Change the development goal" in html
    assert ">\nAsk alone</textarea>" in html
    assert 'value="S2.1"' in html


def test_goal_is_changed(client, draft, goal):
    client.post(url("goal", draft, goal.pk), {"text": "Ask twice", "codes": "S2.2", "owner": "both"})

    changed = Goal.objects.get()
    assert (changed.pk, changed.text, changed.codes) == (goal.pk, "Ask twice", "S2.2")


def test_goal_is_removed(client, draft, goal):
    response = client.post(url("goal", draft, goal.pk), {"remove": "remove"})

    assert (response.url, told(response)) == (
        url("assessment-check", draft),
        ["The goal is removed. The history keeps it."],
    )
    assert not Goal.objects.exists()


def test_goal_that_is_new_cannot_be_removed(client, draft):
    response = client.post(url("goal-new", draft), {"remove": "remove"})

    assert (response.status_code, "What to work on: this is missing." in words(response)) == (200, True)


def test_goal_offers_removal_only_of_what_exists(client, draft):
    assert "Remove" not in words(client.get(url("goal-new", draft)))


# sharing


def test_share_previews_exactly_what_the_therapist_will_see(client, supervisor, therapist, draft):
    factories.rate(draft, "S2.1", 3, note="Named it.")
    preview = client.get(url("assessment-share", draft)).text
    assessments.share(by=supervisor, assessment=draft)

    seen = signed_in(therapist).get(draft.get_absolute_url()).text

    of = re.compile(r'<div class="cover">.*</section>', re.S)
    assert of.search(preview)[0] == of.search(seen)[0]


def test_share_shows_it_to_the_therapist(client, draft):
    factories.rate(draft, "S2.1", 3)

    response = client.post(url("assessment-share", draft))

    draft.refresh_from_db()
    assert (response.url, told(response)) == (draft.get_absolute_url(), ["Shared with Amara Okafor."])
    assert draft.is_shared is True


def test_share_has_the_button_of_the_contract(client, draft):
    factories.rate(draft, "S2.1", 3)

    assertInHTML('<button class="btn" type="submit">Share</button>', client.get(url("assessment-share", draft)).text)


@pytest.mark.parametrize("method", ["get", "post"])
def test_share_says_what_stands_in_the_way(client, draft, method):
    response = getattr(client, method)(url("assessment-share", draft))

    draft.refresh_from_db()
    assert "It cannot be shared yet Nothing is rated yet." in words(response)
    assert '<button class="btn" type="submit">Share</button>' not in response.text
    assert draft.is_draft is True


# taking back and withdrawing


def test_take_back_makes_a_draft_again(client, shared):
    response = client.post(url("assessment-take-back", shared), {"reason": "A wrong level."})

    shared.refresh_from_db()
    assert (response.url, shared.is_draft) == (shared.get_absolute_url(), True)
    assert told(response) == ["Taken back. It is a draft again, and signatures given so far are void."]


@pytest.mark.parametrize("name", ["assessment-take-back", "assessment-withdraw"])
def test_reason_is_asked_for(client, shared, name):
    response = client.post(url(name, shared), {"reason": " \n "})

    shared.refresh_from_db()
    assert ("Reason: this is missing." in words(response), shared.is_shared) == (True, True)


def test_withdraw_ends_it(client, draft):
    response = client.post(url("assessment-withdraw", draft), {"reason": "The wrong person."})

    draft.refresh_from_db()
    assert (response.url, draft.status, draft.withdrawn_reason) == (LIST, "withdrawn", "The wrong person.")
    assert told(response) == ["Withdrawn. It counts nowhere and stays in the history."]


# handing over


@pytest.fixture
def successor(other_supervisor, therapist, northfield):
    factories.make_supervision(therapist, other_supervisor, northfield)
    return other_supervisor


@pytest.mark.parametrize("name", ["supervisor", "lead"])
def test_hand_over_gives_the_draft_away(request, draft, successor, name):
    data = {"to": successor.pk, "reason": "I am leaving."}

    response = signed_in(request.getfixturevalue(name)).post(url("assessment-hand-over", draft), data)

    draft.refresh_from_db()
    assert (response.url, told(response)) == (LIST, ["Handed over to Dr Samuel Adeyemi."])
    assert draft.supervisor == successor


def test_hand_over_offers_other_present_supervisors(client, draft, successor):
    html = client.get(url("assessment-hand-over", draft)).text

    assert re.findall(r'<option value="[^"]{36}">([^<]+)', html) == ["Dr Samuel Adeyemi"]


def test_hand_over_without_another_supervisor_says_what_to_do(client, draft):
    text = words(client.get(url("assessment-hand-over", draft)))

    assert "Amara Okafor has no other supervisor at present. Ask an administrator" in text


def test_hand_over_to_a_stranger_is_refused(client, draft, successor, outside_supervisor):
    response = client.post(url("assessment-hand-over", draft), {"to": outside_supervisor.pk, "reason": "I am leaving."})

    draft.refresh_from_db()
    assert (sorted(response.context["form"].errors), draft.supervisor == successor) == (["to"], False)


@pytest.mark.parametrize(
    ("name", "expected"), [("supervisor", "Back to the draft"), ("lead", "Back to the assessments")]
)
def test_hand_over_leads_back(request, draft, name, expected):
    response = signed_in(request.getfixturevalue(name)).get(url("assessment-hand-over", draft))

    assert expected in words(response)


def test_rating_after_a_handover_is_the_successor_s(client, supervisor, draft, successor):
    assessments.hand_over(by=supervisor, assessment=draft, to=successor, reason="Leaving.")

    response = client.get(url("assessment-rate", draft, "S2"))

    assert response.status_code == 404


# replying


def test_reply_is_saved(therapist, shared):
    data = {"agreement": "agree_in_part", "text": "  It was\r\nsaid. "}

    response = signed_in(therapist).post(url("assessment-reply", shared), data)

    shared.refresh_from_db()
    assert (response.url, told(response)) == (
        shared.get_absolute_url(),
        ["Your reply is saved and part of the record."],
    )
    assert (shared.reply_agreement, shared.reply) == ("agree_in_part", "It was\nsaid.")


@pytest.mark.parametrize("agreement", ["disagree", "agree_in_part"])
def test_reply_that_disagrees_says_what(therapist, shared, agreement):
    response = signed_in(therapist).post(url("assessment-reply", shared), {"agreement": agreement})

    assert "Say what you see differently." in words(response)


def test_reply_preselects_nothing(therapist, shared):
    html = signed_in(therapist).get(url("assessment-reply", shared)).text

    assert " checked" not in html


def test_reply_shows_what_was_given(therapist, shared):
    assessments.reply(by=therapist, assessment=shared, agreement="disagree", text="It was said.")

    html = signed_in(therapist).get(url("assessment-reply", shared)).text

    assert re.search(r'value="disagree"[^>]* checked', html)
    assert ">\nIt was said.</textarea>" in html


def test_reply_warns_of_text_that_may_identify(therapist, shared):
    data = {"agreement": "agree", "text": "Write to a@example.org"}

    response = signed_in(therapist).post(url("assessment-reply", shared), data)

    assert told(response)[0].startswith("This looks as if it holds an e-mail address.")


def test_reply_after_signing_is_refused(therapist, shared):
    assessments.sign_off(by=therapist, assessment=shared)

    response = signed_in(therapist).post(url("assessment-reply", shared), {"agreement": "agree"})

    assert "You have signed; the reply can no longer change." in words(response)


def test_reply_is_the_therapist_s_alone(client, shared):
    response = client.get(url("assessment-reply", shared))

    assert "Only the therapist can reply to this assessment." in words(response)


# signing


def test_first_signature_is_recorded(therapist, shared):
    response = signed_in(therapist).post(url("assessment-sign-off", shared), {"password": factories.PASSWORD})

    shared.refresh_from_db()
    assert (response.url, told(response)) == (shared.get_absolute_url(), ["Your signature is recorded."])
    assert shared.is_shared is True


def test_second_signature_freezes(client, therapist, shared):
    assessments.sign_off(by=therapist, assessment=shared)

    response = client.post(url("assessment-sign-off", shared), {"password": factories.PASSWORD})

    shared.refresh_from_db()
    assert told(response) == ["Signed off by both. The record is frozen."]
    assert shared.is_signed_off is True


def test_second_signature_issues_both_reports(client, supervisor, therapist, shared):
    assessments.sign_off(by=therapist, assessment=shared)

    client.post(url("assessment-sign-off", shared), {"password": factories.PASSWORD})

    assert list(Report.objects.order_by("pk").values_list("record__assessment", "kind", "issued_by")) == [
        (shared.pk, "full", supervisor.pk),
        (shared.pk, "short", supervisor.pk),
    ]


def test_second_signature_stands_when_the_report_cannot_be_made(client, therapist, shared, monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "CHILD", tmp_path / "gone.py")
    assessments.sign_off(by=therapist, assessment=shared)

    response = client.post(url("assessment-sign-off", shared), {"password": factories.PASSWORD})

    shared.refresh_from_db()
    assert (response.status_code, shared.is_signed_off, Report.objects.count()) == (302, True, 0)


@pytest.mark.parametrize(
    ("password", "message"),
    [("wrong", "This is not your password. Nothing was signed."), ("", "Your password: this is missing.")],
)
def test_signature_without_the_password_is_refused(client, shared, password, message):
    response = client.post(url("assessment-sign-off", shared), {"password": password})

    assert message in words(response)
    assert not shared.signatures.exists()


def test_signature_keeps_no_password_in_the_page(client, shared):
    response = client.post(url("assessment-sign-off", shared), {"password": "typed-wrong"})

    assert "typed-wrong" not in response.text


def test_signature_is_throttled(client, shared):
    for _ in range(TRIES):
        client.post(url("assessment-sign-off", shared), {"password": "wrong"})

    response = client.post(url("assessment-sign-off", shared), {"password": factories.PASSWORD})

    assert "Too many tries. Wait five minutes, then try again. Nothing was signed." in words(response)
    assert not shared.signatures.exists()


def test_signature_that_is_throttled_gives_no_password_away(client, shared):
    for _ in range(TRIES):
        client.post(url("assessment-sign-off", shared), {"password": "wrong"})

    wrong = client.post(url("assessment-sign-off", shared), {"password": "wrong"})
    right = client.post(url("assessment-sign-off", shared), {"password": factories.PASSWORD})

    assert words(wrong) == words(right)


def test_signature_without_any_input_is_throttled_too(client, shared):
    for _ in range(TRIES):
        client.post(url("assessment-sign-off", shared))

    response = client.post(url("assessment-sign-off", shared))

    assert (response.status_code, shared.signatures.count()) == (200, 0)


def test_sign_off_page_says_what_is_signed(therapist, shared):
    text = words(signed_in(therapist).get(url("assessment-sign-off", shared)))

    assert (
        "Rated 2 competences Not observed 1 Not applicable 0 Not rated 15 Concerns 0 Reply None Signed so far Nobody"
    ) in text
    assert "Yours is the first signature." in text
    assert "not that you agree with every word" in text


def test_sign_off_page_names_the_first_signature(client, therapist, shared):
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")
    assessments.sign_off(by=therapist, assessment=shared)

    text = words(client.get(url("assessment-sign-off", shared)))

    assert "Reply I agree Signed so far Amara Okafor," in text
    assert "Yours is the second signature: it freezes the record for good." in text
    assert "these are your ratings" in text


def test_sign_off_page_has_the_button_of_the_contract(client, shared):
    html = client.get(url("assessment-sign-off", shared)).text

    assertInHTML('<button class="btn" type="submit">Sign off</button>', html)


def test_second_signature_of_the_same_person_is_refused(client, supervisor, shared):
    assessments.sign_off(by=supervisor, assessment=shared)

    response = client.post(url("assessment-sign-off", shared), {"password": factories.PASSWORD})

    assert "You have signed this assessment. It waits for the other signature." in words(response)


# history


def entry(client, assessment, number=0):
    """A line of the history, the latest first, as it is read."""
    html = client.get(url("assessment-history", assessment)).text
    lines = re.findall(r'<div class="events__what">(.*?)</li>', html, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", lines[number]).split())


def test_history_tells_of_the_start(client, draft):
    assert entry(client, draft) == "Assessment started To rate S2, S7 Dr Helen Marsh"


def test_history_tells_of_ratings(client, draft):
    factories.rate(draft, "S2.1", 3)
    factories.rate(draft, "S2.1", 4, note="Named it.", is_concern=True, is_priority=True)

    assert entry(client, draft) == (
        "Rating saved S2.1 before: 3 Developing after: 4 Competent, concern, priority for development "
        "Note Named it. Dr Helen Marsh"
    )


def test_history_tells_of_a_first_rating(client, draft):
    factories.rate(draft, "S2.1", Outcome.NOT_OBSERVED)

    assert entry(client, draft) == "Rating saved S2.1 before: Not rated after: Not observed Dr Helen Marsh"


def test_history_tells_of_clearing(client, draft):
    version = factories.rate(draft, "S2.1", 4, note="Named it.")
    client.post(url("rating-save", draft, "S2.1"), {"version": version, "answer": "clear"})

    assert entry(client, draft) == (
        "Rating cleared S2.1 before: 4 Competent after: Not rated Note before Named it. Dr Helen Marsh"
    )


def test_history_tells_of_the_context(client, supervisor, draft):
    data = factories.make_context(case_number=None, phase="ending", source="live", is_consent_confirmed=False)
    contexts.correct_context(by=supervisor, assessment=draft, activities=draft.activities.all(), context=data)

    line = entry(client, draft)

    assert "Phase before: Middle after: Ending" in line
    assert "Case number before: 2 after: Not stated" in line
    assert "What it rests on before: Recorded session after: Live session" in line
    assert "before: Yes after: No" in line


def test_history_tells_of_the_extent(client, supervisor, draft):
    chosen = Activity.objects.filter(revision=draft.revision, code="S2")
    contexts.correct_context(by=supervisor, assessment=draft, activities=chosen, context=factories.make_context())

    assert entry(client, draft) == "Context corrected To rate before: S2, S7 after: S2 Dr Helen Marsh"


def test_history_tells_of_texts(client, supervisor, draft):
    for needs in ["Pace.", "Silence."]:
        assessments.save_texts(by=supervisor, assessment=draft, summary="", strengths="", needs=needs)

    assert entry(client, draft).endswith("Needs before Pace. Needs Silence. Dr Helen Marsh")


def test_history_tells_of_goals(client, draft, goal):
    told = "Development goal Ask alone Worked on by The therapist Competences S2.1 Dr Helen Marsh"
    assert entry(client, draft).endswith(told)


def test_history_tells_what_became_of_a_goal(client, supervisor, therapist, revision, draft):
    goal = factories.make_agreed(supervisor, therapist, revision)
    goals.close(by=supervisor, assessment=draft, goal=goal, status="dropped", result="No case for it.")
    closed = entry(client, draft)
    goals.reopen(by=supervisor, assessment=draft, goal=goal)

    told = "Development goal Say less. Outcome No longer pursued Result No case for it. Dr Helen Marsh"
    assert closed.endswith(told)
    assert entry(client, draft).endswith("Development goal Say less. Result before No case for it. Dr Helen Marsh")


def test_history_tells_of_a_handover_by_name(lead, supervisor, draft, successor):
    assessments.hand_over(by=lead, assessment=draft, to=successor, reason="Leaving.")

    assert entry(signed_in(successor), draft) == (
        "Handed over Supervisor before: Dr Helen Marsh after: Dr Samuel Adeyemi Reason Leaving. Margaret Ellison"
    )


def test_history_tells_of_a_reply(client, therapist, shared):
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")
    assessments.reply(by=therapist, assessment=shared, agreement="disagree", text="It was said.")

    assert (
        entry(client, shared) == "Reply saved Answer before: I agree after: I disagree Reply It was said. Amara Okafor"
    )


def test_history_tells_of_a_first_reply(client, therapist, shared):
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")

    assert entry(client, shared) == "Reply saved Answer before: None after: I agree Amara Okafor"


def test_history_tells_of_taking_back(client, supervisor, therapist, shared):
    assessments.sign_off(by=therapist, assessment=shared)
    assessments.take_back(by=supervisor, assessment=shared, reason="A wrong level.")

    assert entry(client, shared) == (
        "Taken back to draft Reason A wrong level. Signatures that became void 1 Dr Helen Marsh"
    )


def test_history_tells_of_both_signatures(client, signed):
    record = signed.signed_record

    assert entry(client, signed) == (f"Signed off Record of the organisation 1 Checksum {record.sha256} Dr Helen Marsh")
    assert [entry(client, signed, number) for number in [1, 2]] == [
        "Signed As Supervisor Dr Helen Marsh",
        "Signed As Therapist Amara Okafor",
    ]


def test_history_tells_of_the_report(client, supervisor, signed):
    report = report_actions.issue(by=supervisor, assessment=signed)

    assert entry(client, signed) == f"Report issued Kind Full report Checksum {report.sha256} Dr Helen Marsh"


def test_history_names_the_system_where_nobody_acted(client, draft):
    AuditEvent.objects.create(type="assessment_loaded", assessment=draft, data={"extent": ["S2"]})

    assert entry(client, draft) == "Assessment loaded with the demo To rate S2 The system"


def test_history_says_somebody_of_those_it_cannot_name(draft):
    event = AuditEvent(type="assessment_handed_over", data={"supervisor": ["x", "y"], "reason": ""})

    (change,) = history.Presenter([], []).entry(event).changes

    assert (change.before, change.after) == ("Somebody", "Somebody")


def test_history_is_paged(client, draft):
    AuditEvent.objects.bulk_create(
        AuditEvent(type="texts_saved", assessment=draft, data={"changed": {}}) for _ in range(100)
    )

    response = client.get(url("assessment-history", draft), {"page": 2})

    assert (len(response.context["entries"]), "101 to 101 of 101" in words(response)) == (1, True)


def test_history_of_a_draft_is_closed_to_the_lead(lead, draft):
    assert signed_in(lead).get(url("assessment-history", draft)).status_code == 403


def test_author_whose_supervision_ended_still_reads(client, shared):
    Supervision.objects.update(ends_on=factories.days_ago(400))

    assert client.get(shared.get_absolute_url()).status_code == 200


def test_start_offers_other_frameworks(supervisor, therapist):
    factories.make_revision()
    client = signed_in(supervisor)

    assert "On another framework: Small framework" in words(client.get(reverse("assessment-start")))
    assert "It stays on Small list, revision 1.0" in words(
        client.get(reverse("assessment-start"), {"framework": "small"})
    )


def test_start_from_an_assessment_takes_its_session_and_framework(supervisor, therapist):
    earlier = factories.make_draft(supervisor, therapist, factories.make_revision(), codes="A1", case_number=7)

    page = signed_in(supervisor).get(reverse("assessment-start"), {"from": earlier.pk})

    assert page.context["form"].initial["therapist"] == therapist.pk
    assert page.context["form"]["case_number"].value() == 7
    assert page.context["revision"] == earlier.revision


def test_start_offers_the_cases_of_the_therapist(supervisor, therapist, draft):
    page = signed_in(supervisor).get(reverse("assessment-start"), {"therapist": therapist.pk})

    session = f"{draft.session_on:%-d %B %Y}"
    assert (
        f"Same case as last time Case 2, session 7 of 16, middle phase, role dispute Recorded session of {session}"
        in words(page)
    )
    assert f'<a href="?from={draft.pk}&amp;next">Case 2,' in page.text


def test_start_offers_no_case_before_the_therapist_is_known(supervisor, draft):
    assert "Same case as last time" not in words(signed_in(supervisor).get(reverse("assessment-start")))


def test_start_offers_no_case_beside_what_was_typed(supervisor, therapist, draft):
    page = signed_in(supervisor).post(f"{reverse('assessment-start')}?therapist={therapist.pk}", {"case_number": 3})

    assert "Same case as last time" not in words(page)


def test_start_of_the_next_session_is_filled_from_the_case(supervisor, draft):
    page = signed_in(supervisor).get(reverse("assessment-start"), {"from": draft.pk, "next": ""})

    form = page.context["form"]
    filled = {field.name: field.value() for field in form if field.value() not in {None, "whole"}}
    assert filled == {
        "therapist": draft.therapist_id,
        "source": "recorded",
        "case_number": 2,
        "session_number": 8,
        "planned_total": 16,
        "phase": "middle",
        "problem_area": "dispute",
        "format": "in_person",
    }


def test_start_of_the_next_session_says_what_is_left_to_give(supervisor, draft):
    page = signed_in(supervisor).get(reverse("assessment-start"), {"from": draft.pk, "next": ""})

    assert "Filled in below for the next session. Give its date, and look over the rest; nothing" in words(page)
    assert f'<a href="?from={draft.pk}&amp;next" aria-current="true">' in page.text


def test_start_of_the_next_session_of_somebody_elses_case_tells_nothing(supervisor, other_supervisor, therapist, draft):
    factories.make_supervision(therapist, other_supervisor, therapist.memberships.get().organisation)

    page = signed_in(other_supervisor).get(reverse("assessment-start"), {"from": draft.pk, "next": ""})

    assert "Filled in below" not in words(page)
    assert page.context["form"]["case_number"].value() is None


@pytest.mark.parametrize("named", ["nonsense", "00000000-0000-7000-8000-000000000001", "\x00"])
def test_start_from_nothing_known_is_an_ordinary_start(supervisor, therapist, named):
    page = signed_in(supervisor).get(reverse("assessment-start"), {"from": named})

    assert page.context["revision"].framework.slug == "ipt"


def test_start_from_somebody_elses_assessment_tells_nothing(supervisor, other_supervisor, therapist, revision):
    factories.make_supervision(therapist, other_supervisor, therapist.memberships.get().organisation)
    theirs = factories.make_draft(other_supervisor, therapist, revision, case_number=7)

    page = signed_in(supervisor).get(reverse("assessment-start"), {"from": theirs.pk})

    assert page.context["form"]["case_number"].value() is None


@pytest.mark.parametrize("framework", ["nowhere", "\x00"])
def test_start_on_a_framework_that_is_not_there_is_not_found(supervisor, framework):
    page = signed_in(supervisor).get(reverse("assessment-start"), {"framework": framework + "x"})

    assert page.status_code == 404
