"""The content of an assessment as a page to read: the same for the preview, the reader and the signer."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.template.defaultfilters import linebreaks_filter
from django.utils.html import format_html

from assessments import queries, scoring, wording
from assessments.models import Assessment, Competence
from assessments.queries import ReadActivity, ReadStatement
from assessments.scoring import NOT_RATED, Distribution
from assessments.views.levels import Levels, Swatch, sign


@dataclass(frozen=True)
class Part:
    """An activity in which something was judged; `rows` is rendered, and what was left unrated is only counted."""

    code: str
    title: str
    sign: str
    distribution: Distribution
    rows: str


@dataclass(frozen=True)
class Concern:
    statement: ReadStatement
    swatch: Swatch


def reading(assessment: Assessment) -> dict[str, Any]:
    levels = Levels(assessment.scale)
    agreed, closed = queries.goals_read(assessment)
    activities = queries.activities_to_read(assessment)
    judged = [row for each in activities for row in each.statements if row.mark != NOT_RATED]
    touched = {row.activity_code for row in judged}
    distribution = scoring.distribution(row.mark for each in activities for row in each.statements)
    return {
        "parts": [_part(each, assessment, levels) for each in activities if each.code in touched],
        "untouched": [each.code for each in activities if each.code not in touched],
        "distribution": distribution,
        "segments": levels.segments(distribution) if distribution.total else [],
        "counts": levels.counts(distribution),
        "concerns": [Concern(row, levels.swatch(row.mark)) for row in judged if row.is_concern],
        "goals": agreed,
        "goals_closed": closed,
        "reports_told": _reports_told(assessment, distribution),
        "signatures": [row for row in assessment.signatures.all() if row.voided_at is None],
    }


def _reports_told(assessment: Assessment, distribution: Distribution) -> str:
    """How much is in each of the two reports."""
    answered = distribution.total - distribution.not_rated
    moved = ", and what moved since last" if assessment.previous_id else ""
    return (
        f"The report lists every competence of this assessment, {distribution.total} in all{moved};"
        f" the short version only the {'one that was' if answered == 1 else f'{answered} that were'} answered."
    )


def _part(activity: ReadActivity, assessment: Assessment, levels: Levels) -> Part:
    distribution = scoring.distribution(row.mark for row in activity.statements)
    overall = levels.swatch(distribution.overall)
    # What is safe stays so when it is added to what is safe.
    rows = [
        _judged(*_shown(row, activity, assessment, levels)) + _note(row)
        for row in activity.statements
        if row.mark != NOT_RATED
    ]
    joined = format_html("{}" * len(rows), *rows)
    return Part(activity.code, activity.title, sign(overall, name=overall.name), distribution, joined)


def _shown(
    row: ReadStatement, activity: ReadActivity, assessment: Assessment, levels: Levels
) -> tuple[Swatch, str, str, str, str]:
    swatch = levels.swatch(row.mark)
    points = wording.points(activity.points.get(row.pk, {}), (row.points_seen or "").split())
    return swatch, row.code, row.text, points, _in_words(row, swatch, assessment)


BEGINNING = (
    '<li class="reads__row">{}<div><p class="reads__s"><b class="code">{}</b> {}</p>{}<p class="small muted">{}</p>'
)


@lru_cache(maxsize=4096)
def _judged(swatch: Swatch, code: str, text: str, points: str, words: str) -> str:
    """The beginning of a row: what is judged, its points, the level in words. `_note` ends it.

    Hundreds a page, so not through a template, and remembered: escaping a revision's statements anew for every reader
    took longer than reading them from the database.
    """
    return format_html(
        BEGINNING,
        sign(swatch),
        code,
        text,
        format_html('<p class="small muted">{}</p>', points) if points else "",
        words,
    )


def _in_words(row: ReadStatement, swatch: Swatch, assessment: Assessment) -> str:
    words = [swatch.name, KINDS[row.kind]]
    if row.is_priority:
        words.append("priority for development")
    if row.time_mark is not None:
        words.append(f"at {wording.time_mark(row.time_mark)}")
    if row.rated_by_id != assessment.supervisor_id:
        words.append(f"rated by {row.rated_by_name}")
    return ", ".join(words)


KINDS = {kind.value: kind.label.lower() for kind in Competence.Kind}


# How a row ends: without a note, with one, with a concern.
END = format_html("{}</div></li>", "")
NOTE = '<div class="said said--note">{}</div></div></li>'
CONCERN = '<div class="said said--note said--warm"><b>Concern.</b> {}</div></div></li>'


def _note(row: ReadStatement) -> str:
    return format_html(CONCERN if row.is_concern else NOTE, linebreaks_filter(row.note)) if row.note else END
