"""What follows a last signature, whoever gives it."""

from contextlib import suppress

from assessments.actions import reports
from assessments.exceptions import RenderingFailed
from assessments.models import Assessment, User
from assessments.models.audit import ReportKind


def issue_report(user: User, assessment: Assessment) -> None:
    """Make the files that everybody downloads. Should one fail, the signature stands and a download makes it again."""
    for kind in ReportKind:
        with suppress(RenderingFailed):
            reports.issue(by=user, assessment=assessment, kind=kind)
