"""A call of each action of self-assessment, for test_audit.py: by way of call, and the events it records."""

from assessments.actions import assessments, self_assessments
from tests import factories


def start(cast):
    by, organisation, revision = cast.therapist, cast.northfield, cast.revision
    activities = revision.activities.filter(code="S2")
    return lambda: self_assessments.start(
        by=by,
        organisation=organisation,
        revision=revision,
        activities=activities,
        context=factories.make_context(source="reflection"),
    )


def ask(cast):
    draft = cast.draft
    return lambda: self_assessments.ask(by=cast.supervisor, assessment=draft)


def show(cast):
    own = factories.make_self_shared(cast.therapist, cast.revision)
    return lambda: self_assessments.show(by=own.therapist, assessment=own)


def start_beside(cast):
    own = factories.make_self_shared(cast.therapist, cast.revision)
    activities = cast.revision.activities.filter(code="S2")
    return lambda: assessments.start(
        by=cast.supervisor,
        therapist=own.therapist,
        revision=own.revision,
        activities=activities,
        context=factories.make_context(),
        self_assessment=own,
    )


def share_second(cast):
    own, theirs = factories.make_asked(cast.supervisor, cast.therapist, cast.revision)
    factories.share_self(own)
    return lambda: assessments.share(by=cast.supervisor, assessment=theirs)


CALLS = [
    ("self_assessments.start", start, ["assessment_started"]),
    ("self_assessments.ask", ask, ["self_assessment_asked"]),
    ("self_assessments.show", show, ["self_assessment_shown"]),
    ("assessments.start", start_beside, ["assessment_started"]),
    ("assessments.share", share_second, ["assessment_shared"]),
]
