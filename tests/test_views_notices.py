"""The page on which people switch their own e-mails on and off."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import AuditEvent, Digest, User
from tests.conftest import signed_in, told, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

PAGE = "/accounts/notices/"
SENT_AT = datetime.datetime(2026, 7, 1, 7, 5, tzinfo=datetime.UTC)


def make_digest(person, **facts):
    values = {"on": SENT_AT.date(), "subject": "2 things to look at", "attempts": 1, **facts}
    return Digest.objects.create(person=person, created_at=SENT_AT, next_try_at=SENT_AT, **values)


def test_page_says_that_they_are_on_and_where_they_go(therapist):
    page = words(signed_in(therapist).get(PAGE))

    assert f"They are switched on. One message a day at most goes to {therapist.email}." in page
    assert "Switch e-mails off" in page
    assert "Nothing was sent yet." in page


def test_page_lists_what_was_sent_in_uk_time(therapist, supervisor):
    make_digest(therapist, sent_at=SENT_AT)
    make_digest(therapist, on=timezone.localdate(), subject="It waits")
    make_digest(supervisor, subject="Somebody else\u2019s", sent_at=SENT_AT)

    page = words(signed_in(therapist).get(PAGE))

    assert "Sent Subject 1 July 2026, 08:05 2 things to look at" in page
    assert ("It waits" in page, "Somebody else" in page) == (False, False)


@pytest.mark.parametrize(("sent", "expected"), [("on", True), ("off", False), ("", False), ("true", False)])
def test_e_mails_are_on_only_by_that_word(therapist, sent, expected):
    response = signed_in(therapist).post(PAGE, {"has_digest": sent})

    assert response.url == PAGE
    assert told(response) == [f"E-mails are switched {'on' if expected else 'off'}."]
    assert User.objects.get(pk=therapist.pk).has_digest is expected


def test_switch_shows_the_other_way_once_they_are_off(therapist):
    client = signed_in(therapist)
    client.post(PAGE)

    page = client.get(PAGE)

    assert f"They are switched off. None goes to {therapist.email}." in words(page)
    assert '<input type="hidden" name="has_digest" value="on">' in page.text


def test_switching_is_recorded(therapist):
    signed_in(therapist).post(PAGE)

    event = AuditEvent.objects.latest("id")
    assert (event.type, event.by, event.person, event.data) == (
        "person_changed",
        therapist,
        therapist,
        {"has_digest": False},
    )


@pytest.mark.parametrize("page", ["home", "privacy"])
def test_page_is_found_from_the_menu_and_the_privacy_page(lead, page):
    html = signed_in(lead).get(reverse(page), follow=True).text

    assert f'href="{PAGE}"' in html


def test_privacy_page_links_it_to_nobody_who_is_not_signed_in(client):
    assert f'href="{PAGE}"' not in client.get("/privacy/").text
