"""What an organisation decides about signing."""

from django.db import transaction

from assessments import permissions
from assessments.actions import audit
from assessments.models import AuditEvent, Organisation, User

RULES = ["has_lead_signature", "reply_days"]


@transaction.atomic
def change(*, by: User, organisation: Organisation, has_lead_signature: bool, reply_days: int) -> Organisation:
    """Set who signs, and how long a therapist has. Signatures that stand are as valid as before."""
    permissions.check_administers(by, organisation)
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    before = {name: getattr(organisation, name) for name in RULES}
    after = {"has_lead_signature": has_lead_signature, "reply_days": reply_days}
    if before == after:
        return organisation
    organisation.has_lead_signature, organisation.reply_days = has_lead_signature, reply_days
    organisation.save(update_fields=RULES)
    audit.record(AuditEvent.Type.ORGANISATION_CHANGED, by=by, organisation=organisation, before=before, after=after)
    return organisation
