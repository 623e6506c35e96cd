"""Fill an empty database for tests on a real server: the framework, the demo people, one assessment in each state.

Run by conftest.py in a process of its own: python -m tests.browser.prepare FACTS.json
Writes the session of each demo account and the ids of what it made, for the tests to start from.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connections
from django.test import Client

from tests.faults.people import make_raters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipt.settings")

PEOPLE = ("supervisor", "supervisor2", "therapist", "therapist2", "lead", "admin")
FRAMEWORK = "fixtures/ipt-1.0.yaml"


def main(facts: Path) -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("load_framework", FRAMEWORK, publish=True)
    call_command("seed_demo")
    call_command("collectstatic", interactive=False, verbosity=0)
    two_editions()
    found = {"sessions": sessions(), "people": people(), **assessments(), **make_raters()}
    found["sessions"]["rater"] = found["raters"][0]["session"]
    # A closed SQLite file is whole; an open one has a part of itself beside it.
    connections.close_all()
    facts.write_text(json.dumps(found, default=str, indent=2))


def sessions() -> dict[str, str]:
    """Signing in takes a slow password check, so only the tests about signing in do it."""
    from assessments.models import User  # noqa: PLC0415  models exist after django.setup()

    keys = {}
    for name in PEOPLE:
        client = Client()
        client.force_login(User.objects.get(email=f"{name}@example.org"))
        keys[name] = str(client.session.session_key)
    return keys


def people() -> dict[str, str]:
    """The ids of the demo accounts."""
    from assessments.models import User  # noqa: PLC0415

    return {name: str(User.objects.get(email=f"{name}@example.org").pk) for name in PEOPLE}


def two_editions() -> None:
    """A small framework in two editions, in which words, places and titles differ."""
    from assessments.revisions import ActivityData, CompetenceData, DomainData  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    factories.make_revision()
    told = [
        CompetenceData("a1-1", "A2.1", "knowledge", "Knowledge of what listening asks for."),
        CompetenceData("a1-2", "A2.2", "skill", "An ability to listen calmly."),
        CompetenceData("a2-3", "A2.3", "skill", "Quite another thing."),
    ]
    activity = ActivityData("a2", "A2", "Ability to hear", "Hearing", competences=told)
    domain = DomainData("a", "A", "Listening", "Listening", activities=[activity])
    factories.make_revision(number="1.1", domains=[domain])


def assessments() -> dict[str, Any]:
    """Ids of assessments of `supervisor` about `therapist`: `blank`, `whole` (of every activity), `rated` (all kinds
    of answers, a goal), `nine` (on another scale), `shared`, `signed`.
    """
    from assessments.actions import goals  # noqa: PLC0415
    from assessments.models import FrameworkRevision, Outcome, User  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    supervisor, therapist = (User.objects.get(email=f"{name}@example.org") for name in ("supervisor", "therapist"))
    revision = FrameworkRevision.objects.select_related("scale").get(framework__slug="ipt")
    blank = factories.make_draft(supervisor, therapist, revision, codes="S6 S7", case_number=8)
    every = " ".join(revision.activities.values_list("code", flat=True))
    whole = factories.make_draft(supervisor, therapist, revision, codes=every, case_number=6)
    rated = factories.make_draft(supervisor, therapist, revision, codes="S2 S7 M3", case_number=9)
    factories.rate(rated, "S2.1", 4)
    factories.rate(rated, "S2.2", 3, note="Named two of the three stages.", is_priority=True)
    factories.rate(rated, "S2.8", 1, note="Raised voices were not followed up.", is_concern=True)
    factories.rate(rated, "S2.9", Outcome.NOT_OBSERVED)
    factories.rate(rated, "S2.10", Outcome.NOT_APPLICABLE, note="Not in this programme.")
    factories.rate(rated, "S2.3", Outcome.NOT_APPLICABLE)
    for number in range(1, 6):
        factories.rate(rated, f"M3.{number}", 3)
    goal = goals.save(by=supervisor, assessment=rated, goal=None, text="Slow down.", due_on=None, competences=[])
    return {
        "therapist": therapist.pk,
        "blank": blank.pk,
        "whole": whole.pk,
        "rated": rated.pk,
        "goal": goal.pk,
        "nine": on_nine_levels(supervisor, therapist),
        "shared": factories.make_shared(supervisor, therapist, revision, codes="S2 S7").pk,
        "signed": factories.make_signed(supervisor, therapist, revision, codes="S2 S7").pk,
    }


def on_nine_levels(supervisor: Any, therapist: Any) -> Any:
    """A draft on a scale of nine levels, whose next version is open for changes."""
    from assessments.actions import scales  # noqa: PLC0415
    from assessments.models import User  # noqa: PLC0415
    from assessments.revisions import LevelData  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    levels = [LevelData(str(number), f"Between demonstrated {number}", skill="Steady.") for number in range(9)]
    data = factories.make_scale_data(key="nine", name="Nine steps", levels=levels, threshold="7")
    revision = factories.make_revision(framework="nine", framework_title="Nine-step framework", scale=data)
    scales.new_version(by=User.objects.get(email="admin@example.org"), scale=revision.scale)
    return factories.make_draft(supervisor, therapist, revision, codes="A1", case_number=7).pk


if __name__ == "__main__":
    main(Path(sys.argv[1]))
