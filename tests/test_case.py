import datetime
import json
from pathlib import Path

import pytest

from assessments.exceptions import ImportRejected
from assessments.importers import case
from assessments.importers.reading import Answers, Node
from assessments.revisions import LineageData

FILES = Path(__file__).parent / "files"
DOCUMENT = {"identifier": "D", "uri": "https://example.org/D", "title": "T", "creator": "C"}
YESTERDAY = (datetime.date.today() - datetime.timedelta(days=1)).isoformat()


def read(content, **answers):
    return case.read(
        "a.json", content if isinstance(content, bytes) else json.dumps(content).encode(), Answers(**answers)
    )


def item(identifier, **members):
    return {"identifier": identifier, "fullStatement": f"Statement {identifier}", **members}


def link(origin, destination="D", kind="isChildOf", **members):
    ends = {"originNodeURI": {"identifier": origin}, "destinationNodeURI": {"identifier": destination}}
    return {"identifier": f"{origin}-{destination}", "associationType": kind, **ends, **members}


def package(items, links, *, document=DOCUMENT, answers=None, **members):
    whole = {"CFDocument": document, "CFItems": items, "CFAssociations": links, **members}
    return read(whole, **(answers or {}))


def parents(reading):
    return {node.id: node.parent for node in reading.nodes}


def problems(reading):
    return [str(problem) for problem in reading.problems]


def notices(reading):
    return {notice.what: notice.place for notice in reading.notices}


def test_package_is_read_exactly():
    reading = read((FILES / "clinic.case.json").read_bytes())

    start, address = "5a3e7c10-0000-4000-8000-0000000000", "https://example.org/case/CFItems/"
    changed = {"lastChangeDateTime": "2026-02-01T09:00:00"}
    assert reading.problems == []
    assert reading.nodes == [
        Node(
            f"{start}10",
            "",
            "/CFItems/0 (code L)",
            "L",
            "Listening",
            "Listening to what is said and to what is not",
            level="Domain",
            source_id=f"{start}10",
            kept={"uri": f"{address}{start}10", "alternativeLabel": "Hearing", "educationLevel": ["PG"], **changed},
        ),
        Node(
            f"{start}11",
            f"{start}10",
            "/CFItems/2 (code L.1)",
            "L.1",
            "",
            "Asks one question at a time.",
            "Waits for the answer.",
            level="Competence",
            source_id=f"{start}11",
            kept={"uri": f"{address}{start}11", **changed},
        ),
        Node(
            f"{start}12",
            f"{start}10",
            "/CFItems/1 (code L.2)",
            "L.2",
            "",
            "Bears a silence.",
            level="Competence",
            source_id=f"{start}12",
            kept={
                "uri": f"{address}{start}12",
                "CFItemTypeURI": {"title": "Competence", "identifier": "t2", "uri": "https://example.org/t2"},
                **changed,
            },
        ),
    ]


def test_document_gives_the_metadata():
    assert read((FILES / "clinic.case.json").read_bytes()).metadata == {
        "title": "Clinic skills",
        "framework_title": "Clinic skills",
        "number": "2.1",
        "language": "en",
        "summary": "What a clinic asks for.",
        "authors": "Example Institute",
        "rights_holder": "Example Press",
        "issued_on": "2026-02-01",
        "source_url": "https://example.org/case/CFDocuments/5a3e7c10-0000-4000-8000-000000000001",
        "licence": "CC0 1.0",
        "attribution": "No rights reserved.",
        "source_id": "5a3e7c10-0000-4000-8000-000000000001",
    }


def test_everything_else_is_kept():
    kept = read((FILES / "clinic.case.json").read_bytes()).kept

    whole = json.loads((FILES / "clinic.case.json").read_bytes())
    assert set(kept) == {"CFDocument", "CFDefinitions", "extensions", "associations", "child_links"}
    assert kept["CFDefinitions"] == whole["CFDefinitions"]
    assert kept["associations"] == [whole["CFAssociations"][3]]
    assert kept["CFDocument"]["adoptionStatus"] == "adopted"
    assert kept["child_links"]["5a3e7c10-0000-4000-8000-000000000011"] == {
        "identifier": "a3",
        "uri": "https://example.org/case/CFAssociations/a3",
    }


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"licenseURI": {"title": "CC BY", "identifier": "x"}}, ("CC BY", None)),
        ({"licenseURI": "CC BY"}, (None, None)),
        ({"officialSourceURL": "https://example.com/"}, (None, "https://example.com/")),
        ({"uri": "javascript:alert(1)"}, (None, "")),
    ],
)
def test_licence_and_source_are_read(document, found):
    definitions = {"CFLicenses": [{"identifier": "other", "title": "No", "licenseText": "No"}]}
    reading = package([item("a")], [link("a")], document={**DOCUMENT, **document}, CFDefinitions=definitions)

    licence, source = found
    assert reading.metadata.get("licence") == licence
    assert reading.metadata.get("source_url") == (DOCUMENT["uri"] if source is None else source or None)


