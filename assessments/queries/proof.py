"""Whether something that somebody holds was signed or issued here. Asked by people who are not signed in."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from assessments import records
from assessments.models import Report, SignedRecord

# Of a hash each page prints the beginning and the end.
PRINTED_FIRST, PRINTED_LAST = 16, 8


@dataclass(frozen=True)
class Genuine:
    """A signed record, and whether it was found by the report that was issued of it."""

    record: SignedRecord
    is_report: bool

    @property
    def kinds_issued(self) -> set[str]:
        """Of which kinds the file was kept."""
        return set(Report.objects.filter(record=self.record).values_list("kind", flat=True))


def genuine(sha256: str) -> Genuine | None:
    """What bears this hash: an issued file, else a signed record."""
    report = Report.objects.defer("content").select_related("record").filter(sha256=sha256).first()
    if report:
        return _intact([report.record], is_report=True)
    return genuine_record([sha256])


def genuine_record(hashes: Iterable[str]) -> Genuine | None:
    return _intact(SignedRecord.objects.filter(sha256__in=list(hashes)), is_report=False)


def genuine_as_printed(digits: str) -> Genuine | None:
    """The signed record whose hash begins and ends as the foot of a page says."""
    first, last = digits[:PRINTED_FIRST], digits[-PRINTED_LAST:]
    # A range, since an index answers it on both databases; no hexadecimal digit comes after f.
    found = SignedRecord.objects.filter(sha256__gte=first, sha256__lt=f"{first}g", sha256__endswith=last)
    return _intact(found, is_report=False)


def _intact(found: Iterable[SignedRecord] | QuerySet[SignedRecord], *, is_report: bool) -> Genuine | None:
    """Nothing is vouched for by a row that says something else than what was signed."""
    whole = [record for record in found if records.sha256(record.content) == record.sha256]
    return Genuine(whole[0], is_report) if whole else None
