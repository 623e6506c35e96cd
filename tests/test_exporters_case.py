"""CASE packages of ours: valid by the official schema, and read back by our own importer."""

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft201909Validator

from assessments.exporters import case
from assessments.importers import case as importer
from assessments.importers import own_yaml
from assessments.importers.reading import Answers
from assessments.revisions import (
    ActivityData,
    CompetenceData,
    DomainData,
    LevelData,
    LineageData,
    PointData,
)
from tests import factories
from tests.revision_strategies import revisions

FILES = Path(__file__).parent / "files"
IPT = own_yaml.read((FILES.parent.parent / "fixtures" / "ipt-1.0.yaml").read_bytes())
SMALL = own_yaml.read((FILES / "small.yaml").read_bytes())
SCHEMA = json.loads((FILES / "case-v1p1-cfpackage.schema.json").read_text())
VALIDATOR = Draft201909Validator(SCHEMA, format_checker=Draft201909Validator.FORMAT_CHECKER)

MOMENT = datetime.datetime(2026, 11, 23, 9, 30, tzinfo=datetime.UTC)
SITE = "https://example.org"
UUID = "6b1f4e9a-8a1a-4b0e-9d37-1c2f5f7e0a11"


def package(data, **changes):
    edition = {"base": SITE, "changed_at": MOMENT, "status": "published", **changes}
    return json.loads(case.write(data, case.Edition(**edition)))


def items(found):
    return {item["humanCodingScheme"]: item for item in found["CFItems"]}


def links(found, *types):
    """Associations by type and the titles of both ends."""
    return [
        (link["associationType"], link["originNodeURI"]["title"], link["destinationNodeURI"]["title"])
        for link in found["CFAssociations"]
        if link["associationType"] in types
    ]


def with_competence(**changes):
    competence = CompetenceData(**{"key": "c", "code": "C1", "kind": "skill", "text": "An ability.", **changes})
    activity = ActivityData("b", "B1", "Activity", "Activity", competences=[competence])
    return factories.make_revision_data(domains=[DomainData("a", "A", "Domain", "Domain", activities=[activity])])


def competence_item(**changes):
    return items(package(with_competence(**changes)))["C1"]


@pytest.mark.parametrize("data", [IPT, SMALL, factories.make_revision_data()], ids=["ipt", "small", "factory"])
def test_package_is_valid(data):
    assert list(VALIDATOR.iter_errors(package(data))) == []


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(revisions())
def test_package_of_any_revision_is_valid(data):
    assert list(VALIDATOR.iter_errors(package(data, previous=data))) == []


def test_package_is_read_back_with_the_same_tree():
    content = json.dumps(package(IPT)).encode()

    reading = importer.read("ipt.json", content, Answers())

    by_id = {node.id: node for node in reading.nodes}
    found = {
        node.code: (by_id[node.parent].code if node.parent else "", node.title or node.text) for node in reading.nodes
    }
    expected = {domain.code: ("", domain.title) for domain in IPT.domains}
    for domain in IPT.domains:
        expected |= {activity.code: (domain.code, activity.title) for activity in domain.activities}
    for activity in IPT.all_activities():
        for row in activity.competences:
            expected[row.code] = (activity.code, row.text)
            expected |= {point.code: (row.code, point.text) for point in row.points}
    assert (found, reading.problems) == (expected, [])


def test_document_says_whose_it_is():
    document = package(SMALL)["CFDocument"]

    assert {
        name: document[name] for name in ["title", "version", "publisher", "language", "adoptionStatus", "notes"]
    } == {
        "title": "Small list",
        "version": "1.10",
        "publisher": "Nobody",
        "language": "en-GB",
        "adoptionStatus": "Adopted",
        "notes": "Only a test.",
    }
    assert (document["lastChangeDateTime"], document["statusStartDate"]) == ("2026-11-23T09:30:00Z", "2026-11-30")


