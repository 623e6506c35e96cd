"""A revision as an Excel workbook to read, filter and print: the list, what is said about it, and its scale."""

import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from itertools import compress
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from assessments.revisions import ActivityData, CompetenceData, RevisionData
from assessments.wording import printable

# The colours and the order of the page's own style sheet.
INK, QUIET, LINE, HEAD = "1F2A30", "4E5A62", "DDD7CA", "F1EDE4"
FONT, SERIF = "Calibri", "Cambria"
LETTERS, ALWAYS = "ABCDEFGHI", 2
COLUMNS = {
    "Domain": 22,
    "Activity": 34,
    "Code": 9,
    "Kind": 11,
    "Competence": 64,
    "What to look for": 46,
    "Guidance": 40,
    "Under": 20,
    "Safety-critical": 14,
}
SCALE = {"Value": 9, "Label": 24, "For a skill": 40, "For knowledge": 40, "For an attitude": 40, "Supervision": 32}
# What a spreadsheet takes for a formula when somebody edits the cell.
_RISKY = ("=", "+", "-", "@", "\t", "\r")
# A workbook holds the moment it was made in three places; the same revision shall give the same bytes.
_EPOCH = datetime.datetime(2000, 1, 1)
_MOMENT = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(?=<)")

TOP = Alignment(vertical="top", wrap_text=True)
RULE = Border(bottom=Side(style="thin", color=LINE))
SHADE = PatternFill("solid", fgColor=HEAD)
TEXT, NAME, TOP_LINE, TITLE = "Text", "Name", "Column head", "Heading"


def write(data: RevisionData) -> bytes:
    """The workbook. Every cell is text: nothing in it is a number, a date or a formula."""
    book = Workbook(write_only=True)
    book.properties.title = f"{data.title} {data.number}"
    book.properties.creator = data.rights_holder or data.framework_title
    for style in styles():
        book.add_named_style(style)
    _table(book.create_sheet("Competences"), COLUMNS, _competences(data), data)
    _about(book.create_sheet("About"), data)
    levels = (
        [each.value, each.label, each.skill, each.knowledge, each.attitude, each.supervision]
        for each in data.scale.levels
    )
    _table(book.create_sheet("Scale"), SCALE, [*levels, *_beside_levels(data)], data)
    return packed(book)


def styles() -> list[NamedStyle]:
    return [
        NamedStyle(TEXT, font=Font(FONT, 11, color=INK), alignment=TOP, border=RULE),
        NamedStyle(NAME, font=Font(FONT, 11, color=QUIET), alignment=TOP, border=RULE),
        NamedStyle(TOP_LINE, font=Font(FONT, 11, bold=True, color=INK), alignment=TOP, border=RULE, fill=SHADE),
        NamedStyle(TITLE, font=Font(SERIF, 20, color=INK)),
    ]


def _competences(data: RevisionData) -> Iterator[list[str]]:
    for domain in data.domains:
        for activity in domain.all_activities():
            for competence in activity.competences:
                yield _statement(f"{domain.code} {domain.title}", activity, competence)


def _statement(domain: str, activity: ActivityData, competence: CompetenceData) -> list[str]:
    return [
        domain,
        f"{activity.code} {activity.title}",
        competence.code,
        competence.kind.capitalize(),
        competence.text,
        "\n".join(f"{point.code} {point.text}" for point in competence.points),
        competence.guidance,
        competence.subheading,
        "Yes" if competence.is_safety_critical else "",
    ]


def _beside_levels(data: RevisionData) -> Iterator[list[str]]:
    if data.scale.not_observed:
        yield ["", "Not observed", data.scale.not_observed, "", "", ""]
    if data.scale.not_applicable and data.scale.has_not_applicable:
        yield ["", "Not applicable", data.scale.not_applicable, "", "", ""]


def _table(sheet: Worksheet, columns: dict[str, int], rows: Iterable[list[str]], data: RevisionData) -> None:
    """A head that stays in view, filters, and paper that repeats the head and carries the notice.

    Columns in which nothing stands are left out.
    """
    listed = list(rows)
    used = [number < ALWAYS or any(row[number] for row in listed) for number in range(len(columns))]
    heads = list(compress(columns, used))
    for letter, head in zip(LETTERS, heads, strict=False):
        sheet.column_dimensions[letter].width = columns[head]
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer: Any = sheet.oddFooter  # its parts are there, whatever the stubs say
    footer.left.text, footer.right.text = _footer(data), "Page &P of &N"
    sheet.append([styled(sheet, head, TOP_LINE) for head in heads])
    for row in listed:
        sheet.append([styled(sheet, text, TEXT) for text in compress(row, used)])
    sheet.auto_filter.ref = f"A1:{LETTERS[len(heads) - 1]}{len(listed) + 1}"


def _about(sheet: Worksheet, data: RevisionData) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 96
    sheet.append([styled(sheet, f"{data.title} {data.number}", TITLE)])
    for name, text in [
        ("Framework", data.framework_title),
        ("Revision", data.number),
        ("Follows", data.previous),
        ("Issued on", data.issued_on),
        ("Summary", data.summary),
        ("Authors", data.authors),
        ("Commissioner", data.commissioner),
        ("Source", "\n".join(filter(None, [data.source_name, data.source_url]))),
        ("Rights", data.rights_holder),
        ("Licence", data.licence),
        ("How to cite it", data.attribution),
        ("Notice", data.notice),
        ("Scale", f"{data.scale.name}, version {data.scale.version}"),
        ("Language", data.language),
        *((page.title, f"{page.summary}\n\n{page.text}") for page in data.pages),
    ]:
        if text:
            sheet.append([styled(sheet, name, NAME), styled(sheet, text, TEXT)])


def styled(sheet: Worksheet, text: str, style: str) -> Cell:
    cell = text_cell(sheet, text)
    is_prefixed = cell.quotePrefix
    cell.style = style  # which takes the prefix away
    cell.quotePrefix = is_prefixed
    return cell


def text_cell(sheet: Worksheet, text: str) -> Cell:
    """A cell that is text whatever it begins with."""
    cell = WriteOnlyCell(sheet, printable(text))
    cell.data_type = "s"
    if text.startswith(_RISKY):
        cell.quotePrefix = True
    return cell


def _footer(data: RevisionData) -> str:
    """In a footer an ampersand begins a code."""
    return (data.notice or f"{data.title} {data.number}")[:200].replace("&", "&&").replace("\n", " ")


def packed(book: Workbook) -> bytes:
    """The file of a workbook, without the times at which it was made and packed."""
    book.properties.created = _EPOCH
    saved, content = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = _MOMENT.sub(rb"\g<1>2000-01-01T00:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return content.getvalue()
