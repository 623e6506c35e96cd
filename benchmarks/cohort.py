"""A thousand therapists in an organisation of their own, as the cohort pages see them.

The rows of where they stand and stood are made up: how many ratings lie behind them makes no difference to those pages.
Only the page of one activity reads ratings, so that one is rated in each of the twelve assessments.
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
    QuarterStanding,
    Rating,
    Role,
    Status,
    User,
)
from assessments.models.assessment import Source
from assessments.models.standing import quarter_of

THERAPISTS, ASSESSMENTS_EACH = 1_000, 12
LEVELS, STATEMENTS = 5, 8
RATED, QUARTERS = "S2", 8
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
    _quarters(organisation, therapists, revision, draw)
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
    _ratings(organisation, revision, draw)
    # They begin as drafts, whoever writes them.
    Assessment.objects.filter(organisation=organisation).update(status=Status.SHARED, shared_at=timezone.now())


def _ratings(organisation: Organisation, revision: FrameworkRevision, draw: random.Random) -> None:
    levels = list(revision.scale.levels.all())
    competences = revision.competences.rateable().filter(activity__code=RATED)
    same = {"outcome": Outcome.LEVEL, "version": 1, "rated_at": timezone.now()}
    Rating.objects.bulk_create(
        (
            Rating(
                assessment=each,
                competence=competence,
                level=draw.choice(levels),
                rated_by_id=each.supervisor_id,
                **same,
            )
            for each in Assessment.objects.filter(organisation=organisation)
            for competence in competences
        ),
        batch_size=5_000,
    )


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


def _quarters(
    organisation: Organisation, therapists: list[User], revision: FrameworkRevision, draw: random.Random
) -> None:
    """Each stands elsewhere after every quarter, which is the most that there can be to read."""
    begin = [quarter_of(TODAY)]
    while len(begin) < QUARTERS:
        begin.insert(0, quarter_of(begin[0] - datetime.timedelta(days=1)))
    rows = [
        QuarterStanding(
            organisation=organisation,
            therapist=each,
            domain=domain,
            outcome=Outcome.LEVEL,
            position=draw.randint(1, LEVELS),
            begins_on=begins_on,
            ends_on=ends_on,
        )
        for each in therapists
        for domain in revision.domains.all()
        for begins_on, ends_on in zip(begin, [*begin[1:], None], strict=True)
    ]
    QuarterStanding.objects.bulk_create(rows, batch_size=5_000)