@pytest.mark.parametrize("subject", ["Mathematics", ["Mathematics"]])
def test_subject_may_be_a_text_or_a_list(subject):
    reading = package([item("a")], [link("a")], document={**DOCUMENT, "subject": subject})

    assert (reading.problems, reading.kept["CFDocument"]["subject"]) == ([], subject)


def test_identifiers_are_compared_in_lower_case():
    reading = package([item("AB"), item("c")], [link("ab", "d"), link("C", "Ab")])

    assert parents(reading) == {"ab": "", "c": "ab"}


@pytest.mark.parametrize(
    "end",
    [
        {"identifier": "A"},
        {"uri": "https://example.org/items/a"},
        {"identifier": "https://example.org/CFItems/a/"},
        {"identifier": "x", "uri": "https://example.org/other/A"},
        "a",
    ],
)
def test_end_is_found_by_identifier_or_address(end):
    items = [item("a", uri="https://example.org/items/a"), item("b")]
    lower = {"associationType": "isChildOf", "originNodeURI": "b", "destinationNodeURI": end}

    assert parents(package(items, [link("a"), lower])) == {"a": "", "b": "a"}


def test_end_is_found_by_the_uuid_at_the_end_of_an_address():
    uuid = "5a3e7c10-0000-4000-8000-000000000010"
    lower = link("b", f"https://example.org/CFItems{uuid}")

    assert parents(package([item(uuid), item("b")], [link(uuid), lower])) == {uuid: "", "b": uuid}


@pytest.mark.parametrize(
    "address", ["https://example.org/CFPackages/P", {"identifier": "P", "uri": "https://example.org/CFPackages/P"}]
)
def test_top_may_be_named_by_the_package(address):
    document = {**DOCUMENT, "CFPackageURI": address}

    assert parents(package([item("a")], [link("a", "p")], document=document)) == {"a": ""}


@pytest.mark.parametrize("kind", ["isChildOf", "Is Child Of", "ischildof"])
def test_link_of_the_tree_is_recognised(kind):
    assert parents(package([item("a"), item("b")], [link("a"), link("b", "a", kind)])) == {"a": "", "b": "a"}


def ordered(*siblings):
    items = [item(name, **({"listEnumeration": places} if places else {})) for name, _, places in siblings]
    links = [link(name, sequenceNumber=number) for name, number, _ in siblings]
    reading = package(items, links)
    return [node.id for node in reading.nodes], notices(reading)


LACKING = "Siblings lack a sequenceNumber. The order is that of the file's own lists."
EQUAL = "Siblings have equal sequenceNumbers. Check their order."


@pytest.mark.parametrize(
    ("siblings", "order", "told"),
    [
        ([("a", 10, ""), ("b", "9", ""), ("c", 1.0, "")], ["c", "b", "a"], set()),
        ([("a", None, "1.10"), ("b", None, "1.9"), ("c", None, "1.x")], ["b", "a", "c"], {LACKING}),
        ([("a", None, "2"), ("b", None, ""), ("c", None, "1")], ["a", "b", "c"], {LACKING}),
        ([("a", None, ""), ("b", 7, ""), ("c", 5, "")], ["c", "b", "a"], {LACKING}),
        ([("a", 1, ""), ("b", 1, ""), ("c", 0, "")], ["c", "a", "b"], {EQUAL}),
        ([("a", None, "")], ["a"], set()),
    ],
)
def test_siblings_stand_in_their_order(siblings, order, told):
    found, notes = ordered(*siblings)

    assert (found, set(notes)) == (order, told)


def test_items_without_any_link_stand_at_the_top():
    reading = package([item("a"), item("b")], [])

    assert parents(reading) == {"a": "", "b": ""}
    assert notices(reading)["No isChildOf joins the items. All of them stand at the top."] == "/CFAssociations"


