"""The life of an assessment: start, share, take back, reply, sign, withdraw, hand over."""

import datetime
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from assessments import movement, permissions, policies, proposals, records
from assessments.actions import audit, contexts, notices, opening, outbox, standings
from assessments.exceptions import Refused
from assessments.models import (
    Activity,
    Assessment,
    AssessmentRole,
    AuditEvent,
    FrameworkRevision,
    Membership,
    NoticeKind,
    Organisation,
    Role,
    ShortForm,
    Signature,
    SignedRecord,
    Status,
    Supervision,
    User,
)
from assessments.models.assessment import CONTEXT
from assessments.models.self_assessment import NOT_WITHDRAWN


def _locked(assessment: Assessment) -> Assessment:
    """The row as it stands now, held until the transaction ends."""
    return Assessment.objects.select_for_update().get(pk=assessment.pk)


@transaction.atomic
def start(
    *,
    by: User,
    therapist: User,
    revision: FrameworkRevision,
    context: dict[str, Any],
    activities: Iterable[Activity] = (),
    short_form: ShortForm | None = None,
    self_assessment: Assessment | None = None,
) -> Assessment:
    """Begin a draft on one revision and its scale, for a therapist whom `by` supervises now.

    `self_assessment` is one of the same session that waits for a second view.
    """
    permissions.check_can_start(by, therapist)
    running = Supervision.objects.current().filter(supervisor=by, therapist=therapist)
    if self_assessment:
        self_assessment = _waiting(self_assessment, therapist, revision)
        running = running.filter(organisation=self_assessment.organisation_id)
    assessment, told = begin(
        by=by,
        therapist=therapist,
        organisation=running.latest("starts_on").organisation_id,
        revision=revision,
        context=context,
        activities=activities,
        short_form=short_form,
    )
    if self_assessment:
        self_assessment.pair = assessment
        self_assessment.save(update_fields=["pair"])
        told["self_assessment"] = str(self_assessment.pk)
    audit.record(AuditEvent.Type.ASSESSMENT_STARTED, by=by, assessment=assessment, **told)
    return assessment


def _refresh_standings(assessment: Assessment, others: list[Assessment]) -> None:
    """Since the first of these sessions: what happens to one may let the others count."""
    since = min(row.session_on for row in [assessment, *others, assessment.predecessor] if row)
    standings.refresh(assessment.therapist_id, assessment.organisation_id, since=since)


def _waiting(own: Assessment, therapist: User, revision: FrameworkRevision) -> Assessment:
    """A self-assessment, held, that an assessment of this therapist on this revision can be paired with."""
    own = Assessment.objects.select_for_update().get(pk=own.pk)
    if not own.is_self or own.status != Status.SHARED or own.opened_at or own.pair_id:
        raise Refused("This self-assessment no longer waits for a second view. Start without it.")
    if own.therapist_id != therapist.pk:
        raise Refused("This self-assessment is somebody else\u2019s. Choose the therapist who made it.")
    if own.revision_id != revision.pk:
        raise Refused("The self-assessment stands on another revision, so the two cannot be compared.")
    return own


def begin(
    *,
    by: User,
    therapist: User,
    organisation: UUID,
    revision: FrameworkRevision,
    context: dict[str, Any],
    activities: Iterable[Activity],
    short_form: ShortForm | None,
    role: str = AssessmentRole.SUPERVISOR,
) -> tuple[Assessment, dict[str, Any]]:
    """Make a draft, and say what its event tells. The caller holds the transaction and has checked who may.

    Its extent is that of the short form, or else the activities given.
    """
    if revision.status != FrameworkRevision.Status.PUBLISHED:
        raise Refused("Assessments are made on a published revision.")
    contexts.check_context(context)
    chosen = contexts.check_extent(revision, _activities_of(short_form) if short_form else activities)
    assessment = Assessment.objects.create(
        organisation_id=organisation,
        therapist=therapist,
        supervisor=by,
        revision=revision,
        scale_id=revision.scale_id,
        short_form=short_form,
        role=role,
        **context,
    )
    assessment.activities.set(chosen)
    named = {"short_form": short_form.name} if short_form else {}
    return assessment, {"extent": [activity.code for activity in chosen], **named}


