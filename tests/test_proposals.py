import pytest

from assessments import proposals
from assessments.models import Assessment, Competence, Outcome, Rating
from assessments.proposals import Hint
from tests import factories
from tests.factories import rate

pytestmark = pytest.mark.django_db


def ratings_of(draft):
    return list(draft.ratings.select_related("competence__activity", "level").order_by("competence__position"))


def strengths(draft):
    return proposals.strengths(draft, ratings_of(draft))


def needs(draft):
    return proposals.needs(draft, ratings_of(draft))


def hints(draft, previous=None):
    """`previous` has the positions of the last occasion, by code."""
    keys = dict(Competence.objects.values_list("code", "pk"))
    return proposals.hints(draft, ratings_of(draft), {keys[code]: at for code, at in (previous or {}).items()})


def text_of(code):
    return Competence.objects.get(code=code).text.rstrip(".")


@pytest.fixture
def downwards(supervisor, therapist):
    """A draft on a scale whose first two of three levels reach the threshold."""
    scale = factories.make_scale_data(key="downwards", direction="descending", threshold="2")
    return factories.make_draft(supervisor, therapist, factories.make_revision(scale=scale), codes="A1 A1a")


def test_strengths_are_noted_ratings_at_or_beyond_the_threshold(draft):
    rate(draft, "S2.1", 3, note="Nearly.")
    rate(draft, "S2.2", 4, note="Named the stage.")
    rate(draft, "S2.3", 5, note="Drew it out")

    assert strengths(draft) == "Named the stage (S2.2).\nDrew it out (S2.3)."


def test_strengths_leave_out_ratings_without_a_note(draft):
    rate(draft, "S2.1", 5)

    assert strengths(draft) == ""


def test_strengths_leave_out_concerns(draft):
    rate(draft, "S2.1", 5, note="Fine but unsafe.", is_concern=True)

    assert strengths(draft) == ""


def test_strengths_leave_out_ratings_without_a_level(draft):
    rate(draft, "S2.1", Outcome.NOT_OBSERVED, note="Did not come up.")

    assert strengths(draft) == ""


def test_strengths_quote_the_first_sentence(draft):
    rate(draft, "S2.1", 4, note="Named the stage. Then moved on.\nA second line.")
    rate(draft, "S2.2", 4, note="One line without a stop\nA second line. And more.")

    assert strengths(draft) == "Named the stage (S2.1).\nOne line without a stop (S2.2)."


def test_strengths_are_at_most_five(draft):
    for number in range(1, 8):
        rate(draft, f"S2.{number}", 4, note="Good.")

    assert strengths(draft) == "\n".join(f"Good (S2.{number})." for number in range(1, 6))


def test_strengths_run_down_on_a_descending_scale(downwards):
    for code, position in [("A1.1", 1), ("A1.2", 2), ("A1a.1", 3)]:
        rate(downwards, code, position, note=f"Level {position}.")

    assert strengths(downwards) == "Level 1 (A1.1).\nLevel 2 (A1.2)."


def test_needs_are_noted_ratings_short_of_the_threshold(draft):
    rate(draft, "S2.1", 3, note="Late.")
    rate(draft, "S2.2", 3)
    rate(draft, "S2.3", 4, note="Good.")

    assert needs(draft) == "Late (S2.1)."


def test_needs_begin_with_concerns_and_stars(draft):
    rate(draft, "S2.1", 2, note="Late.")
    rate(draft, "S2.2", 4, note="Missed a threat.", is_concern=True)
    rate(draft, "S2.3", 2, note="Rushed.", is_priority=True)

    assert needs(draft) == "Missed a threat (S2.2).\nRushed (S2.3).\nLate (S2.1)."


def test_needs_quote_the_statement_where_no_note_is(draft):
    rate(draft, "S2.1", Outcome.NOT_OBSERVED, is_priority=True)

    assert needs(draft) == f"{text_of('S2.1')} (S2.1)."


def test_needs_are_at_most_five(draft):
    for number in range(1, 8):
        rate(draft, f"S2.{number}", 2, note="Late.")

    assert needs(draft).count("\n") == 4


