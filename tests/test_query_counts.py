"""Pages read in a few statements, however much they show."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions import assessments, goals
from assessments.models import Competence, Membership, RecordAccess, Role
from assessments.models.programme import CONDITIONS
from tests import factories
from tests.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

AT_MOST, AT_MOST_FOR_A_SAVE = 10, 8
FEW, MORE = 1, 3
IN_REVISION = {"slug": "ipt", "number": "1.0"}

# A programme that asks for all there is to ask for.
EVERYTHING = {
    **dict.fromkeys(["cases", "recordings_per_case", "problem_areas", "assessments"], 2),
    **dict.fromkeys(CONDITIONS, True),
}

# Who opens each page, and what it is about.
PAGES = {
    "home": ("anyone", None),
    "frameworks": ("anyone", None),
    "framework": ("anyone", {"slug": "ipt"}),
    "revision": ("anyone", IN_REVISION),
    "domain": ("anyone", IN_REVISION | {"code": "3"}),
    "activity": ("anyone", IN_REVISION | {"code": "S2"}),
    "background": ("anyone", IN_REVISION | {"key": "about-ipt"}),
    "revision-search": ("anyone", IN_REVISION),
    "framework-download": ("anyone", {"slug": "ipt", "extension": "csv"}),
    "revision-download": ("anyone", IN_REVISION | {"extension": "yaml"}),
    "domain-download": ("anyone", IN_REVISION | {"code": "3", "extension": "csv"}),
    "activity-download": ("anyone", IN_REVISION | {"code": "S2", "extension": "csv"}),
    "framework-compare": ("supervisor", {"slug": "ipt"}),
    "difference": ("supervisor", {"slug": "ipt", "older": "1.0", "newer": "1.0"}),
    "help": ("supervisor", None),
    "privacy": ("supervisor", None),
    "accessibility": ("supervisor", None),
    "therapists": ("supervisor", None),
    "therapist": ("supervisor", "therapist"),
    "therapist-accesses": ("therapist", "therapist"),
    "therapist-activity": ("supervisor", "therapist"),
    "assessments": ("supervisor", None),
    "assessment-start": ("supervisor", None),
    "assessment-import": ("supervisor", None),
    "assessment-import-template": ("supervisor", None),
    "assessment-import-preview": ("supervisor", "form_import"),
    "assessment": ("lead", "shared"),
    "assessment-history": ("lead", "shared"),
    "assessment-comparison": ("lead", "own"),
    "self-assessment-start": ("therapist", None),
    "second-rating-comparison": ("lead", "second"),
    "cohort-agreement": ("lead", None),
    "assessment-context": ("supervisor", "draft"),
    "assessment-rate": ("supervisor", "draft"),
    "assessment-check": ("supervisor", "draft"),
    "goal-new": ("supervisor", "draft"),
    "goal": ("supervisor", "draft"),
    "assessment-share": ("supervisor", "draft"),
    "assessment-take-back": ("supervisor", "shared"),
    "assessment-withdraw": ("supervisor", "draft"),
    "assessment-hand-over": ("supervisor", "draft"),
    "assessment-reply": ("therapist", "shared"),
    "assessment-sign-off": ("therapist", "shared"),
    "report-bundles": ("lead", None),
    "report-bundle": ("lead", "bundle"),
    "people": ("admin", None),
    "person-new": ("admin", None),
    "person": ("admin", "therapist"),
    "scales": ("admin", None),
    "scale-new": ("admin", None),
    "scale": ("admin", "scale"),
    "short-forms": ("admin", None),
    "short-form-new": ("admin", None),
    "short-form": ("admin", "short_form"),
    "programmes": ("admin", None),
    "programme-new": ("admin", None),
    "programme": ("admin", "programme"),
    "notices": ("supervisor", None),
    "account_login": ("anyone", None),
    "account_logout": ("supervisor", None),
    "account_reauthenticate": ("supervisor", None),
    "account_change_password": ("supervisor", None),
    "account_reset_password": ("anyone", None),
}


def statements(client, url):
    """How many statements a page takes that was opened before, so that today's access is noted already."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == 200
    return len(queries)


