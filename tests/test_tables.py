import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.importers import sheets, trees
from assessments.importers.reading import Answers, Column, Notice

CODED = """\
chapter_id,chapter_name,section_id,section_name,req_id,req_description,cwe
A,Alliance,A1,Engaging,A1.1,Greets,
A,Alliance,A1,Engaging,A1.2,Explains,12
B,Risk,B1,Asking,B1.1,Asks,
"""


def read(text, **answers):
    return sheets.read("list.csv", text.encode(), Answers(**answers))


def tree(reading):
    return [(node.id, node.parent) for node in reading.nodes]


def problems(text, **answers):
    return [str(problem) for problem in read(text, **answers).problems]


def warnings(reading):
    return [(notice.place, notice.what) for notice in reading.notices if notice.is_warning]


def test_ancestors_with_codes_become_nodes():
    reading = read(CODED)

    assert reading.problems == []
    assert [(node.code, node.title, node.text, node.level) for node in reading.nodes] == [
        ("A", "Alliance", "", "chapter"),
        ("A1", "Engaging", "", "section"),
        ("A1.1", "", "Greets", ""),
        ("A1.2", "", "Explains", ""),
        ("B", "Risk", "", "chapter"),
        ("B1", "Asking", "", "section"),
        ("B1.1", "", "Asks", ""),
    ]


def test_columns_without_a_role_are_kept_with_their_rows():
    reading = read(CODED)

    what = "These columns are kept aside with their rows and not shown: 'cwe'."
    assert [node.kept for node in reading.nodes if node.code in ("A1.1", "A1.2")] == [{}, {"cwe": "12"}]
    assert reading.notices == [Notice("row 1", what)]


def test_table_comes_back_for_correction():
    table = read("domain,statement\nOne,First\nOne,Second\nTwo,Third\nTwo,Fourth\n").table

    assert table.columns == [
        Column("domain", ["One", "Two"], "title 1"),
        Column("statement", ["First", "Second", "Third"], "text"),
    ]


def test_labels_group_without_regard_to_case_and_space():
    reading = read("Domain,Activity,Statement\nRisk,Asking,One\nRISK,  asking,Two\n")

    assert trees.depths(reading.nodes) == [1, 1, 2]
    assert [notice.what for notice in reading.notices] == [
        "It differs from row 2 in space or case only; that one counts."
    ] * 2


def test_label_may_recur_under_another_parent():
    reading = read("Domain,Activity,Statement\nA,General,One\nB,General,Two\n")

    assert (trees.depths(reading.nodes), reading.problems) == ([2, 2, 2], [])


def test_code_with_two_titles_is_a_problem_once():
    text = "domain id,domain name,code,statement\nA,Alliance,A1,One\nA,Risk,A2,Two\nA,Risk,A3,Three\n"

    assert problems(text) == [
        "row 3, column \"domain name\": 'A' has two titles: 'Alliance' at row 2, and 'Risk'. "
        "Keep one of the two, or give each a code of its own, as text."
    ]


def test_code_under_two_parents_is_a_problem():
    text = "domain id,domain name,area id,area name,code,statement\nA,One,X,Area,1,a\nB,Two,X,Area,2,b\n"

    assert problems(text) == [
        "row 3, column \"area id\": The code 'X' stands under another heading at row 2. "
        "Give each a code of its own, or mend the heading."
    ]


def test_first_description_of_an_ancestor_counts():
    text = "domain id,domain name,domain description,code,statement\nA,One,,1,a\nA,One,New,2,b\nA,One,Other,3,c\n"

    reading = read(text)

    assert reading.nodes[0].text == "New"
    assert warnings(reading) == [
        ('row 4, column "domain description"', "The description of 'A' differs from row 2; that one counts.")
    ]


def test_blank_ancestor_is_passed_over_with_a_warning():
    reading = read("Domain,Activity,Statement\nA,,One\nA,B,Two\n")

    assert trees.depths(reading.nodes) == [1, 2, 1]
    assert warnings(reading) == [
        ('row 2, column "Activity"', "The cell is blank, so the row stands directly under the level above.")
    ]


def test_blank_top_is_a_problem_that_names_the_remedy():
    assert problems("Domain,Code,Statement\nA,1,One\n,2,Two\n") == [
        'row 3, column "Domain": The cell is blank, so the row belongs nowhere. '
        "Write it in every row, or choose that a blank cell repeats the one above."
    ]


