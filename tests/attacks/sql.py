"""Raw SQL that the attacks share."""

from django.db import connection

EMPTY = "TRUNCATE {} CASCADE"  # PostgreSQL only: SQLite has no such statement
OTHER_BYTES = "decode('00', 'hex')" if connection.vendor == "postgresql" else "x'00'"


def copying(model, row, **changes):
    """The INSERT of a second row like the one named, but for some columns."""
    fields = model._meta.local_concrete_fields
    columns = [field.column for field in fields if field.column in changes or not field.primary_key]
    values = ", ".join(changes.get(column, f'"{column}"') for column in columns)
    names, table = ", ".join(f'"{column}"' for column in columns), model._meta.db_table
    return " ".join(["INSERT INTO", table, "(", names, ") SELECT", values, "FROM", table, f"WHERE id = {{{row}}}"])
