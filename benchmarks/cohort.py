"""A thousand therapists in an organisation of their own, as the cohort page sees them.

The rows of where they stand are made up: how many ratings lie behind them makes no difference to the page.
"""

import datetime
import random
from typing import Any

from django.test import Client
from django.utils import timezone

from assessments.actions import people
from assessments.models import (
    ActivityStanding,
    Assessment,
    FrameworkRevision,
    Membership,
    Organisation,
    Outcome,
    Role,
    Status,
    User,
)
from assessments.models.assessment import Source

THERAPISTS, ASSESSMENTS_EACH = 1_000, 12
LEVELS, STATEMENTS = 5, 8
TODAY = datetime.date.today()
LONG_AGO = TODAY - datetime.timedelta(days=700)


def prepare(revision: FrameworkRevision) -> dict[str, Any]:
    """The session of a lead who sees all of them."""
    draw = random.Random(1)
    organisation = people.create_organisation(by=None, name="Thousand Therapists")
    lead = people.create_person(
        by=None,
        email="cohort@example.org",
        name="Lead Of A Thousand",
        organisation=organisation,
        role=Role.LEAD,
        starts_on=LONG_AGO,
        password="orchard-lantern-harbour",  # noqa: S106  a made-up person
    )
    therapists = _therapists(organisation, draw)
    _assessments(organisation, therapists, revision, draw)
    _standings(organisation, therapists, revision, draw)
    client = Client()
    client.force_login(lead)
    return {"lead": client.session.session_key}


def _therapists(organisation: Organisation, draw: random.Random) -> list[User]:
    numbers = range(THERAPISTS)
    therapists = User.objects.bulk_create(User(email=f"t{n}@example.org", name=f"Therapist {n:04}") for n in numbers)
    held = {"organisation": organisation, "role": Role.THERAPIST, "starts_on": LONG_AGO}
    Membership.objects.bulk_create(
        Membership(user=each, programme=f"Year {draw.randint(1, 3)}", **held) for each in therapists
    )
    return therapists


def _assessments(
    organisation: Organisation, therapists: list[User], revision: FrameworkRevision, draw: random.Random
) -> None:
    pinned = {"organisation": organisation, "revision": revision, "scale": revision.scale}
    pinned |= {"supervisor": User.objects.get(email="supervisor@example.org"), "source": Source.CASE_REPORT}
    Assessment.objects.bulk_create(
        Assessment(therapist=each, session_on=TODAY - datetime.timedelta(40 * turn + draw.randint(1, 39)), **pinned)
        for each in therapists
        for turn in range(ASSESSMENTS_EACH)
    )
    # They begin as drafts, whoever writes them.
    Assessment.objects.filter(organisation=organisation).update(status=Status.SHARED, shared_at=timezone.now())


def _standings(
    organisation: Organisation, therapists: list[User], revision: FrameworkRevision, draw: random.Random
) -> None:
    activities = list(revision.activities.all())
    same = {"organisation": organisation, "outcome": Outcome.LEVEL, "rated": STATEMENTS, "total": STATEMENTS}
    rows = [
        ActivityStanding(
            therapist=each, activity=activity, position=draw.randint(1, LEVELS), last_rated_on=TODAY, **same
        )
        for each in therapists
        for activity in activities
    ]
    ActivityStanding.objects.bulk_create(rows, batch_size=5_000)