def at_work(person):
    """Signed in a moment ago; the first request after that notes when the session began."""
    client = signed_in(person)
    client.get("/help/")
    return client


@pytest.fixture
def begun(supervisor, draft, shared):
    """A draft with a rating that has a previous one, a concern and a goal."""
    factories.rate(draft, "S2.1", 3, note="Named it.", is_concern=True)
    goals.save(by=supervisor, assessment=draft, text="Ask alone", due_on=None, competences=[])
    return draft


@pytest.fixture
def scale(revision):
    return revision.scale


@pytest.fixture
def bundle(lead, northfield, revision, therapist):
    return factories.make_bundle(lead, northfield, revision)


@pytest.fixture
def short_form(admin, revision):
    return factories.make_short_form(admin, revision)


@pytest.fixture
def own(supervisor, therapist, revision):
    """A self-assessment that is open, beside the supervisor's."""
    own, _ = factories.make_pair(supervisor, therapist, revision)
    return own


@pytest.fixture
def second(supervisor, therapist, other_supervisor, revision):
    """A second rating that is open, beside the first."""
    return factories.make_rated_twice(supervisor, therapist, other_supervisor, revision)[1]


@pytest.fixture
def programme(admin, northfield):
    return factories.make_programme(admin, northfield, **EVERYTHING)


@pytest.fixture
def form_import(supervisor, therapist, revision):
    return factories.make_form_import(supervisor, therapist, revision)


def page_url(request, name, about):
    begun, shared = request.getfixturevalue("begun"), request.getfixturevalue("shared")
    if name == "assessment-import-template":
        return f"{reverse(name)}?revision={begun.revision_id}"
    if about in ["scale", "short_form", "form_import", "own", "programme", "second", "bundle"]:
        return reverse(name, args=[request.getfixturevalue(about).pk])
    if about is None or isinstance(about, dict):
        return reverse(name, kwargs=about)
    if about == "therapist":
        return reverse(name, args=[begun.therapist_id, *(["S2"] if name == "therapist-activity" else [])])
    kwargs = {"pk": begun.pk if about == "draft" else shared.pk}
    kwargs |= {"code": "S2"} if name == "assessment-rate" else {}
    kwargs |= {"goal_pk": begun.goals.get().pk} if name == "goal" else {}
    return reverse(name, kwargs=kwargs)


@pytest.mark.parametrize("name", PAGES)
def test_page_takes_at_most_ten_statements(request, begun, shared, name):
    who, about = PAGES[name]
    client = Client() if who == "anyone" else at_work(request.getfixturevalue(who))
    url = page_url(request, name, about)

    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)

    assert (response.status_code, len(queries) <= AT_MOST) == (200, True), len(queries)


def test_saving_a_rating_takes_at_most_eight_statements(supervisor, draft):
    client = at_work(supervisor)
    url = reverse("rating-save", args=[draft.pk, "S2.1"])
    data = {"key": uuid4(), "version": "0", "answer": "3", "note": "Named it."}

    with CaptureQueriesContext(connection) as queries:
        response = client.post(url, data)

    assert (response.status_code, len(queries) <= AT_MOST_FOR_A_SAVE) == (200, True), len(queries)


def test_changing_a_rating_takes_at_most_eight_statements(supervisor, draft):
    client = at_work(supervisor)
    version = factories.rate(draft, "S2.1", 3)
    data = {"key": uuid4(), "version": version, "answer": "4"}

    with CaptureQueriesContext(connection) as queries:
        response = client.post(reverse("rating-save", args=[draft.pk, "S2.1"]), data)

    assert (response.status_code, len(queries) <= AT_MOST_FOR_A_SAVE) == (200, True), len(queries)


