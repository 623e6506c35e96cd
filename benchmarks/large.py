"""Measure the pages of a small database and of one with thirty million ratings, in turns, and print their ratios.

Started by bin/bench large, which sets DATABASE_URL to an empty PostgreSQL database. RATINGS changes the size. The
small database holds the demo and one organisation; the large one is a copy of it with hundreds of such organisations.
Each page is opened by the people of the demo, whose rows are the same in both databases, and by those of an
organisation: in the small database the only one, in the large one out of the midst of the others.
"""

import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import filling
import psycopg
from load import Answer, Visitor
from run import Row, print_table, run_script
from servers import ROOT, Server, serving

RATINGS = int(os.environ.get("RATINGS", "30000000"))
LIMIT = 1.5
# PostgreSQL keeps the plan of a statement once a session has asked it nine times, and each worker has its sessions.
WARM_UP, ROUNDS = 30, 40
# One address may sign in thirty times a minute.
SIGN_INS = 5, 20
LARGE = "ipt_large"
ACTIVITY = "G1"
PASSWORD = "demo-pass-2026"  # noqa: S105  of made-up people, printed for everybody to see
DEMO, ORGANISATION = "the demo", "an organisation"

Cast = dict[str, Any]
Work = Callable[["Site"], Answer]


@dataclass(frozen=True)
class Site:
    """One of the two databases with its server, and whom to be there."""

    server: Server
    url: str
    cast: Cast

    def as_(self, role: str) -> Visitor:
        return Visitor(self.server.port, self.cast["sessions"].get(role, ""))


@dataclass(frozen=True)
class Cost:
    """Of one request: median milliseconds by the clock, mean milliseconds of processors."""

    wall: float
    cpu: float


