"""The reports of a cohort as one ZIP file, handed on piece by piece: it is never in memory as a whole.

The same files give the same bytes, so that their checksum and size are known before anybody downloads them.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator

from django.utils import timezone

from assessments.importers.cells import guarded
from assessments.models import BundleFile, ReportBundle

HEADS = ["File", "Therapist", "Date", "Kind", "SHA-256"]


class _Window(io.BytesIO):
    """What of the file was not handed on yet. zipfile goes back to the head of what it writes, and no further."""

    gone = 0

    def tell(self) -> int:
        return super().tell() + self.gone

    def seek(self, to: int, whence: int = 0) -> int:
        return super().seek(to - self.gone, whence) + self.gone

    def taken(self) -> bytes:
        content = self.getvalue()
        self.gone += len(content)
        super().seek(0)
        self.truncate(0)
        return content


def pieces(
    bundle: ReportBundle, files: Iterable[BundleFile], content_of: Callable[[BundleFile], bytes]
) -> Iterator[bytes]:
    """The list of what is in there, then each file in a folder of its therapist. `content_of` is asked one by one."""
    rows, window = list(files), _Window()
    moment = timezone.localtime(bundle.asked_at).timetuple()[:6]
    with zipfile.ZipFile(window, "w") as packed:
        packed.writestr(zipfile.ZipInfo("index.csv", moment), _index(rows))
        yield window.taken()
        for row in rows:
            # A PDF is packed already.
            packed.writestr(zipfile.ZipInfo(row.name, moment), content_of(row))
            yield window.taken()
    yield window.taken()


def _index(rows: Iterable[BundleFile]) -> bytes:
    """With a byte order mark, or Excel takes it for another encoding; no text in it is a formula."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(HEADS)
    for row in rows:
        kind = "Profile report" if row.is_profile else "Assessment report"
        cells = [row.name, row.therapist.name, row.stands_on.isoformat(), kind, row.sha256]
        writer.writerow([guarded(text) for text in cells])
    return sheet.getvalue().encode("utf-8-sig")
