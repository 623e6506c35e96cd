"""Rows out of an Excel workbook. Its size is checked before any of it is parsed, and nothing in it is calculated."""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from defusedxml.common import DefusedXmlException

from assessments.exceptions import ImportRejected, Problem
from assessments.importers.grids import Row
from assessments.importers.reading import Notice
from assessments.importers.workbook_xml import Cells, Formats, Meaning, Outline, Relations, Texts

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MAX_MEMBERS, MAX_UNPACKED, MAX_RATIO = 200, 50 * 1024**2, 100
# Parsing costs time by the tag and by the attribute, not by the byte. A cell with its text has up to ten tags.
MAX_TAGS, MAX_ATTRIBUTES = 1_000_000, 1_000_000
# Small parts compress beyond any ratio and harm nobody.
SMALL = 1024**2
_DAMAGED = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error)


@dataclass
class Sheet:
    name: str
    rows: list[Row]
    is_hidden: bool = False
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def sheets(content: bytes) -> list[Sheet]:
    """Every sheet with its rows. Raises ImportRejected where the file is no workbook, or too large to be opened."""
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise _rejected("The workbook is locked with a password.", "Save a copy without one.")
        raise _rejected("This is a workbook of the old kind (.xls).", "Save it as .xlsx or as CSV.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_sizes(package.infolist())
            parts = {name: package.read(name) for name in package.namelist() if name.endswith((".xml", ".rels"))}
    except _DAMAGED as error:
        raise _rejected("The workbook is damaged and cannot be opened.", "Open it and save it again.") from error
    try:
        return list(_sheets(parts))
    except ImportRejected:
        raise
    except DefusedXmlException as error:
        what = "The workbook declares a document type or entities of its own."
        raise _rejected(what, "Save it with a spreadsheet program.") from error
    except Exception as error:  # whatever a parser meets in a damaged or hostile part
        raise _rejected("The workbook is damaged and cannot be read.", "Open it and save it again.") from error


def _rejected(what: str, mend: str) -> ImportRejected:
    return ImportRejected([Problem("file", what, mend)])


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    small = "Save the table alone as a new workbook, or as CSV."
    if len(members) > MAX_MEMBERS:
        raise _rejected(f"The workbook has {len(members)} parts; at most {MAX_MEMBERS} are read.", small)
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED:
        what = f"Unpacked, the workbook has {unpacked // 1024**2} MB; at most {MAX_UNPACKED // 1024**2} are read."
        raise _rejected(what, small)
    for member in members:
        if member.flag_bits & 1:
            raise _rejected("The workbook is locked with a password.", "Save a copy without one.")
        if member.file_size > max(SMALL, MAX_RATIO * member.compress_size):
            what = f"Its part {member.filename!r} grows more than {MAX_RATIO}-fold when it is unpacked."
            raise _rejected(what, small)


def _sheets(parts: dict[str, bytes]) -> Iterator[Sheet]:
    root = Relations(parts.get("_rels/.rels", b"<none/>")).by_kind.get("officeDocument", "")
    book = root.lstrip("/")
    if book.startswith("word/"):
        raise _rejected("This is a Word document.", "Copy its list and paste it as text, or save the document as text.")
    if not book.endswith(".xml") or book not in parts:
        raise _rejected("This is not an Excel workbook (.xlsx).", "Save the table as .xlsx or as CSV.")
    folder, name = posixpath.split(book)
    relations = Relations(_checked(parts, f"{folder}/_rels/{name}.rels"))
    outline = Outline(_checked(parts, book))
    if not outline.sheets:
        raise _rejected("This is not an Excel workbook (.xlsx).", "Save the table as .xlsx or as CSV.")
    paths = {key: _path(folder, target) for key, target in relations.by_id.items()}
    kinds = {kind: _path(folder, target) for kind, target in relations.by_kind.items()}
    wanted = [paths[relation] for _, relation, _ in outline.sheets if paths[relation] in parts]
    _check_work([parts[path] for path in {*wanted, *kinds.values()} if path in parts])
    meaning = Meaning(
        texts=Texts(parts[kinds["sharedStrings"]]).texts if kinds.get("sharedStrings") in parts else [],
        formats=Formats(parts[kinds["styles"]]).formats if kinds.get("styles") in parts else [],
        epoch=outline.epoch,
    )
    for title, relation, is_hidden in outline.sheets:
        if relation in relations.sheets:
            yield _sheet(parts[paths[relation]], meaning, title, is_hidden=is_hidden)


def _path(folder: str, target: str) -> str:
    """A relation's target, which is written from the folder of its part or from the root of the package."""
    return posixpath.normpath(posixpath.join("/", folder, target))[1:]


def _checked(parts: dict[str, bytes], path: str) -> bytes:
    _check_work([parts[path]])
    return parts[path]


def _check_work(parts: list[bytes]) -> None:
    """No more tags and attributes than can be parsed in seconds."""
    tags = sum(part.count(b"<") for part in parts)
    attributes = sum(part.count(b"=") for part in parts)
    if tags > MAX_TAGS or attributes > MAX_ATTRIBUTES:
        raise _rejected("The workbook holds too many cells.", "Save the table alone as a new workbook, or as CSV.")


def _sheet(part: bytes, meaning: Meaning, name: str, *, is_hidden: bool) -> Sheet:
    found = Cells(part, meaning, name).found
    sheet = Sheet(name=name, rows=found.rows, is_hidden=is_hidden, problems=found.problems)
    if found.formulas:
        what = f"{found.formulas} cells hold formulas; the values stored with them are read, and nothing is calculated."
        sheet.notices.append(Notice(f'sheet "{name}"', what))
    return sheet
