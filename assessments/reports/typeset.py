"""The child process that sets a report: HTML and what it attaches on standard input, PDF on standard output.

It runs on its own, without the product's settings, data or environment, and reads only the files packaged beside it.
"""

import datetime
import gc
import logging
import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydyf
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

HERE = Path(__file__).resolve().parent
PACKAGED = {path.name: path for path in [*(HERE / "fonts").glob("*.ttf"), *(HERE / "stamps").glob("*.png")]}
TYPES = {".ttf": "font/ttf", ".png": "image/png"}
LARGEST = 20 * 1024**2
# Memory and seconds of the processor: of a report that somebody waits for, and of a book that an operator asks for.
LIMITS = {"report": (1024**3, 60), "book": (4 * 1024**3, 900)}


class PackagedFiles(URLFetcher):
    """Knows the fonts and watermarks of this package and nothing else: no other file, no network, no data: address."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        scheme, _, name = url.partition(":")
        if scheme != "report" or name not in PACKAGED:
            raise FatalURLFetchingError("Only packaged files are read.")
        path = PACKAGED[name]
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": TYPES[path.suffix]})


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


def settle(_document: weasyprint.Document, pdf: Any) -> None:
    """Make the bytes of each part once. Writing makes them twice, for the file and for its identifier."""
    pdf.objects[1:] = [
        Settled(part.number, part.generation, part.free, part.compressible, part.data) for part in pdf.objects[1:]
    ]


def limit(memory: int, seconds: int) -> None:
    """Hard limits: nothing that runs in here can lift them again."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))


def attachment(record: str, dated: str) -> weasyprint.Attachment:
    at = datetime.datetime.fromisoformat(dated)
    description = "The record that this report prints, as canonical JSON"
    return weasyprint.Attachment(string=record, name="record.json", description=description, created=at, modified=at)


def relate_attachments(document: weasyprint.Document, pdf: pydyf.PDF) -> None:
    """Say that what is attached is the data of this report. The library says it in archival files (PDF/A) only."""
    entries: list[Any] = [entry for entry in pdf.objects if isinstance(entry, pydyf.Dictionary)]
    files = [entry for entry in entries if entry.get("Type") == "/Filespec"]
    for file in files:
        file["AFRelationship"] = "/Data"
    if files:
        pdf.catalog["AF"] = pydyf.Array([file.reference for file in files])


def finish(document: weasyprint.Document, pdf: pydyf.PDF) -> None:
    relate_attachments(document, pdf)
    settle(document, pdf)


def typeset(html: str, identifier: str, style: str, attachments: list[weasyprint.Attachment]) -> bytes:
    fetcher, fonts = PackagedFiles(), FontConfiguration()
    css = "".join((HERE / f"{name}.css").read_text() for name in ["fonts", style])
    sheet = weasyprint.CSS(string=css, url_fetcher=fetcher, font_config=fonts)
    document = weasyprint.HTML(string=html, url_fetcher=fetcher)
    pdf: bytes = document.write_pdf(
        stylesheets=[sheet],
        font_config=fonts,
        pdf_variant="pdf/ua-1",
        pdf_identifier=bytes.fromhex(identifier)[:16],
        attachments=attachments,
        finisher=finish,
    )
    return pdf


def main(identifier: str, style: str, size: str, dated: str) -> int:
    limit(*LIMITS[size])
    # One document and the process ends: looking for garbage takes a fifth of the time and finds little.
    gc.disable()
    # Its warnings may quote a note.
    logging.getLogger("weasyprint").disabled = True
    try:
        # JSON writes NUL as an escape, so the last one divides the two whatever the pages say.
        html, _, record = sys.stdin.buffer.read().decode().rpartition("\0")
        pdf = typeset(html, identifier, style, [attachment(record, dated)] if record else [])
    except (Exception, FatalURLFetchingError) as error:  # the latter is no Exception
        sys.stderr.write(type(error).__name__)
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":  # pragma: no branch  it is only ever run, never imported
    code = main(*sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Taking all boxes apart would take a twentieth of the time; the parent clears away the fonts.
    os._exit(code)
