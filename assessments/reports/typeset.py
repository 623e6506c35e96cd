"""The program that sets reports: a helper that starts a child for each, and that child.

HTML and what it attaches come on the child's standard input; the PDF goes into a file that it was given. The program
runs on its own, without the product's settings, data or environment, and reads only the files packaged beside it.
"""

import ctypes
import datetime
import gc
import logging
import os
import resource
import selectors
import signal
import socket
import sys
import tempfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree

import cssselect2
import pydyf
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

HERE = Path(__file__).resolve().parent
PACKAGED = {path.name: path for path in [*(HERE / "fonts").glob("*.ttf"), *(HERE / "stamps").glob("*.jpg")]}
TYPES = {".ttf": "font/ttf", ".jpg": "image/jpeg"}
LARGEST = 20 * 1024**2
# Memory and seconds of the processor: of a report that somebody waits for, and of a book that an operator asks for.
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>
MOST_FILES = 4096
LIMITS = {"report": (1024**3, 60), "book": (4 * 1024**3, 900)}


class PackagedFiles(URLFetcher):
    """Knows the fonts and watermarks of this package and nothing else: no other file, no network, no data: address."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        scheme, _, name = url.partition(":")
        if scheme != "report" or name not in PACKAGED:
            raise FatalURLFetchingError("Only packaged files are read.")
        path = PACKAGED[name]
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": TYPES[path.suffix]})


class Pages(weasyprint.HTML):
    """Pages of ours, which are well-formed. The library's own parser forgives what is not, for a sixteenth of the time.

    Nothing here declares an entity, and what a user wrote is escaped. Raises ParseError on what is not well-formed.
    """

    def __init__(self, text: str, url_fetcher: URLFetcher) -> None:
        root = ElementTree.fromstring(text)  # noqa: S314  see above
        self.base_url, self.url_fetcher, self.media_type = None, url_fetcher, "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element


@dataclass
class Settled:
    """A part of the file whose bytes are known, in place of the pydyf.Object that made them."""

    number: int
    generation: int
    free: str
    compressible: bool
    data: bytes
    offset: int = 0

    @property
    def indirect(self) -> bytes:
        return b"%d %d obj\n%b\nendobj" % (self.number, self.generation, self.data)


def settle(pdf: pydyf.PDF) -> None:
    """Make the bytes of each part once. Writing makes them twice, for the file and for its identifier."""
    parts: list[Any] = pdf.objects[1:]
    pdf.objects[1:] = [
        Settled(part.number, part.generation, part.free, part.compressible, packed(part).data) for part in parts
    ]


def packed(part: Any) -> Any:
    """As tight as zlib packs by itself. Packing as tight as it can takes a tenth of the time and gains a twelfth."""
    if isinstance(part, pydyf.Stream) and part.compress:
        part.compress = False
        content = part.data.partition(b"\nstream\n")[2].removesuffix(b"\nendstream")
        part.stream, part.extra["Filter"] = [zlib.compress(content)], "/FlateDecode"
    return part


def limit(memory: int, seconds: int) -> None:
    """Hard limits: nothing that runs in here can lift them again."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))


def attachment(record: str, dated: str) -> weasyprint.Attachment:
    at = datetime.datetime.fromisoformat(dated)
    description = "The record that this report prints, as canonical JSON"
    return weasyprint.Attachment(string=record, name="record.json", description=description, created=at, modified=at)


def relate_attachments(pdf: pydyf.PDF) -> None:
    """Say that what is attached is the data of this report. The library says it in archival files (PDF/A) only."""
    entries: list[Any] = [entry for entry in pdf.objects if isinstance(entry, pydyf.Dictionary)]
    files = [entry for entry in entries if entry.get("Type") == "/Filespec"]
    for file in files:
        file["AFRelationship"] = "/Data"
    if files:
        pdf.catalog["AF"] = pydyf.Array([file.reference for file in files])


def finish(_document: weasyprint.Document, pdf: pydyf.PDF) -> None:
    relate_attachments(pdf)
    settle(pdf)


