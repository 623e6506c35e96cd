from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.exceptions import ImportRejected
from assessments.importers import own_revision, own_yaml
from assessments.revisions import (
    ActivityData,
    CompetenceData,
    DomainData,
    LevelData,
    LineageData,
    PageData,
    PointData,
    RevisionData,
    ScaleData,
)

FILES = Path(__file__).parent / "files"
SMALL = """\
format: competence-framework/1
framework: small
framework_title: Small framework
revision: "1.10"
title: Small list
language: en-GB
summary: >-
  Folded over
  two lines.
issued_on: 2026-11-30
source: {name: A report, url: https://example.org/}
rights: {holder: Nobody, licence: CC0, attribution: None needed, redistributable: yes}
notice: Only a test.
scale:
  key: two-steps
  version: 3
  name: Two steps
  direction: descending
  threshold: no
  levels:
    - {value: yes, label: Met, skill: Done., knowledge: Known., attitude: Held., supervision: None.}
    - {value: no, label: Not met}
pages:
  - {key: about, title: About, summary: In short., text: At length.}
domains:
  - key: a
    code: A
    title: First domain
    short_title: First
    summary: What it is.
    introduction: How it is read.
    activities:
      - key: a1
        code: A1
        title: Ability to listen
        short_title: Listening
        introduction: Why one listens.
        scope: focus
        phase: middle
        problem_area: grief
        title_status: own
        group: Groundwork
        competences:
          - key: a1-1
            code: A1.1
            kind: knowledge
            text: Knowledge of what listening asks for.
            subheading: Basics
            safety_critical: yes
            points:
              - {key: a1-1-a, code: A1.1.a, text: Attention.}
              - {key: a1-1-b, code: A1.1.b, text: Time., rateable: yes}
        activities:
          - key: a1a
            code: A1a
            title: Ability to bear silences
            phase: all
            competences:
              - {key: a1a-1, code: A1a.1, kind: attitude, text: A stance of patience.}
"""
READ = RevisionData(
    framework="small",
    framework_title="Small framework",
    number="1.10",
    title="Small list",
    language="en-GB",
    summary="Folded over two lines.",
    issued_on="2026-11-30",
    source_name="A report",
    source_url="https://example.org/",
    rights_holder="Nobody",
    licence="CC0",
    attribution="None needed",
    is_redistributable=True,
    notice="Only a test.",
    scale=ScaleData(
        key="two-steps",
        version=3,
        name="Two steps",
        direction="descending",
        threshold="no",
        levels=[LevelData("yes", "Met", "Done.", "Known.", "Held.", "None."), LevelData("no", "Not met")],
    ),
    pages=[PageData("about", "About", "In short.", "At length.")],
    domains=[
        DomainData(
            key="a",
            code="A",
            title="First domain",
            short_title="First",
            summary="What it is.",
            introduction="How it is read.",
            activities=[
                ActivityData(
                    key="a1",
                    code="A1",
                    title="Ability to listen",
                    short_title="Listening",
                    introduction="Why one listens.",
                    scope="focus",
                    phase="middle",
                    problem_area="grief",
                    title_status="own",
                    group_heading="Groundwork",
                    competences=[
                        CompetenceData(
                            key="a1-1",
                            code="A1.1",
                            kind="knowledge",
                            text="Knowledge of what listening asks for.",
                            subheading="Basics",
                            is_safety_critical=True,
                            points=[
                                PointData("a1-1-a", "A1.1.a", "Attention."),
                                PointData("a1-1-b", "A1.1.b", "Time.", is_rateable=True),
                            ],
                        )
                    ],
                    activities=[
                        ActivityData(
                            key="a1a",
                            code="A1a",
                            title="Ability to bear silences",
                            short_title="Ability to bear silences",
                            competences=[CompetenceData("a1a-1", "A1a.1", "attitude", "A stance of patience.")],
                        )
                    ],
                )
            ],
        )
    ],
)
SCALE = SMALL[SMALL.index("scale:") : SMALL.index("pages:")]
DOMAINS = SMALL[SMALL.index("domains:") :]


