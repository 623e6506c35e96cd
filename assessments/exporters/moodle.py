"""A revision as a Moodle competency framework: CSV with fourteen columns that Moodle reads by their position."""

import csv
import html
import io
import json
from collections import Counter
from collections.abc import Iterator

from assessments.importers.moodle import HEADS, HTML
from assessments.revisions import ActivityData, CompetenceData, DomainData, RevisionData, ScaleData

LONGEST_NAME = 100
# One of Moodle's own words for each depth.
TAXONOMY = "domain,practice,competency,indicator"

Row = dict[str, str]


def write(data: RevisionData) -> bytes:
    """The file. Moodle keeps no version, so the revision's number is part of the framework's id and name."""
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, HEADS, restval="", lineterminator="\n")
    writer.writeheader()
    for row in [_framework(data), *_Tree(data).rows()]:
        writer.writerow({name: _safe(text) for name, text in row.items()})
    return sheet.getvalue().encode()


def _framework(data: RevisionData) -> Row:
    about = [data.summary, data.attribution, data.licence, data.notice]
    return _row("", f"{data.framework}-{data.number}", f"{data.title} {data.number}", about) | {
        "Scale values": ",".join(_values(data.scale)),
        "Scale configuration": _configuration(data.scale),
        "Is framework": "1",
        "Taxonomy": TAXONOMY,
    }


class _Tree:
    """Codes name the entries, unless Moodle would mix them up: it compares 1.1 and 1.10 as numbers."""

    def __init__(self, data: RevisionData) -> None:
        self.data = data
        codes = [domain.code for domain in data.domains]
        codes += [activity.code for activity in data.all_activities()]
        codes += [competence.code for competence in data.all_competences()]
        is_repeated = max(Counter(code.casefold() for code in codes).values()) > 1
        self.is_marked = is_repeated or any(_is_number(code) for code in codes)

    def rows(self) -> Iterator[Row]:
        for domain in self.data.domains:
            inside = ""
            if not domain.is_synthetic:
                inside = self._id(domain)
                yield _row("", inside, f"{domain.code} {domain.title}", [domain.summary, domain.introduction])
            for activity in domain.activities:
                yield from self._activity(activity, inside)

    def _activity(self, activity: ActivityData, above: str) -> Iterator[Row]:
        inside = above
        if not activity.is_synthetic:
            inside = self._id(activity)
            yield _row(above, inside, f"{activity.code} {activity.title}", [activity.introduction])
        for competence in activity.competences:
            row = _row(inside, self._id(competence), f"{competence.code} {competence.text}", [competence.text])
            row["Description"] += _points(competence) + _paragraphs([competence.guidance])
            yield row
        for part in activity.activities:
            yield from self._activity(part, inside)

    def _id(self, entry: DomainData | ActivityData | CompetenceData) -> str:
        mark = {DomainData: "D-", ActivityData: "A-", CompetenceData: "C-"}[type(entry)]
        return f"{mark}{entry.code}" if self.is_marked else entry.code


def _row(parent: str, id: str, name: str, paragraphs: list[str]) -> Row:
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
    return {
        "Parent ID number": parent,
        "ID number": id,
        "Short name": " ".join(short.split()),
        "Description": _paragraphs(paragraphs),
        "Description format": HTML,
    }


def _paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for text in texts for line in text.splitlines() if line.strip())


def _points(competence: CompetenceData) -> str:
    entries = "".join(f"<li>{html.escape(point.text)}</li>" for point in competence.points)
    return f"<ul>{entries}</ul>" if entries else ""


def _values(scale: ScaleData) -> list[str]:
    """Labels, lowest first. A comma would begin another one."""
    labels = [level.label.replace(",", ";") for level in scale.levels]
    return labels if scale.direction == "ascending" else labels[::-1]


def _configuration(scale: ScaleData) -> str:
    """Which level is given by default and which count as proficient; Moodle wants one of each."""
    values = [level.value for level in scale.levels]
    values = values if scale.direction == "ascending" else values[::-1]
    due = values.index(scale.threshold)
    steps = [
        {"id": number + 1, "scaledefault": int(number == 0), "proficient": int(number >= due)}
        for number in range(len(values))
    ]
    return json.dumps([{"scaleid": "1"}, *steps], separators=(",", ":"))


def _is_number(code: str) -> bool:
    """Whether PHP would compare it as a number."""
    try:
        float(code)
    except ValueError:
        return False
    return True


def _safe(text: str) -> str:
    """PHP takes a quotation mark after a backslash for one that is doubled already."""
    return text.replace('\\"', "\\”")
