import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from assessments import queries
from assessments.actions import frameworks
from assessments.actions.lineage import confirm_certain
from assessments.exporters import own_csv as csv_exporter
from assessments.exporters import own_yaml as yaml_exporter
from assessments.importers import own_csv, own_yaml
from assessments.importers.reading import Answers
from assessments.models import FrameworkRevision
from assessments.reports import booklet
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates", "shelf")]

IPT = "/frameworks/ipt/1.0"
TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "yaml": "application/yaml; charset=utf-8",
}


@pytest.fixture
def shelf(monkeypatch, tmp_path):
    monkeypatch.setattr("assessments.reports.shelf.FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def small():
    return factories.make_revision()


def read(response):
    return own_csv.read("", response.content, Answers()).revision


def codes(data):
    return [activity.code for activity in data.all_activities()]


@pytest.mark.parametrize("extension", TYPES)
def test_file_has_its_type_and_name(client, small, extension):
    response = client.get(f"/frameworks/small/1.0.{extension}")

    assert (response["Content-Type"], response["Content-Disposition"]) == (
        TYPES[extension],
        f'attachment; filename="small-1.0.{extension}"',
    )


def test_own_formats_hold_what_is_stored(client, revision):
    data = queries.revision_data(revision)

    assert client.get(f"{IPT}.csv").content == csv_exporter.write(data)
    assert client.get(f"{IPT}.yaml").content == yaml_exporter.write(data)


def test_framework_gives_its_current_revision(client, small):
    factories.make_revision(number="1.1")

    response = client.get("/frameworks/small.yaml")

    assert own_yaml.read(response.content).number == "1.1"


def test_domain_gives_its_activities(client, revision):
    response = client.get(f"{IPT}/domains/5.csv")

    assert response["Content-Disposition"] == 'attachment; filename="ipt-1.0-5.csv"'
    assert codes(read(response)) == ["M1", "M2", "M3", "M4", "M5", "M6"]


def test_activity_gives_itself_with_the_same_metadata(client, revision):
    part = read(client.get(f"{IPT}/activities/S2.csv"))

    assert (codes(part), part.notice, part.licence) == (["S2"], revision.notice, revision.licence)


@pytest.mark.parametrize(
    "path", [f"{IPT}/domains/9.csv", f"{IPT}/activities/X1.csv", "/frameworks/none.csv", "/frameworks/ipt/9.csv"]
)
def test_file_of_nothing_is_missing(client, revision, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("name", ["domain-download", "activity-download"])
def test_part_has_no_file_of_its_own_format(name):
    with pytest.raises(NoReverseMatch):
        reverse(name, kwargs={"slug": "ipt", "number": "1.0", "code": "1", "extension": "yaml"})


@pytest.mark.parametrize(
    "path", ["small.csv", "small/1.0.csv", "small/1.0/domains/A.csv", "small/1.0/activities/A1.csv"]
)
def test_what_may_not_be_passed_on_is_for_the_signed_in_only(client, supervisor, path):
    factories.make_revision(is_redistributable=False)

    found = [person.get(f"/frameworks/{path}").status_code for person in [client, signed_in(supervisor)]]

    assert found == [404, 200]


def test_draft_is_for_administrators_only(supervisor, admin):
    factories.make_revision(is_published=False)

    found = [signed_in(person).get("/frameworks/small/1.0.csv").status_code for person in [supervisor, admin]]

    assert found == [404, 200]


def test_file_is_not_sent_twice(client, small):
    first = client.get("/frameworks/small/1.0.csv")

    again = client.get("/frameworks/small/1.0.csv", headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, again.content, again["ETag"]) == (200, 304, b"", first["ETag"])


def test_other_content_has_another_tag(client, small):
    factories.make_revision(number="1.1")

    tags = {client.get(f"/frameworks/small/{number}.csv")["ETag"] for number in ["1.0", "1.1"]}

    assert len(tags) == 2


@pytest.mark.parametrize("extension", TYPES)
def test_file_takes_as_many_statements_however_large_it_is(client, small, revision, extension):
    counted = []

    for path in [f"/frameworks/small/1.0.{extension}", f"{IPT}.{extension}"]:
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        counted.append(len(captured))

    assert counted[0] == counted[1]


@pytest.mark.parametrize(
    ("page", "path"),
    [(f"{IPT}/", IPT), (f"{IPT}/domains/3/", f"{IPT}/domains/3"), (f"{IPT}/activities/S2/", f"{IPT}/activities/S2")],
)
def test_page_links_to_its_files(client, revision, page, path):
    links = re.findall(r'<p class="dl"><span>Download .*?</p>', client.get(page).text)

    assert re.findall(r'href="(.*?)"', links[0]) == [
        f"{path}.{extension}" for extension in ["pdf", "xlsx", "csv", "json"]
    ]


def linked(response):
    """Kinds of link that tell what became of competences, with the codes at both ends."""
    package = json.loads(response.content)
    return [
        (link["associationType"], link["originNodeURI"]["title"], link["destinationNodeURI"]["title"])
        for link in package["CFAssociations"]
        if link["associationType"] != "isChildOf"
    ]


def test_package_tells_what_became_of_the_previous_revision(client, small):
    newer = factories.make_revision(number="1.1", previous="1.0", is_published=False)
    confirm_certain(by=None, revision=newer)
    frameworks.publish(by=None, revision=newer)

    assert linked(client.get("/frameworks/small/1.1/activities/A1a.json")) == [
        ("replacedBy", "Small list", "Small list"),
        ("exactMatchOf", "A1a.1", "A1a.1"),
    ]


def test_package_tells_nothing_of_a_previous_revision_that_stays_inside(client, supervisor):
    factories.make_revision(is_redistributable=False)
    newer = factories.make_revision(number="1.1", previous="1.0", is_published=False)
    confirm_certain(by=None, revision=newer)
    frameworks.publish(by=None, revision=newer)
    path = "/frameworks/small/1.1/activities/A1a.json"

    assert (linked(client.get(path)), len(linked(signed_in(supervisor).get(path)))) == ([], 2)


def test_package_has_the_address_and_the_state_of_the_revision(client, small):
    moment = timezone.now().replace(microsecond=0)
    FrameworkRevision.objects.filter(pk=small.pk).update(status="retired", retired_at=moment)

    document = json.loads(client.get("/frameworks/small/1.0.json").content)["CFDocument"]

    assert (document["uri"], document["adoptionStatus"], document["statusEndDate"]) == (
        "http://testserver/frameworks/small/1.0/",
        "Deprecated",
        timezone.localdate().isoformat(),
    )


def test_package_of_a_draft_is_a_draft(admin):
    factories.make_revision(is_published=False)

    document = json.loads(signed_in(admin).get("/frameworks/small/1.0.json").content)["CFDocument"]

    assert document["adoptionStatus"] == "Draft"


def test_booklet_that_takes_too_long_is_not_waited_for(client, small, monkeypatch):
    monkeypatch.setattr(booklet, "MOST_AT_ONCE", 2)

    response = client.get("/frameworks/small/1.0.pdf")

    assert response.status_code == 503
    assert "manage.py export_framework small 1.0 --format pdf" in words(response)
