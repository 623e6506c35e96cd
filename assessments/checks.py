from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register

from assessments import guards


@register(Tags.database)
def guards_stand(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Rules that the database keeps must be in the database. Only a warning, or migrate could not mend it."""
    if not databases or "default" not in databases or not guards.can_stand():
        return []
    return [
        Warning(f"The database lacks {name}.", hint="Run manage.py migrate.", id="assessments.W001")
        for name in guards.missing()
    ]