A1 = "domains[0].activities[0]"
TEXT = "A single text is expected here. Write it on one line or as a folded text."
NO_FRAMEWORK = "It is not a framework. Begin with format: competence-framework/1."
NO_UTF_8 = "It is not UTF-8 text. Save the file as UTF-8."
NO_ALIAS = "Anchors and aliases are not read. Write the text out."
UNKNOWN = "This field is not known here. Remove it, or mend its name."
UNPRINTABLE = "It holds a control character (U+0007). Remove it."
UNREADABLE = "It holds a character that an earlier program could not read (U+FFFD). Type the right one."
PILED = "It piles more than 10 marks on one letter. Remove them."
NO_OBJECT = 'It is not a JSON object of plain text. Write it as {"name": "value"}, or remove it.'
FIELDS = "A set of named fields is expected here. Write `name: value` lines."
NO_DATE = "is not a date. Write it as 2026-11-30."
NO_NUMBER = "is not a whole number. Write 1, 2, 3 …"
NO_ADDRESS = "holds a character that does not fit an address. Use a-z, 0-9, . _ -"


def one_of(value, *choices):
    return f"'{value}' is not one of {', '.join(choices)}. Choose one of them."


def too_long(most):
    return f"It has {most + 1:,} characters; at most {most:,} are read. Shorten it."


def missing(name):
    return f"It is missing or empty. Add {name}."


def twice(word, attribute, value):
    return f"{word} {value}: The {attribute} '{value}' stands 2 times. Give each {word} a {attribute} of its own."


def read(text):
    return own_yaml.read(text.encode())


def problems(content):
    """What is said about a file that is refused, one line each."""
    with pytest.raises(ImportRejected) as refused:
        own_yaml.read(content if isinstance(content, bytes) else content.encode())
    return [str(problem) for problem in refused.value.problems]


def mended(old, new):
    assert SMALL.count(old) == 1
    return SMALL.replace(old, new)


def test_small_file_is_read_exactly():
    assert read(SMALL) == READ


@pytest.mark.parametrize(
    "content",
    [
        SMALL.encode("utf-8-sig"),
        SMALL.replace("\n", "\r\n").encode(),
        SMALL.removesuffix("\n").encode(),
        SMALL.replace("title: Small list", "title:   Small list  # a remark").encode(),
        b"# A remark before everything.\n---\n" + SMALL.encode(),
    ],
    ids=["byte order mark", "CRLF", "no last line break", "space and remark", "document start"],
)
def test_small_file_is_read_the_same(content):
    assert own_yaml.read(content) == READ


def test_added_fields_are_read():
    revision = own_yaml.read((FILES / "small.yaml").read_bytes())
    competence = revision.domains[0].activities[0].competences[0]

    assert (revision.previous, revision.source_id, revision.kept) == ("1.9", "https://example.org/small", {})
    assert revision.lineage == [
        LineageData("split", ["a1-0"], ["a1-1", "a1a-1"], "It held two statements: one of them a stance."),
        LineageData("removed", ["a1-9"], [], "It repeated another."),
    ]
    assert (revision.scale.not_observed, revision.scale.not_applicable, revision.scale.has_not_applicable) == (
        "Nothing called for it.",
        "Outside the programme.",
        False,
    )
    assert [part.is_synthetic for part in [revision.domains[0], revision.domains[0].activities[0]]] == [True, False]
    assert (competence.guidance, competence.source_id, competence.kept) == (
        "Ask for an example.\nWait for it.",
        "6b1f4e9a-8a1a-4b0e-9d37-1c2f5f7e0a11",
        {"educationLevel": ["12"], "weight": 0.5},
    )


ADDED = 'previous: "1.9"\nlineage:\n  - '


