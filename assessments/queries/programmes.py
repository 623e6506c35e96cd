"""Reads of programmes: those an administrator manages, those somebody is in, and where concerns were raised."""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from assessments import requirements
from assessments.models import (
    Assessment,
    FrameworkRevision,
    Membership,
    Organisation,
    Outcome,
    Programme,
    Rating,
    Role,
    Supervision,
    User,
)
from assessments.models.programme import CONDITIONS, NUMBERS, name_key
from assessments.requirements import Judged
from assessments.revisions.data import fingerprint

Content = dict[str, Any]


@dataclass(frozen=True)
class ManagedProgramme:
    """A programme with what it asks for in words, and how many therapists are in it at present."""

    programme: Programme
    asks: list[str]
    therapists: int


@dataclass(frozen=True)
class OrganisationProgrammes:
    """An organisation's programmes, offered ones first. `undefined` are names that only memberships know."""

    organisation: Organisation
    programmes: list[ManagedProgramme]
    undefined: list[tuple[str, int]]


def programmes_managed(organisations: Iterable[Organisation]) -> list[OrganisationProgrammes]:
    rows = list(organisations)
    named = _named_in(rows)
    stored = list(Programme.objects.filter(organisation__in=rows))
    stored.sort(key=lambda programme: (programme.is_retired, programme.key))
    return [_of_organisation(each, stored, named) for each in rows]


def _named_in(organisations: list[Organisation]) -> list[tuple[UUID, str, int]]:
    """The texts by which present therapists name their programme: organisation, text, how many."""
    held = Membership.objects.current().filter(role=Role.THERAPIST, organisation__in=organisations)
    named = held.exclude(programme="").values("organisation", "programme").annotate(people=Count("pk"))
    return list(named.order_by("programme").values_list("organisation", "programme", "people"))


def _of_organisation(
    organisation: Organisation, stored: list[Programme], named: list[tuple[UUID, str, int]]
) -> OrganisationProgrammes:
    therapists: Counter[str] = Counter()
    texts: dict[str, str] = {}
    for of, text, people in named:
        if of == organisation.pk:
            therapists[name_key(text)] += people
            texts.setdefault(name_key(text), text)
    own = [programme for programme in stored if programme.organisation_id == organisation.pk]
    undefined = texts.keys() - {programme.key for programme in own}
    return OrganisationProgrammes(
        organisation,
        [managed(programme, therapists[programme.key]) for programme in own],
        [(texts[key], therapists[key]) for key in sorted(undefined)],
    )


def managed(programme: Programme, therapists: int) -> ManagedProgramme:
    return ManagedProgramme(programme, list(requirements.asked(programme).values()), therapists)


def programme_managed(user: User, pk: UUID) -> Programme:
    """One programme of an organisation that this person administers. Raises DoesNotExist."""
    return Programme.objects.visible_to(user).select_related("organisation").get(pk=pk)


def programmes_offered(organisations: Iterable[Organisation]) -> list[str]:
    """The names to choose from when somebody joins, each once."""
    offered = Programme.objects.offered().filter(organisation__in=list(organisations))
    return sorted(set(offered.values_list("name", flat=True)))


def is_programme_named(programme: Programme) -> bool:
    """Whether a membership, past or present, is in the programme by its name."""
    held = Membership.objects.filter(role=Role.THERAPIST, organisation=programme.organisation_id)
    texts = held.order_by().values_list("programme", flat=True).distinct()
    return programme.key in {name_key(text) for text in texts}


def programme_content(programme: Programme) -> Content:
    """What an editor sees and changes."""
    return {name: getattr(programme, name) for name in ["name", *NUMBERS, *CONDITIONS]}


def programme_fingerprint(content: Content) -> str:
    """The same for the same content: by it an editor says what was on screen."""
    return fingerprint(content)


@dataclass(frozen=True)
class HeldProgramme:
    """The programme that a therapist's membership names; None where the organisation defined none of this name."""

    organisation: Organisation
    name: str
    programme: Programme | None


def programmes_held(reader: User, therapist: User, on: datetime.date) -> list[HeldProgramme]:
    """What a therapist was in on a day, else what came last; only where the reader has to do with the therapist."""
    known = Membership.objects.filter(user=therapist, role=Role.THERAPIST)
    if reader != therapist:
        supervised = Supervision.objects.current().filter(
            supervisor=reader, therapist=therapist, organisation=OuterRef("organisation")
        )
        known = known.filter(Q(organisation__in=reader.organisations_as(Role.LEAD)) | Exists(supervised))
    rows = list(known.select_related("organisation").prefetch_related("organisation__programmes"))
    then = [row for row in rows if row.starts_on <= on and (row.ends_on is None or row.ends_on >= on)]
    return [HeldProgramme(row.organisation, row.programme, _defined(row)) for row in then or rows[-1:]]


def _defined(membership: Membership) -> Programme | None:
    """Of one name there may be retired ones beside the one on offer: that comes first, then the last retired."""
    key = name_key(membership.programme)
    named = [programme for programme in membership.organisation.programmes.all() if programme.key == key]
    return max(named, key=lambda programme: (not programme.is_retired, programme.created_at), default=None)


def of_framework(assessments: Iterable[Assessment], revision: FrameworkRevision) -> list[Assessment]:
    """Those of the assessments that were made on any revision of the framework of this one."""
    rows = list(assessments)
    others = {row.revision_id for row in rows} - {revision.pk}
    same = FrameworkRevision.objects.filter(pk__in=others, framework=revision.framework_id)
    editions = {revision.pk, *(same.values_list("pk", flat=True) if others else [])}
    return [row for row in rows if row.revision_id in editions]


def judged_with_concerns(assessments: Iterable[Assessment]) -> list[Judged]:
    """Every rating in these assessments of a competence about which one of them raises a concern."""
    given = Rating.objects.given().filter(assessment__in=[row.pk for row in assessments])
    keys = given.filter(is_concern=True).values("competence__key")
    rows = given.filter(competence__key__in=keys).order_by("competence__position", "pk")
    return [
        Judged(key, code, assessment, outcome == Outcome.LEVEL, is_concern)
        for key, code, assessment, outcome, is_concern in rows.values_list(
            "competence__key", "competence__code", "assessment", "outcome", "is_concern"
        )
    ]