def test_licence_stands_among_the_definitions():
    found = package(SMALL)

    assert found["CFDefinitions"]["CFLicenses"][0]["licenseText"] == "None needed"
    assert found["CFDocument"]["licenseURI"]["title"] == "CC0"


@pytest.mark.parametrize(
    ("status", "retired_on", "expected"),
    [
        ("draft", None, ("Draft", None)),
        ("published", None, ("Adopted", None)),
        ("retired", datetime.date(2027, 1, 2), ("Deprecated", "2027-01-02")),
    ],
)
def test_document_says_what_became_of_it(status, retired_on, expected):
    document = package(SMALL, status=status, retired_on=retired_on)["CFDocument"]

    assert (document["adoptionStatus"], document.get("statusEndDate")) == expected


def test_creator_is_named_even_where_nobody_is():
    assert package(factories.make_revision_data())["CFDocument"]["creator"] == "Small framework"


def test_children_are_numbered_under_their_parent():
    found = package(factories.make_revision_data())

    numbered = [
        (link["originNodeURI"]["title"], link["destinationNodeURI"]["title"], link["sequenceNumber"])
        for link in found["CFAssociations"]
    ]

    assert numbered == [
        ("A", "Small list", 1),
        ("A1", "A", 1),
        ("A1.1", "A1", 1),
        ("A1.1.a", "A1.1", 1),
        ("A1.2", "A1", 2),
        ("A1a", "A1", 3),
        ("A1a.1", "A1a", 1),
    ]


def test_synthetic_entries_are_left_out():
    domain = replace(SMALL.domains[0], is_synthetic=True)
    activity = replace(domain.activities[0], is_synthetic=True)

    found = package(replace(SMALL, domains=[replace(domain, activities=[activity])]))

    assert links(found, "isChildOf")[:2] == [("isChildOf", "A1.1", "Small list"), ("isChildOf", "A1.1.a", "A1.1")]
    assert {"A", "A1"}.isdisjoint(items(found))


def test_point_lies_where_it_lay_before():
    points = [
        PointData("p", "P", "Above.", source_id=UUID),
        PointData("q", "Q", "Below.", kept={"parent": UUID}),
        PointData("r", "R", "Elsewhere.", kept={"parent": "unknown"}),
    ]

    found = package(with_competence(points=points))

    assert links(found, "isChildOf")[-3:] == [
        ("isChildOf", "P", "C1"),
        ("isChildOf", "Q", "P"),
        ("isChildOf", "R", "C1"),
    ]


def test_levels_are_called_as_the_framework_calls_them():
    found = package(with_competence(kept={"level": "Standard"}))

    named = [(each["title"], each["hierarchyCode"]) for each in found["CFDefinitions"]["CFItemTypes"]]
    assert named == [("Domain", "1"), ("Activity", "1.1"), ("Standard", "1.1.1")]
    assert items(found)["C1"]["CFItemTypeURI"]["title"] == "Standard"


def test_identifier_that_came_with_an_entry_is_kept():
    assert competence_item(source_id=UUID.upper())["identifier"] == UUID


def test_identifier_is_given_to_one_entry_only():
    points = [PointData("p", "P", "Text.", source_id=UUID)]

    found = items(package(with_competence(source_id=UUID, points=points)))

    assert (found["C1"]["identifier"], found["P"]["identifier"] != UUID) == (UUID, True)


def test_identifier_is_made_from_address_and_key():
    one, same, other = (
        items(package(with_competence(code=code, key=key)))[code]["identifier"]
        for code, key in [("C1", "c"), ("C2", "c"), ("C1", "d")]
    )

    assert (one == same, one == other, one) == (True, False, "ab627e4d-2508-5cf1-84c0-77779233fa35")


def test_same_entry_of_two_revisions_has_two_identifiers():
    found = [items(package(replace(with_competence(), number=number)))["C1"]["identifier"] for number in ["1.0", "1.1"]]

    assert len(set(found)) == 2


