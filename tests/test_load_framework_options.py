"""What the command line states about a file that does not say it itself, and revisions that follow others."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from assessments.exporters import own_yaml
from assessments.models import FrameworkRevision
from assessments.revisions import LineageData
from tests import factories

pytestmark = pytest.mark.django_db

SHEET = """\
domain,activity,code,statement
Listening,Silence,A1,An ability to wait.
Listening,Silence,A2,An ability to bear silence.
Asking,Opening,B1,An ability to ask openly.
"""
STATED = ["--framework=cbt", "--framework-title=CBT", "--number=1.0", "--title=CBT list"]


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(SHEET)
    return path


@pytest.fixture
def yaml(tmp_path):
    """A function that writes a revision as a file of the own format."""

    def written(data):
        path = tmp_path / f"{data.number}.yaml"
        path.write_bytes(own_yaml.write(data))
        return path

    return written


def load(path, *arguments):
    output, warnings = StringIO(), StringIO()
    call_command("load_framework", str(path), *arguments, stdout=output, stderr=warnings)
    return output.getvalue(), warnings.getvalue()


def refusal(path, *arguments):
    with pytest.raises(CommandError) as error:
        load(path, *arguments)
    return str(error.value).removeprefix(f"{path}: ")


def stored(number="1.0", framework="cbt"):
    return FrameworkRevision.objects.get(framework__slug=framework, number=number)


# another format


def test_sheet_is_loaded_with_what_is_stated(sheet):
    output, _ = load(sheet, *STATED)

    assert output == "CBT list 1.0: 2 domains, 2 activities, 3 competences, draft.\n"
    assert (stored().framework.title, stored().scale.key, stored().previous) == ("CBT", "ipt-development", None)


def test_sheet_is_published_at_once(sheet):
    output, _ = load(sheet, *STATED, "--publish")

    assert output.endswith("published.\n")


def test_what_was_tolerated_is_told(sheet):
    _, warnings = load(sheet, *STATED)

    assert warnings.splitlines()[-1] == (f"{sheet}: row 2: Warning: Codes that the file does not give are made.")


def test_long_list_of_remarks_is_cut_at_a_hundred(sheet):
    rows = "".join(f"Domain {n},,C{n},Statement {n}.\n" for number in range(60) for n in [number])
    sheet.write_text("domain,activity,code,statement\n" + rows + "".join(rows.splitlines(keepends=True)))

    _, warnings = load(sheet, *STATED)

    assert len(warnings.splitlines()) == 100


@pytest.mark.parametrize("missing", range(4))
def test_what_is_missing_is_asked_for(sheet, missing):
    stated = STATED[:missing] + STATED[missing + 1 :]
    name = STATED[missing].split("=")[0].removeprefix("--").replace("-", "_")

    assert refusal(sheet, *stated) == f"{name}: It is missing. State the {name.replace('_', ' ')}."


def test_column_is_named(sheet):
    sheet.write_text(SHEET.replace("statement", "zebra"))

    load(sheet, *STATED, "--column=zebra=text", "--column", "code=code")

    assert [row.text for row in stored().competences.all()][:1] == ["An ability to wait."]


def test_column_without_a_role_is_refused(sheet):
    assert refusal(sheet, *STATED, "--column", "zebra").endswith(
        "'zebra' names no role. Write it as HEAD=ROLE, for example chapter_id=domain_code."
    )


@pytest.mark.parametrize(
    ("column", "what"),
    [("zebra=text", "There is no column 'zebra'."), ("code=nonsense", "There is no role 'nonsense'.")],
)
def test_column_that_does_not_exist_is_refused(sheet, column, what):
    assert what in refusal(sheet, *STATED, "--column", column)


def test_sheet_of_a_workbook_is_ignored_for_a_file_without_sheets(sheet):
    assert load(sheet, *STATED, "--sheet", "Two")[0].endswith("draft.\n")


def test_shape_and_level_are_stated(sheet):
    head = "domain,area,activity,code,statement\n"
    sheet.write_text(head + "Listening,One,Silence,A1,An ability to wait.\n")

    load(sheet, *STATED, "--shape=window", "--level=area")

    assert [row.text for row in stored().competences.rateable()] == ["One"]


def test_shape_that_does_not_exist_is_refused(sheet):
    assert "invalid choice: 'cube'" in refusal(sheet, *STATED, "--shape=cube")


@pytest.mark.parametrize(("arguments", "kind"), [([], "skill"), (["--kind=attitude"], "attitude")])
def test_kind_is_stated(sheet, arguments, kind):
    load(sheet, *STATED, *arguments)

    assert set(stored().competences.values_list("kind", flat=True)) == {kind}


def test_kind_that_does_not_exist_is_refused(sheet):
    assert "invalid choice: 'virtue'" in refusal(sheet, *STATED, "--kind=virtue")


def test_scale_is_chosen_among_the_stored_ones(sheet, yaml):
    factories.make_revision()

    load(sheet, *STATED, "--scale=three-steps/1")
    load(yaml(factories.make_revision_data(number="2.0")), "--scale=ipt-development/1")

    assert (stored().scale.key, stored("2.0", "small").scale.key) == ("three-steps", "ipt-development")


@pytest.mark.parametrize("scale", ["nonsense", "three-steps/2", "three-steps/x", "three-steps/" + "9" * 30, "/1"])
def test_scale_that_does_not_exist_is_refused(sheet, yaml, scale):
    own = yaml(factories.make_revision_data())

    refusals = [refusal(path, *arguments, f"--scale={scale}") for path, arguments in [(sheet, STATED), (own, [])]]

    assert refusals == [f"There is no stored scale {scale}. Choose one of ipt-development/1."] * 2
    assert FrameworkRevision.objects.exclude(framework__slug="ipt").count() == 0


# a revision that follows another one


@pytest.fixture
def first():
    return factories.make_revision()


def test_certain_links_are_confirmed_when_publishing(first, yaml):
    data = replace(factories.make_revision_data(number="1.1"), previous="1.0")

    output, _ = load(yaml(data), "--publish")

    assert output.endswith("published.\n")
    links = stored("1.1", "small").links
    assert (links.open().count(), set(links.values_list("kind", "confirmed_by"))) == (0, {("unchanged", None)})


def test_open_links_refuse_to_be_published_and_store_nothing(first, yaml):
    assert refusal(yaml(factories.make_next_data()), "--publish") == (
        "3 competences are still to be confirmed in the mapping. Confirm what became of each, then publish."
    )
    assert not FrameworkRevision.objects.filter(number="1.1").exists()


def test_open_links_stay_open_in_a_draft(first, yaml):
    load(yaml(factories.make_next_data()))

    assert stored("1.1", "small").links.open().count() == 4


def test_what_the_file_states_is_certain(first, yaml):
    lineage = [
        LineageData("editorial", ["a1-2"], ["a1-2"], "Only clearer."),
        LineageData("removed", ["a1a-1"], []),
        LineageData("added", [], ["a2-1"]),
    ]

    output, _ = load(yaml(factories.make_next_data(lineage=lineage)), "--publish")

    assert output.endswith("published.\n")
    kinds = stored("1.1", "small").links.values_list("kind", "older__code", "basis")
    assert ("editorial", "A1.2", "file") in kinds


def test_previous_revision_is_stated(first, yaml):
    data = factories.make_revision_data(number="1.1")

    load(yaml(data), "--previous=1.0", "--publish")

    assert stored("1.1", "small").previous == first


def test_previous_revision_that_does_not_exist_is_refused(first, yaml):
    assert refusal(yaml(factories.make_revision_data(number="1.1")), "--previous=0.9") == (
        "Revision 1.1 follows 0.9, which is not a published revision of small. "
        "Load and publish that one first, or leave `previous` out."
    )


def test_file_without_a_previous_one_can_be_told_so(yaml):
    load(yaml(factories.make_next_data()), "--previous=")

    assert stored("1.1", "small").previous is None
