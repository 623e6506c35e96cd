"""Whether signed records and issued reports still are what was signed and issued."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, cast
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, Subquery

from assessments import records
from assessments.models import Assessment, AuditEvent, Rating, Report, SignedRecord, Status
from assessments.models.audit import ReportKind
from assessments.records import Document, Link

# So many records are held against the database at a time, in a number of statements that does not grow with them.
BATCH = 50
SIGNED_OFF, ISSUED = AuditEvent.Type.ASSESSMENT_SIGNED_OFF, AuditEvent.Type.REPORT_ISSUED


def count() -> int:
    return SignedRecord.objects.count()


def mismatches() -> Iterator[str]:
    """A sentence for every record or report that does not recompute, or that should be there and is not."""
    rows = SignedRecord.objects.order_by("organisation", "sequence").iterator()
    place: tuple[object, Link] = (None, records.FIRST)
    while batch := list(islice(rows, BATCH)):
        standing = Standing.of(batch)
        for record in batch:
            expected = place[1] if place[0] == record.organisation_id else records.FIRST
            yield from _mismatches(record, expected, standing)
            place = (record.organisation_id, Link(record.sequence + 1, record.sha256))
    yield from _missing()


@dataclass(frozen=True)
class Standing:
    """What the database says at present of the assessments behind some records."""

    documents: dict[UUID, Document]
    ratings: dict[UUID, int]
    events: dict[tuple[UUID, str], list[AuditEvent]]
    reports: dict[tuple[int, str], Report]

    @classmethod
    def of(cls, batch: list[SignedRecord]) -> "Standing":
        assessments = [record.assessment_id for record in batch]
        documents = records.build_all(Assessment.objects.filter(pk__in=assessments))
        fitting = Q(level__isnull=True) | Q(level__scale=F("assessment__scale"))
        ratings = Rating.objects.filter(assessment__in=assessments).values("assessment")
        events: dict[tuple[UUID, str], list[AuditEvent]] = {}
        for event in AuditEvent.objects.filter(assessment__in=assessments, type__in=[SIGNED_OFF, ISSUED]):
            events.setdefault((cast("UUID", event.assessment_id), event.type), []).append(event)
        return cls(
            {UUID(document["assessment"]["id"]): document for document in documents},
            # One that does not fit its scale counts twice, so that the number cannot be right.
            dict(ratings.annotate(n=2 * Count("pk") - Count("pk", filter=fitting)).values_list("assessment", "n")),
            events,
            {(report.record_id, report.kind): report for report in Report.objects.filter(record__in=batch)},
        )


def _mismatches(record: SignedRecord, expected: Link, standing: Standing) -> Iterator[str]:
    if records.sha256(record.content) != record.sha256:
        yield f"Record {record.pk}: its content is not the one that was signed."
    else:
        yield from _differences(record, standing)
    if Link(record.sequence, record.previous_sha256) != expected:
        yield f"Record {record.pk}: it does not follow the record before it."
    told = [event.data for event in standing.events.get((record.assessment_id, SIGNED_OFF), [])]
    if told != [{"sequence": record.sequence, "sha256": record.sha256}]:
        yield f"Record {record.pk}: the history tells of another record, or of none."
    yield from _report_mismatches(record, standing)


def _report_mismatches(record: SignedRecord, standing: Standing) -> Iterator[str]:
    told: dict[str, list[tuple[object, UUID | None]]] = {}
    for event in standing.events.get((record.assessment_id, ISSUED), []):
        # The first events named no kind: there was only the full one.
        data = {"kind": ReportKind.FULL.value, **event.data}
        told.setdefault(data["kind"], []).append((data, event.by_id))
    for kind in dict.fromkeys([*ReportKind.values, *told]):
        report = standing.reports.get((record.pk, kind))
        if report is None and kind in told:
            yield f"Record {record.pk}: the report that was issued of it is missing."
        elif report and hashlib.sha256(report.content).hexdigest() != report.sha256:
            yield f"Report {report.pk}: the file is not the one that was issued."
        elif report and told.get(kind) != [({"sha256": report.sha256, "kind": kind}, report.issued_by_id)]:
            yield f"Report {report.pk}: the history tells of another file, or of none."


def _differences(record: SignedRecord, standing: Standing) -> Iterator[str]:
    """Whether the rows of the assessment still say what the signed record says."""
    try:
        signed = json.loads(record.content)
        pinned = signed["organisation"]["id"], signed["assessment"]["signed_off_at"]
        rated = sum(row["rating"] is not None for row in _statements(signed))
    except (ValueError, TypeError, LookupError):
        yield f"Record {record.pk}: its content is no record."
        return
    current = standing.documents[record.assessment_id]
    chain = {"sequence": record.sequence, "previous_sha256": record.previous_sha256}
    then, now = _unnamed(signed), _unnamed({**current, "chain": chain})
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            yield f"Record {record.pk}: {name} in the database differs from what was signed."
    if pinned != (str(record.organisation_id), records.moment(record.created_at)):
        yield f"Record {record.pk}: it stands in another organisation or bears another time than what was signed."
    if rated != standing.ratings.get(record.assessment_id, 0):
        yield f"Record {record.pk}: there are ratings in the database that were not signed."


def _statements(document: Document) -> Iterator[Document]:
    for domain in document["domains"]:
        for activity in domain["activities"]:
            yield from activity["competences"]


def _missing() -> Iterator[str]:
    """What must have a record and has none."""
    lacking = Assessment.objects.filter(signed_record__isnull=True)
    told = Q(events__type=SIGNED_OFF)
    for pk in lacking.filter(told | Q(status=Status.SIGNED_OFF)).order_by("pk").values_list("pk", flat=True).distinct():
        yield f"Assessment {pk}: it was signed off and its record is missing."


def _unnamed(value: Any) -> Any:
    """The document without what a person or organisation is called, which may change after signing."""
    if isinstance(value, list):
        return [_unnamed(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    called = {"name", "profession", "programme"} if "id" in value else set()
    return {key: _unnamed(entry) for key, entry in value.items() if key not in called}


@dataclass(frozen=True)
class Head:
    """The newest record of an organisation. Kept elsewhere, it holds every record before it in its place."""

    organisation: UUID
    name: str
    sequence: int
    sha256: str

    @property
    def line(self) -> str:
        return records.canonical({**asdict(self), "organisation": str(self.organisation)})

    @classmethod
    def read(cls, line: str) -> "Head":
        """Of a line of a kept file; ValueError, TypeError or LookupError where it is none."""
        told = json.loads(line)
        sequence = int(told["sequence"])
        if not 0 < sequence < 2**31:
            raise ValueError(sequence)
        return cls(UUID(str(told["organisation"])), str(told["name"]), sequence, str(told["sha256"]))


def heads() -> list[Head]:
    newest = SignedRecord.objects.filter(organisation=OuterRef("organisation")).order_by("-sequence")
    found = SignedRecord.objects.filter(sequence=Subquery(newest.values("sequence")[:1])).order_by("organisation_id")
    rows = found.values_list("organisation_id", "organisation__name", "sequence", "sha256")
    return [Head(*row) for row in rows]


def head_mismatches(head: Head) -> Iterator[str]:
    """Whether a head that was kept still stands in its place, and every later record follows from it."""
    chain = SignedRecord.objects.filter(organisation=head.organisation, sequence__gte=head.sequence)
    kept = chain.filter(sequence=head.sequence).first()
    if kept is None:
        yield f"Record {head.sequence} of {head.name} is missing."
    elif head.sha256 not in {kept.sha256} & {records.sha256(kept.content)}:
        yield f"Record {head.sequence} of {head.name} is not the one that was kept."
    expected = Link(head.sequence + 1, head.sha256)
    later = chain.filter(sequence__gt=head.sequence).order_by("sequence")
    for sequence, previous, sha256 in later.values_list("sequence", "previous_sha256", "sha256"):
        if Link(sequence, previous) != expected:
            yield f"Record {sequence} of {head.name} does not follow the record before it."
        expected = Link(sequence + 1, sha256)