def test_item_leads_to_its_page():
    found = items(package(factories.make_revision_data()))

    assert [found[code]["uri"].removeprefix(f"{SITE}/frameworks/small/1.0/") for code in ["A", "A1a", "A1.1.a"]] == [
        "domains/A/",
        "activities/A1a/",
        "activities/A1/#A1.1.a",
    ]


@pytest.mark.parametrize(
    ("title", "introduction", "expected"),
    [
        ("Listening", "", ("Listening", "Listening", None)),
        ("Listening", "Why one listens.", ("Listening", "Listening", "Why one listens.")),
        (
            "Listen, and wait…",
            "Listen, and wait until it ends.",
            ("Listen, and wait until it ends.", "Listen, and wait…", None),
        ),
    ],
)
def test_heading_is_the_statement_of_an_entry_above(title, introduction, expected):
    domain = DomainData("a", "A", title, "A", introduction=introduction)

    item = items(package(factories.make_revision_data(domains=[domain])))["A"]

    assert (item["fullStatement"], item["abbreviatedStatement"], item.get("notes")) == expected


def test_competence_tells_its_kind_and_what_it_came_with():
    item = competence_item(
        is_safety_critical=True,
        guidance="Look twice.",
        kept={
            "conceptKeywords": "listening",
            "educationLevel": ["12", 13],
            "alternativeLabel": "Ears",
            "title": "Listen",
            "odd": 1,
        },
    )

    assert (item["conceptKeywords"], item["educationLevel"]) == (["Skill", "Safety-critical", "listening"], ["12"])
    assert (item["alternativeLabel"], item["abbreviatedStatement"], item["notes"]) == ("Ears", "Listen", "Look twice.")
    assert "odd" not in item


def test_document_says_again_what_it_came_with():
    data = replace(SMALL, kept={"CFDocument": {"subject": "Care", "frameworkType": "Occupational"}})

    document = package(data)["CFDocument"]

    assert (document["subject"], document["frameworkType"]) == (["Care"], "Occupational")


def association(**changes):
    end = {"title": "Elsewhere", "identifier": "x", "uri": "https://example.com/x"}
    return {
        "identifier": "0f4c3a52-31a4-4a0e-8f55-2c56b1f7a001",
        "uri": "https://example.com/link",
        "associationType": "isRelatedTo",
        "originNodeURI": {"title": "Here", "identifier": UUID, "uri": "https://example.com/here", "extra": 1},
        "destinationNodeURI": end,
        "CFDocumentURI": end,
        "notes": "Alike.",
        **changes,
    }


def kept_links(*found):
    data = replace(with_competence(source_id=UUID), kept={"associations": list(found)})
    return [link for link in package(data)["CFAssociations"] if link["associationType"] != "isChildOf"]


def test_other_link_is_handed_on_as_far_as_it_fits():
    (link,) = kept_links(association())

    assert (link["associationType"], link["notes"], link["destinationNodeURI"]["identifier"]) == (
        "isRelatedTo",
        "Alike.",
        "x",
    )
    assert (set(link["originNodeURI"]), "CFDocumentURI" in link) == ({"title", "identifier", "uri"}, False)


@pytest.mark.parametrize(
    "link",
    [
        "no link",
        association(associationType="isStandardAlignedTo"),
        association(uri=None),
        association(destinationNodeURI="x"),
        association(destinationNodeURI={"identifier": "x"}),
        association(originNodeURI={"title": "T", "identifier": "other", "uri": "U"}),
    ],
    ids=["text", "type", "no address", "bare end", "short end", "about others"],
)
def test_link_that_does_not_fit_is_left_out(link):
    assert kept_links(link) == []


def test_link_is_handed_on_once():
    assert len(kept_links(association(), association(uri="https://example.com/again"))) == 1


def test_what_is_kept_may_be_anything():
    data = replace(SMALL, kept={"associations": "none", "CFDocument": []})

    assert list(VALIDATOR.iter_errors(package(data))) == []


# Lineage


