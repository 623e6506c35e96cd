from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from assessments.exporters import own_yaml as exporter
from assessments.importers import own_yaml as importer
from assessments.revisions import LineageData
from tests import factories
from tests.revision_strategies import AWKWARD, revisions

IPT = importer.read((Path(__file__).parent.parent / "fixtures" / "ipt-1.0.yaml").read_bytes())
FILES = Path(__file__).parent / "files"


def lines(data):
    return exporter.write(data).decode().splitlines()


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(revisions())
def test_any_revision_is_read_back_as_it_was(data):
    assert importer.read(exporter.write(data)) == data


def test_ipt_framework_is_read_back_as_it_was():
    assert importer.read(exporter.write(IPT)) == IPT


def test_canonical_file_is_written_as_it_was_read():
    content = (FILES / "small.yaml").read_bytes()

    assert exporter.write(importer.read(content)) == content


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_is_read_back_as_it_was(text):
    data = factories.make_revision_data(summary=text.strip())

    assert importer.read(exporter.write(data)).summary == text.strip()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Two words", ["summary: Two words"]),
        ("1.10", ["summary: 1.10"]),
        ("yes", ['summary: "yes"']),
        ("One: two", ['summary: "One: two"']),
        ("Ends so:", ['summary: "Ends so:"']),
        ("One #two", ['summary: "One #two"']),
        ("12:30", ["summary: 12:30"]),
        ("- one", ['summary: "- one"']),
        ("one\n\n  two", ["summary: |-", "  one", "", "    two"]),
        ("one\n\ttwo", ['summary: "one\\n\\ttwo"']),
        ("one\u2028two", ['summary: "one\\u2028two"']),
        (
            "A sentence of some length, by A. N. Author, stands here. " * 2 + "The end.",
            ["summary: >-", *["  A sentence of some length, by A. N. Author, stands here."] * 2, "  The end."],
        ),
        ("word " * 30 + "end", ["summary: >-", "  " + "word " * 22 + "word", "  " + "word " * 7 + "end"]),
    ],
)
def test_text_is_written_in_the_quietest_style(text, written):
    found = lines(factories.make_revision_data(summary=text))

    assert found[6 : 6 + len(written)] == written


def test_codes_are_quoted():
    assert '    code: "A"' in lines(factories.make_revision_data())


def test_file_ends_with_one_line_break_and_has_no_other_kind():
    content = exporter.write(factories.make_revision_data(summary="a\r\nb"))

    assert (content[-1:], content[-2:-1] == b"\n", b"\r" in content) == (b"\n", False, False)


def test_lineage_is_written_as_it_is_documented():
    data = factories.make_revision_data(
        previous="0.9",
        lineage=[
            LineageData("split", ["a-1"], ["a1-1", "a1-2"], "It held two."),
            LineageData("removed", ["a-9"], []),
        ],
    )

    assert lines(data)[-7:] == [
        "lineage:",
        "  - kind: split",
        '    from: ["a-1"]',
        '    to: ["a1-1", "a1-2"]',
        "    note: It held two.",
        "  - kind: removed",
        '    from: ["a-9"]',
    ]
