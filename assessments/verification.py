"""Whether signed records and issued reports still are what was signed and issued."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from assessments import records
from assessments.models import Report, SignedRecord


def count() -> int:
    return SignedRecord.objects.count()


def mismatches() -> Iterator[str]:
    """A sentence for every record or report that does not recompute."""
    place: tuple[object, int, str] = (None, 0, "")
    for record in SignedRecord.objects.order_by("organisation", "sequence").iterator():
        organisation, sequence, previous = place
        if record.organisation_id != organisation:
            sequence, previous = 0, ""
        yield from _mismatches(record, sequence + 1, previous)
        place = (record.organisation_id, record.sequence, record.sha256)
    for report in Report.objects.iterator():
        if hashlib.sha256(report.content).hexdigest() != report.sha256:
            yield f"Report {report.pk}: the file is not the one that was issued."


def _mismatches(record: SignedRecord, sequence: int, previous: str) -> Iterator[str]:
    if records.sha256(record.content) != record.sha256:
        yield f"Record {record.pk}: its content is not the one that was signed."
    if (record.sequence, record.previous_sha256) != (sequence, previous):
        yield f"Record {record.pk}: it does not follow the record before it."
    if record.sha256 == records.sha256(record.content):
        yield from _differences(record)


def _differences(record: SignedRecord) -> Iterator[str]:
    """Whether the rows of the assessment still say what the signed record says."""
    link = records.Link(sequence=record.sequence, previous=record.previous_sha256)
    signed = _unnamed(json.loads(record.content))
    current = _unnamed(records.build(record.assessment, link=link))
    for name in signed:
        if signed[name] != current.get(name):
            yield f"Record {record.pk}: {name} in the database differs from what was signed."


def _unnamed(value: Any) -> Any:
    """The document without what a person or organisation is called, which may change after signing."""
    if isinstance(value, list):
        return [_unnamed(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    called = {"name", "profession", "programme"} if "id" in value else set()
    return {key: _unnamed(entry) for key, entry in value.items() if key not in called}
