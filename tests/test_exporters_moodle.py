import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from assessments.exporters import moodle
from assessments.importers import moodle as importer
from assessments.importers import own_yaml
from assessments.importers.reading import Answers
from assessments.revisions import ActivityData, CompetenceData, DomainData
from tests import factories

FILES = Path(__file__).parent / "files"
IPT = own_yaml.read((FILES.parent.parent / "fixtures" / "ipt-1.0.yaml").read_bytes())
SMALL = own_yaml.read((FILES / "small.yaml").read_bytes())
FACTORY = factories.make_revision_data()


def rows(data):
    return list(csv.DictReader(io.StringIO(moodle.write(data).decode())))


def with_competence(text, **changes):
    competence = CompetenceData("c", "C1", "skill", text, **changes)
    return factories.make_revision_data(
        domains=[
            DomainData("a", "A", "D", "D", activities=[ActivityData("b", "B1", "T", "T", competences=[competence])])
        ]
    )


def test_file_begins_with_the_framework():
    row = rows(SMALL)[0]

    assert (row["ID number"], row["Short name"], row["Is framework"]) == ("small-1.10", "Small list 1.10", "1")
    assert row["Scale values"] == "Not met,Met"
    assert json.loads(row["Scale configuration"]) == [
        {"scaleid": "1"},
        {"id": 1, "scaledefault": 1, "proficient": 1},
        {"id": 2, "scaledefault": 0, "proficient": 1},
    ]


def test_levels_from_the_expected_one_on_are_proficient():
    steps = json.loads(rows(FACTORY)[0]["Scale configuration"])[1:]

    assert [step["proficient"] for step in steps] == [0, 0, 1]


def test_tree_is_told_by_parents():
    assert [(row["Parent ID number"], row["ID number"]) for row in rows(FACTORY)[1:]] == [
        ("", "A"),
        ("A", "A1"),
        ("A1", "A1.1"),
        ("A1", "A1.2"),
        ("A1", "A1a"),
        ("A1a", "A1a.1"),
    ]


@pytest.mark.parametrize("code", ["1", "1.10", "1e3", "b1"])
def test_codes_that_moodle_would_mix_up_are_marked(code):
    data = replace(with_competence("Text."), domains=[replace(with_competence("Text.").domains[0], code=code)])

    assert [row["ID number"] for row in rows(data)[1:]] == [f"D-{code}", "A-B1", "C-C1"]


def test_synthetic_entries_are_left_out():
    domain = replace(SMALL.domains[0], is_synthetic=True)
    activity = replace(domain.activities[0], is_synthetic=True)
    data = replace(SMALL, domains=[replace(domain, activities=[activity])])

    assert [(row["Parent ID number"], row["ID number"]) for row in rows(data)[1:]] == [
        ("", "A1.1"),
        ("", "A1a"),
        ("A1a", "A1a.1"),
    ]


def test_description_holds_the_whole_text():
    row = rows(SMALL)[2]

    assert row["Description"] == (
        "<p>Knowledge of what listening asks for.</p><ul><li>Attention.</li><li>Time.</li></ul>"
        "<p>Ask for an example.</p><p>Wait for it.</p>"
    )


def test_long_name_is_cut():
    row = rows(with_competence("word " * 40 + "end"))[3]

    assert (len(row["Short name"]), row["Short name"][-1]) == (100, "…")


def test_markup_stays_text():
    assert rows(with_competence('<b>"x"</b>'))[3]["Description"] == "<p>&lt;b&gt;&quot;x&quot;&lt;/b&gt;</p>"


def test_quotation_mark_after_a_backslash_does_not_end_a_cell():
    assert rows(with_competence('a\\"b'))[3]["Short name"] == "C1 a\\”b"


def test_comma_in_a_label_begins_no_other_level():
    scale = factories.make_scale_data(
        levels=[replace(level, label=f"{level.label}, so") for level in FACTORY.scale.levels]
    )

    assert rows(factories.make_revision_data(scale=scale))[0]["Scale values"] == "Not met; so,Partly met; so,Met; so"


def test_file_is_read_back_with_every_entry():
    reading = importer.read("ipt.csv", moodle.write(IPT), Answers())

    entries = len(IPT.domains) + len(list(IPT.all_activities())) + len(list(IPT.all_competences()))
    assert (len(reading.nodes), reading.problems) == (entries, [])