# What a draft of the same session has from the one it is begun beside or in place of.
SAME = ["organisation_id", "therapist_id", "revision_id", "scale_id", "short_form_id", *CONTEXT]


def begin_like(assessment: Assessment, kept: Iterable[str] = SAME, **own: Any) -> tuple[Assessment, dict[str, Any]]:
    """Make a draft with the same extent as an assessment, and say what its event tells.

    `kept` are the columns it has from there, `own` what is its own. The caller holds the transaction and the
    assessment's row, and has checked who may.
    """
    begun = Assessment.objects.create(**{name: getattr(assessment, name) for name in kept}, **own)
    extent = list(assessment.activities.order_by("position"))
    begun.activities.set(extent)
    return begun, {"extent": [activity.code for activity in extent]}


def _activities_of(short_form: ShortForm) -> Iterable[Activity]:
    """As they stand now; the form's row is held, so that nobody changes them under the new assessment."""
    offered = ShortForm.objects.select_for_update().filter(pk=short_form.pk, is_retired=False).first()
    if offered is None:
        raise Refused("This short form is no longer offered. Choose another extent.")
    return offered.activities.order_by("position")


@transaction.atomic
def save_texts(
    *,
    by: User,
    assessment: Assessment,
    summary: str,
    strengths: str,
    needs: str,
    concerns_handled: str | None = None,
    fitness: str | None = None,
) -> Assessment:
    """What the supervisor says of the whole. What was not asked for, and so is None, stays as it is."""
    assessment = _locked(assessment)
    permissions.check_can_edit(by, assessment)
    if fitness and not assessment.is_by_supervisor:
        raise Refused("A statement of fitness is given only in a supervisor\u2019s own assessment.")
    said = {"summary": summary, "strengths": strengths, "needs": needs}
    said |= {"concerns_handled": concerns_handled or ""} if concerns_handled is not None else {}
    said |= {"fitness": fitness or ""} if fitness is not None else {}
    changed = {name: [before, text] for name, text in said.items() if (before := getattr(assessment, name)) != text}
    for name, text in said.items():
        setattr(assessment, name, text)
    assessment.save(update_fields=list(said))
    if changed:
        audit.record(AuditEvent.Type.TEXTS_SAVED, by=by, assessment=assessment, changed=changed)
    return assessment


@transaction.atomic
def share(*, by: User, assessment: Assessment) -> Assessment:
    """Show a draft to the therapist and lock it. Raises Refused with what still stands in the way.

    Of two assessments of one session, the supervisor's and one beside it, the one shared later opens both.
    """
    assessment, others = opening.locked(assessment)
    permissions.check_can_share(by, assessment)
    outbox.check_all_sent(by, assessment)
    if found := proposals.obstacles(
        list(assessment.ratings.select_related("competence").order_by("competence__position"))
    ):
        raise Refused(" ".join(found))
    assessment.status, assessment.shared_at = Status.SHARED, timezone.now()
    assessment.previous = movement.latest_before(by, assessment)
    assessment.save(update_fields=["status", "shared_at", "previous"])
    is_opened = opening.open_both(assessment, others, at=assessment.shared_at)
    _refresh_standings(assessment, others)
    told: dict[str, Any] = {"opened": True} if is_opened else {}
    if not assessment.is_by_supervisor:
        told["role"] = assessment.role
    audit.record(AuditEvent.Type.ASSESSMENT_SHARED, by=by, assessment=assessment, **told)
    notices.tell_shared(by=by, assessment=assessment, others=others)
    return assessment


