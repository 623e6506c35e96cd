"""Revisions in the database: who sees them, and that they say what they were loaded from."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import AnonymousUser

from assessments import queries
from assessments.actions import frameworks, lineage
from assessments.importers.reading import Answers, Reading
from assessments.models import FrameworkRevision, LinkKind
from assessments.revisions import LineageData, PageData
from tests import factories

pytestmark = pytest.mark.django_db


def seen_by(person):
    found = FrameworkRevision.objects.visible_to(person).filter(framework__slug="small")
    return sorted(found.values_list("number", flat=True))


def decide(admin, newer, older, kind, *codes, note=""):
    lineage.decide(
        by=admin,
        revision=newer,
        older=newer.previous.competences.get(code=older),
        kind=kind,
        newer=[newer.competences.get(code=code) for code in codes],
        note=note,
    )


# who sees what


@pytest.fixture
def all_states(admin):
    """1.0 retired, 1.1 published, 1.2 a draft, 1.3 discarded, 1.4 published and not to be passed on."""
    frameworks.retire(by=admin, revision=factories.make_revision())
    factories.make_revision(number="1.1")
    factories.make_revision(number="1.2", is_published=False)
    frameworks.discard(by=admin, revision=factories.make_revision(number="1.3", is_published=False))
    factories.make_revision(number="1.4", is_redistributable=False)


def test_drafts_are_seen_by_administrators_only(request, all_states):
    people = ["admin", "outside_admin", "lead", "supervisor", "therapist", "outside_supervisor"]

    seen = {name: seen_by(request.getfixturevalue(name)) for name in people}

    everything, published = ["1.0", "1.1", "1.2", "1.4"], ["1.0", "1.1", "1.4"]
    assert seen == {name: everything if "admin" in name else published for name in people}


def test_discarded_and_protected_revisions_are_hidden_from_the_public(all_states):
    assert seen_by(AnonymousUser()) == ["1.0", "1.1"]


def test_former_administrator_sees_no_drafts(admin, all_states):
    factories.end_membership(admin)

    assert "1.2" not in seen_by(type(admin).objects.get(pk=admin.pk))


@pytest.mark.parametrize(("who", "status"), [(None, 404), ("therapist", 404), ("lead", 404), ("admin", 200)])
@pytest.mark.usefixtures("all_states")
def test_pages_of_a_draft_are_missing_for_all_others(request, client, who, status):
    if who:
        client.force_login(request.getfixturevalue(who))

    answers = [client.get(f"/frameworks/small/1.2/{page}") for page in ["", "domains/A/", "activities/A1/", "?q=x"]]

    assert [answer.status_code for answer in answers] == [status] * 4


@pytest.mark.parametrize("who", ["admin", "supervisor"])
def test_pages_of_a_discarded_revision_are_missing_for_everybody(request, client, all_states, who):
    client.force_login(request.getfixturevalue(who))

    assert client.get("/frameworks/small/1.3/").status_code == 404


# what is stored is what was loaded


def test_stored_revision_says_what_was_loaded():
    data = factories.make_revision_data(
        pages=[PageData("about", "About", "In short.", "At length.")],
        issued_on="2026-11-30",
        source_id="urn:1",
        kept={"x": [1, "y"]},
        notice="Printed below.",
    )

    revision = frameworks.load(by=None, data=data)

    assert queries.revision_data(FrameworkRevision.objects.get(pk=revision.pk)) == data
    assert revision.content_sha256 == data.sha256


def test_stored_draft_says_which_it_follows_and_nothing_unconfirmed():
    factories.make_revision()

    data = queries.revision_data(factories.make_next())

    assert (data.previous, data.lineage) == ("1.0", [])


def test_confirmed_links_are_told_one_entry_a_decision(admin):
    factories.make_revision()
    newer = factories.make_next()
    decide(admin, newer, "A1.2", LinkKind.SPLIT, "A1.2", "A2.1", note="Two now.")
    decide(admin, newer, "A1a.1", LinkKind.COVERED, "A1.1")

    assert queries.revision_data(newer).lineage == [
        LineageData("split", ["a1-2"], ["a1-2", "a2-1"], "Two now."),
        LineageData("covered", ["a1a-1"], ["a1-1"]),
    ]


def test_merger_is_told_for_the_competence_it_leads_to(admin):
    factories.make_revision()
    newer = factories.make_next()
    decide(admin, newer, "A1a.1", LinkKind.MERGED, "A1.2")
    decide(admin, newer, "A1.2", LinkKind.MERGED, "A1.2")

    assert queries.revision_data(newer).lineage == [LineageData("merged", ["a1a-1", "a1-2"], ["a1-2"])]


def test_what_is_told_proposes_the_same_links_again(admin):
    factories.make_revision()
    newer = factories.make_next()
    decide(admin, newer, "A1.2", LinkKind.SPLIT, "A1.2", "A2.1")
    decide(admin, newer, "A1a.1", LinkKind.REMOVED)
    told = queries.revision_data(newer)

    again = frameworks.load(by=None, data=replace(told, number="1.2"))

    rows = [links.values_list("kind", "older__key", "newer__key") for links in [newer.links, again.links]]
    assert sorted(map(str, rows[0])) == sorted(map(str, rows[1]))
    assert set(again.links.filter(kind__in=["split", "removed"]).values_list("basis", flat=True)) == {"file"}


# uploaded files


def test_file_that_cannot_be_read_any_more_says_why(admin):
    looked = queries.look(factories.make_import(admin, "%PDF-1.7", name="a.pdf"))

    assert [problem.what for problem in looked.assembled.problems][:1] == ["The file is a PDF."]
    assert (looked.assembled.revision, looked.reading.nodes) == (None, [])


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("", "ipt-development"),
        ("ipt-development/1", "ipt-development"),
        ("ipt-development/2", None),
        ("ipt-development/x", None),
        ("ipt-development/" + "9" * 30, None),
        ("nonsense", None),
    ],
)
def test_scale_is_chosen_by_key_and_version(scale, expected):
    chosen = queries.chosen_scale(Reading("csv"), Answers(scale=scale))

    assert (chosen.key if chosen else None) == expected


def test_scale_of_the_file_stands_without_a_choice():
    own = factories.make_scale_data()

    assert queries.chosen_scale(Reading("csv", scale=own), Answers()) is None


def test_own_format_keeps_its_scale_without_a_choice():
    assert queries.chosen_scale(Reading("yaml", revision=factories.make_revision_data()), Answers()) is None


def test_unknown_row_of_a_decision_is_refused(admin):
    factories.make_revision()
    newer = factories.make_next()

    with pytest.raises(newer.competences.model.DoesNotExist):
        queries.ends_of_decision(newer, "o", ["A1.1"])
