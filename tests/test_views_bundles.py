"""The page of all reports of a cohort: asking, watching, taking."""

import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from time_machine import travel

from assessments.actions import bundles
from assessments.exceptions import NotAllowed
from assessments.models import RecordAccess, ReportBundle
from tests import factories
from tests.conftest import signed_in, told, words
from tests.factories import PASSWORD, make_bundle, make_ready_bundle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates", "therapist")]

PAGE, AT_MOST = "/cohort/reports/", 10


def ask(person, **changes):
    today = timezone.localdate().isoformat()
    asked = {"on": today, "kinds": ["assessments", "profiles"], "password": PASSWORD, **changes}
    return signed_in(person).post(changes.pop("page", PAGE), asked)


def post(person, name, bundle):
    return signed_in(person).post(reverse(f"report-bundle-{name}", args=[bundle.pk]))


@pytest.fixture
def bundle(lead, northfield, revision):
    return make_bundle(lead, northfield, revision)


@pytest.fixture
def ready(lead, northfield, revision, therapist):
    return make_ready_bundle(lead, northfield, revision, therapist)


def test_cohort_page_leads_here(lead):
    assert f'href="{PAGE}?organisation=' in signed_in(lead).get("/cohort/").text


def test_asking_is_answered_by_where_it_stands(lead, northfield):
    response = ask(lead)

    bundle = ReportBundle.objects.get()
    assert (bundle.asked_by, bundle.organisation, bundle.status) == (lead, northfield, "waiting")
    assert (bundle.has_assessments, bundle.has_profiles, bundle.stands_on) == (True, True, timezone.localdate())
    assert response.url.startswith(f"{PAGE}?organisation={northfield.pk}")
    assert told(response) == ["The reports are being put together. You can leave this page and come back."]


def test_programme_and_framework_are_those_of_the_cohort_page(lead, northfield):
    signed_in(lead).post(
        f"{PAGE}?programme=Year+1", {"on": timezone.localdate(), "kinds": "profiles", "password": PASSWORD}
    )

    bundle = ReportBundle.objects.get()
    assert (bundle.programme, bundle.revision.number, bundle.has_assessments) == ("Year 1", "1.0", False)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"password": "not-this-one"}, "This is not your password. Nothing was asked for."),
        ({"password": ""}, "Your password: this is missing."),
        ({"kinds": []}, "Which reports: this is missing."),
        ({"kinds": ["drafts"]}, "This is not one of the choices. Choose one that is shown."),
        ({"on": "2199-01-01"}, "This day is still to come. Choose today or an earlier one."),
        ({"on": "soon"}, "This is not a date. Write it as 30/11/2026."),
    ],
)
def test_what_is_wrong_is_said(lead, changes, sentence):
    response = ask(lead, **changes)

    assert (response.status_code, ReportBundle.objects.count()) == (200, 0)
    assert sentence in words(response)


def test_password_cannot_be_tried_for_ever(lead):
    for _ in range(10):
        ask(lead, password="not-this-one")

    response = ask(lead)

    assert (response.status_code, ReportBundle.objects.count()) == (429, 0)
    assert "Too many tries. Wait five minutes" in words(response)


def test_second_one_is_refused_with_the_reason(lead, bundle):
    response = ask(lead)

    assert "Reports that you asked for are being made." in words(response)


def test_one_that_waits_says_so(lead, bundle):
    assert "Waiting for its turn" in words(signed_in(lead).get(PAGE))


@pytest.mark.parametrize("page", [PAGE, None])
def test_progress_is_told_in_figures(lead, bundle, page):
    ReportBundle.objects.update(status="running", total=48, finished=12)

    response = signed_in(lead).get(page or bundle.get_absolute_url())

    assert "12 of 48 reports" in words(response)
    assert '<progress class="meter" value="12" max="48"' in response.text
    assert "Look again" in words(response)


def test_what_stopped_says_why(lead, northfield, revision):
    factories.make_stopped_bundle(lead, northfield, revision)

    page = words(signed_in(lead).get(PAGE))

    assert "A report could not be made." in page
    assert "Try again" in page


