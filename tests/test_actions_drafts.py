"""Editing the small framework on screen: domain A with A1 (A1.1 with a sub-point, A1.2) and A1a inside it (A1a.1)."""

import pytest

from assessments.actions import drafts, frameworks
from assessments.exceptions import NotAllowed, Refused
from assessments.models import AuditEvent
from assessments.queries.revisions import revision_data
from assessments.revisions import ActivityData, CompetenceData, DomainData, PointData
from tests import factories

pytestmark = pytest.mark.django_db


def activity(key, *competences, parts=()):
    return ActivityData(key.lower(), key, f"Activity {key}", key, competences=[*competences], activities=[*parts])


def statement(code, *points):
    parts = [PointData(point.lower(), point, f"Point {point}") for point in points]
    return CompetenceData(code.lower(), code, "skill", f"Statement {code}", points=parts)


DOMAINS = [
    DomainData(
        "a",
        "A",
        "First",
        "First",
        activities=[
            activity("A1", statement("A1.1", "A1.1.a"), statement("A1.2"), parts=[activity("A1a", statement("A1a.1"))]),
            activity("A2", statement("A2.1")),
        ],
    ),
    DomainData("b", "B", "Second", "Second", activities=[activity("B1", statement("B1.1"))]),
]


@pytest.fixture
def revision():
    return factories.make_revision(is_published=False, domains=DOMAINS)


def codes(revision, kind):
    return " ".join(getattr(revision, kind).order_by("position").values_list("code", flat=True))


def change(admin, node, **changes):
    seen = {name: getattr(node, name) for name in ["code", *changes]}
    return drafts.change(by=admin, node=node, seen=seen, fields=seen | changes)


def move(admin, revision, kind, code, direction):
    drafts.move(by=admin, node=getattr(revision, kind).get(code=code), direction=direction)


# change


def test_change_saves_and_records_what_changed(admin, revision):
    change(admin, revision.domains.get(code="A"), title="Listening", summary="")

    event = AuditEvent.objects.latest("id")
    assert revision.domains.get(code="A").title == "Listening"
    assert (event.type, event.by, event.revision) == ("revision_changed", admin, revision)
    assert event.data == {"node": "domain", "code": "A", "changed": {"title": ["First", "Listening"]}}


def test_change_renews_the_hash_of_the_whole(admin, revision):
    before = revision.content_sha256

    change(admin, revision.activities.get(code="A1"), title="Listening")

    revision.refresh_from_db()
    assert revision.content_sha256 not in {before, ""}
    assert revision.content_sha256 == revision_data(revision).sha256


def test_change_of_nothing_records_nothing(admin, revision):
    before = AuditEvent.objects.count()

    change(admin, revision.domains.get(code="A"), title="First")

    assert AuditEvent.objects.count() == before


def test_file_loaded_again_after_a_change_is_another_content(admin, revision):
    change(admin, revision.competences.get(code="A1.2"), text="Mended.")

    again = frameworks.load(by=admin, data=factories.make_revision_data(domains=DOMAINS))

    assert (again, again.competences.get(code="A1.2").text) == (revision, "Statement A1.2")


def test_change_by_two_editors_is_refused_for_the_second(admin, revision):
    node = revision.domains.get(code="A")
    seen = {"code": "A", "title": "First", "short_title": "First"}
    drafts.change(by=admin, node=node, seen=seen, fields=seen | {"title": "One", "short_title": "Uno"})

    with pytest.raises(Refused) as refusal:
        drafts.change(by=admin, node=node, seen=seen, fields=seen | {"title": "Two"})

    assert str(refusal.value) == (
        "Somebody changed title, short title of A meanwhile. Open it again to see what stands."
    )
    assert revision.domains.get(code="A").title == "One"


def test_change_without_what_was_seen_is_refused(admin, revision):
    node = revision.domains.get(code="A")

    with pytest.raises(Refused, match=r"Somebody changed code, title of A meanwhile\."):
        drafts.change(by=admin, node=node, seen={}, fields={"code": "A", "title": "Two"})


@pytest.mark.parametrize("taken", ["A2", "a2"])
def test_change_to_a_code_that_is_taken_is_refused(admin, revision, taken):
    with pytest.raises(Refused, match=f"The code {taken} is taken in this revision. Choose another one."):
        change(admin, revision.activities.get(code="A1"), code=taken)


def test_change_of_the_case_of_a_code_is_taken(admin, revision):
    node = revision.activities.get(code="A1a")

    drafts.change(by=admin, node=node, seen={"code": "A1a"}, fields={"code": "A1A"})

    assert revision.activities.get(pk=node.pk).code == "A1A"


def test_change_of_kind_takes_the_sub_points_along(admin, revision):
    change(admin, revision.competences.get(code="A1.1"), kind="knowledge")

    assert revision.competences.get(code="A1.1.a").kind == "knowledge"


