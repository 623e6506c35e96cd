"""Reopening: the signed copy stays, a new version begins, and once that is shared it counts in its place."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from assessments import queries, records, verification
from assessments.actions import assessments, contexts, goals, reopening, reports, self_assessments, standings
from assessments.exceptions import NotAllowed, Refused
from assessments.models import (
    ActivityStanding,
    Assessment,
    AuditEvent,
    FrameworkRevision,
    Rating,
    Report,
    Role,
    Status,
    Supervision,
    User,
)
from assessments.models.assessment import CONTEXT
from assessments.reports import cover, summary
from tests import factories
from tests.conftest import signed_in, told, words

pytestmark = pytest.mark.django_db

WHY = "Two levels were swapped."


def counting():
    return list(Assessment.objects.counting())


def share(draft):
    return assessments.share(by=draft.supervisor, assessment=draft)


def sign(shared):
    assessments.sign_off(by=shared.supervisor, assessment=shared)
    return assessments.sign_off(by=shared.therapist, assessment=shared)


def end_supervision(therapist, *, days_ago):
    Supervision.objects.filter(therapist=therapist).update(ends_on=factories.days_ago(days_ago))


@pytest.fixture
def reopened(lead, signed):
    return factories.make_reopened(lead, signed)


@pytest.fixture
def second_supervisor(therapist, northfield):
    person = factories.make_person("Dr Iris Novak", Role.SUPERVISOR, northfield)
    factories.make_supervision(therapist, person, northfield)
    return person


# the new version


def test_reopen_makes_a_draft_pinned_like_the_signed_one(signed, reopened):
    same = ["organisation", "therapist", "supervisor", "revision", "scale", "short_form", "origin", "role", *CONTEXT]

    assert (reopened.status, reopened.predecessor) == (Status.DRAFT, signed)
    assert [getattr(reopened, name) for name in same] == [getattr(signed, name) for name in same]
    assert list(reopened.activities.order_by("pk")) == list(signed.activities.order_by("pk"))


def test_reopen_keeps_texts_but_neither_reply_nor_signatures(lead, therapist, supervisor, revision):
    draft = factories.make_draft(supervisor, therapist, revision)
    factories.rate(draft, "S2.1", 4)
    assessments.save_texts(by=supervisor, assessment=draft, summary="All in all.", strengths="Warmth.", needs="Pace.")
    shared = share(draft)
    assessments.reply(by=therapist, assessment=shared, agreement="disagree", text="I saw it otherwise.")

    reopened = factories.make_reopened(lead, sign(shared))

    assert (reopened.summary, reopened.strengths, reopened.needs) == ("All in all.", "Warmth.", "Pace.")
    assert (reopened.reply, reopened.reply_agreement, reopened.replied_at) == ("", "", None)
    assert list(reopened.signatures.all()) == []


def test_reopen_copies_each_rating_with_who_gave_it_and_when(signed, reopened):
    names = ["competence", "outcome", "level", "note", "is_concern", "is_priority", "points_seen", "time_mark"]
    names += ["rated_by", "rated_at"]

    copied = list(reopened.ratings.order_by("competence").values_list(*names))

    assert copied == list(signed.ratings.order_by("competence").values_list(*names))
    assert len(copied) == 3
    assert {row.version for row in reopened.ratings.all()} == {AuditEvent.objects.latest("id").pk}


def test_reopen_tells_why_and_of_what(lead, signed, reopened):
    event = AuditEvent.objects.latest("id")

    assert (event.type, event.assessment, event.by) == ("assessment_reopened", reopened, lead)
    assert event.data == {
        "reason": WHY,
        "predecessor": str(signed.pk),
        "predecessor_sha256": signed.signed_record.sha256,
        "predecessor_signed_off_at": records.moment(signed.signed_off_at),
    }


def test_reopen_leaves_the_goals_with_the_signed_one(lead, supervisor, therapist, revision):
    goal = factories.make_agreed(supervisor, therapist, revision)
    signed = sign(goal.assessment)

    reopened = factories.make_reopened(lead, signed)

    assert list(reopened.goals.all()) == []
    assert [line.pk for line in queries.carried_goals(supervisor, reopened)] == [goal.pk]


def test_goals_of_a_replaced_version_go_on(lead, supervisor, therapist, revision):
    goal = factories.make_agreed(supervisor, therapist, revision)
    share(factories.make_reopened(lead, sign(goal.assessment)))
    later = factories.make_draft(supervisor, therapist, revision)

    goals.close(by=supervisor, assessment=later, goal=goal, status="met", result="Said.")

    assert [line.pk for line in queries.carried_goals(supervisor, later)] == [goal.pk]


def test_reopen_begins_on_a_revision_that_was_retired(lead, signed, revision):
    FrameworkRevision.objects.filter(pk=revision.pk).update(status="retired", retired_at=timezone.now())

    assert factories.make_reopened(lead, signed).revision == revision


def test_reopened_draft_is_rated_like_any_other(reopened):
    version = reopened.ratings.get(competence__code="S2.1").version

    assert factories.rate(reopened, "S2.1", 5) > version


def test_previous_rating_of_a_new_version_is_not_that_of_the_signed_one(reopened):
    assert queries.previous_positions(reopened) == {}
    assert queries.previous_ratings(reopened, Rating.objects.values_list("competence", flat=True)) == {}


def test_saving_in_a_new_version_compares_with_no_other_version(lead, signed, reopened):
    factories.rate(reopened, "S2.1", 5)
    again = factories.make_reopened(lead, sign(share(reopened)), reason="Once more.")

    saved = queries.standing(again, code="S2.1", position=5, points="", key=signed.pk)

    assert saved.previous is None


# who goes on


@pytest.mark.parametrize("days_ago", [10, 30])
def test_supervisor_in_the_time_to_finish_goes_on(lead, signed, therapist, supervisor, days_ago):
    end_supervision(therapist, days_ago=days_ago)

    assert factories.make_reopened(lead, signed).supervisor == supervisor


def test_choice_is_ignored_while_the_supervisor_may_go_on(lead, signed, supervisor, second_supervisor):
    reopened = reopening.reopen(by=lead, assessment=signed, reason=WHY, to=second_supervisor)

    assert reopened.supervisor == supervisor


@pytest.mark.parametrize("is_gone", [True, False])
def test_another_supervisor_goes_on_where_that_one_may_not(lead, signed, second_supervisor, is_gone):
    supervisor, other = signed.supervisor, second_supervisor
    if is_gone:
        Supervision.objects.filter(supervisor=supervisor).update(ends_on=factories.days_ago(40))
    else:
        User.objects.filter(pk=supervisor.pk).update(is_active=False)

    reopened = reopening.reopen(by=lead, assessment=signed, reason=WHY, to=other)

    assert reopened.supervisor == other
    assert {row.rated_by for row in reopened.ratings.all()} == {supervisor}
    assert AuditEvent.objects.latest("id").data["supervisor"] == [str(supervisor.pk), str(other.pk)]


def test_reopen_refused_without_anybody_to_go_on(lead, signed, therapist):
    end_supervision(therapist, days_ago=40)

    with pytest.raises(Refused, match=r"^Dr Helen Marsh no longer supervises this therapist\. Choose who goes on"):
        reopening.reopen(by=lead, assessment=signed, reason=WHY)


def test_reopen_refused_for_somebody_who_does_not_supervise(lead, signed, therapist, other_supervisor):
    end_supervision(therapist, days_ago=40)

    with pytest.raises(Refused, match=r"^Dr Samuel Adeyemi is not a present supervisor of this therapist\.$"):
        reopening.reopen(by=lead, assessment=signed, reason=WHY, to=other_supervisor)


def test_reopen_refused_for_oneself(lead, signed, therapist, northfield):
    end_supervision(therapist, days_ago=40)
    factories.make_supervision(therapist, lead, northfield)

    with pytest.raises(Refused, match=r"^Whoever reopens an assessment does not rate it\."):
        reopening.reopen(by=lead, assessment=signed, reason=WHY, to=lead)


# who may, and when


@pytest.mark.parametrize("who", ["therapist", "supervisor", "other_supervisor", "admin", "outside_lead"])
def test_reopen_is_for_a_training_lead_of_the_organisation(request, signed, who):
    with pytest.raises(NotAllowed, match=r"^Only a training lead of Northfield can reopen this assessment\.$"):
        reopening.reopen(by=request.getfixturevalue(who), assessment=signed, reason=WHY)


@pytest.mark.parametrize("who", ["therapist", "supervisor"])
def test_reopen_refused_for_a_lead_who_is_named(request, signed, northfield, who):
    person = request.getfixturevalue(who)
    person.memberships.create(organisation=northfield, role=Role.LEAD, starts_on=factories.LONG_AGO)
    person = User.objects.get(pk=person.pk)

    with pytest.raises(NotAllowed, match=r"^You are named in this assessment\. Another training lead has to reopen it"):
        reopening.reopen(by=person, assessment=signed, reason=WHY)


def test_reopen_refused_without_a_reason(lead, signed):
    with pytest.raises(Refused, match=r"^Say why it is reopened\.$"):
        reopening.reopen(by=lead, assessment=signed, reason="  ")


def test_reopen_refused_while_a_version_lives(lead, signed, reopened):
    with pytest.raises(NotAllowed, match="It was reopened already, and a new version was begun"):
        factories.make_reopened(lead, signed)


def test_reopen_again_after_the_version_was_withdrawn(lead, signed, reopened):
    assessments.withdraw(by=reopened.supervisor, assessment=reopened, reason="No need.")

    assert factories.make_reopened(lead, signed).predecessor == signed


def test_new_version_is_reopened_in_its_turn(lead, reopened):
    third = factories.make_reopened(lead, sign(share(reopened)))

    assert third.predecessor == reopened
    assert counting() == [reopened]


# what counts


def test_signed_one_counts_while_the_new_version_is_a_draft(signed, reopened):
    assert counting() == [signed]


def test_shared_version_counts_in_its_place(signed, reopened):
    factories.rate(reopened, "S2.1", 5)
    share(reopened)

    assert counting() == [reopened]
    assert list(standings.drifted()) == []


def test_signed_version_counts_in_its_place(signed, reopened):
    sign(share(reopened))

    assert counting() == [reopened]


@pytest.mark.parametrize("end", [assessments.take_back, assessments.withdraw])
def test_signed_one_counts_again_without_the_version(signed, reopened, end):
    share(reopened)

    end(by=reopened.supervisor, assessment=reopened, reason="No need.")

    assert counting() == [signed]
    assert list(standings.drifted()) == []


def test_standing_follows_the_version(signed, reopened):
    for code in ["S2.1", "S2.2"]:
        factories.rate(reopened, code, 1)
    before = ActivityStanding.objects.get(activity__code="S2").position

    share(reopened)

    assert (before, ActivityStanding.objects.get(activity__code="S2").position) == (3, 1)


def test_standing_follows_a_version_whose_session_was_corrected(supervisor, therapist, revision, lead):
    signed = factories.make_signed(supervisor, therapist, revision, session_on=factories.days_ago(300))
    reopened = factories.make_reopened(lead, signed)
    extent = list(reopened.activities.all())
    contexts.correct_context(by=supervisor, assessment=reopened, activities=extent, context=factories.make_context())

    share(reopened)

    assert list(standings.drifted()) == []


def test_profile_leaves_the_replaced_one_out(signed, reopened, supervisor, therapist):
    share(reopened)

    text = words(signed_in(supervisor).get(f"/therapists/{therapist.pk}/"))

    assert "Replaced by a new version" in text
    assert [row.is_superseded for row in queries.assessments_seen(supervisor, therapist)] == [False, True]


def test_version_was_last_changed_when_it_was_begun(supervisor, reopened):
    (found,), _ = queries.drafts_by(supervisor)

    assert found.saved_at == reopened.created_at


# the records


def test_record_of_the_version_names_what_it_replaces(lead, signed, reopened):
    event = AuditEvent.objects.latest("id")

    record = json.loads(sign(share(reopened)).signed_record.content)

    assert record["predecessor"] == {
        "id": str(signed.pk),
        "sha256": signed.signed_record.sha256,
        "signed_off_at": records.moment(signed.signed_off_at),
        "reason": WHY,
        "reopened_at": records.moment(event.at),
        "reopened_by": {"id": str(lead.pk), "name": "Margaret Ellison", "profession": ""},
    }


def test_report_of_the_version_says_where_the_goals_stand(signed, reopened):
    first, second = (json.loads(row.signed_record.content) for row in [signed, sign(share(reopened))])

    assert summary.no_goals(first) == "None."
    assert summary.no_goals(second) == (
        "None in this version. Any agreed in the assessment that it replaces stand in the report of that one."
    )


def test_record_of_any_other_names_nothing(signed):
    record = json.loads(signed.signed_record.content)

    assert "predecessor" not in record
    assert "closed" not in record["assessment"]


def test_records_of_both_versions_verify(signed, reopened):
    sign(share(reopened))

    assert list(verification.mismatches()) == []


def test_record_of_a_version_without_its_event_says_so_and_no_more(signed, reopened):
    document = records._predecessor(reopened, None)

    assert document["predecessor"]["reopened_by"] is None
    assert document["predecessor"]["id"] == str(signed.pk)


def test_file_of_the_signed_one_stays_as_it_was(lead, signed):
    kept = {"issued_at": timezone.now(), "issued_by": signed.supervisor}
    Report.objects.create(record=signed.signed_record, content=b"%PDF", **kept)

    share(factories.make_reopened(lead, signed))

    assert bytes(queries.signed_record(signed).reports.get(kind="full").content) == b"%PDF"
    assert reports.issue(by=lead, assessment=signed).issued_by == signed.supervisor


# the pages


def test_signed_one_tells_its_therapist_that_it_was_reopened(therapist, signed, reopened):
    response = signed_in(therapist).get(signed.get_absolute_url())

    text = words(response)
    assert f"by Margaret Ellison: {WHY} A new version is in progress; until it is shared this one counts." in text
    assert str(reopened.pk) not in response.text


def test_signed_one_leads_its_author_to_the_draft(supervisor, signed, reopened):
    response = signed_in(supervisor).get(signed.get_absolute_url())

    assert f'<a href="{reopened.get_absolute_url()}">Open the new version</a>' in response.text


def test_signed_one_leads_its_therapist_to_the_version_once_shared(therapist, signed, reopened):
    share(reopened)

    response = signed_in(therapist).get(signed.get_absolute_url())

    assert "and this one counts no longer." in words(response)
    assert f'<a href="{reopened.get_absolute_url()}">Open the new version</a>' in response.text


def test_signed_one_says_nothing_of_a_withdrawn_version(therapist, signed, reopened):
    assessments.withdraw(by=reopened.supervisor, assessment=reopened, reason="No need.")

    assert "Reopened" not in words(signed_in(therapist).get(signed.get_absolute_url()))


@pytest.mark.parametrize("is_shared", [True, False])
def test_version_leads_back_to_the_signed_one(supervisor, signed, reopened, is_shared):
    if is_shared:
        share(reopened)

    response = signed_in(supervisor).get(reopened.get_absolute_url())

    assert f"Its checksum: {signed.signed_record.sha256}" in words(response)
    assert f'<a href="{signed.get_absolute_url()}">Open the signed version</a>' in response.text


@pytest.mark.parametrize("who", ["therapist", "lead", "other_supervisor", "admin"])
def test_draft_of_a_version_is_read_by_its_author_alone(request, reopened, who):
    assert signed_in(request.getfixturevalue(who)).get(reopened.get_absolute_url()).status_code in {403, 404}


def test_history_of_the_signed_one_tells_of_the_reopening(therapist, signed, reopened):
    factories.rate(reopened, "S2.1", 5, note="Heard again.")

    text = words(signed_in(therapist).get(f"{signed.get_absolute_url()}history/"))

    assert f"Reopened as a new version Checksum of the version that it replaces {signed.signed_record.sha256}" in text
    assert f"Reason {WHY}" in text
    assert "Heard again." not in text


def test_history_of_a_version_names_who_goes_on(lead, signed, therapist, second_supervisor):
    Supervision.objects.exclude(supervisor=second_supervisor).update(ends_on=factories.days_ago(40))
    reopened = reopening.reopen(by=lead, assessment=signed, reason=WHY, to=second_supervisor)

    text = words(signed_in(second_supervisor).get(f"{reopened.get_absolute_url()}history/"))

    assert "Supervisor before: Dr Helen Marsh after: Dr Iris Novak" in text


def test_reopening_by_its_page(lead, signed):
    client = signed_in(lead)
    assert 'href="' + signed.get_absolute_url() + 'reopen/"' in client.get(signed.get_absolute_url()).text

    response = client.post(f"{signed.get_absolute_url()}reopen/", {"reason": f"{WHY} Ask on 020 7946 0018."})

    assert told(response) == [
        "This looks as if it holds a phone number. Nothing here may identify the client; please look again.",
        "Reopened. Dr Helen Marsh has the new version as a draft.",
    ]
    assert signed.successors.get().supervisor.name == "Dr Helen Marsh"


def test_reopening_page_asks_who_goes_on_where_nobody_else_may(lead, signed, second_supervisor):
    Supervision.objects.exclude(supervisor=second_supervisor).update(ends_on=factories.days_ago(40))
    client, url = signed_in(lead), f"{signed.get_absolute_url()}reopen/"

    text = words(client.get(url))
    assert "Dr Helen Marsh, who assessed it, may no longer do so. Choose another present supervisor." in text
    missing = client.post(url, {"reason": WHY})
    client.post(url, {"reason": WHY, "to": str(second_supervisor.pk)})

    assert "Who goes on with it: this is missing." in words(missing)
    assert signed.successors.get().supervisor == second_supervisor


def test_reopening_says_what_changed_since_the_page_was_opened(lead, signed, therapist):
    def meanwhile(execute, sql, params, many, context):
        if sql.startswith("SAVEPOINT"):
            end_supervision(therapist, days_ago=40)
        return execute(sql, params, many, context)

    client = signed_in(lead)
    with connection.execute_wrapper(meanwhile):
        response = client.post(f"{signed.get_absolute_url()}reopen/", {"reason": WHY})

    assert (response.status_code, signed.successors.count()) == (409, 0)
    assert "Dr Helen Marsh no longer supervises this therapist. Choose who goes on with it." in words(response)


def test_reopening_page_says_that_nobody_can_go_on(lead, signed, therapist):
    end_supervision(therapist, days_ago=40)

    text = words(signed_in(lead).get(f"{signed.get_absolute_url()}reopen/"))

    assert "Amara Okafor has no other supervisor at present." in text
    assert "Leave it as it is" not in text


def test_report_of_a_version_names_what_it_replaces(signed, reopened):
    document = records.build(reopened)

    facts = dict(cover.facts(document, "", cover.state(document["assessment"]), timezone.localdate()))
    checksum = " ".join(signed.signed_record.sha256[at : at + 4] for at in range(0, 64, 4))
    assert facts["Replaces"].startswith("The assessment signed off on ")
    assert f"SHA-256 {checksum}. Reopened by Margaret Ellison on " in facts["Replaces"]
    assert facts["Replaces"].endswith(f": {WHY}")


def test_archive_says_which_version_was_replaced(therapist, signed, reopened):
    share(reopened)

    held = queries.holdings(therapist).assessments

    assert [each.state for each in held] == ["Signed off, replaced by a new version", "Shared"]


def test_whoever_reopened_it_is_not_handed_the_draft(lead, reopened, therapist, northfield):
    factories.make_supervision(therapist, lead, northfield)

    with pytest.raises(Refused, match=r"^Margaret Ellison reopened this assessment\. Whoever does that does not rate"):
        assessments.hand_over(by=reopened.supervisor, assessment=reopened, to=lead, reason="On leave.")
    assert list(queries.other_supervisors(reopened)) == []


def test_draft_of_a_version_is_handed_over_like_any_other(reopened, second_supervisor):
    assert list(queries.other_supervisors(reopened)) == [second_supervisor]

    handed = assessments.hand_over(
        by=reopened.supervisor, assessment=reopened, to=second_supervisor, reason="On leave."
    )

    assert handed.supervisor == second_supervisor


def test_no_self_assessment_is_asked_for_beside_a_new_version(reopened):
    """It would wait for one, and neither version would count."""
    with pytest.raises(
        NotAllowed, match=r"^This is a new version of a signed assessment\. It takes no self-assessment"
    ):
        self_assessments.ask(by=reopened.supervisor, assessment=reopened)


def test_file_of_a_replaced_record_says_so_to_whoever_checks_it(client, signed, reopened):
    record = {"file": SimpleUploadedFile("record.json", signed.signed_record.content.encode())}
    before = words(client.post("/verify/", record))
    share(reopened)
    record["file"].seek(0)

    after = words(client.post("/verify/", record))

    sentence = f"Replaced It was reopened. A new version counts in its place since {timezone.localdate():%-d %B %Y}."
    assert sentence not in before
    assert "This record is genuine" in after
    assert sentence in after
