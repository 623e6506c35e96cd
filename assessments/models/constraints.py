"""The two shapes of constraint that nearly every table needs."""

from django.db import models
from django.db.models import CheckConstraint, F, Q


def chosen(table: str, field: str, choices: type[models.TextChoices], *, blank: bool = False) -> CheckConstraint:
    """The column holds one of its choices, whoever writes it."""
    allowed = [*choices.values, *([""] if blank else [])]
    return CheckConstraint(name=f"{table}_{field}_is_a_choice", condition=Q(**{f"{field}__in": allowed}))


def ends_after_start(table: str) -> CheckConstraint:
    condition = Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
    return CheckConstraint(name=f"{table}_ends_on_or_after_its_start", condition=condition)