class Lists:
    """Each method adds one more of what a list page shows."""

    def __init__(self, request):
        self.fixture = request.getfixturevalue
        self.supervisor, self.therapist = self.fixture("supervisor"), self.fixture("therapist")
        self.revision, self.northfield = self.fixture("revision"), self.fixture("northfield")
        self.people = (self.supervisor, self.therapist, self.revision)

    def therapist_with_assessment(self, number):
        person = factories.make_person(f"Therapist {number}", Role.THERAPIST, self.northfield)
        factories.make_supervision(person, self.supervisor, self.northfield)
        factories.make_shared(self.supervisor, person, self.revision)

    def shared(self, number):
        return factories.make_shared(*self.people)

    def signed(self, number):
        return factories.make_signed(*self.people)

    def draft(self, number):
        return factories.make_draft(*self.people)

    def begun_draft(self, number):
        factories.rate(self.draft(number), "S2.1", 3)

    def reply(self, number):
        assessments.reply(by=self.therapist, assessment=self.shared(number), agreement="agree", text="")

    def signature(self, number):
        assessments.sign_off(by=self.therapist, assessment=self.shared(number))

    def person(self, number):
        factories.make_person(f"Person {number}", Role.SUPERVISOR, self.northfield)

    def role(self, number):
        role = [Role.LEAD, Role.ADMIN, Role.SUPERVISOR][number]
        Membership.objects.create(
            user=self.therapist, organisation=self.northfield, role=role, starts_on=factories.LONG_AGO
        )

    def supervision(self, number):
        person = factories.make_person(f"Supervisor {number}", Role.SUPERVISOR, self.northfield)
        factories.make_supervision(self.therapist, person, self.northfield)

    def supervised(self, number):
        person = factories.make_person(f"Therapist {number}", Role.THERAPIST, self.northfield)
        factories.make_supervision(person, self.supervisor, self.northfield)

    def access(self, number):
        shared, lead = self.shared(number), self.fixture("lead")
        day = factories.days_ago(number)
        RecordAccess.objects.create(therapist=self.therapist, by=lead, opened="assessment", assessment=shared, on=day)

    def framework(self, number):
        factories.make_revision(framework=f"small-{number}")

    def edition(self, number):
        factories.make_revision(number=f"1.{number}")

    def scale(self, number):
        factories.make_revision(number=f"1.{number}", scale=factories.make_scale_data(key=f"scale-{number}"))

    def use_of_a_scale(self, number):
        factories.make_revision(number=f"1.{number}")

    def short_form(self, number):
        factories.make_short_form(self.fixture("admin"), self.revision, name=f"Form {number}")

    def short_form_of_another_revision(self, number):
        revision = factories.make_revision(number=f"1.{number}")
        factories.make_short_form(self.fixture("admin"), revision, codes="A1")

    def draft_from_a_form(self, number):
        form = factories.make_short_form(self.fixture("admin"), self.revision, name=f"Form {number}")
        assessments.start(
            by=self.supervisor,
            therapist=self.therapist,
            revision=self.revision,
            short_form=form,
            context=factories.make_context(),
        )

    def programme(self, number):
        factories.make_programme(self.fixture("admin"), self.northfield, name=f"Programme {number}")

    def named_programme(self, number):
        factories.make_person(f"Therapist {number}", Role.THERAPIST, self.northfield, programme=f"Year {number}")

    def case_in_a_programme(self, number):
        """Another case and problem area; a concern that is raised, taken up again, and raised about more."""
        if not number:
            factories.make_programme(self.fixture("admin"), self.northfield, **EVERYTHING)
        area = ["grief", "dispute", "transition"][number]
        day = factories.days_ago(20 - number)
        draft = factories.make_draft(*self.people, session_on=day, case_number=number + 1, problem_area=area)
        for code in ["S2.1", "S7.1"][: number + 1]:
            factories.rate(draft, code, 3, note="Passed over it.", is_concern=number != 1)
        assessments.share(by=self.supervisor, assessment=draft)

    def form_import(self, number):
        factories.make_form_import(*self.people, case_number=str(number + 1))

    def goal(self, number):
        tied = Competence.objects.filter(revision=self.revision, code__in=["S2.1", "S7.1"])
        draft = self.fixture("draft")
        goals.save(by=self.supervisor, assessment=draft, text="Ask alone", due_on=None, competences=tied)

    def shared_goal(self, number):
        draft = self.draft(number)
        factories.rate(draft, "S2.1", 3)
        tied = Competence.objects.filter(revision=self.revision, code__in=["S2.1", "S7.1"])
        goals.save(by=self.supervisor, assessment=draft, text="Ask alone", due_on=None, competences=tied)
        assessments.share(by=self.supervisor, assessment=draft)

    def goal_from_before(self, number):
        tied = Competence.objects.filter(revision=self.revision, code__in=["S2.2", "S7.1"])
        factories.make_agreed(*self.people, competences=tied)

    def flagged(self, number):
        draft = factories.make_draft(*self.people)
        factories.rate(draft, f"S2.{number + 3}", 2, note="Passed over it.", is_concern=True)
        assessments.share(by=self.supervisor, assessment=draft)

    def rating(self, number):
        factories.rate(self.fixture("draft"), f"S2.{number + 1}", 3, note="Named it.", is_concern=True)

    def case(self, number):
        factories.make_draft(*self.people, case_number=number + 1)

    def waiting_self(self, number):
        factories.make_self_shared(*self.people[1:])

    def self_draft(self, number):
        factories.make_asked(*self.people)

    def opened_pair(self, number):
        factories.make_pair(*self.people)

    def jump(self, number):
        factories.make_rated(*self.people, {f"S2.{number + 1}": 2}, days=30)
        factories.rate(self.fixture("draft"), f"S2.{number + 1}", 4)

    def rating_with_previous(self, number):
        factories.make_rated(*self.people, {f"S2.{number + 1}": 2}, days=30)
        self.rating(number)


