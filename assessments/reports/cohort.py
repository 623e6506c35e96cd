"""The cohort on paper: where the group stands, what stands out, and how it moved on. Nobody is named."""

import datetime
import hashlib
from typing import Any

from django.template.loader import render_to_string

from assessments.reports import pdf, words


def printed(facts: dict[str, Any], *, printed_on: datetime.date) -> bytes:
    """A tagged PDF; the same bytes from the same facts on the same day. Raises RenderingFailed."""
    html = render_to_string("reports/cohort.html", facts | {"on": printed_on, "printed_on": words.day(printed_on)})
    return pdf.set_pages(html, identifier=hashlib.sha256(html.encode()).hexdigest())
