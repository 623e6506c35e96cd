"""How two revisions differ, on paper and as a spreadsheet."""

import csv
import datetime
import hashlib
import io
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from django.template.loader import render_to_string

from assessments.exceptions import RenderingFailed
from assessments.models import FrameworkRevision
from assessments.reports import pdf, telling, words
from assessments.revisions.difference import Change, Difference, Statement
from assessments.revisions.spans import KEPT, Span

HEAD = [
    "What became of it",
    "Details",
    "Earlier code",
    "Earlier activity",
    "Earlier statement",
    "Later code",
    "Later activity",
    "Later statement",
]
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# More does not fit into the time that a report may take.
MOST_PRINTED = 1000


def sheet(changes: Sequence[Change]) -> str:
    """CSV with a line for each pair of statements, so that a split has several."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for change in changes:
        said = [telling.title(change), " ".join(telling.details(change))]
        for link in change.links:
            cells = [*said, *_cells(link.older, change.older), *_cells(link.newer, change.newer)]
            writer.writerow(_plain(cell) for cell in cells)
    return text.getvalue()


def _cells(key: str, statements: Sequence[Statement]) -> list[str]:
    found = next((each for each in statements if each.key == key), None)
    return [found.code, telling.place(found), found.text] if found else ["", "", ""]


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def printed(
    older: FrameworkRevision,
    newer: FrameworkRevision,
    difference: Difference,
    changes: Sequence[Change],
    *,
    shown: str,
    basis: str,
    printed_on: datetime.date,
) -> bytes:
    """A tagged PDF of the changes. Raises RenderingFailed where they are too many for one."""
    if len(changes) > MOST_PRINTED:
        raise RenderingFailed(
            f"{len(changes):,} changes are too many for one PDF. Show one kind of change, or download them as CSV."
        )
    hashes = f"{older.content_sha256} {newer.content_sha256} {shown} {basis} {printed_on}"
    context: dict[str, Any] = {
        "title": f"{newer.framework.title}, revision {older.number} to {newer.number}",
        "older": older,
        "newer": newer,
        "headings": difference.headings,
        "counts": [(telling.LABELS[group], number) for group, number in difference.counts.items()],
        "activities": [
            (activity, [_row(change, older, newer) for change in group])
            for activity, group in groupby(changes, key=lambda change: telling.place(change.statement))
        ],
        "shown": shown,
        "basis": basis,
        "printed_on": words.day(printed_on),
        "issued_on": printed_on.isoformat(),
    }
    html = render_to_string("reports/difference.html", context)
    return pdf.set_pages(html, identifier=hashlib.sha256(hashes.encode()).hexdigest())


def _row(change: Change, older: FrameworkRevision, newer: FrameworkRevision) -> dict[str, Any]:
    earlier, later = change.spans
    return {
        "title": telling.title(change),
        "details": telling.details(change),
        "sides": [*_sides(older, change.older, earlier), *_sides(newer, change.newer, later)],
    }


def _sides(
    revision: FrameworkRevision, statements: list[Statement], spans: list[list[Span]]
) -> Iterator[dict[str, Any]]:
    """The statements of one side; where it has none, a line that says so."""
    for statement, its in zip(statements, spans, strict=True):
        yield {"revision": revision.number, "code": statement.code, "spans": its}
    if not statements:
        yield {"revision": revision.number, "code": "", "spans": [Span(KEPT, f"Not in {revision.number}.")]}
