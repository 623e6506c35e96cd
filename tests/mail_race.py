"""Two processes that send what is due at the same moment, for test_digests_race.py.

Run in a process of its own: python -m tests.mail_race PEOPLE. The database that DATABASE_URL names is empty before,
and EMAIL_HOST takes the messages. Prints one line of JSON.
"""

import datetime
import json
import os
import sys
import time

import django
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipt.settings")


def main(number: int) -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    prepare(number)
    connections.close_all()  # two processes cannot share one
    begin = time.monotonic() + 1
    pipes = [os.pipe() for _ in range(2)]
    children = [started(begin, end) for _, end in pipes]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    print(json.dumps({"codes": codes, "sent": [int(os.read(ready, 10)) for ready, _ in pipes], **stored()}))


def prepare(number: int) -> None:
    from assessments.actions import people  # noqa: PLC0415  models exist after django.setup()
    from tests import factories  # noqa: PLC0415

    northfield = people.create_organisation(by=None, name="Northfield")
    supervisor = factories.make_person("Dr Helen Marsh", "supervisor", northfield)
    revision = factories.make_revision()
    for place in range(number):
        therapist = factories.make_person(f"Therapist {place}", "therapist", northfield)
        factories.make_supervision(therapist, supervisor, northfield)
        factories.make_rated(supervisor, therapist, revision, {"A1.1": 2})


def started(begin: float, end: int) -> int:
    child = os.fork()
    if child:
        return child
    from assessments.actions import digests  # noqa: PLC0415

    connections["default"].ensure_connection()
    time.sleep(max(0, begin - time.monotonic()))
    tomorrow = timezone.now().replace(hour=12) + datetime.timedelta(days=1)
    os.write(end, str(digests.send_due(tomorrow)).encode())
    os._exit(0)


def stored() -> dict[str, int]:
    from assessments.models import Digest, Notice  # noqa: PLC0415

    waiting = Notice.objects.waiting().count()
    return {"kept": Digest.objects.filter(sent_at__isnull=False, attempts=1).count(), "waiting": waiting}


if __name__ == "__main__":
    main(int(sys.argv[1]))
