"""How two revisions are shown to differ: words, places, order, headings."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.revisions import ActivityData, CompetenceData, DomainData, PointData, difference, lineage
from assessments.revisions.lineage import Link
from assessments.revisions.spans import compared, words
from tests.factories import make_revision_data

MARKS = {"kept": "{}", "removed": "[{}]", "added": "<{}>"}


def marked(spans):
    return "".join(MARKS[span.kind].format(span.text) for span in spans)


# Words


@pytest.mark.parametrize(
    ("before", "after", "earlier", "later"),
    [
        ("Listens well.", "Listens well.", "Listens well.", "Listens well."),
        ("Listens well.", "Listens calmly.", "Listens [well].", "Listens <calmly>."),
        ("Counts sessions openly.", "Counts sessions.", "Counts sessions [openly].", "Counts sessions."),
        ("Counts sessions.", "Counts all the sessions.", "Counts sessions.", "Counts <all the> sessions."),
        ("One two three", "Four two five", "[One two three]", "<Four two five>"),
        ("One two three x", "Four two three x", "[One] two three x", "<Four> two three x"),
        ("One two", "Zero one two One two", "One two", "<Zero one two> One two"),
        ("", "New", "", "<New>"),
        (" Old\n", "", " [Old]\n", ""),
        ("It is X.", "It is not X, ever.", "It is X.", "It is <not> X<, ever>."),
    ],
)
def test_words_are_kept_removed_or_added(before, after, earlier, later):
    assert tuple(map(marked, words(before, after))) == (earlier, later)


def test_words_of_a_split_are_kept_where_any_part_has_them():
    earlier, later = compared(["Gives information and choice."], ["Gives information.", "Offers choice."])

    assert [marked(side) for side in [*earlier, *later]] == [
        "Gives information [and] choice.",
        "Gives information.",
        "<Offers> choice.",
    ]


TEXT = st.text(alphabet="ab, .\n\u00a0é", max_size=30)


@given(before=TEXT, after=TEXT)
def test_spans_are_the_texts_to_the_last_space(before, after):
    earlier, later = words(before, after)

    assert ("".join(span.text for span in earlier), "".join(span.text for span in later)) == (before, after)


@given(before=TEXT, after=TEXT)
def test_words_kept_are_the_same_on_both_sides(before, after):
    kept = ["".join(span.text for span in side if span.kind == "kept").split() for side in words(before, after)]

    assert "".join(kept[0]) == "".join(kept[1])


# Changes


def activity(key, *competences, **changes):
    values = {"code": key.upper(), "title": f"Activity {key}", "short_title": key}
    return ActivityData(key, competences=list(competences), **values | changes)


def revision(*activities):
    return make_revision_data(domains=[DomainData("d", "D", "Domain", "Domain", activities=list(activities))])


def competence(key, text="", **changes):
    values = {"code": key.upper(), "kind": "skill", "text": text or f"Statement {key}."}
    return CompetenceData(key, **values | changes)


def compared_revisions(older, newer, **kwargs):
    return difference.compare(older, newer, lineage.propose(older, newer, **kwargs))


def only(older, newer):
    (change,) = compared_revisions(older, newer).changes
    return change


def test_same_competence_in_the_same_place_is_unchanged():
    same = revision(activity("a", competence("x")))

    change = only(same, same)

    assert (change.group, change.is_moved, change.is_recoded, change.likeness) == ("unchanged", False, False, None)


def test_other_activity_is_a_move():
    before, after = revision(activity("a", competence("x"))), revision(activity("b", competence("x")))

    change = only(before, after)

    assert (change.group, change.is_moved, change.older[0].activity.key) == ("moved", True, "a")


def test_activity_with_another_key_and_the_same_title_is_the_same_place():
    before = revision(activity("a", competence("x")))
    after = revision(activity("b", competence("x"), title="Activity a"))

    assert only(before, after).group == "unchanged"


def test_other_code_alone_is_recoded():
    before, after = (revision(activity("a", competence("x", code=code))) for code in ["A1", "A2"])

    change = only(before, after)

    assert (change.group, change.is_recoded) == ("recoded", True)


def test_reworded_says_how_many_words_were_kept_and_which():
    before, after = (revision(activity("a", competence("x", text))) for text in ["One two three.", "One two four."])

    change = only(before, after)

    assert (change.group, change.likeness) == ("reworded", 67)
    assert [marked(side[0]) for side in change.spans] == ["One two [three].", "One two <four>."]


def test_likeness_that_was_not_stored_is_measured():
    before, after = (revision(activity("a", competence("x", text))) for text in ["One two three.", "One two four."])

    (change,) = difference.compare(before, after, [Link("editorial", "x", "x")]).changes

    assert change.likeness == 67


def test_retyped_quotes_of_an_unchanged_statement_are_not_shown_as_a_change():
    before, after = (revision(activity("a", competence("x", text))) for text in ["A \u2018role\u2019.", "A 'role'."])

    change = only(before, after)

    assert [marked(side[0]) for side in change.spans] == ["A \u2018role\u2019.", "A 'role'."]


@pytest.mark.parametrize(
    "changes", [{"guidance": "With care."}, {"points": [PointData("p", "P", "With care.")]}], ids=["guidance", "point"]
)
def test_other_guidance_under_the_same_words_is_told(changes):
    before, after = (revision(activity("a", competence("x", **each))) for each in [{}, changes])

    change = only(before, after)

    assert (change.group, change.has_other_guidance) == ("unchanged", True)


def test_split_is_one_change_with_several_newer():
    before, after = revision(activity("a", competence("x"))), revision(activity("a", competence("y"), competence("z")))
    links = [Link("split", "x", "y"), Link("split", "x", "z", note="Two skills")]

    (change,) = difference.compare(before, after, links).changes

    assert ([each.key for each in change.newer], change.note, change.is_moved) == (["y", "z"], "Two skills", False)


def test_merger_is_one_change_with_several_older():
    before, after = revision(activity("a", competence("x"), competence("y"))), revision(activity("a", competence("z")))

    (change,) = difference.compare(before, after, [Link("merged", "x", "z"), Link("merged", "y", "z")]).changes

    assert ([each.key for each in change.older], change.statement.key) == (["x", "y"], "z")


def test_covered_statement_and_what_covers_it_are_not_compared():
    before, after = revision(activity("a", competence("x"))), revision(activity("a", competence("y")))

    (change,) = difference.compare(before, after, [Link("covered", "x", "y", basis="person")]).changes

    assert [marked(side[0]) for side in change.spans] == ["Statement x.", "Statement y."]
    assert (change.basis, change.note, change.statement.key) == ("person", "", "x")


def test_rateable_point_is_compared_like_a_competence():
    before, after = (
        revision(activity("a", competence("x", points=[PointData("p", "P", text, is_rateable=True)])))
        for text in ["Posture and gaze", "Posture and pace"]
    )

    assert [change.group for change in compared_revisions(before, after).changes] == ["unchanged", "reworded"]


def test_link_to_what_is_not_there_is_left_out():
    same = revision(activity("a", competence("x")))

    changes = difference.compare(same, same, [Link("unchanged", "x", "q"), Link("removed", "q", "")]).changes

    assert changes == []


def test_changes_stand_in_printed_order_with_removed_ones_where_they_stood():
    before = revision(activity("a", *(competence(key) for key in "uvwxyz")), activity("b", competence("t")))
    after = revision(
        activity("a", *(competence(key) for key in "vnx")), activity("b", competence("w"), competence("t"))
    )

    changes = compared_revisions(before, after, threshold=1).changes

    assert [(change.group, change.statement.key) for change in changes] == [
        ("removed", "u"),
        ("unchanged", "v"),
        ("added", "n"),
        ("unchanged", "x"),
        ("removed", "y"),
        ("removed", "z"),
        ("moved", "w"),
        ("unchanged", "t"),
    ]


def test_counts_are_by_group_in_the_order_told():
    before = revision(activity("a", competence("x"), competence("y"), competence("z")))
    after = revision(activity("a", competence("x"), competence("y", code="Y2"), competence("n", "Quite new")))

    found = compared_revisions(before, after)

    assert found.counts == {"unchanged": 1, "recoded": 1, "removed": 1, "added": 1}
    assert [change.statement.key for change in found.changed] == ["y", "z", "n"]
    assert [change.statement.key for change in found.in_group("recoded")] == ["y"]


# Headings


def headings(older, newer):
    return [
        (found.kind, found.level, *(each.title if each else "" for each in (found.older, found.newer)))
        for found in difference.compare(older, newer, []).headings
    ]


def test_headings_added_removed_and_retitled_are_listed():
    before, after = (
        revision(activity("a"), activity("b")),
        revision(activity("a", title="Listening"), activity("c")),
    )

    assert headings(before, after) == [
        ("retitled", "activity", "Activity a", "Listening"),
        ("added", "activity", "", "Activity c"),
        ("removed", "activity", "Activity b", ""),
    ]


def test_heading_with_another_key_is_known_by_its_title():
    before, after = (revision(activity(key, title="Listening")) for key in "ab")

    assert headings(before, after) == []


@pytest.mark.parametrize("twice", [0, 1])
def test_title_that_stands_twice_proves_nothing(twice):
    one = revision(activity("a", title="General"))
    two = revision(activity("b", title="General"), activity("c", title="General"))
    sides = [one, two] if twice else [two, one]

    assert {kind for kind, *_ in headings(*sides)} == {"added", "removed"}


def test_stand_in_for_a_missing_level_is_no_heading():
    before, after = revision(), revision(activity("a", is_synthetic=True))

    assert headings(before, after) == []


def test_domains_are_compared_too():
    before = revision()
    after = replace(before, domains=[replace(before.domains[0], title="Basic")])

    assert headings(before, after) == [("retitled", "domain", "Domain", "Basic")]
