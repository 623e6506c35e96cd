import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.exceptions import ImportRejected
from assessments.importers import lists, trees
from assessments.importers.lists import Line
from assessments.importers.reading import Answers, Notice
from tests.pace import allowed

# Set out as published lists are, from one's own words: page heads and numbers, links, wrapped and broken lines.
PUBLISHED = """\
Northbrook list of competences            1

GENERIC COMPETENCES

Knowledge of mental health

An ability to draw on knowledge of common problems and of the ways in which
they show themselves in people of different ages
An ability to draw on knowledge of:
\u2022 the social and psycho-
logical factors that keep a problem going
\uf0b7the role of
medication
   o its usual effects
   o its side effects
1
Northbrook list of competences            2

Ability to engage the client

This list does not stand alone. It is read with the others.
An ability to show interest:
\u2022 by listening
\u2022 by asking (see www.example.org/listening)
An ability to respond
Return to the Map of Competences
http://www.example.org/map
2
Northbrook list of competences            3
METACOMPETENCES
Capacity to adapt

An ability to adapt
An ability to judge when a plan must
change
3
Sources:
Smith, A. (2010) A manual.
"""


def read(text, **answers):
    return lists.read("", text.encode(), Answers(**answers))


def shape(text):
    """Each entry as its sign, depth and text."""
    signs = {"heading": "#", "statement": "-", "point": ".", "introduction": "i"}
    return [
        f"{'  ' * (line.depth - 1)}{signs[line.what]} {line.cleaned}"
        for line in lists.cleaning(text)
        if line.what in signs
    ]


def fates(text):
    return [(line.number, line.what) for line in lists.cleaning(text) if not line.cleaned]


def test_published_list_is_understood():
    assert shape(PUBLISHED) == [
        "# GENERIC COMPETENCES",
        "  # Knowledge of mental health",
        "    - An ability to draw on knowledge of common problems and of the ways in which they show themselves in "
        "people of different ages",
        "    - An ability to draw on knowledge of:",
        "      . the social and psychological factors that keep a problem going",
        "      . the role of medication",
        "        . its usual effects",
        "        . its side effects",
        "  # Ability to engage the client",
        "    i This list does not stand alone. It is read with the others.",
        "    - An ability to show interest:",
        "      . by listening",
        "      . by asking",
        "    - An ability to respond",
        "# METACOMPETENCES",
        "  # Capacity to adapt",
        "    - An ability to adapt",
        "    - An ability to judge when a plan must change",
    ]


def test_every_line_that_is_not_read_is_told():
    assert fates(PUBLISHED) == [
        (1, "left out: repeated page head"),
        (2, "blank"),
        (4, "blank"),
        (6, "blank"),
        (8, "joined to line 7"),
        (11, "joined to line 10"),
        (13, "joined to line 12"),
        (16, "left out: page number"),
        (17, "left out: repeated page head"),
        (18, "blank"),
        (20, "blank"),
        (26, "left out: link text"),
        (27, "left out: web address"),
        (28, "left out: page number"),
        (29, "left out: repeated page head"),
        (32, "blank"),
        (35, "joined to line 34"),
        (36, "left out: page number"),
        (37, "left out: sources"),
        (38, "left out: sources"),
        (39, "blank"),
    ]


def test_line_tells_what_was_mended():
    told = {line.number: line for line in lists.cleaning(PUBLISHED)}

    text = "the social and psychological factors that keep a problem going"
    assert told[10] == Line(
        number=10,
        raw="\u2022 the social and psycho-",
        cleaned=text,
        what="point",
        did=("a word broken at the end of a line was joined",),
        depth=4,
    )
    assert [told[number].did for number in (7, 24)] == [("lines were joined",), ("a web address was taken out",)]


def test_published_list_becomes_nodes():
    reading = read(PUBLISHED)

    assert (reading.format, reading.problems, trees.depths(reading.nodes)) == ("list", [], [2, 3, 6, 4, 2])
    assert [node.level for node in reading.nodes].count("point") == 6
    assert [(node.id, node.kind) for node in reading.nodes if node.kind] == [
        ("line 7", "knowledge"),
        ("line 9", "knowledge"),
    ]
    assert [(node.title, node.text) for node in reading.nodes if node.id == "line 19"] == [
        ("Ability to engage the client", "This list does not stand alone. It is read with the others.")
    ]


