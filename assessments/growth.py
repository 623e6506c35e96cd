"""What a profile tells besides the levels: then and now, change, coverage, cases. Counts, no verdicts."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from assessments import charts, courses, scoring, wording
from assessments.models import Activity, Assessment
from assessments.models.framework import Phase, ProblemArea
from assessments.profiles import DomainStanding, Profile, Standing


def told_domains(profile: Profile) -> str:
    """How many competences are rated, and in which domains."""
    if not profile.distribution.rated:
        return "Nothing is rated."
    parts = [f"{each.distribution.rated} in {each.short_title}" for each in profile.domains if each.distribution.rated]
    expected = wording.count(profile.distribution.expected, "competence")
    return f"Rated so far: {profile.distribution.rated} of {expected}, {wording.listed(parts)}."


@dataclass(frozen=True)
class ThenNow:
    """One activity at two times: the median first and latest level of the competences that were rated twice."""

    activity: Activity
    then: int
    now: int
    competences: int
    since: datetime.date


def then_and_now(domain: DomainStanding) -> list[ThenNow]:
    """The activities of a domain with a competence that was rated on at least two occasions, in printed order."""
    found = []
    for standing in domain.activities:
        twice = [levels for course in standing.courses.values() if len(levels := course.levels) > 1]
        then, now = (scoring.median_low(levels[end][1] for levels in twice) for end in (0, -1))
        if then is not None and now is not None:
            since = min(levels[0][0] for levels in twice)
            found.append(ThenNow(standing.activity, then, now, len(twice), since))
    return found


def drawn(pairs: list[ThenNow], profile: Profile) -> charts.Dumbbells:
    """Then and now of some activities as a drawing, the same on the page and on paper."""
    ends = [charts.Pair(each.activity.code, each.activity.short_title, each.then, each.now) for each in pairs]
    return charts.dumbbells(ends, [level.value for level in profile.levels], descending=profile.is_descending)


def moves(pairs: Iterable[ThenNow], *, descending: bool = False) -> Counter[str]:
    """How many activities went further on, stayed, or went less far."""
    return Counter(courses.compared(pair.then, pair.now, descending=descending) for pair in pairs)


def told_moves(counts: Counter[str], thing: str, things: str) -> str:
    """`Of 5 activities rated at least twice, 3 are further on, 2 the same.`"""
    total = counts.total()
    if not total:
        return f"No {thing} has been rated twice yet."
    parts = [f"{counts[kind]} {words}" for kind, words in MOVES.items() if counts[kind]]
    return f"Of {wording.count(total, thing, things)} rated at least twice: {wording.listed(parts)}."


MOVES = {courses.FURTHER: "further on", courses.SAME: "the same", courses.LESS_FAR: "less far"}


@dataclass(frozen=True)
class Coverage:
    """What an activity lacks, as codes: never given a level, given one only once, last given one too long ago."""

    activity: Activity
    expected: int
    never: list[str]
    once: list[str]
    stale: list[str]

    @property
    def told(self) -> tuple[str, str, str]:
        """The three in words; of an activity that was never observed at all not each code."""
        never = f"All {self.expected}" if len(self.never) == self.expected else _codes(self.never)
        return never, _codes(self.once), _codes(self.stale)


def _codes(codes: list[str]) -> str:
    return ", ".join(codes) or "None"


def coverage(profile: Profile) -> list[Coverage]:
    """Every activity that counts and lacks something; what is not applicable is not expected."""
    rows = [_coverage(each, profile) for each in profile.standings if each.counts_towards_coverage]
    return [row for row in rows if row.never or row.once or row.stale]


def _coverage(standing: Standing, profile: Profile) -> Coverage:
    levels = {code: course.levels for code, course in standing.courses.items()}
    given = [code for code, mark in standing.marks if isinstance(mark, int)]
    own = [code for code in given if levels.get(code)]
    return Coverage(
        activity=standing.activity,
        expected=standing.distribution.expected,
        never=[code for code, mark in standing.marks if mark in {scoring.NOT_RATED, scoring.NOT_OBSERVED}],
        once=[code for code in given if len(levels.get(code, [])) < 2],  # noqa: PLR2004  carried over is once, too
        stale=[code for code in given if _last(standing, code, own, levels) < profile.stale_before],
    )


def _last(
    standing: Standing, code: str, own: list[str], levels: dict[str, list[tuple[datetime.date, int]]]
) -> datetime.date:
    return levels[code][-1][0] if code in own else standing.carried[code].on


def told_coverage(rows: list[Coverage], profile: Profile) -> str:
    """The coverage in a sentence."""
    never, once, stale = (sum(len(codes) for codes in column) for column in _columns(rows))
    expected = profile.distribution.expected
    months = wording.in_words(profile.stale_months, "month")
    return (
        f"Of {wording.count(expected, 'competence')}, {never} {_were(never)} never observed, {once} {_were(once)}"
        f" observed once only, and {stale} {_were(stale)} last observed more than {months} ago."
    )


def _columns(rows: list[Coverage]) -> list[list[list[str]]]:
    return [[row.never for row in rows], [row.once for row in rows], [row.stale for row in rows]]


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


@dataclass(frozen=True)
class CaseRow:
    """One case, or the assessments that name none: its problem areas, and how many assessments in each phase."""

    number: int | None
    areas: list[str]
    phases: list[tuple[str, int]]
    assessments: int

    @property
    def name(self) -> str:
        return f"Case {self.number}" if self.number else "No case named"


NO_PHASE = "No phase named"


def cases(assessments: Iterable[Assessment]) -> list[CaseRow]:
    """Problem areas and phases by case, from assessments that count; those without a case come last."""
    by_case: dict[int | None, list[Assessment]] = defaultdict(list)
    for row in assessments:
        by_case[row.case_number].append(row)
    return [_case(number, by_case[number]) for number in sorted(by_case, key=lambda each: (each is None, each or 0))]


def _case(number: int | None, rows: list[Assessment]) -> CaseRow:
    areas, phases = {row.problem_area for row in rows}, Counter(row.phase for row in rows)
    return CaseRow(
        number=number,
        areas=[area.label for area in ProblemArea if area.value in areas],
        phases=[*((phase.label, phases[phase]) for phase in Phase), (NO_PHASE, phases[""])],
        assessments=len(rows),
    )


def told_cases(rows: list[CaseRow]) -> str:
    """Which problem areas and phases the cases cover, and which none has."""
    named = [row for row in rows if row.number]
    if not named:
        return "No assessment names a case yet."
    seen = {area for row in named for area in row.areas}
    met = [area.label.lower() for area in ProblemArea if area.label in seen]
    unmet = [area.label.lower() for area in ProblemArea if area.label not in seen]
    seen_phases = {name for row in named for name, number in row.phases if number}
    phases = [phase.label.lower() for phase in Phase if phase.label in seen_phases]
    cover = f"{wording.count(len(named), 'case')} cover{'s' if len(named) == 1 else ''}"
    areas = wording.listed(met) or "no problem area"
    during = f"; phases seen: {wording.listed(phases)}" if phases else ""
    missing = f" Not met in a case: {wording.listed(unmet)}." if unmet else ""
    return f"{cover} {areas}{during}.{missing}"


@dataclass(frozen=True)
class Spread:
    """What several supervisors gave one competence: the lowest and the highest of the latest level of each."""

    activity: Activity
    code: str
    lowest: int
    highest: int
    raters: int


def spreads(standing: Standing) -> list[Spread]:
    """The competences of an activity that several supervisors gave a level."""
    found = []
    for code, course in standing.courses.items():
        levels = course.by_rater
        if len(levels) > 1:
            found.append(Spread(standing.activity, code, levels[0], levels[-1], len(levels)))
    return found


def told_spreads(rows: list[Spread]) -> str:
    """How far the supervisors agree, in a sentence; there is at least one such competence."""
    apart = sum(row.lowest != row.highest for row in rows)
    several = wording.count(len(rows), "competence")
    if not apart:
        return f"The supervisors agree on {several} that more than one of them rated."
    return f"Of {several} rated by more than one supervisor, {apart} {'has' if apart == 1 else 'have'} a spread."
