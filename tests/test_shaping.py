import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.importers import shaping
from assessments.importers.reading import Node
from assessments.revisions import ActivityData, DomainData


def node(name, parent="", **values):
    return Node(id=name, parent=parent, place=f"row {name}", title=f"Title {name}", **values)


def shape(nodes, choice="", **values):
    return shaping.shape(nodes, choice, scope="cbt/1", title="CBT", kind="skill", **values)


def outline(parts: list[DomainData] | list[ActivityData]):
    """A tree as nested lists: titles, with the texts of competences and points below."""
    return [[part.title, _inside(part)] for part in parts]


def _inside(part):
    statements = [
        [competence.text, [point.text for point in competence.points]] if competence.points else competence.text
        for competence in getattr(part, "competences", [])
    ]
    return [*statements, *outline(part.activities)]


THREE = [node("a"), node("b", "a"), node("c", "b"), node("d", "b")]
FOUR = [*THREE, node("e", "c"), node("f", "c")]


def test_three_levels_are_domain_activity_and_competence():
    assert outline(shape(THREE).domains) == [["Title a", [["Title b", ["Title c", "Title d"]]]]]


def test_two_levels_get_a_synthetic_activity_with_the_title_of_its_domain():
    (domain,) = shape([node("a"), node("b", "a")]).domains

    assert outline([domain]) == [["Title a", [["Title a", ["Title b"]]]]]
    assert [domain.is_synthetic, domain.activities[0].is_synthetic] == [False, True]


def test_two_levels_in_one_domain_are_activities_and_competences():
    (domain,) = shape([node("a"), node("b", "a")], shaping.ONE_DOMAIN).domains

    assert outline([domain]) == [["CBT", [["Title a", ["Title b"]]]]]
    assert domain.is_synthetic


def test_one_level_gets_a_synthetic_domain_and_activity():
    assert outline(shape([node("a"), node("b")], shaping.FLAT).domains) == [
        ["CBT", [["CBT", ["Title a", "Title b"]]]],
    ]


def test_four_levels_nest_activities():
    assert outline(shape(FOUR).domains) == [
        ["Title a", [["Title b", ["Title d", ["Title c", ["Title e", "Title f"]]]]]],
    ]


def test_top_makes_what_lies_deeper_explain_its_competence():
    assert outline(shape(FOUR, shaping.TOP).domains) == [
        ["Title a", [["Title b", [["Title c", ["Title e", "Title f"]], "Title d"]]]],
    ]


def test_bottom_joins_everything_above_into_the_domain():
    shaped = shape(FOUR, shaping.BOTTOM)

    assert outline(shaped.domains) == [
        ["Title a", [["Title b", ["Title d"]]]],
        ["Title a › Title b", [["Title c", ["Title e", "Title f"]]]],
    ]
    assert shaped.domains[1].kept == {"path": ["a", "b"]}


def test_bottom_puts_a_lonely_leaf_into_an_activity_of_its_own():
    (domain,) = shape([node("a")], shaping.BOTTOM).domains

    assert outline([domain]) == [["CBT", [["Title a", ["Title a"]]]]]


def test_window_takes_the_named_level_as_competences():
    nodes = [node("a"), node("b", "a"), node("c", "b", level="Skill"), node("d", "c"), node("e", "d")]

    assert outline(shape(nodes, shaping.WINDOW, level="Skill").domains) == [
        ["Title a", [["Title b", [["Title c", ["Title d", "Title e"]]]]]],
    ]


def test_points_explain_the_statement_above_them():
    nodes = [*THREE, node("e", "d", level=shaping.POINT)]

    assert outline(shape(nodes).domains) == [["Title a", [["Title b", ["Title c", ["Title d", ["Title e"]]]]]]]


def test_leaf_directly_in_a_domain_comes_under_general():
    shaped = shape([node("a"), node("b", "a"), node("c", "a"), node("d", "c")])

    assert outline(shaped.domains) == [["Title a", [["General", ["Title b"]], ["Title c", ["Title d"]]]]]
    assert [notice.what for notice in shaped.notices if notice.place == "row a"] == [
        "1 statements stand directly in this domain. They come under General."
    ]


@pytest.mark.parametrize(("choice", "word"), [("", "domain"), (shaping.ONE_DOMAIN, "activity")])
def test_branch_without_a_leaf_is_kept_empty_with_a_warning(choice, word):
    shaped = shape([node("a"), node("b", "a"), node("z")], choice)

    assert [notice.what for notice in shaped.notices if notice.place == "row z"] == [
        f"Nothing below it can be rated. It is kept as an empty {word}."
    ]


@pytest.mark.parametrize(
    ("depths", "shapes"),
    [
        ([3], [shaping.FLAT]),
        ([2, 9], [shaping.NESTED, shaping.ONE_DOMAIN]),
        ([1, 2, 3], [shaping.NESTED]),
        ([1, 2, 3, 4], [shaping.NESTED, shaping.TOP, shaping.BOTTOM, shaping.WINDOW]),
    ],
)
def test_fitting_shapes_follow_the_depth(depths, shapes):
    assert shaping.fitting(depths) == shapes


