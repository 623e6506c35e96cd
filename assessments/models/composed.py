"""Querysets whose SQL is composed once, and asked with other values ever after.

Composing a statement takes the ORM longer than the database takes to answer it. What is asked with every page is
therefore composed with stand-ins, once for each shape of its values, and their places in the statement are kept. The
queryset stays the one place where a rule is written: there is no second wording of it in SQL that could differ.
"""

import copy
import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from assessments.models.people import Membership, User

P = ParamSpec("P")
Row = TypeVar("Row")


class Statement:
    """A statement with its values, of which some stand in for those that come with each asking."""

    def __init__(self, queryset: QuerySet[Any], stand_ins: list[UUID]) -> None:
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(queryset.db)
        try:
            self.sql, self.values = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql, self.values = "", ()
        place = {_prepared(each): number for number, each in enumerate(stand_ins)}
        self.slots = [place.get(value) if isinstance(value, str | UUID) else None for value in self.values]

    def rows(self, parts: list[UUID]) -> list[Any]:
        """What the queryset would give for these ids."""
        values = zip(self.values, self.slots, strict=True)
        asked = [value if slot is None else _prepared(parts[slot]) for value, slot in values]
        ready = copy.copy(self.compiler)
        ready.connection = connection  # each thread has its own
        ready.as_sql = lambda *_, **__: (self.sql, tuple(asked))
        rows = self.queryset.all()
        rows.query.get_compiler = lambda *_, **__: ready  # type: ignore[method-assign]  # of this copy alone
        return list(rows)


def composed(build: Callable[P, QuerySet[Any, Row]]) -> Callable[P, list[Row]]:
    """The rows of the queryset that `build` gives for these values.

    Ids, lists of ids and people may be anybody's. Every other value, and today, belong to the shape of the statement:
    so `build` may ask for the day but not for the time, and of a person for nothing but the id and the memberships.
    """

    @wraps(build)
    def ask(*values: P.args, **named: P.kwargs) -> list[Row]:
        if named:
            raise TypeError("Values are given in order, without their names.")
        statement = _statement(build, connection.vendor, timezone.localdate(), tuple(_shape(each) for each in values))
        return statement.rows([part for each in values for part in _parts(each)])

    return ask


@lru_cache(maxsize=512)
def _statement(build: Callable[..., Any], vendor: str, today: datetime.date, shapes: tuple[Any, ...]) -> Statement:
    stand_ins = [_stand_in(shape) for shape in shapes]
    return Statement(build(*stand_ins), [part for each in stand_ins for part in _parts(each)])


@dataclass(frozen=True)
class Shape:
    """What a statement depends on in place of a value: for a person the roles, and which are of the same place."""

    kind: str
    detail: Any = None


def _shape(value: Any) -> Any:
    match value:
        case UUID():
            return Shape("id")
        case User():
            order = _organisations(value)
            held = tuple((row.role, order.index(row.organisation_id)) for row in value.current_memberships)
            return Shape("person", held)
        case list():
            return Shape("ids", len(value))
    return value


def _stand_in(shape: Any) -> Any:
    if not isinstance(shape, Shape):
        return shape
    if shape.kind == "id":
        return uuid4()
    if shape.kind == "ids":
        return [uuid4() for _ in range(shape.detail)]
    person, organisations = User(pk=uuid4()), [uuid4() for _ in shape.detail]
    person.current_memberships = [Membership(role=role, organisation_id=organisations[at]) for role, at in shape.detail]
    return person


def _parts(value: Any) -> list[UUID]:
    """The ids that come with a value, in the order of their stand-ins."""
    match value:
        case UUID():
            return [value]
        case User():
            return [value.pk, *_organisations(value)]
        case list():
            return value
    return []


def _organisations(person: User) -> list[UUID]:
    return list(dict.fromkeys(row.organisation_id for row in person.current_memberships))


def _prepared(value: UUID) -> UUID | str:
    """An id as the database takes it."""
    return value if connection.features.has_native_uuid_field else value.hex
