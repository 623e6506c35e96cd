"""Editing a draft on screen."""

import json

import pytest
from django.urls import reverse

from assessments.actions import drafts, frameworks
from assessments.models import AuditEvent
from tests import factories
from tests.conftest import signed_in, told, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

EDIT = "/manage/frameworks/small/1.0/edit/"
FIELDS = {
    "domain": {"code": "A", "title": "First domain", "short_title": "First", "summary": "", "introduction": ""},
    "activity": {
        "code": "A1",
        "title": "Ability to listen",
        "short_title": "Listening",
        "scope": "core",
        "phase": "",
        "problem_area": "",
        "group_heading": "",
        "introduction": "",
    },
    "competence": {
        "code": "A1.2",
        "text": "An ability to listen.",
        "kind": "skill",
        "subheading": "",
        "guidance": "",
        "is_safety_critical": True,
    },
}


@pytest.fixture
def client(admin):
    return signed_in(admin)


@pytest.fixture
def revision():
    return factories.make_revision(is_published=False)


def node(revision, kind, code=""):
    rows = {"domain": revision.domains, "activity": revision.activities, "competence": revision.competences}[kind]
    return rows.get(code=code or FIELDS[kind]["code"])


def url(revision, kind, code=""):
    return f"{EDIT}{kind}/{node(revision, kind, code).pk}/"


def save(client, revision, what, *, seen=None, **changes):
    values = FIELDS[what] | changes
    ticked = {name: "on" if value is True else value for name, value in values.items() if value is not False}
    seen = json.dumps(FIELDS[what]) if seen is None else seen
    return client.post(url(revision, what), ticked | {"seen": seen})


# the whole draft


def test_page_lists_domains_and_activities(client, revision):
    text = words(client.get(EDIT))

    assert "A First domain Edit domain A Up : A Down : A" in text
    assert "A1 Ability to listen Core, 2 competences" in text


@pytest.mark.parametrize("state", ["published", "retired", "discarded"])
def test_page_is_for_drafts_only(client, admin, revision, state):
    page = url(revision, "domain")
    if state == "discarded":
        frameworks.discard(by=admin, revision=revision)
    else:
        frameworks.publish(by=admin, revision=revision)
    if state == "retired":
        frameworks.retire(by=admin, revision=revision)

    answers = [client.get(EDIT), client.get(page), client.post(page, FIELDS["domain"]), client.post(f"{page}move/")]

    assert [answer.status_code for answer in answers] == [404] * 4


# one part


@pytest.mark.parametrize("kind", FIELDS)
def test_page_of_a_part_holds_what_stands(client, revision, kind):
    response = client.get(url(revision, kind))

    assert json.loads(response.context["seen"]) == FIELDS[kind]
    assert f"Edit {kind} {FIELDS[kind]['code']}" in words(response)


@pytest.mark.parametrize(
    ("kind", "changes", "place"),
    [
        ("domain", {"title": "Listening", "summary": "In short."}, EDIT),
        ("activity", {"scope": "focus", "problem_area": "grief", "phase": "middle"}, EDIT),
        ("competence", {"text": "An ability to wait.", "is_safety_critical": False}, "activity"),
    ],
)
def test_part_is_saved(client, revision, kind, changes, place):
    response = save(client, revision, kind, **changes)

    stored = node(revision, kind)
    assert {name: getattr(stored, name) for name in changes} == changes
    assert response.url == (url(revision, "activity") if place == "activity" else place)
    assert told(response) == [f"{FIELDS[kind]['code']} is saved."]


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("domain", {"title": " "}, "Title: this is missing."),
        ("domain", {"code": "A 1"}, "A code is made of letters, digits, dot, hyphen and underscore. Mend it."),
        ("domain", {"title": "x" * 50_000}, "This is longer than 300 characters. Shorten it; nothing was saved."),
        ("activity", {"scope": "nonsense"}, "Select a valid choice. nonsense is not one of the available choices."),
        ("activity", {"code": "a1A"}, "The code a1A is taken in this revision. Choose another one."),
        ("competence", {"text": "x" * 50_000}, "This is longer than 20,000 characters. Shorten it; nothing was saved."),
        ("competence", {"text": "a\x07b"}, "This holds a control character that cannot be kept."),
        ("competence", {"text": "a\x00b"}, "Null characters are not allowed."),
        ("competence", {"code": "a1a.1"}, "The code a1a.1 is taken in this revision. Choose another one."),
        ("competence", {"kind": ""}, "Kind: this is missing."),
    ],
)
def test_part_that_cannot_be_kept_is_refused(client, revision, kind, changes, reason):
    before = AuditEvent.objects.count()

    response = save(client, revision, kind, **changes)

    assert (response.status_code, AuditEvent.objects.count()) == (422, before)
    assert reason in words(response)
    assert "<title>Error: Edit" in response.text


