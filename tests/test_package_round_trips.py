"""Any tree, written by the tests in a format's own way and read back, is the same tree."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments import importers
from assessments.importers import moodle, prose, texts
from assessments.importers.reading import Node

# Any text that stays itself when it is tidied, and that no reader takes for HTML or for a code in front of a title.
TEXTS = (
    st.text(st.characters(blacklist_categories=["Cs", "Cc", "Cn", "Co"], blacklist_characters="\ufffd"), min_size=1)
    .map(lambda text: "T" + texts.tidied(text))
    .filter(lambda text: text == texts.tidied(text) and not prose.is_html(text) and not texts.fault(text, 200))
)
QUOTES = st.text(st.sampled_from('",;\\\n ab'), min_size=1).map(lambda text: f"T{texts.tidied(text)}.")


@st.composite
def trees(draw, *, most_depth):
    """Nodes parents first, siblings in order, with ids that differ only as text, such as 1.1 and 1.10."""
    nodes, last = [], []
    for _ in range(draw(st.integers(1, 12))):
        depth = draw(st.integers(0, min(len(last), most_depth - 1)))
        last = last[:depth]
        parent = last[-1] if last else ""
        number = sum(node.parent == parent for node in nodes) + 1
        id = ".".join([*parent.split("."), str(number)] if parent else [str(number)])
        nodes.append(Node(id, parent, "", code=id, text=draw(TEXTS | QUOTES)))
        last.append(id)
    return nodes


def told(nodes):
    return [(node.code, node.text or node.title, node.guidance) for node in nodes]


def links(reading):
    codes = {node.id: node.code for node in reading.nodes}
    return {node.code: codes.get(node.parent, "") for node in reading.nodes}


def check(name, content, nodes):
    reading = importers.read(name, content)

    assert reading.problems == []
    assert told(reading.nodes) == told(nodes)
    assert links(reading) == {node.id: node.parent for node in nodes}


def case_package(nodes, shuffled):
    items = [
        {"identifier": f"i-{node.id}", "humanCodingScheme": node.code, "fullStatement": node.text} for node in nodes
    ]
    associations = [
        {
            "associationType": "isChildOf",
            "sequenceNumber": number,
            "originNodeURI": {"identifier": f"I-{node.id}"},
            "destinationNodeURI": {"identifier": f"i-{node.parent}" if node.parent else "doc"},
        }
        for number, node in enumerate(nodes)
    ]
    whole = {
        "CFDocument": {"identifier": "doc", "title": "T"},
        "CFItems": shuffled.sample(items, len(items)),
        "CFAssociations": shuffled.sample(associations, len(associations)),
    }
    return json.dumps(whole, ensure_ascii=shuffled.random() < 0.5).encode()


def moodle_table(nodes, shuffled, mark):
    """The rows in printed order; the framework's own stands anywhere."""
    scale = '[{"scaleid":"1"},{"id":1,"scaledefault":1,"proficient":1}]'
    rows = [[node.parent, node.id, node.text, "", "2", *[""] * 9] for node in nodes]
    framework = ["", "F", "Frame", "", "1", "Yes,No", scale, *[""] * 5, "1", "skill"]
    rows.insert(shuffled.randint(0, len(rows)), framework)
    return "".join(mark.join(map(as_php, row)) + "\n" for row in [moodle.HEADS, *rows]).encode()


def as_php(cell):
    r"""Quoted; a mark behind a backslash is not doubled."""
    return '"' + re.sub(r'(?<!\\)"', '""', cell) + '"' if cell else ""


def without_what_php_loses(nodes):
    r"""PHP cannot read back what it writes for two backslashes before a mark, or one at the end of a cell."""
    return [replace(node, text=re.sub(r"\\+", r"\\", node.text).rstrip("\\ \n")) for node in nodes]


def matrix(nodes):
    standards = [
        {"standardid": node.id, "shortname": node.code, "name": node.text} for node in nodes if not node.parent
    ]
    elements = [
        {
            "standardid": int(node.id.partition(".")[0]),
            "elementid": node.id,
            "shortname": node.code,
            "name": node.text,
            **({"parentelementid": node.parent} if "." in node.parent else {}),
        }
        for node in nodes
        if node.parent
    ]
    return json.dumps({"framework": {"name": "T", "standards": standards, "standardelements": elements}}).encode()


def matrix_of_2016(nodes):
    def inside(standard):
        return [
            {"shortname": node.code, "name": node.text, "parent": "." in node.parent}
            for node in nodes
            if node.id.startswith(f"{standard.id}.")
        ]

    standards = [
        {"shortname": node.code, "name": node.text, "standardelement": inside(node)}
        for node in nodes
        if not node.parent
    ]
    return json.dumps({"framework": {"name": "T", "standards": standards}}).encode()


@settings(deadline=None)
@given(trees(most_depth=6), st.randoms(use_true_random=False))
def test_case_package_holds_the_tree(nodes, shuffled):
    check("a.json", case_package(nodes, shuffled), nodes)


@pytest.mark.parametrize("mark", moodle.SEPARATORS)
@settings(deadline=None)
@given(nodes=trees(most_depth=6), shuffled=st.randoms(use_true_random=False))
def test_moodle_table_holds_the_tree(mark, nodes, shuffled):
    nodes = without_what_php_loses(nodes)

    check("a.csv", moodle_table(nodes, shuffled, mark), nodes)


@settings(deadline=None)
@given(trees(most_depth=4))
def test_matrix_holds_the_tree(nodes):
    check("a.matrix", matrix(nodes), nodes)


@settings(deadline=None)
@given(trees(most_depth=3))
def test_matrix_of_2016_holds_the_tree(nodes):
    check("a.matrix", matrix_of_2016(nodes), nodes)