def test_obstacles_of_an_empty_draft(draft):
    assert proposals.obstacles(ratings_of(draft)) == ["Nothing is rated yet."]


def test_obstacles_never_are_blanks(draft):
    rate(draft, "S2.1", 3)

    assert proposals.obstacles(ratings_of(draft)) == []


@pytest.mark.parametrize(
    ("answer", "values", "obstacle"),
    [
        (3, {"is_concern": True}, "S2.1: a concern needs a note."),
        (Outcome.NOT_APPLICABLE, {}, "S2.1: not applicable needs a reason."),
        (Outcome.NOT_APPLICABLE, {"is_concern": True}, "S2.1: a concern needs a note."),
        (
            Outcome.PENDING,
            {"note": "Later."},
            "S2.1: a note or flag waits for its level. Choose one, or clear it.",
        ),
    ],
)
def test_obstacle_names_its_competence(draft, answer, values, obstacle):
    rate(draft, "S2.1", answer, **values)
    rate(draft, "S2.2", 3)

    assert proposals.obstacles(ratings_of(draft)) == [obstacle]


def test_obstacle_goes_with_the_note(draft):
    rate(draft, "S2.1", 3, is_concern=True, note="Said why.")
    rate(draft, "S2.2", Outcome.NOT_APPLICABLE, note="Outside the programme.")

    assert proposals.obstacles(ratings_of(draft)) == []


def test_obstacles_all_stand_in_printed_order(draft):
    rate(draft, "S7.1", Outcome.NOT_APPLICABLE)
    rate(draft, "S2.1", Outcome.PENDING, is_concern=True)

    assert proposals.obstacles(ratings_of(draft)) == [
        "S2.1: a note or flag waits for its level. Choose one, or clear it.",
        "S2.1: a concern needs a note.",
        "S7.1: not applicable needs a reason.",
    ]


def test_obstacles_of_pending_notes_alone_include_that_nothing_is_rated(draft):
    rate(draft, "S2.1", Outcome.PENDING, note="Later.")

    assert proposals.obstacles(ratings_of(draft))[-1] == "Nothing is rated yet."


def test_hints_on_varied_ratings_are_none(draft):
    for number, position in enumerate([2, 3, 3, 4, 3], start=1):
        rate(draft, f"S2.{number}", position)

    assert hints(draft) == []


def test_hint_on_the_same_level_down_the_page(draft):
    for number in range(1, 6):
        rate(draft, f"S2.{number}", 3)
    rate(draft, "S2.6", Outcome.NOT_OBSERVED)

    assert hints(draft) == [
        Hint("Same level down the page", "In S2 you gave Developing to all 5. That may be right.", "S2")
    ]


def test_hint_looks_at_each_activity_apart(draft):
    for code in ["S2.1", "S2.2", "S2.3", "S7.1", "S7.2", "S7.3"]:
        rate(draft, code, 3)

    assert hints(draft) == []


def test_hint_on_one_extreme_without_a_note(draft):
    rate(draft, "S7.1", 5)
    rate(draft, "S7.2", 1, note="Left out.")

    text = "S7.1 is at Advanced with no note. An example helps the therapist."
    assert hints(draft) == [Hint("First or last level without a note", text, "S7")]


@pytest.mark.parametrize(
    ("codes", "more"),
    [
        (["S7.1"], "So is 1 more at either end of the scale."),
        (["S7.1", "S7.2"], "So are 2 more at either end of the scale."),
    ],
)
def test_hint_on_several_extremes_counts_them(draft, codes, more):
    for code in ["S2.1", *codes]:
        rate(draft, code, 1)

    text = f"S2.1 is at Not yet demonstrated with no note. {more} An example helps the therapist."
    assert hints(draft) == [Hint("First or last level without a note", text, "S2")]


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (["S7.2", "S7.3"], "2 skills were rated from supervision discussion. None of them was observed"),
        (["S7.2"], "1 skill was rated from supervision discussion. It was not observed"),
    ],
)
def test_hint_on_skills_rated_from_discussion(supervisor, therapist, revision, codes, told):
    draft = factories.make_draft(supervisor, therapist, revision, source=Assessment.Source.DISCUSSION)
    for code in ["S7.1", *codes]:
        rate(draft, code, 3)
    rate(draft, "S7.4", Outcome.NOT_OBSERVED)

    assert hints(draft) == [Hint("Rested on discussion only", f"{told} on this occasion.", "S7")]


