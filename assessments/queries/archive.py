"""Everything held about one person, read in a number of statements that does not grow with it."""

import datetime
import json
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from assessments import records
from assessments.history import Presenter, people_named
from assessments.holdings import (
    HeldAccess,
    HeldAssessment,
    HeldEvent,
    HeldGoal,
    HeldMessage,
    HeldSignature,
    Holdings,
)
from assessments.models import (
    Assessment,
    AuditEvent,
    FrameworkRevision,
    Goal,
    RatingLevel,
    Signature,
    SignedRecord,
    Supervision,
    User,
)
from assessments.models.assessment import AssessmentQuerySet
from assessments.models.goal import GoalStatus
from assessments.models.self_assessment import NOT_WAITING, SHARED
from assessments.queries.notices import digests_sent
from assessments.queries.people import accesses
from assessments.queries.revisions import revisions_data
from assessments.records import Document

FORMAT = "person-archive/1"
Folders = dict[UUID, str]


def person_of_archive(user: User, pk: UUID) -> User:
    """Oneself, or a therapist whom one knows of and whose archive one is refused with the reason."""
    return user if user.pk == pk else User.objects.therapists_known_to(user).get(pk=pk)


def holdings(person: User, *, with_drafts: bool = False) -> Holdings:
    """What the person may read on the pages; with drafts also those not shared, as a request for access covers them."""
    about = Assessment.objects.filter(therapist=person)
    readable = about if with_drafts else about.readable_by(person)
    held = _assessments(readable)
    pks = [each.pk for each in held]
    folders = {each.pk: each.folder for each in held}
    drafts = [] if with_drafts else about.drafts().order_by("created_at").values_list("created_at", flat=True)
    revisions = FrameworkRevision.objects.filter(assessments__in=pks).distinct().order_by("framework__slug", "id")
    return Holdings(
        name=person.name,
        email=person.email,
        person=_person(person, held),
        assessments=held,
        drafts_since=[timezone.localdate(at) for at in drafts],
        goals=_goals(folders),
        signatures=_signatures(person, folders),
        accesses=_accesses(person, folders),
        history=_history(person, folders),
        messages=_messages(person),
        revisions=revisions_data(revisions),
        has_drafts=with_drafts,
        kept_back=0 if with_drafts else _kept_back(about).count(),
    )


def _kept_back(about: AssessmentQuerySet) -> AssessmentQuerySet:
    """Shared, while the therapist still rates the same session."""
    return about.filter(SHARED, ~NOT_WAITING)


def _assessments(readable: AssessmentQuerySet) -> list[HeldAssessment]:
    """Of a signed one the record that was signed; of any other one the record as it stands."""
    rows: list[Any] = list(readable.with_superseded().order_by("session_on", "created_at").only("session_on", "status"))
    records_of = SignedRecord.objects.filter(assessment__in=rows).prefetch_related("reports")
    signed = {record.assessment_id: record for record in records_of}
    others = Assessment.objects.filter(pk__in=[row.pk for row in rows if row.pk not in signed])
    standing = {document["assessment"]["id"]: document for document in records.build_all(others)}
    return [_held(row, signed.get(row.pk), standing.get(str(row.pk), {})) for row in rows]


def _held(row: Any, record: SignedRecord | None, standing: Document) -> HeldAssessment:
    reports = record.reports.all() if record else []
    return HeldAssessment(
        pk=row.pk,
        session_on=row.session_on,
        status=row.status,
        content=record.content if record else records.canonical(standing),
        document=json.loads(record.content) if record else standing,
        is_superseded=row.is_superseded,
        reports={report.kind: bytes(report.content) for report in reports},
    )


def _person(person: User, held: list[HeldAssessment]) -> Document:
    """The account and what it is named in."""
    return {
        "format": FORMAT,
        "account": {
            "id": str(person.pk),
            "name": person.name,
            "email": person.email,
            "profession": person.profession,
            "is_active": person.is_active,
            "has_page_keys": person.has_page_keys,
            "has_digest": person.has_digest,
            "created_at": _moment(person.created_at),
            "last_login": _moment(person.last_login),
        },
        "memberships": [
            {"organisation": row.organisation.name, "role": row.role, "programme": row.programme, **_dates(row)}
            for row in person.memberships.select_related("organisation")
        ],
        "supervisions": _supervisions(person),
        "assessments": [_listed(each) for each in held],
    }


