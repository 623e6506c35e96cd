"""The server itself, without a browser: what it does with a body before any of it has come."""

import http.client
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from ipt.middleware import LARGEST_BODY

pytestmark = pytest.mark.browser


def answer_to_announcing(server, length):
    """Status and text of the answer to a request that says how long its body will be, and never sends it."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
    connection.putrequest("POST", "/accounts/login/")
    connection.putheader("Content-Type", "application/x-www-form-urlencoded")
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    with closing(connection), connection.getresponse() as response:
        return response.status, response.read().decode()


def test_body_too_large_is_answered_before_it_comes(reading_server):
    status, text = answer_to_announcing(reading_server, LARGEST_BODY + 1)

    assert status == 413
    assert "What you sent is larger than 25 MB and was not read." in text


def test_body_too_large_for_a_form_is_answered_before_it_comes(reading_server):
    status, _ = answer_to_announcing(reading_server, LARGEST_BODY)

    assert status in {400, 403}
