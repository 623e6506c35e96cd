import datetime

import pytest

from assessments.actions import frameworks
from assessments.exceptions import NotAllowed, Refused
from assessments.models import AuditEvent, BackgroundPage, Framework, FrameworkRevision, RatingScale
from assessments.revisions import LevelData, PageData, PointData
from tests import factories
from tests.factories import make_revision, make_revision_data, make_scale_data

pytestmark = pytest.mark.django_db


def load(*, by=None, **changes):
    return frameworks.load(by=by, data=make_revision_data(**changes))


def last_event():
    return AuditEvent.objects.latest("id")


# load


def test_load_stores_a_draft():
    data = make_revision_data()

    revision = frameworks.load(by=None, data=data)

    assert (revision.framework.slug, revision.framework.title) == ("small", "Small framework")
    assert (revision.number, revision.status, revision.published_at) == ("1.0", "draft", None)
    assert revision.content_sha256 == data.sha256


def test_load_stores_what_the_file_says_of_itself():
    said = {"summary": "Short.", "authors": "Two people", "commissioner": "A service", "source_name": "A site"}
    said |= {"source_url": "https://example.org/", "rights_holder": "They", "licence": "CC", "attribution": "By them"}
    said |= {"notice": "Own words.", "language": "cy"}

    revision = FrameworkRevision.objects.get(pk=load(**said).pk)

    assert {name: getattr(revision, name) for name in said} == said


@pytest.mark.parametrize(("written", "stored"), [("", None), ("2026-11-23", datetime.date(2026, 11, 23))])
def test_load_stores_the_date_of_issue(written, stored):
    assert FrameworkRevision.objects.get(pk=load(issued_on=written).pk).issued_on == stored


def test_load_stores_the_tree():
    revision = load()

    tree = [
        (activity.domain.code, activity.parent.code if activity.parent else None, activity.code)
        for activity in revision.activities.select_related("domain", "parent")
    ]
    assert tree == [("A", None, "A1"), ("A", "A1", "A1a")]


def test_load_stores_competences_in_printed_order():
    rows = load().competences.select_related("activity", "parent")

    assert [(row.code, row.activity.code, row.parent and row.parent.code, row.is_rateable) for row in rows] == [
        ("A1.1", "A1", None, True),
        ("A1.1.a", "A1", "A1.1", False),
        ("A1.2", "A1", None, True),
        ("A1a.1", "A1a", None, True),
    ]


def test_load_gives_a_sub_point_the_kind_of_its_parent():
    assert load().competences.get(code="A1.1.a").kind == "knowledge"


def test_load_stores_a_rateable_sub_point():
    data = make_revision_data()
    points = data.domains[0].activities[0].competences[0].points
    points[0] = PointData("a1-1-a", "A1.1.a", "Attention.", is_rateable=True)

    assert frameworks.load(by=None, data=data).competences.get(code="A1.1.a").is_rateable


def test_load_stores_what_is_critical_to_safety():
    assert [row.code for row in load().competences.filter(is_safety_critical=True)] == ["A1.2"]


def test_load_stores_pages_in_order():
    pages = [PageData("about", "About", "What it is.", "Text."), PageData("licence", "Licence", "Terms.", "More.")]

    revision = load(pages=pages)

    stored = BackgroundPage.objects.filter(revision=revision)
    assert [(page.key, page.title, page.summary, page.text) for page in stored] == [
        ("about", "About", "What it is.", "Text."),
        ("licence", "Licence", "Terms.", "More."),
    ]


def test_load_stores_the_scale_with_its_threshold_as_a_position():
    levels = [LevelData("A", "Low", skill="s", knowledge="k", attitude="a", supervision="u"), LevelData("B", "High")]

    scale = load(scale=make_scale_data(levels=levels, threshold="B", direction="descending")).scale

    assert (scale.key, scale.version, scale.direction, scale.threshold) == ("three-steps", 1, "descending", 2)
    assert [(level.position, level.value, level.label) for level in scale.levels.all()] == [
        (1, "A", "Low"),
        (2, "B", "High"),
    ]
    first = scale.levels.first()
    assert (first.skill, first.knowledge, first.attitude, first.supervision) == ("s", "k", "a", "u")


def test_load_records_it(admin):
    revision = load(by=admin)

    event = last_event()
    assert (event.type, event.by, event.revision) == ("revision_loaded", admin, revision)
    assert event.data == {"sha256": revision.content_sha256}