@pytest.mark.parametrize(
    ("added", "problem"),
    [
        ("previous: 1/9", f"line 60, previous: '1/9' {NO_ADDRESS}"),
        (
            "lineage: [{kind: removed, from: [x]}]",
            "line 60, lineage: It does not say which revision came before. Add previous.",
        ),
        (ADDED + "{kind: gone, from: [x]}", f"line 62, lineage[0].kind: {one_of('gone', *own_revision.LINEAGE)}"),
        (ADDED + "{kind: removed}", "line 62, lineage[0].from: Removed needs a key here. Name competences in from."),
        (ADDED + "{kind: split, from: [x]}", "line 62, lineage[0].to: Split needs a key here. Name competences in to."),
        (
            ADDED + "{kind: added, from: [x], to: [a1-1]}",
            "line 62, lineage[0].from: Added has nothing here. Remove from.",
        ),
        (
            ADDED + "{kind: merged, from: [x], to: [a9]}",
            "line 62, lineage[0].to: 'a9' is no competence of this revision. Mend the key.",
        ),
        (ADDED + "{kind: removed, from: [A B]}", f"line 62, lineage[0].from: 'A B' {NO_ADDRESS}"),
        (
            ADDED + "{kind: removed, from: x}",
            "line 62, lineage[0].from: A list is expected here. Begin each entry with a hyphen.",
        ),
        (
            ADDED + "{kind: removed, from: [[x]]}",
            "line 62, lineage[0].from: Single words are expected here. Write it as [one, two].",
        ),
        (ADDED + "{kind: removed, from: [x], why: y}", f"line 62, lineage[0].why: {UNKNOWN}"),
        ("source_id: [x]", f"line 60, source_id: {TEXT}"),
        *[
            (f"kept: '{value}'", f"line 60, kept: {NO_OBJECT}")
            for value in ["[]", "{", '{"a": NaN}', '{"a": "\\u0000"}', '{"a": "\\ud800"}', "[" * 100_000]
        ],
    ],
    ids=lambda value: value[:40],
)
def test_mistake_in_an_added_field_is_told(added, problem):
    assert problem in problems(SMALL + added)


def test_backslash_before_the_name_of_a_nul_is_kept():
    kept = own_yaml.read((SMALL + """kept: '{"a": "\\\\u0000"}'""").encode()).kept

    assert kept == {"a": "\\u0000"}


def test_tree_of_more_than_20000_entries_is_refused():
    lines = [f"      - {{key: k{number}, code: K{number}, title: T}}\n" for number in range(20_000)]
    text = SMALL.replace(
        "    activities:\n      - key: a1\n", "    activities:\n" + "".join(lines) + "      - key: a1\n"
    )

    assert problems(text) == ["domains: It has 20,007 entries; at most 20,000 are read. Split it."]


def test_optional_fields_have_defaults():
    least = """\
format: competence-framework/1
framework: least
framework_title: Least framework
revision: 1
title: Least list
source: {}
rights: {}
scale: {key: s, version: 1, name: S, threshold: 1, levels: [{value: 0, label: Off}, {value: 1, label: On}]}
domains:
  - {key: a, code: A, title: A domain, activities: [{key: b, code: B, title: An activity, competences: [
      {key: c, code: C, kind: skill, text: An ability.}]}]}
"""
    assert read(least) == RevisionData(
        framework="least",
        framework_title="Least framework",
        number="1",
        title="Least list",
        scale=ScaleData("s", 1, "S", "ascending", "1", [LevelData("0", "Off"), LevelData("1", "On")]),
        domains=[
            DomainData(
                key="a",
                code="A",
                title="A domain",
                short_title="A domain",
                activities=[
                    ActivityData(
                        key="b",
                        code="B",
                        title="An activity",
                        short_title="An activity",
                        competences=[CompetenceData("c", "C", "skill", "An ability.")],
                    )
                ],
            )
        ],
    )


def test_short_titles_are_cut_from_long_titles():
    long = "Ability to " + "listen " * 20
    text = mended("    short_title: First\n", "").replace("        short_title: Listening\n", "")
    text = text.replace("First domain", long).replace("title: Ability to listen\n", f"title: {long}\n")

    domain = read(text).domains[0]

    assert (domain.short_title, domain.activities[0].short_title) == (long[:40], long[:60].strip())


