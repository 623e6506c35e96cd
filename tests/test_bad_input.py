"""Every form and the save endpoint against input that no page of ours sends.

The answer is always a sentence: never a fault, never half a row.
"""

import json
import re
from itertools import chain
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions import assessments, goals
from assessments.models import Activity, Assessment, Competence, Domain, Goal, Membership, Role, Supervision, User
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

NOBODY = "01900000-0000-7000-8000-000000000000"
SCRIPT = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>&amp;"
HUGE = "9" * 400
JSON = {"Accept": "application/json"}

# Every form: who posts it, and about which assessment.
FORMS = {
    "assessment-start": ("supervisor", None),
    "assessment-context": ("supervisor", "draft"),
    "assessment-check": ("supervisor", "draft"),
    "goal-new": ("supervisor", "draft"),
    "assessment-take-back": ("supervisor", "shared"),
    "assessment-withdraw": ("supervisor", "draft"),
    "assessment-hand-over": ("supervisor", "draft"),
    "assessment-reply": ("therapist", "shared"),
    "assessment-sign-off": ("supervisor", "shared"),
    "person-new": ("admin", None),
    "person": ("admin", None),
    "membership-start": ("admin", None),
    "membership-end": ("admin", None),
    "supervision-start": ("admin", None),
    "supervision-end": ("admin", None),
}
NOTHING_IS_COMPULSORY = {"assessment-check"}
TEXTS = [
    ("assessment-check", "summary"),
    ("assessment-check", "strengths"),
    ("assessment-check", "needs"),
    ("goal-new", "text"),
    ("goal-new", "codes"),
    ("assessment-take-back", "reason"),
    ("assessment-withdraw", "reason"),
    ("assessment-hand-over", "reason"),
    ("assessment-reply", "text"),
    ("assessment-sign-off", "password"),
    ("person-new", "name"),
    ("person-new", "email"),
    ("person-new", "profession"),
    ("person-new", "programme"),
    ("person", "name"),
    ("person", "profession"),
    ("membership-start", "membership-programme"),
]
DATES = [
    ("assessment-start", "session_on"),
    ("assessment-context", "session_on"),
    ("goal-new", "due_on"),
    ("person-new", "starts_on"),
    ("membership-start", "membership-starts_on"),
    ("membership-end", "ends_on"),
    ("supervision-start", "supervision-starts_on"),
    ("supervision-end", "ends_on"),
]
NUMBERS = ["case_number", "session_number", "planned_total", "minutes_reviewed"]
CHOICES = [
    ("assessment-start", "therapist"),
    ("assessment-start", "source"),
    ("assessment-start", "phase"),
    ("assessment-start", "problem_area"),
    ("assessment-start", "format"),
    ("assessment-start", "selected_by"),
    ("assessment-start", "difficulty"),
    ("assessment-start", "extent"),
    ("assessment-start", "domains"),
    ("assessment-start", "activities"),
    ("assessment-hand-over", "to"),
    ("assessment-reply", "agreement"),
    ("person-new", "organisation"),
    ("person-new", "role"),
    ("membership-start", "membership-organisation"),
    ("membership-start", "membership-role"),
    ("supervision-start", "supervision-organisation"),
    ("supervision-start", "supervision-supervisor"),
]
EXTRA = {
    "is_signed": "1",
    "is_draft": "",
    "status": "signed_off",
    "supervisor": NOBODY,
    "supervisor_id": NOBODY,
    "therapist_id": NOBODY,
    "organisation_id": NOBODY,
    "revision": "1",
    "scale": "1",
    "shared_at": "2026-01-05",
    "signed_off_at": "2026-01-05",
    "withdrawn_at": "2026-01-05",
    "created_at": "2001-01-01",
    "replied_at": "2001-01-01",
    "rated_by": NOBODY,
    "by": NOBODY,
    "id": NOBODY,
    "pk": NOBODY,
    "is_staff": "1",
    "is_superuser": "1",
    "user_permissions": "1",
    "groups": "1",
    "date_joined": "2001-01-01",
}


