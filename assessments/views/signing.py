"""What follows a last signature, whoever gives it."""

from contextlib import suppress

from assessments.actions import reports
from assessments.exceptions import RenderingFailed
from assessments.models import Assessment, User


def issue_report(user: User, assessment: Assessment) -> None:
    """Make the file that everybody downloads. Should it fail, the signature stands and a download makes it again."""
    with suppress(RenderingFailed):
        reports.issue(by=user, assessment=assessment)
