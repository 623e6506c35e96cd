"""An uploaded file that was loaded or discarded, and the file as it came."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from assessments import queries
from assessments.actions import imports
from assessments.importers.reading import Answers
from assessments.models import AuditEvent
from assessments.views.imports import _saved
from tests import factories
from tests.conftest import signed_in, told, words
from tests.uploads import ABOUT, HOME, SHEET, SMALL, send, the_import, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


@pytest.fixture
def client(admin):
    return signed_in(admin)


# closing


def test_file_is_discarded(client):
    upload(client)

    response = client.post(reverse("framework-import-discard", args=[the_import().pk]))

    assert (response.url, told(response)) == (HOME, ["list.csv is discarded. Nothing of it was stored."])
    assert the_import().status == "discarded"


@pytest.mark.parametrize("step", ["columns", "about", "preview"])
def test_closed_file_says_so_and_takes_nothing(client, step):
    upload(client, SMALL, "small.yaml")
    send(client, "preview")
    before = AuditEvent.objects.count()

    response = send(client, step, **ABOUT)

    assert (response.status_code, AuditEvent.objects.count()) == (200, before)
    assert "small.yaml Loaded on" in words(response)
    assert "Loaded as" in words(response)


def test_discarded_file_says_so(client, admin):
    kept = factories.make_import(admin)
    imports.discard(by=admin, kept=kept)

    text = words(client.get(kept.get_absolute_url()))

    assert "list.csv Discarded on" in text
    assert "Loaded as" not in text


def test_file_closed_in_the_same_moment_leads_to_its_page(client, admin):
    kept = factories.make_import(admin)
    looked = queries.look(kept)
    imports.discard(by=admin, kept=kept)
    request = RequestFactory().post("/")
    request.user = admin

    response = _saved(request, looked, Answers(), then="about")

    assert response.url == kept.get_absolute_url()


def test_second_administrator_is_told_that_it_was_loaded(client, outside_admin):
    upload(client, SMALL, "small.yaml")
    other = signed_in(outside_admin)
    send(client, "preview")

    response = other.post(reverse("framework-import-discard", args=[the_import().pk]))

    assert told(response) == ["This file was loaded meanwhile. Upload it again to start afresh."]
    assert "Loaded as" in words(send(other, "preview"))


# the file itself


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("list.csv", 'filename="list.csv"'),
        ("my list.csv", 'filename="my_list.csv"'),
        ('a"b\r\nX: y.csv', 'filename="abX_y.csv"'),
        ("listé.csv", "filename*=utf-8''list%C3%A9.csv"),
        ("!!!", 'filename="file"'),
        ("..", 'filename="file"'),
    ],
)
def test_file_is_downloaded_as_it_came(client, admin, name, expected):
    kept = factories.make_import(admin, SHEET, name=name)

    response = client.get(reverse("framework-import-file", args=[kept.pk]))

    assert (response.content, response["Content-Type"]) == (SHEET.encode(), "application/octet-stream")
    assert response["Content-Disposition"] == f"attachment; {expected}"