class Post:
    """A form of `FORMS` with what a person who may send it would send."""

    def __init__(self, request, name):
        self._fixture = request.getfixturevalue
        self.name = name
        who, about = FORMS[name]
        self.therapist = self._fixture("therapist")
        self.client = signed_in(self._fixture(who))
        self.assessment = self._fixture(about) if about else None
        self.url = reverse(name, kwargs=self._kwargs())
        self.data = self._data()

    def send(self, **changes):
        return self.client.post(self.url, self.data | changes)

    def _kwargs(self):
        if self.assessment:
            return {"pk": self.assessment.pk}
        if self.name in {"assessment-start", "person-new"}:
            return {}
        kwargs = {"pk": self.therapist.pk}
        if self.name == "membership-end":
            kwargs["membership_pk"] = self.therapist.memberships.get().pk
        if self.name == "supervision-end":
            kwargs["supervision_pk"] = self.therapist.supervisions.get().pk
        return kwargs

    def _data(self):
        today = timezone.localdate().isoformat()
        context = {**factories.make_context(), "extent": "whole"}
        northfield = str(self._fixture("northfield").pk)
        return {
            "assessment-start": context | {"therapist": self.therapist.pk},
            "assessment-context": context,
            "assessment-check": {"summary": "A steady session."},
            "goal-new": {"text": "Stay with silence"},
            "assessment-take-back": {"reason": "A wrong level."},
            "assessment-withdraw": {"reason": "The wrong session."},
            "assessment-hand-over": {"to": self._successor, "reason": "I am leaving."},
            "assessment-reply": {"agreement": "agree"},
            "assessment-sign-off": {"password": factories.PASSWORD},
            "person-new": {
                "name": "Nadia Stone",
                "email": "nadia@example.org",
                "organisation": northfield,
                "role": "therapist",
                "starts_on": today,
            },
            "person": {"name": "Amara Okafor", "is_active": "on"},
            "membership-start": {
                "membership-organisation": northfield,
                "membership-role": "lead",
                "membership-starts_on": today,
            },
            "membership-end": {"ends_on": today},
            "supervision-start": {
                "supervision-organisation": northfield,
                "supervision-supervisor": self._fixture("other_supervisor").pk,
                "supervision-starts_on": today,
            },
            "supervision-end": {"ends_on": today},
        }[self.name]

    @property
    def _successor(self):
        person = self._fixture("other_supervisor")
        if self.name == "assessment-hand-over":
            factories.make_supervision(self.therapist, person, self._fixture("northfield"))
        return person.pk


@pytest.fixture
def post(request):
    return lambda name: Post(request, name)


@pytest.fixture
def client(supervisor):
    return signed_in(supervisor)


def rows():
    """Everything stored, apart from sessions."""
    models = apps.get_app_config("assessments").get_models(include_auto_created=True)
    return {model._meta.label: sorted(model._base_manager.values_list(), key=str) for model in models}


def is_refused(response):
    """A page that says what is wrong with the form that was sent."""
    said = re.findall(
        r'<(?:p class="err"|li)[^>]*>(?:<[^>]+>[^<]*</[^>]+>|<a [^>]+>)?\s*([A-Z“][^<]+\.)', response.text
    )
    return response.status_code == 200 and "There is a problem" in response.text and bool(said)


def save(client, assessment, code="S2.1", **changes):
    data = {"key": str(uuid4()), "version": "0", "answer": "3", **changes}
    return client.post(f"/assessments/{assessment.pk}/ratings/{quote(code)}/", data, headers=JSON)