def test_two_editors_of_one_part_are_told(client, admin, revision):
    competence = node(revision, "competence")
    seen = {"code": "A1.2", "text": competence.text}
    drafts.change(by=admin, node=competence, seen=seen, fields=seen | {"text": "Theirs."})

    response = save(client, revision, "competence", text="Mine.")

    assert "Somebody changed text of A1.2 meanwhile. Open it again to see what stands." in words(response)
    assert (node(revision, "competence").text, "Mine." in response.text) == ("Theirs.", True)


@pytest.mark.parametrize(
    "seen", ["", "no JSON", "[]", "null", '"x"', "{}", "[" * 50_000, "{\x00}", '{"code": ["A1.2"]}']
)
def test_part_without_what_was_seen_is_not_saved(client, revision, seen):
    response = save(client, revision, "competence", seen=seen, text="Mine.")

    assert (response.status_code, node(revision, "competence").text) == (422, "An ability to listen.")
    assert "meanwhile. Open it again to see what stands." in words(response)


@pytest.mark.parametrize("pk", [0, 10**18, 10**30])
@pytest.mark.parametrize("kind", FIELDS)
def test_part_that_does_not_exist_is_missing(client, revision, kind, pk):
    assert client.get(f"{EDIT}{kind}/{pk}/").status_code == 404


def test_part_of_another_revision_is_missing(client, revision):
    other = factories.make_revision(is_published=False, framework="other")

    assert client.get(f"{EDIT}competence/{other.competences.first().pk}/").status_code == 404


def test_part_of_an_unknown_kind_is_missing(client, revision):
    assert client.get(f"{EDIT}page/1/").status_code == 404


def test_activity_lists_its_competences(client, revision):
    text = words(client.get(url(revision, "activity")))

    assert "A1.1 Knowledge of what listening asks for. Knowledge Up : A1.1" in text
    assert "A1.1.a Attention. Sub-point" in text


# moving


def move(client, revision, kind, code, **data):
    return client.post(f"{url(revision, kind, code)}move/", data)


def test_part_is_moved_among_its_siblings(client, revision):
    response = move(client, revision, "competence", "A1.2", direction="up")

    assert response.url == url(revision, "activity")
    assert list(revision.competences.order_by("position").values_list("code", flat=True)[:2]) == ["A1.2", "A1.1"]


@pytest.mark.parametrize("direction", ["", "sideways", "up\x00"])
def test_move_in_no_direction_is_told(client, revision, direction):
    response = move(client, revision, "domain", "A", direction=direction)

    assert (response.url, told(response)) == (EDIT, ["It moves one place up or down. Choose one of the two."])


def test_competence_is_put_into_another_activity(client, revision):
    response = move(client, revision, "competence", "A1.2", activity="A1a")

    moved = node(revision, "competence")
    assert (response.url, moved.activity.code) == (url(revision, "activity", "A1a"), "A1a")


@pytest.mark.parametrize("activity", ["", "A1", "Z9", "A1a\x00", "x" * 50_000])
def test_competence_stays_where_the_activity_is_none(client, revision, activity):
    response = move(client, revision, "competence", "A1.2", activity=activity)

    assert told(response) == ["This is not one of the choices. Choose one that is shown."]
    assert node(revision, "competence").activity.code == "A1"


def test_activity_goes_into_no_other(client, revision):
    response = move(client, revision, "activity", "A1a", activity="A1")

    assert told(response) == ["It moves one place up or down. Choose one of the two."]


def test_sub_point_is_not_offered_another_activity(client, revision):
    html = client.get(url(revision, "competence", "A1.1.a")).text

    response = move(client, revision, "competence", "A1.1.a", activity="A1a")

    assert "Move to the end of another activity" not in html
    assert told(response) == ["A sub-point stays with its competence. Move the competence instead."]


def test_move_is_made_by_a_button_only(client, revision):
    assert client.get(f"{url(revision, 'domain')}move/").status_code == 405


def test_addresses_are_those_of_the_contract():
    args = ["small", "1.0", "domain", 7]

    assert [reverse("node-edit", args=args), reverse("node-move", args=args)] == [
        f"{EDIT}domain/7/",
        f"{EDIT}domain/7/move/",
    ]