def test_blank_cells_repeat_the_row_above_when_chosen():
    text = "Domain,Activity,Statement\nA,X,One\n,,Two\n,Y,Three\nB,,Four\n,,Five\n"

    reading = read(text, fill_down=True)

    assert reading.problems == []
    assert [node.title or node.text for node in reading.nodes] == [
        *["A", "X", "One", "Two", "Y", "Three"],
        *["B", "Four", "Five"],
    ]


def test_row_with_ancestors_only_is_no_entry():
    reading = read("Domain,Code,Statement\nA,,\nA,1,One\n")

    assert (trees.depths(reading.nodes), reading.problems) == ([1, 1], [])


def test_parents_are_found_by_identifier_in_any_order():
    reading = read("id,parent_id,title\nb1,b,Sub\nb,,Top\n")

    assert (tree(reading), reading.problems) == ([("b", ""), ("b1", "b")], [])
    assert [node.source_id for node in reading.nodes] == ["", ""]


def test_identifier_of_the_file_is_remembered():
    reading = read("Identifier,Is Child Of,Human Coding Scheme,Full Statement\nlong-name-one,,M,One\nn-2,M,M.1,Two\n")

    assert tree(reading) == [("long-name-one", ""), ("n-2", "long-name-one")]
    assert [node.source_id for node in reading.nodes] == ["long-name-one", "n-2"]


def test_parent_by_a_code_of_two_rows_is_a_problem():
    text = "Identifier,Parent,Code,Statement\nlong-name-one,,M,One\nlong-name-two,,M,Two\nlong-name-three,M,N,Three\n"

    assert "row 4, column \"Parent\": The code 'M' belongs to several rows. Name the parent's identifier." in problems(
        text
    )


def test_parent_that_is_missing_is_named_with_the_nearest():
    assert problems("id,parent_id,title\nalpha,,One\nb,alpah,Two\n") == [
        "row 3: Its parent 'alpah' is not in the file. Did you mean 'alpha'? Name an entry of the file."
    ]


def test_cycle_is_told_with_all_its_members():
    assert problems("id,parent_id,title\na,b,One\nb,a,Two\n") == [
        "row 2: These entries lie in a circle: 'a' in 'b' in 'a'. "
        "Give one of them a parent outside the circle, or none."
    ]


def test_siblings_follow_the_column_of_order():
    reading = read("id,parent_id,title,order\na,,One,10\nb,,Two,9\nc,,Three,\nd,,Four,9\n")

    assert [node.code for node in reading.nodes] == ["b", "d", "a", "c"]
    assert warnings(reading) == [
        ('row 5, column "order"', "Another entry beside it also has the order '9'; the rows decide.")
    ]


@pytest.mark.parametrize(
    "levels", [["1", "2", "3", "2"], ["0", "1", "2", "1"], ["Level 4", "Level 5", "Level 6", "L5"]]
)
def test_depth_tells_the_tree(levels):
    lines = [f"{level},T{number}" for number, level in enumerate(levels)]

    reading = read("\n".join(["depth,statement", *lines]))

    assert (reading.problems, trees.depths(reading.nodes)) == ([], [1, 2, 1])


def test_depth_may_be_told_in_words():
    reading = read("Level,Statement\ndomain,A\nactivity,B\nactivity,C\ndomain,D\n")

    assert (reading.problems, trees.depths(reading.nodes)) == ([], [2, 2])


def test_depth_that_jumps_is_a_problem():
    assert problems("depth,statement\n1,A\n3,B\n") == [
        'row 3, column "depth": The depth jumps to 3; after the row above it can be at most 2. '
        "Add the row between, or lower the depth."
    ]


@pytest.mark.parametrize("text", ["depth,statement\n1,A\nx,B\n", "depth,statement\ntop,A\n,B\n"])
def test_row_without_a_depth_is_a_problem(text):
    told = problems(text)

    assert len(told) == 1
    assert told[0].startswith('row 3, column "depth": ')


def test_equal_rows_of_a_tree_by_depth_are_all_read():
    reading = read("depth,statement\n1,A\n2,Notes\n1,B\n2,Notes\n")

    assert trees.depths(reading.nodes) == [2, 2]


def test_position_tells_the_tree_and_the_order():
    reading = read("position,statement\n1.10,C\n1.9,B\n1,A\n")

    assert (tree(reading), reading.problems) == ([("1", ""), ("1.9", "1"), ("1.10", "1")], [])
    assert Notice("file", "The order was taken from the positions; the rows have another.") in reading.notices


def test_position_in_pairs_of_digits_tells_the_tree():
    reading = read("position,statement\nc01,A\nc0101,B\nc0102,C\nc02,D\n")

    assert trees.depths(reading.nodes) == [2, 2]


