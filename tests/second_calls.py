"""A call of each action of second ratings, for test_audit.py: by way of call, and the events it records."""

from assessments.actions import assessments, second_ratings
from tests import factories


def ask(cast):
    by, draft, rater = cast.supervisor, cast.draft, cast.other_supervisor
    return lambda: second_ratings.ask(by=by, assessment=draft, rater=rater)


def share_second(cast):
    both = (cast.supervisor, cast.therapist, cast.other_supervisor, cast.revision)
    first, second = factories.make_second(*both)
    assessments.share(by=cast.supervisor, assessment=first)
    factories.rate(second, "S2.1")
    return lambda: assessments.share(by=cast.other_supervisor, assessment=second)


def call_off(cast):
    second = second_ratings.ask(by=cast.supervisor, assessment=cast.draft, rater=cast.other_supervisor)
    return lambda: second_ratings.call_off(by=cast.supervisor, second=second)


CALLS = [
    ("second_ratings.call_off", call_off, ["assessment_withdrawn"]),
    ("second_ratings.ask", ask, ["second_rating_asked"]),
    ("assessments.share", share_second, ["assessment_shared"]),
]
