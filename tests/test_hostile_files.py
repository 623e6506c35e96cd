"""A hostile file is refused, or read with its problems told, in seconds: never an exception of another kind."""

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments import importers
from assessments.exceptions import ImportRejected
from assessments.importers import moodle
from assessments.importers.reading import MAX_BYTES, MAX_NODES, MAX_TEXT
from tests.pace import allowed

MOST_SECONDS = allowed(5)
FILES = Path(__file__).parent / "files"
OWN = b"format: competence-framework/1\n"
MANY = range(MAX_NODES)


def case_package(items, links=(), **members):
    document = {"identifier": "d", "title": "T"}
    whole = {"CFDocument": document, "CFItems": list(items), "CFAssociations": list(links), **members}
    return json.dumps(whole, ensure_ascii=False).encode()


def item(number, **members):
    return {"identifier": f"i{number}", "fullStatement": "text", **members}


def link(origin, destination, **members):
    return {"associationType": "isChildOf", "originNodeURI": origin, "destinationNodeURI": destination, **members}


def table(*rows, values="No,Yes", configuration='[{"id":1,"scaledefault":1,"proficient":1}]', words="skill"):
    cells = ["", "F", "Frame", "", "1", values, configuration, *[""] * 5, "1", words]
    framework = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    return "\n".join([",".join(moodle.HEADS), framework, *rows]).encode()


def matrix(elements, **members):
    standards = [{"standardid": 1, "name": "S"}]
    framework = {"name": "N", "standards": standards, "standardelements": list(elements), **members}
    return json.dumps({"framework": framework}).encode()


def element(number, **members):
    return {"standardid": 1, "elementid": f"e{number}", "name": "E", **members}


def laughs():
    names = "abcdefghi"
    return "\n".join(["a: &a [lol]", *(f"{name}: &{name} [*{below}, *{below}]" for below, name in pairwise(names))])