@transaction.atomic
def take_back(*, by: User, assessment: Assessment, reason: str) -> Assessment:
    """Return a shared assessment to draft; signatures given so far are void, a reply is kept in the history."""
    assessment, others = opening.locked(assessment)
    permissions.check_can_take_back(by, assessment)
    if not reason.strip():
        raise Refused("Say why you take it back.")
    voided = _void_signatures(assessment)
    assessment.status, assessment.shared_at, assessment.previous = Status.DRAFT, None, None
    assessment.save(update_fields=["status", "shared_at", "previous"])
    _refresh_standings(assessment, others)
    told: dict[str, Any] = {"stays_open": True} if any(other.opened_at for other in others) else {}
    audit.record(
        AuditEvent.Type.ASSESSMENT_TAKEN_BACK,
        by=by,
        assessment=assessment,
        reason=reason,
        signatures_voided=voided,
        **told,
    )
    notices.tell_taken_back(by=by, assessment=assessment)
    return assessment


@transaction.atomic
def reply(*, by: User, assessment: Assessment, agreement: str, text: str) -> Assessment:
    """Record the therapist's answer; it is part of the record and prints with it.

    A supervisor who signed before it was given signs again, having seen it.
    """
    assessment = _locked(assessment)
    permissions.check_can_reply(by, assessment)
    if agreement != Assessment.Agreement.AGREE and not text.strip():
        raise Refused("Say what you see differently.")
    if assessment.signatures.filter(role=Role.THERAPIST, voided_at__isnull=True).exists():
        raise Refused("You have signed; the reply can no longer change.")
    voided = _void_signatures(assessment)
    before = [assessment.reply_agreement, assessment.reply]
    assessment.reply_agreement, assessment.reply, assessment.replied_at = agreement, text, timezone.now()
    assessment.save(update_fields=["reply_agreement", "reply", "replied_at"])
    audit.record(
        AuditEvent.Type.ASSESSMENT_REPLIED,
        by=by,
        assessment=assessment,
        before=before,
        after=[agreement, text],
        signatures_voided=voided,
    )
    notices.tell(NoticeKind.REPLIED, by=by, assessment=assessment, to=[assessment.supervisor_id])
    return assessment


def _void_signatures(assessment: Assessment) -> int:
    """Of how many the history tells. Who has not heard of one yet does not hear of it."""
    notices.drop_signatures(assessment)
    return assessment.signatures.filter(voided_at__isnull=True).update(voided_at=timezone.now())


@transaction.atomic
def sign_off(*, by: User, assessment: Assessment) -> Assessment:
    """Sign as the therapist, the supervisor or the training lead. The last signature required freezes the assessment.

    Raises Refused while a device of theirs keeps answers.
    """
    assessment = _locked(assessment)
    role = permissions.check_can_sign(by, assessment)
    outbox.check_all_sent(by, assessment)
    signature = Signature.objects.create(assessment=assessment, person=by, role=role, signed_at=timezone.now())
    audit.record(AuditEvent.Type.ASSESSMENT_SIGNED, by=by, assessment=assessment, role=signature.role)
    parties = {Role.THERAPIST: assessment.therapist_id, Role.SUPERVISOR: assessment.supervisor_id}
    if _is_signed_by_all(assessment):
        freeze(by=by, assessment=assessment, at=signature.signed_at)
        notices.tell(NoticeKind.SIGNED_OFF, by=by, assessment=assessment, to=parties.values())
    else:
        standing = policies.roles_signed(assessment)
        unsigned = [person for party, person in parties.items() if party not in standing]
        notices.tell(NoticeKind.SIGNED, by=by, assessment=assessment, to=unsigned or _leads(assessment))
    return assessment


def _leads(assessment: Assessment) -> list[UUID]:
    """Whoever may give the signature of a training lead."""
    leads = Membership.objects.current().filter(role=Role.LEAD, organisation=assessment.organisation_id)
    people = leads.exclude(user__in=[assessment.therapist_id, assessment.supervisor_id])
    return list(people.values_list("user", flat=True))


