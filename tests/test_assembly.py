"""A file's reading and a person's answers, put together as a revision."""

from dataclasses import replace

import pytest

from assessments.exceptions import Problem
from assessments.importers import assembly, shaping
from assessments.importers.reading import MAX_TEXT, Answers, Node, Notice, Reading
from assessments.revisions import ActivityData, DomainData, LineageData
from tests import factories

STATED = {"framework": "cbt", "framework_title": "CBT", "number": "1.0", "title": "CBT list"}
SCALE = factories.make_scale_data()
NODES = [
    Node("a", "", "row 1", code="A", title="Domain"),
    Node("b", "a", "row 2", code="A1", title="Activity"),
    Node("c", "b", "row 3", code="A1.1", text="An ability to listen."),
]


def reading(*nodes, **values):
    return Reading(**{"format": "csv", "nodes": [*nodes] or NODES, **values})


def assemble(given, *, scale=SCALE, metadata=STATED, **answers):
    return assembly.assemble(given, Answers(metadata=metadata, **answers), scale=scale)


def told(assembled):
    return [str(problem) for problem in assembled.problems]


def own(**changes):
    return Reading(format="yaml", revision=factories.make_revision_data(**changes))


def with_competence(**changes):
    data = factories.make_revision_data()
    activity = data.domains[0].activities[0]
    first, *others = activity.competences
    activity = replace(activity, competences=[replace(first, **changes), *others])
    return replace(data, domains=[replace(data.domains[0], activities=[activity])])


def problems_of(revision):
    return [str(problem) for problem in assembly.content_problems(revision)]


# what was stated


def test_answers_go_before_what_the_file_says():
    assembled = assemble(reading(metadata={"title": "From the file", "summary": "In short."}))

    assert (assembled.stated["title"], assembled.stated["summary"]) == ("CBT list", "In short.")


def test_answer_that_is_blank_takes_away_what_the_file_says():
    assembled = assemble(reading(metadata={"summary": "In short."}), metadata=STATED | {"summary": " "})

    assert assembled.revision.summary == ""


def test_language_is_british_english_unless_stated():
    languages = [assemble(reading(metadata=said)).stated["language"] for said in [{}, {"language": "de"}]]

    assert languages == ["en-GB", "de"]


def test_missing_metadata_is_asked_for():
    assembled = assemble(reading(), metadata={})

    assert assembled.revision is None
    assert told(assembled) == [
        "framework: It is missing. State the framework.",
        "framework_title: It is missing. State the framework title.",
        "number: It is missing. State the number.",
        "title: It is missing. State the title.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("framework", "C B T", "'C B T' does not fit an address. Use a-z, 0-9, . _ -"),
        ("number", "1/0", "'1/0' does not fit an address. Use letters, digits, . _ -"),
        ("issued_on", "30.11.2026", "'30.11.2026' is not a date. Write it as 2026-11-30."),
        ("issued_on", "2026-02-30", "'2026-02-30' is not a date. Write it as 2026-11-30."),
        ("title", "x" * 201, "It has 201 characters; at most 200 are read. Shorten it."),
        ("summary", "a\x00b", "It holds a control character (U+0000). Remove it."),
        ("source_url", "javascript:alert(1)", "It is no address of a page. Begin it with https://."),
    ],
)
def test_metadata_that_cannot_be_kept_is_a_problem(name, value, what):
    assembled = assemble(reading(), metadata=STATED | {name: value})

    assert (told(assembled), assembled.revision) == ([f"{name}: {what}"], None)


@pytest.mark.parametrize(
    ("answer", "expected"), [({}, False), ({"is_redistributable": "yes"}, True), ({"is_redistributable": "no"}, False)]
)
def test_revision_is_passed_on_only_if_somebody_says_so(answer, expected):
    assembled = assemble(reading(), metadata=STATED | answer)

    assert (assembled.is_redistributable, assembled.revision.is_redistributable) == (expected, expected)


# a file of another format


def test_tree_becomes_a_revision():
    revision = assemble(reading(kept={"x": 1}, metadata={"source_id": "urn:1"})).revision

    assert [competence.text for competence in revision.all_competences()] == ["An ability to listen."]
    assert (revision.framework, revision.number, revision.scale) == ("cbt", "1.0", SCALE)
    assert (revision.kept, revision.source_id, revision.previous) == ({"x": 1}, "urn:1", "")


def test_revision_follows_what_was_chosen():
    assert assemble(reading(), metadata=STATED | {"previous": "0.9"}).revision.previous == "0.9"


def test_lineage_of_the_file_goes_along():
    lineage = [LineageData("removed", ["x"], [])]

    assert assemble(reading(lineage=lineage)).revision.lineage == lineage


def test_scale_chosen_goes_before_the_scale_of_the_file():
    other = factories.make_scale_data(key="other")

    scales = [assemble(reading(scale=other), scale=scale).revision.scale for scale in [None, SCALE]]

    assert scales == [other, SCALE]


def test_file_without_a_scale_asks_for_one():
    assert told(assemble(reading(), scale=None)) == ["scale: The file has no rating scale. Choose one."]


def test_file_without_entries_has_nothing_to_assess():
    assembled = assemble(Reading(format="csv"))

    assert told(assembled) == ["file: There is nothing to assess in it. Add at least one competence."]
    assert (assembled.depths, assembled.shapes) == ([], ["flat"])


