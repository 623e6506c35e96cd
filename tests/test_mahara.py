import json
from pathlib import Path

import pytest

from assessments.exceptions import ImportRejected
from assessments.importers import mahara, trees
from assessments.importers.reading import Answers, Node

FILES = Path(__file__).parent / "files"


def read(content):
    return mahara.read("a.matrix", content, Answers())


def framework(**members):
    return read(json.dumps({"framework": {"name": "N", **members}}).encode())


def standard(standardid=1, name="Listening", **members):
    return {"standardid": standardid, "shortname": str(standardid), "name": name, **members}


def element(elementid, standardid=1, **members):
    return {"standardid": standardid, "elementid": elementid, "name": f"Element {elementid}", **members}


def tree(*elements, standards=()):
    return framework(standards=list(standards) or [standard()], standardelements=list(elements))


def parents(reading):
    return {node.id: node.parent for node in reading.nodes}


def notices(reading):
    return {notice.what for notice in reading.notices}


def problems(reading):
    return [str(problem) for problem in reading.problems]


def test_matrix_is_read_exactly():
    reading = read((FILES / "clinic.matrix").read_bytes())

    place = "/framework/standardelements/{} (code {})"
    assert reading.problems == []
    assert reading.metadata == {
        "title": "Clinic skills",
        "framework_title": "Clinic skills",
        "summary": "What a clinic asks for.",
    }
    assert reading.kept == {"framework": {"institution": "all", "selfassess": False}}
    assert reading.nodes == [
        Node("1", "", "/framework/standards/0 (code 1)", "1", "Listening", level="standard"),
        Node("1/1.1", "1", place.format(0, "1.1"), "1.1", "Silence", "Silence is borne.", level="element"),
        Node(
            "1/1.1.1",
            "1/1.1",
            place.format(1, "1.1.1"),
            "1.1.1",
            "Short ones",
            "Short ones",
            "Up to a minute.",
            level="sub-element",
            kept={"colour": "green"},
        ),
        Node(
            "2",
            "",
            "/framework/standards/1 (code 2)",
            "2",
            "Writing letters",
            "Writing letters",
            "To other services.",
            level="standard",
            kept={"shortname": "Writing"},
        ),
        Node("2/2.1", "2", place.format(2, "2.1"), "2.1", "Plain words", level="element"),
    ]


def test_statuses_make_a_scale():
    scale = read((FILES / "clinic.matrix").read_bytes()).scale

    levels = [(level.value, level.label) for level in scale.levels]
    assert levels == [("1", "Ready"), ("2", "Not met"), ("3", "Partly met"), ("4", "Met")]
    assert (scale.name, scale.threshold, scale.direction) == ("SmartEvidence", "4", "ascending")


def test_scales_of_other_words_have_other_keys():
    keys = {framework(evidencestatuses=[{"begun": word}]).scale.key for word in ["Ready", "Started"]}

    assert len(keys) == 2


def test_layout_of_2016_is_read():
    reading = read((FILES / "clinic-2016.matrix").read_bytes())

    assert reading.problems == []
    assert parents(reading) == {
        "1": "",
        "1/1.1": "1",
        "1/1.1.1": "1/1.1",
        "1/1.1.2": "1/1.1",
        "1/1.2": "1",
        "2": "",
    }
    assert "The elements stand inside their standard, as until 2017." in notices(reading)
    assert [level.label for level in reading.scale.levels] == list(mahara.STATUSES.values())


def test_first_element_of_2016_cannot_lie_in_another():
    inner = [{"shortname": "1.1", "name": "A", "parent": True}]

    reading = framework(standards=[standard(standardelement=inner)])

    place = "/framework/standards/0/standardelement/0/parent"
    what = "It lies in the element before it, and there is none. Write false, or put its parent before it."
    assert problems(reading) == [f"{place}: {what}"]


@pytest.mark.parametrize("name", ["parentelementid", "parentid"])
def test_parent_has_two_names(name):
    reading = tree(element("a"), element("b", **{name: "a"}))

    assert parents(reading) == {"1": "", "1/a": "1", "1/b": "1/a"}
    assert ("The parent is named by parentid, as Mahara exports it." in notices(reading)) is (name == "parentid")


@pytest.mark.parametrize("nothing", ["", None, 0, False])
def test_element_without_a_parent_lies_in_its_standard(nothing):
    assert parents(tree(element("a", parentelementid=nothing)))["1/a"] == "1"


def test_parent_may_come_later():
    assert parents(tree(element("b", parentelementid="a"), element("a")))["1/b"] == "1/a"


