from pathlib import Path

import pytest

from assessments.exceptions import ImportRejected
from assessments.importers import moodle, php_csv, trees
from assessments.importers.reading import Answers, Node

FILES = Path(__file__).parent / "files"
HEADING = ",".join(moodle.HEADS)
SCALE = '"No,Yes","[{""scaleid"":1},{""id"":2,""scaledefault"":1,""proficient"":1}]"'
FRAMEWORK = f',F,Frame,,1,{SCALE},,,,,,1,"domain,skill"'


def read(content, **answers):
    return moodle.read("a.csv", content if isinstance(content, bytes) else content.encode(), Answers(**answers))


def table(*rows, framework=FRAMEWORK):
    return read("\n".join([HEADING, framework, *rows]))


def problems(reading):
    return [str(problem) for problem in reading.problems]


def notices(reading):
    return {notice.what: notice.place for notice in reading.notices}


def parents(reading):
    return {node.id: node.parent for node in reading.nodes}


def test_framework_is_read_exactly():
    reading = read((FILES / "clinic.moodle.csv").read_bytes())

    assert reading.problems == []
    assert reading.metadata == {
        "title": "Clinic skills",
        "framework_title": "Clinic skills",
        "summary": "What a clinic asks for.",
        "framework": "clinic-2",
    }
    assert reading.nodes == [
        Node(
            "1",
            "",
            "row 5 (line 6)",
            "1",
            "Listening",
            "Listening is attention.",
            level="domain",
            kept={"relatedidnumbers": "1.1,a%2Cb", "exportid": "11"},
        ),
        Node(
            "1.1",
            "1",
            "row 2",
            "1.1",
            "Bears a silence",
            "Bears a silence\nwithout a word.",
            level="skill",
            kept={"relatedidnumbers": "1.10", "exportid": "12"},
        ),
        Node(
            "1.10",
            "1",
            "row 3 (line 4)",
            "1.10",
            "Asks one question",
            "Asks one question",
            "Waits for the answer & the next one.",
            level="skill",
            kept={
                "ruletype": "core_competency\\competency_rule_all",
                "ruleoutcome": "1",
                "exportid": "13",
                "scalevalues": "Never,Always",
                "scaleconfiguration": '[{"scaleid":"9"}]',
            },
        ),
    ]


def test_what_is_not_used_is_told():
    told = notices(read((FILES / "clinic.moodle.csv").read_bytes()))

    assert told == {
        "HTML is reduced to plain text with paragraphs and lists.": (
            'row 2, column "Description", row 4 (line 5), column "Description"'
        ),
        "The code in front of a name is left out of the title.": 'row 2, column "Short name"',
        "A rule for completing an entry is kept aside and not used.": ('row 3 (line 4), column "Rule type (optional)"'),
        "A scale of its own is kept aside; the framework's is used.": 'row 3 (line 4), column "Scale values"',
        "It has a cross reference to what is not in the file. It is kept.": "row 5 (line 6)",
    }


def test_scale_and_its_threshold_are_read():
    reading = read((FILES / "clinic.moodle.csv").read_bytes())

    levels = [(level.value, level.label) for level in reading.scale.levels]
    assert levels == [("1", "Not yet"), ("2", "Nearly"), ("3", "Met")]
    assert (reading.scale.name, reading.scale.threshold) == ("Clinic skills scale", "2")
    assert set(reading.kept) == {"idnumber", "scaleconfiguration", "taxonomies"}


def test_twelve_columns_with_heads_of_another_language_are_read():
    reading = read((FILES / "clinic-12.moodle.csv").read_bytes())

    assert (reading.problems, reading.scale, parents(reading)) == ([], None, {"A": "", "A1": "A"})
    assert [node.level for node in reading.nodes] == ["domain", "skill"]
    assert notices(reading) == {
        "The heads are of another language or version of Moodle. Its columns are read by their position.": "row 1",
        "The framework names no scale.": 'row 2, column "Skalenwerte"',
    }


def test_depth_without_a_word_has_no_level():
    reading = table(",a,A", "a,b,B", "b,c,C")

    assert [node.level for node in reading.nodes] == ["domain", "skill", ""]


@pytest.mark.parametrize("mark", [",", ";", ":", "\t"])
def test_separator_is_found(mark):
    reading = read("\n".join([mark.join(moodle.HEADS), *(f"{mark}{row}{mark * 9}" for row in ["a" + mark + "A"])]))

    assert parents(reading) == {"a": ""}
    assert ("file" in notices(reading).values()) is (mark != ",")


def test_parents_are_compared_as_text():
    rows = [",1.1,One", ",1.10,Ten", "1.1,x,Below one", "1.10,y,Below ten", ",01.1,Other"]

    assert parents(table(*rows)) == {"1.1": "", "x": "1.1", "1.10": "", "y": "1.10", "01.1": ""}


def test_entry_below_the_framework_stands_at_the_top():
    reading = table("F,a,A", "a,b,B")

    assert parents(reading) == {"a": "", "b": "a"}
    assert notices(reading) == {"It names the framework as its parent and stands at the top.": "row 3"}


