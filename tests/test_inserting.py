"""The short way to store a row ends where save() does."""

import uuid

import pytest
from django.db import IntegrityError
from django.utils import timezone

from assessments.actions.inserting import insert
from assessments.models import AuditEvent, Competence, Rating, RatingLevel

pytestmark = pytest.mark.django_db


def make_event(draft, **values):
    facts = {"type": AuditEvent.Type.RATING_SAVED, "assessment": draft, "by": draft.supervisor}
    return AuditEvent(**facts | {"change_key": uuid.uuid4(), "data": {"code": "S2.1", "after": None}} | values)


def make_rating(draft):
    return Rating(
        assessment=draft,
        competence=Competence.objects.get(revision=draft.revision, code="S2.1"),
        outcome="level",
        level=RatingLevel.objects.get(scale=draft.scale, position=3),
        note="Named it: “alone”.",
        is_concern=True,
        version=1,
        rated_by=draft.supervisor,
        rated_at=timezone.now(),
    )


@pytest.mark.parametrize("make", [make_event, make_rating])
def test_inserted_row_is_read_as_it_was_written(draft, make):
    row = make(draft)

    insert(row)

    stored = type(row).objects.values().get(pk=row.pk)
    assert stored == {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_inserted_row_is_updated_when_saved_again(draft):
    rating = make_rating(draft)
    insert(rating)

    rating.note = "Named it."
    rating.save()

    assert Rating.objects.get().note == "Named it."


def test_insert_meets_the_constraints(draft):
    key = uuid.uuid4()
    insert(make_event(draft, change_key=key))

    with pytest.raises(IntegrityError):
        insert(make_event(draft, change_key=key))
