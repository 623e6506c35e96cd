"""The CSV face of the project's own format, for spreadsheets: one row an entry. See docs/framework-format.md."""

import csv
import io
from collections.abc import Iterator

from assessments.exporters import own_fields
from assessments.exporters.own_fields import Fields
from assessments.importers.cells import guarded
from assessments.importers.own_csv import FIRST, FURTHER, RENAMED
from assessments.revisions import ActivityData, CompetenceData, DomainData, RevisionData

Row = dict[str, str]


def write(data: RevisionData) -> bytes:
    """The file of a revision. Reading it gives equal data, whatever the texts hold.

    It begins with a byte order mark, because Excel takes a file without one for another encoding.
    """
    rows = list(_rows(data))
    used = {name for row in rows for name, text in row.items() if text}
    columns = [*FIRST, *(name for name in FURTHER if name in used)]
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([guarded(row.get(name, "")) for name in columns] for row in rows)
    return sheet.getvalue().encode("utf-8-sig")


def _rows(data: RevisionData) -> Iterator[Row]:
    for path, fields in [
        ("", own_fields.about(data)),
        ("source.", own_fields.source(data)),
        ("rights.", own_fields.rights(data)),
        ("", own_fields.small_print(data)),
        ("scale.", own_fields.scale(data.scale)),
    ]:
        yield from ({"level": "about", "key": f"{path}{name}", "text": text} for name, text in fields if text)
    yield from (_row("scale level", own_fields.level(level)) for level in data.scale.levels)
    yield from (_row("page", own_fields.page(page)) for page in data.pages)
    for domain in data.domains:
        yield from _domain(domain)
    for entry in data.lineage:
        kind, older, newer, note = own_fields.lineage(entry)
        yield {"level": "lineage", "kind": kind, "from": " ".join(older), "to": " ".join(newer), "note": note}


def _domain(domain: DomainData) -> Iterator[Row]:
    yield _row("domain", own_fields.domain(domain))
    for activity in domain.activities:
        yield from _activity(activity, {"parent_key": domain.key})


def _activity(activity: ActivityData, place: Row) -> Iterator[Row]:
    yield _row("activity", own_fields.activity(activity)) | place
    for competence in activity.competences:
        yield from _competence(competence, activity.key)
    for part in activity.activities:
        yield from _activity(part, {"parent_key": activity.key, "parent_level": "activity"})


def _competence(competence: CompetenceData, parent: str) -> Iterator[Row]:
    yield _row("competence", own_fields.competence(competence)) | {"parent_key": parent}
    for point in competence.points:
        yield _row("point", own_fields.point(point)) | {"parent_key": competence.key}


def _row(level: str, fields: Fields) -> Row:
    """Where the CSV face has a column for it already, a field stands there."""
    names = {name: column for column, name in RENAMED.get(level, {}).items()}
    return {"level": level, **{names.get(name, name): text for name, text in fields}}
