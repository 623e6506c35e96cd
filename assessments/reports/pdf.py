"""From a record to the bytes of its report. Setting type is slow and hungry, so it happens in a child process."""

import datetime
import fcntl
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.template.loader import render_to_string

from assessments import records
from assessments.exceptions import RenderingFailed
from assessments.models.audit import ReportKind
from assessments.records import Document
from assessments.reports import assessment, press
from assessments.wording import printable

logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("typeset.py")
# Pages are set by at most so many children at once on one machine, whichever worker asked.
SLOTS = 2
# Together they stay below what the web server allows a request.
PATIENCE, TIMEOUT = 15.0, 40.0
LARGEST = 20 * 1024**2
# A helper that is gone is noticed once by its silence and once by its deafness; the third try has a new one.
TRIES = 3

BUSY = "Other reports are being made just now. Try again in a minute."
SLOW = "The report took too long to make. Try again; if it fails again, tell the administrator."
BROKEN = "The report could not be made. Nothing was changed; tell the administrator."


def render(
    document: Document,
    *,
    sha256: str,
    issued_on: datetime.date,
    kind: str = ReportKind.FULL,
    timeout: float = TIMEOUT,
    patience: float = PATIENCE,
) -> bytes:
    """A report as PDF/UA-1: the same bytes from the same record, kind and date, with the same version of this product.

    The record is attached as it is hashed, so that whoever holds the file can check it by hand.

    Waits up to `patience` seconds for its turn, then up to `timeout` for the pages.
    """
    facts = assessment.context(document, sha256=sha256, issued_on=issued_on, kind=kind)
    html = render_to_string("reports/assessment.html", facts)
    attached = Attached(records.canonical(document), issued_on)
    return set_pages(html, identifier=sha256, attached=attached, timeout=timeout, patience=patience)


@dataclass(frozen=True)
class Setting:
    """A style sheet of this folder, and the limits of the child: those of a report or, for an operator, of a book."""

    style: str = "report"
    size: str = "report"


@dataclass(frozen=True)
class Attached:
    """The record that goes into the file beside its pages, and its date there."""

    record: str
    dated: datetime.date


REPORT = Setting()


def set_pages(
    html: str,
    *,
    identifier: str,
    setting: Setting = REPORT,
    attached: Attached | None = None,
    timeout: float = TIMEOUT,
    patience: float = PATIENCE,
) -> bytes:
    """PDF/UA-1 from well-formed HTML of ours. `identifier` is a SHA-256 of what it shows: same content, same file."""
    with _slot(patience) as slot:
        return _typeset(printable(html), identifier, setting, attached, slot=slot, timeout=timeout)


@contextmanager
def _slot(patience: float) -> Iterator[int]:
    """One of the few places in which pages are set, or RenderingFailed when none falls free in time."""
    folder = _folder()
    deadline = time.monotonic() + patience
    while True:
        for number in range(SLOTS):
            slot = os.open(folder / f"slot-{number}", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield slot
                return
            except BlockingIOError:
                continue
            finally:
                os.close(slot)
        if time.monotonic() >= deadline:
            raise RenderingFailed(BUSY)
        time.sleep(0.1)


def _folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"ipt-reports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _typeset(
    html: str,
    identifier: str,
    setting: Setting = REPORT,
    attached: Attached | None = None,
    *,
    slot: int,
    timeout: float,
) -> bytes:
    record, dated = (attached.record, attached.dated.isoformat()) if attached else ("", "")
    order, content = [identifier, setting.style, setting.size, dated], f"{html}\0{record}".encode()
    for _ in range(TRIES):
        try:
            return _pressed(order, content, slot, timeout)
        except press.Lost:
            logger.warning("the helper that sets pages is gone; another is started")
        except TimeoutError as error:
            raise RenderingFailed(SLOW) from error
    raise RenderingFailed(BROKEN)


def _pressed(order: list[str], content: bytes, slot: int, timeout: float) -> bytes:
    temporary = tempfile.TemporaryFile
    with temporary() as source, temporary() as target, temporary() as complaint, tempfile.TemporaryDirectory() as own:
        source.write(content)
        source.seek(0)
        # The child holds the slot too: should this process die, the place stays taken until the child is gone.
        files = [source.fileno(), target.fileno(), complaint.fileno(), slot]
        code = press.run(CHILD, [*order, own], files, timeout=timeout, folder=_folder())
        if code:
            complaint.seek(0, os.SEEK_END)
            complaint.seek(max(0, complaint.tell() - 60))
            logger.error("typesetting ended with %s: %s", code, complaint.read().decode(errors="replace"))
            raise RenderingFailed(BROKEN)
        target.seek(0)
        return target.read(LARGEST)