# Forms that other files try.
ELSEWHERE = {
    "test_bad_framework_input.py": ["manage-frameworks", "framework-import", "framework-import-discard"],
    "test_closing.py": ["assessment-close", "organisation"],
    "test_reopening.py": ["assessment-reopen"],
    "test_second_ratings.py": ["second-rating-ask", "second-rating-call-off"],
    "test_rater_links.py": ["rater-ask", "rater-send", "rater-extend", "rater-end", "rater-link", "rater-code"],
    "test_views_bundles.py": [
        "report-bundles",
        "report-bundle-cancel",
        "report-bundle-again",
        "report-bundle-download",
    ],
    "test_views_revisions.py": ["revision-step", "revision-mapping"],
    "test_views_drafts.py": ["node-edit", "node-move"],
    "test_views_scales.py": ["scale-new", "scale", "scale-version"],
    "test_self_assessments.py": ["self-assessment-start", "self-assessment-ask", "self-assessment-show"],
    "test_views_accounts.py": ["page-keys"],
    "test_views_notices.py": ["notices"],
    "test_views_archives.py": ["therapist-archive"],
    "test_cohort_pdf.py": ["cohort-report"],
    "test_views_cohort.py": ["cohort-download"],
    "test_views_form_imports.py": ["assessment-import", "assessment-import-preview", "assessment-import-discard"],
    "test_views_goals.py": ["goal-result"],
    "test_views_outbox.py": ["outbox"],
    "test_views_programmes.py": ["programme-new", "programme", "programme-retire"],
    "test_views_short_forms.py": ["short-form-new", "short-form", "short-form-retire"],
}


def test_every_form_is_tried_here_or_elsewhere():
    posted = {"assessment-rate", "rating-save", "assessment-share", "goal", *FORMS, *chain(*ELSEWHERE.values())}

    from tests.test_access_matrix import rows as urls  # noqa: PLC0415  only here

    assert posted == {url for url, _, _ in urls("POST")}


@pytest.mark.parametrize("name", FORMS)
def test_form_as_its_page_sends_it_is_taken(post, name):
    assert post(name).send().status_code == 302


# missing


@pytest.mark.parametrize("name", sorted(FORMS.keys() - NOTHING_IS_COMPULSORY))
def test_form_without_its_fields_is_refused(post, name):
    form = post(name)
    before = rows()

    response = form.client.post(form.url, {"unknown": "1"})

    assert (is_refused(response), rows() == before) == (True, True)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"reason": "x"}', "application/json"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
    ],
)
def test_form_of_another_kind_changes_nothing(post, name, body, kind):
    form = post(name)
    before = rows()

    response = form.client.generic("POST", form.url, body, content_type=kind)

    assert response.status_code in ([200, 302, 400] if name in NOTHING_IS_COMPULSORY else [200, 400])
    assert rows() == before


def test_form_with_too_many_fields_is_refused(post):
    form = post("assessment-check")

    response = form.send(**{f"x{number}": "1" for number in range(1001)})

    assert (response.status_code, "That request could not be read" in words(response)) == (400, True)


def test_form_that_is_too_large_is_refused(post):
    form = post("assessment-check")

    response = form.client.post(
        form.url, "summary=" + "a" * (1024 * 1024 + 1), content_type="application/x-www-form-urlencoded"
    )

    assert (response.status_code, "That request could not be read" in words(response)) == (400, True)


# more than was asked for


@pytest.mark.parametrize("name", FORMS)
def test_form_with_extra_keys_does_no_more_than_without(post, name):
    form = post(name)
    prefix = name.partition("-")[0] + "-" if name.endswith("-start") and name != "assessment-start" else ""
    extra = {f"{prefix}{key}": value for key, value in EXTRA.items() if f"{prefix}{key}" not in form.data}
    protected = ["status", "supervisor_id", "organisation_id", "revision_id", "scale_id", "created_at", "therapist_id"]
    before = list(Assessment.objects.values_list(*protected[2:]))
    people = list(User.objects.order_by("pk").values_list("pk", "email", "password", "created_at"))

    response = form.send(**extra)

    assert response.status_code == 302
    assert [row for row in before if row not in Assessment.objects.values_list(*protected[2:])] == []
    assert [row for row in people if row not in User.objects.values_list("pk", "email", "password", "created_at")] == []
    assert not Assessment.objects.filter(status="signed_off").exists()