MARKS = "e" + "\u0301\u0323" * (MAX_TEXT // 2 - 1)
HOSTILE = {
    "a.json": {
        "50 MB": lambda: b"[" * 50_000_000,
        "only brackets": lambda: b"[" * MAX_BYTES,
        "10,000 levels": lambda: b'{"CFDocument":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        "pairs of brackets": lambda: b'{"CFItems":[' + b"[]," * 6_000_000 + b"[]]}",
        "only quotation marks": lambda: b'{"CFItems":' + b'"' * 20_000_000,
        "escaped marks": lambda: b'{"CFItems":"' + b'\\"' * 10_000_000,
        "one long number": lambda: b'{"CFItems":' + b"9" * 20_000_000 + b"}",
        "NaN": lambda: b'{"CFItems": NaN}',
        "lone surrogate": lambda: b'{"CFDocument": {"title": "\\ud800"}, "CFItems": [{"identifier": "\\udfff"}]}',
        "wrong encoding": lambda: case_package([item(1)]).decode().encode("utf-16-le"),
        "repeated members": lambda: b'{"CFDocument":{"a":1},' + b'"CFItems":[],' * 400_000 + b'"a":1}',
        "too many items": lambda: case_package(item(number) for number in range(2 * MAX_NODES)),
        "a chain": lambda: case_package(map(item, MANY), (link(f"i{n}", f"i{n - 1}" if n else "d") for n in MANY)),
        "a circle": lambda: case_package(map(item, MANY), (link(f"i{n}", f"i{(n + 1) % MAX_NODES}") for n in MANY)),
        "orphans": lambda: case_package(map(item, MANY), (link(f"i{n}", f"x{n}") for n in MANY)),
        "no links": lambda: case_package(map(item, MANY), [link("i0", "d")]),
        "many parents": lambda: case_package(map(item, MANY), (link("i0", f"i{n}") for n in MANY)),
        "one identifier": lambda: case_package((item(1, notes=str(n)) for n in MANY), [link("i1", "d")]),
        "no identifiers": lambda: case_package({} for _ in MANY),
        "null everywhere": lambda: b'{"CFDocument":{"title":null},"CFItems":[null],"CFAssociations":[null,{}]}',
        "lists everywhere": lambda: b'{"CFDocument":{"title":[]},"CFItems":[{"identifier":[]}],"CFAssociations":{}}',
        "one old item": lambda: case_package(
            map(item, MANY), (link("old", f"i{n}", associationType="replacedBy") for n in MANY)
        ),
        "HTML": lambda: case_package(item(n, notes="<p>a" * 40_000) for n in range(100)),
        "unclosed HTML": lambda: case_package(item(n, notes="<!--<script>" * 10_000) for n in range(100)),
        "combining marks": lambda: case_package(item(n, notes=MARKS) for n in range(400)),
        "long enumerations": lambda: case_package(
            (item(n, listEnumeration="1." * 200) for n in MANY), (link(f"i{n}", "d") for n in MANY)
        ),
        "a long rubric": lambda: case_package(
            [item(1)],
            CFRubrics=[{"CFRubricCriteria": [{"CFItemURI": "i1", "CFRubricCriterionLevels": [{}] * 50_000}]}],
        ),
    },
    "a.csv": {
        "50 MB": lambda: b"," * 50_000_000,
        "NUL": lambda: table(",a,A\0"),
        "bytes of a picture": lambda: b"\x89PNG" + bytes(range(256)) * 1_000,
        "wrong encoding": lambda: table(",a,A").decode().encode("utf-16-le"),
        "undecodable": lambda: table(",a,A") + b"\x81\x8d",
        "blank rows": lambda: table("\n" * 20_000_000),
        "only separators": lambda: table("," * 20_000_000),
        "wide rows": lambda: table(*["," * 900] * MAX_NODES),
        "quoted cells": lambda: table('"",' * 6_000_000),
        "an open mark": lambda: table('"' + "a\n" * 9_000_000),
        "marks": lambda: table('"' + '""' * 9_000_000),
        "backslashes": lambda: table('"' + '\\"' * 9_000_000),
        "too many rows": lambda: table(*(f",c{number},Name" for number in range(2 * MAX_NODES))),
        "a chain": lambda: table(",c0,Name", *(f"c{n - 1},c{n},Name" for n in MANY[1:])),
        "a circle": lambda: table(*(f"c{(n + 1) % MAX_NODES},c{n},Name" for n in MANY)),
        "orphans": lambda: table(*(f"{'ab' * 27}{n},{'ba' * 27}{n},Name" for n in MANY)),
        "one id": lambda: table(*(f",c,Name {n}" for n in MANY)),
        "HTML": lambda: table(*(f',c{n},N,"{"<p>a" * 4_000}",1' for n in range(1_000))),
        "many values": lambda: table(",a,A", values="a," * 5_000_000),
        "deep configuration": lambda: table(",a,A", configuration="[" * 10_000),
        "many words": lambda: table(",a,A", words="a," * 5_000_000),
        "references": lambda: table(*(f',c{n},N,,1,,,,,,"{"r," * 9_000}"' for n in range(800))),
    },
    "a.matrix": {
        "50 MB": lambda: b"{" * 50_000_000,
        "10,000 levels": lambda: b'{"framework":{"standards":' + b"[" * 10_000,
        "wrong encoding": lambda: matrix([]).decode().encode("utf-16"),
        "Latin 1": lambda: matrix([element(1, name="n")]).replace(b'"n"', b'"\xe9"'),
        "a chain": lambda: matrix(element(n, parentelementid=f"e{n - 1}") for n in MANY[2:]),
        "a circle": lambda: matrix([element(1, parentelementid="e2"), element(2, parentelementid="e1")]),
        "orphans": lambda: matrix(element(n, parentelementid=f"x{n}") for n in MANY[2:]),
        "one id": lambda: matrix([element(1, parentelementid="e1")] * (MAX_NODES - 2)),
        "too many": lambda: matrix([element(1)] * (MAX_NODES + 1)),
        "no standard": lambda: matrix(element(n, standardid="9" * 50) for n in MANY[2:]),
        "statuses": lambda: matrix([], evidencestatuses=[{f"s{n}": "x" for n in range(100)}] * 3_000),
        "null everywhere": lambda: b'{"framework":{"standards":[null],"standardelements":[{"name":null}]}}',
        "spaces": lambda: b'{"framework"' + b" " * 20_000_000 + b':{"standards":1}}',
    },
    "a.yaml": {
        "50 MB": lambda: OWN + b"a" * 50_000_000,
        "aliases": lambda: OWN + laughs().encode(),
        "entities": lambda: OWN + b'a: !<!ENTITY x "y"> b',
        "a tag": lambda: OWN + b"a: !!python/object/apply:os.system [ls]",
        "10,000 levels of flow": lambda: OWN + b"a: " + b"[" * 10_000,
        "10,000 levels of mappings": lambda: OWN + b"a: " + b"{a: " * 10_000,
        "levels of indentation": lambda: OWN + b"".join(b" " * level + b"a:\n" for level in range(4_000)),
        "many fields": lambda: OWN + b"".join(b"k%d: x\n" % number for number in range(500_000)),
        "a long list": lambda: OWN + b"domains:\n" + b"- a\n" * 5_000_000,
        "one field": lambda: OWN * 600_000,
        "a long key": lambda: OWN + b"a" * 20_000_000 + b": b",
        "a long text": lambda: OWN + b'title: "' + b"a\n\n" * 6_000_000 + b'"',
        "remarks": lambda: OWN + b"#\n" * 10_000_000,
        "documents": lambda: (OWN + b"---\n") * 500_000,
        "wrong encoding": lambda: (OWN + b"title: x").decode().encode("utf-16"),
        "Latin 1": lambda: OWN + b"title: \xe9",
        "NUL": lambda: OWN + b"title: \0",
        "repeated keys": lambda: OWN + b"domains:\n" + b"- {key: a, code: A, title: x}\n" * 15_000,
    },
}
CASES = [
    pytest.param(name, make, id=f"{name} {what}") for name, files in HOSTILE.items() for what, make in files.items()
]


def problems(name, content):
    try:
        return importers.read(name, content).problems
    except ImportRejected as rejected:
        return rejected.problems


# Tolerated, each with a warning: they are odd, and nothing in them is wrong.
TOLERATED = {"a.json no links", "a.json one old item", "a.json long enumerations", "a.csv references"}


@pytest.mark.parametrize(("name", "make"), CASES)
def test_hostile_file_is_refused_in_seconds(name, make, request):
    content = make()
    begun = time.process_time()

    told = problems(name, content)

    assert time.process_time() - begun < MOST_SECONDS
    assert len(told) <= 101
    assert bool(told) is (request.node.callspec.id not in TOLERATED)
    assert all(problem.place and problem.what.endswith(".") and problem.mend.endswith((".", "…")) for problem in told)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def changed(document, data):
    """The document with one value, somewhere inside, replaced by another."""
    place = document
    while True:
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
        if not place[key] or not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(VALUES)
    return document


@pytest.mark.parametrize("name", ["clinic.case.json", "clinic.matrix", "clinic-2016.matrix"])
@settings(deadline=None)
@given(data=st.data())
def test_any_change_of_a_member_is_read_or_refused(name, data):
    document = json.loads((FILES / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        changed(document, data)

    assert isinstance(problems("download", json.dumps(document).encode()), list)


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=16), max_size=4))
def test_any_cells_are_read_or_refused(rows):
    content = table(*(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows))

    assert isinstance(problems("a.csv", content), list)


@pytest.mark.parametrize("start", [b"", b'{"CFDocument":', b'{"framework":{"standards":', table(), OWN])
@settings(deadline=None)
@given(rest=st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused(start, rest):
    assert isinstance(problems("download", start + rest), list)
