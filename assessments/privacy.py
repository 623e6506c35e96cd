"""What kind of data each column holds, and text that looks as if it identified a client.

The warning never blocks, and what it looks at is sent nowhere.
"""

import re
from enum import StrEnum


class Kind(StrEnum):
    PERSONAL = "personal"  # about somebody with an account
    SPECIAL = "special"  # may tell of a client's health, or holds text that may
    FRAMEWORK = "framework text"  # published or to be published, about nobody
    TECHNICAL = "technical"  # about nobody, or telling nothing without its row


PERSONAL, SPECIAL, FRAMEWORK, TECHNICAL = Kind

# Every field of every model. A new field joins the table, or tests/test_field_classification.py fails.
FIELDS: dict[str, dict[Kind, str]] = {
    "Organisation": {TECHNICAL: "id name has_lead_signature reply_days"},
    "User": {
        PERSONAL: "email name password last_login profession has_page_keys has_digest created_at",
        TECHNICAL: "id is_active due_checked_on",
    },
    "Membership": {PERSONAL: "user organisation role programme starts_on ends_on", TECHNICAL: "id"},
    "Supervision": {PERSONAL: "therapist supervisor organisation starts_on ends_on", TECHNICAL: "id"},
    "RatingScale": {
        FRAMEWORK: "key version name direction threshold not_observed not_applicable has_not_applicable",
        TECHNICAL: "id",
    },
    "RatingLevel": {FRAMEWORK: "value label skill knowledge attitude supervision", TECHNICAL: "id scale position"},
    "Framework": {FRAMEWORK: "slug title", TECHNICAL: "id"},
    "FrameworkRevision": {
        FRAMEWORK: "number title summary language authors commissioner issued_on source_name source_url rights_holder"
        " licence attribution notice is_redistributable source_id kept",
        TECHNICAL: "id framework status scale previous content_sha256 published_at retired_at",
    },
    "BackgroundPage": {FRAMEWORK: "key title summary text", TECHNICAL: "id revision position"},
    "Domain": {
        FRAMEWORK: "key code title short_title summary introduction source_id kept",
        TECHNICAL: "id revision is_synthetic position",
    },
    "Activity": {
        FRAMEWORK: "key code title short_title introduction scope phase problem_area title_status group_heading"
        " source_id kept",
        TECHNICAL: "id revision domain parent is_synthetic position",
    },
    "Competence": {
        FRAMEWORK: "key code kind subheading text guidance is_safety_critical source_id kept",
        TECHNICAL: "id revision activity parent is_rateable position",
    },
    "ShortForm": {FRAMEWORK: "name purpose activities", TECHNICAL: "id revision is_retired created_at"},
    "Programme": {
        FRAMEWORK: "name cases recordings_per_case problem_areas assessments has_all_phases is_core_observed"
        " is_focus_observed has_no_open_concern is_all_signed_off",
        TECHNICAL: "id organisation created_at retired_at",
    },
    "FrameworkImport": {
        PERSONAL: "uploaded_by uploaded_at",
        FRAMEWORK: "file_name content answers",
        TECHNICAL: "id sha256 format status framework revision closed_at",
    },
    "CompetenceLink": {
        PERSONAL: "confirmed_by confirmed_at",
        FRAMEWORK: "kind basis likeness note",
        TECHNICAL: "id revision older newer",
    },
    "CarryOver": {PERSONAL: "decided_by decided_at undone_by undone_at", TECHNICAL: "id revision"},
    "Assessment": {
        PERSONAL: "therapist supervisor organisation status source session_on minutes_reviewed selected_by format"
        " is_consent_confirmed reply_agreement replied_at created_at shared_at signed_off_at withdrawn_at activities"
        " origin entered_by role opened_at closed_as fitness",
        SPECIAL: "case_number session_number planned_total phase problem_area difficulty"
        " summary strengths needs reply withdrawn_reason closed_reason concerns_handled",
        TECHNICAL: "id revision scale short_form pair second_of predecessor previous",
    },
    "FormImport": {
        PERSONAL: "uploaded_by uploaded_at therapist file_name closed_at",
        SPECIAL: "content",
        TECHNICAL: "id revision sha256 assessment",
    },
    "Rating": {
        PERSONAL: "outcome level is_concern is_priority points_seen time_mark rated_by rated_at",
        SPECIAL: "note",
        TECHNICAL: "id assessment competence version",
    },
    "ActivityStanding": {
        PERSONAL: "organisation therapist activity outcome position rated total last_rated_on",
        TECHNICAL: "id",
    },
    "QuarterStanding": {
        PERSONAL: "organisation therapist domain outcome position begins_on ends_on",
        TECHNICAL: "id",
    },
    "OutboxKey": {PERSONAL: "person created_at", SPECIAL: "key", TECHNICAL: "id assessment"},
    "RaterLink": {
        PERSONAL: "asked_by ends_on created_at sent_at opened_at reminded_at ended_at code_sent_at codes_on codes_sent"
        " code_tries token_sha256 code_sha256",
        TECHNICAL: "id assessment",
    },
    "Digest": {
        PERSONAL: "person on address subject created_at sent_at dropped_at",
        SPECIAL: "body",
        TECHNICAL: "id attempts next_try_at last_error",
    },
    "Notice": {PERSONAL: "person kind created_at dropped_at", TECHNICAL: "id assessment digest"},
    "Signature": {PERSONAL: "person role signed_at voided_at", TECHNICAL: "id assessment"},
    "Goal": {
        PERSONAL: "therapist competences due_on owner status created_at closed_at closed_by",
        SPECIAL: "text judged_by result",
        TECHNICAL: "id assessment closed_in",
    },
    "AuditEvent": {
        PERSONAL: "at by type person organisation",
        SPECIAL: "data",
        TECHNICAL: "id assessment revision change_key",
    },
    "RecordAccess": {PERSONAL: "therapist by opened on at", TECHNICAL: "id assessment"},
    "SignedRecord": {
        PERSONAL: "organisation created_at",
        SPECIAL: "content",
        TECHNICAL: "id assessment sequence previous_sha256 sha256",
    },
    "Report": {PERSONAL: "issued_at issued_by", SPECIAL: "content", TECHNICAL: "id record kind sha256"},
    "ReportBundle": {
        PERSONAL: "organisation programme asked_by asked_at stands_on has_assessments has_profiles status reason"
        " ended_at",
        TECHNICAL: "id revision total finished leased_until attempts expires_at emptied_at size sha256",
    },
    "BundleFile": {
        PERSONAL: "therapist name stands_on",
        SPECIAL: "content",
        TECHNICAL: "id bundle assessment sha256",
    },
}
_LOOKS_LIKE = {
    "an NHS number": re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)"),
    "a phone number": re.compile(r"(?<![\d])(?:\+44\s?|0)(?:\d[ -]?){9,10}(?!\d)"),
    "an e-mail address": re.compile(r"(?<![^\s@])[^\s@]+@[^\s@]+\.[A-Za-z]{2,}"),
    "a date of birth": re.compile(
        r"\b(?:born|d\.?o\.?b\.?|date of birth)\b|\b\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d{2}\b", re.IGNORECASE
    ),
}


def identifying(text: str) -> list[str]:
    """The kinds of client-identifying data that a text seems to hold, in words."""
    return [kind for kind, pattern in _LOOKS_LIKE.items() if pattern.search(text)]


def warning(*texts: str) -> str:
    """One sentence that names what was seen, or nothing."""
    kinds = list(dict.fromkeys(kind for text in texts for kind in identifying(text)))
    if not kinds:
        return ""
    seen = kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} and {kinds[-1]}"
    return f"This looks as if it holds {seen}. Nothing here may identify the client; please look again."
