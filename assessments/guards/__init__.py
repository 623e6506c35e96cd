"""Rules that span rows, kept by the database itself on both engines.

A guard refuses a change before it is made. Its condition is plain SQL over OLD and NEW that SQLite and PostgreSQL
read alike. Django's SQLite table rebuilds drop triggers, so `migrate` installs all of them afresh afterwards and a
system check asserts that they stand.
"""

from django.db import connection

from assessments.guards import (
    assessments,
    frameworks,
    lineage,
    movement,
    notices,
    programmes,
    rater_links,
    report_bundles,
    second_ratings,
    self_assessments,
    succession,
)
from assessments.guards.guard import PREFIX, Guard

_BY_ROW = [
    *frameworks.GUARDS,
    *lineage.GUARDS,
    *assessments.GUARDS,
    *self_assessments.GUARDS,
    *second_ratings.GUARDS,
    *programmes.GUARDS,
    *succession.GUARDS,
    *movement.GUARDS,
    *rater_links.GUARDS,
    *notices.GUARDS,
    *report_bundles.GUARDS,
]


def _against_emptying() -> list[Guard]:
    """TRUNCATE passes the guards of rows by, so no table that has one may be emptied so."""
    told = {guard.table for guard in _BY_ROW if guard.on == "TRUNCATE"}
    return [
        Guard(
            f"{table.removeprefix('assessments_')}_is_never_emptied",
            table,
            "TRUNCATE",
            "TRUE",
            "A table that is guarded row by row is never emptied at once.",
        )
        for table in sorted({guard.table for guard in _BY_ROW} - told)
    ]


GUARDS: list[Guard] = [*_BY_ROW, *_against_emptying()]

__all__ = ["GUARDS", "PREFIX", "Guard", "can_stand", "install", "installed", "missing", "remove"]


def _quoted(message: str) -> str:
    return "'" + message.replace("'", "''") + "'"


def _sqlite(guard: Guard) -> list[str]:
    if guard.on == "TRUNCATE":  # SQLite has no such statement
        return []
    return [
        f"CREATE TRIGGER {guard.trigger} BEFORE {guard.on} ON {guard.table} FOR EACH ROW WHEN {guard.refuse_if}"
        f" BEGIN SELECT RAISE(ABORT, {_quoted(guard.message)}); END"
    ]


def _postgresql(guard: Guard) -> list[str]:
    returned = "OLD" if guard.on == "DELETE" else "NEW"
    extent = "STATEMENT" if guard.on == "TRUNCATE" else "ROW"
    refusal = f"RAISE EXCEPTION USING MESSAGE = {_quoted(guard.message)}, ERRCODE = 'check_violation'"
    return [
        f"CREATE OR REPLACE FUNCTION {guard.trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {guard.refuse_if} THEN {refusal}; END IF; RETURN {returned}; END $$",
        f"CREATE TRIGGER {guard.trigger} BEFORE {guard.on} ON {guard.table}"
        f" FOR EACH {extent} EXECUTE FUNCTION {guard.trigger}()",
    ]


def can_stand() -> bool:
    """Whether every guarded table exists by now."""
    return set(connection.introspection.table_names()).issuperset(guard.table for guard in GUARDS)


def install() -> None:
    statements = _sqlite if connection.vendor == "sqlite" else _postgresql
    with connection.cursor() as cursor:
        for guard in GUARDS:
            for statement in statements(guard):
                cursor.execute(statement)


def remove() -> None:
    """Take every guard down, also one that a later edition of this file no longer knows."""
    standing = installed()
    with connection.cursor() as cursor:
        for trigger, table in standing.items():
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER {trigger}")
            else:
                cursor.execute(f"DROP TRIGGER {trigger} ON {table}")
                cursor.execute(f"DROP FUNCTION {trigger}()")


def installed() -> dict[str, str]:
    """The guards that stand in the database: trigger name to table name."""
    if connection.vendor == "sqlite":
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard!_%' ESCAPE '!'"
    else:
        query = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname LIKE 'guard!_%' ESCAPE '!'"
        )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dict(cursor.fetchall())


def missing() -> list[str]:
    """The guards that ought to stand and do not."""
    standing = installed()
    needed = [guard for guard in GUARDS if connection.vendor != "sqlite" or guard.on != "TRUNCATE"]
    return [guard.trigger for guard in needed if guard.trigger not in standing]
