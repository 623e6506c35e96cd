import pytest

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import findings as module
from assessments.importers.findings import Findings
from assessments.importers.reading import MAX_NODES, MAX_TEXT, Node, Notice, Reading


@pytest.fixture
def findings():
    return Findings()


def node(id, **fields):
    return Node(id=id, parent=fields.pop("parent", ""), place=f"row {id}", **fields)


def test_notice_is_told_once_with_its_places(findings):
    for row in range(2, 8):
        findings.note(f"row {row}", "It is odd.")
    findings.warn("row 9", "It is odd.")

    assert findings.notices == [
        Notice("row 2, row 3, row 4 and 3 more", "It is odd."),
        Notice("row 9", "It is odd.", is_warning=True),
    ]


def test_problems_are_collected_up_to_a_limit(findings):
    for row in range(MAX_NODES + 5):
        findings.problem(f"row {row}", "It is wrong.", "Mend it.")

    assert len(findings.problems) == MAX_NODES


def test_more_problems_than_anybody_mends_are_counted():
    problems = [Problem("row 1", "It is wrong.", "Mend it.")] * 130

    told = module.capped(problems)

    assert len(told) == 101
    assert str(told[-1]) == "file: There are 30 more problems like these. Mend the ones above first."


def test_text_is_kept_tidy(findings):
    assert (findings.text("row 1", " a\u00a0b "), findings.problems, findings.notices) == ("a b", [], [])


def test_long_text_is_warned_about(findings):
    findings.text("row 1", "x" * 2_001)

    what = "A text of more than 2,000 characters is long for a statement."
    assert findings.notices == [Notice("row 1", what, is_warning=True)]


@pytest.mark.parametrize("length", [MAX_TEXT + 1, module.MAX_HTML + 1])
@pytest.mark.parametrize("way", [Findings.text, Findings.html, Findings.maybe_html])
def test_text_too_long_is_a_problem(findings, way, length):
    way(findings, "row 1", "x" * length)

    what = f"It has {length:,} characters; at most 20,000 are read."
    assert findings.problems == [Problem("row 1", what, "Shorten it.")]


def test_html_is_noted_and_script_warned_about(findings):
    assert findings.maybe_html("row 1", "<p>a<script>b</script>") == "a"
    assert findings.notices == [
        Notice("row 1", "HTML is reduced to plain text with paragraphs and lists."),
        Notice("row 1", "A script or style sheet inside the text is left out.", is_warning=True),
    ]


def test_html_without_any_tag_needs_no_note(findings):
    assert (findings.html("row 1", "a < b"), findings.notices) == ("a < b", [])


def test_markdown_is_noted(findings):
    assert findings.maybe_html("row 1", "a **b** < c") == "a **b** < c"
    assert findings.notices == [Notice("row 1", "Markdown or TeX is kept as it is written.")]


def test_more_tags_than_a_framework_has_are_refused(findings):
    findings.html("row 1", "<" * 150_001)

    with pytest.raises(ImportRejected, match="row 2: The file holds more than 300,000 HTML tags"):
        findings.html("row 2", "&" * 150_000)


def test_reading_without_entries_has_nothing_to_assess(findings):
    what = "There is nothing to assess: it holds no entries."
    assert findings.checked(Reading("x")).problems == [Problem("file", what, "Choose a file with a framework.")]


def test_reading_holds_what_was_found_before_and_by_the_tree(findings):
    findings.problem("row 1", "It is wrong.", "Mend it.")

    reading = findings.checked(Reading("x", [node("1", title="A"), node("2", title="B", parent="9")], kept={"a": 1}))

    assert [problem.place for problem in reading.problems] == ["row 1", "row 2"]
    assert ([each.id for each in reading.nodes], reading.kept, reading.format) == (["1"], {"a": 1}, "x")


def test_statement_that_stands_twice_is_warned_about(findings):
    inner, leaves = node("1", title="Same"), [node("2", text="Same", parent="1"), node("3", title="same")]

    reading = findings.checked(Reading("x", [inner, *leaves]))

    what = "The same words stand in more than one entry."
    assert reading.notices == [Notice("row 2, row 3", what, is_warning=True)]


@pytest.mark.parametrize(
    ("name", "description", "told"),
    [
        ("A1 Listening", "", [Notice("row 1", "The code in front of a name is left out of the title.")]),
        (
            "Lis...",
            "Listens.",
            [Notice("row 1", "The name was cut short. The description is taken in its place.", is_warning=True)],
        ),
        ("Listening", "", []),
    ],
)
def test_what_is_done_to_a_name_is_told(findings, name, description, told):
    findings.titled("row 1", name, description, "A1")

    assert (findings.notices, findings.problems) == (told, [])


def test_entry_that_says_nothing_is_a_problem(findings):
    findings.titled("row 1", "", "", "A1")

    assert findings.problems == [Problem("row 1", "It has neither a name nor a description.", "Give it a name.")]
