"""Attacks on what joins revisions: kept files, links from one revision to the next, the carry-over of ratings."""

from django.utils import timezone

from assessments.actions import frameworks
from assessments.models import CarryOver, Competence, CompetenceLink, FrameworkImport, FrameworkRevision, ShortForm
from assessments.revisions import ActivityData, CompetenceData, DomainData, PointData
from tests import factories
from tests.attacks.sql import OTHER_BYTES, copying

REVISION = "UPDATE assessments_frameworkrevision SET "
PUBLISH = f"{REVISION}status = 'published', published_at = '2026-01-01' WHERE id = "
LINK = "UPDATE assessments_competencelink SET "
UNDO = "UPDATE assessments_carryover SET undone_at = decided_at WHERE id = "
UPLOAD = "UPDATE assessments_frameworkimport SET "
CLOSE = f"{UPLOAD}status = 'discarded', closed_at = uploaded_at WHERE id = "
LOAD = f"{UPLOAD}status = 'loaded', closed_at = uploaded_at, revision_id = {{second}}, "

ATTACKS = {
    "guard_import_is_kept_as_uploaded_update": [
        f"{UPLOAD}content = {OTHER_BYTES} WHERE id = {{upload}}",
        f"{UPLOAD}sha256 = 'another' WHERE id = {{upload}}",
        f"{UPLOAD}file_name = 'another.csv' WHERE id = {{upload}}",
        f"{UPLOAD}uploaded_by_id = {{lead}} WHERE id = {{upload}}",
        f"{UPLOAD}uploaded_at = '2020-01-01' WHERE id = {{upload}}",
        f"{UPLOAD}status = 'open', closed_at = NULL WHERE id = {{thrown_away}}",
        f"{UPLOAD}status = 'open', closed_at = NULL, revision_id = NULL WHERE id = {{loaded}}",
        f"{UPLOAD}revision_id = {{first}} WHERE id = {{loaded}}",
        f"{UPLOAD}answers = '{{{{}}}}' WHERE id = {{loaded}}",
    ],
    "guard_import_is_kept_as_uploaded_delete": [
        "DELETE FROM assessments_frameworkimport WHERE id = {upload}",
        "DELETE FROM assessments_frameworkimport WHERE id = {thrown_away}",
    ],
    "guard_import_names_a_revision_of_its_framework_insert": [
        copying(FrameworkImport, "loaded", id="{new}", framework_id="{ipt}")
    ],
    "guard_import_names_a_revision_of_its_framework_update": [
        f"{LOAD}framework_id = {{ipt}} WHERE id = {{upload}}",
        f"{LOAD}framework_id = NULL WHERE id = {{upload}}",
    ],
    "guard_revision_follows_a_published_one_insert": [
        copying(FrameworkRevision, "whole", number="'new'", previous_id="{revision}"),
        copying(FrameworkRevision, "whole", number="'new'", previous_id="{with_open_link}"),
        copying(FrameworkRevision, "whole", number="'new'", previous_id="{discarded}"),
    ],
    "guard_revision_follows_a_published_one_update": [
        f"{REVISION}previous_id = {{revision}} WHERE id = {{sketch}}",
        f"{REVISION}previous_id = id WHERE id = {{sketch}}",
        f"{REVISION}previous_id = {{discarded}} WHERE id = {{unlinked}}",
        f"{REVISION}framework_id = {{ipt}} WHERE id = {{whole}}",
        f"{REVISION}previous_id = {{revision}} WHERE id = {{discarded}}",
    ],
    "guard_revision_keeps_the_one_before_while_linked_update": [
        f"{REVISION}previous_id = {{first}} WHERE id = {{whole}}",
        f"{REVISION}previous_id = NULL WHERE id = {{whole}}",
        f"{REVISION}previous_id = NULL, status = 'published', published_at = '2026-01-01'"
        " WHERE id = {with_open_link}",
    ],
    "guard_link_is_frozen_once_published_insert": [copying(CompetenceLink, "link")],
    "guard_link_is_frozen_once_published_update": [
        f"{LINK}kind = 'reworded' WHERE id = {{link}}",
        f"{LINK}note = 'New' WHERE id = {{link}}",
        f"{LINK}confirmed_at = NULL WHERE id = {{link}}",
        f"{LINK}revision_id = {{second}} WHERE id = {{rival_link}}",
    ],
    "guard_link_is_frozen_once_published_delete": ["DELETE FROM assessments_competencelink WHERE id = {link}"],
    "guard_link_joins_a_revision_to_the_one_before_insert": [
        copying(CompetenceLink, "draft_link", older_id="{first_competence}"),
        copying(CompetenceLink, "draft_link", older_id="{competence}"),
        copying(CompetenceLink, "draft_link", older_id="newer_id"),
        copying(CompetenceLink, "draft_link", newer_id="{second_competence}"),
        copying(CompetenceLink, "draft_link", newer_id="{sketch_competence}"),
        copying(CompetenceLink, "draft_link", revision_id="{sketch}", newer_id="{sketch_competence}"),
    ],
    "guard_link_joins_a_revision_to_the_one_before_update": [
        f"{LINK}older_id = {{first_competence}} WHERE id = {{draft_link}}",
        f"{LINK}newer_id = {{second_competence}} WHERE id = {{draft_link}}",
        f"{LINK}older_id = newer_id, newer_id = older_id WHERE id = {{draft_link}}",
        f"{LINK}revision_id = {{sketch}} WHERE id = {{draft_link}}",
    ],
    "guard_revision_is_mapped_when_published_update": [
        f"{PUBLISH}{{unlinked}}",
        f"{PUBLISH}{{with_open_link}}",
        f"{PUBLISH}{{without_older}}",
        f"{PUBLISH}{{without_newer}}",
        f"{PUBLISH}{{without_older_point}}",
        f"{PUBLISH}{{without_newer_point}}",
    ],
    "guard_revision_is_mapped_once_when_published_update": [
        f"{PUBLISH}{{removed_and_kept}}",
        f"{PUBLISH}{{added_and_kept}}",
        f"{PUBLISH}{{kept_and_split}}",
        f"{PUBLISH}{{merged_twice}}",
    ],
    "guard_carry_over_fits_its_revision_insert": [
        copying(CarryOver, "carry_over", revision_id="{first}"),
        copying(CarryOver, "carry_over", revision_id="{whole}"),
        copying(CarryOver, "carry_over", revision_id="{rescaled}"),
        copying(CarryOver, "carry_over", revision_id="{withdrawn_edition}"),
    ],
    "guard_carry_over_is_undone_before_rating_update": [
        f"{UNDO}{{carry_over_of_rated}}",
        "UPDATE assessments_carryover SET undone_at = NULL WHERE id = {undone}",
        "UPDATE assessments_carryover SET undone_by_id = {lead} WHERE id = {undone}",
        "UPDATE assessments_carryover SET revision_id = {followed} WHERE id = {carry_over}",
        "UPDATE assessments_carryover SET decided_by_id = {lead} WHERE id = {carry_over}",
        "UPDATE assessments_carryover SET decided_at = '2020-01-01' WHERE id = {carry_over}",
    ],
    "guard_carry_over_is_never_deleted_delete": [
        "DELETE FROM assessments_carryover WHERE id = {carry_over}",
        "DELETE FROM assessments_carryover WHERE id = {undone}",
    ],
}