def test_statement_keeps_its_text_and_remembers_its_title():
    nodes = [node("a"), node("b", "a"), node("c", "b", text="An ability to listen.", kind="knowledge", level="Item")]

    competence = shape(nodes).domains[0].activities[0].competences[0]

    assert (competence.text, competence.kind) == ("An ability to listen.", "knowledge")
    assert competence.kept == {"level": "Item", "title": "Title c"}


def test_heading_keeps_its_text_as_introduction():
    nodes = [node("a", text="All about it.", guidance="Read first."), node("b", "a"), node("c", "b")]

    assert shape(nodes).domains[0].introduction == "All about it.\n\nRead first."


def test_heading_without_a_title_takes_the_beginning_of_its_text():
    nodes = [Node("a", "", "row a", text="Listen well. Then speak."), node("b", "a"), node("c", "b")]

    domain = shape(nodes).domains[0]

    assert (domain.title, domain.introduction) == ("Listen well", "Listen well. Then speak.")


def test_long_beginning_is_cut_between_words():
    nodes = [Node("a", "", "row a", text="word " * 60), node("b", "a"), node("c", "b")]

    assert shape(nodes).domains[0].title == "word " * 22 + "word…"


def test_title_over_the_limit_is_cut_and_kept_whole_below():
    long = "x" * 301
    nodes = [Node("a", "", "row a", title=long), node("b", "a"), node("c", "b")]

    shaped = shape(nodes)

    assert shaped.domains[0].title == "x" * 299 + "…"
    assert shaped.domains[0].introduction.startswith(long)
    assert shaped.notices[0].what == "The title is longer than 300 characters and is cut."


def test_identity_of_the_file_becomes_the_key():
    nodes = [node("a", source_id="7FBBD2FA-885D"), node("b", "a"), node("c", "b")]

    assert shape(nodes).domains[0].key == "7fbbd2fa-885d"


def test_made_keys_are_the_same_for_the_same_file_and_differ_between_revisions():
    first, again = (shape(THREE).domains[0].key for _ in range(2))
    other = shaping.shape(THREE, "", scope="cbt/2", title="CBT", kind="skill").domains[0].key

    assert first == again
    assert first != other


def test_code_that_fits_no_address_is_rewritten_with_a_note():
    shaped = shape([node("a", code="A 1/2"), node("b", "a"), node("c", "b")])

    assert shaped.domains[0].code == "A-1-2"
    assert "The code 'A 1/2' does not fit an address and is written A-1-2." in [n.what for n in shaped.notices]


def test_made_codes_say_so_once_and_never_take_a_given_one():
    shaped = shape([node("a"), node("b", "a", code="1"), node("c", "b"), node("d", "b")])
    made = [notice.what for notice in shaped.notices if notice.is_warning]

    assert [shaped.domains[0].code, shaped.domains[0].activities[0].code] == ["1-2", "1"]
    assert made == ["Codes that the file does not give are made."]


def test_rewritten_codes_that_collide_are_kept_apart():
    nodes = [node("a"), node("b", "a"), node("c", "b", code="x y"), node("d", "b", code="x/y")]

    assert [row.code for row in shape(nodes).domains[0].activities[0].competences] == ["x-y", "x-y-2"]


def test_many_points_are_lettered_on_after_z():
    nodes = [*THREE, *(node(f"p{number}", "d", level=shaping.POINT) for number in range(28))]

    points = shape(nodes).domains[0].activities[0].competences[1].points

    assert [point.code for point in points[25:]] == ["1.1.2.z", "1.1.2.aa", "1.1.2.ab"]


def test_long_title_gets_a_short_one_that_ends_between_words():
    nodes = [Node("a", "", "row a", title="Engaging the client and keeping the client engaged"), node("b", "a")]

    assert shape(nodes).domains[0].short_title == "Engaging the client and keeping the…"


@st.composite
def trees(draw):
    """Nodes in printed order; each parent is one of those before it, or the top."""
    size = draw(st.integers(1, 25))
    parents = [draw(st.integers(-1, place - 1)) for place in range(size)]
    below = {place: [child for child in range(size) if parents[child] == place] for place in range(-1, size)}

    def walk(place):
        for child in below[place]:
            yield child
            yield from walk(child)

    names = {-1: ""} | {place: str(place) for place in range(size)}
    codes = [draw(st.sampled_from(["", f"c{place}"])) for place in range(size)]
    return [node(names[place], names[parents[place]], code=codes[place]) for place in walk(-1)]


def spoken(domains):
    """Every title and text that the shaped tree says anywhere, synthetic nodes left out."""
    for domain in domains:
        yield from domain.title.split(" › ")
        for activity in domain.all_activities():
            yield activity.title
            for competence in activity.competences:
                yield competence.text
                yield from (point.text for point in competence.points)


@given(trees(), st.sampled_from(list(shaping.SHAPES)))
def test_no_shape_loses_or_invents_a_node(nodes, choice):
    domains = shape(nodes, choice, level="").domains

    assert set(spoken(domains)) - {"CBT", "General"} == {row.title for row in nodes}
