"""What people and machines are told when the database cannot be used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, connection
from django.test import Client, RequestFactory

from assessments import queries
from assessments.views import errors
from ipt import middleware
from tests.conftest import words

ROOT = Path(__file__).resolve().parent.parent
IS_SQLITE = connection.vendor == "sqlite"
FULL = "The storage is full. Nothing can be saved until there is room again; what is stored can be read."
AWAY = "The storage does not answer just now, so nothing can be saved."


def answer_to(failure, **headers):
    try:
        raise failure
    except type(failure):
        return errors.failed(RequestFactory(headers=headers).get("/"))


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (OperationalError("database or disk is full"), FULL),
        (OperationalError("could not extend file: No space left on device"), FULL),
        (OperationalError("database is locked"), AWAY),
        (InterfaceError("the connection is closed"), AWAY),
    ],
)
def test_fault_of_the_storage_is_told_as_such(failure, told):
    page, data = answer_to(failure), answer_to(failure, accept="application/json")

    assert (page.status_code, data.status_code) == (503, 503)
    assert told in words(page)
    assert f'{{"error": "storage", "message": "{told}"}}' == data.content.decode()


def test_any_other_fault_is_an_error_of_ours():
    response = answer_to(ZeroDivisionError("by zero"), accept="application/json")

    assert response.status_code == 500
    assert "The fault is ours" in words(response)


@pytest.mark.django_db
def test_fault_in_any_page_is_answered_so(client):
    def broken(execute, *args):
        raise OperationalError("server closed the connection unexpectedly")

    client.raise_request_exception = False
    with connection.execute_wrapper(broken):
        response = client.get("/frameworks/")

    assert response.status_code == 503
    assert AWAY in words(response)


# The file of a SQLite database


@pytest.fixture
def file(monkeypatch, tmp_path):
    """A database that is a file, if the tests run on SQLite at all."""
    path = tmp_path / "ipt.sqlite3"
    path.touch()
    monkeypatch.setitem(connection.settings_dict, "NAME", str(path))
    return path


def test_file_that_can_be_written_is_no_fault(file):
    assert queries.storage_fault() == ""


def test_database_in_memory_is_no_fault():
    assert queries.storage_fault() == ""


def test_file_that_is_gone_is_told(file):
    file.unlink()

    sentence = f"The database {file} is not there. Put it back, or run manage.py migrate to begin an empty one."
    assert queries.storage_fault() == (sentence if IS_SQLITE else "")


@pytest.mark.parametrize("part", [".", "ipt.sqlite3"])
def test_file_that_cannot_be_written_is_told(file, monkeypatch, part):
    refused = file.parent / part
    monkeypatch.setattr(os, "access", lambda path, mode: path != refused)  # root may write everywhere

    sentence = f"The database {file} cannot be written. Let the web server write the file and its folder."
    assert queries.storage_fault() == (sentence if IS_SQLITE else "")


@pytest.mark.django_db
def test_readyz_names_the_storage(client, monkeypatch):
    client.get("/readyz")
    monkeypatch.setitem(connection.settings_dict, "NAME", "/nowhere/ipt.sqlite3")

    response = client.get("/readyz")

    expected = {"ready": False, "lacking": ["storage"]} if IS_SQLITE else {"ready": True, "lacking": []}
    assert response.json() == expected


def test_server_does_not_start_without_its_file(tmp_path):
    variables = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/gone.sqlite3", "IPT_VAR": str(tmp_path)}

    command = [sys.executable, "-c", "import ipt.wsgi"]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    sentence = f"The database {tmp_path}/gone.sqlite3 is not there. Put it back, or run manage.py migrate"
    assert f"{ImproperlyConfigured.__name__}: {sentence}" in done.stderr


@pytest.fixture
def opened(settings, tmp_path):
    """A file, and the client of a server that was started on it."""
    path = tmp_path / "ipt.sqlite3"
    path.touch()
    settings.DATABASES["default"]["NAME"], before = str(path), settings.DATABASES["default"]["NAME"]
    settings.IS_SQLITE = True
    settings.MIDDLEWARE = ["ipt.middleware.storage_in_place"]
    client = Client()
    assert client.get("/healthz").status_code == 200
    yield path, client
    settings.DATABASES["default"]["NAME"] = before


@pytest.mark.parametrize("is_replaced", [False, True])
def test_nothing_is_answered_once_the_file_is_another(opened, is_replaced):
    path, client = opened
    path.rename(path.with_name("elsewhere"))
    if is_replaced:
        path.touch()

    response = client.get("/healthz")

    assert response.status_code == 503
    assert middleware.AWAY in words(response)


def test_file_that_is_put_back_is_used_again(opened):
    path, client = opened
    path.rename(path.with_name("elsewhere")).rename(path)

    assert client.get("/healthz").status_code == 200
