"""Files that take seconds to make and never change, kept on this machine's disk. It may be emptied at any time."""

import os
import tempfile
from collections.abc import Callable

from django.conf import settings

FOLDER = settings.VAR / "shelf"


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """The file of this name, made if it is not there. The name tells the content, so it is never out of date."""
    path = FOLDER / name
    try:
        return path.read_bytes()
    except FileNotFoundError:
        content = make()
    FOLDER.mkdir(parents=True, exist_ok=True)
    # Another process may be doing the same: each writes a file of its own, and the last rename wins.
    with tempfile.NamedTemporaryFile(dir=FOLDER, delete=False) as file:
        file.write(content)
    os.replace(file.name, path)
    return content
