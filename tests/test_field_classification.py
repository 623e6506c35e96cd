"""No field is stored before somebody has said what kind of data it is."""

from collections import Counter

from django.apps import apps
from django.db import models

from assessments.models import User
from assessments.privacy import FIELDS, FRAMEWORK, PERSONAL, SPECIAL, TECHNICAL

MODELS = list(apps.get_app_config("assessments").get_models())
STORED = {
    (model.__name__, field.name): field
    for model in MODELS
    for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
}
CLASSIFIED = [
    (model, name, kind) for model, row in FIELDS.items() for kind, names in row.items() for name in names.split()
]
KIND = {(model, name): kind for model, name, kind in CLASSIFIED}
FREE_TEXT = (models.TextField, models.JSONField, models.BinaryField)


def test_every_field_has_a_kind():
    assert sorted(STORED) == sorted(KIND)


def test_every_field_has_one_kind():
    times = Counter((model, name) for model, name, _ in CLASSIFIED)

    assert [field for field, number in times.items() if number > 1] == []


def test_who_did_something_is_personal():
    people = {key for key, field in STORED.items() if field.related_model is User}

    assert {KIND[key] for key in people} == {PERSONAL}


def test_free_text_is_special_unless_it_belongs_to_a_framework():
    texts = {key for key, field in STORED.items() if isinstance(field, FREE_TEXT)}

    assert {KIND[key] for key in texts} == {SPECIAL, FRAMEWORK}


def test_keys_of_rows_are_technical():
    keys = {key for key, field in STORED.items() if field.primary_key}

    assert {KIND[key] for key in keys} == {TECHNICAL}
