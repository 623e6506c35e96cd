"""Plain text line by line: what is no part of a list, which marker an entry bears, and which lines are one entry."""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from assessments.exceptions import ImportRejected, Problem
from assessments.importers.reading import MAX_TEXT
from assessments.importers.texts import tidied

LEFT_OUT = "left out: "
PAGE, HEAD, ADDRESS, LINK = "page number", "repeated page head", "web address", "link text"
CONTENTS, COPYRIGHT, SOURCES = "table of contents", "copyright line", "sources"
JOINED = "joined to line "

TAB = 4
MOST_HEAD, MOST_FURNITURE, MOST_WORD = 120, 300, 60
MAX_LINES = 50_000
OFTEN, NEAR = 3, 2
NARROW, FULL = 0.8, 0.9

# How a statement begins, in any list of competences of one research group and in many others.
OPENER = re.compile(
    r"(an?|the)?\s*(\w+\s)?(ability|abilities|capacity|knowledge|understanding|awareness|willingness|skill|skills)\s"
    r"(to|of|and|that|in|about|for|how|when|which|between|with)\b",
    re.IGNORECASE,
)
# Word and PDF writers draw bullets with signs of their own fonts, such as U+F0B7, and often without a space.
_DRAWN = "•\uf0a7\uf0b7\uf0d8"
_BULLET = re.compile(f"([{_DRAWN}])\\s*|([◦▪▫●○■□‣\u2043➢➤✓·∙*–—-])\\s+|(o)\\s+")
_NUMBER = re.compile(r"\(?((?:[A-Z]{1,3}\.?)?\d{1,3}(?:\.\d{1,3})*|[a-z]|[ivx]{1,5}|[A-Z])([.)]|(?=\s))\)?\s+")
_PAGE = re.compile(r"[-–—\s]*(page\s*)?\d{1,4}(\s*(of|/)\s*\d{1,4})?[-–—\s]*", re.IGNORECASE)
_ADDRESS = re.compile(r"[<(\[]?\b(?:https?://|www\.)[^\s<>\])]+[>)\]]?[.,;]?", re.IGNORECASE)
_SEE_ADDRESS = re.compile(r"\([^()]{0,40}(?:https?://|www\.)[^\s<>()]+\s*\)", re.IGNORECASE)
_LINK = re.compile(
    r"\W*(back|return|go|up|jump|link|click|follow (this|the) link|download|read more|view)\b"
    r"(\s+(to|here|the|this|top|up|on)\b)?.{0,60}",
    re.IGNORECASE,
)
_LINK_WORDS = re.compile(r"map|top|contents?|menu|home|page|here|list|index|framework|website|link", re.IGNORECASE)
_LEADER = re.compile(r".*\S\s*(\.\s?){4,}\s*\d{1,4}\s*|.*\S\s*…+\s*\d{1,4}\s*")
_COPYRIGHT = re.compile(r"(©|\(c\)|copyright\b).{0,200}", re.IGNORECASE)
_SOURCES = re.compile(r"(sources?|references?|bibliography)\s*:?", re.IGNORECASE)
# Words whose hyphen is their own, not the printer's.
_OWN_HYPHENS = (
    "self non co well long short case problem person evidence multi cross high low role decision pre post anti inter "
    "intra semi sub mid goal time cognitive follow step half part one two three client patient therapist"
)
_OWN_HYPHEN = set(_OWN_HYPHENS.split())


@dataclass
class Piece:
    """One entry as far as the lines alone tell: its text from one or more lines, and how it is set out."""

    number: int
    text: str
    indent: int = 0
    style: str = ""
    mark: str = ""
    code: str = ""
    is_after_blank: bool = False
    is_cut: bool = False
    width: int = 0
    did: list[str] = field(default_factory=list)
    fate: str = ""


def pieces(text: str) -> list[Piece]:
    """A piece for every line, in order; a line that belongs to the one before it is marked as joined to it."""
    found = [_piece(number, line) for number, line in enumerate(split(text), start=1)]
    _name_tops(found)
    _mark_pages(found)
    _mark_sources(found)
    for each, before in zip(found[1:], found, strict=False):
        each.is_after_blank = not before.text or before.fate != ""
    _join(found)
    return found


