"""The profile of a therapist at a date, on paper: where they stand, how that came about, and what is missing."""

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from assessments import charts, growth, records
from assessments.models import Assessment, Status, User
from assessments.models.framework import Scope
from assessments.profiles import DomainStanding, Profile, Standing
from assessments.reports import pdf, words
from assessments.reports.assessment import Activity, Domain, Statement, bands, bars
from assessments.reports.levels import Scale, Swatch
from assessments.requirements import Evidence
from assessments.scoring import NOT_RATED, Mark


@dataclass(frozen=True)
class Request:
    """What was asked for: by whom, of which assessments (a choice in words, or blank for all), and when."""

    by: User
    choice: str
    issued_on: datetime.date


@dataclass(frozen=True)
class Content:
    """What the report is made from. `statements` are the texts of the revision by code."""

    profile: Profile
    assessments: Sequence[Any]
    goals: Sequence[Any]
    statements: Mapping[str, str]
    programmes: Sequence[Any] = ()


def render(content: Content, request: Request) -> bytes:
    """The report as PDF/UA-1: the same bytes from the same standing, asked for by the same person on the same day.

    Raises RenderingFailed when it takes too long or nobody can set it just now.
    """
    facts = context(content, request)
    digest = hashlib.sha256(_pages(facts).encode()).hexdigest()
    return pdf.set_pages(_pages(facts | _checksum(digest)), identifier=digest)


def _pages(facts: dict[str, Any]) -> str:
    return render_to_string("reports/profile.html", facts)


def _checksum(digest: str) -> dict[str, str]:
    """What each page says of the whole: the hash of all that the pages say without it."""
    fingerprint = f"SHA-256 {words.grouped(digest[:16])} \u2026 {words.grouped(digest[-8:])}."
    return {"fingerprint": fingerprint, "sha256": words.grouped(digest)}


def context(content: Content, request: Request) -> dict[str, Any]:
    """Everything `reports/profile.html` prints but its checksum."""
    profile = content.profile
    scale = Scale.of({"scale": records.scale(profile.revision.scale)})
    domains = [_domain(each, content, scale) for each in profile.domains]
    pairs = [(domain, found) for domain in profile.domains if (found := growth.then_and_now(domain))]
    covered = growth.coverage(profile)
    cases = growth.cases(content.assessments)
    spreads = [each for standing in profile.standings for each in growth.spreads(standing)]
    return {
        "title": f"Profile of {profile.therapist.name} on {words.day(profile.on)}",
        "profile": profile,
        "facts": [(term, text) for term, text in _facts(content, request, str(scale)) if text],
        "headline": profile.headline,
        "session_on": words.day(profile.on),
        "bands": bands(domains),
        "bars": bars(domains, scale),
        "scale": scale,
        "domains": domains,
        "sources": "",
        "moved": _told([pair for _, found in pairs for pair in found], profile),
        "drawings": [_drawing(domain, found, profile) for domain, found in pairs],
        "moves": [_move(pair, scale) for _, found in pairs for pair in found],
        "coverage_told": growth.told_coverage(covered, profile),
        "covered": [_covered(row) for row in covered],
        "cases": cases,
        "cases_told": growth.told_cases(cases),
        "spreads": [_spread(each, scale) for each in spreads if each.lowest != each.highest],
        "spreads_told": growth.told_spreads(spreads) if spreads else "",
        "programmes": [_programme(each) for each in content.programmes if each.requirements],
        "goals": content.goals,
        "assessments": [_listed(row) for row in content.assessments],
        "footer": f"Profile on {words.day(profile.on)}\u2003{profile.therapist.name}\u2003",
        "fingerprint": "",
        "sha256": "",
        "issued_on": request.issued_on.isoformat(),
    }


# The cover


def _facts(content: Content, request: Request, scale: str) -> Iterator[tuple[str, str]]:
    profile, rows = content.profile, content.assessments
    yield "Therapist", words.person({"name": profile.therapist.name, "profession": profile.therapist.profession})
    yield "Standing on", words.day(profile.on)
    yield "Rests on", _rests_on(rows)
    yield "Of these", _states(rows)
    yield "Counting only", request.choice
    yield "Framework", f"{profile.revision.title}, revision {profile.revision.number}"
    yield "Scale", scale
    yield "Made for", request.by.name
    yield "Issued", words.day(request.issued_on)


