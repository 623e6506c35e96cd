import datetime
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.utils import timezone

from assessments import guards
from assessments.exceptions import RenderingFailed
from assessments.reports import certificate, words

RENEW_WITHIN = datetime.timedelta(days=30)


@register(Tags.database)
def guards_stand(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Rules that the database keeps must be in the database. Only a warning, or migrate could not mend it."""
    if not databases or "default" not in databases or not guards.can_stand():
        return []
    return [
        Warning(f"The database lacks {name}.", hint="Run manage.py migrate.", id="assessments.W001")
        for name in guards.missing()
    ]


@register(Tags.security)
def certificate_signs(**kwargs: Any) -> list[CheckMessage]:
    """Only warnings: without a certificate that signs no report is issued, and everything else still works."""
    try:
        found = certificate.current()
    except RenderingFailed as failure:
        hint = "See REPORT_CERTIFICATE and REPORT_CERTIFICATE_PASSWORD_FILE in docs/records.md."
        return [Warning(str(failure), hint=hint, id="assessments.W002")]
    if found is None or found.ends_at - timezone.now() > RENEW_WITHIN:
        return []
    day = words.day(timezone.localtime(found.ends_at).date())
    return [
        Warning(
            f"The certificate of this service expires on {day}.",
            hint="Put the next one in its place; no restart is needed.",
            id="assessments.W003",
        )
    ]
