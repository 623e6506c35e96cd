"""Fill the benchmark's database, and measure what needs no server: the import and the number of statements.

Started by run.py: prepare.py FACTS.json
"""

import dataclasses
import datetime
import json
import os
import random
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipt.settings")
django.setup()

import cohort  # noqa: E402  models exist after setup()

from assessments.actions import assessments, audit, frameworks, people  # noqa: E402  models exist after setup()
from assessments.importers import own_yaml  # noqa: E402
from assessments.models import (  # noqa: E402
    Assessment,
    AuditEvent,
    Competence,
    FrameworkRevision,
    Outcome,
    Rating,
    Role,
    User,
)

ROOT = Path(__file__).resolve().parent.parent
FRAMEWORK = ROOT / "fixtures" / "ipt-1.0.yaml"
FEW, MANY = 5, 50
DRAFTS = 27  # one for counting, one for saving alone, 3 bursts of 8, one for 300 answers
FLOOR_TABLES = """
CREATE TABLE floor_line (id bigint PRIMARY KEY, text varchar(28) NOT NULL);
INSERT INTO floor_line SELECT n, 'twenty-eight bytes of text..' FROM generate_series(1, 1000) AS n;
CREATE TABLE floor_rating (assessment text, code text, answer text NOT NULL, PRIMARY KEY (assessment, code));
CREATE TABLE floor_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, by_id uuid, data jsonb NOT NULL
);
"""


def main(facts: Path) -> None:
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("load_framework", FRAMEWORK, publish=True)
    call_command("seed_demo")
    call_command("collectstatic", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(FLOOR_TABLES.replace("by_id uuid", f"by_id {_type_of_user_ids()}"))
    found = people_and_assessments()
    found |= cohort.prepare(FrameworkRevision.objects.select_related("scale").get(framework__slug="ipt", number="1.0"))
    found["import"] = import_times()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found["statements"] = statements(found)
    facts.write_text(json.dumps(found, default=str))


def _type_of_user_ids() -> str:
    return str(User._meta.pk.db_type(connection))


def people_and_assessments() -> dict[str, Any]:
    """Two therapists with few and many full assessments, and full drafts to rate, all of the demo's supervisor."""
    supervisor = User.objects.get(email="supervisor@example.org")
    revision = FrameworkRevision.objects.select_related("scale").get(framework__slug="ipt", number="1.0")
    organisation = supervisor.memberships.get().organisation
    few, many = (_therapist(name, organisation, supervisor) for name in ("few", "many"))
    full = [_rated(supervisor, few, revision, day) for day in range(FEW)]
    for day in range(MANY):
        _rated(supervisor, many, revision, day)
    drafts = [_draft(supervisor, few, revision, 0).pk for _ in range(DRAFTS)]
    client = Client()
    client.force_login(supervisor)
    codes = Competence.objects.rateable().filter(revision=revision).order_by("activity__position", "position")
    return {
        "session": client.session.session_key,
        "few": few.pk,
        "many": many.pk,
        "full": full[0].pk,
        "drafts": drafts,
        "codes": list(codes.values_list("code", "activity__code")),
    }


def _therapist(name: str, organisation: Any, supervisor: User) -> User:
    long_ago = datetime.date.today() - datetime.timedelta(days=700)
    therapist = people.create_person(
        by=None,
        email=f"{name}@example.org",
        name=f"{name.title()} Assessments",
        organisation=organisation,
        role=Role.THERAPIST,
        starts_on=long_ago,
        password="orchard-lantern-harbour",  # noqa: S106  a made-up person
    )
    people.start_supervision(
        by=None, therapist=therapist, supervisor=supervisor, organisation=organisation, starts_on=long_ago
    )
    return therapist


def _draft(supervisor: User, therapist: User, revision: FrameworkRevision, days_ago: int) -> Assessment:
    day = datetime.date.today() - datetime.timedelta(days=7 * days_ago + 1)
    return assessments.start(
        by=supervisor,
        therapist=therapist,
        revision=revision,
        activities=revision.activities.all(),
        context={"source": Assessment.Source.CASE_REPORT, "session_on": day, "case_number": 1},
    )


def _rated(supervisor: User, therapist: User, revision: FrameworkRevision, days_ago: int) -> Assessment:
    """Every competence at some level, every fourth with a note; shared."""
    draw = random.Random(days_ago)
    draft = _draft(supervisor, therapist, revision, days_ago)
    event = audit.record(AuditEvent.Type.ASSESSMENT_LOADED, by=supervisor, assessment=draft)
    levels = list(revision.scale.levels.all())
    Rating.objects.bulk_create(
        Rating(
            assessment=draft,
            competence=competence,
            outcome=Outcome.LEVEL,
            level=draw.choice(levels),
            note="Asked about it at 12:40, and came back to the answer near the end." if number % 4 == 0 else "",
            version=event.pk,
            rated_by=supervisor,
            rated_at=event.at,
        )
        for number, competence in enumerate(Competence.objects.rateable().filter(revision=revision))
    )
    return assessments.share(by=supervisor, assessment=draft)


def import_times() -> dict[str, Any]:
    """Reading the file, and storing 345 of its nodes as a new revision."""
    begun = time.perf_counter()
    data = own_yaml.read(FRAMEWORK.read_bytes())
    read = time.perf_counter() - begun
    begun = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        revision = frameworks.load(by=None, data=dataclasses.replace(data, number="0.1"))
    stored = time.perf_counter() - begun
    nodes = revision.domains.count() + revision.activities.count() + revision.competences.count()
    return {"read": read, "stored": stored, "nodes": nodes, "statements": len(captured)}


def statements(found: dict[str, Any]) -> dict[str, int]:
    """Queries of each page when it is first opened; of a save every statement, BEGIN and COMMIT too."""
    client = Client(headers={"Accept": "application/json"}, SERVER_NAME="127.0.0.1")
    client.cookies["sessionid"] = found["session"]
    # A new session is written once by its first page, whichever that is.
    client.get("/assessments/")
    lead = Client(SERVER_NAME="127.0.0.1")
    lead.cookies["sessionid"] = found["lead"]
    lead.get("/help/")
    save = f"/assessments/{found['drafts'][0]}/ratings/{found['codes'][0][0]}/"
    values = {"key": uuid.uuid4(), "version": "0", "answer": "3"}
    asked: dict[str, Callable[[], Any]] = {
        "profile": lambda: client.get(f"/therapists/{found['many']}/"),
        "report": lambda: client.get(f"/assessments/{found['full']}/"),
        "map": lambda: Client(SERVER_NAME="127.0.0.1").get("/frameworks/ipt/1.0/"),
        "list": lambda: Client(SERVER_NAME="127.0.0.1").get("/frameworks/ipt/1.0/domains/1/"),
        "rate": lambda: client.get(f"/assessments/{found['drafts'][0]}/activities/G1/"),
        "save": lambda: client.post(save, values),
        "cohort": lambda: lead.get("/cohort/"),
        "cohort_activity": lambda: lead.get("/cohort/activities/S2/"),
        "cohort_progress": lambda: lead.get("/cohort/progress/"),
    }
    return {name: _statements_of(ask, is_save=name == "save") for name, ask in asked.items()}


def _statements_of(ask: Callable[[], Any], *, is_save: bool) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = ask()
    if response.status_code != 200:  # noqa: PLR2004
        raise RuntimeError(f"{response.status_code}: {response.content[:300]!r}")
    return sum(is_save or query["sql"] not in {"BEGIN", "COMMIT"} for query in captured)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
