"""Accounts, roles and supervisions."""

import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from assessments import permissions
from assessments.actions import audit, notices
from assessments.exceptions import Refused
from assessments.models import AuditEvent, Membership, Organisation, Role, Supervision, User


@transaction.atomic
def create_organisation(*, by: User | None, name: str) -> Organisation:
    organisation = Organisation.objects.create(name=name)
    audit.record(AuditEvent.Type.ORGANISATION_CREATED, by=by, organisation=organisation)
    return organisation


@transaction.atomic
def create_person(
    *,
    by: User | None,
    email: str,
    name: str,
    profession: str = "",
    organisation: Organisation,
    role: str,
    programme: str = "",
    starts_on: datetime.date,
    password: str | None = None,
) -> User:
    """Make an account with a first role. Without a password the person sets one by the e-mailed link."""
    if by is not None:
        permissions.check_administers(by, organisation)
    known = User.objects.filter(email=email.lower()).first()
    if known and not known.is_occasional:
        raise Refused("Somebody with this e-mail address has an account already. Give that person the role instead.")
    person = known or User(email=email.lower())
    person.name, person.profession, person.is_active = name, profession, True
    if password is None:
        person.set_unusable_password()
    else:
        _check_password(password, person)
        person.set_password(password)
    person.save()
    audit.record(AuditEvent.Type.PERSON_CREATED, by=by, person=person, organisation=organisation)
    start_membership(
        by=by, person=person, organisation=organisation, role=role, programme=programme, starts_on=starts_on
    )
    return person


def _check_password(password: str, person: User) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error


@transaction.atomic
def change_person(*, by: User, person: User, name: str, profession: str, is_active: bool) -> User:
    permissions.check_can_manage(by, person)
    if person.pk == by.pk and not is_active:
        raise Refused("You cannot switch off your own account. Ask another administrator.")
    person.name, person.profession, person.is_active = name, profession, is_active
    person.save(update_fields=["name", "profession", "is_active"])
    audit.record(AuditEvent.Type.PERSON_CHANGED, by=by, person=person, is_active=is_active)
    return person


@transaction.atomic
def set_page_keys(*, by: User, has_page_keys: bool) -> User:
    """Everybody decides it for themselves: single keys get in the way of some who speak or use a screen reader."""
    by.has_page_keys = has_page_keys
    by.save(update_fields=["has_page_keys"])
    audit.record(AuditEvent.Type.PERSON_CHANGED, by=by, person=by, has_page_keys=has_page_keys)
    return by


@transaction.atomic
def set_digest(*, by: User, has_digest: bool) -> User:
    """Switch one's own e-mails on or off; what waited to be told is not told later."""
    by.has_digest = has_digest
    by.save(update_fields=["has_digest"])
    audit.record(AuditEvent.Type.PERSON_CHANGED, by=by, person=by, has_digest=has_digest)
    if not has_digest:
        notices.drop(by)
    return by


@transaction.atomic
def start_membership(
    *,
    by: User | None,
    person: User,
    organisation: Organisation,
    role: str,
    programme: str = "",
    starts_on: datetime.date,
) -> Membership:
    if by is not None:
        permissions.check_can_manage(by, person)
        permissions.check_administers(by, organisation)
    same = Membership.objects.filter(user=person, organisation=organisation, role=role, ends_on__isnull=True)
    if same.exists():
        raise Refused(f"{person.name} has this role already.")
    membership = Membership.objects.create(
        user=person, organisation=organisation, role=role, programme=programme, starts_on=starts_on
    )
    audit.record(AuditEvent.Type.MEMBERSHIP_STARTED, by=by, person=person, organisation=organisation, role=role)
    return membership


@transaction.atomic
def end_membership(*, by: User, membership: Membership, ends_on: datetime.date) -> Membership:
    permissions.check_administers(by, membership.organisation)
    if membership.user_id == by.pk and membership.role == Role.ADMIN:
        raise Refused("You cannot end your own administrator role. Ask another administrator.")
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    _end(membership, ends_on)
    audit.record(
        AuditEvent.Type.MEMBERSHIP_ENDED,
        by=by,
        person=membership.user,
        organisation=membership.organisation,
        role=membership.role,
        ends_on=ends_on.isoformat(),
    )
    for supervision in _resting_on(membership):
        end_supervision(by=by, supervision=supervision, ends_on=max(ends_on, supervision.starts_on))
    return membership


def _resting_on(membership: Membership) -> list[Supervision]:
    """The supervisions that cannot go on without this role: who no longer supervises has no access either."""
    side = {Role.SUPERVISOR: "supervisor", Role.THERAPIST: "therapist"}.get(Role(membership.role))
    if side is None:
        return []
    running = Supervision.objects.filter(ends_on__isnull=True, organisation=membership.organisation_id)
    return list(running.filter(**{side: membership.user_id}))


def _end(row: Membership | Supervision, ends_on: datetime.date) -> None:
    """Set the last day of a locked row."""
    if row.ends_on is not None:
        raise Refused(f"This ended on {row.ends_on:%-d %B %Y} already.")
    if ends_on < row.starts_on:
        raise Refused(f"It began on {row.starts_on:%-d %B %Y} and cannot end before that.")
    row.ends_on = ends_on
    row.save(update_fields=["ends_on"])


@transaction.atomic
def start_supervision(
    *, by: User | None, therapist: User, supervisor: User, organisation: Organisation, starts_on: datetime.date
) -> Supervision:
    """Give a supervisor access to a therapist from a date on."""
    if by is not None:
        permissions.check_administers(by, organisation)
    for person, role in [(therapist, Role.THERAPIST), (supervisor, Role.SUPERVISOR)]:
        if not person.memberships.filter(organisation=organisation, role=role, ends_on__isnull=True).exists():
            raise Refused(f"{person.name} is not a {role.label.lower()} of {organisation.name} at present.")
    running = Supervision.objects.filter(
        therapist=therapist, supervisor=supervisor, organisation=organisation, ends_on__isnull=True
    )
    if running.exists():
        raise Refused(f"{supervisor.name} supervises {therapist.name} already.")
    supervision = Supervision.objects.create(
        therapist=therapist, supervisor=supervisor, organisation=organisation, starts_on=starts_on
    )
    audit.record(
        AuditEvent.Type.SUPERVISION_STARTED,
        by=by,
        person=therapist,
        organisation=organisation,
        supervisor=str(supervisor.pk),
        starts_on=starts_on.isoformat(),
    )
    return supervision


@transaction.atomic
def end_supervision(*, by: User, supervision: Supervision, ends_on: datetime.date) -> Supervision:
    permissions.check_administers(by, supervision.organisation)
    supervision = Supervision.objects.select_for_update().get(pk=supervision.pk)
    _end(supervision, ends_on)
    audit.record(
        AuditEvent.Type.SUPERVISION_ENDED,
        by=by,
        person=supervision.therapist,
        organisation=supervision.organisation,
        supervisor=str(supervision.supervisor_id),
        ends_on=ends_on.isoformat(),
    )
    return supervision
