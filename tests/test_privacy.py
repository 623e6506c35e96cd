import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.privacy import identifying, warning
from tests.pace import allowed

LONG = 10_000
KINDS = {"an NHS number", "a phone number", "an e-mail address", "a date of birth"}


@pytest.mark.parametrize("text", ["943 476 5919", "943-476-5919", "NHS 9434765919.", "943 4765919"])
def test_nhs_number_is_seen(text):
    assert identifying(text) == ["an NHS number"]


@pytest.mark.parametrize("text", ["07700 900123", "call 020 7946 0958 at six", "0113 496 0000", "+44 7700 900 123"])
def test_phone_number_is_seen(text):
    assert identifying(text) == ["a phone number"]


@pytest.mark.parametrize("text", ["jo.bell@example.org", "wrote to <a_b+c@mail.example.co.uk>, twice"])
def test_email_address_is_seen(text):
    assert identifying(text) == ["an e-mail address"]


@pytest.mark.parametrize(
    "text", ["Born in Leeds", "D.O.B. unknown", "dob", "date of birth given", "12/03/1985", "1.2.2001", "12-3-1985"]
)
def test_date_of_birth_is_seen(text):
    assert identifying(text) == ["a date of birth"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Case 2, session 7 of 16, 50 minutes.",
        "PHQ-9 fell from 18 to 11 over 4 weeks.",
        "Stubborn; a newborn at home.",
        "In 2019 and 2020 she moved twice.",
        "Sees him @ work.",
        "12345678901234567890",
        "Competences S2.8 and S7.3, levels 3 / 4.",
    ],
)
def test_ordinary_note_is_not_suspected(text):
    assert identifying(text) == []


def test_kinds_are_all_named_in_order():
    text = "943 476 5919, 07700 900123, jo@example.org, born 12/03/1985"

    assert identifying(text) == ["an NHS number", "a phone number", "an e-mail address", "a date of birth"]


def test_warning_of_harmless_texts_is_empty():
    assert warning("Named two stages.", "") == ""


def test_warning_of_no_texts_is_empty():
    assert warning() == ""


def test_warning_names_the_kind():
    assert warning("jo@example.org") == (
        "This looks as if it holds an e-mail address. Nothing here may identify the client; please look again."
    )


def test_warning_names_each_kind_once():
    assert warning("jo@example.org", "al@example.org and 943 476 5919", "born in May") == (
        "This looks as if it holds an e-mail address, an NHS number and a date of birth. "
        "Nothing here may identify the client; please look again."
    )


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read(text):
    assert set(identifying(text)) <= KINDS


@pytest.mark.parametrize(
    "unit", ["a", "1", "1-", "0 ", "a@", "a.b", "b@b.b ", "@", "1/1/", "born", "a@b.", "+44 ", "12 ", "\n"]
)
def test_long_text_is_read_within_100_ms(unit):
    text = (unit * LONG)[:LONG]
    started = time.process_time()

    identifying(text)

    assert time.process_time() - started < allowed(0.1)