# The page, who opens it, what it is about, and what there is more of.
GROWING = [
    ("therapists", "supervisor", None, "therapist_with_assessment"),
    ("therapists", "lead", None, "therapist_with_assessment"),
    ("therapists", "supervisor", None, "draft"),
    ("therapists", "supervisor", None, "begun_draft"),
    ("therapists", "supervisor", None, "reply"),
    ("therapists", "supervisor", None, "signature"),
    ("therapist", "therapist", "therapist", "shared"),
    ("therapist", "supervisor", "therapist", "signed"),
    ("therapist", "therapist", "therapist", "shared_goal"),
    ("therapist-report", "supervisor", "therapist", "signed"),
    ("therapist-report", "therapist", "therapist", "shared_goal"),
    ("therapists", "supervisor", None, "waiting_self"),
    ("assessment-start", "supervisor", None, "waiting_self"),
    ("therapist", "therapist", "therapist", "self_draft"),
    ("therapist", "supervisor", "therapist", "opened_pair"),
    ("assessments", "therapist", None, "opened_pair"),
    ("therapist-agenda", "supervisor", "therapist", "opened_pair"),
    ("therapist-accesses", "therapist", "therapist", "access"),
    ("therapist-agenda", "supervisor", "therapist", "goal_from_before"),
    ("therapist-agenda", "therapist", "therapist", "flagged"),
    ("assessment", "supervisor", "draft", "goal_from_before"),
    ("assessment-check", "supervisor", "draft", "goal_from_before"),
    ("goal-new", "supervisor", "draft", "rating"),
    ("assessments", "supervisor", None, "signed"),
    ("assessments", "lead", None, "draft"),
    ("assessments", "therapist", None, "shared"),
    ("assessment-start", "supervisor", None, "supervised"),
    ("assessment-history", "supervisor", "draft", "rating"),
    ("assessment-history", "supervisor", "draft", "goal"),
    ("assessment-check", "supervisor", "draft", "rating"),
    ("assessment-check", "supervisor", "draft", "goal"),
    ("assessment-check", "supervisor", "draft", "jump"),
    ("assessment-share", "supervisor", "draft", "rating"),
    ("assessment-share", "supervisor", "draft", "goal"),
    ("assessment-rate", "supervisor", "draft", "rating"),
    ("assessment-rate", "supervisor", "draft", "rating_with_previous"),
    ("assessment-hand-over", "supervisor", "draft", "supervision"),
    ("assessment", "supervisor", "draft", "rating"),
    ("people", "admin", None, "person"),
    ("people", "admin", None, "role"),
    ("person", "admin", "therapist", "role"),
    ("person", "admin", "therapist", "supervision"),
    ("person", "admin", "supervisor", "supervised"),
    ("assessments", "supervisor", None, "draft_from_a_form"),
    ("assessment-start", "supervisor", None, "short_form"),
    ("assessment-import", "supervisor", None, "supervised"),
    ("assessment-import", "supervisor", None, "form_import"),
    ("assessment-import", "supervisor", None, "edition"),
    ("scales", "admin", None, "scale"),
    ("scales", "admin", None, "use_of_a_scale"),
    ("short-forms", "admin", None, "short_form"),
    ("short-forms", "admin", None, "short_form_of_another_revision"),
    ("short-forms", "admin", None, "draft_from_a_form"),
    ("programmes", "admin", None, "programme"),
    ("programmes", "admin", None, "named_programme"),
    ("therapist-requirements", "therapist", "therapist", "case_in_a_programme"),
    ("therapist-requirements", "supervisor", "therapist", "signed"),
    ("frameworks", "supervisor", None, "framework"),
    ("frameworks", "supervisor", None, "edition"),
]