@pytest.mark.parametrize("written", ["1.10", "012", "no", "12:30:00", "1e3", "0x1F", "2026-11-30", "~"])
def test_scalars_are_read_as_they_are_written(written):
    assert read(mended("title: Small list", f"title: {written}")).title == written


def test_same_content_has_the_same_hash_whatever_its_layout():
    assert read(SMALL.replace("\n", "\r\n")).sha256 == READ.sha256


def test_other_content_has_another_hash():
    assert read(mended("Attention.", "Attention!")).sha256 != READ.sha256


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("work/1", "work/2", "line 1, format: This format is not known. Write format: competence-framework/1."),
        ("format: competence-framework/1\n", "", f"line 1, format: {missing('format')}"),
        ("framework: small\n", "", f"line 1, framework: {missing('framework')}"),
        ("framework: small", "framework: ''", f"line 2, framework: {missing('framework')}"),
        ("framework: small", "framework: Small", f"line 2, framework: 'Small' {NO_ADDRESS}"),
        ('"1.10"', "1/10", f"line 4, revision: '1/10' {NO_ADDRESS}"),
        ("title: Small list", "title: [a, b]", f"line 5, title: {TEXT}"),
        ("title: Small list", "title: {a: b}", f"line 5, title: {TEXT}"),
        ("title: Small list", "titel: Small\ntitle: Small", f"line 5, titel: {UNKNOWN}"),
        ("title: Small list", "title: One\ntitle: Two", "line 6, title: It stands twice. Keep one of the two."),
        ("Only a test.", "x" * 20_001, f"line 13, notice: {too_long(20_000)}"),
        ("Small list", '"A\\x07bell"', f"line 5, title: {UNPRINTABLE}"),
        ("Small list", "caf\ufffd", f"line 5, title: {UNREADABLE}"),
        ("Small list", "e" + "\u0323" * 11, f"line 5, title: {PILED}"),
        ("2026-11-30", "30/11/2026", f"line 10, issued_on: '30/11/2026' {NO_DATE}"),
        ("2026-11-30", "2026-02-30", f"line 10, issued_on: '2026-02-30' {NO_DATE}"),
        ("name: A report", "nom: A report", f"line 11, source.nom: {UNKNOWN}"),
        ("redistributable: yes", "colour: red", f"line 12, rights.colour: {UNKNOWN}"),
        ("butable: yes", "butable: maybe", f"line 12, rights.redistributable: {one_of('maybe', 'yes', 'no')}"),
        ("version: 3", "version: three", f"line 16, scale.version: 'three' {NO_NUMBER}"),
        ("version: 3", "version: -3", f"line 16, scale.version: '-3' {NO_NUMBER}"),
        (": descending", ": down", f"line 18, scale.direction: {one_of('down', 'ascending', 'descending')}"),
        (
            "threshold: no",
            "threshold: perhaps",
            "line 19, scale.threshold: No level has the value perhaps. Name one of the levels.",
        ),
        ("Not met}", "Not met, colour: red}", f"line 22, scale.levels[1].colour: {UNKNOWN}"),
        ("{value: no,", "{value: yes,", "scale: The value 'yes' stands 2 times. Give each level its own."),
        ("label: Not met", "label: Met", "scale: The label 'Met' stands 2 times. Give each level its own."),
        ("key: about", "key: About us", f"line 24, pages[0].key: 'About us' {NO_ADDRESS}"),
        ("text: At length.", "body: At length.", f"line 24, pages[0].text: {missing('text')}"),
        ("code: A\n", "code: A B\n", f"line 27, domains[0].code: 'A B' {NO_ADDRESS}"),
        ("scope: focus", "scope: all", f"line 38, {A1}.scope: {one_of('all', 'core', 'focus', 'optional')}"),
        ("phase: middle", "phase: late", f"line 39, {A1}.phase: {one_of('late', *own_revision.PHASES)}"),
        ("area: grief", "area: loss", f"line 40, {A1}.problem_area: {one_of('loss', *own_revision.PROBLEM_AREAS)}"),
        ("status: own", "status: new", f"line 41, {A1}.title_status: {one_of('new', *own_revision.TITLE_STATUSES)}"),
        (
            "kind: knowledge",
            "kind: virtue",
            f"line 46, {A1}.competences[0].kind: {one_of('virtue', *own_revision.KINDS)}",
        ),
        ("            kind: knowledge\n", "", f"line 44, {A1}.competences[0].kind: {missing('kind')}"),
        ("cal: yes", "cal: very", f"line 49, {A1}.competences[0].safety_critical: {one_of('very', 'yes', 'no')}"),
        ("text: Time.", "text: ' '", f"line 52, {A1}.competences[0].points[1].text: {missing('text')}"),
        ("attitude, text", "attitude, w: 2, text", f"line 59, {A1}.activities[0].competences[0].w: {UNKNOWN}"),
        ("key: a1a\n", "key: a1\n", twice("activity", "key", "a1")),
        ("code: A1a\n", "code: a1\n", twice("activity", "code", "a1")),
        ("key: a1a-1", "key: a1-1", twice("competence", "key", "a1-1")),
        ("key: a1-1-b", "key: a1-1", twice("competence", "key", "a1-1")),
        ("code: A1a.1", "code: A1.1.A", twice("competence", "code", "a1.1.a")),
    ],
)
def test_mistake_is_told_with_its_place(old, new, problem):
    assert problem in problems(mended(old, new))


