"""Which competences of an activity the rating page shows. The choice stands in its address and works without script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import QueryDict

from assessments.models import Competence

if TYPE_CHECKING:
    from assessments.views.ratings import Item

SHOWN: dict[str, tuple[str, Callable[[Item], bool]]] = {
    "": ("All", lambda item: True),
    "unrated": ("Unrated only", lambda item: not item.is_answered),
    "changed": ("Changed since last time", lambda item: item.is_changed),
    "concerns": ("Concerns", lambda item: item.is_concern),
}


@dataclass(frozen=True)
class FilterLink:
    label: str
    number: int
    url: str
    is_current: bool


@dataclass(frozen=True)
class Filtered:
    """The items to show, and the links that choose others, each with how many it shows."""

    items: list[Item]
    shows: list[FilterLink]
    kinds: list[FilterLink]
    is_unrated_only: bool


def filtered(items: list[Item], asked: QueryDict) -> Filtered:
    """What the address asks for; what it says wrongly is not asked for."""
    show = asked.get("show", "") if asked.get("show") in SHOWN else ""
    present = [kind for kind in Competence.Kind if any(item.competence.kind == kind for item in items)]
    kind = asked.get("kind", "") if asked.get("kind") in present else ""
    of_kind = [item for item in items if not kind or item.competence.kind == kind]
    shown = [item for item in items if SHOWN[show][1](item)]
    shows = [_link(label, of_kind, fits, name, kind, name == show) for name, (label, fits) in SHOWN.items()]
    kinds = [("", "Every kind"), *((each.value, each.label) for each in present)] if len(present) > 1 else []
    return Filtered(
        # What could not be saved stays in sight, whatever the filter.
        items=[item for item in items if item.error or item.conflict or (item in of_kind and item in shown)],
        shows=[link for link in shows if link.number or link.is_current or link.label in {"All", "Unrated only"}],
        kinds=[_link(label, shown, _of_kind(name), show, name, name == kind) for name, label in kinds],
        is_unrated_only=show == "unrated" and not kind,
    )


def _of_kind(kind: str) -> Callable[[Item], bool]:
    return lambda item: not kind or item.competence.kind == kind


def _link(  # noqa: PLR0917  a link and what it stands for
    label: str, items: list[Item], fits: Callable[[Item], bool], show: str, kind: str, is_current: bool
) -> FilterLink:
    asked = {name: value for name, value in [("show", show), ("kind", kind)] if value}
    return FilterLink(label, sum(map(fits, items)), f"?{urlencode(asked)}", is_current)
