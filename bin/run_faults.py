"""Run the fault suite on SQLite, then on PostgreSQL, and tell row by row what came of it.

Started by bin/faults. Without arguments of your own docs/faults.md is written too.
"""

import datetime
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from run_tests import NO_TESTS_COLLECTED, ROOT, environment
from temporary_postgres import temporary_postgres

PAGE = ROOT / "docs" / "faults.md"
COUNTS = {"lost": "Lost", "duplicates": "Duplicates", "overwrites": "Silent overwrites", "breaks": "Chain breaks"}
HEAD = ["Row", "Fault", "Database", "Passed", "Acknowledged", *COUNTS.values(), "Worst figures (limit)"]
ABOUT = """# What happens when things break

A rating marked *saved* is in the database. A rating marked *kept on this device* survives a crash of this browser.
Anything else is shown as not saved. The suite in `tests/faults` tests that promise as Jepsen does: people answer,
something is broken, and once the service is well again every acknowledged answer is looked for in the database.

`make faults` runs it on SQLite and on PostgreSQL, five times each with the seeds 1 to 5, and writes this page;
`FAULT_RUNS=20 make faults` runs it longer, `make faults ARGS='-k row_22'` runs some of it and only prints. It needs
root, because it mounts small disks and fills them. `make test` runs the quick rows once.

| Column | Means |
|---|---|
| Passed | runs that met everything asked of the row, of all runs |
| Acknowledged | answers that a person was told are saved, in all runs together |
| Lost | acknowledged answers that the database does not hold as they were given |
| Duplicates | answers that stand in the history more than once |
| Silent overwrites | answers written over one that their person had not seen, or replaced without an event |
| Chain breaks | events that do not continue the one before, answers stored out of order, signed records that fail |
| Worst figures | the worst of all runs, and the most that it may be |

What is a matter of minutes in life is shortened, and the fault says to what. An answer's time runs from the moment at
which the person gives it, the queue before it and all pauses between tries included.
"""


@dataclass(frozen=True)
class Line:
    """All runs of one row, or of one of its cases, on one database."""

    row: int
    what: str
    case: str
    engine: str
    runs: list[dict[str, Any]]

    @property
    def cells(self) -> list[str]:
        passed = sum(run["has_passed"] for run in self.runs)
        counts = [sum(run["counts"][name] for run in self.runs) for name in COUNTS]
        acknowledged = sum(run["acknowledged"] for run in self.runs)
        fault = f"{self.what}: {self.case}" if self.case else self.what
        numbers = [str(number) for number in (acknowledged, *counts)]
        return [str(self.row), fault, self.engine, f"{passed} of {len(self.runs)}", *numbers, self._figures]

    @property
    def _figures(self) -> str:
        worst: dict[str, dict[str, Any]] = {}
        for figure in (figure for run in self.runs for figure in run["figures"]):
            known = worst.setdefault(figure["name"], figure)
            if figure["value"] > known["value"]:
                worst[figure["name"]] = figure
        return "; ".join(_told(figure) for figure in worst.values())


def _told(figure: dict[str, Any]) -> str:
    limit = "" if figure["limit"] is None else f" (≤ {figure['limit']:g})"
    return f"{figure['name']} {figure['value']:.4g}{limit}"


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    runs = os.environ.get("FAULT_RUNS", "5")
    failed = []
    with tempfile.TemporaryDirectory(prefix="ipt-faults-") as directory, temporary_postgres() as postgres_url:
        report = Path(directory) / "report"
        report.touch()
        for name, url in (("SQLite", None), ("PostgreSQL", postgres_url)):
            print(f"\n== Faults on {name}, {runs} runs ==", flush=True)
            ours = {"FAULT_RUNS": runs, "FAULT_REPORT": str(report)}
            variables = environment(name, url, Path(directory)) | ours
            command = [sys.executable, "-m", "pytest", "-p", "no:randomly", *(arguments or ["-v"]), "tests/faults"]
            if subprocess.run(command, env=variables, check=False).returncode not in {0, NO_TESTS_COLLECTED}:
                failed.append(name)
        told = table(lines_of([json.loads(line) for line in report.read_text().splitlines()]))
    print("\n" + told)
    if not arguments:
        PAGE.write_text(page(told, runs))
    if failed:
        print(f"\nFailed on {' and '.join(failed)}.", flush=True)
    return 1 if failed else 0


def page(told: str, runs: str) -> str:
    day = f"{datetime.datetime.now(datetime.UTC):%-d %B %Y}"
    return f"{ABOUT}\nLast run on {day}, {runs} runs of each row.\n\n{told}"


def lines_of(runs: list[dict[str, Any]]) -> list[Line]:
    together = defaultdict(list)
    for run in runs:
        together[run["row"], run["what"], run["case"], run["engine"]].append(run)
    # Cases are often numbers, and 8 comes before 20.
    order = sorted(together, key=lambda key: (key[0], key[1], len(key[2]), key[2], key[3]))
    return [Line(*key, together[key]) for key in order]


def table(lines: list[Line]) -> str:
    rows = [HEAD, ["---"] * len(HEAD), *(line.cells for line in lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
