import json
from dataclasses import replace
from pathlib import Path

import pytest

from assessments.exporters import mahara
from assessments.importers import mahara as importer
from assessments.importers import own_yaml
from assessments.importers.reading import Answers
from assessments.revisions import LevelData
from tests import factories

FILES = Path(__file__).parent / "files"
IPT = own_yaml.read((FILES.parent.parent / "fixtures" / "ipt-1.0.yaml").read_bytes())
SMALL = own_yaml.read((FILES / "small.yaml").read_bytes())
FACTORY = factories.make_revision_data()


def matrix(data):
    return json.loads(mahara.write(data))["framework"]


def with_levels(count, **changes):
    levels = [LevelData(str(number), f"L{number}") for number in range(1, count + 1)]
    return factories.make_revision_data(scale=factories.make_scale_data(levels=levels, threshold="2", **changes))


def test_domains_are_standards():
    assert matrix(SMALL)["standards"] == [
        {"shortname": "A", "name": "First domain", "description": "How it is read.", "standardid": 1}
    ]


def test_elements_name_a_parent_met_before():
    assert [
        (each["shortname"], each["elementid"], each.get("parentelementid"))
        for each in matrix(FACTORY)["standardelements"]
    ] == [
        ("A1", "1.1", None),
        ("A1.1", "1.1.1", "1.1"),
        ("A1.2", "1.1.2", "1.1"),
        ("A1a", "1.2", None),
        ("A1a.1", "1.2.1", "1.2"),
    ]


def test_competences_of_a_synthetic_activity_stand_alone():
    domain = SMALL.domains[0]
    data = replace(SMALL, domains=[replace(domain, activities=[replace(domain.activities[0], is_synthetic=True)])])

    assert [(each["shortname"], each["elementid"]) for each in matrix(data)["standardelements"]] == [
        ("A1.1", "1.1"),
        ("A1a", "1.2"),
        ("A1a.1", "1.2.1"),
    ]


def test_description_holds_points_and_guidance():
    assert matrix(SMALL)["standardelements"][1]["description"] == (
        "Knowledge of what listening asks for.\n- Attention.\n- Time.\nAsk for an example.\nWait for it."
    )


@pytest.mark.parametrize(
    ("count", "labels"),
    [
        (2, {"begun": "L1", "completed": "L2"}),
        (3, {"begun": "L1", "partialcomplete": "L2", "completed": "L3"}),
        (4, {"begun": "L1", "incomplete": "L2", "partialcomplete": "L3", "completed": "L4"}),
        (5, {"begun": "L1 / L2", "incomplete": "L3", "partialcomplete": "L4", "completed": "L5"}),
        (9, {"begun": "L1 / L2 / L3", "incomplete": "L4 / L5", "partialcomplete": "L6 / L7", "completed": "L8 / L9"}),
    ],
)
def test_levels_take_the_four_statuses(count, labels):
    assert matrix(with_levels(count))["evidencestatuses"] == [{name: label} for name, label in labels.items()]


def test_lowest_level_comes_first():
    assert matrix(with_levels(2, direction="descending"))["evidencestatuses"] == [{"begun": "L2"}, {"completed": "L1"}]


def test_joined_levels_are_told():
    assert matrix(with_levels(5))["description"].endswith(
        "Levels of this scale share Mahara's four statuses: L1 / L2; L3; L4; L5."
    )


def test_long_name_is_cut():
    domain = replace(FACTORY.domains[0], title="x" * 300)

    name = matrix(replace(FACTORY, domains=[domain]))["standards"][0]["name"]

    assert (len(name), name[-1]) == (255, "…")


def test_file_is_read_back_with_every_entry():
    reading = importer.read("ipt.matrix", mahara.write(IPT), Answers())

    entries = len(IPT.domains) + len(list(IPT.all_activities())) + len(list(IPT.all_competences()))
    assert (len(reading.nodes), reading.problems) == (entries, [])
