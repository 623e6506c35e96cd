"""The content of an assessment as a page to read: the same for the preview, the reader and the signer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import linebreaks_filter
from django.utils.html import format_html, format_html_join

from assessments import queries, scoring
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
        "goals": queries.goal_lines(assessment.goals.all()),
        "signatures": [row for row in assessment.signatures.select_related("person") if row.voided_at is None],
    }


def _part(activity: ReadActivity, assessment: Assessment, levels: Levels) -> Part:
    distribution = scoring.distribution(row.mark for row in activity.statements)
    overall = levels.swatch(distribution.overall)
    rows = format_html_join("", ROW, _cells(activity, assessment, levels))
    return Part(activity.code, activity.title, sign(overall, name=overall.name), distribution, rows)


# Hundreds a page, so not through a template: what is judged, its points, the level in words, the note.
ROW = (
    '<li class="reads__row">{}<div><p class="reads__s"><b class="code">{}</b> {}</p>{}'
    '<p class="small muted">{}</p>{}</div></li>'
)


def _cells(activity: ReadActivity, assessment: Assessment, levels: Levels) -> Iterator[tuple[str, ...]]:
    for row in activity.statements:
        if row.mark == NOT_RATED:
            continue
        swatch, points = levels.swatch(row.mark), activity.points.get(row.pk)
        yield (
            sign(swatch),
            row.code,
            row.text,
            format_html('<p class="small muted">{}</p>', " ".join(points)) if points else "",
            _in_words(row, swatch, assessment),
            _note(row),
        )


def _in_words(row: ReadStatement, swatch: Swatch, assessment: Assessment) -> str:
    words = [swatch.name, KINDS[row.kind]]
    if row.is_priority:
        words.append("priority for development")
    if row.rated_by_id != assessment.supervisor_id:
        words.append(f"rated by {row.rated_by_name}")
    return ", ".join(words)


KINDS = {kind.value: kind.label.lower() for kind in Competence.Kind}


def _note(row: ReadStatement) -> str:
    if not row.note:
        return ""
    text = linebreaks_filter(row.note)
    if row.is_concern:
        return format_html('<div class="said said--note said--warm"><b>Concern.</b> {}</div>', text)
    return format_html('<div class="said said--note">{}</div>', text)
