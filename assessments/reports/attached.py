"""The records that a file carries, whoever saved it last.

No PDF is parsed here: files come from anybody. A report's record is one compressed stream of the file and stays one
when other programs add to the file or save it again, so each stream is looked at and what begins as a record is
unpacked, up to a limit.
"""

import json
import re
import zlib
from itertools import islice

from assessments.records import FORMAT

# Canonical JSON sorts its members, and this is the first of a record.
BEGINNING = b'{"assessment":{'
LARGEST = 8 * 1024**2
MOST_STREAMS, MOST_RECORDS = 50_000, 3
_STREAM = re.compile(rb"(?<!end)stream\r?\n")


def documents(content: bytes) -> list[bytes]:
    """What looks like a record: the file itself, or what is attached to it."""
    if content.startswith(BEGINNING):
        return [content]
    view = memoryview(content)
    starts = (found.end() for found in islice(_STREAM.finditer(content), MOST_STREAMS))
    begun = (start for start in starts if _unpacked(view[start : start + 1024], len(BEGINNING)) == BEGINNING)
    return [_unpacked(view[start:], LARGEST) for start in islice(begun, MOST_RECORDS)]


def _unpacked(stream: memoryview, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream, most)
    except zlib.error:
        return b""


def is_unsigned(document: bytes) -> bool:
    """Whether it says of itself that it is an assessment without a place among the signed ones."""
    try:
        told = json.loads(document)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("format") == FORMAT and told.get("chain") is None
