"""Have a bundle made by workers that are killed on their way and by two at once, and tell what came of it.

Run by test_bundles_killed.py in a process of its own: python -m tests.kill_bundles THERAPISTS
The database that DATABASE_URL names is empty before. Prints one line of JSON.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipt.settings")

WORK = [sys.executable, "manage.py", "work"]
WITHIN_SECONDS = 300


def main(therapists: int) -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    bundle = asked(therapists)
    killed = [kill_after(bundle, files) for files in [1, 3]]
    two = [subprocess.Popen([*WORK, "--once"], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = "".join(worker.communicate(timeout=WITHIN_SECONDS)[0] for worker in two)
    codes = [worker.returncode for worker in two]
    print(json.dumps({"killed": killed, "codes": codes, "made": said.count(" files\n"), **found(bundle)}))


def asked(therapists: int) -> Any:
    from assessments.models import Role  # noqa: PLC0415  models exist after django.setup()
    from tests import factories  # noqa: PLC0415

    from assessments.actions import people  # noqa: PLC0415  isort:skip

    revision = factories.make_revision(framework="ipt")
    place = people.create_organisation(by=None, name="Northfield")
    lead = factories.make_person("Margaret Ellison", Role.LEAD, place)
    supervisor = factories.make_person("Dr Helen Marsh", Role.SUPERVISOR, place)
    for number in range(therapists):
        therapist = factories.make_person(f"Therapist {number}", Role.THERAPIST, place)
        factories.make_supervision(therapist, supervisor, place)
        if number == 0:
            signed(supervisor, therapist, revision)
    return factories.make_bundle(lead, place, revision)


def signed(supervisor: Any, therapist: Any, revision: Any) -> None:
    from assessments.actions import assessments  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    shared = factories.make_rated(supervisor, therapist, revision, {"A1.1": 3})
    for person in [therapist, supervisor]:
        assessments.sign_off(by=person, assessment=shared)


def kill_after(bundle: Any, files: int) -> dict[str, int]:
    """Start a worker, kill it in the midst of the file after so many, and let the time run out that it had."""
    worker = subprocess.Popen(WORK, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + WITHIN_SECONDS
    while not is_at_work(bundle, files):
        if time.monotonic() > deadline or worker.poll() is not None:
            raise RuntimeError(f"The worker came no further than {found(bundle)}.")
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    left = {"status": worker.returncode, **finished(bundle)}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE assessments_reportbundle SET leased_until = asked_at")
    return left


def is_at_work(bundle: Any, files: int) -> bool:
    bundle.refresh_from_db()
    return bundle.finished >= files and bundle.leased_until is not None


def finished(bundle: Any) -> dict[str, int]:
    bundle.refresh_from_db()
    return {"finished": bundle.finished, "stored": bundle.files.exclude(sha256="").count()}


def found(bundle: Any) -> dict[str, Any]:
    bundle.refresh_from_db()
    names = list(bundle.files.values_list("name", flat=True))
    return {"status": bundle.status, "total": bundle.total, "names": names, "size": bundle.size, **finished(bundle)}


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parent.parent)
    main(int(sys.argv[1]))
