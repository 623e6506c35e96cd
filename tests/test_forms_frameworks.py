"""The forms on a file's way to a draft, and of the mapping."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assessments.forms.frameworks import (
    AboutForm,
    ActivityForm,
    ColumnsForm,
    CompetenceForm,
    DecisionForm,
    DomainForm,
    LoadForm,
    UploadForm,
    fitting_form,
    values_of,
)
from assessments.importers import shaping
from assessments.importers.assembly import Assembled
from assessments.importers.reading import Answers, Column, Table
from assessments.models import Activity, Competence, Domain, Framework, FrameworkRevision, RatingScale

SCALE = RatingScale(key="three-steps", version=2, name="Three steps")
PUBLISHED = FrameworkRevision(framework=Framework(slug="cbt", title="CBT"), number="1.0", title="CBT list")
ABOUT = {"framework": "cbt", "framework_title": "CBT", "number": "1.1", "title": "CBT list"}
COLUMNS = [Column("code", ["A1"], "code"), Column("", ["An ability to wait."], "text")]


def assembled(*shapes, levels=()):
    return Assembled(None, {}, False, [], [], depths=[1], shapes=[*shapes], levels=[*levels])


def about(*shapes, data=None, levels=(), has_own_scale=False):
    return AboutForm(
        data,
        assembled=assembled(*shapes, levels=levels),
        follows=[PUBLISHED],
        scales=[SCALE],
        has_own_scale=has_own_scale,
    )


def choices(form, name):
    return list(form.fields[name].choices)


# upload


def test_upload_gives_name_and_bytes_of_a_file():
    form = UploadForm({}, {"file": SimpleUploadedFile("list.csv", b"a,b")})

    assert (form.is_valid(), form.upload) == (True, ("list.csv", b"a,b"))


def test_upload_gives_pasted_text_as_a_file_with_its_indents():
    form = UploadForm({"text": "  A\r\n    B ä"})

    assert (form.is_valid(), form.upload) == (True, ("pasted list.txt", "  A\n    B ä".encode()))


# columns


def test_columns_are_offered_with_samples_and_the_guess():
    form = ColumnsForm(table=Table(COLUMNS))

    labels = [(field.label, field.initial, field.help_text) for field in list(form.fields.values())[:2]]
    assert labels == [("code", "code", "A1"), ("Column 2", "text", "An ability to wait.")]
    assert "sheet" not in form.fields


def test_columns_answer_the_roles_of_the_heads():
    form = ColumnsForm({"column-0": "", "column-1": "title", "fill_down": "on"}, table=Table(COLUMNS))

    assert form.is_valid()
    assert form.answers(Answers()) == Answers(columns={"code": "", "": "title"}, fill_down=True)


@pytest.mark.parametrize(
    ("before", "chosen", "expected"),
    [("", "One", {"code": "code", "": "text"}), ("", "Two", {}), ("Two", "Two", {"code": "code", "": "text"})],
)
def test_another_sheet_begins_the_guessing_anew(before, chosen, expected):
    table = Table(COLUMNS, sheet=before or "One", sheets=["One", "Two"])
    form = ColumnsForm({"sheet": chosen, "column-0": "code", "column-1": "text"}, table=table)

    assert form.is_valid()
    assert form.answers(Answers(sheet=before)) == Answers(sheet=chosen, columns=expected)


# about


def test_own_format_is_asked_for_no_shape():
    form = about()

    assert {"shape", "level", "kind", "keep_retired"} & set(form.fields) == set()


def test_shape_is_offered_and_a_level_only_with_a_window():
    flat, deep = about(shaping.FLAT), about(shaping.NESTED, shaping.WINDOW, levels=["Standard"])

    assert choices(flat, "shape") == [("flat", shaping.SHAPES["flat"])]
    assert "level" not in flat.fields
    assert choices(deep, "level") == [("", "None"), ("Standard", "Standard")]


@pytest.mark.parametrize(
    ("has_own", "expected"),
    [
        (True, [("", "The file's own"), ("three-steps/2", "Three steps, version 2")]),
        (False, [("three-steps/2", "Three steps, version 2")]),
    ],
)
def test_scale_of_the_file_is_offered_if_it_has_one(has_own, expected):
    assert choices(about(has_own_scale=has_own), "scale") == expected


def test_published_revisions_are_offered_to_follow():
    assert choices(about(), "previous") == [("", "No earlier revision"), ("cbt/1.0", "CBT: CBT list 1.0")]


def test_about_answers_metadata_scale_and_shape():
    data = ABOUT | {"previous": "cbt/1.0", "shape": "window", "level": "Standard", "kind": "attitude"}
    form = about(shaping.WINDOW, levels=["Standard"], data=data | {"scale": "three-steps/2", "keep_retired": "on"})

    assert form.is_valid()
    answers = form.answers(Answers(sheet="One"))
    assert (answers.metadata["previous"], answers.metadata["is_redistributable"]) == ("1.0", "no")
    assert (answers.shape, answers.level, answers.kind) == ("window", "Standard", "attitude")
    assert (answers.scale, answers.keep_retired, answers.sheet) == ("three-steps/2", True, "One")


def test_about_answers_for_a_file_of_the_own_format():
    form = about(data=ABOUT | {"is_redistributable": "on"}, has_own_scale=True)

    assert form.is_valid()
    answers = form.answers(Answers())
    assert (answers.shape, answers.kind, answers.scale) == ("", "skill", "")
    assert answers.metadata["is_redistributable"] == "yes"


def test_revision_follows_one_of_its_own_framework():
    form = about(data=ABOUT | {"framework": "dbt", "previous": "cbt/1.0"})

    assert form.errors == {"previous": ["This is a revision of cbt. Choose one of dbt, or mend the address."]}


def test_missing_address_is_told_once():
    form = about(data=ABOUT | {"framework": "", "previous": "cbt/1.0"})

    assert list(form.errors) == ["framework"]


# load


@pytest.mark.parametrize(
    ("warnings", "data", "expected"), [([], {}, True), (["x"], {}, False), (["x"], {"is_confirmed": "on"}, True)]
)
def test_warnings_are_confirmed(warnings, data, expected):
    assert LoadForm(data, warnings=warnings).is_valid() is expected


# mapping and nodes


@pytest.mark.parametrize(("typed", "expected"), [("", []), ("A1", ["A1"]), (" A1 ,, B.2,", ["A1", "B.2"]), (",", [])])
def test_decision_names_codes_between_commas(typed, expected):
    form = DecisionForm({"kind": "covered", "codes": typed})

    assert (form.is_valid(), form.cleaned_data["codes"]) == (True, expected)


@pytest.mark.parametrize("code", ["A 1", "A/1", "-A", "ä", "A\t1"])
def test_code_of_a_node_fits_an_address(code):
    form = DomainForm({"code": code, "title": "T", "short_title": "T"})

    assert list(form.errors) == ["code"]


@pytest.mark.parametrize(
    ("node", "form"),
    [(Domain(code="A"), DomainForm), (Activity(code="A"), ActivityForm), (Competence(code="A"), CompetenceForm)],
)
def test_node_has_the_form_of_its_kind(node, form):
    assert fitting_form(node) is form
    assert list(values_of(form, node)) == list(form.base_fields)
