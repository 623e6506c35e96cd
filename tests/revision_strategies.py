"""Any revision that the project's own format can hold, texts of the most awkward kind included."""

from hypothesis import strategies as st

from assessments.importers import own_revision
from assessments.revisions import (
    ActivityData,
    CompetenceData,
    DomainData,
    LevelData,
    LineageData,
    PageData,
    PointData,
    RevisionData,
    ScaleData,
)

AWKWARD = [
    "- a list",
    "# a remark",
    "key: value",
    "ends with a colon:",
    "=1+1",
    "'=1+1",
    "''@SUM(A1)",
    "'tis",
    "+44",
    "-",
    "@home",
    '"quoted"',
    "a\r\nb\rc",
    "a\n\n\n  b \n\tc",
    "\ttab",
    "one  two   three " * 20 + "end",
    "A sentence. Another one! And a third? " * 12 + "The end.",
    "x" * 300 + " " + "y" * 300,
    "\u2028line\u2029paragraph\x85next",
    "\ufeffmark",
    "\U0001f600 \uffff \xa0",
    "no",
    "~",
    "1e3",
    "---",
    "...",
    "%TAG",
    "{a: b}",
    "[x]",
    "a;b,c|d",
    "\\x41 \\n",
    "`back`",
    "&anchor *alias !tag",
]
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x7f\ufffd")


def is_told(text):
    """Neither blank nor surrounded by space nor holding what is refused as unprintable."""
    return bool(text) and text == text.strip() and not any(sign < " " and sign not in "\t\n\r" for sign in text)


TEXTS = st.one_of(st.text(LETTERS, min_size=1, max_size=40), st.sampled_from(AWKWARD)).map(str.strip).filter(is_told)
BLANKS = st.just("") | TEXTS
SHORT = TEXTS.map(lambda text: text[:10].strip()).filter(is_told)
LINES = BLANKS.map(lambda text: text[:200].strip())
KEYS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,8}", fullmatch=True)
CODES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True)
KEPT = st.dictionaries(
    TEXTS,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
        lambda one: st.lists(one, max_size=2),
    ),
    max_size=2,
)


class Names:
    """Keys and codes, each used once in its kind."""

    def __init__(self, draw):
        self.draw, self.used = draw, set()

    def node(self, word):
        return {
            "key": self._unused(word, "key", KEYS),
            "code": self._unused(word, "code", CODES),
            "source_id": self.draw(LINES),
            "kept": self.draw(KEPT),
        }

    def _unused(self, word, name, values):
        value = self.draw(values.filter(lambda value: (word, name, value.casefold()) not in self.used))
        self.used.add((word, name, value.casefold()))
        return value


@st.composite
def revisions(draw):
    names = Names(draw)
    domains = [domain(draw, names) for _ in range(draw(st.integers(1, 2)))]
    data = draw(
        st.builds(
            RevisionData,
            framework=KEYS,
            framework_title=SHORT,
            number=CODES,
            title=SHORT,
            scale=scales(),
            domains=st.just(domains),
            language=SHORT,
            summary=BLANKS,
            authors=BLANKS,
            commissioner=BLANKS,
            issued_on=st.just("") | st.dates().map(str),
            source_name=LINES,
            source_url=LINES,
            rights_holder=LINES,
            licence=LINES,
            attribution=BLANKS,
            notice=BLANKS,
            is_redistributable=st.booleans(),
            pages=st.lists(st.builds(PageData, KEYS, SHORT, TEXTS, TEXTS), max_size=2, unique_by=lambda page: page.key),
            previous=CODES,
            source_id=LINES,
            kept=KEPT,
        )
    )
    data.lineage.extend(draw(st.lists(lineages([row.key for row in data.all_competences()]), max_size=3)))
    return data


@st.composite
def scales(draw):
    levels = draw(
        st.lists(
            st.builds(LevelData, SHORT, SHORT, BLANKS, BLANKS, BLANKS, BLANKS),
            min_size=2,
            max_size=9,
            unique_by=(lambda level: level.value, lambda level: level.label),
        )
    )
    return ScaleData(
        key=draw(KEYS),
        version=draw(st.integers(0, 99999)),
        name=draw(SHORT),
        direction=draw(st.sampled_from(own_revision.DIRECTIONS)),
        threshold=draw(st.sampled_from(levels)).value,
        levels=levels,
        not_observed=draw(BLANKS),
        not_applicable=draw(BLANKS),
        has_not_applicable=draw(st.booleans()),
    )


def domain(draw, names):
    return DomainData(
        **names.node("domain"),
        title=draw(SHORT),
        short_title=draw(SHORT),
        summary=draw(BLANKS),
        introduction=draw(BLANKS),
        is_synthetic=draw(st.booleans()),
        activities=[
            activity(draw, names, depth=2),
            *(activity(draw, names, depth=1) for _ in range(draw(st.integers(0, 1)))),
        ],
    )


def activity(draw, names, *, depth):
    """The first one has a competence, so that there is something to assess."""
    return ActivityData(
        **names.node("activity"),
        title=draw(SHORT),
        short_title=draw(SHORT),
        introduction=draw(BLANKS),
        scope=draw(st.sampled_from(own_revision.SCOPES)),
        phase=draw(st.sampled_from(["", *own_revision.PHASES[1:]])),
        problem_area=draw(st.sampled_from(["", *own_revision.PROBLEM_AREAS])),
        title_status=draw(st.sampled_from(own_revision.TITLE_STATUSES)),
        group_heading=draw(LINES),
        is_synthetic=draw(st.booleans()),
        competences=[competence(draw, names) for _ in range(draw(st.integers(1 if depth == 2 else 0, 2)))],
        activities=[activity(draw, names, depth=depth - 1) for _ in range(draw(st.integers(0, depth - 1)))],
    )


def competence(draw, names):
    return CompetenceData(
        **names.node("competence"),
        kind=draw(st.sampled_from(own_revision.KINDS)),
        text=draw(TEXTS),
        guidance=draw(BLANKS),
        subheading=draw(LINES),
        is_safety_critical=draw(st.booleans()),
        points=[
            PointData(**names.node("competence"), text=draw(TEXTS), is_rateable=draw(st.booleans()))
            for _ in range(draw(st.integers(0, 1)))
        ],
    )


def lineages(keys):
    some, known = st.lists(KEYS, min_size=1, max_size=2), st.lists(st.sampled_from(keys), min_size=1, max_size=2)
    return st.one_of(
        st.builds(LineageData, st.sampled_from(["editorial", "split", "merged", "covered"]), some, known, BLANKS),
        st.builds(LineageData, st.just("removed"), some, st.just([]), BLANKS),
        st.builds(LineageData, st.just("added"), st.just([]), known, BLANKS),
    )
