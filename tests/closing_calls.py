"""A call of each action of closing, reopening and the rules of signing, for test_audit.py."""

from assessments.actions import assessments, closing, organisations, reopening


def close(cast):
    shared, by = cast.shared, cast.lead
    assessments.sign_off(by=cast.supervisor, assessment=shared)
    return lambda: closing.close(by=by, assessment=shared, closed_as="declined", reason="She said so.")


def reopen(cast):
    signed, by = cast.signed, cast.lead
    return lambda: reopening.reopen(by=by, assessment=signed, reason="Two levels were swapped.")


def change_rules(cast):
    by, northfield = cast.admin, cast.northfield
    return lambda: organisations.change(by=by, organisation=northfield, has_lead_signature=True, reply_days=21)


CALLS = [
    ("closing.close", close, ["assessment_closed", "assessment_signed_off"]),
    ("reopening.reopen", reopen, ["assessment_reopened"]),
    ("organisations.change", change_rules, ["organisation_changed"]),
]