@pytest.mark.parametrize(
    ("part", "written", "problem"),
    [
        (SCALE, "", "line 1, scale: It is missing. Add scale."),
        (SCALE, "scale: five steps\n", f"line 14, scale: {FIELDS}"),
        (DOMAINS, "", "line 1, domains: It needs 1 entries or more. Add what is missing."),
        (DOMAINS, "domains: many\n", "line 25, domains: A list is expected here. Begin each entry with a hyphen."),
        (DOMAINS, "domains: [many]\n", f"line 25, domains[0]: {FIELDS}"),
        (
            DOMAINS,
            "domains: [{key: a, code: A, title: A}]\n",
            "line 25, domains: There is nothing to assess. Add at least one competence.",
        ),
    ],
)
def test_part_of_the_wrong_shape_is_told(part, written, problem):
    assert problem in problems(SMALL.replace(part, written))


def test_scale_needs_two_levels():
    text = "\n".join(line for line in SMALL.splitlines() if "label: Met" not in line)

    assert problems(text) == ["line 21, scale.levels: It needs 2 entries or more. Add what is missing."]


def test_pages_need_keys_of_their_own():
    page = next(line for line in SMALL.splitlines() if "key: about" in line)

    assert problems(mended(page, f"{page}\n{page}")) == [twice("page", "key", "about")]


def test_scale_has_a_key_of_the_keyboard_for_each_level():
    levels = "".join(f"    - {{value: {number}, label: Level {number}}}\n" for number in range(1, 10))
    text = mended("    - {value: no, label: Not met}\n", "    - {value: no, label: Not met}\n" + levels)

    assert problems(text) == ["line 21, scale.levels: A scale has at most nine levels. Remove some."]


