"""Pages find their rows by index: a database of many organisations is never gone through for one person's page."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments import movement
from assessments.models import Rating
from tests import factories
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

# What grows with people and with years; frameworks and scales do not.
GROWING = {
    "assessments_activitystanding",
    "assessments_assessment",
    "assessments_assessment_activities",
    "assessments_auditevent",
    "assessments_bundlefile",
    "assessments_goal",
    "assessments_goal_competences",
    "assessments_membership",
    "assessments_organisation",
    "assessments_rating",
    "assessments_recordaccess",
    "assessments_reportbundle",
    "assessments_signature",
    "assessments_supervision",
    "assessments_user",
}
PAGES = [
    ("supervisor", "therapists", None),
    ("lead", "therapists", None),
    ("supervisor", "therapist", "therapist"),
    ("therapist", "therapist", "therapist"),
    ("supervisor", "therapist-agenda", "therapist"),
    ("supervisor", "therapist-activity", "therapist"),
    ("therapist", "therapist-accesses", "therapist"),
    ("supervisor", "assessments", None),
    ("therapist", "assessments", None),
    ("lead", "assessments", None),
    ("supervisor", "assessment-start", None),
    ("supervisor", "assessment", "draft"),
    ("supervisor", "assessment-rate", "draft"),
    ("supervisor", "assessment-check", "draft"),
    ("supervisor", "assessment-share", "draft"),
    ("therapist", "assessment", "shared"),
    ("supervisor", "assessment-history", "shared"),
    ("lead", "assessment", "signed"),
    ("lead", "assessment-history", "signed"),
    ("lead", "cohort", None),
    ("lead", "cohort-progress", None),
    ("lead", "cohort-agreement", None),
    ("lead", "cohort-activity", None),
    ("lead", "report-bundles", None),
    ("supervisor", "therapist-requirements", "therapist"),
    ("therapist", "self-assessment-start", None),
    ("supervisor", "rater-links", "therapist"),
    ("supervisor", "rater-ask", "therapist"),
    ("admin", "people", None),
]
WITH_CODE = {"assessment-rate", "cohort-activity", "therapist-activity"}


def plan(statement):
    """How the database would find the rows. With so few of them PostgreSQL must be told not to read them all."""
    explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(explain + statement)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def scanned(statement):
    """The tables of which the database reads every row."""
    tables = {alias: table for table, alias in re.findall(r'"?(assessments_\w+)"? "?(\w+)"?', statement)}
    names = re.findall(r"Seq Scan on (\w+)|^SCAN (\w+)(?! USING)", plan(statement), re.MULTILINE)
    return {tables.get(name, name) for found in names for name in found if name}


@pytest.mark.parametrize(("who", "page", "about"), PAGES)
def test_page_scans_no_table_that_grows(request, draft, who, page, about):
    factories.make_goal(draft)
    person, row = request.getfixturevalue(who), about and request.getfixturevalue(about)
    named = {"pk": row.pk} if row else {}
    client = signed_in(person)

    with CaptureQueriesContext(connection) as captured:
        response = client.get(reverse(page, kwargs=named | ({"code": "S2"} if page in WITH_CODE else {})))

    assert response.status_code == 200
    asked = [query["sql"].strip() for query in captured.captured_queries]
    assert {table for sql in asked if sql.startswith("SELECT") for table in scanned(sql)} & GROWING == set()


@pytest.mark.parametrize(("page", "about"), [("therapists", None), ("therapist", "therapist")])
def test_page_reads_levels_from_an_index_alone(request, shared, supervisor, page, about):
    client, row = signed_in(supervisor), about and request.getfixturevalue(about)

    with CaptureQueriesContext(connection) as captured:
        client.get(reverse(page, kwargs={"pk": row.pk} if row else {}))

    # Which index a database takes for a handful of rows is chance; that this one alone would do is not.
    [index] = [each for each in Rating._meta.indexes if each.name == "rating_of_assessment"]
    held = {Rating._meta.get_field(name).column for name in index.fields}
    asked = [query["sql"] for query in captured.captured_queries if 'FROM "assessments_rating"' in query["sql"]]
    [levels] = [sql for sql in asked if "level__position" in sql]
    assert set(re.findall(r'"assessments_rating"\."(\w+)"', levels)) == held


def test_history_is_in_an_order_that_no_index_of_all_events_offers(shared, supervisor):
    """With some hundred thousand events PostgreSQL would go through them backwards to find the one of a new history."""
    with CaptureQueriesContext(connection) as captured:
        signed_in(supervisor).get(reverse("assessment-history", args=[shared.pk]))

    read = [query["sql"] for query in captured.captured_queries if 'FROM "assessments_auditevent"' in query["sql"]]
    assert ['ORDER BY "assessments_auditevent"."id"' in sql for sql in read if "LIMIT" in sql] == [False]


def test_looking_back_scans_no_table_that_grows(signed, shared, supervisor):
    with CaptureQueriesContext(connection) as captured:
        movement.latest_before(supervisor, shared)
        movement.earlier_of([shared])

    asked = [query["sql"] for query in captured.captured_queries]
    assert len(asked) == 2
    assert {table for sql in asked for table in scanned(sql)} & GROWING == set()
