from assessments.models.assessment import Assessment, Goal, Outcome, Rating, Signature, Status
from assessments.models.audit import AuditEvent, RecordAccess, Report, SignedRecord
from assessments.models.framework import (
    Activity,
    BackgroundPage,
    Competence,
    Domain,
    Framework,
    FrameworkRevision,
)
from assessments.models.people import Membership, Organisation, Role, Supervision, User
from assessments.models.scale import RatingLevel, RatingScale

__all__ = [
    "Activity",
    "Assessment",
    "AuditEvent",
    "BackgroundPage",
    "Competence",
    "Domain",
    "Framework",
    "FrameworkRevision",
    "Goal",
    "Membership",
    "Organisation",
    "Outcome",
    "Rating",
    "RatingLevel",
    "RatingScale",
    "RecordAccess",
    "Report",
    "Role",
    "Signature",
    "SignedRecord",
    "Status",
    "Supervision",
    "User",
]