@pytest.mark.parametrize("name", ["assessment-start", "assessment-context", "assessment-check", "goal-new"])
def test_form_with_extra_keys_leaves_the_assessment_with_its_author(post, supervisor, name):
    extra = {key: value for key, value in EXTRA.items() if key not in {"id", "pk"}}

    post(name).send(**extra)

    assessment = Assessment.objects.get()
    assert (assessment.supervisor, assessment.status, assessment.shared_at) == (supervisor, "draft", None)


def test_save_with_extra_keys_stores_the_answer_alone(client, draft, supervisor):
    response = save(client, draft, **EXTRA, outcome="not_observed", level="1", position="5", competence="S2.2")

    rating = draft.ratings.get()
    assert response.status_code == 200
    assert (rating.competence.code, rating.level.position, rating.rated_by) == ("S2.1", 3, supervisor)


def test_field_given_twice_counts_once(client, draft):
    client.post(f"/assessments/{draft.pk}/check/", {"summary": ["First.", "Second."]})

    draft.refresh_from_db()
    assert draft.summary == "Second."


# text


@pytest.mark.parametrize(("name", "field"), TEXTS)
@pytest.mark.parametrize("value", ["a\x00b", "a\x07b", "a" * 50_000], ids=["nul", "control", "long"])
def test_text_that_cannot_be_kept_is_refused(post, name, field, value):
    form = post(name)
    before = rows()

    response = form.send(**{field: value})

    assert (is_refused(response), rows() == before) == (True, True)


@pytest.mark.parametrize(("name", "field"), TEXTS)
def test_text_of_half_a_letter_is_kept_readable(post, name, field):
    form = post(name)
    others = "&".join(f"{key}={quote(str(value))}" for key, value in form.data.items() if key != field)

    response = form.client.generic(
        "POST", form.url, f"{others}&{field}=a%ED%A0%80b", content_type="application/x-www-form-urlencoded"
    )

    assert response.status_code == 302 or is_refused(response)


@pytest.mark.parametrize(("name", "field"), TEXTS)
def test_text_of_spaces_is_as_good_as_none(post, name, field):
    form = post(name)

    response = form.send(**{field: " \t\r\n "})

    assert response.status_code == 302 or is_refused(response)


@pytest.mark.parametrize("value", ["a\x00b", "a\x07b", "a" * 50_000, "a\x7f"], ids=["nul", "control", "long", "delete"])
def test_note_that_cannot_be_kept_is_refused(client, draft, value):
    response = save(client, draft, note=value)

    assert (response.status_code, draft.ratings.count()) == (422, 0)
    assert re.fullmatch(r"[A-Z].+\.", response.json()["message"])


def test_note_keeps_what_is_merely_unusual(client, draft):
    note = "Tab\there, \u202eright to left\u202c, 😀, e\u0301, \u200b, \uff1cb\uff1e"

    save(client, draft, note=note)

    assert draft.ratings.get().note == note


# days


@pytest.mark.parametrize(("name", "field"), DATES)
@pytest.mark.parametrize(
    "value",
    ["0001-01-01", "1899-12-31", "9999-12-31", "31/02/2026", "2026-13-01", "0000-00-00", "10000-01-01", "zzz", "1e9"],
)
def test_day_that_makes_no_sense_is_refused(post, name, field, value):
    form = post(name)
    before = rows()

    response = form.send(**{field: value})

    assert (is_refused(response), rows() == before) == (True, True)


@pytest.mark.parametrize(("name", "field"), DATES)
def test_day_with_a_nul_is_refused(post, name, field):
    assert is_refused(post(name).send(**{field: "2026-01-05\x00"}))


# numbers


