"""Attacks on programmes."""

from django.utils import timezone

from assessments.actions import people
from assessments.models import Programme

PROGRAMME = "UPDATE assessments_programme SET "

ATTACKS = {
    "guard_programme_is_frozen_once_retired_update": [
        f"{PROGRAMME}cases = 5 WHERE id = {{retired_programme}}",
        f"{PROGRAMME}name = 'Another' WHERE id = {{retired_programme}}",
        f"{PROGRAMME}retired_at = NULL WHERE id = {{retired_programme}}",
        f"{PROGRAMME}organisation_id = {{westfield}} WHERE id = {{retired_programme}}",
    ],
    "guard_programme_keeps_its_organisation_update": [
        f"{PROGRAMME}organisation_id = {{westfield}} WHERE id = {{programme}}",
    ],
    "guard_programme_is_never_deleted_delete": [
        "DELETE FROM assessments_programme WHERE id = {programme}",
        "DELETE FROM assessments_programme WHERE id = {retired_programme}",
    ],
}

SOUND = [
    f"{PROGRAMME}cases = 5, name = 'Another' WHERE id = {{programme}}",
    f"{PROGRAMME}retired_at = created_at WHERE id = {{programme}}",
]


def rows(northfield):
    return {
        "programme": Programme.objects.create(organisation=northfield, name="IPT practitioner 2025", cases=4),
        "retired_programme": Programme.objects.create(
            organisation=northfield, name="IPT practitioner 2020", cases=4, retired_at=timezone.now()
        ),
        "westfield": people.create_organisation(by=None, name="Westfield"),
    }
