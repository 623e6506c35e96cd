"""Mahara's SmartEvidence matrix: JSON with one framework, its standards, and elements inside them.

Two layouts exist: elements in a list of their own, which name their standard and parent, and (until 2017) elements
inside their standard, a child following its parent.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import scales, strict_json
from assessments.importers.findings import Findings
from assessments.importers.members import Members
from assessments.importers.reading import MAX_NODES, Answers, Node, Reading
from assessments.revisions import ScaleData

FORMAT = "mahara"
# Mahara's own words where a file has none, lowest first.
STATUSES = {
    "begun": "Ready for assessment",
    "incomplete": "Doesn't meet the standard",
    "partialcomplete": "Partially meets the standard",
    "completed": "Meets the standard",
}
STANDARD, ELEMENT, PART = "standard", "element", "sub-element"

_SIGN = re.compile(rb'"framework"\s*+:')
_MEMBERS = re.compile(rb'"(?:standards|standardelements|evidencestatuses|selfassess|institution)"\s*+:')
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_NONE = {"", "0", "False", "None"}


def recognises(name: str, content: bytes) -> bool:
    """Whether it is a matrix, by its content; the name does not matter."""
    starts = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
    return starts and bool(_SIGN.search(content) and _MEMBERS.search(content))


def read(name: str, content: bytes, answers: Answers) -> Reading:
    """Read a matrix. Raises ImportRejected when there is no framework in it."""
    findings = Findings()
    document, problems = strict_json.parsed(content)
    findings.problems += problems
    top = Members(document, (), findings) if isinstance(document, dict) else Members({}, (), findings)
    framework = top.inside("framework")
    if not framework.value:
        raise ImportRejected([Problem("/framework", "It holds no framework.", "Choose a SmartEvidence matrix.")])
    if sum(map(len, _lists(framework))) > MAX_NODES:
        what = f"It holds more than {MAX_NODES:,} standards and elements."
        raise ImportRejected([Problem("/framework", what, "Split it into several files.")])
    metadata = _metadata(framework)
    nodes = _nodes(framework)
    scale = _scale(framework)
    kept = {**top.rest(), "framework": framework.rest()}
    return findings.checked(Reading(format=FORMAT, nodes=nodes, metadata=metadata, scale=scale, kept=kept))


def _lists(framework: Members) -> list[list[Any]]:
    """Every list of standards and elements, to be counted before they are read."""
    outer = [framework.value.get(name) for name in ["standards", "standardelements"]]
    found = [each for each in outer if isinstance(each, list)]
    inner = [each.get("standardelement") for entries in found for each in entries if isinstance(each, dict)]
    return [*found, *(each for each in inner if isinstance(each, list))]


def _metadata(framework: Members) -> dict[str, str]:
    title = framework.text("name")
    if not title:
        framework.findings.problem(framework.place("name"), "The framework has no name.", "Give it one.")
    return {"title": title, "framework_title": title, "summary": framework.text("description")}


@dataclass(frozen=True)
class _Element:
    """An element before its parent is looked up, which it names by its elementid."""

    members: Members
    standard: str
    elementid: str
    parent: str = ""


def _nodes(framework: Members) -> list[Node]:
    standards = list(framework.objects("standards"))
    nodes = [_standard(each, str(number)) for number, each in enumerate(standards, start=1)]
    elements = [
        *(each for node, standard in zip(nodes, standards, strict=True) for each in _nested(standard, node.id)),
        *(_listed(each) for each in framework.objects("standardelements")),
    ]
    return [*nodes, *_placed(elements)]


def _standard(standard: Members, number: str) -> Node:
    standardid = standard.raw("standardid") or number
    return _node(standard, id=standardid, parent="", level=STANDARD, written=standardid)


def _nested(standard: Members, standardid: str) -> Iterator[_Element]:
    """The older layout: `parent` says that an element lies in the one before it."""
    last = ""
    for element in standard.objects("standardelement"):
        element.findings.note(element.place(), "The elements stand inside their standard, as until 2017.")
        elementid = element.raw("elementid") or element.raw("shortname")
        is_inside = element.value.get("parent") is True
        element.used.update(["parent", "priority"])
        if is_inside and not last:
            what = "It lies in the element before it, and there is none."
            element.findings.problem(element.place("parent"), what, "Write false, or put its parent before it.")
        yield _Element(element, standardid, elementid, parent=last if is_inside else "")
        last = last if is_inside else elementid


def _listed(element: Members) -> _Element:
    parent = element.raw("parentelementid")
    if not parent and (parent := element.raw("parentid")) not in _NONE:
        element.findings.note(element.place("parentid"), "The parent is named by parentid, as Mahara exports it.")
    elementid = element.raw("elementid") or element.raw("shortname")
    return _Element(element, element.raw("standardid"), elementid, parent="" if parent in _NONE else parent)


def _placed(elements: list[_Element]) -> Iterator[Node]:
    """The elements with ids of their own and their parents, which are looked for in their standard."""
    numbers: dict[tuple[str, str], list[int]] = {}
    homes: dict[str, str] = {}
    for number, each in enumerate(elements):
        numbers.setdefault((each.standard, each.elementid), []).append(number)
        homes.setdefault(each.elementid, each.standard)
    ids = [_id(each, number, numbers[each.standard, each.elementid]) for number, each in enumerate(elements)]
    for number, each in enumerate(elements):
        found = numbers.get((each.standard, each.parent), []) if each.parent else []
        parent = ids[_nearest(found, number)] if found else _missing(each, homes)
        level = PART if each.parent else ELEMENT
        yield _node(each.members, id=ids[number], parent=parent, level=level, written=each.elementid)
        if len(found) > 1:
            what = "Its parent's elementid stands more than once; the last one before it is taken."
            each.members.findings.warn(each.members.place("parentelementid"), what)


def _id(element: _Element, number: int, alike: list[int]) -> str:
    """The elementid within its standard. Mahara's own example uses one twice, so a repeated one is told apart."""
    written = f"{element.standard}/{element.elementid}"
    if not element.elementid:
        return f"{written}#{number + 1}"
    if number == alike[0]:
        return written
    what = f"The elementid {element.elementid!r} already stands before. Both elements are read."
    element.members.findings.warn(element.members.place("elementid"), what)
    return f"{written}#{bisect_left(alike, number) + 1}"