def test_every_problem_is_told_at_once():
    text = mended("title: Small list", "titel: Small list").replace("kind: attitude", "kind: virtue")
    text = text.replace("key: a1a\n", "key: a1\n")

    assert problems(text) == [
        f"line 1, title: {missing('title')}",
        f"line 59, {A1}.activities[0].competences[0].kind: {one_of('virtue', *own_revision.KINDS)}",
        f"line 5, titel: {UNKNOWN}",
        twice("activity", "key", "a1"),
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", f"file: {NO_FRAMEWORK}"),
        (b"# only a remark\n", f"file: {NO_FRAMEWORK}"),
        (b"- a\n- b\n", f"file: {NO_FRAMEWORK}"),
        (b"just words", f"file: {NO_FRAMEWORK}"),
        (b"a: b\nc: [d\n", "line 3, column 1: This is not YAML: did not find expected ',' or ']'. Mend the line."),
        (b"a: b\n--- \nc: d\n", "line 2, column 1: This is not YAML: but found another document. Mend the line."),
        (b"PK\x03\x04\x00", "file: This is not YAML: It holds a character that YAML does not allow. Mend the line."),
        (b"a: \xffb", f"byte 3: {NO_UTF_8}"),
        ("title: Zoë".encode("cp1252"), f"byte 9: {NO_UTF_8}"),
        (SMALL.encode("utf-16"), f"byte 0: {NO_UTF_8}"),
        (b"a: 1\nb: &x c\n", f"line 2: {NO_ALIAS}"),
        (b"a: 1\nb: &x [c]\n", f"line 2: {NO_ALIAS}"),
        (b"a: 1\nb: *x\n", f"line 2: {NO_ALIAS}"),
        (b"a: !!python/object:os.system x\n", "line 1: Tags are not read. Remove the tag."),
        (b"a: b\nc: !x [d]\n", "line 2: Tags are not read. Remove the tag."),
        (b"a: " + b"[" * 31 + b"]" * 31, f"line 1, format: {missing('format')}"),
        (b"a: " + b"[" * 32 + b"]" * 32, "line 1: It nests deeper than 32 levels. Flatten it."),
        (b"a: " + b"[" * 100_000, "line 1: It nests deeper than 32 levels. Flatten it."),
        (b"a:\n" + b"- {}\n" * 40_000, "line 40001: It has more than 40000 entries. Split it."),
    ],
    ids=lambda value: value[:30] if isinstance(value, bytes) else "",
)
def test_file_that_cannot_be_read_is_refused(content, problem):
    assert problems(content)[0] == problem


def test_merge_keys_are_not_merged():
    assert problems("<<: {title: Merged}\n" + SMALL) == [f"line 1, <<: {UNKNOWN}"]


def test_billion_laughs_are_refused_at_once():
    names = "abcdefghi"
    layers = [f"{name}: &{name} [*{below}, *{below}]" for below, name in pairwise(names)]

    assert problems("\n".join(["a: &a [lol]", *layers])) == [f"line 1: {NO_ALIAS}"]


def test_huge_number_is_refused():
    assert problems(mended("version: 3", f"version: {'9' * 5000}"))[0].startswith("line 16, scale.version: ")


@pytest.mark.parametrize(
    ("old", "field", "path", "most"),
    [
        ("title: Small list", "title: ", "title", 200),
        ("label: Not met", "label: ", "scale.levels[1].label", 60),
        ("title: First domain", "title: ", "domains[0].title", 300),
        ("short_title: First", "short_title: ", "domains[0].short_title", 40),
        ("short_title: Listening", "short_title: ", f"{A1}.short_title", 60),
        ("code: A1a\n", "code: ", f"{A1}.activities[0].code", 40),
        ("subheading: Basics", "subheading: ", f"{A1}.competences[0].subheading", 200),
    ],
)
def test_text_longer_than_its_column_is_refused(old, field, path, most):
    line = SMALL[: SMALL.index(old)].count("\n") + 1
    longer = f"{field}{'x' * (most + 1)}" + "\n" * old.endswith("\n")

    assert problems(mended(old, longer)) == [f"line {line}, {path}: {too_long(most)}"]


def is_read_or_refused(content):
    """Any other exception would pass through."""
    try:
        own_yaml.read(content)
    except ImportRejected as refused:
        return len(refused.problems) > 0
    return True


@settings(deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused(content):
    assert is_read_or_refused(content)


VALUES = st.recursive(
    st.text(max_size=8) | st.integers() | st.none() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.data())
def test_any_change_of_a_field_is_read_or_refused(data):
    document = yaml.load(SMALL, Loader=yaml.BaseLoader)  # noqa: S506  builds text, lists and dicts only
    place = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not place[key] or isinstance(place[key], str) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(VALUES)

    assert is_read_or_refused(yaml.safe_dump(document, allow_unicode=True).encode())
