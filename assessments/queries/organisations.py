from uuid import UUID

from assessments.models import Organisation, Role, User


def organisation_administered(user: User, pk: UUID) -> Organisation:
    """One that this person administers, with its rules. Raises DoesNotExist."""
    return Organisation.objects.filter(pk__in=user.organisations_as(Role.ADMIN)).get(pk=pk)
