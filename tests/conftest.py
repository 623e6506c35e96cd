"""The fixed cast. Helen supervises Amara and Samuel supervises Daniel at Northfield, where Margaret is the training
lead and Robert the administrator. Grace, Oscar, Edith and Victor are their counterparts at Southbank: outsiders.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.http import HttpResponse
from django.template import engines
from django.test import Client

from assessments import profiles
from assessments.actions import frameworks, people
from assessments.importers import own_yaml
from assessments.models import Assessment, FrameworkRevision, Organisation, Role, User
from assessments.views.frameworks import domain_lists, map_columns
from tests import factories

FIXTURES = Path(__file__).parent.parent / "fixtures"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Every test finds the IPT framework published."""
    with django_db_blocker.unblock():
        data = own_yaml.read((FIXTURES / "ipt-1.0.yaml").read_bytes())
        frameworks.publish(by=None, revision=frameworks.load(by=None, data=data))


@pytest.fixture(autouse=True)
def _fast_and_apart(settings: Any) -> Iterator[None]:
    """Passwords that hash at once; no guess limits used up, and no revision remembered, by another test."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # of the demo, which was seeded before the test
    ]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    yield
    cache.clear()
    profiles.tree.cache_clear()
    map_columns.cache_clear()
    domain_lists.cache_clear()


class _Undefined(str):
    """What Django puts in place of an undefined variable: it looks for `%s` here, then fills the name in."""

    __slots__ = ()

    def __mod__(self, variable: Any) -> str:
        pytest.fail(f"The template variable {variable} is undefined.")


@pytest.fixture
def strict_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt variable in a template fails the test instead of printing nothing."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", _Undefined("%s"))


@pytest.fixture
def revision(db: None) -> FrameworkRevision:
    return FrameworkRevision.objects.select_related("framework", "scale").get(framework__slug="ipt")


@pytest.fixture
def northfield(db: None) -> Organisation:
    return people.create_organisation(by=None, name="Northfield")


@pytest.fixture
def southbank(db: None) -> Organisation:
    return people.create_organisation(by=None, name="Southbank")


@pytest.fixture
def supervisor(northfield: Organisation) -> User:
    return factories.make_person("Dr Helen Marsh", Role.SUPERVISOR, northfield)


@pytest.fixture
def other_supervisor(northfield: Organisation) -> User:
    """Supervises Daniel, not Amara."""
    return factories.make_person("Dr Samuel Adeyemi", Role.SUPERVISOR, northfield)


@pytest.fixture
def therapist(northfield: Organisation, supervisor: User) -> User:
    person = factories.make_person("Amara Okafor", Role.THERAPIST, northfield, programme="Year 1")
    factories.make_supervision(person, supervisor, northfield)
    return person


@pytest.fixture
def other_therapist(northfield: Organisation, other_supervisor: User) -> User:
    person = factories.make_person("Daniel Reyes", Role.THERAPIST, northfield)
    factories.make_supervision(person, other_supervisor, northfield)
    return person


@pytest.fixture
def lead(northfield: Organisation) -> User:
    return factories.make_person("Margaret Ellison", Role.LEAD, northfield)


@pytest.fixture
def admin(northfield: Organisation) -> User:
    return factories.make_person("Robert Quayle", Role.ADMIN, northfield)


@pytest.fixture
def outside_supervisor(southbank: Organisation) -> User:
    return factories.make_person("Grace Lindqvist", Role.SUPERVISOR, southbank)


@pytest.fixture
def outside_therapist(southbank: Organisation, outside_supervisor: User) -> User:
    person = factories.make_person("Oscar Bell", Role.THERAPIST, southbank)
    factories.make_supervision(person, outside_supervisor, southbank)
    return person


@pytest.fixture
def outside_lead(southbank: Organisation) -> User:
    return factories.make_person("Edith Ward", Role.LEAD, southbank)


@pytest.fixture
def outside_admin(southbank: Organisation) -> User:
    return factories.make_person("Victor Hale", Role.ADMIN, southbank)


@pytest.fixture
def draft(supervisor: User, therapist: User, revision: FrameworkRevision) -> Assessment:
    """Helen's draft about Amara: role disputes and communication analysis, nothing rated."""
    return factories.make_draft(supervisor, therapist, revision)


@pytest.fixture
def shared(supervisor: User, therapist: User, revision: FrameworkRevision) -> Assessment:
    return factories.make_shared(supervisor, therapist, revision)


@pytest.fixture
def signed(supervisor: User, therapist: User, revision: FrameworkRevision) -> Assessment:
    return factories.make_signed(supervisor, therapist, revision)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def words(response: HttpResponse) -> str:
    """A page as it is read: without tags, with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def told(response: Any) -> list[str]:
    """The messages that an answer leaves for the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]