def _rests_on(rows: Sequence[Any]) -> str:
    if not rows:
        return "No assessment"
    first, last = min(row.session_on for row in rows), max(row.session_on for row in rows)
    span = f"of {words.day(first)}" if first == last else f"from {words.day(first)} to {words.day(last)}"
    supervisors = words.counted(len({row.supervisor_id for row in rows}), "supervisor")
    return f"{words.counted(len(rows), 'assessment')} by {supervisors}, {span}"


def _states(rows: Sequence[Any]) -> str:
    """Shared ones are provisional: their ratings may still be taken back."""
    counted = Counter(row.status for row in rows)
    told = {Status.SIGNED_OFF: "signed off", Status.SHARED: "shared and not yet signed"}
    return words.joined([f"{counted[status]} {text}" for status, text in told.items() if counted[status]])


# The map and the lists


def _domain(domain: DomainStanding, content: Content, scale: Scale) -> Domain:
    activities = [_activity(each, content, scale) for each in domain.activities]
    return Domain(
        domain.code, domain.title, domain.short_title, domain.distribution, activities, not_rated="Nothing rated so far"
    )


def _activity(standing: Standing, content: Content, scale: Scale) -> Activity:
    activity, numbers = standing.activity, standing.distribution
    told = [f"{numbers.rated} of {numbers.expected} rated", f"{words.word(Scope, activity.scope)} activity"]
    if numbers.median is not None:
        median = scale.swatch(numbers.median)
        told.insert(0, f"Median {median.sign}, {median.label}")
    return Activity(
        code=activity.code,
        title=activity.title,
        short_title=activity.short_title,
        facts=" \u00b7 ".join(told),
        swatch=scale.swatch(numbers.overall),
        numbers=numbers,
        statements=[
            Statement(code, content.statements[code], scale.swatch(mark), _meta(standing, code, mark, scale))
            for code, mark in standing.marks
            if mark != NOT_RATED or code in standing.carried
        ],
    )


def _meta(standing: Standing, code: str, mark: Mark, scale: Scale) -> str:
    """`Competent · 14 November 2026`; what was carried over says so, and from which revision."""
    if code in standing.carried:
        was = standing.carried[code]
        return f"{scale.swatch(was.mark).label} in revision {was.number}, {words.day(was.on)}, {was.words}"
    _, on = standing.courses[code].latest
    return f"{scale.swatch(mark).label} \u00b7 {words.day(on)}"


@dataclass(frozen=True)
class Move:
    code: str
    title: str
    then: Swatch
    now: Swatch
    competences: int
    since: str


@dataclass(frozen=True)
class Drawing:
    """The activities of a domain, then and now, as on the page."""

    title: str
    told: str
    chart: charts.Dumbbells


def _drawing(domain: DomainStanding, found: list[growth.ThenNow], profile: Profile) -> Drawing:
    return Drawing(domain.short_title, _told(found, profile), growth.drawn(found, profile))


def _told(pairs: list[growth.ThenNow], profile: Profile) -> str:
    return growth.told_moves(growth.moves(pairs, descending=profile.is_descending), "activity", "activities")


def _move(pair: growth.ThenNow, scale: Scale) -> Move:
    ends = scale.swatch(pair.then), scale.swatch(pair.now)
    return Move(pair.activity.code, pair.activity.short_title, *ends, pair.competences, words.day(pair.since))


def _covered(row: growth.Coverage) -> tuple[str, ...]:
    return f"{row.activity.code} {row.activity.short_title}", *row.told


def _programme(report: Any) -> dict[str, Any]:
    """What a programme asks for. It counts every assessment there, whatever choice the rest of the report makes."""
    rests_on = f"{words.counted(report.assessments, 'shared assessment')} at {report.held.organisation.name}"
    rows = [(row, "; ".join(map(_evidence, row.missing))) for row in report.requirements]
    return {"headline": report.headline, "rests_on": rests_on, "rows": rows}


def _evidence(found: Evidence) -> str:
    return ": ".join(filter(None, [found.words, ", ".join(activity.code for activity in found.activities)]))


def _spread(row: growth.Spread, scale: Scale) -> dict[str, Any]:
    return {
        "code": row.code,
        "activity": row.activity.short_title,
        "lowest": scale.swatch(row.lowest),
        "highest": scale.swatch(row.highest),
        "raters": row.raters,
    }


def _listed(row: Assessment) -> dict[str, str]:
    return {
        "on": words.day(row.session_on),
        "context": row.context,
        "supervisor": row.supervisor_name,  # type: ignore[attr-defined]  # as queries.assessments_seen gives it
        "state": row.get_status_display(),
    }