# move


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("domains B up", "B A"),
        ("domains A down", "B A"),
        ("activities A2 up", "A2 A1 A1a B1"),
        ("activities A1 down", "A2 A1 A1a B1"),
        ("competences A1.2 up", "A1.2 A1.1 A1.1.a A1a.1 A2.1 B1.1"),
        ("competences A1.1 down", "A1.2 A1.1 A1.1.a A1a.1 A2.1 B1.1"),
    ],
)
def test_move_exchanges_two_siblings(admin, revision, step, expected):
    kind, code, direction = step.split()

    move(admin, revision, kind, code, direction)

    assert codes(revision, kind) == expected


@pytest.mark.parametrize(
    "step",
    [
        "domains A up",
        "domains B down",
        "activities A1a up",
        "activities B1 up",
        "competences A2.1 down",
        "competences A1.1.a up",
    ],
)
def test_move_at_the_end_of_the_row_does_nothing(admin, revision, step):
    kind, code, direction = step.split()
    before = (codes(revision, kind), AuditEvent.objects.count())

    move(admin, revision, kind, code, direction)

    assert (codes(revision, kind), AuditEvent.objects.count()) == before


@pytest.mark.parametrize("direction", ["", "sideways", "UP"])
def test_move_in_no_direction_is_refused(admin, revision, direction):
    with pytest.raises(Refused, match=r"^It moves one place up or down\. Choose one of the two\.$"):
        move(admin, revision, "domains", "A", direction)


def test_move_of_a_domain_takes_everything_in_it_along(admin, revision):
    move(admin, revision, "domains", "B", "up")

    assert codes(revision, "activities") == "B1 A1 A1a A2"
    assert codes(revision, "competences") == "B1.1 A1.1 A1.1.a A1.2 A1a.1 A2.1"


def test_move_of_an_activity_takes_its_competences_along(admin, revision):
    move(admin, revision, "activities", "A2", "up")

    assert codes(revision, "competences") == "A2.1 A1.1 A1.1.a A1.2 A1a.1 B1.1"


def test_move_records_it_and_renews_the_hash(admin, revision):
    move(admin, revision, "domains", "B", "up")

    revision.refresh_from_db()
    assert AuditEvent.objects.latest("id").data == {"node": "domain", "code": "B", "moved": "up"}
    assert revision.content_sha256 == revision_data(revision).sha256


def test_move_back_leaves_everything_as_it_was(admin, revision):
    before = revision_data(revision)

    for direction in ["up", "down"]:
        move(admin, revision, "activities", "A2", direction)

    assert revision_data(type(revision).objects.get(pk=revision.pk)) == before


# put into another activity


def test_competence_comes_to_the_end_of_another_activity(admin, revision):
    competence, target = revision.competences.get(code="A1.1"), revision.activities.get(code="A2")

    drafts.put_into(by=admin, competence=competence, activity=target)

    assert codes(revision, "competences") == "A1.2 A1a.1 A2.1 A1.1 A1.1.a B1.1"
    assert list(target.competences.values_list("code", flat=True)) == ["A2.1", "A1.1", "A1.1.a"]


def test_put_into_records_it(admin, revision):
    competence, target = revision.competences.get(code="A1.2"), revision.activities.get(code="B1")

    drafts.put_into(by=admin, competence=competence, activity=target)

    assert AuditEvent.objects.latest("id").data == {"node": "competence", "code": "A1.2", "activity": "B1"}


def test_competence_stays_in_its_revision(admin, revision):
    other = factories.make_revision(is_published=False, framework="other").activities.get(code="A1")

    with pytest.raises(Refused, match="stays in its revision"):
        drafts.put_into(by=admin, competence=revision.competences.get(code="A1.1"), activity=other)


def test_sub_point_stays_with_its_competence(admin, revision):
    point, target = revision.competences.get(code="A1.1.a"), revision.activities.get(code="A2")

    with pytest.raises(Refused, match="A sub-point stays with its competence"):
        drafts.put_into(by=admin, competence=point, activity=target)


# who and when


def every_step(by, revision):
    node = revision.competences.get(code="A1.1")
    yield lambda: drafts.change(by=by, node=node, seen={"code": "A1.1"}, fields={"code": "X"})
    yield lambda: drafts.move(by=by, node=node, direction="down")
    yield lambda: drafts.put_into(by=by, competence=node, activity=revision.activities.get(code="A2"))


@pytest.mark.parametrize("step", range(3))
@pytest.mark.parametrize("who", ["therapist", "supervisor", "lead"])
def test_drafts_are_edited_by_administrators(request, revision, who, step):
    with pytest.raises(NotAllowed):
        [*every_step(request.getfixturevalue(who), revision)][step]()


@pytest.mark.parametrize("step", range(3))
@pytest.mark.parametrize("state", ["published", "retired", "discarded"])
def test_only_a_draft_is_edited(admin, revision, state, step):
    steps = [*every_step(admin, revision)]
    if state == "discarded":
        type(revision).objects.filter(pk=revision.pk).update(status="discarded")
    else:
        frameworks.publish(by=admin, revision=revision)
    if state == "retired":
        frameworks.retire(by=admin, revision=revision)

    with pytest.raises(Refused, match=r"Load the correction as a new revision\."):
        steps[step]()
