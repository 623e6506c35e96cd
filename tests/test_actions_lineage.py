"""From 1.0 to 1.1 of a small framework: A1.1 stays, A1.2 is reworded, A1a.1 goes, A2.1 is new."""

from dataclasses import replace

import pytest

from assessments.actions import drafts, frameworks, lineage
from assessments.exceptions import NotAllowed, Refused
from assessments.models import AuditEvent, CompetenceLink, LinkKind
from tests import factories


@pytest.fixture
def older(db):
    return factories.make_revision()


@pytest.fixture
def newer(older):
    return frameworks.load(by=None, data=factories.make_next_data())


def competence(revision, code):
    return revision.competences.get(code=code)


def told(revision):
    """Each link as kind, old code and new code."""
    return {
        (link.kind, link.older.code if link.older else "", link.newer.code if link.newer else "")
        for link in revision.links.select_related("older", "newer")
    }


def decide(admin, newer, code, kind, *codes, note=""):
    lineage.decide(
        by=admin,
        revision=newer,
        older=competence(newer.previous, code),
        kind=kind,
        newer=[competence(newer, each) for each in codes],
        note=note,
    )


def confirm_all(newer, admin=None):
    lineage.confirm(by=admin, revision=newer, links=newer.links.values_list("pk", flat=True))


def test_loading_proposes_a_link_for_every_competence(newer):
    assert told(newer) == {
        ("unchanged", "A1.1", "A1.1"),
        ("reworded", "A1.2", "A1.2"),
        ("removed", "A1a.1", ""),
        ("added", "", "A2.1"),
    }


def test_loading_confirms_nothing(newer):
    assert newer.links.confirmed().count() == 0


def test_revision_that_follows_none_has_no_links(older):
    assert older.links.count() == 0


@pytest.mark.parametrize("previous", ["0.9", "1.2"])
def test_revision_follows_a_published_one(older, previous):
    data = factories.make_next_data()

    with pytest.raises(Refused, match="not a published revision of small"):
        frameworks.load(by=None, data=replace(data, number="1.2", previous=previous))


def test_revision_does_not_follow_a_draft(newer):
    data = factories.make_next_data()

    with pytest.raises(Refused, match="not a published revision of small"):
        frameworks.load(by=None, data=replace(data, number="1.2", previous="1.1"))


def test_confirm_certain_confirms_the_same_words_only(newer, admin):
    number = lineage.confirm_certain(by=admin, revision=newer)

    assert number == 1
    assert [link.kind for link in newer.links.confirmed()] == ["unchanged"]
    assert newer.links.confirmed()[0].confirmed_by == admin


def test_confirm_records_what_was_confirmed(newer, admin):
    confirm_all(newer, admin)

    event = AuditEvent.objects.latest("id")
    assert (event.type, event.by) == ("links_saved", admin)
    assert event.data == {"confirmed": {"unchanged": 1, "reworded": 1, "removed": 1, "added": 1}}


def test_confirm_of_nothing_records_nothing(newer, admin):
    before = AuditEvent.objects.count()

    assert lineage.confirm(by=admin, revision=newer, links=[]) == 0
    assert AuditEvent.objects.count() == before


def test_open_mapping_blocks_publishing(newer, admin):
    with pytest.raises(Refused, match="4 competences are still to be confirmed"):
        frameworks.publish(by=admin, revision=newer)


def test_confirmed_mapping_lets_it_be_published(newer, admin):
    confirm_all(newer, admin)

    assert frameworks.publish(by=admin, revision=newer).is_published


def test_mapping_that_is_not_whole_blocks_publishing(newer, admin):
    confirm_all(newer, admin)
    newer.links.filter(newer__code="A2.1").delete()

    with pytest.raises(Refused) as refusal:
        frameworks.publish(by=admin, revision=newer)

    assert str(refusal.value) == (
        "The mapping is not whole. Nothing says where A2.1 comes from. Link it, or mark it as added."
    )