def test_problem_of_the_reading_is_told_alone():
    found = Problem("row 2", "It has no parent.", "Name one.")

    assembled = assemble(Reading(format="csv", problems=[found]))

    assert (assembled.problems, assembled.revision) == ([found], None)


def test_shapes_and_levels_are_offered():
    deeper = Node("d", "c", "row 4", text="Detail.", level="Detail")
    point = Node("e", "c", "row 5", text="Explains.", level=shaping.POINT)

    assembled = assemble(reading(*NODES, deeper, point))

    assert (assembled.depths, assembled.levels) == ([1, 1, 1, 2], ["Detail"])
    assert assembled.shapes == [shaping.NESTED, shaping.TOP, shaping.BOTTOM, shaping.WINDOW]


def test_chosen_shape_and_kind_are_used():
    revision = assemble(reading(*NODES[:2]), shape="one_domain", kind="attitude").revision

    assert [domain.is_synthetic for domain in revision.domains] == [True]
    assert [competence.kind for competence in revision.all_competences()] == ["attitude"]


def test_notices_of_the_reading_and_of_the_shape_are_told():
    said = Notice("row 1", "Tolerated.")
    uncoded = replace(NODES[2], code="")

    assembled = assemble(reading(NODES[0], NODES[1], uncoded, notices=[said]))

    assert assembled.notices == [said, Notice("row 3", "Codes that the file does not give are made.", is_warning=True)]


def test_made_codes_of_a_deep_tree_fit_their_column():
    chain = [Node("n1", "", "row 1", title="Top")]
    chain += [Node(f"n{n}", f"n{n - 1}", f"row {n}", title=f"Step {n}") for n in range(2, 31)]

    revision = assemble(reading(*chain)).revision

    assert max(len(activity.code) for activity in revision.all_activities()) == 40


# a file of the project's own format


def test_own_revision_is_taken_as_it_is():
    given = own(previous="0.9")

    assembled = assembly.assemble(given, Answers(), scale=None)

    assert (assembled.revision, assembled.problems, assembled.notices) == (given.revision, [], [])
    assert (assembled.shapes, assembled.is_redistributable) == ([], True)


def test_own_revision_is_corrected_by_the_answers():
    metadata = {"title": "Corrected", "previous": "0.8", "is_redistributable": "no"}

    revision = assemble(own(), metadata=metadata, scale=None).revision

    assert (revision.title, revision.previous, revision.is_redistributable) == ("Corrected", "0.8", False)
    assert revision.scale == SCALE


def test_own_revision_takes_another_scale():
    other = factories.make_scale_data(key="other")

    assert assemble(own(), metadata={}, scale=other).revision.scale == other


# what no revision may have


def test_sound_revision_has_no_problems():
    assert problems_of(factories.make_revision_data()) == []


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"text": " "}, "A1.1: It has no text. Write what it says."),
        ({"text": "x" * (MAX_TEXT + 1)}, "A1.1: It has 20,001 characters; at most 20,000 are read. Shorten it."),
        ({"text": "a\x07b"}, "A1.1: It holds a control character (U+0007). Remove it."),
        ({"guidance": "a\x00b"}, "A1.1: It holds a control character (U+0000). Remove it."),
        ({"source_id": "x" * 301}, "A1.1: Its identifier is longer than 300 characters. Shorten it."),
        (
            {"kind": "virtue"},
            "A1.1: 'virtue' is not a kind of competence. Choose one of knowledge, skill, attitude.",
        ),
        (
            {"key": "a1-2"},
            "competence a1-2: The key 'a1-2' stands 2 times. Give each competence a key of its own.",
        ),
        (
            {"code": "a1.2"},
            "competence a1.2: The code 'a1.2' stands 2 times. Give each competence a code of its own.",
        ),
        (
            {"code": "A1.1.a"},
            "competence a1.1.a: The code 'a1.1.a' stands 2 times. Give each competence a code of its own.",
        ),
    ],
)
def test_competence_that_cannot_be_kept_is_a_problem(changes, what):
    assert problems_of(with_competence(**changes)) == [what]


def test_heading_without_a_title_is_a_problem():
    data = factories.make_revision_data()

    found = problems_of(replace(data, domains=[replace(data.domains[0], title="")]))

    assert found == ["A : It has no text. Write what it says."]


def test_long_identifier_of_the_whole_is_a_problem():
    found = problems_of(factories.make_revision_data(source_id="x" * 301))

    assert found == ["file: Its identifier is longer than 300 characters. Shorten it."]


def test_two_domains_of_one_code_are_a_problem():
    data = factories.make_revision_data()
    second = DomainData("b", "a", "Second", "Second", activities=[ActivityData("b1", "B1", "More", "More")])

    found = problems_of(replace(data, domains=[*data.domains, second]))

    assert found == ["domain a: The code 'a' stands 2 times. Give each domain a code of its own."]


def test_revision_without_competences_is_a_problem():
    data = factories.make_revision_data()

    found = problems_of(replace(data, domains=[replace(data.domains[0], activities=[])]))

    assert found == [
        "file: There is nothing to assess in it. Add at least one competence, or choose another shape.",
    ]


def test_problems_of_the_content_are_told_of_a_whole_file_at_once():
    twice = [replace(NODES[2], id=f"c{number}", text="") for number in range(200)]

    assembled = assemble(reading(*NODES[:2], *twice))

    assert len(assembled.problems) == 101
    assert assembled.problems[-1].what == "There are 100 more problems like these."