def test_item_in_no_link_is_left_out():
    reading = package([item("a"), item("b", humanCodingScheme="B")], [link("a")])

    assert parents(reading) == {"a": ""}
    assert notices(reading) == {"No isChildOf tells where it belongs. It is left out.": "/CFItems/1 (code B)"}
    assert [each["identifier"] for each in reading.kept["left_out"]] == ["b"]


@pytest.mark.parametrize(
    ("items", "links", "said"),
    [
        (
            [item("a"), item("b"), item("c")],
            [link("a"), link("b"), link("c", "a"), link("c", "b")],
            "/CFItems/2: It has 2 parents: 'a' (/CFAssociations/2) and 'b' (/CFAssociations/3). Keep one of them.",
        ),
        (
            [item("a"), item("b")],
            [link("a"), link("b", "a"), link("b")],
            "/CFItems/1: It has 2 parents: 'a' (/CFAssociations/1) and 'the document' (/CFAssociations/2). "
            "Keep one of them.",
        ),
        (
            [item("a", humanCodingScheme="A")],
            [link("a", "gone")],
            "/CFAssociations/0/destinationNodeURI: The parent of 'A', 'gone', is not in the package. "
            "Name the document or an item.",
        ),
        (
            [item("a"), item("b")],
            [link("b", "a")],
            "/CFItems/0: Other items lie in it, but nothing says in what it lies itself. "
            "Join it to the document by isChildOf.",
        ),
        (
            [item("a"), item("b")],
            [link("a", "b"), link("b", "a")],
            "/CFItems/0: These entries lie in a circle: 'a' in 'b' in 'a'. "
            "Give one of them a parent outside the circle, or none.",
        ),
        (
            [item("a"), item("a", fullStatement="Other")],
            [link("a")],
            "/CFItems/1: The id 'a' already stands with other content at /CFItems/0. Give each entry an id of its own.",
        ),
        ([item("")], [], "/CFItems/0/identifier: It has no identifier. Give it a UUID of its own."),
        (
            [item("a", fullStatement="<p> </p>", humanCodingScheme="A")],
            [link("a")],
            "/CFItems/0/fullStatement (code A): The statement is missing or empty. Write the statement.",
        ),
        (
            [item("a", fullStatement={"en": "x"})],
            [link("a")],
            "/CFItems/0/fullStatement: A text is expected here. Write it in quotation marks.",
        ),
        (
            [item("a", notes=True)],
            [link("a")],
            "/CFItems/0/notes: A text is expected here. Write it in quotation marks.",
        ),
        (
            [item("a")],
            [link("a", sequenceNumber="first")],
            "/CFAssociations/0/sequenceNumber: 'first' is not a whole number. Write 1, 2, 3 …",
        ),
        (["a"], [], "/CFItems/0: An object is expected here. Write it in curly brackets."),
        ("a", [], "/CFItems: A list is expected here. Write it in square brackets."),
        ([], [], "file: There is nothing to assess: it holds no entries. Choose a file with a framework."),
    ],
)
def test_mistake_is_told_with_its_place(items, links, said):
    assert said in problems(package(items, links))


def test_document_without_a_title_is_a_problem():
    reading = package([item("a")], [link("a")], document={**DOCUMENT, "title": None})

    assert problems(reading) == ["/CFDocument/title: The framework has no title. Give it one."]


def test_missing_statement_is_taken_from_a_label():
    reading = package([{"identifier": "a", "alternativeLabel": "Listening"}], [link("a")])

    assert (reading.nodes[0].title, reading.nodes[0].text) == ("Listening", "Listening")
    assert notices(reading) == {"The statement is missing and taken from alternativeLabel.": "/CFItems/0/fullStatement"}


@pytest.mark.parametrize(
    ("links", "what"),
    [
        ([link("a"), link("a")], "It says again what another association says."),
        ([link("a"), link("x", "a", identifier="a-D")], "Its identifier stands on another association too."),
        ([link("a"), link("a", "zz", "isRelatedTo")], "An end lies outside the package. The association is kept."),
        ([link("a"), link("a", "zz")], "An end lies outside the package. The association is kept."),
        ([link("a"), link("a", "a", "alignsTo")], "Associations of the type 'alignsTo' are kept, not used."),
    ],
)
def test_odd_association_is_noted(links, what):
    reading = package([item("a")], links)

    assert reading.problems == []
    assert notices(reading)[what] == "/CFAssociations/1"


