"""An assessment report as its template needs it, from the record document alone."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from assessments import charts, wording
from assessments.models.audit import ReportKind
from assessments.models.framework import Kind, Phase, Scope
from assessments.models.goal import GoalOwner, GoalStatus
from assessments.records import Document
from assessments.reports import cover, movement, summary, words
from assessments.reports.levels import Scale, Swatch
from assessments.scoring import (
    NOT_APPLICABLE,
    NOT_OBSERVED,
    NOT_RATED,
    Distribution,
    Mark,
    distribution,
)

EXTENTS: dict[str, str] = {
    ReportKind.FULL: "Full: every competence of the assessment",
    ReportKind.SHORT: "Short: only the competences that were answered",
}
# Columns of the map on one sheet; a framework with more domains takes a second band.
COLUMNS = 5
# Letters of a word that fits on a line, however wide they are.
SURE_TO_FIT = 48


@dataclass(frozen=True)
class Statement:
    code: str
    text: str
    swatch: Swatch
    meta: str
    points: str = ""
    note: str = ""
    is_concern: bool = False

    @property
    def opening(self) -> str:
        """`4 S2.1`, or the code alone where there is no level."""
        return "\u2002".join(filter(None, [self.swatch.value, self.code]))

    @property
    def css(self) -> str:
        """Its classes: the level, and what is seldom."""
        is_long = any(len(word) > SURE_TO_FIT for word in f"{self.text} {self.meta}".split(" "))
        return " ".join([f"of-{self.swatch.css}", *compress(["is-concern", "is-long"], [self.is_concern, is_long])])


@dataclass(frozen=True)
class Activity:
    code: str
    title: str
    short_title: str
    facts: str
    swatch: Swatch
    numbers: Distribution
    statements: list[Statement]


@dataclass(frozen=True)
class Domain:
    code: str
    title: str
    short_title: str
    numbers: Distribution
    activities: list[Activity]
    not_rated: str = "Not rated in this assessment"

    @property
    def rated(self) -> list[Activity]:
        """The activities with something to list."""
        return [activity for activity in self.activities if activity.statements]

    @property
    def unrated(self) -> str:
        """Activities in which nothing was rated, in words."""
        names = [
            f"{activity.code} {activity.short_title} ({words.counted(activity.numbers.total, 'competence')})"
            for activity in self.activities
            if not activity.statements
        ]
        return f"{self.not_rated}: {', '.join(names)}." if names else ""


def context(
    document: Document, *, sha256: str, issued_on: datetime.date, kind: str = ReportKind.FULL
) -> dict[str, Any]:
    """Everything `reports/assessment.html` prints. The short one leaves out what was not rated, and the details of
    what moved.
    """
    scale = Scale.of(document)
    is_full = kind == ReportKind.FULL
    domains = [_domain(domain, document, scale, is_full=is_full) for domain in document["domains"]]
    total = distribution(mark for domain in document["domains"] for mark in _marks(domain["activities"]))
    number = cover.number(document)
    state = cover.state(document["assessment"])
    concerns = [row for row in _listed(domains) if row.is_concern]
    return {
        "number": number,
        "heading": cover.heading(document),
        "is_of_oneself": cover.is_of_oneself(document),
        "is_signed": cover.is_signed(document),
        "is_occasional": cover.is_occasional(document),
        "title": f"{cover.heading(document)} {number}, {document['therapist']['name']}",
        "document": document,
        "state": state,
        "occasion": cover.occasion(document["assessment"]),
        "session_on": words.date(document["assessment"]["session_on"]),
        "facts": [*cover.facts(document, str(scale), state, issued_on), ("This report", EXTENTS[kind])],
        "signatures": cover.signatures(document),
        "headline": headline(total, scale),
        "rest": rest(total),
        "bands": bands(domains),
        "bars": bars(domains, scale),
        "domains": domains,
        "sources": sources(document),
        "scale": scale,
        "texts": {name: words.lines(text) for name, text in document["texts"].items()},
        "goals": [{**goal, "when": _goal_line(goal)} for goal in document["goals"]],
        "no_goals": summary.no_goals(document),
        "goals_closed": [{**goal, "closed": _closing(goal)} for goal in document.get("goals_closed", [])],
        "concerns": concerns,
        "counts": summary.counts(domains, total, scale),
        "glance": summary.rows(document, total, movement.told(document), concerns=len(concerns)),
        "fitness": summary.fitness(document),
        "movement": movement.section(document, scale) if is_full else None,
        "reply": cover.reply(document),
        "about": cover.about(document, sha256),
        "footer": cover.footer(document, number, state),
        "fingerprint": cover.fingerprint(document, sha256),
        "sha256": words.grouped(sha256),
        "issued_on": issued_on.isoformat(),
    }


def headline(total: Distribution, scale: Scale) -> str:
    """A count, never a share and never a verdict."""
    if not total.rated:
        return "No competence has been rated."
    reached = total.at_or_beyond(scale.threshold, descending=scale.is_descending)
    verb = "is" if reached == 1 else "are"
    return f"Of {words.counted(total.rated, 'competence')} rated, {reached} {verb} at {scale.expected}."


def sources(document: Document) -> str:
    """What every rating rests on and who gave it, said once; a rating given by somebody else names them itself."""
    given_by = document["therapist" if cover.is_of_oneself(document) else "supervisor"]["name"]
    facts = document["assessment"]
    rests_on = f"{cover.occasion(facts)}, {words.date(facts['session_on'])}"
    return f"Every rating rests on this: {rests_on}. Unless it says otherwise, {given_by} gave it."


def rest(total: Distribution) -> str:
    """What the headline leaves out, in words."""
    parts = [f"{count} {'is' if count == 1 else 'are'} {name}" for name, count in summary.gaps(total).items() if count]
    return f"{words.joined(parts)}." if parts else ""


# Rows and groups


def _domain(domain: Document, document: Document, scale: Scale, *, is_full: bool) -> Domain:
    activities = [_activity(activity, document, scale, is_full=is_full) for activity in domain["activities"]]
    numbers = distribution(_marks(domain["activities"]))
    return Domain(domain["code"], domain["title"], domain["short_title"], numbers, activities)


def _activity(activity: Document, document: Document, scale: Scale, *, is_full: bool) -> Activity:
    numbers = distribution(_marks([activity]))
    listed = [row for row in activity["competences"] if is_full or row["rating"]]
    return Activity(
        code=activity["code"],
        title=activity["title"],
        short_title=activity["short_title"],
        facts=_activity_facts(activity, numbers, scale),
        swatch=scale.swatch(numbers.overall),
        numbers=numbers,
        statements=[_statement(row, document["supervisor"], scale) for row in listed],
    )


def _activity_facts(activity: Document, numbers: Distribution, scale: Scale) -> str:
    """`Median 3, Developing · 8 of 10 rated, 2 not observed · Focus activity, middle phase`."""
    counts = [f"{numbers.rated} of {numbers.total} rated"]
    counts += [f"{count} {name}" for name, count in summary.gaps(numbers).items() if count]
    place = [f"{words.word(Scope, activity['scope'])} activity"]
    if activity["phase"]:
        place.append(f"{words.word(Phase, activity['phase']).lower()} phase")
    parts = [", ".join(counts), ", ".join(place)]
    if numbers.median is not None:
        median = scale.swatch(numbers.median)
        parts.insert(0, f"Median {median.sign}, {median.label}")
    return " \u00b7 ".join(parts)


def _statement(row: Document, supervisor: Document, scale: Scale) -> Statement:
    """What was not rated is listed without a note and without anybody who rated it."""
    rating = row["rating"] or UNRATED
    swatch = scale.swatch(_mark(row))
    # What every statement has stays on one line.
    parts = [f"{swatch.label} \u00b7 {words.word(Kind, row['kind'])}".replace(" ", "\u00a0")]
    if row["is_safety_critical"]:
        parts.append("Safety-critical")
    if rating["is_priority"]:
        parts.append("Priority")
    if "time_mark" in rating:
        parts.append(f"At {wording.time_mark(rating['time_mark'])}")
    if row["rating"] and rating["rated_by"]["id"] != supervisor["id"]:
        parts.append(f"Rated by {rating['rated_by']['name']}, {words.moment(rating['rated_at'])}")
    return Statement(
        code=row["code"],
        text=row["text"],
        points=wording.points({point["code"]: point["text"] for point in row["points"]}, rating.get("points_seen", [])),
        meta="\u00a0\u00b7 ".join(parts),  # no line begins with a dot
        swatch=swatch,
        note=rating["note"],
        is_concern=rating["is_concern"],
    )


UNRATED: Document = {"is_priority": False, "is_concern": False, "note": ""}


def _marks(activities: Iterable[Document]) -> Iterator[Mark]:
    return (_mark(row) for activity in activities for row in activity["competences"])


def _mark(row: Document) -> Mark:
    rating = row["rating"]
    if rating is None:
        return NOT_RATED
    mark: Mark = rating["position"] if rating["outcome"] == "level" else rating["outcome"]
    return mark


def _listed(domains: Iterable[Domain]) -> Iterator[Statement]:
    return (row for domain in domains for activity in domain.activities for row in activity.statements)


def _goal_line(goal: Document) -> str:
    due = f"By {words.date(goal['due_on'])}" if goal["due_on"] else "No date set"
    # Records of goals are older than their owners.
    who = f"Worked on by {words.word(GoalOwner, goal['owner']).lower()}" if "owner" in goal else ""
    judged = f"Judged by: {goal['judged_by']}" if "judged_by" in goal else ""
    return " \u00b7 ".join(filter(None, [", ".join(goal["competences"]), who, due, judged]))


def _closing(goal: Document) -> str:
    """`Closed: met. She named all three stages.`"""
    outcome = f"Closed: {words.word(GoalStatus, goal['status']).lower()}."
    return " ".join(filter(None, [outcome, goal["result"]]))


# The map and the chart


def bands(domains: Sequence[Domain]) -> list[dict[str, Any]]:
    """The map as tables of at most five columns; a short column ends in empty cells."""
    bands = [domains[start : start + COLUMNS] for start in range(0, len(domains), COLUMNS)]
    return [
        {
            "domains": band,
            "rows": [
                [domain.activities[row] if row < len(domain.activities) else None for domain in band]
                for row in range(max(len(domain.activities) for domain in band))
            ],
        }
        for band in bands
    ]


def bars(domains: Iterable[Domain], scale: Scale) -> list[charts.Bar]:
    return charts.stacked_bars(
        [
            (domain.short_title, f"{domain.numbers.rated} of {domain.numbers.total} rated", parts)
            for domain in domains
            for parts in [_parts(domain.numbers, scale)]
        ]
    )


def _parts(numbers: Distribution, scale: Scale) -> list[charts.Part]:
    counts: Counter[Mark] = Counter(numbers.levels)
    counts[NOT_OBSERVED], counts[NOT_RATED] = numbers.not_observed, numbers.not_rated
    counts[NOT_APPLICABLE] = numbers.not_applicable
    marks: list[Mark] = [*scale.furthest_first, NOT_OBSERVED, NOT_RATED, NOT_APPLICABLE]
    return [charts.Part(scale.swatch(mark).css, scale.swatch(mark).label, counts[mark]) for mark in marks]
