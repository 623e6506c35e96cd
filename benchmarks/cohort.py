"""A thousand therapists in an organisation of their own, as the cohort page sees them.

The rows of where they stand are made up: how many ratings lie behind them makes no difference to the page.
"""

import datetime
import random
from typing import Any

from django.test import Client

from assessments.actions import people
from assessments.models import (
    Activity,
    ActivityStanding,
    Assessment,
    FrameworkRevision,
    Membership,
    Outcome,
    Role,
    User,
)

THERAPISTS, ASSESSMENTS_EACH = 1_000, 12
LEVELS, STATEMENTS = 5, 8


def prepare(revision: FrameworkRevision) -> dict[str, Any]:
    """The session of a lead who sees all of them."""
    today, draw = datetime.date.today(), random.Random(1)
    organisation = people.create_organisation(by=None, name="Thousand Therapists")
    lead = people.create_person(
        by=None,
        email="cohort@example.org",
        name="Lead Of A Thousand",
        organisation=organisation,
        role=Role.LEAD,
        starts_on=today - datetime.timedelta(days=700),
        password="orchard-lantern-harbour",  # noqa: S106  a made-up person
    )
    supervisor = User.objects.get(email="supervisor@example.org")
    therapists = User.objects.bulk_create(
        User(email=f"t{number}@example.org", name=f"Therapist {number:04}") for number in range(THERAPISTS)
    )
    began = today - datetime.timedelta(days=600)
    Membership.objects.bulk_create(
        Membership(
            user=each,
            organisation=organisation,
            role=Role.THERAPIST,
            starts_on=began,
            programme=f"Year {draw.randint(1, 3)}",
        )
        for each in therapists
    )
    assessments = Assessment.objects.bulk_create(
        Assessment(
            organisation=organisation,
            therapist=each,
            supervisor=supervisor,
            revision=revision,
            scale=revision.scale,
            source=Assessment.Source.CASE_REPORT,
            session_on=today - datetime.timedelta(days=40 * turn + draw.randint(1, 39)),
        )
        for each in therapists
        for turn in range(ASSESSMENTS_EACH)
    )
    activities = list(Activity.objects.filter(revision=revision))
    # They begin as drafts, whoever writes them.
    shared_at = datetime.datetime.now(datetime.UTC)
    Assessment.objects.filter(pk__in=[each.pk for each in assessments]).update(
        status=Assessment.Status.SHARED, shared_at=shared_at
    )
    ActivityStanding.objects.bulk_create(
        [
            ActivityStanding(
                organisation=organisation,
                therapist=each,
                activity=activity,
                outcome=Outcome.LEVEL,
                position=draw.randint(1, LEVELS),
                rated=STATEMENTS,
                total=STATEMENTS,
                last_rated_on=today,
            )
            for each in therapists
            for activity in activities
        ],
        batch_size=5_000,
    )
    client = Client()
    client.force_login(lead)
    return {"lead": client.session.session_key}
