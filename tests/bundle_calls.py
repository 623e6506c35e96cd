"""A call of each action on bundles of reports, for test_audit.py: by way of call, and the events it records."""

from django.utils import timezone

from assessments.actions import bundle_work, bundles
from assessments.models import ReportBundle
from tests import factories


def ask(cast):
    by, organisation, revision = cast.lead, cast.northfield, cast.revision
    therapist = cast.therapist
    assert therapist.is_active
    return lambda: factories.make_bundle(by, organisation, revision)


def cancel(cast):
    ask(cast)
    bundle = factories.make_bundle(cast.lead, cast.northfield, cast.revision)
    return lambda: bundles.cancel(by=cast.lead, bundle=bundle)


def try_again(cast):
    ask(cast)
    bundle = factories.make_stopped_bundle(cast.lead, cast.northfield, cast.revision)
    return lambda: bundles.try_again(by=cast.lead, bundle=bundle)


def take(cast):
    bundle = factories.make_ready_bundle(cast.lead, cast.northfield, cast.revision, cast.therapist)
    return lambda: bundles.take(by=cast.lead, bundle=bundle)


def empty(cast):
    ask(cast)
    bundle = factories.make_stopped_bundle(cast.lead, cast.northfield, cast.revision)
    ReportBundle.objects.filter(pk=bundle.pk).update(ended_at=timezone.now(), expires_at=timezone.now())
    return bundle_work.empty


CALLS = [
    ("bundles.ask", ask, ["bundle_asked"]),
    ("bundles.cancel", cancel, ["bundle_cancelled"]),
    ("bundles.try_again", try_again, ["bundle_tried_again"]),
    ("bundles.take", take, ["bundle_downloaded"]),
    ("bundle_work.empty", empty, ["bundle_emptied"]),
]
