"""Texts of other systems as plain text: HTML reduced to paragraphs and lists, spaces and breaks made regular."""

import html
import re
import unicodedata

MAX_TITLE = 300
# Where other systems cut a name: Moodle at 100, older ones at 80 with three dots.
CUT = 97

_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|center|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6r]|head"
    "|header|html|main|nav|ol|p|pre|section|table|tbody|tfoot|thead|title|tr|ul"
)
_INLINE = re.compile(
    "abbr|a|bdi|bdo|big|button|b|br|caption|cite|code|col|colgroup|del|dfn|em|font|img|input|ins|i|kbd|label|li|link"
    "|mark|meta|nobr|option|q|rp|rt|ruby|samp|select|small|span|strike|strong|sub|sup|s|td|textarea|th|time|tt|u|var"
    "|wbr|audio|video|iframe|object|embed|svg|math|canvas|base|noscript|script|style"
)
_DROPPED = ["script", "style"]
_TAG = re.compile(
    r"<!--|-->|<!\w[^<>]*>|<\?[^<>]*>"
    r"""|<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:]*+)(?P<rest>(?:[\s/](?:[^<>"']|"[^"]*"|'[^']*')*+)?)>"""
)
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{1,6}|#[xX][0-9A-Fa-f]{1,6});")
_MARKUP = re.compile(r"\$[^$\n]{1,200}\$|^ *+\|? *+-{3,}+ *+\||\*\*\w", re.MULTILINE)
_LOOSE_LIST = re.compile(r"^(- .*)\n\n(?=- )", re.MULTILINE)
_HREF = re.compile(r"""\bhref\s*=\s*["']?((?:https?://|mailto:)[^\s"'<>]+)""", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


def is_html(text: str) -> bool:
    """Whether a text of unknown kind was meant as HTML: `a < b` and `<your name>` were not."""
    return any(_is_known(tag) for tag in _TAG.finditer(text)) or bool(_ENTITY.search(text))


def _is_known(tag: re.Match[str]) -> bool:
    if tag["name"] is None:
        return True
    attributes, name = tag["rest"].strip(" /"), tag["name"].lower()
    is_name = _BLOCKS.fullmatch(name) or _INLINE.fullmatch(name) or ":" in name
    return bool(is_name) and (not attributes or "=" in attributes)


def has_markup(text: str) -> bool:
    """Whether a text looks like Markdown or TeX."""
    return bool(_MARKUP.search(text))


def has_script(text: str) -> bool:
    """Whether reducing the HTML leaves out what is no text: scripts and style sheets."""
    return any(tag["name"] and tag["name"].lower() in _DROPPED for tag in _TAG.finditer(text))


def plain(text: str) -> str:
    """HTML as plain text: blank lines between paragraphs, `- ` before list entries, addresses behind their links."""
    page = _Page()
    end = 0
    for tag in _TAG.finditer(text):
        page.say(text[end : tag.start()])
        end = tag.end()
        if _is_known(tag):
            page.see(tag)
        else:
            page.say(tag[0])
    page.say(text[end:])
    return _LOOSE_LIST.sub(r"\1\n", "".join(page.parts))


class _Page:
    """Puts text together; breaks and bullets are written only when text follows them."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.breaks = 0
        self.bullet = False
        self.space = False
        self.skipping = ""
        self.links: list[str] = []

    def say(self, text: str) -> None:
        if self.skipping or not text:
            return
        words = re.sub(r"\s+", " ", html.unescape(text))
        if not words.strip():
            self.space = True
            return
        if self.parts:
            self.parts.append("\n" * self.breaks or " " * (self.space or words[0] == " "))
        self.parts.append("- " * self.bullet + words.strip())
        self.breaks, self.bullet, self.space = 0, False, words[-1] == " "

    def see(self, tag: re.Match[str]) -> None:
        name, is_end = (tag["name"] or tag[0]).lower(), bool(tag["end"])
        if self.skipping:
            self.skipping = "" if self._ends_what_is_skipped(name, is_end) else self.skipping
        elif name == "<!--" or (name in _DROPPED and not is_end):
            self.skipping = name
        elif name == "li":
            self._break(1)
            self.bullet = not is_end
        elif name == "br" or _BLOCKS.fullmatch(name):
            self._break(1 if name == "br" or self._is_in_a_list(name) else 2)
        elif name in {"a", "img", "sup", "sub", "td", "th"}:
            self._inline(name, is_end, tag["rest"])

    def _ends_what_is_skipped(self, name: str, is_end: bool) -> bool:
        return name == "-->" if self.skipping == "<!--" else is_end and name == self.skipping

    def _is_in_a_list(self, name: str) -> bool:
        """A table's row and a list inside an entry follow closely."""
        return name == "tr" or self.bullet

    def _break(self, lines: int) -> None:
        if not self.bullet:
            self.breaks = max(self.breaks, lines)

    def _inline(self, name: str, is_end: bool, attributes: str) -> None:
        if name == "a":
            self._link(is_end, attributes)
        elif name == "img":
            alternative = _ALT.search(attributes)
            self.say(alternative[1] or alternative[2] or "" if alternative else "")
        elif name in {"td", "th"}:
            self.space = True
        elif not is_end:
            self.say("^" if name == "sup" else "_")

    def _link(self, is_end: bool, attributes: str) -> None:
        if not is_end:
            found = _HREF.search(attributes)
            self.links.append(html.unescape(found[1]) if found else "")
            return
        address = self.links.pop() if self.links else ""
        if address and not "".join(self.parts[-1:]).endswith(address):
            self.say(f" ({address})")


def is_cut(short: str, long: str) -> bool:
    """Whether a name only begins the text that stands beside it."""
    return _words(long).startswith(_words(short.rstrip(" .…")))


def titled(short: str, long: str) -> tuple[str, str, str]:
    """Title, text and guidance out of a name and a description.

    A name that only begins the description is no statement of its own. Where a machine cut it, the description is
    the title too, as far as one may be so long.
    """
    if not long or not short:
        return short, long, ""
    if not is_cut(short, long):
        return short, short, long
    is_whole = len(long) <= MAX_TITLE and "\n" not in long
    return (long if was_cut(short, long) and is_whole else short), long, ""


def was_cut(short: str, long: str) -> bool:
    """Whether a machine shortened the name, rather than a person."""
    return is_cut(short, long) and len(short) < len(long) and (len(short) >= CUT or short.endswith(("...", "…")))


def without_code(title: str, code: str) -> str:
    """The title without its code in front, as some systems have only one field for both."""
    rest = title.removeprefix(code)
    if not code or rest == title or not re.match(r"[\s:.–—-]", rest):
        return title
    return rest.lstrip(" :.–—-\t\n") or title


def slug(text: str, most: int = 60) -> str:
    """The letters and digits of a text as a lower-case address."""
    plain_letters = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain_letters)[:most].strip("-")


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()