def test_extension_of_the_vocabulary_is_kept_without_a_note():
    reading = package([item("a")], [link("a"), link("a", "a", "ext:splitInto")])

    assert (reading.notices, len(reading.kept["associations"])) == ([], 1)


def test_item_whose_last_day_has_passed_is_left_out():
    items = [item("a"), item("b", statusEndDate=YESTERDAY), item("c")]

    reading = package(items, [link("a"), link("b"), link("c")])

    assert parents(reading) == {"a": "", "c": ""}
    assert notices(reading)["Its last day has passed. It is left out."] == "/CFItems/1/statusEndDate"
    assert [each["identifier"] for each in reading.kept["left_out"]] == ["b"]


def test_item_whose_last_day_has_passed_may_be_kept():
    reading = package([item("a", statusEndDate=YESTERDAY)], [link("a")], answers={"keep_retired": True})

    assert reading.nodes[0].kept == {"statusEndDate": YESTERDAY}


def test_retired_item_stays_above_one_that_goes_on():
    items = [item("a", statusEndDate=YESTERDAY), item("b", statusEndDate=YESTERDAY), item("c"), item("d2")]

    reading = package(items, [link("a"), link("b", "a"), link("c", "b"), link("d2", "c")])

    what = "Its last day has passed. It stays, because entries below it go on."
    assert list(parents(reading)) == ["a", "b", "c", "d2"]
    assert notices(reading)[what] == "/CFItems/0/statusEndDate, /CFItems/1/statusEndDate"


@pytest.mark.parametrize("day", ["9999-12-31", "31/12/2020", ""])
def test_item_without_a_last_day_in_the_past_is_read(day):
    reading = package([item("a", statusEndDate=day)], [link("a")])

    assert parents(reading) == {"a": ""}
    assert len(reading.notices) == (day == "31/12/2020")


NEW = [item("a"), item("b"), item("c")]
AT_TOP = [link("a"), link("b"), link("c")]


@pytest.mark.parametrize(
    ("links", "lineage"),
    [
        ([link("a", "old", "exactMatchOf")], [LineageData("unchanged", ["old"], ["a"])]),
        ([link("OLD", "a", "exactMatchOf")], [LineageData("unchanged", ["old"], ["a"])]),
        (
            [link("a", "old", "exactMatchOf", notes="Editorial: a comma")],
            [LineageData("editorial", ["old"], ["a"], "Editorial: a comma")],
        ),
        ([link("old", "a", "replacedBy", notes="N")], [LineageData("reworded", ["old"], ["a"], "N")]),
        (
            [link("old", "a", "replacedBy"), link("old", "b", "replacedBy", notes="N")],
            [LineageData("split", ["old"], ["a", "b"], "N")],
        ),
        (
            [link("old", "a", "replacedBy"), link("older", "a", "replacedBy"), link("old", "a", "replacedBy")],
            [LineageData("merged", ["old", "older"], ["a"])],
        ),
        (
            [link("old", "a", "replacedBy"), link("old", "b", "replacedBy"), link("other", "b", "replacedBy")],
            [LineageData("split", ["old"], ["a", "b"]), LineageData("merged", ["other"], ["b"])],
        ),
        ([link("a", "next", "replacedBy")], []),
        ([link("a", "b", "replacedBy")], []),
        ([link("old", "D", "replacedBy")], []),
        ([link("x", "y", "exactMatchOf")], []),
        ([{"associationType": "exactMatchOf", "originNodeURI": "a"}], []),
    ],
)
def test_links_to_another_package_tell_the_lineage(links, lineage):
    reading = package(NEW, [*AT_TOP, *links])

    assert reading.lineage == lineage
    assert reading.kept["associations"] == links


def test_item_that_was_left_out_has_no_lineage():
    assert package([item("a"), item("b")], [link("a"), link("b", "old", "exactMatchOf")]).lineage == []


def level(quality, position=None, score=None, description=None):
    return {"quality": quality, "position": position, "score": score, "description": description}


def criterion(*levels, about="a"):
    return {"CFItemURI": {"identifier": about}, "CFRubricCriterionLevels": list(levels)}