def test_load_of_the_same_content_changes_nothing():
    first = load()

    assert load() == first
    assert factories.event_types(revision=first) == ["revision_loaded"]


def test_load_of_the_same_content_once_published_changes_nothing():
    published = make_revision()

    assert load() == published


def test_load_of_other_content_replaces_the_draft():
    load()

    revision = load(title="Mended list")

    assert FrameworkRevision.objects.get(framework__slug="small") == revision
    assert (revision.title, revision.competences.count()) == ("Mended list", 4)


@pytest.mark.parametrize("state", ["published", "retired"])
def test_load_refused_over_a_revision_once_published(admin, state):
    published = make_revision()
    if state == "retired":
        frameworks.retire(by=admin, revision=published)

    with pytest.raises(Refused) as refusal:
        load(title="Mended list")

    assert str(refusal.value) == (
        "Revision 1.0 of small is published with other content and never changes. "
        "Give the corrected revision a number of its own."
    )


def test_load_of_another_number_leaves_the_published_one():
    published = make_revision()

    revision = load(number="1.1", title="Mended list")

    assert (revision.framework, revision.scale) == (published.framework, published.scale)
    assert Framework.objects.filter(slug="small").count() == 1


def test_load_keeps_the_title_of_a_framework_it_knows():
    make_revision()

    assert load(number="1.1", framework_title="Another title").framework.title == "Small framework"


def test_load_shares_a_scale_that_says_the_same():
    first = make_revision()

    assert load(number="1.1").scale == first.scale
    assert RatingScale.objects.filter(key="three-steps").count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "descending"},
        {"levels": [LevelData("1", "Not met"), LevelData("2", "Partly met"), LevelData("3", "Fully met")]},
        {"levels": [LevelData("1", "Not met"), LevelData("2", "Partly met"), LevelData("3", "Met", skill="Sound.")]},
        {"threshold": "2"},
        {
            "levels": [
                LevelData("1", "Not met"),
                LevelData("2", "Partly met"),
                LevelData("3", "Met", supervision="Some."),
            ]
        },
    ],
    ids=["direction", "label", "anchor", "threshold", "supervision"],
)
def test_load_refused_for_a_scale_that_says_something_else(changes):
    make_revision()

    with pytest.raises(Refused) as refusal:
        load(number="1.1", scale=make_scale_data(**changes))

    assert str(refusal.value) == (
        "Scale three-steps version 1 is stored with other content. Give the changed one a new version."
    )


def test_load_takes_a_changed_scale_as_a_new_version():
    first = make_revision()

    second = load(number="1.1", scale=make_scale_data(version=2, direction="descending"))

    assert (second.scale.version, second.scale == first.scale) == (2, False)


def test_load_refused_writes_nothing():
    make_revision()

    with pytest.raises(Refused):
        load(framework="other", scale=make_scale_data(direction="descending"))

    assert not Framework.objects.filter(slug="other").exists()


# publish


def test_publish_freezes_the_draft():
    revision = frameworks.publish(by=None, revision=load())

    stored = FrameworkRevision.objects.get(pk=revision.pk)
    assert stored.status == "published"
    assert stored.published_at is not None


def test_publish_records_it(admin):
    revision = frameworks.publish(by=admin, revision=load())

    assert factories.event_types(revision=revision) == ["revision_loaded", "revision_published"]
    assert last_event().by == admin


def test_publish_a_second_time_changes_nothing():
    published = make_revision()

    again = frameworks.publish(by=None, revision=published)

    assert again.published_at == published.published_at
    assert factories.event_types(revision=published) == ["revision_loaded", "revision_published"]


def test_publish_refused_once_retired(admin):
    retired = frameworks.retire(by=admin, revision=make_revision())

    with pytest.raises(Refused, match=r"^A retired revision cannot be published\. Load it as a new revision\.$"):
        frameworks.publish(by=None, revision=retired)


@pytest.mark.parametrize("who", ["therapist", "supervisor", "lead"])
def test_load_and_publish_refused_without_the_role(request, who):
    person, draft = request.getfixturevalue(who), load()

    with pytest.raises(NotAllowed):
        load(by=person, number="2.0")
    with pytest.raises(NotAllowed):
        frameworks.publish(by=person, revision=draft)