def split(text: str) -> list[str]:
    """The lines of a text. Raises ImportRejected where there are too many to look at each."""
    found = re.split(r"\r\n|[\r\n\f\v\x85\u2028\u2029]", text.removeprefix("\ufeff"))
    if len(found) > MAX_LINES:
        what = f"It has {len(found):,} lines; at most {MAX_LINES:,} are read."
        raise ImportRejected([Problem("text", what, "Split it.")])
    return found


def _piece(number: int, raw: str) -> Piece:
    wide = raw[:MAX_TEXT].expandtabs(TAB)
    piece = Piece(number, text=tidied(raw[:MAX_TEXT]), indent=len(wide) - len(wide.lstrip()), width=len(wide.rstrip()))
    piece.is_cut = len(raw) > MAX_TEXT
    if piece.text and not (fate := _fate(piece.text)):
        _take_marker(piece)
        _take_addresses(piece)
    elif piece.text:
        piece.fate = LEFT_OUT + fate
    return piece


def _fate(text: str) -> str:
    """Why a line by itself is no part of a list."""
    if len(text) > MOST_FURNITURE:
        return ""
    if _PAGE.fullmatch(text):
        return PAGE
    if not _ADDRESS.sub("", text).strip(" .,;:()[]"):
        return ADDRESS if _ADDRESS.search(text) else ""
    if _LINK.fullmatch(text) and _LINK_WORDS.search(text) and not OPENER.match(text):
        return LINK
    if _LEADER.fullmatch(text):
        return CONTENTS
    return COPYRIGHT if _COPYRIGHT.fullmatch(text) else ""


def _take_marker(piece: Piece) -> None:
    """A bullet or a number before the text tells how deep an entry lies; a number of several parts is its code."""
    if heading := re.match(r"(#{1,6})\s+", piece.text):
        piece.style, piece.text = heading[1], piece.text[heading.end() :].rstrip("# ")
    elif bullet := _BULLET.match(piece.text):
        piece.style, piece.text = (
            bullet[bullet.lastindex or 0].replace("\uf0b7", "•"),
            piece.text[bullet.end() :].strip(),
        )
    elif (number := _NUMBER.match(piece.text)) and _is_marker(number[1], number[2]):
        piece.mark = mark = number[1]
        parts = re.findall(r"\d+", mark)
        is_coded = bool(parts) and mark[0].isalpha()
        numbers = "A" * is_coded + "1" + ".1" * (len(parts) - 1)
        piece.style = numbers if parts else _lettered(mark)
        piece.code = mark if len(parts) > 1 or is_coded else ""
        piece.text = piece.text[number.end() :]
    if bold := re.fullmatch(r"(\*\*|__)(.+)\1:?", piece.text):
        piece.text, piece.style = bold[2], piece.style or "#######"


def _is_marker(mark: str, after: str) -> bool:
    """A lone letter or number begins a text as often as a list; with a point or a bracket behind it, it counts."""
    return bool(after) or "." in mark or (mark[0].isalpha() and mark[-1].isdigit())


def _lettered(mark: str) -> str:
    if mark.isupper():
        return "A"
    return "i" if re.fullmatch(r"[ivx]{2,}|i", mark) else "a"


def _take_addresses(piece: Piece) -> None:
    without = re.sub(r"\s{2,}", " ", _ADDRESS.sub("", _SEE_ADDRESS.sub("", piece.text))).strip()
    if _ADDRESS.search(piece.text):
        piece.text = re.sub(r"\s+([.,;:])", r"\1", without)
        piece.did.append("a web address was taken out")


def _name_tops(found: list[Piece]) -> None:
    """A single letter or number is a code where the codes of others begin with it: A above A1, 1 above 1.1."""
    tops = {re.split(r"(?<=[A-Z])(?=\d)|\.", piece.code)[0] for piece in found if piece.code}
    for piece in found:
        capital = re.match(r"([A-Z])\s+(?=\S)", piece.text)
        if piece.mark in tops:
            piece.code = piece.mark
        elif capital and not piece.style and not piece.fate and capital[1] in tops:
            piece.style, piece.code, piece.text = "A", capital[1], piece.text[capital.end() :]


