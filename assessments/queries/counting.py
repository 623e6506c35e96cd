"""Numbers beside the rows of a list, inside the statement that reads it."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce


def counted(rows: QuerySet[Any], by: str) -> Coalesce:
    """How many of these rows point, by this relation of theirs, at each row of the statement around it."""
    grouped = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(number=Count("pk"))
    return Coalesce(Subquery(grouped.values("number"), output_field=IntegerField()), Value(0))
