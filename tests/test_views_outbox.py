from uuid import uuid4

import pytest
from django.urls import reverse

from assessments.actions import outbox
from assessments.models import OutboxKey
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

JSON = {"Accept": "application/json"}
DEVICE = "5f0c1a52-8f0e-4a52-9a55-6c1d2f0b7e31"


@pytest.fixture
def client(supervisor):
    return signed_in(supervisor)


@pytest.fixture
def url(draft):
    return reverse("outbox", args=[draft.pk])


@pytest.fixture
def waiting(draft, supervisor):
    """A draft ready to be shared, of which a device keeps two answers."""
    factories.rate(draft, "S2.1", 3)
    outbox.open_outbox(by=supervisor, assessment_id=draft.pk)
    outbox.report_unsent(by=supervisor, assessment_id=draft.pk, device=uuid4(), unsent=2)
    return draft


def key_text():
    return OutboxKey.objects.get().key


def test_outbox_names_the_person_and_hands_out_the_key(client, url, supervisor):
    response = client.post(url, headers=JSON)

    assert response.json() == {"person": str(supervisor.pk), "key": key_text()}
    assert response["Cache-Control"] == "no-store, private"


def test_outbox_answers_in_json_to_whoever_is_signed_out(client, url):
    client.logout()

    assert client.post(url, headers=JSON).status_code == 401


def test_outbox_takes_a_report(client, url, draft, supervisor):
    client.post(url, {"device": DEVICE, "unsent": "3"}, headers=JSON)

    event = draft.events.latest("id")
    assert (event.type, event.data) == ("unsent_reported", {"device": DEVICE, "unsent": 3})


@pytest.mark.parametrize(("device", "unsent"), [("mine", "1"), (DEVICE, "-1"), (DEVICE, "lots")])
def test_outbox_refuses_nonsense(client, url, draft, device, unsent):
    response = client.post(url, {"device": device, "unsent": unsent}, headers=JSON)

    assert response.status_code == 422
    assert response.json()["message"] == "This is no report of unsent answers."
    assert not OutboxKey.objects.exists()


def test_outbox_takes_no_half_report(client, url, draft):
    assert client.post(url, {"device": DEVICE}, headers=JSON).status_code == 200

    assert draft.events.latest("id").type == "outbox_opened"


def test_rating_page_brings_the_key_of_its_person(client, url, draft):
    client.post(url, headers=JSON)

    response = client.get(reverse("assessment-rate", args=[draft.pk, "S2"]))

    assert f'data-outbox-key="{key_text()}"' in response.text


def test_rating_page_makes_no_key(client, draft):
    response = client.get(reverse("assessment-rate", args=[draft.pk, "S2"]))

    assert 'data-outbox-key=""' in response.text
    assert not OutboxKey.objects.exists()


@pytest.mark.parametrize(("person", "status"), [("supervisor", 200), ("therapist", 401), ("nonsense", 401)])
def test_answer_from_the_page_of_somebody_else_is_not_taken(request, client, draft, person, status):
    whose = person if person == "nonsense" else request.getfixturevalue(person).pk
    save = reverse("rating-save", args=[draft.pk, "S2.1"])

    response = client.post(save, {"version": "0", "answer": "3", "person": whose}, headers=JSON)

    assert response.status_code == status
    assert draft.ratings.count() == (status == 200)


def test_share_page_tells_what_a_device_keeps(client, waiting):
    page = client.get(reverse("assessment-share", args=[waiting.pk]))

    assert "2 answers of yours have not reached the server." in words(page)
    assert "Go on without what that browser keeps" in words(page)


def test_share_refuses_and_offers_to_go_on(client, waiting):
    address = reverse("assessment-share", args=[waiting.pk])

    refused = client.post(address)
    done = client.post(address, {"leave": "on"})

    assert "It cannot be shared yet 2 answers of yours have not reached the server." in words(refused)
    assert "Go on without what that browser keeps" in words(refused)
    assert done.status_code == 302


def test_sign_off_refuses_and_goes_on_when_told_to(client, waiting, supervisor):
    client.post(reverse("assessment-share", args=[waiting.pk]), {"leave": "on"})
    outbox.report_unsent(by=supervisor, assessment_id=waiting.pk, device=uuid4(), unsent=1)
    address = reverse("assessment-sign-off", args=[waiting.pk])

    refused = client.post(address, {"password": factories.PASSWORD})
    done = client.post(address, {"password": factories.PASSWORD, "leave": "on"})

    assert "1 answer of yours has not reached the server." in words(refused)
    assert done.status_code == 302
    assert waiting.signatures.count() == 1


def test_history_tells_what_was_left_behind(client, waiting, supervisor):
    outbox.leave_behind(by=supervisor, assessment=waiting)

    page = words(client.get(reverse("assessment-history", args=[waiting.pk])))

    assert "Answers waiting on a device Not yet sent before: 2 after: 0" in page
    assert "Unsent answers may be kept on a device" in page


@pytest.mark.parametrize(("said", "header"), [({"wipe": "on"}, '"cache", "storage"'), ({}, None)])
def test_sign_out_wipes_the_browser_only_when_nothing_is_kept(client, said, header):
    response = client.post(reverse("account_logout"), said)

    assert response.status_code == 302
    assert response.get("Clear-Site-Data") == header