def _is_signed_by_all(assessment: Assessment) -> bool:
    """Whoever changes what the organisation asks for waits until this is settled, and is waited for."""
    standing = policies.roles_signed(assessment)
    if not standing >= policies.BOTH:
        return False
    organisation = Organisation.objects.select_for_update().get(pk=assessment.organisation_id)
    return standing >= policies.roles_to_sign(organisation)


def freeze(
    *, by: User, assessment: Assessment, at: datetime.datetime, closed_as: str = "", closed_reason: str = ""
) -> SignedRecord:
    """Close a fully signed assessment and chain its record to the organisation's previous one.

    `closed_as` and its reason tell of a therapist who did not sign. The caller holds the transaction and the
    assessment's row.
    """
    organisation = Organisation.objects.select_for_update().get(pk=assessment.organisation_id)
    assessment.status, assessment.signed_off_at = Status.SIGNED_OFF, at
    assessment.closed_as, assessment.closed_reason = closed_as, closed_reason
    assessment.save(update_fields=["status", "signed_off_at", "closed_as", "closed_reason"])
    previous = SignedRecord.objects.filter(organisation=organisation).order_by("sequence").last()
    link = records.Link(sequence=previous.sequence + 1, previous=previous.sha256) if previous else records.FIRST
    content = records.canonical(records.build(assessment, link=link))
    record = SignedRecord.objects.create(
        assessment=assessment,
        organisation=organisation,
        sequence=link.sequence,
        previous_sha256=link.previous,
        sha256=records.sha256(content),
        content=content,
        created_at=at,
    )
    audit.record(
        AuditEvent.Type.ASSESSMENT_SIGNED_OFF,
        by=by,
        assessment=assessment,
        at=at,
        sequence=record.sequence,
        sha256=record.sha256,
    )
    return record


@transaction.atomic
def withdraw(*, by: User, assessment: Assessment, reason: str) -> Assessment:
    """End an assessment that will not be signed; it stays readable to those who could read it."""
    assessment, others = opening.locked(assessment)
    permissions.check_can_withdraw(by, assessment)
    if not reason.strip():
        raise Refused("Say why it is withdrawn.")
    end(assessment, by=by, reason=reason)
    _refresh_standings(assessment, others)
    return assessment


def end(assessment: Assessment, *, by: User, reason: str) -> None:
    """Write that it is withdrawn. The caller holds the transaction and the assessment's row."""
    assessment.status, assessment.withdrawn_at, assessment.withdrawn_reason = Status.WITHDRAWN, timezone.now(), reason
    assessment.save(update_fields=["status", "withdrawn_at", "withdrawn_reason"])
    audit.record(AuditEvent.Type.ASSESSMENT_WITHDRAWN, by=by, assessment=assessment, reason=reason)


@transaction.atomic
def hand_over(*, by: User, assessment: Assessment, to: User, reason: str) -> Assessment:
    """Give a draft to another present supervisor of the therapist. Each rating keeps who gave it."""
    assessment = _locked(assessment)
    permissions.check_can_hand_over(by, assessment)
    is_present = permissions.supervises(to, assessment.therapist, assessment.organisation)
    if not is_present or to.pk == assessment.supervisor_id:
        raise Refused(f"{to.name} is not another present supervisor of this therapist.")
    if permissions.reopened(to, assessment):
        raise Refused(f"{to.name} reopened this assessment. Whoever does that does not rate it.")
    if assessment.second_ratings.filter(NOT_WITHDRAWN, supervisor=to).exists():
        raise Refused(f"{to.name} rates the same session a second time, and so cannot take over the first rating.")
    before = assessment.supervisor_id
    assessment.supervisor = to
    assessment.save(update_fields=["supervisor"])
    audit.record(
        AuditEvent.Type.ASSESSMENT_HANDED_OVER,
        by=by,
        assessment=assessment,
        reason=reason,
        supervisor=[str(before), str(to.pk)],
    )
    notices.tell(NoticeKind.HANDED_OVER, by=by, assessment=assessment, to=[to.pk])
    return assessment