def test_entry_may_have_the_id_of_the_framework():
    assert parents(table("F,a,A", ",F,Frame")) == {"F": "", "a": "F"}


@pytest.mark.parametrize(
    ("kind", "written", "text"),
    [
        ("1", "<p>a &amp; b", "a & b"),
        ("0", "a<br>b", "a\nb"),
        ("", "a & b", "a & b"),
        ("2", "a &amp; <b>b</b>", "a &amp; <b>b</b>"),
        ("4", "**a**", "**a**"),
    ],
)
def test_description_is_read_by_its_kind(kind, written, text):
    assert table(f",a,Name,{written},{kind}").nodes[0].guidance == text


def test_name_that_was_cut_gives_way_to_the_description():
    reading = table(',a,"Bears a sil...","Bears a silence for long.",1')

    assert (reading.nodes[0].title, reading.nodes[0].text) == ("Bears a silence for long.",) * 2
    assert notices(reading) == {
        "The name was cut short. The description is taken in its place.": 'row 3, column "Short name"'
    }


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["b,a,A"], "row 3: Its parent 'b' is not in the file. Name an entry of the file."),
        (["a,a,A"], "row 3: 'a' is its own parent. Give one of them a parent outside the circle, or none."),
        (
            ["b,a,A", "a,b,B"],
            "row 3: These entries lie in a circle: 'a' in 'b' in 'a'. "
            "Give one of them a parent outside the circle, or none.",
        ),
        (
            [",a,A", ",a,B"],
            "row 4: The id 'a' already stands with other content at row 3. Give each entry an id of its own.",
        ),
        ([",,A"], 'row 3, column "ID number": It has no id. Give each entry an id of its own.'),
        ([",a,"], 'row 3, column "Short name": It has neither a name nor a description. Give it a name.'),
        (
            [",a,A" + "," * 11 + ",x"],
            "row 3: The row has 15 cells, but the heading 14. "
            "Put quotation marks around a text that holds the separator.",
        ),
        (
            [",G,Second,,,,,,,,,,1"],
            'row 3, column "Is framework": It is a second framework; the first stands in row 2. '
            "Keep one framework in a file.",
        ),
        ([",a,A\x07"], 'row 3, column "Short name": It holds a control character (U+0007). Remove it.'),
    ],
)
def test_mistake_in_a_row_is_told(rows, said):
    assert said in problems(table(*rows))


def test_second_framework_is_not_an_entry():
    assert parents(table(",a,A", ",G,Second,,,,,,,,,,1")) == {"a": ""}


@pytest.mark.parametrize(
    ("framework", "said"),
    [
        ("", 'column "Is framework": No row is the framework itself. Give one row the title and a 1 in this column.'),
        (
            FRAMEWORK.replace("Frame", ""),
            'row 2, column "Short name": The framework has no name. Give it one.',
        ),
        (
            FRAMEWORK.replace("No,Yes", "Yes"),
            'row 2, column "Scale values": A scale needs two levels or more. Add what is missing.',
        ),
        (
            FRAMEWORK.replace("No,Yes", ",".join("abcdefghij")),
            'row 2, column "Scale values": The scale has 10 levels; at most nine fit. Join some of them.',
        ),
        (
            FRAMEWORK.replace("No,Yes", "Yes,Yes"),
            "row 2, column \"Scale values\": The label 'Yes' stands 2 times. Give each level its own.",
        ),
        (
            FRAMEWORK.replace("No,Yes", "No," + "x" * 61),
            f"row 2, column \"Scale values\": The level '2', '{'x' * 61}', needs a label of 1 to 60 characters "
            "and a value of at most 10. Shorten it.",
        ),
        (
            FRAMEWORK.replace('""proficient"":1', '""proficient"":0'),
            'row 2, column "Scale configuration": No value of the scale is proficient. Give one "proficient": 1.',
        ),
        (
            FRAMEWORK.replace('""scaledefault"":1', '""scaledefault"":0'),
            'row 2, column "Scale configuration": No value of the scale is default. Give one "scaledefault": 1.',
        ),
        (
            FRAMEWORK.replace("[{", "{"),
            'row 2, column "Scale configuration": The configuration cannot be read (This is not JSON: Extra data). '
            'Write it as Moodle does: [{"scaleid":"2"},{"id":1,"scaledefault":1,"proficient":1}].',
        ),
        (
            FRAMEWORK.replace('""scaleid"":1', '""a"":1,""a"":2'),
            'row 2, column "Scale configuration": The configuration cannot be read (It stands twice). '
            'Write it as Moodle does: [{"scaleid":"2"},{"id":1,"scaledefault":1,"proficient":1}].',
        ),
        (
            FRAMEWORK.replace('{""scaleid"":1}', "1"),
            'row 2, column "Scale configuration": The configuration is not a list of values. '
            'Write it as Moodle does: [{"scaleid":"2"},{"id":1,"scaledefault":1,"proficient":1}].',
        ),
    ],
)
def test_mistake_in_the_framework_row_is_told(framework, said):
    assert said in problems(table(",a,A,,1", framework=framework))