def _listed(held: HeldAssessment) -> Document:
    role = held.document["assessment"].get("role")
    return {"id": str(held.pk), "folder": held.folder, "status": held.status, **({"role": role} if role else {})}


def _moment(at: datetime.datetime | None) -> str | None:
    return at.astimezone(datetime.UTC).isoformat(timespec="seconds") if at else None


def _dates(row: Any) -> Document:
    return {"starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat() if row.ends_on else None}


def _supervisions(person: User) -> list[Document]:
    """In either role, each with whom it is shared."""
    rows = Supervision.objects.filter(Q(therapist=person) | Q(supervisor=person))
    return [
        {
            "as": "therapist" if row.therapist_id == person.pk else "supervisor",
            "with": (row.supervisor if row.therapist_id == person.pk else row.therapist).name,
            "organisation": row.organisation.name,
            **_dates(row),
        }
        for row in rows.select_related("therapist", "supervisor", "organisation")
    ]


def _goals(folders: Folders) -> list[HeldGoal]:
    goals = Goal.objects.filter(assessment__in=folders).prefetch_related("competences")
    return [_goal(goal, folders) for goal in goals]


def _goal(goal: Goal, folders: Folders) -> HeldGoal:
    # What was closed in somebody's draft is still open for everybody else.
    is_told = goal.closed_in_id is None or goal.closed_in_id in folders
    return HeldGoal(
        folder=folders[goal.assessment_id],
        text=goal.text,
        codes=[competence.code for competence in goal.competences.all()],
        owner=goal.get_owner_display(),
        judged_by=goal.judged_by,
        due_on=goal.due_on,
        status=goal.get_status_display() if is_told else GoalStatus.OPEN.label,
        result=goal.result if is_told else "",
        closed_in=_folder(folders, goal.closed_in_id),
        created_at=goal.created_at,
    )


def _signatures(person: User, folders: Folders) -> list[HeldSignature]:
    """Those under the assessments, and those that the person gave, also under assessments of others."""
    rows = Signature.objects.filter(Q(assessment__in=folders) | Q(person=person))
    return [
        HeldSignature(
            folder=_folder(folders, row.assessment_id),
            is_about_person=row.assessment.therapist_id == person.pk,
            by=row.person.name,
            role=row.get_role_display(),
            signed_at=row.signed_at,
            voided_at=row.voided_at,
        )
        for row in rows.select_related("person", "assessment")
    ]


def _accesses(person: User, folders: Folders) -> list[HeldAccess]:
    return [
        HeldAccess(
            at=row.at,
            by=row.by.name,
            profession=row.by.profession,
            opened=row.get_opened_display(),
            folder=_folder(folders, row.assessment_id),
            session_on=row.assessment.session_on if row.assessment else None,
        )
        for row in accesses(person).order_by("at", "id")
    ]


def _messages(person: User) -> list[HeldMessage]:
    rows = digests_sent(person).order_by("on").values_list("sent_at", "address", "subject", "body")
    return [HeldMessage(*row) for row in rows]


def _history(person: User, folders: Folders) -> list[HeldEvent]:
    """What happened to the assessments, and to the account."""
    mine = Q(assessment__in=list(folders)) | Q(person=person, assessment__isnull=True)
    events = AuditEvent.objects.filter(mine)
    rows = list(events.values_list("assessment", "assessment__scale", "at", "by__name", "type", "data"))
    people = list(User.objects.filter(pk__in=people_named(data for *_, data in rows)))
    scales = {scale for _, scale, *_ in rows}
    levels = list(RatingLevel.objects.filter(scale__in=scales - {None}))
    presenters = {scale: Presenter([level for level in levels if level.scale_id == scale], people) for scale in scales}
    return [
        HeldEvent(_folder(folders, assessment), presenters[scale].told(*facts)) for assessment, scale, *facts in rows
    ]


def _folder(folders: Folders, assessment: UUID | None) -> str:
    return folders.get(assessment, "") if assessment else ""
