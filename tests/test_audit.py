"""Every write passes through one action that also writes one event, in one transaction."""

import datetime
import inspect
import pkgutil
from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from assessments import actions
from assessments.actions import (
    accesses,
    archives,
    assessments,
    audit,
    contexts,
    frameworks,
    goals,
    outbox,
    people,
    programmes,
    ratings,
    reports,
    scales,
    short_forms,
)
from assessments.models import Activity, AuditEvent, Report, Role
from assessments.models.audit import EventType
from assessments.queries import (
    programme_content,
    programme_fingerprint,
    short_form_content,
    short_form_fingerprint,
)
from assessments.queries.revisions import scale_data
from assessments.revisions.scales import fingerprint
from tests import (
    bundle_calls,
    closing_calls,
    factories,
    form_calls,
    library_calls,
    rater_calls,
    second_calls,
    self_calls,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


class Cast:
    """The fixtures of conftest.py by name, made when first named."""

    def __init__(self, request):
        self._request = request

    def __getattr__(self, name):
        return self._request.getfixturevalue(name)


@pytest.fixture
def cast(request):
    return Cast(request)


@pytest.fixture
def second_supervisor(therapist, northfield):
    person = factories.make_person("Dr Iris Novak", Role.SUPERVISOR, northfield)
    factories.make_supervision(therapist, person, northfield)
    return person


@pytest.fixture
def unsigned_by_supervisor(shared, therapist):
    assessments.sign_off(by=therapist, assessment=shared)
    return shared


@pytest.fixture
def goal(draft, supervisor):
    return goals.save(by=supervisor, assessment=draft, text="Name it.", due_on=None, competences=[])


@pytest.fixture
def shared_goal(supervisor, therapist, revision):
    return factories.make_agreed(supervisor, therapist, revision)


@pytest.fixture
def rated(draft):
    factories.rate(draft, "S2.1")
    return draft


@pytest.fixture
def sketch(db):
    return factories.make_revision(is_published=False)


def start(cast):
    by, therapist, revision = cast.supervisor, cast.therapist, cast.revision
    extent, context = Activity.objects.filter(revision=revision, code="S2"), factories.make_context()
    return lambda: assessments.start(by=by, therapist=therapist, revision=revision, activities=extent, context=context)


def correct_context(cast):
    by, draft = cast.supervisor, cast.draft
    extent, context = Activity.objects.filter(revision=cast.revision, code="S3"), factories.make_context(case_number=9)
    return lambda: contexts.correct_context(by=by, assessment=draft, activities=extent, context=context)


def save_texts(cast):
    by, draft = cast.supervisor, cast.draft
    return lambda: assessments.save_texts(by=by, assessment=draft, summary="Calm.", strengths="", needs="")


def share(cast):
    by, rated = cast.supervisor, cast.rated
    return lambda: assessments.share(by=by, assessment=rated)


def take_back(cast):
    by, shared = cast.supervisor, cast.unsigned_by_supervisor
    return lambda: assessments.take_back(by=by, assessment=shared, reason="Wrong date.")


def reply(cast):
    by, shared = cast.therapist, cast.shared
    return lambda: assessments.reply(by=by, assessment=shared, agreement="agree", text="")


def sign_first(cast):
    by, shared = cast.therapist, cast.shared
    return lambda: assessments.sign_off(by=by, assessment=shared)


def sign_second(cast):
    by, shared = cast.supervisor, cast.unsigned_by_supervisor
    return lambda: assessments.sign_off(by=by, assessment=shared)


def withdraw(cast):
    by, draft = cast.supervisor, cast.draft
    return lambda: assessments.withdraw(by=by, assessment=draft, reason="Wrong person.")


def hand_over(cast):
    by, draft, to = cast.supervisor, cast.draft, cast.second_supervisor
    return lambda: assessments.hand_over(by=by, assessment=draft, to=to, reason="On leave.")


def download_archive(cast):
    by = cast.therapist
    return lambda: archives.download(by=by, person=by)


def export_cohort(cast):
    by, organisation = cast.lead, cast.draft.organisation
    return lambda: accesses.note_export(by=by, organisation=organisation, people=2)


def export_archive(cast):
    person = cast.therapist
    return lambda: archives.export(person=person, with_drafts=True, keep=lambda content: None)


def load(cast):
    data = factories.make_revision_data()
    return lambda: frameworks.load(by=None, data=data)


def publish(cast):
    sketch = cast.sketch
    return lambda: frameworks.publish(by=None, revision=sketch)


def save_goal(cast):
    by, draft, chosen = cast.supervisor, cast.draft, list(cast.revision.competences.filter(code="S2.1"))
    return lambda: goals.save(by=by, assessment=draft, text="Say it.", due_on=None, competences=chosen)


def change_goal(cast):
    by, goal, chosen = cast.supervisor, cast.goal, list(cast.revision.competences.filter(code="S2.1"))
    return lambda: goals.save(
        by=by, assessment=goal.assessment, goal=goal, text="Say it.", due_on=TODAY, competences=chosen
    )


def remove_goal(cast):
    by, goals_of_draft = cast.supervisor, cast.goal.assessment.goals
    return lambda: goals.remove(by=by, goal=goals_of_draft.get())


def close_goal(cast):
    by, draft, goal = cast.supervisor, cast.draft, cast.shared_goal
    return lambda: goals.close(by=by, assessment=draft, goal=goal, status="met", result="Said.")


def reopen_goal(cast):
    by, draft, goal = cast.supervisor, cast.draft, cast.shared_goal
    goals.close(by=by, assessment=draft, goal=goal, status="met", result="Said.")
    return lambda: goals.reopen(by=by, assessment=draft, goal=goal)


def create_organisation(cast):
    return lambda: people.create_organisation(by=None, name="Westfield")


def create_person(cast):
    northfield = cast.northfield
    return lambda: people.create_person(
        by=None, email="new@example.org", name="New", organisation=northfield, role=Role.LEAD, starts_on=TODAY
    )


def change_person(cast):
    by, person = cast.admin, cast.therapist
    return lambda: people.change_person(by=by, person=person, name="Another", profession="", is_active=True)


def set_page_keys(cast):
    by = cast.supervisor
    return lambda: people.set_page_keys(by=by, has_page_keys=True)


def set_digest(cast):
    by = cast.shared.therapist
    return lambda: people.set_digest(by=by, has_digest=False)


def start_membership(cast):
    by, person, northfield = cast.admin, cast.therapist, cast.northfield
    return lambda: people.start_membership(
        by=by, person=person, organisation=northfield, role=Role.LEAD, starts_on=TODAY
    )


def end_membership(cast):
    by, memberships = cast.admin, cast.therapist.memberships
    return lambda: people.end_membership(by=by, membership=memberships.get(), ends_on=TODAY)


def start_supervision(cast):
    by, therapist, supervisor, northfield = cast.admin, cast.therapist, cast.other_supervisor, cast.northfield
    return lambda: people.start_supervision(
        by=by, therapist=therapist, supervisor=supervisor, organisation=northfield, starts_on=TODAY
    )


def end_supervision(cast):
    by, supervisions = cast.admin, cast.therapist.supervisions
    return lambda: people.end_supervision(by=by, supervision=supervisions.get(), ends_on=TODAY)


def save_rating(cast):
    by, draft, change = cast.supervisor, cast.draft, factories.make_change("S2.1")
    return lambda: ratings.save(by=by, assessment_id=draft.pk, change=change)


def open_outbox(cast):
    by, draft = cast.supervisor, cast.draft
    return lambda: outbox.open_outbox(by=by, assessment_id=draft.pk)


def report_unsent(cast):
    by, draft = cast.supervisor, cast.draft
    outbox.open_outbox(by=by, assessment_id=draft.pk)
    return lambda: outbox.report_unsent(by=by, assessment_id=draft.pk, device=uuid4(), unsent=2)


def leave_behind(cast):
    report_unsent(cast)()
    by, draft = cast.supervisor, cast.draft
    return lambda: outbox.leave_behind(by=by, assessment=draft)


def change_rating(cast):
    rating = cast.rated.ratings.get()
    change = factories.make_change("S2.1", 5, base_version=rating.version)
    return lambda: ratings.save(by=rating.rated_by, assessment_id=rating.assessment_id, change=change)


def clear_rating(cast):
    rating = cast.rated.ratings.get()
    change = factories.make_change("S2.1", ratings.CLEAR, base_version=rating.version)
    return lambda: ratings.save(by=rating.rated_by, assessment_id=rating.assessment_id, change=change)


def save_ratings(cast):
    by, draft = cast.supervisor, cast.draft
    changes = [factories.make_change("S2.1"), factories.make_change("S2.2")]
    return lambda: ratings.save_all(by=by, assessment_id=draft.pk, changes=changes)


def save_scale(cast):
    by, data = cast.admin, factories.make_scale_data()
    return lambda: scales.save_scale(by=by, data=data)


def change_scale(cast):
    by, scale = cast.admin, cast.sketch.scale
    data, seen = factories.make_scale_data(name="Steps"), fingerprint(scale_data(scale))
    return lambda: scales.save_scale(by=by, data=data, scale=scale, seen=seen)


def new_scale_version(cast):
    by, scale = cast.admin, cast.revision.scale
    return lambda: scales.new_version(by=by, scale=scale)


def save_short_form(cast):
    by, revision = cast.admin, cast.revision
    chosen = list(revision.activities.filter(code="S2"))
    return lambda: short_forms.save(by=by, revision=revision, name="Session", purpose="other", activities=chosen)


def change_short_form(cast):
    by, form = cast.admin, factories.make_short_form(cast.admin, cast.revision)
    chosen, seen = list(form.activities.all()), short_form_fingerprint(short_form_content(form))
    values = {"name": "Other", "purpose": "other", "activities": chosen, "seen": seen}
    return lambda: short_forms.save(by=by, revision=form.revision, short_form=form, **values)


def retire_short_form(cast):
    by, form = cast.admin, factories.make_short_form(cast.admin, cast.revision)
    return lambda: short_forms.retire(by=by, short_form=form)


def save_programme(cast):
    by, northfield = cast.admin, cast.northfield
    return lambda: programmes.save(by=by, organisation=northfield, name="Year 1", asks={"cases": 4})


def change_programme(cast):
    by, programme = cast.admin, factories.make_programme(cast.admin, cast.northfield)
    seen = programme_fingerprint(programme_content(programme))
    values = {"name": "Year 1", "asks": {"cases": 5}, "seen": seen}
    return lambda: programmes.save(by=by, organisation=programme.organisation, programme=programme, **values)


def retire_programme(cast):
    by, programme = cast.admin, factories.make_programme(cast.admin, cast.northfield)
    return lambda: programmes.retire(by=by, programme=programme)


# Each public function that writes, by way of a call of it, and the events that the call records.
CALLS = [
    ("assessments.start", start, ["assessment_started"]),
    ("contexts.correct_context", correct_context, ["context_changed"]),
    ("assessments.save_texts", save_texts, ["texts_saved"]),
    ("assessments.share", share, ["assessment_shared"]),
    ("assessments.take_back", take_back, ["assessment_taken_back"]),
    ("assessments.reply", reply, ["assessment_replied"]),
    ("assessments.sign_off", sign_first, ["assessment_signed"]),
    ("assessments.sign_off", sign_second, ["assessment_signed", "assessment_signed_off"]),
    ("assessments.withdraw", withdraw, ["assessment_withdrawn"]),
    ("assessments.hand_over", hand_over, ["assessment_handed_over"]),
    ("accesses.note_export", export_cohort, ["cohort_exported"]),
    ("archives.download", download_archive, ["archive_downloaded"]),
    ("archives.export", export_archive, ["archive_downloaded"]),
    ("frameworks.load", load, ["revision_loaded"]),
    ("frameworks.publish", publish, ["revision_published"]),
    ("goals.save", save_goal, ["goal_saved"]),
    ("goals.save", change_goal, ["goal_saved"]),
    ("goals.remove", remove_goal, ["goal_removed"]),
    ("goals.close", close_goal, ["goal_closed"]),
    ("goals.reopen", reopen_goal, ["goal_reopened"]),
    ("people.create_organisation", create_organisation, ["organisation_created"]),
    ("people.create_person", create_person, ["person_created", "membership_started"]),
    ("people.change_person", change_person, ["person_changed"]),
    ("people.set_page_keys", set_page_keys, ["person_changed"]),
    ("people.set_digest", set_digest, ["person_changed"]),
    ("people.start_membership", start_membership, ["membership_started"]),
    ("outbox.open_outbox", open_outbox, ["outbox_opened"]),
    ("outbox.report_unsent", report_unsent, ["unsent_reported"]),
    ("outbox.leave_behind", leave_behind, ["unsent_reported"]),
    ("people.end_membership", end_membership, ["membership_ended", "supervision_ended"]),
    ("people.start_supervision", start_supervision, ["supervision_started"]),
    ("people.end_supervision", end_supervision, ["supervision_ended"]),
    ("ratings.save", save_rating, ["rating_saved"]),
    ("ratings.save", change_rating, ["rating_saved"]),
    ("ratings.save", clear_rating, ["rating_cleared"]),
    ("ratings.save_all", save_ratings, ["rating_saved", "rating_saved"]),
    ("scales.save_scale", save_scale, ["scale_saved"]),
    ("scales.save_scale", change_scale, ["scale_saved"]),
    ("scales.new_version", new_scale_version, ["scale_saved"]),
    ("short_forms.save", save_short_form, ["short_form_saved"]),
    ("short_forms.save", change_short_form, ["short_form_saved"]),
    ("short_forms.retire", retire_short_form, ["short_form_retired"]),
    ("programmes.save", save_programme, ["programme_saved"]),
    ("programmes.save", change_programme, ["programme_saved"]),
    ("programmes.retire", retire_programme, ["programme_retired"]),
    *library_calls.CALLS,
    *form_calls.CALLS,
    *second_calls.CALLS,
    *bundle_calls.CALLS,
    *self_calls.CALLS,
    *closing_calls.CALLS,
    *rater_calls.CALLS,
]
# The rest, and where it is held to the same.
ELSEWHERE = {
    "accesses.note_opening": "the access log is a record of its own",
    "assessments.begin": "a part of both ways to start",
    "assessments.begin_like": "a part of asking for another rating of a session, and of reopening",
    "assessments.end": "a part of withdraw and of second_ratings.call_off",
    "assessments.freeze": "the second half of sign_off",
    "accesses.note_taking": "a part of bundles.take",
    "bundles.end": "a part of cancel, and of the work that ends",
    "bundles.record": "writes the event itself",
    "bundle_work.step": "test_bundles.py; one event when the work ends, and none for a piece of it",
    "audit.record": "writes the event itself",
    "contexts.check_context": "reads",
    "contexts.check_extent": "reads",
    "demo.load": "test_seed_demo.py; one event for each assessment that it loads",
    "digests.attempt": "test_digests_sending.py; what was sent is a record of its own",
    "digests.send_due": "the same",
    "inserting.insert": "test_inserting.py; stores the row of another action",
    "lineage.revise_links": "a part of drafts.change",
    "lineage.check_whole": "a part of frameworks.publish; reads",
    "lineage.settle": "a part of confirm and decide, of a page of the mapping at once",
    "lineage.settle_keys": "a part of frameworks.publish",
    "lineage.store_proposals": "a part of frameworks.load",
    "notices.drop": "a part of people.set_digest",
    "notices.drop_signatures": "a part of whatever voids signatures",
    "notices.tell": "a part of whatever people are told of",
    "notices.tell_shared": "a part of assessments.share",
    "notices.tell_taken_back": "a part of assessments.take_back",
    "opening.locked": "reads and locks",
    "opening.open_both": "a part of sharing",
    "outbox.check_all_sent": "reads",
    "quarters.computed": "reads",
    "quarters.values": "reads",
    "quarters.write": "a part of standings.refresh",
    "rater_mail.send_code": "writes nothing",
    "rater_mail.send_invitation": "writes nothing",
    "rater_mail.send_reminder": "writes nothing",
    "ratings.editable": "reads and locks",
    "ratings.write": "the second half of save and save_all",
    "standings.drifted": "reads",
    "standings.rebuild": "test_standings.py; writes anew what the ratings say, for the command",
    "standings.refresh": "a part of every action that changes what counts",
    "standings.refresh_framework": "a part of every action that changes what counts",
    "reports.issue": "below; rendering takes seconds",
    "reports.profile_content": "reads",
    "reports.rendered": "writes nothing",
    "scales.store": "the second half of save_scale and frameworks.load",
}
# What they write is the event itself.
EVENT_ALONE = {
    "accesses.note_export",
    "archives.download",
    "archives.export",
    "outbox.report_unsent",
    "outbox.leave_behind",
    "rater_links.deliver_code",
}
ELSEWHERE_EVENTS = {"assessment_loaded", "report_issued", "bundle_ended"}
IDS = [call.__name__ for _, call, _ in CALLS]


def functions():
    """Every public function of the action modules, as module.name."""
    names = set()
    for found in pkgutil.iter_modules(actions.__path__):
        module = import_module(f"assessments.actions.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if inspect.unwrap(function).__module__ == module.__name__ and not name.startswith("_"):
                names.add(f"{found.name}.{name}")
    return names


def everything():
    """All that the database holds."""
    models = apps.get_app_config("assessments").get_models(include_auto_created=True)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


class Failing:
    """A statement wrapper: the database fails at the write of this number, counted from 0."""

    def __init__(self, at=None):
        self.at, self.writes = at, 0

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            self.writes += 1
            if self.writes - 1 == self.at:
                raise OperationalError("database is gone")
        return execute(sql, params, many, context)


def number_of_writes(call):
    counting = Failing()
    with transaction.atomic(), connection.execute_wrapper(counting):
        call()
        transaction.set_rollback(True)
    return counting.writes


def last_id():
    return AuditEvent.objects.order_by("-id").values_list("id", flat=True).first()


def test_every_function_of_the_actions_is_known_here():
    assert functions() == {name for name, _, _ in CALLS} | set(ELSEWHERE)


def test_every_type_of_event_is_recorded_by_an_action():
    recorded = {event for _, _, events in CALLS for event in events}

    assert recorded | ELSEWHERE_EVENTS == set(EventType.values)


@pytest.mark.parametrize(("name", "prepare", "expected"), CALLS, ids=IDS)
def test_action_records_exactly_its_events(cast, name, prepare, expected):
    call, before = prepare(cast), last_id() or 0

    call()

    assert factories.event_types(id__gt=before) == expected


@pytest.mark.parametrize(("name", "prepare", "expected"), CALLS, ids=IDS)
def test_action_changes_nothing_when_any_of_its_writes_fails(cast, name, prepare, expected):
    call = prepare(cast)
    before, writes = everything(), number_of_writes(call)

    for number in range(writes):
        with pytest.raises(OperationalError), connection.execute_wrapper(Failing(at=number)):
            call()

    assert writes >= (1 if name in EVENT_ALONE else 2)
    assert everything() == before


def test_report_is_not_kept_when_its_event_fails(signed, therapist):
    record = signed.signed_record

    with pytest.raises(OperationalError), connection.execute_wrapper(Failing(at=1)):
        reports.issue(by=therapist, assessment=signed)

    assert Report.objects.filter(record=record).count() == 0
    assert factories.event_types(type="report_issued") == []


def test_event_names_the_people_of_its_assessment(draft, supervisor, therapist, northfield):
    event = audit.record(EventType.TEXTS_SAVED, by=supervisor, assessment=draft)

    assert (event.person, event.organisation) == (therapist, northfield)


def test_event_names_the_person_and_organisation_given(draft, supervisor, southbank):
    event = audit.record(
        EventType.TEXTS_SAVED, by=supervisor, assessment=draft, person=supervisor, organisation=southbank
    )

    assert (event.person, event.organisation) == (supervisor, southbank)


def test_event_without_assessment_names_nobody(revision):
    event = audit.record(EventType.REVISION_LOADED, by=None, revision=revision)

    assert (event.person, event.organisation, event.by) == (None, None, None)


def test_event_takes_the_moment_given(revision):
    at = timezone.now() - datetime.timedelta(days=3)

    assert audit.record(EventType.REVISION_LOADED, by=None, revision=revision, at=at).at == at


def test_event_keeps_its_data(revision):
    event = audit.record(EventType.REVISION_LOADED, by=None, revision=revision, sha256="abc", counts=[1, 2])

    assert AuditEvent.objects.get(pk=event.pk).data == {"sha256": "abc", "counts": [1, 2]}


def test_event_is_never_changed(draft):
    with pytest.raises(IntegrityError, match=r"^This record is only ever added to\."), transaction.atomic():
        AuditEvent.objects.filter(assessment=draft).update(data={})


def test_event_is_never_deleted(draft):
    with pytest.raises(IntegrityError, match=r"^This record is only ever added to\."), transaction.atomic():
        AuditEvent.objects.filter(assessment=draft).delete()


def test_event_uses_a_change_key_once(draft, supervisor):
    key = factories.make_change("S2.1").key
    audit.record(EventType.RATING_SAVED, by=supervisor, assessment=draft, change_key=key)

    with pytest.raises(IntegrityError), transaction.atomic():
        audit.record(EventType.RATING_SAVED, by=supervisor, assessment=draft, change_key=key)
