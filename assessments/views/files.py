"""Answers that are files to keep."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file that the browser saves under this name, whatever letters it has."""
    disposition = content_disposition_header(as_attachment=True, filename=name) or ""
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition})
