import pytest

from assessments.importers import texts

PILE = "e" + "\u0301\u0323" * 6


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("  a  ", "a"),
        (" a\r\nb\rc\u2028d ", "a\nb\nc\nd"),
        ("a\u00a0b\u200bc", "a bc"),
        ("Zoe\u0308", "Zo\u00eb"),
        (PILE, PILE),
    ],
)
def test_text_is_tidied(raw, text):
    assert texts.tidied(raw) == text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a\x00b", "It holds a control character (U+0000)."),
        ("a\x7fb", "It holds a control character (U+007F)."),
        ("a\ud800b", "It holds a control character (U+D800)."),
        ("caf\ufffd", "It holds a character that an earlier program could not read (U+FFFD)."),
        (PILE, "It piles more than 10 marks on one letter."),
        ("x" * 20_001, "It has 20,001 characters; at most 20,000 are read."),
    ],
)
def test_text_that_cannot_be_kept_has_a_fault(text, what):
    assert texts.fault(text)[0] == what


def test_fault_of_length_goes_by_the_limit_given():
    assert texts.fault("12345", 4) == ("It has 5 characters; at most 4 are read.", "Shorten it.")


@pytest.mark.parametrize("text", ["plain", "two\nlines", "\u00e9t\u00e9", "e" + "\u0323" * 10, "x" * 20_000])
def test_text_without_a_fault_has_none(text):
    assert texts.fault(text) is None
