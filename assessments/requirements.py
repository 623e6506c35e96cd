"""What a programme asks for, held against what was assessed: covered or open, and what that rests on.

It counts and points to the evidence. Whether somebody has learnt enough is for people to judge.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from assessments import scoring, wording
from assessments.models import Activity, Assessment, Programme, Status
from assessments.models.framework import Phase, ProblemArea, Scope
from assessments.profiles import Profile, Standing

NOTHING = "nothing is assessed yet"
# Maintenance follows a therapy that is over, and only for some.
PHASES = [Phase.INITIAL, Phase.MIDDLE, Phase.ENDING]


@dataclass(frozen=True)
class Evidence:
    """Something that a requirement rests on or still lacks, in words, and where to read about it."""

    words: str
    assessments: list[Assessment] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)


@dataclass(frozen=True)
class Requirement:
    """One thing a programme asks for. `told` says how far it is covered; what is open stands in `missing`."""

    text: str
    is_covered: bool
    told: str
    evidence: list[Evidence]
    missing: list[Evidence]


@dataclass(frozen=True)
class Judged:
    """A rating of a competence about which a concern was raised at some time. The key is that of any revision."""

    key: str
    code: str
    assessment_id: UUID
    has_level: bool
    is_concern: bool


@dataclass(frozen=True)
class Seen:
    """What the requirements are held against: the profile, its assessments oldest first, and where concerns were."""

    profile: Profile
    rows: list[Assessment]
    judged: list[Judged]


def asked(programme: Programme) -> dict[str, str]:
    """What a programme asks for, in words, by the name of the column."""
    return {name: text(programme) for name, text in _TEXTS.items() if getattr(programme, name)}


def requirements(
    programme: Programme, profile: Profile, assessments: Iterable[Assessment], judged: list[Judged]
) -> list[Requirement]:
    """Each requirement against the assessments that count, which are of one organisation and one framework."""
    seen = Seen(profile, sorted(assessments, key=lambda row: (row.session_on, row.shared_at)), judged)
    return [_HELD[name](text, programme, seen) for name, text in asked(programme).items()]


def headline(programme: Programme, rows: list[Requirement]) -> str:
    """`IPT practitioner 2025: of 6 requirements, 4 are covered and 2 open.`"""
    covered = sum(row.is_covered for row in rows)
    number = wording.count(len(rows), "requirement")
    if covered in {0, len(rows)}:
        one, state = len(rows) == 1, "covered" if covered else "open"
        return f"{programme}: {f'the one requirement is {state}' if one else f'all {number} are {state}'}."
    are = "is" if covered == 1 else "are"
    return f"{programme}: of {number}, {covered} {are} covered and {len(rows) - covered} open."


def _number(number: int, singular: str, plural: str = "") -> str:
    return wording.in_words(number, singular, plural).capitalize()


def _recordings_text(programme: Programme) -> str:
    recordings = _number(programme.recordings_per_case or 0, "reviewed recording")
    return (
        f"{recordings} in {'each of ' if programme.cases != 1 else ''}{wording.in_words(programme.cases or 0, 'case')}"
    )


_TEXTS: dict[str, Callable[[Programme], str]] = {
    "cases": lambda asks: _number(asks.cases or 0, "case"),
    "recordings_per_case": _recordings_text,
    "problem_areas": lambda asks: f"At least {wording.in_words(asks.problem_areas or 0, 'problem area')}",
    "has_all_phases": lambda asks: "Initial, middle and ending phase",
    "assessments": lambda asks: f"At least {wording.in_words(asks.assessments or 0, 'shared assessment')}",
    "is_core_observed": lambda asks: "Every core activity observed",
    "is_focus_observed": lambda asks: "Every focus activity observed whose problem area has come up",
    "has_no_open_concern": lambda asks: "No open concern",
    "is_all_signed_off": lambda asks: "Every assessment signed off",
}


def _told(covered: int, still_open: int) -> str:
    return f"{covered} covered, {still_open} open" if still_open else f"{covered} covered"


def _when(rows: list[Assessment]) -> str:
    """`on 9 May 2026`, `from 3 March to 9 May 2026`; there is at least one."""
    first, last = rows[0].session_on, rows[-1].session_on
    if first == last:
        return f"on {_day(last)}"
    since = f"{first:%-d %B}" if first.year == last.year else _day(first)
    return f"from {since} to {_day(last)}"


def _day(day: datetime.date) -> str:
    return f"{day:%-d %B %Y}"


def _group(name: str, rows: list[Assessment], thing: str = "assessment") -> Evidence:
    return Evidence(f"{name}: {wording.count(len(rows), thing)}, {_when(rows)}", rows)


def _by_case(rows: list[Assessment]) -> dict[int, list[Assessment]]:
    found: dict[int, list[Assessment]] = defaultdict(list)
    for row in rows:
        if row.case_number:
            found[row.case_number].append(row)
    return dict(sorted(found.items()))


def _cases(text: str, programme: Programme, seen: Seen) -> Requirement:
    by_case = _by_case(seen.rows)
    still_open = max((programme.cases or 0) - len(by_case), 0)
    missing = [Evidence(_number(still_open, "more case"))] if still_open else []
    unnamed = [row for row in seen.rows if not row.case_number]
    if missing and unnamed:
        name, count = ("names", "counts") if len(unnamed) == 1 else ("name", "count")
        words = f"{wording.count(len(unnamed), 'assessment')} {name} no case and {count} for none"
        missing.append(Evidence(words, unnamed))
    evidence = [_group(f"Case {number}", rows) for number, rows in by_case.items()]
    return Requirement(text, not still_open, _told(len(by_case), still_open), evidence, missing)


def _recordings(text: str, programme: Programme, seen: Seen) -> Requirement:
    cases, asks = programme.cases or 0, programme.recordings_per_case or 0
    recorded = {number: [row for row in rows if row.is_of_a_recording] for number, rows in _by_case(seen.rows).items()}
    full = {number: rows for number, rows in recorded.items() if len(rows) >= asks}
    still_open = max(cases - len(full), 0)
    missing = [
        Evidence(f"Case {number} has {len(rows)} of {wording.count(asks, 'recording')}", rows)
        for number, rows in recorded.items()
        if still_open and number not in full
    ]
    if still_open and (to_come := cases - len(recorded)) > 0:
        missing.append(Evidence(f"{_number(to_come, 'more case')} with {wording.in_words(asks, 'recording')}"))
    evidence = [_group(f"Case {number}", rows, "recording") for number, rows in full.items()]
    told = f"{wording.count(len(full), 'case')} covered" + (f", {still_open} open" if still_open else "")
    return Requirement(text, not still_open, told, evidence, missing)


def _by_area(rows: list[Assessment]) -> dict[ProblemArea, list[Assessment]]:
    found = {area: [row for row in rows if row.problem_area == area] for area in ProblemArea}
    return {area: rows for area, rows in found.items() if rows}


def _problem_areas(text: str, programme: Programme, seen: Seen) -> Requirement:
    met = _by_area(seen.rows)
    still_open = max((programme.problem_areas or 0) - len(met), 0)
    unmet = wording.listed([area.label.lower() for area in ProblemArea if area not in met])
    missing = [Evidence(f"{_number(still_open, 'more problem area')}; not met yet: {unmet}")] if still_open else []
    evidence = [_group(area.label, rows) for area, rows in met.items()]
    return Requirement(text, not still_open, _told(len(met), still_open), evidence, missing)


def _phases(text: str, programme: Programme, seen: Seen) -> Requirement:
    rows = {phase: [row for row in seen.rows if row.phase == phase] for phase in PHASES}
    evidence = [_group(f"{phase.label} phase", found) for phase, found in rows.items() if found]
    missing = [Evidence(f"{phase.label} phase: no assessment yet") for phase, found in rows.items() if not found]
    return Requirement(text, not missing, _told(len(evidence), len(missing)), evidence, missing)


def _assessments(text: str, programme: Programme, seen: Seen) -> Requirement:
    still_open = max((programme.assessments or 0) - len(seen.rows), 0)
    evidence = [_group("Shared", seen.rows)] if seen.rows else []
    missing = [Evidence(_number(still_open, "more shared assessment"))] if still_open else []
    return Requirement(text, not still_open, _told(len(seen.rows), still_open), evidence, missing)


def _core(text: str, programme: Programme, seen: Seen) -> Requirement:
    return _observed(text, [each for each in seen.profile.standings if each.activity.scope == Scope.CORE])


def _focus(text: str, programme: Programme, seen: Seen) -> Requirement:
    areas = _by_area(seen.rows)
    if not areas:
        return Requirement(text, False, "no problem area has come up yet", [], [])
    focus = [each for each in seen.profile.standings if each.activity.scope == Scope.FOCUS]
    return _observed(text, [each for each in focus if each.activity.problem_area in areas])


def _observed(text: str, standings: list[Standing]) -> Requirement:
    """Observed means that a competence of it has a level. What is not applicable throughout is not asked for."""
    outside = [each for each in standings if each.distribution.overall == scoring.NOT_APPLICABLE]
    given = [each for each in standings if each.distribution.rated]
    looked_for = [each for each in standings if each.distribution.overall == scoring.NOT_OBSERVED]
    never = [each for each in standings if each.distribution.overall == scoring.NOT_RATED]
    named = {"Never rated": never, "Looked for, not observed": looked_for}
    missing = [Evidence(words, activities=_activities(rows)) for words, rows in named.items() if rows]
    evidence = [Evidence(_levels(each), activities=[each.activity]) for each in given]
    if outside:
        evidence.append(Evidence("Not applicable, so not asked for", activities=_activities(outside)))
    told = _told(len(given), len(never) + len(looked_for)) if given or missing else "none is asked for"
    return Requirement(text, not missing, told, evidence, missing)


def _activities(standings: list[Standing]) -> list[Activity]:
    return [each.activity for each in standings]


def _levels(standing: Standing) -> str:
    """`4 of 7 competences have a level, the last of 9 May 2026`; there is at least one."""
    rated, day = standing.distribution.rated, standing.last_rated_on or datetime.date.min
    carried = sum(was.is_same and isinstance(was.mark, int) for was in standing.carried.values())
    over = f", {carried} of them carried over" if carried else ""
    have = "has" if rated == 1 else "have"
    expected = wording.count(standing.distribution.expected, "competence")
    return f"{rated} of {expected} {have} a level, the last of {_day(day)}{over}"


def _concerns(text: str, programme: Programme, seen: Seen) -> Requirement:
    """A concern is open until the same competence is given a level, later and without one, by whoever it is.

    Not observed and not applicable say nothing about it. Where nothing was assessed, nothing was looked for.
    """
    if not seen.rows:
        return Requirement(text, False, NOTHING, [], [])
    place = {row.pk: number for number, row in enumerate(seen.rows)}
    by_key: dict[str, list[Judged]] = defaultdict(list)
    for each in sorted(seen.judged, key=lambda each: place[each.assessment_id]):
        by_key[each.key].append(each)
    evidence, missing = [], []
    for judged in by_key.values():
        last = max(number for number, each in enumerate(judged) if each.is_concern)
        raised = seen.rows[place[judged[last].assessment_id]]
        words = f"{judged[last].code}: raised on {_day(raised.session_on)}"
        since = next((each for each in judged[last + 1 :] if each.has_level), None)
        if since is None:
            missing.append(Evidence(f"{words}, given no level without a concern since", [raised]))
        else:
            later = seen.rows[place[since.assessment_id]]
            again = f"given a level without a concern on {_day(later.session_on)}"
            evidence.append(Evidence(f"{words}, {again}", [raised, later]))
    told = f"{len(by_key)} raised, {len(missing) or 'none'} open" if by_key else "none was raised"
    return Requirement(text, not missing, told, evidence, missing)


def _signatures(text: str, programme: Programme, seen: Seen) -> Requirement:
    if not seen.rows:
        return Requirement(text, False, NOTHING, [], [])
    signed = [row for row in seen.rows if row.status == Status.SIGNED_OFF]
    waiting = [row for row in seen.rows if row.status != Status.SIGNED_OFF]
    evidence = [_group("Signed off", signed)] if signed else []
    missing = [_group("Not signed off yet", waiting)] if waiting else []
    return Requirement(text, not waiting, _told(len(signed), len(waiting)), evidence, missing)


_HELD: dict[str, Callable[[str, Programme, Seen], Requirement]] = {
    "cases": _cases,
    "recordings_per_case": _recordings,
    "problem_areas": _problem_areas,
    "has_all_phases": _phases,
    "assessments": _assessments,
    "is_core_observed": _core,
    "is_focus_observed": _focus,
    "has_no_open_concern": _concerns,
    "is_all_signed_off": _signatures,
}