def test_what_is_ready_tells_size_and_end(lead, ready):
    page = words(signed_in(lead).get(PAGE))

    assert "1 report, " in page
    assert f"Kept until {timezone.localtime(ready.expires_at):%-d %B %Y, %H:%M}." in page
    assert f"SHA-256 {ready.sha256}" in page


def test_page_shows_only_one_s_own(lead, northfield, bundle):
    other = factories.make_person("Ruth Abel", "lead", northfield)

    assert "What you asked for" not in words(signed_in(other).get(PAGE))


def test_cancelled_one_is_told(lead, bundle):
    response = post(lead, "cancel", bundle)

    assert (response.url, told(response)) == (PAGE, ["Cancelled. Nothing more is made."])
    assert ReportBundle.objects.get().status == "cancelled"


def test_trying_again_waits_once_more(lead, northfield, revision):
    stopped = factories.make_stopped_bundle(lead, northfield, revision)

    response = post(lead, "again", stopped)

    assert (response.url, ReportBundle.objects.get().status) == (PAGE, "waiting")


def test_trying_again_beside_another_one_is_refused(lead, northfield, revision):
    stopped = factories.make_stopped_bundle(lead, northfield, revision)
    make_bundle(lead, northfield, revision)

    response = post(lead, "again", stopped)

    assert told(response)[0].startswith("Other reports that you asked for are being made.")


def test_download_is_the_file_that_was_promised(lead, therapist, ready):
    response = post(lead, "download", ready)

    content = b"".join(response.streaming_content)
    assert (len(content), hashlib.sha256(content).hexdigest()) == (ready.size, ready.sha256)
    assert response["Content-Length"] == str(ready.size)
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/zip", "no-store, private")
    day = ready.stands_on.isoformat()
    assert response["Content-Disposition"] == f'attachment; filename="reports-northfield-{day}.zip"'
    assert RecordAccess.objects.get().therapist == therapist


def test_download_is_not_packed_once_more(lead, ready):
    response = signed_in(lead).post(
        reverse("report-bundle-download", args=[ready.pk]), headers={"Accept-Encoding": "gzip"}
    )

    assert (response["Content-Encoding"], response["Content-Length"]) == ("identity", str(ready.size))


def test_download_of_what_expired_says_that_it_is_gone(lead, ready):
    with travel(ready.expires_at, tick=False):
        response = post(lead, "download", ready)
        page = words(signed_in(lead).get(PAGE))

    assert (response.status_code, RecordAccess.objects.count()) == (410, 0)
    assert "These reports were kept for a few days and are gone now. Ask for them again." in words(response)
    assert "Expired" in page


def test_expired_while_it_was_asked_for_is_refused(lead, ready):
    with travel(ready.expires_at, tick=False), pytest.raises(NotAllowed, match="gone now"):
        bundles.take(by=lead, bundle=ready)


def test_download_before_it_is_ready_is_refused(lead, bundle):
    assert post(lead, "download", bundle).status_code == 403


def test_lead_who_lost_the_role_downloads_nothing(lead, ready):
    client = signed_in(lead)
    factories.end_membership(lead)

    assert client.post(reverse("report-bundle-download", args=[ready.pk])).status_code == 403


def test_lead_of_another_place_by_now_downloads_nothing(lead, southbank, ready):
    factories.end_membership(lead)
    lead.memberships.create(organisation=southbank, role="lead", starts_on=factories.LONG_AGO)

    response = post(lead, "download", ready)

    assert response.status_code == 403
    assert "You do not lead Northfield at present." in words(response)


@pytest.mark.parametrize("name", ["cancel", "again", "download"])
def test_another_lead_finds_nothing(northfield, ready, name):
    other = factories.make_person("Ruth Abel", "lead", northfield)

    assert post(other, name, ready).status_code == 404


def statements(person):
    client = signed_in(person)
    client.get("/help/")  # notes when the session began
    with CaptureQueriesContext(connection) as captured:
        client.get(PAGE)
    return len(captured)


def test_list_asks_a_constant_number_of_statements(lead, northfield, revision):
    factories.make_stopped_bundle(lead, northfield, revision)
    one = statements(lead)
    for _ in range(2):
        factories.make_stopped_bundle(lead, northfield, revision)

    assert (statements(lead), one <= AT_MOST) == (one, True)
