"""What is proposed to have become of each competence, and what a lineage may not say."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.models import CompetenceLink
from assessments.revisions import CompetenceData, LineageData, PointData, likeness, lineage
from assessments.revisions.lineage import Link
from benchmarks.lineage import official, proposed
from tests.factories import make_revision_data

LISTEN = "An ability to listen without interrupting what the client says"
GRIEF = "Knowledge of how mourning differs from depression"
ENDING = "An ability to prepare the last session together"


def revision(*competences, **changes):
    """A revision of these competences alone; a text stands for one whose key is its first word."""
    rows = [row if isinstance(row, CompetenceData) else competence(row.split()[-1], row) for row in competences]
    data = make_revision_data(**changes)
    activity = replace(data.domains[0].activities[0], competences=rows, activities=[])
    return replace(data, domains=[replace(data.domains[0], activities=[activity])])


def competence(key, text, **changes):
    return CompetenceData(key, key.upper(), "skill", text, **changes)


def proposal(older, newer):
    return [(link.kind, link.older, link.newer, link.basis) for link in lineage.propose(older, newer)]


def test_kinds_and_bases_are_those_that_are_stored():
    assert (CompetenceLink.Kind.values, CompetenceLink.Basis.values) == (lineage.KINDS, lineage.BASES)


# Proposing


def test_same_key_and_words_is_unchanged():
    found = proposal(revision(competence("a", LISTEN)), revision(competence("a", LISTEN)))

    assert found == [("unchanged", "a", "a", "key")]


def test_same_key_with_retyped_words_is_unchanged():
    older = revision(competence("a", "The client\u2019s \u201crole\u201d at  the caf\u00e9"))
    newer = revision(competence("a", 'the client\'s "role" at the cafe\u0301'))

    assert proposal(older, newer) == [("unchanged", "a", "a", "key")]


def test_same_key_with_other_words_is_reworded_whatever_they_are():
    links = lineage.propose(revision(competence("a", LISTEN)), revision(competence("a", GRIEF)))

    assert links == [Link("reworded", "a", "a", basis="key", likeness=0)]


def test_same_source_identifier_is_the_same_competence():
    older, newer = (revision(competence(key, LISTEN, source_id="urn:1")) for key in "ab")

    assert proposal(older, newer) == [("unchanged", "a", "b", "key")]


def test_source_identifier_that_stands_twice_proves_nothing():
    older = revision(competence("a", LISTEN, source_id="urn:1"), competence("b", GRIEF, source_id="urn:1"))
    newer = revision(competence("c", ENDING, source_id="urn:1"))

    assert proposal(older, newer) == [
        ("added", "", "c", "rest"),
        ("removed", "a", "", "rest"),
        ("removed", "b", "", "rest"),
    ]


def test_key_goes_before_source_identifier():
    older = revision(competence("a", LISTEN), competence("b", GRIEF, source_id="urn:1"))
    newer = revision(competence("a", LISTEN, source_id="urn:1"))

    assert proposal(older, newer) == [("unchanged", "a", "a", "key"), ("removed", "b", "", "rest")]


def test_same_words_under_another_key_are_unchanged():
    found = proposal(revision(competence("a", LISTEN)), revision(competence("b", LISTEN.upper())))

    assert found == [("unchanged", "a", "b", "text")]


@pytest.mark.parametrize("twice", ["older", "newer"])
def test_repeated_statement_is_not_joined_by_its_words(twice):
    one, two = revision(competence("a", LISTEN)), revision(competence("b", LISTEN), competence("c", LISTEN))
    older, newer = (two, one) if twice == "older" else (one, two)

    assert {kind for kind, *_ in proposal(older, newer)} == {"added", "removed"}


def test_similar_words_are_reworded_with_the_share_kept():
    changed = LISTEN.replace("without interrupting", "patiently to")

    links = lineage.propose(revision(competence("a", LISTEN)), revision(competence("b", changed)))

    assert links == [Link("reworded", "a", "b", basis="likeness", likeness=80)]


def test_same_code_alone_joins_nothing():
    older, newer = (revision(CompetenceData(key, "A1", "skill", text)) for key, text in [("a", LISTEN), ("b", GRIEF)])

    assert proposal(older, newer) == [("added", "", "b", "rest"), ("removed", "a", "", "rest")]


def test_similar_statement_that_two_could_become_is_left_open():
    older = revision(competence("a", LISTEN))
    newer = revision(competence("b", f"{LISTEN} first"), competence("c", f"{LISTEN} last"))

    assert {kind for kind, *_ in proposal(older, newer)} == {"added", "removed"}


def test_higher_threshold_joins_less():
    older, newer = revision(competence("a", LISTEN)), revision(competence("b", f"{LISTEN} or does"))

    assert [link.kind for link in lineage.propose(older, newer, threshold=0.99)] == ["added", "removed"]


def test_rateable_points_are_joined_and_others_are_left_out():
    points = [PointData("p", "A.p", "Posture", is_rateable=True), PointData("q", "A.q", "Pace")]
    both = revision(competence("a", LISTEN, points=points))

    assert proposal(both, both) == [("unchanged", "a", "a", "key"), ("unchanged", "p", "p", "key")]


def test_proposal_stands_in_printed_order_of_the_newer_with_removed_ones_last():
    older = revision(competence("a", LISTEN), competence("b", GRIEF), competence("c", ENDING))
    newer = revision(competence("c", ENDING), competence("d", "Something else entirely"), competence("a", LISTEN))

    assert [link.newer or link.older for link in lineage.propose(older, newer)] == ["c", "d", "a", "b"]


# What the file states


@pytest.mark.parametrize("kind", ["editorial", "reworded"])
def test_stated_identity_goes_before_the_keys(kind):
    older = revision(competence("a", LISTEN), competence("b", GRIEF))
    newer = revision(competence("b", GRIEF), lineage=[LineageData(kind, ["a"], ["b"], "Said so")])

    links = lineage.propose(older, newer)

    assert links == [Link(kind, "a", "b", basis="file", note="Said so"), Link("removed", "b", "", basis="rest")]


def test_stated_split_leads_to_each_part():
    newer = revision(competence("a", LISTEN), competence("b", GRIEF), lineage=[LineageData("split", ["a"], ["a", "b"])])

    found = proposal(revision(competence("a", LISTEN)), newer)

    assert found == [("split", "a", "a", "file"), ("split", "a", "b", "file")]


def test_stated_merger_joins_what_has_the_key_already():
    older = revision(competence("a", LISTEN), competence("b", GRIEF))
    newer = revision(competence("a", LISTEN), lineage=[LineageData("merged", ["b"], ["a"])])

    assert proposal(older, newer) == [("unchanged", "a", "a", "key"), ("merged", "b", "a", "file")]


def test_stated_merger_of_one_alone_is_a_rewording():
    newer = revision(competence("c", ENDING), lineage=[LineageData("merged", ["a"], ["c"])])

    assert proposal(revision(competence("a", LISTEN)), newer) == [("reworded", "a", "c", "file")]


def test_stated_cover_leaves_its_target_an_origin_of_its_own():
    older = revision(competence("a", LISTEN), competence("b", GRIEF))
    entry = LineageData("covered", ["b"], ["a", "c"])
    newer = revision(competence("a", LISTEN), competence("c", ENDING), lineage=[entry])

    assert proposal(older, newer) == [
        ("unchanged", "a", "a", "key"),
        ("covered", "b", "a", "file"),
        ("added", "", "c", "rest"),
        ("covered", "b", "c", "file"),
    ]


def test_stated_removal_and_addition_keep_alike_words_apart():
    stated = [LineageData("removed", ["a"], []), LineageData("added", [], ["b"])]

    found = proposal(revision(competence("a", LISTEN)), revision(competence("b", LISTEN), lineage=stated))

    assert found == [("added", "", "b", "file"), ("removed", "a", "", "file")]


@pytest.mark.parametrize(
    "entry",
    [
        LineageData("reworded", ["a"], ["x"]),
        LineageData("reworded", ["x"], ["a"]),
        LineageData("reworded", [], []),
        LineageData("split", ["a"], ["a"]),
        LineageData("merged", [], ["a"]),
        LineageData("removed", ["a"], ["a"]),
        LineageData("added", ["a"], ["a"]),
        LineageData("renamed", ["a"], ["a"]),
    ],
)
def test_entry_that_cannot_be_is_passed_over(entry):
    found = proposal(revision(competence("a", LISTEN)), revision(competence("a", LISTEN), lineage=[entry]))

    assert found == [("unchanged", "a", "a", "key")]


@pytest.mark.parametrize(
    "second",
    [
        LineageData("removed", ["a"], []),
        LineageData("reworded", ["b"], ["a"]),
        LineageData("added", [], ["a"]),
    ],
)
def test_entry_that_contradicts_an_earlier_one_is_passed_over(second):
    stated = [LineageData("editorial", ["a"], ["a"]), second]
    older = revision(competence("a", LISTEN), competence("b", GRIEF))

    found = proposal(older, revision(competence("a", LISTEN), lineage=stated))

    assert found == [("editorial", "a", "a", "file"), ("removed", "b", "", "rest")]


def test_entry_after_an_addition_is_passed_over():
    stated = [LineageData("added", [], ["a"]), LineageData("merged", ["a"], ["a"])]

    found = proposal(revision(competence("a", LISTEN)), revision(competence("a", LISTEN), lineage=stated))

    assert found == [("added", "", "a", "file"), ("removed", "a", "", "rest")]


KEYS = st.sampled_from("abcdef")
TEXTS = st.sampled_from([LISTEN, f"{LISTEN} first", GRIEF, GRIEF.lower(), ENDING, f"{ENDING}, calmly", "Other"])
ROWS = st.dictionaries(KEYS, st.tuples(TEXTS, st.sampled_from(["", "urn:1", "urn:2"])), max_size=6)
ENTRIES = st.builds(LineageData, st.sampled_from(lineage.KINDS), st.lists(KEYS, max_size=3), st.lists(KEYS, max_size=3))


@given(older=ROWS, newer=ROWS, stated=st.lists(ENTRIES, max_size=6))
def test_proposal_loses_nobody_and_contradicts_nothing(older, newer, stated):
    before, after = (
        revision(*(competence(key, text, source_id=source) for key, (text, source) in rows.items()), lineage=entries)
        for rows, entries in [(older, []), (newer, stated)]
    )

    links = lineage.propose(before, after)

    assert lineage.problems(older, newer, links) == []


@given(older=ROWS, newer=ROWS, stated=st.lists(ENTRIES, max_size=6))
def test_links_survive_being_told_as_entries(older, newer, stated):
    before, after = (
        revision(*(competence(key, text) for key, (text, _) in rows.items()), lineage=entries)
        for rows, entries in [(older, []), (newer, stated)]
    )
    links = lineage.propose(before, after)

    told = lineage.links(lineage.entries(links))

    assert {replace(link, basis="", likeness=None) for link in links} == {replace(link, basis="") for link in told}


def test_entries_are_one_for_each_decision():
    links = [
        Link("split", "a", "x"),
        Link("split", "a", "y", note="Two skills"),
        Link("merged", "b", "z"),
        Link("merged", "c", "z"),
        Link("removed", "d", ""),
        Link("added", "", "w"),
    ]

    assert lineage.entries(links) == [
        LineageData("split", ["a"], ["x", "y"], "Two skills"),
        LineageData("merged", ["b", "c"], ["z"]),
        LineageData("removed", ["d"], []),
        LineageData("added", [], ["w"]),
    ]


# What a lineage may not say


def told(*edges):
    """Problems of a lineage from a and b to x, each link written as `kind older newer`, with - for no end."""
    links = [Link(kind, *(end.strip("-") for end in ends)) for kind, *ends in map(str.split, edges)]
    return lineage.problems("ab", "x", links)


@pytest.mark.parametrize(
    ("edges", "sentence"),
    [
        (["unchanged a x"], "Nothing says what became of b. Link it, or mark it as removed."),
        (["removed a -", "split a x"], "a is removed and split at once. Keep one of them."),
        (["split a x"], "a is split into one part. Name the others, or choose reworded."),
        (["merged a x", "merged a y"], "a is merged 2 times. Keep one link, or choose split."),
        (["removed a -"], "Nothing says where x comes from. Link it, or mark it as added."),
        (["reworded a x", "added - x"], "x is marked as added and linked as well. Keep one of them."),
        (
            ["editorial a x", "reworded b x"],
            "x continues 2 competences at once. Choose merged for all but one.",
        ),
        (["merged a x"], "x is merged from one. Name the others, or choose reworded."),
        (["covered a x", "covered a x"], "a and x: linked 2 times. Keep one link."),
        (["removed b x"], "b is removed with the wrong ends. Choose its kind again."),
        (["covered b -"], "b is covered with the wrong ends. Choose its kind again."),
        (["added - -"], "Nothing is added with the wrong ends. Choose its kind again."),
        (["added - q"], "q is no competence of the newer revision. Take the link away."),
        (["removed q -"], "q is no competence of the older revision. Take the link away."),
    ],
)
def test_lineage_with_a_gap_or_a_contradiction_is_told(edges, sentence):
    assert sentence in told(*edges)


def test_lineage_that_is_whole_has_no_problems():
    links = [
        Link("unchanged", "a", "x"),
        Link("merged", "b", "x"),
        Link("split", "c", "y"),
        Link("split", "c", "z"),
        Link("covered", "d", "z"),
        Link("covered", "d", "w"),
        Link("removed", "e", ""),
        Link("added", "", "w"),
    ]

    assert lineage.problems("abcde", "xyzw", links) == []


# Likeness


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("One two three four", "one, two: three  four", 100),
        ("One two three four", "One two three five", 75),
        ("One two", "Three four", 0),
        (" ".join("abcdefghij" * 40), " ".join("abcdefghij" * 40) + " z", 99),
        ("", "", 100),
    ],
)
def test_per_cent_counts_words_kept_in_order(before, after, expected):
    assert likeness.per_cent(before, after) == expected


def test_proposals_on_a_real_standard_are_nearly_all_official():
    right, found = len(proposed() & official()), len(proposed())

    assert (right, found) == (118, 122)
