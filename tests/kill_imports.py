"""Load a framework of 500 competences again and again, killed on the way, and tell what was left of each.

Run by test_import_killed.py in a process of its own: python -m tests.kill_imports SEED TIMES
The database that DATABASE_URL names is empty before. Prints one line of JSON.
"""

import json
import os
import random
import signal
import sys
import time

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipt.settings")

ACTIVITIES, COMPETENCES = 25, 20


def main(seed: int, times: int) -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    loaded("warm")  # brings the scale, which all others share
    before, began = rows(), time.monotonic()
    loaded("whole")
    duration, whole = time.monotonic() - began, difference(before, rows())
    chance = random.Random(seed)
    found = []
    for number in range(times):
        moment = (number + chance.random()) / times * duration
        before = rows()
        was_killed = killed(f"killed-{number}", moment)
        found.append({"moment": moment, "was_killed": was_killed, "left": difference(before, rows())})
    print(json.dumps({"duration": duration, "whole": whole, "found": found}))


def loaded(slug: str) -> None:
    from assessments.actions import frameworks  # noqa: PLC0415  models exist after django.setup()
    from assessments.revisions import ActivityData, CompetenceData, DomainData  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    activities = [
        ActivityData(
            f"a{place}",
            f"A{place}",
            f"Activity {place}",
            f"Activity {place}",
            competences=[
                CompetenceData(f"a{place}-{n}", f"A{place}.{n}", "skill", f"An ability, {n} of {place}.")
                for n in range(COMPETENCES)
            ],
        )
        for place in range(ACTIVITIES)
    ]
    domains = [DomainData("d", "D", "Domain", "Domain", activities=activities)]
    frameworks.load(by=None, data=factories.make_revision_data(framework=slug, domains=domains))


def killed(slug: str, moment: float) -> bool:
    """Whether the load was still running when it was killed."""
    connections.close_all()  # two processes cannot share one
    ready, begins = os.pipe()
    child = os.fork()
    if child == 0:
        connections["default"].ensure_connection()
        os.write(begins, b"!")
        loaded(slug)
        os._exit(0)
    os.read(ready, 1)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    for end in [ready, begins]:
        os.close(end)
    return os.WIFSIGNALED(status)


def rows() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def difference(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {label: after[label] - before[label] for label in after if after[label] != before[label]}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
