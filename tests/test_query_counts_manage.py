"""The pages of framework management read in a few statements, however much they show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions import frameworks, imports, lineage
from assessments.exporters import own_yaml
from assessments.models import Rating
from assessments.revisions import ActivityData, CompetenceData, DomainData
from tests import factories
from tests.test_query_counts import FEW, MORE, at_work, statements
from tests.uploads import HOME, SMALL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

AT_MOST = 10
NEXT = f"{HOME}small/1.1/"


def domains(number, *, word="well"):
    """One domain with so many activities of as many competences each."""
    activities = [
        ActivityData(
            f"a{place}",
            f"A{place}",
            f"Activity {place}",
            f"Activity {place}",
            competences=[
                CompetenceData(f"a{place}-{n}", f"A{place}.{n}", "skill", f"An ability, {place} of {n}, done {word}.")
                for n in range(number)
            ],
        )
        for place in range(number)
    ]
    return [DomainData("d", "D", "Domain", "Domain", activities=activities)]


@pytest.fixture
def client(admin):
    return at_work(admin)


def follow(number, slug="small"):
    """A published revision and a draft that rewords all of its competences."""
    factories.make_revision(framework=slug, domains=domains(number))
    return factories.make_next(framework=slug, domains=domains(number, word="better"))


def places(draft):
    """Every page about a draft."""
    args = [draft.framework.slug, draft.number]
    parts = [("domain", draft.domains), ("activity", draft.activities), ("competence", draft.competences)]
    nodes = [reverse("node-edit", args=[*args, kind, rows.first().pk]) for kind, rows in parts]
    return [reverse(name, args=args) for name in ["revision-manage", "revision-mapping", "draft-edit"]] + nodes


def taken(client, url, data=None):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url) if data is None else client.post(url, data)
    return response.status_code, len(queries)


def test_page_about_a_draft_takes_at_most_twelve_statements(client):
    draft = follow(3)

    counted = [(url, *taken(client, url)) for url in places(draft)]

    assert [(url, status) for url, status, number in counted if status != 200 or number > AT_MOST] == []


def test_page_about_a_draft_takes_as_many_statements_for_nine_as_for_one(client):
    one, nine = follow(1, "few"), follow(3, "many")

    counted = [[statements(client, url) for url in places(draft)] for draft in [one, nine]]

    assert counted[0] == counted[1]


def test_mapping_takes_as_many_statements_for_sixty_decisions_as_for_five(client, supervisor, therapist):
    few, many = follow(3, "few"), follow(8, "many")
    lineage.confirm(by=None, revision=few, links=few.links.values_list("pk", flat=True)[:4])
    factories.rate(factories.make_draft(supervisor, therapist, many.previous, codes="A1"), "A1.1")
    urls = [reverse("revision-mapping", args=[draft.framework.slug, "1.1"]) for draft in [few, many]]

    counted = [statements(client, url) for url in urls]

    shown = [len(client.get(url).context["rows"]) for url in urls]
    assert (shown, counted[0] == counted[1], counted[0] <= AT_MOST) == ([5, 50], True, True)
    assert Rating.objects.count() == 1


def test_confirming_a_page_takes_as_many_statements_for_fifty_as_for_one(client):
    draft = follow(8)
    url = f"{NEXT}mapping/"
    keys = [f"o{older}" for older in draft.links.values_list("older", flat=True)]

    counted = [taken(client, url, {"confirm": chosen})[1] for chosen in [keys[:1], keys[1:51]]]

    assert counted[0] == counted[1]


def add_framework(admin, number):
    factories.make_revision(framework=f"small-{number}")


def add_revision(admin, number):
    factories.make_revision(number=f"2.{number}")


def add_draft(admin, number):
    factories.make_revision(number=f"2.{number}", is_published=False)


def add_file(admin, number):
    factories.make_import(admin, name=f"{number}.csv")


@pytest.mark.parametrize("add", [add_framework, add_revision, add_draft, add_file])
def test_list_takes_as_many_statements_for_three_as_for_one(client, admin, add):
    counted = []

    for number in range(MORE):
        add(admin, number)
        counted.append(statements(client, HOME))

    assert (counted[FEW - 1], counted[-1] <= AT_MOST) == (counted[MORE - 1], True)


@pytest.mark.parametrize("step", ["about", "preview", "difference"])
def test_step_of_a_file_takes_at_most_twelve_statements(client, admin, step):
    factories.make_revision(domains=domains(2))
    content = own_yaml.write(factories.make_next_data(domains=domains(3))).decode()
    kept = factories.make_import(admin, content, name="next.yaml")

    status, number = taken(client, f"{kept.get_absolute_url()}?step={step}")

    assert (status, number <= AT_MOST) == (200, True), number


def test_closed_file_takes_at_most_twelve_statements(client, admin):
    kept = factories.make_import(admin, SMALL.decode(), name="small.yaml")
    imports.load(by=admin, kept=kept, data=factories.make_revision_data())
    pages = [kept.get_absolute_url(), reverse("framework-import-file", args=[kept.pk])]

    counted = [taken(client, url) for url in pages]

    assert [(status, number <= AT_MOST) for status, number in counted] == [(200, True)] * 2


def test_publishing_takes_as_many_statements_for_many_as_for_few(client):
    counted = []

    for number in [1, 4]:
        draft = follow(number, f"small-{number}")
        lineage.confirm(by=None, revision=draft, links=draft.links.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as queries:
            frameworks.publish(by=None, revision=draft)
        counted.append(len(queries))

    assert counted[0] == counted[1]