@pytest.mark.parametrize("field", NUMBERS)
@pytest.mark.parametrize("value", ["0", "-1", "601", HUGE, "1.5", "NaN", "1e2", "²", "0x1", "\x00"])
def test_number_that_makes_no_sense_is_refused(post, field, value):
    form = post("assessment-context")
    before = rows()

    response = form.send(**{field: value})

    assert (is_refused(response), rows() == before) == (True, True)


@pytest.mark.parametrize("value", ["-1", "x", "", "1.5", "9" * 5000, "\x00"])
def test_save_on_a_version_that_makes_no_sense_is_refused(client, draft, value):
    response = save(client, draft, version=value)

    assert (response.status_code, draft.ratings.count()) == (422, 0)


def test_save_on_a_version_that_never_was_conflicts(client, draft):
    response = save(client, draft, version=HUGE)

    assert (response.status_code, draft.ratings.count()) == (409, 0)


# choices


@pytest.mark.parametrize(("name", "field"), CHOICES)
@pytest.mark.parametrize("value", ["nonsense", NOBODY, HUGE, "-1", "a\x00b", "' OR 1=1 --", "[]", "None"])
def test_choice_that_is_not_offered_is_refused(post, name, field, value):
    form = post(name)
    before = rows()

    response = form.send(**{field: value})

    assert (is_refused(response), rows() == before) == (True, True)


@pytest.mark.parametrize(("field", "model"), [("activities", Activity), ("domains", Domain)])
def test_extent_of_another_revision_is_refused(post, field, model):
    foreign = model.objects.filter(revision=factories.make_revision()).first()
    form = post("assessment-context")

    response = form.send(extent="chosen", **{field: foreign.pk})

    assert is_refused(response)


def test_hand_over_to_oneself_is_refused(post, supervisor):
    assert is_refused(post("assessment-hand-over").send(to=supervisor.pk))


def test_goal_for_a_competence_of_another_revision_is_refused(post):
    factories.make_revision()

    response = post("goal-new").send(codes="A1.1")

    assert (is_refused(response), Goal.objects.count()) == (True, 0)


@pytest.mark.parametrize("value", ["0", "6", "7", "8", "9", "00", "03", " ", "level", "cleared", "a\x00", HUGE])
def test_save_of_a_level_that_is_not_offered_is_refused(client, draft, value):
    response = save(client, draft, answer=value)

    assert (response.status_code, draft.ratings.count()) == (422, 0)
    assert re.fullmatch(r"[A-Z].+\.", response.json()["message"])


@pytest.mark.parametrize("value", ["x", "1", "01900000-0000-7000-8000", "\x00"])
def test_save_with_a_malformed_key_is_refused(client, draft, value):
    response = save(client, draft, key=value)

    assert (response.status_code, draft.ratings.count()) == (422, 0)


def test_save_with_the_key_of_another_change_is_refused(client, draft):
    key = str(uuid4())
    save(client, draft, key=key)

    response = save(client, draft, code="S2.2", key=key)

    assert (response.status_code, draft.ratings.count()) == (422, 1)


def test_save_with_the_key_of_somebody_else_tells_nothing(client, draft, other_supervisor, other_therapist, revision):
    key = str(uuid4())
    theirs = factories.make_draft(other_supervisor, other_therapist, revision)
    save(signed_in(other_supervisor), theirs, key=key, note="Theirs.")

    response = save(client, draft, key=key)

    assert (response.status_code, "Theirs." in response.text) == (422, False)


def test_save_without_anything_is_refused(client, draft):
    response = client.post(f"/assessments/{draft.pk}/ratings/S2.1/", headers=JSON)

    assert response.status_code == 422


def test_save_of_a_json_body_is_refused(client, draft):
    url = f"/assessments/{draft.pk}/ratings/S2.1/"

    response = client.post(
        url, json.dumps({"version": 0, "answer": "3"}), content_type="application/json", headers=JSON
    )

    assert (response.status_code, draft.ratings.count()) == (422, 0)