SOUND = [
    f"{UPLOAD}answers = '{{{{}}}}', format = 'own', framework_id = {{ipt}} WHERE id = {{upload}}",
    f"{LOAD}framework_id = {{grown}} WHERE id = {{upload}}",
    f"{CLOSE}{{upload}}",
    copying(FrameworkImport, "upload", id="{new}"),
    copying(FrameworkRevision, "whole", number="'new'"),
    copying(FrameworkRevision, "sketch", number="'new'", previous_id="{retired}"),
    f"{REVISION}previous_id = {{first}} WHERE id = {{unlinked}}",
    f"{REVISION}title = 'New' WHERE id = {{whole}}",
    f"{PUBLISH}{{whole}}",
    f"{PUBLISH}{{split_in_two}}",
    f"{PUBLISH}{{covered_by_what_is_new}}",
    copying(CompetenceLink, "draft_link", kind="'covered'", newer_id="{other_newer}"),
    f"{LINK}confirmed_at = NULL, confirmed_by_id = NULL WHERE id = {{draft_link}}",
    "DELETE FROM assessments_competencelink WHERE id = {draft_link}",
    copying(CarryOver, "carry_over", revision_id="{followed}"),
    copying(CarryOver, "undone", undone_at="NULL"),
    f"{UNDO}{{carry_over}}",
    f"{UNDO}{{carry_over_of_noted}}",
]


def rows(cast):
    """Editions of one framework: 2.0 follows 1.0 as a whole, and drafts that follow 2.0 lack one thing each."""
    first = _edition("1.0")
    frameworks.publish(by=None, revision=first)
    second = _published("2.0", "1.0")
    whole = _linked("3.0")
    return {
        "grown": first.framework,
        "first": first,
        "second": second,
        "whole": whole,
        "whole_domain": whole.domains.get(),
        "whole_activity": whole.activities.get(),
        "foreign_form": ShortForm.objects.create(revision=second, name="Growing", purpose="other"),
        "unlinked": _edition("unlinked", "2.0"),
        "discarded": _discarded(),
        "first_competence": _at(first, "G1.1"),
        "second_competence": _at(second, "G1.1"),
        "other_newer": _at(whole, "G1.2"),
        "link": second.links.first(),
        "draft_link": whole.links.get(newer__code="G1.1"),
        "rival_link": _link(_edition("rival", "1.0"), "removed", older="G1.1"),
        **_mappings(),
        **_carry_overs(cast),
        **_uploads(cast, second),
    }