def test_configuration_of_a_value_that_is_not_there_is_left_out():
    reading = table(
        ",a,A", framework=FRAMEWORK.replace('{""scaleid"":1}', '{""id"":3,""proficient"":1},{""id"":""x""}')
    )

    assert (reading.problems, reading.scale.threshold) == ([], "2")
    assert notices(reading) == {
        "It tells of value 3, but there are 2. This is left out.": 'row 2, column "Scale configuration"',
        "It tells of value 'x', but there are 2. This is left out.": 'row 2, column "Scale configuration"',
    }


def test_gap_above_the_lowest_proficient_value_is_warned_about():
    reading = table(",a,A", framework=FRAMEWORK.replace("No,Yes", "No,Yes,Odd"))

    assert reading.scale.threshold == "2"
    assert "Not every value above the lowest proficient one counts as proficient." in notices(reading)


def test_quotation_mark_after_a_backslash_is_read_as_php_writes_it():
    reading = table(r',a,A,"C:\"x\", ""y""",2')

    assert reading.nodes[0].guidance == r'C:\"x\", "y"'


@pytest.mark.parametrize("rows", [[r',a,A,"C:\",2'], [r',a,A,"C:\",2', r',b,B,"D:\",2']], ids=["odd", "even"])
def test_backslash_at_the_end_of_a_cell_is_read_as_others_write_it(rows):
    reading = table(*(row + "," * 9 for row in rows))

    assert [node.guidance for node in reading.nodes] == ["C:\\", "D:\\"][: len(rows)]


def test_rows_that_only_php_can_read_are_read():
    assert table(r',a,A,"x\"""",2').nodes[0].guidance == r'x\""'


@pytest.mark.parametrize("cell", ['"B', r'"x\"","y","z'], ids=["plain", "after a backslash"])
def test_quotation_mark_that_is_never_closed_is_refused(cell):
    with pytest.raises(ImportRejected) as refused:
        table(",a,A", f",b,{cell}\n")

    what = 'A quotation mark is opened in this row and never closed. Close it; write one inside a text twice ("").'
    assert str(refused.value) == f"row 4: {what}"


@pytest.mark.parametrize("row", ["," * 40, '"",' * 40])
def test_row_far_too_wide_is_refused(row):
    with pytest.raises(ImportRejected, match="row 3: The row has more than 30 cells"):
        table(row)


def test_rows_too_wide_are_told_up_to_a_limit():
    assert len(table(*[",a,A" + "," * 11 + ",x"] * 500).problems) == 101


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("\n" * 40_001, "row 40001: The file has more than 40,000 rows"),
        (",a,A\n" * 20_001, "file: It holds more than 20,000 entries"),
    ],
    ids=["blank", "entries"],
)
def test_more_rows_than_a_framework_has_are_refused(rows, said):
    with pytest.raises(ImportRejected, match=said):
        table(rows)


@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
def test_rows_and_lines_are_counted(line):
    text = line.join(["a,b", f'"x{line}y",z', "", "c"])

    assert [(row.number, row.line, row.cells) for row in php_csv.rows(text, ",")] == [
        (1, 1, ["a", "b"]),
        (2, 2, ["x\ny", "z"]),
        (3, 4, []),
        (4, 5, ["c"]),
    ]


def test_text_behind_a_closing_mark_belongs_to_the_cell():
    assert [row.cells for row in php_csv.rows('"a"b,c"d', ",")] == [["ab", 'c"d']]


def test_file_in_windows_1252_is_read_with_a_note():
    reading = read("\n".join([HEADING, FRAMEWORK, ",a,Zoë"]).encode("cp1252"))

    assert reading.nodes[0].title == "Zoë"
    assert any(what.startswith("The file is not UTF-8") for what in notices(reading))


def test_encoding_may_be_chosen():
    content = "\n".join([HEADING, FRAMEWORK, ",a,Zoë"]).encode("mac-roman")

    assert read(content, encoding="macintosh").nodes[0].title == "Zoë"


@pytest.mark.parametrize(
    "content",
    [b"", b"a,b,c\n1,2,3", b"\xff\xfe\x00", ",".join("abcdefghijklmn").encode(), b"\n\n", b"a,b,c\n" + b"x," * 99],
)
def test_another_table_is_not_recognised(content):
    assert not moodle.recognises("a.csv", content)


def test_another_table_is_refused():
    with pytest.raises(ImportRejected, match="row 1: It does not have Moodle's 14 columns"):
        read("a,b,c\n1,2,3")


def test_framework_is_recognised():
    names = ["clinic.moodle.csv", "clinic-12.moodle.csv"]

    assert all(moodle.recognises("any", (FILES / name).read_bytes()) for name in names)


def test_trailing_empty_heads_do_not_matter():
    assert trees.depths(read("\n".join([HEADING + ",,", FRAMEWORK, ",a,A", "a,b,B"])).nodes) == [1, 1]


def test_space_that_does_not_break_may_be_the_only_sign_of_windows_1252():
    assert read("\n".join([HEADING, FRAMEWORK, ",a,Two\u00a0words"]).encode("cp1252")).nodes[0].title == "Two words"
