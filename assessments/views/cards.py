"""The cards of the map and of a profile: one an activity, dozens a page, so not through a template."""

from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from django.urls import reverse
from django.utils.html import format_html

from assessments import growth, wording
from assessments.models import Activity, FrameworkRevision
from assessments.models.framework import Scope
from assessments.profiles import Standing
from assessments.views.levels import Swatch

RING = format_html('<span class="{}"></span>', "ring")


def title(activity: Activity, revision: FrameworkRevision) -> str:
    """The title as a link to the page of the activity."""
    return _linked(reverse("activity", args=[revision.framework.slug, revision.number, activity.code]), activity.title)


@lru_cache(maxsize=1024)
def _linked(address: str, title: str) -> str:
    """The title as a link: quiet beginning, loud middle, quiet end. Remembered, because a map shows dozens."""
    words = wording.split_title(title)
    return format_html(
        '<h3 class="box__t"><a href="{}">{}<span class="key">{}</span>{}</a></h3>',
        address,
        format_html('<span class="lead">{}</span> ', words.lead) if words.lead else "",
        words.key,
        format_html('<span class="rest">{}</span>', words.rest) if words.rest else "",
    )


def framework_card(activity: Any, revision: FrameworkRevision) -> str:
    """`activity` comes from `queries.columns`, which counts its competences."""
    return format_html(
        '<li class="box box--{}"><span class="spine">{}</span>'
        '<div class="box__b">{}<p class="box__m">{} {}</p></div></li>',
        activity.scope,
        activity.code,
        title(activity, revision),
        _scope(activity),
        format_html("<span>{}</span>", wording.count(activity.competence_count, "competence") + _phase(activity)),
    )


def _scope(activity: Activity) -> str:
    if activity.scope == Scope.CORE:
        return format_html('<span class="vh">{}. </span>', Scope.CORE.label)
    words = activity.get_scope_display()
    if activity.scope == Scope.FOCUS and activity.problem_area:
        words += f": {activity.get_problem_area_display().lower()}"
    return format_html('<span class="scope">{}</span>', words)


def _phase(activity: Activity) -> str:
    is_told = activity.phase and activity.scope == Scope.CORE
    return f", {activity.get_phase_display().lower()} phase" if is_told else ""


def profile_card(standing: Standing, swatch: Swatch, strip: str, *, told: str, query: str) -> str:
    """The spine carries the level, and its meaning stands in the text. The title leads to the activity over time."""
    activity, counted = standing.activity, standing.distribution
    card = Card(
        scope=activity.scope,
        swatch=swatch,
        address=f"activities/{quote(activity.code, safe='')}/{query}",
        title=activity.title,
        code=activity.code,
        told=told,
        raters=_raters(standing),
        carried=len(standing.carried),
        strip=strip if counted.rated or counted.not_observed else "",
    )
    return _drawn(card)


class Card(NamedTuple):
    """What a card of a profile says; `told` and `strip` are rendered."""

    scope: str
    swatch: Swatch
    address: str
    title: str
    code: str
    told: str
    raters: str
    carried: int
    strip: str


@lru_cache(maxsize=4096)
def _drawn(card: Card) -> str:
    """Remembered by what it says: dozens a page, and most say today what they said yesterday."""
    return format_html(
        '<li class="box box--{}"><span class="spine {}" aria-hidden="true">{}</span><div class="box__b">{}'
        '<p class="box__m"><span class="code">{}</span> {} {}{}{}</p>{}</div></li>',
        card.scope,
        card.swatch.cls,
        card.swatch.sign or RING,
        _linked(card.address, card.title),
        card.code,
        card.told,
        "" if card.scope == Scope.CORE else format_html('<span class="scope">{}</span>', Scope(card.scope).label),
        format_html(" <span>{}</span>", card.raters) if card.raters else "",
        format_html(" <span>{}</span>", f"{card.carried} carried over") if card.carried else "",
        format_html('<span class="strip" aria-hidden="true">{}</span>', card.strip) if card.strip else "",
    )


def _raters(standing: Standing) -> str:
    """Where several supervisors gave levels the last word of one says so."""
    spreads = growth.spreads(standing)
    if not spreads:
        return ""
    apart = sum(each.lowest != each.highest for each in spreads)
    words = f"{max(each.raters for each in spreads)} supervisors, "
    return words + (f"spread on {apart} of {len(spreads)}" if apart else "agreed")


def rated(standing: Standing, swatch: Swatch) -> str:
    return _rated(swatch, standing.distribution.rated, standing.distribution.expected)


@lru_cache(maxsize=1024)
def _rated(swatch: Swatch, number: int, expected: int) -> str:
    if not number:
        return format_html("<span>{}</span>", swatch.name)
    return format_html(
        '<span class="vh">Median level {}, {}. </span><span>{} of {} rated</span>',
        swatch.sign,
        swatch.name,
        number,
        expected,
    )
