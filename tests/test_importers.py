import json
from pathlib import Path

import pytest

from assessments import importers
from assessments.exceptions import ImportRejected

FILES = Path(__file__).parent / "files"
FIXTURES = Path(__file__).parent.parent / "fixtures"
CASE = (FILES / "clinic.case.json").read_bytes()
MOODLE = (FILES / "clinic.moodle.csv").read_bytes()
OWN = (FIXTURES / "ipt-1.0.yaml").read_bytes()
KNOWN = f"Choose {importers._KNOWN}."
PASTE = f"Copy the text of its list and paste it, or choose {importers._KNOWN}."
NOT_OURS = (
    "This YAML is not in this product's format. "
    "Begin with format: competence-framework/1, as docs/framework-format.md describes."
)


def refusal(name, content):
    with pytest.raises(ImportRejected) as refused:
        importers.read(name, content)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.json", CASE, "case"),
        ("download", CASE, "case"),
        ("a.json", (FILES / "clinic.matrix").read_bytes(), "mahara"),
        ("a.matrix", (FILES / "clinic-2016.matrix").read_bytes(), "mahara"),
        ("a.csv", MOODLE, "moodle"),
        ("a.csv-comma_separated", MOODLE, "moodle"),
        ("A.TXT", MOODLE, "moodle"),
        ("a.yml", OWN, "yaml"),
    ],
)
def test_format_is_told_by_the_content(name, content, format):
    reading = importers.read(name, content)

    assert (reading.format, reading.problems) == (format, [])
    assert (reading.revision is not None) is (format == "yaml")


def test_answers_reach_the_format():
    retired = CASE.replace(b'"notes": "Waits', b'"statusEndDate": "2020-01-01", "notes": "Waits')

    counts = [
        len(importers.read("a.json", retired, importers.Answers(keep_retired=keep)).nodes) for keep in [True, False]
    ]

    assert counts == [3, 2]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b" \n", "The file is empty. Choose a file with a framework."),
        ("a.csv", b"x" * (20 * 1024**2 + 1), "It is larger than 20 MB. Split it."),
        (
            "a.csv",
            b"PK\x03\x04\x00",
            "The file is named as CSV and holds a workbook. Name it .xlsx, or save it as CSV.",
        ),
        ("a.txt", b"", "The file is empty. Choose a file with a framework."),
        ("a.json", b"%PDF-1.7", f"The file is a PDF. {PASTE}"),
        ("a.csv", b"%PDF-1.7", f"The file is a PDF. {PASTE}"),
        ("a.txt", b"GIF89a", f"The file is a picture. {PASTE}"),
        ("a.dat", "a,b".encode("utf-16"), "The file is UTF-16 text. Save it as UTF-8."),
        ("a.dat", b"a,b\0", f"The file is not text: it holds a NUL byte. {KNOWN}"),
        ("a.json", b'{"skills": []}', f"This JSON is no framework of a format known here. {KNOWN}"),
        ("a.yaml", b"domain:\n  index: 3\n", NOT_OURS),
        ("a.yaml", b"- domain\n", NOT_OURS),
        ("download", b"domain:\n  index: 3\n", NOT_OURS),
        ("a.dat", b"a,b\n1,2\n", f"The format of the file is not known. {KNOWN}"),
        (
            "a.csv",
            CASE,
            "The name ends in .csv, but the file is a CASE package. Choose another file, or let its name end in .json.",
        ),
        (
            "a.json",
            OWN,
            "The name ends in .json, but the file is a framework in this product's YAML. "
            "Choose another file, or let its name end in .yaml.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_file_that_is_no_framework_is_refused(name, content, said):
    assert refusal(name, content) == f"file: {said}"


def test_own_yaml_of_another_version_is_refused_by_its_own_reader():
    assert "This format is not known." in refusal("a.yaml", b"format: competence-framework/2\n")


@pytest.mark.parametrize(
    "first",
    ["format: competence-framework/1", "'format' : \"competence-framework/1\"", "{format: competence-framework/1}"],
)
def test_own_yaml_is_recognised_however_it_is_written(first):
    assert importers.own_yaml.recognises("any", f"# A remark\n{first}\n".encode())


def test_problems_that_refuse_a_file_are_told_up_to_a_limit():
    many = b"format: competence-framework/1\n" + b"".join(b"field%d: x\n" % number for number in range(2_000))

    assert refusal("a.yaml", many).endswith("more problems like these. Mend the ones above first.")


def test_text_in_the_wrong_place_is_no_sign():
    content = json.dumps({"text": '"CFItems": format: competence-framework/1'}).encode()

    assert refusal("a.json", content) == f"file: This JSON is no framework of a format known here. {KNOWN}"