def test_mapping_of_a_published_revision_never_changes(newer, admin):
    confirm_all(newer, admin)
    frameworks.publish(by=admin, revision=newer)

    with pytest.raises(Refused, match="never changes"):
        decide(admin, newer, "A1.2", LinkKind.EDITORIAL, "A1.2")


def test_decision_replaces_the_proposal_and_is_confirmed(newer, admin):
    decide(admin, newer, "A1.2", LinkKind.EDITORIAL, "A1.2", note="Only clearer.")

    link = newer.links.get(older__code="A1.2")
    assert (link.kind, link.basis, link.note, link.confirmed_by) == ("editorial", "person", "Only clearer.", admin)


def test_split_takes_the_place_of_new(newer, admin):
    decide(admin, newer, "A1.2", LinkKind.SPLIT, "A1.2", "A2.1")

    assert told(newer) == {
        ("unchanged", "A1.1", "A1.1"),
        ("split", "A1.2", "A1.2"),
        ("split", "A1.2", "A2.1"),
        ("removed", "A1a.1", ""),
    }


def test_new_competence_that_loses_its_origin_is_proposed_as_new(newer, admin):
    decide(admin, newer, "A1.2", LinkKind.REMOVED)

    assert ("added", "", "A1.2") in told(newer)
    assert newer.links.get(newer__code="A1.2").confirmed_at is None


def test_covering_competence_keeps_its_own_origin(newer, admin):
    decide(admin, newer, "A1a.1", LinkKind.COVERED, "A2.1")

    assert {("covered", "A1a.1", "A2.1"), ("added", "", "A2.1")} <= told(newer)


@pytest.mark.parametrize(
    ("kind", "codes", "reason"),
    [
        (LinkKind.REWORDED, [], "“Reworded” leads to exactly 1; 0 are chosen."),
        (LinkKind.SPLIT, ["A2.1"], "“Split” leads to 2 or more; 1 are chosen."),
        (LinkKind.REMOVED, ["A2.1"], "“Removed” leads to no new competence; 1 are chosen."),
        (LinkKind.UNCHANGED, ["A1.2"], "The words of A1.2 and A1.2 differ. Choose “Same meaning, words tidied”."),
        (LinkKind.REWORDED, ["A1.1"], "A1.1 follows A1.1 already. Choose “Merged” for both."),
    ],
)
def test_decision_that_does_not_fit_is_refused(newer, admin, kind, codes, reason):
    with pytest.raises(Refused) as refusal:
        decide(admin, newer, "A1.2", kind, *codes)

    assert str(refusal.value) == reason
    assert ("reworded", "A1.2", "A1.2") in told(newer)


def test_only_an_administrator_maps(newer, supervisor):
    with pytest.raises(NotAllowed):
        lineage.confirm_certain(by=supervisor, revision=newer)


def test_publishing_hands_an_identity_on(older, admin):
    data = factories.make_next_data()
    outer, added = data.domains[0].activities
    renamed = replace(outer, competences=[replace(row, key=f"other-{row.key}") for row in outer.competences])
    data = replace(data, domains=[replace(data.domains[0], activities=[renamed, added])])
    newer = frameworks.load(by=None, data=data)
    decide(admin, newer, "A1.2", LinkKind.REWORDED, "A1.2")
    confirm_all(newer, admin)

    frameworks.publish(by=admin, revision=newer)

    assert set(newer.competences.rateable().values_list("key", flat=True)) == {"a1-1", "a1-2", "a2-1"}


def test_publishing_never_reuses_a_key_for_another_competence(newer, admin):
    decide(admin, newer, "A1.2", LinkKind.REMOVED)
    confirm_all(newer, admin)

    frameworks.publish(by=admin, revision=newer)

    assert not newer.competences.filter(key="a1-2").exists()


def test_publishing_records_the_hash_of_what_is_published(newer, admin):
    confirm_all(newer, admin)

    published = frameworks.publish(by=admin, revision=newer)

    assert AuditEvent.objects.latest("id").data == {"sha256": published.content_sha256}


