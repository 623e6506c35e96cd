"""What the columns of a table may mean, and a guess from their heads that a person then corrects."""

import re
from itertools import pairwise

ASIDE, LEFT_OUT = "", "leave out"
ID, PARENT, CODE, TITLE, TEXT, GUIDANCE = "id", "parent", "code", "title", "text", "guidance"
LEVEL, KIND, DEPTH, POSITION, ORDER = "level", "kind", "depth", "position", "order"
PROFICIENCY = "proficiency"
MOST_LEVELS = 8


def above(role: str, level: int) -> str:
    """The role of a column that holds the code, title or text of an ancestor; level 1 is the top."""
    return f"{role} {level}"


# Each role and how a screen names it, in the order in which it offers them.
ROLES = {
    ASIDE: "Keep aside",
    LEFT_OUT: "Leave out",
    CODE: "Code",
    TITLE: "Title",
    TEXT: "Statement",
    GUIDANCE: "Guidance",
    KIND: "Kind: knowledge, skill or attitude",
    LEVEL: "Name of the entry's level",
    PROFICIENCY: "Description of one level of proficiency",
    ID: "Identifier",
    PARENT: "Identifier or code of the parent",
    DEPTH: "Depth in the tree",
    POSITION: "Position in the tree, such as 1.2.3",
    ORDER: "Order among siblings",
    **{
        above(role, level): f"Level {level} from the top: {name}"
        for level in range(1, MOST_LEVELS + 1)
        for role, name in [(CODE, "code"), (TITLE, "title"), (TEXT, "description")]
    },
}

# Heads as they were met, without regard to case, spaces and punctuation; the first found of a role gets it.
_NAMES = {
    ID: "identifier competencyid key id uuid guid itemid idnumber elementid concepturi uri urn location",
    PARENT: (
        "ischildof parentcompetencyid parentkey parentid parentidentifier parentidnumber parentcode parentrefid "
        "parentelementid parenturn parenturi parent broader broaderconcept childof"
    ),
    CODE: "humancodingscheme code refid codingscheme shortcode item number no nr ref reference",
    TITLE: "title name preferredlabel label heading abbreviatedstatement alternativelabel",
    TEXT: "fullstatement statement competencystatement text description descriptor overalldescription",
    GUIDANCE: "guidance guidancenotes notes note annotation explanation",
    LEVEL: "cfitemtype itemtype levelname nodetype",
    KIND: "kind knowledgeskillorattitude ksa",
    DEPTH: "depth hierarchylevel treelevel indent",
    POSITION: "smartlevel position hierarchycode outlinenumber",
    ORDER: "order sequencenumber listenumeration sortorder sequence",
}
_ALIASES = {role: names.split() for role, names in _NAMES.items()}
# Words for a step of a hierarchy. A head is one when it ends in such a word, or in such a word and one below.
_STEP_NAMES = (
    "domain area category subcategory chapter section subsection group subgroup cluster strand theme unit topic "
    "subtopic module element activity task function competence competency capability skill statement requirement req "
    "outcome indicator criterion criteria objective standard epa component principle pillar dimension subject family "
    "subdomain subarea goal practice behaviour behavior"
)
_STEPS = set(_STEP_NAMES.split())
_PARTS = {
    **dict.fromkeys(["id", "code", "number", "no", "nr", "ref"], CODE),
    **dict.fromkeys(["name", "title", "label"], TITLE),
    **dict.fromkeys(["description", "descriptor", "text", "definition", "desc"], TEXT),
}
LONG_ENOUGH = 20
LONGEST_CODE = 12
_WORDS = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])|\d+")
_PROFICIENCY = re.compile(r"(level|stage|band|year) ?\d+\b.*", re.IGNORECASE)


def guess(heads: list[str], rows: list[list[str]]) -> dict[str, str]:
    """Each head's role, as far as heads and rows leave no doubt; all else is kept aside."""
    roles = _ladder(heads, rows)
    taken = set(roles.values())
    for role, names in _ALIASES.items():
        found = [head for name in names for head in heads if head not in roles and _plain(head) == name]
        if role not in taken and found:
            roles[found[0]] = role
    roles |= _by_content(heads, rows, roles)
    if not {TITLE, TEXT} & set(roles.values()):
        roles = _labels_only(heads, rows) or roles
    return {head: roles.get(head, ASIDE) for head in heads}


def recognised(heads: list[str]) -> int:
    """How many heads say something: what tells the heading from rows above it."""
    names = {name for names in _ALIASES.values() for name in names}
    return sum(1 for head in heads if _plain(head) in names or _step(head)[0])


def _plain(head: str) -> str:
    return re.sub(r"[\W_]+", "", head.casefold())


def step(head: str) -> str:
    """A head without the word for its part: what a person calls that level."""
    return _step(head)[0] or head


