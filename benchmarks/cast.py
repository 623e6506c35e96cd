"""The people whose pages large.py opens, signed in, and the small database that it begins with.

Started by large.py with DATABASE_URL set: cast.py small, or cast.py NUMBER for the people of an organisation, or of
the demo. Prints JSON.
"""

import datetime
import json
import os
import sys
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import transaction
from django.test import Client

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipt.settings")
django.setup()

from assessments.actions import assessments, standings  # noqa: E402  models exist after setup()
from assessments.models import (  # noqa: E402
    ActivityStanding,
    Assessment,
    Competence,
    FrameworkRevision,
    User,
)
from assessments.models.assessment import Source  # noqa: E402

FRAMEWORK = Path(__file__).resolve().parent.parent / "fixtures" / "ipt-1.0.yaml"
DEMO = "demo"


def main(asked: str) -> None:
    print(json.dumps(small() if asked == "small" else cast(asked), default=str))


def small() -> dict[str, int]:
    """A new database with the framework and the demo; what filling.py needs to know of them."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("load_framework", FRAMEWORK, publish=True, stdout=sys.stderr)
    call_command("seed_demo", stdout=sys.stderr)
    call_command("collectstatic", interactive=False, verbosity=0)
    revision = _revision()
    asked = Competence.objects.rateable().filter(revision=revision).count()
    return {"revision": revision.pk, "scale": revision.scale_id, "asked": asked}


def cast(number: str) -> dict[str, Any]:
    """A supervisor, a therapist of theirs with a draft and something shared, their lead and administrator."""
    if number == DEMO:
        names = {role: f"{role}@example.org" for role in ("therapist", "supervisor", "lead", "admin")}
    else:
        names = {role: f"{role}0.{number}@example.org" for role in ("therapist", "supervisor", "lead", "admin")}
    people = {role: User.objects.get(email=email) for role, email in names.items()}
    therapist, supervisor = people["therapist"], people["supervisor"]
    if number != DEMO and _differs(therapist):
        raise RuntimeError("What filling.py says of where somebody stands is not what the profile says.")
    draft = _draft(supervisor, therapist)
    counting = Assessment.objects.counting().filter(therapist=therapist, supervisor=supervisor)
    given = draft.ratings.values("competence")
    open_ = Competence.objects.rateable().filter(revision=draft.revision_id).exclude(pk__in=given)
    return {
        "sessions": {role: _session(person) for role, person in people.items()},
        "therapist": therapist.pk,
        "draft": draft.pk,
        "shared": counting.newest_first()[0].pk,
        "open": list(open_.order_by("activity__position", "position").values_list("code", "activity__code")),
    }


def _draft(supervisor: User, therapist: User) -> Assessment:
    begun = Assessment.objects.drafts().filter(therapist=therapist, supervisor=supervisor)
    if found := begun.filter(activities__code="G1").first():
        return found
    revision = _revision()
    return assessments.start(
        by=supervisor,
        therapist=therapist,
        revision=revision,
        activities=revision.activities.all(),
        context={"source": Source.CASE_REPORT, "session_on": datetime.date.today(), "case_number": 1},
    )


def _revision() -> FrameworkRevision:
    return FrameworkRevision.objects.select_related("scale").get(framework__slug="ipt", number="1.0")


def _differs(therapist: User) -> bool:
    """Whether the product, asked to write anew where somebody stands, writes anything else."""
    rows = ActivityStanding.objects.filter(therapist=therapist).values_list(*standings.COLUMNS)
    before = set(rows)
    with transaction.atomic():
        standings.refresh(therapist.pk, therapist.memberships.get().organisation_id)
    return before != set(rows.all())


def _session(person: User) -> str:
    client = Client()
    client.force_login(person)
    return str(client.session.session_key)


if __name__ == "__main__":
    main(sys.argv[1])
