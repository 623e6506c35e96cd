"""Rows that are written with every answer, by SQL that is composed once."""

from functools import lru_cache

from django.db import connection
from django.db.models import Model


def insert(row: Model) -> None:
    """Store a new row whose id the database gives, as its save() would, which composes the statement every time."""
    fields = row._meta.concrete_fields[1:]
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_statement(type(row)), values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


@lru_cache
def _statement(model: type[Model]) -> str:
    key, *fields = (field.column for field in model._meta.concrete_fields)
    columns = ", ".join(f'"{column}"' for column in fields)
    places = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places}) RETURNING "{key}"'  # noqa: S608  names of our own
