"""E-mails: what was sent stays as it was sent, and tells people only of what is theirs."""

from assessments.guards.guard import Guard, differs, each

_DIGEST, _NOTICE = "assessments_digest", "assessments_notice"
_CLOSED = "(OLD.sent_at IS NOT NULL OR OLD.dropped_at IS NOT NULL)"
_TOLD = (
    "EXISTS (SELECT 1 FROM assessments_digest d WHERE d.id = OLD.digest_id"
    " AND (d.sent_at IS NOT NULL OR d.dropped_at IS NOT NULL))"
)
_ASTRAY = (
    "(NEW.digest_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessments_digest d"
    " WHERE d.id = NEW.digest_id AND d.person_id = NEW.person_id))"
)

GUARDS: list[Guard] = [
    *each(
        "digest_is_kept_as_it_was_sent",
        _DIGEST,
        {"UPDATE": _CLOSED, "DELETE": _CLOSED},
        "An e-mail that was sent or given up never changes.",
    ),
    Guard(
        "digest_keeps_its_person",
        _DIGEST,
        "UPDATE",
        f"(NOT {_CLOSED} AND {differs('person_id', 'created_at')})",
        "An e-mail stays that of its person.",
    ),
    *each(
        "notice_is_kept_once_told",
        _NOTICE,
        {"UPDATE": f"({_TOLD} OR {differs('person_id', 'kind', 'assessment_id', 'created_at')})", "DELETE": _TOLD},
        "A notice keeps what it says, and the e-mail in which it was told.",
    ),
    *each(
        "notice_is_told_to_its_person",
        _NOTICE,
        dict.fromkeys(["INSERT", "UPDATE"], _ASTRAY),
        "A notice is told in an e-mail to its own person.",
    ),
]