def rubrics(*criteria, title="Steps"):
    links = [link("a", sequenceNumber=1), link("b", sequenceNumber=2)]
    return package([item("a"), item("b")], links, CFRubrics=[{"title": title, "CFRubricCriteria": list(criteria)}])


def test_rubric_makes_a_scale():
    reading = rubrics(criterion(level("Good", 2, 1.5, "Well done."), level("Poor", 1, 0)))

    scale = reading.scale
    assert [(each.value, each.label, each.skill) for each in scale.levels] == [
        ("0", "Poor", ""),
        ("1.5", "Good", "Well done."),
    ]
    assert (scale.name, scale.direction, scale.threshold) == ("Steps", "ascending", "1.5")
    assert set(notices(reading)) == {"CASE does not say which level is expected. The one furthest on is taken."}
    assert len(reading.kept["CFRubrics"]) == 1


@pytest.mark.parametrize(
    ("levels", "values", "direction", "threshold"),
    [
        ([level("A", score=2), level("B", score=1)], ["2", "1"], "descending", "2"),
        ([level("A", score=1), level("B", score=1)], ["1", "2"], "ascending", "2"),
        ([level("A", score="x"), level("B", score="y")], ["x", "y"], "ascending", "y"),
        ([level("A"), level("B")], ["1", "2"], "ascending", "2"),
    ],
)
def test_levels_take_their_values_from_the_scores(levels, values, direction, threshold):
    scale = rubrics(criterion(*levels), title="").scale

    assert [each.value for each in scale.levels] == values
    assert (scale.name, scale.direction, scale.threshold) == ("T scale", direction, threshold)


def test_meanings_that_differ_from_item_to_item_are_kept_aside():
    reading = rubrics(criterion(level("A"), level("B")), criterion(level("A", description="x"), level("B"), about="b"))

    assert [each.skill for each in reading.scale.levels] == ["", ""]
    assert "The levels mean something else for each item. The meanings are kept aside." in notices(reading)


@pytest.mark.parametrize(
    ("criteria", "what"),
    [
        (
            [criterion(level("A"), level("B")), criterion(level("A"), level("C"), about="b")],
            "The rubrics name different levels for different items. They are kept aside; choose a scale.",
        ),
        ([criterion(level("A"), about="zz")], "No criterion of the rubrics points at an item. They are kept aside."),
        ([], "No criterion of the rubrics points at an item. They are kept aside."),
    ],
)
def test_rubrics_that_make_no_scale_are_kept(criteria, what):
    reading = rubrics(*criteria)

    assert (reading.scale, reading.problems, notices(reading)) == (None, [], {what: "/CFRubrics"})


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ([level("A")], "A scale needs two levels or more. Add what is missing."),
        ([level("A", 1), level("B", 1)], "Two levels have the same position. Number them 1, 2, 3 …"),
    ],
)
def test_mistake_in_a_rubric_is_told(levels, said):
    place = "/CFRubrics/0/CFRubricCriteria/0/CFRubricCriterionLevels"

    assert problems(rubrics(criterion(*levels))) == [f"{place}: {said}"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([{}, {}], "file: It is a list of 2 CASE documents, not the package of one."),
        ({"CFDocuments": [DOCUMENT]}, "file: It is a list of 1 CASE documents, not the package of one."),
        ({**DOCUMENT, "CFPackageURI": {}}, "file: It is a CASE document without its items."),
        ({"CFItems": []}, "/CFDocument: The package has no document."),
        (
            {"CFDocument": DOCUMENT, "CFItems": [{}] * 20_001},
            "/CFItems: It has more than 20,000 entries.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_package_is_refused(document, said):
    with pytest.raises(ImportRejected) as refused:
        read(document)

    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("content", "is_case"),
    [
        (b'\xef\xbb\xbf\n{"CFDocument" : {}}', True),
        (b'[{"CFPackageURI": {}}]', True),
        (b'{"framework": {"name": "\\"CFDocument\\": x"}}', False),
        (b'CFDocument: "CFDocument":', False),
    ],
)
def test_case_is_recognised(content, is_case):
    assert case.recognises("any", content) is is_case


def test_problem_inside_the_json_is_told_with_the_others():
    content = json.dumps({"CFDocument": DOCUMENT, "CFItems": [item("a", notes="\0")]}).encode()

    assert problems(read(content))[0].startswith("/CFItems/0/notes: It holds a control")