def _mark_pages(found: list[Piece]) -> None:
    """Lines that recur beside page numbers, or with a number of their own, are heads or feet of pages."""
    real = [piece for piece in found if piece.text]
    bare = [_bare(piece.text) for piece in real]
    numbered = Counter(name for name, piece in zip(bare, real, strict=True) if name != piece.text.casefold())
    beside: Counter[str] = Counter()
    for number in range(len(real)):
        around = [*real[max(0, number - NEAR) : number], *real[number + 1 : number + 1 + NEAR]]
        beside[bare[number]] += any(each.fate == LEFT_OUT + PAGE for each in around)
    counts = Counter(bare)
    for name, piece in zip(bare, real, strict=True):
        is_often = counts[name] >= OFTEN and len(name) <= MOST_HEAD and not piece.style and not OPENER.match(piece.text)
        if is_often and not piece.fate and max(beside[name], numbered[name]) * 2 > counts[name]:
            piece.fate = LEFT_OUT + HEAD


def _bare(text: str) -> str:
    """A line without the number of its page."""
    if len(text) > MOST_HEAD:
        return text.casefold()
    return re.sub(r"^\W*\d{1,4}\W+|\W+\d{1,4}\W*$", "", text).casefold()


def _mark_sources(found: list[Piece]) -> None:
    """What stands under the heading Sources, up to a blank line or the next statement."""
    is_inside = False
    for piece in found:
        if not piece.fate and _SOURCES.fullmatch(piece.text):
            is_inside = True
        elif not piece.text or OPENER.match(piece.text):
            is_inside = False
        if is_inside and not piece.fate:
            piece.fate = LEFT_OUT + SOURCES


def _join(found: list[Piece]) -> None:
    """Soft-wrapped lines become one entry again, across page numbers and page heads too."""
    words = set(re.findall(r"[\w-]+", " ".join(piece.text for piece in found).casefold()))
    width = _wrapped_at(found)
    last: Piece | None = None
    line: Piece | None = None
    for piece in found:
        if not piece.text:
            last = None
        elif piece.fate:
            continue
        elif last and line and len(last.text) <= MAX_TEXT and _continues(line, last, piece, width):
            last.text = _together(last, piece.text, words)
            piece.fate = f"{JOINED}{last.number}"
            line = piece
        else:
            last = line = piece


def _wrapped_at(found: list[Piece]) -> int:
    """The width at which the lines of this text were broken, or 0 where they were not."""
    real = [piece for piece in found if piece.text and not piece.fate]
    wraps = [
        one.width
        for one, two in pairwise(real)
        if two.text[0].islower() and not two.style and not OPENER.match(two.text) and one.text[-1] not in ".:;!?"
    ]
    return max(wraps, default=0) if len(wraps) >= NEAR else 0


def _continues(line: Piece, last: Piece, piece: Piece, width: int) -> bool:
    """Whether a line goes on with the entry above it, whose last line so far is `line`."""
    if piece.style or OPENER.match(piece.text):
        return False
    is_small = piece.text[0].islower() or piece.text[0] in "(,"
    if line.text.endswith("-") and is_small:
        return True
    if line.text[-1] in ".:;!?":
        return False
    needed = line.width + 1 + len(piece.text.split()[0])
    if not is_small:
        return bool(width) and needed > width * FULL
    # Unmarked entries may begin small themselves, below a colon or throughout: then only a full line goes on.
    may_be_new = not last.style and (":" in last.text or (last.text[0].islower() and not OPENER.match(last.text)))
    return not may_be_new or (bool(width) and needed > width * NARROW)


def _together(last: Piece, more: str, words: set[str]) -> str:
    ending = re.search(r"([^\W\d_]+)-$", last.text[-MOST_WORD:])
    if not ending or not more[0].islower():
        last.did.append("lines were joined")
        return f"{last.text} {more}"
    start = re.match(r"[^\W\d_]+", more)
    whole = f"{ending[1]}{start[0] if start else ''}".casefold()
    hyphened = f"{ending[1]}-{start[0] if start else ''}".casefold()
    is_own = whole not in words and (hyphened in words or ending[1].casefold() in _OWN_HYPHEN)
    last.did.append("lines were joined" if is_own else "a word broken at the end of a line was joined")
    return f"{last.text if is_own else last.text[:-1]}{more}"