def typeset(html: str, identifier: str, style: str, attachments: list[weasyprint.Attachment]) -> bytes:
    fetcher, fonts = PackagedFiles(), FontConfiguration()
    css = "".join((HERE / f"{name}.css").read_text() for name in ["fonts", style])
    sheet = weasyprint.CSS(string=css, url_fetcher=fetcher, font_config=fonts)
    pdf: bytes = Pages(html, fetcher).write_pdf(
        stylesheets=[sheet],
        font_config=fonts,
        pdf_variant="pdf/ua-1",
        pdf_identifier=bytes.fromhex(identifier)[:16],
        attachments=attachments,
        finisher=finish,
    )
    return pdf


def main(identifier: str, style: str, size: str, dated: str, *, target: int) -> int:
    limit(*LIMITS[size])
    # One document and the process ends: looking for garbage takes a fifth of the time and finds little.
    gc.disable()
    # Its warnings may quote a note.
    logging.getLogger("weasyprint").disabled = True
    try:
        # JSON writes NUL as an escape, so the last one divides the two whatever the pages say.
        html, _, record = sys.stdin.buffer.read().decode().rpartition("\0")
        pdf = typeset(html, identifier, style, [attachment(record, dated)] if record else [])
        with open(target, "wb") as file:
            file.write(pdf)
    except (Exception, FatalURLFetchingError) as error:  # the latter is no Exception
        sys.stderr.write(type(error).__name__)
        return 1
    return 0


@dataclass(frozen=True)
class Job:
    """A child with its group of processes; what becomes readable when it ended; and who waits for that."""

    pid: int
    ended: int
    asker: socket.socket

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def finish(self) -> None:
        self.kill()  # what it may have started
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        with suppress(OSError), self.asker:
            self.asker.send(str(code).encode())
        os.close(self.ended)


class Press:
    """The helper. Orders come by `control`, each with a socket to answer on and the four files of a child."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.waiting = selectors.DefaultSelector()
        self.waiting.register(control, selectors.EVENT_READ)

    def run(self, idle: float) -> None:
        """One event at a time, as each may settle another. Ends after so many seconds without any child."""
        while ready := self.waiting.select(idle if len(self.waiting.get_map()) == 1 else None):
            key, job = ready[0][0], ready[0][0].data
            if job is None:
                if not self.take():
                    return
            elif key.fileobj is job.asker:
                # Nobody waits any more.
                self.waiting.unregister(job.asker)
                job.kill()
            else:
                self.waiting.unregister(job.ended)
                with suppress(KeyError):
                    self.waiting.unregister(job.asker)
                job.finish()

    def take(self) -> bool:
        """Start the child of the next order, or say that there will be none."""
        order, files, _, _ = socket.recv_fds(self.control, 4096, 5)
        if not order:
            return False
        asker, *given = files
        pid = os.fork()
        if not pid:
            become_child(order.decode().split("\0"), given)
        with suppress(OSError):  # the child has done it itself, or is done
            os.setpgid(pid, pid)
        for number in given:
            os.close(number)
        job = Job(pid, os.pidfd_open(pid), socket.socket(fileno=asker))
        self.waiting.register(job.ended, selectors.EVENT_READ, job)
        self.waiting.register(job.asker, selectors.EVENT_READ, job)
        return True


def become_child(order: list[str], given: list[int]) -> NoReturn:
    """Set one report and end. Of the helper's files it keeps only its own and its place among those that set pages."""
    code = 1
    try:
        os.setpgid(0, 0)
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        source, target, complaint, slot = given
        # Whatever a library prints is a complaint, and never gets into the file.
        for standard, number in enumerate([source, complaint, complaint]):
            os.dup2(number, standard)
        first, last = sorted([target, slot])
        for begin, end in pairwise([sys.stderr.fileno(), first, last, MOST_FILES]):
            os.closerange(begin + 1, end)
        *rest, tempfile.tempdir = order
        code = main(*rest, target=target)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        # Taking all boxes apart would take a twentieth of the time; whoever asked clears away the fonts.
        os._exit(code)


if __name__ == "__main__":  # pragma: no branch  it is only ever run, never imported
    # What is loaded is there for good: no child looks for garbage in it, or copies it by doing so.
    gc.collect()
    gc.freeze()
    Press(socket.socket(fileno=int(sys.argv[1]))).run(float(sys.argv[2]))
