import pytest
from django.template import engines
from django.template.loader import get_template

from assessments.models import Outcome, Rating, RatingLevel, RatingScale
from assessments.revisions import LevelData
from assessments.scoring import NOT_APPLICABLE, NOT_OBSERVED, NOT_RATED, distribution
from assessments.views import levels
from assessments.views.levels import Levels, Segment, Swatch
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def scale(revision):
    return Levels(revision.scale)


@pytest.fixture
def descending():
    data = factories.make_scale_data(
        key="falling", direction="descending", threshold="A", levels=[LevelData("A", "Met"), LevelData("B", "Not met")]
    )
    return Levels(factories.make_revision(scale=data).scale)


def test_swatch_of_a_level_has_tint_number_and_name(scale):
    assert [scale.swatch(position) for position in [1, 5]] == [
        Swatch("l1", "1", "Not yet demonstrated"),
        Swatch("l5", "5", "Advanced"),
    ]


def test_swatch_of_a_short_scale_spans_all_tints():
    short = Levels(factories.make_revision().scale)

    assert [short.swatch(position).cls for position in [1, 2, 3]] == ["l1", "l3", "l5"]


def test_swatch_of_a_descending_scale_is_dark_at_its_first_level(descending):
    assert [descending.swatch(position) for position in [1, 2]] == [
        Swatch("l5", "A", "Met"),
        Swatch("l1", "B", "Not met"),
    ]


def test_four_kinds_of_nothing_look_different(scale):
    kinds = [scale.swatch(mark) for mark in [1, NOT_OBSERVED, NOT_APPLICABLE, NOT_RATED]]

    assert [len({getattr(kind, part) for kind in kinds}) for part in ["cls", "sign", "name"]] == [4, 4, 4]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.PENDING, levels.NOT_RATED),
        (Outcome.NOT_OBSERVED, levels.NOT_OBSERVED),
        (Outcome.NOT_APPLICABLE, levels.NOT_APPLICABLE),
    ],
)
def test_swatch_of_a_rating_without_level(scale, outcome, expected):
    assert scale.swatch_of(Rating(outcome=outcome)) == expected


def test_swatch_of_a_rating_is_that_of_its_level(scale):
    rating = Rating(outcome=Outcome.LEVEL, level=scale.rows[3])

    assert scale.swatch_of(rating) == Swatch("l4", "4", "Competent")


def test_legend_begins_with_the_furthest_level(scale):
    assert [swatch.name for swatch in scale.legend] == [
        "Advanced",
        "Competent",
        "Developing",
        "Emerging",
        "Not yet demonstrated",
        "Not observed",
        "Not applicable",
        "Not rated",
    ]


def test_legend_of_a_descending_scale_begins_with_its_first_level(descending):
    assert [swatch.sign for swatch in descending.legend][:2] == ["A", "B"]


def test_choices_are_the_levels_and_two_ways_of_having_none(scale):
    assert [choice.value for choice in scale.choices("skill")] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "not_observed",
        "not_applicable",
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("skill", "Fluent and flexible with difficulty too; fit to show others."),
        ("knowledge", "Weighs the evidence and can teach it."),
        ("attitude", "Steady under strain, and a model to others."),
    ],
)
def test_choices_say_what_a_level_means_for_the_kind(scale, kind, expected):
    assert scale.choices(kind)[4].anchor == expected


def test_choices_say_what_having_no_level_means(scale):
    assert [choice.anchor for choice in scale.choices("skill")[5:]] == [
        "No opportunity in this evidence.",
        "Outside this therapist's programme. Needs a reason.",
    ]


def test_counts_leave_out_what_is_empty(scale):
    counts = scale.counts(distribution([3, 3, 1, NOT_RATED, NOT_APPLICABLE, NOT_OBSERVED, NOT_OBSERVED]))

    assert [(swatch.name, number) for swatch, number in counts] == [
        ("Developing", 2),
        ("Not yet demonstrated", 1),
        ("Not observed", 2),
        ("Not rated", 1),
        ("Not applicable", 1),
    ]