def test_row_without_a_position_is_a_problem():
    assert problems("position,statement\n1,A\n,B\n") == [
        'row 3, column "position": The row has no position. Write one, such as 1.2.3.'
    ]


def test_position_without_end_is_a_problem():
    assert [line[:60] for line in problems("position,statement\n1,A\n" + "1." * 32 + "1,B\n")] == [
        'row 3, column "position": The position has 33 steps; at most'
    ]


def test_list_without_a_tree_is_flat():
    reading = read("code,statement,guidance,kind\nA,One,How,Skill\nB,Two,,other\n")

    assert [(node.code, node.text, node.guidance, node.kind) for node in reading.nodes] == [
        ("A", "One", "How", "skill"),
        ("B", "Two", "", ""),
    ]
    assert reading.nodes[1].kept == {"kind": "other"}


def test_levels_of_proficiency_are_kept_apart():
    text = (
        "code,title,Level 1 description,Level 2 description\nA,One,Does so with much guidance,Does so alone and well\n"
    )

    assert read(text).nodes[0].kept == {
        "proficiency": {
            "Level 1 description": "Does so with much guidance",
            "Level 2 description": "Does so alone and well",
        }
    }


def test_column_left_out_is_not_kept():
    reading = read(CODED, columns={"cwe": "leave out"})

    assert [node.kept for node in reading.nodes] == [{}] * 7
    assert reading.notices == []


def test_chosen_role_takes_it_from_the_guess():
    reading = read("title,text,other\nOne,First,Uno\n", columns={"other": "title"})

    assert [(node.title, node.kept) for node in reading.nodes] == [("Uno", {"title": "One"})]


def test_unknown_heads_are_read_as_levels_with_a_warning():
    reading = read("x,y\na,1\na,2\nb,3\nb,4\n")

    what = "No head is known; the columns were taken for levels from left to right. Check what each of them is."
    assert trees.depths(reading.nodes) == [2, 4]
    assert warnings(reading) == [("row 1", what)]


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({"nothing": "text"}, "There is no column 'nothing'. Choose among the columns of the file."),
        ({"a": "nonsense"}, "There is no role 'nonsense'. Choose one of the roles offered."),
        ({"a": "text", "b": "text"}, "'a' and 'b' are both chosen as 'Statement'. Choose one of them and keep"),
    ],
)
def test_choice_that_cannot_be_is_a_problem(columns, what):
    told = problems("a,b,statement\n1,2,3\n", columns=columns)

    assert [line[7 : 7 + len(what)] for line in told] == [what]


def test_table_without_a_statement_is_a_problem_and_comes_back():
    reading = read("alpha,beta\n1,2\n")

    assert [str(problem) for problem in reading.problems] == [
        "row 1: No column is known to hold the titles or statements. "
        "Name the columns in the first row, or choose what each of them is."
    ]
    assert [column.role for column in reading.table.columns] == ["", ""]


def test_heading_without_rows_is_a_problem():
    assert problems("code,statement\n") == ["file: There is nothing to assess below the heading. Add the rows."]


@pytest.mark.parametrize("text", ["A,", "A,<p> </p>", "A,&nbsp;"])
def test_entry_without_words_is_a_problem(text):
    assert problems(f"code,statement\n{text}\n") == [
        "row 2: The entry 'A' has neither a title nor a statement. Write one, or delete the row."
    ]


def test_ancestor_without_a_title_is_a_problem():
    assert problems("domain id,domain name,code,statement\nA,,1,One\n") == [
        "row 2: The entry 'A' has neither a title nor a statement. Write one, or delete the row."
    ]


def test_row_without_code_and_words_is_a_problem():
    assert problems("code,statement,cwe\n,,12\n") == [
        "row 2: The entry has neither a title nor a statement. Write one, or delete the row."
    ]


def test_code_that_two_rows_claim_is_a_problem():
    assert problems("code,statement\na1,One\nA1,Two\n") == [
        "row 3: The code 'A1' already stands at row 2. Give each entry a code of its own, as text."
    ]


def test_repeated_code_is_left_out_where_rows_have_identifiers():
    reading = read("Identifier,code,statement\nlong-name-one,L,One\nlong-name-two,L,Two\n")

    assert ([node.code for node in reading.nodes], reading.problems) == (["L", ""], [])
    assert reading.nodes[1].kept == {"code": "L"}
    assert warnings(reading) == [("row 3", "The code 'L' already stands at row 2; here it is left out.")]