def test_elementid_of_two_standards_is_looked_up_in_its_own():
    standards = [standard(1), standard(2, "Writing")]
    elements = [element("a", 1), element("a", 2), element("b", 1, parentelementid="a")]

    reading = tree(*elements, standards=standards)

    assert (parents(reading)["1/b"], reading.problems) == ("1/a", [])


def test_repeated_elementid_is_read_twice_with_the_last_one_before_as_parent():
    elements = [element("a"), element("a", name="Other"), element("b", parentelementid="a"), element("a", name="Third")]

    reading = tree(*elements)

    assert list(parents(reading)) == ["1", "1/a", "1/a#2", "1/b", "1/a#3"]
    assert parents(reading)["1/b"] == "1/a#2"
    assert notices(reading) >= {
        "The elementid 'a' already stands before. Both elements are read.",
        "Its parent's elementid stands more than once; the last one before it is taken.",
    }


def test_element_without_an_id_is_read():
    nameless = {"standardid": 1, "name": "Nameless"}

    assert list(parents(tree(nameless, {**nameless, "name": "Other"}))) == ["1", "1/#1", "1/#2"]


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        (
            [element("b", parentelementid="zz")],
            "/framework/standardelements/0: Its parent '1/zz' is not in the file. Name an entry of the file.",
        ),
        (
            [element("a", 2), element("b", 1, parentelementid="a")],
            "/framework/standardelements/1/standardid: Its parent 'a' belongs to standard '2', it to '1'. "
            "Give both one standardid.",
        ),
        (
            [element("a", parentelementid="a")],
            "/framework/standardelements/0: '1/a' is its own parent. "
            "Give one of them a parent outside the circle, or none.",
        ),
        (
            [element("a", name="", shortname="")],
            "/framework/standardelements/0/name: It has neither a name nor a description. Give it a name.",
        ),
        (
            [element("a", name=["x"])],
            "/framework/standardelements/0/name: A text is expected here. Write it in quotation marks.",
        ),
        (["a"], "/framework/standardelements/0: An object is expected here. Write it in curly brackets."),
    ],
)
def test_mistake_in_an_element_is_told(elements, said):
    assert said in problems(tree(*elements, standards=[standard(1), standard(2, "Writing")]))


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"name": ""}, "/framework/name: The framework has no name. Give it one."),
        ({"standards": "1"}, "/framework/standards: A list is expected here. Write it in square brackets."),
        (
            {"evidencestatuses": [{"great": "x"}]},
            "/framework/evidencestatuses/0/great: 'great' is no status of Mahara's, or stands twice. "
            "Use each of begun, incomplete, partialcomplete, completed once.",
        ),
        (
            {"evidencestatuses": [{"begun": "Same"}, {"completed": "Same"}]},
            "/framework/evidencestatuses: The label 'Same' stands 2 times. Give each level its own.",
        ),
        ({}, "file: There is nothing to assess: it holds no entries. Choose a file with a framework."),
    ],
)
def test_mistake_in_the_framework_is_told(members, said):
    assert said in problems(framework(**{"standards": [], **members}))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[]", "/framework: It holds no framework. Choose a SmartEvidence matrix."),
        (b'{"framework": []}', "/framework: It holds no framework. Choose a SmartEvidence matrix."),
        (
            json.dumps({"framework": {"standards": [{}] * 20_001}}).encode(),
            "/framework: It holds more than 20,000 standards and elements. Split it into several files.",
        ),
    ],
    ids=["list", "no object", "too many"],
)
def test_file_without_a_framework_is_refused(content, said):
    with pytest.raises(ImportRejected) as refused:
        read(content)

    assert str(refused.value) == said


def test_broken_line_in_a_text_is_placed():
    content = (FILES / "clinic.matrix").read_bytes().replace(b"Silence is", b"Silence\nis")

    with pytest.raises(ImportRejected, match="line 12, column 68: This is not JSON: a line break"):
        read(content)


@pytest.mark.parametrize(
    ("content", "is_matrix"),
    [
        (b'\xef\xbb\xbf {"framework" : {"standards": []}}', True),
        (b'{"framework": {"name": "x"}}', False),
        (b'["framework", {"standards": 1}]', False),
        (b'framework: {"standards": 1}', False),
    ],
)
def test_matrix_is_recognised(content, is_matrix):
    assert mahara.recognises("any", content) is is_matrix


def test_depths_are_those_of_the_file():
    assert trees.depths(read((FILES / "clinic-2016.matrix").read_bytes()).nodes) == [2, 2, 2]
