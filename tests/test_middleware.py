import contextvars
import datetime
import logging
import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils import timezone

from ipt.middleware import LARGEST_BODY, RequestIdFilter, body_limit, request_id
from tests.conftest import signed_in, words

pytestmark = pytest.mark.django_db

HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}


def broken(request):
    raise RuntimeError("A fault for the test.")


urlpatterns = [path("broken", broken), path("", include("assessments.urls"))]


def logged_id():
    record = logging.LogRecord("ipt", logging.INFO, __file__, 1, "message", None, None)
    RequestIdFilter().filter(record)
    return record.request_id


@pytest.fixture
def answers(therapist, admin):
    """One response of every kind."""
    unsafe = Client(raise_request_exception=False)
    return {
        "page": unsafe.get("/"),
        "plain text": unsafe.get("/healthz"),
        "JSON": unsafe.get("/readyz"),
        "redirect": unsafe.get("/assessments/"),
        "wrong host": unsafe.get("/", headers={"host": "elsewhere.example"}),
        "not allowed": signed_in(therapist).get("/manage/people/"),
        "forged form": Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a", "password": "b"}),
        "not found": unsafe.get("/nowhere/"),
        "wrong method": signed_in(admin).get(f"/manage/people/{admin.pk}/memberships/"),
        "fault": unsafe.get("/broken"),
        "too large": unsafe.post("/broken", headers={"content-length": str(LARGEST_BODY + 1)}),
    }


@pytest.mark.urls(__name__)
def test_every_kind_of_response_carries_the_headers(answers):
    statuses = {kind: answer.status_code for kind, answer in answers.items()}
    carried = {kind: {name: answer.get(name) for name in HEADERS} for kind, answer in answers.items()}

    assert statuses == {
        "page": 200,
        "plain text": 200,
        "JSON": 200,
        "redirect": 302,
        "wrong host": 400,
        "not allowed": 403,
        "forged form": 403,
        "not found": 404,
        "wrong method": 405,
        "fault": 500,
        "too large": 413,
    }
    assert carried == dict.fromkeys(answers, HEADERS)


@pytest.mark.urls(__name__)
def test_every_kind_of_response_carries_the_content_policy(answers):
    policies = {kind: set(answer.get("Content-Security-Policy", "").split("; ")) for kind, answer in answers.items()}

    assert policies == dict.fromkeys(answers, POLICY)


def test_page_refuses_to_be_framed(client):
    assert client.get("/")["X-Frame-Options"] == "DENY"


@pytest.mark.urls(__name__)
def test_every_kind_of_response_carries_a_request_id(answers):
    ids = [answer.get("X-Request-ID", "") for answer in answers.values()]

    assert [bool(re.fullmatch("[0-9a-f]{32}", each)) for each in ids] == [True] * 11
    assert len(set(ids)) == 11


@pytest.mark.parametrize("offered", ["abcdefgh", "3f2b8c1e-0d5a-4c7e-9b1a-2f3e4d5c6b7a", "A" * 64])
def test_request_id_of_the_proxy_is_kept(client, offered):
    assert client.get("/healthz", headers={"x-request-id": offered})["X-Request-ID"] == offered


@pytest.mark.parametrize(
    "offered",
    ["", "short", "A" * 65, "with space", "abcdefgh\r\nSet-Cookie: a=b", "abcdefgh\n", "under_score", "naïve-identity"],
)
def test_request_id_that_may_do_harm_is_replaced(client, offered):
    answered = client.get("/healthz", headers={"x-request-id": offered})["X-Request-ID"]

    assert re.fullmatch("[0-9a-f]{32}", answered)


def test_request_id_stands_on_the_log_lines_of_its_request():
    seen = []

    def view(request):
        seen.append(logged_id())
        return HttpResponse()

    for offered in ["first-request", "second-request"]:
        request_id(view)(RequestFactory().get("/", headers={"x-request-id": offered}))

    assert seen == ["first-request", "second-request"]


