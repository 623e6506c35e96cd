"""Filled templates of earlier forms, made as a supervisor makes them: from the template, in a spreadsheet."""

import io
from typing import Any

import openpyxl

from assessments.exporters import form_template
from assessments.importers.form_layout import COLUMNS, FIELDS, FIXED
from assessments.models import FrameworkRevision
from assessments.queries import FORM_WORDS, form_data
from assessments.revisions import RevisionData

# A form that lacks nothing.
ABOUT: dict[str, Any] = {"session_on": "31/10/2025", "source": "Role play", "case_number": "2"}


def template(revision: FrameworkRevision | RevisionData) -> Any:
    data = revision if isinstance(revision, RevisionData) else form_data(revision)
    return openpyxl.load_workbook(io.BytesIO(form_template.write(data, FORM_WORDS)))


def fill(book: Any, about: dict[str, Any], ratings: dict[str, Any]) -> Any:
    """Write into the cells of the fields and codes; a rating is its level, or its columns by name."""
    rows = {row[0].value: row[1] for row in book["About"].iter_rows() if row[0].value}
    for name, value in about.items():
        rows[(FIXED | FIELDS)[name]].value = value
    by_code = {row[1].value: row for row in book["Ratings"].iter_rows()}
    for code, answer in ratings.items():
        for head, value in (answer if isinstance(answer, dict) else {"Level": answer}).items():
            by_code[code][COLUMNS.index(head)].value = value
    return book


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def filled(revision: FrameworkRevision | RevisionData, ratings: dict[str, Any], **about: Any) -> bytes:
    """The bytes of a template with these ratings by code; `about` changes what the first sheet says."""
    return saved(fill(template(revision), ABOUT | about, ratings))
