import pytest

from assessments.importers import prose


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>lines</p>", "One\n\nTwo\nlines"),
        ("Look:<ul><li><p>a</p></li><li>b <b>c</b>d</li></ul>End", "Look:\n\n- a\n- b cd\n\nEnd"),
        ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "- a\n- b\n- c"),
        ("  spaces\n and  breaks ", "spaces and breaks"),
        ("x<sup>2</sup> and H<sub>2</sub>O", "x^2 and H_2O"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ('<a href="https://example.org/?a=1&amp;b">Source</a>.', "Source (https://example.org/?a=1&b)."),
        ('<a href="https://example.org/">https://example.org/</a>', "https://example.org/"),
        ('<a href="javascript:alert(1)">Click</a></a>', "Click"),
        ('<img src="x.png" alt="A chart"> <img alt=\'\'><img>Text', "A chart Text"),
        ("a<script>alert('<p>x</p>')</script>b<style>p {}</style>c<!-- no <p>d</p> -->e", "abce"),
        ("<script>alert(1)", ""),
        ("5 &lt; 6 &amp; 7&nbsp;m", "5 < 6 & 7 m"),
        ("a < b, <your name>, <b and c>", "a < b, <your name>, <b and c>"),
        ("<o:p>Word</o:p><!DOCTYPE html><?xml?>", "Word"),
        ("a <b>b</b> c", "a b c"),
        ("a<b> b</b>", "a b"),
    ],
)
def test_html_becomes_plain_text(html, text):
    assert prose.plain(html) == text


@pytest.mark.parametrize("text", ["<p>a", "a<br/>b", "x &lt; y", "<o:p>", '<span class="x">', "<!-- a -->"])
def test_html_is_told_from_text(text):
    assert prose.is_html(text)


@pytest.mark.parametrize("text", ["a < b > c", "<your name>", "<b and c>", "R&D; x & y", "a &b c"])
def test_text_is_told_from_html(text):
    assert not prose.is_html(text)


@pytest.mark.parametrize("text", ["$x^2$", "| --- | --- |", "| a |\n --- |", "**bold**"])
def test_markup_is_recognised(text):
    assert prose.has_markup(text)


def test_plain_text_has_no_markup():
    assert not prose.has_markup("It costs $5 - or ** more.")


CUT = "Listens with attention to what is said and " + "to what is left unsaid " * 4


@pytest.mark.parametrize(
    ("name", "description", "found"),
    [
        ("Listening", "", ("Listening", "", "")),
        ("", "Listens well.", ("", "Listens well.", "")),
        ("Listening", "Hears what is said.", ("Listening", "Listening", "Hears what is said.")),
        ("Listening", "Listening is hearing.", ("Listening", "Listening is hearing.", "")),
        ("Listens wi...", "Listens  with care.", ("Listens  with care.", "Listens  with care.", "")),
        (CUT[:100], CUT, (CUT, CUT, "")),
        (CUT[:100], CUT + "x" * 300, (CUT[:100], CUT + "x" * 300, "")),
        ("A...", "A\n\nB", ("A...", "A\n\nB", "")),
    ],
)
def test_name_and_description_are_told_apart(name, description, found):
    assert prose.titled(name, description) == found


@pytest.mark.parametrize(
    ("title", "code", "found"),
    [
        ("1.1 - Listening", "1.1", "Listening"),
        ("A1: Listening", "A1", "Listening"),
        ("1.10 Listening", "1.1", "1.10 Listening"),
        ("Listening", "1.1", "Listening"),
        ("A1 -", "A1", "A1 -"),
        ("A1", "A1", "A1"),
        ("Listening", "", "Listening"),
    ],
)
def test_code_in_front_of_a_title_is_left_out(title, code, found):
    assert prose.without_code(title, code) == found


@pytest.mark.parametrize(("text", "slug"), [("Über uns, 2. Teil", "uber-uns-2-teil"), ("—", ""), ("a" * 70, "a" * 60)])
def test_slug_is_an_address(text, slug):
    assert prose.slug(text) == slug
