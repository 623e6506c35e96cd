"""Measure the product against the figures it promises, and print one table of ratios.

Started by bin/bench, which sets DATABASE_URL to an empty PostgreSQL database. Unit T is one request to the view in
floor/urls.py, measured in turns with what it is compared to.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urljoin

from load import Answer, Visitor, paired, per_second
from servers import ROOT, Server, serving

ROUNDS = 40
CLIENTS, BURST_SECONDS, BURSTS = 8, 4.0, 3
COMPETENCES = 300
KIB = 1024
# The unit is measured on two plain workers.
SYNC = ["--worker-class", "sync", "--threads", "1"]
VERDICTS = {True: "met", False: "MISSED", None: ""}


@dataclass(frozen=True)
class Row:
    """One line of the table. Without a target it is there to be known, neither met nor missed."""

    what: str
    shown: str
    ratio: str
    target: str
    is_met: bool | None = None


@dataclass(frozen=True)
class Stage:
    """Three servers on one database, and what was put into it."""

    app: Server
    floor: Server
    saving_floor: Server
    facts: dict[str, Any]
    database_url: str

    @property
    def supervisor(self) -> Visitor:
        return Visitor(self.app.port, self.facts["session"])

    @property
    def stranger(self) -> Visitor:
        return Visitor(self.app.port)

    def unit(self) -> Answer:
        return Visitor(self.floor.port).get("/line/7/")


def main() -> int:
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        sys.exit("DATABASE_URL names no PostgreSQL database. Run: make bench")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ipt-bench-") as folder, standing(Path(folder)) as stage:
        rows = [row for part in PARTS for row in _told(part, stage)]
    print_table(rows)
    met, missed = (sum(row.is_met is wanted for row in rows) for wanted in (True, False))
    print(f"\n{met} met, {missed} missed, in {time.monotonic() - begun:.0f} s.")
    return 0


@contextmanager
def standing(folder: Path) -> Iterator[Stage]:
    """Servers as in production but on plain http, which is what IPT_DEMO means."""
    ours = {"IPT_DEMO": "1", "DEBUG": "0", "IPT_VAR": str(folder), "PYTHONPATH": str(ROOT)}
    environment = {**os.environ, **ours}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.update(ours)
    print("Preparing the database …", flush=True)
    facts = folder / "facts.json"
    run_script("prepare.py", str(facts), environment=environment)
    floor = environment | {"DJANGO_SETTINGS_MODULE": "benchmarks.floor.settings"}
    saving = environment | {"DJANGO_SETTINGS_MODULE": "benchmarks.floor.saving_settings"}
    with (
        serving("ipt.wsgi", environment, probe="/healthz") as app,
        serving("benchmarks.floor.wsgi", floor, probe="/line/1/", options=SYNC) as trivial,
        serving("benchmarks.floor.wsgi", saving, probe="/healthz") as saver,
    ):
        yield Stage(app, trivial, saver, json.loads(facts.read_text()), environment["DATABASE_URL"])


def run_script(script: str, *arguments: str, environment: dict[str, str]) -> str:
    command = [sys.executable, str(Path(__file__).with_name(script)), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{script} failed:\n{done.stdout}")
    return done.stdout


def _told(part: Callable[[Stage], Iterator[Row]], stage: Stage) -> Iterator[Row]:
    print(f"Measuring: {part.__name__.replace('_', ' ')} …", flush=True)
    yield from part(stage)


def row_in_t(what: str, ms: float, unit: float, limit: float) -> Row:
    ratio = ms / unit
    return Row(what, f"{ms:.1f} ms (T {unit:.2f} ms)", f"{ratio:.1f} T", f"≤ {limit:g} T", ratio <= limit)


def row_at_most(what: str, value: float, limit: float, unit: str = "") -> Row:
    shown = f"{value:,.2f}{unit}" if isinstance(value, float) else f"{value:,}{unit}"
    return Row(what, shown, "", f"≤ {limit:,}{unit}", value <= limit)


def row_compared(what: str, shown: str, ratio: float, limit: float, *, is_floor: bool = False) -> Row:
    sign = "≥" if is_floor else "≤"
    return Row(
        what, shown, f"{ratio:.2f} times", f"{sign} {limit:g} times", ratio >= limit if is_floor else ratio <= limit
    )


def pages(stage: Stage) -> Iterator[Row]:
    """Each page that the contract limits: time, statements, bytes."""
    facts, asked = stage.facts, stage.facts["statements"]
    profile = f"/therapists/{facts['many']}/"
    yield row_in_t("Profile, all competences", *paired(lambda: stage.supervisor.get(profile), stage.unit, ROUNDS), 15)
    yield row_at_most("  queries", asked["profile"], 10)
    yield row_at_most("  KB uncompressed", len(stage.supervisor.get(profile).body) // 1000, 150)
    report = f"/assessments/{facts['full']}/"
    times = paired(lambda: stage.supervisor.get(report), stage.unit, ROUNDS)
    yield row_in_t("Report page, 348 ratings", *times, 15)
    yield row_at_most("  queries", asked["report"], 12)
    for what, name, path, limit in (
        ("Framework map", "map", "/frameworks/ipt/1.0/", 6),
        ("Full list of a domain", "list", "/frameworks/ipt/1.0/domains/1/", 12),
    ):
        yield row_in_t(what, *paired(lambda path=path: stage.stranger.get(path), stage.unit, ROUNDS), limit)
        yield Row("  queries", str(asked[name]), "", "–")


def cohort_of_a_thousand(stage: Stage) -> Iterator[Row]:
    lead = Visitor(stage.app.port, stage.facts["lead"])
    yield row_in_t("Cohort of 1,000 therapists", *paired(lambda: lead.get("/cohort/"), stage.unit, ROUNDS), 150)
    yield row_at_most("  queries", stage.facts["statements"]["cohort"], 12)
    yield Row("  KB uncompressed", str(len(lead.get("/cohort/").body) // 1000), "", "–")
    quarters = paired(lambda: lead.get("/cohort/progress/"), stage.unit, ROUNDS)
    yield row_in_t("  by quarter", *quarters, 150)
    yield row_at_most("    queries", stage.facts["statements"]["cohort_progress"], 12)
    ours, unit = paired(lambda: lead.get("/cohort/activities/S2/"), stage.unit, ROUNDS)
    yield Row("  one activity, 120,000 ratings", f"{ours:.1f} ms (T {unit:.2f} ms)", f"{ours / unit:.1f} T", "–")
    yield row_at_most("    queries", stage.facts["statements"]["cohort_activity"], 12)


def saving_one_by_one(stage: Stage) -> Iterator[Row]:
    facts = stage.facts
    codes = iter(facts["codes"])

    def save() -> Answer:
        return stage.supervisor.save(f"/assessments/{facts['drafts'][1]}/ratings/{next(codes)[0]}/", answer="3")

    yield row_in_t("Saving one rating", *paired(save, stage.unit, 150), 4)
    yield row_at_most("  statements, transaction counted", facts["statements"]["save"], 8)


def saving_by_eight(stage: Stage) -> Iterator[Row]:
    """Bursts on the product and on its floor in turns; in each burst each client rates a draft of its own."""
    codes = [code for code, _ in stage.facts["codes"]]
    ours, floors = [], []
    for burst in range(BURSTS):
        drafts = stage.facts["drafts"][2 + burst * CLIENTS :][:CLIENTS]

        def save(client: int, turn: int, drafts: list[str] = drafts) -> None:
            stage.supervisor.save(f"/assessments/{drafts[client]}/ratings/{codes[turn]}/", answer=str(1 + turn % 5))

        def save_on_floor(client: int, turn: int, drafts: list[str] = drafts) -> None:
            visitor = Visitor(stage.saving_floor.port, stage.facts["session"])
            visitor.save(f"/floor/{drafts[client]}/{codes[turn % len(codes)]}/", answer=str(1 + turn % 5))

        ours.append(per_second(save, clients=CLIENTS, seconds=BURST_SECONDS))
        floors.append(per_second(save_on_floor, clients=CLIENTS, seconds=BURST_SECONDS))
    rate, floor = median(ours), median(floors)
    shown = f"{rate:.0f} a second (floor {floor:.0f})"
    yield row_compared("Saving, 8 clients, against its bare floor", shown, rate / floor, 0.6, is_floor=True)


def rating_300(stage: Stage) -> Iterator[Row]:
    """What a supervisor's browser asks for: each activity's page, and each answer."""
    draft, requests = stage.facts["drafts"][-1], 0
    before, last = stage.app.cpu_seconds(stage.database_url), ""
    for code, activity in stage.facts["codes"][:COMPETENCES]:
        if activity != last:
            stage.supervisor.get(f"/assessments/{draft}/activities/{activity}/")
            requests, last = requests + 1, activity
        stage.supervisor.save(f"/assessments/{draft}/ratings/{code}/", answer="4")
        requests += 1
    used = stage.app.cpu_seconds(stage.database_url) - before
    yield row_at_most("Rating 300 competences: requests", requests, 350)
    yield row_at_most("  server and database CPU", used, 3.0, " s")


def history_of_50(stage: Stage) -> Iterator[Row]:
    many, few = (f"/therapists/{stage.facts[name]}/" for name in ("many", "few"))
    times = paired(lambda: stage.supervisor.get(many), lambda: stage.supervisor.get(few), ROUNDS)
    shown = f"{times[0]:.1f} ms (with 5: {times[1]:.1f} ms)"
    yield row_compared("Profile of 50 full assessments, against 5", shown, times[0] / times[1], 1.3)


def importing(stage: Stage) -> Iterator[Row]:
    measured = stage.facts["import"]
    what = f"Importing {measured['nodes']} nodes (345 limit it): storing"
    yield row_at_most(what, measured["stored"], 0.5, " s")
    yield Row(
        "  statements; seconds of reading the file", f"{measured['statements']}; {measured['read']:.2f} s", "", "–"
    )


def first_visit(stage: Stage) -> Iterator[Row]:
    """The map page and every file that a browser without cache asks for, as sent to it."""
    packed = {"Accept-Encoding": "br, gzip"}
    page = stage.stranger.get("/", **packed)
    text = stage.stranger.get("/").body.decode()
    wire = {"/": len(page.body) + page.header_bytes}
    root = f"http://127.0.0.1:{stage.app.port}"
    links = [urljoin(root, link) for link in re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"', text)]
    waiting = {link.removeprefix(root) for link in links if link.startswith(root)}
    while waiting:
        path = waiting.pop()
        answer = stage.stranger.get(path, **packed)
        wire[path] = len(answer.body) + answer.header_bytes
        if path.endswith(".css"):
            waiting |= _fonts(stage.stranger.get(path).body.decode(), path, text) - wire.keys()
    yield row_at_most(f"First visit, {len(wire)} files: bytes over the wire", sum(wire.values()), 100 * KIB)
    yield row_at_most("  files from outside hosts", sum(not link.startswith(root) for link in links), 0)


def _fonts(style: str, path: str, text: str) -> set[str]:
    """The fonts of a style sheet that a browser would fetch for this text."""
    wanted = set()
    for face in re.findall(r"@font-face\s*{([^}]*)}", style):
        ranges = re.findall(r"U\+([0-9A-Fa-f]+)(?:-([0-9A-Fa-f]+))?", face) or [("0", "10FFFF")]
        spans = [range(int(first, 16), int(last or first, 16) + 1) for first, last in ranges]
        if any(ord(character) in span for character in set(text) for span in spans):
            wanted |= {urljoin(path, name) for name in re.findall(r"url\([\"']?([^\"')]+)", face)}
    return wanted


def report_pdf(stage: Stage) -> Iterator[Row]:
    found = json.loads(run_script("documents.py", stage.facts["full"], environment=dict(os.environ)))
    ours, same, empty = found["ours"], found["same"], found["empty"]
    for what, theirs, limit in (
        ("PDF of a full assessment, against five columns in WeasyPrint", same, 0.5),
        ("  against five columns printed by Chromium", found["chromium"], 1.0),
    ):
        yield row_compared(what, f"{ours:.2f} s of CPU ({theirs:.2f} s)", ours / theirs, limit)
    for what, theirs in (
        ("  WeasyPrint without its start", same - empty),
        ("  WeasyPrint, which measures the columns", found["auto"]),
        ("  the statements alone in WeasyPrint", found["bare"]),
    ):
        yield Row(what, f"{theirs:.2f} s of CPU", f"{ours / theirs:.2f}", "–")
    yield Row(
        "  rows found in its text", f"{found['found']} of {found['rows']}", "", "all", found["found"] == found["rows"]
    )


def lineage(stage: Stage) -> Iterator[Row]:
    """Nothing here meets a server; the figures stand in the same table because people ask for them together."""
    found = json.loads(run_script("lineage.py", environment=dict(os.environ)))
    right, proposed, stated = found["right"], found["proposed"], found["stated"]
    precision, shown = right / proposed, f"{right} of {proposed} are official"
    yield Row("Lineage proposed, ASVS 4.0.3 to 5.0.0", shown, f"{precision:.2f}", "≥ 0.95", precision >= 0.95)  # noqa: PLR2004  the promise
    yield Row("  of the official links", f"{right} of {stated}", f"{right / stated:.2f}", "–")
    yield row_at_most("  5,000 competences against 5,000", found["seconds"], 5.0, " s")


PARTS: list[Callable[[Stage], Iterator[Row]]] = [
    pages,
    cohort_of_a_thousand,
    saving_one_by_one,
    saving_by_eight,
    rating_300,
    history_of_50,
    importing,
    first_visit,
    report_pdf,
    lineage,
]


def print_table(rows: list[Row]) -> None:
    lines = [(row.what, row.shown, row.ratio, row.target, VERDICTS[row.is_met]) for row in rows]
    lines.insert(0, ("What", "Measured", "Ratio", "Target", ""))
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    print()
    for number, line in enumerate(lines):
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))


if __name__ == "__main__":
    sys.exit(main())
