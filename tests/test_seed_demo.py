import datetime
import hashlib
from collections import Counter
from dataclasses import replace
from io import StringIO

import pytest
from django.conf import settings as project
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from assessments import privacy, queries, records
from assessments.actions import demo as action
from assessments.exceptions import Refused
from assessments.importers import demo as importer
from assessments.models import (
    Assessment,
    AuditEvent,
    Competence,
    FrameworkRevision,
    Goal,
    Membership,
    Organisation,
    Rating,
    RatingLevel,
    ShortForm,
    Signature,
    SignedRecord,
    Supervision,
    User,
)

pytestmark = pytest.mark.django_db

FIRST_RUN = (
    "Northfield Psychological Therapies: 10 people, 7 supervisions, 43 assessments "
    "(36 signed off, 4 shared, 2 draft, 1 withdrawn), 2128 ratings, 36 signed records.\n"
)
SECOND_RUN = "Northfield Psychological Therapies is here already. Nothing was changed.\n"


def seed(*arguments):
    output = StringIO()
    call_command("seed_demo", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture(scope="module")
def first_run(django_db_setup, django_db_blocker):
    """What the first run printed. It is made once; each test's own changes are undone, and it at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        framework = project.BASE_DIR / "fixtures" / "ipt-1.0.yaml"
        call_command("load_framework", str(framework), "--publish", stdout=StringIO())
        yield seed()
        transaction.set_rollback(True)


@pytest.fixture
def vacated(first_run):
    """The first demo under other names, so that a run finds its own free. Gives that first organisation."""
    Organisation.objects.update(name="Elsewhere")
    User.objects.update(email=Concat(Value("former-"), F("email")))
    return Organisation.objects.get()


@pytest.fixture
def cast():
    return importer.read((project.BASE_DIR / "fixtures" / "demo.yaml").read_bytes())


def loaded(organisation):
    """Everything that a seed decides, without ids."""
    of_assessment = ["session_on", "created_at", "status", "source", "case_number", "session_number"]
    of_assessment += ["shared_at", "replied_at", "signed_off_at", "withdrawn_at", "summary", "reply"]
    assessments = Assessment.objects.filter(organisation=organisation)
    ratings = Rating.objects.filter(assessment__organisation=organisation)
    signatures = Signature.objects.filter(assessment__organisation=organisation)
    return {
        "assessments": sorted(assessments.values_list("therapist__name", *of_assessment), key=str),
        "ratings": sorted(
            ratings.values_list(
                "assessment__created_at", "competence__code", "outcome", "level__value", "note", "rated_at"
            ),
            key=str,
        ),
        "signatures": sorted(signatures.values_list("person__name", "role", "signed_at"), key=str),
    }


def test_first_run_prints_what_it_loaded(first_run):
    assert first_run == FIRST_RUN


def test_people_have_their_roles_since_before_their_supervisions(first_run):
    roles = Membership.objects.values_list("role", flat=True)

    assert Counter(roles) == {"therapist": 6, "supervisor": 2, "lead": 1, "admin": 1}
    for supervision in Supervision.objects.all():
        for person in [supervision.therapist, supervision.supervisor]:
            assert person.memberships.get().starts_on < supervision.starts_on


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("supervisor@example.org", "Dr Helen Marsh"),
        ("supervisor2@example.org", "Dr Samuel Adeyemi"),
        ("therapist@example.org", "Amara Okafor"),
        ("therapist2@example.org", "Daniel Reyes"),
        ("lead@example.org", "Margaret Ellison"),
        ("admin@example.org", "Robert Quayle"),
    ],
)
def test_demo_account_signs_in(first_run, rf, email, name):
    person = authenticate(rf.post("/accounts/login/"), email=email, password="demo-pass-2026")

    assert person.name == name


def test_supervisions_run_between_the_named_people(first_run):
    pairs = Supervision.objects.current().values_list("supervisor__email", "therapist__email")

    assert sorted(pairs) == [
        ("supervisor2@example.org", "therapist2@example.org"),
        ("supervisor2@example.org", "therapist5@example.org"),
        ("supervisor2@example.org", "therapist6@example.org"),
        ("supervisor@example.org", "therapist3@example.org"),
        ("supervisor@example.org", "therapist4@example.org"),
        ("supervisor@example.org", "therapist@example.org"),
    ]


def test_ended_supervision_is_kept_with_its_dates(first_run):
    ended = Supervision.objects.get(ends_on__isnull=False)

    assert (ended.supervisor.name, ended.therapist.name) == ("Dr Helen Marsh", "Tomasz Nowak")
    assert timezone.localdate() - ended.ends_on == datetime.timedelta(days=400)


def test_rows_are_as_many_as_the_cast_says(first_run):
    counts = {
        model: model.objects.count() for model in [Assessment, Rating, Goal, Signature, SignedRecord, Supervision, User]
    }

    assert counts == {
        Assessment: 43,
        Rating: 2128,
        Goal: 48,
        Signature: 73,
        SignedRecord: 36,
        Supervision: 7,
        User: 10,
    }
    assert Counter(Assessment.objects.values_list("status", flat=True)) == {
        "signed_off": 36,
        "shared": 4,
        "draft": 2,
        "withdrawn": 1,
    }


def test_signed_records_form_one_chain_in_the_order_of_signing(first_run):
    chain = list(SignedRecord.objects.select_related("assessment").order_by("sequence"))

    hashes = [hashlib.sha256(record.content.encode()).hexdigest() for record in chain]
    assert [record.sequence for record in chain] == list(range(1, 37))
    assert [record.sha256 for record in chain] == hashes
    assert [record.previous_sha256 for record in chain] == ["", *hashes[:-1]]
    signed_at = [record.assessment.signed_off_at for record in chain]
    assert signed_at == sorted(signed_at)


def test_every_signed_assessment_has_the_record_that_its_rows_give_again(first_run):
    signed = Assessment.objects.filter(status="signed_off").select_related("signed_record")

    for assessment in signed:
        record = assessment.signed_record
        link = records.Link(sequence=record.sequence, previous=record.previous_sha256)
        assert record.content == records.canonical(records.build(assessment, link=link))


def test_steps_follow_one_another_and_lie_in_the_past(first_run):
    for assessment in Assessment.objects.prefetch_related("signatures", "ratings"):
        rated = [rating.rated_at for rating in assessment.ratings.all()]
        signed = [signature.signed_at for signature in assessment.signatures.all()]
        later = [assessment.shared_at, assessment.replied_at, *signed, assessment.withdrawn_at]
        steps = [assessment.created_at, max(rated), *[at for at in later if at], timezone.now()]

        assert timezone.localdate(assessment.created_at) == assessment.session_on
        assert steps == sorted(steps)
        assert assessment.signed_off_at in [None, max(signed, default=None)]


def test_assessments_are_shared_on_working_days_within_five_days(first_run):
    for shared_at, session_on in Assessment.objects.exclude(shared_at=None).values_list("shared_at", "session_on"):
        local = timezone.localtime(shared_at)

        assert local.weekday() < 5
        assert 9 <= local.hour <= 16
        assert 1 <= (local.date() - session_on).days <= 3


def test_ratings_stay_within_the_extent_and_carry_the_version_of_their_event(first_run):
    inside = Rating.objects.filter(competence__activity__assessments=F("assessment"))
    by_event = Rating.objects.filter(
        assessment__events__type=AuditEvent.Type.ASSESSMENT_LOADED, assessment__events=F("version")
    )

    assert inside.count() == 2128
    assert by_event.count() == 2128


def test_whole_extent_is_rated_except_in_drafts(first_run):
    for assessment in Assessment.objects.exclude(status="draft"):
        rateable = Competence.objects.rateable().filter(activity__assessments=assessment)
        assert assessment.ratings.given().count() == rateable.count()
    drafts = Assessment.objects.drafts().order_by("session_on")
    assert [(draft.therapist.name, draft.ratings.count()) for draft in drafts] == [
        ("Joseph Mbeki", 9),
        ("Amara Okafor", 18),
    ]


def test_explicit_ratings_are_kept(first_run):
    first = Assessment.objects.get(therapist__name="Amara Okafor", source="role_play")
    ratings = first.ratings.filter(competence__code__in=["G6.1", "G6.7", "B3.5", "B4.2"])

    assert sorted(ratings.values_list("competence__code", "outcome", "level__value", "is_priority")) == [
        ("B3.5", "level", "1", False),
        ("B4.2", "level", "2", True),
        ("G6.1", "level", "4", False),
        ("G6.7", "not_observed", None, False),
    ]


def test_other_ratings_lie_near_the_base_with_few_not_observed(first_run):
    review = Assessment.objects.filter(source="case_report", therapist__name="Priya Raman").latest("session_on")

    counts = Counter(review.ratings.filter(note="").values_list("outcome", "level__value"))

    assert max(counts, key=counts.get) == ("level", "4")
    assert 0.04 < counts["not_observed", None] / counts.total() < 0.13


def test_concern_keeps_the_note_and_what_was_agreed(first_run):
    concerns = Rating.objects.filter(is_concern=True)

    assert sorted(concerns.values_list("assessment__therapist__name", "competence__code")) == [
        ("Amara Okafor", "S2.10"),
        ("Daniel Reyes", "G11.6"),
        ("Siân Hughes", "G11.5"),
    ]
    note = concerns.get(competence__code="S2.10").note
    assert note.startswith(
        "Raised voices at home came up at 22:05 and again at 31:40, and neither was followed up.\n\n"
    )
    assert "Agreed in supervision the next day" in note


def test_not_applicable_has_its_reason(first_run):
    outside = Rating.objects.get(outcome="not_applicable")

    assert outside.competence.code == "P3.3"
    assert outside.note.startswith("Selection and individual preparation for this group")


def test_recordings_have_consent(first_run):
    recorded = Assessment.objects.filter(source="recorded")

    assert set(recorded.values_list("is_consent_confirmed", flat=True)) == {True}


def test_undecided_problem_area_is_left_blank(first_run):
    assert Assessment.objects.get(problem_area="").therapist.name == "Joseph Mbeki"


def test_withdrawn_assessment_says_why(first_run):
    withdrawn = Assessment.objects.get(status="withdrawn")

    assert withdrawn.withdrawn_reason.startswith("The recording failed after nineteen minutes")


def test_one_shared_assessment_waits_for_the_supervisor_only(first_run):
    waiting = Signature.objects.get(assessment__status="shared")

    assert (waiting.person.name, waiting.role) == ("Daniel Reyes", "therapist")


def test_goals_long_past_their_date_are_closed_in_the_next_assessment(first_run):
    closed = Goal.objects.exclude(closed_in=None)

    assert Counter(closed.values_list("status", flat=True)) == {"met": 34, "dropped": 1}
    assert not closed.filter(closed_in__session_on__lt=F("due_on")).exists()
    assert not closed.exclude(closed_in__status__in=["shared", "signed_off"]).exists()


def test_goals_of_the_last_month_are_open(first_run):
    month_ago = timezone.localdate() - datetime.timedelta(days=28)

    assert set(Goal.objects.filter(due_on__gte=month_ago).values_list("status", flat=True)) == {"open"}


def test_goals_say_who_works_on_them_and_what_came_of_them(first_run):
    dropped = Goal.objects.get(status="dropped")

    assert set(Goal.objects.values_list("owner", flat=True)) == {"therapist", "both"}
    assert dropped.result == "The therapy ended early, so that the question did not come up."


def test_texts_hold_nothing_that_looks_identifying(first_run):
    fields = ["summary", "strengths", "needs", "reply", "withdrawn_reason"]
    texts = [text for row in Assessment.objects.values_list(*fields) for text in row]
    texts += [*Rating.objects.values_list("note", flat=True), *Goal.objects.values_list("text", flat=True)]

    assert [text for text in texts if privacy.identifying(text)] == []


def test_second_run_changes_nothing(first_run):
    organisation = Organisation.objects.get()
    before = (loaded(organisation), AuditEvent.objects.count())

    said = seed("--therapists", "50", "--seed", "7")

    assert said == SECOND_RUN
    assert (loaded(organisation), AuditEvent.objects.count()) == before


def test_same_seed_gives_the_same_demo(vacated):
    said = seed()

    assert said == FIRST_RUN
    assert loaded(Organisation.objects.exclude(pk=vacated.pk).get()) == loaded(vacated)


def test_another_seed_gives_other_levels_and_the_same_texts(vacated):
    seed("--seed", "1")

    other, first = loaded(Organisation.objects.exclude(pk=vacated.pk).get()), loaded(vacated)
    assert other["ratings"] != first["ratings"]
    assert {row[-1] for row in other["assessments"]} == {row[-1] for row in first["assessments"]}


def test_added_therapists_share_the_added_assessments(vacated):
    said = seed("--therapists", "9", "--assessments", "50")

    added = User.objects.filter(name__startswith="Demo Therapist").order_by("name")
    assert said.startswith(
        "Northfield Psychological Therapies: 13 people, 10 supervisions, 50 assessments (36 signed off, 11 sh"
    )
    assert [(person.name, person.email) for person in added] == [
        ("Demo Therapist 007", "therapist007@example.org"),
        ("Demo Therapist 008", "therapist008@example.org"),
        ("Demo Therapist 009", "therapist009@example.org"),
    ]
    assert [person.supervisions.get().supervisor.email for person in added] == [
        "supervisor@example.org",
        "supervisor2@example.org",
        "supervisor@example.org",
    ]
    assert [list(person.assessments.values_list("status", flat=True)) for person in added] == [
        ["shared"] * 3,
        ["shared"] * 2,
        ["shared"] * 2,
    ]


def test_added_therapist_has_the_password_of_all(vacated):
    seed("--therapists", "7")

    assert User.objects.get(email="therapist007@example.org").check_password("demo-pass-2026")


def test_added_assessments_lie_between_the_supervision_and_today(cast):
    grown = importer.grow(cast, therapists=20, assessments=500, seed=3)

    begun = {supervision.therapist: supervision.since_days_ago for supervision in grown.supervisions}
    assert len(grown.assessments) == 500
    for assessment in grown.assessments[43:]:
        assert 18 <= assessment.days_ago < begun[assessment.therapist]
        assert assessment.base in {"2", "3", "4"}


def test_added_assessments_go_to_all_when_no_therapist_is_added(cast):
    grown = importer.grow(cast, therapists=6, assessments=49, seed=3)

    assert sorted(assessment.therapist for assessment in grown.assessments[43:]) == [
        "therapist2@example.org",
        "therapist3@example.org",
        "therapist4@example.org",
        "therapist5@example.org",
        "therapist6@example.org",
        "therapist@example.org",
    ]


def test_cast_stays_whole_when_fewer_are_asked_for(cast):
    assert importer.grow(cast, therapists=1, assessments=1, seed=3) == cast


def test_refused_outside_the_demo(first_run, settings):
    settings.IPT_DEMO = False

    with pytest.raises(
        CommandError, match=r"^Demo people have a public password, so seed_demo runs only with IPT_DEMO=1\.$"
    ):
        seed()


def test_refused_without_a_published_revision(vacated):
    FrameworkRevision.objects.update(status="retired", retired_at=timezone.now())

    with pytest.raises(
        CommandError,
        match=r"^No IPT revision is published\. Run load_framework fixtures/ipt-1\.0\.yaml --publish\.$",
    ):
        seed()


def test_refused_when_somebody_has_an_address_of_the_cast(vacated):
    User.objects.filter(email="former-lead@example.org").update(email="lead@example.org")

    with pytest.raises(CommandError, match="has an account already"):
        seed()

    assert list(Organisation.objects.all()) == [vacated]


@pytest.mark.parametrize("option", ["--therapists", "--assessments"])
@pytest.mark.parametrize("number", ["0", "-3", "many", "2.5"])
def test_refused_unless_a_whole_number_above_zero(option, number):
    with pytest.raises(CommandError, match=f"argument {option}: '{number}' is not a whole number above zero."):
        seed(f"{option}={number}")


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        ({"activities": ["G6", "B3", "B4", "Z9"]}, "Z9"),
        ({"ratings": {"S1.1": "3"}}, "S1.1"),
        ({"notes": {"S1.2": "Seen."}}, "S1.2"),
        ({"ratings": {"G6.1": "6"}}, "6"),
        ({"base": "8"}, "8"),
        ({"goals": [importer.DemoGoal(text="Read.", competences=["Z1.1"], due_in_days=7)]}, "Z1.1"),
    ],
)
def test_refused_when_the_revision_lacks_what_the_cast_names(vacated, cast, change, lacking):
    wrong = replace(cast, assessments=[replace(cast.assessments[0], **change)])

    with pytest.raises(Refused, match=rf"does not fit the demo\. It lacks {lacking}\.$"):
        action.load(cast=wrong, today=timezone.localdate(), seed=1)


def test_draft_note_without_a_level_stays_pending(vacated, cast):
    draft = replace(
        cast.assessments[0],
        state="draft",
        ratings={},
        notes={"G6.2": "To hear again."},
        priorities=[],
        goals=[],
        reply=None,
    )

    action.load(cast=replace(cast, assessments=[draft]), today=timezone.localdate(), seed=1)

    rating = Rating.objects.get(assessment__in=Assessment.objects.exclude(organisation=vacated))
    assert (rating.competence.code, rating.outcome, rating.note) == ("G6.2", "pending", "To hear again.")


def test_levels_never_leave_the_scale(vacated, cast):
    extremes = [
        replace(cast.assessments[0], base=base, ratings={}, days_ago=days) for base, days in [("1", 90), ("5", 60)]
    ]

    action.load(cast=replace(cast, assessments=extremes), today=timezone.localdate(), seed=1)

    levels = RatingLevel.objects.filter(ratings__assessment__in=Assessment.objects.exclude(organisation=vacated))
    assert set(levels.values_list("ratings__assessment__session_on", "value")) <= {
        (timezone.localdate() - datetime.timedelta(days=days), value)
        for days, values in [(90, "12"), (60, "45")]
        for value in values
    }


def test_demo_offers_three_short_forms(first_run):
    offered = queries.short_forms_offered(FrameworkRevision.objects.get(framework__slug="ipt"))

    assert [(form.name, form.competence_count) for form in offered] == [
        ("Session review", 29),
        ("Mid-case review", 91),
        ("End-of-case review", 121),
    ]


def test_second_demo_takes_the_short_forms_that_stand(vacated):
    seed()

    assert ShortForm.objects.count() == 3


def test_short_form_of_an_unknown_activity_is_refused(first_run, cast):
    form = replace(cast.short_forms[0], activities=["X9"])

    with pytest.raises(Refused, match=r"It lacks X9\.$"):
        action.load(cast=replace(cast, short_forms=[form]), today=timezone.localdate(), seed=1)


def test_one_self_assessment_is_open_and_one_waits(first_run):
    own = Assessment.objects.of_oneself().order_by("session_on")

    opened, waiting = own
    assert {row.therapist.name for row in own} == {"Amara Okafor"}
    assert (opened.pair.supervisor.name, opened.opened_at) == ("Dr Helen Marsh", opened.pair.shared_at)
    assert (waiting.pair, waiting.opened_at, waiting.source) == (None, None, "reflection")
