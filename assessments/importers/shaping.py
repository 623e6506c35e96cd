"""A file's own tree, of whatever depth, as domains, activities and competences.

Real frameworks have one to six levels and leaves at several depths. Each shape below says which node plays which part;
no shape leaves a node out. Where a level is missing, a synthetic node stands in, and exports drop it again.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import NAMESPACE_URL, uuid5

from assessments.importers import codes
from assessments.importers.reading import Node, Notice
from assessments.revisions import ActivityData, CompetenceData, DomainData, Kept, PointData

NESTED, TOP, BOTTOM, WINDOW, ONE_DOMAIN, FLAT = "nested", "top", "bottom", "window", "one_domain", "flat"
POINT = "point"  # the level of a node that only explains the statement above it
TITLE, SHORT_DOMAIN, SHORT_ACTIVITY, CUT = 300, 40, 60, 120

SHAPES = {
    NESTED: "The first level are domains, the last ones competences; between them activities inside activities.",
    TOP: "The first three levels are domains, activities and competences; what lies deeper explains its competence.",
    BOTTOM: "The last two levels are activities and competences; everything above is joined into the domain's title.",
    WINDOW: "One named level holds the competences; what lies below explains them.",
    ONE_DOMAIN: "Two levels: activities and their competences, all in one domain.",
    FLAT: "One level: a plain list of competences, in one domain and one activity.",
}


@dataclass(frozen=True)
class Shaped:
    domains: list[DomainData]
    notices: list[Notice]


def fitting(depths: list[int]) -> list[str]:
    """The shapes that make sense for a tree with so many nodes on each level; the first is the default."""
    if len(depths) <= 1:
        return [FLAT]
    if len(depths) == 2:
        return [NESTED, ONE_DOMAIN]
    return [NESTED] if len(depths) == 3 else [NESTED, TOP, BOTTOM, WINDOW]


def shape(nodes: list[Node], choice: str, *, scope: str, title: str, kind: str, level: str = "") -> Shaped:
    """Domains from nodes in printed order.

    `scope` (framework and number) makes the keys of nodes that bring no identity of their own, `title` names synthetic
    nodes, `kind` is that of competences which do not say, `level` the name that WINDOW looks for.
    """
    return _Shaper(nodes, choice or NESTED, scope=scope, title=title, kind=kind, level=level).shaped()


class _Shaper:
    def __init__(self, nodes: list[Node], choice: str, *, scope: str, title: str, kind: str, level: str) -> None:
        self.scope, self.title, self.kind, self.level, self.choice = scope, title, kind, level, choice
        self.notices: list[Notice] = []
        self.below: dict[str, list[Node]] = defaultdict(list)
        self.depth: dict[str, int] = {"": 0}
        for node in nodes:
            self.below[node.parent].append(node)
            self.depth[node.id] = self.depth[node.parent] + 1
        self.coder = codes.Coder(node.code for node in nodes)

    def shaped(self) -> Shaped:
        build: dict[str, Callable[[list[Node]], list[DomainData]]] = {
            FLAT: self._flat,
            ONE_DOMAIN: self._one_domain,
            BOTTOM: self._bottom,
        }
        domains = build.get(self.choice, self._levels)(self.below[""])
        return Shaped(domains, self.notices + self.coder.notices)

    def _warn(self, node: Node, what: str) -> None:
        self.notices.append(Notice(node.place, what, is_warning=True))

    # Which node is a statement to judge

    def _is_statement(self, node: Node) -> bool:
        children = self.below[node.id]
        if all(child.level == POINT for child in children):
            return True
        if self.choice == TOP:
            return self.depth[node.id] >= 3
        return self.choice == WINDOW and node.level == self.level

    # The shapes

    def _levels(self, tops: list[Node]) -> list[DomainData]:
        return [self._domain(node, str(place)) for place, node in enumerate(tops, start=1)]

    def _flat(self, tops: list[Node]) -> list[DomainData]:
        competences = [self._competence(node, f"1.1.{place}") for place, node in enumerate(tops, start=1)]
        return [self._synthetic_domain([self._synthetic_activity(self.title, "1.1", "1.1", competences)])]

    def _one_domain(self, tops: list[Node]) -> list[DomainData]:
        return [
            self._synthetic_domain([self._activity(node, f"1.{place}") for place, node in enumerate(tops, start=1)])
        ]

    def _bottom(self, tops: list[Node]) -> list[DomainData]:
        """Each parent of leaves is an activity; the path above it is one domain."""
        homes: dict[tuple[str, ...], list[Node]] = {}

        def walk(node: Node, path: tuple[Node, ...]) -> None:
            if any(self._is_statement(child) for child in self.below[node.id]) or self._is_statement(node):
                homes.setdefault(tuple(step.id for step in path), []).append(node)
            for child in self.below[node.id]:
                if not self._is_statement(child):
                    walk(child, (*path, node))

        for node in tops:
            walk(node, ())
        by_id = {node.id: node for nodes in self.below.values() for node in nodes}
        return [
            self._joined([by_id[step] for step in path], activities, str(place))
            for place, (path, activities) in enumerate(homes.items(), start=1)
        ]

    def _joined(self, path: list[Node], activities: list[Node], place: str) -> DomainData:
        parts = [self._own_activity(node, f"{place}.{number}") for number, node in enumerate(activities, start=1)]
        if not path:
            return self._synthetic_domain(parts, place)
        whole = " › ".join(self._heading(step)[0] for step in path)
        domain = self._headed_domain(path[-1], place, parts)
        kept = {**domain.kept, "path": [step.id for step in path]}
        return replace(domain, title=whole[:TITLE], short_title=whole[-SHORT_DOMAIN:].strip(" ›"), kept=kept)

    # The parts

    def _domain(self, node: Node, place: str) -> DomainData:
        children = self.below[node.id]
        if not children:
            self._warn(node, "Nothing below it can be rated. It is kept as an empty domain.")
        loose = [child for child in children if self._is_statement(child)]
        within = [child for child in children if not self._is_statement(child)]
        parts = [
            self._activity(child, f"{place}.{number}") for number, child in enumerate(within, start=2 if loose else 1)
        ]
        if loose:
            title = "General" if within else self._heading(node)[0]
            home = f"{place}.1"
            competences = [self._competence(child, f"{home}.{number}") for number, child in enumerate(loose, start=1)]
            parts.insert(0, self._synthetic_activity(title, home, node.id, competences))
            if within:
                self._warn(node, f"{len(loose)} statements stand directly in this domain. They come under General.")
        return self._headed_domain(node, place, parts)

    def _headed_domain(self, node: Node, place: str, parts: list[ActivityData]) -> DomainData:
        title, rest = self._heading(node)
        return DomainData(
            key=self._key("domain", node),
            code=self.coder.code("domain", node.code, place, node.place),
            title=title,
            short_title=_short(title, SHORT_DOMAIN),
            introduction=rest,
            activities=parts,
            source_id=node.source_id,
            kept=self._kept(node),
        )

    def _activity(self, node: Node, place: str) -> ActivityData:
        children = self.below[node.id]
        if not children:
            self._warn(node, "Nothing below it can be rated. It is kept as an empty activity.")
        competences = [child for child in children if self._is_statement(child)]
        parts = [child for child in children if not self._is_statement(child)]
        title, rest = self._heading(node)
        return ActivityData(
            key=self._key("activity", node),
            code=self.coder.code("activity", node.code, place, node.place),
            title=title,
            short_title=_short(title, SHORT_ACTIVITY),
            introduction=rest,
            competences=[self._competence(child, f"{place}.{n}") for n, child in enumerate(competences, start=1)],
            activities=[self._activity(child, f"{place}.{n}") for n, child in enumerate(parts, start=1)],
            source_id=node.source_id,
            kept=self._kept(node),
        )

    def _own_activity(self, node: Node, place: str) -> ActivityData:
        """For BOTTOM: a parent with its own leaves only; a leaf without a parent to be one stands alone."""
        if self._is_statement(node):
            title = self._heading(node)[0]
            return self._synthetic_activity(title, place, node.id, [self._competence(node, f"{place}.1")])
        return replace(self._activity(node, place), activities=[])

    def _competence(self, node: Node, place: str) -> CompetenceData:
        points = list(self._descendants(node))
        return CompetenceData(
            key=self._key("competence", node),
            code=self.coder.code("competence", node.code, place, node.place),
            kind=node.kind or self.kind,
            text=node.text or node.title,
            guidance=node.guidance,
            points=[self._point(point, f"{place}.{_letters(n)}") for n, point in enumerate(points)],
            source_id=node.source_id,
            kept=self._kept(node) | ({"title": node.title} if node.title not in {"", node.text} and node.text else {}),
        )

    def _point(self, node: Node, place: str) -> PointData:
        words = [node.text or node.title, node.guidance]
        return PointData(
            key=self._key("competence", node),
            code=self.coder.code("competence", node.code, place, node.place),
            text="\n".join(word for word in words if word),
            source_id=node.source_id,
            kept=self._kept(node) | {"parent": node.parent},
        )

    def _descendants(self, node: Node) -> list[Node]:
        return [found for child in self.below[node.id] for found in [child, *self._descendants(child)]]

    def _synthetic_domain(self, parts: list[ActivityData], place: str = "1") -> DomainData:
        return DomainData(
            key=self._made("domain", self.title),
            code=self.coder.code("domain", "", place, "the file"),
            title=self.title[:TITLE],
            short_title=_short(self.title, SHORT_DOMAIN),
            activities=parts,
            is_synthetic=True,
        )

    def _synthetic_activity(
        self, title: str, place: str, scope: str, competences: list[CompetenceData]
    ) -> ActivityData:
        return ActivityData(
            key=self._made("activity", f"in {scope}"),
            code=self.coder.code("activity", "", place, "the file"),
            title=title[:TITLE],
            short_title=_short(title, SHORT_ACTIVITY),
            competences=competences,
            is_synthetic=True,
        )

    # What they are called

    def _heading(self, node: Node) -> tuple[str, str]:
        """A title, and what else the node says about itself."""
        title = node.title or _beginning(node.text)
        rest = [] if node.text.strip() == title else [node.text]
        if len(title) > TITLE:
            self.notices.append(Notice(node.place, f"The title is longer than {TITLE} characters and is cut."))
            title, rest = title[: TITLE - 1].rstrip() + "…", [title, *rest]
        return title, "\n\n".join(word for word in [*rest, node.guidance] if word)

    def _key(self, word: str, node: Node) -> str:
        identity = node.source_id.lower()
        return (
            identity
            if codes.KEY.fullmatch(identity) and len(identity) <= codes.KEY_LENGTH
            else self._made(word, node.id)
        )

    def _made(self, word: str, name: str) -> str:
        """The same file gives the same keys; no code, title or other revision ever gives one of them."""
        return str(uuid5(NAMESPACE_URL, f"{self.scope}/{word}/{name}"))

    def _kept(self, node: Node) -> Kept:
        return node.kept | ({"level": node.level} if node.level and node.level != POINT else {})


def _beginning(text: str) -> str:
    """The first sentence, or as much of it as makes a title."""
    first = text.strip().split("\n")[0].split(". ")[0]
    return first if len(first) <= CUT else first[: CUT - 1].rsplit(" ", 1)[0] + "…"


def _short(title: str, most: int) -> str:
    return title if len(title) <= most else title[: most - 1].rsplit(" ", 1)[0][: most - 1] + "…"


def _letters(number: int) -> str:
    """a, b … z, aa, ab …"""
    head, last = divmod(number, 26)
    return (_letters(head - 1) if head else "") + chr(ord("a") + last)
