from assessments.exceptions import Problem
from assessments.importers import trees
from assessments.importers.reading import MAX_DEPTH, MAX_NODES, Node, Notice


def node(id, parent="", **fields):
    return Node(id=id, parent=parent, place=fields.pop("place", f"entry {id}"), title=f"Title {id}", **fields)


def ids(nodes):
    return [each.id for each in nodes]


def test_tree_in_order_is_kept():
    nodes = [node("a"), node("a1", "a"), node("b")]

    assert trees.checked(nodes) == (nodes, [], [])


def test_tree_is_put_in_printed_order():
    nodes = [node("b1", "b"), node("a2", "a"), node("a"), node("b"), node("a1", "a")]

    ordered, problems, notices = trees.checked(nodes)

    assert (ids(ordered), problems, notices) == (["a", "a2", "a1", "b", "b1"], [], [])


def test_empty_tree_has_no_levels():
    assert (trees.checked([]), trees.depths([]), trees.children([])) == (([], [], []), [], {})


def test_depths_count_the_nodes_of_each_level():
    nodes = [node("a"), node("a1", "a"), node("a1x", "a1"), node("a2", "a"), node("b")]

    assert trees.depths(nodes) == [2, 2, 1]


def test_children_stand_under_their_parent():
    below = trees.children([node("a"), node("a1", "a"), node("b"), node("a2", "a")])

    assert {parent: ids(nodes) for parent, nodes in below.items()} == {"": ["a", "b"], "a": ["a1", "a2"]}


def test_repeated_entry_is_left_out_with_a_warning():
    nodes, problems, notices = trees.checked([node("a"), node("a", place="row 7")])

    assert (ids(nodes), problems) == (["a"], [])
    assert notices == [Notice("row 7", "It repeats entry a and is left out.", is_warning=True)]


def test_id_with_two_contents_is_a_problem():
    _, problems, _ = trees.checked([node("a"), node("a", place="row 7", code="X")])

    what = "The id 'a' already stands with other content at entry a."
    assert problems == [Problem("row 7", what, "Give each entry an id of its own.")]


def test_entry_with_two_parents_is_a_problem():
    nodes = [node("a"), node("b"), node("c", "a"), node("c", "b", place="row 7")]

    _, problems, _ = trees.checked(nodes)

    what = "'c' has two parents, 'a' (entry c) and 'b'."
    assert problems == [Problem("row 7", what, "Keep one of the two.")]


def test_entry_without_an_id_is_a_problem():
    nodes, problems, _ = trees.checked([node("", place="row 2"), node("", place="row 3"), node("a")])

    assert ids(nodes) == ["a"]
    assert [problem.place for problem in problems] == ["row 2", "row 3"]
    assert problems[0].what == "It has no id."


def test_missing_parent_is_named_with_the_nearest_id():
    nodes, problems, _ = trees.checked([node("alpha-1"), node("b", "alpha1"), node("c", "b")])

    what, mend = "Its parent 'alpha1' is not in the file.", "Did you mean 'alpha-1'? Name an entry of the file."
    assert ids(nodes) == ["alpha-1"]
    assert problems == [Problem("entry b", what, mend)]


def test_missing_parent_without_a_near_id_is_a_problem():
    orphans = [node("a", "x" * 61), node("b", "zzz")]

    _, problems, _ = trees.checked(orphans)

    assert [problem.mend for problem in problems] == ["Name an entry of the file."] * 2


def test_near_ids_are_looked_for_a_few_times_only():
    orphans = [node(f"n{number}", "alpha1") for number in range(7)]

    _, problems, _ = trees.checked([node("alpha-1"), *orphans])

    assert [problem.mend[:3] for problem in problems] == ["Did"] * 5 + ["Nam"] * 2


def test_cycle_is_named_once_with_all_its_members():
    nodes, problems, _ = trees.checked([node("x", "a"), node("a", "b"), node("b", "c"), node("c", "a"), node("ok")])

    what = "These entries lie in a circle: 'a' in 'b' in 'c' in 'a'."
    assert ids(nodes) == ["ok"]
    assert problems == [Problem("entry a", what, "Give one of them a parent outside the circle, or none.")]


def test_own_parent_is_a_problem():
    _, problems, _ = trees.checked([node("a", "a")])

    assert [str(problem).split(". ")[0] for problem in problems] == ["entry a: 'a' is its own parent"]


def test_deepest_tree_allowed_is_read():
    chain = [node(str(depth), str(depth - 1) if depth else "") for depth in range(MAX_DEPTH)]

    assert trees.checked(chain) == (chain, [], [])


def test_tree_too_deep_is_a_problem_once():
    chain = [node(str(depth), str(depth - 1) if depth else "") for depth in range(MAX_DEPTH + 3)]

    _, problems, _ = trees.checked(chain)

    what = "It lies deeper than 32 levels, and the deepest entry on level 35."
    assert problems == [Problem("entry 32", what, "Flatten the tree.")]


def test_chain_of_all_nodes_is_refused_without_recursion():
    chain = [node(str(depth), str(depth - 1) if depth else "") for depth in range(MAX_NODES)]

    _, problems, _ = trees.checked(chain)

    assert [problem.place for problem in problems] == ["entry 32"]


def test_too_many_nodes_are_refused():
    nodes, problems, _ = trees.checked([node(str(number)) for number in range(MAX_NODES + 1)])

    assert nodes == []
    assert [problem.what for problem in problems] == ["It holds 20,001 entries; at most 20,000 are read."]