@pytest.mark.parametrize("code", ["S2.2.a", "S3.1", "A1.1", "S2", "x" * 5000, "a\x00b", "' OR 1=1 --", "../S2.1", "é"])
def test_save_of_what_cannot_be_rated_here_is_missing(client, draft, code):
    factories.make_revision()

    response = save(client, draft, code=code)

    assert (response.status_code, draft.ratings.count()) == (404, 0)


def test_form_for_sub_points_and_foreign_codes_stores_nothing(client, draft):
    factories.make_revision()
    data = {
        f"{part}-{code}": value
        for code in ["S2.2.a", "S7.1", "A1.1"]
        for part, value in [("version", "0"), ("answer", "3")]
    }

    client.post(f"/assessments/{draft.pk}/activities/S2/", data)

    assert draft.ratings.count() == 0


@pytest.mark.parametrize("version", ["x", "-1", "", HUGE, "\x00"])
def test_form_on_a_version_that_makes_no_sense_keeps_what_was_typed(client, draft, version):
    data = {"version-S2.1": version, "answer-S2.1": "3", "note-S2.1": "Typed."}

    response = client.post(f"/assessments/{draft.pk}/activities/S2/", data)

    assert (response.status_code, draft.ratings.count()) == (409, 0)
    assert ">Typed.</textarea>" in response.text


@pytest.mark.parametrize("go", ["//evil.example", "https://evil.example", "a\x00b", "../../..", "é", HUGE])
def test_form_leads_to_no_foreign_place(client, draft, go):
    response = client.post(f"/assessments/{draft.pk}/activities/S2/", {"go": go, "clear": go})

    assert response.url == f"/assessments/{draft.pk}/activities/S2/"


# addresses

PLACES = [
    "/assessments/{}/",
    "/assessments/{}/check/",
    "/assessments/{}/activities/S2/",
    "/assessments/{}/report.pdf",
    "/therapists/{}/",
    "/therapists/{}/accesses/",
    "/therapists/{}/report.pdf",
    "/manage/people/{}/",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "pk", ["1", "x", NOBODY, NOBODY[:-1], NOBODY.upper(), NOBODY.replace("-", ""), "%00", "..", HUGE]
)
def test_address_without_an_object_is_missing(admin, supervisor, place, pk):
    answers = [signed_in(person).get(place.format(pk)) for person in [admin, supervisor]]

    assert {answer.status_code for answer in answers} <= {403, 404}


@pytest.mark.parametrize("value", ["%00", "a%00b", "%ED%A0%80", "%FF", "%2e%2e", "x" * 3000, "'%20OR%201=1", HUGE])
@pytest.mark.parametrize(
    "place",
    [
        "/frameworks/{}/",
        "/frameworks/{}/1.0/",
        "/frameworks/ipt/{}/",
        "/frameworks/ipt/1.0/domains/{}/",
        "/frameworks/ipt/1.0/activities/{}/",
    ],
)
def test_address_in_a_framework_that_is_not_there_is_missing(place, value):
    assert Client().get(place.format(value)).status_code == 404


@pytest.mark.parametrize("code", ["%00", "a%00b", "%ED%A0%80", "x" * 3000])
@pytest.mark.parametrize("method", ["get", "post"])
def test_address_of_an_activity_that_is_not_there_is_missing(client, draft, method, code):
    response = getattr(client, method)(f"/assessments/{draft.pk}/activities/{code}/")

    assert response.status_code == 404


def test_address_of_a_background_page_that_is_not_there_leads_to_the_map():
    response = Client().get("/frameworks/ipt/1.0/about/nope/")

    assert response.url == "/frameworks/ipt/1.0/"


@pytest.mark.parametrize("number", ["0", "-1", HUGE, "x"])
def test_address_of_a_role_that_is_not_there_is_missing(admin, therapist, number):
    response = signed_in(admin).post(
        f"/manage/people/{therapist.pk}/memberships/{number}/end/", {"ends_on": "2026-02-01"}
    )

    assert response.status_code == 404


# what stands behind the question mark

