"""Which competences of an activity the rating page shows. The choice stands in its address and works without script."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import QueryDict

from assessments.models import Competence

if TYPE_CHECKING:
    from assessments.views.ratings import Item

Fits = Callable[["Item"], bool]
SHOWN: dict[str, tuple[str, Fits]] = {
    "": ("All", lambda item: True),
    "unrated": ("Unrated only", lambda item: not item.is_answered),
    "changed": ("Changed since last time", lambda item: item.is_changed),
    "concerns": ("Concerns", lambda item: item.is_concern),
}
# Offered even where they show nothing.
ALWAYS = ["", "unrated"]


@dataclass(frozen=True)
class FilterLink:
    label: str
    number: int
    url: str


@dataclass(frozen=True)
class Filtered:
    """The items to show, the links that choose others, each with how many it shows, and the two that are chosen."""

    items: list[Item]
    shows: list[FilterLink]
    kinds: list[FilterLink]
    show: FilterLink
    kind: FilterLink | None
    is_unrated_only: bool


def filtered(items: list[Item], asked: QueryDict) -> Filtered:
    """What the address asks for; what it says wrongly is not asked for."""
    show = asked.get("show", "") if asked.get("show") in SHOWN else ""
    present = [kind for kind in Competence.Kind if any(item.competence.kind == kind for item in items)]
    kind = asked.get("kind", "") if asked.get("kind") in present else ""
    fits_show, fits_kind = SHOWN[show][1], _of_kind(kind)
    of_kind, shown = list(filter(fits_kind, items)), list(filter(fits_show, items))
    shows = {name: _link(label, filter(fits, of_kind), name, kind) for name, (label, fits) in SHOWN.items()}
    names = [("", "Every kind"), *((each.value, each.label) for each in present)] if len(present) > 1 else []
    kinds = {name: _link(label, filter(_of_kind(name), shown), show, name) for name, label in names}
    return Filtered(
        # What could not be saved stays in sight, whatever the filter.
        items=[item for item in items if item.error or item.conflict or (fits_kind(item) and fits_show(item))],
        shows=[link for name, link in shows.items() if link.number or name in {show, *ALWAYS}],
        kinds=list(kinds.values()),
        show=shows[show],
        kind=kinds.get(kind),
        is_unrated_only=show == "unrated" and not kind,
    )


def _of_kind(kind: str) -> Fits:
    return lambda item: not kind or item.competence.kind == kind


def _link(label: str, items: Iterable[Item], show: str, kind: str) -> FilterLink:
    asked = {name: value for name, value in [("show", show), ("kind", kind)] if value}
    return FilterLink(label, sum(1 for _ in items), f"?{urlencode(asked)}")
