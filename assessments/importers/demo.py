"""The demo's cast: read from its file, and grown beyond it by invented people."""

import random
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from assessments.importers.own_yaml import LOADER

# Growth repeats the cast's sessions; the yearly reviews of some 300 competences would swamp it.
MOST_ACTIVITIES = 5
# Far enough back that all the demo's steps, up to the last signature, lie in the past.
LATEST_DAYS_AGO = 18

TEXTS = ["summary", "strengths", "needs", "concerns_handled", "fitness"]


@dataclass(frozen=True)
class DemoPerson:
    email: str
    name: str
    role: str
    profession: str = ""
    programme: str = ""


@dataclass(frozen=True)
class DemoSupervision:
    therapist: str
    supervisor: str
    since_days_ago: int
    until_days_ago: int | None = None


@dataclass(frozen=True)
class DemoGoal:
    text: str
    competences: list[str]
    due_in_days: int
    owner: str = "therapist"
    judged_by: str = ""
    result: str = ""
    is_dropped: bool = False


@dataclass(frozen=True)
class DemoReply:
    agreement: str
    text: str


@dataclass(frozen=True)
class DemoAssessment:
    """One assessment. `context` and `texts` hold model fields by name; people are named by e-mail address.

    `ratings` holds the explicit ones by code: a level's value or an outcome. Unless it is a draft, the rest
    of the extent is rated near the level `base`.
    """

    therapist: str
    supervisor: str
    days_ago: int
    state: str
    context: dict[str, Any]
    activities: list[str]
    base: str
    ratings: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    concerns: dict[str, str] = field(default_factory=dict)
    priorities: list[str] = field(default_factory=list)
    time_marks: dict[str, int] = field(default_factory=dict)
    points_seen: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    goals: list[DemoGoal] = field(default_factory=list)
    reply: DemoReply | None = None
    is_signed_by_therapist: bool = False
    withdrawn_reason: str = ""

    @property
    def is_self(self) -> bool:
        """Therapists who name themselves as the assessor."""
        return self.therapist == self.supervisor

    @property
    def explicit(self) -> set[str]:
        """The codes that the file says something about."""
        return {*self.ratings, *self.notes, *self.concerns, *self.priorities, *self.time_marks, *self.points_seen}

    def note(self, code: str) -> str:
        """The note with what was agreed about a concern below it."""
        return "\n\n".join(text for text in [self.notes.get(code), self.concerns.get(code)] if text)


@dataclass(frozen=True)
class DemoShortForm:
    name: str
    purpose: str
    activities: list[str]


@dataclass(frozen=True)
class DemoProgramme:
    """What a programme asks for: model fields by name."""

    name: str
    asks: dict[str, int | bool]


@dataclass(frozen=True)
class DemoCast:
    organisation: str
    people: list[DemoPerson]
    supervisions: list[DemoSupervision]
    assessments: list[DemoAssessment]
    short_forms: list[DemoShortForm] = field(default_factory=list)
    programmes: list[DemoProgramme] = field(default_factory=list)

    @property
    def therapists(self) -> list[DemoPerson]:
        return [person for person in self.people if person.role == "therapist"]

    @property
    def supervisors(self) -> list[DemoPerson]:
        return [person for person in self.people if person.role == "supervisor"]


def chance(*parts: object) -> random.Random:
    """A source of draws that is the same for the same parts, wherever it runs."""
    return random.Random("-".join(str(part) for part in parts))  # noqa: S311  made-up data


def read(content: bytes) -> DemoCast:
    """Read the cast. The file is the project's own, so a mistake in it is a programmer's error."""
    document = yaml.load(content, Loader=LOADER)  # noqa: S506  the base loader builds text, lists and dicts only
    return DemoCast(
        organisation=document["organisation"],
        people=[DemoPerson(**person) for person in document["people"]],
        supervisions=[_supervision(row) for row in document["supervisions"]],
        assessments=[_assessment(row) for row in document["assessments"]],
        short_forms=[DemoShortForm(**row) for row in document["short_forms"]],
        programmes=[_programme(row) for row in document["programmes"]],
    )


def _supervision(row: dict[str, str]) -> DemoSupervision:
    return DemoSupervision(
        therapist=row["therapist"],
        supervisor=row["supervisor"],
        since_days_ago=int(row["since_days_ago"]),
        until_days_ago=int(row["until_days_ago"]) if "until_days_ago" in row else None,
    )


def _programme(row: dict[str, Any]) -> DemoProgramme:
    numbers = {name: int(number) for name, number in row["numbers"].items()}
    return DemoProgramme(row["name"], numbers | dict.fromkeys(row["conditions"], True))