NONSENSE = (
    "page=abc&on=zzz&q=%00&show=%F0%9F&kind=%F0%9F&therapist=zzz&next=//evil.example&x[]=1&=&&page=-1&page=1e9"
    "&%ED%A0%80=1"
)


@pytest.mark.parametrize("query", [NONSENSE, f"page={HUGE}&q={HUGE}&on={HUGE}&therapist={HUGE}", "q=%25_%5C&page=&on="])
@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("supervisor", "/"),
        ("supervisor", "/frameworks/"),
        ("supervisor", "/frameworks/ipt/"),
        ("supervisor", "/frameworks/ipt/1.0/"),
        ("supervisor", "/frameworks/ipt/1.0/domains/3/"),
        ("supervisor", "/frameworks/ipt/1.0/activities/S2/"),
        ("supervisor", "/frameworks/ipt/1.0/about/about-ipt/"),
        ("supervisor", "/therapists/"),
        ("supervisor", "/therapists/{therapist}/"),
        ("supervisor", "/assessments/"),
        ("supervisor", "/assessments/new/"),
        ("supervisor", "/assessments/{draft}/"),
        ("supervisor", "/assessments/{draft}/context/"),
        ("supervisor", "/assessments/{draft}/activities/S2/"),
        ("supervisor", "/assessments/{draft}/check/"),
        ("supervisor", "/assessments/{draft}/goals/new/"),
        ("supervisor", "/assessments/{draft}/share/"),
        ("supervisor", "/assessments/{draft}/history/"),
        ("therapist", "/therapists/{therapist}/accesses/"),
        ("lead", "/cohort/"),
        ("lead", "/cohort/progress/"),
        ("lead", "/cohort/activities/S2/"),
        ("lead", "/cohort/figures/activities.csv"),
        ("lead", "/therapists/{therapist}/figures/coverage.csv"),
        ("admin", "/manage/people/"),
        ("admin", "/manage/people/new/"),
        ("admin", "/manage/people/{therapist}/"),
        ("nobody", "/accounts/login/"),
        ("nobody", "/accounts/password/reset/"),
    ],
)
def test_nonsense_behind_the_question_mark_does_no_harm(request, draft, name, place, query):
    client = Client() if name == "nobody" else signed_in(request.getfixturevalue(name))

    response = client.get(f"{place.format(therapist=draft.therapist_id, draft=draft.pk)}?{query}", follow=True)

    assert response.status_code == 200


@pytest.mark.parametrize("words_", ["%", "_", "\\", "'", '"', ";--", "<b>", "a\tb\nc", "é" * 300])
def test_search_for_signs_finds_what_holds_them(words_):
    response = Client().get("/frameworks/ipt/1.0/", {"q": words_})

    wanted = [word.casefold() for word in words_[:200].split()]
    assert response.status_code == 200
    assert [row for row in response.context["found"] if any(word not in row.text.casefold() for word in wanted)] == []


# what is shown


@pytest.fixture
def poisoned(supervisor, therapist, lead, northfield, revision):
    """An assessment in which every text tries to be a script, taken as far as a signature."""
    for person in [supervisor, therapist, lead]:
        User.objects.filter(pk=person.pk).update(name=f"{person.name} {SCRIPT}", profession=SCRIPT)
    Membership.objects.update(programme=SCRIPT)
    supervisor, therapist = User.objects.get(pk=supervisor.pk), User.objects.get(pk=therapist.pk)
    draft = factories.make_draft(supervisor, therapist, revision)
    factories.rate(draft, "S2.1", 3, note=SCRIPT, is_concern=True)
    assessments.save_texts(by=supervisor, assessment=draft, summary=SCRIPT, strengths=SCRIPT, needs=SCRIPT)
    tied = Competence.objects.filter(revision=revision, code="S2.1")
    goals.save(by=supervisor, assessment=draft, text=SCRIPT, due_on=None, competences=tied)
    return draft