def test_cleaning_is_told_as_notices():
    notices = read(PUBLISHED).notices

    assert notices == [
        Notice("line 1", "Lines left out as repeated page head: 3."),
        Notice("line 8", "Lines joined to the line before: 4."),
        Notice("line 16", "Lines left out as page number: 3."),
        Notice("line 26", "Lines left out as link text: 1.", is_warning=True),
        Notice("line 27", "Lines left out as web address: 1.", is_warning=True),
        Notice("line 37", "Lines left out as sources: 2.", is_warning=True),
        Notice("line 21", "It is taken for the introduction of its heading.", is_warning=True),
    ]


SHAPES = {
    "flat": ("Greets\nExplains\n", ["- Greets", "- Explains"]),
    "indented": (
        "Engaging\n  Beginning\n    Greets\n    Explains\n  Ending\n    Says goodbye\nRisk\n\tAsks\n",
        [
            *["# Engaging", "  # Beginning", "    - Greets", "    - Explains", "  # Ending", "    - Says goodbye"],
            *["# Risk", "  - Asks"],
        ],
    ),
    "numbered": (
        "1. Engaging\n1.1 Beginning\n1.1.1 Greets\n1.1.2 Explains\n1.2 Ending\n1.2.1 Leaves\na) in time\nb) warmly\n"
        "2. Risk\n2.1 Asking\n2.1.1 Asks\n",
        [
            *["# Engaging", "  # Beginning", "    - Greets", "    - Explains", "  # Ending", "    - Leaves"],
            *["      . in time", "      . warmly", "# Risk", "  # Asking", "    - Asks"],
        ],
    ),
    "roman": (
        "(i) Engaging\n(ii) Risk\n(a) one\n(iii) Ending\n",
        ["- Engaging", "- Risk", "  . one", "- Ending"],
    ),
    "bullets": (
        "Engaging\n- Greets\n- Explains\n  - aims\n  - rules\nRisk\n- Asks\n",
        ["# Engaging", "  - Greets", "  - Explains", "    . aims", "    . rules", "# Risk", "  - Asks"],
    ),
    "bullets of two kinds": (
        "\u2022 Greets\n\u2022 Explains\no aims\no rules\n\u2022 Asks\n",
        ["- Greets", "- Explains", "  . aims", "  . rules", "- Asks"],
    ),
    "outdented": ("    - One\n- Two\n", ["- One", "- Two"]),
    "markdown": (
        "# Domain\n## Activity ##\n* One\n* Two\n## Other\n* Three\n**Last:**\n* Four\n",
        [
            "# Domain",
            "  # Activity",
            "    - One",
            "    - Two",
            "  # Other",
            "    - Three",
            "    # Last",
            "      - Four",
        ],
    ),
    "codes": (
        "A Alliance\nA1 Engaging\nA1.1 Greets\nA2 Ending\nA2.1 Leaves\nB Risk\nB1 Asking\nB1.1 Asks\n",
        [
            *["# Alliance", "  # Engaging", "    - Greets", "  # Ending", "    - Leaves"],
            *["# Risk", "  # Asking", "    - Asks"],
        ],
    ),
    "capitals": ("A. Alliance\nB. Risk\n", ["- Alliance", "- Risk"]),
    "lines alone before blocks": (
        "Domain\n\nEngaging\n\nGreets\nExplains\n\nRisk\n\nAsks\nPlans\n",
        ["# Domain", "  # Engaging", "    - Greets", "    - Explains", "  # Risk", "    - Asks", "    - Plans"],
    ),
    "first lines of blocks": (
        "Engaging\nGreets\n\nRisk\nAsks\n",
        ["# Engaging", "  - Greets", "# Risk", "  - Asks"],
    ),
    "blocks of one": ("Greets\n\nExplains\n", ["- Greets", "- Explains"]),
    "lost bullets": (
        "An ability to notice:\nthe mood of the client\nthe tone of voice\nAn ability to wait\nAn ability to act\n",
        [
            *["- An ability to notice:", "  . the mood of the client", "  . the tone of voice"],
            *["- An ability to wait", "- An ability to act"],
        ],
    ),
    "short headings with a colon": (
        "Knowledge:\nAn understanding of loss\nSkills:\nAn ability to listen\n",
        ["# Knowledge", "  - An understanding of loss", "# Skills", "  - An ability to listen"],
    ),
    "long line with a colon": (
        "The therapist works with the feelings of the client:\n- by naming\n- by waiting\n",
        ["- The therapist works with the feelings of the client:", "  . by naming", "  . by waiting"],
    ),
    "statements without articles": (
        "Engaging\nAbility to greet\nAbility to explain\n",
        ["# Engaging", "  - Ability to greet", "  - Ability to explain"],
    ),
    "list inside a list": (
        "- Explains:\n  - aims\n- Short:\n  - one\n- Leaves\n- Stays\n",
        ["- Explains:", "  . aims", "- Short:", "  . one", "- Leaves", "- Stays"],
    ),
}


