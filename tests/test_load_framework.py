from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command

from assessments.actions import frameworks
from assessments.exceptions import Refused
from assessments.models import AuditEvent, Competence, Framework, FrameworkRevision, RatingScale
from tests import factories
from tests.factories import event_types

pytestmark = pytest.mark.django_db

IPT = Path(__file__).parent.parent / "fixtures" / "ipt-1.0.yaml"
SMALL = """\
format: competence-framework/1
framework: small
framework_title: Small framework
revision: "1.0"
title: Small list
issued_on: 2026-11-30
source: {}
rights: {}
scale: {key: two, version: 1, name: Two, threshold: 2, levels: [{value: 1, label: Off}, {value: 2, label: On}]}
domains:
  - key: a
    code: A
    title: First domain
    activities:
      - key: a1
        code: A1
        title: Ability to listen
        competences:
          - {key: a1-1, code: A1.1, kind: skill, text: An ability to listen.}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


def load(path, *arguments):
    output = StringIO()
    call_command("load_framework", str(path), *arguments, stdout=output)
    return output.getvalue()


def refusal(path, *arguments):
    with pytest.raises(CommandError) as error:
        load(path, *arguments)
    return str(error.value)


def small():
    return FrameworkRevision.objects.get(framework__slug="small")


def change(file, old, new):
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def test_revision_is_loaded_as_a_draft(file):
    assert load(file) == "Small list 1.0: 1 domains, 1 activities, 1 competences, draft.\n"
    assert small().status == "draft"


def test_revision_is_published_on_request(file):
    assert load(file, "--publish") == "Small list 1.0: 1 domains, 1 activities, 1 competences, published.\n"
    assert small().published_at is not None


def test_loading_again_changes_nothing(file):
    load(file)
    before = [list(rows.objects.order_by("pk").values()) for rows in [FrameworkRevision, Competence, AuditEvent]]

    load(file)

    after = [list(rows.objects.order_by("pk").values()) for rows in [FrameworkRevision, Competence, AuditEvent]]
    assert after == before


def test_publishing_again_changes_nothing(file):
    load(file, "--publish")
    published_at = small().published_at

    assert load(file, "--publish").endswith("published.\n")
    assert (small().published_at, event_types(revision=small())) == (
        published_at,
        ["revision_loaded", "revision_published"],
    )


def test_loading_a_published_revision_without_publish_leaves_it_published(file):
    load(file, "--publish")

    assert load(file).endswith("published.\n")


def test_draft_loaded_before_is_published_later(file):
    load(file)

    load(file, "--publish")

    assert event_types(revision=small()) == ["revision_loaded", "revision_published"]


def test_draft_is_replaced_by_other_content(file):
    load(file)
    change(file, "An ability to listen.", "An ability to listen well.")

    load(file)

    assert [row.text for row in small().competences.all()] == ["An ability to listen well."]


def test_published_revision_with_other_content_is_refused(file):
    load(file, "--publish")
    change(file, "An ability to listen.", "An ability to listen well.")

    assert refusal(file) == (
        f"{file}: Revision 1.0 of small is published with other content and never changes. "
        "Give the corrected revision a number of its own."
    )
    assert [row.text for row in small().competences.all()] == ["An ability to listen."]


def test_retired_revision_is_not_published_again(file):
    load(file, "--publish")
    revision = small()
    FrameworkRevision.objects.filter(pk=revision.pk).update(status="retired", retired_at=revision.published_at)

    assert refusal(file, "--publish") == (f"{file}: A retired revision cannot be published. Load it as a new revision.")


def test_next_revision_stands_beside_the_first(file):
    load(file, "--publish")
    change(file, 'revision: "1.0"', 'revision: "1.1"')

    load(file, "--publish")

    revisions = Framework.objects.get(slug="small").revisions.order_by("number")
    assert [revision.number for revision in revisions] == ["1.0", "1.1"]


def test_next_revision_shares_the_scale(file):
    load(file, "--publish")
    change(file, 'revision: "1.0"', 'revision: "1.1"')

    load(file)

    assert RatingScale.objects.filter(key="two").count() == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("label: Off", "label: Out"),
        ("threshold: 2", "threshold: 1"),
        ("name: Two,", "name: Other, direction: descending,"),
        ("label: Off", "label: Off, supervision: Close."),
    ],
)
def test_scale_of_the_same_version_with_other_content_is_refused(file, old, new):
    load(file, "--publish")
    change(file, 'revision: "1.0"', 'revision: "1.1"')
    change(file, old, new)

    assert refusal(file) == (
        f"{file}: Scale two version 1 is stored with other content. Give the changed one a new version."
    )
    assert small().number == "1.0"


def test_scale_of_a_new_version_is_stored_beside(file):
    load(file, "--publish")
    for old, new in [
        ('revision: "1.0"', 'revision: "1.1"'),
        ("version: 1", "version: 2"),
        ("label: Off", "label: Out"),
    ]:
        change(file, old, new)

    load(file)

    scales = RatingScale.objects.filter(key="two").order_by("version")
    assert [[level.label for level in scale.levels.all()] for scale in scales] == [["Off", "On"], ["Out", "On"]]


def test_bad_file_is_refused_with_its_places(file):
    change(file, "kind: skill", "kind: virtue")
    change(file, "title: Small list\n", "")

    assert refusal(file) == (
        f"{file}: line 1, title: It is missing or empty. Add title.\n"
        f"{file}: line 18, domains[0].activities[0].competences[0].kind: "
        "'virtue' is not one of knowledge, skill, attitude. Choose one of them."
    )


def test_bad_file_writes_nothing(file):
    change(file, "kind: skill", "kind: virtue")
    before = (FrameworkRevision.objects.count(), RatingScale.objects.count(), AuditEvent.objects.count())

    refusal(file, "--publish")

    after = (FrameworkRevision.objects.count(), RatingScale.objects.count(), AuditEvent.objects.count())
    assert (after, Framework.objects.filter(slug="small").exists()) == (before, False)


@pytest.mark.parametrize(
    ("unknown", "shown", "last"),
    [(100, 100, "x99"), (101, 101, "x100"), (102, 101, "There are 2 more"), (250, 101, "There are 150 more")],
)
def test_long_list_of_problems_is_cut_at_a_hundred(file, unknown, shown, last):
    file.write_text(SMALL + "".join(f"x{number}: y\n" for number in range(unknown)))

    lines = refusal(file).split("\n")

    assert (len(lines), last in lines[-1]) == (shown, True)


def test_missing_file_is_told(tmp_path):
    path = tmp_path / "nowhere.yaml"

    assert refusal(path) == f"{path} cannot be read: No such file or directory."


def test_folder_is_told(tmp_path):
    assert refusal(tmp_path) == f"{tmp_path} cannot be read: Is a directory."


def test_command_without_a_file_says_what_it_needs():
    with pytest.raises(CommandError, match="the following arguments are required: file"):
        call_command("load_framework")


def test_shipped_framework_is_loaded_already():
    assert load(IPT, "--publish") == (
        "IPT competence list, own-words edition 1.0: 5 domains, 45 activities, 348 competences, published.\n"
    )


def test_loading_hundreds_of_statements_takes_few_queries(file, django_assert_max_num_queries):
    file.write_text(IPT.read_text().replace("framework: ipt\n", "framework: second\n", 1))

    with django_assert_max_num_queries(40):
        load(file)


def test_everything_is_stored(file):
    revision = factories.make_revision()

    assert list(revision.activities.values_list("code", "parent__code", "domain__code", "position")) == [
        ("A1", None, "A", 0),
        ("A1a", "A1", "A", 1),
    ]
    assert list(
        revision.competences.values_list(
            "code", "kind", "parent__code", "is_rateable", "is_safety_critical", "position"
        )
    ) == [
        ("A1.1", "knowledge", None, True, False, 0),
        ("A1.1.a", "knowledge", "A1.1", False, False, 1),
        ("A1.2", "skill", None, True, True, 2),
        ("A1a.1", "attitude", None, True, False, 3),
    ]


def test_threshold_is_the_place_of_its_level():
    scale = factories.make_revision(scale=factories.make_scale_data(threshold="2")).scale

    assert (scale.threshold, [level.position for level in scale.levels.all()]) == (2, [1, 2, 3])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("framework: small\n", "framework: small_a-b.c\n"),
        ('revision: "1.0"', 'revision: "1.0_a-b"'),
        ("    code: A\n", "    code: A_a-b.c\n"),
        ("        code: A1\n", "        code: A1_a-b.c\n"),
        ("key: about", "key: about_a-b.c"),
    ],
)
def test_whatever_may_stand_in_an_address_leads_to_a_page(file, old, new, client):
    page = "pages: [{key: about, title: A page, summary: In short., text: At length.}]\ndomains:"
    change(file, "domains:", page)
    change(file, "rights: {}", "rights: {redistributable: yes}")
    change(file, old, new)
    load(file, "--publish")

    revision = FrameworkRevision.objects.select_related("framework").exclude(framework__slug="ipt").get()
    parts = [revision.domains.get(), revision.activities.get(), revision.pages.get()]
    pages = [client.get(each.get_absolute_url()) for each in [revision.framework, revision, *parts]]

    assert [page.status_code for page in pages] == [200] * 5


def test_published_revision_is_refused_by_the_action_too():
    factories.make_revision()

    with pytest.raises(Refused, match="published with other content"):
        frameworks.load(by=None, data=factories.make_revision_data(title="Other"))


def test_file_with_a_byte_order_mark_is_loaded(file):
    file.write_bytes(SMALL.encode("utf-8-sig"))

    assert load(file).startswith("Small list 1.0: ")


def test_loaded_content_is_that_of_the_file(file):
    load(file)

    document = yaml.safe_load(SMALL)
    assert (small().title, small().issued_on) == (document["title"], document["issued_on"])
