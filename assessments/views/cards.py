"""The cards of the map and of a profile: one an activity, dozens a page, so not through a template."""

from functools import lru_cache
from typing import Any
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
    is_core, is_begun = activity.scope == Scope.CORE, counted.rated or counted.not_observed
    return format_html(
        '<li class="box box--{}"><span class="spine {}" aria-hidden="true">{}</span><div class="box__b">{}'
        '<p class="box__m"><span class="code">{}</span> {} {}{}{}</p>{}</div></li>',
        activity.scope,
        swatch.cls,
        swatch.sign or RING,
        _linked(f"activities/{quote(activity.code, safe='')}/{query}", activity.title),
        activity.code,
        told,
        "" if is_core else format_html('<span class="scope">{}</span>', activity.get_scope_display()),
        _raters(standing),
        format_html(" <span>{}</span>", f"{len(standing.carried)} carried over") if standing.carried else "",
        format_html('<span class="strip" aria-hidden="true">{}</span>', strip) if is_begun else "",
    )


def _raters(standing: Standing) -> str:
    """Where several supervisors gave levels the last word of one says so."""
    spreads = growth.spreads(standing)
    if not spreads:
        return ""
    apart = sum(each.lowest != each.highest for each in spreads)
    words = f"{max(each.raters for each in spreads)} supervisors, "
    return format_html(" <span>{}</span>", words + (f"spread on {apart} of {len(spreads)}" if apart else "agreed"))


def rated(standing: Standing, swatch: Swatch) -> str:
    counted = standing.distribution
    if not counted.rated:
        return format_html("<span>{}</span>", swatch.name)
    return format_html(
        '<span class="vh">Median level {}, {}. </span><span>{} of {} rated</span>',
        swatch.sign,
        swatch.name,
        counted.rated,
        counted.expected,
    )