def test_log_line_outside_a_request_has_no_id():
    assert contextvars.Context().run(logged_id) == "-"


@pytest.mark.parametrize("address", ["/", "/frameworks/", "/nowhere/", "/assessments/", "/manage/people/", "/healthz"])
def test_page_of_somebody_signed_in_is_stored_nowhere(supervisor, address):
    assert signed_in(supervisor).get(address)["Cache-Control"] == "no-store, private"


def test_page_that_sets_a_cookie_is_stored_nowhere(client):
    response = client.get("/accounts/login/")

    assert (set(response.cookies), "no-store" in response["Cache-Control"]) == ({"csrftoken"}, True)


@pytest.mark.parametrize("address", ["/", "/frameworks/", "/frameworks/ipt/", "/healthz"])
def test_public_page_may_be_stored(client, address):
    response = client.get(address)

    assert (response.has_header("Cache-Control"), dict(response.cookies)) == (False, {})


class Unread:
    """A body that fails the test when anybody reads it."""

    def read(self, *arguments):
        pytest.fail("The body was read.")

    readline = read


def test_body_that_is_too_large_is_answered_unread(admin, django_assert_num_queries):
    client = signed_in(admin)

    with django_assert_num_queries(0):
        response = client.post(
            "/manage/people/new/", headers={"content-length": str(LARGEST_BODY + 1)}, **{"wsgi.input": Unread()}
        )

    assert response.status_code == 413
    assert "What you sent is larger than 25 MB and was not read. Nothing was changed." in words(response)


@pytest.mark.parametrize("length", ["", "0", str(LARGEST_BODY), "-1", "9" * 5000, "many", "²"])
def test_body_that_does_not_say_it_is_too_large_is_passed_on(length):
    passed = body_limit(lambda request: HttpResponse("passed on"))

    response = passed(RequestFactory().get("/", headers={"content-length": length}))

    assert response.content == b"passed on"


def test_file_of_20_mb_passes_the_limits_of_other_bodies(admin):
    upload = SimpleUploadedFile("list.csv", b"a" * 20 * 1024**2)

    assert signed_in(admin).post("/manage/people/new/", {"file": upload}).status_code == 200


@pytest.mark.parametrize(("size", "status"), [(1024**2 - 100, 200), (1024**2 + 1, 400)])
def test_other_bodies_keep_to_one_megabyte(admin, size, status):
    response = signed_in(admin).post(
        "/manage/people/new/", "name=" + "a" * size, content_type="application/x-www-form-urlencoded"
    )

    assert response.status_code == status


def test_session_lasts_two_hours_from_the_last_request(supervisor):
    client, now = signed_in(supervisor), timezone.now()
    statuses = []

    for minutes in [90, 180, 301]:
        with time_machine.travel(now + timezone.timedelta(minutes=minutes), tick=False):
            statuses.append(client.get("/therapists/").status_code)

    assert statuses == [200, 200, 302]


def test_session_ends_twelve_hours_after_signing_in(therapist):
    client = signed_in(therapist)
    with time_machine.travel(timezone.now(), tick=False) as now:
        client.get("/assessments/")
        for _ in range(7):
            now.shift(datetime.timedelta(minutes=105))
            last = client.get("/assessments/").status_code

    assert last == 302


def test_session_in_use_outlives_two_hours(therapist):
    client = signed_in(therapist)
    with time_machine.travel(timezone.now(), tick=False) as now:
        client.get("/assessments/")
        for _ in range(3):
            now.shift(datetime.timedelta(minutes=105))
            last = client.get("/assessments/").status_code

    assert last == 200


def test_session_left_alone_ends_after_two_hours(therapist):
    client = signed_in(therapist)
    with time_machine.travel(timezone.now(), tick=False) as now:
        client.get("/assessments/")
        now.shift(datetime.timedelta(minutes=121))
        last = client.get("/assessments/").status_code

    assert last == 302