def _nearest(found: list[int], number: int) -> int:
    """The last of the candidates before this element, or else the first after it; itself if there is no other."""
    before = bisect_left(found, number) - 1
    if before >= 0:
        return found[before]
    return next((each for each in found[:2] if each != number), number)


def _missing(element: _Element, homes: dict[str, str]) -> str:
    """The standard, when no parent is named. A parent that is not in the standard is left to the tree's check."""
    if not element.parent:
        return element.standard
    if element.parent in homes:
        what = (
            f"Its parent {element.parent!r} belongs to standard {homes[element.parent]!r}, it to {element.standard!r}."
        )
        element.members.findings.problem(element.members.place("standardid"), what, "Give both one standardid.")
        return element.standard
    return f"{element.standard}/{element.parent}"


def _node(members: Members, *, id: str, parent: str, level: str, written: str) -> Node:
    """A standard or an element. Its short name is its code if it looks like one, or else the id in the file."""
    shortname = members.text("shortname")
    code = next((each for each in [shortname, written] if _CODE.fullmatch(each)), "")
    members.code = code
    name, description = members.text("name") or shortname, members.text("description")
    title, text, guidance = members.findings.titled(members.place("name"), name, description, code)
    members.used.update(["standardid", "elementid", "parentelementid", "parentid", "standardelement"])
    aside = {"shortname": shortname, "elementid" if level != STANDARD else "standardid": written}
    kept = {**members.rest(), **{key: value for key, value in aside.items() if value not in {code, "", title}}}
    return Node(
        id=id,
        parent=parent,
        place=members.place(),
        code=code,
        title=title,
        text=text,
        guidance=guidance,
        level=level,
        kept=kept,
    )


def _scale(framework: Members) -> ScaleData:
    findings = framework.findings
    place = framework.place("evidencestatuses")
    found: dict[str, str] = {}
    for status in framework.objects("evidencestatuses"):
        for key in status.value:
            if key in STATUSES and key not in found:
                found[key] = status.text(key)
            else:
                what = f"{key!r} is no status of Mahara's, or stands twice."
                findings.problem(status.place(key), what, f"Use each of {', '.join(STATUSES)} once.")
    if not found:
        findings.note(place, "The file names no evidence statuses. Mahara's own four are taken.")
    if "begun" in found:
        findings.note(place, "The lowest status, begun, tells that a piece of work is ready for assessment.")
    labels = [found.get(key) or label for key, label in STATUSES.items()]
    levels = [scales.level(str(number), label) for number, label in enumerate(labels, start=1)]
    scales.check(levels, place, findings)
    return scales.scale("SmartEvidence", levels, threshold=str(len(levels)))
