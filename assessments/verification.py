"""Whether signed records and issued reports still are what was signed and issued."""

import hashlib
import json
from collections.abc import Iterator

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
    signed = json.loads(record.content)
    link = records.Link(sequence=record.sequence, previous=record.previous_sha256)
    current = json.loads(records.canonical(records.build(record.assessment, link=link)))
    changed = [name for name in signed if signed[name] != current.get(name)]
    # People and organisations may be renamed; the record keeps the name that was signed.
    for name in changed:
        if name not in {"therapist", "supervisor", "organisation"}:
            yield f"Record {record.pk}: {name} in the database differs from what was signed."