def test_changed_words_of_a_draft_are_looked_at_again(newer, admin):
    confirm_all(newer, admin)
    row = competence(newer, "A1.1")
    seen = {"code": "A1.1", "text": row.text}

    drafts.change(by=admin, node=row, seen=seen, fields=seen | {"text": "Knowledge of listening."})

    link = CompetenceLink.objects.get(newer=row)
    assert (link.kind, link.confirmed_at) == ("reworded", None)


def test_words_that_are_the_same_again_are_unchanged(newer, admin):
    row = competence(newer, "A1.2")
    seen = {"code": "A1.2", "text": row.text}

    drafts.change(by=admin, node=row, seen=seen, fields=seen | {"text": "An ability to listen."})

    assert CompetenceLink.objects.get(newer=row).kind == "unchanged"


def test_changed_words_are_compared_again(newer, admin):
    row = competence(newer, "A1.1")
    seen = {"code": "A1.1", "text": row.text}

    drafts.change(by=admin, node=row, seen=seen, fields=seen | {"text": "Knowledge of what asking asks for."})

    link = CompetenceLink.objects.get(newer=row)
    assert (link.basis, link.likeness, link in newer.links.certain()) == ("likeness", 83, False)


def test_confirmed_link_stands_while_the_words_stay(newer, admin):
    decide(admin, newer, "A1.2", LinkKind.EDITORIAL, "A1.2")
    row = competence(newer, "A1.2")

    drafts.change(by=admin, node=row, seen={"code": "A1.2"}, fields={"code": "A1.9"})

    link = CompetenceLink.objects.get(newer=row)
    assert (link.kind, link.confirmed_by) == ("editorial", admin)


@pytest.fixture
def published(newer, admin):
    confirm_all(newer, admin)
    return frameworks.publish(by=admin, revision=newer)


def test_carry_over_is_decided_once(published, admin):
    first = lineage.carry_over(by=admin, revision=published)
    again = lineage.carry_over(by=admin, revision=published)

    assert first == again
    assert factories.event_types(revision=published)[-1] == "carry_over_decided"


def test_carry_over_can_be_undone_and_decided_again(published, admin):
    lineage.carry_over(by=admin, revision=published)
    lineage.undo_carry_over(by=admin, revision=published)
    lineage.carry_over(by=admin, revision=published)

    assert list(published.carry_overs.values_list("undone_by", flat=True)) == [admin.pk, None]


def test_undoing_without_a_carry_over_records_nothing(published, admin):
    before = AuditEvent.objects.count()

    lineage.undo_carry_over(by=admin, revision=published)

    assert AuditEvent.objects.count() == before


def test_carry_over_stands_once_something_is_rated(published, admin, supervisor, therapist):
    lineage.carry_over(by=admin, revision=published)
    draft = factories.make_draft(supervisor, therapist, published, codes="A1")
    factories.rate(draft, "A1.1")

    with pytest.raises(Refused, match="rated on this revision already"):
        lineage.undo_carry_over(by=admin, revision=published)


def test_carry_over_can_be_undone_while_there_are_only_notes(published, admin, supervisor, therapist):
    lineage.carry_over(by=admin, revision=published)
    draft = factories.make_draft(supervisor, therapist, published, codes="A1")
    factories.rate(draft, "A1.1", "pending", note="Typed first.")

    lineage.undo_carry_over(by=admin, revision=published)

    assert published.carry_overs.get().undone_by == admin


def test_first_revision_carries_nothing(older, admin):
    with pytest.raises(Refused, match="follows another one"):
        lineage.carry_over(by=admin, revision=older)


def test_another_scale_carries_nothing(older, admin):
    data = factories.make_next_data(scale=factories.make_scale_data(version=2, name="Other"))
    newer = frameworks.load(by=None, data=data)
    confirm_all(newer, admin)
    frameworks.publish(by=admin, revision=newer)

    with pytest.raises(Refused, match="another scale"):
        lineage.carry_over(by=admin, revision=newer)
