import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from assessments import guards
from assessments.exceptions import NotAllowed, RenderingFailed
from assessments.models import FrameworkRevision
from assessments.views import errors
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


# home


@pytest.mark.parametrize(
    ("name", "expected"), [("supervisor", "/therapists/"), ("lead", "/therapists/"), ("admin", "/manage/people/")]
)
def test_home_leads_to_the_work_of_the_role(request, name, expected):
    response = signed_in(request.getfixturevalue(name)).get("/")

    assert (response.status_code, response.url) == (302, expected)


def test_home_leads_a_therapist_to_the_profile(therapist):
    response = signed_in(therapist).get("/")

    assert response.url == f"/therapists/{therapist.pk}/"


def test_home_is_the_map_for_anyone(client):
    response = client.get("/")

    assert response.context["revision"].framework.slug == "ipt"


def test_home_is_the_map_for_somebody_without_a_role(lead):
    factories.end_membership(lead)

    response = signed_in(lead).get("/")

    assert response.context["revision"].framework.slug == "ipt"


def test_home_leads_to_the_frameworks_when_none_is_in_use(client):
    FrameworkRevision.objects.update(status="retired", retired_at=timezone.now())

    response = client.get("/")

    assert (response.status_code, response.url) == (302, "/frameworks/")


def test_home_searches(client):
    response = client.get("/", {"q": "joint meeting"})

    assert "One statement for “joint meeting”" in words(response)


# texts of the page foot


@pytest.mark.parametrize(
    ("path", "heading"),
    [("/help/", "Help"), ("/privacy/", "Privacy"), ("/accessibility/", "Accessibility")],
)
def test_text_opens_from_the_page_foot(client, path, heading):
    response = client.get(path)

    assert heading in response.text.partition("<h1")[2].partition("</h1>")[0]
    assert f'<a href="{path}">{heading}</a>' in response.text


def test_help_prints_the_promise(client):
    assert (
        "A rating shown as saved is in the database. A rating shown as kept on this device survives a crash of this"
        " browser; anything else is shown as not saved." in words(client.get("/help/"))
    )


@pytest.mark.parametrize(
    "when", ["you are offline", "you are signed out", "two people answer", "another person signs in on this browser"]
)
def test_help_says_what_happens_to_answers(client, when):
    assert f"<h3>When {when}</h3>" in client.get("/help/").text


def test_privacy_tells_what_the_device_keeps(client):
    text = words(client.get("/privacy/"))

    assert "kept in your browser until they are sent, for at most seven days. They are encrypted" in text


@pytest.mark.parametrize("path", ["/help/", "/accessibility/"])
def test_keys_are_listed(client, path):
    keys = client.get(path).text.count('<th scope="row">')

    assert keys == 8


# what every answer carries


def test_page_keeps_scripts_and_frames_of_others_out(client):
    response = client.get("/")

    assert sorted(response["Content-Security-Policy"].split("; ")) == [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
    ]


@pytest.mark.parametrize("path", ["/", "/nope/", "/assessments/", "/healthz", "/assessments/new/"])
def test_every_answer_forbids_frames(lead, path):
    answers = [client.get(path) for client in [Client(), signed_in(lead)]]

    assert ["frame-ancestors 'none'" in answer["Content-Security-Policy"] for answer in answers] == [True, True]


@pytest.mark.parametrize("path", ["/frameworks/", "/nope/", "/assessments/", "/assessments/new/"])
def test_answers_to_the_signed_in_are_kept_nowhere(lead, path):
    response = signed_in(lead).get(path)

    assert response["Cache-Control"] == "no-store, private"


def test_unknown_address_has_a_page(client):
    response = client.get("/nope/")

    assert response.status_code == 404
    assert "There is nothing at this address, or it belongs to somebody you do not work with." in words(response)


# health checks


def test_healthz_says_ok(client):
    response = client.get("/healthz")

    assert (response.status_code, response.content, response["Content-Type"]) == (200, b"ok", "text/plain")


def test_healthz_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/healthz")


def test_readyz_says_ready(client):
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"ready": True, "lacking": []})


def test_readyz_names_a_guard_that_is_missing(client):
    with connection.cursor() as cursor:
        on = "" if connection.vendor == "sqlite" else " ON assessments_auditevent"
        cursor.execute(f"DROP TRIGGER guard_auditevent_is_append_only_update{on}")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"ready": False, "lacking": ["guard_auditevent_is_append_only_update"]}


def test_readyz_names_all_guards_when_all_are_missing(client):
    standing = sorted(guards.installed())
    guards.remove()

    response = client.get("/readyz")

    assert sorted(response.json()["lacking"]) == standing


def test_readyz_waits_for_migrations(client):
    [latest] = MigrationLoader(connection).graph.leaf_nodes("assessments")
    MigrationRecorder(connection).record_unapplied(*latest)

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {"ready": False, "lacking": ["migrations"]})


def test_readyz_says_when_the_database_does_not_answer(client):
    with transaction.atomic():
        transaction.set_rollback(True)  # from here on the connection refuses every statement
        response = client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {"ready": False, "lacking": ["database"]})


# errors


@pytest.fixture
def asked():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return request


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (RenderingFailed("The report took too long."), "The report took too long."),
        (RenderingFailed(""), "Something this page needs did not answer in time."),
    ],
)
def test_page_that_is_unavailable_says_why(asked, failure, expected):
    response = errors.unavailable(asked, failure)

    assert response.status_code == 503
    assert expected in words(response)


def test_page_that_is_forbidden_says_why(asked):
    response = errors.not_allowed(asked, NotAllowed("It is signed off."))

    assert response.status_code == 403
    assert "You cannot do this It is signed off." in words(response)


def test_page_posted_with_a_stale_form_says_so(asked):
    response = errors.csrf_failure(asked)

    assert isinstance(response, HttpResponse)
    assert (response.status_code, "This page was out of date" in words(response)) == (403, True)
