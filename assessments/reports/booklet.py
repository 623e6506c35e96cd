"""A framework, a domain or an activity as a booklet: printed from a revision's plain data alone."""

import datetime
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from assessments.exceptions import RenderingFailed
from assessments.models.framework import Phase, ProblemArea, Scope
from assessments.reports import pdf, shelf, words
from assessments.revisions import ActivityData, DomainData, RevisionData
from assessments.wording import count, split_title

# Columns of the map on one sheet; a framework with more domains takes a second band.
COLUMNS = 5
LONGEST_FOOTER = 170
BOOKLET, BOOK = pdf.Setting("booklet"), pdf.Setting("booklet", size="book")
# About 11 ms of the processor and 0.2 MB each; a request waits no longer than for so many.
MOST_AT_ONCE, OPERATOR_WAITS = 1_500, 900.0
TOO_LONG = (
    "The booklet of {count:,} competences takes too long to make while you wait. Download one domain, or ask the "
    "administrator to run manage.py export_framework {framework} {number} --format pdf -o FILE once; then it is ready."
)
WHOLE, DOMAIN, ACTIVITY = "whole", "domain", "activity"


@dataclass(frozen=True)
class Issue:
    """What the revision's data does not say: when it was published, if it was, and what is printed of it."""

    published_on: datetime.date | None
    part: str = WHOLE


def render(data: RevisionData, issue: Issue, *, is_operator: bool = False) -> bytes:
    """The booklet as PDF/UA-1. What was published is kept once it was set; a draft may change and is set anew.

    Raises RenderingFailed when it is too long to wait for, unless an operator does, or nobody can set it just now.
    """
    html = render_to_string("reports/booklet.html", context(data, issue))
    digest = hashlib.sha256(html.encode()).hexdigest()

    def made() -> bytes:
        if is_operator:
            return pdf.set_pages(html, identifier=digest, setting=BOOK, timeout=OPERATOR_WAITS)
        number = len(list(data.all_competences()))
        if number > MOST_AT_ONCE:
            raise RenderingFailed(TOO_LONG.format(count=number, framework=data.framework, number=data.number))
        return pdf.set_pages(html, identifier=digest, setting=BOOKLET)

    return shelf.kept(f"booklet-{digest}.pdf", made) if issue.published_on else made()


def context(data: RevisionData, issue: Issue) -> dict[str, Any]:
    """Everything `reports/booklet.html` prints."""
    domains = [_domain(domain) for domain in data.domains]
    name = _part_name(data, issue.part)
    return {
        "data": data,
        "part": name,
        "is_whole": issue.part == WHOLE,
        "has_contents": issue.part != ACTIVITY,
        "title": ", ".join(filter(None, [f"{data.title} {data.number}", name])),
        "dated": issue.published_on.isoformat() if issue.published_on else data.issued_on,
        "state": "" if issue.published_on else "Draft, not published",
        "facts": list(_facts(data, issue)),
        "domains": domains,
        "bands": list(_bands(domains)),
        "counts": _counts(data, issue.part),
        "footer": _footer(data),
    }


def _part_name(data: RevisionData, part: str) -> str:
    """What is printed of the revision; blank for the whole of it."""
    if part == DOMAIN:
        return f"{data.domains[0].code} {data.domains[0].title}"
    if part == ACTIVITY:
        activity = next(each for each in data.all_activities() if each.competences or not each.activities)
        return f"{activity.code} {activity.title}"
    return ""


def _facts(data: RevisionData, issue: Issue) -> Iterator[tuple[str, str]]:
    issued = words.date(data.issued_on) if data.issued_on else ""
    published = words.day(issue.published_on) if issue.published_on else ""
    for term, text in [
        ("Revision", ", ".join(filter(None, [data.number, f"issued {issued}" if issued else ""]))),
        ("Published here", published),
        ("Authors", data.authors),
        ("Commissioned by", data.commissioner),
        ("Rights", data.rights_holder),
        ("Licence", data.licence),
        ("How to cite it", data.attribution),
        ("Source of the structure", data.source_name),
    ]:
        if text:
            yield term, text


def _counts(data: RevisionData, part: str) -> str:
    domains = len([domain for domain in data.domains if not domain.is_synthetic])
    activities = len([activity for activity in data.all_activities() if not activity.is_synthetic])
    competences = len(list(data.all_competences()))
    parts = [
        words.counted(domains, "domain") if domains and part == WHOLE else "",
        count(activities, "activity", "activities") if activities and part != ACTIVITY else "",
        words.counted(competences, "competence"),
    ]
    return words.joined([each for each in parts if each])


def _domain(domain: DomainData) -> dict[str, Any]:
    return {"data": domain, "activities": [_activity(activity, domain) for activity in domain.all_activities()]}


def _activity(activity: ActivityData, domain: DomainData) -> dict[str, Any]:
    """An activity that only stands in for a missing level needs no heading below one that says the same."""
    return {
        "data": activity,
        "name": split_title(activity.title),
        "is_headed": not (activity.is_synthetic and activity.title == domain.title),
        "facts": _activity_facts(activity),
    }


def _activity_facts(activity: ActivityData) -> str:
    """`Focus activity: grief, middle phase · 9 competences`."""
    scope = f"{words.word(Scope, activity.scope)} activity"
    if activity.problem_area:
        scope += f": {words.word(ProblemArea, activity.problem_area).lower()}"
    phase = f"{words.word(Phase, activity.phase).lower()} phase" if activity.phase else ""
    count = words.counted(len(activity.competences), "competence")
    return " \u00b7 ".join([", ".join(filter(None, [scope, phase])), count])


def _bands(domains: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The map as tables of at most five columns; a short column ends in empty cells."""
    for start in range(0, len(domains), COLUMNS):
        band = domains[start : start + COLUMNS]
        longest = max(len(domain["activities"]) for domain in band)
        columns = [[*domain["activities"], *[None] * (longest - len(domain["activities"]))] for domain in band]
        yield {"domains": band, "rows": list(zip(*columns, strict=True))}


def _footer(data: RevisionData) -> str:
    notice = " ".join(data.notice.split()) or f"{data.title} {data.number}"
    return notice if len(notice) <= LONGEST_FOOTER else f"{notice[:LONGEST_FOOTER].rstrip()}…"