@pytest.mark.parametrize(("text", "entries"), SHAPES.values(), ids=SHAPES)
def test_layout_is_understood(text, entries):
    assert shape(text) == entries


LEFT = {
    "page of pages": ("Page 3 of 12", "page number"),
    "dashes": ("- 4 -", "page number"),
    "contents": ("Engaging the client ........... 12", "table of contents"),
    "copyright": ("\u00a9 2026 Northbrook", "copyright line"),
    "address": ("<https://example.org/a>", "web address"),
    "click": ("Click here to see the map", "link text"),
    "top": ("Back to top", "link text"),
    "references": ("References", "sources"),
}


@pytest.mark.parametrize(("line", "what"), LEFT.values(), ids=LEFT)
def test_line_that_is_no_part_of_a_list_is_left_out(line, what):
    assert fates(f"Greets\n{line}\n") == [(2, f"left out: {what}"), (3, "blank")]


@pytest.mark.parametrize(
    "line", ["View of the client", "Returns to the plan", "*", "12 steps", "A client is met", "x" * 400, "()"]
)
def test_line_that_only_looks_so_is_kept(line):
    assert fates(f"{line}\nGreets") == []


def test_heading_that_recurs_without_page_numbers_is_kept():
    assert fates("Skills\n- a\nSkills\n- b\nSkills\n- c") == []


def test_heading_that_recurs_beside_a_page_number_is_a_page_head():
    text = "".join(f"Our list\n- entry {letter}\n{page}\n" for page, letter in enumerate("abcd"))

    assert shape(text) == [f"- entry {letter}" for letter in "abcd"]


def test_sources_end_at_the_next_statement():
    text = "- Greets\nSources\nSmith (2010)\nAn ability to wait\n"

    assert fates(text) == [(2, "left out: sources"), (3, "left out: sources"), (5, "blank")]


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("- a self-\n  management plan", "a self-management plan"),
        ("- a thera-\n  peutic aim", "a therapeutic aim"),
        ("- user-led work\n- user-\n  led aims", "user-led aims"),
        ("- the A1-\n  b form", "the A1- b form"),
        ("- begun\n  (and ended)", "begun (and ended)"),
    ],
)
def test_broken_line_is_joined(text, joined):
    assert lists.cleaning(text)[-2].cleaned == joined


def test_full_line_goes_on_with_a_capital():
    text = (
        "An ability to help the client to see how the problems are bound up with the\n"
        "people in their life\n"
        "An ability to explain to the client why it is that the work is guided by the\n"
        "aims that were agreed\n"
        "An ability to draw with care upon what the therapist knows of the ideas of\n"
        "Interpersonal Psychotherapy\n"
    )

    assert [line.cleaned[-27:] for line in lists.cleaning(text) if line.cleaned][-1] == "Interpersonal Psychotherapy"
    assert len(shape(text)) == 3


def test_full_lines_below_a_colon_are_joined():
    text = (
        "An ability to notice:\n"
        "the ways in which the client speaks of people who matter most, and of those\n"
        "who do not\n"
        "the ways in which the client stays silent about a loss, and how this changes\n"
        "with time\n"
    )

    assert [line[:20] for line in shape(text)] == [
        "- An ability to noti",
        "  . the ways in whic",
        "  . the ways in whic",
    ]