@pytest.mark.parametrize("name", ["therapist-agenda", "therapist-requirements"])
def test_page_beside_the_profile_takes_at_most_twelve_statements(begun, shared, programme, name):
    client = at_work(begun.supervisor)

    with CaptureQueriesContext(connection) as queries:
        client.get(reverse(name, args=[begun.therapist_id]))

    assert len(queries) <= 12


@pytest.mark.parametrize(("name", "who", "about", "more"), GROWING)
def test_list_takes_as_many_statements_for_three_as_for_one(request, name, who, about, more):
    lists = Lists(request)
    client = signed_in(request.getfixturevalue(who))
    kwargs = {"pk": request.getfixturevalue(about).pk} if about else {}
    url = reverse(name, kwargs=kwargs | ({"code": "S2"} if name == "assessment-rate" else {}))
    counted = []

    for number in range(MORE):
        getattr(lists, more)(number)
        counted.append(statements(client, url))

    assert counted[FEW - 1] == counted[MORE - 1]


def test_start_takes_as_many_statements_for_three_cases_as_for_one(request, supervisor, therapist):
    lists, counted = Lists(request), []

    for number in range(MORE):
        lists.case(number)
        counted.append(statements(signed_in(supervisor), f"{reverse('assessment-start')}?therapist={therapist.pk}"))

    assert counted[FEW - 1] == counted[MORE - 1]
    assert counted[0] <= AT_MOST


@pytest.mark.parametrize(
    ("few", "many"),
    [
        ("small/1.0/activities/A1a/", "ipt/1.0/activities/S2/"),
        ("small/1.0/domains/A/", "ipt/1.0/domains/3/"),
        ("small/1.0/", "ipt/1.0/"),
        ("small/1.0/?q=listen", "ipt/1.0/?q=ability"),
    ],
)
def test_framework_page_takes_as_many_statements_for_many_as_for_few(few, many):
    factories.make_revision()
    client = Client()

    counted = [statements(client, f"/frameworks/{place}") for place in [few, many]]

    assert counted[0] == counted[1]


@pytest.mark.parametrize("name", ["assessment", "assessment-sign-off"])
def test_reading_takes_as_many_statements_for_many_ratings_as_for_few(supervisor, therapist, revision, name):
    few = factories.make_rated(supervisor, therapist, revision, {"S2.1": 3})
    many = factories.make_rated(supervisor, therapist, revision, {f"S2.{number}": 3 for number in range(1, 11)})
    client = signed_in(therapist)

    counted = [statements(client, reverse(name, args=[assessment.pk])) for assessment in [few, many]]

    assert counted[0] == counted[1]


def test_saving_a_page_takes_no_statement_more_for_what_is_not_answered(supervisor, draft):
    client = at_work(supervisor)
    url = reverse("assessment-rate", args=[draft.pk, "S2"])
    empty = {f"version-S2.{number}": "0" for number in range(1, 11)}
    counted = []

    for code, blank in [("S2.1", {}), ("S2.2", empty)]:
        with CaptureQueriesContext(connection) as queries:
            client.post(url, blank | {f"version-{code}": "0", f"answer-{code}": "3"})
        counted.append(len(queries))

    assert counted[0] == counted[1]
