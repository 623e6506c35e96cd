"""The template of an earlier form as an Excel workbook: its codes are fixed, and what is filled in is read again."""

from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, NamedStyle, PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from assessments.exporters.xlsx import (
    FONT,
    INK,
    NAME,
    RULE,
    TEXT,
    TITLE,
    TOP,
    TOP_LINE,
    packed,
    styled,
    styles,
)
from assessments.importers.form_layout import (
    ABOUT,
    COLUMNS,
    FIELDS,
    FILLED,
    FIXED,
    LEVELS,
    MAX_NUMBER,
    NOT_APPLICABLE_WORD,
    NOT_OBSERVED_WORD,
    NUMBERS,
    RATINGS,
    TEXTS,
    YES,
    Words,
    choices,
    rateable,
)
from assessments.revisions import RevisionData, ScaleData

INPUT, PAPER = "Fill in", "FFFDF7"
WIDTHS = {
    ABOUT: [34, 60, 60],
    RATINGS: [34, 10, 64, 26, 44, 10, 10, 10],
    LEVELS: [26, 44, 44, 44],
}
HINTS = {
    "session_on": "As 30/11/2025. It dates the assessment.",
    "is_consent_confirmed": f"{YES}, or blank. Compulsory for a recorded session: the client has consented to the"
    " recording and to its use in training.",
    **dict.fromkeys(NUMBERS, f"A number from 1 to {MAX_NUMBER}, or blank."),
    **dict.fromkeys(TEXTS, "Words of the form, or blank. Nothing that could identify the client."),
}
LEAD = (
    "Fill in the second column here, and on the sheet Ratings whatever was rated; what stays blank stays not rated."
    " One workbook is one assessment."
)
YES_LIST = f'"{YES}"'


def write(data: RevisionData, words: Words) -> bytes:
    """The workbook. Every cell is text, and only those to fill in are open to change."""
    book = Workbook(write_only=True)
    book.properties.title = f"Earlier form, {data.title} {data.number}"
    book.properties.creator = data.rights_holder or data.framework_title
    for style in [*styles(), _to_fill_in()]:
        book.add_named_style(style)
    _about(_made(book, ABOUT), data, words)
    _ratings(_made(book, RATINGS), data)
    _levels(_made(book, LEVELS), data.scale)
    return packed(book)


def _to_fill_in() -> NamedStyle:
    """Text, so that a spreadsheet makes no date or number of its own out of what is typed."""
    return NamedStyle(
        INPUT,
        font=Font(FONT, 11, color=INK),
        alignment=TOP,
        border=RULE,
        fill=PatternFill("solid", fgColor=PAPER),
        number_format="@",
        protection=Protection(locked=False),
    )


def _made(book: Workbook, name: str) -> Worksheet:
    sheet: Worksheet = book.create_sheet(name)
    for letter, width in zip("ABCDEFGH", WIDTHS[name], strict=False):
        sheet.column_dimensions[letter].width = width
    # Protected from a slip of the hand, without a password; columns may still be made wider.
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    return sheet


def _append(sheet: Worksheet, texts: Iterable[str], *, style: str = TEXT, open_cells: int = 0) -> None:
    """A row of text, followed by blank cells to fill in."""
    row = [styled(sheet, text, style) for text in texts]
    for _ in range(open_cells):
        blank = WriteOnlyCell(sheet)
        blank.style = INPUT
        row.append(blank)
    sheet.append(row)


def _about(sheet: Worksheet, data: RevisionData, words: Words) -> None:
    _append(sheet, ["Earlier form"], style=TITLE)
    _append(sheet, ["", LEAD], style=NAME)
    _append(sheet, ["", "Answer", "What may stand here"], style=TOP_LINE)
    for name, label in FIXED.items():
        value = data.framework if name == "framework" else data.number
        _append(sheet, [label, value, "Fixed: the codes are those of this revision."])
    first = 3 + len(FIXED) + 1
    for number, (name, label) in enumerate(FIELDS.items(), start=first):
        _field(sheet, label, _hint(name, words))
        offered = words.get(name)
        if offered:
            _offer(sheet, f'"{",".join(offered.values())}"', f"B{number}")
        elif name == "is_consent_confirmed":
            _offer(sheet, YES_LIST, f"B{number}")


def _hint(name: str, words: Words) -> str:
    if name not in words:
        return HINTS[name]
    *others, last = words[name].values()
    blank = "" if name == "source" else ", or blank"
    return f"{', '.join(others)} or {last}{blank}."


def _field(sheet: Worksheet, label: str, hint: str) -> None:
    blank = WriteOnlyCell(sheet)
    blank.style = INPUT
    sheet.append([styled(sheet, label, NAME), blank, styled(sheet, hint, NAME)])


def _ratings(sheet: Worksheet, data: RevisionData) -> None:
    sheet.freeze_panes = "D2"
    sheet.print_title_rows = "1:1"
    _append(sheet, COLUMNS, style=TOP_LINE)
    number = 1
    for activity, node in rateable(data):
        _append(sheet, [f"{activity.code} {activity.title}", node.code, node.text], open_cells=len(FILLED))
        number += 1
    levels = len(choices(data.scale)) + 1
    _offer(sheet, f"{LEVELS}!$A$2:$A${levels}", f"D2:D{number}")
    _offer(sheet, YES_LIST, f"F2:G{number}")


def _offer(sheet: Worksheet, formula: str, cells: str) -> None:
    """A list to choose from. It refuses nothing: a value alone will do, and the upload tells what does not."""
    rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=False)
    rule.add(cells)
    sheet.data_validations.append(rule)


def _levels(sheet: Worksheet, scale: ScaleData) -> None:
    _append(sheet, ["Level", "For a skill", "For knowledge", "For an attitude"], style=TOP_LINE)
    meanings = {NOT_OBSERVED_WORD: scale.not_observed, NOT_APPLICABLE_WORD: scale.not_applicable}
    anchors = [[level.skill, level.knowledge, level.attitude] for level in scale.levels]
    for number, choice in enumerate(choices(scale)):
        _append(sheet, [choice, *(anchors[number] if number < len(anchors) else [meanings[choice], "", ""])])
