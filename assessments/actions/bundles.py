"""All reports of a cohort as one file: asked for by a training lead, cancelled, tried again, taken away."""

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments import permissions, policies
from assessments.actions import accesses, audit
from assessments.exceptions import Refused
from assessments.models import AuditEvent, BundleStatus, FrameworkRevision, Organisation, ReportBundle, User
from assessments.queries.cohort import in_training

KEPT_FOR = datetime.timedelta(days=7)
MOST_THERAPISTS = 300


@transaction.atomic
def ask(
    *,
    by: User,
    organisation: Organisation,
    programme: str,
    revision: FrameworkRevision,
    on: datetime.date,
    has_assessments: bool,
    has_profiles: bool,
) -> ReportBundle:
    """Have the reports made. What goes in is decided when the work begins."""
    permissions.check_leads(by, organisation)
    # Two at once wait for each other, so that the second is told and not refused by the database.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if ReportBundle.objects.visible_to(by).open().exists():
        raise Refused("Reports that you asked for are being made. Wait until they are ready, or cancel them.")
    _check_number(in_training(organisation, programme).distinct().count())
    bundle = ReportBundle.objects.create(
        organisation=organisation,
        programme=programme,
        revision=revision,
        asked_by=by,
        stands_on=on,
        has_assessments=has_assessments,
        has_profiles=has_profiles,
    )
    kinds = [
        *(["assessment reports"] if has_assessments else []),
        *(["profile reports"] if has_profiles else []),
    ]
    record(AuditEvent.Type.BUNDLE_ASKED, by, bundle, kinds=kinds, stands_on=on.isoformat(), programme=programme)
    return bundle


def _check_number(therapists: int) -> None:
    if not therapists:
        raise Refused("Nobody is in training there, so there are no reports.")
    if therapists > MOST_THERAPISTS:
        raise Refused(
            f"There are {therapists} therapists. One file holds the reports of {MOST_THERAPISTS} at most:"
            " choose one programme on the cohort page, and ask for each."
        )


@transaction.atomic
def cancel(*, by: User, bundle: ReportBundle) -> ReportBundle:
    """Stop before the next file. What was made is removed."""
    bundle = _locked(by, bundle)
    policies.check_bundle_is_open(bundle)
    end(bundle, BundleStatus.CANCELLED, kept_for=datetime.timedelta())
    record(AuditEvent.Type.BUNDLE_CANCELLED, by, bundle)
    return bundle


@transaction.atomic
def try_again(*, by: User, bundle: ReportBundle) -> ReportBundle:
    """Go on where the work stopped."""
    bundle = _locked(by, bundle)
    permissions.check_leads(by, bundle.organisation)
    policies.check_bundle_can_go_on(bundle)
    if ReportBundle.objects.visible_to(by).open().exists():
        raise Refused("Other reports that you asked for are being made. Wait until they are ready, or cancel them.")
    bundle.status, bundle.reason, bundle.attempts = BundleStatus.WAITING, "", 0
    bundle.ended_at = bundle.expires_at = None
    bundle.save(update_fields=["status", "reason", "attempts", "ended_at", "expires_at"])
    record(AuditEvent.Type.BUNDLE_TRIED_AGAIN, by, bundle)
    return bundle


@transaction.atomic
def take(*, by: User, bundle: ReportBundle) -> ReportBundle:
    """Hand it out. Everybody whose report is in there sees who took it."""
    bundle = _locked(by, bundle)
    policies.check_bundle_is_there(bundle)
    permissions.check_can_take_bundle(by, bundle)
    accesses.note_taking(by=by, files=bundle.files.select_related("assessment").defer("content"))
    record(AuditEvent.Type.BUNDLE_DOWNLOADED, by, bundle, files=bundle.finished, sha256=bundle.sha256)
    return bundle


def end(bundle: ReportBundle, status: str, *, kept_for: datetime.timedelta = KEPT_FOR, **facts: Any) -> None:
    """Write that the work has ended, in the transaction of whoever says so and why."""
    bundle.status, bundle.leased_until, bundle.ended_at = status, None, timezone.now()
    bundle.expires_at = bundle.ended_at + kept_for
    for name, value in facts.items():
        setattr(bundle, name, value)
    bundle.save(update_fields=["status", "leased_until", "ended_at", "expires_at", *facts])


def _locked(by: User, bundle: ReportBundle) -> ReportBundle:
    """One's own as it stands now, held until the transaction ends."""
    return ReportBundle.objects.visible_to(by).select_for_update().get(pk=bundle.pk)


def record(event: str, by: User | None, bundle: ReportBundle, **data: Any) -> None:
    audit.record(event, by=by, organisation=bundle.organisation, bundle=str(bundle.pk), **data)
