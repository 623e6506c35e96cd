import pytest

from assessments.importers import columns

ASVS = "chapter_id,chapter_name,section_id,section_name,req_id,req_description,level1,cwe"
DIGCOMP = (
    "Competence area number,Competence area name,Competence area descriptor,Competence number,Competence name,"
    "Competence descriptor,Competence statement ID,Competence statement,Proficiency level name,AI label"
)
OPENSALT = "identifier,fullStatement,humanCodingScheme,smartLevel,listEnumeration,abbreviatedStatement,notes,CFItemType"
SFIA = "Code,Skill,Category,Subcategory,Overall description,Guidance notes,Level 1 description,Level 2 description"

GUESSES = {
    "asvs": (
        ASVS,
        ["V1", "Design", "V1.1", "Life cycle", "V1.1.1", "Verify it", "x", "1053"],
        "code 1,title 1,code 2,title 2,code,text,,",
    ),
    "digcomp": (
        DIGCOMP,
        ["1", "Search", "To search", "1.1", "Browsing", "To browse", "CS1.1.01", "Acknowledge", "Basic", "none"],
        "code 1,title 1,text 1,code 2,title 2,text 2,code,text,,",
    ),
    "opensalt": (
        OPENSALT,
        ["7fbbd2fa-885d-11e7-a99d", "Determine", "L.1.4", "3.6.2.1", "1", "", "", "Standard"],
        "id,text,code,position,order,title,guidance,level",
    ),
    "opensalt flat": (
        "Identifier,fullStatement,Human Coding Scheme,sequenceNumber,Is Child Of,Exemplar",
        ["Math.Fractions.1", "All of it", "M", "1", "", ""],
        "id,text,code,order,parent,",
    ),
    "ilios": (
        "`competency_id`,`title`,`parent_competency_id`,`school_id`,`active`",
        ["1", "Patient care", "", "1", "1"],
        "id,title,parent,,",
    ),
    "ciso": (
        "assessable,depth,ref_id,name,description,annotation,name[fr]",
        ["x", "1", "A", "One", "The first", "", "Un"],
        ",depth,code,title,text,guidance,",
    ),
    "opencase": (
        "Level,Full Statement,Human Coding Scheme,Item Type",
        ["1", "One", "A", "Strand"],
        "depth,text,code,level",
    ),
    "own": (
        "level,code,key,parent_key,title,text,guidance",
        ["domain", "A", "d-a", "", "One", "", ""],
        "level,code,id,parent,title,text,guidance",
    ),
    "translation": ("location,context,source,target", ["a.b.c.statement.CS1", "CS1", "One", ""], "id,,text,"),
    "columns of levels": ("Domain,Activity,Competence", ["A", "B", "C"], "title 1,title 2,text"),
    "one level above": ("Domain,Code,Title,Description", ["A", "A1", "One", "The first"], "title 1,code,title,text"),
    "codes as ids": ("id,title", ["CS1.1.01", "One"], "code,title"),
}


@pytest.mark.parametrize(("heads", "row", "roles"), GUESSES.values(), ids=GUESSES)
def test_heads_are_known(heads, row, roles):
    names = heads.split(",")
    deeper = [*row[:-1], f"{row[-1]} again"]
    deeper[0] = "2" if names[0] == "Level" else row[0]

    assert ",".join(columns.guess(names, [row, deeper]).values()) == roles


def test_levels_of_proficiency_and_the_leaf_are_told_by_what_they_hold():
    rows = [
        ["PROG", "Programming", "Development", "Systems", "Writes", "", "Writes small programs under guidance", ""],
        ["TEST", "Testing", "Development", "Systems", "Tests", "", "Carries out the tests that others wrote", ""],
    ]

    roles = columns.guess(SFIA.split(","), rows)

    assert list(roles.values()) == ["code", "title", "title 1", "title 2", "text", "guidance", "proficiency", ""]


def test_unknown_heads_over_narrowing_columns_are_levels():
    rows = [[str(number // 8), str(number // 4), str(number)] for number in range(16)]

    assert columns.guess(["x", "y", "z"], rows) == {"x": "title 1", "y": "title 2", "z": "text"}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [["a", ""], ["a", "b"]],
        [["a", "1"], ["b", "2"]],
        [["a", "1"], ["a", "1"]],
    ],
    ids=["none", "gaps", "no repeats", "no leaf"],
)
def test_unknown_heads_are_not_guessed_otherwise(rows):
    assert columns.guess(["x", "y"], rows) == {"x": "", "y": ""}


@pytest.mark.parametrize(
    ("levels", "role"),
    [
        (["1", "2", "3", "1"], "depth"),
        (["domain", "activity", "domain"], "depth"),
        (["1", "3", "2"], "level"),
        (["2", "1"], "level"),
        (["1", "1"], "level"),
        (["Basic", "Expert"], "level"),
        ([], "level"),
    ],
)
def test_level_is_a_depth_only_where_it_nests(levels, role):
    rows = [[level, "text"] for level in levels]

    assert columns.guess(["Level", "Statement"], rows)["Level"] == role


def test_level_beside_a_name_of_level_is_kept_aside():
    roles = columns.guess(["Item Type", "Level", "parent", "title"], [["Strand", "1", "", "One"]])

    assert roles == {"Item Type": "level", "Level": "", "parent": "parent", "title": "title"}


def test_mere_counters_are_no_codes():
    assert columns.guess(["id", "title"], [["1", "One"], ["2", "Two"]]) == {"id": "id", "title": "title"}


@pytest.mark.parametrize(
    ("head", "name"), [("chapter_id", "chapter"), ("Competence area name", "competence area"), ("Etapa", "Etapa")]
)
def test_head_names_its_step(head, name):
    assert columns.step(head) == name


def test_heads_that_say_something_are_counted():
    assert columns.recognised(["Framework of 2026", "code", "section_name", "x"]) == 2
