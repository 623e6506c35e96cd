"""What the start of an assessment can be filled from."""

from uuid import UUID

from django.db.models import OuterRef, Subquery

from assessments.models import Assessment, Status, User
from assessments.queries.people import supervised_now

MOST_CASES = 5


def assessment_begun(user: User, pk: str) -> Assessment | None:
    """An assessment that this person made, by what an address says of it; nothing for nonsense."""
    try:
        mine = Assessment.objects.by_supervisors().filter(supervisor=user)
        return mine.select_related("revision__framework").get(pk=UUID(pk))
    except (ValueError, Assessment.DoesNotExist):
        return None


def recent_cases(user: User, therapist: str) -> list[Assessment]:
    """The latest assessment that this person made of each case of a therapist supervised now, newest first.

    `therapist` is what an address says of one; nonsense has no cases, and a withdrawn assessment says nothing of one.
    """
    try:
        mine = Assessment.objects.exclude(status=Status.WITHDRAWN).filter(supervisor=user, therapist=UUID(therapist))
    except ValueError:
        return []
    # A case without a number equals no other, so it is no case to go on with.
    latest = mine.filter(case_number=OuterRef("case_number")).newest_first().values("pk")[:1]
    cases = mine.filter(pk=Subquery(latest), therapist__in=supervised_now(user))
    return list(cases.newest_first()[:MOST_CASES])
