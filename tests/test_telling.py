"""What a change is said to be, in words."""

import pytest

from assessments.models import CompetenceLink
from assessments.reports import telling
from assessments.revisions import difference
from assessments.revisions.difference import GROUPS, Heading
from assessments.revisions.lineage import Link
from tests.test_difference import activity, competence, revision

BEFORE = revision(activity("a", competence("x"), competence("y")), activity("b", competence("z")))
AFTER = revision(activity("a", competence("x"), competence("y")), activity("b", competence("z")))


def change(*links, before=BEFORE, after=AFTER):
    (found,) = difference.compare(before, after, links).changes
    return found


@pytest.mark.parametrize(
    ("links", "title"),
    [
        ([Link("unchanged", "x", "x")], "Unchanged"),
        ([Link("unchanged", "x", "y")], "New code"),
        ([Link("unchanged", "x", "z")], "Moved"),
        ([Link("reworded", "x", "x")], "Reworded"),
        ([Link("editorial", "x", "x")], "Tidied, same meaning"),
        ([Link("split", "x", "x"), Link("split", "x", "z")], "Split into X and Z"),
        ([Link("merged", "x", "z"), Link("merged", "y", "z")], "Merged from X and Y"),
        ([Link("merged", "x", "z")], "X merged into it"),
        ([Link("covered", "x", "y"), Link("covered", "x", "z")], "Covered by Y and Z"),
        ([Link("removed", "x", "")], "Removed"),
        ([Link("added", "", "x")], "New"),
    ],
)
def test_title_says_what_became_of_it(links, title):
    assert telling.title(change(*links)) == title


def test_details_say_likeness_place_code_and_note():
    found = change(Link("reworded", "x", "z", likeness=82, note="Clearer now."))

    assert telling.details(found) == [
        "82% of words kept.",
        "Moved from A Activity a to B Activity b.",
        "The code was X.",
        "Clearer now.",
    ]


def test_details_say_that_guidance_changed():
    before, after = (revision(activity("a", competence("x", guidance=text))) for text in ["", "With care."])

    found = change(Link("unchanged", "x", "x"), before=before, after=after)

    assert telling.details(found) == ["The guidance under it changed."]


def test_details_of_what_stayed_are_none():
    assert telling.details(change(Link("unchanged", "x", "x"))) == []


def test_every_group_has_a_label_and_every_kind_a_group():
    assert set(telling.LABELS) == set(GROUPS)
    assert set(CompetenceLink.Kind.values) < set(GROUPS)


def test_headings_are_counted_in_words():
    (added, retitled) = (Heading(kind, "activity", None, None) for kind in ["added", "retitled"])
    removed = Heading("removed", "domain", None, None)

    said = telling.headings([added, retitled, added, removed])

    assert said == "2 activities added, 1 activity given another title, 1 domain removed"


def test_headings_that_stayed_need_no_words():
    assert telling.headings([]) == ""