def revision_of(*competences, **changes):
    activity = ActivityData("b", "B1", "Activity", "Activity", competences=list(competences))
    domains = [DomainData("a", "A", "Domain", "Domain", activities=[activity])]
    return factories.make_revision_data(domains=domains, **changes)


def statement(key, text, code=""):
    return CompetenceData(key, code or key.upper(), "skill", text)


OLD_KEYS = ["same", "recoded", "reworded", "tidied", "split", "one", "two", "need", "gone"]
BEFORE = revision_of(*(statement(key, f"An ability to {key}.") for key in OLD_KEYS))
AFTER = revision_of(
    statement("same", "An ability to same."),
    statement("recoded", "An ability to recoded.", "NEW"),
    statement("reworded", "Quite another ability."),
    statement("tidied", "An ability to be tidied."),
    statement("half", "One half."),
    statement("rest", "The rest."),
    statement("both", "One and two."),
    statement("fresh", "Something new."),
    number="2.0",
    previous="1.0",
    lineage=[
        LineageData("editorial", ["tidied"], ["tidied"], "A comma."),
        LineageData("split", ["split"], ["half", "rest"]),
        LineageData("merged", ["one", "two"], ["both"]),
        LineageData("covered", ["need"], ["same"]),
        LineageData("removed", ["gone"], []),
        LineageData("added", [], ["fresh"]),
        LineageData("editorial", ["never"], ["fresh"]),
    ],
)


def test_lineage_runs_as_case_wants_it():
    found = package(AFTER, previous=BEFORE)

    assert [(type, *ends) for type, *ends in links(found, "exactMatchOf", "replacedBy", "isRelatedTo")] == [
        ("replacedBy", "Small list", "Small list"),
        ("exactMatchOf", "TIDIED", "TIDIED"),
        ("replacedBy", "SPLIT", "HALF"),
        ("replacedBy", "SPLIT", "REST"),
        ("replacedBy", "ONE", "BOTH"),
        ("replacedBy", "TWO", "BOTH"),
        ("isRelatedTo", "SAME", "NEED"),
        ("exactMatchOf", "SAME", "SAME"),
        ("exactMatchOf", "NEW", "RECODED"),
        ("replacedBy", "REWORDED", "REWORDED"),
    ]


def test_lineage_is_told_in_notes_where_case_has_no_word():
    notes = {
        link["originNodeURI"]["title"]: link.get("notes") for link in package(AFTER, previous=BEFORE)["CFAssociations"]
    }

    assert [notes[code] for code in ["TIDIED", "SPLIT", "ONE", "NEW", "REWORDED"]] == [
        "editorial; A comma.",
        "split",
        "merged",
        "code RECODED → NEW",
        None,
    ]


@pytest.mark.parametrize(
    ("values", "scores"),
    [
        (["0", "1", "2"], [0, 1, 2]),
        (["1", "1.5", "2"], [1, 1.5, 2]),
        (["01", "02", "3"], [1, 2, 3]),
        ("abc", [1, 2, 3]),
    ],
)
def test_levels_score_their_values_where_reading_them_back_gives_the_same(values, scores):
    levels = [LevelData(value, f"Level {value}") for value in values]
    scale = replace(factories.make_scale_data(), levels=levels, threshold=values[0])

    (rubric,) = package(replace(with_competence(), scale=scale))["CFRubrics"]

    (criterion,) = rubric["CFRubricCriteria"]
    assert [level["score"] for level in criterion["CFRubricCriterionLevels"]] == scores


def test_half_steps_of_a_scale_come_back():
    levels = [LevelData(value, f"Level {value}") for value in ["1", "1.5", "2"]]
    data = replace(with_competence(), scale=replace(factories.make_scale_data(), levels=levels, threshold="2"))

    reading = importer.read("a.json", case.write(data, case.Edition(SITE, MOMENT, "published")), Answers())

    assert [level.value for level in reading.scale.levels] == ["1", "1.5", "2"]
