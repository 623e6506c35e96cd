"""Whatever is decided in whatever order: the mapping stays whole, and once all is confirmed it can be published."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.actions import frameworks, lineage
from assessments.exceptions import Refused
from assessments.models import LinkKind, Organisation, Role
from assessments.revisions import ActivityData, CompetenceData, DomainData, PointData
from assessments.revisions.lineage import Link, problems
from tests import factories

pytestmark = pytest.mark.django_db

SAME = "A stance of patience."
OLDER = {"C1": "Knows how to listen.", "C2": SAME, "C3": "Asks openly.", "C4": "Ends in time."}
NEWER = {"C1": "Knows how to listen well.", "C5": SAME, "C3": "Asks openly.", "C6": "Begins in time.", "C7": "Rests."}

DECISIONS = st.lists(
    st.tuples(
        st.sampled_from([*OLDER, "C4.a"]),
        st.sampled_from(LinkKind.values),
        st.lists(st.sampled_from(sorted(NEWER)), max_size=3, unique=True),
    ),
    max_size=8,
)


def tree(texts, *, is_rateable):
    """One activity; the last statement has a sub-point whose key the other revision uses too."""
    rows = [CompetenceData(code.lower(), code, "skill", text) for code, text in texts.items()]
    point = PointData("c4-a", "C4.a", "In good time.", is_rateable=is_rateable)
    rows[-1] = CompetenceData(rows[-1].key, rows[-1].code, "skill", rows[-1].text, points=[point])
    return [
        DomainData("d", "D", "Domain", "Domain", activities=[ActivityData("e", "E", "Act", "Act", competences=rows)])
    ]


@pytest.fixture
def drafted():
    admin = factories.make_person("Robert Quayle", Role.ADMIN, Organisation.objects.create(name="Northfield"))
    factories.make_revision(domains=tree(OLDER, is_rateable=True))
    newer = factories.make_revision(
        is_published=False, number="1.1", previous="1.0", domains=tree(NEWER, is_rateable=False)
    )
    return admin, newer


def decide(admin, revision, older, kind, codes):
    rows = {row.code: row for row in revision.competences.all()}
    before = revision.previous.competences.get(code=older)
    try:
        lineage.decide(by=admin, revision=revision, older=before, kind=kind, newer=[rows[code] for code in codes])
    except Refused as refusal:
        return str(refusal)
    return ""


def found(revision):
    links = revision.links.select_related("older", "newer")
    return problems(
        revision.previous.competences.rateable().values_list("code", flat=True),
        revision.competences.rateable().values_list("code", flat=True),
        [Link(row.kind, row.older.code if row.older else "", row.newer.code if row.newer else "") for row in links],
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DECISIONS)
def test_mapping_is_whole_after_any_decisions(drafted, decisions):
    admin, revision = drafted
    with transaction.atomic():
        for decision in decisions:
            decide(admin, revision, *decision)

        lineage.confirm(by=admin, revision=revision, links=revision.links.values_list("pk", flat=True))
        published = frameworks.publish(by=admin, revision=revision)

        assert (found(revision), published.is_published) == ([], True)
        keys = list(published.competences.values_list("key", flat=True))
        transaction.set_rollback(True)
    assert len(keys) == len(set(keys))


def test_refused_decision_says_why_and_leaves_what_stood(drafted):
    admin, revision = drafted
    before = list(revision.links.values_list("older", "newer", "kind"))

    refusals = [decide(admin, revision, "C1", kind, ["C1"]) for kind in ["added", "split", "removed", "unchanged"]]

    assert refusals == [
        "C1 stands in the earlier revision, so it is not new. Choose what became of it.",
        "“Split” leads to 2 or more; 1 are chosen.",
        "“Removed” leads to no new competence; 1 are chosen.",
        "The words of C1 and C1 differ. Choose “Same meaning, words tidied”.",
    ]
    assert list(revision.links.values_list("older", "newer", "kind")) == before


def test_merger_of_one_is_a_rewording_until_another_joins(drafted):
    admin, revision = drafted

    decide(admin, revision, "C4", "merged", ["C6"])
    alone = list(revision.links.filter(newer__code="C6").values_list("kind", flat=True))
    decide(admin, revision, "C1", "merged", ["C6"])

    both = sorted(revision.links.filter(newer__code="C6").values_list("kind", flat=True))
    assert (alone, both) == (["reworded"], ["merged", "reworded"])


def test_merger_whose_partner_goes_is_a_rewording(drafted):
    admin, revision = drafted
    for older in ["C1", "C4"]:
        decide(admin, revision, older, "merged", ["C6"])

    decide(admin, revision, "C4", "removed", [])

    assert list(revision.links.filter(newer__code="C6").values_list("older__code", "kind")) == [("C1", "reworded")]


def test_identity_of_a_former_point_is_free_for_what_follows_it(drafted):
    admin, revision = drafted
    decide(admin, revision, "C4.a", "reworded", ["C7"])
    lineage.confirm(by=admin, revision=revision, links=revision.links.values_list("pk", flat=True))

    published = frameworks.publish(by=admin, revision=revision)

    assert published.competences.get(code="C7").key == "c4-a"
    assert published.competences.get(code="C4.a").key not in {"c4-a", "c4"}