def test_identifier_with_two_contents_is_a_problem():
    assert problems("Identifier,code,statement\nlong-name-one,1,One\nlong-name-one,2,Two\n") == [
        "row 3: The id 'long-name-one' already stands with other content at row 2. Give each entry an id of its own."
    ]


def test_row_that_repeats_another_is_left_out_with_a_warning():
    reading = read("code,statement\nA,One\nA,One\n")

    assert ([node.code for node in reading.nodes], reading.problems) == (["A"], [])
    assert warnings(reading) == [("row 3", "It repeats row 2 in every cell and is left out.")]


def test_statement_that_stands_twice_is_confirmed():
    reading = read("code,statement\nA,One\nB,one\n")

    assert warnings(reading) == [("row 3", "The same statement stands at row 2.")]


def test_many_repeated_statements_are_one_warning():
    reading = read("code,statement\n" + "".join(f"A{number},Same\n" for number in range(8)))

    assert warnings(reading) == [
        ("row 3", "7 statements repeat an earlier one. The first: The same statement stands at row 2.")
    ]


WORDS = st.text("abcdefgh", min_size=1, max_size=5)
LEAVES = st.lists(WORDS, min_size=1, max_size=4)
FOREST = st.dictionaries(WORDS, st.dictionaries(WORDS, LEAVES, min_size=1, max_size=3), min_size=1, max_size=4)


def paths(forest):
    """Every leaf with its two ancestors; a leaf's text tells its place, so that none is like another."""
    return [
        (one, two, f"{one} {two} {three} {number}")
        for one, parts in forest.items()
        for two, leaves in parts.items()
        for number, three in enumerate(leaves)
    ]


def size(forest):
    return [len(forest), sum(map(len, forest.values())), len(paths(forest))]


@settings(deadline=None, max_examples=40)
@given(FOREST)
def test_no_row_is_lost_or_invented_by_labels(forest):
    lines = [",".join(path) for path in paths(forest)]

    reading = read("\n".join(["Domain,Activity,Statement", *lines]))

    assert (reading.problems, trees.depths(reading.nodes)) == ([], size(forest))


@settings(deadline=None, max_examples=40)
@given(FOREST)
def test_no_row_is_lost_or_invented_by_codes(forest):
    lines = [f"{one},T {one},{one}.{two},T {two},{leaf}" for one, two, leaf in paths(forest)]

    reading = read("\n".join(["domain id,domain name,activity id,activity name,statement", *lines]))

    assert (reading.problems, trees.depths(reading.nodes)) == ([], size(forest))


def entries(forest):
    """Every entry of a forest as position, depth and text, in printed order."""
    found = []
    for number, (one, parts) in enumerate(forest.items(), start=1):
        found.append((f"{number}", 1, one))
        for second, (two, leaves) in enumerate(parts.items(), start=1):
            found.append((f"{number}.{second}", 2, two))
            found += [(f"{number}.{second}.{third}", 3, leaf) for third, leaf in enumerate(leaves, start=1)]
    return found


@settings(deadline=None, max_examples=40)
@given(FOREST)
def test_no_row_is_lost_or_invented_by_depth(forest):
    lines = [f"{depth},{text}" for _, depth, text in entries(forest)]

    reading = read("\n".join(["depth,statement", *lines]))

    assert (reading.problems, trees.depths(reading.nodes)) == ([], size(forest))
    assert [node.text for node in reading.nodes] == [text for _, _, text in entries(forest)]


@settings(deadline=None, max_examples=40)
@given(FOREST, st.randoms(use_true_random=False))
def test_no_row_is_lost_or_invented_by_position_in_any_order(forest, chance):
    lines = [f"{position},{text}" for position, _, text in entries(forest)]
    chance.shuffle(lines)

    reading = read("\n".join(["smartLevel,statement", *lines]))

    assert (reading.problems, trees.depths(reading.nodes)) == ([], size(forest))
    assert [node.id for node in reading.nodes] == [position for position, _, _ in entries(forest)]


@settings(deadline=None, max_examples=40)
@given(FOREST, st.randoms(use_true_random=False))
def test_no_row_is_lost_or_invented_by_parent_in_any_order(forest, chance):
    lines = [f"{position},{position.rpartition('.')[0]},{text}" for position, _, text in entries(forest)]
    chance.shuffle(lines)

    reading = read("\n".join(["id,parent_id,statement", *lines]))

    assert (reading.problems, trees.depths(reading.nodes)) == ([], size(forest))
