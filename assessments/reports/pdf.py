"""From a record to the bytes of its report. Setting type is slow and hungry, so it happens in a child process."""

import datetime
import fcntl
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.template.loader import render_to_string

from assessments import records
from assessments.exceptions import RenderingFailed
from assessments.models.audit import ReportKind
from assessments.records import Document
from assessments.reports import assessment

logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("typeset.py")
# Pages are set by at most so many children at once on one machine, whichever worker asked.
SLOTS = 2
# Together they stay below what the web server allows a request.
PATIENCE, TIMEOUT = 15.0, 40.0
LARGEST = 20 * 1024**2
# The child gets nothing of the server's environment; the tests' measuring of it is no secret.
KEPT = ["COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"]

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
    """PDF/UA-1 from HTML of ours. `identifier` is a SHA-256 of what it shows: the same content, the same file."""
    with _slot(patience) as slot:
        return _typeset(html, identifier, setting, attached, slot=slot, timeout=timeout)


@contextmanager
def _slot(patience: float) -> Iterator[int]:
    """One of the few places in which pages are set, or RenderingFailed when none falls free in time."""
    folder = Path(tempfile.gettempdir()) / f"ipt-reports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
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
    # The child holds the slot too: should this process die, the place stays taken until the child is done.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryDirectory() as folder:
        child = subprocess.Popen(
            [sys.executable, "-I", str(CHILD), identifier, setting.style, setting.size, dated],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.PIPE,
            env={"TMPDIR": folder} | {name: os.environ[name] for name in KEPT if name in os.environ},
            pass_fds=[slot],
            start_new_session=True,
        )
        try:
            _, complaint = child.communicate(f"{html}\0{record}".encode(), timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise RenderingFailed(SLOW) from error
        finally:
            _end(child)
        if child.returncode:
            logger.error("typesetting ended with %s: %s", child.returncode, complaint[-60:].decode(errors="replace"))
            raise RenderingFailed(BROKEN)
        output.seek(0)
        return output.read(LARGEST)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Kill the child with everything it may have started, and leave no zombie."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        # Leaving it closes the pipes; what was not written yet nobody reads any more.
        with suppress(BrokenPipeError), child:
            child.communicate()