def test_segments_fill_the_bar(scale):
    segments = scale.segments(distribution([5, 3, 3, NOT_RATED]))

    assert segments == [
        Segment("l5", "5", "Advanced", 1, 0.0, 25.0),
        Segment("l3", "3", "Developing", 2, 25.0, 50.0),
        Segment("ln", "–", "Not rated", 1, 75.0, 25.0),
    ]


def test_segments_of_a_longer_whole_leave_the_rest_of_the_bar(scale):
    segments = scale.segments(distribution([5, 3]), whole=8)

    assert [(segment.x, segment.width) for segment in segments] == [(0.0, 12.5), (12.5, 12.5)]


def test_segments_of_thirds_stay_inside_the_bar(scale):
    last = scale.segments(distribution([5, 4, 3]))[-1]

    assert last.x + last.width == pytest.approx(100, abs=0.02)


def test_sentence_says_the_bar_in_words(scale):
    assert scale.sentence(distribution([5, 3, 3, NOT_RATED])) == "1 Advanced, 2 Developing and 1 Not rated"


def test_strip_has_a_style_for_each_competence(scale):
    cells = levels.strip(scale, [("a", 2), ("b", NOT_RATED), ("c", NOT_OBSERVED)])

    assert cells == '<i class="l2"></i><i class="ln"></i><i class="lo"></i>'


def test_scale_with_one_level_has_one_tint():
    scale = RatingScale.objects.create(key="one", name="One", threshold=1)
    RatingLevel.objects.create(scale=scale, position=1, value="✓", label="Done")

    assert Levels(scale).swatch(1) == Swatch("l5", "✓", "Done")


@pytest.mark.parametrize(
    ("tag", "drawn"),
    [
        ('{% swatch "l4" "4" %}', '<span class="sw l4">4</span>'),
        (
            '{% swatch "l4" "4" name=told %}',
            '<span class="sw l4">4<span class="vh"> A &amp; B</span></span>',
        ),
        ('{% swatch "lo" %}', '<span class="sw lo"><span class="ring" aria-hidden="true"></span></span>'),
        ('{% swatch "la" "n/a" %}', '<span class="sw la"><span aria-hidden="true">n/a</span></span>'),
        ('{% swatch "ln" "–" %}', '<span class="sw ln"><span aria-hidden="true">–</span></span>'),
    ],
)
def test_swatch_is_drawn(tag, drawn):
    assert engines["django"].from_string(tag).render({"told": "A & B"}) == drawn


def test_icon_is_the_component():
    drawn = engines["django"].from_string('{% icon "tick" %}').render()

    assert drawn == get_template("components/icon.html").render({"name": "tick"})


def of(**changes):
    return Levels(factories.make_revision(scale=factories.make_scale_data(**changes)).scale)


def test_scale_says_in_its_own_words_what_having_no_level_means():
    own = of(not_observed="Not called for here.", not_applicable="Not taught on this course")

    assert [choice.anchor for choice in own.choices("skill")[3:]] == [
        "Not called for here.",
        "Not taught on this course. Needs a reason.",
    ]


def test_scale_without_not_applicable_does_not_offer_it():
    strict = of(has_not_applicable=False)

    assert [choice.value for choice in strict.choices("skill")] == ["1", "2", "3", "not_observed"]
    assert [swatch.name for swatch in strict.legend][3:] == ["Not observed", "Not rated"]


@pytest.mark.parametrize(
    ("changes", "layout"), [({}, "items--3"), ({"has_not_applicable": False}, "items--3 items--alone")]
)
def test_layout_tells_how_many_options_there_are(changes, layout):
    assert of(**changes).layout == layout


def test_nine_levels_keep_their_order_from_pale_to_dark():
    nine = of(levels=[LevelData(str(n), f"L{n}") for n in range(9)], threshold="8")

    tints = [nine.swatch(position).cls for position in range(1, 10)]

    assert (tints == sorted(tints), tints[0], tints[-1]) == (True, "l1", "l5")


def test_rows_of_an_unsaved_scale_are_shown():
    rows = [RatingLevel(position=1, value="A", label="Met"), RatingLevel(position=2, value="B", label="Not met")]

    preview = Levels(RatingScale(direction="descending"), rows)

    assert [choice.swatch for choice in preview.answers[:2]] == [Swatch("l5", "A", "Met"), Swatch("l1", "B", "Not met")]
