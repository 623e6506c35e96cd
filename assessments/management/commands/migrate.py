from typing import Any

from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, transaction

from assessments import guards


class Command(migrate.Command):
    """Django's migrate, with the database's own guards taken down before and put up afresh afterwards.

    A table that SQLite rebuilds loses its triggers, and a trigger that names the table stops the rebuild.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        is_rehearsal = options["plan"] or options["check_unapplied"]
        if is_rehearsal or options["database"] != DEFAULT_DB_ALIAS:
            super().handle(*args, **options)
            return
        with transaction.atomic():
            guards.remove()
        try:
            super().handle(*args, **options)
        finally:
            if guards.can_stand():
                with transaction.atomic():
                    guards.install()
