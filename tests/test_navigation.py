import re

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Membership, Role
from tests import factories
from tests.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


def labels(response):
    return [link.label for link in response.context["nav"]]


def current(response):
    return [link.label for link in response.context["nav"] if link.is_current]


def give(person, role, organisation):
    Membership.objects.create(user=person, organisation=organisation, role=role, starts_on=factories.LONG_AGO)


def test_links_for_anyone(client):
    response = client.get("/help/")

    assert labels(response) == ["Frameworks", "Sign in"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("therapist", ["My profile", "Assessments", "Frameworks"]),
        ("supervisor", ["My therapists", "Assessments", "Frameworks"]),
        ("lead", ["Therapists", "Assessments", "Cohort", "Frameworks"]),
        ("admin", ["People", "Manage", "Cohort", "Frameworks"]),
    ],
)
def test_links_for_a_role(request, name, expected):
    response = signed_in(request.getfixturevalue(name)).get("/help/")

    assert labels(response) == expected


def test_links_for_several_roles(lead, northfield):
    for role in [Role.ADMIN, Role.SUPERVISOR, Role.THERAPIST]:
        give(lead, role, northfield)

    response = signed_in(lead).get("/help/")

    assert labels(response) == [
        "My profile",
        "My therapists",
        "Assessments",
        "People",
        "Manage",
        "Cohort",
        "Frameworks",
    ]


def test_links_for_a_role_that_ended(supervisor):
    factories.end_membership(supervisor)

    response = signed_in(supervisor).get("/help/")

    assert labels(response) == ["Frameworks"]


def test_links_for_a_role_that_begins_tomorrow(lead):
    Membership.objects.filter(user=lead).update(starts_on=timezone.localdate() + timezone.timedelta(days=1))

    response = signed_in(lead).get("/help/")

    assert labels(response) == ["Frameworks"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/therapists/", ["My therapists"]),
        ("/assessments/", ["Assessments"]),
        ("/assessments/new/", ["Assessments"]),
        ("/frameworks/ipt/1.0/", ["Frameworks"]),
        ("/help/", []),
    ],
)
def test_current_link_is_the_one_the_page_lies_under(supervisor, path, expected):
    response = signed_in(supervisor).get(path)

    assert current(response) == expected


def test_current_link_is_the_longest_that_fits(therapist, northfield):
    give(therapist, Role.SUPERVISOR, northfield)

    response = signed_in(therapist).get(f"/therapists/{therapist.pk}/")

    assert current(response) == ["My profile"]


def test_current_link_is_marked_in_the_page(supervisor):
    html = signed_in(supervisor).get("/assessments/").text

    assert re.findall(r'<a (?:class="menu-row" )?href="([^"]+)" aria-current="page">', html) == ["/assessments/"] * 2


def test_head_names_the_person_and_the_roles(lead, northfield):
    give(lead, Role.THERAPIST, northfield)

    who = signed_in(lead).get("/help/").context["who"]

    assert (who.name, who.role) == ("Margaret Ellison", "Therapist, Training lead")


def test_head_names_nobody_who_is_not_signed_in(client):
    response = client.get("/help/")

    assert "who" not in response.context


def test_head_offers_password_and_sign_out(supervisor):
    html = signed_in(supervisor).get("/help/").text

    assert 'href="/accounts/password/change/"' in html
    assert '<form method="post" action="/accounts/logout/"' in html


def test_page_begins_with_a_way_past_the_head(client):
    html = client.get("/help/").text

    assert html.index('<a class="skip" href="#main">') < html.index("<header")


@pytest.mark.parametrize("name", ["manage-frameworks", "scales", "short-forms"])
def test_what_is_managed_beside_people_has_one_link(admin, name):
    page = signed_in(admin).get(reverse(name))

    assert [link.label for link in page.context["nav"] if link.is_current] == ["Manage"]