def scripts(html):
    """What got into a page as markup."""
    return re.findall(r"<script>alert|<img src=x|onerror=alert\(1\)>(?!&)", html)


@pytest.mark.parametrize(
    "place",
    ["", "context/", "check/", "activities/S2/", "goals/{goal}/", "share/", "withdraw/", "hand-over/", "history/"],
)
def test_draft_shows_text_as_text(client, poisoned, place):
    goal = poisoned.goals.get().pk

    html = client.get(f"/assessments/{poisoned.pk}/{place.format(goal=goal)}").text

    assert scripts(html) == []
    assert "&lt;script&gt;alert(" in html


@pytest.mark.parametrize("place", ["", "take-back/", "withdraw/", "sign-off/", "history/"])
def test_shared_assessment_shows_text_as_text(client, supervisor, poisoned, place):
    assessments.share(by=supervisor, assessment=poisoned)

    html = client.get(f"/assessments/{poisoned.pk}/{place}").text

    assert scripts(html) == []
    assert "&lt;script&gt;alert(" in html


@pytest.mark.parametrize("place", ["", "reply/", "sign-off/", "history/"])
def test_therapist_is_shown_text_as_text(supervisor, therapist, poisoned, place):
    shared = assessments.share(by=supervisor, assessment=poisoned)
    assessments.reply(by=therapist, assessment=shared, agreement="disagree", text=SCRIPT)

    html = signed_in(therapist).get(f"/assessments/{poisoned.pk}/{place}").text

    assert scripts(html) == []
    assert "&lt;script&gt;alert(" in html


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("supervisor", "/therapists/"),
        ("lead", "/therapists/"),
        ("therapist", "/therapists/{therapist}/"),
        ("therapist", "/therapists/{therapist}/accesses/"),
        ("lead", "/assessments/"),
        ("admin", "/manage/people/"),
        ("admin", "/manage/people/{therapist}/"),
        ("supervisor", "/assessments/new/"),
    ],
)
def test_list_shows_text_as_text(request, lead, poisoned, name, place):
    shared = assessments.share(by=poisoned.supervisor, assessment=poisoned)
    signed_in(lead).get(shared.get_absolute_url())

    html = signed_in(request.getfixturevalue(name)).get(place.format(therapist=shared.therapist_id)).text

    assert scripts(html) == []
    assert "&lt;script&gt;alert(" in html


def test_conflict_shows_text_as_text(client, poisoned):
    data = {"version-S2.1": "0", "answer-S2.1": "4", "note-S2.1": SCRIPT}

    response = client.post(f"/assessments/{poisoned.pk}/activities/S2/", data)

    assert (response.status_code, scripts(response.text)) == (409, [])


@pytest.mark.parametrize(("name", "field"), TEXTS)
def test_refused_form_shows_what_was_typed_as_text(post, name, field):
    form = post(name)

    html = form.client.post(form.url, {"unknown": "1", field: SCRIPT + "\x07"}).text

    assert scripts(html) == []


@pytest.mark.parametrize("place", ["/", "/frameworks/ipt/", "/frameworks/ipt/1.0/"])
def test_search_shows_words_as_text(place):
    html = Client().get(place, {"q": SCRIPT}).text

    assert scripts(html) == []


def test_message_shows_a_name_as_text(admin, northfield):
    data = {
        "name": SCRIPT,
        "email": "nadia@example.org",
        "organisation": str(northfield.pk),
        "role": Role.THERAPIST,
        "starts_on": "2026-01-05",
    }

    html = signed_in(admin).post("/manage/people/new/", data, follow=True).text

    assert scripts(html) == []
    assert "has an account." in html


# days far away that reached the database in another way


def test_supervision_without_foreseeable_end_allows_to_rate(client, supervisor, draft):
    Supervision.objects.update(ends_on="9999-12-31")
    factories.rate(draft, "S2.1", 3)

    response = client.post(f"/assessments/{draft.pk}/share/")

    assert response.status_code == 302
