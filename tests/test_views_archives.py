import io
import zipfile
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import AuditEvent
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

BUTTON = "Download everything held about me"


def url(person):
    return reverse("therapist-archive", args=[person.pk])


def test_archive_is_a_file_to_keep(therapist, signed):
    response = signed_in(therapist).post(url(therapist))

    assert (response.status_code, response["Content-Type"]) == (200, "application/zip")
    assert response["Content-Disposition"] == (
        f'attachment; filename="everything-held-about-me-{timezone.localdate().isoformat()}.zip"'
    )
    assert response["Cache-Control"] == "no-store, private"
    assert "person.json" in zipfile.ZipFile(io.BytesIO(response.content)).namelist()


def test_archive_is_noted_in_the_history(therapist):
    signed_in(therapist).post(url(therapist))

    event = AuditEvent.objects.get(type="archive_downloaded")

    assert (event.by, event.person, event.data) == (therapist, therapist, {"with_drafts": False})


@pytest.mark.parametrize("name", ["supervisor", "lead", "admin"])
def test_everybody_has_an_archive_of_their_own(request, name):
    person = request.getfixturevalue(name)

    assert signed_in(person).post(url(person)).status_code == 200


@pytest.mark.parametrize("name", ["supervisor", "lead", "admin"])
def test_archive_of_somebody_else_is_refused_with_the_reason(request, therapist, name):
    response = signed_in(request.getfixturevalue(name)).post(url(therapist))

    assert response.status_code == 403
    assert "Only the person themselves downloads everything that is held about them." in words(response)
    assert not AuditEvent.objects.filter(type="archive_downloaded").exists()


@pytest.mark.parametrize("name", ["other_therapist", "outside_lead", "outside_admin"])
def test_outsider_finds_no_archive(request, therapist, name):
    client = signed_in(request.getfixturevalue(name))

    assert [client.post(address).status_code for address in [url(therapist), f"/therapists/{uuid4()}/archive.zip"]] == [
        404,
        404,
    ]


def test_archive_of_a_supervisor_is_missing_for_who_only_knows_them(lead, supervisor):
    assert signed_in(lead).post(url(supervisor)).status_code == 404


@pytest.mark.parametrize("name", ["therapist", "therapist-accesses"])
def test_own_pages_offer_the_archive(therapist, name):
    response = signed_in(therapist).get(reverse(name, args=[therapist.pk]))

    assert BUTTON in words(response)
    assert f'action="{url(therapist)}"' in response.text


def test_profile_of_somebody_else_offers_no_archive(supervisor, therapist):
    response = signed_in(supervisor).get(reverse("therapist", args=[therapist.pk]))

    assert BUTTON not in words(response)


def test_privacy_page_offers_the_archive_to_who_is_signed_in(supervisor):
    pages = [client.get(reverse("privacy")) for client in [signed_in(supervisor), Client()]]

    assert [BUTTON in words(page) for page in pages] == [True, False]
    assert f'action="{url(supervisor)}"' in pages[0].text


def test_draft_stays_hidden_in_the_file(therapist, draft):
    factories.rate(draft, "S2.1", 1, note="Wept when the lighthouse was named.")

    response = signed_in(therapist).post(url(therapist))

    with zipfile.ZipFile(io.BytesIO(response.content)) as file:
        assert [name for name in file.namelist() if b"lighthouse" in file.read(name)] == []
