"""Therapists who rate themselves: begun by themselves, asked for by a supervisor, shown without a second view."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments import permissions
from assessments.actions import audit, notices
from assessments.actions.assessments import begin, begin_like
from assessments.exceptions import NotAllowed
from assessments.models import (
    Activity,
    Assessment,
    AssessmentRole,
    AuditEvent,
    FrameworkRevision,
    NoticeKind,
    Organisation,
    Role,
    ShortForm,
    User,
)


@transaction.atomic
def start(
    *,
    by: User,
    organisation: Organisation,
    revision: FrameworkRevision,
    context: dict[str, Any],
    activities: Iterable[Activity] = (),
    short_form: ShortForm | None = None,
) -> Assessment:
    """Begin a draft in which `by`, in training at the organisation now, rates themselves."""
    if organisation.pk not in by.organisations_as(Role.THERAPIST):
        raise NotAllowed(f"You are not in training at {organisation.name} at present.")
    assessment, told = begin(
        by=by,
        therapist=by,
        organisation=organisation.pk,
        revision=revision,
        context=context,
        activities=activities,
        short_form=short_form,
        role=AssessmentRole.SELF,
    )
    audit.record(AuditEvent.Type.ASSESSMENT_STARTED, by=by, assessment=assessment, role=AssessmentRole.SELF, **told)
    return assessment


@transaction.atomic
def ask(*, by: User, assessment: Assessment) -> Assessment:
    """Begin the therapist's own draft on the session of a supervisor's draft; it says nothing of any rating."""
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    permissions.check_can_ask(by, assessment)
    own, told = begin_like(assessment, supervisor=assessment.therapist, role=AssessmentRole.SELF, pair=assessment)
    audit.record(AuditEvent.Type.SELF_ASSESSMENT_ASKED, by=by, assessment=own, **told)
    notices.tell(NoticeKind.ASKED, by=by, assessment=own, to=[own.therapist_id])
    return own


@transaction.atomic
def show(*, by: User, assessment: Assessment) -> Assessment:
    """Let supervisors and leads read a shared self-assessment that waits for no other one."""
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    permissions.check_can_show(by, assessment)
    assessment.opened_at = timezone.now()
    assessment.save(update_fields=["opened_at"])
    audit.record(AuditEvent.Type.SELF_ASSESSMENT_SHOWN, by=by, assessment=assessment)
    return assessment