def test_sentence_that_ends_is_not_continued():
    assert shape("Greets the client.\nasks for a name.\n") == ["- Greets the client.", "- asks for a name."]


def test_numbers_become_codes():
    assert [node.code for node in read(SHAPES["numbered"][0]).nodes] == [
        *["1", "1.1", "1.1.1", "1.1.2", "1.2", "1.2.1", "", "", "2", "2.1", "2.1.1"]
    ]


def test_numbers_that_begin_anew_are_no_codes():
    reading = read("Engaging\n1.1 Greets\n1.2 Explains\nRisk\n1.1 Asks\n")

    what = "The number '1.1' stands more than once. Numbers that repeat are not kept as codes."
    assert [node.code for node in reading.nodes] == ["", "", "1.2", "", ""]
    assert reading.notices == [Notice("line 2", what, is_warning=True)]


def test_kind_is_told_by_the_heading():
    reading = read("Knowledge of loss\n- Stages\nSkills\n- Listening\n")

    assert [node.kind for node in reading.nodes] == ["", "knowledge", "", ""]


def test_fault_in_a_line_is_a_problem():
    assert [str(problem) for problem in read("- a\n- b\x01\n").problems] == [
        "line 2: It holds a control character (U+0001). Remove it."
    ]


def test_doubtful_line_is_confirmed():
    assert [notice.what for notice in read("- Mus\x9ee\n").notices] == [
        "After 'Mus' stands an invisible character (U+009E), perhaps in place of a letter."
    ]


def test_text_without_a_statement_is_a_problem():
    assert [str(problem) for problem in read("# Only\n# Headings\n").problems] == [
        "text: There is nothing to assess in it. Write each statement on a line of its own."
    ]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"a" * (4 * 1024**2 + 1), "It is larger than 4 MB."),
        (b"a\n" * 50_000, "It has 50,001 lines; at most 50,000 are read."),
    ],
)
def test_text_that_cannot_be_read_is_refused(content, what):
    with pytest.raises(ImportRejected) as raised:
        lists.read("", content, Answers())

    assert [problem.what for problem in raised.value.problems] == [what]


HOSTILE = {
    "long line": "a" * 4_000_000,
    "dots": ("a" + ". " * 100_000 + "x\n") * 15,
    "lines that go on": "An ability to\n" + "and so on\n" * 45_000,
    "brackets": "(" * 4_000_000,
    "deep": "".join(" " * (2 * number) + "x\n" for number in range(1_900)),
    "page heads": "Head\n1\n" * 24_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_read_within_seconds(text):
    began = time.process_time()

    assert read(text).problems

    assert time.process_time() - began < allowed(5)


@pytest.mark.parametrize(
    ("name", "content", "is_list"),
    [("list.TXT", b"a", True), ("list.md", b"", True), ("", b"a", True), ("", b"a\x00", False), ("a.csv", b"a", False)],
)
def test_list_is_recognised(name, content, is_list):
    assert lists.recognises(name, content) is is_list


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_every_line_is_told_once(text):
    told = lists.cleaning(text)

    assert [line.number for line in told] == list(range(1, len(told) + 1))
    assert {line.what.split(" ")[0] for line in told} <= {
        *["heading", "statement", "point", "introduction", "blank", "left", "joined"]
    }


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text("abcdefgh ", min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=20))
def test_no_bullet_is_lost_or_invented(texts):
    reading = read("\n".join(f"- {text}" for text in texts))

    assert [node.text for node in reading.nodes] == [text.strip() for text in texts]


def test_headings_stand_alone_where_knowledge_begins_statements_too():
    text = (
        "Basic competences\n\nAbility to engage the client\n\nAn ability to show interest\nAn ability to wait\n\n"
        "Knowledge of depression\n\nKnowledge of its symptoms\nKnowledge of its course\n"
    )

    assert [line.what for line in lists.cleaning(text) if line.cleaned] == [
        *["heading", "heading", "statement", "statement"],
        *["heading", "statement", "statement"],
    ]