def _edition(number, previous="", **changes):
    points = [PointData("g1-1-a", "G1.1.a", "Judged.", is_rateable=True), PointData("g1-1-b", "G1.1.b", "Guidance.")]
    competences = [
        CompetenceData("g1-1", "G1.1", "skill", "An ability to grow.", points=points),
        CompetenceData("g1-2", "G1.2", "skill", "An ability to wait."),
    ]
    activity = ActivityData("g1", "G1", "Growing", "Growing", competences=competences)
    domains = [DomainData("g", "G", "Growing", "Growing", activities=[activity])]
    names = {"framework": "grown", "framework_title": "Grown", "number": number, "previous": previous}
    revision = factories.make_revision(is_published=False, domains=domains, issued_on="2026-01-01", **names, **changes)
    revision.links.all().delete()  # what loading proposed; each attack says for itself what is linked
    return revision


def _linked(number, previous="2.0", *, but=(), **changes):
    """A draft in which every rateable competence but some keeps its meaning, by confirmed links."""
    revision = _edition(number, previous, **changes)
    for competence in revision.competences.rateable().exclude(code__in=but):
        _link(revision, "unchanged", older=competence.code, newer=competence.code)
    return revision


def _published(number, previous, **changes):
    return frameworks.publish(by=None, revision=_linked(number, previous, **changes))


def _at(revision, code):
    return Competence.objects.get(revision=revision, code=code)


def _link(revision, kind, *, older=None, newer=None, **values):
    return CompetenceLink.objects.create(
        revision=revision,
        older=_at(revision.previous, older) if older else None,
        newer=_at(revision, newer) if newer else None,
        kind=kind,
        basis="key",
        **{"confirmed_at": timezone.now(), **values},
    )


def _discarded():
    revision = _edition("discarded")
    FrameworkRevision.objects.filter(pk=revision.pk).update(status="discarded")
    return revision


def _mappings():
    """Drafts that follow 2.0: what each says of G1.2, or of the point G1.1.a, beside sound links for the rest."""
    removed, added = {"kind": "removed", "older": "G1.2"}, {"kind": "added", "newer": "G1.2"}
    kept = {"kind": "unchanged", "older": "G1.2", "newer": "G1.2"}
    elsewhere = {"kind": "split", "older": "G1.2", "newer": "G1.1"}
    said = {
        "with_open_link": [{**kept, "confirmed_at": None}],
        "without_older": [added],
        "without_newer": [removed],
        "removed_and_kept": [removed, kept],
        "added_and_kept": [added, kept],
        "kept_and_split": [kept, elsewhere],
        "merged_twice": [{**kept, "kind": "merged"}, {**elsewhere, "kind": "merged"}],
        "split_in_two": [{**kept, "kind": "split"}, elsewhere],
        "covered_by_what_is_new": [added, {**kept, "kind": "covered"}, {**elsewhere, "kind": "covered"}],
    }
    drafts = {name: _linked(name, but=["G1.2"]) for name in said}
    for name, links in said.items():
        for link in links:
            _link(drafts[name], **link)
    for name, link in {"without_older_point": {"newer": "G1.1.a"}, "without_newer_point": {"older": "G1.1.a"}}.items():
        drafts[name] = _linked(name, but=["G1.1.a"])
        _link(drafts[name], "added" if "newer" in link else "removed", **link)
    return drafts


def _carry_overs(cast):
    editions = {name: _published(name, "1.0") for name in ["followed", "carried", "rated", "noted", "undone"]}
    carried = {
        name: CarryOver.objects.create(revision=editions[name], decided_by=cast.supervisor)
        for name in ["carried", "rated", "noted", "undone"]
    }
    CarryOver.objects.filter(pk=carried["undone"].pk).update(undone_at=timezone.now())
    for name, answer, note in [("rated", 2, ""), ("noted", "pending", "Typed first.")]:
        draft = factories.make_draft(cast.supervisor, cast.therapist, editions[name], codes="G1")
        factories.rate(draft, "G1.1", answer, note=note)
    withdrawn = _published("withdrawn", "1.0")
    FrameworkRevision.objects.filter(pk=withdrawn.pk).update(status="retired", retired_at=timezone.now())
    return {
        "followed": editions["followed"],
        "rescaled": _published("rescaled", "1.0", scale=factories.make_scale_data(version=3)),
        "withdrawn_edition": withdrawn,
        "carry_over": carried["carried"],
        "carry_over_of_rated": carried["rated"],
        "carry_over_of_noted": carried["noted"],
        "undone": carried["undone"],
    }


def _uploads(cast, revision):
    upload = {"uploaded_by": cast.supervisor, "file_name": "list.csv", "content": b"Code,Text", "sha256": "0" * 64}
    closed = {**upload, "closed_at": timezone.now()}
    loaded = {"status": "loaded", "revision": revision, "framework": revision.framework}
    return {
        "upload": FrameworkImport.objects.create(**upload),
        "thrown_away": FrameworkImport.objects.create(**closed, status="discarded"),
        "loaded": FrameworkImport.objects.create(**closed, **loaded),
    }
