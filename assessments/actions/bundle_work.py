"""The work on bundles of reports, one piece at a time, as `manage.py work` does it beside the web server.

A worker holds a bundle until `leased_until` and makes one file. Should it be killed, the time runs out and another one
goes on with what is missing: which files there are is written down when the work begins, and each is stored once.
Nothing is rendered inside a transaction.
"""

import datetime
import hashlib
import logging

from django.db import transaction
from django.utils import timezone

from assessments import permissions, queries
from assessments.actions import bundles, reports
from assessments.exceptions import NotAllowed, RenderingFailed
from assessments.exporters import bundle as exporter
from assessments.models import AuditEvent, BundleFile, BundleStatus, ReportBundle
from assessments.queries import bundles as reads
from assessments.reports import profile

logger = logging.getLogger(__name__)

# Longer than a report may take with waiting for its turn, so that nobody takes over from a worker that is at it.
LEASE = datetime.timedelta(seconds=120)
PAUSE = datetime.timedelta(seconds=10)
MOST_ATTEMPTS = 5

NOTHING = "There is nothing to put in: nobody in training there has such a report up to that day."
GAVE_UP = "The work on one of the files ended before its time, again and again. Tell the administrator."


class _TakenOver(Exception):
    """The bundle was cancelled meanwhile, or another worker has it: what was made for it is not kept."""


def step() -> bool:
    """Do the next piece of the bundle that has waited longest. Returns whether there was anything to do."""
    bundle = _leased()
    if bundle is None:
        return False
    try:
        _go_on(bundle)
    except _TakenOver:
        logger.info("bundle %s is no longer ours", bundle.pk)
    except NotAllowed as refusal:
        _fail(bundle, refusal.reason)
    except RenderingFailed as failure:
        _put_off(bundle, str(failure))
    return True


def empty() -> bool:
    """Remove the files of one bundle whose time is over; that it was there stays written."""
    if not ReportBundle.objects.spent(timezone.now()).exists():
        return False
    with transaction.atomic():
        bundle = ReportBundle.objects.spent(timezone.now()).select_for_update(skip_locked=True).first()
        if bundle is None:
            return False
        bundle.files.filter(content__isnull=False).update(content=None)
        bundle.emptied_at = timezone.now()
        bundle.save(update_fields=["emptied_at"])
        bundles.record(AuditEvent.Type.BUNDLE_EMPTIED, None, bundle)
    logger.info("bundle %s is emptied", bundle.pk)
    return True


def _leased() -> ReportBundle | None:
    """The bundle to work on, ours until its time runs out."""
    now = timezone.now()
    # Looking costs nobody anything; the lock that SQLite takes to write would.
    if not ReportBundle.objects.due(now).exists():
        return None
    with transaction.atomic():
        bundle = ReportBundle.objects.due(now).select_for_update(skip_locked=True).first()
        if bundle is not None:
            bundle.status, bundle.leased_until = BundleStatus.RUNNING, now + LEASE
            bundle.attempts += 1
            bundle.save(update_fields=["status", "leased_until", "attempts"])
    return bundle


def _go_on(bundle: ReportBundle) -> None:
    if bundle.attempts > MOST_ATTEMPTS:
        raise NotAllowed(GAVE_UP)
    permissions.check_leads(bundle.asked_by, bundle.organisation)
    if bundle.total is None:
        _plan(bundle)
    elif file := reads.next_file(bundle):
        _make(bundle, file)
    else:
        _finish(bundle)


def _plan(bundle: ReportBundle) -> None:
    """Write down which files there are. Those that were issued before are as good as finished."""
    files = reads.planned_files(bundle)
    if not files:
        raise NotAllowed(NOTHING)
    with transaction.atomic():
        held = _held(bundle)
        BundleFile.objects.bulk_create(files, batch_size=200)
        held.total, held.finished = len(files), sum(bool(file.sha256) for file in files)
        _release(held)
    logger.info("bundle %s has %s files, %s issued before", bundle.pk, held.total, held.finished)


def _make(bundle: ReportBundle, file: BundleFile) -> None:
    if file.assessment is None:
        content = _profile(bundle, file)
        kept = {"sha256": hashlib.sha256(content).hexdigest(), "content": content}
    else:
        kept = {"sha256": reports.issue(by=bundle.asked_by, assessment=file.assessment).sha256}
    with transaction.atomic():
        held = _held(bundle)
        held.finished += BundleFile.objects.filter(pk=file.pk, sha256="").update(**kept)
        _release(held)
    logger.info("bundle %s has %s of %s files", bundle.pk, held.finished, held.total)


def _profile(bundle: ReportBundle, file: BundleFile) -> bytes:
    """The profile report as whoever asked would get it on the page at this moment."""
    by = bundle.asked_by
    person = queries.therapist_known_to(by, file.therapist_id)
    permissions.check_can_view_profile(by, person)
    seen = queries.assessments_seen(by, person)
    content = reports.profile_content(seen, by=by, therapist=person, revision=bundle.revision, on=bundle.stands_on)
    return profile.render(content, profile.Request(by, "", timezone.localdate()))


def _finish(bundle: ReportBundle) -> None:
    """Go through the whole file once, for its size and its checksum, and say that it is ready."""
    permissions.check_can_take_bundle(bundle.asked_by, bundle)
    digest, size = hashlib.sha256(), 0
    for piece in exporter.pieces(bundle, reads.bundle_files(bundle), reads.bundle_content):
        digest.update(piece)
        size += len(piece)
    with transaction.atomic():
        held = _held(bundle)
        bundles.end(held, BundleStatus.DONE, sha256=digest.hexdigest(), size=size, attempts=0)
        bundles.record(AuditEvent.Type.BUNDLE_ENDED, None, held, files=held.finished, sha256=held.sha256)
    logger.info("bundle %s is ready: %s files, %s bytes", bundle.pk, held.finished, size)


def _put_off(bundle: ReportBundle, reason: str) -> None:
    """Try the same file again in a while, a few times."""
    if bundle.attempts >= MOST_ATTEMPTS:
        _fail(bundle, reason)
        return
    ReportBundle.objects.filter(pk=bundle.pk, leased_until=bundle.leased_until).update(
        leased_until=timezone.now() + PAUSE
    )
    logger.warning("bundle %s waits after attempt %s: %s", bundle.pk, bundle.attempts, reason)


def _fail(bundle: ReportBundle, reason: str) -> None:
    try:
        with transaction.atomic():
            held = _held(bundle)
            bundles.end(held, BundleStatus.FAILED, reason=reason)
            bundles.record(AuditEvent.Type.BUNDLE_ENDED, None, held, files=held.finished, reason=reason)
    except _TakenOver:
        return
    logger.warning("bundle %s stopped: %s", bundle.pk, reason)


def _held(bundle: ReportBundle) -> ReportBundle:
    """The row, locked, if it is still ours. Raises _TakenOver."""
    ours = ReportBundle.objects.filter(
        pk=bundle.pk, status=BundleStatus.RUNNING, leased_until=bundle.leased_until
    ).select_for_update()
    held = ours.first()
    if held is None:
        raise _TakenOver
    return held


def _release(held: ReportBundle) -> None:
    """A piece is done: whoever comes next takes the following one."""
    held.leased_until, held.attempts = None, 0
    held.save(update_fields=["total", "finished", "leased_until", "attempts"])
