"""Whether the file of a SQLite database can be used."""

import os
from pathlib import Path

from django.db import connection


def storage_fault() -> str:
    """Why it cannot, as a sentence; empty where all is well or the database is no file."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or "mode=memory" in name:
        return ""
    path = Path(name)
    if not path.exists():
        return f"The database {path} is not there. Put it back, or run manage.py migrate to begin an empty one."
    # The log of changes lies beside the file.
    if not all(os.access(place, os.W_OK) for place in (path, path.parent)):
        return f"The database {path} cannot be written. Let the web server write the file and its folder."
    return ""
