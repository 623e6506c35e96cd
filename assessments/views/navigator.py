"""The map in small beside the rating page: progress, never levels, because raters judge blind."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from django.utils.html import format_html

from assessments.models import Activity
from assessments.queries import ActivityProgress, DomainProgress, Progress

# By state; what is not started has none.
CLASSES = {"complete": " cell--all", "begun": " cell--part"}


@dataclass(frozen=True)
class Section:
    progress: DomainProgress
    cells: list[str]


def sections(progress: Progress, here: Activity) -> list[Section]:
    return [Section(domain, [_cell(row, here) for row in domain.activities]) for domain in progress.domains]


def _cell(row: ActivityProgress, here: Activity) -> str:
    return _drawn(row.activity.code, row.activity.short_title, row.state, is_here=row.activity == here)


@lru_cache(maxsize=1024)
def _drawn(code: str, title: str, state: str, *, is_here: bool) -> str:
    """Remembered by what it says: dozens a page. The address is that of a neighbour of the page."""
    return format_html(
        '<li><a class="cell{}" href="../{}/"{}><span aria-hidden="true">{}</span>'
        '<span class="vh">{} {}, {}</span></a></li>',
        CLASSES.get(state, ""),
        quote(code, safe=""),
        format_html(' aria-current="{}"', "page") if is_here else "",
        code,
        code,
        title,
        state,
    )


@dataclass(frozen=True)
class BarPart:
    """A domain in the progress bar: place and width in per cent of the bar, filled in per cent of the domain."""

    x: float
    width: float
    filled: float


def bar(progress: Progress) -> list[BarPart]:
    parts, x = [], 0.0
    for domain in progress.domains:
        width = domain.total * 100 / progress.total
        parts.append(BarPart(round(x, 2), round(width, 2), round(domain.given * 100 / domain.total, 2)))
        x += width
    return parts


def neighbours(progress: Progress, here: Activity) -> tuple[ActivityProgress | None, ActivityProgress | None]:
    """The activities before and after this one."""
    rows = progress.activities
    place = next(index for index, row in enumerate(rows) if row.activity == here)
    before = rows[place - 1] if place else None
    after = rows[place + 1] if place + 1 < len(rows) else None
    return before, after