def test_hint_on_discussion_needs_a_skill(supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision, source=Assessment.Source.DISCUSSION)
    rate(draft, "S7.1", 3)

    assert hints(draft) == []


def test_hint_on_the_upper_end_of_the_scale(draft):
    for number in range(1, 6):
        rate(draft, f"S2.{number}", 5 if number == 3 else 4, note="Said why.")
        rate(draft, f"S7.{number}", 5 if number == 3 else 4, note="Said why.")
    rate(draft, "S7.6", Outcome.NOT_OBSERVED)

    text = "You gave Competent or Advanced to all 10. That may be right. Something to work on next helps all the same."
    assert hints(draft) == [Hint("All at the upper end of the scale", text, "S2")]


def test_hint_on_the_upper_end_names_only_levels_that_were_given(draft):
    for number in range(1, 10):
        rate(draft, f"S2.{number}", 4)
    rate(draft, "S7.1", 4)

    assert hints(draft)[-1].text.startswith("You gave Competent to all 10. ")


def test_hint_on_the_upper_end_ends_with_one_level_below(draft):
    for number in range(1, 6):
        rate(draft, f"S2.{number}", 3 if number == 3 else 4)
        rate(draft, f"S7.{number}", 5, note="Said why.") if number == 3 else rate(draft, f"S7.{number}", 4)

    assert hints(draft) == []


@pytest.mark.parametrize(("now", "label"), [(2, "Emerging"), (1, "Not yet demonstrated")])
def test_hint_on_a_jump_without_a_note(draft, now, label):
    rate(draft, "S2.1", 3)
    rate(draft, "S2.2", now)

    found = [hint for hint in hints(draft, {"S2.1": 3, "S2.2": 4}) if hint.title.startswith("Far")]

    text = (
        f"S2.2 went from Competent to {label} since last time, with no note. That may be right."
        " A word on what changed helps the therapist."
    )
    assert found == [Hint("Far from last time without a note", text, "S2")]


def test_hint_on_several_jumps_counts_them(draft):
    for code in ["S2.1", "S7.1", "S7.2"]:
        rate(draft, code, 4)

    (found,) = hints(draft, {"S2.1": 2, "S7.1": 1, "S7.2": 2})

    assert "from Emerging to Competent since last time, with no note. 2 more moved as far. That" in found.text


@pytest.mark.parametrize(
    ("answer", "note", "previous"),
    [
        (4, "", {"S2.1": 3}),
        (4, "Practised it with two more clients.", {"S2.1": 2}),
        (4, "", {"S2.2": 2}),
        (Outcome.NOT_OBSERVED, "", {"S2.1": 4}),
        (4, "", {}),
    ],
)
def test_hint_on_a_jump_needs_two_levels_and_no_note(draft, answer, note, previous):
    rate(draft, "S2.1", answer, note=note)

    assert hints(draft, previous) == []


def test_proposals_need_no_query_of_their_own(draft, django_assert_num_queries):
    for number in range(1, 6):
        rate(draft, f"S2.{number}", 5)
    seen = Assessment.objects.with_people().with_levels().get(pk=draft.pk)
    ratings = ratings_of(draft)

    with django_assert_num_queries(0):
        assert [proposals.strengths(seen, ratings), proposals.needs(seen, ratings)] == ["", ""]
        assert len(proposals.hints(seen, ratings, {ratings[0].competence_id: 2})) == 3


def test_proposals_change_nothing(draft):
    rate(draft, "S2.1", 5, note="Good.")
    before = list(Rating.objects.values())

    strengths(draft), needs(draft), hints(draft)

    draft.refresh_from_db()
    assert (list(Rating.objects.values()), draft.strengths, draft.needs) == (before, "", "")
