from assessments.models.assessment import Assessment, Status
from assessments.models.audit import AuditEvent, RecordAccess, Report, SignedRecord
from assessments.models.form_import import FormImport
from assessments.models.framework import (
    Activity,
    BackgroundPage,
    Competence,
    Domain,
    Framework,
    FrameworkRevision,
)
from assessments.models.goal import Goal
from assessments.models.lineage import Basis, CarryOver, CompetenceLink, FrameworkImport, LinkKind
from assessments.models.notice import Digest, Notice, NoticeKind
from assessments.models.origin import AssessmentOrigin
from assessments.models.outbox import OutboxKey
from assessments.models.people import Membership, Organisation, Role, Supervision, User
from assessments.models.programme import Programme
from assessments.models.rater_link import LinkState, RaterLink
from assessments.models.rating import Outcome, Rating
from assessments.models.report_bundle import BundleFile, BundleStatus, ReportBundle
from assessments.models.scale import RatingLevel, RatingScale
from assessments.models.self_assessment import AssessmentRole
from assessments.models.short_form import ShortForm
from assessments.models.signature import Signature
from assessments.models.standing import ActivityStanding, QuarterStanding

__all__ = [
    "Activity",
    "ActivityStanding",
    "Assessment",
    "AssessmentOrigin",
    "AssessmentRole",
    "AuditEvent",
    "BackgroundPage",
    "Basis",
    "BundleFile",
    "BundleStatus",
    "CarryOver",
    "Competence",
    "CompetenceLink",
    "Digest",
    "Domain",
    "FormImport",
    "Framework",
    "FrameworkImport",
    "FrameworkRevision",
    "Goal",
    "LinkKind",
    "LinkState",
    "Membership",
    "Notice",
    "NoticeKind",
    "Organisation",
    "OutboxKey",
    "Outcome",
    "Programme",
    "QuarterStanding",
    "RaterLink",
    "Rating",
    "RatingLevel",
    "RatingScale",
    "RecordAccess",
    "Report",
    "ReportBundle",
    "Role",
    "ShortForm",
    "Signature",
    "SignedRecord",
    "Status",
    "Supervision",
    "User",
]