def main() -> int:
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        sys.exit("DATABASE_URL names no PostgreSQL database. Run: bin/bench large")
    small = os.environ["DATABASE_URL"]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ipt-bench-") as folder:
        environment = {**os.environ, "DEBUG": "0", "IPT_DEMO": "1", "IPT_VAR": folder, "PYTHONPATH": str(ROOT)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        large, middle = prepare(small, environment)
        print(*sizes(large), sep="\n", flush=True)
        print(starting(environment | {"DATABASE_URL": large}), flush=True)
        with sites(environment, small, large, middle) as pairs:
            rows = [row for who, pair in pairs.items() for row in measured(who, *pair)]
    print_table(rows)
    met, missed = (sum(row.is_met is wanted for row in rows) for wanted in (True, False))
    print(f"\n{met} met, {missed} missed, in {time.monotonic() - begun:.0f} s.")
    return 0


def prepare(small: str, environment: dict[str, str]) -> tuple[str, int]:
    """Make and fill both databases; the address of the large one, and an organisation in the midst of it."""
    print("Preparing the small database …", flush=True)
    facts = json.loads(run_script("cast.py", "small", environment=environment))
    filling.fill(small, first=0, organisations=1, **facts)
    number = filling.organisations_for(RATINGS, facts["asked"])
    print(f"Filling the large database: {number * filling.THERAPISTS_EACH:,} therapists …", flush=True)
    address, _, name = small.rpartition("/")
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {LARGE} TEMPLATE {name}".encode())
    large = f"{address}/{LARGE}"
    filling.fill(large, first=1, organisations=number, **facts)
    return large, 1 + number // 2


def sizes(url: str) -> Iterator[str]:
    """The tables that grew, with what their rows and their indexes take."""
    yield f"\n{'Table':36}{'rows':>14}{'rows, MB':>10}{'indexes, MB':>13}"
    query = (
        "SELECT relname, reltuples::bigint, pg_table_size(oid) / 1000000, pg_indexes_size(oid) / 1000000"
        " FROM pg_class WHERE relkind = 'r' AND relname LIKE 'assessments%' AND reltuples > 1000 ORDER BY 2 DESC"
    )
    with psycopg.connect(url) as connection:
        for name, *numbers in connection.execute(query.encode()):
            yield f"{name:36}{numbers[0]:>14,}{numbers[1]:>10,}{numbers[2]:>13,}"


def starting(environment: dict[str, str]) -> str:
    """What the server does before it serves, on the large database."""
    begun = time.monotonic()
    command = [sys.executable, "manage.py", "rebuild_standings", "--missing"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return f"\nLooking for missing standings, as every start does: {time.monotonic() - begun:.1f} s"


@contextmanager
def sites(environment: dict[str, str], small: str, large: str, middle: int) -> Iterator[dict[str, tuple[Site, Site]]]:
    """For each kind of people the small and the large site."""
    at = {url: environment | {"DATABASE_URL": url} for url in (small, large)}

    def cast(url: str, number: str) -> Cast:
        found: Cast = json.loads(run_script("cast.py", number, environment=at[url]))
        return found

    casts = {DEMO: [cast(small, "demo"), cast(large, "demo")]}
    casts[ORGANISATION] = [cast(small, "0"), cast(large, str(middle))]
    with (
        serving("ipt.wsgi", at[small], probe="/healthz") as one,
        serving("ipt.wsgi", at[large], probe="/healthz") as other,
    ):
        yield {who: (Site(one, small, few), Site(other, large, many)) for who, (few, many) in casts.items()}


def measured(who: str, small: Site, large: Site) -> Iterator[Row]:
    """Every page of these people, in both databases in turns."""
    print(f"Measuring the pages of {who} …", flush=True)
    yield Row(f"People of {who}", "", "", "")
    for what, work in works(who).items():
        few, many = in_turns(small, large, work, *(SIGN_INS if work is sign_in else (WARM_UP, ROUNDS)))
        shown = f"{many.wall:.1f} ms, CPU {many.cpu:.1f} (small {few.wall:.1f}, CPU {few.cpu:.1f})"
        ratio = max(many.wall / few.wall, many.cpu / few.cpu)
        yield Row(f"  {what}", shown, f"{ratio:.2f} times", f"≤ {LIMIT:g} times", ratio <= LIMIT)


def in_turns(small: Site, large: Site, work: Work, warm_up: int, rounds: int) -> tuple[Cost, Cost]:
    """The same in both, one after the other, so that other work on the machine falls on both."""
    for _ in range(warm_up):
        work(small)
        work(large)
    before = [site.server.cpu_seconds(site.url) for site in (small, large)]
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for seconds, site in zip(times, (small, large), strict=True):
            seconds.append(work(site).seconds)
    used = [site.server.cpu_seconds(site.url) - begun for site, begun in zip((small, large), before, strict=True)]
    few, many = (Cost(median(seconds) * 1000, cpu * 1000 / rounds) for seconds, cpu in zip(times, used, strict=True))
    return few, many


def works(who: str) -> dict[str, Work]:
    """What is measured, by what it is called; last what adds rows."""
    found = {what: _opening(role, path) for what, (role, path) in PAGES.items()}
    found["Search in the framework"] = _opening("nobody", "/frameworks/ipt/1.0/?q=grief+loss")
    found["Saving one rating"] = save
    found["Starting an assessment"] = start
    return found | ({"Signing in": sign_in} if who == DEMO else {})


# Who opens it, and its address; braces stand for what the cast says.
PAGES = {
    "Profile, by the supervisor": ("supervisor", "/therapists/{therapist}/"),
    "Profile, by the therapist: their home": ("therapist", "/therapists/{therapist}/"),
    "Profile, by the training lead": ("lead", "/therapists/{therapist}/"),
    "One activity over time": ("supervisor", f"/therapists/{{therapist}}/activities/{ACTIVITY}/"),
    "Agenda of a meeting": ("supervisor", "/therapists/{therapist}/agenda/"),
    "Who opened my record": ("therapist", "/therapists/{therapist}/accesses/"),
    "Rating page": ("supervisor", f"/assessments/{{draft}}/activities/{ACTIVITY}/"),
    "Draft": ("supervisor", "/assessments/{draft}/"),
    "Check before sharing": ("supervisor", "/assessments/{draft}/check/"),
    "Last look before sharing": ("supervisor", "/assessments/{draft}/share/"),
    "Reading an assessment": ("therapist", "/assessments/{shared}/"),
    "History of an assessment": ("supervisor", "/assessments/{shared}/history/"),
    "Assessments, of the supervisor": ("supervisor", "/assessments/"),
    "Assessments, of the therapist": ("therapist", "/assessments/"),
    "Assessments, of the training lead": ("lead", "/assessments/"),
    "My therapists: home of the supervisor": ("supervisor", "/therapists/"),
    "My therapists, of the training lead": ("lead", "/therapists/"),
    "Cohort": ("lead", "/cohort/"),
    "Cohort over time": ("lead", "/cohort/progress/"),
    "One activity of the cohort": ("lead", f"/cohort/activities/{ACTIVITY}/"),
    "Requirements of a programme": ("supervisor", "/therapists/{therapist}/requirements/"),
    "Start page of a self-assessment": ("therapist", "/assessments/self/new/"),
    "Start page of an assessment": ("supervisor", "/assessments/new/?therapist={therapist}"),
    "People, of the administrator": ("admin", "/manage/people/"),
}


def _opening(role: str, path: str) -> Work:
    return lambda site: site.as_(role).get(path.format(**site.cast))


def save(site: Site) -> Answer:
    code, _ = site.cast["open"].pop(0)
    return site.as_("supervisor").save(f"/assessments/{site.cast['draft']}/ratings/{code}/", answer="3")


def start(site: Site) -> Answer:
    context = {"source": "case_report", "session_on": datetime.date.today().isoformat(), "extent": "whole"}
    return site.as_("supervisor").post("/assessments/new/", therapist=site.cast["therapist"], **context)


def sign_in(site: Site) -> Answer:
    return site.as_("nobody").post("/accounts/login/", login="supervisor@example.org", password=PASSWORD)


if __name__ == "__main__":
    sys.exit(main())
