import pytest
from django.urls import reverse

from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


def over_time(person, code="S2", reader=None, **query):
    return signed_in(reader or person).get(reverse("therapist-activity", args=[person.pk, code]), query)


def test_page_says_in_a_sentence_what_was_rated(supervisor, therapist, revision):
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 2, "S2.2": 4}, days=40)
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 3}, days=2)

    assert "S2: 3 ratings on 2 occasions by 1 supervisor, from Emerging to Competent." in words(over_time(therapist))
