from assessments.revisions import DomainData, LineageData
from assessments.revisions.parts import activity_part, domain_part
from tests import factories

OTHER = DomainData("b", "B", "Second domain", "Second")
WHOLE = factories.make_revision_data()
LINEAGE = [
    LineageData("split", ["x"], ["a1-1", "a1-2"]),
    LineageData("split", ["y"], ["a1-2", "a1a-1"]),
    LineageData("editorial", ["z"], ["a1a-1"]),
    LineageData("covered", ["w"], ["a1-1-a"]),
    LineageData("removed", ["v"], []),
]


def with_lineage(**changes):
    return factories.make_revision_data(lineage=LINEAGE, **changes)


def test_domain_is_the_revision_with_one_domain():
    both = factories.make_revision_data(domains=[*WHOLE.domains, OTHER])

    assert domain_part(both, "A") == WHOLE


def test_activity_keeps_what_lies_inside_it():
    both = factories.make_revision_data(domains=[*WHOLE.domains, OTHER])

    assert activity_part(both, "A1") == WHOLE


def test_activity_inside_another_keeps_the_way_to_it():
    part = activity_part(WHOLE, "A1a")

    assert [activity.code for activity in part.all_activities()] == ["A1", "A1a"]
    assert [competence.code for competence in part.all_competences()] == ["A1a.1"]


def test_part_keeps_the_lineage_of_all_that_is_in_it():
    assert activity_part(with_lineage(), "A1a").lineage == [LINEAGE[2]]


def test_part_with_everything_keeps_all_lineage_but_that_of_what_was_removed():
    assert domain_part(with_lineage(), "A").lineage == LINEAGE[:4]
