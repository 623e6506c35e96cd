"""What came of one test of the fault table, for people to read in docs/faults.md."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.browser.stage import Server
from tests.faults import checker
from tests.faults.rater import Change

NOTHING = {"lost": 0, "duplicates": 0, "overwrites": 0, "breaks": 0}


@dataclass
class Figure:
    name: str
    value: float
    limit: float | None

    @property
    def is_met(self) -> bool:
        return self.limit is None or self.value <= self.limit


@dataclass
class Verdict:
    """One line: filled by the test, written when it is over."""

    row: int
    what: str
    engine: str
    seed: int
    case: str
    acknowledged: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict(NOTHING))
    figures: list[Figure] = field(default_factory=list)
    has_passed: bool = False

    def check(self, server: Server, journal: list[Change]) -> None:
        """Everything has arrived, once, in order, and over nothing that its person had not seen."""
        unsent = [change for change in journal if not change.is_acknowledged and change.refusal is None]
        findings = checker.compare(journal, checker.read_books(server.database_url, journal))
        findings.breaks += checker.verify_records(server.template, server.database_url)
        self.acknowledged += sum(change.is_acknowledged for change in journal)
        self.counts = {name: self.counts[name] + count for name, count in findings.counts.items()}
        assert self.acknowledged > 0
        assert (findings, unsent) == (checker.Findings(), [])

    def note(self, name: str, value: float, *, limit: float | None = None) -> None:
        """A figure and the most that it may be."""
        self.figures.append(Figure(name, round(value, 3), limit))

    def judge(self) -> None:
        """Last, so that a figure that is missed does not keep the others from being told."""
        assert [figure for figure in self.figures if not figure.is_met] == []

    def write(self) -> None:
        if path := os.environ.get("FAULT_REPORT"):
            with Path(path).open("a") as report:
                report.write(json.dumps(asdict(self)) + "\n")