def _step(head: str) -> tuple[str, str]:
    """The step of a hierarchy that a head names, and which part of it: `section_id` is the code of a section."""
    words = [word.casefold() for word in _WORDS.findall(head)]
    if len(words) > 1 and words[-1] in _PARTS and words[-2] in _STEPS and words[0] != "parent":
        return " ".join(words[:-1]), _PARTS[words[-1]]
    if words and words[-1] in _STEPS and words[0] != "parent":
        return " ".join(words), ""
    return "", ""


def _ladder(heads: list[str], rows: list[list[str]]) -> dict[str, str]:
    """Ancestors in columns: the steps of a hierarchy, the last of them the entry itself, unless another column is."""
    strong = {name for role in [PARENT, POSITION, DEPTH] for name in _ALIASES[role]}
    if any(_plain(head) in strong for head in heads):
        return {}
    steps: dict[str, dict[str, str]] = {}
    for head in heads:
        step, part = _step(head)
        if step:
            steps.setdefault(step, {}).setdefault(part, head)
    named = {head for parts in steps.values() for head in parts.values()}
    others = [head for head in heads if head not in named and _plain(head) in [*_ALIASES[TITLE], *_ALIASES[TEXT]]]
    counts = [_variety(next(iter(parts.values())), heads, rows) for parts in steps.values()]
    order = list(steps.values())
    leaf: dict[str, str] = {}
    if order and max((_variety(head, heads, rows) for head in others), default=0) <= max(counts):
        leaf = order.pop(max(range(len(order)), key=lambda number: (counts[number], number)))
    if not 0 < len(order) < MOST_LEVELS:
        return {}
    roles = {
        head: above(part or TITLE, level)
        for level, parts in enumerate(order, start=1)
        for part, head in parts.items()
        if part or TITLE not in parts
    }
    described = TEXT in leaf or any(_plain(head) in _ALIASES[TEXT] for head in others)
    return roles | {head: part or (TITLE if described else TEXT) for part, head in leaf.items()}


def _variety(head: str, heads: list[str], rows: list[list[str]]) -> int:
    return len(set(_values(head, heads, rows)))


def _values(head: str, heads: list[str], rows: list[list[str]]) -> list[str]:
    number = heads.index(head)
    return [row[number] for row in rows]


def _by_content(heads: list[str], rows: list[list[str]], roles: dict[str, str]) -> dict[str, str]:
    """Heads that mean one thing or another by what stands below or beside them."""
    found = {}
    plain = {_plain(head): head for head in heads}
    if TEXT not in roles.values() and {"location", "source", "target"} <= set(plain):
        found[plain["source"]] = TEXT
    for number, head in enumerate(heads):
        if _PROFICIENCY.fullmatch(head) and _are_texts([row[number] for row in rows]):
            found[head] = PROFICIENCY
    ids = next((head for head, role in roles.items() if role == ID), None)
    if ids and CODE not in roles.values() and _are_codes(_values(ids, heads, rows)):
        found[ids] = CODE
    level = plain.get("level")
    if level and level not in roles:
        is_free = not any(role in [PARENT, POSITION, DEPTH] or role[-1].isdigit() for role in roles.values())
        if is_free and _nests(_values(level, heads, rows)):
            found[level] = DEPTH
        elif LEVEL not in roles.values():
            found[level] = LEVEL
    return found


def _nests(values: list[str]) -> bool:
    """Whether the values can be depths: names of steps, or numbers that begin at the top and never skip one."""
    if values and all(_plain(value) in _STEPS for value in values):
        return True
    if len(set(values)) < 2 or not all(re.fullmatch(r"\d{1,2}", value) for value in values):
        return False
    numbers = [int(value) for value in values]
    return numbers[0] == min(numbers) and all(low - high >= -1 for low, high in pairwise(numbers))


def _are_texts(values: list[str]) -> bool:
    filled = [value for value in values if value]
    return sum(map(len, filled)) > LONG_ENOUGH * max(len(filled), 1)


def _are_codes(values: list[str]) -> bool:
    """Identifiers so short that people quote them, and not mere counters."""
    return all(0 < len(value) <= LONGEST_CODE for value in values) and not all(value.isdigit() for value in values)


def _labels_only(heads: list[str], rows: list[list[str]]) -> dict[str, str]:
    """Unknown heads over a full table whose columns narrow down from left to right: labels, the last a statement."""
    width = len(heads)
    if not 1 < width <= MOST_LEVELS or not rows or any(not cell for row in rows for cell in row):
        return {}
    counts = [len({tuple(row[:number]) for row in rows}) for number in range(1, width + 1)]
    if counts[0] * 2 > len(rows) or any(low >= high for low, high in pairwise(counts)):
        return {}
    return {head: above(TITLE, level) for level, head in enumerate(heads[:-1], start=1)} | {heads[-1]: TEXT}
