"""Reads of people: therapists in sight, goals, accesses, accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from assessments import profiles
from assessments.models import (
    Assessment,
    FrameworkRevision,
    Membership,
    Organisation,
    RecordAccess,
    Role,
    Supervision,
    User,
)
from assessments.models.assessment import Source
from assessments.models.composed import composed
from assessments.scoring import Distribution


@dataclass(frozen=True)
class TherapistRow:
    """A line of `My therapists`. The person carries what the query annotated: programme, since, last_on …"""

    therapist: Any
    distribution: Distribution | None

    @property
    def last_occasion(self) -> str:
        """What the last assessment rested on, in words."""
        source = Source(self.therapist.last_source).label if self.therapist.last_source else ""
        return f"{source}, case {self.therapist.last_case}" if self.therapist.last_case else source


def therapist_rows(user: User, revision: FrameworkRevision) -> list[TherapistRow]:
    """The therapists a supervisor supervises now, or those of a lead's organisations."""
    people = therapists_in_sight(user)
    pks = [person.pk for person in people]
    standing = profiles.distributions(pks, revision, timezone.localdate(), seen_by=user)
    return [TherapistRow(therapist=person, distribution=standing.get(person.pk)) for person in people]


@composed
def therapists_in_sight(user: User) -> QuerySet[User]:
    """Those whom `user` supervises now, and those of the organisations that `user` leads."""
    running = Supervision.objects.current().filter(supervisor=user).order_by().values("therapist")
    led = Membership.objects.filter(role=Role.THERAPIST, organisation__in=user.organisations_as(Role.LEAD))
    # Joined with OR, the two would make the database look at everybody it holds.
    in_sight = running.union(led.order_by().values("user"))
    programme = Membership.objects.filter(user=OuterRef("pk"), role=Role.THERAPIST).order_by("-starts_on")
    since = Supervision.objects.filter(therapist=OuterRef("pk"), supervisor=user).order_by("-starts_on")
    membership_since = programme.values("starts_on")[:1]
    last = (
        Assessment.objects.counting()
        .readable_by(user)
        .filter(therapist=OuterRef("pk"))
        .order_by("-session_on", "-created_at")
    )
    drafts = Assessment.objects.drafts().filter(therapist=OuterRef("pk"), supervisor=user)
    return (
        User.objects.filter(pk__in=in_sight)
        .annotate(
            programme=Subquery(programme.values("programme")[:1]),
            last_on=Subquery(last.values("session_on")[:1]),
            last_source=Subquery(last.values("source")[:1]),
            last_case=Subquery(last.values("case_number")[:1]),
            has_draft=Exists(drafts),
            since=Coalesce(Subquery(since.values("starts_on")[:1]), Subquery(membership_since)),
        )
        .order_by("name", "pk")
    )


def therapist_known_to(user: User, pk: UUID) -> Any:
    """One of `User.objects.therapists_known_to`, to whom a page is about. Raises DoesNotExist."""
    for person in _known_to(user, pk):
        return person
    raise User.DoesNotExist


@composed
def _known_to(user: User, pk: UUID) -> QuerySet[User]:
    return User.objects.therapists_known_to(user).filter(pk=pk)


def supervised_now(user: User) -> QuerySet[User]:
    running = Supervision.objects.current().filter(supervisor=user).order_by()
    return User.objects.filter(pk__in=running.values("therapist")).order_by("name", "pk")


# Asked with every request. Composing it anew with the ORM took twice as long as asking it.
PERSON = """
    SELECT u.password, u.id, u.email, u.name, u.profession, u.is_active, u.has_page_keys,
        m.id, m.role, m.programme, m.starts_on, m.ends_on, o.id, o.name
    FROM assessments_user u
    LEFT JOIN assessments_membership m ON m.user_id = u.id
    LEFT JOIN assessments_organisation o ON o.id = m.organisation_id
    WHERE u.id = %s
    ORDER BY m.starts_on, m.id
"""
# In the model's order, as from_db wants it.
OF_PERSON = ["password", "id", "email", "name", "profession", "is_active", "has_page_keys"]


def person_with_roles(pk: Any) -> User | None:
    """A person with the roles of today already read, in one statement."""
    pk = User._meta.pk.to_python(pk)
    with connection.cursor() as cursor:
        cursor.execute(PERSON, [pk.hex])
        rows = cursor.fetchall()
    if not rows:
        return None
    end = len(OF_PERSON)
    person = User.from_db(connection.alias, OF_PERSON, rows[0][:end])
    person.pk = pk  # SQLite has ids as hexadecimal digits
    held = [_membership(person, *row[end:]) for row in rows if row[end] is not None]
    person.current_memberships = [membership for membership in held if membership.is_current]
    return person


def _membership(person: User, pk: int, *facts: Any) -> Membership:
    role, programme, starts_on, ends_on, organisation, name = facts
    return Membership(
        id=pk,
        user=person,
        role=role,
        programme=programme,
        starts_on=starts_on,
        ends_on=ends_on,
        organisation=Organisation(id=Organisation._meta.pk.to_python(organisation), name=name),
    )


def supervisors_in(organisations: Iterable[Organisation]) -> list[User]:
    held = Membership.objects.current().filter(
        user=OuterRef("pk"), role=Role.SUPERVISOR, organisation__in=list(organisations)
    )
    return list(User.objects.filter(Exists(held)).order_by("name", "pk"))


def accesses(therapist: User) -> QuerySet[RecordAccess]:
    return therapist.record_accesses.select_related("by", "assessment").order_by("-at")


def people_managed(user: User) -> QuerySet[User]:
    memberships = Prefetch("memberships", queryset=Membership.objects.select_related("organisation"))
    return User.objects.in_organisations_of(user).prefetch_related(memberships).order_by("name", "pk")