def _assessment(row: dict[str, Any]) -> DemoAssessment:
    return DemoAssessment(
        therapist=row["therapist"],
        supervisor=row["supervisor"],
        days_ago=int(row["days_ago"]),
        state=row["state"],
        context=_context(row),
        activities=row["activities"],
        base=row["base"],
        ratings=row["ratings"],
        notes=row["notes"],
        concerns=row.get("concerns", {}),
        priorities=row["priorities"],
        time_marks={code: _seconds(mark) for code, mark in row.get("time_marks", {}).items()},
        points_seen=row.get("points_seen", {}),
        texts={name: row.get(name, "") for name in TEXTS},
        goals=[_goal(goal) for goal in row.get("goals", [])],
        reply=DemoReply(**row["reply"]) if "reply" in row else None,
        is_signed_by_therapist=row.get("signed_by_therapist") == "yes",
        withdrawn_reason=row.get("withdrawn_reason", ""),
    )


def _seconds(mark: str) -> int:
    minutes, seconds = mark.split(":")
    return int(minutes) * 60 + int(seconds)


def _context(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": row["source"],
        "case_number": int(row["case"]),
        "session_number": int(row["session"]),
        "planned_total": int(row["planned_total"]),
        "phase": row["phase"],
        "problem_area": "" if row["problem_area"] == "undecided" else row["problem_area"],
        "format": row["format"],
        "minutes_reviewed": int(row["minutes"]),
        "selected_by": row["selected_by"],
        "difficulty": row["difficulty"],
        "is_consent_confirmed": row["source"] == "recorded",
    }


def _goal(row: dict[str, Any]) -> DemoGoal:
    return DemoGoal(
        text=row["text"],
        competences=row["competences"],
        due_in_days=int(row["due_in_days"]),
        owner=row.get("owner", "therapist"),
        judged_by=row.get("judged_by", ""),
        result=row.get("result", ""),
        is_dropped=row.get("dropped") == "yes",
    )


def grow(cast: DemoCast, *, therapists: int, assessments: int, seed: int) -> DemoCast:
    """The cast with as many therapists and assessments as asked for; the cast itself always stays whole.

    Further assessments go to the added therapists, or to all when none are added. They are shared and not
    signed: a signed record each would make a large demo slow to load.
    """
    numbers = range(len(cast.therapists) + 1, therapists + 1)
    added = [_invented_therapist(number) for number in numbers]
    supervisions = [
        DemoSupervision(
            therapist=person.email,
            supervisor=cast.supervisors[index % len(cast.supervisors)].email,
            since_days_ago=chance(seed, person.email).randint(200, 400),
        )
        for index, person in enumerate(added)
    ]
    running = supervisions or [each for each in cast.supervisions if each.until_days_ago is None]
    return replace(
        cast,
        people=[*cast.people, *added],
        supervisions=[*cast.supervisions, *supervisions],
        assessments=[*cast.assessments, *_spread(cast, running, assessments - len(cast.assessments), seed)],
    )


def _invented_therapist(number: int) -> DemoPerson:
    return DemoPerson(
        email=f"therapist{number:03d}@example.org",
        name=f"Demo Therapist {number:03d}",
        role="therapist",
        programme="IPT practitioner training, year 1",
    )


def _spread(cast: DemoCast, running: list[DemoSupervision], count: int, seed: int) -> list[DemoAssessment]:
    """`count` assessments dealt out in turn, each therapist's evenly over the time of the supervision."""
    sessions = [each for each in cast.assessments if each.reply and len(each.activities) <= MOST_ACTIVITIES]
    dealt = []
    for index, supervision in enumerate(running):
        share = len(range(index, count, len(running)))
        span = supervision.since_days_ago - LATEST_DAYS_AGO
        for turn in range(share):
            draw = chance(seed, supervision.therapist, "session", turn)
            days_ago = LATEST_DAYS_AGO + span * (share - turn) // (share + 1)
            base = 2 + turn * 2 // share + draw.randint(0, 1)
            dealt.append(_repeated(draw.choice(sessions), supervision, days_ago, str(base)))
    return dealt


def _repeated(session: DemoAssessment, supervision: DemoSupervision, days_ago: int, base: str) -> DemoAssessment:
    """A session like one of the cast's, with another therapist and nothing written."""
    return DemoAssessment(
        therapist=supervision.therapist,
        supervisor=supervision.supervisor,
        days_ago=days_ago,
        state="shared",
        context=session.context,
        activities=session.activities,
        base=base,
    )
